"""What one answer of an IMAP server may take, in bytes and in time: a server may go on for ever."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

_AT_ONCE = 1_000_000


class Allowance:
    """Counts what is read of one answer; bound to the connection of `imaplib` that it is made for."""

    def __init__(self, imap: Any, *, size: int, seconds: float, over: Callable[[str], Exception]) -> None:
        """:param over: makes the error that is raised where an answer takes more, from what it does."""
        self._size, self._seconds, self._over = size, seconds, over
        self._read, self._line = imap.read, imap.readline
        imap.read, imap.readline = self._literal, self._one_line
        self.renew()

    def renew(self) -> None:
        """Another answer is expected."""
        self._left, self._until = self._size, monotonic() + self._seconds

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise self._over(f"sends more than {self._size:,} bytes as one answer")
        if monotonic() > self._until:
            raise self._over("does not come to an end with its answer")

    def _one_line(self) -> bytes:
        line: bytes = self._line()
        self._take(len(line))
        return line

    def _literal(self, size: int) -> bytes:
        self._take(size)
        parts = []
        while size > 0 and (part := self._read(min(size, _AT_ONCE))):
            self._take(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
