"""What is known of each message of a folder, in a few bytes for many of them.

Neighbours of which the same is known are one run, and few things are known of a mailbox: that a message was
read, has these flags, and came with so many attachments.
"""

from __future__ import annotations

import base64
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from deskhand.connectors._imap_uids import Uids, of_text


class Mark(NamedTuple):
    """What is known of a message."""

    read: bool
    """Its content was; not of one that is too large, or empty."""
    state: str
    """Its flags (and labels), in a form to be compared."""
    attached: int = 0
    """How many attachments came with it."""

    def packed(self) -> str:
        return f"{'' if self.read else '!'}{self.state}.{self.attached or ''}"

    @classmethod
    def of(cls, packed: str) -> Mark:
        state, _, attached = packed.partition(".")
        return cls(not state.startswith("!"), state.removeprefix("!"), int(attached or 0))


class Marks:
    """Marks by UID. A run takes twelve bytes, whatever its length."""

    def __init__(self) -> None:
        self._first, self._last, self._codes = array("I"), array("I"), array("I")
        self._table: list[Mark] = []
        """By code."""
        self._known: dict[Mark, int] = {}
        self._plain: dict[str, Any] | None = None
        """As it was written last, until something changes."""

    def __len__(self) -> int:
        return sum(self._last) - sum(self._first) + len(self._first)

    def __bool__(self) -> bool:
        return bool(self._first)

    def __contains__(self, uid: int) -> bool:
        return self.get(uid) is not None

    def get(self, uid: int) -> Mark | None:
        """The mark of a message, or None."""
        at = bisect_right(self._first, uid) - 1
        return self._table[self._codes[at]] if at >= 0 and self._last[at] >= uid else None

    def uids(self) -> Uids:
        """Those that have one."""
        return Uids(zip(self._first, self._last, strict=True), ordered=True)

    def runs(self) -> Iterator[tuple[int, int, Mark]]:
        """First, last and mark, in order. Nothing may change meanwhile."""
        for first, last, code in zip(self._first, self._last, self._codes, strict=True):
            yield first, last, self._table[code]

    def put(self, uid: int, mark: Mark) -> None:
        """A message has this mark now."""
        self.put_run(uid, uid, mark)

    def put_run(self, first: int, last: int, mark: Mark) -> None:
        """All from `first` to `last` have this mark now."""
        self.drop(first, last)
        code = self._known.setdefault(mark, len(self._table))
        if code == len(self._table):
            self._table.append(mark)
        at = bisect_right(self._first, first)
        if at < len(self._first) and self._first[at] == last + 1 and self._codes[at] == code:
            last = self._last[at]
            self._delete(at, at + 1)
        if at and self._last[at - 1] == first - 1 and self._codes[at - 1] == code:
            self._last[at - 1] = last
        else:
            self._insert(at, first, last, code)

    def pop(self, uid: int) -> Mark | None:
        """The mark of a message, which has none any more."""
        mark = self.get(uid)
        if mark is not None:
            self.drop(uid, uid)
        return mark

    def drop(self, first: int, last: int) -> None:
        """None from `first` to `last` has a mark any more."""
        self._plain = None
        at = bisect_right(self._first, first) - 1
        if at >= 0 and self._last[at] >= first:
            end, code = self._last[at], self._codes[at]
            if self._first[at] == first:
                self._delete(at, at + 1)
                at -= 1
            else:
                self._last[at] = first - 1
            if end > last:
                self._insert(at + 1, last + 1, end, code)
                return
        at = after = at + 1
        while after < len(self._first) and self._last[after] <= last:
            after += 1
        self._delete(at, after)
        if at < len(self._first) and self._first[at] <= last:
            self._first[at] = last + 1

    def take(self, uids: Uids) -> list[tuple[int, int, Mark]]:
        """The runs of these, which have no mark any more."""
        taken = [
            (max(first, low), min(last, high), mark)
            for low, high in uids.ranges()
            for first, last, mark in self._within(low, high)
        ]
        for low, high in uids.ranges():
            self.drop(low, high)
        return taken

    def plain(self) -> dict[str, Any]:
        """In plain JSON; equal marks give equal ones."""
        if self._plain is None:
            words: dict[int, int] = {}
            said, end = [], 0
            for first, last, code in zip(self._first, self._last, self._codes, strict=True):
                word = words.setdefault(code, len(words))
                said.append(f"{first - end},{last - first},{word}")
                end = last
            packed = base64.b64encode(zlib.compress(";".join(said).encode())).decode() if said else ""
            self._plain = {"t": [self._table[code].packed() for code in words], "r": packed}
        return self._plain

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Marks:
        """Read what `plain` wrote."""
        marks = cls()
        if not plain["r"]:
            return marks
        table = [Mark.of(one) for one in plain["t"]]
        end = 0
        for run in zlib.decompress(base64.b64decode(plain["r"])).decode().split(";"):
            gap, more, word = map(int, run.split(","))
            end += gap + more
            marks.put_run(end - more, end, table[word])
        return marks

    def _within(self, low: int, high: int) -> Iterator[tuple[int, int, Mark]]:
        at = max(0, bisect_right(self._first, low) - 1)
        while at < len(self._first) and self._first[at] <= high:
            if self._last[at] >= low:
                yield self._first[at], self._last[at], self._table[self._codes[at]]
            at += 1

    def _insert(self, at: int, first: int, last: int, code: int) -> None:
        self._first.insert(at, first)
        self._last.insert(at, last)
        self._codes.insert(at, code)

    def _delete(self, at: int, after: int) -> None:
        del self._first[at:after], self._last[at:after], self._codes[at:after]


def old_marks(plain: Mapping[str, str]) -> Iterator[tuple[int, str, Mark]]:
    """UID, digest and mark, as cursors had them until November 2026: one for each message."""
    if plain["u"]:
        for uid, packed in zip(of_text(plain["u"]), plain["k"].split(","), strict=False):
            digest, state, attached = packed.split(".")
            yield uid, digest, Mark(bool(digest), state, int(attached or 0))
