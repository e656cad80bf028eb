"""Telling those in an event: who is meant, what is said, and who is left out, with real calendar files."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from .conftest import NOW, Desk

LATE = "tell whoever is in my ten o'clock that I am ten minutes late"


@pytest.fixture
def office(desk: Desk) -> Desk:
    desk.event(
        "Budget review", "20261122T100000", "20261122T110000", people=("ann@example.org", "bo@example.org")
    )
    return desk


def test_everybody_in_it_gets_the_words_in_the_persons_own_voice(office: Desk) -> None:
    assert office.ask(LATE).status == "done"
    (mail,) = office.sent()
    assert mail["To"] == "Ann <ann@example.org>, Bo <bo@example.org>"
    assert (mail["Subject"], mail.body) == ("I am ten minutes late", "I am ten minutes late\n")


def test_the_card_names_everybody_before_anything_leaves(office: Desk) -> None:
    run = office.ask(LATE, approve=None)
    assert run.status == "waiting"
    assert "Ann <ann@example.org> and Bo <bo@example.org>" in run.approvals[0].summary
    assert office.sent() == []


def test_the_meeting_that_began_three_minutes_ago_is_todays(office: Desk) -> None:
    office.event("Board", "20261123T100000", "20261123T110000", people=("mara@example.org",))
    office.moment = NOW + timedelta(hours=2, minutes=3)
    office.ask("tell my ten o'clock I'm running late")
    assert office.sent()[0]["To"].startswith("Ann ")


def test_who_declined_and_the_room_are_not_told(desk: Desk) -> None:
    uid = desk.event(
        "Board", "20261123T100000", "20261123T110000", people=("ann@example.org", "bo@example.org")
    )
    path = desk.root / "calendar" / f"{uid}.ics"
    text = path.read_text().replace(
        "ATTENDEE;CN=Bo:",
        "ATTENDEE;CUTYPE=ROOM;CN=Oak:mailto:oak@example.org\nATTENDEE;PARTSTAT=DECLINED;CN=Bo:",
    )
    path.write_text(text)
    desk.ask("let everyone in the board meeting know I can't make it")
    assert [m["To"] for m in desk.sent()] == ["Ann <ann@example.org>"]


def test_nobody_else_in_it_is_said(desk: Desk) -> None:
    desk.event("Deep work", "20261122T100000", "20261122T110000")
    assert "Nobody but you is in “Deep work”" in desk.tell(LATE)
    assert desk.sent() == []


def test_a_meeting_a_stranger_called_says_who_chose_its_people(desk: Desk) -> None:
    desk.event(
        "Sales pitch", "20261122T100000", "20261122T110000", by="mallory@example.net",
        people=("noor@example.org", "victim@example.com"),
    )  # fmt: skip
    (card,) = desk.ask(LATE, approve=None).approvals
    assert card.reason == "a recipient was not chosen by you"
    assert {a.name: a.trust for a in card.shown}["to"] == "untrusted"


def test_the_next_meeting_is_the_next_with_somebody_else_in_it(office: Desk) -> None:
    office.event("Deep work", "20261122T083000", "20261122T093000")
    office.event("Board", "20261123T100000", "20261123T110000", people=("mara@example.org",))
    office.ask("tell those who are in my next meeting I'm running late")
    assert [m["To"] for m in office.sent()] == ["Ann <ann@example.org>, Bo <bo@example.org>"]


def test_several_that_fit_are_one_question(office: Desk) -> None:
    office.event("Budget kick-off", "20261124T100000", "20261124T110000", people=("mara@example.org",))
    run = office.ask("tell everybody in the budget meeting that the figures are in")
    assert run.status == "unclear"
    local = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/Lisbon"))
    assert (
        f"tell everybody in “Budget kick-off” on {local:%Y-%m-%d} at 10:00: The figures are in" in run.choices
    )
    office.ask(run.choices[1])
    assert [m["To"] for m in office.sent()] == ["Mara <mara@example.org>"]
