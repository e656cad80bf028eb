"""Times that hang on an event: "before the board meeting", "right after my 1:1 with Bo"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from deskhand.agent.planners.limits import without
from deskhand.agent.planners.phrases import LEXICON, words
from deskhand.agent.planners.request import Request
from deskhand.agent.planners.steps import ref
from deskhand.agent.planners.tidying import tidy, without_ends
from deskhand.agent.plans.language import Step

_MINE = r"(?:my|the|our|his|her|their|tomorrow['’]s|today['’]s|this|next)\s+"
_SORT = rf"(?:{LEXICON['meeting']})"
_EVENT = rf"(?:{_MINE}\S|“|\"|{_SORT}s?\s+with\s)"
_SIDE = re.compile(
    rf"[\s,]*\b(?:(?P<tight>right|immediately|straight|directly|just|shortly)\s+)?"
    rf"(?P<side>before|after|following|ahead of)\s+(?={_EVENT})",
    re.I,
)
_NOT = re.compile(r"[\s,;]*\b(?:(?:and|but)\s+)?(?:not|never|no)\s*$", re.I)
_SORT_WITH = re.compile(rf"{_SORT}s?\s+with\s", re.I)
_BETWEEN = re.compile(rf"[\s,]*\bbetween\s+(?={_EVENT})", re.I)
_AND = re.compile(rf"\s+and\s+(?={_EVENT}|(?:the|my)\s)", re.I)
_STOP = re.compile(
    r"\s*(?:[,;]|\b(?:about|regarding|concerning|to (?:discuss|talk|go|review|prepare|plan|work)|for|"
    r"and (?:invite|book|tell|find|block)|block|book|schedule|reserve|keep|find|called|titled|named)\b)",
    re.I,
)
_WITH = re.compile(r"\s+with\s+", re.I)
_BLOCK = re.compile(r"\b(?:block|reserve|keep|hold)\b", re.I)
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
    """On which side of which event a time lies, and how near."""

    side: Literal["before", "after", "between"]
    find: dict[str, Any]
    """Arguments of `event.find`."""
    tight: bool = False
    """It ends where the event begins, or begins where the event ends."""
    apart: int | None = None
    """Minutes between its start and the event's ("an hour before my flight")."""
    other: dict[str, Any] | None = None
    said: str = ""
    """Its words."""

    def steps(self) -> tuple[Step, ...]:
        """The steps that find out when that is."""
        first = Step(id="anchor", op="event.find", args=self.find, purpose="find the event it hangs on")
        if self.other is None:
            return (first,)
        return first, Step(id="until", op="event.find", args=self.other, purpose="find the event it ends by")

    def window(self, args: dict[str, Any], *, minutes: int) -> dict[str, Any]:
        """The arguments of `slots.find` with the window by reference."""
        before, after = ref("anchor", "start"), ref("anchor", "end")
        if self.side == "between":
            return args | {"start": after, "end": ref("until", "start")}
        if self.apart is not None or self.tight:
            shift = self.apart if self.apart is not None else (minutes if self.side == "before" else 0)
            args = {n: v for n, v in args.items() if n not in ("start", "end")}
            return args | {
                "at": before if self.side == "before" else after,
                "offset": -shift if self.side == "before" else shift,
            }
        return args | ({"end": before} if self.side == "before" else {"start": after})


def taken(request: Request) -> tuple[Request, Anchored | None, int | None]:
    """The wish without the event it hangs on, that event, and a length that was said by it (in minutes)."""
    for m in _BETWEEN.finditer(request.head):
        end = _end(request, m.end())
        if (middle := _AND.search(request.head, m.end(), end)) is None:
            continue
        one = _find(request, m.end(), middle.start(), before=m.end())
        two = _find(request, middle.end(), end, before=middle.end())
        if one and two:
            rest = without(request, (m.start(), max(one[1], two[1])))
            return (
                rest,
                Anchored(
                    "between",
                    one[0],
                    other=two[0],
                    said=" ".join(request.head[m.start() : two[1]].split()).strip(" ,;"),
                ),
                None,
            )
    for m in _SIDE.finditer(request.head):
        meal = _SORT_WITH.match(
            request.head, m.end()
        )  # "before lunch" is a time, "before lunch with Bo" none
        covered = any(t.anchor is None and t.span[0] < m.end("side") <= t.span[1] for t in request.times)
        if covered and not meal:
            continue  # "after the weekend" is a time of its own
        made = _find(request, m.end(), _end(request, m.end()), before=m.end())
        if made is None:
            continue
        side: Literal["before", "after"] = (
            "before" if m["side"].lower() in ("before", "ahead of") else "after"
        )
        start, tight, apart, minutes = m.start(), bool(m["tight"]), None, None  # type: int, bool, int | None, int | None
        plain = [t for t in request.times_in(0, m.end("side")) if t.kind == "duration" and t.seconds]
        close = [
            t for t in request.times_in(0, m.start()) if t.kind == "duration" and m.start() - t.span[1] <= 1
        ]
        if close and close[-1].seconds:
            said = round(close[-1].seconds / 60)
            head = request.head[: close[-1].span[0]].rstrip()
            if not _FINDING.search(head):  # "an hour before my flight": how far from it
                start = close[-1].span[0]
                whole = _BLOCK.search(request.head) is not None and len(plain) == 1
                tight, apart, minutes = whole, None if whole else said, said if whole else None
            elif _BLOCK.search(head):
                tight = True
        if no := _NOT.search(request.head, 0, start):
            if tight or apart is not None:
                continue  # "not an hour before the review": left over, and so asked about
            # "Not before the review" is after it.
            side, start = "after" if side == "before" else "before", no.start()
        said_ = " ".join(request.head[start : made[1]].split()).strip(" ,;")
        rest = without(request, (start, made[1]))
        return rest, Anchored(side, made[0], tight, apart, said=said_), minutes
    return request, None, None


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
