"""Events that are there, said in ways that name a part of them, a part of a day, or who is in them."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.profile import Known


def test_a_part_of_an_event_is_called_by_the_event(known: Known) -> None:
    plan = made("I'll miss the first half hour of the inspection, tell the others in it", known)
    assert only(plan, "event.find").args["about"] == "inspection"


@pytest.mark.parametrize(
    "words", ["cancel the last 20 minutes of the inspection", "move the rest of the tasting to 4pm"]
)
def test_a_part_of_an_event_is_not_cancelled_with_the_whole(words: str, known: Known) -> None:
    assert "a part of an event" in asked(words, known).message


def test_the_meetings_of_a_part_of_a_day(known: Known) -> None:
    find = only(
        made("push my morning appointments on Tuesday back by half an hour", known), "event.list"
    ).args
    assert (find["start"][:16], find["end"][:16]) == ("2026-11-24T08:00", "2026-11-24T12:00")


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("could we have dinner with Bo twenty minutes later?", 1200),
        ("can we start the interview an hour earlier", -3600),
    ],
)
def test_what_is_had_later_is_moved(words: str, seconds: int, known: Known) -> None:
    assert only(made(words, known), "event.shift").args["seconds"] == seconds


def test_what_got_moved_is_moved_here_too(known: Known) -> None:
    plan = made("the school concert was postponed to 11 December at 6pm, please update my calendar", known)
    assert only(plan, "event.find").args["about"] == "school concert"
    assert only(plan, "event.shift").args["start"].startswith("2026-12-11T18:00")


def test_a_group_is_booked_for_a_while(known: Known) -> None:
    event = only(made("book the leads for ninety minutes on Thursday", known), "event.create").args
    assert [p["address"] for p in event["attendees"]] == ["marta@example.org", "will@example.com"]


def test_a_whole_day_is_blocked_for_good(known: Known) -> None:
    plan = made("block my entire day on 4 December, it's our wedding anniversary", known)
    find, event = only(plan, "slots.find").args, only(plan, "event.create").args
    assert (find["at"][:16], find["minutes"]) == ("2026-12-04T00:00", 1440)
    assert "status" not in event


@pytest.mark.parametrize("words", ["when's my next one with Ann", "when are we meeting Ann next"])
def test_only_the_next_one_is_shown(words: str, known: Known) -> None:
    assert only(made(words, known), "calendar.agenda").args["first"] is True


def test_whether_somebody_can_make_an_hour(known: Known) -> None:
    assert (
        only(made("can Yuki do 11 on Friday", known), "calendar.free").args["start"][:16]
        == "2026-11-27T11:00"
    )


def test_when_somebody_is_free_next(known: Known) -> None:
    assert only(made("when is Will next available", known), "slots.find").args["people"] == [
        "will@example.com"
    ]


def test_after_what_a_reason_ends(known: Known) -> None:
    find = only(
        made("I teach until 10.30 so book half an hour with Bo on Friday after that", known), "slots.find"
    )
    assert find.args["not_before"] == "10:30"


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("don't let me forget the boiler service on Tuesday at 9, put it in my diary", "Boiler service"),
        ("put the plumber in for Thursday 16:30", "Plumber"),
        ("hold Friday 2-4pm for report writing", "Report writing"),
    ],
)
def test_what_is_put_into_the_calendar_keeps_its_name(words: str, title: str, known: Known) -> None:
    assert only(made(words, known), "event.create").args["title"] == title


@pytest.mark.parametrize(
    "words",
    [
        "get Bo and me together for an hour on Friday",
        "find the first half hour that fits Bo and me on Friday and book it",
    ],
)
def test_who_is_brought_together(words: str, known: Known) -> None:
    event = only(made(words, known), "event.create").args
    assert [p["address"] for p in event["attendees"]] == ["bo@example.org"]
