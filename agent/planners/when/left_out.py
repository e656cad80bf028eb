"""What a repetition leaves out, wherever it is said: "daily at 9 with Ann, but not on Fridays"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from deskhand.agent.availability.folding import every_day
from deskhand.agent.availability.omitted import Omitted
from deskhand.agent.planners.when.limits import without
from deskhand.agent.planners.words.directory import Span
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.times import Reading, read

_REFUSAL = (
    r"but|and|or|nor|not|never|no|except(?:ing)?|excluding|apart from|aside from|other than|skip|skipping|"
    r"minus|unless|for|on|in|at|the|any|during"
)
_REFUSED = re.compile(rf"[\s,;(–-]*(?:\b(?:{_REFUSAL})\b[\s,]*)*", re.I)
_LEAD = re.compile(rf"[\s,;(–-]*\b(?:(?:{_REFUSAL})\b[\s,]*)+$", re.I)
_HOLIDAYS = re.compile(
    r"[\s,;(–-]*\b(?:and\s+|but\s+)?(?:(?:not|never|except|excluding|skip(?:ping)?|without)\s+"
    r"(?:on\s+|for\s+)?(?:the\s+|any\s+)?|(?:unless|except(?:\s+when)?|if)\s+(?:it\s+is|it['’]s|that\s+is)\s+(?:not\s+)?(?:on\s+)?an?\s+)"
    r"(?:public\s+|bank\s+|national\s+|legal\s+)?holidays?\b[\s,)]*",
    re.I,
)
_CONDITION = re.compile(
    r"\b(?:unless|except(?:ing)?|excluding|(?:apart|aside) from|other than|but (?:not|never))\b", re.I
)
_WEEKDAY = re.compile(r"(?:(?:on|a|any|the)\s+)*(?:mon|tues|wednes|thurs|fri|satur|sun)days?", re.I)
_LOOKS = ("slots.find", "calendar.agenda", "event.find", "event.list")
"""What is done with days that are ruled out, where they are no exception of the repetition."""


@dataclass(frozen=True, slots=True)
class Apart:
    """What was said apart from the repetition that leaves it out."""

    times: tuple[Reading, ...] = ()
    holidays: bool = False


NOTHING_APART = Apart()


def omitted(request: Request, often: Reading, apart: Apart = NOTHING_APART) -> Omitted | Unclear:
    """What a repetition leaves out. Holidays are those of the owner's country; none set is a question."""
    off = request.known.owner.off
    # "A weekly sync on Mondays except holidays" is said twice how often, and once what is left out.
    said = [often, *(t for t in request.times if t.kind == "recurrence" and not t.negated and t != often)]
    left = (*(one for t in said for one in t.excludes), *apart.times)
    if not (any(t.not_holidays for t in said) or apart.holidays):
        return Omitted(left)
    if not off.country:
        return Unclear(
            message="Which public holidays? No country is set, so nothing was done. Set it in config.toml, "
            'under [person]: country = "PT" (its two letters), and subdivision = "..." for a part of it.'
        )
    return Omitted(left, off.country, off.subdivision)


def taken(request: Request) -> tuple[Request, Apart]:
    """The wish to book a series without what it leaves out apart from its repetition, and that.

    Where its time is looked for yet, a weekday or an hour that is ruled out says where.
    """
    said = [t for t in request.times if not t.negated and not every_day(t)]
    often = [t for t in said if t.kind == "recurrence"]
    if not often:
        return request, NOTHING_APART
    exact = any(t.grain != "day" for t in often) or any(
        t.kind == "instant" and t.start for t in request.times
    )
    negated = [t for t in request.times if t.negated and t.kind != "duration" and t.anchor is None]
    return _cut(request, [t for t in negated if exact or not _narrows(t)])


def beside(request: Request) -> tuple[Request, Apart]:
    """The wish to do something again and again, likewise: only what stands right beside it is left out."""
    found = []
    for before, time in pairwise(request.times):
        between = request.head[before.span[1] : time.span[0]]
        of_it = before.kind in ("recurrence", "instant") or before in found
        if of_it and time.negated and time.kind != "duration" and _REFUSED.fullmatch(between):
            found.append(time)
    return _cut(request, found)


def unread(request: Request, plan: Plan, said: Iterable[Span]) -> Unclear | None:
    """The question about words that leave something out of a repetition, and are not understood.

    :param request: the wish without what was understood; `plan` is what it comes to.
    :param said: where the repetition stood.
    """
    if any(step.op in _LOOKS for step in plan.steps):
        return None
    ends = [end for _, end in said]
    late = [t for t in request.times if t.negated]
    inside = [t.span for t in request.times if t.excludes or t.not_holidays]
    for m in _CONDITION.finditer(request.head):
        if any(a <= m.start() < b for a, b in inside):
            continue
        near = any(not request.head[end : m.start()].strip(" ,;(-") for end in ends if end <= m.start())
        if near or late or m.group().lower() == "unless":
            words = request.head[m.start() :].strip(" ,;")
            return Unclear(
                message=f"I do not understand what “{words}” leaves out, so nothing was done. Say it right "
                "behind how often it is: “every weekday at 8 except Fridays”, or “except holidays”."
            )
    return None


def unheeded(request: Request, plan: Plan) -> Unclear | None:
    """The question where a repetition leaves something out and a plan does nothing of the kind.

    Nothing happens in silence on a day that was ruled out.
    """
    left = next((t for t in request.times if t.excludes or t.not_holidays), None)
    if left is None or every_day(left):
        return None
    if any(step.op == "schedule.add" or "omits" in step.args for step in plan.steps):
        return None
    return Unclear(
        message="I leave days out where a meeting is booked or a schedule is made, not here: "
        f"“{left.text}”. Say it without them."
    )


def _narrows(time: Reading) -> bool:
    """Whether a time that is ruled out says where a series may lie, not which of its times is not held."""
    if time.kind == "recurrence" or time.grain in ("part", "hour", "minute"):
        return True
    return _WEEKDAY.fullmatch(time.text) is not None


def _cut(request: Request, times: Sequence[Reading]) -> tuple[Request, Apart]:
    closed = [t.span for t in request.times if t.not_holidays]
    closed += [m.span() for m in re.finditer(r"“[^”]*”|\"[^\"]*\"", request.head)]
    feasts = [
        m.span()
        for m in _HOLIDAYS.finditer(request.head)
        if not any(a < m.end() and m.start() < b for a, b in closed)
    ]
    if not times and not feasts:
        return request, NOTHING_APART
    leads = [_LEAD.search(request.head, 0, t.span[0]) for t in times]
    spans = [(m.start() if m else t.span[0], t.span[1]) for m, t in zip(leads, times, strict=True)]
    found = tuple(one for t in times for one in _as_exceptions(request, t))
    return without(request, *spans, *feasts), Apart(found, bool(feasts))


def _as_exceptions(request: Request, time: Reading) -> tuple[Reading, ...]:
    """A time that is ruled out as it reads behind a repetition: "in December" is every December there."""
    owner = request.known.owner
    words = f"daily except {time.text}"
    found = read(words, now=request.known.now, zone=owner.zone, locale=owner.locale)
    if len(found) == 1 and found[0].excludes:
        return found[0].excludes
    return (replace(time, negated=False),)
