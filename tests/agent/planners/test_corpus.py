"""What people say, and the plan it becomes: `corpus.toml`, row by row."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.agent.planners.corpus_forms import INVITED, SIGNATURES, expected, seen

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

CORPUS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("corpus.toml").read_text("utf-8")
)

ROWS = [(goal, row) for goal, rows in CORPUS.items() for row in rows if goal != "unclear"]


def test_there_are_enough_to_mean_something() -> None:
    assert len(ROWS) + len(CORPUS["unclear"]) >= 250
    assert {*CORPUS} == {*SIGNATURES, "unclear"}


@pytest.mark.parametrize(("goal", "row"), ROWS, ids=lambda v: v["say"] if isinstance(v, dict) else "")
def test_a_request_becomes_the_plan_that_was_meant(goal: str, row: dict[str, Any], known: Known) -> None:
    made = plan(row["say"], known)
    assert isinstance(made, Plan), made
    ops = tuple(s.op for s in made.steps)
    wanted = SIGNATURES[goal]
    if wanted[-1] == "event.create" and row.get("people", []):
        wanted += INVITED
    assert ops == wanted
    for name, value in row.items():
        if name not in ("say", "origin"):
            assert seen(made.steps, name)[:1] == [expected(name, value)], name
    if "origin" in row:
        assert made.steps[-1].origins["to"] == row["origin"]


@pytest.mark.parametrize("row", CORPUS["unclear"], ids=lambda r: r["say"])
def test_what_is_unclear_is_asked(row: dict[str, Any], known: Known) -> None:
    made = plan(row["say"], known)
    assert isinstance(made, Unclear), made
    assert row["message"] in made.message
    if "choices" in row:
        assert len(made.choices) == row["choices"]


EVENT = "“Budget review” on 2026-11-26 at 10:00"
CHOOSING = [(g, row) for g, row in ROWS if g in ("move", "resize", "resize_following", "anew")]


@pytest.mark.parametrize(("goal", "row"), CHOOSING, ids=lambda v: v["say"] if isinstance(v, dict) else "")
def test_a_choice_among_events_asks_for_just_the_same_change(
    goal: str, row: dict[str, Any], known: Known
) -> None:
    asked = plan(row["say"], known)
    assert isinstance(asked, Plan)
    chosen = plan(asked.steps[0].args["template"].format(EVENT), known)
    assert isinstance(chosen, Plan), chosen
    assert chosen.steps[0].args["about"] == "Budget review"
    assert _changes(chosen) == _changes(asked)


@pytest.mark.parametrize("say", [r["say"] for g, r in ROWS if g == "cancel"])
def test_all_of_a_stretch_are_cancelled_by_a_wish_that_is_planned(say: str, known: Known) -> None:
    asked = plan(say, known)
    assert isinstance(asked, Plan)
    if every := asked.steps[0].args.get("every"):
        made = plan(every.format("“Budget review”"), known)
        assert isinstance(made, Plan), made
        assert made.steps[0].op == "event.list"
        assert made.steps[0].args["start"] == asked.steps[0].args["start"]


@pytest.mark.parametrize("row", CORPUS["unclear"], ids=lambda r: r["say"])
def test_a_choice_does_not_lead_back_to_its_question(row: dict[str, Any], known: Known) -> None:
    asked = plan(row["say"], known)
    for choice in asked.choices if isinstance(asked, Unclear) else ():
        made = plan(choice, known)
        assert isinstance(made, Plan) or made.message != asked.message, choice


def _changes(made: Plan) -> dict[str, Any]:
    """How an event changes, whichever it is: lengths of time in seconds."""
    args = {k: v for k, v in made.steps[1].args.items() if k != "event"}
    if "days" in args:
        args["seconds"] = args.pop("days") * 86_400
    return args
