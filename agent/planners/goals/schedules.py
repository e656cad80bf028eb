"""Goals about schedules: add, list, pause, resume, remove, in words."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.availability.folding import every_day
from deskhand.agent.planners.when.left_out import beside, unread
from deskhand.agent.planners.when.windows import qualifies, repetition
from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import tidy
from deskhand.agent.plans.language import Plan, Step, Unclear

_VERBS = {
    "pause": "pause", "stop": "pause", "suspend": "pause", "disable": "pause", "off": "pause",
    "hold": "pause",
    "resume": "resume", "unpause": "resume", "restart": "resume", "enable": "resume", "on": "resume",
    "continue": "resume", "remove": "remove", "delete": "remove", "drop": "remove", "cancel": "remove",
    "scrap": "remove",
}  # fmt: skip
_DONE = {"pause": "paused", "resume": "resumed", "remove": "removed"}
_LEADS = re.compile(
    r"(?:schedule|set up|create|add|make)\s+(?:a\s+|an\s+|the\s+)?(?:schedule\s+)?(?:to\s+)?(?=\S)", re.I
)
_ASKS = re.compile(r"(?:who|whom|whose|what|when|where|which|why|how|find|search|look)\b|.*\?$", re.I | re.S)
_ON_CALENDAR = ("from my schedule", "off my schedule", "on my schedule", "to my schedule", "in my schedule")
_HOLD = re.compile(r"(?:hold|keep)\s+", re.I)
_NOISE = words(
    """
    schedule schedules scheduled recurring request requests sending me my the a every sends of for to
    """
)
_EXCEPT = re.compile(
    r"\b(?:except|excluding|apart\s+from|other\s+than|but\s+not|but\s+only|only)\s+\S.*", re.I
)
_OFTEN = re.compile(r"(?:at\s+\S+\s+)?(?:every|each|daily|weekly|monthly|hourly|yearly)\b", re.I)
"""How often a schedule runs, which says which one it is."""
_AS_OF_THEN = re.compile(r"\bthe\s+(week|weekend|month)\s+(before|after)(?=\W*$)", re.I)
"""Which week is meant, as it is called on the day of the run."""
_BESIDE = {"before": "last", "after": "next"}
_MAKES = {"event.create", "event.update", "event.cancel"}


def add(request: Request) -> Plan | Unclear | None:
    """ "every weekday at 8:00 send me a digest". What is to be done is planned now, to see that it can be."""
    from deskhand.agent.planners.rules import plan_once

    repeats = [t for t in request.times if t.kind == "recurrence"]
    said = next((t for t in repeats if not every_day(t)), repeats[0] if repeats else None)
    if said is None or said.start is None:
        return None
    request, apart = beside(request)
    said = request.time("recurrence")
    if said is None or said.start is None:
        return None
    when = repetition(request, apart)
    spans = (said.span,) if isinstance(when, Unclear) or when is None else when.spans
    wish = request.head
    for start, end in sorted(spans, reverse=True):
        wish = f"{wish[:start]} {wish[end:]}"
    if not tidy(wish):
        return Unclear(message=f"What shall I do {said.text}?", choices=(f"{said.text} send me a digest",))
    wish = tidy(_AS_OF_THEN.sub(lambda m: f"{_BESIDE[m[2].lower()]} {m[1]}", wish)) + request.tail
    understood = plan_once(wish, request.known, accounted=False)
    if isinstance(understood, Unclear):  # "schedule a digest", "set up a summary of ..."
        wish = _LEADS.sub("", wish, count=1)
        understood = plan_once(wish, request.known, accounted=False)
    ops = {s.op for s in understood.steps} if isinstance(understood, Plan) else set()
    if any(op.startswith("schedule.") and op != "schedule.list" for op in ops):
        return Unclear(message="A schedule cannot make or change schedules.", choices=(wish,))
    if ops & _MAKES:
        return None  # a repeating event, which is the calendar's, or a change of one
    asks = isinstance(understood, Plan) and understood.steps[0].op == "question.answer"
    if asks and not (request.said.startswith("<often>") and _ASKS.match(wish)):
        return None  # "how many people fly every year" asks, and wishes for nothing every year
    if qualifies(request, said) and (isinstance(when, Unclear) or isinstance(understood, Unclear)):
        return None  # "the weekly report" is a thing
    plainly, understood = understood, plan_once(wish, request.known)
    if isinstance(understood, Unclear):
        if isinstance(plainly, Plan) and (question := unread(request, plainly, spans)) is not None:
            return question
        # A schedule whose request cannot be understood would fail every morning: better to say so now.
        often = "" if isinstance(when, Unclear) or when is None else f"{when.words} "
        choices = tuple(f"{often}{c}" for c in understood.choices)
        return Unclear(message=f"{understood.message} (to be done {said.text})", choices=choices)
    if isinstance(when, Unclear) or when is None:
        return when
    if isinstance(understood, Plan) and (question := unread(request, understood, spans)) is not None:
        return question
    rrule, omits = when.omits.in_rule(when.rrule)
    args: dict[str, Any] = {
        "request": wish, "rrule": rrule, "first": when.start.isoformat(), "words": when.words,
    }  # fmt: skip
    if omits:
        args["omits"] = omits.rules()
    return Plan(
        request=request.original,
        objective=f"{when.words[:1].upper()}{when.words[1:]}: {understood.objective}",
        steps=(Step(id="schedule", op="schedule.add", args=args, purpose="add the schedule"),),
    )


def show(request: Request) -> Plan | Unclear | None:
    """ "list my schedules"."""
    step = Step(id="schedules", op="schedule.list", purpose="list the schedules")
    return Plan(request=request.original, objective="List your schedules.", steps=(step,))


def _limited(request: Request) -> str | None:
    """Words that say it of some days only: "on Fridays", "except in May"; not how often a schedule runs."""
    if m := _EXCEPT.search(request.head):
        return m.group()
    days = (t for t in request.times if t.kind == "recurrence" and not qualifies(request, t))
    return next((t.text for t in days if not _OFTEN.match(t.text)), None)


def manage(request: Request) -> Plan | Unclear | None:
    """ "pause the digest", "delete the schedule weekly-report"."""
    known = request.known.schedules
    if (m := _HOLD.match(request.head)) and any(t.span[0] <= m.end() for t in request.times):
        return None  # "hold tomorrow from 4 to 6 for the report": a time, and no schedule
    words = [w for w in re.findall(r"[a-z0-9-]+", request.head.lower()) if w not in _NOISE]
    verb = next((_VERBS[w] for w in words if w in _VERBS), "")
    meant = {w for w in words if w not in _VERBS and w not in ("turn", "switch")}
    names = [n for n in known if n in meant or {*n.split("-")} <= meant]
    names = names or [n for n in known if meant & set(n.split("-"))]
    if not meant and len(known) == 1:
        names = list(known)
    if request.has(*_ON_CALENDAR) and not names:
        return None
    if not verb or (not names and not request.has("schedule", "schedules", "digest", "digests", "briefing")):
        return None
    if len(names) != 1:
        message = f"Which schedule shall I {verb}?" if known else "There is no schedule yet."
        choices = tuple(f"{verb} the schedule {n}" for n in (names or known)[:3])
        return Unclear(message=message, choices=choices or ("every weekday at 8:00 send me a digest",))
    if later := next((t for t in request.times if t.kind in ("interval", "instant", "duration")), None):
        return Unclear(
            message=f"A schedule is {_DONE[verb]} at once, not “{later.text}”, so nothing was done.",
            choices=(f"{verb} the schedule {names[0]}",),
        )
    if (limit := _limited(request)) is not None:
        return Unclear(
            message=f"A schedule is {_DONE[verb]} as a whole, not “{limit}”, so nothing was done. To change "
            "its days, remove it and add it anew, as in “every weekday except Fridays at 8:00 send me a "
            "digest”.",
            choices=(f"{verb} the schedule {names[0]}",),
        )
    step = Step(id="schedule", op=f"schedule.{verb}", args={"name": names[0]}, purpose=f"{verb} it")
    return Plan(request=request.original, objective=f"{verb.title()} the schedule {names[0]}.", steps=(step,))
