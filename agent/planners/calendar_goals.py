"""Goals about the calendar: find a time, book, move, cancel, what is on."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.model import Plan, Ref, Step, Unclear
from deskhand.agent.planners.people import recipients
from deskhand.agent.planners.reading_goals import ref
from deskhand.agent.planners.request import Request, tidy
from deskhand.agent.times import Reading

DEFAULT_MINUTES = 30
_FIXED = ("instant",)
_NOUN = r"(?:meetings?|calls?|appointments?|events?|sessions?|one)"
_LUNCH = re.compile(r"\b(lunch|coffee|dinner|breakfast|stand-?up|workshop|interview|review|call)\b", re.I)


def book(request: Request) -> Plan | Unclear | None:
    """ "schedule 45 minutes with Ann and Bo next week about the budget"."""
    made = _slots(request)
    if isinstance(made, Unclear):
        return made
    find, people, minutes = made
    place = request.known.place("event.create")
    if place is None:
        return _no_calendar()
    if not people and not request.time("instant", "interval", "duration") and not request.quotes:
        return Unclear(
            message="Book what, with whom, when?",
            choices=(
                "schedule 45 minutes with Ann next week",
                "book a meeting tomorrow at 15:00 about the budget",
            ),
        )
    title = _title(request, people)
    event = {
        "source": place.alias, "title": title, "start": ref("slots", "slots[0].start"), "end": ref("slots", "slots[0].end"),
        "zone": request.known.owner.zone, "attendees": people,
    }  # fmt: skip
    recurrence = request.time("recurrence")
    if recurrence and recurrence.start:
        event |= {"rrule": recurrence.rrule}
    steps = [
        Step(id="slots", op="slots.find", args=find, purpose="find a time that suits everybody"),
        Step(id="event", op="event.create", args=event, origins={"source": "assistant", "zone": "assistant", "title": "user", "attendees": "contact"},
             offers=Ref(ref="slots", path="offers"), purpose="book it"),
    ]  # fmt: skip
    mail = request.known.place("mail.send")
    if people and mail is not None:
        invitation = {
            "source": mail.alias,
            "to": people,
            **{n: ref("invitation", n) for n in ("subject", "body", "calendar")},
        }
        steps += [
            Step(
                id="invitation",
                op="event.invitation",
                args={"event": ref("event")},
                purpose="write the invitation",
            ),
            Step(
                id="invite",
                op="mail.send",
                args=invitation,
                origins={"source": "assistant", "to": "contact"},
                purpose="invite them",
            ),
        ]
    who = ", ".join(p["name"] or p["address"] for p in people)
    length = f"{minutes} minutes"
    return Plan(
        request=request.original,
        objective=f"Book “{title}”{' with ' + who if who else ''}, {length}.",
        steps=tuple(steps),
    )


def find(request: Request) -> Plan | Unclear | None:
    """ "find a time for 30 minutes with Ann this week", without booking it."""
    made = _slots(request)
    if isinstance(made, Unclear):
        return made
    args, people, minutes = made
    who = ", ".join(p["name"] or p["address"] for p in people)
    return Plan(
        request=request.original,
        objective=f"Find {minutes} minutes{' with ' + who if who else ''}.",
        steps=(Step(id="slots", op="slots.find", args=args | {"tell": True}, purpose="find times"),),
    )


def move(request: Request) -> Plan | Unclear | None:
    """ "move my 3pm on Tuesday to Wednesday at 10:00", "postpone the review by an hour"."""
    split = _split(request, r"\b(?:to|until|till|into|for)\b")
    by = re.search(r"\bby\b", request.head, re.I)
    if split is None and by is None:
        if not re.search(_NOUN, request.head, re.I) and not request.times:
            return None
        return Unclear(
            message="Move it to when?",
            choices=(f"{request.head} to tomorrow at 10:00", f"{request.head} by one hour"),
        )
    if (place := request.known.place("event.update")) is None:
        return _no_calendar()
    cut = split if split is not None else by.start() if by else len(request.head)
    find = _event(request, 0, cut)
    if isinstance(find, Unclear):
        return find
    shift: dict[str, Any] = {"event": ref("event")}
    later = [t for t in request.times if t.span[0] >= cut]
    if by is not None and split is None:
        length = next((t.seconds for t in later if t.kind == "duration" and t.seconds), None)
        if length is None:
            return Unclear(
                message="Move it by how long?", choices=(f"{request.head[: by.start()]}by one hour",)
            )
        earlier = re.search(r"\b(?:forward|earlier|ahead|sooner)\b", request.head, re.I)
        shift["seconds"] = -length if earlier else length
    else:
        shift |= _target(later)
        if len(shift) == 1:
            return Unclear(
                message="I did not understand the new time.",
                choices=(f"{request.head[:cut]}to tomorrow at 10:00",),
            )
    change = {n: ref("event", n) for n in ("source", "ref", "version", "occurrence")}
    change |= {n: ref("times", n) for n in ("start", "end")}
    return Plan(
        request=request.original,
        objective=f"Move the event {_described(find)}.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            Step(id="times", op="event.shift", args=shift, purpose="work out the new time"),
            Step(id="change", op="event.update", args=change, purpose=f"move it in {place.alias}"),
        ),
    )


def cancel(request: Request) -> Plan | Unclear | None:
    """ "cancel the budget review on Thursday"."""
    if request.known.place("event.cancel") is None:
        return _no_calendar()
    find = _event(request, 0, len(request.head))
    if isinstance(find, Unclear):
        return find
    change = {n: ref("event", n) for n in ("source", "ref", "version", "occurrence")}
    return Plan(
        request=request.original,
        objective=f"Cancel the event {_described(find)}.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            Step(id="change", op="event.cancel", args=change, purpose="cancel it"),
        ),
    )


def agenda(request: Request) -> Plan | Unclear | None:
    """ "what is on my calendar tomorrow", "am I free on Tuesday at 3"."""
    if not request.times and not re.search(
        r"\b(?:calendar|agenda|diary|appointments?|meetings?|events?|my (?:day|week|schedule)|free|busy|next)\b",
        request.lower,
    ):
        return None
    start, end = _window(request)
    args: dict[str, Any] = {"start": start.isoformat(), "end": end.isoformat()}
    if request.named:
        args["person"] = request.named[0].address or request.named[0].words
    if about := re.search(
        rf"^when(?:'s|’s| is| are| do)?\s+(?:my |the |our )?(?:next )?(.+?)(?:\s+{_NOUN})?$",
        request.cut(0, len(request.head)),
        re.I,
    ):
        words = tidy(re.sub(rf"\b(?:i|we|have|{_NOUN}|with|next)\b", " ", about.group(1), flags=re.I))
        for named in request.named:
            words = tidy(words.replace(named.words, " "))
        if words or "person" in args:
            args |= (
                {"about": words, "end": (request.known.now + timedelta(days=90)).isoformat()}
                if not request.times
                else {"about": words}
            )
    if re.search(r"\bnext\b.*\b(?:meeting|appointment|event|call)\b", request.lower):
        args |= {"first": True, "end": (request.known.now + timedelta(days=90)).isoformat()}
    if re.search(r"\b(?:free|busy|available)\b", request.lower):
        args["free"] = True
    return Plan(
        request=request.original,
        objective="Look into your calendar.",
        steps=(Step(id="agenda", op="calendar.agenda", args=args, purpose="what is on"),),
    )


def _slots(request: Request) -> tuple[dict[str, Any], list[dict[str, Any]], int] | Unclear:
    people = recipients(request)
    if isinstance(people, Unclear):
        return people
    now = request.known.now
    duration = request.time("duration")
    fixed = request.time("instant") or request.time("recurrence")
    window = request.time("interval")
    minutes = round(duration.seconds / 60) if duration and duration.seconds else DEFAULT_MINUTES
    if minutes < 5 or minutes > 24 * 60:
        return Unclear(message=f"A meeting of {minutes} minutes cannot be booked; say 5 minutes to 24 hours.")
    args: dict[str, Any] = {"people": [p["address"] for p in people], "minutes": minutes}
    if fixed is not None and fixed.start is not None:
        if fixed.start < now:
            return Unclear(message=f"“{fixed.text}” is in the past.", choices=())
        args |= {"at": fixed.start.isoformat(), "said": fixed.text}
        return args, people, minutes
    if (
        window is not None
        and window.grain in ("hour", "minute")
        and window.start
        and window.end
        and not duration
    ):
        return {**args, "at": window.start.isoformat(), "minutes": round((window.end - window.start).total_seconds() / 60)}, people, round(
            (window.end - window.start).total_seconds() / 60)  # fmt: skip
    start, end = _window(request, default=timedelta(days=14))
    if end <= now:
        return Unclear(message=f"“{window.text if window else ''}” is in the past.")
    return {**args, "start": max(start, now).isoformat(), "end": end.isoformat()}, people, minutes


def _window(request: Request, *, default: timedelta = timedelta(days=1)) -> tuple[datetime, datetime]:
    tz = request.known.owner.tz
    today = request.known.now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
    window = next((t for t in request.times if t.kind == "interval"), None)
    if window is None:
        instant = request.time("instant")
        if instant is not None and instant.start is not None:
            return instant.start, instant.start + timedelta(hours=1)
        return (today if default <= timedelta(days=1) else request.known.now), today + default
    parts = [t for t in request.times if t.kind == "interval" and t is not window and t.start and t.end]
    start = window.start or request.known.now
    end = window.end or start + timedelta(days=14)
    for part in parts:  # "next week on Tuesday": the narrower one, where they overlap
        if part.start and part.end and start <= part.start and part.end <= end:
            start, end = part.start, part.end
    return start, end


def _event(request: Request, start: int, end: int) -> dict[str, Any] | Unclear:
    verb = request.text.split(maxsplit=1)[0]
    rest = request.text[end:].replace("{", "").replace("}", "")
    find: dict[str, Any] = {"template": f"{verb} {{}} {rest}".strip()}
    times = [t for t in request.times if start <= t.span[0] < end]
    instant = next((t for t in times if t.kind == "instant"), None)
    interval = next((t for t in times if t.kind == "interval"), None)
    if instant is not None and instant.start is not None:
        find |= {"start": instant.start.isoformat(), "at": True}
    elif interval is not None:
        find |= {n: v.isoformat() for n, v in (("start", interval.start), ("end", interval.end)) if v}
    who = next((n for n in request.named if start <= n.span[0] < end), None)
    text = request.cut(start, end)
    text = re.sub(r"^\W*\w+(?:\s+(?:off|forward|back))?\s*", "", text, count=1)
    if who is not None:
        find["person"] = who.address or who.words
        text = re.sub(rf"(?:\bwith\s+)?{re.escape(who.words)}(?:'s|’s)?", " ", text)
    about = tidy(re.sub(rf"\b(?:my|the|our|{_NOUN}|with|next|on)\b", " ", text, flags=re.I))
    find["about"] = request.quotes[0] if request.quotes else about
    if re.search(r"\b(?:all|every|series|everything)\b", request.lower):
        find["series"] = True
        find["about"] = tidy(
            re.sub(r"\b(?:all|every|series|everything|whole)\b", " ", find["about"], flags=re.I)
        )
    if not find["about"] and len(find) == 2:
        return Unclear(
            message="Which event? Name it, its day or somebody in it.",
            choices=("cancel the budget review on Thursday", "move my 3pm to tomorrow at 10:00"),
        )
    return find


def _target(times: list[Reading]) -> dict[str, Any]:
    instant = next((t for t in times if t.kind == "instant" and t.start), None)
    if instant is not None and instant.start is not None:
        said_day = any(t.kind == "interval" and t.grain == "day" for t in times)
        return {"start": instant.start.isoformat()} | (
            {"time_only": True} if not said_day and _bare(instant) else {}
        )
    interval = next((t for t in times if t.kind == "interval" and t.start), None)
    if interval is None or interval.start is None:
        return {}
    if interval.grain == "day":
        return {"day": interval.start.date().isoformat()}
    if interval.end is not None:
        return {"window": [interval.start.isoformat(), interval.end.isoformat()]}
    return {"start": interval.start.isoformat()}


def _bare(instant: Reading) -> bool:
    """Whether only a time of day was said: "to 4pm" keeps the day of the event."""
    return (
        re.fullmatch(
            r"(?:at )?\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|a\.m\.|p\.m\.|h|o'clock)?|(?:at )?(?:noon|midday|midnight)",
            instant.text,
            re.I,
        )
        is not None
    )


def _split(request: Request, pattern: str) -> int | None:
    """Where the new time begins: the last joining word in front of a time."""
    found = None
    for m in re.finditer(pattern, request.head, re.I):
        if any(t.span[1] > m.start() for t in request.times):
            inside = any(t.span[0] < m.start() and m.end() < t.span[1] for t in request.times)
            if not inside:
                found = m.start()
                if any(t.span[0] >= m.start() for t in request.times):
                    break
    return found


def _title(request: Request, people: list[dict[str, Any]]) -> str:
    if request.quotes:
        return request.quotes[0]
    about = request.after(
        "about",
        "regarding",
        "to discuss",
        "to talk about",
        "on the topic of",
        "called",
        "titled",
        "to go over",
        "to review",
        "to prepare",
    )
    for named in request.named:
        about = tidy(re.sub(rf"\bwith\s+{re.escape(named.words)}\b", " ", about))
    if about:
        return f"{about[:1].upper()}{about[1:]}"
    who = ", ".join((p["name"] or p["address"]).split(" ")[0] for p in people)
    kind = m.group(1).title() if (m := _LUNCH.search(request.head)) else "Meeting"
    return f"{kind} with {who}" if who else kind


def _described(find: dict[str, Any]) -> str:
    if find.get("about"):
        return f"“{find['about']}”"
    return f"with {find['person']}" if "person" in find else "at that time"


def _no_calendar() -> Unclear:
    return Unclear(message="No connected calendar can be written. Add one: deskhand add ics ~/calendar.ics")
