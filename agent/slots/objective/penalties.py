"""`Preferences` as penalties: every preference is a set of starts and the points held against each.

So ranking all starts is one sum along the time line, whatever the number of people.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from deskhand.agent.slots.constraints.of_meeting import free_room
from deskhand.agent.slots.constraints.of_person import rules_of_person
from deskhand.agent.slots.constraints.rule import thinned
from deskhand.agent.slots.intervals.minutes import DAY
from deskhand.agent.slots.intervals.spans import EVER, Span, Spans, common, joined, touching, united, without
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import PARTS, Availability, SlotRequest, Week

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Penalty:
    """Points against every start that lies in `starts`, for one kind of reason."""

    kind: str
    """A field of `Preferences`."""
    starts: Spans
    points: int
    """For all of `who` together."""
    who: tuple[str, ...] = ()

    def holds(self, start: int) -> bool:
        """Whether it is held against a start."""
        at = bisect_right(self.starts, (start, EVER)) - 1
        return at >= 0 and start < self.starts[at][1]


class Penalties:
    """What is held against the starts that the rules leave to a meeting of so many minutes. Nothing is said
    of other starts: only what lies near those that are left is looked at."""

    def __init__(
        self,
        people: Sequence[Availability],
        request: SlotRequest,
        window: Window,
        *,
        minutes: int,
        left: Spans,
    ) -> None:
        self._people = people
        self._required = [p for p in people if p.required]
        self._request = request
        self._prefer = request.prefer
        self._window = window
        self._minutes = minutes
        self._left = left
        self._days: dict[str, list[tuple[int, int, int]]] = {}

    def all(self) -> Iterator[Penalty]:
        """Every penalty but for those that hang on the length or the asker's clock alone."""
        yield from self._doubts()
        yield from self._by_the_clock()
        yield from self._rooms()
        for person in self._required:
            for kind, starts, points in self._by_the_calendar(person):
                if starts:
                    yield Penalty(kind, starts, points, (person.called,))

    def _doubts(self) -> Iterator[Penalty]:
        """Who may not be free, and who is not. They are named even where no points are held against it."""
        prefer, window = self._prefer, self._window
        optional = [p for p in self._people if not p.required]
        for kind, points, people in (
            ("unconfirmed", prefer.unconfirmed, self._required),
            ("doubtful", prefer.doubtful, optional),
        ):
            for known, names in _groups(people, window.known_until):
                if known < window.within[1]:
                    yield Penalty(kind, [(known - self._minutes + 1, EVER)], points * len(names), names)
        for person in optional:
            rules = rules_of_person(person, self._request, window)
            away = without(self._left, thinned(self._left, rules, self._minutes))
            yield Penalty("absent", away, prefer.absent, (person.called,))

    def _rooms(self) -> Iterator[Penalty]:
        left = self._left
        for number, room in enumerate(self._request.rooms):
            rest = without(left, free_room(room, self._request, self._window, self._minutes))
            yield Penalty("room", without(left, rest), self._prefer.room * number, (room.name,))
            left = rest

    def _by_the_clock(self) -> Iterator[Penalty]:
        """What a clock says against a time: people who share it are charged together."""
        prefer, window, minutes = self._prefer, self._window, self._minutes
        if prefer.parts:
            liked = window.daily(self._request.zone, [PARTS[p] for p in sorted(prefer.parts)])
            yield Penalty("part", touching(window.closed(liked), minutes), prefer.part)
        with_hours = [p for p in self._required if p.hours is not None]
        if prefer.lunch:
            for (zone, span), names in _groups(with_hours, lambda p: (p.zone, p.lunch or prefer.lunch_span)):
                starts = touching(window.daily(zone, [span]), minutes)
                yield Penalty("lunch", starts, prefer.lunch * len(names), names)
        if prefer.pain:
            with_clock = [p for p in self._required if p.clock_counts]
            for zone, names in _groups(with_clock, lambda p: p.zone):
                # n hours squared is the sum of the first n odd numbers: each begun hour adds its own.
                for hour, starts in enumerate(self._beyond_core(zone)):
                    yield Penalty("pain", starts, prefer.pain * (2 * hour + 1) * len(names), names)
        if prefer.dislike:
            some = [p for p in self._required if p.likes or p.likes_days]
            for (zone, likes, days), names in _groups(some, lambda p: (p.zone, p.likes, p.likes_days)):
                liked_hours = likes or ((0, DAY),)
                week: Week = tuple(liked_hours if not days or day in days else () for day in range(7))
                starts = touching(window.closed(window.weekly(zone, week)), minutes)
                yield Penalty("dislike", starts, prefer.dislike * len(names), names)

    def _beyond_core(self, zone: str) -> Iterator[Spans]:
        """The starts that lie more than 0, 1, 2, ... hours outside the core of the day, as long as any of
        those that are left does."""
        first, last = self._prefer.core
        hour = 0
        while True:
            early, late = first - 60 * hour, last - self._minutes + 60 * hour + 1
            starts = common(self._left, self._window.daily(zone, [(0, early), (max(late, 0), DAY)]))
            if not starts:
                return
            yield starts
            hour += 1

    def _by_the_calendar(self, person: Availability) -> Iterator[tuple[str, Spans, int]]:
        """What a person's own calendar says against a time: the kind of reason, the starts, the points."""
        prefer, minutes = self._prefer, self._minutes
        if person.focus and prefer.focus:
            yield "focus", touching(self._window.stretches(person.focus), minutes), prefer.focus
        taken = self._window.taken(person)
        # What touches the meeting is next to it, however small the gap.
        gap = max(prefer.gap, 1)
        near = _within_reach(taken, self._left, minutes=minutes, reach=max(gap, prefer.near_minutes))
        if prefer.adjacent:
            yield "adjacent", joined([(b, b + gap) for _, b in near]), prefer.adjacent
            soon = joined([(a - minutes - gap + 1, a - minutes + 1) for a, _ in near])
            yield "adjacent", soon, prefer.adjacent
        if prefer.run:
            yield "run", self._long_runs(near), prefer.run
        known = self._window.known_until(person) - minutes + 1
        if prefer.whole:
            yield "whole", self._whole_days(person.zone, taken, known), prefer.whole
        if prefer.near:
            after = [(b, b + prefer.near_minutes + 1) for _, b in near]
            before = [(a - minutes - prefer.near_minutes, a - minutes + 1) for a, _ in near]
            yield "near", without([(-EVER, known)], united(after + before)), prefer.near

    def _long_runs(self, near: Spans) -> Spans:
        """The starts from which somebody would sit too long: only right after or right before a stretch."""
        most, minutes = self._prefer.run_minutes, self._minutes
        if minutes > most:
            return self._left
        long: list[Span] = []
        for (a, b), (c, d) in pairwise([(-EVER, -EVER), *near, (EVER, EVER)]):
            before, after = b - a + minutes > most, d - c + minutes > most
            if c - b == minutes:
                before = after = b - a + minutes + d - c > most
            if before:
                long.append((b, b + 1))
            if after:
                long.append((c - minutes, c - minutes + 1))
        return united(long)

    def _whole_days(self, zone: str, taken: Spans, known: int) -> Spans:
        """The local days on which nothing is planned, up to a minute."""
        if zone not in self._days:
            days = self._window.days(zone)
            some = {number for a, b, number in days if _meets(self._left, a, b)}
            self._days[zone] = [day for day in days if day[2] in some]
        days = self._days[zone]
        begun = {number for a, b, number in days if _meets(taken, a, b)}
        return joined([(a, min(b, known)) for a, b, number in days if number not in begun])


def _groups(
    people: Sequence[Availability], key: Callable[[Availability], Key]
) -> Iterator[tuple[Key, tuple[str, ...]]]:
    made: dict[Key, list[str]] = {}
    for person in people:
        made.setdefault(key(person), []).append(person.called)
    for shared, names in made.items():
        yield shared, tuple(names)


def _meets(spans: Spans, start: int, end: int) -> bool:
    """Whether one of these shares a minute with `[start, end)`."""
    after = bisect_left(spans, (end,))
    return after > 0 and spans[after - 1][1] > start


def _within_reach(taken: Spans, left: Spans, *, minutes: int, reach: int) -> Spans:
    """The stretches at most so far from some meeting that begins in `left`. Leaps as `without` does."""
    near: Spans = []
    at = here = 0
    while at < len(taken) and here < len(left):
        low, high = left[here][0] - reach, left[here][1] + minutes + reach
        if taken[at][1] < low:
            at = max(bisect_right(taken, (low, EVER), at) - 1, at)
            at += taken[at][1] < low
        elif taken[at][0] >= high:
            here = max(bisect_left(left, (taken[at][0] - minutes - reach,), here + 1) - 1, here + 1)
        else:
            near.append(taken[at])
            at += 1
    return near
