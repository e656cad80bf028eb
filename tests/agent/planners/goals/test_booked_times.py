"""When something is booked or moved, where clocks and dates are written as people write them."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("book Ann tomorrow at 9 45 for half an hour", "23T09:45"),
        ("book twenty minutes with Bo on Thursday at 16.15 Uhr", "26T16:15"),
        ("book Bo for an hour on Friday at 13h", "27T13:00"),
    ],
)
def test_a_clock_is_read_however_it_is_written(words: str, at: str, known: Known) -> None:
    assert only(made(words, known), "slots.find").args["at"].startswith(f"2026-11-{at}")


def test_minutes_behind_an_hour_are_a_length(known: Known) -> None:
    find = only(made("book Bo tomorrow at 9 20 minutes", known), "slots.find").args
    assert (find["at"][:16], find["minutes"]) == ("2026-11-23T09:00", 20)


@pytest.mark.parametrize(
    "words", ["meet Ann tomorrow from 5pm to 2pm", "book a call with Bo on Friday from 11:00 to 10:30"]
)
def test_a_stretch_that_ends_before_it_begins_is_asked_about(words: str, known: Known) -> None:
    assert "into the next day" in asked(words, known).message


def test_a_party_that_begins_at_seven_does_not_last_until_midnight(known: Known) -> None:
    find = only(made("plan a pub quiz with Ann on Thursday from 7pm", known), "slots.find").args
    assert (find["at"][:16], find["minutes"]) == ("2026-11-26T19:00", 30)


@pytest.mark.parametrize("words", ["cancel the rehearsal on 4.12", "cancel the 14.30 pitch 2026-12-01"])
def test_a_number_that_looks_like_a_time_is_no_part_of_a_name(words: str, known: Known) -> None:
    asked(words, known)


def test_the_dot_of_a_date_at_the_end_is_not_taken_for_a_full_stop(known: Known) -> None:
    find = only(made("cancel the rehearsal on 4.12.", known), "event.find").args
    assert (find["about"], find["start"][:10]) == ("rehearsal", "2026-12-04")


@pytest.mark.parametrize(
    ("words", "start", "clock"),
    [
        ("the tasting on Thursday should be at 16h instead of 15h", "2026-11-26T15:00", "16:00"),
        ("move the pitch on Tuesday to 11:30 instead of 11:00", "2026-11-24T11:00", "11:30"),
    ],
)
def test_what_a_time_was_says_which_event_is_meant(words: str, start: str, clock: str, known: Known) -> None:
    plan = made(words, known)
    assert only(plan, "event.find").args["start"].startswith(start)
    assert only(plan, "event.shift").args["clock"] == clock


def test_nothing_is_moved_by_a_length_that_it_is_moved_to(known: Known) -> None:
    asked("move the tasting to two hours", known)
