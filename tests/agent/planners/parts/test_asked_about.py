"""Those whom a condition asks about are met, and a stretch that is blocked is blocked as a whole."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import made, steps

from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    "words",
    [
        "if Bo and Yuki are free on Tuesday at 10, arrange a chat",
        "if Bo and Yuki are free on Tuesday at 10, set up forty minutes about the lease",
        "if Bo and Yuki are free on Tuesday at 10 book it",
        "set up half an hour if Bo and Yuki are both free on Tuesday at 10",
    ],
)
def test_those_who_are_asked_about_are_invited(words: str, known: Known) -> None:
    (event,) = steps(made(words, known), "event.create")
    assert [p["address"] for p in event.args["attendees"]] == ["bo@example.org", "yuki@example.net"]


def test_what_is_done_alone_is_done_alone(known: Known) -> None:
    (event,) = steps(made("if Bo is busy on Thursday at 2, block an hour at the gym", known), "event.create")
    assert event.args["attendees"] == []


@pytest.mark.parametrize(
    ("words", "at", "minutes"),
    [
        ("if I have no meetings on Thursday, keep 10 to noon for me that day", "26T10:00", 120),
        ("if I am free tomorrow between 3 and 5, block it for reading", "23T15:00", 120),
        ("block 9 to 11 for the audit on Thursday", "26T09:00", 120),
        ("reserve Friday between 1 and 4 for invoices", "27T13:00", 180),
    ],
)
def test_a_stretch_is_blocked_from_end_to_end(words: str, at: str, minutes: int, known: Known) -> None:
    (find,) = steps(made(words, known), "slots.find")
    assert (find.args.get("at", "")[:16], find.args["minutes"]) == (f"2026-11-{at}", minutes)
