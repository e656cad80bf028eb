"""Between a question and its answer days may pass: the calendars are read again before anything is booked."""

from __future__ import annotations

from pathlib import Path

import pytest
from two_desks import Desk

from deskhand.agent.model import Run


def calendar(*events: tuple[str, str, str]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for n, (title, start, end) in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{n}-{title}@example.org", "DTSTAMP:20261101T000000Z"]
        lines += [f"SUMMARY:{title}", f"DTSTART:{start}", f"DTEND:{end}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


BUSY = calendar(("Dentist", "20261124T093000Z", "20261124T103000Z"))


@pytest.fixture
def theirs(noor: Desk, tmp_path: Path) -> Path:
    """Bo's calendar, which Noor may read."""
    path = tmp_path / "bo.ics"
    path.write_text(calendar(), "utf-8")
    noor.app.add("ics", str(path), alias="bo", options={"owner": "bo@example.org"})
    return path


def asked(noor: Desk) -> Run:
    words = "book 45 minutes with bo@example.org on Tuesday at 10:00 about the budget"
    run = noor.ask(words, approve=None)
    assert run.status == "waiting", run.answer
    return run


def decided(noor: Desk, run: Run) -> Run:
    return noor.app.decide(run.approvals[0].id)


def test_nothing_new_is_booked(noor: Desk, theirs: Path) -> None:
    run = decided(noor, asked(noor))
    assert run.status == "done", run.answer
    assert list(noor.events()) == ["Budget"]


def test_what_another_program_wrote_into_my_calendar_is_seen(noor: Desk) -> None:
    run = asked(noor)
    noor.calendar.write_text(BUSY, "utf-8")
    done = decided(noor, run)
    assert done.status == "unclear"
    assert "“Dentist”" in done.answer
    assert list(noor.events()) == ["Dentist"]
    assert noor.sent() == []


def test_what_somebody_else_took_meanwhile_is_seen(noor: Desk, theirs: Path) -> None:
    run = asked(noor)
    theirs.write_text(BUSY, "utf-8")
    done = decided(noor, run)
    assert done.status == "unclear"
    assert "something of bo@example.org" in done.answer
    assert "Dentist" not in done.answer
    assert noor.events() == {}


def test_a_calendar_that_cannot_be_read_any_more_is_not_free(noor: Desk) -> None:
    run = asked(noor)
    noor.calendar.write_text("no calendar", "utf-8")
    done = decided(noor, run)
    assert done.status != "done"
    assert "cannot be read" in done.answer
    assert noor.sent() == []


def test_a_move_is_looked_at_as_well(noor: Desk, theirs: Path) -> None:
    assert decided(noor, asked(noor)).status == "done"
    run = noor.ask("move the budget on Tuesday to Wednesday at 10:00", approve=None)
    assert run.status == "waiting", run.answer
    theirs.write_text(calendar(("Dentist", "20261125T093000Z", "20261125T103000Z")), "utf-8")
    done = decided(noor, run)
    assert "something of bo@example.org" in done.answer
    assert noor.event("Budget").decoded("DTSTART").day == 24


def test_an_edit_to_a_time_that_is_taken_is_told_first(noor: Desk, theirs: Path) -> None:
    theirs.write_text(calendar(("Dentist", "20261125T093000Z", "20261125T103000Z")), "utf-8")
    run = asked(noor)
    changes = {"start": "2026-11-25T10:00:00+00:00", "end": "2026-11-25T10:45:00+00:00"}
    done = noor.app.decide(run.approvals[0].id, "edit", changes=changes)
    # Nobody had seen that time: what stands against it is said before anything is booked.
    assert "something of bo@example.org" in done.answer
    assert noor.events() == {}
