"""Who is invited to an event, and what it is called, is changed; those concerned are told, nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from agent_givens import ENVIRONMENT

from deskhand.agent.app import App

from .test_several import ANN, BO, NOOR

CY = "cy@example.org"
THURSDAY = "20261126T"


def the_review(desk: Any, **more: Any) -> None:
    desk.event("Budget review", f"{THURSDAY}100000", f"{THURSDAY}110000", people=(ANN,), **more)


def invited(desk: Any, title: str) -> list[set[str]]:
    """Who is invited to each component of an event of this title."""
    events = desk.calendar().replace("\r\n ", "").split("BEGIN:VEVENT")[1:]
    return [set(re.findall(r"ATTENDEE[^\r]*mailto:(\S+)", e)) for e in events if f"SUMMARY:{title}\r" in e]


def to(desk: Any) -> dict[str, str]:
    return {re.sub(r".*<(.*)>", r"\1", m["To"]): m["Subject"] for m in desk.sent()}


class TestGuests:
    def test_somebody_is_invited_and_nobody_else_is_written_to(self, desk: Any) -> None:
        the_review(desk)
        run = desk.ask("add Bo to the budget review on Thursday")
        assert run.status == "done", run.answer
        assert invited(desk, "Budget review") == [{ANN, BO}]
        assert to(desk) == {BO: "Invitation: Budget review, Thu 26 Nov, 10:00–11:00"}
        (mail,) = desk.sent()
        assert "METHOD:REQUEST" in mail.calendar
        assert BO in mail.calendar

    def test_the_card_shows_the_mail_and_one_yes_is_enough(self, desk: Any) -> None:
        the_review(desk)
        run = desk.ask("add Bo to the budget review on Thursday", approve=None)
        assert [a.operation for a in run.approvals] == ["event.update"]
        assert any(
            "With it goes a mail to Bo" in n and "Invitation: Budget" in n for n in run.approvals[0].notes
        )
        assert desk.sent() == []
        assert invited(desk, "Budget review") == [{ANN}]

    def test_somebody_is_taken_out_and_told_that_the_meeting_is_held_without_her(self, desk: Any) -> None:
        desk.event("Budget review", f"{THURSDAY}100000", f"{THURSDAY}110000", people=(ANN, BO))
        run = desk.ask("remove Ann from the budget review")
        assert run.status == "done", run.answer
        assert invited(desk, "Budget review") == [{BO}]
        (mail,) = desk.sent()
        assert ANN in mail["To"]
        assert mail["Subject"].startswith("Not needed any more: Budget review")
        assert "METHOD:CANCEL" in mail.calendar
        assert "STATUS" not in mail.calendar, "RFC 5546 3.2.5: the meeting itself is not cancelled"
        assert BO not in mail.calendar

    def test_one_in_the_place_of_another(self, desk: Any) -> None:
        the_review(desk)
        run = desk.ask("replace Ann with Bo in the budget review")
        assert run.status == "done", run.answer
        assert invited(desk, "Budget review") == [{BO}]
        assert {a: s.partition(":")[0] for a, s in to(desk).items()} == {
            BO: "Invitation", ANN: "Not needed any more"
        }  # fmt: skip

    def test_who_was_taken_out_hears_of_it_also_where_mail_is_held_back(self, desk: Any) -> None:
        """By then she is in no event any more; who agreed to tell her has not forgotten it."""
        desk.app.close()
        environ = ENVIRONMENT | {"DESKHAND_SENDING__HOLD": "0.2s"}
        desk.app = App.open(desk.root / "home", now=lambda: desk.moment, environ=environ)
        the_review(desk)
        run = desk.ask("replace Ann with Bo in the budget review")
        assert run.status == "done", run.answer
        assert sorted(to(desk)) == [ANN, BO]

    def test_of_a_series_it_is_asked_which(self, desk: Any) -> None:
        desk.event("Sync", "20261105T160000", "20261105T163000", people=(ANN,), rule="FREQ=WEEKLY;BYDAY=TH")
        run = desk.ask("add Bo to the sync")
        assert run.status == "unclear"
        assert "repeats" in run.answer
        this, _, whole = run.choices
        assert desk.ask(this).status == "done"
        assert invited(desk, "Sync") == [{ANN}, {ANN, BO}], "only that one"
        assert desk.ask(whole.replace("Bo", CY)).status == "done"
        assert invited(desk, "Sync")[0] == {ANN, CY}

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ("add Ann to the budget review", "Ann Ruiz is invited already"),
            ("remove Bo from the budget review", "is not invited to “Budget review”"),
            ("add Bo to the lens order", "called “Lens order”"),
        ],
    )
    def test_what_cannot_be_done_changes_nothing(self, desk: Any, said: str, told: str) -> None:
        the_review(desk)
        desk.event("Lens order", f"{THURSDAY}150000", f"{THURSDAY}153000", people=(NOOR,), by=CY)
        before = desk.calendar()
        run = desk.ask(said)
        assert run.status == "failed"
        assert told in " ".join(run.answer.split())
        assert desk.calendar() == before
        assert desk.sent() == []


class TestRename:
    def test_it_is_renamed_and_those_invited_are_told(self, desk: Any) -> None:
        the_review(desk)
        run = desk.ask("rename the budget review on Thursday to “Harbour talk”")
        assert run.status == "done", run.answer
        assert invited(desk, "Harbour talk") == [{ANN}]
        assert to(desk) == {ANN: "Renamed: Harbour talk, Thu 26 Nov, 10:00–11:00"}
        (mail,) = desk.sent()
        assert "renamed “Budget review”. It is now called “Harbour talk”." in mail.body
        assert "SUMMARY:Harbour talk" in mail.calendar

    def test_the_card_shows_the_mail(self, desk: Any) -> None:
        the_review(desk)
        run = desk.ask("rename the budget review to Harbour talk", approve=None)
        (card,) = run.approvals
        assert "title “Harbour talk”" in card.summary
        assert any("“Renamed: Harbour talk, Thu 26 Nov" in n for n in card.notes)

    def test_one_of_a_series_or_all_of_it(self, desk: Any) -> None:
        desk.event("Sync", "20261105T160000", "20261105T163000", rule="FREQ=WEEKLY;BYDAY=TH")
        assert desk.ask("rename the sync on Thursday to “Harbour talk”").status == "done"
        assert desk.calendar().count("SUMMARY:Harbour talk") == 1
        assert desk.calendar().count("SUMMARY:Sync") == 1
        assert desk.ask("rename the whole series of the sync to “All of them”").status == "done"
        assert "SUMMARY:All of them" in desk.calendar()

    def test_from_a_day_on(self, desk: Any) -> None:
        desk.event("Sync", "20261105T160000", "20261105T163000", rule="FREQ=WEEKLY;BYDAY=TH")
        run = desk.ask("rename the sync from 3 December on to “Later”")
        assert run.status == "done", run.answer
        assert desk.calendar().count("SUMMARY:Later") == 1
        assert "DTSTART;TZID=Europe/Lisbon:20261203T160000" in desk.calendar()


def test_who_was_taken_out_hears_that_it_was_taken_back(desk: Any) -> None:
    desk.event("Budget review", f"{THURSDAY}100000", f"{THURSDAY}110000", people=(ANN, BO))
    run = desk.ask("remove Ann from the budget review")
    seen: list[str] = []

    def yes(card: Any) -> dict[str, str]:
        seen.extend(card["notes"])
        return {"verdict": "approve"}

    desk.app.undo(run.id, approve=yes)
    assert any(ANN in n and BO in n for n in seen), seen
    assert invited(desk, "Budget review") == [{ANN, BO}]
    last = max(desk.sent(), key=lambda m: m["Subject"].startswith("Restored"))
    assert ANN in last["To"]
    assert BO in last["To"]
