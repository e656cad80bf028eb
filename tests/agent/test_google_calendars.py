"""Two people with a Deskhand and a Google calendar each: the same meeting by mail and by calendar is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gcal_givens import signed_in
from google_givens import Google
from two_desks import Desk, calendar_of

pytest.importorskip("googleapiclient", reason="needs the extra deskhand[google]")

BOOKING = "book 45 minutes with bo@example.org on Tuesday at 15:00 about the budget"


class GoogleDesk(Desk):
    """A desk whose calendar is a Google account."""

    def __init__(self, root: Path, google: Google, who: str, **given: Any) -> None:
        self.google, self.who = google, who
        token = signed_in(google.world.tokens[who], google.world.emails[who])
        super().__init__(
            root, f"{who.capitalize()} Test", google.world.emails[who], environ={"GOOGLE": token}, **given
        )

    def connect_calendar(self) -> None:
        self.app.add(
            "gcalendar", self.address, alias="calendar", options={"token": "env:GOOGLE", "write": "true"}
        )

    def meetings(self) -> list[dict[str, Any]]:
        """What Google shows this person."""
        found = self.google.world.does(self.who, "GET", "/calendar/v3/calendars/primary/events")["items"]
        return [e for e in found if e["status"] != "cancelled"]

    def answers(self) -> dict[str, str]:
        """Of the one meeting there is: who answered what."""
        (meeting,) = self.meetings()
        return {a["email"]: a["responseStatus"] for a in meeting["attendees"]}


@pytest.fixture
def ana(google: Google, tmp_path: Path) -> Iterator[GoogleDesk]:
    with GoogleDesk(tmp_path / "ana", google, "ana", zone="Europe/Paris") as desk:
        yield desk


@pytest.fixture
def bo(google: Google, tmp_path: Path) -> Iterator[GoogleDesk]:
    with GoogleDesk(tmp_path / "bo", google, "bo", zone="America/New_York") as desk:
        yield desk


def booked(ana: GoogleDesk) -> None:
    run = ana.ask(BOOKING)
    assert run.status == "done", run.answer


def test_an_invitation_goes_from_one_deskhand_to_the_other_and_back(ana: GoogleDesk, bo: GoogleDesk) -> None:
    booked(ana)
    assert bo.answers()["bo@example.org"] == "needsAction"  # Google has carried it over
    (mail,) = ana.sent()
    bo.receive(mail)
    bo.sync()

    (meeting,) = bo.meetings()
    assert f"UID:{meeting['iCalUID']}" in calendar_of(mail)

    answered = bo.ask("accept the invitation from ana@example.org")

    assert answered.status == "done", answered.answer
    assert len(bo.meetings()) == len(ana.meetings()) == 1
    assert ana.answers()["bo@example.org"] == "accepted"
    ana.receive(*bo.sent())
    ana.sync()
    (effect,) = ana.google.world.effects("calendar.events.insert")
    assert effect["args"]["query"]["sendUpdates"] == ["none"]
    assert [c.get("notified") for c in ana.google.world.effects("calendar.events.insert")] == [None]


def test_nothing_is_asked_of_google_before_the_yes(ana: GoogleDesk) -> None:
    run = ana.ask(BOOKING, approve=None)

    assert run.status == "waiting"
    assert ana.google.world.effects() == []
    assert ana.sent() == []


def test_a_booking_is_taken_back_on_both_sides(ana: GoogleDesk, bo: GoogleDesk) -> None:
    run = ana.ask(BOOKING)
    assert len(bo.meetings()) == 1

    undone = ana.app.undo(run.id, approve=True)

    assert undone.status == "done", undone.answer
    assert bo.meetings() == ana.meetings() == []


def test_somebody_who_is_taken_at_google_is_not_asked_for_then(ana: GoogleDesk, bo: GoogleDesk) -> None:
    taken = {
        "start": {"dateTime": "2026-11-24T09:00:00+01:00"},
        "end": {"dateTime": "2026-11-24T18:00:00+01:00"},
    }
    ana.google.world.does("bo", "POST", "/calendar/v3/calendars/primary/events", {"summary": "Away", **taken})

    run = ana.ask("schedule an hour with bo@example.org on Tuesday or Wednesday about the budget")

    assert run.status == "done", run.answer
    (meeting,) = ana.meetings()
    assert meeting["start"]["dateTime"].startswith("2026-11-25")
