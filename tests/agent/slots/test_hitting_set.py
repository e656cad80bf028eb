"""The fewest rules that bar every start: as many as trying all sets gives, and the first of equal ones."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import or_
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.agent.slots.explanation.hitting_set import fewest


@given(st.lists(st.frozensets(st.integers(0, 9), min_size=1, max_size=7), max_size=40))
@settings(max_examples=300, deadline=None)
def test_the_fewest_rules_are_those_that_trying_all_sets_gives(sets: list[frozenset[int]]) -> None:
    """And the first of equal ones; without time to search, some of which none can be missed."""
    masks = [sum(1 << rule for rule in one) for one in sets]
    every = (some for size in range(11) for some in combinations(range(10), size))
    expected = next(some for some in every if all(one & set(some) for one in sets))
    found, least = fewest(masks)
    assert least
    assert tuple(found) == expected

    rough, least = fewest(masks, work=0)
    assert least == (not sets)
    assert all(one & set(rough) for one in sets)
    assert not any(all(one & (set(rough) - {rule}) for one in sets) for rule in rough)


@pytest.mark.parametrize("size", range(1, 7))
@pytest.mark.parametrize("seed", range(3))
def test_the_fewest_of_hundreds_of_rules(size: int, seed: int) -> None:
    """Three thousand starts, each barred by some of two hundred rules: among them one of the few chosen ones.
    As many starts share no rule, so that fewer are not enough."""
    rng = Random(100 * seed + size)
    chosen, *others = rng.sample(range(200), size), *([] for _ in range(size))
    rest = [rule for rule in range(200) if rule not in chosen]
    rng.shuffle(rest)
    for number, rule in enumerate(rest[: size * 8]):
        others[number % size].append(rule)
    sets = [{rule, *alone} for rule, alone in zip(chosen, others, strict=True)]
    sets += [{rng.choice(chosen), *rng.sample(range(200), rng.randrange(20, 90))} for _ in range(3000)]
    found, least = fewest(sum(1 << rule for rule in one) for one in sets)
    assert least
    assert len(found) == size
    assert all(one & set(found) for one in sets)


@pytest.mark.parametrize("seed", range(6))
def test_the_fewest_of_twenty_full_calendars(seed: int) -> None:
    """Filled by chance, as many people's are: no smaller set, and of equal ones the first."""
    rng = Random(seed)
    sets = [frozenset(rule for rule in range(22) if rng.random() < 0.45) for _ in range(400)]
    sets = [one for one in sets if one]
    columns = [sum(1 << n for n, one in enumerate(sets) if rule in one) for rule in range(22)]
    every = (some for size in range(8) for some in combinations(range(22), size))
    expected = next(
        some for some in every if reduce(or_, (columns[rule] for rule in some), 0) == (1 << len(sets)) - 1
    )
    assert fewest(sum(1 << rule for rule in one) for one in sets) == ([*expected], True)
