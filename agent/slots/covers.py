"""The fewest rules that together bar every start, exactly: a smallest hitting set.

A start is the set of rules that bar it, an integer with bit n for rule n. There may be thousands of such sets
of hundreds of rules, but a handful of them decide. So a few are taken, their smallest cover is found, and
a set that it misses is added, until it misses none: what no fewer rules can do for some of the
starts, no fewer can do for all. The first of equal covers is found in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

WORK = 1_000_000
"""How many sets may be looked at before the search gives up; some tens of milliseconds. Conflicts of people's
calendars take a few thousand."""


class _TooMuchWork(Exception):
    """The sets that decide are too many and too much alike."""


def fewest(barred: Iterable[int], *, work: int = WORK) -> tuple[list[int], bool]:
    """The numbers of the fewest rules of which each start breaks one, and True; the first of equal sets.

    If that takes too much work: rules none of which can be missed, and False.

    :raises ValueError: a start that no rule bars.
    """
    every = sorted(set(barred), key=lambda rules: (rules.bit_count(), rules))
    if every and not every[0]:
        raise ValueError("a start is left")
    search = _Search(work)
    some: list[int] = []
    cover = size = 0
    try:
        while missed := next((rules for rules in every if not rules & cover), 0):
            some.append(missed)
            while not search.possible(some, size):
                size += 1
            cover = search.first(some, size)
    except _TooMuchWork:
        return list(_bits(_irreducible(every))), False
    return list(_bits(cover)), True


class _Search:
    """Looks for covers of a given size, and counts its work."""

    def __init__(self, work: int) -> None:
        self._left = work

    def possible(self, sets: Sequence[int], size: int) -> bool:
        """Whether so many rules, or fewer, cover these."""
        self._left -= len(sets)
        if self._left < 0:
            raise _TooMuchWork
        if not sets:
            return True
        narrow = min(sets, key=int.bit_count)
        if not narrow or _apart(sets) > size:
            return False
        tried = 0
        for bit in _each(narrow):
            if self.possible([s & ~tried for s in sets if not s & bit], size - 1):
                return True
            tried |= bit
        return False

    def first(self, sets: Sequence[int], size: int) -> int:
        """The first cover of so many rules, of which there is one, and none is smaller."""
        cover, allowed = 0, -1
        while sets:
            for bit in _each(_all(sets)):
                above = allowed & -(bit << 1)
                rest = [s & above for s in sets if not s & bit]
                if self.possible(rest, size - 1):
                    cover |= bit
                    sets, allowed, size = rest, above, size - 1
                    break
            else:  # pragma: no cover - the caller knows better
                raise AssertionError("no cover of that size")
        return cover


def _apart(sets: Sequence[int]) -> int:
    """So many of these have nothing in common at least, and so many rules it takes at least."""
    count = seen = 0
    for rules in sets:
        if not rules & seen:
            seen |= rules
            count += 1
    return count


def _irreducible(every: Sequence[int]) -> int:
    """A cover none of whose rules can be missed: what bars the most is taken first, then the rest thinned."""
    cover, left = 0, list(every)
    while left:
        bit = max(_each(left[0]), key=lambda b: sum(1 for rules in left if rules & b))
        cover |= bit
        left = [rules for rules in left if not rules & bit]
    for bit in sorted(_each(cover), reverse=True):
        if all(rules & (cover & ~bit) for rules in every):
            cover &= ~bit
    return cover


def _all(sets: Sequence[int]) -> int:
    union = 0
    for rules in sets:
        union |= rules
    return union


def _each(rules: int) -> Iterator[int]:
    """Each rule as a set of its own, in their order."""
    while rules:
        bit = rules & -rules
        yield bit
        rules ^= bit


def _bits(rules: int) -> Iterator[int]:
    return (bit.bit_length() - 1 for bit in _each(rules))
