"""Making room: own meetings move for another one after a yes, and those in them are told."""

from __future__ import annotations

import re
from typing import Any

import pytest

NOOR, ANN, BO, CY = "noor@example.org", "ann@example.org", "bo@example.org", "cy@example.org"
TUESDAY = "20261124T"


def starts(desk: Any) -> dict[str, str]:
    """When each event begins now, by its title; as `24 15:00`."""
    found = {}
    for event in desk.calendar().split("BEGIN:VEVENT")[1:]:
        title = re.search(r"SUMMARY:(.*?)\r", event)
        at = re.search(r"DTSTART[^:]*:\d{6}(\d\d)T(\d\d)(\d\d)", event)
        if title and at and "STATUS:CANCELLED" not in event:
            found[title[1]] = f"{at[1]} {at[2]}:{at[3]}"
    return found


def a_full_tuesday(desk: Any) -> None:
    """Nine to five: Bo's meeting, a review with Bo, time alone, and a meeting of Cy's."""
    desk.mail("Ann Ruiz <ann@example.org>", "Hello", "Hello there.")
    desk.event("Board", f"{TUESDAY}090000", f"{TUESDAY}120000", people=(NOOR, BO), by=BO)
    desk.event("Review", f"{TUESDAY}120000", f"{TUESDAY}140000", people=(BO,))
    desk.event("Deep work", f"{TUESDAY}140000", f"{TUESDAY}150000")
    desk.event("Audit", f"{TUESDAY}150000", f"{TUESDAY}170000", people=(NOOR, CY), by=CY)


ASK = "book an hour with ann@example.org on Tuesday, even if something must move"


class TestMakingRoom:
    @pytest.mark.parametrize(
        "words",
        [
            ASK,
            "make room for an hour with ann@example.org on Tuesday",
            "move something to make room for an hour with ann@example.org on Tuesday",
        ],
    )
    def test_the_least_important_moves_and_the_meeting_is_booked(self, desk: Any, words: str) -> None:
        a_full_tuesday(desk)
        run = desk.ask(words)
        assert run.status == "done", run.answer
        now = starts(desk)
        assert now["Meeting with Ann"] == "24 14:00"
        assert now["Deep work"].partition(" ")[0] != "24"
        assert (now["Board"], now["Review"], now["Audit"]) == ("24 09:00", "24 12:00", "24 15:00")

    def test_all_of_it_is_asked_for_at_once(self, desk: Any) -> None:
        a_full_tuesday(desk)
        before = desk.calendar()
        run = desk.ask(ASK, approve=None)
        assert run.status == "waiting"
        assert [a.operation for a in run.approvals] == ["event.update", "event.create"]
        move, book = run.approvals
        assert "nobody else is in it" in " ".join(move.notes)
        assert book.notes[0].startswith("“Deep work” would move from Tue 24 Nov, 14:00–15:00 to ")
        assert desk.calendar() == before, "nothing has happened yet"

    def test_a_no_to_the_move_books_nothing(self, desk: Any) -> None:
        a_full_tuesday(desk)
        before = starts(desk)
        run = desk.ask(
            ASK, approve=lambda a: {"verdict": "reject" if a["operation"] == "event.update" else "approve"}
        )
        assert starts(desk) == before
        assert not desk.sent()
        assert "You said no" in run.answer

    def test_those_in_it_are_told_where_it_goes(self, desk: Any) -> None:
        a_full_tuesday(desk)
        run = desk.ask("book two hours with ann@example.org on Tuesday, even if something must move")
        assert run.status == "done", run.answer
        now = starts(desk)
        assert now["Review"].partition(" ")[0] != "24"
        moved = next(m for m in desk.sent() if m["Subject"].startswith("Moved: Review"))
        assert BO in moved["To"]
        assert "METHOD:REQUEST" in moved.calendar
        assert "Was: Tue 24 Nov, 12:00–14:00" in moved.body

    def test_nothing_moves_where_a_time_is_free(self, desk: Any) -> None:
        desk.mail("Ann Ruiz <ann@example.org>", "Hello", "Hello there.")
        desk.event("Deep work", f"{TUESDAY}140000", f"{TUESDAY}150000")
        run = desk.ask(ASK)
        assert run.status == "done", run.answer
        assert starts(desk)["Deep work"] == "24 14:00"

    def test_what_others_called_and_what_lasts_all_day_stays(self, desk: Any) -> None:
        desk.mail("Ann Ruiz <ann@example.org>", "Hello", "Hello there.")
        desk.event("Board", f"{TUESDAY}090000", f"{TUESDAY}170000", people=(NOOR, BO), by=BO)
        before = desk.calendar()
        run = desk.ask(ASK)
        assert run.status != "done"
        assert "No meeting of yours that may move makes room." in run.answer
        assert desk.calendar() == before

    def test_it_is_all_taken_back(self, desk: Any) -> None:
        a_full_tuesday(desk)
        before = starts(desk)
        run = desk.ask(ASK)
        assert starts(desk) != before
        desk.app.undo(run.id, approve=True)
        assert starts(desk) == before

    def test_a_meeting_of_a_series_moves_after_a_single_one(self, desk: Any) -> None:
        desk.mail("Ann Ruiz <ann@example.org>", "Hello", "Hello there.")
        desk.event("Writing", f"{TUESDAY}090000", f"{TUESDAY}130000", rule="FREQ=WEEKLY")
        desk.event("Deep work", f"{TUESDAY}130000", f"{TUESDAY}170000")
        run = desk.ask(ASK, approve=None)
        assert "Deep work" in run.approvals[0].summary


class TestAWayOut:
    def test_where_nothing_is_free_the_move_is_named_with_the_request_for_it(self, desk: Any) -> None:
        a_full_tuesday(desk)
        before = desk.calendar()
        run = desk.ask("book an hour with ann@example.org on Tuesday")
        assert run.status == "unclear" or run.choices, run.answer
        assert "“Deep work” would move from Tue 24 Nov, 14:00–15:00 to" in " ".join(run.answer.split())
        assert run.choices[-1] == f"book an hour with ann@example.org on Tuesday, {ASK.rpartition(', ')[2]}"
        assert desk.calendar() == before
        assert desk.ask(run.choices[-1]).status == "done"
        assert starts(desk)["Meeting with Ann"] == "24 14:00"
