"""What an event is called: words of times and limits that nobody read are no title."""

from __future__ import annotations

import pytest

from deskhand.agent.planners import titles
from deskhand.agent.planners.request import Request
from deskhand.agent.planners.rules import plan
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
