"""A time that is held says until when, for how long, and so does every choice of a question about it."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "at", "minutes", "until"),
    [
        ("hold Thursday 14:00 to 15:00 for the budget until Tuesday", "26T14:00", 60, "25T00:00"),
        ("hold Thursday 14:00 for 45 minutes until Tuesday", "26T14:00", 45, "25T00:00"),
        ("hold an hour on Thursday at 14:00 until tomorrow evening", "26T14:00", 60, "23T21:00"),
        ("hold an hour on Thursday at 14:00 until tomorrow at 17:00", "26T14:00", 60, "23T17:00"),
    ],
)
def test_a_time_is_held_until_what_was_said(
    words: str, at: str, minutes: int, until: str, known: Known
) -> None:
    made = plan(words, known)
    assert isinstance(made, Plan), made
    find, event = (next(s for s in made.steps if s.op == op) for op in ("slots.find", "event.create"))
    assert find.args["at"].startswith(f"2026-11-{at}")
    assert find.args["minutes"] == minutes
    assert event.args["status"] == "tentative"
    assert event.args["hold_until"].startswith(f"2026-11-{until}")

    choice = find.args["template"].format("on 2026-11-26 at 16:00")
    again = plan(choice, known)
    assert isinstance(again, Plan), choice
    find, event = (next(s for s in again.steps if s.op == op) for op in ("slots.find", "event.create"))
    assert find.args["minutes"] == minutes, "the choice is as long"
    assert event.args["hold_until"].startswith(f"2026-11-{until}"), "and as long kept"


def test_a_clock_time_without_a_day_ends_the_time_itself(known: Known) -> None:
    made = plan("hold 30 minutes tomorrow until noon", known)
    assert isinstance(made, Plan), made
    assert next(s for s in made.steps if s.op == "slots.find").args["not_after"] == "12:00"


def test_the_choices_for_a_stretch_of_clock_are_as_long(known: Known) -> None:
    made = plan("book Thursday 14:00 to 15:30 with Ann", known)
    assert isinstance(made, Plan), made
    find = next(s for s in made.steps if s.op == "slots.find")
    again = plan(find.args["template"].format("on 2026-11-26 at 16:00"), known)
    assert isinstance(again, Plan)
    assert next(s for s in again.steps if s.op == "slots.find").args["minutes"] == 90


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("offer Ann four times next week for 45 minutes", 4),
        ("offer Ann 5 times next week for 45 minutes", 5),
        ("propose ten slots to ann@example.org next week for half an hour", 10),
        ("offer Ann two times next week for 45 minutes", 2),
        ("offer Ann times next week for 45 minutes", 3),
    ],
)
def test_so_many_times_are_offered_as_was_said(said: str, count: int, known: Known) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    find = next(s for s in made.steps if s.op == "slots.find")
    assert [s.op for s in made.steps].count("event.create") == count
    assert next(s for s in made.steps if s.op == "offer.compose").args["most"] == count
    assert find.args.get("count", 3) >= count, "so many are looked for"


@pytest.mark.parametrize("said", ["offer Ann 12 times next week", "offer Ann twelve slots next week"])
def test_the_most_that_is_offered_is_said(said: str, known: Known) -> None:
    made = plan(said, known)
    assert isinstance(made, Unclear)
    assert "one to 10 times" in made.message
    assert isinstance(plan(made.choices[0], known), Plan)
