"""Invitations from others: which is meant, and what its organizer gets."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

NOOR, ANN, BO = "noor@example.org", "ann@example.org", "bo@example.org"


def invited(desk: Any, title: str = "Lens order", day: str = "20261127", by: str = BO) -> None:
    desk.event(title, f"{day}T153000", f"{day}T160000", people=(NOOR, ANN), by=by)


class TestAnswer:
    def test_accepting_answers_the_organizer(self, desk: Any) -> None:
        invited(desk)
        run = desk.ask("accept the invitation from Bo")
        assert run.status == "done", run.answer
        (mail,) = desk.sent()
        assert mail["Subject"] == "Accepted: Lens order"
        assert BO in mail["To"]
        plain = mail.calendar.replace("\r\n ", "")
        assert "METHOD:REPLY" in plain
        assert "PARTSTAT=ACCEPTED" in plain
        assert f"mailto:{NOOR}" in plain
        assert f"mailto:{ANN}" not in plain, "an answer names nobody but who answers"

    def test_perhaps(self, desk: Any) -> None:
        invited(desk)
        assert desk.ask("tentatively accept the lens order").status == "done"
        assert "PARTSTAT=TENTATIVE" in desk.sent()[0].calendar

    def test_several_are_one_question(self, desk: Any) -> None:
        invited(desk)
        invited(desk, "Harbour walk", "20261128")
        run = desk.ask("decline the invitation from Bo")
        assert run.status == "unclear"
        assert "“Lens order”, Fri 27 Nov, 15:30–16:00; “Harbour walk”" in run.answer
        assert desk.ask(run.choices[1]).status == "done"
        assert desk.sent()[0]["Subject"] == "Declined: Harbour walk"

    def test_ones_own_meeting_is_no_invitation(self, desk: Any) -> None:
        desk.event("Budget review", "20261127T100000", "20261127T110000", people=(ANN,))
        run = desk.ask("decline the budget review")
        assert run.status == "failed"
        assert "I found no invitation “budget review” that still lies ahead" in run.answer
        assert "Budget review" in desk.calendar()


class TestAnother:
    def test_another_time_is_a_counter_proposal(self, desk: Any) -> None:
        invited(desk)
        run = desk.ask("propose another time for the lens order: Thursday at 3")
        assert run.status == "done", run.answer
        (mail,) = desk.sent()
        assert "METHOD:COUNTER" in mail.calendar
        assert "DTSTART;TZID=Europe/Lisbon:20261126T150000" in mail.calendar
        assert "DTEND;TZID=Europe/Lisbon:20261126T153000" in mail.calendar, "its length stays"
        assert "Proposed: Thu 26 Nov, 15:00–15:30 (Europe/Lisbon)" in mail.body
        assert "20261127T153000" in desk.calendar(), "nothing moves before Bo says so"

    def test_not_into_the_past(self, desk: Any) -> None:
        invited(desk)
        assert "is in the past" in desk.tell("propose another time for the lens order: 2026-11-20 at 15:00")


class TestByMail:
    """Invitations that lie only in the mail."""

    def said(
        self, desk: Any, method: str, *, sequence: int, start: str = "20261127T150000Z", hours: int = 5
    ) -> None:
        """What Bo's program sends about his meeting, so many hours ago."""
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", f"METHOD:{method}",
            "BEGIN:VEVENT", "UID:lens@b",
            "DTSTAMP:20261101T000000Z", f"DTSTART:{start}", f"SEQUENCE:{sequence}", "SUMMARY:Lens order",
            f"ORGANIZER:mailto:{BO}", f"ATTENDEE:mailto:{NOOR}", "END:VEVENT", "END:VCALENDAR", "",
        ]  # fmt: skip
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = BO, NOOR, f"Lens order {method} {sequence}"
        message["Date"] = format_datetime(desk.moment - timedelta(hours=hours))
        message["Message-ID"] = f"<{method}-{sequence}@example.org>"
        message.set_content("See the invitation.")
        message.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": method})
        (desk.root / "mail/cur" / f"{method}{sequence}.M1.desk:2,S").write_bytes(message.as_bytes())

    def answered(self, desk: Any) -> str:
        assert desk.ask("accept the lens order").status == "done"
        return str(desk.sent()[0].calendar)

    def test_an_older_request_that_comes_later_replaces_nothing(self, desk: Any) -> None:
        self.said(desk, "REQUEST", sequence=2, start="20261127T160000Z", hours=5)
        self.said(desk, "REQUEST", sequence=1, start="20261126T150000Z", hours=1)
        assert "SEQUENCE:2" in self.answered(desk)

    def test_nor_brings_back_what_was_withdrawn(self, desk: Any) -> None:
        self.said(desk, "REQUEST", sequence=1, hours=5)
        self.said(desk, "CANCEL", sequence=2, hours=4)
        self.said(desk, "REQUEST", sequence=0, hours=1)
        assert "I found no invitation" in desk.tell("accept the lens order")

    def test_behind_much_other_mail_it_is_found(self, desk: Any) -> None:
        for n in range(510):
            desk.mail("Ann Ruiz <ann@example.org>", f"Note {n}", "Hello.", ago=timedelta(days=30))
        self.said(desk, "REQUEST", sequence=0)
        assert "SEQUENCE:0" in self.answered(desk)
