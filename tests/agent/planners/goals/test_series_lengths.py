"""How long each time of a series is, and how many there are, as it was said."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "minutes", "rrule"),
    [
        ("every Wednesday at 16:00 for an hour", 60, "FREQ=WEEKLY;BYDAY=WE"),
        ("every Wednesday from 16:00 to 17:00", 60, "FREQ=WEEKLY;BYDAY=WE"),
        ("every other Wednesday at 16:00 for 45 minutes, 5 times", 45, "INTERVAL=2;BYDAY=WE;COUNT=5"),
        ("every Wednesday at 4 for an hour until March", 60, "BYDAY=WE;UNTIL=20270331T225959Z"),
        ("every Wednesday at 16:00 for six weeks", 30, "BYDAY=WE;UNTIL=20270105T235959Z"),
        ("for an hour every Wednesday at 16:00", 60, "FREQ=WEEKLY;BYDAY=WE"),
    ],
)
def test_a_length_behind_a_series_is_that_of_each_of_its_times(
    words: str, minutes: int, rrule: str, known: Known
) -> None:
    made = plan(f"book coffee with Ann {words}", known)
    assert isinstance(made, Plan), made
    find, event = (next(s for s in made.steps if s.op == op) for op in ("slots.find", "event.create"))
    assert find.args["minutes"] == minutes
    assert find.args["rrule"].endswith(rrule)
    assert event.args["title"] == "Coffee with Ann"


@pytest.mark.parametrize("joint", ["or", "and"])
def test_two_clock_times_of_one_day_are_a_question(joint: str, known: Known) -> None:
    made = plan(f"schedule an hour with Ann on Thursday at 11am {joint} 3pm", known)
    assert isinstance(made, Unclear), made
    assert "3pm" in made.message
    assert len(made.choices) == 2
    for choice, hour in zip(made.choices, ("11:00", "15:00"), strict=True):
        one = plan(choice, known)
        assert isinstance(one, Plan), choice
        at = next(s for s in one.steps if s.op == "slots.find").args
        assert at["at"].startswith(f"2026-11-26T{hour}")
        assert at["minutes"] == 60


def test_an_hour_said_twice_is_no_question(known: Known) -> None:
    assert isinstance(plan("schedule an hour with Ann on Thursday at 3pm, not Monday", known), Plan)


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("dinner with Ann on Friday at 8", "27T20:00"),
        ("dinner with Ann on Friday at 8 in Porto", "27T20:00"),
        ("dinner with Ann on Friday at 8am", "27T08:00"),
        ("lunch with Ann on Friday at 1", "27T13:00"),
        ("breakfast with Ann on Friday at 8", "27T08:00"),
    ],
)
def test_a_meal_is_at_its_time_of_the_day(words: str, at: str, known: Known) -> None:
    made = plan(f"book {words}", known)
    assert isinstance(made, Plan), made
    assert next(s for s in made.steps if s.op == "slots.find").args["at"].startswith(f"2026-11-{at}")


def test_two_meetings_one_after_the_other_are_not_one_with_both(known: Known) -> None:
    made = plan("schedule 30 minutes with Ann and then 30 minutes with Yuki on Tuesday", known)
    assert isinstance(made, Unclear), made
    people, days = [], set()
    for choice in made.choices:
        one = plan(choice, known)
        assert isinstance(one, Plan), choice
        find = next(s for s in one.steps if s.op == "slots.find").args
        people.append(find["people"])
        days.add(find["start"][:10])
    assert people == [["ann@example.org"], ["yuki@example.net"]]
    assert days == {"2026-11-24"}, "the day is said of both"
