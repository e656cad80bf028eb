"""How it is said that somebody joins or leaves an event, or that it is called something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

ANN, BO, MARTA, WILL = "ann@example.org", "bo@example.org", "marta@example.org", "will@example.com"
EVENT = "“Budget review” on 2026-11-26 at 10:00"


def arguments(made: Plan | Unclear, op: str) -> dict[str, Any]:
    assert isinstance(made, Plan), made
    return next(s.args for s in made.steps if s.op == op)


@pytest.mark.parametrize(
    ("say", "about", "added", "removed"),
    [
        ("add Bo to the budget review on Thursday", "budget review", {BO}, set()),
        ("invite Ann and Bo to the demo", "demo", {ANN, BO}, set()),
        ("please add Bo to my audit call tomorrow and let them know", "audit call", {BO}, set()),
        ("could you include Marta and Bo in the design review", "design review", {MARTA, BO}, set()),
        ("loop Marta in on the audit call", "audit call", {MARTA}, set()),
        ("bring Will into the design review", "design review", {WILL}, set()),
        ("have Ann join the demo on Friday", "demo", {ANN}, set()),
        ("put Bo on the invite for the demo", "demo", {BO}, set()),
        ("add bo@example.org as a guest to the demo", "demo", {BO}, set()),
        ("add my team to the demo", "demo", {ANN, BO}, set()),
        ("remove Bo from the budget review", "budget review", set(), {BO}),
        ("take Ann off the demo on Friday", "demo", set(), {ANN}),
        ("drop Ann and Bo from the guest list of the demo", "demo", set(), {ANN, BO}),
        ("uninvite Bo from “Demo day”", "Demo day", set(), {BO}),
        ("replace Ann with Bo in the budget review", "budget review", {BO}, {ANN}),
        ("swap Bo for Marta and Will on the demo", "demo", {MARTA, WILL}, {BO}),
    ],
)
def test_who_joins_and_who_leaves(
    say: str, about: str, added: set[str], removed: set[str], known: Known
) -> None:
    office = replace(known, groups={"team": (ANN, BO)})
    for said in (say, arguments(plan(say, office), "event.find")["template"].format(EVENT)):
        guests = arguments(plan(said, office), "event.guests")
        assert {m["address"] for m in guests.get("add", ())} == added, said
        assert {m["address"] for m in guests.get("remove", ())} == removed, said
    assert arguments(plan(say, office), "event.find")["about"] == about


@pytest.mark.parametrize(
    ("say", "about", "title"),
    [
        ("rename the budget review to “Harbour talk”", "budget review", "Harbour talk"),
        ("rename the budget review on Thursday to Harbour talk", "budget review", "Harbour talk"),
        (
            "please rename “Budget review” to “Harbour talk” and tell everyone",
            "Budget review",
            "Harbour talk",
        ),
        ("change the title of the demo to Harbour talk.", "demo", "Harbour talk"),
        ("set the name of the demo to “Harbour talk”", "demo", "Harbour talk"),
        ("give the demo the new title “Harbour talk”", "demo", "Harbour talk"),
        ("call the review on Thursday “Harbour talk” instead", "review", "Harbour talk"),
        ("retitle the demo as Harbour talk", "demo", "Harbour talk"),
        ("rename the weekly sync from January on to Harbour talk", "weekly sync", "Harbour talk"),
        ("rename the weekly sync to 1:1 with Bo", "weekly sync", "1:1 with Bo"),
    ],
)
def test_what_it_is_called(say: str, about: str, title: str, known: Known) -> None:
    made = plan(say, known)
    assert arguments(made, "event.update")["title"] == title
    find = arguments(made, "event.find")
    assert find["about"] == about
    again = plan(find["template"].format(EVENT), known)
    assert arguments(again, "event.update")["title"] == title
    assert arguments(again, "event.find")["about"] == "Budget review"


@pytest.mark.parametrize(
    ("say", "asked"),
    [
        ("rename the handover to Bo to Big handover", "Where does the new title begin"),
        ("rename the review", "Rename it to what"),
        ("add Priya to the demo", "nobody called Priya"),
        ("add Bo and Priya to the demo", "nobody called Priya"),
        ("invite Sam to the demo", "Which Sam"),
        ("invite someone to the design review", "nobody called someone"),
        ("add Bo to the weekly sync from January on", "one event, or to a whole series"),
    ],
)
def test_what_is_asked(say: str, asked: str, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Unclear), made
    assert asked in made.message


@pytest.mark.parametrize(
    ("say", "op"),
    [
        ("invite Ann to lunch on Friday", "event.create"),
        ("invite Ann and Bo to a budget review on Tuesday from 2 to 3", "event.create"),
        ("add the dentist to my calendar tomorrow at 9", "event.create"),
        ("take the audit call off my calendar", "event.cancel"),
        ("remove the meeting with Bo from my calendar", "event.cancel"),
    ],
)
def test_what_is_something_else(say: str, op: str, known: Known) -> None:
    made = plan(say, known)
    assert isinstance(made, Plan), made
    assert op in [s.op for s in made.steps]
    assert "event.guests" not in [s.op for s in made.steps]
