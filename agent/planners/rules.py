"""The rules planner: no model, deterministic. The same words at the same time give the same plan.

What fits no goal of the table is not guessed: the answer is that it was not understood, with the three
nearest things that can be done.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from deskhand.agent.planners.accounting import timed, unaccounted
from deskhand.agent.planners.contradictions import contradiction
from deskhand.agent.planners.dropped import somebody_dropped
from deskhand.agent.planners.goals import GOALS, Goal
from deskhand.agent.planners.left_out import unheeded
from deskhand.agent.planners.request import LONGEST, Request
from deskhand.agent.planners.windows import problem
from deskhand.agent.planners.wishes import two_wishes
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

RECOGNISED_BY = 800
"""Characters of a wish that its goal is recognised by: it is said in its first words."""

_SHOWN = 80


def plan(request: str, known: Known) -> Plan | Unclear:
    """The plan for a request, or what is unclear about it."""
    return _accounted(request, known, GOALS)


def plan_once(request: str, known: Known, *, accounted: bool = True) -> Plan | Unclear:
    """The plan for a request that is done as it stands: no schedule is made for it.

    Not `accounted`: words about time may be left out of it; it only tells what kind of wish that is.
    """
    goals = [g for g in GOALS if g.name != "schedule.add"]
    return _accounted(request, known, goals) if accounted else _plan(request, known, goals)


def _accounted(request: str, known: Known, goals: Sequence[Goal]) -> Plan | Unclear:
    """A plan that leaves out no word about time, else the question about it."""
    taken = Request.of(request[:LONGEST], known)
    made = _plan(request, known, goals, taken)
    if isinstance(made, Unclear):
        return made
    if not timed(made):
        return somebody_dropped(taken, made) or made
    question = unaccounted(
        taken, made, lambda words: _plan(words, known, goals),
        again=lambda words: _accounted(words, known, goals),
    )  # fmt: skip
    return question or made


def _plan(request: str, known: Known, goals: Sequence[Goal], taken: Request | None = None) -> Plan | Unclear:
    if len(request) > LONGEST:
        return Unclear(
            message=f"That is {len(request):,} characters; a request has at most {LONGEST:,}. "
            "Say the wish in a sentence or two, and add long texts as a source (deskhand add files FOLDER)."
        )
    taken = taken or Request.of(request, known)
    if not any(c.isalnum() for c in taken.text):
        return Unclear(message="There is nothing to do: the request is empty.", choices=examples())
    if (question := problem(taken)) is not None:
        whole = tuple(c for c in question.choices if isinstance(_plan(c, known, goals), Plan))
        return question.model_copy(update={"choices": whole})
    if (question := contradiction(taken)) is not None:
        return question
    both = two_wishes(taken, lambda words: _plan(words, known, goals))
    if both is not None:
        return both
    if (made := _made(taken, goals)) is not None:
        return made
    if (turned := taken.turned()) is not None and (made := _made(turned, goals)) is not None:
        return made
    if taken.head.endswith("?"):
        return _goal("question").build(taken) or _not_understood(taken)
    return _not_understood(taken)


def _made(taken: Request, goals: Sequence[Goal]) -> Plan | Unclear | None:
    said = taken.said[:RECOGNISED_BY]
    for goal in goals:
        if goal.pattern.match(said) and (made := goal.build(taken)) is not None:
            return (unheeded(taken, made) if isinstance(made, Plan) else None) or made
    return None


def nearest(text: str, count: int = 3) -> tuple[str, ...]:
    """The examples nearest to a text."""
    low = text.lower()[:RECOGNISED_BY]
    words = set(re.findall(r"\w+", low))

    def score(goal: Goal) -> tuple[int, float]:
        example = goal.example.lower()
        shared = len(words & set(re.findall(r"\w+", example)))
        return shared, SequenceMatcher(None, low, example, autojunk=False).ratio()

    found = dict.fromkeys(g.example for g in sorted(GOALS, key=score, reverse=True))
    return tuple(found)[:count]


def examples() -> tuple[str, ...]:
    """Three things to say, for somebody who does not know where to begin."""
    return tuple(_goal(name).example for name in ("summarise", "book", "agenda"))


def _not_understood(taken: Request) -> Unclear:
    shown = taken.original if len(taken.original) <= _SHOWN else f"{taken.original[: _SHOWN - 1]}…"
    return Unclear(
        message=f"I did not understand “{shown}”, so nothing was done. These are near it, and I can do them:",
        choices=nearest(taken.text),
    )


def _goal(name: str) -> Goal:
    return next(g for g in GOALS if g.name == name)
