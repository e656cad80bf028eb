"""An independent judge of scheduling: tries every start, and looks at every minute.

Written from the statements in `deskhand.agent.slots.model` alone, without the solver's arithmetic: a rule
is a string of minutes it bars, clocks are read minute by minute (brute_clocks.py), and the smallest conflict
is searched for among the sets of rules. Slow, and meant to be obvious.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from brute_clocks import DAY, barred, ceil, clock, floor, in_parts, inside, taken

from deskhand.agent.slots.model import Availability, SlotRequest

Barred = Callable[[int, int], bool]
"""Whether a meeting from one minute to another breaks a rule."""


@dataclass(frozen=True)
class Rule:
    """`kind` is the field it stands in; `who` is a person's name, empty for the request's own rules."""

    kind: str
    who: str
    breaks: Barred


@dataclass(frozen=True)
class Tried:
    """A start that fits, with the length and room that do best for it."""

    start: int
    end: int
    room: str
    points: int
    unconfirmed: frozenset[str]
    absent: frozenset[str]


class Judge:
    """All that can be said of one problem."""

    def __init__(
        self, people: Sequence[Availability], request: SlotRequest, *, now: datetime, notice: timedelta,
        without: Rule | None = None,
    ) -> None:  # fmt: skip
        """`without`: as if that rule did not hold."""
        self.people, self.request = list(people), request
        self.now, self.notice = now, notice
        self.dropped = None if without is None else (without.kind, without.who)
        self.opens, self.closes = ceil(request.start), floor(request.end)
        self.earliest = max(self.opens, ceil(now.astimezone(UTC) + notice))
        self.memory: dict[Hashable, bytes] = {}

    # What is barred, minute by minute.

    def shown(self, zone: str, kind: str, what: Hashable) -> Barred:
        """Bars the minutes of the window at which the clock shows something."""
        bad, first = self.memory.get((zone, kind, what)), self.opens
        if bad is None:
            days = range(first // DAY, self.closes // DAY + 1)
            bad = b"".join(barred(zone, day, kind, what) for day in days)[first % DAY :]
            self.memory[zone, kind, what] = bad
        return lambda start, end: 1 in bad[start - first : end - first]

    def touching(self, spans: Iterable[tuple[int, int]], but: Iterable[tuple[int, int]] = ()) -> Barred:
        """Bars the minutes in `spans` that are not in `but`."""
        bad, first = bytearray(self.closes - self.opens), self.opens
        for value, some in ((1, spans), (0, but)):
            for start, end in some:
                a, b = max(start, self.opens), min(end, self.closes)
                bad[a - first : max(a, b) - first] = bytes([value]) * max(0, b - a)
        return lambda start, end: 1 in bad[start - first : end - first]

    # The rules, in the order that `Conflict` gives them.

    @cached_property
    def rules(self) -> list[Rule]:
        """Every rule of the request and of the required people."""
        made = [Rule(kind, "", breaks) for kind, breaks in self.of_request()]
        for person in self.people:
            if person.required:
                made += [Rule(kind, person.name, breaks) for kind, breaks in self.of_person(person)]
                if person.must_confirm:
                    made.append(Rule("must_confirm", person.name, self.unknown(person)))
        if self.request.rooms:
            made.append(Rule("rooms", "", lambda start, end: self.room(start, end) is None))
        return [rule for rule in made if (rule.kind, rule.who) != self.dropped]

    def of_request(self) -> Iterable[tuple[str, Barred]]:
        r, zone = self.request, self.request.zone
        if r.not_before is not None:
            first = r.not_before.hour * 60 + r.not_before.minute
            yield "not_before", self.shown(zone, "before", first)
        if r.not_after is not None:
            last = r.not_after.hour * 60 + r.not_after.minute
            yield "not_after", self.shown(zone, "from", last or DAY)
        if r.parts:
            yield "parts", self.shown(zone, "not in", r.parts)
        if r.not_parts:
            yield "not_parts", self.shown(zone, "in", r.not_parts)
        if r.not_on:
            yield "not_on", self.shown(zone, "on", r.not_on)
        if r.not_dates:
            yield "not_dates", self.shown(zone, "dates", r.not_dates)
        if r.within:
            open_ = [(ceil(i.start), floor(i.end)) for i in r.within]
            yield "within", lambda start, end: not any(a <= start and end <= b for a, b in open_)
        if r.avoid:
            yield "avoid", self.touching(taken(r.avoid))

    def of_person(self, person: Availability) -> Iterable[tuple[str, Barred]]:
        """All rules of a person or a room, but `must_confirm`."""
        zone, busy = person.zone, taken(person.busy or ())
        if person.hours is not None:
            yield "hours", self.shown(zone, "outside", person.hours)
        if person.days_off:
            off = frozenset(day for day, _ in person.days_off)
            yield "days_off", self.shown(zone, "dates", off)
        if person.busy is not None:
            yield "busy", self.touching(busy)
        if person.busy is not None and person.buffer:
            wide = [(start - person.buffer, end + person.buffer) for start, end in busy]
            yield "buffer", self.touching(wide, but=busy)
        if person.most_a_day is not None:
            yield "most_a_day", self.full(person, person.most_a_day)
        if person.keep_lunch:
            yield "keep_lunch", self.lunch(person)
        if person.notice > self.notice:
            soonest = ceil(self.now.astimezone(UTC) + person.notice)
            yield "notice", lambda start, end: start < soonest

    def full(self, person: Availability, most: int) -> Barred:
        begun: dict[date, int] = {}
        for start, _ in taken(i for i in person.busy or () if i.meeting):
            day = clock(person.zone, start)[0]
            begun[day] = begun.get(day, 0) + 1
        return lambda start, end: begun.get(clock(person.zone, start)[0], 0) >= most

    def lunch(self, person: Availability) -> Barred:
        span = person.lunch or self.request.prefer.lunch_span
        return self.shown(person.zone, "at", span)

    def unknown(self, person: Availability) -> Barred:
        if person.busy is None:
            return lambda start, end: True
        until = self.closes if person.known_until is None else floor(person.known_until)
        return lambda start, end: end > until

    def room(self, start: int, end: int) -> int | None:
        """Which of the rooms is taken; None if none is free."""
        for number, (room, rules) in enumerate(zip(self.request.rooms, self.room_rules, strict=True)):
            if not self.unknown(room)(start, end) and not any(breaks(start, end) for breaks in rules):
                return number
        return None

    @cached_property
    def room_rules(self) -> list[list[Barred]]:
        return [[breaks for _, breaks in self.of_person(room)] for room in self.request.rooms]

    @cached_property
    def optional_rules(self) -> list[list[Barred]]:
        return [[b for _, b in self.of_person(p)] if not p.required else [] for p in self.people]

    # What fits.

    @cached_property
    def starts(self) -> list[int]:
        """The ground: every start on the grid at which the shortest meeting fits into the window."""
        zone, grid = self.request.zone, self.request.grid
        last = self.closes - self.request.minutes
        return [m for m in range(self.earliest, last + 1) if clock(zone, m)[1] % grid == 0]

    @cached_property
    def found(self) -> list[Tried]:
        """Every start that fits, in order."""
        made = (self.best_at(start) for start in self.starts)
        return [tried for tried in made if tried is not None]

    def best_at(self, start: int) -> Tried | None:
        """The best length for one start: the fewest points, then the longer."""
        r = self.request
        lengths = range(r.minutes, max(r.minutes, r.longest) + 1, r.grid)
        fits = [
            self.tried(start, start + length)
            for length in lengths
            if start + length <= self.closes and not self.broken(start, start + length)
        ]
        return min(fits, key=lambda tried: (tried.points, -tried.end)) if fits else None

    def broken(self, start: int, end: int) -> list[Rule]:
        return [rule for rule in self.rules if rule.breaks(start, end)]

    @cached_property
    def best(self) -> list[Tried]:
        """The best, and each further one the best that overlaps none before it."""
        chosen: list[Tried] = []
        for tried in sorted(self.found, key=lambda t: (t.points, t.start)):
            if all(tried.end <= other.start or tried.start >= other.end for other in chosen):
                chosen.append(tried)
        return chosen

    # The points, one paragraph for each preference.

    def tried(self, start: int, end: int) -> Tried:
        request, likes = self.request, self.request.prefer
        points = 0
        unconfirmed, absent = [], []
        for person, rules in zip(self.people, self.optional_rules, strict=True):
            unknown = self.unknown(person)(start, end)
            if unknown:
                unconfirmed.append(person.called)
                points += likes.unconfirmed if person.required else likes.doubtful
            if person.required:
                points += self.held_against(person, start, end, known=not unknown)
            elif any(breaks(start, end) for breaks in rules):
                absent.append(person.called)
                points += likes.absent
        zone = request.zone
        if likes.parts:
            shown = (clock(zone, minute) for minute in range(start, end))
            points += 0 if all(in_parts(at, likes.parts) for at in shown) else likes.part
        points += likes.later * ((start - self.earliest) // 60)
        points += likes.odd if clock(zone, start)[1] % 30 else 0
        if request.longest:
            points += likes.shorter * (request.longest - (end - start))
        number = self.room(start, end) if request.rooms else None
        points += likes.room * (number or 0)
        room = "" if number is None else request.rooms[number].called
        return Tried(start, end, room, points, frozenset(unconfirmed), frozenset(absent))

    def held_against(self, person: Availability, start: int, end: int, *, known: bool) -> int:
        """The points for one required person."""
        likes, points = self.request.prefer, 0
        shown = [clock(person.zone, minute) for minute in range(start, end)]
        day, begins = shown[0]
        if (person.likes or person.likes_days) and not all(
            (not person.likes or inside(minute, person.likes))
            and (not person.likes_days or of.weekday() in person.likes_days)
            for of, minute in shown
        ):
            points += likes.dislike
        if any(a < end and start < b for a, b in taken(person.focus)):
            points += likes.focus
        if person.hours is not None and self.lunch(person)(start, end):
            points += likes.lunch
        stretches = self.stretches[person.name]
        before = [(a, b) for a, b in stretches if b <= start]
        after = [(a, b) for a, b in stretches if a >= end]
        close = max(likes.gap - 1, 0)
        points += likes.adjacent * any(start - b <= close for _, b in before)
        points += likes.adjacent * any(a - end <= close for a, _ in after)
        sat = end - start + sum(b - a for a, b in (*before, *after) if b == start or a == end)
        if sat > likes.run_minutes:
            points += likes.run
        if known and day not in self.busy_days[person.name]:
            points += likes.whole
        if known and not (
            any(start - b <= likes.near_minutes for _, b in before)
            or any(a - end <= likes.near_minutes for a, _ in after)
        ):
            points += likes.near
        if person.clock_counts:
            early, late = likes.core[0] - begins, begins + (end - start) - likes.core[1]
            hours = -(-max(early, late, 0) // 60)
            points += likes.pain * hours * hours
        return points

    @cached_property
    def stretches(self) -> dict[str, list[tuple[int, int]]]:
        """Busy stretches by name: what overlaps or touches is one."""
        all_: dict[str, list[tuple[int, int]]] = {}
        for person in self.people:
            made = all_[person.name] = []
            for start, end in sorted(taken(person.busy or ())):
                if made and start <= made[-1][1]:
                    made[-1] = (made[-1][0], max(end, made[-1][1]))
                else:
                    made.append((start, end))
        return all_

    @cached_property
    def busy_days(self) -> dict[str, set[date]]:
        """The local days on which somebody has a busy minute, by name."""
        return {
            p.name: {clock(p.zone, m)[0] for a, b in self.stretches[p.name] for m in range(a, b)}
            for p in self.people
        }

    # Why nothing fits.

    @cached_property
    def refused(self) -> set[frozenset[int]]:
        """For each start the rules it breaks, by their places in `rules`."""
        minutes = self.request.minutes
        return {
            frozenset(n for n, rule in enumerate(self.rules) if rule.breaks(start, start + minutes))
            for start in self.starts
        }

    @cached_property
    def conflict(self) -> list[Rule]:
        """The first of the smallest sets of rules of which every start breaks at least one."""
        return [self.rules[n] for n in smallest(self.refused)]

    @cached_property
    def alone(self) -> list[Rule]:
        """The rules of which each alone bars some start."""
        return [rule for n, rule in enumerate(self.rules) if frozenset([n]) in self.refused]

    @cached_property
    def alone_in_the_way(self) -> list[str]:
        """The people, but for the asker, whose rules alone bar some start."""
        whose = [{self.rules[n].who for n in broken} for broken in self.refused]
        return [person.name for person in self.people[1:] if {person.name} in whose]

    def conflicts(self, rules: Collection[Rule]) -> bool:
        """Whether some rules leave no start."""
        return all(
            any(rule.breaks(start, start + self.request.minutes) for rule in rules) for start in self.starts
        )


def smallest(sets: Collection[frozenset[int]]) -> list[int]:
    """The fewest numbers of which each set holds at least one; of equally many, the first in order."""
    # Whoever hits a set hits every larger one, so only the smallest matter.
    least = [one for one in sets if not any(other < one for other in sets)]
    size = 0
    while not hit(least, size):
        size += 1
    chosen: list[int] = []
    while least:
        for number in sorted(frozenset().union(*least)):
            later = [frozenset(n for n in one if n > number) for one in least if number not in one]
            if hit(later, size - len(chosen) - 1):
                chosen.append(number)
                least = later
                break
    return chosen


def hit(sets: Sequence[frozenset[int]], most: int) -> bool:
    """Whether so many numbers are enough to have one of each set."""
    if not sets:
        return True
    apart: list[frozenset[int]] = []
    for one in sorted(sets, key=len):
        if all(one.isdisjoint(other) for other in apart):
            apart.append(one)
    # Sets that share nothing need a number each.
    if len(apart) > most:
        return False
    return any(hit([one for one in sets if number not in one], most - 1) for number in apart[0])
