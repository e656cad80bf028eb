"""The fewest rules that together bar every start, exactly: a smallest hitting set.

A start is the set of rules that bar it, an integer with bit n for rule n. There may be thousands of such sets
of hundreds of rules, but a handful of them decide. So a few are taken, their smallest cover is found, and
sets that it misses are added, until it misses none: what no fewer rules can do for some of the starts, no
fewer can do for all. The first of equal covers is found in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

WORK = 250_000
"""How many rules may be looked at before the search gives up: some tens of milliseconds. Conflicts of up to
five rules take a small part of it; calendars filled by chance, where ten people leave no room together
and no nine do, take more."""

_ADDED = 6
"""So many missed sets are added at a time: more would slow each search, fewer make for more searches."""


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
        for find in (search.any, search.first):
            missed = [0]
            while missed:
                while (found := find(some, size)) is None:
                    size += 1
                cover, missed = found, _missed(every, found)
                some = sorted([*some, *missed], key=int.bit_count)
    except _TooMuchWork:
        return list(_numbers(_irreducible(every))), False
    return list(_numbers(cover)), True


class _Search:
    """Looks for covers of at most a given size, and counts its work.

    A rule is the set of those sets it hits: a column, bit n for set n. The narrowest set comes first.
    """

    def __init__(self, work: int) -> None:
        self._work = work
        self._sets: Sequence[int] = ()
        self._columns: list[tuple[int, int]] = []
        self._column: dict[int, int] = {}

    def any(self, sets: Sequence[int], size: int) -> int | None:
        """Some cover of so many rules, or fewer."""
        self._take(sets, first=False)
        return self._cover((1 << len(sets)) - 1, -1, size)

    def first(self, sets: Sequence[int], size: int) -> int | None:
        """The first cover of so many rules; only if there is none of fewer."""
        self._take(sets, first=True)
        cover, left, allowed = 0, (1 << len(sets)) - 1, -1
        while left:
            for bit, column in self._columns:
                above = allowed & -(bit << 1)
                useful = bit & allowed and column & left
                if useful and self._cover(left & ~column, above, size - 1) is not None:
                    cover, left, allowed, size = cover | bit, left & ~column, above, size - 1
                    break
            else:
                return None
        return cover

    def _take(self, sets: Sequence[int], *, first: bool) -> None:
        """Lay out the columns, without those in whose place another one does as well: for the first
        cover that must be an earlier one."""
        columns: dict[int, int] = {}
        for number, rules in enumerate(sets):
            for bit in _each(rules):
                columns[bit] = columns.get(bit, 0) | 1 << number
        # For any cover the fullest column does best; for the first cover only an earlier one does as well.
        order = sorted(columns.items(), key=lambda c: (0 if first else -c[1].bit_count(), c[0]))
        distinct = {column: bit for bit, column in reversed(order)}
        kept: dict[int, int] = {}
        for bit, column in order:
            if distinct[column] == bit:
                self._spend(len(kept))
                if all([column & ~other for other in kept.values()]):
                    kept[bit] = column
        kept = dict(sorted(kept.items()))
        self._sets, self._column, self._columns = sets, kept, list(kept.items())

    def _spend(self, rules: int) -> None:
        self._work -= rules
        if self._work < 0:
            raise _TooMuchWork

    def _cover(self, left: int, allowed: int, size: int) -> int | None:
        """Some cover of the sets in `left` by so many of the allowed rules, or fewer."""
        if not left:
            return 0
        if size <= 0:
            return None
        self._spend(len(self._columns))
        hits = [column & left for bit, column in self._columns if bit & allowed]
        if sum(sorted(map(int.bit_count, hits))[-size:]) < left.bit_count() or _all(hits) != left:
            return None
        narrow = self._sets[(left & -left).bit_length() - 1] & allowed
        bits = [bit for bit in _each(narrow) if bit in self._column]
        for bit in sorted(bits, key=lambda b: -(self._column[b] & left).bit_count()):
            if (rest := self._cover(left & ~self._column[bit], allowed, size - 1)) is not None:
                return rest | bit
            allowed &= ~bit
        return None


def _missed(every: Sequence[int], cover: int) -> list[int]:
    """Some narrow sets that a cover misses, which have nothing in common."""
    missed: list[int] = []
    for rules in every:
        if not rules & cover:
            missed.append(rules)
            cover |= rules
            if len(missed) == _ADDED:
                break
    return missed


def _irreducible(every: Sequence[int]) -> int:
    """A cover none of whose rules can be missed: what bars the most is taken first, then the rest thinned."""
    cover, left = 0, list(every)
    while left:
        cover |= max(_each(left[0]), key=lambda bit: sum([1 for rules in left if rules & bit]))
        left = [rules for rules in left if not rules & cover]
    for bit in sorted(_each(cover), reverse=True):
        if all(rules & (cover & ~bit) for rules in every):
            cover &= ~bit
    return cover


def _all(sets: Iterable[int]) -> int:
    union = 0
    for one in sets:
        union |= one
    return union


def _each(rules: int) -> Iterator[int]:
    """Each rule as a set of its own, in their order."""
    while rules:
        bit = rules & -rules
        yield bit
        rules ^= bit


def _numbers(rules: int) -> Iterator[int]:
    return (bit.bit_length() - 1 for bit in _each(rules))
