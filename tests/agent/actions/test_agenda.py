"""Looking into real calendar files: what is on."""

from __future__ import annotations

from typing import Any


def test_a_day(desk: Any) -> None:
    desk.event("Budget review", "20261123T150000", "20261123T160000", people=("ann@example.org",))
    desk.event("Dentist", "20261124T090000", "20261124T093000")
    run = desk.ask("what is on my calendar tomorrow")
    assert run.status == "done"
    assert "Mon 23 Nov, 15:00–16:00: Budget review; with Ann" in run.answer
    assert "Dentist" not in run.answer
    assert [c.title for c in run.citations] == ["Budget review"]


def test_nothing_on_is_said(desk: Any) -> None:
    assert "Nothing is in your calendar, Mon 23 Nov." in desk.tell("what is on my calendar tomorrow")


def test_how_long_all_of_it_lasts_is_told_where_that_is_asked(desk: Any) -> None:
    desk.event("One", "20261123T100000", "20261123T113000", people=("ann@example.org",))
    desk.event("Two", "20261124T100000", "20261124T110000", people=("ann@example.org",))
    desk.event("In it", "20261124T103000", "20261124T111500", people=("ann@example.org",))
    desk.event("Without her", "20261125T100000", "20261125T103000", people=("bo@example.org",))
    answer = desk.tell("how much time will I spend in meetings with Ann next week")
    assert "In all 2 hours and 45 minutes" in answer, "what overlaps counts once"
    assert "Without her" not in answer
    assert "In all" not in desk.tell("what meetings do I have with Ann next week")


def test_the_next_one_with_somebody(desk: Any) -> None:
    desk.event("One", "20261123T100000", "20261123T103000", people=("bo@example.org",))
    desk.event("Two", "20261124T100000", "20261124T103000", people=("ann@example.org",))
    desk.event("Three", "20261125T100000", "20261125T103000", people=("ann@example.org",))
    answer = desk.tell("when is my next meeting with Ann?")
    assert "Two" in answer
    assert "One" not in answer
    assert "Three" not in answer


def test_whether_there_is_time(desk: Any) -> None:
    desk.event("Budget review", "20261124T150000", "20261124T160000")
    assert "No, you are not free, Tue 24 Nov, 15:00" in desk.tell("am I free on Tuesday at 3?")
    assert "Yes, you are free Tue 24 Nov at 17:00" in desk.tell("am I free on Tuesday at 5pm?")


def test_a_series_shows_on_each_of_its_days_and_not_on_one_cancelled(desk: Any) -> None:
    desk.event("Sync", "20261116T100000", "20261116T103000", rule="FREQ=WEEKLY")
    assert "Sync" in desk.tell("what is on my calendar tomorrow")
    desk.ask("cancel the sync tomorrow")
    assert "Sync" not in desk.tell("what is on my calendar tomorrow")
    assert "Sync" in desk.tell("what is on my calendar on 30 November")
