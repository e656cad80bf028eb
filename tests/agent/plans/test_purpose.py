"""What a step is for is said in words, also where its plan does not say it."""

from __future__ import annotations

import pytest
from agent_givens import ANN, House, box, draft, event

from deskhand.agent.actions import actions
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.purpose import plain_name, purpose_of
from deskhand.connectors.operations import OPERATIONS


def unsaid(step: Step) -> Step:
    return step.model_copy(update={"purpose": ""})


@pytest.mark.parametrize("op", [*OPERATIONS, *actions()])
def test_every_operation_has_a_plain_name(op: str) -> None:
    said = plain_name(op)
    assert said[:1].islower()
    assert op not in said


def test_no_two_writes_are_called_the_same() -> None:
    assert len({plain_name(op) for op in OPERATIONS}) == len(OPERATIONS)


def test_what_the_plan_says_goes_first() -> None:
    assert purpose_of(Step(id="a", op="mail.send", purpose="tell Bo")) == "tell Bo"


def test_what_was_not_done_is_said_plainly(house: House) -> None:
    run = house.do(draft("a"), unsaid(event("b", attendees=[box(ANN)])))
    stopped = house.app.cancel(run.id)
    assert "So this was not done: put an event into the calendar." in stopped.answer


def test_so_is_what_is_taken_back(house: House) -> None:
    done = house.do(unsaid(draft("a")))
    undone = house.app.undo(done.id)
    assert undone.plan is not None
    assert undone.plan.steps[0].purpose == "take back: write a draft"
