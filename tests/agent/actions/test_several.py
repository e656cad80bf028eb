"""Many events at once: what is cancelled, what is declined, what stays; each with its own approval."""

from __future__ import annotations

import re
from typing import Any

import pytest

FRIDAY = "20261127T"
NOOR, ANN, BO = "noor@example.org", "ann@example.org", "bo@example.org"


def standing(desk: Any) -> set[str]:
    """Titles of the events that are there and not cancelled."""
    found = set()
    for event in desk.calendar().split("BEGIN:VEVENT")[1:]:
        title = re.search(r"SUMMARY:(.*?)\r", event)
        if title and "STATUS:CANCELLED" not in event:
            found.add(title[1])
    return found


def a_friday(desk: Any) -> None:
    desk.event("Budget review", f"{FRIDAY}100000", f"{FRIDAY}110000", people=(ANN,))
    desk.event("Deep work", f"{FRIDAY}130000", f"{FRIDAY}150000")
    desk.event("Lens order", f"{FRIDAY}153000", f"{FRIDAY}160000", people=(NOOR, ANN), by=BO)
    desk.event("Ann's birthday", "20261127", "20261128")
    desk.event("Next week", "20261130T100000", "20261130T110000")


class TestCancelAll:
    def test_own_events_are_cancelled_and_others_declined(self, desk: Any) -> None:
        a_friday(desk)
        run = desk.ask("cancel everything on Friday and tell them")
        assert run.status == "done", run.answer
        assert standing(desk) == {"Lens order", "Ann's birthday", "Next week"}
        assert "PARTSTAT=DECLINED" in desk.calendar().replace("\r\n ", ""), (
            "noted in one's own copy of Bo's meeting"
        )
        told = {(m["To"], m["Subject"].partition(",")[0]) for m in desk.sent()}
        assert {s for _, s in told} == {"Cancelled: Budget review", "Declined: Lens order"}
        cancelled, declined = (
            next(m for m in desk.sent() if m["Subject"].startswith(s)) for s in ("Cancelled", "Declined")
        )
        assert "METHOD:CANCEL" in cancelled.calendar
        assert "METHOD:REPLY" in declined.calendar
        assert "PARTSTAT=DECLINED" in declined.calendar.replace("\r\n ", "")
        assert BO in declined["To"]
        assert "“Ann's birthday”, Fri 27 Nov: it lasts all day" in run.answer

    def test_every_card_says_what_all_of_them_are(self, desk: Any) -> None:
        a_friday(desk)
        run = desk.ask("cancel everything on Friday", approve=None)
        assert run.status == "waiting"
        first, *others = run.approvals
        assert len(others) == 2, "one card for each of the three"
        assert first.notes[0].startswith("This is 1 of 3: “Budget review”, Fri 27 Nov, 10:00–11:00; “Deep")
        assert [a.operation for a in run.approvals] == ["event.cancel", "event.cancel", "mail.send"]
        assert run.approvals[1].reason == "2 events change at once", "one alone would not be asked about"

    def test_a_no_to_one_leaves_that_one(self, desk: Any) -> None:
        a_friday(desk)
        run = desk.ask(
            "clear my Friday",
            approve=lambda a: {"verdict": "reject" if "Deep work" in a["summary"] else "approve"},
        )
        assert run.status == "partial"
        assert "Deep work" in standing(desk)
        assert "Budget review" not in standing(desk)
        assert "You said no: Cancel “Deep work”" in run.answer

    def test_of_one_person_only(self, desk: Any) -> None:
        a_friday(desk)
        desk.event("Bo alone", f"{FRIDAY}170000", f"{FRIDAY}173000", people=(BO,))
        assert desk.ask("cancel all my meetings with Bo on Friday").status == "done"
        assert "Bo alone" not in standing(desk)
        assert "Budget review" in standing(desk)

    def test_several_days_of_one_series(self, desk: Any) -> None:
        desk.event("Stand-up", "20261116T091500", "20261116T093000", rule="FREQ=DAILY")
        run = desk.ask("cancel all stand-ups next week")
        assert run.status == "done", run.answer
        assert len(run.effects) == 7
        listed = desk.tell("what is on my calendar next week")
        assert "Stand-up" not in listed
        assert "Stand-up" in desk.tell("what is on my calendar on 1 December")

    def test_it_is_all_taken_back(self, desk: Any) -> None:
        desk.event("Stand-up", "20261116T091500", "20261116T093000", rule="FREQ=DAILY")
        desk.event("Deep work", "20261125T130000", "20261125T150000")
        before = desk.tell("what is on my calendar next week")
        run = desk.ask("clear my calendar next week")
        assert len(run.effects) == 8
        assert desk.tell("what is on my calendar next week") != before
        undone = desk.app.undo(run.id, approve=True)
        assert undone.status == "done", undone.answer
        assert desk.tell("what is on my calendar next week") == before

    def test_too_many_are_none(self, desk: Any) -> None:
        for hour in ("08", "11", "14", "17"):
            desk.event(f"Tea at {hour}", f"20261123T{hour}0000", f"20261123T{hour}1500", rule="FREQ=DAILY")
        run = desk.ask("cancel everything in the next two weeks")
        assert run.status == "failed"
        assert "at once, and at most 25 are changed together" in run.answer
        assert not run.effects

    def test_nothing_there(self, desk: Any) -> None:
        desk.event("Ann's birthday", "20261127", "20261128")
        run = desk.ask("cancel everything on Friday")
        assert run.status == "failed"
        assert "There is nothing to cancel, Fri 27 Nov; only “Ann's birthday”" in run.answer

    def test_declining_all_cancels_nothing_of_ones_own(self, desk: Any) -> None:
        a_friday(desk)
        assert desk.ask("decline everything on Friday").status == "done"
        assert "Budget review" in standing(desk)
        assert [m["Subject"] for m in desk.sent()] == ["Declined: Lens order"]


