"""The fewest rules that together bar every start, exactly: a smallest hitting set.

A start is the set of rules that bar it, an integer with bit n for rule n. There may be thousands of such sets
of hundreds of rules, but a handful of them decide. So the search begins with none, and learns one more
whenever it has rules that hit all it knows: what no fewer rules can do for some of the starts, no fewer
can do for all (an implicit hitting set). The first of equal covers comes last: for each place, is there a
cover with an earlier rule in it? That it has one of these is one more set to hit.

The problem is NP-hard, and calendars filled by chance are its hard kind: to know whether six of two hundred
leave nothing of three months takes millions of tries, since any six nearly do. The work is counted, not
timed: the same question has the same answer on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, reduce
from operator import or_

WORK = 30_000
"""How much may be looked at before the search gives up: some 60 milliseconds. Calendars of twenty people that
clash by chance take 2,000, of forty to sixty 30,000. Of a hundred it is sure only where a few decide."""

_FEW = 8
"""So many sets are looked for one by one; then it is worth while to lay out all of them by rules."""

_SOME = (1 << 24) - 1
"""Among so many of the first known sets the narrowest is looked for where two more rules must do."""


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
    search = _Search(every, work)
    try:
        return list(_numbers(search.first())), True
    except _TooMuchWork:
        return list(_numbers(_irreducible(every, search.hits))), False


class _Search:
    """Looks for covers of at most a given size, learns sets as it goes, and counts its work.

    What is known is laid out three times: as sets of rules; as columns, for each rule the known sets it hits,
    an integer with bit n for set n; and by eights, for any of the eight sets the rules that hit them all.
    """

    def __init__(self, every: Sequence[int], work: int) -> None:
        self._every = every
        self._rules = reduce(or_, every, 0)
        self._work = work
        self._sets: list[int] = []
        self._columns = dict.fromkeys(_each(self._rules), 0)
        self._common: list[list[int]] = []
        self._hit = 0
        """The known sets that are to be hit."""

    def first(self) -> int:
        """The first of the smallest covers."""
        size = 0
        while (rest := self._cover(0, -1, self._hit, size)) is None:
            size += 1
        chosen, allowed = 0, self._rules
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
        asked = self._learn(some)
        found = self._cover(chosen, allowed, self._left(chosen), size)
        self._hit &= ~asked
        return found

    def _cover(self, chosen: int, allowed: int, left: int, size: int) -> int | None:
        """Some cover with the chosen rules in it and at most so many others of those allowed. `left`: the
        known sets that the chosen ones miss."""
        while not left:
            missed = self._missed(chosen)
            if not missed:
                return chosen
            left = self._learn(missed)
        if size <= 1:
            return self._one_more(chosen, allowed, left) if size else None
        if size == 2:
            return self._two_more(chosen, allowed, left)
        tried: list[int] = []
        for bit in self._promising(left, allowed, size):
            allowed &= ~bit
            self._spend(1 + len(tried) // 4)
            # A rule that hits no more than one which was in vain is in vain too.
            hits = self._columns[bit] & left
            if not all([hits & ~self._columns[other] for other in tried]):
                continue
            known = len(self._sets)
            found = self._cover(chosen | bit, allowed, left & ~self._columns[bit], size - 1)
            if found is not None:
                return found
            tried.append(bit)
            if len(self._sets) > known:
                left = self._left(chosen)
        return None

    def _one_more(self, chosen: int, allowed: int, left: int) -> int | None:
        """See `_cover`: with one other."""
        self._spend(1)
        fit = self._hitting_all(left, allowed)
        while fit:
            bit = fit & -fit
            if not (missed := self._missed(chosen | bit)):
                return chosen | bit
            self._learn(missed)
            fit &= missed
        return None

    def _two_more(self, chosen: int, allowed: int, left: int) -> int | None:
        """See `_cover`: with two others. Most of the work is here."""
        sets = self._sets
        few = _numbers(left & _SOME or left & -left)
        narrow = min([sets[number] & allowed for number in few], key=int.bit_count)
        self._spend(4 + narrow.bit_count())
        while narrow:
            bit = narrow & -narrow
            narrow ^= bit
            allowed ^= bit
            rest = left & ~self._columns[bit]
            if self._hitting_all(rest, allowed) or not rest:
                known = len(sets)
                if (found := self._cover(chosen | bit, allowed, rest, 1)) is not None:
                    return found
                if len(sets) > known:
                    left = self._left(chosen)
        return None

    def _promising(self, left: int, allowed: int, size: int) -> list[int]:
        """The rules that hit the narrowest of these sets, first those that hit the most of them; none if it
        is seen that so many rules cannot hit them all."""
        self._spend(len(self._columns) // 4)
        hits = {bit: (column & left).bit_count() for bit, column in self._columns.items() if bit & allowed}
        if sum(sorted(hits.values())[-size:]) < left.bit_count():
            return []
        narrow = sorted([self._sets[number] & allowed for number in _numbers(left)], key=int.bit_count)
        # So many sets that share no rule need a rule each.
        apart = seen = 0
        for rules in narrow:
            if not rules & seen:
                seen |= rules
                apart += 1
        return sorted(_each(narrow[0]), key=lambda bit: -hits[bit]) if apart <= size else []

    def _hitting_all(self, left: int, allowed: int) -> int:
        """The rules that hit all of these sets."""
        for common, some in zip(self._common, left.to_bytes(len(self._common), "little"), strict=True):
            allowed &= common[some]
            if not allowed:
                break
        return allowed

    def _learn(self, rules: int) -> int:
        """One more set to hit, as a bit."""
        number = 1 << len(self._sets)
        if len(self._sets) % 8 == 0:
            self._common.append([-1])
        self._sets.append(rules)
        self._common[-1] += [some & rules for some in self._common[-1]]
        self._hit |= number
        for bit in _each(rules):
            self._columns[bit] |= number
        return number

    def _missed(self, chosen: int) -> int:
        """The narrowest set that these rules miss; 0: none."""
        if len(self._sets) < _FEW:
            return next((rules for rules in self._every if not rules & chosen), 0)
        left = (1 << len(self._every)) - 1
        for number in _numbers(chosen):
            left &= ~self.hits[number]
        return self._every[(left & -left).bit_length() - 1] if left else 0

    @cached_property
    def hits(self) -> list[int]:
        """For each rule which of all sets it hits, known or not."""
        return _columns(self._every)

    def _left(self, chosen: int) -> int:
        """The known sets that these rules miss."""
        left = self._hit
        for bit in _each(chosen):
            left &= ~self._columns[bit]
        return left

    def _spend(self, rules: int) -> None:
        self._work -= rules
        if self._work < 0:
            raise _TooMuchWork


def _irreducible(every: Sequence[int], columns: Sequence[int]) -> int:
    """A cover none of whose rules can be missed: what bars the most is taken first, then the rest thinned."""
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
