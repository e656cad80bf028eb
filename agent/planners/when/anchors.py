"""Times that hang on an event: "before the board meeting", "right after my 1:1 with Bo"."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from deskhand.agent.availability.distances import Distance, behind_event, spoken
from deskhand.agent.planners.steps import ref
from deskhand.agent.planners.when.limits import without
from deskhand.agent.planners.words.phrases import LEXICON, words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import tidy, without_ends
from deskhand.agent.plans.language import Step

_MINE = r"(?:my|the|our|his|her|their|tomorrow['’]s|today['’]s|this|next)\s+"
_SORT = rf"(?:{LEXICON['meeting']})"
_EVENT = rf"(?:{_MINE}\S|“|\"|{_SORT}s?\s+with\s)"
_SIDE = re.compile(
    rf"[\s,]*\b(?:(?P<tight>right|immediately|straight|directly|just|shortly)\s+)?"
    rf"(?P<side>before|after|following|ahead of|prior to|of)\s+(?={_EVENT})",
    re.I,
)
_NOT = re.compile(r"[\s,;]*\b(?:(?:and|but)\s+)?(?:not|never|no)\s*$", re.I)
_SORT_WITH = re.compile(rf"{_SORT}s?\s+with\s", re.I)
_BETWEEN = re.compile(rf"[\s,]*\bbetween\s+(?={_EVENT})", re.I)
_AND = re.compile(rf"\s+and\s+(?={_EVENT}|(?:the|my)\s)", re.I)
_STOP = re.compile(
    r"\s*(?:[,;]|\b(?:about|regarding|concerning|to (?:discuss|talk|go|review|prepare|plan|work)|for|"
    r"(?:and|but) (?:invite|book|tell|find|block|at (?:the )?(?:least|most|latest|earliest)|within|not|never|"
    r"no|before|after|only|ideally|preferably|up to|more|less)|at the (?:very )?(?:latest|earliest|soonest)|"
    r"block|book|schedule|reserve|keep|find|called|titled|named)\b)",
    re.I,
)
_WITH = re.compile(r"\s+with\s+", re.I)
_BLOCK = re.compile(r"\b(?:block|reserve|keep|hold)\b", re.I)
_MOST = 4
"""So many events can one time hang on."""
_FINDING = re.compile(
    r"\b(?:find|look for|book|schedule|reserve|get|block|keep|hold|arrange|set up|need)(?: me| us| out)?$",
    re.I,
)
_ENDS = words(
    "the a an my our his her their this next meeting event appointment session on in at of"
) | frozenset({"tomorrow's", "today's", "tomorrow’s", "today’s"})
_NO_EVENT = words(
    "weekend holidays end beginning start day week month year deadline morning afternoon evening"
)


@dataclass(frozen=True, slots=True)
class Anchored:
    """On which side of which event a time lies, and how far from it."""

    find: dict[str, Any]
    """Arguments of `event.find`."""
    words: str
    """What the event is called, as it was said."""
    distance: Distance
    tight: bool = False
    """It ends where the event begins, or begins where the event ends."""
    apart: int | None = None
    """It begins exactly so many minutes from it ("an hour before my flight")."""
    said: str = ""
    """Its words."""

    def exactly(self, *, minutes: int) -> int | None:
        """How many minutes after the near edge of the event it begins, where that was said."""
        sign = -1 if self.distance.side == "before" else 1
        if self.apart is not None:
            return sign * self.apart
        return (-minutes if sign < 0 else 0) if self.tight else None


@dataclass(frozen=True, slots=True)
class Anchors:
    """All events that the time of a wish hangs on; none is passed over."""

    all: tuple[Anchored, ...] = ()
    minutes: int | None = None
    """How long the meeting is, where that was said by it: "block the hour before my flight"."""

    def __bool__(self) -> bool:
        return bool(self.all)

    @property
    def said(self) -> list[str]:
        """The words for each."""
        return [one.said for one in self.all if one.said]

    def steps(self) -> tuple[Step, ...]:
        """The steps that find out when the events are."""
        return tuple(
            Step(id=name, op="event.find", args=one.find, purpose="find the event it hangs on")
            for name, one in zip(self._names(), self.all, strict=True)
        )

    def window(self, args: dict[str, Any], *, minutes: int) -> dict[str, Any]:
        """The arguments of `slots.find` with the events by reference."""
        beside, events = [], []
        for name, one in zip(self._names(), self.all, strict=True):
            if (offset := one.exactly(minutes=minutes)) is not None and "at" not in args:
                edge = "start" if one.distance.side == "before" else "end"
                args = args | {"at": ref(name, edge), "offset": offset}
            else:
                beside.append(asdict(one.distance))
                events.append([ref(name, "start"), ref(name, "end")])
        return args | ({"beside": beside, "events": events} if beside else {})

    def without(self, request: Request) -> str:
        """The whole wish in words, but for the events."""
        aside = tuple(one for one in request.aside if one.words not in self.said)
        return replace(request, aside=aside).put((len(request.head),) * 2, "")

    def _names(self) -> list[str]:
        return [f"anchor{n or ''}" for n in range(len(self.all))]


def taken(request: Request) -> tuple[Request, Anchors]:
    """The wish without the events that its time hangs on, and these."""
    found: list[Anchored] = []
    minutes: int | None = None
    while len(found) < _MOST:
        cut = _between(request) or _beside(request, moved=bool(found))
        if cut is None:
            break
        request, more, long = cut
        found += more
        minutes = minutes or long
    return request, Anchors(tuple(found), minutes)


def _between(request: Request) -> tuple[Request, list[Anchored], int | None] | None:
    for m in _BETWEEN.finditer(request.head):
        end = _end(request, m.end())
        if (middle := _AND.search(request.head, m.end(), end)) is None:
            continue
        one = _find(request, m.end(), middle.start(), before=m.end())
        two = _find(request, middle.end(), end, before=middle.end())
        if one and two:
            last = max(one[1], two[1])
            said = _said(request, m.start(), two[1])
            first = Anchored(one[0], _words(request, m.end(), one[1]), Distance("after"), said=said)
            then = Anchored(two[0], _words(request, middle.end(), two[1]), Distance("before"))
            return without(request, (m.start(), last)), [first, then], None
    return None


def _beside(request: Request, *, moved: bool) -> tuple[Request, list[Anchored], int | None] | None:
    """One event that a time lies beside. `moved`: another was found, and how long it is was said there."""
    head, known = request.head, request.known
    for m in _SIDE.finditer(head):
        # "Before lunch" is a time, "before lunch with Bo" none; "after the weekend" is a time of its own.
        meal = _SORT_WITH.match(head, m.end())
        covered = any(t.anchor is None and t.span[0] < m.end("side") <= t.span[1] for t in request.times)
        if covered and not meal and m["side"].lower() != "of":
            continue
        made = _find(request, m.end(), _end(request, m.end()), before=m.end())
        if made is None:
            continue
        find, last = made
        far = spoken(
            head[: m.end("side")], now=known.now, zone=known.owner.zone, locale=known.owner.locale,
            behind=head[last:],
        )  # fmt: skip
        if far is None and m["side"].lower() == "of":
            continue
        side: Literal["before", "after"] = (
            "after" if m["side"].lower() in ("after", "following") else "before"
        )
        distance, start, tight, apart, minutes = Distance(side), m.start(), bool(m["tight"]), None, None  # type: Distance, int, bool, int | None, int | None
        lengths = [t for t in request.times_in(0, m.start()) if t.kind == "duration"]
        close = lengths[-1].span if lengths and m.start() - lengths[-1].span[1] <= 1 else None
        if close and _FINDING.search(front := head[: close[0]].rstrip()):
            tight = tight or _BLOCK.search(front) is not None  # "block an hour before my flight"
        elif far is not None:
            start, apart, distance = far.start, far.exact, far.distance
            last = behind_event(head, last)
            if apart is not None and _BLOCK.search(head) and len(lengths) == 1 and not moved:
                tight, apart, minutes = True, None, apart
        elif no := _NOT.search(head, 0, start):
            if tight:
                continue  # "not right before the review": left over, and so asked about
            # "Not before the review" is after it.
            distance, start = Distance("after" if side == "before" else "before"), no.start()
        said = _said(request, start, last)
        cut = without(request, (start, last))
        return cut, [Anchored(find, _words(request, m.end(), made[1]), distance, tight, apart, said)], minutes
    return None


def _said(request: Request, start: int, end: int) -> str:
    return " ".join(request.head[start:end].split()).strip(" ,;")


def _words(request: Request, start: int, end: int) -> str:
    return re.sub(r"^(?:the|my|our|his|her|their)\s+", "", tidy(request.head[start:end]), flags=re.I)


def _end(request: Request, start: int) -> int:
    """Where the words for an event end."""
    if quoted := re.compile(r"“[^”]*”|\"[^\"]*\"").match(request.head, start):
        start = quoted.end()
    stop = _STOP.search(request.head, start)
    return stop.start() if stop else len(request.head)


def _find(request: Request, begin: int, end: int, *, before: int) -> tuple[dict[str, Any], int] | None:
    """The arguments of `event.find` out of `head[begin:end]`, and where its words really end."""
    if m := _WITH.search(request.head, begin, end):
        sort = without_ends(tidy(request.head[begin : m.start()]), _ENDS).lower()
        others = [n for n in request.named if not n.possessive and not begin <= n.span[0] < end]
        if not re.fullmatch(_SORT, sort) and not others and "“" not in request.head[begin:end]:
            end = m.start()  # "before the board meeting with Ann": it is Ann who is met
    named = [n for n in request.named if begin <= n.span[0] < end]
    times = [t for t in request.times_in(begin, end) if t.kind in ("instant", "interval")]
    spans = [t.span for t in times] + [n.span for n in named[:1]]
    text = (
        without(request, (0, begin), (end, len(request.head)), *spans).head
        if spans
        else request.head[begin:end]
    )
    quoted = re.search(r"“([^”]+)”|\"([^\"]+)\"", request.head[begin:end])
    about = (quoted[1] or quoted[2]) if quoted else without_ends(tidy(text), _ENDS)
    if not about and not named:
        return None
    if about.lower().split()[:1] and about.lower().split()[0] in _NO_EVENT and not named:
        return None
    find: dict[str, Any] = {"about": re.sub(r"\s+with$", "", about, flags=re.I)}
    if named:
        find["person"] = named[0].key
    instant = next((t for t in times if t.kind == "instant" and t.start), None)
    stretch = next((t for t in times if t.kind == "interval" and t.start), None)
    if instant is not None and instant.start is not None:
        find |= {"start": instant.start.isoformat(), "at": True}
    elif stretch is not None and stretch.start is not None:
        over = stretch.end or stretch.start + timedelta(days=1)
        find |= {"start": stretch.start.isoformat(), "end": over.isoformat()}
    gap = request.head[:before].replace("{", " ").replace("}", " ")
    rest = request.head[end:].replace("{", " ").replace("}", " ")
    return find | {"template": f"{gap}{{}}{rest}".strip()}, end
