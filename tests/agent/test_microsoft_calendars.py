"""Two people with a Deskhand and a calendar at Microsoft each: an invitation arrives, and its answer comes
back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from crashing import forked
from graph_givens import Microsoft
from microsoft_desk import BOOKING, MicrosoftDesk, killed_after_the_insert
from msgcal_givens import PARIS, made, program, proposals
from two_desks import Desk


@pytest.fixture
def ana(microsoft: Microsoft, tmp_path: Path) -> Iterator[MicrosoftDesk]:
    with MicrosoftDesk(tmp_path / "ana", microsoft, "ana", zone="Europe/Paris") as desk:
        yield desk


@pytest.fixture
def bo(microsoft: Microsoft, tmp_path: Path) -> Iterator[MicrosoftDesk]:
    with MicrosoftDesk(tmp_path / "bo", microsoft, "bo", zone="America/New_York") as desk:
        yield desk


def test_an_invitation_goes_from_one_deskhand_to_the_other_and_back(
    ana: MicrosoftDesk, bo: MicrosoftDesk
) -> None:
    """Outlook carries it over, and the answer back: neither Deskhand writes a mail of its own beside it."""
    run = ana.ask(BOOKING)
    assert run.status == "done", run.answer
    assert "told bo@example.org by itself" in run.answer
    assert bo.answers()["bo@example.org"] == "none"
    bo.sync()

    answered = bo.ask("accept the invitation from ana@example.org")

    assert answered.status == "done", answered.answer
    assert len(bo.meetings()) == len(ana.meetings()) == 1
    assert ana.answers()["bo@example.org"] == "accepted"
    assert [(who, to) for who, to, _ in ana.microsoft.world.posted] == [
        ("ana", ["bo@example.org"]), ("bo", ["ana@example.org"]),
    ]  # fmt: skip
    assert ana.sent() == bo.sent() == []


def test_an_invitation_to_another_mailbox_is_answered_and_cannot_be_put_into_outlook(
    ana: MicrosoftDesk, tmp_path: Path
) -> None:
    """Outlook takes no meeting that somebody else called: what helps is said, and can be done."""
    with Desk(tmp_path / "cy", "Cy Test", "cy@elsewhere.example", zone="Europe/Paris") as cy:
        cy.ask("book 45 minutes with ana@example.org on Tuesday at 15:00 about the budget")
        ana.receive(*cy.sent())
        run = ana.ask("accept the invitation from cy@elsewhere.example")
        assert run.status == "done", run.answer
        assert [mail["To"] for mail in ana.sent()] == ["cy@elsewhere.example"]
    assert ana.meetings() == []
    assert (
        "is in none of your calendars: calendar takes no meeting that somebody else called and that did not "
        "come to its own account. Ask cy@elsewhere.example to invite ana@example.org, or keep the time free: "
    ) in " ".join(run.answer.split())
    words = "block 2026-11-24 from 15:00 to 15:45"
    assert words in " ".join(run.answer.split())
    ana.ask(words)
    assert [m["start"]["dateTime"][:16] for m in ana.meetings()] == ["2026-11-24T14:00"]


def test_an_answer_that_outlook_tells_its_organizer_is_asked_about(
    ana: MicrosoftDesk, bo: MicrosoftDesk
) -> None:
    """It leaves the house with no mail of ours that could be asked about, at once and for good."""
    ana.ask(BOOKING)
    bo.sync()

    run = bo.ask("decline the invitation from ana@example.org", approve=None)

    (asked,) = bo.app.approvals()
    assert (asked.operation, asked.rule, asked.undo) == ("event.respond", "event.respond told", "R3")
    assert "told at once" in asked.reason
    assert bo.answers()["bo@example.org"] == "none"
    assert [who for who, _, _ in ana.microsoft.world.posted] == ["ana"]
    done = bo.app.decide(asked.id)
    assert (done.id, done.status) == (run.id, "done"), done.answer
    assert [who for who, _, _ in ana.microsoft.world.posted] == ["ana", "bo"]


def test_a_card_shows_no_mail_that_does_not_go(ana: MicrosoftDesk) -> None:
    run = ana.ask(BOOKING, approve=None)

    assert run.status == "waiting"
    (asked,) = ana.app.approvals()
    assert "With it goes a mail" not in asked.model_dump_json()
    assert ana.microsoft.ana.diary.written == []


def test_who_is_added_is_invited_by_outlook_alone_with_a_calendar_of_another_kind_beside_it(
    ana: MicrosoftDesk, tmp_path: Path
) -> None:
    (tmp_path / "home.ics").write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "utf-8")
    ana.app.add("ics", str(tmp_path / "home.ics"), alias="home")
    ana.ask(BOOKING)
    already = len(ana.sent())

    run = ana.ask("invite bo@other.example to the budget meeting")

    assert run.status == "done", run.answer
    assert [a for a in ana.answers()] == ["bo@example.org", "bo@other.example"]
    assert len(ana.sent()) == already


def test_a_booking_is_moved_and_taken_back_on_both_sides(ana: MicrosoftDesk, bo: MicrosoftDesk) -> None:
    run = ana.ask(BOOKING)
    moved = ana.ask("move the budget meeting to Wednesday at 16:00")
    assert moved.status == "done", moved.answer
    (theirs,) = bo.meetings()
    assert theirs["start"]["dateTime"].startswith("2026-11-25T15:00")

    for one in (moved, run):
        undone = ana.app.undo(one.id, approve=True)
        assert undone.status == "done", undone.answer

    assert bo.meetings() == ana.meetings() == []
    assert ana.sent() == []


def test_somebody_who_is_taken_at_outlook_is_not_asked_for_then(
    ana: MicrosoftDesk, bo: MicrosoftDesk, microsoft: Microsoft
) -> None:
    busy = {n: {"dateTime": f"2026-11-24T{h}:00:00", "timeZone": "Romance Standard Time"}
            for n, h in (("start", "08"), ("end", "18"))}  # fmt: skip
    made(microsoft, {"subject": "Away", **busy}, "bo")

    run = ana.ask("schedule an hour with bo@example.org on Tuesday or Wednesday about the budget")

    assert run.status == "done", run.answer
    (meeting,) = ana.meetings()
    start = datetime.fromisoformat(f"{meeting['start']['dateTime'][:19]}+00:00")
    assert start.astimezone(PARIS).date().isoformat() == "2026-11-25"
    assert start in _proposed(microsoft, 25), "it is one of those that Outlook itself would propose"


def _proposed(microsoft: Microsoft, day: int) -> list[datetime]:
    """When Outlook would hold an hour with Bo, were ours not there: findMeetingTimes, for comparison
    alone."""
    for meeting in microsoft.ana.diary.meetings.values():
        meeting.fields["showAs"] = "free"
    for meeting in microsoft.world.people["bo"].diary.meetings.values():
        if meeting.organizer != "bo@example.org":
            meeting.fields["showAs"] = "free"
    times = [
        {"dateTime": f"2026-11-{day}T{h}:00:00", "timeZone": "Romance Standard Time"} for h in ("08", "18")
    ]
    given = {
        "attendees": [{"type": "required", "emailAddress": {"address": "bo@example.org"}}],
        "timeConstraint": {"timeSlots": [dict(zip(("start", "end"), times, strict=True))]},
        "meetingDuration": "PT1H", "maxCandidates": 50,
    }  # fmt: skip
    return proposals(program(microsoft)("POST", "/me/findMeetingTimes", given).body)


def test_what_all_are_to_be_told_goes_with_the_cancellation(ana: MicrosoftDesk, bo: MicrosoftDesk) -> None:
    """Outlook says it to whom it tells in any case, once, and no mail of ours beside it."""
    ana.ask(BOOKING)

    run = ana.ask("cancel the budget meeting and tell them I am ill", approve=None)
    (asked,) = ana.app.approvals()
    assert [(a.value, a.origin) for a in asked.shown if a.name == "comment"] == [("I am ill", "you wrote")]
    done = ana.app.decide(asked.id)

    assert (done.id, done.status) == (run.id, "done"), done.answer
    assert "went to bo@example.org with the cancellation" in done.answer
    assert ana.microsoft.ana.diary.written[-1] == "cancel Budget: I am ill"
    assert b"I am ill" in ana.microsoft.world.posted[-1][2]
    assert ana.sent() == bo.meetings() == []


def test_what_one_is_to_be_told_is_told_to_that_one_alone(ana: MicrosoftDesk) -> None:
    """The calendar would say it to everybody in the meeting."""
    ana.ask(
        "book 45 minutes with bo@example.org and zoe@elsewhere.example on Tuesday at 15:00 about the budget"
    )

    run = ana.ask("cancel the budget meeting with bo@example.org and tell him I am ill")

    assert run.status == "done", run.answer
    assert ana.microsoft.ana.diary.written[-1] == "cancel Budget: "
    assert [(str(m["To"]), m.get_content().strip()) for m in ana.sent()] == [("bo@example.org", "I am ill")]


def test_words_that_outlook_passes_on_to_nobody_go_by_mail(ana: MicrosoftDesk, bo: MicrosoftDesk) -> None:
    """A move takes no words along, and of what somebody else called only the own copy goes."""
    ana.ask(BOOKING)
    moved = ana.ask("move the budget meeting to Wednesday at 16:00 and tell them I am ill")
    assert moved.status == "done", moved.answer
    assert [(str(m["To"]), m.get_content().strip()) for m in ana.sent()] == [("bo@example.org", "I am ill")]
    bo.sync()

    left = bo.ask("cancel the budget meeting and tell them I am ill")

    assert left.status == "done", left.answer
    (mail,) = bo.sent()
    assert (str(mail["To"]), mail.get_content().strip()) == ("Ana Test <ana@example.org>", "I am ill")


@pytest.mark.crash
def test_killed_after_the_insert_it_is_found_and_not_made_again(
    ana: MicrosoftDesk, microsoft: Microsoft, tmp_path: Path
) -> None:
    ana.app.close()
    child = forked(
        killed_after_the_insert, str(tmp_path / "ana"), ana.environ, microsoft.front.port,
        str(microsoft.authorities),
    )  # fmt: skip
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    (before,) = ana.meetings()

    ana.reopen()
    for run in ana.app.resume():
        assert ana.app.runs_room.wait(run).status == "done"

    states = {e.operation: e.state for e in ana.app.runs_room.records.effects()}
    assert states == {"event.create": "done"}
    assert [m["iCalUId"] for m in ana.meetings()] == [before["iCalUId"]]
    assert microsoft.ana.diary.written == ["create Budget"]
    assert [who for who, *_ in microsoft.world.posted] == ["ana"]


def test_an_answer_by_mail_is_not_noted_twice(ana: MicrosoftDesk) -> None:
    """Exchange reads the answers that come to the mailbox; a program may note none."""
    ana.ask("book 45 minutes with zoe@elsewhere.example on Tuesday at 15:00 about the budget")
    (meeting,) = ana.meetings()
    answer = EmailMessage()
    answer["From"], answer["To"], answer["Subject"] = "zoe@elsewhere.example", ana.address, "Declined: Budget"
    answer["Message-ID"], answer["Date"] = "<no@elsewhere.example>", "Sun, 22 Nov 2026 08:05:00 +0000"
    answer.set_content("I cannot.")
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//test//EN", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT",
        f"UID:{meeting['iCalUId']}", "DTSTAMP:20261122T080500Z", "SEQUENCE:0",
        f"ORGANIZER:mailto:{ana.address}", "ATTENDEE;PARTSTAT=DECLINED:mailto:zoe@elsewhere.example",
        "DTSTART:20261124T140000Z", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    answer.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": "REPLY"})
    ana.receive(answer)

    (run,) = ana.sync()

    assert run.status == "waiting", run.answer
    (asked,) = ana.app.approvals()
    assert asked.operation == "event.update", "another time is proposed, and nothing is noted"
    ana.app.decide(asked.id)
    (moved,) = ana.meetings()
    assert moved["start"] != meeting["start"]
