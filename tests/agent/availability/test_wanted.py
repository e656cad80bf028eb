"""The words for a meeting's window, as what the meeting must keep to."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskhand.agent.availability.wanted import AHEAD, NotUnderstood, Wanted, wanted
from deskhand.agent.slots import Interval

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""A Sunday."""
LISBON = ZoneInfo("Europe/Lisbon")


def read(text: str, **given: Any) -> Wanted:
    return wanted(text, now=NOW, zone="Europe/Lisbon", locale="en_GB", **given)


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, 1, hour, tzinfo=LISBON) + timedelta(days=day - 1)


def test_no_words_are_two_weeks() -> None:
    assert read("") == Wanted(NOW, NOW + AHEAD)


def test_a_week_without_a_day_in_a_part_of_the_day() -> None:
    said = read("next week, not Friday, mornings")
    assert (said.start, said.end) == (at(23), at(30))
    assert (said.not_on, said.parts) == (frozenset({4}), frozenset({"morning"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not before 10", {"not_before": time(10)}),
        ("after 3pm", {"not_before": time(15)}),
        ("not after 4pm", {"not_after": time(16)}),
        ("between 10 and 12", {"not_before": time(10), "not_after": time(12)}),
        ("except mornings", {"not_parts": frozenset({"morning"})}),
        ("not Tuesday or Friday", {"not_on": frozenset({1, 4})}),
        ("no Fridays", {"not_on": frozenset({4})}),
        ("in the afternoon", {"parts": frozenset({"afternoon"})}),
        ("45 minutes", {"minutes": 45}),
    ],
)
def test_rules_of_every_day(text: str, expected: dict[str, Any]) -> None:
    assert read(text) == Wanted(NOW, NOW + AHEAD, **expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("next week, not Monday, in the afternoon", {"not_on": {0}, "parts": {"afternoon"}}),
        ("next week, in the afternoon, not Monday", {"not_on": {0}, "parts": {"afternoon"}}),
        ("next week, mornings", {"parts": {"morning"}}),
        ("next week, morning or afternoon", {"parts": {"morning", "afternoon"}}),
        ("late afternoon next week", {"not_before": time(14, 30), "not_after": time(17)}),
        ("next week between 2 and 5", {"not_before": time(14), "not_after": time(17)}),
        ("between 2 and 5 next week", {"not_before": time(14), "not_after": time(17)}),
        ("next week from 3", {"not_before": time(15)}),
        ("next week after lunch", {"not_before": time(14)}),
        ("before noon next week", {"not_after": time(12)}),
        ("next week around 3pm", {"not_before": time(14, 30), "not_after": time(16)}),
        ("next week, except mornings, before 4", {"not_parts": {"morning"}, "not_after": time(16)}),
    ],
)
def test_hours_of_every_day_of_a_week(text: str, expected: dict[str, Any]) -> None:
    assert read(text) == Wanted(at(23), at(30), **expected)


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("Tuesday or Thursday at 3", [(at(24, 15), 30), (at(26, 15), 30)]),
        ("next week, Monday or Friday", [(at(23), 24 * 60), (at(27), 24 * 60)]),
        ("tomorrow or Friday between 2 and 4", [(at(23, 14), 120), (at(27, 14), 120)]),
    ],
)
def test_days_to_choose_from(text: str, within: list[tuple[datetime, int]]) -> None:
    found = [(i.start, (i.end - i.start).total_seconds() / 60) for i in read(text).within]
    assert found == within


def test_a_day_is_that_of_the_week_said_beside_it() -> None:
    said = wanted("next week, on Tuesday", now=at(25, 9), zone="Europe/Lisbon", locale="en_GB")
    assert (said.start, said.end) == (at(31), at(32))


@pytest.mark.parametrize("text", ["next month, tomorrow", "next year, this Friday"])
def test_what_does_not_fit_together_is_said(text: str) -> None:
    with pytest.raises(NotUnderstood, match="say which is meant"):
        read(text)


def test_a_day_narrows_its_week() -> None:
    said = read("next week on Tuesday")
    assert (said.start, said.end, said.within) == (at(24), at(25), ())


def test_one_of_several_stretches() -> None:
    said = read("Tuesday afternoon or Thursday afternoon")
    assert [(i.start, i.end) for i in said.within] == [(at(24, 12), at(24, 17)), (at(26, 12), at(26, 17))]
    assert (said.start, said.end) == (at(24, 12), at(26, 17))


def test_days_that_come_again() -> None:
    said = read("Tuesdays in the morning")
    assert [(i.start, i.end) for i in said.within] == [(at(24, 8), at(24, 12)), (at(31, 8), at(31, 12))]


def test_a_date_ruled_out_is_avoided() -> None:
    (avoid,) = read("in the next two weeks, not the 27th").avoid
    assert (avoid.start, avoid.end) == (at(27), at(28))


def test_what_a_recurrence_leaves_out() -> None:
    said = read("weekdays except Friday")
    assert said.not_on == frozenset({4})
    assert {i.start.weekday() for i in said.within} == {0, 1, 2, 3, 4}


def test_before_and_after_a_day() -> None:
    assert read("before Wednesday").end == at(25)
    assert read("after Wednesday").start == at(26)


def test_a_time_that_was_said_is_the_meeting() -> None:
    said = read("tomorrow at 3pm", minutes=45)
    assert (said.start, said.end) == (at(23, 15), at(23, 15) + timedelta(minutes=45))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("before the board meeting", NOW, at(25, 10)),
        ("after the board meeting", at(25, 12), at(25, 12) + AHEAD),
        ("an hour after the board meeting", at(25, 13), at(25, 13) + timedelta(minutes=30)),
        ("during the board meeting", at(25, 10), at(25, 12)),
    ],
)
def test_relative_to_an_event(text: str, start: datetime, end: datetime) -> None:
    said = read(text, event=lambda words: Interval(at(25, 10), at(25, 12)))
    assert (said.start, said.end) == (start, end)


def test_an_event_nobody_can_look_up() -> None:
    with pytest.raises(NotUnderstood, match="say the time itself"):
        read("before the board meeting")


def test_bounds_hold_besides_the_words() -> None:
    said = read("next week", start=at(24), end=at(26))
    assert (said.start, said.end) == (at(24), at(26))


@pytest.mark.parametrize(
    "text",
    ["next week with the dragon", "whenever Bo's boat is back", "asap", "next week, not really"],
)
def test_words_that_are_no_time_are_not_passed_over(text: str) -> None:
    with pytest.raises(NotUnderstood, match="is no time that can be read"):
        read(text)


def test_stretches_without_a_common_time() -> None:
    with pytest.raises(NotUnderstood, match="no time"):
        read("tomorrow, Fridays")


def test_likes_and_lengths_are_kept_as_in_a_request() -> None:
    said = read("next week, preferably mornings, 30 to 45 minutes, no back-to-back")
    assert said.also == {"likes_parts": ["morning"], "longest": 45, "spaced": 15}
    assert said.minutes == 30


@pytest.mark.parametrize("text", ["next week, even if something must move", "next week in room Den"])
def test_what_only_a_booking_keeps_to_is_said(text: str) -> None:
    with pytest.raises(NotUnderstood, match="named by options"):
        read(text)
