"""What the days and hours of a wish leave together, as arguments of `slots.find`; none is passed over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from deskhand.agent.availability.folding import NotUnderstood, Wanted, every_day, fold, joined
from deskhand.agent.planners.when.limits import Limits
from deskhand.agent.planners.when.windows import window
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear
from deskhand.agent.times import Reading

_AND = re.compile(r"\s*(?:,\s*)?\band\b\s*(?:on\s+)?", re.I)
_FROM = re.compile(r"\W*from\b", re.I)
_NO_LIMIT = re.compile(
    r"\b(?:unless|only|when(?:ever)?|while|if|provided|ideally|preferabl[ey]|outside|except|but|not|never|"
    r"no later|no earlier|as long as|depending|towards?|mid|late|later|early|earlier|before|after|until|"
    r"during|any ?time|any|sometime|around|between|within|am|pm)\b.*",
    re.I,
)
_SURELY = re.compile(
    r"\b(?:unless|provided|as long as|depending|outside|except|preferabl[ey]|ideally|only|never|"
    r"if (?!it|possible|so\b))\b.*",
    re.I,
)
"""Words that limit a time wherever they stand in a wish to find one."""
_NAMED = re.compile(
    r"\b(?:about|regarding|concerning|re|to \w+|on the (?:topic|subject) of|called|titled|named|entitled)\b|"
    r"\bfor (?:the|a|an|our|my|his|her|their)\b(?!\s+(?:hour|half|quarter|minute|couple|few|day|week)\b)|"
    r"[:“\"«]",
    re.I,
)


def narrowed(
    request: Request, limits: Limits, *, minutes: int, otherwise: timedelta
) -> dict[str, Any] | Unclear:
    """The window and the limits of `slots.find`, out of all the times that were said.

    `minutes` is how long the meeting is; `otherwise` how far it is looked for where no day was said.
    """
    owner, now = request.known.owner, request.known.now
    if (
        not limits.hours
        and not chosen(request)
        and all(every_day(t) for t in request.times if t.kind == "interval")
    ):
        first, last = window(request, otherwise=otherwise)  # "in the afternoon": of today
        return {"start": max(first, now).isoformat(), "end": last.isoformat()}
    times = [t for t in request.times if t.kind in ("interval", "instant")]
    if (both := _on_both(request, times)) is not None:
        return both
    by = len(request.head) + 1
    hours = [replace(r, span=(r.span[0] + by, r.span[1] + by)) for r in limits.hours]
    try:
        said = fold(
            f"{request.head}\n{limits.hours_in}", [*times, *hours], now=now, zone=owner.zone,
            minutes=minutes, end=None if times else now + otherwise,
        )  # fmt: skip
    except NotUnderstood as error:
        return Unclear(message=str(error))
    args = arguments(said, limits.args)
    both_ends = {**limits.args, **args}
    early, late = both_ends.get("not_before"), both_ends.get("not_after")
    if early and late and early >= late:
        return Unclear(message=f"No time is both after {early} and before {late}; say which is meant.")
    if both_ends.get("not_on") and _no_day_left(said, both_ends["not_on"], request):
        days = [t.text for t in request.times if t.kind in ("interval", "instant")]
        named = " and ".join(f"“{words}”" for words in dict.fromkeys([*days, *limits.said]))
        return Unclear(message=f"{named or 'What was said'} leave no day at all; say which day is meant.")
    return args


def _no_day_left(said: Wanted, not_on: Sequence[int], request: Request) -> bool:
    """Whether a window holds no day but those that were ruled out: "on Monday, only on Tuesday"."""
    tz = request.known.owner.tz
    first, last = said.start.astimezone(tz), said.end.astimezone(tz)
    days = {(first + timedelta(days=n)).weekday() for n in range(7) if first + timedelta(days=n) < last}
    return bool(days) and days <= {*not_on}


def arguments(said: Wanted, had: dict[str, Any]) -> dict[str, Any]:
    """What was said as plain arguments, beside those that are there."""
    args: dict[str, Any] = {"start": said.start.isoformat(), "end": said.end.isoformat()}
    for name, stretches in (("within", said.within), ("avoid", said.avoid)):
        if stretches:
            args[name] = [[i.start.isoformat(), i.end.isoformat()] for i in stretches]
    if said.not_on:
        args["not_on"] = sorted({*had.get("not_on", ()), *said.not_on})
    if said.not_parts:
        args["not_parts"] = sorted({*had.get("not_parts", ()), *said.not_parts})
    if said.parts == {"evening"}:
        args["between"] = ["17:00", "21:00"]
    elif said.parts:
        args["parts"] = sorted({*had.get("parts", ()), *said.parts})
    first, last = said.not_before, said.not_after
    if first and last:
        args["between"] = [f"{first:%H:%M}", f"{last:%H:%M}"]
    elif first:
        args["not_before"] = max(f"{first:%H:%M}", had.get("not_before", ""))
    elif last:
        args["not_after"] = min(f"{last:%H:%M}", had.get("not_after", "24"))
    return args


def length_of(limits: Limits) -> int | None:
    """The minutes of a meeting that was said by its hours: "from 2 to 4 next week"."""
    for r in limits.hours:
        if r.start and r.end and r.grain in ("hour", "minute") and _FROM.match(r.text) and not r.negated:
            return round((r.end - r.start).total_seconds() / 60)
    return None


def leftover(request: Request, title: str = "") -> Unclear | None:
    """The question about words that limit a time and were not understood, where they became a title.

    Without a title the whole wish is looked at, for words that are sure to limit something.
    A name that was said to be one ("about the only offer") is no limit.
    """
    if not (m := (_NO_LIMIT if title else _SURELY).search(title or request.cut(0, len(request.head)))):
        return None
    words = m.group()
    if request.quotes or _NAMED.search(request.head) or len(words.split()) == len(request.head.split()):
        return None
    if words.lower() not in " ".join(request.original.lower().split()):
        words = re.sub(r"\s+with\s.*$", "", words)
    at = request.original.lower().find(words.lower())
    words = request.original[at : at + len(words)] if at >= 0 else words
    return Unclear(
        message=f"I do not understand what “{words}” means for the time, so nothing was done. Say it as days "
        "or hours (“not Monday”, “after 3pm”, “in the morning”), or leave it out.",
    )


def chosen(request: Request) -> bool:
    """Whether hours belong to several days: "Tuesday or Thursday at 3", "Monday or Friday from 2 to 4"."""
    times = [t for t in request.times if t.kind in ("interval", "instant")]
    return any(
        joined(request.head, one, two)
        and (one.grain == "hour" == two.grain or (one.grain == "day" and two.kind == "instant"))
        for one, two in pairwise(times)
    )


def _on_both(request: Request, times: list[Reading]) -> Unclear | None:
    """ "on Tuesday and Thursday" is two meetings, or a choice."""
    for one, two in pairwise(times):
        if one.grain in ("day", "part") and two.grain in ("day", "part"):
            joint = _AND.fullmatch(request.head, one.span[1], two.span[0])
            if joint:
                on = "" if two.text.lower().startswith("on ") else "on "
                return Unclear(
                    message=f"“{one.text} and {two.text}”: one meeting on either day, or one on each? "
                    "Several are booked one by one.",
                    choices=(
                        request.put(joint.span(), f" or {on}"),
                        request.put((joint.start(), two.span[1]), ""),
                    ),
                )
    return None


def bounds(args: dict[str, Any]) -> tuple[datetime, datetime]:
    """The window of such arguments."""
    return datetime.fromisoformat(args["start"]), datetime.fromisoformat(args["end"])
