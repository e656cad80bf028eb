"""How much of a series is changed: one occurrence, all from a day on, or the whole; and how long it lasts."""

from __future__ import annotations

import re
from typing import Any

import pytest


@pytest.fixture
def sync(desk: Any) -> Any:
    """A weekly sync on Mondays at 10:00, half an hour."""
    desk.event("Weekly sync", "20261116T100000", "20261116T103000", rule="FREQ=WEEKLY;BYDAY=MO")
    return desk


def times(desk: Any, day: str) -> str:
    said = desk.tell(f"what is on my calendar on {day}")
    return str(said.partition(", ")[2])


class TestLength:
    def test_from_a_day_on(self, sync: Any) -> None:
        run = sync.ask("make the weekly sync 45 minutes from 7 December")
        assert run.status == "done", run.answer
        assert "10:00–10:30" in sync.tell("what is on my calendar on 30 November")
        assert "10:00–10:45" in sync.tell("what is on my calendar on 7 December")
        assert "10:00–10:45" in sync.tell("what is on my calendar on 21 December")

    def test_it_is_asked_how_much_of_a_series(self, sync: Any) -> None:
        run = sync.ask("make the weekly sync 45 minutes")
        assert run.status == "unclear"
        assert (
            "“Weekly sync” repeats. Change only the one of Mon 23 Nov, 10:00–10:30, all from then on"
            in run.answer
        )
        once, following, whole = run.choices
        assert once == "make “Weekly sync” on 2026-11-23 at 10:00 45 minutes"
        assert following == "make “Weekly sync” from 2026-11-23 on 45 minutes"
        assert whole == "make the whole series of “Weekly sync” 45 minutes"

    @pytest.mark.parametrize(("choice", "after"), [(0, "10:30"), (1, "10:45"), (2, "10:45")])
    def test_each_choice_does_what_it_says(self, sync: Any, choice: int, after: str) -> None:
        run = sync.ask(sync.ask("make the weekly sync 45 minutes").choices[choice])
        assert run.status == "done", run.answer
        assert "10:00–10:45" in sync.tell("what is on my calendar on 23 November")
        assert f"10:00–{after}" in sync.tell("what is on my calendar on 30 November")

    def test_by_so_many_minutes(self, desk: Any) -> None:
        desk.event("Board meeting", "20261124T150000", "20261124T160000")
        assert desk.ask("extend the board meeting by 15 minutes").status == "done"
        assert "15:00–16:15" in desk.tell("what is on my calendar on Tuesday")
        assert desk.ask("shorten the board meeting to 30 minutes").status == "done"
        assert "15:00–15:30" in desk.tell("what is on my calendar on Tuesday")
        assert "lasts 30 minutes already" in desk.tell("make the board meeting 30 minutes")
        assert "so much cannot be taken off" in desk.tell("shorten the board meeting by an hour")

    def test_those_invited_are_told_of_both_parts(self, desk: Any) -> None:
        desk.event(
            "Weekly sync", "20261116T100000", "20261116T103000", rule="FREQ=WEEKLY;BYDAY=MO",
            people=("ann@example.org",),
        )  # fmt: skip
        run = desk.ask("make the weekly sync 45 minutes from 7 December")
        assert run.status == "done", run.answer
        new, old = (m.calendar for m in desk.sent())
        assert "DTSTART;TZID=Europe/Lisbon:20261207T100000" in new
        assert "UNTIL=" in old
        assert "METHOD:REQUEST" in new
        assert "METHOD:REQUEST" in old


class TestMove:
    def test_to_another_weekday_from_a_month_on(self, sync: Any) -> None:
        run = sync.ask("move the weekly sync to Tuesdays from January")
        assert run.status == "done", run.answer
        assert "Weekly sync" in sync.tell("what is on my calendar on 28 December")
        assert "Weekly sync" not in sync.tell("what is on my calendar on 11 January 2027")
        assert "10:00–10:30" in sync.tell("what is on my calendar on 5 January 2027")
        assert "10:00–10:30" in sync.tell("what is on my calendar on 12 January 2027")

    def test_the_whole_series_moves_with_its_first(self, sync: Any) -> None:
        assert sync.ask("move the whole series of the weekly sync to 4pm").status == "done"
        assert "DTSTART;TZID=Europe/Lisbon:20261116T160000" in sync.calendar()
        assert "16:00–16:30" in sync.tell("what is on my calendar on 30 November")

    def test_another_time_of_day_is_asked_about(self, sync: Any) -> None:
        run = sync.ask("move the weekly sync to 4pm")
        assert run.status == "unclear"
        assert sync.ask(run.choices[1]).status == "done"
        assert "16:00–16:30" in sync.tell("what is on my calendar on 7 December")

    def test_to_another_day_is_one_occurrence(self, sync: Any) -> None:
        assert sync.ask("move the weekly sync to Wednesday").status == "done"
        assert "10:00–10:30" in sync.tell("what is on my calendar on Wednesday")
        assert "10:00–10:30" in sync.tell("what is on my calendar on 30 November")


