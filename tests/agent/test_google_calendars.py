"""Two people with a Deskhand and a Google calendar each: the same meeting by mail and by calendar is one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from crashing import forked
from google_desk import BOOKING, GoogleDesk, killed_after_the_insert
from google_givens import Google
from two_desks import calendar_of

pytest.importorskip("googleapiclient", reason="needs the extra deskhand[google]")


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


def test_with_mail_and_calendar_at_google_nothing_else_is_needed(google: Google, tmp_path: Path) -> None:
    """`myworld` carries the words of a mail and no calendar in it: there is the meeting itself."""
    with (
        GoogleDesk(tmp_path / "ana", google, "ana", gmail=True) as ana,
        GoogleDesk(tmp_path / "bo", google, "bo", gmail=True) as bo,
    ):
        booked(ana)
        bo.sync()

        answered = bo.ask("accept the invitation from ana@example.org")

        assert answered.status == "done", answered.answer
        assert ana.answers()["bo@example.org"] == "accepted"
        assert len(bo.meetings()) == 1
        ana.sync()
    assert [c["tool"] for c in google.world.effects()] == [
        "calendar.events.insert", "gmail.users.drafts.create", "gmail.users.drafts.send",
        "gmail.users.drafts.create", "gmail.users.drafts.send", "calendar.events.patch",
    ]  # fmt: skip


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


@pytest.mark.crash
def test_killed_after_the_insert_it_is_found_and_not_made_again(
    ana: GoogleDesk, google: Google, tmp_path: Path
) -> None:
    ana.app.close()
    child = forked(
        killed_after_the_insert,
        str(tmp_path / "ana"),
        ana.environ,
        google.front.port,
        str(google.authorities),
    )
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    (before,) = ana.meetings()
    assert ana.sent() == []

    ana.reopen()
    for run in ana.app.resume():
        assert ana.app.runs_room.wait(run).status == "done"

    states = {e.operation: e.state for e in ana.app.runs_room.records.effects()}
    assert states == {"event.create": "done", "mail.send": "done"}
    assert [m["iCalUID"] for m in ana.meetings()] == [before["iCalUID"]]
    assert len(ana.sent()) == 1
    assert len(google.world.effects("calendar.events.insert")) == 1
