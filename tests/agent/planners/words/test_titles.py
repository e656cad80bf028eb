"""What an event is called: words of times and limits that nobody read are no title."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.words import titles
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan
from deskhand.agent.profile import Known

ANN = [{"name": "Ann Ruiz", "address": "ann@example.org"}]


@pytest.mark.parametrize(
    ("wish", "title"),
    [
        ("book 2027 with Ann tomorrow at 3pm", "Meeting with Ann"),
        ("book a call Tokyo with Ann tomorrow at 3pm", "Call with Ann"),
        ("set up a call with Ann at 5pm Tokyo on 1 Dec", "Call with Ann"),
        ("schedule 5 times with Ann tomorrow at 3pm", "Meeting with Ann"),
        ("book times with Ann tomorrow at 3pm", "Meeting with Ann"),
        ("book any day with Ann next week", "Meeting with Ann"),
        ("book time with Ann next week, Monday excluded", "Meeting with Ann"),
        ("book first business day with Ann tomorrow", "Meeting with Ann"),
        ("book one-to-ones with Ann next week, no two on the same day", "One-to-ones with Ann"),
        ("book 2027 planning with Ann tomorrow at 3pm", "2027 planning"),
        ("schedule a Tokyo trip with Ann tomorrow at 3pm", "Tokyo trip"),
        ("book a 1-1 with Ann tomorrow at 3pm", "1-1 with Ann"),
    ],
)
def test_left_over_words_of_a_time_are_no_title(known: Known, wish: str, title: str) -> None:
    assert titles.of(Request.of(wish, known), ANN, []) == title


def test_who_looks_for_what_was_not_understood_sees_it_whole(known: Known) -> None:
    wish = Request.of("book any day with Ann next week", known)
    assert titles.of(wish, ANN, [], whole=True) == "Any day"


@pytest.mark.parametrize(
    ("wish", "title", "where"),
    [
        ("book lunch with Ann on Tuesday at the corner café", "Lunch with Ann", "the corner café"),
        ("book dinner with Bo on Friday at 7pm at Luigi's", "Dinner with Bo", "Luigi's"),
        ("book a call about the fire with Ann tomorrow at the plant", "Fire", "the plant"),
        ("book a call with Ann about the fire at the plant", "Fire at the plant", None),
        ("book a call with Ann at the end of the week", "Call with Ann", None),
    ],
)
def test_a_place_is_where_it_is_held(known: Known, wish: str, title: str, where: str | None) -> None:
    made = plan(wish, known)
    assert isinstance(made, Plan), made
    event = next(s for s in made.steps if s.op == "event.create")
    assert (event.args["title"], event.args.get("location")) == (title, where)


@pytest.mark.parametrize(
    ("wish", "op", "name", "said"),
    [
        ("bin the hiring interview on thurs will ya", "event.find", "about", "hiring interview"),
        ("cancel the dentist on friday, would you", "event.find", "about", "dentist"),
        ("draft a mail to Ann about the offer, i'll tweak it later", "mail.draft", "subject", "Offer"),
        ('write to Will Stone, subject "Lease", that we sign on Friday', "mail.send", "subject", "Lease"),
        ('write to Will Stone, subject "Lease", that we sign on Friday', "mail.send", "body",
         "We sign on Friday\n"),
        ("tell Ann that I am ill, I'll send it later", "mail.send", "body", "I am ill, I'll send it later\n"),
        ("first thing on my calendar tomorrow?", "calendar.agenda", "first", True),
        ("thank will", "item.find", "person", "will@example.com"),
        ("is will free on Friday at 11", "calendar.free", "people", ["will@example.com"]),
        ("book 1h with marta and will on Friday", "slots.find", "people",
         ["marta@example.org", "will@example.com"]),
    ],
)  # fmt: skip
def test_chatter_and_small_names(known: Known, wish: str, op: str, name: str, said: object) -> None:
    made = plan(wish, known)
    assert isinstance(made, Plan), made
    step = next(s for s in made.steps if s.op == op)
    assert step.args[name] == said


def test_will_is_a_verb_elsewhere(known: Known) -> None:
    made = plan("will you book a call with Ann tomorrow at 3pm", known)
    assert isinstance(made, Plan), made
    assert made.steps[0].args["people"] == ["ann@example.org"]
    made = plan("tell Bo that I will come", known)
    assert isinstance(made, Plan), made
    assert [p["address"] for p in made.steps[0].args["to"]] == ["bo@example.org"]
