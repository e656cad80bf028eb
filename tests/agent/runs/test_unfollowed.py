"""What is said where a condition did not hold."""

from __future__ import annotations

from typing import Any

from deskhand.agent.plans.language import Number, Ref, Step
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.unfollowed import unfollowed

MANY = Number(of=Ref(ref="agenda", path="count"), least=4)
LOOK = Step(id="agenda", op="calendar.agenda", purpose="look whether I have more than three meetings")
MAIL = Step(id="mail", op="mail.send", purpose="tell Bo", when=MANY)


def _states(**given: Any) -> dict[str, StepState]:
    return {n: StepState(n, s, value={"count": 2}) for n, s in given.items()}


def test_that_nothing_followed_and_why() -> None:
    said = unfollowed([LOOK, MAIL], _states(agenda="done", mail="unneeded"))
    assert said == [
        "I was to look whether I have more than three meetings (count: 2). So nothing followed; this was "
        "not done: tell Bo."
    ]


def test_nothing_of_it_where_it_was_done_or_something_else_was() -> None:
    assert unfollowed([LOOK, MAIL], _states(agenda="done", mail="done")) == []
    other = Step(id="other", op="mail.send", purpose="tell Ann", otherwise="mail")
    assert unfollowed([LOOK, MAIL, other], _states(agenda="done", mail="unneeded", other="done")) == []


def test_a_reference_that_is_empty_is_no_condition() -> None:
    mail = MAIL.model_copy(update={"when": Ref(ref="agenda", path="count")})
    assert unfollowed([LOOK, mail], _states(agenda="done", mail="unneeded")) == []
