"""How it is said that many events move to another day at their own hours."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan
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
