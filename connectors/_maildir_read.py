"""Reads Maildir folders: a pass that opens only what is new, and single messages.

The cursor is the listing itself: of each message the state of its file name (which carries the flags)
and how many attachments it had, so that they can be followed when it moves or goes.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deskhand.connectors._maildir_folders import Entry, Folders, flags_of
from deskhand.connectors._message import LARGEST, Found, address, items
from deskhand.connectors._text import Reader
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Removed

_PAGE = 200

_State = list[str | int]
"""What a cursor knows of a message: its name's state, how many attachments, and if unreadable a stamp."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading half of a Maildir source."""

    source: str
    folders: Folders
    owner: str
    """The address whose own words are trusted, lower case; may be empty."""
    reader: Reader

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        known = _known(since)
        here = self.folders.messages()
        todo = [e for e in here.values() if _differs(e, known.get(e.native))]
        todo.sort(key=_newest_first)
        gone = {n: s for n, s in known.items() if n not in here}
        moved = {n.rpartition("/")[2]: n for n in gone}
        expected = len(todo) + len(gone)
        page = max(_PAGE, expected // 20)
        owned = self._owned()
        done = paged = 0
        for entry in todo:
            before = known.get(entry.native)
            if before is not None and len(before) == 2 and _flags(before) == entry.flags:
                known[entry.native] = [_state(entry), before[1]]  # somebody looked into `new`: no news for us
            else:
                old = moved.get(entry.unique) if before is None else None
                yield from self._opened(entry, known, old, owned)
                if old is not None and old not in known:
                    del moved[entry.unique], gone[old]
                    done += 1
            done += 1
            if done - paged >= page:
                paged = done
                yield _cursor(known, done, expected)
        for native, state in gone.items():
            yield Removed(ItemRef(self.source, "message", native))
            yield from self._removed(native, 1, int(state[1]))
            del known[native]
        yield _cursor(known, expected, expected)

    def read(self, ref: ItemRef) -> Item | None:
        native, number = address(ref)
        entry = self.folders.locate(native) if native else None
        if entry is None:
            return None
        try:
            read = self._items(entry, self._owned(), only=number)
        except Unopened:
            return None
        return read[0] if read else None

    def _opened(
        self, entry: Entry, known: dict[str, _State], old: str | None, owned: frozenset[str]
    ) -> Iterator[Change]:
        """A message's items; `known` is brought up to date with them."""
        before = known.get(entry.native)
        try:
            read = self._items(entry, owned)
        except _Gone:  # renamed since it was listed: the next pass sees it under its new name
            return
        except Unopened as error:
            yield Failed(ItemRef(self.source, "message", entry.native), str(error))
            known[entry.native] = [_state(entry), before[1] if before else 0, error.stamp]
            return
        for item in read:
            if old is not None:
                was = ItemRef(self.source, item.ref.kind, old + item.ref.native[len(entry.native) :])
                item = replace(item, was=was)
            yield item
        if before is not None:
            yield from self._removed(entry.native, len(read), int(before[1]))
        if old is not None:
            yield from self._removed(old, len(read), int(known.pop(old)[1]))
        known[entry.native] = [_state(entry), len(read) - 1]

    def _removed(self, native: str, first: int, last: int) -> Iterator[Removed]:
        for number in range(first, last + 1):
            yield Removed(ItemRef(self.source, "attachment", f"{native}#{number}"))

    def _items(self, entry: Entry, owned: frozenset[str], *, only: int | None = None) -> list[Item]:
        data, arrived = bytes_of(entry)
        owner = self.owner if entry.folder in owned else ""
        ref = ItemRef(self.source, "message", entry.native)
        sent = entry.folder == self.folders.special("Sent")
        found = Found(ref, entry.folder, arrived, entry.flags, owner, sent)
        return items(data, found, reader=self.reader, only=only)

    def _owned(self) -> frozenset[str]:
        """Folders that only the owner of the account fills."""
        return frozenset({self.folders.special("Drafts"), self.folders.special("Sent")})


class Unopened(Exception):
    """A message's file that cannot be read; the text is the reason, the stamp changes when the file does."""

    def __init__(self, reason: str, stamp: int = 0) -> None:
        super().__init__(reason)
        self.stamp = stamp


class _Gone(Unopened):
    """It is not there any more."""


def bytes_of(entry: Entry) -> tuple[bytes, datetime]:
    """A message's bytes and the time of its file."""
    try:
        stat = os.stat(entry.path)
        if stat.st_size > LARGEST:
            raise Unopened(f"It has more than {LARGEST // 1_000_000} MB.", stat.st_ctime_ns)
        try:
            with open(entry.path, "rb") as file:
                data = file.read(LARGEST + 1)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise Unopened(f"The file cannot be opened: {error.strerror}.", stat.st_ctime_ns) from None
    except FileNotFoundError:
        raise _Gone("The file is gone.") from None
    if not data.strip():
        raise Unopened("The file is empty.", stat.st_ctime_ns)
    return data, datetime.fromtimestamp(stat.st_mtime, UTC)


def _known(since: Cursor | None) -> dict[str, _State]:
    if since is None or not since.value:
        return {}
    known: dict[str, _State] = json.loads(since.value)
    return known


def _cursor(known: dict[str, _State], done: int, expected: int) -> Cursor:
    value = json.dumps(known, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Cursor(value, done, expected)


def _state(entry: Entry) -> str:
    return ("n" if entry.new else "c") + entry.info


def _flags(state: _State) -> tuple[str, ...]:
    return flags_of(str(state[0])[1:])


def _differs(entry: Entry, state: _State | None) -> bool:
    """Whether a listed message is not what a cursor knows; only unreadable ones are looked at on disk."""
    if state is None or state[0] != _state(entry):
        return True
    if len(state) == 2:
        return False
    try:
        return os.stat(entry.path).st_ctime_ns != state[2]
    except OSError:
        return False


def _newest_first(entry: Entry) -> tuple[int, str]:
    """Unique names begin with the second of delivery."""
    seconds = re.match(r"\d{1,12}", entry.unique)
    return -int(seconds[0]) if seconds else 0, entry.native
