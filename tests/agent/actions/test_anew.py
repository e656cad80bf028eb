"""A new time for an event that is there: looked for, proposed with the next best, and told."""

from __future__ import annotations

from typing import Any

import pytest

BO = ("noor@example.org", "bo@example.org")
BOTH = (*BO, "ann@example.org")


def cards(desk: Any, say: str) -> list[Any]:
    """The questions that a wish asks; each is said no to."""
    seen: list[Any] = []

    def no(card: Any) -> dict[str, str]:
        seen.append(card)
        return {"verdict": "reject"}

    desk.ask(say, no)
    return seen


class TestANewTime:
    def test_its_own_time_is_in_nobodys_way_and_the_next_best_are_on_the_card(self, desk: Any) -> None:
        desk.event("Review", "20261124T100000", "20261124T110000", people=BO)
        card, *_ = cards(desk, "find a new time for the review on Tuesday")
        assert card["operation"] == "event.update"
        times = [card["arguments"], *card["alternatives"]]
        assert len({t["start"] for t in times}) == 3
        assert all("2026-11-24" in t["start"] and "T10:" not in t["start"] for t in times)

    def test_another_day_is_not_its_own(self, desk: Any) -> None:
        desk.event("Review", "20261124T100000", "20261124T110000")
        assert desk.ask("move the review to another day next week").status == "done"
        assert "DTSTART;TZID=Europe/Lisbon:20261123T" in desk.calendar()

    def test_the_morning_is_that_of_its_own_day(self, desk: Any) -> None:
        desk.event("Review", "20261125T140000", "20261125T150000")
        desk.event("Busy", "20261125T090000", "20261125T103000")
        assert desk.ask("move the review to the morning").status == "done"
        assert "DTSTART;TZID=Europe/Lisbon:20261125T11" in desk.calendar()

    def test_hours_that_are_said_go_before_working_hours(self, desk: Any) -> None:
        desk.event("Dentist", "20261124T100000", "20261124T110000")
        assert desk.ask("reschedule the dentist to sometime next week after 5pm").status == "done"
        assert "DTSTART;TZID=Europe/Lisbon:20261123T17" in desk.calendar()

    def test_later_that_day_and_earlier(self, desk: Any) -> None:
        desk.event("Review", "20261125T120000", "20261125T130000")
        assert desk.ask("move the review to later that day").status == "done"
        assert "DTSTART;TZID=Europe/Lisbon:20261125T130000" in desk.calendar()
        assert desk.ask("move the review to earlier that day").status == "done"
        assert "DTSTART;TZID=Europe/Lisbon:20261125T12" not in desk.calendar()

    def test_those_invited_are_told(self, desk: Any) -> None:
        desk.event("Review", "20261124T100000", "20261124T110000", people=BOTH)
        assert desk.ask("find a new time for the review").status == "done"
        (mail,) = desk.sent()
        assert mail["Subject"].startswith("Moved: Review")
        assert "METHOD:REQUEST" in mail.calendar

    def test_where_nothing_fits_what_is_near_is_a_choice_that_moves_just_this(self, desk: Any) -> None:
        desk.event("Review", "20261125T140000", "20261125T150000")
        desk.event("All morning", "20261125T000000", "20261125T120000")
        run = desk.ask("move the review to the morning")
        assert run.status == "unclear"
        assert desk.ask(run.choices[0]).status == "done"

    def test_a_note_to_a_day_has_no_hour(self, desk: Any) -> None:
        desk.event("Holiday", "20261125", "20261126")
        assert "lasts all day" in desk.tell("find a new time for the holiday")


class TestToADay:
    def test_it_keeps_its_hour_where_that_is_free(self, desk: Any) -> None:
        desk.event("Review", "20261124T150000", "20261124T160000")
        assert desk.ask("move the review to Thursday").status == "done"
        assert "DTSTART;TZID=Europe/Lisbon:20261126T150000" in desk.calendar()

    def test_where_something_is_at_its_hour_the_best_of_the_day_is_proposed(self, desk: Any) -> None:
        desk.event("Review", "20261124T150000", "20261124T160000", people=BO)
        desk.event("Board", "20261126T140000", "20261126T170000")
        (card,) = cards(desk, "move the review to Thursday")
        assert "At its own hour, 15:00, there is “Board” (Thu 26 Nov, 14:00–17:00)." in card["notes"]
        assert desk.ask("move the review to Thursday").status == "done"
        assert "DTSTART;TZID=Europe/Lisbon:20261126T15" not in desk.calendar()
        assert "DTSTART;TZID=Europe/Lisbon:20261126T" in desk.calendar().replace("20261126T140000", "")


class TestTheMeetingWithHer:
    def test_it_is_the_one_with_her_alone_and_the_soonest_comes_first(self, desk: Any) -> None:
        desk.event("Team", "20261123T100000", "20261123T110000", people=BOTH)
        desk.event("Noor and Bo", "20261126T100000", "20261126T103000", people=BO)
        assert desk.ask("push my meeting with Bo back an hour").status == "done"
        assert "DTSTART;TZID=Europe/Lisbon:20261126T110000" in desk.calendar()
        desk.event("Bo again", "20261125T100000", "20261125T103000", people=BO)
        run = desk.ask("push my meeting with Bo back an hour")
        assert run.choices == (
            "move “Bo again” on 2026-11-25 at 10:00 by an hour",
            "move “Noor and Bo” on 2026-11-26 at 11:00 by an hour",
        )

    @pytest.mark.parametrize(
        ("say", "kept"),
        [
            ("shorten the sync to 10 minutes", "to 10 minutes"),
            ("make the sync shorter by 10 minutes", "by 10 minutes"),
            ("make the sync 10 minutes", "10 minutes"),
        ],
    )
    def test_how_much_of_a_series_asks_for_just_that_length(self, desk: Any, say: str, kept: str) -> None:
        desk.event("Sync", "20261116T100000", "20261116T103000", rule="FREQ=WEEKLY", people=BO)
        run = desk.ask(say)
        assert len(run.choices) == 3
        assert all(c.endswith(kept) for c in run.choices)
        for choice in run.choices:
            card, *_ = cards(desk, choice)
            start, end = card["arguments"]["start"], card["arguments"]["end"]
            assert (end[11:16], start[11:16]) == ("10:20" if "by" in kept else "10:10", "10:00")
