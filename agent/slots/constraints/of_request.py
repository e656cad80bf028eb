"""The rules of a request itself, in the order that `Conflict` states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import time

from deskhand.agent.slots.constraints.rule import Bars, Rule, closed, giving, nothing
from deskhand.agent.slots.intervals.minutes import DAY, before, ceil_minute, floor_minute
from deskhand.agent.slots.intervals.spans import EVER, Span, Spans
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import PARTS, Interval, Part, SlotRequest, Week
from deskhand.agent.slots.phrases import clock, day_of_year, listed, named_or

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def rules_of_the_request(request: SlotRequest, window: Window) -> Iterator[Rule]:
    def daily(*spans: Span) -> Spans:
        return window.daily(request.zone, spans)

    if request.not_before is not None:
        first = _minute(request.not_before)
        yield Rule(
            f"not before {clock(first)}",
            closed(daily((0, first))),
            giving(f"if it may begin before {clock(first)}", lambda g: daily((0, max(0, first - g)))),
        )
    if request.not_after is not None:
        last = _minute(request.not_after) or DAY
        yield Rule(
            f"not after {clock(last)}",
            closed(daily((last, DAY))),
            giving(f"if it may end after {clock(last)}", lambda g: daily((min(DAY, last + g), DAY))),
        )
    if request.parts:
        named = _parts(request.parts)
        yield Rule(
            f"only in the {named}",
            closed(window.closed(daily(*(PARTS[p] for p in sorted(request.parts))))),
            ((f"if it need not be in the {named}", nothing),),
        )
    if request.not_parts:
        named = _parts(request.not_parts)
        yield Rule(
            f"not in the {named}",
            closed(daily(*(PARTS[p] for p in sorted(request.not_parts)))),
            ((f"if the {named} would do after all", nothing),),
        )
    if request.not_on:
        yield _not_on(request, window)
    if request.not_dates:
        yield _not_dates(request, window)
    if request.within:
        yield Rule(
            f"only {named_or(request.within, 'at the times named', 'within')}",
            closed(_cuts(request.within)),
            (("if it may lie at another time than named", nothing),),
        )
    if request.avoid:
        yield _avoid(request.avoid, window)


def _not_on(request: SlotRequest, window: Window) -> Rule:
    def these(days: Iterable[int]) -> Spans:
        ruled_out = set(days)
        whole: Week = tuple(((0, DAY),) if day in ruled_out else () for day in range(7))
        return window.weekly(request.zone, whole)

    days = sorted(request.not_on)
    named = listed([_WEEKDAYS[d] for d in days], "or")
    ways = [(_WEEKDAYS[d], closed(these(request.not_on - {d}))) for d in days] if len(days) > 1 else []
    return Rule(
        f"not on {named}",
        closed(these(days)),
        tuple((f"if {words} would do after all", bars) for words, bars in [*ways, (named, nothing)]),
    )


def _not_dates(request: SlotRequest, window: Window) -> Rule:
    days = [d for d in sorted(request.not_dates) if window.dates(request.zone, [d])]
    named = listed([day_of_year(d) for d in days or sorted(request.not_dates)], "or")
    ways = [(day_of_year(d), closed(window.dates(request.zone, request.not_dates - {d}))) for d in days]
    return Rule(
        f"not on {named}",
        closed(window.dates(request.zone, days)),
        tuple((f"if {words} would do after all", bars) for words, bars in [*ways, (named, nothing)]),
    )


def _avoid(avoid: Sequence[Interval], window: Window) -> Rule:
    def named(intervals: Sequence[Interval]) -> str:
        return named_or(intervals, "the times ruled out", "")

    def but(one: Interval) -> Bars:
        return closed(window.stretches(i for i in avoid if i is not one))

    ways = [(named([i]), but(i)) for i in avoid if i.name]
    return Rule(
        f"not during {named(avoid)}",
        closed(window.stretches(avoid)),
        tuple((f"if it may touch {words}", bars) for words, bars in [*ways, (named(avoid), nothing)]),
    )


def _cuts(within: Sequence[Interval]) -> Spans:
    """What a meeting that lies wholly in one of these may not touch. Where two touch or overlap, the cut
    between them is empty or backward: no meeting lies in it, but none may begin before its end and end
    after its start (see `touching`)."""
    whole = sorted((ceil_minute(i.start), -floor_minute(i.end)) for i in within if before(i.start, i.end))
    cuts: Spans = []
    at = -EVER
    for start, minus in whole:
        if start < -minus and -minus > at:
            cuts.append((at, start))
            at = -minus
    return [*cuts, (at, EVER)]


def _parts(parts: Iterable[Part]) -> str:
    wanted = set(parts)
    return listed([p for p in PARTS if p in wanted], "or")


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute
