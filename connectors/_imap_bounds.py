"""What one answer of an IMAP server may take, in bytes and in time: a server may go on for ever.

From the greeting on, and however slowly a line comes: what is there is taken piece by piece, and after each
piece it is looked at the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

_AT_ONCE = 1_000_000
_LONGEST_LINE = 1_000_000
"""Bytes, as imaplib has it."""


class Allowance:
    """Counts what is read of one answer; bound to the connection of `imaplib` that it is made for."""

    def __init__(self, imap: Any, *, size: int, seconds: float, over: Callable[[str], Exception]) -> None:
        """:param over: makes the error that is raised where an answer takes more, from what it does."""
        self._imap, self._size, self._seconds, self._over = imap, size, seconds, over
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
        parts, size = list[bytes](), 0
        while seen := self._imap.file.peek(1):  # what is there, or what comes next: at most one packet
            end = seen.find(b"\n") + 1
            part = self._imap.file.read1(end or len(seen))
            self._take(len(part))
            parts.append(part)
            size += len(part)
            if size > _LONGEST_LINE:
                raise self._imap.error(f"got more than {_LONGEST_LINE} bytes")
            if end:
                break
        return b"".join(parts)

    def _literal(self, size: int) -> bytes:
        self._take(size)
        parts = list[bytes]()
        while size > 0 and (part := self._imap.file.read1(min(size, _AT_ONCE))):
            self._take(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def guarded(kind: type[Any], guard: Callable[[Any], None]) -> type[Any]:
    """A class of `imaplib` whose connections are handed to `guard` before anything is read from them."""

    class Guarded(kind):  # type: ignore[misc]  # which one it is, is known when it runs
        def open(self, *given: Any, **named: Any) -> None:
            super().open(*given, **named)
            guard(self)

    return Guarded
