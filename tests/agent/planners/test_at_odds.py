"""Wishes that are at odds with themselves, or say less than it seems: asked about, never guessed."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("say", "asked", "choices"),
    [
        ("book a meeting with Ann tomorrow at 3pm in the morning", "3pm is not in the morning", 1),
        ("move the review to 16:00 in the morning", "16:00 is not in the morning", 1),
        ("book a call with Bo at 8am in the evening on Monday", "8am is not in the evening", 1),
        ("is Ann free tomorrow at 4pm in the morning", "4pm is not in the morning", 1),
        ("meet with Ann or Bo tomorrow at 2", "Ann or Bo: which of them?", 2),
        ("mail Ann or Bo: hello", "Ann or Bo: which of them?", 2),
        ("schedule a call with Bo on Monday, only on Tuesday", "are different days", 2),
        ("block the whole of Friday", "one day at a time", 1),
        ("block all of Friday for the report", "one day at a time", 1),
        ("block the whole of Friday until Tuesday", "one day at a time", 0),
        ("block from 2 until 3 until Wednesday", "It would be over before", 0),
        ("move it to Friday", "What is “it”?", 0),
    ],
)
def test_asked(say: str, asked: str, choices: int, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Unclear), made
    assert asked in made.message
    assert len(made.choices) == choices
    assert all(isinstance(plan(c, known), Plan) for c in made.choices)


@pytest.mark.parametrize(
    "say",
    [
        "book a call with Ann on Thursday at 3:00 in the afternoon",
        "book a call with Ann tomorrow at 12:30 in the afternoon",
        "book a call with Ann tomorrow at 8pm in the evening",
        "is Ann or Bo free tomorrow at 3",
        "block Friday from 9:00 to 17:00",
        "hold Friday from 2 until 3 until Wednesday",
    ],
)
def test_not_asked(say: str, known: Known) -> None:
    assert isinstance(plan(say, known), Plan)


def test_the_last_until_is_the_term(known: Known) -> None:
    made = plan("hold Friday from 2 until 3 until Wednesday", known)
    assert isinstance(made, Plan)
    assert (made.steps[0].args["minutes"], made.steps[0].args["at"][:16]) == (60, "2026-11-27T14:00")
    assert made.steps[1].args["hold_until"].startswith("2026-11-26")


@pytest.mark.parametrize(
    ("say", "longer"),
    [
        ("add 15 minutes to the review", 15),
        ("take 10 minutes off the review on Thursday", -10),
        ("take 10 minutes off it", 0),
    ],
)
def test_minutes_put_on_or_taken_off(say: str, longer: int, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan) == bool(longer)
    if isinstance(made, Plan):
        assert made.steps[1].args["longer"] == longer
