"""Two wishes in one request: never half of it in silence, and every choice that is offered is a plan."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

UNCLEAR = tomllib.loads(Path(__file__).with_name("corpus.toml").read_text("utf-8"))["unclear"]

TWO = [
    (
        "move lunch with Bo to Monday at 1 and cancel the dentist",
        "move lunch with Bo to Monday at 1",
        "cancel the dentist",
    ),
    (
        "cancel lunch with Bo, then move the dentist to Friday",
        "cancel lunch with Bo",
        "move the dentist to Friday",
    ),
    (
        "cancel my lunch with Bo and book a lunch with Ann on Monday",
        "cancel my lunch with Bo",
        "book a lunch with Ann on Monday",
    ),
    (
        "what is on my calendar tomorrow; cancel the dentist",
        "what is on my calendar tomorrow",
        "cancel the dentist",
    ),
    (
        "tomorrow at 3, book a call with Bo and cancel the dentist",
        "tomorrow at 3, book a call with Bo",
        "cancel the dentist",
    ),
    (
        "move the lunch with Bo to Monday and make it an hour",
        "move the lunch with Bo to Monday",
        "make the lunch with Bo an hour",
    ),
    (
        "cancel the lunch with Bo and tell him I am ill",
        "cancel the lunch with Bo",
        "tell Bo I am ill",
    ),
    (
        "move lunch with Bo to Monday and the dentist to Tuesday",
        "move lunch with Bo to Monday",
        "move the dentist to Tuesday",
    ),
    (
        "book a call with Bo on Tuesday at 10, with Yuki on Wednesday",
        "book a call with Bo on Tuesday at 10",
        "book a call with Yuki on Wednesday",
    ),
    (
        "decline the review and propose Thursday at 15:00",
        "decline the review",
        "propose another time for the review: Thursday at 15:00",
    ),
]


@pytest.mark.parametrize(("said", "one", "two"), TWO)
def test_both_are_named_and_each_is_a_choice(said: str, one: str, two: str, known: Known) -> None:
    made = plan(said, known)
    assert isinstance(made, Unclear), made
    assert made.message.startswith("These are two wishes")
    assert made.choices[:2] == (one, two)
    assert all(isinstance(plan(c, known), Plan) for c in made.choices)


def test_an_event_that_is_booked_anew_may_be_moved(known: Known) -> None:
    made = plan("cancel my lunch with Bo and book a lunch with Bo on Monday", known)
    assert isinstance(made, Unclear)
    assert made.choices[-1] == "move my lunch with Bo to Monday"


@pytest.mark.parametrize(
    "said",
    [
        "cancel my lunch with Bo and book it on Monday instead",
        "cancel my lunch with Bo; book it again on Monday",
        "cancel my lunch with Bo and rebook it for Monday",
    ],
)
def test_cancel_and_book_it_then_is_to_move_it(said: str, known: Known) -> None:
    made, moved = plan(said, known), plan("move my lunch with Bo to Monday", known)
    assert isinstance(made, Plan)
    assert isinstance(moved, Plan)
    assert made.request == said
    assert [(s.op, s.args) for s in made.steps] == [(s.op, s.args) for s in moved.steps]


@pytest.mark.parametrize(
    ("said", "op"),
    [
        ("tell Bo to cancel and book again", "mail.send"),
        ("draft a mail to Ann about the offer: cancel the lunch and book the dentist", "mail.draft"),
        ("book a meeting called “move the stock and cancel the van” tomorrow at 10", "event.create"),
        ("schedule an hour with Ann to review the budget and plan the offsite on Monday", "event.create"),
        ("book a call with Bo tomorrow and send an invitation", "event.create"),
        ("cancel the lunch with Bo and tell him", "event.cancel"),
        ("find a time with Ann this week and book it", "event.create"),
    ],
)
def test_one_wish_stays_one(said: str, op: str, known: Known) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    assert op in [s.op for s in made.steps]


@pytest.mark.parametrize("row", UNCLEAR, ids=lambda r: r["say"])
def test_every_choice_is_a_whole_request(row: dict[str, str], known: Known) -> None:
    made = plan(row["say"], known)
    assert isinstance(made, Unclear)
    assert [c for c in made.choices if not isinstance(plan(c, known), Plan)] == []


@pytest.mark.parametrize(
    ("said", "find", "shift"),
    [
        ("make the weekly sync at 11 from December on", {"following": True}, {"clock": "11:00"}),
        ("make the weekly sync on Tuesdays from January", {"following": True}, {"weekday": 1}),
        ("make the weekly sync start at 11", {"ask": True}, {"clock": "11:00"}),
        ("set the audit for Tuesday at 10", {}, {"of_its_week": True}),
    ],
)
def test_what_is_there_is_changed_and_never_booked(
    said: str, find: dict[str, object], shift: dict[str, object], known: Known
) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    assert [s.op for s in made.steps[:3]] == ["event.find", "event.shift", "event.update"]
    assert find.items() <= made.steps[0].args.items()
    assert shift.items() <= made.steps[1].args.items()


def test_the_end_of_a_series_is_not_guessed(known: Known) -> None:
    made = plan("cancel the weekly sync from January on", known)
    assert isinstance(made, Unclear)
    assert "cannot end a series" in made.message


@pytest.mark.parametrize("ones", ["one-to-ones", "three 1:1s", "individual meetings"])
def test_one_to_ones_are_one_meeting_each(ones: str, known: Known) -> None:
    made = plan(f"schedule {ones} with Ann, Bo and Yuki next week, no two on a day", known)
    assert isinstance(made, Plan), made
    assert made.steps[0].op == "slots.together"
    assert made.steps[0].args["apart"]


def test_until_a_clock_time_ends_the_time_that_is_held(known: Known) -> None:
    made = plan("hold 30 minutes tomorrow until noon", known)
    assert isinstance(made, Plan), made
    find, event = made.steps
    assert (find.args["minutes"], find.args["not_after"]) == (30, "12:00")
    assert event.args["status"] == "tentative"
    assert event.args["hold_until"] == "2026-11-24T00:00:00+00:00"
