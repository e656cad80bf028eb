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


A_REF = 'Write a reference, like {"ref": "found", "path": "title"}.'
A_TABLE = "it must be a table of names and values"
A_TIME = "it must be a time with its zone, like 2026-11-25T10:00:00+00:00"
WHEN = '{"test": "present", "of": {"ref": "found", "path": "title"}}.'


def compared(test: str, value: Any) -> dict[str, Any]:
    return {"when": {"test": test, "of": {"ref": "b", "path": "x"}, "value": value}}


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
        ({"when": {"test": "empty"}}, f"step a, when.of: it is missing. {A_REF}"),
        ({"when": {"test": "not", "of": {"test": "empty"}}}, f"step a, when.of.of: it is missing. {A_REF}"),
        ({"when": "yes"}, f"step a, when: {A_TABLE}. Write a test, like " + WHEN),
        ({"when": {"test": "all", "of": []}}, "step a, when.of: it is empty. Write at least one."),
        (
            {"for_each": {"ref": "b", "take": "frist"}},
            "step a, for_each.take: it must be 'all', 'first', 'last', 'only' or 'count', or a whole number.",
        ),
        (
            compared("equals", None),
            "step a, when.value: it must be text, a whole number, a number, or true or false. Write what it "
            "is compared with: a value or a reference.",
        ),
        (compared("equals", {"ref": "b", "pth": "x"}),
         "step a, when.value.pth: there is no such field. Did you mean “path”?"),
        (compared("before", "2026-11-25"), "step a, when.value: the time needs a zone, like +01:00."),
        ({"deadline": "tomorrow"}, f"step a, deadline: {A_TIME}."),
        ({"priority": "high"}, "step a, priority: it must be a whole number."),
        ({"timeout": "5s"}, "step a, timeout: it must be a number."),
        ({"retry": 3}, f'step a, retry: {A_TABLE}. Write it like {{"attempts": 3, "backoff": 1}}.'),
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
    assert told(steps=[{"op": "schedule.list"}])[0].startswith("step 1, id: it is missing. Write lower-case ")
    assert told(steps=[{"id": "a" * 61, "op": 3}]) == ["step 1, op: it must be text."]
    assert told(steps={"id": "a"})[0].startswith(
        "steps: it must be a list. Write a list of steps, each like "
    )
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
