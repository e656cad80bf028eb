"""`for_each`: one step for each element of a list, none under a better label, the same at every start."""

from __future__ import annotations

from typing import Any

import pytest
from agent_givens import step
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.labels import plain
from deskhand.agent.plans.language import AT_MOST, Ref, Step
from deskhand.agent.plans.references import references
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.references import look_up
from deskhand.agent.runs.spread import spread, too_many
from deskhand.connectors.model import Label

FOUND = Ref(ref="found", path="own")
STEPS = (
    step("found", "event.list"),
    step(
        "change", "event.cancel", ref={"ref": "each", "path": "ref"}, who=[{"ref": "each", "path": ""}]
    ).model_copy(update={"for_each": FOUND}),
    step("notice", "event.notice", change={"ref": "change", "path": ""}).model_copy(
        update={"for_each": FOUND, "when": Ref(ref="each", path="told"), "needs": ("change",)}
    ),
    step("last", "schedule.list").model_copy(update={"needs": ("notice",)}),
)  # fmt: skip


def done(elements: Any, labels: dict[str, Label] | None = None) -> dict[str, StepState]:
    return {"found": StepState("found", "done", {"own": elements}, plain(labels or {"": Label("metadata")}))}


def ids(steps: tuple[Step, ...]) -> list[str]:
    return [s.id for s in steps]


def test_before_the_list_is_there_the_plan_stands_as_it_is() -> None:
    assert spread(STEPS, {}) == STEPS


def test_each_element_has_its_own_steps_which_refer_to_one_another() -> None:
    made = spread(STEPS, done([{"ref": "a"}, {"ref": "b"}]))
    assert ids(made) == ["found", "change_1", "change_2", "notice_1", "notice_2", "last"]
    second = made[4]
    assert second.args == {"change": {"ref": "change_2", "path": ""}}
    assert second.when == Ref(ref="found", path="own[1].told")
    assert second.needs == ("change_2",)
    assert made[2].args["who"] == [{"ref": "found", "path": "own[1]"}]


def test_of_no_elements_nothing_is_done() -> None:
    assert ids(spread(STEPS, done([]))) == ["found", "last"]


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ([{}] * AT_MOST, ""),
        ([{}] * (AT_MOST + 1), f"{AT_MOST + 1} at once, and at most {AT_MOST}"),
        ("ab", "is no list"),
    ],
)
def test_a_list_is_a_list_and_not_endless(elements: Any, said: str) -> None:
    assert said in too_many(STEPS[1], done(elements))
    if said:
        assert spread(STEPS, done(elements)) == STEPS


@given(
    elements=st.lists(st.fixed_dictionaries({"ref": st.text(max_size=3), "told": st.booleans()}), max_size=6),
    tainted=st.sets(st.integers(0, 5)),
)
def test_an_element_keeps_the_label_of_its_place(elements: list[dict[str, Any]], tainted: set[int]) -> None:
    """The law of references holds for elements: what is labelled at a place comes out under that label."""
    foreign = Label("untrusted", ("m:message:1",), ())
    states = done(elements, {"": Label("metadata"), **{f"own[{n}].ref": foreign for n in tainted}})
    made = spread(STEPS, states)
    assert made == spread(STEPS, states)
    for n in range(len(elements)):
        change = next(s for s in made if s.id == f"change_{n + 1}")
        value, label = look_up(references(change.args["ref"])[0], states)
        assert value == elements[n]["ref"]
        assert (label.trust == "untrusted") == (n in tainted)
        assert (look_up(references(change.args["who"])[0], states)[1].trust == "untrusted") == (n in tainted)
