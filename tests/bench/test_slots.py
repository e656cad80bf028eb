"""How fast a time is found, and why there is none, beside only sorting and merging the same intervals.

Measured is the time of the processor, whatever else the machine does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from time import process_time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from deskhand.agent.slots import (
    Availability,
    DifferentDays,
    Interval,
    Movable,
    MovingProposal,
    Proposal,
    Repeats,
    SeriesProposal,
    SlotRequest,
    Together,
    Wanted,
    find_by_moving,
    find_series,
    find_slots,
    find_together,
)

OPENS = datetime(2026, 11, 23, tzinfo=UTC)
"""A Monday."""
NOW = OPENS - timedelta(hours=20)
ZONES = ("Europe/Lisbon", "Europe/Paris", "Europe/London", "Europe/Madrid", "Europe/Berlin")
SMALL, LARGE = (20, 28), (200, 90)
"""How many people, and how many days."""


def people(
    count: int, days: int, *, meetings: int = 2, minutes: int = 30, until: int = 18, required: int = 1000
) -> list[Availability]:
    """Calendars with so many meetings on each working day, which begin from eight to `until` o'clock."""
    rng = Random(count)
    workdays = [OPENS + timedelta(days=day) for day in range(days) if day % 7 < 5]
    step = min(15, minutes)

    def busy() -> tuple[Interval, ...]:
        starts = (
            day + timedelta(hours=8, minutes=step * rng.randrange((until - 8) * 60 // step))
            for day in workdays
            for _ in range(meetings)
        )
        return tuple(Interval(start, start + timedelta(minutes=minutes)) for start in starts)

    return [
        Availability(f"P{n}", busy=busy(), zone=ZONES[n % len(ZONES)], required=n < required)
        for n in range(count)
    ]


def asked(days: int) -> SlotRequest:
    return SlotRequest(60, OPENS, OPENS + timedelta(days=days), zone="Europe/Lisbon", grid=15)


def merged(everybody: Sequence[Availability]) -> int:
    """The bare baseline: all intervals as minutes, sorted, and those that touch made one."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    minute = timedelta(minutes=1)
    stretches = sorted(
        ((i.start - epoch) // minute, (i.end - epoch) // minute) for p in everybody for i in p.busy or ()
    )
    count, reach = 0, -1
    for start, end in stretches:
        count += start > reach
        reach = max(reach, end)
    return count


def timed(
    benchmark: BenchmarkFixture, everybody: list[Availability], request: SlotRequest, *, fits: bool
) -> None:
    def found() -> Proposal:
        return find_slots(everybody, request, now=NOW)

    proposal = benchmark(found)
    assert (proposal.conflict is None) is fits
    benchmark.extra_info["intervals"] = sum(len(p.busy or ()) for p in everybody)
    if proposal.conflict:
        benchmark.extra_info["rules that clash"] = len(proposal.conflict.blockers)
        benchmark.extra_info["surely the fewest"] = proposal.conflict.least


def one_is_taken(everybody: list[Availability], days: int) -> list[Availability]:
    """The last of them has no time at all."""
    *others, last = everybody
    return [*others, replace(last, busy=(Interval(OPENS, OPENS + timedelta(days=days)),))]


def opposite(everybody: list[Availability]) -> list[Availability]:
    """The last of them works nine to five on the other side of the world."""
    return [*everybody[:-1], replace(everybody[-1], zone="America/Los_Angeles")]


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["20 people x 4 weeks", "200 people x 90 days"])
@pytest.mark.benchmark(group="a time is found (goals: 10 ms and 200 ms)", timer=process_time)
class TestFound:
    """Everybody is required where there are few, ten of many: two hundred never have an hour together."""

    def test_bare_merge(self, benchmark: BenchmarkFixture, size: tuple[int, int]) -> None:
        benchmark(merged, people(*size))

    def test_find_slots(self, benchmark: BenchmarkFixture, size: tuple[int, int]) -> None:
        everybody = people(*size, required=size[0] if size == SMALL else 10)
        timed(benchmark, everybody, asked(size[1]), fits=True)

    def test_everybody_is_required(self, benchmark: BenchmarkFixture, size: tuple[int, int]) -> None:
        """Two hundred have an hour together where all their meetings are before lunch."""
        timed(benchmark, people(*size, until=13), asked(size[1]), fits=True)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["20 people x 4 weeks", "200 people x 90 days"])
@pytest.mark.benchmark(group="nothing fits, and why (goals: 10 ms and 200 ms)", timer=process_time)
class TestConflict:
    def test_bare_merge(self, benchmark: BenchmarkFixture, size: tuple[int, int]) -> None:
        benchmark(merged, people(*size))

    def test_one_calendar_is_full(self, benchmark: BenchmarkFixture, size: tuple[int, int]) -> None:
        timed(benchmark, one_is_taken(people(*size), size[1]), asked(size[1]), fits=False)

    def test_hours_that_never_meet(self, benchmark: BenchmarkFixture, size: tuple[int, int]) -> None:
        timed(benchmark, opposite(people(*size)), asked(size[1]), fits=False)

    def test_many_calendars_clash(self, benchmark: BenchmarkFixture, size: tuple[int, int]) -> None:
        """Nobody is full, all together are: the smallest set has many in it."""
        count, days = size
        timed(benchmark, people(count, days, meetings=4, minutes=60), asked(days), fits=False)


@pytest.mark.parametrize("meetings", [1, 4, 16, 64])
@pytest.mark.benchmark(group="growth with the number of intervals: 20 people x 4 weeks", timer=process_time)
class TestGrowth:
    """Mornings fill up with notes of a minute; the afternoons stay as they are."""

    def test_bare_merge(self, benchmark: BenchmarkFixture, meetings: int) -> None:
        benchmark(merged, people(*SMALL, meetings=meetings, minutes=1, until=13))

    def test_find_slots(self, benchmark: BenchmarkFixture, meetings: int) -> None:
        everybody = people(*SMALL, meetings=meetings, minutes=1, until=13)
        timed(benchmark, everybody, asked(SMALL[1]), fits=True)


@pytest.mark.benchmark(group="a series, several at once, making room", timer=process_time)
class TestMore:
    @pytest.mark.parametrize("count", [3, 10])
    def test_find_series(self, benchmark: BenchmarkFixture, count: int) -> None:
        """Every week for a year: three people find such a time, with some exceptions; ten do not."""
        known = OPENS + timedelta(days=7 * 53)
        everybody = [replace(p, known_until=known) for p in people(count, 7 * 53)]
        weekly = Repeats("WEEKLY", 52)

        def found() -> SeriesProposal:
            return find_series(everybody, asked(7), weekly, now=NOW)

        assert bool(benchmark(found).series) is (count == 3)

    def test_find_together(self, benchmark: BenchmarkFixture) -> None:
        """Five meetings of four people each on five days of two weeks, and the asker is in all of them."""
        asker, *others = people(16, 14)
        wanted = [Wanted(f"M{n}", (asker, *others[3 * n : 3 * n + 3]), asked(14)) for n in range(5)]

        def found() -> Together:
            return find_together(wanted, (DifferentDays(),), now=NOW)

        together = benchmark(found)
        assert together.schedule is not None
        assert together.proven

    def test_find_by_moving(self, benchmark: BenchmarkFixture) -> None:
        """Six people with four meetings a day have no hour in a week; every meeting could move."""
        everybody = [
            replace(p, busy=tuple(replace(i, importance=n % 3) for n, i in enumerate(p.busy or ())))
            for p in people(6, 5, meetings=4, minutes=60)
        ]
        movable = [Movable(i, (person,)) for person in everybody for i in person.busy or ()]

        def found() -> MovingProposal:
            return find_by_moving(everybody, asked(5), movable, now=NOW)

        ways = benchmark(found).ways
        assert ways
        assert all(way.moved for way in ways)
