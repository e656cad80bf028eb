"""Which of several calendars something is booked into: as it is said, as it is set, else the first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known, Place

ABLE = frozenset({"event.create", "event.update", "event.cancel"})


@pytest.fixture
def several(known: Known) -> Known:
    more = (
        Place("work", "msgraph_calendar", ABLE, frozenset({"event"}), account="noor@work.example"),
        Place("side-jobs", "gcalendar", ABLE, frozenset({"event"})),
        Place("theirs", "caldav", ABLE, frozenset({"event"}), owner="bo@example.org"),
        Place("shut", "caldav", frozenset(), frozenset({"event"})),
    )
    return replace(known, places=(*known.places, *more))


def booked(words: str, known: Known) -> list[tuple[str, str]]:
    """Where what is written, and its title."""
    made = plan(words, known)
    assert isinstance(made, Plan), made.message
    return [(s.args["source"], s.args["title"]) for s in made.steps if s.op == "event.create"]


@pytest.mark.parametrize(
    ("words", "where", "title"),
    [
        ("book lunch with Ann tomorrow at 1", "calendar", "Lunch with Ann"),
        ("book lunch with Ann tomorrow at 1 in my work calendar", "work", "Lunch with Ann"),
        ("in my work calendar, book lunch with Ann tomorrow at 1", "work", "Lunch with Ann"),
        ("block Tuesday from 9 to 10 in my Outlook calendar for writing", "work", "Writing"),
        ("put an hour of writing in my side jobs calendar on Tuesday at 10:00", "side-jobs", "Writing"),
        ("add a dentist appointment on Friday at 9 to the work calendar", "work", "Dentist appointment"),
        ("hold Thursday 14:00 to 15:00 for the budget until Tuesday in my work calendar", "work", "Budget"),
        ("put lunch with Ann tomorrow at 1 in my calendar", "calendar", "Lunch with Ann"),
        ("add the dentist to my calendar tomorrow at 9", "calendar", "Dentist"),
    ],
)
def test_it_goes_where_it_is_said(words: str, where: str, title: str, several: Known) -> None:
    assert booked(words, several) == [(where, title)]


def test_times_on_offer_are_kept_there_too(several: Known) -> None:
    wish = "offer Bo two times next week for the budget review in the work calendar"
    assert {source for source, _ in booked(wish, several)} == {"work"}


def test_where_none_is_named_it_goes_where_the_settings_say(several: Known) -> None:
    set_ = replace(several, owner=replace(several.owner, calendar="side-jobs"))
    assert booked("book lunch with Ann tomorrow at 1", set_) == [("side-jobs", "Lunch with Ann")]
    assert booked("book lunch with Ann tomorrow at 1 in my work calendar", set_)[0][0] == "work"


@pytest.mark.parametrize("name", ["private", "theirs", "shut"])
def test_one_that_is_not_known_or_not_to_be_written_is_asked_about(name: str, several: Known) -> None:
    made = plan(f"book lunch with Ann tomorrow at 1 in my {name} calendar", several)
    assert isinstance(made, Unclear)
    assert made.message == (
        f"I know no calendar “{name}” to write in: there are calendar, work, side-jobs. Name one of them."
    )


def test_a_wish_of_which_the_calendar_would_be_lost_is_asked_about(several: Known) -> None:
    made = plan("add lunch with my boss to my work calendar tomorrow at 13:00", several)
    assert isinstance(made, Unclear)
    assert made.message.startswith("You named the calendar work, and I would have booked it into calendar")


def test_a_setting_that_cannot_be_gone_by_is_said_and_never_gone_around(several: Known) -> None:
    set_ = replace(several, owner=replace(several.owner, calendar="shut"))
    made = plan("book lunch with Ann tomorrow at 1", set_)
    assert isinstance(made, Unclear)
    assert made.message.startswith("New events go into shut (calendar under [meetings] in config.toml)")
    assert [booked(choice, set_)[0][0] for choice in made.choices] == ["calendar", "work", "side-jobs"]
