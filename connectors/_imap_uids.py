"""Sets of UIDs as IMAP writes them, `1:5,7`, and the ids of messages.

They are kept as ranges: a mailbox has few gaps, and a server may name four thousand million in a few bytes.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

LARGEST = (1 << 32) - 1
"""UIDs are numbers of 32 bits (RFC 3501 2.3.1.1)."""
_LONGEST = 8000
"""Bytes of a set in one command: servers read no endless lines (RFC 7162 4)."""


class Uids:
    """A set of UIDs, which does not change."""

    __slots__ = ("_first", "_last")

    def __init__(self, ranges: Iterable[tuple[int, int]] = (), *, ordered: bool = False) -> None:
        """:raises ValueError: there can be no such UIDs."""
        self._first, self._last = array("I"), array("I")
        for first, last in ranges if ordered else sorted(ranges):
            if not 0 < first <= last <= LARGEST:
                raise ValueError(f"no UIDs: {first}:{last}")
            if self._last and first <= self._last[-1] + 1:
                self._last[-1] = max(self._last[-1], last)
            else:
                self._first.append(first)
                self._last.append(last)

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Uids:
        """The set of these."""
        return cls(_runs(numbers), ordered=True)

    def ranges(self) -> Iterator[tuple[int, int]]:
        """First and last of each, in order; they neither meet nor touch."""
        return zip(self._first, self._last, strict=True)

    def __contains__(self, uid: int) -> bool:
        at = bisect_right(self._first, uid)
        return at > 0 and self._last[at - 1] >= uid

    def __len__(self) -> int:
        return sum(self._last) - sum(self._first) + len(self._first)

    def __bool__(self) -> bool:
        return bool(self._first)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges():
            yield from range(first, last + 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Uids) and (self._first, self._last) == (other._first, other._last)

    __hash__ = None  # type: ignore[assignment]  # arrays have none

    def __or__(self, other: Uids) -> Uids:
        return Uids([*self.ranges(), *other.ranges()])

    def __and__(self, other: Uids) -> Uids:
        both = (
            (max(first, low), min(last, high))
            for first, last in self.ranges()
            for low, high in other._near(first, last)
        )
        return Uids(both, ordered=True)

    def __sub__(self, other: Uids) -> Uids:
        left = (piece for first, last in self.ranges() for piece in other._gaps(first, last))
        return Uids(left, ordered=True)

    def newest(self, count: int) -> tuple[list[int], Uids]:
        """So many of the highest, the highest first, and the set of the rest."""
        taken: list[int] = []
        at = len(self._first)
        while at and len(taken) < count:
            at -= 1
            low = max(self._first[at], self._last[at] - (count - len(taken)) + 1)
            taken.extend(range(self._last[at], low - 1, -1))
        rest = Uids()
        rest._first, rest._last = self._first[: at + 1], self._last[: at + 1]
        if taken and rest._first[at] == taken[-1]:
            rest._first.pop()
            rest._last.pop()
        elif taken:
            rest._last[at] = taken[-1] - 1
        return taken, rest

    def _near(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """My ranges that have a part in this one."""
        for at in range(bisect_left(self._last, first), len(self._first)):
            if self._first[at] > last:
                return
            yield self._first[at], self._last[at]

    def _gaps(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """What of a range is in none of mine."""
        for low, high in self._near(first, last):
            if low > first:
                yield first, low - 1
            first = high + 1
        if first <= last:
            yield first, last


class Growing:
    """A set of UIDs that come one by one, mostly in order."""

    def __init__(self) -> None:
        self._whole, self._ranges = Uids(), list[tuple[int, int]]()

    def add(self, uid: int) -> None:
        """One more. :raises ValueError: there can be no such UID."""
        if self._ranges and self._ranges[-1][1] + 1 == uid:
            self._ranges[-1] = (self._ranges[-1][0], uid)
            return
        if len(self._ranges) >= 1_000:
            self._whole, self._ranges = self.uids(), []
        self._ranges.append((uid, uid))

    def uids(self) -> Uids:
        """Those that came so far."""
        return self._whole | Uids(self._ranges)


def of_text(text: str) -> Uids:
    """Read `1:5,7`. :raises ValueError: it is none."""
    found = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition(":")
        low, high = int(first), int(last or first)
        found.append((min(low, high), max(low, high)))
    return Uids(found)


def text_of(uids: Iterable[int]) -> str:
    """Write them, in order, as `1:5,7`."""
    return ",".join(_ranges(uids))


def chunks(uids: Iterable[int]) -> Iterator[str]:
    """The same in parts that are not too long for one command."""
    parts: list[str] = []
    length = 0
    for part in _ranges(uids):
        if length + len(part) > _LONGEST:
            yield ",".join(parts)
            parts, length = [], 0
        parts.append(part)
        length += len(part) + 1
    if parts:
        yield ",".join(parts)


def _ranges(uids: Iterable[int]) -> Iterator[str]:
    return (_range(*run) for run in (uids.ranges() if isinstance(uids, Uids) else _runs(uids)))


def _range(first: int, last: int) -> str:
    return f"{first}:{last}" if last > first else str(first)


def _runs(uids: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for uid in sorted(uids):
        if first and uid <= last + 1:
            last = uid
            continue
        if first:
            yield first, last
        first = last = uid
    if first:
        yield first, last


_NATIVE = re.compile(r"(?s)(.+)/(\d{1,10})\.(\d{1,10})")


def native(folder: str, validity: int, uid: int) -> str:
    """The id of a message: its folder, UIDVALIDITY and UID."""
    return f"{folder}/{validity}.{uid}"


def place_of(text: str) -> tuple[str, int, int] | None:
    """Folder, UIDVALIDITY and UID of a message's id, or None."""
    found = _NATIVE.fullmatch(text)
    return (found[1], int(found[2]), int(found[3])) if found else None
