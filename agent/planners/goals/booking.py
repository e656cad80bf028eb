"""Goals that need a free time: find one, or book it with the people and the words that were said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.availability.omitted import NOTHING
from deskhand.agent.availability.rooms import asked_by_mail
from deskhand.agent.planners.goals import left_open, places, room, which_calendar
from deskhand.agent.planners.goals.each import APART
from deskhand.agent.planners.steps import inviting, ref
from deskhand.agent.planners.when import anchors, left_out, stretches
from deskhand.agent.planners.when.anchors import Anchors
from deskhand.agent.planners.when.left_out import NOTHING_APART, Apart, omitted
from deskhand.agent.planners.when.limits import Limits, without
from deskhand.agent.planners.when.limits import taken as limits_of
from deskhand.agent.planners.when.narrowing import bounds, chosen, leftover, length_of, narrowed
from deskhand.agent.planners.when.windows import Repetition, at_the_time, ending, past, repetition, says_most
from deskhand.agent.planners.words import titles
from deskhand.agent.planners.words.directory import Span
from deskhand.agent.planners.words.people import Listed, listed, mailboxes, named_after, names, origin
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear
from deskhand.agent.times import Reading
from deskhand.connectors.model import Trust

DEFAULT_MINUTES = 30
SHORTEST, LONGEST = 5, 24 * 60
AHEAD = timedelta(days=14)
"""How far a time is looked for when no time was said."""
AHEAD_MONTHLY = timedelta(days=38)
"""How far where it is held once a month: any such weekday of a month lies within."""

_MEALS: dict[str, tuple[list[str] | None, int]] = {
    "breakfast": (["08:00", "10:00"], 45), "lunch": (["12:00", "14:00"], 60),
    "dinner": (["18:30", "22:00"], 90), "coffee": (None, 30),
}  # fmt: skip
"""Between when, and how long, where neither was said."""

_WITH = ("with", "invite", "inviting", "between", "meet", "attendees?:?")
_VERB = re.compile(r"(?:book|schedule|reserve|get)\s+", re.I)


NO_LIMITS, NO_ANCHORS = Limits(), Anchors()
_AND_THEN = re.compile(r",?\s+(?:and\s+)?(?:then|after that|afterwards)\s+", re.I)
_PART = re.compile(r"\b(morning|afternoon|evening)s?\b", re.I)
_DIGIT = re.compile(r"\d")
_AND_BOOK = re.compile(r"\band (?:then )?(?:book|schedule|reserve|invite|send)\b", re.I)
_WHOLE = re.compile(
    r"(?:out\s+)?(?:\b(?:the\s+)?(?:whole|entire)(?:\s+of)?|\ball(?:\s+of|\s+day))\s+(?:on\s+)?", re.I
)
_FREE = re.compile(r"\b(?:free|clear|open|empty)\b", re.I)
_BLOCK = re.compile(r"(?:block|reserve|hold|keep)\b", re.I)
_BLOCKED = re.compile(r"(?:block|reserve|hold|keep)(?:\s+(?:out|off|me|us|on|for\s+me))*\s*", re.I)
"""What stands before a day that is blocked as it is: "block Friday for writing"."""


def book(request: Request) -> Plan | Unclear | None:
    """ "schedule 45 minutes with Ann and Bo next week about the budget"."""
    request, place = which_calendar.taken(request)
    if isinstance(place, Unclear):
        return place
    if (two := _one_after_the_other(request) or _whole_days(request) or left_open.when(request)) is not None:
        return two
    request, left = left_out.taken(request)
    request, hung = anchors.taken(request)
    request, limits = limits_of(request, hangs=bool(hung))
    request, where = places.taken(request)
    lists = _attendees(request)
    made = _wanted(request, lists, limits, hung, left)
    if isinstance(made, Unclear):
        return made
    find, people, rrule = made
    title = titles.of(request, people, lists)
    if (question := leftover(request, titles.of(request, people, lists, whole=True))) is not None:
        return question
    if not people and not request.times and not hung and title == titles.NONE:
        return Unclear(
            message="Book what, with whom, when?",
            choices=("book a meeting tomorrow at 15:00 about the budget", "block two hours tomorrow morning"),
        )
    event: dict[str, Any] = {
        "source": place.alias, "title": title, "start": ref("slots", "slots[0].start"),
        "end": ref("slots", "slots[0].end"), "zone": request.known.owner.zone, "attendees": people,
    }  # fmt: skip
    if rrule:
        event["rrule"] = ref("slots", "slots[0].rrule")  # the one that was held against the calendars
        event["exdates"] = ref("slots", "slots[0].exdates")
    if find.get("room"):
        event |= {n: ref("slots", f"slots[0].{n}") for n in ("location", "rooms")}
    elif where:
        event["location"] = where
    moves: tuple[Step, ...] = ()
    if find.get("by_moving"):
        if rrule:
            often = request.time("recurrence")
            series = f": “{often.text}”" if often else ""
            return Unclear(
                message=f"I can make room for one meeting, not for a series{series}. Say one time."
            )
        moves = room.moves(request)
    elif not rrule:  # of a series what clashes is told; no room is made for it
        find["makes_room"] = f"{request.original.rstrip(' .!?')}, {room.EVEN_IF}"
    whose = origin(request, people)
    named: Trust = "user" if title.casefold() in request.original.casefold() else "assistant"
    steps = [
        *hung.steps(),
        Step(id="slots", op="slots.find", args=find, purpose="find a time that suits everybody"),
        *moves,
        Step(
            id="event", op="event.create", args=event, needs=("change",) if moves else (),
            offers=Ref(ref="slots", path="offers"), notes=Ref(ref="slots", path="notes"),
            origins={"source": "assistant", "zone": "assistant", "title": named, "attendees": whose},
            purpose="book it",
        ),
    ]  # fmt: skip
    mail = request.known.place("mail.send")
    asks = bool(find.get("room")) and any(asked_by_mail(r) for r in request.known.owner.rooms)
    if (people or asks) and mail is not None:
        steps += inviting(mail.alias, people, whose, room=asks)
    who = f" with {names(people)}" if people else ""
    at = f", at {where}" if "location" in event and where else ""
    objective = f"Book “{title}”{who}, {find['minutes']} minutes{at}{_said(limits, hung)}."
    return Plan(request=request.original, objective=objective, steps=tuple(steps))


def find(request: Request) -> Plan | Unclear | None:
    """ "find a time for 30 minutes with Ann this week", without booking it."""
    if _AND_BOOK.search(request.head):
        return book(request)
    apart = APART.search(request.head)
    request = without(request, apart.span()) if apart else request
    request, left = left_out.taken(request)
    request, hung = anchors.taken(request)
    request, limits = limits_of(request, hangs=bool(hung))
    everybody = tuple(n for n in request.named if not n.possessive)
    unknown = [one for one in named_after(request, "with") if one.unknown]
    made = _wanted(request, [Listed(everybody, (0, 0)), *unknown], limits, hung, left)
    if isinstance(made, Unclear):
        return made
    if (question := leftover(request)) is not None:
        return question
    args, people, rrule = made
    if not args.get("by_moving") and not rrule:
        args["makes_room"] = f"{request.original.rstrip(' .!?')}, {room.EVEN_IF}"
    if apart and not rrule:
        args["apart"] = True
        limits.said.append(apart.group().strip(" ,;"))
    who = f" with {names(people)}" if people else ""
    return Plan(
        request=request.original,
        objective=f"Find {args['minutes']} minutes{who}{_said(limits, hung)}.",
        steps=(
            *hung.steps(),
            Step(id="slots", op="slots.find", args=args | {"tell": True}, purpose="find times"),
        ),
    )


def _whole_days(request: Request) -> Unclear | None:
    """ "block the whole of Friday", "block Friday until Tuesday": from when to when, is what is asked."""
    if not _BLOCK.match(request.head) or request.time("duration", "instant", "recurrence"):
        return None
    days = [t for t in request.times if t.start and t.end and t.grain in ("day", "week")]
    long = next((t for t in days if t.end and t.start and t.end - t.start > timedelta(days=1, hours=1)), None)
    free = _FREE.search(request.head, days[-1].span[1]) if days else None
    whole = _WHOLE.search(request.head) or free
    bare = len(days) == 1 and days[0].grain == "day" and not request.named
    bare = bare and _BLOCKED.fullmatch(request.head, 0, days[0].span[0]) is not None
    if len(days) != len(request.times) or not days or not (bare or whole or (long and long.grain == "day")):
        return None
    tz = request.known.owner.tz
    first = days[0].start.astimezone(tz) if days[0].start else request.known.now
    hours = request.known.owner.hours[first.weekday()]
    choices: tuple[str, ...] = ()
    if hours and long is None:
        clock = " to ".join(f"{m // 60:02}:{m % 60:02}" for m in (hours[0][0], hours[-1][1]))
        start = min(whole.start(), days[0].span[0]) if whole else days[0].span[0]
        choices = (request.put((start, days[0].span[1]), f"{first:%Y-%m-%d} from {clock}"),)
    return Unclear(
        message=f"“{request.head[days[0].span[0] : days[-1].span[1]]}”: I block a stretch of "
        "one day at a time. Say from when to when, each day by itself; nothing was done.",
        choices=choices,
    )


def _attendees(request: Request) -> list[Listed]:
    """Those behind "with" and its like; behind a verb or "for" only whom the directory knows."""
    lists = named_after(request, *_WITH)
    known = named_after(request, "for", "meeting", "together with", "join(?:ed)? by")
    if verb := _VERB.match(request.head):
        known.append(listed(request, verb.end()))
    return lists + [Listed(one.people, one.span) for one in known if one.people]


def _wanted(
    request: Request,
    lists: list[Listed],
    limits: Limits = NO_LIMITS,
    hung: Anchors = NO_ANCHORS,
    left: Apart = NOTHING_APART,
) -> tuple[dict[str, Any], list[dict[str, Any]], str] | Unclear:
    """The arguments of `slots.find`, the people as mailboxes, and the recurrence rule if there is one."""
    people = mailboxes(request, [*lists, Listed(tuple(limits.optional), (0, 0))])
    if isinstance(people, Unclear):
        return people
    if (question := left_open.whom(request)) is not None:
        return question
    now, rrule = request.known.now, ""
    between, usual = next((m for n, m in _MEALS.items() if request.has(n)), (None, DEFAULT_MINUTES))
    length = next((t for t in request.times if t.kind == "duration" and not _lasts(request, t)), None)
    long = round(length.seconds / 60) if length and length.seconds else length_of(limits) or _each(request)
    minutes = limits.minutes or hung.minutes or long or usual
    args: dict[str, Any] = {"people": [p["address"] for p in people], "minutes": minutes, **limits.args}
    if limits.optional:
        args["optional"] = [n.mailbox.address for n in limits.optional]
    often = repetition(request, left)
    if isinstance(often, Unclear):
        found = says_most(request)
        omits = omitted(request, found, left) if found else NOTHING
        if not people or isinstance(omits, Unclear):
            return often
        # "a weekly slot with Ann": when, is what is looked for
        args["rrule"] = rrule = ending(request, found.rrule if found else "FREQ=WEEKLY", None)
        args |= {"omits": omits.rules()} if omits else {}
        often = None
    moment, stretch = at_the_time(request), request.time("interval")
    moment = _at_meal(request, moment, between)
    if chosen(request):
        moment = None  # "Tuesday or Thursday at 3"
    if hung:
        if rrule or often is not None:
            return Unclear(
                message=f"A series cannot hang on an event: “{'; '.join(hung.said)}”. Say its time of day, "
                "or book one meeting.",
                choices=(hung.without(request),),
            )
        if request.times or limits.hours:
            kept = narrowed(request, limits, minutes=minutes, otherwise=AHEAD)
            if isinstance(kept, Unclear):
                return kept
            dated = stretch is not None or moment is not None
            args |= {n: v for n, v in kept.items() if dated or n not in ("start", "end")}
        if hung.all[0].distance.side == "before":
            args.setdefault("start", now.isoformat())
        return hung.window(args | {"template": _gap(request)}, minutes=minutes), people, ""
    exact = None
    if length is None and not chosen(request) and (exact := stretches.exact(request, alone=not people)):
        if (question := stretches.overnight(request, exact)) is not None:
            return question
        if (at := stretches.begins(request, exact)) is not None:
            moment, exact = (at, exact.spans), None
    if not people and (day_long := stretches.whole_day(request, length)) is not None:
        exact = day_long
    if exact is None and length is None and not people and _BLOCK.match(request.text):
        exact = stretches.part(stretch)
    if often is not None and (part := _some_hour(request, often)) is not None:
        # "every morning": at which hour is what is looked for
        first = often.start.replace(hour=0, minute=0, second=0, microsecond=0)
        rrule, first = _on_working_days(request, often.rrule, first)
        args |= {"start": max(first, now).isoformat(), "end": (first + timedelta(days=1)).isoformat()}
        args |= {"rrule": rrule, "parts": [part]}
        whole = says_most(request)
        if length is None and not people and whole and whole.end and _BLOCK.match(request.text):
            # "block every Friday afternoon": all of it, not half an hour in it
            args |= {"minutes": round((whole.end - often.start).total_seconds() / 60)}
            args |= {"at": often.start.isoformat()}
            args = {n: v for n, v in args.items() if n not in ("start", "end", "parts")}
    elif often is not None:
        args |= {"at": often.start.isoformat(), "rrule": often.rrule}
        args |= {"omits": often.omits.rules()} if often.omits else {}
        rrule = often.rrule
        if (several := _other_hours(request, limits, often.words, often.start, "")) is not None:
            return several
    elif moment is not None and (exactly := moment[0].start) is not None:
        if exactly < now:
            return past(request, moment[0])
        template = request.template(moment[0].span, without=moment[1])
        if (several := _other_hours(request, limits, moment[0].text, exactly, template)) is not None:
            return several
        args |= {"at": exactly.isoformat(), "template": template}
    elif exact is not None:
        if exact.start < now:
            return past(request, exact.said)
        args["minutes"] = round((exact.end - exact.start).total_seconds() / 60)
        template = request.template(exact.said.span, without=exact.spans)
        template = template.replace("{}", f"{{}} for {args['minutes']} minutes", 1)
        args |= {"at": exact.start.isoformat(), "template": template}
    else:
        ahead = AHEAD_MONTHLY if "MONTHLY" in rrule else AHEAD
        kept = narrowed(request, limits, minutes=minutes, otherwise=ahead)
        if isinstance(kept, Unclear):
            return kept
        start, end = bounds(kept)
        if stretch is not None and (end <= now or end <= start):
            return past(request, stretch)
        args |= kept
        if "within" in kept and len(days := [t for t in request.times if t.kind == "interval"]) > 1:
            limits.said.append(" or ".join(t.text for t in days if t.grain in ("day", "part", "hour")))
        if stretch is not None:
            args["template"] = _gap(request) if "within" in kept else request.template(stretch.span)
        if between and not limits.hours:
            args["between"] = between
    if not SHORTEST <= args["minutes"] <= LONGEST:
        said = f"A meeting of {args['minutes']} minutes cannot be booked"
        return Unclear(message=f"{said}; say {SHORTEST} minutes to {LONGEST // 60} hours.")
    return args, people, rrule


def _some_hour(request: Request, often: Repetition) -> str | None:
    """The part of the day of what repeats, where its hour was not said: "every Tuesday afternoon"."""
    m = _PART.search(often.words)
    return m[1].lower() if m and request.time("instant") is None and not _DIGIT.search(often.words) else None


def _on_working_days(request: Request, rrule: str, first: datetime) -> tuple[str, datetime]:
    """ "Every morning" within working hours is that of every working day."""
    days = [n for n, hours in enumerate(request.known.owner.hours) if hours]
    if not rrule.startswith("FREQ=DAILY") or "INTERVAL" in rrule or not days or len(days) == 7:
        return rrule, first
    while first.weekday() not in days:
        first += timedelta(days=1)
    names = ",".join(("MO", "TU", "WE", "TH", "FR", "SA", "SU")[n] for n in days)
    return rrule.replace("FREQ=DAILY", f"FREQ=WEEKLY;BYDAY={names}"), first


def _lasts(request: Request, time: Reading) -> bool:
    """Whether a length says how long something repeats: "every Tuesday at 10 for six weeks"."""
    return time.grain in ("week", "month", "year") or (
        time.grain == "day" and request.time("recurrence") is not None
    )


def _each(request: Request) -> int | None:
    """The minutes of each time of a series that was said from when to when, or for how long."""
    often = says_most(request)
    if often is None or not (often.start and often.end) or often.grain not in ("hour", "minute"):
        return None
    return round((often.end - often.start).total_seconds() / 60)


def _other_hours(request: Request, limits: Limits, said: str, at: datetime, template: str) -> Unclear | None:
    """The question where another time of day was said beside an exact time: "at 11am or 3pm"."""
    tz, others = request.known.owner.tz, [r for r in limits.hours if r.kind == "instant" and not r.negated]
    day = at.astimezone(tz).date()
    clocks = [at, *(datetime.combine(day, r.start.astimezone(tz).time(), tz) for r in others if r.start)]
    if len(set(clocks)) == 1:
        return None
    named = " and ".join(f"“{words.strip(' ,;')}”" for words in (said, *(r.text for r in others)))
    return Unclear(
        message=f"{named} are several times; which one is meant?",
        choices=tuple(
            template.format(f"on {c.astimezone(tz):%Y-%m-%d at %H:%M}") for c in clocks if template
        ),
    )


def _one_after_the_other(request: Request) -> Unclear | None:
    """The question about "30 minutes with Ann and then 30 minutes with Bo", which is two meetings."""
    if (then := _AND_THEN.search(request.head)) is None or request.closed(*then.span()):
        return None
    lengths = [t.span[0] for t in request.times if t.kind == "duration"]
    if not any(at < then.start() for at in lengths) or not any(at >= then.end() for at in lengths):
        return None
    verb, days = request.head.split(maxsplit=1)[0], [t for t in request.times if t.start]
    first, second = request.head[: then.start()].strip(" ,"), request.head[then.end() :].strip()
    if days and all(t.span[0] >= then.end() for t in days):
        first = " ".join([first, *(t.text for t in days)])  # "... on Tuesday" is said of both
    elif days and all(t.span[1] <= then.start() for t in days):
        second = " ".join([second, *(t.text for t in days)])
    return Unclear(
        message="That is two meetings, one after the other; nothing was done. Ask for one, and then for the "
        "other:",
        choices=(first, f"{verb} {second}"),
    )


def _at_meal(
    request: Request, moment: tuple[Reading, tuple[Span, ...]] | None, between: list[str] | None
) -> tuple[Reading, tuple[Span, ...]] | None:
    """The half of the day that a meal is in: dinner "at 8" is in the evening, whatever the working hours."""
    if moment is None or between is None or moment[0].start is None:
        return moment
    tz, first, last = request.known.owner.tz, *between
    at = moment[0].start.astimezone(tz)
    open_clocks = {a.start.astimezone(tz).time() for a in moment[0].alternatives if a.start}
    for other in (at + timedelta(hours=12), at - timedelta(hours=12)):
        inside = first <= f"{other:%H:%M}" <= last and not first <= f"{at:%H:%M}" <= last
        if inside and other.date() == at.date() and other.time() in open_clocks:
            return replace(moment[0], start=other), moment[1]
    return moment


def _gap(request: Request) -> str:
    """The wish with a gap for a time at its end."""
    wish, text = (t.replace("{", " ").replace("}", " ") for t in (request.head, request.tail))
    return f"{wish} {{}}{request.besides(timeless=True)}{text}"


def _said(limits: Limits, hung: Anchors) -> str:
    """What it keeps to, in the person's own words."""
    told = [*hung.said, *limits.said]
    told += [f"{n.words} if possible" for n in limits.optional]
    return f" ({'; '.join(told)})" if told else ""
