"""What a plan does and its wish does not say: what is only noted would be moved, another day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from deskhand.agent.planners.checks.asking import amiss, left_out
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear

_NOTED = re.compile(
    r"\b(?:put|note|jot|write|get|take|mark) (?:that|it|this|them) (?:down|up|in)\b(?! (?:at|to|the|my)\b)",
    re.I,
)
"""Who wants something noted wants nothing moved."""
_MADE_IT = re.compile(
    r"\bmake (?:it|that) (?:at )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\b(?! (?:minutes|hours|days))",
    re.I,
)
_CLOCK = re.compile(
    r"(?:at )?(?:half|(?:a )?quarter|five|ten|twenty|twenty-five|\d{1,2})(?: minutes)? (?:past|to) "
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})\b",
    re.I,
)
"""A time of day at the beginning of what a schedule would do: it was to be its hour."""
_BEGINS = re.compile(
    r"\b(?:starting|beginning|as of|from) (?:on )?(?:the )?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? [a-z]{3,9}|[a-z]{3,9} \d{1,2}|next (?:week|month|year))\b",
    re.I,
)
"""From when a schedule is to run, left in what it does."""
_ASKS_WHICH = re.compile(r"(?:on )?(?:which|what|when) (?:could|can|shall|should|would|might)\b", re.I)
"""Who asks for a time asks once."""
_SOME = re.compile(
    r"\b(?:(?:any |just |only )?one|either|some|a few|a couple|two|three|most|half) of "
    r"(?:my|the|our|these|those)\b",
    re.I,
)
"""Not all of them, and which is not said."""
_NO_NAME = frozenset({"since", "then", "until", "till", "yet", "now", "again", "by", "also", "too"})
_THAT_DAY = re.compile(r"(?:on |in )?that (?:same )?(?:day|morning|afternoon|evening|night)", re.I)
_BARE = re.compile(
    r"(?:at|from|to|by|until|till|between|and|o['’]?clock|noon|midday|[ap]\.?m\.?|[\d:.h –-]|\s)+", re.I
)
"""A time of day alone: its day is that of something else, or today for want of one."""


def not_said(request: Request, made: Plan) -> Unclear | None:
    """The question about a day, a stretch or a change of which the wish says nothing."""
    for step in made.steps:
        if step.op == "schedule.add":
            kept = str(step.args.get("request", ""))
            if (asks := _ASKS_WHICH.match(kept)) is not None:
                return amiss(f"I would ask “{asks[0]} ...” again and again", "“find a time ...”")
            if (begins := _BEGINS.search(kept)) is not None:
                return left_out(begins[0], "only how often it is to be, or on which days")
            clock = _CLOCK.match(kept)
            return None if clock is None else left_out(clock[0], "the time in figures (“at 6:50”)")
        about = str(step.args.get("about", "")).casefold()
        if about.startswith(("more ", "any more ")) and f"no {about}" in request.original.casefold():
            return amiss(f"I would look for “{about}”", "“cancel ...”")
        if about in _NO_NAME:
            return amiss(f"I would look for “{step.args['about']}”", "in other words what it is about")
    if any(s.op == "event.shift" for s in made.steps) and _NOTED.search(request.original) is not None:
        return amiss(
            "I would move an event, and you did not say that anything is to be moved",
            "“add ... to my calendar”",
        )
    for step in made.steps:
        start, end = step.args.get("start"), step.args.get("end")
        if isinstance(start, str) and isinstance(end, str) and start >= end:
            return amiss("I would look at a stretch of time that has no length", "from when to when")
    if any(s.op == "event.list" for s in made.steps) and (some := _SOME.search(request.original)) is not None:
        return amiss(f"I would take them all, and you said “{some[0]}”", "which of them")
    return (
        _since(request, made)
        or _elsewhere(request, made)
        or _another_hour(request, made)
        or _another_day(request, made)
    )


def _since(request: Request, made: Plan) -> Unclear | None:
    """The question about a day since when something is looked for, where the plan looks since another."""
    said = (t for t in request.readings if t.start is not None and t.text.casefold().startswith("since"))
    since = [datetime.fromisoformat(v) for s in made.steps if isinstance(v := s.args.get("since"), str)]
    for one in said if since else ():
        if one.start and not any(_day(request, at) == _day(request, one.start) for at in since):
            return left_out(one.text, "it in other words")
    return None


def _elsewhere(request: Request, made: Plan) -> Unclear | None:
    """The question about a file that is to be put where the wish does not say, while it names a place."""
    used = [str(s.args.get("source")) for s in made.steps if s.op == "file.create"]
    for place in request.known.places if used else ():
        into = re.search(
            rf"\b(?:in|into|to|under|among)\s+(?:my\s+|the\s+)?{re.escape(place.alias)}\b",
            request.original,
            re.I,
        )
        if into is not None and place.alias not in used and "file.create" in place.operations:
            return amiss(f"I would write the file into {used[0]}, not {into[0]}", "where it shall be put")
    return None


def _another_hour(request: Request, made: Plan) -> Unclear | None:
    """The question about an event that would be moved to another hour than "make it 5" says."""
    if (m := _MADE_IT.search(request.original)) is None:
        return None
    for start in (
        s.args["start"] for s in made.steps if s.op == "event.shift" and isinstance(s.args.get("start"), str)
    ):
        at = datetime.fromisoformat(start).astimezone(request.known.owner.tz)
        if (at.hour % 12, at.minute) != (int(m["hour"]) % 12, int(m["minute"] or 0)):
            return amiss(f"I would move it to {at:%H:%M}, and you said “{m[0]}”", "to when it is to be moved")
    return None


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
        if t.start is not None and not _BARE.fullmatch(t.text) and not _THAT_DAY.fullmatch(t.text)
    ]
    that_day = _THAT_DAY.search(request.original) is not None
    for at in (at for s in made.steps if named and (at := _booked(s, that_day=that_day)) is not None):
        day = _day(request, at)
        if not any(first <= day <= last for first, last in named):
            return amiss(f"It would be {day:%A} {day.day} {day:%B}, which you did not say", "the day with it")
    return None


def _booked(step: Step, *, that_day: bool) -> datetime | None:
    at = step.args.get(
        {"slots.find": "at", "event.create": "start", "calendar.free": "start"}.get(step.op, "")
    )
    if step.op == "calendar.free" and step.args.get("at") is not True:
        return None
    return datetime.fromisoformat(at) if isinstance(at, str) else None


def _day(request: Request, at: datetime) -> date:
    return at.astimezone(request.known.owner.tz).date()
