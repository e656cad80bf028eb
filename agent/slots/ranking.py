"""Which of the times that fit is the best: `Preferences` as points along the time line.

Every preference is a set of starts and the points it holds against each of them, so that ranking all
starts is one sum along the time line, whatever the number of people.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeVar

from deskhand.agent.slots.ground import Ground, stretches
from deskhand.agent.slots.model import PARTS, Availability, SlotRequest, Week
from deskhand.agent.slots.rules import Rule, free_room, leave, rules_of_person
from deskhand.agent.slots.spans import (
    DAY,
    EVER,
    Span,
    Spans,
    grid_starts,
    joined,
    offset_at,
    runs,
    touching,
    united,
    without,
)

Key = TypeVar("Key")


class Scored(NamedTuple):
    """A start that fits, in minutes since 1970 UTC, with the length and room that are best there."""

    start: int
    minutes: int
    points: int
    room: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Points against every start that lies in `starts`, for one kind of reason."""

    kind: str
    starts: Spans
    points: int
    """For all of `who` together."""
    who: tuple[str, ...] = ()

    def holds(self, start: int) -> bool:
        """Whether it is held against a start."""
        at = bisect_right(self.starts, (start, EVER)) - 1
        return at >= 0 and start < self.starts[at][1]


class Ranking:
    """The order of one request's times."""

    def __init__(self, people: Sequence[Availability], request: SlotRequest, ground: Ground) -> None:
        self._people = people
        self._request = request
        self._ground = ground
        self._known: dict[int, list[Charge]] = {}

    def scored(self, rules: Sequence[Rule]) -> list[Scored]:
        """Every start on the grid that the rules leave, in order of time."""
        request, ground = self._request, self._ground
        best: dict[int, Scored] = {}
        # The longest first: of equal points the longer stands.
        for minutes in sorted(lengths(request), reverse=True):
            free = leave(rules, ground.within, minutes)
            starts = list(grid_starts(free, ground.segments(request.zone), grid=request.grid))
            for start, points in zip(starts, self._points(starts, minutes), strict=True):
                if start not in best or points < best[start].points:
                    best[start] = Scored(start, minutes, points, "")
        return [
            s._replace(room=self.room(s.start, s.minutes)) if request.rooms else s
            for _, s in sorted(best.items())
        ]

    def held(self, start: int, minutes: int) -> list[Charge]:
        """What is held against a meeting, but for what the clock alone says."""
        return [charge for charge in self._charges(minutes) if charge.holds(start)]

    def room(self, start: int, minutes: int) -> str:
        """The first named of the rooms that are free then."""
        return next((c.who[0] for c in self._charges(minutes) if c.kind == "room" and c.holds(start)), "")

    def _points(self, starts: Sequence[int], minutes: int) -> Iterator[int]:
        request, prefer, low = self._request, self._request.prefer, self._ground.within[0]
        steps = [0] * (len(starts) + 1)
        for charge in self._charges(minutes):
            if charge.points:
                for first, end in runs(starts, charge.starts):
                    steps[first] += charge.points
                    steps[end] -= charge.points
        shorter = prefer.shorter * (request.longest - minutes) if request.longest else 0
        segments = self._ground.segments(request.zone)
        for start, held in zip(starts, accumulate(steps), strict=False):
            odd = prefer.odd if (start + offset_at(segments, start)) % 30 else 0
            yield held + shorter + odd + prefer.later * ((start - low) // 60)

    def _charges(self, minutes: int) -> list[Charge]:
        if minutes not in self._known:
            self._known[minutes] = list(self._charged(minutes))
        return self._known[minutes]

    def _charged(self, minutes: int) -> Iterator[Charge]:
        request, prefer, ground = self._request, self._request.prefer, self._ground
        required = [p for p in self._people if p.required]
        low, high = ground.within
        for kind, points, people in (
            ("unconfirmed", prefer.unconfirmed, required),
            ("doubtful", prefer.doubtful, [p for p in self._people if not p.required]),
        ):
            for known, names in _groups(people, ground.known_until):
                if known < high:
                    starts = [(max(low, known - minutes + 1), high)]
                    yield Charge(kind, starts, points * len(names), names)
        for person in self._people:
            if not person.required:
                away = united(s for r in rules_of_person(person, request, ground) for s in r.bars(minutes))
                yield Charge("absent", away, prefer.absent, (person.called,))
        if prefer.parts:
            liked = ground.daily(request.zone, [PARTS[p] for p in sorted(prefer.parts)])
            yield Charge("part", touching(ground.closed(liked), minutes), prefer.part)
        left = [(low, high - minutes + 1)]
        for number, room in enumerate(request.rooms):
            free = free_room(room, request, ground, minutes)
            taken = without(left, free)
            yield Charge("room", without(left, taken), prefer.room * number, (room.name,))
            left = taken
        yield from self._by_the_clock(required, minutes)
        for person in required:
            for kind, starts, points in self._by_the_calendar(person, minutes):
                if starts and points:
                    yield Charge(kind, starts, points, (person.called,))

    def _by_the_clock(self, required: Sequence[Availability], minutes: int) -> Iterator[Charge]:
        """What a person's clock says against a time: people who share it are charged together."""
        prefer, ground = self._request.prefer, self._ground
        with_hours = [p for p in required if p.hours is not None]
        if prefer.lunch:
            for (zone, span), names in _groups(with_hours, lambda p: (p.zone, p.lunch or prefer.lunch_span)):
                starts = touching(ground.daily(zone, [span]), minutes)
                yield Charge("lunch", starts, prefer.lunch * len(names), names)
        if prefer.pain:
            first, last = prefer.core
            for zone, names in _groups(with_hours, lambda p: p.zone):
                # n hours squared is the sum of the first n odd numbers: each begun hour adds its own.
                for hour in range(24 + minutes // 60):
                    early, late = first - 60 * hour, last - minutes + 60 * hour + 1
                    outer = [(0, min(max(early, 0), DAY)), (min(max(late, 0), DAY), DAY)]
                    if not (starts := ground.daily(zone, outer)):
                        break
                    yield Charge("pain", starts, prefer.pain * (2 * hour + 1) * len(names), names)
        if prefer.dislike:
            some = [p for p in required if p.likes or p.likes_days]
            for (zone, likes, days), names in _groups(some, lambda p: (p.zone, p.likes, p.likes_days)):
                liked = likes or ((0, DAY),)
                week: Week = tuple(liked if not days or day in days else () for day in range(7))
                starts = touching(ground.closed(ground.weekly(zone, week)), minutes)
                yield Charge("dislike", starts, prefer.dislike * len(names), names)

    def _by_the_calendar(self, person: Availability, minutes: int) -> Iterator[tuple[str, Spans, int]]:
        """What a person's own calendar says against a time: the kind of reason, the starts, the points."""
        prefer, ground = self._request.prefer, self._ground
        taken = ground.taken(person)
        low, known = ground.within[0], ground.known_until(person)
        if person.focus:
            yield "focus", touching(stretches(person.focus), minutes), prefer.focus
        if prefer.adjacent:
            yield "adjacent", joined((b, b + prefer.gap) for _, b in taken), prefer.adjacent
            near = joined((a - minutes - prefer.gap + 1, a - minutes + 1) for a, _ in taken)
            yield "adjacent", near, prefer.adjacent
        if prefer.run:
            yield "run", self._long_runs(taken, minutes), prefer.run
        confirmed = [(low, known - minutes + 1)]
        if prefer.whole:
            yield "whole", without(confirmed, self._begun_days(person.zone, taken)), prefer.whole
        if prefer.near:
            after = [(b, b + prefer.near_minutes + 1) for _, b in taken]
            before = [(a - minutes - prefer.near_minutes, a - minutes + 1) for a, _ in taken]
            yield "far", without(confirmed, united(after + before)), prefer.near

    def _long_runs(self, taken: Spans, minutes: int) -> Spans:
        """The starts from which somebody would sit too long: only right after or right before a stretch."""
        most = self._request.prefer.run_minutes
        if minutes > most:
            return [self._ground.within]
        long: list[Span] = []
        for (a, b), (c, d) in pairwise([(-EVER, -EVER), *taken, (EVER, EVER)]):
            before, after = b - a + minutes > most, d - c + minutes > most
            if c - b == minutes:
                before = after = b - a + minutes + d - c > most
            if before:
                long.append((b, b + 1))
            if after:
                long.append((c - minutes, c - minutes + 1))
        return united(long)

    def _begun_days(self, zone: str, taken: Spans) -> Spans:
        """The local days of the window that hold a busy minute."""
        days = self._ground.days(zone)
        begun: set[int] = set()
        for a, b in taken:
            at = max(bisect_right(days, (a, EVER, 0)) - 1, 0)
            while at < len(days) and days[at][0] < b:
                if days[at][1] > a:
                    begun.add(days[at][2])
                at += 1
        return joined((a, b) for a, b, number in days if number in begun)


def lengths(request: SlotRequest) -> range:
    """The lengths a meeting may have, the shortest first."""
    return range(request.minutes, max(request.longest, request.minutes) + 1, request.grid)


def _groups(
    people: Sequence[Availability], key: Callable[[Availability], Key]
) -> Iterator[tuple[Key, tuple[str, ...]]]:
    made: dict[Key, list[str]] = {}
    for person in people:
        made.setdefault(key(person), []).append(person.called)
    for shared, names in made.items():
        yield shared, tuple(names)
