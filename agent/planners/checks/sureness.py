"""How sure the rules are of a plan, and which words of the wish they left unread.

The share of the wish's telling words that the plan shows (in an argument, as a time, as somebody) or that its
goal is said with. What the plan had to guess, a length that was not said, weighs it down. The same words give
the same number, and the words that are missing from it are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from deskhand.agent.planners.checks.plan_shown import REPEATS, strings
from deskhand.agent.planners.goals.table import Goal
from deskhand.agent.planners.words.common import COMMON, stem
from deskhand.agent.planners.words.phrases import LEXICON, normal, words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.connectors.operations import OPERATIONS

READS, WRITES = 0.5, 0.7
"""Below this it is asked: what only looks, what would change something.

Measured on 22 Nov 2026 on the corpora (corpus.toml and corpus_open.toml, 630 plans): of the 560 right ones
none is
below, so none becomes a question; most (450) are at 100 %, the least sure one that writes at 75 %. Of the
wrong ones
two are below; the others leave no word unread, and are wrong about what the words mean.
"""

GUESS = 0.05
"""What a length that was not said takes off."""

_MOVING = words("move mov shift push")
_TIMELY = words(
    """
    monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays
    saturdays sundays morning mornings afternoon afternoons evening evenings noon midday lunch lunchtime
    """
)
_WORD = re.compile(r"[^\W_][\w’']*")
_REASON = re.compile(
    r"[,;–-]+\s*(?:because\b|since\s+i\b|as\s+i\b|so\s+(?:that\s+)?i\b|i\s+(?:have|need|want|must|am|was|will)\b|i['’](?:m|ve|ll|d)\b).*$",
    re.I,
)
"""Why somebody wishes for something: it need not show."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How well one wish was read."""

    told: int
    """Words that tell something."""
    unread: tuple[str, ...]
    guesses: int = 0
    writes: bool = False
    goal: str = ""
    likely: float = 1.0
    """How sure the second reader is, where the plan is made of what it read."""

    @property
    def sure(self) -> float:
        """The share of the words that was read, less what was guessed."""
        share = 1 - len(self.unread) / self.told if self.told else 1.0
        return max(0.0, round(share * self.likely - GUESS * self.guesses, 2))


def measured(request: Request, plan: Plan, goal: Goal | None) -> Measured:
    """How well a wish was read by the plan that a goal made of it."""
    if any(s.op in ("question.answer", "schedule.add") for s in plan.steps):
        return Measured(1, (), goal=goal.name if goal else "")  # it is kept word for word
    shown = _stems(plan)
    of_goal = _vocabulary(goal) if goal is not None else frozenset()
    closed = [t.span for t in request.readings] + [n.span for n in request.named]
    told: list[str] = []
    unread: list[str] = []
    reason = _REASON.search(request.head)
    for m in _WORD.finditer(request.head, 0, reason.start() if reason else len(request.head)):
        word = m.group().strip("’'.-")
        low = normal(word).strip()
        if all(p in COMMON or p.isdigit() for p in low.split()) or request.closed(*m.span()):
            continue
        if any(a <= m.start() < b for a, b in closed):
            continue
        told.append(word)
        if not any(part in of_goal or stem(part) in shown for part in low.split()):
            unread.append(word)
    spans = len(request.times) + len(request.named) + len(request.quotes)
    if any(s.args.get("by_moving") for s in plan.steps):
        unread = [w for w in unread if stem(normal(w).strip()) not in _MOVING]
    if any(s.op.startswith("slots.") for s in plan.steps):  # `accounting` has seen to every word about time
        unread = [w for w in unread if normal(w).strip() not in _TIMELY]
    length = any(s.op == "slots.find" and "minutes" in s.args for s in plan.steps)
    said = any(
        t.kind == "duration" or (t.kind == "interval" and t.grain in ("hour", "minute"))
        for t in request.times
    )
    writes = any(s.op in OPERATIONS for s in plan.steps)
    guesses = 1 if length and not said else 0
    return Measured(len(told) + spans, tuple(unread), guesses, writes, goal.name if goal else "")


def in_all(found: list[Measured]) -> Measured:
    """How well all parts of a request were read."""
    return Measured(
        sum(m.told for m in found),
        tuple(w for m in found for w in m.unread),
        max((m.guesses for m in found), default=0),
        likely=min((m.likely for m in found), default=1.0),
    )


def doubted(request: Request, seen: Measured) -> Unclear | None:
    """The question about a plan that leaves out too much of the wish; None where it is sure enough."""
    if seen.sure >= (WRITES if seen.writes else READS):
        return None
    named = ", ".join(f"“{w}”" for w in dict.fromkeys(seen.unread))
    return Unclear(
        lacking=True,
        message=f"I am not sure what you want: I made nothing of {named}, so nothing was done. Say it in "
        f"other words, "
        "or put it in quotation marks if it is a name.",
    )


@cache
def _vocabulary(goal: Goal) -> frozenset[str]:
    """The words that a goal is said with, in its templates or in what its builder takes in."""
    found: set[str] = set(goal.reads.split())
    for name in re.findall(r"\{(\w+)\}", goal.said):
        found |= {w for words_ in LEXICON[name].split("|") for w in words_.split()}
    plain = re.sub(r"\{\w+\}|<\w+>|\.\.+", " ", goal.said)
    found |= set(re.findall(r"[a-z][\w':-]*", plain))
    return frozenset(found | {f"{w}s" for w in found} | {w for w in _ALWAYS})


_ALWAYS = frozenset(
    w for name in ("meeting", "calendar", "mail", "thread", "arrange", "cancel", "show", "last", "small",
    "gist")
    for words_ in LEXICON[name].split("|") for w in words_.split()
) | frozenset({"mails", "emails", "threads", "meetings", "minutes", "hour", "hours", "half", "week", "day",
"days"})  # fmt: skip
"""Words that any wish about mail and meetings may have."""


def _stems(plan: Plan) -> frozenset[str]:
    """The words that the literal arguments of a plan show."""
    return frozenset(
        stem(w)
        for step in plan.steps
        for text in (*strings(step.args, less=REPEATS), *_switches(step.args))
        for w in _WORD.findall(text)
    )


def _switches(args: dict[str, Any]) -> Iterator[str]:
    """The names of what is switched on ("series")."""
    return (name for name, value in args.items() if value is True)
