"""The goal of asking who is free when: "is Marta free on Thursday at 2", "what gaps do I have on Friday"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from deskhand.agent.planners.when.limits import taken as limits_of
from deskhand.agent.planners.when.narrowing import narrowed
from deskhand.agent.planners.when.targets import KEPT
from deskhand.agent.planners.when.windows import at_the_time, past
from deskhand.agent.planners.words.people import Listed, mailboxes, named_after, names, nobody
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear

_BUSY = re.compile(r"\b(?:busy|booked|taken|occupied|in a meeting)\b", re.I)
_WHO = re.compile(
    r"(?:who|whom|which|(?:is|are)\s+(?:everyone|everybody|anyone|anybody|they|we\s+all))\b", re.I
)
_MINE = re.compile(r"\b(?:i|we|me|us|my|our)\b", re.I)
_HOURS = frozenset({"between", "not_before"})
_UNKNOWN = re.compile(
    r"(?:is|are|will|if|whether)\s+(?P<who>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?)\s+(?:be\s+)?"
    r"(?:free|busy|available|around)\b"
)


def free(request: Request) -> Plan | Unclear | None:
    """Who is free: those named, else the person who asks."""
    everybody = tuple(n for n in request.named if not n.possessive)
    unknown = [one for one in named_after(request, "with") if one.unknown]
    if not everybody and (m := _UNKNOWN.search(request.head)):
        return nobody(request, m.span("who"))
    rest = request.cut(0, len(request.head), without=[n.span for n in everybody])
    mine = bool(_MINE.search(rest))
    if not everybody and not mine and not unknown and _WHO.match(request.head):
        when = next((t.text for t in request.times), "tomorrow")
        return Unclear(message="Whose time shall I look at? Name them.", choices=(f"am I free {when}",))
    if not everybody and not mine and not unknown:
        return None  # "is the loft free on Friday"
    mine = mine and bool(everybody)
    if mine and re.match(r"when\b", request.head, re.I):
        return None  # "when are Ann and I both free" looks for a time to meet
    people = mailboxes(request, [Listed(everybody, (0, 0)), *unknown], either=True)
    if isinstance(people, Unclear):
        return people
    length = request.time("duration")
    minutes = round(length.seconds / 60) if length and length.seconds else 0
    args: dict[str, Any] = {"people": [p["address"] for p in people], "minutes": minutes}
    if mine:
        args["mine"] = True
    if _BUSY.search(request.head):
        args["busy"] = True
        # "Busy tomorrow" rules a day out where a time is looked for; here it is what is asked about.
        request = replace(request, head=_BUSY.sub("free", request.head))
    moment = at_the_time(request)
    if moment is not None and moment[0].start is not None:
        if moment[0].start < request.known.now:
            return past(request, moment[0])
        start = moment[0].start
        args |= {"at": True, "start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    else:
        cut, limits = limits_of(request)
        otherwise = timedelta(days=7) if minutes else timedelta(days=1)
        kept = narrowed(cut, limits, minutes=minutes or 30, otherwise=otherwise)
        if isinstance(kept, Unclear):
            return kept
        kept = {**limits.args, **kept}
        args |= {n: kept.pop(n) for n in ("start", "end")}
        if kept.keys() - KEPT or limits.optional:
            return None  # `slots.find` keeps to more
        args |= {"kept": kept} if kept else {}
        stretch = request.time("interval")
        said = stretch is not None and stretch.grain in ("hour", "minute")
        if said or kept.keys() & _HOURS:
            args["any_hour"] = True
    who = names(people) if people else "you"
    return Plan(
        request=request.original,
        objective=f"Look when {who} {'is' if len(people) == 1 else 'are'} free.",
        steps=(Step(id="free", op="calendar.free", args=args, purpose="who is free"),),
    )
