"""Where an event is moved to: the words for its new time, and what a time that is looked for keeps to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from deskhand.agent.planners.when import anchors
from deskhand.agent.planners.when.anchors import Anchors
from deskhand.agent.planners.when.limits import Limits, ruled
from deskhand.agent.planners.when.limits import taken as limits_of
from deskhand.agent.planners.when.narrowing import chosen, leftover, narrowed
from deskhand.agent.planners.when.scope import scope
from deskhand.agent.planners.when.windows import bare, either
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear
from deskhand.agent.times import Reading

_THE = r"(?:the\s+(?!\d{1,2}(?:st|nd|rd|th)\b))?"  # "the 3rd" is a day of the month, and "3rd" alone is none
_TO = re.compile(rf"\b(?:to|until|till|into|onto)\s+(?:be (?:at|on)\s+|start (?:at|on)\s+)?{_THE}", re.I)
_FOR = re.compile(rf"\bfor\s+{_THE}", re.I)
_RELATIVE = re.compile(r"\b(?:earlier|later|sooner|back|forward|ahead|out)\b", re.I)
EARLIER = re.compile(r"\b(?:forward|earlier|ahead|sooner|pull)\b", re.I)
_LENGTH = re.compile(r"\b(?:by\s+)?(?:a|one)\s+(day|week|hour)\b", re.I)
_FAR = timedelta(days=400)
_JOINTS = 12
"""At so many places it is looked whether the new time begins there."""
KEPT = frozenset({
    "between", "not_before", "not_after", "not_between", "not_on", "not_dates", "parts", "not_parts",
    "not_when", "within", "avoid", "likes_parts", "soon", "spaced", "keep_lunch", "likes_days",
})  # fmt: skip
"""What a time that is looked for keeps to, as `event.shift` has it."""
DEFAULT_MINUTES = 30
AHEAD = timedelta(days=14)
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
_INTO = re.compile(r"\b(?:to|into|onto)\s+$", re.I)
_DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class NewTime:
    """The words for a new time, from `start` on, and what `event.shift` makes of them."""

    start: int
    target: dict[str, Any]
    rest: Request | None = None
    """The words without the events that they hang on."""
    limits: Limits = field(default_factory=Limits)
    hung: Anchors = field(default_factory=Anchors)
    several: bool = False
    """Whether it is one of several: "Tuesday or Thursday"."""


def new_time(request: Request) -> NewTime | None:
    """ "to Thursday", "to next week, not Monday", "to after the board meeting"."""
    for joint in (_TO, _FOR):
        for m in islice(joint.finditer(request.head), _JOINTS):
            close = _close(request, m.end())
            back = replace(request, head=request.head[m.end() :], tail="", body="", aside=())
            back, hung = anchors.taken(back)
            cut, limits = ruled(back)
            if not close and hung and joint is _TO and not limits_of(cut, hangs=True)[0].head.strip(" ,;."):
                now = request.known.now
                window = [now.isoformat(), (now + AHEAD).isoformat()]
                return NewTime(m.start(), {"window": window}, back, limits, hung)
            if not close:
                continue
            times = cut.times_in(0, len(cut.head))
            if not times or (cut.head[:1].isdigit() and times[0].span[0] > 1):  # "to 11 from December on"
                times = cut.times_in(0, len(cut.head), lead="at ")
            times = times or close
            if len(days := either(cut)) > 1 or chosen(cut):
                edges = [*(m for pair in days for m in pair), *(t.start for t in times if t.start)]
                window = [min(edges).isoformat(), max(edges).isoformat()]
                return NewTime(m.start(), {"window": window}, back, limits, hung, several=True)
            if close[0].kind in ("instant", "interval"):
                return NewTime(m.start(), _target(times), back, limits, hung)
            if close[0].kind == "recurrence" and any("BYDAY" in t.rrule for t in times):
                return NewTime(m.start(), {"times": times}, back, limits, hung)
            if close[0].kind == "recurrence" and any(t.kind == "interval" for t in times):
                return NewTime(m.start(), _target(times), back, limits, hung)  # "to tomorrow, mornings only"
    return None


def _close(request: Request, start: int) -> tuple[Reading, ...]:
    """The times from a place on, where the first begins right there."""
    if not any(t.span[1] > start for t in request.times) and not request.head[start:][:1].isdigit():
        return ()
    times = request.times_in(start, len(request.head))
    if not times:  # "to 11"
        times = request.times_in(start, len(request.head), lead="at ")
    close = tuple(t for t in times if t.span[0] - start <= 1)
    if not close and request.head[start : start + 1].isdigit():  # "to 11 from December on"
        times = request.times_in(start, len(request.head), lead="at ")
        close = tuple(t for t in times if t.span[0] - start <= 1)
    return close


def by_how_long(request: Request) -> NewTime | None:
    """By how long: "by an hour", "30 minutes later", "back a week"."""
    head = request.head
    sign = -1 if EARLIER.search(head) else 1
    by = re.search(r"\bby\b", head, re.I)
    relative = _RELATIVE.search(head)
    if m := _LENGTH.search(head):
        unit = m.group(1).lower()
        shift = {"days": sign * _DAYS[unit]} if unit in _DAYS else {"seconds": sign * 3600}
        return NewTime(m.start(), shift)
    # "an hour later" is a time of its own to those who read times: they see the hour alone.
    ends = [relative.start()] if relative else []
    for end in (*ends, len(head)):
        for time in request.times_in(0, end):
            if _INTO.search(head, 0, time.span[0]):
                continue  # "to 15h", "to two hours": a time, or a length, and not how far
            if time.kind == "duration" and time.seconds:
                begin = by.start() if by and by.end() <= time.span[0] else time.span[0]
                days, rest = divmod(time.seconds, 86_400)
                whole = time.grain in ("day", "week") and not rest
                far = {"days": sign * days} if whole else {"seconds": sign * time.seconds}
                return NewTime(begin, far)
    return None


def from_then(request: Request, start: int, target: dict[str, Any]) -> dict[str, Any]:
    """ "to Tuesdays from January": every occurrence from then on, to that weekday of its week."""
    times = target.get("times", ())
    often = next((t for t in times if t.start is not None and "BYDAY" in t.rrule), None)
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
    between = stretch.text.lower().partition("between")[1] and stretch.end  # anywhere in it, not all of it
    if stretch.grain in ("hour", "minute") and stretch.start is not None and not between:
        return found | {"start": stretch.start.isoformat()}
    edges = [t.isoformat() for t in (stretch.start, stretch.end) if t is not None]
    return found | ({"window": edges} if len(edges) == 2 else {"start": edges[0]})


def kept(new: NewTime) -> tuple[dict[str, Any], str] | Unclear:
    """A new time that is looked for, with what it must keep to ("next week, not Monday"); and that in words.

    A time that was said exactly stays; with limits beside it, it is a question which of them is meant.
    """
    target, hung, rest = new.target, new.hung, new.rest
    if rest is None:
        return target, ""
    cut, limits = limits_of(rest, hangs=bool(hung))
    told = [*hung.said, *limits.said, *(f"{n.words} if possible" for n in limits.optional)]
    if target.keys() - {"times", "of_its_week"} not in ({"window"}, {"day"}):
        ruled_by = new.limits.args or new.limits.optional or hung
        return too_much(told) if ruled_by else (target, "")
    if (question := leftover(cut)) is not None:
        return question
    if new.several and any(t.kind == "instant" for t in rest.times):  # how long it is, the event alone knows
        return Unclear(
            message=f"Move it to which of them: “{rest.head}”? Say one time, or days without an hour."
        )
    if not (limits.args or limits.hours or limits.optional or hung or new.several):
        return target, ""
    found = narrowed(cut, limits, minutes=DEFAULT_MINUTES, otherwise=AHEAD)
    if isinstance(found, Unclear):
        return found
    all_kept = {**limits.args, **found}
    window = [all_kept.pop("start"), all_kept.pop("end")]
    beside = hung.window({}, minutes=DEFAULT_MINUTES)
    if all_kept.keys() - KEPT or limits.optional or "at" in beside:
        return too_much(told)
    said = f" ({'; '.join(told)})" if told else ""
    own_week = {"of_its_week": True} if target.get("of_its_week") and "within" not in all_kept else {}
    return {"window": window, "kept": all_kept, **own_week, **beside}, said


def too_much(told: list[str]) -> Unclear:
    """The question where a new time cannot keep to all that was said."""
    return Unclear(
        message=f"I cannot keep to all of this where an event is moved: “{'; '.join(told)}”. Say it without, "
        "or name the time alone.",
    )
