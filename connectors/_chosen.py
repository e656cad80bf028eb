"""What of a source is read, the same way for all: folders, what is left out by a pattern, how old it may be.

A source that can choose by itself (`imap` lists no folder in vain) has options of these names of its own, and
is asked. Over any other this stands: what is not chosen passes for not being there. When another choice is
made, everything is looked at anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from hashlib import sha256
from threading import Event
from typing import Any

from deskhand.connectors.base import NOTHING, Checked, Connector, Quoted, Watched
from deskhand.connectors.errors import Misconfigured
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
    Removed,
)
from deskhand.connectors.operations import Operation

OPTIONS = ("folders", "exclude", "since")
"""Their names; each source takes them."""


_MARK = re.compile("~[0-9a-f]{12} ")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is read."""

    folders: tuple[str, ...] = ()
    """Patterns of folders, of which each holds those in it too; none: all."""
    exclude: tuple[str, ...] = ()
    """Patterns of folders, and of the paths of documents, that are not."""
    since: datetime | None = None
    """Only what was written, or takes place, then or later."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Choice:
        """Read the options. :raises Misconfigured: one cannot work."""
        return cls(_patterns(given.get("folders")), _patterns(given.get("exclude")), _day(given.get("since")))

    def takes(self, item: Item) -> bool:
        """Whether a thing is read."""
        names = [item.folder, *([item.ref.native] if item.ref.kind == "document" else [])]
        if self.folders and not _fits(item.folder, self.folders):
            return False
        if any(_fits(name, self.exclude) for name in names):
            return False
        if self.since is None:
            return True
        if item.start is not None:
            return item.until is None or item.until >= self.since
        return item.at >= self.since

    def leaves_out(self, ref: ItemRef) -> bool:
        """Whether it is plain by its address alone that a thing is not read. Of an event it never is: what
        could not be read may be a meeting."""
        if ref.kind == "event":
            return False
        return _fits(ref.native, self.exclude) or bool(self.folders and not _fits(ref.native, self.folders))

    @property
    def mark(self) -> str:
        """Names this choice in a cursor."""
        said = [self.folders, self.exclude, self.since.isoformat() if self.since else ""]
        return f"~{sha256(json.dumps(said).encode()).hexdigest()[:12]} "


def is_marked(cursor: Cursor) -> bool:
    """Whether a cursor is of a source of which some was chosen: of no use where all is read."""
    return _MARK.match(cursor.value) is not None


@dataclass(frozen=True)
class Chosen:
    """A `Connector` that is another one, of which only some is read. What is asked for by its address is."""

    inner: Connector
    choice: Choice

    @property
    def source(self) -> str:
        return self.inner.source

    @property
    def operations(self) -> Sequence[type[Operation]]:
        return self.inner.operations

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        mark, start = self.choice.mark, None
        if since is not None and (_MARK.match(since.value) or [""])[0] == mark:
            start = Cursor(since.value.removeprefix(mark))
        for change in self.inner.changes(start):
            if isinstance(change, Cursor):
                yield Cursor(mark + change.value, change.done, change.expected)
            elif isinstance(change, Item) and not self.choice.takes(change):
                yield Removed(change.ref)
                if change.was is not None:
                    yield Removed(change.was)
            elif isinstance(change, Failed) and self.choice.leaves_out(change.ref):
                continue
            else:
                yield change

    def read(self, ref: ItemRef) -> Item | None:
        return self.inner.read(ref)

    def content(self, ref: ItemRef, version: str) -> Content:
        return self.inner.content(ref, version)

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        return self.inner.perform(operation, key=key, now=now, contents=contents)

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        return self.inner.find(operation, key=key)

    def where(self, operation: Operation, *, key: str) -> str:
        return self.inner.where(operation, key=key)

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        return self.inner.inverse(operation, receipt)

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return self.inner.free_busy(addresses, start=start, end=end)

    def check(self) -> None:
        """See `Checked`; of a source that cannot be tried out, nothing is."""
        if isinstance(self.inner, Checked):
            self.inner.check()

    def watch(self, changed: Callable[[], None], stop: Event) -> None:
        """See `Watched`; a source that says nothing by itself is listened to no more."""
        if isinstance(self.inner, Watched):
            self.inner.watch(changed, stop)

    def quota(self) -> Sequence[Quota]:
        """See `Quoted`."""
        return self.inner.quota() if isinstance(self.inner, Quoted) else ()

    def close(self) -> None:
        self.inner.close()


def _fits(name: str, patterns: Sequence[str]) -> bool:
    """Whether a folder or a path is one of these, or lies in one of them; capitals do not count."""
    low = name.casefold()
    return any(fnmatchcase(low, p) or fnmatchcase(low, f"{p}/*") for p in patterns)


def _patterns(given: object) -> tuple[str, ...]:
    parts = given.split(",") if isinstance(given, str) else given if isinstance(given, (list, tuple)) else ()
    return tuple(str(p).strip().casefold().rstrip("/") for p in parts if str(p).strip())


def _day(given: object) -> datetime | None:
    try:
        day = given if isinstance(given, date) else date.fromisoformat(str(given)) if given else None
    except ValueError:
        raise Misconfigured(f"The option since must be a day like 2024-01-31, not {given!r}.") from None
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