class TestMoveAll:
    def test_each_keeps_its_time_of_day(self, desk: Any) -> None:
        a_friday(desk)
        run = desk.ask("move everything I have on Friday to the same time on 30 November")
        assert run.status == "done", run.answer
        for start in ("20261130T100000", "20261130T130000"):
            assert f"DTSTART;TZID=Europe/Lisbon:{start}" in desk.calendar()
        assert f"DTSTART;TZID=Europe/Lisbon:{FRIDAY}153000" in desk.calendar(), "Bo alone can move his"
        assert "“Lens order”, Fri 27 Nov, 15:30–16:00: somebody else called it" in run.answer


class TestEach:
    def test_a_meeting_with_each_no_two_on_a_day(self, desk: Any) -> None:
        run = desk.ask("book half an hour with each of Ann and Bo next week, no two on the same day")
        assert run.status == "done", run.answer
        days = re.findall(r"DTSTART;TZID=Europe/Lisbon:(\d{8})T", desk.calendar())
        assert len(set(days)) == 2
        invited = {m["To"] for m in desk.sent() if "METHOD:REQUEST" in m.calendar}
        assert len(invited) == 2
        assert [e.operation for e in run.effects] == ["event.create"] * 2 + ["mail.send"] * 2

    def test_what_cannot_be_is_said(self, desk: Any) -> None:
        run = desk.ask("book half an hour with each of Ann and Bo tomorrow, no two on the same day")
        assert run.status == "failed"
        assert "no two of" in run.answer
        assert not run.effects


class TestLeftOut:
    """What a wish leaves out stays, and the rest is asked about."""

    @pytest.mark.parametrize(
        "said",
        [
            "cancel everything on Friday except the board meeting",
            "cancel everything except the board meeting on Friday",
            "cancel everything on Friday but not the board meeting",
            "cancel everything on Friday but the board meeting",
            "cancel everything on Friday apart from my meeting with Ann",
            "cancel everything on Friday, but not my meeting with Ann",
            "clear my Friday without Ann",
            "clear my Friday other than the board meeting",
            "clear my Friday, but keep the board meeting",
            "clear my Friday except the board meeting without telling anybody",
        ],
    )
    def test_it_stays_and_the_other_goes_after_a_yes(self, desk: Any, said: str) -> None:
        desk.event("Board meeting", f"{FRIDAY}100000", f"{FRIDAY}110000", people=(ANN,))
        desk.event("Dentist", f"{FRIDAY}150000", f"{FRIDAY}154500")
        run = desk.ask(said, approve=None)
        assert run.status == "waiting", run.answer
        assert [a.summary for a in run.approvals if a.operation == "event.cancel"] == [
            "Cancel “Dentist”, Fri 27 Nov, 15:00–15:45, in calendar"
        ]
        assert standing(desk) == {"Board meeting", "Dentist"}
        run = desk.ask(said)
        assert run.status == "done", run.answer
        assert standing(desk) == {"Board meeting"}
        assert "“Board meeting”, Fri 27 Nov, 10:00–11:00: you said it stays" in run.answer

    def test_of_a_part_of_a_day(self, desk: Any) -> None:
        a_friday(desk)
        desk.event("Dentist", f"{FRIDAY}163000", f"{FRIDAY}170000")
        run = desk.ask("clear my Friday afternoon except the dentist and the lens order")
        assert run.status == "done", run.answer
        assert standing(desk) == {"Budget review", "Lens order", "Ann's birthday", "Next week", "Dentist"}

    @pytest.mark.parametrize(
        "said",
        [
            "move everything on Friday to 30 November except the dentist",
            "move everything on Friday except the dentist to 30 November",
        ],
    )
    def test_of_what_is_moved(self, desk: Any, said: str) -> None:
        desk.event("Dentist", f"{FRIDAY}163000", f"{FRIDAY}170000")
        desk.event("Deep work", f"{FRIDAY}130000", f"{FRIDAY}150000")
        run = desk.ask(said)
        assert run.status == "done", run.answer
        assert "20261130T130000" in desk.calendar()
        assert f"DTSTART;TZID=Europe/Lisbon:{FRIDAY}163000" in desk.calendar()

    @pytest.mark.parametrize(
        "said",
        [
            "cancel everything on Friday unless it is the dentist",
            "cancel everything on Friday except my 3pm",
            "cancel everything this week except Friday",
            "cancel everything on Friday except",
            "cancel all meetings with Ann except the board meeting",
            "cancel my Friday meeting except the dentist",
            "move my meetings on Friday except the dentist to Monday",
            "cancel everything on Friday except the opera",
        ],
    )
    def test_what_is_not_understood_or_not_there_changes_nothing(self, desk: Any, said: str) -> None:
        desk.event("Board meeting", f"{FRIDAY}100000", f"{FRIDAY}110000", people=(ANN,))
        desk.event("Dentist", f"{FRIDAY}150000", f"{FRIDAY}154500")
        run = desk.ask(said)
        assert run.status in ("unclear", "failed"), run.answer
        assert not run.effects

    @pytest.mark.parametrize("said", ["cancel everything on Friday", "clear my Friday afternoon"])
    def test_everything_is_asked_about_although_it_is_one(self, desk: Any, said: str) -> None:
        desk.event("Dentist", f"{FRIDAY}150000", f"{FRIDAY}154500")
        run = desk.ask(said, approve=None)
        assert run.status == "waiting"
        assert [a.reason for a in run.approvals] == ["it was not named by itself"]
        assert standing(desk) == {"Dentist"}
        assert desk.ask("cancel the dentist on Friday", approve=None).status == "done", (
            "named, it is not asked"
        )


