"""The generator of cases leaves no pair out that is possible."""

from __future__ import annotations

from adversary.pairwise import covering, pairs_of

FACTORS = {"a": ["1", "2", "3", "4"], "b": ["x", "y", "z"], "c": ["no", "yes"], "d": ["k", "l", "m"]}


def test_every_possible_pair_stands_in_some_case() -> None:
    def possible(case: tuple[str, ...]) -> bool:
        return not (case[0] == "1" and case[1] == "x")

    cases = covering(FACTORS, possible)
    covered = set().union(*map(pairs_of, cases))
    wanted = {
        ((i, v), (j, w))
        for i, vs in enumerate(FACTORS.values())
        for j, ws in enumerate(FACTORS.values())
        if i < j
        for v in vs
        for w in ws
    }
    assert wanted - covered == {((0, "1"), (1, "x"))}
    assert len(cases) < 4 * 3 * 2 * 3 / 2
    assert all(map(possible, cases))


def test_it_is_the_same_each_time() -> None:
    assert covering(FACTORS, lambda case: True) == covering(FACTORS, lambda case: True)
