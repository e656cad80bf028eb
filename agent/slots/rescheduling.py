"""Make room for a meeting by moving others: which, where to, and what it costs. Exact for up to two that move
at a time.

Only meetings that stand where the new one would go are moved, each to a time that is free as things are;
nothing else moves to make room for them. So every proposal can be carried out in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

from deskhand.agent.slots.constraints.of_meeting import rules_of
from deskhand.agent.slots.constraints.rule import leave
from deskhand.agent.slots.find import NOTICE, find_slots
from deskhand.agent.slots.intervals.clocks import grid_starts
from deskhand.agent.slots.intervals.minutes import before, ceil_minute, floor_minute
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import Availability, Conflict, Interval, Slot, SlotRequest, each_once
from deskhand.agent.slots.phrases import listed
from deskhand.agent.slots.several.find import MOST_STEPS
from deskhand.agent.slots.several.model import Wanted
from deskhand.agent.slots.several.problem import Problem, identity

MOST_MOVED = 2
"""So many meetings move at most to make room for one."""


@dataclass(frozen=True, slots=True)
class Movable:
    """A meeting that may move, and who is in it."""

    interval: Interval
    """When it is now; its `importance` is what moving it costs, its `name` what it is called."""
    people: tuple[Availability, ...]
    """Everybody in it, as in `find_slots`, with this meeting still in their calendars. All the required
    ones are free where it goes; one whose calendar is not known is named in its slot as not confirmed."""
    request: SlotRequest | None = None
    """Where it may go; None: as long as it is now, anywhere in the window of the meeting asked for."""

    def __post_init__(self) -> None:
        if self.interval.importance is None or self.interval.importance < 0:
            raise ValueError(f"{self.called} has no importance from 0 on, so it stays where it is")

    @property
    def called(self) -> str:
        """What to call it in a sentence."""
        return self.interval.name or "a meeting"


@dataclass(frozen=True, slots=True)
class Moved:
    """A meeting that moves, and where to."""

    movable: Movable
    slot: Slot


@dataclass(frozen=True, slots=True)
class Moving:
    """A time for a meeting, and what has to move for it."""

    slot: Slot
    moved: tuple[Moved, ...]
    """In the order in which they take place now; empty: nothing has to."""
    importance: int
    """The sum of what the moved meetings are worth."""
    points: int
    """What is held against the slot and the new places, together."""
    why: str
    """In words: what moves where, then the facts about the slot."""


@dataclass(frozen=True, slots=True)
class MovingProposal:
    """Ways to make room, best first, or why there is none: exactly one of the two."""

    ways: tuple[Moving, ...] = ()
    conflict: Conflict | None = None
    proven: bool = True
    """False: the work allowed was used up, so that better ways may have been missed."""


def find_by_moving(
    people: Sequence[Availability],
    request: SlotRequest,
    movable: Sequence[Movable],
    *,
    now: datetime,
    notice: timedelta = NOTICE,
    limit: int = 3,
    most_steps: int = MOST_STEPS,
) -> MovingProposal:
    """The best times for a meeting if others move out of its way, or why there is none.

    Ranked by the least importance moved in all, then the fewest meetings moved, then the points of all
    slots together, then the earliest. Each proposal moves another set of meetings; the first moves none if
    a time is free. No meeting moves that need not. One that begins before `now + notice` stays.

    People are the same as in `find_together`, and so are their buffers and `most_a_day`. What stands in
    somebody's calendar at exactly the time of a meeting that may move is taken for it, once, if the person
    is in it; what a calendar shows as one longer stretch stays. Rooms stay as they are booked.

    :raises ValueError: as `find_slots`.
    """
    room = _Room(people, request, _may_move(movable, now + notice), now=now, notice=notice)
    ways: list[Moving] = []
    proven, stuck, last = True, "", (-1, -1)
    for some in room.sets():
        if len(ways) >= limit and room.cost(some) != last:
            break
        last = room.cost(some)
        if starts := room.needing(some):
            found, sure = room.placed(some, starts, most_steps=most_steps)
            proven = proven and sure
            if found is not None:
                ways.append(found)
            else:
                stuck = stuck or room.named(some)
    if ways:
        ways.sort(key=lambda w: (w.importance, len(w.moved), w.points, w.slot.start.timestamp()))
        return MovingProposal(tuple(ways[:limit]), proven=proven)
    conflict = find_slots(people, request, now=now, notice=notice).conflict or Conflict("")
    rest = "No meeting that may move makes room."
    if stuck:
        rest = f"Without {stuck} there would be room, but no time is free to move to."
    conflict = replace(conflict, message=f"{conflict.message} {rest}")
    return MovingProposal(conflict=conflict, proven=proven)


def _may_move(movable: Sequence[Movable], earliest: datetime) -> list[Movable]:
    """In the order of time, whatever order they are named in."""
    fine = [
        m
        for m in movable
        if before(m.interval.start, m.interval.end) and not before(m.interval.start, earliest)
    ]
    return sorted(fine, key=lambda m: (m.interval.start.timestamp(), m.interval.end.timestamp(), m.called))


class _Room:
    """What room there is for a meeting as others are away; these by their numbers, in order."""

    def __init__(
        self,
        people: Sequence[Availability],
        request: SlotRequest,
        movable: Sequence[Movable],
        *,
        now: datetime,
        notice: timedelta,
    ) -> None:
        self._people, self._request, self._movable = each_once(people), request, movable
        self._now, self._notice = now, notice
        self._window = Window.of(request, now=now, notice=notice)
        self._key = identity([people, *(m.people for m in movable)])
        self._members = [{self._key(p) for p in m.people} for m in movable]
        self._when = [_times(m.interval) for m in movable]
        self._known: dict[tuple[int, ...], frozenset[int]] = {}
        self._calendars: dict[int, tuple[Availability, dict[tuple[float, float], list[int]]]] = {}
        """By identity, which the person kept beside it keeps good."""

    def named(self, some: Sequence[int]) -> str:
        return listed([self._movable[n].called for n in some])

    def cost(self, some: Sequence[int]) -> tuple[int, int]:
        """The importance of these, and how many they are."""
        return sum(self._movable[n].interval.importance or 0 for n in some), len(some)

    def sets(self) -> list[tuple[int, ...]]:
        """The sets that could make room, the cheapest first, the empty one among them."""
        every = tuple(range(len(self._movable)))
        most = self._starts(every)
        needed: dict[int, list[int]] = {start: [] for start in most}
        for one in every:
            for start in most - self._starts(tuple(n for n in every if n != one)):
                needed[start].append(one)
        made: set[tuple[int, ...]] = {()}
        for must in {tuple(some) for some in needed.values() if len(some) <= MOST_MOVED}:
            made.add(must)
            if {start for start, some in needed.items() if tuple(some) == must} <= self._starts(must):
                continue
            # Something else has to move too, but not one thing only: a day that is full of meetings.
            rest = [n for n in every if n not in must]
            for more in range(1, MOST_MOVED - len(must) + 1):
                made.update(tuple(sorted((*must, *others))) for others in combinations(rest, more))
        return sorted(made, key=lambda some: (self.cost(some), some))

    def needing(self, some: tuple[int, ...]) -> frozenset[int]:
        """The starts that are free if just these move, and not if fewer of them do."""
        starts = self._starts(some)
        for fewer in combinations(some, len(some) - 1) if some else ():
            starts -= self._starts(fewer)
        return starts

    def placed(
        self, some: tuple[int, ...], starts: Collection[int], *, most_steps: int
    ) -> tuple[Moving | None, bool]:
        """The best way to hold the meeting at one of these starts and these elsewhere, and whether it is
        certain that there is no better one, or none."""
        moved = [self._movable[n] for n in some]
        wanted = [Wanted("", self._freed(self._people, some), self._request)]
        wanted += [Wanted(m.called, self._freed(m.people, some), self._may_go(m)) for m in moved]
        problem = Problem.of(wanted, (), now=self._now, notice=self._notice)
        here = tuple(option for option in problem.choices[0] if option.start in starts)
        problem = replace(problem, choices=(here, *problem.choices[1:]))
        found = problem.search(range(len(wanted)), problem.bonds, most_steps=most_steps).best()
        if found.chosen is None:
            return None, found.proven
        (_, slot), *slots = problem.schedule(range(len(wanted)), found.chosen).slots
        places = tuple(Moved(m, s) for m, (_, s) in zip(moved, slots, strict=True))
        importance, points = self.cost(some)[0], slot.points + sum(p.slot.points for p in places)
        why = "; ".join([*(_words(p) for p in places), slot.why])
        return Moving(slot, places, importance, points, why), found.proven

    def _starts(self, some: tuple[int, ...]) -> frozenset[int]:
        """The starts that are free if these are away."""
        if some not in self._known:
            starts: Iterable[int] = ()
            if self._window.holds(self._request.minutes):
                rules = rules_of(self._freed(self._people, some), self._request, self._window)
                free = leave(rules, self._window.within, self._request.minutes)
                segments = self._window.segments(self._request.zone)
                starts = grid_starts(free, segments, grid=self._request.grid)
            self._known[some] = frozenset(starts)
        return self._known[some]

    def _freed(self, people: Sequence[Availability], some: tuple[int, ...]) -> tuple[Availability, ...]:
        """These people without these meetings in their calendars."""
        return tuple(self._without(p, some) for p in people)

    def _without(self, person: Availability, some: Sequence[int]) -> Availability:
        key = self._key(person)
        theirs = [number for number in some if key in self._members[number]]
        if not theirs or not person.busy:
            return person
        away: set[int] = set()
        for number in theirs:
            same = [n for n in self._standing(person).get(self._when[number], ()) if n not in away]
            if same:
                # By its name, if more than one thing is there at that very time.
                name = self._movable[number].interval.name
                away.add(next((n for n in same if person.busy[n].name == name), same[0]))
        return replace(person, busy=tuple(i for n, i in enumerate(person.busy) if n not in away))

    def _standing(self, person: Availability) -> dict[tuple[float, float], list[int]]:
        """What stands in a calendar at which time, by position."""
        if id(person) not in self._calendars:
            made: dict[tuple[float, float], list[int]] = {}
            for n, interval in enumerate(person.busy or ()):
                made.setdefault(_times(interval), []).append(n)
            self._calendars[id(person)] = (person, made)
        return self._calendars[id(person)][1]

    def _may_go(self, movable: Movable) -> SlotRequest:
        if movable.request is not None:
            return movable.request
        there, asked = movable.interval, self._request
        minutes = ceil_minute(there.end) - floor_minute(there.start)
        return SlotRequest(minutes, asked.start, asked.end, zone=asked.zone, grid=asked.grid)


def _times(interval: Interval) -> tuple[float, float]:
    return interval.start.timestamp(), interval.end.timestamp()


def _words(place: Moved) -> str:
    zone = place.slot.start.tzinfo
    was, then = place.movable.interval.start.astimezone(zone), place.slot.start
    unsure = f", not confirmed with {listed(place.slot.unconfirmed)}" if place.slot.unconfirmed else ""
    absent = f", without {listed(place.slot.absent)}" if place.slot.absent else ""
    return f"{place.movable.called} moves from {_day(was)} to {_day(then)}{unsure}{absent}"


def _day(day: datetime) -> str:
    return f"{day:%a} {day.day} {day:%b %H:%M}"