class TestToTheSameTime:
    """ "Move everything I have on Thursday afternoon to the same time on Friday", with things on Friday."""

    WISH = "move everything I have on Thursday afternoon to the same time on Friday"

    def a_thursday(self, desk: Any) -> None:
        desk.event("Budget review", "20261126T130000", "20261126T140000", people=(ANN,))
        desk.event("Deep work", "20261126T140000", "20261126T150000")
        desk.event("Lens order", "20261126T150000", "20261126T153000", people=(NOOR,), by=BO)
        desk.event("Sync", "20261105T160000", "20261105T163000", people=(BO,), rule="FREQ=WEEKLY;BYDAY=TH")
        desk.event("In the morning", "20261126T090000", "20261126T093000")
        desk.event("Dentist", f"{FRIDAY}140000", f"{FRIDAY}143000")

    def test_what_cannot_move_is_told_and_the_rest_moves(self, desk: Any) -> None:
        self.a_thursday(desk)
        run = desk.ask(self.WISH)
        assert run.status == "done", run.answer
        text = desk.calendar()
        assert f"DTSTART;TZID=Europe/Lisbon:{FRIDAY}130000" in text
        assert "RECURRENCE-ID;TZID=Europe/Lisbon:20261126T160000\r\n" in text.replace("\r\n ", "")
        assert "DTSTART;TZID=Europe/Lisbon:20261126T150000" in text, "Bo's meeting stays"
        assert "DTSTART;TZID=Europe/Lisbon:20261126T090000" in text, "the morning stays"
        assert "“Lens order”, Thu 26 Nov, 15:00–15:30: somebody else called it" in run.answer
        assert {m["Subject"].partition(",")[0] for m in desk.sent()} == {
            "Moved: Budget review",
            "Moved: Sync",
        }

    def test_a_clash_on_the_new_day_stands_on_its_card_and_a_no_leaves_just_that_one(self, desk: Any) -> None:
        self.a_thursday(desk)
        cards = {a.summary.split("”")[0]: a for a in desk.ask(self.WISH, approve=None).approvals}
        clash = "At that time there is: “Dentist” (Fri 27 Nov, 14:00–14:30)."
        assert [name for name, a in cards.items() if clash in a.notes] == ["Change “Deep work"]
        run = desk.ask(
            self.WISH,
            approve=lambda a: {"verdict": "reject" if "Deep work" in a["summary"] else "approve"},
        )
        assert run.status == "partial"
        assert "DTSTART;TZID=Europe/Lisbon:20261126T140000" in desk.calendar()
        assert f"DTSTART;TZID=Europe/Lisbon:{FRIDAY}130000" in desk.calendar()
        assert "You said no: Change “Deep work”" in run.answer
