"""What a wish says of days and hours becomes limits, all of it; what is not understood is asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known
from deskhand.agent.slots import SlotRequest

WEEK = {"start": "2026-11-23T00:00", "end": "2026-11-30T00:00"}
"""Next week, as seen from Sunday 22 November 2026."""


def day(number: int, first: str = "00:00", last: str = "") -> list[str]:
    over = f"2026-11-{number:02}T{last}" if last else f"2026-11-{number + 1:02}T00:00"
    return [f"2026-11-{number:02}T{first}", over]


SAID: dict[str, dict[str, Any]] = {
    "next week, not Monday, in the afternoon": {**WEEK, "not_on": [0], "parts": ["afternoon"]},
    "next week, in the afternoon, not Monday": {**WEEK, "not_on": [0], "parts": ["afternoon"]},
    "next week, in the afternoon": {**WEEK, "parts": ["afternoon"]},
    "in the afternoon next week": {**WEEK, "parts": ["afternoon"]},
    "next week, afternoons": {**WEEK, "parts": ["afternoon"]},
    "next week, afternoons only": {**WEEK, "parts": ["afternoon"]},
    "next week, mornings": {**WEEK, "parts": ["morning"]},
    "any morning next week": {**WEEK, "parts": ["morning"]},
    "one afternoon next week": {**WEEK, "parts": ["afternoon"]},
    "next week, morning or afternoon": {**WEEK, "parts": ["afternoon", "morning"]},
    "next week in the evening": {**WEEK, "between": ["17:00", "21:00"]},
    "next week after lunch": {**WEEK, "not_before": "14:00"},
    "next week before lunch": {**WEEK, "not_after": "12:00"},
    "at lunchtime next week": {**WEEK, "between": ["12:00", "14:00"]},
    "next week, outside lunch": {**WEEK, "keep_lunch": True},
    "next week, not in the morning": {**WEEK, "not_parts": ["morning"]},
    "next week between 2 and 5": {**WEEK, "between": ["14:00", "17:00"]},
    "between 2 and 5 next week": {**WEEK, "between": ["14:00", "17:00"]},
    "next week, not between 12 and 2": {**WEEK, "not_between": ["12:00", "14:00"]},
    "before noon next week": {**WEEK, "not_after": "12:00"},
    "next week until 4pm": {**WEEK, "not_after": "16:00"},
    "next week from 3": {**WEEK, "not_before": "15:00"},
    "next week around 3pm": {**WEEK, "between": ["14:30", "16:00"]},
    "next week at 3": {**WEEK, "between": ["15:00", "15:30"]},
    "next week not before 10 and not after 4": {**WEEK, "not_before": "10:00", "not_after": "16:00"},
    "late afternoon next week": {**WEEK, "between": ["14:30", "17:00"]},
    "next week in the late afternoon": {**WEEK, "between": ["14:30", "17:00"]},
    "next week, early in the morning": {**WEEK, "between": ["08:00", "10:00"]},
    "early next week": {"start": "2026-11-23T00:00", "end": "2026-11-25T00:00"},
    "later next week": {"start": "2026-11-26T00:00", "end": "2026-11-30T00:00"},
    "in the second half of next week": {"start": "2026-11-26T00:00", "end": "2026-11-30T00:00"},
    "next week before Thursday": {"start": "2026-11-23T00:00", "end": "2026-11-26T00:00"},
    "next week, Monday to Wednesday": {"start": "2026-11-23T00:00", "end": "2026-11-26T00:00"},
    "next week, not Friday afternoon": {**WEEK, "not_when": [[4, "afternoon"]]},
    "next week but not on Wednesday morning": {**WEEK, "not_when": [[2, "morning"]]},
    "next week, any time but Monday": {**WEEK, "not_on": [0]},
    "next week, preferably not Monday": {**WEEK, "likes_days": [1, 2, 3, 4, 5, 6]},
    "next week on Tuesday": {"start": "2026-11-24T00:00", "end": "2026-11-25T00:00"},
    "next week in the afternoon on Tuesday": {"start": "2026-11-24T12:00", "end": "2026-11-24T17:00"},
    "on Tuesday, but not before 10": {
        "start": "2026-11-24T00:00", "end": "2026-11-25T00:00", "not_before": "10:00",
    },
    "next Tuesday after 3": {"start": "2026-11-24T00:00", "end": "2026-11-25T00:00", "not_before": "15:00"},
    "Tuesday or Thursday afternoon": {"within": [day(24, "12:00", "17:00"), day(26, "12:00", "17:00")]},
    "on Tuesday morning or Wednesday afternoon": {
        "within": [day(24, "08:00", "12:00"), day(25, "12:00", "17:00")],
    },
    "Monday or Tuesday, after 2pm": {"within": [day(23), day(24)], "not_before": "14:00"},
    "on Thursday or Friday between 10 and 12": {
        "within": [day(26, "10:00", "12:00"), day(27, "10:00", "12:00")],
    },
    "next week, Monday or Friday, mornings": {"within": [day(23), day(27)], "parts": ["morning"]},
    "on Tuesday or Thursday at 3": {"within": [day(24, "15:00", "15:30"), day(26, "15:00", "15:30")]},
    "on weekdays next week": {"within": [day(23), day(24), day(25), day(26), day(27)]},
    "in the next two weeks, mornings, but never on a Monday": {"not_on": [0], "parts": ["morning"]},
    "within the next 3 days, mornings": {"parts": ["morning"], "end": "2026-11-26T00:00"},
}  # fmt: skip
WINDOW = {"start", "end", "minutes", "zone", "grid", "longest"}
LIMITS = frozenset(SlotRequest.__dataclass_fields__) - WINDOW | {
    "between", "not_between", "not_when", "keep_lunch", "likes_days", "likes_parts", "at", "rrule", "spaced",
}  # fmt: skip
ASKED = (
    "next week unless it rains",
    "next week, when Ann is back",
    "next week, only if Bo agrees",
    "during working hours next week",
    "next week in the am",
    "on Tuesday and Thursday",
)


def find(words: str, known: Known) -> dict[str, Any]:
    made = plan(words, known)
    assert isinstance(made, Plan), made
    return next(s for s in made.steps if s.op == "slots.find").args


def plain(value: Any) -> Any:
    """Moments to the minute, without their zone."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value[:16] if isinstance(value, str) and value[4:5] == "-" else value


