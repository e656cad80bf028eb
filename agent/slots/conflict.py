"""Why nothing fits: the fewest rules that bar every start, and the nearest ways out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from operator import xor
from zoneinfo import ZoneInfo

from deskhand.agent.slots.covers import fewest
from deskhand.agent.slots.ground import Ground
from deskhand.agent.slots.model import Availability, Conflict, Slot, SlotRequest
from deskhand.agent.slots.ranking import Ranking
from deskhand.agent.slots.rules import Rule, leave, rules_of, series
from deskhand.agent.slots.spans import before, ceil_minute, floor_minute, grid_starts, runs
from deskhand.agent.slots.words import Wording

_NAMED = 4
"""How many rules a message names; `blockers` has them all."""

_TRIED = 8
"""For how many rules, and for how many people, ways out are looked for."""

_BEYOND = timedelta(days=28)
"""How far after the window the nearest time is looked for, as far as calendars are known."""


def too_short(request: SlotRequest, ground: Ground) -> Conflict:
    """Of a window that is past, or not long enough."""
    asked = ("the time asked for",)
    if not before(ground.now, request.end):
        return Conflict("That time is past.", asked)
    if floor_minute(request.end) - ceil_minute(request.start) < request.minutes:
        return Conflict(f"The time asked for is shorter than {request.minutes} minutes.", asked)
    ahead = f"{ground.notice // timedelta(minutes=1)} minutes"
    message = f"Not enough of that time is left: nothing is proposed less than {ahead} ahead."
    return Conflict(message, (*asked, f"{ahead} of notice"))


def conflict_of(
    people: Sequence[Availability], request: SlotRequest, rules: Sequence[Rule], ground: Ground
) -> Conflict:
    """Why these rules leave nothing of a window that is long enough. Only if they leave nothing."""
    request = replace(request, longest=0)
    barred = _barred(request, rules, ground)
    core, least = fewest(set(barred.values()))
    names = tuple(rules[n].name for n in core)
    nearest = [
        *_shorter(people, request, rules, ground),
        *_giving_way(people, request, rules, barred, ground),
        *_without(people, request, rules, barred, ground),
        *_after(people, request, ground),
    ]
    message = _message(request, names, several=len(nearest))
    return Conflict(message, names, tuple(nearest), least)


def _barred(request: SlotRequest, rules: Sequence[Rule], ground: Ground) -> dict[int, int]:
    """By which rules each start on the grid is barred: bit n stands for rule n."""
    low, high = ground.within
    every = [(low, high - request.minutes + 1)]
    starts = list(grid_starts(every, ground.segments(request.zone), grid=request.grid))
    steps = [0] * (len(starts) + 1)
    for number, rule in enumerate(rules):
        bit = 1 << number
        for first, end in runs(starts, rule.barred(request.minutes)):
            steps[first] ^= bit
            steps[end] ^= bit
    return dict(zip(starts, accumulate(steps, xor), strict=False))


def _message(request: SlotRequest, names: Sequence[str], *, several: int) -> str:
    zone = ZoneInfo(request.zone)
    first, last = request.start.astimezone(zone), request.end.astimezone(zone)
    message = f"No {request.minutes} minutes are left between {_day(first)} and {_day(last)}"
    shown = names if len(names) <= _NAMED else (*names[:_NAMED], f"{len(names) - _NAMED} more rules")
    if names:
        message += f", given {series(shown)}."
    else:
        message += f": none begins on a multiple of {request.grid} minutes."
    if several:
        message += f" {several} nearby {'time is' if several == 1 else 'times are'} possible."
    return message


def _shorter(
    people: Sequence[Availability], request: SlotRequest, rules: Sequence[Rule], ground: Ground
) -> Iterator[Slot]:
    """The longest meeting that fits, if it is at least half of what was asked for."""
    step = min(5, request.grid)
    lengths = [n for n in range(step, request.minutes, step) if n * 2 >= request.minutes]

    def fits(minutes: int) -> bool:
        free = leave(rules, ground.within, minutes)
        return any(True for _ in grid_starts(free, ground.segments(request.zone), grid=request.grid))

    # What fits a longer meeting fits a shorter one.
    if at := bisect_left(lengths, True, key=lambda minutes: not fits(minutes)):
        less = replace(request, minutes=lengths[at - 1])
        yield from _best(people, less, rules, ground, f"if {less.minutes} minutes are enough")


def _giving_way(
    people: Sequence[Availability],
    request: SlotRequest,
    rules: Sequence[Rule],
    barred: dict[int, int],
    ground: Ground,
) -> Iterator[Slot]:
    """For each rule that alone bars some start the smallest step by which it alone makes room."""
    alone = sorted({mask.bit_length() - 1 for mask in barred.values() if mask.bit_count() == 1})
    for number in alone[:_TRIED]:
        rule = rules[number]
        for words, bars in rule.ways:
            given = [*rules[:number], replace(rule, bars=bars), *rules[number + 1 :]]
            if slots := list(_best(people, request, given, ground, words)):
                yield from slots
                break


def _without(
    people: Sequence[Availability],
    request: SlotRequest,
    rules: Sequence[Rule],
    barred: dict[int, int],
    ground: Ground,
) -> Iterator[Slot]:
    """The meeting without one of those who stand against it; never without the asker."""
    theirs: dict[int, int] = {}
    for number, rule in enumerate(rules):
        theirs[id(rule.person)] = theirs.get(id(rule.person), 0) | 1 << number
    alone: set[int] = set()
    for mask in set(barred.values()):
        first = rules[mask.bit_length() - 1].person
        if first is not None and not mask & ~theirs[id(first)]:
            alone.add(id(first))
    for person in [p for p in people[1:] if id(p) in alone][:_TRIED]:
        fewer = [replace(p, required=False) if p is person else p for p in people]
        given = [r for r in rules if r.person is not person]
        yield from _best(fewer, request, given, ground, f"if it may be without {person.called}")


def _after(people: Sequence[Availability], request: SlotRequest, ground: Ground) -> Iterator[Slot]:
    """The first time after the window, as far as every calendar that was given is known there."""

    # What is known of the window asked about says nothing of the time after it.
    def until(known: Sequence[Availability]) -> list[Availability]:
        return [replace(k, known_until=k.known_until or request.end) for k in known]

    people = until(people)
    known = [p.known_until for p in people if p.known_until and p.required and p.busy is not None]
    last = request.end.astimezone(UTC)
    end = min([last + _BEYOND, *(k.astimezone(UTC) for k in known)])
    if end <= last:
        return
    start = last - timedelta(minutes=request.minutes - 1)
    later = replace(request, start=start, end=end, rooms=tuple(until(request.rooms)))
    ground = ground.over(later)
    if ground.holds(later.minutes):
        yield from _best(people, later, rules_of(people, later, ground), ground, "if it may be later")


def _best(
    people: Sequence[Availability],
    request: SlotRequest,
    rules: Sequence[Rule],
    ground: Ground,
    condition: str,
) -> Iterator[Slot]:
    ranking = Ranking(people, request, ground)
    if scored := ranking.scored(rules):
        one = min(scored, key=lambda s: (s.points, s.start))
        slot = Wording(people, request, ground).slot(one, ranking, first=one is scored[0])
        yield replace(slot, why=f"{condition}; {slot.why}")


def _day(day: datetime) -> str:
    return f"{day:%a} {day.day} {day:%b %H:%M}"
