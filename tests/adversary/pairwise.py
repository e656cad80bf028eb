"""Covering arrays: cases that hold every possible pair of two factors' values, few, and always the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

Case = tuple[str, ...]
Pair = tuple[tuple[int, str], tuple[int, str]]


def pairs_of(case: Case) -> set[Pair]:
    """The pairs that a case holds."""
    return {(a, b) for a, b in combinations(enumerate(case), 2)}


def covering(
    factors: Mapping[str, Sequence[str]],
    possible: Callable[[Case], bool],
    *,
    seed: int = 5,
    tries: int = 25,
    apart: frozenset[tuple[int, int]] = frozenset(),
) -> list[Case]:
    """Cases (a value of each factor) in which every pair stands that any possible case holds.

    Greedy: each case is the one of some tries that holds most of what is missing. The first ones hold most.
    :param possible: which cases there are; asked of whole cases only.
    :param apart: factors, by their places, of which not every pair of values is wanted.
    """
    dice = random.Random(seed)
    values = [*factors.values()]
    everything = [case for case in _all(values) if possible(case)]
    by_pair: dict[Pair, list[Case]] = {}
    for case in everything:
        for pair in pairs_of(case):
            if (pair[0][0], pair[1][0]) not in apart:
                by_pair.setdefault(pair, []).append(case)
    missing = set(by_pair)
    order = sorted(missing)
    dice.shuffle(order)
    made: list[Case] = []
    while missing:
        order = [p for p in order if p in missing]
        rows = by_pair[order[0]]
        candidates = dice.sample(rows, min(tries, len(rows)))
        best = max(candidates, key=lambda case: len(pairs_of(case) & missing))
        made.append(best)
        missing -= pairs_of(best)
    return made


def _all(values: Sequence[Iterable[str]]) -> Iterable[Case]:
    if not values:
        yield ()
        return
    for first in values[0]:
        for rest in _all(values[1:]):
            yield (first, *rest)
