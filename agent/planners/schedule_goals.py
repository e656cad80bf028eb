"""Goals about schedules: add, list, pause, resume, remove, in words."""

from __future__ import annotations

import re

from deskhand.agent.model import Plan, Step, Unclear
from deskhand.agent.planners.request import Request, tidy

_VERBS = {
    "list": "list", "show": "list", "what": "list", "pause": "pause", "stop": "pause", "resume": "resume",
    "unpause": "resume", "remove": "remove", "delete": "remove", "drop": "remove", "cancel": "remove",
}  # fmt: skip


def add(request: Request) -> Plan | Unclear | None:
    """ "every weekday at 8:00 send me a digest"."""
    when = request.time("recurrence")
    if when is None or when.start is None:
        return None
    inner = tidy(f"{request.text[: when.span[0]]} {request.text[when.span[1] :]}")
    if not inner:
        return Unclear(message=f"What shall I do {when.text}?", choices=(f"{when.text} send me a digest",))
    if re.search(
        r"\b(?:meeting|event|appointment|call|stand-?up|sync|lunch|1:1|calendar)\b", inner, re.I
    ) and not re.match(r"(?:send|give|show|tell|summari|list|what|mail|brief|digest|remind)", inner, re.I):
        return None  # a repeating event, which is the calendar's
    from deskhand.agent.planners.rules import plan

    # A schedule whose request cannot be understood would fail every morning: better to say so now.
    understood = plan(inner, request.known)
    if isinstance(understood, Unclear):
        return Unclear(message=f"{understood.message} (to be done {when.text})", choices=understood.choices)
    if any(s.op.startswith("schedule.") for s in understood.steps):
        return Unclear(message="A schedule cannot make or change schedules.")
    args = {"request": inner, "rrule": when.rrule, "first": when.start.isoformat(), "words": when.text}
    return Plan(
        request=request.original,
        objective=f"{when.text[:1].upper()}{when.text[1:]}: {understood.objective}",
        steps=(Step(id="schedule", op="schedule.add", args=args, purpose="add the schedule"),),
    )


def manage(request: Request) -> Plan | Unclear | None:
    """ "list my schedules", "pause the digest"."""
    verb = _VERBS.get(request.lower.split(maxsplit=1)[0], "list")
    if verb == "list":
        step = Step(id="schedules", op="schedule.list", purpose="list the schedules")
        return Plan(request=request.original, objective="List your schedules.", steps=(step,))
    rest = request.text.split(maxsplit=1)[1] if " " in request.text else ""
    words = tidy(re.sub(r"\b(?:schedules?|scheduled|recurring|requests?)\b", " ", rest, flags=re.I)).lower()
    names = [
        n
        for n in request.known.schedules
        if n == words or set(words.split()) & set(re.split(r"[^a-z0-9]+", n))
    ]
    if not names and len(request.known.schedules) == 1 and not words:
        names = list(request.known.schedules)
    if not names and not re.search(r"\bschedule", request.lower):
        return None
    if len(names) != 1:
        known = request.known.schedules
        message = f"Which schedule shall I {verb}?" if known else "There is no schedule yet."
        return Unclear(
            message=message, choices=tuple(f"{verb} the schedule {n}" for n in (names or known)[:3])
        )
    step = Step(id="schedule", op=f"schedule.{verb}", args={"name": names[0]}, purpose=f"{verb} it")
    return Plan(request=request.original, objective=f"{verb.title()} the schedule {names[0]}.", steps=(step,))
