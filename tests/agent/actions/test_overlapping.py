"""What overlaps an event is declined, and each organizer is offered a time of its own."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from .test_several import ANN, BO, NOOR, standing

THURSDAY = "20261126T"
CY = "cy@example.org"
WISH = "decline what overlaps the board meeting and offer each organiser the next gap I have"


def a_thursday(desk: Any) -> None:
    """The board meets from ten to twelve; Bo, Ann and Cy called what overlaps it, and so did Noor."""
    desk.event(
        "Board meeting", f"{THURSDAY}100000", f"{THURSDAY}120000", people=(NOOR,), by="chair@example.org"
    )
    desk.event("Lens order", f"{THURSDAY}093000", f"{THURSDAY}101500", people=(NOOR, ANN), by=BO)
    desk.event("Quay lights", f"{THURSDAY}113000", f"{THURSDAY}123000", people=(NOOR,), by=ANN)
    desk.event("Harbour tour", f"{THURSDAY}100000", f"{THURSDAY}103000", people=(NOOR,), by=CY)
    desk.event("Own call", f"{THURSDAY}110000", f"{THURSDAY}113000", people=(BO,))
    desk.event("After it", f"{THURSDAY}120000", f"{THURSDAY}130000", people=(NOOR,), by=BO)
    desk.event("Cy's birthday", "20261126", "20261127")
    desk.event("Taken", f"{THURSDAY}130000", f"{THURSDAY}150000")


def kept(desk: Any) -> dict[str, tuple[str, str]]:
    """The times that are kept, by what for."""
    found = {}
    for event in desk.calendar().split("BEGIN:VEVENT")[1:]:
        if title := re.search(r"SUMMARY:Kept: (.*?)\r", event):
            start, end = (re.search(rf"{n};TZID=Europe/Lisbon:(\w+)", event) for n in ("DTSTART", "DTEND"))
            assert start
            assert end
            assert "STATUS:TENTATIVE" in event
            found[title[1]] = start[1], end[1]
    return found


def declined(desk: Any) -> set[str]:
    events = desk.calendar().replace("\r\n ", "").split("BEGIN:VEVENT")[1:]
    return {t[1] for e in events if "PARTSTAT=DECLINED" in e and (t := re.search(r"SUMMARY:(.*?)\r", e))}


class TestDeclineAndOffer:
    def test_each_organizer_is_declined_and_offered_a_gap_of_its_own(self, desk: Any) -> None:
        a_thursday(desk)
        run = desk.ask(WISH)
        assert run.status == "done", run.answer
        assert declined(desk) == {"Lens order", "Quay lights", "Harbour tour"}
        assert standing(desk) >= {"Board meeting", "Own call", "After it", "Cy's birthday", "Taken"}
        # From three to five the day is free; each time is as long as what was declined.
        assert kept(desk) == {
            "Lens order": (f"{THURSDAY}150000", f"{THURSDAY}154500"),
            "Harbour tour": (f"{THURSDAY}154500", f"{THURSDAY}161500"),
            "Quay lights": ("20261127T090000", "20261127T100000"),
        }
        mails = {m["Subject"].partition(": ")[2]: m for m in desk.sent()}
        assert mails.keys() == {"Lens order", "Quay lights", "Harbour tour"}
        assert "Possible instead: Thu 26 Nov, 15:00–15:45 (Europe/Lisbon)" in mails["Lens order"].body
        assert "METHOD:REPLY" in mails["Lens order"].calendar
        assert {BO, ANN, CY} == {re.sub(r".*<(.*)>", r"\1", m["To"]) for m in mails.values()}
        assert "“Own call”, Thu 26 Nov, 11:00–11:30: you called it yourself; move or cancel it." in run.answer

    def test_no_two_gaps_overlap_each_other_or_anything_there(self, desk: Any) -> None:
        a_thursday(desk)
        assert desk.ask(WISH).status == "done"
        times = sorted(kept(desk).values())
        assert all(one[1] <= two[0] for one, two in pairwise(times))
        assert times[0][0] == f"{THURSDAY}150000", "after the board meeting, and what follows it"
        assert all(f"{day[:9]}090000" <= day and over <= f"{day[:9]}170000" for day, over in times)

    def test_nothing_happens_without_a_yes(self, desk: Any) -> None:
        a_thursday(desk)
        run = desk.ask(WISH, approve=None)
        assert run.status == "waiting"
        assert desk.sent() == []
        assert declined(desk) == set()
        card = next(a for a in run.approvals if a.operation == "mail.send")
        assert any(n.startswith("Offered instead: Thu 26 Nov, 15:00") for n in card.notes), card.notes

    def test_in_a_window_and_of_a_length_that_were_said(self, desk: Any) -> None:
        a_thursday(desk)
        run = desk.ask(
            "decline what overlaps the board meeting, and offer each organiser half an hour on Friday morning"
        )
        assert run.status == "done", run.answer
        assert set(kept(desk).values()) == {
            ("20261127T090000", "20261127T093000"), ("20261127T093000", "20261127T100000"),
            ("20261127T100000", "20261127T103000"),
        }  # fmt: skip

    def test_where_there_is_no_gap_it_is_declined_and_that_is_said(self, desk: Any) -> None:
        a_thursday(desk)
        desk.event("All of Friday", "20261127T080000", "20261127T163000")
        run = desk.ask(
            "decline what overlaps the board meeting and offer each organiser a 30 minute gap on Friday"
        )
        assert len(kept(desk)) == 1
        assert declined(desk) == {"Lens order", "Quay lights", "Harbour tour"}
        assert run.answer.count("declined without another time") == 2

    def test_only_declined(self, desk: Any) -> None:
        a_thursday(desk)
        assert desk.ask("decline Bo's meetings that clash with the board meeting").status == "done"
        assert declined(desk) == {"Lens order"}
        assert kept(desk) == {}

    def test_nothing_overlaps(self, desk: Any) -> None:
        desk.event("Board meeting", f"{THURSDAY}100000", f"{THURSDAY}120000")
        desk.event("Own call", f"{THURSDAY}110000", f"{THURSDAY}113000", people=(BO,))
        run = desk.ask(WISH)
        assert run.status == "failed"
        assert "nothing to decline" in run.answer
        assert "“Own call”" in run.answer

    def test_cancelled(self, desk: Any) -> None:
        a_thursday(desk)
        assert desk.ask("cancel everything that overlaps the board meeting").status == "done"
        assert "Own call" not in standing(desk)
        assert declined(desk) == {"Lens order", "Quay lights", "Harbour tour"}
        assert {"Board meeting", "After it", "Taken"} <= standing(desk)
