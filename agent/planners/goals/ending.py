"""Goals that give a series another end: no more of it from a day on, or on until a later day."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.planners.goals.changing import described, event_meant, notice
from deskhand.agent.planners.steps import no_calendar, ref
from deskhand.agent.planners.when.limits import without
from deskhand.agent.planners.when.weekday_names import by_weekday
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear
from deskhand.agent.times import Reading

_VERB = re.compile(
    r"(?:end|stop|finish|discontinue|terminate|cease|conclude|cancel|call off|drop|scrap|delete|remove|"
    r"erase)\b(?:\s+(?:off|with|having|holding|doing|meeting for))?\s*",
    re.I,
)
_EXTEND = re.compile(
    r"(?:extend|prolong|continue|lengthen|keep up|carry on|go on|let)\b(?:\s+(?:with|on))?\s*", re.I
)
_FROM = r"from|starting(?: from| in| on)?|as of|as from|beginning(?: in| on)?|effective"
_WHEN = re.compile(
    rf"[\s,]*\b(?P<how>{_FROM}|after|past|before|(?:at|by) the end of|on|in|at|with|until|till)\s+", re.I
)
_NOW = re.compile(
    r"[\s,]*\b(?:from (?:now|here|today) on(?:wards?)?|right now|now|today|immediately|altogether|entirely|"
    r"for good|permanently)\b",
    re.I,
)
_REST = re.compile(
    r"[\s,]*\band (?:all|those|everything|the ones)(?: that (?:come|follow))? (?:after|following)"
    r"(?: (?:it|that))?\b",
    re.I,
)
_ON = re.compile(r"\s+onwards?\b|\s+on\b(?!\s+\w)", re.I)
_AFTER = re.compile(r"\W*(?:after|past)\b", re.I)
_UNREAD = re.compile(r"(?<=\S)\s+(?:after|past|before|until|till|from|as of|by)\s+.+$", re.I)
_DAYS = ("day", "week", "month", "year")
_FAR = timedelta(days=400)
_SECOND = timedelta(seconds=1)


def end(request: Request) -> Plan | Unclear | None:
    """ "end the weekly sync after March", "stop the standup from 1 June": a series is over then."""
    place = request.known.place("event.cancel")
    verb = _VERB.match(request.head)
    if verb is None:
        return None
    if place is None:
        return no_calendar(request.known)
    now = request.known.now
    whole = request
    request, day = by_weekday(request, alone=True)
    verb = _VERB.match(request.head) or verb
    found: dict[str, Any] = {}
    if rest := _REST.search(request.head):
        named, words = without(request, rest.span()), rest.group()
    elif (said := _first(request)) is not None:
        first, span = said
        named, words = without(request, span), request.head[span[0] : span[1]]
        first = max(first, now)
        found = {"start": first.isoformat(), "end": (first + _FAR).isoformat()}
    else:
        m = _NOW.search(request.head)
        if m is None and any(t.kind in ("interval", "instant") for t in request.times):
            return None  # "end the review at 4"
        named, words = (without(request, m.span()), m.group()) if m else (request, "")
        found = {"start": now.isoformat(), "end": (now + _FAR).isoformat()}
    named = Request.of(f"cancel {named.head[verb.end() :]}", request.known)
    find = event_meant(named, len(named.head))
    if isinstance(find, Unclear) and day is not None and find.lacking:
        find = {"about": ""}  # "the Monday meeting": whichever series is held on Mondays
    if isinstance(find, Unclear):
        return find
    if not request.quotes and (unread := _UNREAD.search(find["about"])):
        return Unclear(
            lacking=True,
            message=f"I do not know when “{unread.group().strip()}” is, so nothing was done. Name a day: "
            "“end it after 18 December”.",
        )
    find.pop("series", None)
    if found:
        find.pop("at", None)
    find |= found | {"following": True, "ends": True, "template": "end {} and those after it"}
    find |= {"weekday": day} if day is not None else {}
    change = {n: ref("event", n) for n in ("source", "ref", "version", "occurrence", "following")}
    when = f" {words.strip(' ,')}" if words.strip() else ""
    return Plan(
        request=whole.original,
        objective=f"End the series {described(find)}{when}.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the series"),
            Step(id="change", op="event.cancel", args=change, purpose=f"end it in {place.alias}"),
            *notice(request, "ended"),
        ),
    )


def ends(request: Request) -> bool:
    """Whether a wish to cancel says from when on: "cancel the weekly sync after March"."""
    return any(
        t.kind == "interval" and t.start and t.end is None and t.grain in _DAYS and _AFTER.match(t.text)
        for t in request.times
    )


def extend(request: Request) -> Plan | Unclear | None:
    """ "extend the weekly sync until September": a series that has an end goes on longer."""
    place = request.known.place("event.update")
    verb = _EXTEND.match(request.head)
    until = next(
        (t for t in request.times if t.kind == "interval" and t.end and not t.start and t.grain in _DAYS),
        None,
    )
    if verb is None or until is None or until.end is None:
        return None
    if place is None:
        return no_calendar(request.known)
    if until.end <= request.known.now:
        return Unclear(message=f"“{until.text}” is in the past.")
    named = without(request, until.span)
    named = Request.of(f"cancel {named.head[verb.end() :]}", request.known)
    find = event_meant(named, len(named.head))
    if isinstance(find, Unclear):
        return find
    find |= {"series": True, "template": f"extend {{}} {until.text}"}
    change = {n: ref("event", n) for n in ("source", "ref", "version")} | {"until": ref("times", "until")}
    args = {"event": ref("event"), "until": (until.end - _SECOND).isoformat()}
    return Plan(
        request=request.original,
        objective=f"Extend the series {described(find)} {until.text}.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the series"),
            Step(id="times", op="event.extend", args=args, purpose="see what that adds"),
            Step(
                id="change", op="event.update", args=change, notes=Ref(ref="times", path="notes"),
                purpose=f"extend it in {place.alias}",
            ),
            *notice(request, "extended"),
        ),
    )  # fmt: skip


def _first(request: Request) -> tuple[datetime, tuple[int, int]] | None:
    """From when on it is not held any more, and where that is said."""
    for m in _WHEN.finditer(request.head):
        said = request.times_in(m.start(), len(request.head))
        time = next((t for t in said if t.span[0] <= m.end() + 1 and t.span[1] > m.end()), None)
        if time is None or time.kind != "interval" or time.grain not in _DAYS:
            continue
        first = _after(m["how"].lower(), time)
        if first is None:
            continue
        over = max(time.span[1], m.end())
        tail = _ON.match(request.head, over)
        return first, (m.start(), tail.end() if tail else over)
    return None


def _after(how: str, time: Reading) -> datetime | None:
    if re.fullmatch(_FROM, how):
        return time.start
    if how in ("after", "past"):
        return time.start if time.end is None else time.end
    if how == "before":
        return time.start or time.end
    return time.end  # "end it in March", "on Friday": that is the last of it
