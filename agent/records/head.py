"""Where the audit chain ends, kept outside of its database: so that an end that was cut off is missed.

A file of two slots that are written in turns, each with a check of its own: a power cut in the middle of one
leaves the other, which is a line behind at most. It is written after the line is on the disk, never before.
"""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path
from threading import Lock

from deskhand.agent.records.chain import NOTHING, End
from deskhand.connectors.database import StorageError

_SLOT = 20 + 1 + 64 + 1 + 16 + 1
"""Bytes: number, hash and check, a line of text."""
_READ = re.compile(rb"(\d{20}) ([0-9a-f]{64}) ([0-9a-f]{16})\n")

START = End(0, NOTHING)


class Head:
    """The file, open. Safe for several threads."""

    def __init__(self, path: Path) -> None:
        """:raises StorageError: it cannot be opened."""
        self._path, self._lock = path, Lock()
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            data = os.read(self._file, 2 * _SLOT)
        except OSError as error:
            raise StorageError(f"{path} cannot be used: {error.strerror or error}.") from error
        found = [(_read(data[i : i + _SLOT]), i) for i in (0, _SLOT)]
        known = [(end, i) for end, i in found if end is not None]
        newest = max(known, key=lambda k: k[0].n, default=None)
        self.there = newest is not None
        """Whether it said anything when it was opened."""
        self._end = newest[0] if newest else START
        self._next = _SLOT - newest[1] if newest else 0

    @property
    def end(self) -> End:
        """The last line that it knows of."""
        with self._lock:
            return self._end

    def reached(self, end: End) -> None:
        """The chain is on the disk up to here. :raises StorageError: that could not be noted."""
        with self._lock:
            if end.n <= self._end.n and self.there:
                return  # another thread was faster with a later line
            try:
                os.lseek(self._file, self._next, os.SEEK_SET)
                os.write(self._file, _written(end))
                getattr(os, "fdatasync", os.fsync)(self._file)
            except OSError as error:
                raise StorageError(f"{self._path} cannot be written: {error.strerror or error}.") from error
            self._end, self._next, self.there = end, _SLOT - self._next, True

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1


def _written(end: End) -> bytes:
    said = f"{end.n:020d} {end.hash}"
    return f"{said} {sha256(said.encode()).hexdigest()[:16]}\n".encode()


def _read(slot: bytes) -> End | None:
    found = _READ.fullmatch(slot)
    if found is None:
        return None
    end = End(int(found[1]), found[2].decode())
    return end if _written(end) == slot else None