class TestRepeating:
    def test_the_card_tells_the_exceptions_of_a_series(self, desk: Any) -> None:
        desk.event("Board", "20261208T093000", "20261208T120000")
        asked: list[Any] = []
        run = desk.ask(
            "book a meeting every Tuesday at 10 with Ann for six weeks",
            approve=lambda a: asked.append(a) or {"verdict": "approve"},
        )
        assert run.status == "done", run.answer
        said = " ".join(asked[0]["notes"])
        assert (
            "Of the 6 occurrences in the next 90 days, 1 clashes: Tue 8 Dec, 10:00–10:30 (you have “Board”)"
            in said
        )
        assert "RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=" in desk.calendar()

    def test_a_later_time_that_was_taken_meanwhile_stops_it(self, desk: Any) -> None:
        run = desk.ask("book a meeting every Tuesday at 10 with Ann", approve=None)
        assert "none clashes" in " ".join(run.approvals[0].notes)
        desk.event("Board", "20261208T093000", "20261208T120000")
        desk.app.sync(embed=0)
        done = desk.app.decide(run.approvals[0].id)
        assert done.status == "unclear"
        assert "one of its times was taken meanwhile, by “Board” (Tue 8 Dec" in done.answer
        assert "RRULE" not in desk.calendar()

    def test_what_was_on_the_card_does_not_stop_it(self, desk: Any) -> None:
        desk.event("Board", "20261208T093000", "20261208T120000")
        run = desk.ask("book a meeting every Tuesday at 10 with Ann", approve=None)
        assert desk.app.decide(run.approvals[0].id).status == "done"

    def test_a_weekly_slot_is_one_that_is_free_every_week(self, desk: Any) -> None:
        for weekday in ("23", "24", "25", "26", "27"):
            desk.event(
                f"Course {weekday}", f"202611{weekday}T090000", f"202611{weekday}T160000", rule="FREQ=WEEKLY"
            )
        run = desk.ask("schedule a weekly sync of 45 minutes with Ann")
        assert run.status == "done", run.answer
        assert "RRULE:FREQ=WEEKLY" in desk.calendar()
        booked = next(e for e in desk.calendar().split("BEGIN:VEVENT") if "Sync with Ann" in e)
        assert re.search(r"DTSTART;TZID=Europe/Lisbon:\d{8}T16", booked), "the one hour that is free each day"

    @pytest.mark.parametrize(
        ("said", "rule", "first"),
        [
            ("the first Monday of every month", "FREQ=MONTHLY;BYDAY=1MO", "20261207"),
            ("the last Friday of every month", "FREQ=MONTHLY;BYDAY=-1FR", "20261127"),
        ],
    )
    def test_which_weekday_of_the_month_holds_for_the_first_too(
        self, desk: Any, said: str, rule: str, first: str
    ) -> None:
        run = desk.ask(f"schedule a 30 minute meeting with Ann on {said}")
        assert run.status == "done", run.answer
        assert f"RRULE:{rule}\r\n" in desk.calendar()
        assert f"DTSTART;TZID=Europe/Lisbon:{first}T" in desk.calendar()

    def test_which_weekday_of_the_month_is_looked_at_in_each(self, desk: Any) -> None:
        desk.event("Board", "20270104T000000", "20270105T000000")
        run = desk.ask("book a meeting with Ann on the first Monday of every month at 10", approve=None)
        assert "1 clashes: Mon 4 Jan 2027, 10:00–10:30 (you have “Board”)" in " ".join(run.approvals[0].notes)

    @pytest.mark.parametrize(
        ("said", "end"),
        [
            ("schedule a weekly sync with Ann for six weeks", "COUNT=6"),
            ("schedule a weekly sync with Ann until Christmas", "UNTIL=20261225T235959Z"),
            ("book a meeting with Ann every Tuesday at 10 until Christmas", "UNTIL=20261225T235959Z"),
            ("book a meeting every Tuesday at 10 with Ann until Christmas", "UNTIL=20261225T235959Z"),
            ("book a meeting every Tuesday at 10 with Ann for a year", "UNTIL=20271124T"),
        ],
    )
    def test_its_end_is_booked(self, desk: Any, said: str, end: str) -> None:
        run = desk.ask(said)
        assert run.status == "done", run.answer
        assert end in run.effects[0].arguments["rrule"]
        assert end in desk.calendar().replace("\r\n ", "")

    @pytest.mark.parametrize(
        "said",
        [
            "schedule a yearly review with Ann",
            "book a review with Ann every year on 3 May at 10",
            "book a meeting with Ann on the 1st and 15th of every month at 9",
        ],
    )
    def test_what_cannot_be_looked_at_is_not_booked(self, desk: Any, said: str) -> None:
        run = desk.ask(said)
        assert run.status in ("failed", "unclear")
        assert "I cannot look at all times of what repeats like that" in run.answer
        assert not run.effects
