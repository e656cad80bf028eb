"""What is wrong with the form of a plan is said in words for whoever edits it: step, field, remedy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from deskhand.agent.plans.form import misfits
from deskhand.agent.plans.language import Plan

WHOLE = {
    "schema_version": 2,
    "request": "x",
    "objective": "X.",
    "steps": [{"id": "a", "op": "schedule.list"}],
}


def told(**changes: Any) -> list[str]:
    given_ = WHOLE | changes
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate(given_)
    return [str(f) for f in misfits(given_, caught.value)]


def step(**changes: Any) -> list[str]:
    return told(steps=[{"id": "a", "op": "schedule.list"} | changes])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"on_failur": "stop"}, "step a, on_failur: there is no such field. Did you mean “on_failure”?"),
        (
            {"retry": {"attempt": 2}},
            "step a, retry.attempt: there is no such field. Did you mean “attempts”?",
        ),
        ({"retry": {"attempts": 99}}, "step a, retry.attempts: it must be less than or equal to 10."),
        ({"timeout": -1}, "step a, timeout: it must be greater than 0."),
        ({"op": 3}, "step a, op: it must be text."),
        ({"on_failure": "cry"}, "step a, on_failure: it must be 'go on', 'stop', 'compensate' or 'ask'."),
        ({"deadline": "2026-11-23T10:00:00"}, "step a, deadline: the time needs a zone, like +01:00."),
        (
            {"when": {"ref": "b", "wher": {}}},
            "step a, when.wher: there is no such field. Did you mean “where”?",
        ),
        ({"when": {"test": "empty"}}, "step a, when.of: it is missing."),
        ({"when": {"test": "not", "of": {"test": "empty"}}}, "step a, when.of.of: it is missing."),
    ],
)  # fmt: skip
def test_a_fault_names_the_step_the_field_and_the_remedy(changes: dict[str, Any], said: str) -> None:
    assert step(**changes) == [said]


def test_a_test_that_does_not_exist_is_told_with_those_that_do() -> None:
    (said,) = step(when={"test": "nearly", "of": {"ref": "b"}})
    assert said.startswith("step a, when: there is no test “nearly”. There are: present, empty, ")


def test_what_has_no_name_is_told_by_its_place() -> None:
    assert told(steps=[{"id": "A b", "op": "schedule.list"}]) == [
        "step A b, id: that cannot be its name. Write lower-case letters, digits and _, with a letter first: "
        "found, mail_2."
    ]
    assert told(steps=[{"op": "schedule.list"}]) == ["step 1, id: it is missing."]
    assert told(steps={"id": "a"}) == ["steps: it must be a list."]
    assert told(request=5) == ["request: it must be text."]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["id", "op", "args", "when", "test", "of", "ref", "path", "where", "retry", "steps", "x"]
    ), inner, max_size=4),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_JSON, max_size=3))
def test_whatever_is_written_there_is_a_sentence(steps: list[Any]) -> None:
    given_ = WHOLE | {"steps": steps}
    try:
        Plan.model_validate(given_)
        found = list[str]()
    except ValidationError as error:
        found = [str(f) for f in misfits(given_, error)] or ["nothing was said"]
    assert all(said.endswith((".", "?")) for said in found)
