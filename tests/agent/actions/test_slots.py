"""Looking into real calendar files: when there is time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest


class TestSlots:
    def test_finding_only_proposes(self, desk: Any) -> None:
        run = desk.ask("find a time for an hour with Ann on Tuesday")
        assert run.status == "done"
        assert "Tue 24 Nov, 09:00–10:00" in run.answer
        assert "not confirmed" in run.answer  # Ann's calendar is not known
        assert run.effects == ()
        assert desk.calendar() == ""

    def test_what_is_taken_is_not_offered(self, desk: Any) -> None:
        desk.event("Workshop", "20261124T090000", "20261124T163000")
        assert "Tue 24 Nov, 16:30–17:00" in desk.tell("find half an hour on Tuesday")

    def test_an_exact_time_that_is_free_is_booked(self, desk: Any) -> None:
        run = desk.ask("book a call with Ann tomorrow at 19:00 for 20 minutes about the roof")
        assert run.status == "done"  # also out of office hours: it was said
        assert "Booked “Roof” with Ann Ruiz <ann@example.org>, Mon 23 Nov, 19:00–19:20" in run.answer
        assert "DTSTART;TZID=Europe/Lisbon:20261123T190000" in desk.calendar()

    def test_an_exact_time_that_is_taken_is_one_question_with_whole_requests(self, desk: Any) -> None:
        desk.event("Board", "20261123T150000", "20261123T160000")
        run = desk.ask("book a call with Ann tomorrow at 15:00")
        assert run.status == "unclear"
        assert "You are not free then: “Board” (Mon 23 Nov, 15:00–16:00)." in run.answer
        assert run.choices
        assert run.effects == ()
        again = desk.ask(run.choices[0])
        assert again.status == "done"
        assert [e.operation for e in again.effects] == ["event.create", "mail.send"]

    def test_a_stretch_without_room_offers_the_nearest_times(self, desk: Any) -> None:
        run = desk.ask("find half an hour with Ann today")  # a Sunday
        assert run.status == "unclear"
        assert "working hours" in run.answer
        assert desk.ask(run.choices[0]).status == "done"

    def test_a_meal_is_at_its_hour(self, desk: Any) -> None:
        desk.event("Long call", "20261124T120000", "20261124T124500")
        answer = desk.tell("book lunch with Ann on Tuesday")
        assert "Booked “Lunch with Ann”" in answer
        assert "Tue 24 Nov, 13:00–14:00" in answer

    def test_the_card_offers_the_other_times(self, desk: Any) -> None:
        seen: list[dict[str, Any]] = []

        def decide(approval: dict[str, Any]) -> dict[str, Any]:
            seen.append(approval)
            offered = approval.get("alternatives") or ()
            return {"verdict": "edit", "changes": offered[0]} if offered else {"verdict": "approve"}

        run = desk.ask("book 30 minutes with Ann on Tuesday", approve=decide)
        assert run.status == "done"
        chosen = datetime.fromisoformat(seen[0]["alternatives"][0]["start"])
        assert datetime.fromisoformat(run.effects[0].arguments["start"]) == chosen
        assert datetime.fromisoformat(seen[0]["arguments"]["start"]) != chosen

    def test_a_calendar_that_cannot_be_read_is_not_taken_for_free(self, desk: Any) -> None:
        desk.event("Board", "20261124T090000", "20261124T120000")
        desk.app.sync()
        folder = desk.root / "calendar"
        folder.rename(desk.root / "gone")
        run = desk.ask("find half an hour on Tuesday")
        assert "It is not certain that you are free: calendar could not be read." in run.answer
        assert "not confirmed" in run.answer
        assert "09:00" not in run.answer  # what was known to be taken stays taken
        assert "could not be read" in desk.tell("what is on my calendar tomorrow")
        taken = desk.tell("find half an hour on Tuesday between 9 and 12")
        assert "It is not certain that you are free at other times: calendar could not be read." in taken

    def test_a_repeating_event_keeps_its_rule_and_the_invitation_tells_it(self, desk: Any) -> None:
        run = desk.ask("book a weekly sync with Ann every Monday at 10")
        assert run.status == "done"
        assert "RRULE:FREQ=WEEKLY;BYDAY=MO" in desk.calendar()
        (mail,) = desk.sent()
        assert "Repeats: every Monday at 10:00" in mail.body

    @pytest.mark.parametrize("said", ["book a call with Ann today at 8:10", "book an hour today at 7am"])
    def test_no_time_is_booked_that_is_over_or_too_soon(self, desk: Any, said: str) -> None:
        desk.moment += timedelta(minutes=5)
        run = desk.ask(said)
        assert run.status == "unclear"
        assert run.effects == ()


def test_what_is_known_of_the_others_is_not_booked_over(desk: Any) -> None:
    """A team's calendar says that Bo is at a course: I am free, he is not."""
    desk.event(
        "Course", "20261123T090000", "20261123T170000", people=["bo@example.org"], by="ann@example.org"
    )
    answer = desk.tell("find a time for 30 minutes with Bo on Monday 23 November")
    assert "Mon 23 Nov, 1" not in answer.partition("Near it")[0]
    assert "Bo" in answer
    assert "Yes, you are free" in desk.tell("am I free on Monday 23 November between 10 and 11?")


class TestFarFromAnEvent:
    """The distance from an event holds where the event really is."""

    @pytest.mark.parametrize(
        ("words", "first"),
        [
            ("at least an hour after the board meeting", "Wed 25 Nov, 13:00–14:00"),
            ("at least a day after the board meeting", "Thu 26 Nov, 09:00–10:00"),
            ("two days after the board meeting", "Fri 27 Nov, 09:00–10:00"),
            ("three business days after the board meeting", "Mon 30 Nov, 09:00–10:00"),
            ("within a day before the board meeting", "Tue 24 Nov, 09:00–10:00"),
            ("on Wednesday, not within an hour of the board meeting", "Wed 25 Nov, 13:00–14:00"),
        ],
    )
    def test_is_kept(self, desk: Any, words: str, first: str) -> None:
        desk.event("Board meeting", "20261125T100000", "20261125T120000")
        run = desk.ask(f"find an hour {words}")
        assert run.status == "done", run.answer
        times = re.findall(r"\w+ \d+ Nov, \d\d:\d\d–\d\d:\d\d", run.answer)
        assert times[0] == first
        assert run.effects == ()

    def test_an_event_too_near_is_said(self, desk: Any) -> None:
        desk.event("Board meeting", "20261123T100000", "20261123T120000")
        run = desk.ask("book an hour with Ann at least a week before the board meeting")
        assert run.effects == ()
        assert "That time is over" in run.answer

    def test_an_exact_time_outside_the_day_that_was_said_is_not_booked(self, desk: Any) -> None:
        desk.event("Flight", "20261126T100000", "20261126T120000")
        run = desk.ask("book half an hour with Ann tomorrow, an hour before my flight")
        assert run.effects == ()
        assert "Thu 26 Nov, 09:00, which is not within the time that was said" in run.answer
