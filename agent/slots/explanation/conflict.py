"""Why nothing fits: the fewest rules that bar every start, and the nearest ways out."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.slots.constraints.of_meeting import rules_of
from deskhand.agent.slots.constraints.rule import Cut, Rule, leave
from deskhand.agent.slots.explanation.facts import Wording
from deskhand.agent.slots.explanation.hitting_set import fewest
from deskhand.agent.slots.intervals.clocks import grid_starts
from deskhand.agent.slots.intervals.minutes import before, ceil_minute, floor_minute
from deskhand.agent.slots.intervals.spans import touching
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import Availability, Conflict, Slot, SlotRequest
from deskhand.agent.slots.objective.ranking import Ranking
from deskhand.agent.slots.phrases import in_words, listed, minutes_in_words

_GRIDS = {60: "on the full hour", 30: "on the hour or half hour", 15: "on a quarter of an hour"}
"""Where on the clock a meeting may begin."""

_NAMED = 4
"""How many rules a message names; `blockers` has them all."""

_TRIED = 8
"""For how many rules, and for how many people, ways out are looked for."""

_BEYOND = timedelta(days=28)
"""How far after the window the nearest time is looked for, as far as calendars are known."""


def too_short(request: SlotRequest, window: Window) -> Conflict:
    """Of a window that is past, or not long enough."""
    asked = ("the time asked for",)
    if not before(window.now, request.end):
        return Conflict("That time is past.", asked)
    if floor_minute(request.end) - ceil_minute(request.start) < request.minutes:
        return Conflict(f"The time asked for is shorter than {request.minutes} minutes.", asked)
    ahead = in_words(window.notice)
    message = f"Not enough of that time is left: nothing is proposed less than {ahead} ahead."
    return Conflict(message, (*asked, f"{ahead} of notice"))


def conflict_of(
    people: Sequence[Availability], request: SlotRequest, rules: Sequence[Rule], window: Window
) -> Conflict:
    """Why these rules leave nothing of a window that is long enough. Only if they leave nothing."""
    request = replace(request, longest=0)
    shared = _shared(rules, request.minutes)
    barred = _barred(request, shared, window)
    # A rule that bars what an earlier one does is in no first of the smallest sets.
    first = sum(bits & -bits for _, bits in shared)
    core, least = fewest({mask & first for mask in barred})
    names = tuple(rules[n].name for n in core)
    alone = [rules[n] for n in sorted(mask.bit_length() - 1 for mask in barred if mask.bit_count() == 1)]
    in_the_way = _in_the_way(people, rules, barred)
    # Those that clash leave nothing: looked at first, they mostly spare the others.
    rules = [*(rules[n] for n in core), *(rule for n, rule in enumerate(rules) if n not in core)]
    nearest = [
        *_shorter(people, request, rules, window),
        *_giving_way(people, request, rules, alone[:_TRIED], window),
        *_without(people, request, rules, in_the_way[:_TRIED], window),
        *_after(people, request, window),
    ]
    message = _message(request, names, several=len(nearest))
    return Conflict(message, names, tuple(nearest), least)


def _shared(rules: Sequence[Rule], minutes: int) -> list[tuple[Cut, int]]:
    """What rules bar, and which of them bar just that: people who share their hours share one cut. Bit n
    stands for rule n."""
    made: dict[tuple[int, int], tuple[Cut, int]] = {}
    for number, rule in enumerate(rules):
        cut = rule.bars(minutes)
        # The cut is kept with its id, so that this stays its own.
        kept, bits = made.get((id(cut.spans), cut.lead), (cut, 0))
        made[id(cut.spans), cut.lead] = kept, bits | 1 << number
    return list(made.values())


def _barred(request: SlotRequest, shared: Sequence[tuple[Cut, int]], window: Window) -> set[int]:
    """The sets of rules by which the starts on the grid are barred."""
    low, high = window.within
    every = [(low, high - request.minutes + 1)]
    starts = list(grid_starts(every, window.segments(request.zone), grid=request.grid))
    changes: defaultdict[int, int] = defaultdict(int)
    for (spans, lead), bits in shared:
        for begin, end in touching(spans, lead + 1):
            changes[begin] ^= bits
            changes[end] ^= bits
    found: set[int] = set()
    at = barring = 0
    for minute, change in sorted(changes.items()):
        after = bisect_left(starts, minute, at)
        if at < after:
            found.add(barring)
        at, barring = after, barring ^ change
    return found | {barring} if at < len(starts) else found


def _message(request: SlotRequest, names: Sequence[str], *, several: int) -> str:
    zone = ZoneInfo(request.zone)
    first, last = request.start.astimezone(zone), request.end.astimezone(zone)
    until = f"{last:%H:%M}" if first.date() == last.date() else _day(last)
    left = "Not one minute is" if request.minutes == 1 else f"No {request.minutes} minutes are"
    message = f"{left} left between {_day(first)} and {until}"
    shown = names if len(names) <= _NAMED else (*names[:_NAMED], f"{len(names) - _NAMED} more rules")
    if names:
        message += f". In the way: {listed(shown)}."
    else:
        where = _GRIDS.get(request.grid, f"on a multiple of {request.grid} minutes")
        message += f": it would have to begin {where}."
    if several:
        message += f" {several} nearby {'time is' if several == 1 else 'times are'} possible."
    return message


def _shorter(
    people: Sequence[Availability], request: SlotRequest, rules: Sequence[Rule], window: Window
) -> Iterator[Slot]:
    """The longest meeting that fits, if it is at least half of what was asked for."""
    step = min(5, request.grid)
    lengths = [n for n in range(step, request.minutes, step) if n * 2 >= request.minutes]

    def fits(minutes: int) -> bool:
        free = leave(rules, window.within, minutes)
        return any(True for _ in grid_starts(free, window.segments(request.zone), grid=request.grid))

    # What fits a longer meeting fits a shorter one.
    if at := bisect_left(lengths, True, key=lambda minutes: not fits(minutes)):
        less = replace(request, minutes=lengths[at - 1])
        enough = f"{minutes_in_words(less.minutes)} {'is' if less.minutes == 1 else 'are'} enough"
        yield from _best(people, less, rules, window, f"if {enough}")


def _giving_way(
    people: Sequence[Availability],
    request: SlotRequest,
    rules: Sequence[Rule],
    alone: Sequence[Rule],
    window: Window,
) -> Iterator[Slot]:
    """For each rule that alone bars some start the smallest step by which it alone makes room."""
    for rule in alone:
        others = [other for other in rules if other is not rule]
        for words, bars in rule.ways:
            given = [*others, replace(rule, bars=bars)]
            if slots := list(_best(people, request, given, window, words)):
                yield from slots
                break


def _in_the_way(
    people: Sequence[Availability], rules: Sequence[Rule], barred: Collection[int]
) -> list[Availability]:
    """Those whose rules alone bar some start; never the asker."""
    theirs: dict[int, int] = {}
    for number, rule in enumerate(rules):
        theirs[id(rule.person)] = theirs.get(id(rule.person), 0) | 1 << number
    alone: set[int] = set()
    for mask in barred:
        person = rules[mask.bit_length() - 1].person
        if person is not None and not mask & ~theirs[id(person)]:
            alone.add(id(person))
    return [p for p in people[1:] if id(p) in alone]


def _without(
    people: Sequence[Availability],
    request: SlotRequest,
    rules: Sequence[Rule],
    in_the_way: Sequence[Availability],
    window: Window,
) -> Iterator[Slot]:
    """The meeting without one of those who stand against it."""
    for person in in_the_way:
        fewer = [replace(p, required=False) if p is person else p for p in people]
        given = [r for r in rules if r.person is not person]
        yield from _best(fewer, request, given, window, f"if it may be without {person.called}")


def _after(people: Sequence[Availability], request: SlotRequest, window: Window) -> Iterator[Slot]:
    """The first time after the window, as far as every calendar that was given is known there."""
    # What is known of the window asked about says nothing of the time after it.
    known = [p.known_until or request.end for p in people if p.required and p.busy is not None]
    last = request.end.astimezone(UTC)
    end = min([last + _BEYOND, *(k.astimezone(UTC) for k in known)])
    if end <= last:
        return

    def until(known: Sequence[Availability]) -> list[Availability]:
        return [replace(k, known_until=k.known_until or request.end) for k in known]

    start = last - timedelta(minutes=request.minutes - 1)
    later = replace(request, start=start, end=end, rooms=tuple(until(request.rooms)))
    window = window.over(later)
    if window.holds(later.minutes):
        people = until(people)
        yield from _best(people, later, rules_of(people, later, window), window, "if it may be later")


def _best(
    people: Sequence[Availability],
    request: SlotRequest,
    rules: Sequence[Rule],
    window: Window,
    condition: str,
) -> Iterator[Slot]:
    ranking = Ranking(people, request, window)
    if scored := ranking.scored(rules):
        one = min(scored, key=lambda s: (s.points, s.start))
        slot = Wording(people, request, window).slot(one, ranking, first=one is scored[0])
        yield replace(slot, why=f"{condition}; {slot.why}")


def _day(day: datetime) -> str:
    return f"{day:%a} {day.day} {day:%b %H:%M}"
