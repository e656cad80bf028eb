"""A source as runs reach it: every call is counted before it is made, and only so many are made at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from deskhand.agent.clean import clean
from deskhand.agent.wording.hiding import hidden, hiding
from deskhand.connectors.base import NOTHING, Connector, Quoted
from deskhand.connectors.errors import SourceError, Unauthorized
from deskhand.connectors.health import Quota
from deskhand.connectors.model import (
    Change,
    Content,
    Contents,
    Cursor,
    Failed,
    FreeBusy,
    Item,
    ItemRef,
    Receipt,
)
from deskhand.connectors.operations import Operation


class NothingLeft(SourceError):
    """The budget has no call to this source left; it was not asked."""


LONGEST = 1000
"""Characters that are told of what a source says."""

T = TypeVar("T")
Meter = Callable[[str], None]
"""Told the source's alias before each call. :raises NothingLeft: it is not to be made."""


Whose = Callable[[Item], Item]
"""Looks up whose words an item is made of, where Deskhand itself wrote it."""


def as_labelled(item: Item) -> Item:
    """An item as its source labels it."""
    return item


def free(_: str) -> None:
    """A meter that counts nothing."""


@dataclass(frozen=True)
class Metered:
    """A `Connector` that is another one, counted. Of a pass each page is a call."""

    inner: Connector
    meter: Meter
    gate: AbstractContextManager[object]
    """Entered for the length of each call: it lets in so many at once."""
    hide: Callable[[str], str] = str
    """Takes secrets out of what the source says: its errors, what it could not read, its receipts."""
    whose: Whose = as_labelled
    """Told of each item before anybody else is; gives it back with the label it deserves."""
    refused: Callable[[], str] = str
    """Told that the source lets nobody in; says what to do about it, as a sentence, or ""."""

    @property
    def source(self) -> str:
        return self.inner.source

    @property
    def operations(self) -> Sequence[type[Operation]]:
        return self.inner.operations

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        changes = self._called(lambda: iter(self.inner.changes(since)))
        ended = False
        while True:
            with self.gate, self._answering():
                change = next(changes, None)
            if isinstance(change, Failed):
                change = Failed(change.ref, one_line(self.hide(change.reason)))
            elif isinstance(change, Item):
                change = self.whose(change)
            if change is None:
                return
            if ended:
                self.meter(self.source)
            yield change
            ended = isinstance(change, Cursor)

    def read(self, ref: ItemRef) -> Item | None:
        item = self._called(lambda: self.inner.read(ref))
        return self.whose(item) if item is not None else None

    def content(self, ref: ItemRef, version: str) -> Content:
        return self._called(lambda: self.inner.content(ref, version))

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        receipt = self._called(lambda: self.inner.perform(operation, key=key, now=now, contents=contents))
        return replace(receipt, detail=hidden(receipt.detail, self.hide))

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        return self._called(lambda: self.inner.find(operation, key=key))

    def where(self, operation: Operation, *, key: str) -> str:
        return self.inner.where(operation, key=key)

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        return self._called(lambda: self.inner.inverse(operation, receipt))

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return self._called(lambda: self.inner.free_busy(addresses, start=start, end=end))

    def quota(self) -> Sequence[Quota]:
        return self.inner.quota() if isinstance(self.inner, Quoted) else ()

    def close(self) -> None:
        self.inner.close()

    def _called(self, call: Callable[[], T]) -> T:
        self.meter(self.source)
        with self.gate, self._answering():
            return call()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            with harmless(), hiding(self.hide):
                yield
        except Unauthorized as error:
            if how := self.refused():
                error.args = (f"{str(error).rstrip('.')}. {how}",)
            raise


@contextmanager
def harmless() -> Iterator[None]:
    """What a source says when it fails is a stranger's text: it is told on one line, and does nothing to a
    terminal. With breaks in it, it could pass for lines of ours ("Sent ...")."""
    try:
        yield
    except Exception as error:
        error.args = tuple(one_line(arg) if isinstance(arg, str) else arg for arg in error.args)
        raise


def one_line(text: str) -> str:
    """A server's words as one line of at most `LONGEST` characters, with nothing invisible in it."""
    words = " ".join(clean(text[: 4 * LONGEST]).split())
    return words if len(words) <= LONGEST else f"{words[:LONGEST]} …"