@pytest.mark.parametrize("words", SAID)
@pytest.mark.parametrize(
    "wish", ["schedule 30 minutes with Ann", "find 30 minutes with Ann", "offer Ann three times"]
)
def test_every_limit_that_was_said_is_kept(wish: str, words: str, known: Known) -> None:
    args = find(f"{wish} {words}", known)
    for name, value in SAID[words].items():
        assert plain(args[name]) == value, name
    assert args.keys() & LIMITS == SAID[words].keys() & LIMITS
    made = plan(f"{wish} {words}", known)
    assert isinstance(made, Plan)
    events = [s.args["title"] for s in made.steps if s.op == "event.create"]
    assert all(title.endswith("Meeting with Ann") for title in events), "no words of a limit become a name"


@pytest.mark.parametrize("words", ASKED)
def test_a_limit_that_is_not_understood_is_asked_about(words: str, known: Known) -> None:
    made = plan(f"schedule 30 minutes with Ann {words}", known)
    assert isinstance(made, Unclear)
    assert "“" in made.message
    for choice in made.choices:
        assert isinstance(plan(choice, known), Plan), choice


@pytest.mark.parametrize(
    "words",
    ["about the only offer", "to discuss what if we fail", "for the early bird review", "called “Not now”"],
)
def test_a_name_that_sounds_like_a_limit_stays_a_name(words: str, known: Known) -> None:
    args = find(f"schedule 30 minutes with Ann next week {words}", known)
    assert not args.keys() & LIMITS


def test_a_day_of_next_week_is_not_the_one_of_this_week(known: Known) -> None:
    wednesday = replace(known, now=datetime(2026, 11, 25, 9, tzinfo=UTC))
    args = find("schedule 30 minutes with Ann next week, on Tuesday", wednesday)
    assert plain(args["start"]) == "2026-12-01T00:00"


