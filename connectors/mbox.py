"""Mail in one mbox file (mboxrd, mboxo), read-only: an archive, an export, a list's history.

Messages are known by their Message-ID, so a mailbox that is compacted keeps its identities. What was
appended since the last pass is read from there on; a file that was rewritten is read from its start.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from deskhand.connectors._mboxfile import Letter, MboxFile
from deskhand.connectors._message import LARGEST, Found, items
from deskhand.connectors._message_head import message_id
from deskhand.connectors._message_parts import content_of
from deskhand.connectors._text import Reader
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Misconfigured, Missing, Transient, Unsupported
from deskhand.connectors.model import (
    Change,
    Content,
    Contents,
    Cursor,
    Failed,
    FreeBusy,
    Item,
    ItemRef,
    Kind,
    Receipt,
    Removed,
)
from deskhand.connectors.operations import Operation

_PAGE = 200
"""Messages, at least, between two cursors; and at least a twentieth of the file: a cursor lists all ids."""


LOCAL = True
HOLDS: frozenset[Kind] = frozenset({"message", "attachment"})
"""Kinds of items that live here."""
PLACE = ("file",)
"""What sort of place it is at (`_fitting`)."""


@dataclass(slots=True)
class _Progress:
    """What a cursor holds. Offsets are bytes."""

    size: int = -1
    """Of the file, when a pass was complete; else -1."""
    mtime: int = 0
    at: int = 0
    """Everything before has been read."""
    last: int = 0
    """Where the last message before that begins, and its native id."""
    last_native: str = ""
    edges: list[str] = field(default_factory=list[str])
    seen: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    """Native id to the beginning of its digest and the number of its attachments."""
    old: dict[str, int] = field(default_factory=dict[str, int])
    """What an earlier pass had and this one has not met yet, with the number of attachments."""


class Mbox:
    """See the module; made by `connect`."""

    operations: Sequence[type[Operation]] = ()

    def __init__(self, source: str, path: Path) -> None:
        self.source = source
        self._path = path
        self._reader = Reader()
        self._where: dict[str, tuple[int, int]] = {}
        self._listed: tuple[int, int] | None = None

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        done = _Progress(**json.loads(since.value)) if since and since.value else _Progress()
        size, mtime = self._stat()
        if (done.size, done.mtime) == (size, mtime):
            yield _cursor(done, 0, 0)
            return
        with self._opened() as file:
            _find_place(file, done)
            count = paged = 0
            page_at = done.at
            for start, end in file.messages(done.at):
                yield from self._message(file, start, end, done)
                done.at = end
                count += 1
                if count - paged >= _PAGE and done.at - page_at >= file.size // 20:
                    paged, page_at = count, done.at
                    done.size, done.edges = -1, list(file.edges(done.at))
                    yield _cursor(done, count, None)
            for native, attached in done.old.items():
                yield Removed(ItemRef(self.source, "message", native))
                yield from self._removed(native, 1, attached)
            done.old = {}
            done.size, done.mtime, done.at = file.size, mtime, file.size
            done.edges = list(file.edges(done.at))
            yield _cursor(done, count, count)

    def read(self, ref: ItemRef) -> Item | None:
        native, _, number = ref.native.partition("#")
        if ref.kind not in {"message", "attachment"} or (ref.kind == "attachment") != number.isdecimal():
            return None
        with self._opened() as file:
            self._list(file)
            if native not in self._where:
                return None
            letter = file.letter(*self._where[native])
        read = self._items(native, letter, only=int(number[:6] or 0))
        return read[0] if read and read[0].ref == ref else None

    def content(self, ref: ItemRef, version: str) -> Content:
        native, _, number = ref.native.partition("#")
        with self._opened() as file:
            self._list(file)
            if native not in self._where:
                raise Missing(f"{ref} is not there any more.")
            letter = file.letter(*self._where[native])
        n = int(number[:6]) if number.isdecimal() else 0
        return content_of(letter.data, ref, version, number=n, digest=letter.digest)

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        raise Unsupported(f"{self.source} is an mbox file, only read; it cannot do {operation.name}.")

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        return None

    def where(self, operation: Operation, *, key: str) -> str:
        return ""

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        return None

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return {}  # nobody's time is kept here

    def close(self) -> None:
        self._reader.close()

    def _message(self, file: MboxFile, start: int, end: int, done: _Progress) -> Iterator[Change]:
        done.last, done.last_native = start, ""
        if end - start > LARGEST:
            native = f"at-{sha256(b''.join(e.encode() for e in file.edges(start + 1000))).hexdigest()[:20]}"
            done.seen[native] = ("", 0)
            done.old.pop(native, None)
            reason = f"It has more than {LARGEST // 1_000_000} MB."
            yield Failed(ItemRef(self.source, "message", native), reason)
            return
        letter = file.letter(start, end)
        native = _native(letter, done.seen)
        if not native:
            return
        read = self._items(native, letter)
        yield from read
        yield from self._removed(native, len(read), done.old.pop(native, 0))
        done.seen[native] = (letter.digest[:8], len(read) - 1)
        done.last_native = native

    def _items(self, native: str, letter: Letter, *, only: int | None = None) -> list[Item]:
        ref = ItemRef(self.source, "message", native)
        arrived = letter.arrived or datetime.fromtimestamp(self._stat()[1] // 10**9, UTC)
        found = Found(ref, self._path.name, arrived, letter.flags)
        return items(letter.data, found, reader=self._reader, digest=letter.digest, only=only)

    def _removed(self, native: str, first: int, last: int) -> Iterator[Removed]:
        for number in range(first, last + 1):
            yield Removed(ItemRef(self.source, "attachment", f"{native}#{number}"))

    def _list(self, file: MboxFile) -> None:
        """Learn where each message lies, unless the file is the one that was listed last."""
        stat = self._stat()
        if self._listed == stat:
            return
        self._where = {}
        marks: dict[str, tuple[str, int]] = {}
        for start, end in file.messages(0):
            if end - start <= LARGEST:
                letter = file.letter(start, end)
                if native := _native(letter, marks):
                    marks[native] = (letter.digest[:8], 0)
                    self._where[native] = (start, end)
        self._listed = stat

    def _stat(self) -> tuple[int, int]:
        """Size and time of the file. :raises Transient: it is not there."""
        try:
            stat = os.stat(self._path)
        except OSError as error:
            raise Transient(f"{self._path} cannot be read at the moment: {error.strerror}.") from None
        return stat.st_size, stat.st_mtime_ns

    def _opened(self) -> MboxFile:
        try:
            return MboxFile(self._path)
        except OSError as error:
            raise Transient(f"{self._path} cannot be read at the moment: {error.strerror}.") from None


def _find_place(file: MboxFile, done: _Progress) -> None:
    """Go on where an earlier pass ended if the file only grew since; else begin again, remembering."""
    grown = done.at and file.size >= done.at and file.size != done.size
    if not grown or list(file.edges(done.at)) != done.edges:
        done.old |= {native: count for native, (_, count) in done.seen.items()}
        done.seen, done.at = {}, 0
    elif done.at < file.size and not file.begins(done.at):
        # The last message was still being written then: it is read again.
        if done.last_native in done.seen:
            done.old[done.last_native] = done.seen.pop(done.last_native)[1]
        done.at = done.last


def _native(letter: Letter, known: dict[str, tuple[str, int]]) -> str:
    """A name for a message that survives compaction; empty for a second copy of the same bytes."""
    name = sha256(message_id(letter.data, letter.digest).encode()).hexdigest()[:24]
    mark = letter.digest[:8]
    for candidate in (name, f"{name}-{mark}"):
        if candidate not in known:
            return candidate
        if known[candidate][0] == mark:
            return ""
    return ""


def _cursor(done: _Progress, count: int, expected: int | None) -> Cursor:
    return Cursor(
        json.dumps({f.name: getattr(done, f.name) for f in fields(done)}, separators=(",", ":")),
        count,
        expected,
    )


def connect(*, source: str, state: Path, place: str) -> Mbox:
    """Open an mbox file; `state` is not used.

    :raises Misconfigured: there is no file at `place`, or it is no mbox.
    """
    path = Path(place).expanduser()
    if not path.is_file():
        raise Misconfigured(f"There is no file {path}; an mbox is one file with many messages.")
    try:
        with MboxFile(path) as file:
            valid = file.valid
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}.") from None
    if not valid:
        raise Misconfigured(f"{path} is no mbox file: its first line does not begin with 'From '.")
    return Mbox(source, path)
