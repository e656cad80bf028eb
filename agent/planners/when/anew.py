"""A new time that is looked for: "to another day this week", "to sometime after 5pm", "to the morning".

It says where in the wish its words begin, and what `event.shift` makes of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from deskhand.agent.planners.when import anchors
from deskhand.agent.planners.when.anchors import Anchors
from deskhand.agent.planners.when.limits import taken as limits_of
from deskhand.agent.planners.when.narrowing import leftover, narrowed
from deskhand.agent.planners.when.targets import AHEAD, DEFAULT_MINUTES, KEPT, NewTime, too_much
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear

_JOINT = r"(?:\b(?:to|for|on|at|into|until|till|in)\s+)"
_OTHER = r"(?:an?other|a\s+(?:different|new|better|free)|some\s+other|any\s+other|the\s+next\s+(?:free|best))"
_THING = r"(?:day|date|time(?:\s+slot)?|slot|hour|moment)"
_ANEW = re.compile(
    rf"{_JOINT}(?:{_OTHER}\s+(?P<what>{_THING})|(?:sometime|some\s+time|any\s?time|some\s+point|a\s+time|"
    r"when(?:ever)?\s+(?:everybody|everyone|all|we(?:\s+all)?|they)(?:\s+(?:is|are|can))?(?:\s+free)?))\b"
    r"(?:\s+(?:that\s+(?:suits|works)(?:\s+(?:for\s+)?(?:everyone|everybody|all|us|them|me))?|of|else))?",
    re.I,
)
_SIDE = re.compile(
    r"(?:\b(?:to|for)\s+|\b)(?P<side>later|earlier|sooner)\s+(?:on\s+)?"
    r"(?:(?:in\s+)?(?:the|that|this|the same)\s+(?P<own>day|week))\b",
    re.I,
)
_PART = re.compile(
    r"\b(?:to|into)\s+(?:the\s+|its\s+)?(?P<part>morning|afternoon|evening)"
    r"(?:\s+(?:instead|of (?:the|that) (?:same )?day))?\s*$",
    re.I,
)
_TO = re.compile(r"\b(?:to|into|until)\s+", re.I)
_FIND = re.compile(
    r"(?:find|look\s+for|pick|choose|get|suggest|search\s+for|work\s+out)\s+(?:me\s+|us\s+)?"
    r"(?:an?other|a\s+(?:different|new|better)|some\s+other)\s+"
    rf"(?P<what>{_THING})\s+(?P<when>.*?)(?:\b(?:for|of)\s+)(?P<event>.+)$",
    re.I,
)
_OWN = re.compile(r"(?:my|our|the|this|that)\s+", re.I)
_LIMIT = re.compile(
    r"[\s,]*\b(?:not|no|never|only|except|excluding|ideally|preferably|avoid(?:ing)?|without)\b|,", re.I
)
_BY_HOURS = {"evening": {"between": ["17:00", "21:00"]}}
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Anew:
    """Where its words begin, the arguments of `event.shift`, and what it keeps to in words."""

    start: int
    args: dict[str, Any]
    said: str = ""
    hung: Anchors = field(default_factory=Anchors)

    def as_new(self) -> NewTime:
        """As the words for a new time are, all of which were read."""
        return NewTime(self.start, dict(self.args), hung=self.hung)


def anew(request: Request) -> Anew | Unclear | None:
    """What a wish to move something says of a time to be looked for; None: it says none of it."""
    head = request.head
    if m := _PART.search(head):
        part = m["part"].lower()
        kept = _BY_HOURS.get(part, {"parts": [part]})
        return Anew(m.start(), {"own": "day", "another": "time", "kept": kept}, f" ({part})")
    if m := _SIDE.search(head):
        own = m["own"].lower()
        side = "after" if m["side"].lower() == "later" else "before"
        return _kept(request, m.start(), head[m.end() :], {"own": own, "side": side})
    if m := _ANEW.search(head):
        another = None if not m["what"] else "day" if m["what"].lower() in ("day", "date") else "time"
        start, rest = m.start(), head[m.end() :]
        to = (t for t in _TO.finditer(head, 0, start) if request.times_in(t.end(), start))
        if day := next(to, None):  # "to Monday at another time"
            start, rest = day.start(), f"{head[day.end() : start]} {rest}"
        return _kept(request, start, rest, {"another": another or "time"})
    return None


def wanted(request: Request) -> str | None:
    """ "find a new time for the budget review next week" as a wish to move; None: it is none."""
    m = _FIND.match(request.head)
    if m is None:
        return None
    named = Request.of(m["event"], request.known)
    # "My 3pm on Tuesday", "the 8am stand-up" are called by their hour; a day behind others is the new one.
    by_hour = _OWN.match(m["event"])
    called = next((t for t in named.times if t.kind == "instant" and by_hour), None)
    called = called if called and by_hour and called.span[0] <= by_hour.end() else None
    begun = called.span[1] if called else 1
    at = next((t.span[0] for t in named.times if t.span[0] >= begun), len(m["event"]))
    if limit := _LIMIT.search(m["event"], begun, at):
        at = limit.start()
    event = m["event"][:at].strip(" ,")
    rest = f"{m['when'].strip()} {m['event'][at:].strip(' ,')}".strip()
    event = re.sub(r"\s+(?:on|in|at|for)$", "", event)
    return f"move {event} to another {m['what']} {rest}".strip()


def _over(request: Request, cut: Request) -> bool:
    """Whether "this week" is said, of which no working day is left."""
    now = request.known.now.astimezone(request.known.owner.tz)
    return now.weekday() > _FRIDAY and [t.text.lower() for t in cut.times] == ["this week"]


def _kept(request: Request, start: int, words: str, args: dict[str, Any]) -> Anew | Unclear:
    """With the days and hours that are said behind it."""
    rest = replace(request, head=words.strip(), tail="", body="")
    if not rest.head:
        return Anew(start, args)
    rest, hung = anchors.taken(rest)
    cut, limits = limits_of(rest, hangs=bool(hung))
    if (question := leftover(cut)) is not None:
        return question
    if not (limits.args or limits.hours or limits.optional or hung or cut.times):
        return Anew(start, args)
    if _over(request, cut):  # on a Sunday the week that is meant is that of the event
        args, cut = args | {"own": "week"}, replace(cut, head="")
    found = narrowed(cut, limits, minutes=DEFAULT_MINUTES, otherwise=AHEAD)
    if isinstance(found, Unclear):
        return found
    kept = {**limits.args, **found}
    window = [kept.pop("start"), kept.pop("end")]
    beside = hung.window({}, minutes=DEFAULT_MINUTES)
    if kept.keys() - KEPT or limits.optional or "at" in beside:
        return too_much([*hung.said, *limits.said, *(f"{n.words} if possible" for n in limits.optional)])
    if cut.times:  # else the window is only the usual one, and hangs on the event
        args = args | {"window": window}
    said = "; ".join([*hung.said, *limits.said, *(t.text for t in cut.times)])
    args = args | ({"kept": kept} if kept else {}) | beside
    return Anew(start, args, f" ({said})" if said else "", hung)
