"""What a plan does and its wish does not say: what is only noted would be moved, another day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear

_NOTED = re.compile(
    r"\b(?:put|note|jot|write|get|take|mark) (?:that|it|this|them) (?:down|up|in)\b(?! (?:at|to|the|my)\b)",
    re.I,
)
"""Who wants something noted wants nothing moved."""
_BARE = re.compile(
    r"(?:at|from|to|by|until|till|between|and|o['’]?clock|noon|midday|[ap]\.?m\.?|[\d:.h –-]|\s)+", re.I
)
"""A time of day alone: its day is that of something else, or today for want of one."""


def not_said(request: Request, made: Plan) -> Unclear | None:
    """The question about a day, a stretch or a change of which the wish says nothing."""
    if any(s.op == "schedule.add" for s in made.steps):
        return None
    if any(s.op == "event.shift" for s in made.steps) and _NOTED.search(request.original) is not None:
        return _question(
            "I would move an event, and you did not say that anything is to be moved",
            "“add ... to my calendar”",
        )
    for step in made.steps:
        start, end = step.args.get("start"), step.args.get("end")
        if isinstance(start, str) and isinstance(end, str) and start >= end:
            return _question("I would look at a stretch of time that has no length", "from when to when")
    return _another_day(request, made)


def _another_day(request: Request, made: Plan) -> Unclear | None:
    """The question about an event that is today's for want of a day, while the wish names another one."""
    named = [
        (
            _day(request, t.start),
            max(_day(request, t.start), _day(request, t.end - timedelta(microseconds=1))),
        )
        if t.end is not None
        else (_day(request, t.start),) * 2
        for t in request.readings
        if t.start is not None and not _BARE.fullmatch(t.text)
    ]
    for at in (at for s in made.steps if named and (at := _booked(s)) is not None):
        day = _day(request, at)
        if not any(first <= day <= last for first, last in named):
            return _question(
                f"I would book it on {day:%A} {day.day} {day:%B}, which you did not say", "the day with it"
            )
    return None


def _booked(step: Step) -> datetime | None:
    at = step.args.get({"slots.find": "at", "event.create": "start"}.get(step.op, ""))
    return datetime.fromisoformat(at) if isinstance(at, str) else None


def _day(request: Request, at: datetime) -> date:
    return at.astimezone(request.known.owner.tz).date()


def _question(what: str, instead: str) -> Unclear:
    return Unclear(lacking=True, message=f"{what}, so nothing was done. Say {instead}.")
