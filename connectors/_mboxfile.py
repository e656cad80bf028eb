"""Finds the messages in an mbox file, a piece at a time: memory does not grow with the file.

https://www.loc.gov/preservation/digital/formats/fdd/fdd000383.shtml, RFC 4155. A message begins at a
`From ` line after a blank one; that line must carry a time and a year, where the file's first one does,
so that an unescaped "From my point of view" in a body begins nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate
from hashlib import sha256
from pathlib import Path
from types import TracebackType

EDGE = 4096
"""Bytes at the start, and before the point that was reached, that tell an appended file from another."""

_PIECE = 1 << 20
_LINE = 400
_DATED = re.compile(rb"From [^\n]{0,200}\d\d:\d\d[^\n]{0,100}\d{4}")
_BARE = re.compile(rb"From ")
_ESCAPED = re.compile(rb"(?m)^>(>*From )")
_STATUS = re.compile(
    rb"(?mi)^(Status|X-Status|X-Keywords|X-UID|Content-Length):([^\n]*)(?:\n[ \t][^\n]*)*(?:\n|\Z)"
)
_FLAGS = {"R": "seen", "A": "answered", "F": "flagged", "T": "draft", "D": "trashed"}


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it was before it was put into the file."""

    data: bytes
    digest: str
    """SHA-256, without the fields in which mail programs keep flags."""
    flags: tuple[str, ...]
    arrived: datetime | None
    """From the `From ` line, which has no zone: taken as UTC (RFC 4155)."""


class MboxFile:
    """An open mbox file, for reading. :raises OSError: it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "rb")  # noqa: SIM115 (closed by __exit__)
        self.size = os.fstat(self._file.fileno()).st_size
        first = self._part(0, _LINE)
        self._begin = _DATED if _DATED.match(first) else _BARE
        self.valid = not first or first.startswith(b"From ")

    def __enter__(self) -> MboxFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def messages(self, at: int) -> Iterator[tuple[int, int]]:
        """Where messages begin and end, from an offset at which one begins."""
        begin: int | None = None
        for start in self._starts(at):
            if begin is not None:
                yield begin, start
            begin = start
        if begin is not None:
            yield begin, self.size

    def begins(self, at: int) -> bool:
        """Whether a message begins here, blank lines aside, as it would if the file were read as a whole."""
        before = self._part(max(0, at - 3), at)
        after = self._part(at, at + 2 * _LINE)
        line = after.lstrip(b"\r\n")
        above = before + after[: len(after) - len(line)]
        return above.endswith((b"\n\n", b"\n\r\n")) and self._begin.match(line) is not None

    def edges(self, at: int) -> tuple[str, str]:
        """Fingerprints of the start of the file and of what lies before an offset."""
        head = self._part(0, min(EDGE, at))
        tail = self._part(max(0, at - EDGE), at)
        return sha256(head).hexdigest()[:16], sha256(tail).hexdigest()[:16]

    def letter(self, start: int, end: int) -> Letter:
        """The message between two offsets, its `From ` lines as its author wrote them."""
        raw = self._part(start, end).lstrip(b"\r\n")
        line, _, data = raw.partition(b"\n")
        # Blank lines at the end may belong to the file, and come and go with what follows.
        data = data.rstrip(b"\r\n") + b"\n"
        if b"\n>" in data:
            data = _ESCAPED.sub(rb"\1", data)
        stop = re.search(rb"\n\r?\n", data)
        header = data[: stop.start() + 1] if stop else data
        marks = {m[1].lower(): m[2].decode("latin-1") for m in _STATUS.finditer(header)}
        letters = marks.get(b"status", "") + marks.get(b"x-status", "")
        flags = tuple(sorted({_FLAGS[f] for f in letters if f in _FLAGS}))
        kept = _STATUS.sub(b"", header) + data[len(header) :] if marks else data
        return Letter(kept, sha256(kept).hexdigest(), flags, _arrived(line))

    def _starts(self, at: int) -> Iterator[int]:
        lead = self._part(at, at + _LINE)
        at += len(lead) - len(lead.lstrip(b"\r\n"))
        if at >= self.size:
            return
        yield at
        at += 1
        held = b""
        while True:
            new = self._part(at + len(held), at + len(held) + _PIECE)
            piece = held + new
            final = at + len(piece) >= self.size or not new
            found = piece.find(b"\nFrom ")
            keep = max(0, len(piece) - 8)
            while found >= 0:
                if not final and len(piece) - found < _LINE:
                    keep = max(0, found - 3)
                    break
                blank = piece[:found].endswith((b"\n", b"\n\r"))
                if blank and self._begin.match(piece, found + 1):
                    yield at + found + 1
                found = piece.find(b"\nFrom ", found + 1)
            if final:
                return
            at += keep
            held = piece[keep:]

    def _part(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        return self._file.read(max(0, end - start))


def _arrived(line: bytes) -> datetime | None:
    found = re.search(rb"(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d[^\n]*", line)
    parsed = parsedate(found[0].decode("latin-1").strip()) if found else None
    try:
        return datetime(*parsed[:6], tzinfo=UTC) if parsed and parsed[0] > 1970 else None
    except ValueError:
        return None