def test_mornings_are_a_limit_and_every_morning_a_series(known: Known) -> None:
    assert "rrule" not in find("schedule 30 minutes with Ann, mornings", known)
    every = find("schedule 30 minutes with Ann every morning", known)["rrule"]
    assert every == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"  # of a working day


def test_hours_are_kept_beside_an_event(known: Known) -> None:
    args = find("schedule 30 minutes with Ann before the board meeting, in the afternoon", known)
    assert args["parts"] == ["afternoon"]


def test_hours_that_leave_nothing_are_said(known: Known) -> None:
    made = plan("schedule 30 minutes with Ann next week from 4, before noon", known)
    assert isinstance(made, Unclear)
    assert "No time is both" in made.message


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("before the board meeting", "before"),
        ("not after the board meeting", "before"),
        ("after the board meeting", "after"),
        ("but not before the board meeting", "after"),
    ],
)
def test_not_before_an_event_is_after_it(words: str, side: str, known: Known) -> None:
    args = find(f"schedule 30 minutes with Ann next week, {words}", known)
    assert [one["side"] for one in args["beside"]] == [side]
    assert {n: plain(args[n]) for n in WEEK} == WEEK, "the week holds as well"


@pytest.mark.parametrize("words", ["not after 4pm", "but never after 4pm"])
def test_not_after_an_hour_is_before_it(words: str, known: Known) -> None:
    args = find(f"schedule 30 minutes with Ann next week, {words}", known)
    assert args["not_after"] == "16:00"
    assert "not_before" not in args


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ("after 3pm only", {"not_before": "15:00"}),
        ("before 3pm only", {"not_after": "15:00"}),
        ("after 3pm on", {"not_before": "15:00"}),
    ],
)
def test_only_behind_an_hour_is_no_title(words: str, limit: dict[str, str], known: Known) -> None:
    made = plan(f"book an hour with Ann tomorrow {words}", known)
    assert isinstance(made, Plan), made
    found = {s.op: s.args for s in made.steps}
    assert limit.items() <= found["slots.find"].items()
    assert found["event.create"]["title"] == "Meeting with Ann"


@pytest.mark.parametrize(
    ("behind", "limit"),
    [
        ("mornings are out", ("not_parts", ["morning"])),
        ("Wednesdays are no good", ("not_on", [2])),
        ("Fridays excluded", ("not_on", [4])),
        ("mornings don't work for me", ("not_parts", ["morning"])),
        ("Friday isn't possible", ("not_on", [4])),
    ],
)
def test_what_is_ruled_out_from_behind_rules_out_nothing_else(
    behind: str, limit: tuple[str, object], known: Known
) -> None:
    made = plan(f"book an hour with Will next week, {behind}", known)
    assert isinstance(made, Plan), made
    args = made.steps[0].args
    assert (args["start"][:10], args["end"][:10]) == ("2026-11-23", "2026-11-30")
    assert "avoid" not in args
    assert args[limit[0]] == limit[1]


@pytest.mark.parametrize("day", ["tue", "tues", "Tuesday", "on tue"])
def test_four_digits_behind_a_day_are_its_clock(day: str, known: Known) -> None:
    made = plan(f"book an hour with bo {day} 0930", known)
    assert isinstance(made, Plan), made
    assert made.steps[0].args["at"].startswith("2026-11-24T09:30")


@pytest.mark.parametrize("words", ["accept the lunch tomorrow", "decline the lunch with Ann tomorrow"])
def test_a_meal_that_is_answered_is_what_is_called_so(words: str, known: Known) -> None:
    made = plan(words, known)
    assert isinstance(made, Plan), made
    args = made.steps[0].args
    assert (args["about"], args["start"][:16], args["end"][:16]) == (
        "lunch", "2026-11-23T00:00", "2026-11-24T00:00",
    )  # fmt: skip


@pytest.mark.parametrize("words", ["what came in from Ann?", "which mails are unread"])
def test_what_came_in_is_no_mail_that_waits(words: str, known: Known) -> None:
    made = plan(words, known)
    assert isinstance(made, Unclear) or all(s.op != "threads.waiting" for s in made.steps)
