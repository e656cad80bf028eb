"""Find a time for a meeting: one pure function over plain values, which reads nothing by itself.

Everything is an interval of whole minutes in UTC. Each rule (somebody's hours, somebody's calendar,
"not before ten") leaves a set of intervals; what they leave together, on the grid, is every time that
fits, and none is missed. Rules about wall clocks are cut where a zone's offset changes, so that a week
with a DST change is no special case.

**Unknown is never free.** Where somebody's calendar is not known, a time is offered as "not confirmed
with" that person and ranks below, or is refused where the person must be confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import Availability, Conflict, Proposal, Slot, SlotRequest
from deskhand.agent.slots.ranking import Ranking
from deskhand.agent.slots.rules import Ground, Rule, conflicting, leave, rules_of, series
from deskhand.agent.slots.spans import Spans, before, ceil_minute, common, floor_minute, grid_starts, moment

NOTICE = timedelta(minutes=30)
"""Nobody is called to a meeting sooner than this."""

_NAMED = 4
"""How many rules a message names; `blockers` has them all."""

_TRIED = 8
"""For how many rules of a conflict ways out are looked for."""

_BEYOND = timedelta(days=28)
"""How far after the window the nearest time is looked for, as far as calendars are known."""


def find_slots(
    people: Sequence[Availability],
    request: SlotRequest,
    *,
    now: datetime,
    notice: timedelta = NOTICE,
    limit: int = 5,
) -> Proposal:
    """The best times for a meeting, or what stands against it and the nearest ways out.

    `people` begins with the asker. Required people with known hours are met within them; required
    people with known calendars are free. Nothing begins before `now + notice`. The best time comes
    first; each further one is the best that overlaps none before it, so that they are real choices.
    Deterministic: the same arguments give the same answer.

    :raises ValueError: a time without zone, a window over two years, a grid that divides no hour.
    :raises zoneinfo.ZoneInfoNotFoundError: somebody's zone is not an IANA name.
    """
    ground = Ground.of(request, now=now, notice=notice)
    low, high = ground.within
    if high - low < request.minutes:
        return Proposal(conflict=_too_short(request, now=now, notice=notice))
    rules = rules_of(people, request, ground)
    starts = _starts(leave(rules, ground.within), request, ground)
    if not starts:
        return Proposal(conflict=_conflict(people, request, rules, ground, now=now, notice=notice))
    return Proposal(Ranking(people, request, ground).best(starts, limit=limit), None, len(starts))


def free_starts(
    people: Sequence[Availability], request: SlotRequest, *, now: datetime, notice: timedelta = NOTICE
) -> list[datetime]:
    """Every start on the grid at which the meeting fits, in order, in UTC."""
    ground = Ground.of(request, now=now, notice=notice)
    if ground.within[1] - ground.within[0] < request.minutes:
        return []
    rules = rules_of(people, request, ground)
    utc = ZoneInfo("UTC")
    return [moment(s, utc) for s in _starts(leave(rules, ground.within), request, ground)]


def _starts(free: Spans, request: SlotRequest, ground: Ground) -> list[int]:
    segments = ground.segments(request.zone)
    return list(grid_starts(free, segments, minutes=request.minutes, grid=request.grid))


def _too_short(request: SlotRequest, *, now: datetime, notice: timedelta) -> Conflict:
    asked = ("the time asked for",)
    if not before(now, request.end):
        return Conflict("That time is past.", asked)
    if floor_minute(request.end) - ceil_minute(request.start) < request.minutes:
        return Conflict(f"The time asked for is shorter than {request.minutes} minutes.", asked)
    ahead = f"{notice // timedelta(minutes=1)} minutes"
    message = f"Not enough of that time is left: nothing is proposed less than {ahead} ahead."
    return Conflict(message, (*asked, f"{ahead} of notice"))


def _conflict(
    people: Sequence[Availability],
    request: SlotRequest,
    rules: list[Rule],
    ground: Ground,
    *,
    now: datetime,
    notice: timedelta,
) -> Conflict:
    def fits(free: Spans) -> bool:
        segments = ground.segments(request.zone)
        return any(True for _ in grid_starts(free, segments, minutes=request.minutes, grid=request.grid))

    core = conflicting(rules, ground.within, fits)
    names = tuple(rule.name for rule in core)
    zone = ZoneInfo(request.zone)
    first, last = request.start.astimezone(zone), request.end.astimezone(zone)
    message = f"No {request.minutes} minutes are left between {_day(first)} and {_day(last)}: "
    shown = names if len(names) <= _NAMED else (*names[:_NAMED], f"{len(names) - _NAMED} more rules")
    if not names:
        message += f"none begins on a multiple of {request.grid} minutes."
    else:
        verb = "leave" if len(names) > 1 or "hours" in names[0] else "leaves"
        message += f"{series(shown)} {verb} no room{' together' if len(names) > 1 else ''}."
    nearest = [*_shorter(people, request, rules, ground), *_giving_way(people, request, rules, core, ground)]
    nearest += _without(people, request, rules, core, ground)
    nearest += _after(people, request, now=now, notice=notice)
    if nearest:
        message += f" {len(nearest)} nearby {'time is' if len(nearest) == 1 else 'times are'} possible."
    return Conflict(message, names, tuple(nearest))


def _shorter(
    people: Sequence[Availability], request: SlotRequest, rules: list[Rule], ground: Ground
) -> list[Slot]:
    """The longest meeting that fits, if it is at least half of what was asked for."""
    free = leave(rules, ground.within)
    segments = ground.segments(request.zone)
    longest = 0
    for span in free:
        for start in grid_starts([span], segments, minutes=1, grid=request.grid):
            longest = max(longest, span[1] - start)
            break
    longest -= longest % min(5, request.grid)
    if longest * 2 < request.minutes or longest >= request.minutes:
        return []
    less = replace(request, minutes=longest)
    return _best(people, less, free, ground, f"if {longest} minutes are enough")


def _giving_way(
    people: Sequence[Availability],
    request: SlotRequest,
    rules: list[Rule],
    core: list[Rule],
    ground: Ground,
) -> list[Slot]:
    """For each rule of the conflict the smallest step by which it alone makes room."""
    made: list[Slot] = []
    for rule in core[:_TRIED]:
        others = leave([r for r in rules if r is not rule], ground.within)
        for words, leaves in rule.ways:
            if slots := _best(people, request, common(others, leaves()), ground, words):
                made += slots
                break
    return made


def _without(
    people: Sequence[Availability],
    request: SlotRequest,
    rules: list[Rule],
    core: list[Rule],
    ground: Ground,
) -> list[Slot]:
    """The meeting without one of those who stand against it; never without the asker."""
    made: list[Slot] = []
    blocking = {id(rule.person) for rule in core[:_TRIED] if rule.person is not None}
    for person in people[1:]:
        if id(person) in blocking:
            fewer = [replace(p, required=False) if p is person else p for p in people]
            free = leave([r for r in rules if r.person is not person], ground.within)
            made += _best(fewer, request, free, ground, f"if it may be without {person.called}")
    return made


def _after(
    people: Sequence[Availability], request: SlotRequest, *, now: datetime, notice: timedelta
) -> list[Slot]:
    """The first time after the window, as far as every calendar that was given is known there."""
    # What is known of the window asked about says nothing of the time after it.
    people = [replace(p, known_until=p.known_until or request.end) for p in people]
    known = [p.known_until for p in people if p.known_until and p.required and p.busy is not None]
    last = request.end.astimezone(UTC)
    end = min([last + _BEYOND, *(k.astimezone(UTC) for k in known)])
    if end <= last:
        return []
    later = replace(request, start=last - timedelta(minutes=request.minutes - 1), end=end)
    ground = Ground.of(later, now=now, notice=notice)
    if ground.within[1] - ground.within[0] < later.minutes:
        return []
    free = leave(rules_of(people, later, ground), ground.within)
    return _best(people, later, free, ground, "if it may be later")


def _best(
    people: Sequence[Availability], request: SlotRequest, free: Spans, ground: Ground, condition: str
) -> list[Slot]:
    starts = _starts(free, request, ground)
    if not starts:
        return []
    slots = Ranking(people, request, ground).best(starts, limit=1)
    return [replace(slot, why=f"{condition}; {slot.why}") for slot in slots]


def _day(day: datetime) -> str:
    return f"{day:%a} {day.day} {day:%b %H:%M}"
