"""A source as runs reach it: every call is counted before it is made, and only so many are made at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from deskhand.connectors.base import NOTHING, Connector
from deskhand.connectors.errors import SourceError
from deskhand.connectors.model import Change, Content, Contents, Cursor, FreeBusy, Item, ItemRef, Receipt
from deskhand.connectors.operations import Operation


class NothingLeft(SourceError):
    """The budget has no call to this source left; it was not asked."""


T = TypeVar("T")
Meter = Callable[[str], None]
"""Told the source's alias before each call. :raises NothingLeft: it is not to be made."""


def free(_: str) -> None:
    """A meter that counts nothing."""


@dataclass(frozen=True)
class Metered:
    """A `Connector` that is another one, counted. Of a pass each page is a call."""

    inner: Connector
    meter: Meter
    gate: AbstractContextManager[object]
    """Entered for the length of each call: it lets in so many at once."""

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
            with self.gate:
                change = next(changes, None)
            if change is None:
                return
            if ended:
                self.meter(self.source)
            yield change
            ended = isinstance(change, Cursor)

    def read(self, ref: ItemRef) -> Item | None:
        return self._called(lambda: self.inner.read(ref))

    def content(self, ref: ItemRef, version: str) -> Content:
        return self._called(lambda: self.inner.content(ref, version))

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        return self._called(lambda: self.inner.perform(operation, key=key, now=now, contents=contents))

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        return self._called(lambda: self.inner.find(operation, key=key))

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        return self._called(lambda: self.inner.inverse(operation, receipt))

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return self._called(lambda: self.inner.free_busy(addresses, start=start, end=end))

    def close(self) -> None:
        self.inner.close()

    def _called(self, call: Callable[[], T]) -> T:
        self.meter(self.source)
        with self.gate:
            return call()
