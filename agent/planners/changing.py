"""Goals that change an event that is there: move it, cancel it, and tell those who were invited."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

from deskhand.agent.model import Plan, Ref, Step, Unclear
from deskhand.agent.planners.anew import AHEAD, KEPT, MINUTES, anew
from deskhand.agent.planners.anew import wanted as wanted_anew
from deskhand.agent.planners.excluding import doubtful
from deskhand.agent.planners.limits import taken as limits_of
from deskhand.agent.planners.narrowing import leftover, narrowed
from deskhand.agent.planners.phrases import words
from deskhand.agent.planners.request import Request
from deskhand.agent.planners.scope import scope
from deskhand.agent.planners.several import cancelling
from deskhand.agent.planners.steps import no_calendar, ref, telling
from deskhand.agent.planners.tidying import without_ends, without_words
from deskhand.agent.planners.windows import bare
from deskhand.agent.times import Reading

_VERB = re.compile(
    r"(?:move|reschedule|postpone|push|shift|delay|bring|put|pull|change|start|make|shorten|lengthen|extend|"
    r"prolong|stretch|trim|cut|reduce|increase|set|cancel|call|scrap|delete|drop|"
    r"remove|erase|scratch|strike|take|clear|get rid of)\b(?: (?:back|out|forward|ahead|off|in)\b)?\s*",
    re.I,
)
_TO = re.compile(r"\b(?:to|until|till|into|onto)\s+(?:be (?:at|on)\s+|start (?:at|on)\s+)?(?:the\s+)?", re.I)
_FOR = re.compile(r"\bfor\s+(?:the\s+)?", re.I)
_RELATIVE = re.compile(r"\b(?:earlier|later|sooner|back|forward|ahead|out)\b", re.I)
_EARLIER = re.compile(r"\b(?:forward|earlier|ahead|sooner|pull)\b", re.I)
_LENGTH = re.compile(r"\b(?:by\s+)?(?:a|one)\s+(day|week|hour)\b", re.I)
_SERIES = re.compile(r"\b(?:all|every|series|everything|whole|entire)\b", re.I)
_OFF = re.compile(
    r"\b(?:from|off|on|in)\s+(?:my|the|our)\s+(?:calendar|diary|agenda|schedule|planner)\b", re.I
)
_NO_EVENT = re.compile(
    r"\b(?:digest|reminder|alarm|report|summary|calendar|diary|agenda|schedule|title|name|location|place|room|"
    r"invitees|attendees|organi[sz]er|day|time sure|sure)\b",
    re.I,
)
_MORE = re.compile(r"\b(?:earlier|later|sooner|longer|shorter)\b", re.I)
_NEW = re.compile(r"(?:up|an?|one|two|three|new|some|lunch|coffee|dinner|breakfast|sure)\b", re.I)
_AT = re.compile(r"\s+(?:(?:to\s+)?(?:be|start|begin|happen|take place)\s+)?(?:(?P<at>at)|on|for)\s+", re.I)
_ENDS = words(
    """
    my the our a an this that meeting meetings event events appointment appointments one with next on of
    called titled named and start time date day back forward from off session entry scheduled i have all
    every whole entire series everything upcoming
    """
)
_FAR = timedelta(days=400)
_JOINTS = 12
"""At so many places it is looked whether the new time begins there."""

_FREE = "to another time"
_UNREAD = re.compile(r"\s+(?:to|until|into)\s+[^“”\"]*$", re.I)
_SEVERAL = re.compile(r"\bnext\s+(?:two|three|four|five|six|few|couple of|\d+)\b", re.I)

_WEEKDAY = re.compile(
    r"(?:on\s+)?(?:(?:at\s+)?\S+(?:\s+[ap]m)?\s+on\s+)?"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"(?:[\s,]+(?:(?:at|in|from|between|after|before)\s+)?(?:the\s+)?(?:noon|midday|morning|afternoon|evening|"
    r"\d{1,2}(?:[:.h]\d\d)?\s*(?:[ap]\.?m\.?|h|o'?clock)?)"
    r"(?:\s*(?:-|to|and|until)\s*\d{1,2}(?:[:.h]\d\d)?\s*(?:[ap]m)?)?)?",
    re.I,
)
"""A weekday without its week: of a move, that of the week in which the event is."""

_WEEK = re.compile(r"\b(?:this|next|last|coming|following|week|month|after)\b", re.I)
_DAYS = {"day": 1, "week": 7}


def move(request: Request) -> Plan | Unclear | None:
    """ "move my 3pm on Tuesday to Wednesday at 10:00", "postpone the review by an hour"."""
    place = request.known.place("event.update")
    if place is None:
        return no_calendar(request.known)
    looked_for = anew(request)
    if isinstance(looked_for, Unclear):
        return looked_for
    how = (looked_for.start, dict(looked_for.args)) if looked_for else _to(request) or _by(request)
    if how is None:
        event = _UNREAD.sub("", request.head)
        return Unclear(
            message="Move it to when?",
            choices=tuple(f"{event} {w}" for w in ("to tomorrow at 10:00", "by one hour", _FREE)),
        )
    start, target = how
    named, which = scope(replace(request, head=request.head[:start]), moving=True)
    find = event_meant(named, len(named.head))
    if isinstance(find, Unclear):
        return find
    rest = request.head[start:]
    if from_then := _from_then(request, start, target):
        which = from_then
    if which.get("ask") and target.keys() - {"times"} != {"clock"}:
        which = {}  # to another day: that is one occurrence
    find |= {"series": True} if which.get("series") or find.get("series") else which
    times = target.pop("times", ())
    for time in times:
        if time.problem:
            return Unclear(message=time.problem)
    told = looked_for.said if looked_for else ""
    if looked_for is None:
        looked = _kept(request, start, target)
        if isinstance(looked, Unclear):
            return looked
        target, told = looked
        target.pop("times", None)
    if {"days", "seconds"} & target.keys() and not re.match(r"by\b", rest, re.I):
        rest = f"by {rest}"
    if (
        {"days", "seconds"} & target.keys()
        and _EARLIER.search(request.head[:start])
        and not _EARLIER.search(rest)
    ):
        rest += " earlier"
    find["template"] = template("move", find, rest)
    return changed(
        request, find, target, objective=f"Move the event {described(find)}{told}.",
        why=("work out the new time", f"move it in {place.alias}"),
    )  # fmt: skip


def find_anew(request: Request) -> Plan | Unclear | None:
    """ "find a new time for the budget review"."""
    if (words := wanted_anew(request)) is None:
        return None
    made = move(Request.of(words, request.known))
    return made.model_copy(update={"request": request.original}) if isinstance(made, Plan) else made


def changed(
    request: Request,
    find: dict[str, Any],
    how: dict[str, Any],
    *,
    objective: str,
    why: tuple[str, str],
) -> Plan:
    """Find an event, work out its new time (`how`, for `event.shift`), change it, tell the others."""
    whose = ("source", "ref", "version", "occurrence", "following")
    change: dict[str, Any] = {n: ref("event", n) for n in whose}
    change |= {n: ref("times", n) for n in ("start", "end")}
    return Plan(
        request=request.original,
        objective=objective,
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            Step(id="times", op="event.shift", args={"event": ref("event"), **how}, purpose=why[0]),
            Step(
                id="change", op="event.update", args=change, notes=Ref(ref="times", path="notes"),
                offers=Ref(ref="times", path="offers"), purpose=why[1],
            ),
            *notice(request, "moved", halves=bool(find.get("following"))),
        ),
    )  # fmt: skip


def _kept(request: Request, start: int, target: dict[str, Any]) -> tuple[dict[str, Any], str] | Unclear:
    """A new time that is looked for, with what it must keep to: "next week, not Monday"; and that in words.

    A time that was said exactly stays.
    """
    if target.keys() - {"times"} not in ({"window"}, {"day"}):
        return target, ""
    cut, limits = limits_of(replace(request, head=request.head[start:], tail="", body=""))
    if (question := leftover(replace(cut, head=_TO.sub("", cut.head, count=1)))) is not None:
        return question
    if not (limits.args or limits.hours or limits.optional):
        return target, ""
    found = narrowed(cut, limits, minutes=MINUTES, otherwise=AHEAD)
    if isinstance(found, Unclear):
        return found
    kept = {**limits.args, **found}
    window = [kept.pop("start"), kept.pop("end")]
    if kept.keys() - KEPT or limits.optional:
        return Unclear(
            message=f"I cannot keep to all of this where an event is moved: {'; '.join(limits.said)}. Say it "
            "without, or name the time."
        )
    said = f" ({'; '.join(limits.said)})" if limits.said else ""
    return {"times": target.get("times", ()), "window": window, "kept": kept}, said


def retime(request: Request) -> Plan | Unclear | None:
    """ "make the weekly sync at 11 from December on": the event that is there is moved, none is booked.

    A day in front of the clock time says which one it is ("the sync on 7 December at 11"); a day alone is
    the new one.
    """
    head = request.head
    if (verb := _VERB.match(head)) is None or _NO_EVENT.search(head) or _NEW.match(head, verb.end()):
        return None
    if any(t.kind == "duration" for t in request.times):
        return None  # its length is changed, not its time
    if _to(request) or _by(request):
        return move(request)
    tail, _ = scope(request)
    for m in reversed([*_AT.finditer(tail.head, verb.end())]):
        said = tail.times_in(m.end(), len(tail.head), lead="at " if m["at"] else "")
        if not said or said[0].span[0] > m.end():
            continue
        # The place of the new time is looked for without the words for how much, and said with them.
        where = head.find(m.group())
        named, then = head[verb.end() : where], head[where + len(m.group()) :]
        return move(Request.of(f"move {named} to {then}", request.known))
    event = head[verb.end() :].strip()
    if relative := _MORE.search(head):
        return Unclear(message=f"By how long, {relative.group()}?", choices=(f"{head} by one hour",))
    return Unclear(
        message=f"Change “{event}” to what? Say its new time or its length; nothing was booked.",
        choices=(f"move {event} to tomorrow at 10:00", f"make {event} 30 minutes"),
    )


def _from_then(request: Request, start: int, target: dict[str, Any]) -> dict[str, Any]:
    """ "to Tuesdays from January": every occurrence from then on, to that weekday of its week."""
    times = target.get("times", ())
    often = next((t for t in times if t.kind == "recurrence" and t.start is not None), None)
    rest, which = scope(replace(request, head=request.head[start:]))
    if often is None or often.start is None:
        return which if which.get("following") else {}
    local = often.start.astimezone(request.known.owner.tz)
    target.clear()
    target |= {"times": times, "weekday": local.weekday()}
    if often.grain in ("hour", "minute"):
        target["clock"] = f"{local:%H:%M}"
    if re.search(r"\b(?:from|starting|as of|beginning)\b", rest.head, re.I) or which.get("following"):
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        monday = midnight - timedelta(days=local.weekday())
        first = max(monday, request.known.now)
        return {
            "following": True, "start": first.isoformat(), "end": (first + _FAR).isoformat(),
        }  # fmt: skip
    return {"following": True}


def cancel(request: Request) -> Plan | Unclear | None:
    """ "cancel the budget review on Thursday"."""
    place = request.known.place("event.cancel")
    if place is None:
        return no_calendar(request.known)
    named, which = scope(request, moving=True)
    if which.get("following"):
        event = named.head[verb.end() :].strip() if (verb := _VERB.match(named.head)) else named.head
        return Unclear(
            message="I cannot end a series from a day on yet, and nothing was cancelled. I can cancel one "
            "occurrence, or the whole series with those before that day:",
            choices=(f"cancel {event}", f"cancel the whole series of {event}"),
        )
    find = event_meant(request, len(request.head))
    if isinstance(find, Unclear):
        return find
    find["template"] = template("cancel", find, "")
    if stretches := [
        t for t in request.times if t.kind == "interval" and t.grain in ("week", "month", "day")
    ]:
        one = stretches[0]
        on = f"on {one.start:%Y-%m-%d}" if one.grain == "day" and one.start else one.text
        find["every"] = f"cancel every {{}} {on}"
    change: dict[str, Any] = {n: ref("event", n) for n in ("source", "ref", "version", "occurrence")}
    return Plan(
        request=request.original,
        objective=f"Cancel the event {described(find)}.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            Step(id="change", op="event.cancel", args=change, purpose=f"cancel it in {place.alias}"),
            *notice(request, "cancelled"),
        ),
    )


_SKIP = re.compile(r"(?:skip|miss|sit out|leave out|bunk off)\s+", re.I)


def skip(request: Request) -> Plan | Unclear | None:
    """ "skip the stand-up on Friday": just that one is cancelled, or declined where others called it."""
    if (m := _SKIP.match(request.head)) is None:
        return None
    if request.known.place("event.cancel") is None:
        return no_calendar(request.known)
    asked = replace(request, head=f"cancel {request.head[m.end() :]}")
    if scope(asked, moving=True)[1].get("following") or _SERIES.search(asked.head):
        return cancel(asked)
    find = event_meant(asked, len(asked.head))
    if isinstance(find, Unclear):
        return find
    find["template"] = template("skip", find, "")
    return Plan(
        request=request.original,
        objective=f"Leave out the event {described(find)}: cancelled where it is yours, else declined.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            Step(id="found", op="event.whose", args={"event": ref("event")}, purpose="see who called it"),
            *cancelling(request, quiet=False),
        ),
    )


def notice(request: Request, what: str, *, halves: bool = False) -> tuple[Step, ...]:
    """Telling the others by mail: a calendar file tells nobody. Left out where nobody else is invited.

    `halves`: a series is cut, and both parts are told, each in a mail of its own (RFC 6047 2.2.1).
    """
    mail = request.known.place("mail.send")
    sender, event = mail.alias if mail else None, ref("event")
    told = telling(sender, event=event, what=what)
    return (*told, *telling(sender, event=event, what=what, suffix="2", before=True)) if halves else told


def event_meant(request: Request, end: int) -> dict[str, Any] | Unclear:
    """The arguments of `event.find` out of the part of the wish that names the event."""
    verb = _VERB.match(request.head, 0, end)
    begin = verb.end() if verb else 0
    if (question := doubtful(request, end)) is not None:
        return question
    if m := _SEVERAL.search(request.head, begin, end):
        return Unclear(
            message=f"“{m.group()}” are several events, and one is changed at a time; nothing was "
            "changed. Say which day, or all of a week."
        )
    times = request.times_in(begin, end)
    find: dict[str, Any] = {}
    instant = next((t for t in times if t.kind == "instant"), None)
    stretch = next((t for t in times if t.kind == "interval"), None)
    if instant is not None and instant.start is not None:
        find |= {"start": instant.start.isoformat(), "at": True}
    elif stretch is not None and stretch.start and stretch.end is None:  # "from 3pm", "from Tuesday"
        one = stretch.grain in ("hour", "minute")
        find["start"] = stretch.start.isoformat()
        find |= {"at": True} if one else {"end": (stretch.start + timedelta(days=1)).isoformat()}
    elif stretch is not None:
        find |= {n: v.isoformat() for n, v in (("start", stretch.start), ("end", stretch.end)) if v}
    who = next((n for n in request.named if begin <= n.span[0] < end), None)
    spans = [t.span for t in times if t.kind != "recurrence"]
    spans += [m.span() for m in _OFF.finditer(request.head, begin, end)]
    if who is not None:
        find["person"] = who.key
        spans.append(who.span)
    if _SERIES.search(request.head[begin:end]):
        find["series"] = True
    about = without_words(request.head, begin, end, spans)
    find["about"] = request.quotes[0] if request.quotes else without_ends(about, _ENDS)
    if not find["about"] and not {"start", "end", "person"} & find.keys():
        return Unclear(
            message="Which event? Name it, its day or somebody in it.",
            choices=("cancel the budget review on Thursday", "move my 3pm to tomorrow at 10:00"),
        )
    return find


def _to(request: Request) -> tuple[int, dict[str, Any]] | None:
    """Where the words for a new time begin, and what `event.shift` makes of them."""
    for joint in (_TO, _FOR):
        for m in islice(joint.finditer(request.head), _JOINTS):
            if (
                not any(t.span[1] > m.end() for t in request.times)
                and not request.head[m.end() :][:1].isdigit()
            ):
                continue
            times = request.times_in(m.end(), len(request.head))
            if not times:  # "to 11"
                times = request.times_in(m.end(), len(request.head), lead="at ")
            close = [t for t in times if t.span[0] - m.end() <= 1]
            if not close and request.head[m.end()].isdigit():  # "to 11 from December on"
                times = request.times_in(m.end(), len(request.head), lead="at ")
                close = [t for t in times if t.span[0] - m.end() <= 1]
            if close and close[0].kind in ("instant", "interval"):
                return m.start(), _target(times)
            if close and close[0].kind == "recurrence" and "BYDAY" in close[0].rrule:
                return m.start(), {"times": times}
    return None


def _by(request: Request) -> tuple[int, dict[str, Any]] | None:
    """By how long: "by an hour", "30 minutes later", "back a week"."""
    head = request.head
    sign = -1 if _EARLIER.search(head) else 1
    by = re.search(r"\bby\b", head, re.I)
    relative = _RELATIVE.search(head)
    if m := _LENGTH.search(head):
        unit = m.group(1).lower()
        shift = {"days": sign * _DAYS[unit]} if unit in _DAYS else {"seconds": sign * 3600}
        return m.start(), shift
    # "an hour later" is a time of its own to those who read times: they see the hour alone.
    ends = [relative.start()] if relative else []
    for end in (*ends, len(head)):
        for time in request.times_in(0, end):
            if time.kind == "duration" and time.seconds:
                begin = by.start() if by and by.end() <= time.span[0] else time.span[0]
                days, rest = divmod(time.seconds, 86_400)
                whole = time.grain in ("day", "week") and not rest
                return begin, {"days": sign * days} if whole else {"seconds": sign * time.seconds}
    return None


def _target(times: tuple[Reading, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"times": times}
    if any(_WEEKDAY.fullmatch(t.text) for t in times) and not any(_WEEK.search(t.text) for t in times):
        found["of_its_week"] = True
    instant = next((t for t in times if t.kind == "instant" and t.start), None)
    stretch = next((t for t in times if t.kind == "interval" and (t.start or t.end)), None)
    if instant is not None and instant.start is not None:
        if stretch is not None and stretch.grain == "day" and stretch.start and bare(instant):
            return found | {"day": stretch.start.date().isoformat(), "clock": f"{instant.start:%H:%M}"}
        if bare(instant):
            return found | {"clock": f"{instant.start:%H:%M}"}
        return found | {"start": instant.start.isoformat()}
    if stretch is None:
        return found
    if stretch.grain == "day" and stretch.start is not None:
        return found | {"day": stretch.start.date().isoformat()}
    if stretch.grain in ("hour", "minute") and stretch.start is not None:
        return found | {"start": stretch.start.isoformat()}
    edges = [t.isoformat() for t in (stretch.start, stretch.end) if t is not None]
    return found | ({"window": edges} if len(edges) == 2 else {"start": edges[0]})


def template(verb: str, find: dict[str, Any], rest: str) -> str:
    """The wish with a gap for the event: what `event.find` asks with when several are meant."""
    series = "the whole series of " if find.get("series") else ""
    return f"{verb} {series}{{}} {rest.replace('{', ' ').replace('}', ' ')}".strip()


def described(find: dict[str, Any]) -> str:
    """The event that is looked for, in words."""
    if find.get("about"):
        return f"“{find['about']}”"
    return f"with {find['person']}" if "person" in find else "at that time"
