"""Invitations from others: which is meant, and what its organizer gets."""

from __future__ import annotations

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
