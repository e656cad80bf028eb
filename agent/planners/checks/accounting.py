"""The account of a wish: all it says of time and people is kept by its plan, named in it, or asked about.

The planners say nothing for this; it is looked at from outside. A time is kept where an argument of the plan
says the same, or lies in it. What shows nowhere is left out of the wish: if the plan stays the same, it was
dropped, and the person is asked instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from deskhand.agent.planners.words.directory import Span
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import tidy
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.times import Reading
from deskhand.agent.times.lexicon import places

Planned = Callable[[str], Plan | Unclear]

_TIMED = frozenset(
    {"slots.find", "slots.together", "event.shift", "event.list", "event.cancel"}
    | {"calendar.free", "room.find"}
)
"""Whose arguments times become; other plans are not looked at."""
_TOLD = frozenset({"template", "makes_room", "purpose"})
"""Arguments that repeat the words of the wish, and keep to nothing."""
_NAMES = frozenset({"title", "subject", "body", "location", "room", "stays", "description"})
_LONG = 1000
"""Characters of a wish past which it is not tried without its words: what does not show is asked about."""
_LOOKED = 12
"""So many words are tried."""
_TOO_MUCH = Unclear(message="It was not looked at.")
_EVER = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
_NEVER = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
_LIMITS = re.compile(
    r"\b(?:at (?:the )?(?:very )?(?:least|most|latest|earliest|soonest)|"
    r"(?:no|not|never) (?:later|earlier|sooner|more|less|fewer) than|more than|less than|up to|"
    r"a (?:minimum|maximum) of|or (?:more|less|longer|earlier|later)(?!\s+time)|not|never|"
    r"except(?:ing|\s+for)?|excluding|without|avoid(?:ing)?|outside(?:\s+of)?|other than|within|until|till|"
    r"before|after|prior to|following|during|ideally|preferabl[ey]|best(?: of all)?(?=,? (?:on|in|at)\b)|"
    r"rather|optional(?:ly)?|"
    r"(?:unless|provided|as long as|depending|only if|only when|whenever)\b[^,;]*)(?=\W|$)",
    re.I,
)
"""Words that limit a time, where no reading of a time has them; a condition with all it says."""
_STRAY = re.compile(
    r"\bat\s+\d{1,2}(?:[:.]\d\d\b|(?=\s*(?:$|[,;])))|\b\d{1,2}:\d\d\b|"
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve)\s+occurrences\b|"
    r"\b(?:no|none|never|not) (?:two )?(?:of them )?on the same day\b|"
    r"\b(?:away|apart) from (?:(?:all|any|my|the) )?other (?:meetings?|events?)\b",
    re.I,
)
"""Words that can only be about time, where no reading of a time has them: a clock that shows no such hour, a
number of times, how far from others."""
_ON_IT = re.compile(r"\b(?:about|regarding|concerning|called|titled|named|to discuss)\b|:\s", re.I)
_LEAD = re.compile(
    r"(?:[\s,;(]|\b(?:on|at|in|for|from|by|to|until|till|the|and|but|or|not|never|no|except|during|any|some|"
    r"only|just|within|lasting|ideally|preferably)\b)+$",
    re.I,
)
_NOT = re.compile(r"\b(?:not|never|except|without|unless|but)\b", re.I)
_SURELY = re.compile(
    r"\b(?:at (?:least|most)|not|never|within|no (?:later|earlier)|except|without|unless|"
    r"(?:more|less) than)\b",
    re.I,
)
"""What no event is called, unless it is quoted."""
_EXCEPT = re.compile(r"not|never|except(?:ing|\s+for)?|excluding|without|other than", re.I)
_OTHER_LENGTH = re.compile(r"\b(?:more|less|longer|shorter) than\b", re.I)
_LITTLE = re.compile(r"(?:[\s,;()]|\b(?:on|at|in|for|the|and|or|of|a|an)\b)*$", re.I)
_ASIDE = re.compile(r"\(([^()]*)\)\.(?=\s|$)")


def timed(made: Plan) -> bool:
    """Whether times are what a plan is about."""
    return any(step.op in _TIMED for step in made.steps)


def unaccounted(request: Request, made: Plan, planned: Planned, *, again: Planned) -> Unclear | None:
    """The question about words that a plan which is `timed` leaves out; None where it leaves out none.

    :param planned: the plan of other words, which is not asked for its account; `again`: one that is.
    """
    kept, planned = _Kept(made), _few(planned, long=len(request.head) > _LONG)
    head, lost = request.head, list[Span]()
    covered = _said_aside(request, made)
    for reading in _pieces(request, covered):
        span = _whole(head, reading)
        if _inside(span, covered) or kept.names_with(reading.text) or kept.keeps(reading):
            covered.append(span)
        elif _left_out(request, made, span, planned):
            lost.append(span)
        else:
            covered.append(span)
    for named in request.named:
        known = named.possessive or kept.names_with(named.words) or kept.has(named.key)
        if not known and not _inside(named.span, [*covered, *lost]):
            lost.append(named.span)
    for m in _LIMITS.finditer(head):
        if _inside(m.span(), [*covered, *lost]) or request.closed(*m.span()) or kept.names_with(m.group()):
            continue
        if kept.stays and _EXCEPT.fullmatch(m.group()):
            continue  # "everything but not the review": what stays was named
        if kept.mistaken(m.group()) or _left_out(request, made, m.span(), planned):
            lost.append(_with_what(request, m.span()))
    for span in _strays(request):
        if not _inside(span, [*covered, *lost]) and _left_out(request, made, span, planned, names=False):
            lost.append(span)
    return _ask(request, lost, again) if lost else None


def _strays(request: Request) -> Iterator[Span]:
    """Words that can only be about time; not what a meeting is about."""
    found = [m.span() for m in _STRAY.finditer(request.head)]
    for m in re.finditer(r"\btime\b", request.head, re.I):
        before = list(re.finditer(r"[\w']+", request.head[: m.start()]))
        for count in (3, 2, 1):
            words = " ".join(w.group().lower() for w in before[-count:])
            if len(before) >= count and words in places():
                found.append((before[-count].start(), m.end()))
                break
    for first, last in sorted(found):
        if not request.closed(first, last) and not _ON_IT.search(request.head, 0, first):
            yield first, last


def _few(planned: Planned, *, long: bool) -> Planned:
    """Plans of a few other wishes; past these, and of a long wish, what does not show counts as dropped."""
    left = [0 if long else _LOOKED]

    def one(words: str) -> Plan | Unclear:
        left[0] -= 1
        return planned(words) if left[0] >= 0 else _TOO_MUCH

    return one


def _pieces(request: Request, covered: list[Span]) -> Iterator[Reading]:
    """All that is said of time; of what is covered in part ("not before 10, every Monday") the rest."""
    for reading in request.readings:
        first, last = reading.span
        inside = sorted(span for span in covered if span[0] < last and first < span[1])
        if not inside or _inside(reading.span, inside):
            yield reading
            continue
        for a, b in [*inside, (last, last)]:
            if first < a:
                yield from request.readings_in(first, a)
            first = max(first, b)


def _ask(request: Request, lost: list[Span], again: Planned) -> Unclear:
    head, lost = request.head, _joined(request.head, lost)
    named = " and ".join(f"“{head[a:b].strip(' ,;()')}”" for a, b in lost)
    without = _cut(head, lost) + request.courtesy + request.tail
    choices = (without,) if isinstance(again(without), Plan) else ()
    return Unclear(
        message=f"I cannot keep to {named} here, so nothing was done. Say it in other words (days or "
        "hours: “not Monday”, “after 3pm”), put it in quotation marks if it is a name, or leave it out"
        + (":" if choices else "."),
        choices=choices,
    )


def _left_out(request: Request, made: Plan, span: Span, planned: Planned, *, names: bool = True) -> bool:
    """Whether a plan stays the same, with its names or but for them, where words are left out of the wish."""
    less = planned(_cut(request.head, [span]) + request.courtesy + request.tail)
    told = _TOLD if names else _TOLD | _NAMES
    return less is _TOO_MUCH or (isinstance(less, Plan) and _essence(less, told) == _essence(made, told))


def _essence(made: Plan, told: frozenset[str]) -> list[tuple[str, dict[str, Any]]]:
    told = told - {"hold_until"}  # until when a time is kept is what "until" says
    return [(s.op, {n: v for n, v in s.args.items() if n not in told}) for s in made.steps]


def _cut(head: str, spans: list[Span]) -> str:
    text, at = "", 0
    for first, last in sorted(spans):
        if first >= at:
            text += head[at:first] + " "
            at = last
    text = " ".join((text + head[at:]).split())
    return re.sub(r"(?:\s*([,;]))+", r"\1", text).strip(" ,;")


def _whole(head: str, reading: Reading) -> Span:
    """A time with the words in front that belong to it."""
    lead = _LEAD.search(head, 0, reading.span[0])
    return (lead.start() if lead else reading.span[0]), reading.span[1]


def _joined(head: str, spans: list[Span]) -> list[Span]:
    """Places in order, those that touch as one, each with its clause ("not the one on Friday")."""
    made: list[Span] = []
    for first, last in sorted(spans):
        clause = max(head.rfind(mark, 0, first) for mark in ",;")
        if clause >= 0 and (no := _NOT.search(head, clause, first)):
            first = no.start()
        if made and (first <= made[-1][1] or _LITTLE.fullmatch(head, made[-1][1], first)):
            made[-1] = (min(made[-1][0], first), max(made[-1][1], last))
        else:
            made.append((first, last))
    return made


def _with_what(request: Request, span: Span) -> Span:
    """A word that limits, with the time behind it."""
    behind = next((r for r in request.readings if r.span[0] >= span[1]), None)
    near = behind is not None and _LITTLE.fullmatch(request.head, span[1], behind.span[0])
    return span if behind is None or not near or behind.kind == "duration" else (span[0], behind.span[1])


def _inside(span: Span, covered: list[Span]) -> bool:
    return any(a <= span[0] and span[1] <= b for a, b in covered)


def _said_aside(request: Request, made: Plan) -> list[Span]:
    """Where the words stand that the plan names as what it keeps to."""
    found: list[Span] = []
    low = request.head.casefold()
    for words in m[1].split("; ") if (m := _ASIDE.search(made.objective)) else ():
        at = low.find(words.casefold())
        if words and at >= 0:
            lead = _LEAD.search(request.head, 0, at)
            found.append((lead.start() if lead else at, at + len(words)))
    return found


@dataclass(frozen=True)
class _Kept:
    """What the arguments of a plan say of time, and by what names."""

    plan: Plan

    def names_with(self, words: str) -> bool:
        """Whether words are part of a name: a title, what an event is called, the text of a mail."""
        low = tidy(words).casefold()
        return bool(low) and any(re.search(rf"\b{re.escape(low)}\b", name) for name in self._names)

    @property
    def stays(self) -> bool:
        """Whether events were named that are left out."""
        return any(step.args.get("stays") for step in self.plan.steps)

    def has(self, address: str) -> bool:
        """Whether somebody is in it."""
        return any(address in words for words in self._words)

    def mistaken(self, words: str) -> bool:
        """Whether a limit became a part of what an event is called by."""
        return _SURELY.match(words) is not None and any(
            re.search(rf"(?:^|\W){re.escape(words.split()[-1].casefold())}(?:\W|$)", str(v).casefold())
            for n, v in self._flat if n == "about"
        )  # fmt: skip

    def keeps(self, reading: Reading) -> bool:
        """Whether an argument says the same as a time, or lies within it."""
        if reading.anchor is not None or reading.negated or reading.excludes:
            return False
        if reading.kind == "duration":
            return reading.seconds in self._lengths and not _OTHER_LENGTH.search(reading.text)
        if reading.kind == "recurrence":
            return any(reading.rrule in words for words in self._words)
        if reading.kind == "instant":
            return any(reading.start in one for one in self._windows)
        if reading.start is None and reading.end in self._terms:
            return True  # "hold it until Wednesday"
        low, high = reading.start or _NEVER, reading.end or _EVER
        return any(low <= a and b <= high for a, b in self._windows)

    @cached_property
    def _flat(self) -> list[tuple[str, Any]]:
        return [pair for step in self.plan.steps for pair in _leaves(step.args)]

    @cached_property
    def _names(self) -> list[str]:
        return [str(v).casefold() for n, v in self._flat if n in _NAMES]

    @cached_property
    def _words(self) -> list[str]:
        return [v for _, v in self._flat if isinstance(v, str)]

    @cached_property
    def _lengths(self) -> set[int]:
        numbers = [(n, abs(v)) for n, v in self._flat if isinstance(v, int) and not isinstance(v, bool)]
        return {v if n == "seconds" else v * (86_400 if n == "days" else 60) for n, v in numbers}

    @cached_property
    def _terms(self) -> set[datetime]:
        """Until when times are kept."""
        said = (_moment(step.args.get("hold_until")) for step in self.plan.steps)
        return {moment for moment in said if moment}

    @cached_property
    def _windows(self) -> list[tuple[datetime, datetime]]:
        """Stretches that the plan looks into, and moments that it sets."""
        found: list[tuple[datetime, datetime]] = []
        for step in self.plan.steps:
            found += _windows(step.args)
        return found


def _windows(args: dict[str, Any]) -> Iterator[tuple[datetime, datetime]]:
    low, high = _moment(args.get("start")), _moment(args.get("end"))
    if low and high:
        yield low, high
    elif low:
        yield low, low if args.get("at") is True else _EVER
    for name in ("at", "first", "hold_until"):
        if at := _moment(args.get(name)):
            yield at, at
    day = args.get("day")
    if isinstance(day, str):
        midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
        yield midnight + timedelta(hours=12), midnight + timedelta(hours=12)
    for pair in (*args.get("within", ()), *([args["window"]] if "window" in args else [])):
        first, last = map(_moment, pair)
        if first and last:
            yield first, last


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) < len("2026-11-22T08:00"):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _TOLD:
                yield from _leaves(inner, name if name in _NAMES else key)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value
