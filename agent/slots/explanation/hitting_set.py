"""The fewest rules that together bar every start, exactly: a smallest hitting set.

A start is the set of rules that bar it, an integer with bit n for rule n. There may be thousands of such sets
of hundreds of rules, but a handful of them decide. So the search begins with none, and learns one more
whenever it has rules that hit all it knows: what no fewer rules can do for some of the starts, no fewer
can do for all. The first of equal covers comes last: for each place, is there a cover with an earlier rule in
it? That it has one of these is one more set to hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

WORK = 60_000
"""How many rules may be looked at before the search gives up: some 25 milliseconds. The clash of twenty full
calendars takes a tenth of it; that of a hundred, filled by chance, may take more."""

_GLANCE = 10
"""As many rules looked at as it takes to see whether a single one is enough."""


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
    try:
        return list(_numbers(_Search(every, work).first())), True
    except _TooMuchWork:
        return list(_numbers(_irreducible(every))), False


class _Search:
    """Looks for covers of at most a given size, learns sets as it goes, and counts its work.

    What is known is laid out twice: as sets of rules, and as columns, for each rule the known sets it hits,
    an integer with bit n for set n.
    """

    def __init__(self, every: Sequence[int], work: int) -> None:
        self._every = every
        self._work = work
        self._sets: list[int] = []
        self._columns: dict[int, int] = {}
        self._hit = 0
        """The known sets that are to be hit."""

    def first(self) -> int:
        """The first of the smallest covers."""
        size = 0
        while (rest := self._cover(0, -1, size)) is None:
            size += 1
        chosen, allowed = 0, -1
        while rest:
            lowest = rest & -rest
            earlier = allowed & (lowest - 1)
            sooner = self._cover_with(earlier, chosen, allowed, size) if earlier else None
            if sooner is not None:
                rest = sooner & ~chosen
            else:
                chosen, rest, size = chosen | lowest, rest ^ lowest, size - 1
                allowed &= -(lowest << 1)
        return chosen

    def _cover_with(self, some: int, chosen: int, allowed: int, size: int) -> int | None:
        """See `_cover`: one that has one of some rules in it."""
        asked = 1 << len(self._sets)
        self._learn(some)
        found = self._cover(chosen, allowed, size)
        self._hit &= ~asked
        return found

    def _cover(self, chosen: int, allowed: int, size: int) -> int | None:
        """Some cover with the chosen rules in it and at most so many others of those allowed."""
        left = self._left(chosen)
        while not left:
            missed = next((rules for rules in self._every if not rules & chosen), None)
            if missed is None:
                return chosen
            self._learn(missed)
            left = self._left(chosen)
        if size <= 0:
            return None
        candidates = self._hitting_all(left, allowed) if size == 1 else self._hitting_one(left, allowed, size)
        tried: list[int] = []
        for bit in candidates:
            allowed &= ~bit
            self._spend(1 + len(tried) // 4)
            # A rule that hits no more than one which was in vain is in vain too.
            hits = self._columns[bit] & left
            if not all([hits & ~self._columns[other] for other in tried]):
                continue
            known = len(self._sets)
            if (found := self._cover(chosen | bit, allowed, size - 1)) is not None:
                return found
            tried.append(bit)
            if len(self._sets) > known:
                left = self._left(chosen)
        return None

    def _hitting_all(self, left: int, allowed: int) -> Iterator[int]:
        """The rules that hit all of these sets."""
        self._spend(_GLANCE)
        for number in _numbers(left):
            allowed &= self._sets[number]
            if not allowed:
                break
        return _each(allowed)

    def _hitting_one(self, left: int, allowed: int, size: int) -> list[int]:
        """The rules that hit the narrowest of these sets, first those that hit the most of them; none if so
        many rules cannot hit them all."""
        self._spend(len(self._columns))
        hits = {bit: (column & left).bit_count() for bit, column in self._columns.items() if bit & allowed}
        if sum(sorted(hits.values())[-size:]) < left.bit_count():
            return []
        narrow = min([self._sets[number] & allowed for number in _numbers(left)], key=int.bit_count)
        return sorted(_each(narrow), key=lambda bit: -hits[bit])

    def _learn(self, rules: int) -> None:
        number = 1 << len(self._sets)
        self._sets.append(rules)
        self._hit |= number
        for bit in _each(rules):
            self._columns[bit] = self._columns.get(bit, 0) | number

    def _left(self, chosen: int) -> int:
        """The known sets that these rules miss."""
        left = self._hit
        for bit in _each(chosen):
            left &= ~self._columns.get(bit, 0)
        return left

    def _spend(self, rules: int) -> None:
        self._work -= rules
        if self._work < 0:
            raise _TooMuchWork


def _irreducible(every: Sequence[int]) -> int:
    """A cover none of whose rules can be missed: what bars the most is taken first, then the rest thinned."""
    columns = _columns(every)
    cover, left = 0, (1 << len(every)) - 1
    while left:
        narrow = every[(left & -left).bit_length() - 1]
        best = max(_numbers(narrow), key=lambda number: (columns[number] & left).bit_count())
        cover |= 1 << best
        left &= ~columns[best]
    for number in sorted(_numbers(cover), reverse=True):
        if all([rules & cover & ~(1 << number) for rules in every]):
            cover &= ~(1 << number)
    return cover


def _columns(every: Sequence[int]) -> list[int]:
    """For each rule the sets it hits. All sets are written below each other in binary, and read downwards."""
    width = max(map(int.bit_length, every), default=0)
    text = "".join([f"{rules:0{width}b}" for rules in reversed(every)])
    return [int(text[width - 1 - number :: width], 2) for number in range(width)]


def _each(rules: int) -> Iterator[int]:
    """Each rule as a set of its own, in their order."""
    while rules:
        bit = rules & -rules
        yield bit
        rules ^= bit


def _numbers(rules: int) -> Iterator[int]:
    return (bit.bit_length() - 1 for bit in _each(rules))
