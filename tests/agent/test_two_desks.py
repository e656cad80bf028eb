"""Two people with a Deskhand each: invitations and answers travel between them as mail, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from two_desks import Desk


@pytest.fixture
def bo(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path / "bo", "Bo Lind", "bo@example.org", zone="America/New_York") as desk:
        yield desk


def invited(noor: Desk, bo: Desk) -> None:
    run = noor.ask("book 45 minutes with bo@example.org on Tuesday at 15:00 about the budget")
    assert run.status == "done", run.answer
    bo.receive(*noor.sent())
    bo.sync()


@pytest.mark.parametrize(
    ("words", "noted"),
    [
        ("accept the invitation from noor@example.org", "ACCEPTED"),
        ("decline the invitation from noor@example.org", "DECLINED"),
        ("tentatively accept the invitation from noor@example.org", "TENTATIVE"),
    ],
)
def test_an_answer_comes_back_and_is_noted(noor: Desk, bo: Desk, words: str, noted: str) -> None:
    invited(noor, bo)
    answered = bo.ask(words)
    assert answered.status == "done", answered.answer
    noor.receive(*bo.sent())
    (run,) = noor.sync()
    assert noor.event("Budget")["ATTENDEE"].params["PARTSTAT"] == noted
    assert (run.status == "waiting") == (noted == "DECLINED")


@pytest.mark.parametrize(("word", "noted"), [("accept", "ACCEPTED"), ("tentatively accept", "TENTATIVE")])
def test_what_is_accepted_lies_in_the_calendar_once(noor: Desk, bo: Desk, word: str, noted: str) -> None:
    invited(noor, bo)
    run = bo.ask(f"{word} the invitation from noor@example.org")
    assert run.status == "done", run.answer
    theirs, mine = bo.event("Budget"), noor.event("Budget")
    assert (theirs["UID"], theirs.decoded("DTSTART")) == (mine["UID"], mine.decoded("DTSTART"))
    assert theirs["DTSTART"].params["TZID"] == "Europe/Lisbon"
    assert theirs["ATTENDEE"].params["PARTSTAT"] == noted
    before = bo.calendar.read_bytes()
    again = bo.ask(f"{word} the invitation from noor@example.org")
    assert again.status == "done", again.answer
    assert again.answer
    assert bo.calendar.read_bytes().count(b"BEGIN:VEVENT") == 1
    lines = [line for line in bo.calendar.read_bytes().splitlines() if b"X-DESKHAND" not in line]
    assert lines == [line for line in before.splitlines() if b"X-DESKHAND" not in line]


def test_what_was_put_into_the_calendar_is_taken_out_again(noor: Desk, bo: Desk) -> None:
    invited(noor, bo)
    run = bo.ask("accept the invitation from noor@example.org")
    assert bo.events()
    undone = bo.app.undo(run.id, approve=True)
    assert undone.status == "done", undone.answer
    assert bo.events() == {}


def test_what_is_declined_does_not_come_into_the_calendar(noor: Desk, bo: Desk) -> None:
    invited(noor, bo)
    assert bo.ask("decline the invitation from noor@example.org").status == "done"
    assert bo.events() == {}


def accepted(noor: Desk, bo: Desk) -> None:
    invited(noor, bo)
    assert bo.ask("accept the invitation from noor@example.org").status == "done"
    noor.receive(*bo.sent())
    noor.sync()
    bo.sync()


def test_a_move_is_taken_over_after_a_yes(noor: Desk, bo: Desk) -> None:
    accepted(noor, bo)
    assert noor.ask("move the budget on Tuesday to Wednesday at 11:00").status == "done"
    before = bo.calendar.read_bytes()
    bo.receive(*noor.sent())
    (run,) = bo.sync()
    assert run.status == "waiting"
    assert "noor@example.org moved" in run.answer
    assert bo.calendar.read_bytes() == before
    (approval,) = [a for a in run.approvals if a.state == "pending"]
    assert approval.operation == "event.receive"
    done = bo.app.decide(approval.id)
    assert done.status == "done", done.answer
    assert bo.event("Budget").decoded("DTSTART") == noor.event("Budget").decoded("DTSTART")
    assert bo.event("Budget")["SEQUENCE"] == 1
    assert bo.sync() == []
    undone = bo.app.undo(done.id, approve=True)
    assert undone.status == "done", undone.answer
    assert bo.event("Budget")["SEQUENCE"] == 0


def test_what_is_called_off_is_so_here_after_a_yes(noor: Desk, bo: Desk) -> None:
    accepted(noor, bo)
    assert noor.ask("cancel the budget on Tuesday").status == "done"
    bo.receive(*noor.sent())
    (run,) = bo.sync()
    assert "called off" in run.answer
    (approval,) = [a for a in run.approvals if a.state == "pending"]
    bo.app.decide(approval.id)
    assert bo.events() == {"Budget": "CANCELLED"}


@pytest.mark.parametrize(
    "change", ["move the budget on Tuesday to Wednesday at 11:00", "cancel the budget on Tuesday"]
)
def test_what_others_were_told_is_taken_back_for_them_too(noor: Desk, bo: Desk, change: str) -> None:
    accepted(noor, bo)
    start = noor.event("Budget").decoded("DTSTART")
    run = noor.ask(change)
    bo.receive(*noor.sent())
    (taken,) = bo.sync()
    (approval,) = [a for a in taken.approvals if a.state == "pending"]
    bo.app.decide(approval.id)
    undone = noor.app.undo(run.id, approve=True)
    assert undone.status == "done", undone.answer
    assert noor.event("Budget").decoded("DTSTART") == start
    assert noor.event("Budget")["SEQUENCE"] == 2
    bo.receive(*noor.sent())
    (back,) = bo.sync()
    (approval,) = [a for a in back.approvals if a.state == "pending"]
    assert bo.app.decide(approval.id).status == "done"
    assert bo.event("Budget").decoded("DTSTART") == start
    assert bo.event("Budget").get("STATUS") != "CANCELLED"
    assert bo.event("Budget")["SEQUENCE"] == 2


def test_a_change_taken_back_by_itself_is_told_as_well(noor: Desk, bo: Desk) -> None:
    accepted(noor, bo)
    run = noor.ask("move the budget on Tuesday to Wednesday at 11:00")
    noor.sent()
    (effect,) = [e for e in run.effects if e.operation == "event.update"]
    undone = noor.app.undo(effect.key, approve=True)
    assert undone.status == "done", undone.answer
    (mail,) = noor.sent()
    assert mail["To"].addresses[0].addr_spec == "bo@example.org"
    assert "Tue 24 Nov, 15:00" in mail["Subject"]


def test_an_event_with_nobody_else_in_it_comes_back_byte_for_byte(noor: Desk) -> None:
    assert noor.ask("book 45 minutes for the dentist on Tuesday at 15:00").status == "done"

    def lines() -> list[bytes]:
        return [x for x in noor.calendar.read_bytes().splitlines() if not x.startswith(b"X-DESKHAND-EFFECT")]

    before = lines()
    run = noor.ask("move the dentist on Tuesday to Wednesday at 11:00")
    assert lines() != before
    undone = noor.app.undo(run.id, approve=True)
    assert undone.status == "done", undone.answer
    assert lines() == before
    assert noor.sent() == []


def test_a_late_message_changes_nothing(noor: Desk, bo: Desk) -> None:
    accepted(noor, bo)
    assert noor.ask("move the budget on Tuesday to Wednesday at 11:00").status == "done"
    first = noor.sent()
    assert noor.ask("move the budget on Wednesday to Thursday at 11:00").status == "done"
    bo.receive(*noor.sent())
    (run,) = bo.sync()
    (approval,) = [a for a in run.approvals if a.state == "pending"]
    bo.app.decide(approval.id)
    after = bo.calendar.read_bytes()
    bo.receive(*first)
    assert bo.sync() == []
    assert bo.calendar.read_bytes() == after


@pytest.mark.parametrize(
    "ask", ["move the budget on Tuesday to Wednesday at 11:00", "cancel the budget on Tuesday"]
)
def test_nobody_but_the_organizer_changes_a_copy(noor: Desk, bo: Desk, ask: str) -> None:
    accepted(noor, bo)
    assert noor.ask(ask).status == "done"
    before = bo.calendar.read_bytes()
    (mail,) = noor.sent()
    mail.replace_header("From", "Mallory <mallory@example.net>")
    bo.receive(mail)
    assert bo.sync() == []
    assert bo.calendar.read_bytes() == before


def test_an_invitation_in_anothers_name_is_asked_about(noor: Desk, bo: Desk) -> None:
    assert (
        noor.ask("book 45 minutes with bo@example.org on Tuesday at 15:00 about the budget").status == "done"
    )
    (mail,) = noor.sent()
    mail.replace_header("From", "Mallory <mallory@example.net>")
    bo.receive(mail)
    bo.sync()

    def only_mail(approval: dict[str, Any]) -> dict[str, str]:
        return {"verdict": "approve" if approval["operation"] == "mail.send" else "reject"}

    run = bo.ask("accept the invitation from noor@example.org", approve=only_mail)
    assert bo.events() == {}
    assert any("mallory@example.net" in a.reason for a in run.approvals)


def test_another_time_is_proposed_and_taken(noor: Desk, bo: Desk) -> None:
    invited(noor, bo)
    before = noor.event("Budget").decoded("DTSTART")
    # 11:00 in New York is 16:00 in Lisbon.
    run = bo.ask("propose another time for the invitation from noor@example.org: Tuesday at 11:00")
    assert run.status == "done", run.answer
    noor.receive(*bo.sent())
    (follow,) = noor.sync()
    (approval,) = [a for a in follow.approvals if a.state == "pending"]
    done = noor.app.decide(approval.id)
    assert done.status == "done", done.answer
    after = noor.event("Budget").decoded("DTSTART")
    assert (before.hour, after.hour) == (15, 16)
    assert noor.event("Budget")["SEQUENCE"] == 1


def test_what_is_cancelled_is_told(noor: Desk, bo: Desk) -> None:
    invited(noor, bo)
    run = noor.ask("cancel the budget on Tuesday")
    assert run.status == "done", run.answer
    (mail,) = noor.sent()
    assert "METHOD:CANCEL" in "".join(
        part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for part in mail.walk()
        if part.get_content_type() == "text/calendar"
    )
