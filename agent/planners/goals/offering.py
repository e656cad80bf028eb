"""Times that are kept without being booked: offered to somebody by mail, or held until a day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from deskhand.agent.availability.folding import every_day
from deskhand.agent.planners.goals import booking, room
from deskhand.agent.planners.goals.changing import described, event_meant, template
from deskhand.agent.planners.steps import no_calendar, no_mail, ref
from deskhand.agent.planners.when.limit_words import MOVING
from deskhand.agent.planners.words.people import names
from deskhand.agent.planners.words.phrases import COUNTS, LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear
from deskhand.agent.profile import Known
from deskhand.agent.times import Reading, read
from deskhand.connectors.model import Trust
from deskhand.connectors.operations import OPERATIONS

KEPT = timedelta(days=3)
"""So long times on offer are kept in the calendar; the next look after that gives them back."""

_COUNTS = {"a": 1, **COUNTS}
_MANY = ("eleven", "twelve", "fifteen", "twenty", "thirty", "a dozen", "dozen")
_ANOTHER = frozenset({"other", "different", "new", "alternative", "more"})
USUAL = 3
MOST = 10
"""So many times are offered at once; each is kept in the calendar meanwhile."""
_FIRM = re.compile(
    r"(?:confirm|firm up|book|make)\s+(?:the\s+|my\s+)?"
    r"(?:hold|held time|held|time (?:that is )?(?:held|kept)|tentative)\b\s*(?:on|for|of)?\s*",
    re.I,
)
_FROM = re.compile(r"\bfrom\b", re.I)
_UNTIL = re.compile(r"\s+(?:un)?til+\s+(.+)$", re.I)
_MEETING = "|".join(n for n in LEXICON["meeting"].split("|") if n not in ("slot", "session"))
_HELD = re.compile(
    r"pencil(?: me| us)? in\b|(?P<adverb>(?:tentatively|provisionally)\s+)|"
    rf"hold\b(?!\s+(?:an?|the|my|our)\s+(?:[\w-]+\s+){{0,2}}?(?:{_MEETING})\b)",
    re.I,
)
"""Kept for now; "hold a meeting" is to have one."""
_LIMITS = re.compile(r" \([^()]*\)(?=\.$)")
_ASSISTANT: Trust = "assistant"
_WORKED_OUT = ("source", "zone", "status", "hold_until")
_VERB = re.compile(r"\b(?:offer|propose|suggest|send|give|ask)\s+(?:to\s+)?", re.I)
_TIMES = re.compile(
    rf"\b(?:(?:a|{'|'.join((*COUNTS, *_MANY))}|some|a few|several|\d+|which|what)\s+)?"
    r"(?:(?:possible|free|other|different|new|alternative|more)\s+)*"
    r"(?:times?|slots?|options?|dates?)\b(?:\s+(?:suits?|works?)(?:\s+(?:him|her|them))?(?:\s+best)?)?",
    re.I,
)


def offer(request: Request) -> Plan | Unclear | None:
    """ "offer Bo three times next week for the budget review"."""
    place, mail = request.known.place("event.create"), request.known.place("mail.send")
    if place is None:
        return no_calendar(request.known)
    if mail is None:
        return no_mail("mail.send", request.known)
    booked = booking.book(_as_booking(request))
    if not isinstance(booked, Plan):
        return booked
    # What is looked for, with whom and what it is called is said as in a booking.
    before = [s for s in booked.steps if s.op not in OPERATIONS and s.id != "invitation"]
    event = next(s for s in booked.steps if s.op == "event.create")
    find = next(s for s in before if s.op == "slots.find").args
    people, title = event.args["attendees"], event.args["title"]
    if find.pop("by_moving", False):
        moving = MOVING.search(request.head)
        said = f"“{moving.group().strip(' ,;')}”: " if moving else ""
        return Unclear(
            message=f"{said}I can make room for a meeting that is booked, not for times on offer. Book it, "
            "or offer times without it."
        )
    find.pop("makes_room", None)
    if not people:
        return Unclear(
            message="Offer times to whom? Name somebody, or write an address.",
            choices=("offer Ann three times next week for 30 minutes about the budget",),
        )
    if "rrule" in event.args or "at" in find:
        return None
    named, whose = event.origins["title"], event.origins["attendees"]
    count = _count(request)
    if not 1 <= count <= MOST:
        return Unclear(
            message=f"I offer one to {MOST} times at once, because each is kept in your calendar meanwhile; "
            "nothing was done. Say how many.",
            choices=(f"offer {' and '.join(str(p['address']) for p in people)} {MOST} times next week",),
        )
    if count > USUAL:
        find["count"] = count
    keep_until = (request.known.now + KEPT).isoformat()
    steps = list(before)
    for n in range(count):
        hold: dict[str, Any] = {
            "source": event.args["source"], "title": f"Kept: {title}",
            "start": ref("slots", f"slots[{n}].start"), "end": ref("slots", f"slots[{n}].end"),
            "zone": request.known.owner.zone, "status": "tentative",
            "hold_until": keep_until,
        }  # fmt: skip
        steps.append(
            Step(
                id=f"keep{n + 1}",
                op="event.create",
                args=hold,
                when=Ref(ref="slots", path=f"slots[{n}]"),
                origins={"title": named, **dict.fromkeys(_WORKED_OUT, _ASSISTANT)},
                purpose="keep the time",
            )
        )
    args = {"people": people, "slots": ref("slots", "slots"), "title": title, "most": count}
    parts = {n: ref("offer", n) for n in ("subject", "body")}
    steps += [
        Step(
            id="offer", op="offer.compose", args=args, origins={"people": whose, "title": named},
            purpose="write the offer",
        ),
        Step(
            id="ask", op="mail.send", args={"source": mail.alias, "to": people, **parts},
            origins={"source": "assistant", "to": whose}, purpose="offer the times",
        ),
    ]  # fmt: skip
    kept = booked.objective.rpartition(f"{find['minutes']} minutes")[2]  # what the times keep to
    objective = f"Offer {names(people)} times for “{title}”, {find['minutes']} minutes{kept}"
    return Plan(request=request.original, objective=objective, steps=tuple(steps))


def hold(request: Request) -> Plan | Unclear | None:
    """ "hold two hours on Friday until Wednesday": in the calendar till then, and gone after it.

    "Hold 30 minutes tomorrow until noon" names the end of the time itself, and no day: a time before noon is
    kept, to the end of that day. Where nothing says until when, it is kept for `KEPT`.
    """
    said, twice = _UNTIL.search(request.original), False
    if said is None:
        return _for_now(request)
    if (
        later := _UNTIL.search(said[1])
    ) is not None:  # "from 2 until 3 until Wednesday": the last is the term
        said = _UNTIL.search(request.original, said.start(1) + later.start()) or said
        twice = True
    known = request.known
    term = read(said[1], now=known.now, zone=known.owner.zone, locale=known.owner.locale)
    before, end = request.original[: said.start()], term[0].span[1] if term else len(said[1])
    until, behind = said[1][:end], said[1][end:].rstrip(" .!?")
    rest = Request.of(f"{before}{behind}", known)
    # "From 2 until 4" and "from Friday until Monday" are the time itself, not how long it is kept.
    timed = any(t.kind == "duration" or t.grain in ("part", "hour", "minute") for t in rest.times)
    clock = bool(term) and term[0].grain in ("part", "hour", "minute") and term[0].span[0] == 0
    # "An hour on Thursday at 14:00 until tomorrow evening": both have a day, so the second is the term.
    apart = bool(term) and not every_day(term[0]) and any(t.start for t in rest.times)
    apart = apart and not _FROM.search(rest.head)
    window = (
        clock
        and not apart
        and all(t.grain not in ("part", "hour", "minute") or t.kind == "duration" for t in rest.times)
    )
    ends = (term[0].end or term[0].start) if term else None
    if window and timed:
        # A length "until noon": noon is the end of the time itself, and of how long it is kept.
        day = "" if any(t.start for t in rest.times) else _day(term[0], known)
        rest = Request.of(f"{before}{day} before {until}{behind}", known)
    elif ends is None or not timed or not (term[0].grain == "day" or (apart and clock)):
        return None
    booked = booking.book(rest)
    if not isinstance(booked, Plan):
        return _in_full(booked, f" until {until}")
    find = next(s for s in booked.steps if s.op == "slots.find").args
    if twice and ends is not None and isinstance(at := find.get("at"), str):
        over = datetime.fromisoformat(at) + timedelta(minutes=find["minutes"])
        if ends > over:
            return Unclear(
                message=f"It would be over before “until {until}”, so nothing was done. Each day, or until "
                "when shall it be kept? Say one time and one day."
            )
    when = find.get("end") if window else ends and ends.isoformat()
    return _kept(request, booked, when, said=f" until {until}") if when else None


def _for_now(request: Request) -> Plan | Unclear | None:
    """ "hold Thursday 14:00 for the budget": kept for a while, and no meeting before somebody says so."""
    if (verb := _HELD.match(request.head)) is None:
        return None
    known = request.known
    booked = booking.book(replace(request, head=request.head[verb.end() :]) if verb["adverb"] else request)
    if not isinstance(booked, Plan):
        return booked
    if (often := request.time("recurrence")) and any("rrule" in s.args for s in booked.steps):
        return Unclear(
            message=f"I can hold one time, not a series: “{often.text}”. Say one time, or book it."
        )
    at = next(s for s in booked.steps if s.op == "slots.find").args.get("at")
    until = known.now + KEPT
    until = min(until, datetime.fromisoformat(at)) if isinstance(at, str) else until
    until = until.astimezone(known.owner.tz)
    told = (
        f"It is given back {until:%a} {until.day} {until:%b}, {until:%H:%M}, unless you confirm it before; "
        "say “until” and a day for another term"
    )
    return _kept(request, booked, until.isoformat(), told=told)


def _kept(request: Request, booked: Plan, until: str, *, said: str = "", told: str = "") -> Plan | None:
    """A booking as a time that is only kept. `said`: the words until when, which every choice repeats."""
    steps = [s for s in booked.steps if s.id not in ("invitation", "invite", "ask_room")]
    event = next(s for s in steps if s.op == "event.create")
    if "rrule" in event.args:
        return None
    args = event.args | {"status": "tentative", "hold_until": until, "attendees": []}
    args.pop("rooms", None)  # nobody is asked yet
    steps[steps.index(event)] = event.model_copy(update={"args": args, "purpose": "keep the time"})
    look = next(s for s in steps if s.op == "slots.find")
    again = {n: f"{look.args[n]}{said}" for n in ("template",) if n in look.args}
    if "makes_room" in look.args:
        again["makes_room"] = f"{request.original.rstrip(' .!?')}, {room.EVEN_IF}"
    steps[steps.index(look)] = look.model_copy(update={"args": look.args | again})
    limits = m.group() if (m := _LIMITS.search(booked.objective)) else ""
    return Plan(
        request=request.original,
        objective=f"Keep a time for “{event.args['title']}”; nobody is invited{limits}."
        + (f" {told}." if told else ""),
        steps=tuple(steps),
    )


def _in_full(question: Unclear | None, said: str) -> Unclear | None:
    """A question whose choices say until when as well."""
    if question is None:
        return None
    return question.model_copy(update={"choices": tuple(f"{c}{said}" for c in question.choices)})


def _day(term: Reading, known: Known) -> str:
    """The day of a clock time that was said without one."""
    found = term.end or term.start
    return f" on {found.astimezone(known.owner.tz):%Y-%m-%d}" if found else ""


def confirm(request: Request) -> Plan | Unclear | None:
    """ "keep the time held on Friday for good": what was only held becomes an event."""
    if request.known.place("event.update") is None:
        return no_calendar(request.known)
    verb = _FIRM.match(request.head)
    words = request.head[verb.end() :] if verb else request.head
    find = event_meant(Request.of(f"cancel {words}", request.known), len(words) + len("cancel "))
    if isinstance(find, Unclear):
        return find
    find["template"] = template("confirm the hold", find, "")
    change: dict[str, Any] = {n: ref("event", n) for n in ("source", "ref", "version")}
    return Plan(
        request=request.original,
        objective=f"Make an event of the time that is held, {described(find)}.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            Step(
                id="change", op="event.update", args=change | {"status": "confirmed"},
                purpose="make an event of it",
            ),
        ),
    )  # fmt: skip


def _as_booking(request: Request) -> Request:
    """The same wish as a booking, which names people and times in the same way."""
    words = _VERB.sub(
        "book a meeting with ",
        _TIMES.sub(" ", f"{request.head}{request.courtesy}{request.tail}", count=1),
        count=1,
    )
    return Request.of(words, request.known)


def _count(request: Request) -> int:
    """How many times are said to be offered; more than `MOST` where a number is not one of those."""
    words = [w for w in request.said.lower().split() if w not in _ANOTHER]
    for one, other in pairwise(words):
        if other.startswith(("time", "slot", "option", "date", "possib")):
            if one in _COUNTS or one.isdecimal():
                return _COUNTS.get(one) or int(one)
            if one in _MANY:
                return MOST + 1
    return USUAL
