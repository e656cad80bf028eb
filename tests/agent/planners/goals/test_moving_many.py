"""How it is said that many events move to another day at their own hours."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

THURSDAY, AFTERNOON = ("2026-11-26T00:00", "2026-11-27T00:00"), ("2026-11-26T12:00", "2026-11-26T17:00")


@pytest.mark.parametrize(
    ("say", "window", "days"),
    [
        ("move everything I have on Thursday afternoon to the same time on Friday", AFTERNOON, 1),
        ("Move everything on Thursday afternoon to Friday", AFTERNOON, 1),
        ("please shift all of my Thursday afternoon to the same times on Friday", AFTERNOON, 1),
        ("could you push everything I've got Thursday afternoon to Friday, same time", AFTERNOON, 1),
        ("reschedule all my meetings on Thursday afternoon to the same hours on Friday", AFTERNOON, 1),
        ("move all my Thursday meetings to Friday at the same time", THURSDAY, 1),
        ("move my Thursday meetings to the following Monday at the same times", THURSDAY, 4),
        ("move everything on Thursday by a week", THURSDAY, 7),
        ("postpone everything on Thursday by one day", THURSDAY, 1),
        ("shift everything from Thursday afternoon to Friday afternoon", AFTERNOON, 1),
        ("move everything that I have Thursday afternoon onto Friday at the same time", AFTERNOON, 1),
        ("I need to move everything I have on Thursday to Wednesday", THURSDAY, -1),
    ],
)
def test_each_keeps_its_hour(say: str, window: tuple[str, str], days: int, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan), made
    ops = tuple(s.op for s in made.steps)
    assert ops == ("event.list", "event.shift", "event.update", "event.notice", "mail.send")
    listed = made.steps[0].args
    assert (listed["start"][:16], listed["end"][:16], listed["what"]) == (*window, "move")
    assert "about" not in listed
    assert made.steps[1].args["days"] == days


@pytest.mark.parametrize(
    ("say", "by"),
    [
        ("move everything on Thursday afternoon by half an hour", {"seconds": 1800}),
        ("push everything on Thursday afternoon back by an hour", {"seconds": 3600}),
        ("move everything on Thursday afternoon 20 minutes later", {"seconds": 1200}),
        ("bring everything on Thursday afternoon forward by an hour", {"seconds": -3600}),
        ("shift my meetings on Thursday afternoon back a week", {"days": 7}),
    ],
)
def test_by_how_long(say: str, by: dict[str, int], known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan), made
    assert [s.op for s in made.steps][:3] == ["event.list", "event.shift", "event.update"]
    assert (made.steps[0].args["start"][:16], made.steps[0].args["end"][:16]) == AFTERNOON
    assert "about" not in made.steps[0].args
    assert {n: v for n, v in made.steps[1].args.items() if n != "event"} == by


def test_a_weekday_that_may_be_before_or_after_is_asked_about(known: Known) -> None:
    made = plan("move everything on Friday to Monday", known)
    assert isinstance(made, Unclear)
    assert made.message == "To Monday 23 November, which is before it, or to Monday 30 November, after it?"
    shifted = [plan(choice, known) for choice in made.choices]
    assert [p.steps[1].args["days"] for p in shifted if isinstance(p, Plan)] == [-4, 3]


@pytest.mark.parametrize("say", ["move everything on Thursday", "postpone everything on Friday"])
def test_what_shall_move_is_never_cancelled(say: str, known: Known) -> None:
    assert isinstance(plan(say, known), Unclear)
