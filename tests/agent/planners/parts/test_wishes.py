"""Several wishes in one request: all of them or none, and what is one change stays one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from deskhand.agent.planners.rules import plan, plan_once
from deskhand.agent.planners.steps import ref
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.plans.validate import faults
from deskhand.agent.profile import Known

UNCLEAR = tomllib.loads((Path(__file__).parent.parent / "corpus.toml").read_text("utf-8"))["unclear"]

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
        "cancel the lunch on Friday and the dentist on Monday",
        "cancel the lunch on Friday",
        "cancel the dentist on Monday",
    ),
    ("get rid of my 3pm tomorrow and my 4pm too", "get rid of my 3pm tomorrow", "get rid of my 4pm"),
    ("pause the digest and the harbour report", "pause the digest", "pause the harbour report"),
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
]


@pytest.mark.parametrize(("said", "one", "two"), TWO)
def test_two_wishes_are_the_plans_of_both(said: str, one: str, two: str, known: Known) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    alone = [plan(w, known) for w in (one, two)]
    assert faults(made) == []
    assert [s.op for s in made.steps] == [s.op for p in alone if isinstance(p, Plan) for s in p.steps]
    assert made.request == said


def test_an_event_that_was_changed_before_is_looked_at_again(known: Known) -> None:
    made = plan("move the lunch with Bo to Monday and make it an hour", known)
    assert isinstance(made, Plan), made
    assert faults(made) == []
    still = next(s for s in made.steps if s.op == "event.still")
    assert still.args["event"] == ref("event")
    assert "change" in still.needs
    assert [s.op for s in made.steps].count("event.find") == 1


def test_to_decline_and_propose_is_one_answer(known: Known) -> None:
    made = plan("decline the review and propose Thursday at 15:00", known)
    assert isinstance(made, Plan), made
    assert [s.op for s in made.steps] == ["invitation.find", "invitation.reply", "mail.send"]
    assert made.steps[1].args["answer"] == "another"


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


@pytest.mark.parametrize(
    ("said", "about", "first"),
    [
        ("cancel the weekly sync from January on", "weekly sync", "2027-01-01"),
        ("end the weekly sync after March", "weekly sync", "2027-04-01"),
        ("stop the standup from 1 June", "standup", "2027-06-01"),
        ("cancel the weekly sync from next Monday on", "weekly sync", "2026-11-23"),
        ("end the standup on 14 December", "standup", "2026-12-15"),
        ("end the weekly sync before Christmas", "weekly sync", "2026-12-25"),
        ("finish the review series with Ann at the end of March", "review", "2027-04-01"),
        ("cancel the weekly sync after 10 December", "weekly sync", "2026-12-11"),
        ("cancel the weekly sync from now on", "weekly sync", ""),
        ("stop the standup", "standup", ""),
    ],
)
def test_a_series_ends_from_a_day_on(said: str, about: str, first: str, known: Known) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    find, change = made.steps[:2]
    assert (find.op, change.op) == ("event.find", "event.cancel")
    assert find.args["about"] == about
    assert find.args["start"].startswith(first or f"{known.now:%Y-%m-%d}")
    assert find.args["following"]
    assert change.args["following"] == ref("event", "following")


@pytest.mark.parametrize(
    ("said", "ops"),
    [
        ("end the review at 4", None),
        ("cancel the weekly sync from Tuesday", "event.cancel"),
        ("extend the review until 4pm", None),
        ("extend the review by 15 minutes", "event.update"),
    ],
)
def test_an_hour_or_one_day_is_not_the_end_of_a_series(said: str, ops: str | None, known: Known) -> None:
    made = plan(said, known)
    if ops is None:
        assert isinstance(made, Unclear), made
    else:
        assert isinstance(made, Plan), made
        assert ops in [s.op for s in made.steps]
        assert not made.steps[0].args.get("ends")


def test_a_series_goes_on_until_a_day(known: Known) -> None:
    made = plan("extend the weekly sync until September", known)
    assert isinstance(made, Plan), made
    assert [s.op for s in made.steps[:3]] == ["event.find", "event.extend", "event.update"]
    assert made.steps[0].args["series"]
    assert made.steps[1].args["until"].startswith("2027-09-30T23:59:59")


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


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("hold Thursday 14:00 for the budget with Ann", "2026-11-25T08:00:00+00:00"),
        ("hold an hour with Ann next week, not Monday", "2026-11-25T08:00:00+00:00"),
        ("tentatively book an hour with Ann on Friday", "2026-11-25T08:00:00+00:00"),
        ("hold tomorrow 14:00 for the budget", "2026-11-23T14:00:00+00:00"),
        ("hold an hour for the budget before the board meeting", "2026-11-25T08:00:00+00:00"),
    ],
)
def test_a_hold_without_a_term_is_tentative_and_says_its_term(said: str, until: str, known: Known) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    event = made.steps[-1]
    assert (event.args["status"], event.args["hold_until"]) == ("tentative", until)
    assert event.args["attendees"] == []
    assert "It is given back" in made.objective


def test_to_hold_a_meeting_is_to_have_it(known: Known) -> None:
    made = plan("hold a meeting with Ann tomorrow at 10", known)
    assert isinstance(made, Plan)
    event = next(s for s in made.steps if s.op == "event.create")
    assert "status" not in event.args


@pytest.mark.parametrize(
    "said",
    [
        "hold two hours with Ann on Friday until Wednesday",
        "hold Thursday 14:00 for an hour with Ann",
        "make room for an hour with Ann on Tuesday at 10, in room Den",
        "book an hour with Ann on Tuesday at 10, Bo if possible, no back-to-back",
    ],
)
def test_another_time_is_offered_with_all_the_other_words(said: str, known: Known) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    find = next(s for s in made.steps if s.op == "slots.find")
    again = plan(find.args["template"].format("on 2026-11-25 at 13:00"), known)
    assert isinstance(again, Plan), find.args["template"]
    new = next(s for s in again.steps if s.op == "slots.find")
    of_time = {"start", "end", "at", "template", "makes_room"}
    assert {n: v for n, v in new.args.items() if n not in of_time} == {
        n: v for n, v in find.args.items() if n not in of_time
    }
    one, two = (next(s for s in m.steps if s.op == "event.create") for m in (made, again))
    for name in ("title", "status", "attendees"):
        assert one.args.get(name) == two.args.get(name)


@pytest.mark.parametrize(
    ("said", "find"),
    [
        ("end the Friday training after next week", {"about": "training", "weekday": 4, "following": True}),
        ("end the Monday stand-up after the end of the month", {"about": "stand-up", "weekday": 0}),
        ("end the Monday meeting after the end of November", {"about": "", "weekday": 0}),
        ("end the Tuesday seminar after 15 December", {"about": "seminar", "weekday": 1}),
        ("skip the Friday sync on the 4th", {"weekday": 4, "start": "2026-12-04T00:00:00+00:00"}),
        ("cancel the Friday sync on the 4th", {"weekday": 4, "start": "2026-12-04T00:00:00+00:00"}),
    ],
)
def test_a_weekday_belongs_to_the_name_where_another_time_is_said(
    said: str, find: dict[str, Any], known: Known
) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    assert find.items() <= made.steps[0].args.items()


def test_a_weekday_alone_is_the_day(known: Known) -> None:
    made = plan("skip the Friday sync", known)
    assert isinstance(made, Plan), made
    assert made.steps[0].args["start"] == "2026-11-27T00:00:00+00:00"
    assert "weekday" not in made.steps[0].args


def test_an_end_that_no_day_is_known_for_is_asked_about(known: Known) -> None:
    made = plan_once("end the Tuesday tutorial after the end of term", known)
    assert isinstance(made, Unclear)
    assert "after the end of term" in made.message


@pytest.mark.parametrize(
    ("said", "find", "shift"),
    [
        ("find a new time for my 3pm on Tuesday", {"start": "2026-11-24T15:00:00+00:00", "at": True}, {}),
        ("find a new time for the 8am stand-up", {"start": "2026-11-23T08:00:00+00:00", "about": "stand-up"},
         {}),
        ("find a new time for our 10 o'clock with Will today", {"person": "will@example.com", "at": True},
         {}),
        ("find a new time for the project review, not Monday", {"about": "project review"},
         {"kept": {"not_on": [0]}}),
        ("find a new time for the rehearsal, only evenings", {"about": "rehearsal"},
         {"kept": {"parts": ["evening"]}}),
        ("make the demo 20 minutes long", {"about": "demo"}, {"minutes": 20}),
        ("make tomorrow's demo 20 minutes long", {"start": "2026-11-23T00:00:00+00:00"}, {"minutes": 20}),
        ("make Wednesday's onboarding session two hours long", {"about": "onboarding"}, {"minutes": 120}),
        ("extend the deposition by an extra hour", {"about": "deposition"}, {"longer": 60}),
        ("extend the mediation by hour", {"about": "mediation"}, {"longer": 60}),
        ("extend Saturday's family afternoon by an hour",
         {"about": "family afternoon", "start": "2026-11-28T00:00:00+00:00"}, {"longer": 60}),
        ("move the deposition to the 2nd at 2pm", {"about": "deposition"},
         {"start": "2026-12-02T14:00:00+00:00"}),
        ("move my dentist to the 3rd", {"about": "dentist"}, {"day": "2026-12-03"}),
    ],
)  # fmt: skip
def test_an_event_is_named_as_people_name_it(
    said: str, find: dict[str, Any], shift: dict[str, Any], known: Known
) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    assert [s.op for s in made.steps[:2]] == ["event.find", "event.shift"]
    assert find.items() <= made.steps[0].args.items()
    assert shift.items() <= made.steps[1].args.items()


def test_an_appointment_that_is_made_is_booked(known: Known) -> None:
    made = plan("make an appointment with Ann tomorrow for 20 minutes", known)
    assert isinstance(made, Plan), made
    assert "event.create" in [s.op for s in made.steps]


@pytest.mark.parametrize(
    "said", ["find a free hour with Ann next week", "find a time for hour with Ann next week"]
)
def test_an_hour_is_sixty_minutes(said: str, known: Known) -> None:
    made = plan(said, known)
    assert isinstance(made, Plan), made
    assert made.steps[0].args["minutes"] == 60
