"""Making room by moving others: the least important first, to times that are free, and nobody left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from random import Random
from zoneinfo import ZoneInfo

import pytest

from deskhand.agent.slots import (
    Availability,
    Interval,
    Movable,
    Moving,
    SlotRequest,
    find_by_moving,
    free_starts,
    scored_starts,
)

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def at(day: int, clock: str) -> datetime:
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), PARIS)


def meeting(day: int, first: str, last: str, name: str = "", importance: int | None = None) -> Interval:
    return Interval(at(day, first), at(day, last), name=name, importance=importance)


def person(name: str, *busy: Interval) -> Availability:
    return Availability(name, f"{name.lower()}@example.org", busy=busy, zone="Europe/Paris")


MONDAY = SlotRequest(60, at(23, "00:00"), at(24, "00:00"), zone="Europe/Paris")
TWO_DAYS = replace(MONDAY, end=at(25, "00:00"))
BEFORE, AFTER = meeting(23, "09:00", "14:00"), meeting(23, "15:00", "17:00")


class TestWhatMoves:
    def test_nothing_where_a_time_is_free(self) -> None:
        sync = meeting(23, "09:00", "10:00", "Sync", 1)
        ana, bo = person("Ana", sync), person("Bo", sync)
        first = find_by_moving([ana, bo], MONDAY, [Movable(sync, (ana, bo))], now=NOW).ways[0]
        assert first.moved == ()
        assert first.importance == 0

    def test_the_least_important_first_and_where_it_goes(self) -> None:
        sync, review = (
            meeting(23, "14:00", "15:00", "Sync", 1),
            meeting(23, "10:00", "11:00", "Review", 5),
        )
        ana = person("Ana", sync, review, meeting(23, "09:00", "10:00"), meeting(23, "11:00", "14:00"), AFTER)
        bo, cy = person("Bo", sync), person("Cy", review)
        movable = [Movable(review, (ana, cy), TWO_DAYS), Movable(sync, (ana, bo), TWO_DAYS)]
        ways = find_by_moving([ana], MONDAY, movable, now=NOW).ways
        assert [(w.slot.start, w.importance, [m.movable.called for m in w.moved]) for w in ways] == [
            (at(23, "14:00"), 1, ["Sync"]),
            (at(23, "10:00"), 5, ["Review"]),
        ]
        assert ways[0].moved[0].slot.start == at(24, "09:00")
        assert ways[0].why.startswith("Sync moves from Mon 23 Nov 14:00 to Tue 24 Nov 09:00; free for Ana")

    def test_everybody_in_it_is_free_where_it_goes(self) -> None:
        sync = meeting(23, "14:00", "15:00", "Sync", 1)
        ana = person("Ana", BEFORE, sync, AFTER)
        bo = person("Bo", sync, meeting(24, "09:00", "16:00"))
        way = find_by_moving([ana], MONDAY, [Movable(sync, (ana, bo), TWO_DAYS)], now=NOW).ways[0]
        assert way.moved[0].slot.start == at(24, "16:00")

    def test_an_unknown_calendar_is_said_or_refused(self) -> None:
        sync = meeting(23, "14:00", "15:00", "Sync", 1)
        ana, bo = person("Ana", BEFORE, sync, AFTER), replace(person("Bo"), busy=None)
        way = find_by_moving([ana], MONDAY, [Movable(sync, (ana, bo), TWO_DAYS)], now=NOW).ways[0]
        assert way.moved[0].slot.unconfirmed == ("Bo",)
        assert "not confirmed with Bo" in way.why
        sure = replace(bo, must_confirm=True)
        answer = find_by_moving([ana], MONDAY, [Movable(sync, (ana, sure), TWO_DAYS)], now=NOW)
        assert answer.conflict is not None
        assert "Without Sync there would be room, but no time is free to move to." in answer.conflict.message

    def test_two_move_where_one_is_not_enough(self) -> None:
        one, two = meeting(23, "14:00", "14:30", "One", 1), meeting(23, "14:30", "15:00", "Two", 1)
        ana = person("Ana", BEFORE, one, two, AFTER)
        movable = [Movable(two, (ana,), TWO_DAYS), Movable(one, (ana,), TWO_DAYS)]
        (way,) = find_by_moving([ana], MONDAY, movable, now=NOW).ways
        assert [m.movable.called for m in way.moved] == ["One", "Two"]
        assert (
            way.moved[0].slot.end <= way.moved[1].slot.start
            or way.moved[1].slot.end <= way.moved[0].slot.start
        )

    def test_a_full_day_gets_room_if_any_of_it_moves_to_another(self) -> None:
        some = [meeting(23, f"{h}:00", f"{h}:30", f"At {h}", h) for h in (10, 12, 14)]
        ana = replace(person("Ana", *some), most_a_day=3)
        ways = find_by_moving([ana], MONDAY, [Movable(m, (ana,), TWO_DAYS) for m in some], now=NOW).ways
        assert [[m.movable.called for m in w.moved] for w in ways] == [["At 10"], ["At 12"], ["At 14"]]
        assert all(m.slot.start.day == 24 for w in ways for m in w.moved)


class TestWhatStays:
    def test_who_is_not_in_it_keeps_the_time(self) -> None:
        """Two meetings at one time: Bo is in the other one."""
        sync = meeting(23, "14:00", "15:00", "Sync", 1)
        ana, bo = person("Ana", BEFORE, sync, AFTER), person("Bo", replace(sync, name="Other"))
        answer = find_by_moving([ana, bo], MONDAY, [Movable(sync, (ana,), TWO_DAYS)], now=NOW)
        assert answer.ways == ()
        assert answer.conflict is not None
        assert "No meeting that may move makes room." in answer.conflict.message

    def test_a_longer_stretch_is_not_the_meeting(self) -> None:
        sync = meeting(23, "14:00", "15:00", "Sync", 1)
        ana = person("Ana", meeting(23, "09:00", "17:00"))
        assert find_by_moving([ana], MONDAY, [Movable(sync, (ana,), TWO_DAYS)], now=NOW).conflict

    def test_what_begins_too_soon(self) -> None:
        sync = meeting(23, "14:00", "15:00", "Sync", 1)
        ana = person("Ana", BEFORE, sync, AFTER)
        movable = [Movable(sync, (ana,), TWO_DAYS)]
        assert find_by_moving([ana], MONDAY, movable, now=at(23, "13:30")).ways
        assert find_by_moving([ana], MONDAY, movable, now=at(23, "13:31")).conflict

    @pytest.mark.parametrize("importance", [None, -1])
    def test_what_has_no_importance(self, importance: int | None) -> None:
        with pytest.raises(ValueError, match="stays where it is"):
            Movable(meeting(23, "14:00", "15:00", "Sync", importance), ())


# The law: what is found is what trying every set of meetings, every start and every place finds.

DAYS = [date(2026, 10, 25), date(2027, 3, 28), date(2026, 6, 3)]
ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata"]


def problem(random: Random) -> tuple[list[Availability], SlotRequest, list[Movable]]:
    base = datetime.combine(random.choice(DAYS), time(random.choice([7, 9])), UTC)
    hour = timedelta(minutes=60)

    def interval(importance: int | None, name: str) -> Interval:
        start = base + hour * random.randrange(4)
        return Interval(
            start, start + random.choice([hour, hour / 2, 2 * hour]), name=name, importance=importance
        )

    spots = [interval(random.choice([0, 1, 1, 3]), f"X{n}") for n in range(random.randrange(2, 6))]
    members = [random.sample("abcd", random.choice([1, 2, 3])) for _ in spots]

    def calendar(name: str) -> tuple[Interval, ...]:
        mine = [
            replace(s, name=random.choice([s.name, ""]))
            for s, m in zip(spots, members, strict=True)
            if name in m
        ]
        fixed = [interval(None, "") for _ in range(random.choice([0, 0, 1]))]
        return tuple(random.sample([*mine, *fixed], len(mine) + len(fixed)))

    people = {
        name: Availability(
            name,
            f"{name}@example.org",
            busy=None if random.random() < 0.1 else calendar(name),
            zone=random.choice(ZONES),
            hours=None,
            required=random.random() < 0.85,
            must_confirm=random.random() < 0.05,
            buffer=random.choice([0, 0, 30]),
            most_a_day=random.choice([None, None, 2, 3]),
        )
        for name in "abcd"
    }
    request = SlotRequest(random.choice([60, 90]), base, base + 4 * hour, zone=ZONES[0], grid=60)
    longer = replace(request, end=base + random.choice([6, 8, 26, 26]) * hour, minutes=60)
    movable = [
        Movable(s, tuple(people[n] for n in m), random.choice([longer, None]))
        for s, m in zip(spots, members, strict=True)
    ]
    return [people[n] for n in random.sample("abcd", random.choice([1, 2, 3]))], request, movable


class Tried:
    """Every way to make room, with the new meeting and the moved ones put into the calendars one by one."""

    def __init__(self, people: list[Availability], request: SlotRequest, movable: list[Movable]) -> None:
        self.people, self.request, self.movable = people, request, movable
        self.now = request.start - timedelta(days=2)

    def best(self, some: Sequence[int]) -> tuple[int, ...] | None:
        """Points and starts of the best way in which just these move."""
        return min(self._ways(some), default=None)

    def _ways(self, some: Sequence[int]) -> Iterator[tuple[int, ...]]:
        needed = self._free(self.people, some)
        fewer = {s for n in some for s in self._starts(self._free(self.people, [o for o in some if o != n]))}
        for slot in scored_starts(needed, self.request, now=self.now):
            if slot.start not in fewer:
                for points, starts in self._places(
                    some, [(slot.start, self.request.minutes, self.people)], some
                ):
                    yield slot.points + points, slot.start, *starts

    def _starts(self, people: list[Availability]) -> set[int]:
        return {int(s.timestamp()) // 60 for s in free_starts(people, self.request, now=self.now)}

    def _places(
        self, some: Sequence[int], held: list[tuple[int, int, Sequence[Availability]]], away: Sequence[int]
    ) -> Iterator[tuple[int, list[int]]]:
        if not some:
            yield 0, []
            return
        movable = self.movable[some[0]]
        length = int((movable.interval.end - movable.interval.start).total_seconds()) // 60
        request = movable.request or replace(self.request, minutes=length)
        people = self._free(movable.people, away)
        possible = self._free(
            [replace(p, busy=(*(p.busy or ()), *self._of(p, held)) or p.busy) for p in movable.people], away
        )
        # One who need not come is still not in two places.
        allowed = {
            int(s.timestamp()) // 60
            for s in free_starts([*possible, *self._bare(movable.people, held)], request, now=self.now)
        }
        for slot in scored_starts(people, request, now=self.now):
            if slot.start in allowed:
                there = [*held, (slot.start, slot.minutes, movable.people)]
                for points, starts in self._places(some[1:], there, away):
                    yield slot.points + points, [slot.start, *starts]

    @staticmethod
    def _of(
        person: Availability,
        held: list[tuple[int, int, Sequence[Availability]]],
        *,
        all_of_them: bool = False,
    ) -> list[Interval]:
        return [
            Interval(
                datetime.fromtimestamp(start * 60, UTC), datetime.fromtimestamp((start + minutes) * 60, UTC)
            )
            for start, minutes, people in held
            for other in people
            if other.name == person.name and (other.required or all_of_them)
        ]

    def _bare(
        self, people: Sequence[Availability], held: list[tuple[int, int, Sequence[Availability]]]
    ) -> list[Availability]:
        return [
            Availability(p.name, busy=tuple(self._of(p, held, all_of_them=True)), hours=None, buffer=p.buffer)
            for p in people
        ]

    def _free(self, people: Sequence[Availability], away: Sequence[int]) -> list[Availability]:
        made = []
        for p in people:
            busy = list(p.busy or ())
            for n in away:
                movable = self.movable[n]
                if p.name in [m.name for m in movable.people]:
                    there = [
                        i for i in busy if (i.start, i.end) == (movable.interval.start, movable.interval.end)
                    ]
                    if there:
                        busy.remove(next((i for i in there if i.name == movable.interval.name), there[0]))
            made.append(p if p.busy is None else replace(p, busy=tuple(busy)))
        return made

    def ranked(self) -> list[tuple[int, int, int, int]]:
        made = []
        for size in range(3):
            for some in combinations(range(len(self.movable)), size):
                if (best := self.best(some)) is not None:
                    importance = sum(self.movable[n].interval.importance or 0 for n in some)
                    made.append((importance, size, *best[:2]))
        return sorted(made)


def as_tried(way: Moving) -> tuple[int, int, int, int]:
    return way.importance, len(way.moved), way.points, int(way.slot.start.timestamp()) // 60


@pytest.mark.parametrize("batch", range(10))
def test_exactly_what_trying_every_way_finds(batch: int) -> None:
    for seed in range(batch * 30, batch * 30 + 30):
        people, request, movable = problem(Random(seed))
        tried = Tried(people, request, movable)
        expected = tried.ranked()
        answer = find_by_moving(people, request, movable, now=tried.now, limit=99)
        assert [as_tried(w) for w in answer.ways] == expected, seed
        assert answer.proven
        assert (answer.conflict is None) == bool(expected)
        few = find_by_moving(people, request, movable, now=tried.now, limit=2)
        assert few.ways == answer.ways[:2]


@pytest.mark.parametrize("seed", range(40))
def test_the_order_of_people_and_meetings_changes_nothing(seed: int) -> None:
    people, request, movable = problem(Random(seed))
    now = request.start - timedelta(days=2)
    ways = find_by_moving(people, request, movable, now=now).ways
    turned = [replace(m, people=m.people[::-1]) for m in reversed(movable)]
    again = find_by_moving(people[::-1], request, turned, now=now).ways
    assert [as_tried(w) for w in ways] == [as_tried(w) for w in again]
    assert [[m.slot.start for m in w.moved] for w in ways] == [[m.slot.start for m in w.moved] for w in again]
