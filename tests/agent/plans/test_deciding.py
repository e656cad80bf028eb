"""Predicates: yes, no, and not known, which nothing turns into a yes or a no."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from deskhand.agent.plans.deciding import Unresolved, holds, references, rewritten
from deskhand.agent.plans.language import Predicate, Ref

READ: TypeAdapter[Any] = TypeAdapter(Predicate)
VALUES: dict[str, Any] = {
    "yes": True, "no": False, "none": [], "two": ["Ann", "bo"], "three": 3, "word": "Budget  review",
    "noon": "2026-11-22T12:00:00+00:00",
    "one": "2026-11-22T13:00:00+01:00", "later": "2026-11-22T12:30:00+00:00",
    "day": "2026-11-22", "nil": None,
}  # fmt: skip


def find(ref: Ref) -> Any:
    if ref.ref not in VALUES:
        raise Unresolved(ref.ref)
    return VALUES[ref.ref]


def test(test_: str, of: str, **rest: Any) -> dict[str, Any]:
    return {"test": test_, "of": {"ref": of}} | rest


test.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given_", "held"),
    [
        (test("present", "two"), True),
        (test("present", "none"), False),
        (test("present", "gone"), False),
        (test("empty", "none"), True),
        (test("empty", "gone"), True),
        (test("equals", "word", value="budget  REVIEW"), True),
        (test("equals", "noon", value={"ref": "one"}), True),
        (test("equals", "three", value=3.0), True),
        (test("equals", "yes", value=1), None),
        (test("equals", "yes", value=True), True),
        (test("equals", "gone", value=1), None),
        (test("equals", "three", value="3"), None),
        (test("contains", "word", value="budget review"), True),
        (test("contains", "two", value="ANN"), True),
        (test("contains", "two", value="Cy"), False),
        (test("contains", "three", value="3"), None),
        (test("before", "noon", value={"ref": "later"}), True),
        (test("after", "noon", value={"ref": "later"}), False),
        (test("before", "noon", value={"ref": "one"}), False),
        (test("before", "noon", value="2027-01-01T00:00:00Z"), True),
        (test("before", "day", value="2027-01-01T00:00:00Z"), None),
        (test("after", "noon", value={"ref": "gone"}), None),
        (test("count", "two", least=1, most=2), True),
        (test("count", "two", least=3), False),
        (test("count", "none", most=0), True),
        (test("count", "word", least=1), None),
        (test("number", "three", least=3, most=3), True),
        (test("number", "three", most=2.5), False),
        (test("number", "yes", least=0), None),
        (test("number", "nil", least=0), None),
    ],
)
def test_one_predicate(given_: dict[str, Any], held: bool | None) -> None:
    assert holds(READ.validate_python(given_), find) is held
    opposite = READ.validate_python({"test": "not", "of": given_})
    assert holds(opposite, find) is (None if held is None else not held)


@pytest.mark.parametrize(
    "wrong",
    [
        {"test": "before", "of": {"ref": "noon"}, "value": "2026-11-22"},
        {"test": "before", "of": {"ref": "noon"}, "value": "2026-11-22T12:00:00"},
        {"test": "count", "of": {"ref": "two"}, "least": -1},
        {"test": "any", "of": []},
        {"test": "like", "of": {"ref": "two"}},
        {"test": "equals", "of": {"ref": "two"}},
    ],
)
def test_a_predicate_that_says_nothing_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(wrong)


leaves = st.sampled_from([test("present", "yes"), test("present", "no"), test("equals", "gone", value=1)])
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda one: {"test": "not", "of": one}, inner)
        | st.builds(
            lambda kind, some: {"test": kind, "of": some},
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3),
        )
    ),
    max_leaves=8,
)


def kleene(tree: dict[str, Any]) -> float:
    """1 is yes, 0 no, a half not known: and is the least, or the most, not what is left to one."""
    if tree["test"] == "not":
        return 1 - kleene(tree["of"])
    if tree["test"] in ("all", "any"):
        return (min if tree["test"] == "all" else max)(kleene(one) for one in tree["of"])
    return {"yes": 1.0, "no": 0.0, "gone": 0.5}[tree["of"]["ref"]]


@given(trees)
def test_what_is_not_known_is_never_taken_for_granted(tree: dict[str, Any]) -> None:
    read = READ.validate_python(tree)
    assert holds(read, find) is {1.0: True, 0.0: False, 0.5: None}[kleene(tree)]


@given(trees)
def test_every_reference_is_seen_and_changed(tree: dict[str, Any]) -> None:
    read = READ.validate_python(tree)
    changed = rewritten(read, lambda r: Ref(ref=f"x{r.ref}"))
    assert [r.ref for r in references(changed)] == [f"x{r.ref}" for r in references(read)]
    assert READ.validate_python(READ.dump_python(read, mode="json")) == read
