"""What holds between the options of two meetings, as bits: for an option of one, those of the other that go
with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from deskhand.agent.slots.candidates import Option

Day = Callable[[int], int]
"""The local day of a minute, as a number."""


class Table:
    """The options of one meeting, the cheapest first, and bits for those that lie where it matters."""

    def __init__(self, options: Sequence[Option], costs: Sequence[int]) -> None:
        order = sorted(range(len(options)), key=costs.__getitem__)
        self.options = [options[i] for i in order]
        self.costs = [costs[i] for i in order]
        self.all = (1 << len(order)) - 1
        self.shortest = min((o.end - o.start for o in options), default=0)
        self._starts, self._by_start = self._sorted([o.start for o in self.options])
        self._ends, self._by_end = self._sorted([o.end for o in self.options])
        self._groups: dict[object, dict[int, int]] = {}

    @staticmethod
    def _sorted(times: Sequence[int]) -> tuple[list[int], list[int]]:
        """Times in order, and for each number of them the bits of so many of the first."""
        order = sorted(range(len(times)), key=times.__getitem__)
        bits = [0]
        for i in order:
            bits.append(bits[-1] | 1 << i)
        return [times[i] for i in order], bits

    def before(self, minute: int) -> int:
        """Options that begin before a minute."""
        return self._by_start[bisect_left(self._starts, minute)]

    def over(self, minute: int) -> int:
        """Options that are over by a minute."""
        return self._by_end[bisect_left(self._ends, minute + 1)]

    def grouped(self, key: object, of: Callable[[Option], int]) -> dict[int, int]:
        """Bits of the options by a number worked out of each; `key` names the way it is worked out."""
        if key not in self._groups:
            made: dict[int, int] = {}
            for i, option in enumerate(self.options):
                number = of(option)
                made[number] = made.get(number, 0) | 1 << i
            self._groups[key] = made
        return self._groups[key]

    def on(self, day: Day) -> dict[int, int]:
        """Bits of the options by the day they begin on."""
        return self.grouped(day, lambda o: day(o.start))


@dataclass(frozen=True, slots=True)
class Apart:
    """The two do not overlap, with so many minutes between."""

    gap: int = 0

    def beside(self, option: Option, other: Table, *, forward: bool) -> int:
        return other.over(option.start - self.gap) | other.all & ~other.before(option.end + self.gap)


@dataclass(frozen=True, slots=True)
class SameRoom:
    """The two do not overlap if they are in one room: pairs of the rooms' numbers, and the gap there."""

    rooms: tuple[tuple[int, int, int], ...]

    def beside(self, option: Option, other: Table, *, forward: bool) -> int:
        allowed = other.all
        for one, two, gap in self.rooms:
            mine, theirs = (one, two) if forward else (two, one)
            if mine == option.room:
                there = other.grouped("room", lambda o: o.room).get(theirs, 0)
                allowed &= ~there | Apart(gap).beside(option, other, forward=forward)
        return allowed


@dataclass(frozen=True, slots=True)
class Ordered:
    """The first ends so many minutes before the other begins, at least and at most."""

    least: int = 0
    most: int | None = None

    def beside(self, option: Option, other: Table, *, forward: bool) -> int:
        if forward:
            late = other.all if self.most is None else other.before(option.end + self.most + 1)
            return late & ~other.before(option.end + self.least)
        early = 0 if self.most is None else other.over(option.start - self.most - 1)
        return other.over(option.start - self.least) & ~early


@dataclass(frozen=True, slots=True)
class Days:
    """The two begin on one day, or never on one."""

    day: Day
    same: bool

    def beside(self, option: Option, other: Table, *, forward: bool) -> int:
        that = other.on(self.day).get(self.day(option.start), 0)
        return that if self.same else other.all & ~that


Tie = Apart | SameRoom | Ordered | Days


@dataclass(frozen=True, slots=True)
class Quota:
    """Of these meetings at most so many begin on a day; a day not named has room for `usual`."""

    members: frozenset[int]
    day: Day
    left: dict[int, int]
    usual: int

    def room(self, day: int) -> int:
        """How many may begin on a day."""
        return self.left.get(day, self.usual)


def bits_of(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, from the lowest."""
    while bits:
        yield lowest(bits)
        bits &= bits - 1


def lowest(bits: int) -> int:
    """The number of the lowest bit that is set."""
    return (bits & -bits).bit_length() - 1
