"""How it is said that what overlaps an event shall go, and what becomes of it."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

BARE = ("event.find", "event.list", "invitation.reply", "mail.send", "event.respond")
OFFERED = (
    "event.find", "event.list", "slots.instead", "invitation.reply", "mail.send", "event.respond",
)  # fmt: skip


@pytest.mark.parametrize(
    ("say", "about"),
    [
        ("decline what overlaps the board meeting and offer each organiser the next gap I have", "board"),
        ("Decline everything that clashes with the demo on Thursday, and offer them another time.", "demo"),
        (
            "decline whatever conflicts with my review on Friday and propose each organizer my next slot",
            "review",
        ),
        ("turn down everything during the board meeting and offer them the next free half hour", "board"),
        (
            "decline all I'm invited to during “Board day” and tell each organiser when I am next free",
            "Board day",
        ),
        ("decline everything at the same time as the demo; offer everyone the next time I have", "demo"),
        (
            "Could you decline the meetings clashing with my offsite and offer each organiser a gap?",
            "offsite",
        ),
        ("decline the meetings which run into the demo and give the organizers my next opening", "demo"),
        ("if something overlaps with the demo on monday decline it and offer them the next gap", "demo"),
        ("I have to be at the walk, so decline whatever else is on then and offer my next gap", "walk"),
        (
            "the audit has priority: decline what clashes with it and offer each organiser the next gap",
            "audit",
        ),
    ],
)
def test_declined_and_offered(say: str, about: str, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan), made
    assert tuple(s.op for s in made.steps) == OFFERED
    assert made.steps[0].args["about"] == about
    chosen = plan(made.steps[0].args["template"].format("“Budget” on 2026-11-26 at 10:00"), known)
    assert isinstance(chosen, Plan), chosen
    assert tuple(s.op for s in chosen.steps) == OFFERED
    assert chosen.steps[0].args["start"].startswith("2026-11-26T10:00")


@pytest.mark.parametrize(
    ("say", "which"),
    [
        ("decline what overlaps the board meeting", {}),
        ("decline Bo's meetings that overlap the board meeting", {"person": "bo@example.org"}),
        ("decline the budget review that overlaps the board meeting", {"about": "budget review"}),
        ("decline the call at the same time as the board meeting", {"about": "call"}),
    ],
)
def test_only_declined(say: str, which: dict[str, str], known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan), made
    assert tuple(s.op for s in made.steps) == BARE
    listed = made.steps[1].args
    assert {n: listed[n] for n in ("person", "about") if n in listed} == which
    assert listed["what"] == "decline"


@pytest.mark.parametrize(
    ("say", "window"),
    [
        ("on Friday afternoon", {"start": "2026-11-27T12:00", "end": "2026-11-27T17:00"}),
        ("next week", {"start": "2026-11-23T00:00", "end": "2026-11-30T00:00"}),
        ("not on Monday", {"not_on": [0]}),
        ("after 3pm", {"not_before": "15:00"}),
    ],
)
def test_limits_of_the_gap(say: str, window: dict[str, object], known: Known) -> None:
    made = plan(f"decline what overlaps the demo and offer each organiser the next gap I have {say}", known)
    assert isinstance(made, Plan), made
    args = made.steps[2].args
    for name, value in window.items():
        given = args[name]
        assert (
            given.startswith(value) if isinstance(given, str) and isinstance(value, str) else given == value
        )


@pytest.mark.parametrize(
    ("say", "asked"),
    [
        ("decline what overlaps the board meeting and offer each organiser three slots", "one time"),
        ("decline what overlaps the board meeting and offer each organiser lunch", "What shall I offer them"),
        ("move everything that overlaps the board meeting to the next gap", "not what overlaps an event"),
        (
            "cancel what overlaps the board meeting and offer everybody the next gap",
            "not for what is cancelled",
        ),
    ],
)
def test_asked_about(say: str, asked: str, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Unclear), made
    assert asked in made.message


@pytest.mark.parametrize(
    "say", ["decline everything during lunch on Friday", "decline “Clashes with Bo” on Friday"]
)
def test_no_event_is_meant(say: str, known: Known) -> None:
    made = plan(say, known)
    assert not isinstance(made, Plan) or made.steps[0].op != "event.find"
