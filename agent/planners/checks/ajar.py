"""The last look at a plan that writes: what it holds must be what was said, in kind and in number.

A clock in a title, a clause in the name of an event, a length that was said and guessed, "each" for one
meeting of all: such a plan took the words, and not what they mean. The person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from deskhand.agent.planners.checks.plan_shown import strings
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.connectors.operations import OPERATIONS

_NAMES = ("title", "about")
_CLAUSE = re.compile(
    r"[,;]\s*(?:and\s+)?(?:my|i|i['’]m|we|it|it['’]s|he|she|they|the|so|because|but|not|please|pray|then|"
    r"cancel|move|book|tell|put|pop|stick|only|just|instead)\b|\bso (?:that )?(?:i|we) (?:can|could)\b",
    re.I,
)
_CLOCK = re.compile(
    r"\b\d{1,2}\s*[-–]\s*\d{1,2}\b(?![-–]\d)|\b\d{1,2}[.:]\d\d\b|^\d{1,2}\b(?!:)(?=\s+(?:i|we|he)\b)", re.I
)
_APART = re.compile(r"\b(?:each|separately|individually|one by one|one at a time)\b", re.I)
_LENGTH = re.compile(
    r"\b(?:an|one|two|three|half an|a half) hours?\b|\b\d+(?:\.\d+)?[ -]?(?:min(?:ute)?s?|hours?|hrs?)\b",
    re.I,
)


def ajar(request: Request, made: Plan) -> Unclear | None:
    """The question about what a plan that writes took for something else; None where it took nothing so."""
    if not any(step.op in OPERATIONS for step in made.steps):
        return None
    found = next((words for look in _LOOKS if (words := look(request, made))), None)
    if found is None:
        return None
    return Unclear(
        lacking=True,
        message=f"I am not sure what “{found}” means here, so nothing was done. Say it in other "
        f"words, or put it in "
        "quotation marks if it is a name.",
    )


def _clause(request: Request, made: Plan) -> str | None:
    return next((m.group() for name in _named(request, made) if (m := _CLAUSE.search(name))), None)


def _clock(request: Request, made: Plan) -> str | None:
    return next((m.group() for name in _named(request, made, "title") if (m := _CLOCK.search(name))), None)


def _together(request: Request, made: Plan) -> str | None:
    many = any(s.op == "slots.find" and len(s.args.get("people", ())) > 1 for s in made.steps)
    m = _APART.search(request.head) if many else None
    return m.group() if m and not request.closed(*m.span()) else None


def _guessed(request: Request, made: Plan) -> str | None:
    """A length that was said, where the plan takes the usual one."""
    usual = any(s.op == "slots.find" and s.args.get("minutes") == 30 for s in made.steps)
    said = any(t.kind == "duration" for t in request.readings)
    m = _LENGTH.search(request.head) if usual and not said else None
    if m is None or re.match(r"\s+(?:before|after|into|later|earlier)\b", request.head[m.end() :], re.I):
        return None
    if request.closed(*m.span()) or re.search(r"half|30", m.group(), re.I):
        return None
    inside = any(t.start and t.end and t.span[0] <= m.start() < t.span[1] for t in request.readings)
    return None if inside else m.group()


def _instead(request: Request, made: Plan) -> str | None:
    """Something else that is there is to be changed, and a new event is planned."""
    if not any(s.op == "event.create" for s in made.steps) or any(s.op == "event.find" for s in made.steps):
        return None
    m = re.search(r"\b(?:instead of|rather than)\b", request.head, re.I)
    return m.group() if m and not request.closed(*m.span()) else None


def _alone(request: Request, made: Plan) -> str | None:
    """Somebody who is in a title, and nowhere else."""
    if not any(s.op == "event.create" for s in made.steps) or request.quotes:
        return None
    shown = " ".join(strings([v for s in made.steps for n, v in s.args.items() if n not in _TOLD])).casefold()
    for named in request.named:
        if not named.possessive and named.clear and named.key.casefold() not in shown:
            if any(s.op == "event.find" for s in made.steps):
                continue
            return named.words
    return None


def _named(request: Request, made: Plan, *names: str) -> list[str]:
    quoted = {q.casefold() for q in request.quotes}
    found = [str(s.args[n]) for s in made.steps for n in names or _NAMES if isinstance(s.args.get(n), str)]
    return [name for name in found if name.casefold() not in quoted]


_TOLD = frozenset({"title", "template", "makes_room", "purpose", "description"})
_LOOKS: tuple[Callable[[Request, Plan], str | None], ...] = (
    _clause,
    _clock,
    _together,
    _guessed,
    _instead,
    _alone,
)
