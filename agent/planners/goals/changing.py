"""Goals that change an event that is there: move it, cancel it, and tell those who were invited."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from deskhand.agent.planners.goals.excluding import doubtful
from deskhand.agent.planners.goals.several import cancelling
from deskhand.agent.planners.steps import no_calendar, ref, telling
from deskhand.agent.planners.when import anchors
from deskhand.agent.planners.when.anew import anew
from deskhand.agent.planners.when.anew import wanted as wanted_anew
from deskhand.agent.planners.when.scope import scope
from deskhand.agent.planners.when.targets import EARLIER, by_how_long, from_then, kept, new_time
from deskhand.agent.planners.when.weekday_names import by_weekday
from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import without_ends, without_words
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear
from deskhand.agent.times import WEEKDAYS, Reading

_VERB = re.compile(
    r"(?:move|reschedule|postpone|push|shift|delay|bring|put|pull|change|start|make|shorten|lengthen|extend|"
    r"prolong|stretch|trim|cut|reduce|increase|set|cancel|call|scrap|delete|drop|"
    r"remove|erase|scratch|strike|take|clear|get rid of)\b(?: (?:back|out|forward|ahead|off|in)\b)?\s*",
    re.I,
)
_SERIES = re.compile(r"\b(?:all(?![ -]hands\b)|every|series|everything|whole|entire)\b", re.I)
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
_PRONOUNS = frozenset({"it", "this", "that", "them", "these", "those", "one"})
_MEAL = re.compile(r"\b(?:breakfast|brunch|lunch|dinner|supper)\b", re.I)
_PART = re.compile(r"(?:morning|afternoon|evening|night)", re.I)
_NOUN = re.compile(
    r"(?<![\w'’-])(?!(?:the|my|our|this|that|an?|in|on|at|of|and|or|next|last|every|each|early|late|whole|entire|all|"
    r"one|some|any|from|to|until|by|mon|tues?|wed|thurs?|fri|sat|sun|to|yesterday|tomorrow|today|\w+day(?:['’]s)?)\s)"
    r"[^\W\d][\w-]*\s+$",
    re.I,
)
"""A word in front of a part of the day that is no word of time."""
_OF = re.compile(r"\s+of\s+(?:the|my|our|this|that)\b", re.I)
PART_OF = re.compile(
    r"(?:\bthe\s+)?\b(?:(?:first|last)\s+(?:\S+\s+){0,2}?(?:half|part|hours?|h|mins?|minutes)|"
    r"second half|rest|remainder|remaining part)\s+of\s+"
    r"(?=(?:the|my|our|this|that)\s+(?!(?:day|week|month|year|morning|afternoon)\b))",
    re.I,
)
"""What is no event, but a part of one."""
_FREE = "to another time"
_UNREAD = re.compile(r"\s+(?:to|until|into)\s+[^“”\"]*$", re.I)
_SEVERAL = re.compile(r"\bnext\s+(?:two|three|four|five|six|few|couple of|\d+)\b", re.I)


def move(request: Request) -> Plan | Unclear | None:
    """ "move my 3pm on Tuesday to Wednesday at 10:00", "postpone the review by an hour"."""
    place = request.known.place("event.update")
    if place is None:
        return no_calendar(request.known)
    looked_for = anew(request)
    if isinstance(looked_for, Unclear):
        return looked_for
    new = looked_for.as_new() if looked_for else new_time(request) or by_how_long(request)
    if new is None:
        return _when(request)
    start, target = new.start, new.target
    named, which = scope(replace(request, head=request.head[:start]), moving=True)
    find = event_meant(named, len(named.head))
    if isinstance(find, Unclear):
        return find
    rest = request.head[start:]
    often = next((t for t in target.get("times", ()) if "INTERVAL" in t.rrule), None)
    if often is not None:
        return Unclear(
            message=f"I cannot change how often a series repeats: “{often.text}”. Say a day of the week."
        )
    if goes_on := from_then(request, start, target):
        which = goes_on
    if which.get("ask") and target.keys() - {"times"} != {"clock"}:
        which = {}  # to another day: that is one occurrence
    find |= {"series": True} if which.get("series") or find.get("series") else which
    times = target.pop("times", ())
    for time in times:
        if time.problem:
            return Unclear(message=time.problem)
    looked = kept(new)
    if isinstance(looked, Unclear):
        return looked
    target, told = looked
    target.pop("times", None)
    told = looked_for.said if looked_for else told
    if {"days", "seconds"} & target.keys():
        if not re.match(r"by\b", rest, re.I):
            rest = f"by {rest}"
        if EARLIER.search(request.head[:start]) and not EARLIER.search(rest):
            rest += " earlier"
    find["template"] = template("move", find, rest)
    return changed(
        request, find, target, objective=f"Move the event {described(find)}{told}.",
        why=("work out the new time", f"move it in {place.alias}"), hung=new.hung.steps(),
    )  # fmt: skip


def find_anew(request: Request) -> Plan | Unclear | None:
    """ "find a new time for the budget review"."""
    if (words := wanted_anew(request)) is None:
        return None
    made = move(Request.of(words, request.known))
    return made.model_copy(update={"request": request.original}) if isinstance(made, Plan) else made


def _when(request: Request) -> Unclear:
    """The question to when; an event that the new time may hang on is no part of what is moved."""
    cut, hung = anchors.taken(request)
    if not hung:
        event = _UNREAD.sub("", request.head)
        choices = tuple(f"{event} {w}" for w in ("to tomorrow at 10:00", "by one hour", _FREE))
        return Unclear(lacking=True, message="Move it to when?", choices=choices)
    said = "; ".join(hung.said)
    return Unclear(
        lacking=True,
        message=f"Move it to when? If “{said}” is the new time, say “to {said}”; else say when.",
        choices=(f"{cut.head} to {said}",),
    )


def changed(
    request: Request,
    find: dict[str, Any],
    how: dict[str, Any],
    *,
    objective: str,
    why: tuple[str, str],
    hung: tuple[Step, ...] = (),
) -> Plan:
    """Find an event, work out its new time (`how`, for `event.shift`), change it, tell the others.

    `hung`: the steps that find the events on which the new time hangs.
    """
    whose = ("source", "ref", "version", "occurrence", "following")
    change: dict[str, Any] = {n: ref("event", n) for n in whose}
    change |= {n: ref("times", n) for n in ("start", "end")}
    return Plan(
        request=request.original,
        objective=objective,
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            *hung,
            Step(id="times", op="event.shift", args={"event": ref("event"), **how}, purpose=why[0]),
            Step(
                id="change", op="event.update", args=change, notes=Ref(ref="times", path="notes"),
                offers=Ref(ref="times", path="offers"), purpose=why[1],
            ),
            *notice(request, "moved", halves=bool(find.get("following"))),
        ),
    )  # fmt: skip


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
    if new_time(request) or by_how_long(request):
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
        lacking=True,
        message=f"Change “{event}” to what? Say its new time or its length; nothing was booked.",
        choices=(f"move {event} to tomorrow at 10:00", f"make {event} 30 minutes"),
    )


def cancel(request: Request) -> Plan | Unclear | None:
    """ "cancel the budget review on Thursday"."""
    place = request.known.place("event.cancel")
    if place is None:
        return no_calendar(request.known)
    from deskhand.agent.planners.goals import ending

    if scope(request, moving=True)[1].get("following") or ending.ends(request):
        return ending.end(request)
    request, day = by_weekday(request)
    find = event_meant(request, len(request.head))
    if isinstance(find, Unclear):
        return find
    find |= {"weekday": day} if day is not None else {}
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
    asked, day = by_weekday(asked)
    find = event_meant(asked, len(asked.head))
    if isinstance(find, Unclear):
        return find
    find |= {"weekday": day} if day is not None else {}
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
    if (part := PART_OF.search(request.head, begin, end)) is not None and verb is not None:
        return Unclear(
            message=f"“{part[0].strip()}” is a part of an event, so nothing was done. Say when it shall "
            "begin or end, or how long it shall be."
        )
    times = _without_meals(request, request.times_in(begin, end))
    times = tuple(t for t in times if not _OF.match(request.head, t.span[1]))
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
    if find["about"].lower() in _PRONOUNS:
        find["about"] = ""
    if not find["about"] and not {"start", "end", "person"} & find.keys():
        return Unclear(
            lacking=True,
            message="Which event? Name it, its day or somebody in it.",
            choices=("cancel the budget review on Thursday", "move my 3pm to tomorrow at 10:00"),
        )
    return find


def _without_meals(request: Request, times: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """ "Tomorrow's lunch" is one time to those who read times; here lunch is what the event is."""
    found = []
    for time in times:
        if _PART.fullmatch(time.text) and _NOUN.search(request.head, 0, time.span[0]):
            continue  # "the family afternoon": that is what it is called
        m = _MEAL.search(request.head, *time.span)
        if m is None:
            found.append(time)
        elif m.start() > time.span[0]:
            found += request.times_in(time.span[0], m.start())
        else:
            found += request.times_in(m.end(), time.span[1])
    return tuple(found)


def template(verb: str, find: dict[str, Any], rest: str) -> str:
    """The wish with a gap for the event: what `event.find` asks with when several are meant."""
    series = "the whole series of " if find.get("series") else ""
    return f"{verb} {series}{{}} {rest.replace('{', ' ').replace('}', ' ')}".strip()


def described(find: dict[str, Any]) -> str:
    """The event that is looked for, in words."""
    if find.get("about"):
        day = f" ({WEEKDAYS[find['weekday']]})" if "weekday" in find else ""
        return f"“{find['about']}”{day}"
    if "weekday" in find and "person" not in find:
        return f"held on a {WEEKDAYS[find['weekday']]}"
    return f"with {find['person']}" if "person" in find else "at that time"
