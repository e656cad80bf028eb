"""A recurring meeting: one time for all its occurrences, over clock changes, or the best with exceptions."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from deskhand.agent.slots import (
    Availability,
    Interval,
    Preferences,
    Repeats,
    Series,
    SlotRequest,
    find_series,
    find_slots,
    scored_starts,
)

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""A Sunday."""
LATER = datetime(2028, 1, 1, tzinfo=UTC)


def at(day: int, clock: str, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime.combine(date(year, month, day), time.fromisoformat(clock), PARIS)


def busy(*spans: tuple[int, int, str, str]) -> tuple[Interval, ...]:
    return tuple(Interval(at(d, a, month=m), at(d, b, month=m)) for d, m, a, b in spans)


WEEK = SlotRequest(60, at(23, "00:00"), at(28, "00:00"), zone="Europe/Paris")
ANA, BO = (
    Availability(name, f"{name.lower()}@example.org", (), LATER, zone=zone)
    for name, zone in (("Ana", "Europe/Paris"), ("Bo", "Europe/Lisbon"))
)


class TestOneTimeForAll:
    def test_every_week_by_the_same_clock(self) -> None:
        request = replace(WEEK, start=at(19, "00:00", month=10), end=at(20, "00:00", month=10))
        series = find_series([ANA], request, Repeats("WEEKLY", 3), now=at(1, "00:00", month=10)).series[0]
        assert [s.start for s in series.slots] == [
            at(d, "09:00", month=m) for d, m in ((19, 10), (26, 10), (2, 11))
        ]
        assert [s.start.utcoffset() for s in series.slots] == [timedelta(hours=h) for h in (2, 1, 1)]
        assert (series.rule, series.missed) == ("FREQ=WEEKLY;COUNT=3", ())
        assert series.why == "all 3 times fit"

    def test_another_zone_that_changes_its_clock_in_another_week(self) -> None:
        """14:00 in Paris is 9:00 in New York only in the week in which one side has changed its clock."""
        nia = replace(ANA, name="Nia", zone="America/New_York")
        request = replace(WEEK, start=at(26, "00:00", month=10), end=at(27, "00:00", month=10))
        series = find_series([ANA, nia], request, Repeats("WEEKLY", 4), now=at(1, "00:00", month=10)).series
        assert series[0].slots[0].start == at(26, "15:00", month=10)
        assert not series[0].missed

    @pytest.mark.parametrize(
        ("repeats", "rule", "days"),
        [
            (Repeats("DAILY", 3, interval=2), "FREQ=DAILY;INTERVAL=2;COUNT=3", [23, 25, 27]),
            (
                Repeats("WEEKLY", 3, weekdays=frozenset({0, 2})),
                "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3",
                [23, 25, 30],
            ),
            (Repeats("MONTHLY", 2, monthly="weekday"), "FREQ=MONTHLY;BYDAY=4MO;COUNT=2", [23, 28]),
            (Repeats("MONTHLY", 2), "FREQ=MONTHLY;BYMONTHDAY=23;COUNT=2", [23, 23]),
        ],
    )
    def test_in_the_terms_of_the_rfc(self, repeats: Repeats, rule: str, days: list[int]) -> None:
        series = find_series([ANA], replace(WEEK, end=at(24, "00:00")), repeats, now=NOW).series[0]
        assert series.rule == rule
        assert [s.start.day for s in series.slots] == days

    def test_the_last_such_weekday_of_the_month(self) -> None:
        request = replace(WEEK, end=at(30, "23:00"))
        repeats = Repeats("MONTHLY", 3, weekdays=frozenset({0}), monthly="last weekday")
        series = find_series([ANA], request, repeats, now=NOW).series[0]
        assert [f"{s.start:%d %b}" for s in series.slots] == ["30 Nov", "28 Dec", "25 Jan"]
        assert series.rule == "FREQ=MONTHLY;BYDAY=-1MO;COUNT=3"

    def test_the_choices_begin_at_different_times(self) -> None:
        series = find_series([ANA, BO], WEEK, Repeats("WEEKLY", 4), now=NOW, limit=5).series
        assert len(series) == 5
        firsts = sorted(s.first for s in series)
        assert all(b - a >= timedelta(hours=1) for a, b in pairwise(firsts))


class TestExceptions:
    def test_whose_calendar_and_the_nearest_time_instead(self) -> None:
        bo = replace(BO, busy=busy((30, 11, "09:00", "12:00")))
        request = replace(WEEK, end=at(23, "11:00"))
        (series,) = find_series([ANA, bo], request, Repeats("WEEKLY", 3), now=NOW).series
        assert [s.start.day for s in series.slots] == [23, 7]
        (missed,) = series.missed
        assert (missed.start, missed.blockers) == (at(30, "10:00"), ("the calendar of Bo",))
        assert missed.nearest is not None
        assert missed.nearest.start == at(30, "12:00")
        assert series.why == "2 of 3 times fit; Mon 30 Nov: the calendar of Bo"

    def test_a_holiday_by_its_name_and_another_day_of_that_week(self) -> None:
        ana = replace(ANA, days_off=((date(2026, 12, 25), "Christmas Day"),))
        request = replace(WEEK, start=at(27, "09:00"), end=at(27, "10:00"))
        (series,) = find_series([ana], request, Repeats("WEEKLY", 6), now=NOW).series
        (missed,) = series.missed
        assert "Christmas Day" in missed.why
        assert missed.nearest is not None
        assert missed.nearest.start == at(24, "16:00", month=12)

    def test_a_time_that_the_clock_skips(self) -> None:
        ana = replace(ANA, hours=None)
        request = replace(WEEK, minutes=30, start=at(27, "02:30", month=3), end=at(27, "03:00", month=3))
        (series,) = find_series([ana], request, Repeats("DAILY", 3), now=at(1, "00:00", month=3)).series
        assert [s.start.day for s in series.slots] == [27, 28]
        (missed,) = series.missed
        assert missed.blockers == ("02:30 does not exist on 29 March, when the clock goes forward",)
        assert missed.start == at(29, "03:30", month=3)
        assert missed.nearest is not None
        assert missed.nearest.start == missed.start
        assert series.rule == "FREQ=DAILY;UNTIL=20260328T013000Z"

    def test_a_month_without_such_a_day(self) -> None:
        request = replace(WEEK, start=at(31, "09:00", month=12), end=at(31, "10:00", month=12))
        answer = find_series([ANA], request, Repeats("MONTHLY", 3), now=NOW, most_exceptions=2)
        sunday, february = answer.series[0].missed
        assert sunday.blockers == ("the working hours of Ana (09:00-17:00 Europe/Paris)",)
        assert february.blockers == ("February has no 31st",)
        assert february.nearest is not None
        assert february.nearest.start == at(26, "16:00", month=2, year=2027)
        assert answer.series[0].rule == "FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20270131T080000Z"

    def test_an_hour_that_comes_twice_is_meant_the_first_time(self) -> None:
        ana = replace(ANA, hours=None)
        request = replace(WEEK, minutes=30, start=at(24, "02:30", month=10), end=at(24, "03:00", month=10))
        (series,) = find_series([ana], request, Repeats("DAILY", 3), now=at(1, "00:00", month=10)).series
        assert [s.start.astimezone(UTC).hour for s in series.slots] == [0, 0, 1]

    def test_too_many_are_a_conflict_with_what_is_most_in_the_way(self) -> None:
        bo = replace(BO, busy=busy(*((d, 12, "09:00", "18:00") for d in (7, 14))))
        ana = replace(ANA, days_off=((date(2026, 11, 30), "St Andrew"),))
        request = replace(WEEK, end=at(24, "00:00"))
        answer = find_series([ana, bo], request, Repeats("WEEKLY", 5), now=NOW, most_exceptions=1)
        assert answer.series == ()
        assert answer.conflict is not None
        assert answer.conflict.blockers[0] == "the calendar of Bo"
        assert "the calendar of Bo (2 times)" in answer.conflict.message
        assert answer.conflict.nearest[0].why.startswith("if 3 exceptions are accepted; ")
        assert len(answer.nearest[0].missed) == 3

    def test_where_nothing_fits_the_conflict_of_the_first_is_told(self) -> None:
        answer = find_series([ANA], replace(WEEK, start=at(28, "00:00"), end=at(29, "00:00")),
                             Repeats("WEEKLY", 3), now=NOW)  # fmt: skip
        assert answer.conflict is not None
        assert answer.conflict.blockers == ("the working hours of Ana (09:00-17:00 Europe/Paris)",)


class TestUnknownIsNeverFree:
    def test_what_is_known_of_the_window_says_nothing_of_later(self) -> None:
        series = find_series([replace(ANA, known_until=None)], WEEK, Repeats("WEEKLY", 3), now=NOW).series[0]
        assert [s.unconfirmed for s in series.slots] == [(), ("Ana",), ("Ana",)]
        assert "not confirmed with Ana 2 times" in series.why

    def test_who_must_confirm_is_missed_there(self) -> None:
        ana = replace(ANA, known_until=at(1, "00:00", month=12), must_confirm=True)
        answer = find_series([ana], WEEK, Repeats("WEEKLY", 3), now=NOW, most_exceptions=1)
        series = answer.series[0]
        assert [s.start.day for s in series.slots] == [23, 30]
        assert series.missed[0].blockers == ("the not yet known calendar of Ana",)
        assert series.missed[0].nearest is None
        assert find_series([replace(ana, busy=None)], WEEK, Repeats("WEEKLY", 3), now=NOW).conflict


class TestBadInput:
    def test_numbers_that_make_no_series(self) -> None:
        with pytest.raises(ValueError, match="at least one occurrence"):
            Repeats("DAILY", 0)
        with pytest.raises(ValueError, match="from 0, Monday"):
            Repeats("WEEKLY", 2, weekdays=frozenset({7}))
        with pytest.raises(ValueError, match="two years"):
            find_series([ANA], WEEK, Repeats("MONTHLY", 40), now=NOW)
        with pytest.raises(ValueError, match="23 hours"):
            find_series([ANA], replace(WEEK, minutes=24 * 60), Repeats("DAILY", 2), now=NOW)


# The law: what is found is what trying every start, occurrence by occurrence, finds.

DAYS = [
    date(2026, 10, 23),
    date(2026, 10, 25),
    date(2026, 3, 27),
    date(2026, 4, 3),
    date(2026, 1, 29),
    date(2027, 1, 31),
]
ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]


def problem(random: Random) -> tuple[list[Availability], SlotRequest, Repeats]:
    zone = random.choice(ZONES)
    begin = datetime.combine(random.choice(DAYS), time(random.choice([0, 8])), ZoneInfo(zone))
    start = begin.astimezone(UTC)
    end = start + timedelta(hours=random.choice([3, 5, 26]))
    repeats = Repeats(
        random.choice(["DAILY", "WEEKLY", "MONTHLY"]),
        random.randrange(1, 5),
        interval=random.choice([1, 1, 2]),
        weekdays=random.choice([frozenset(), frozenset(), frozenset({begin.weekday(), 2})]),
        monthly=random.choice(["day", "weekday", "last weekday"]),
    )

    def calendar() -> tuple[Interval, ...]:
        since = [
            start + timedelta(minutes=30 * random.randrange(48 * 15)) for _ in range(random.randrange(40))
        ]
        return tuple(Interval(s, s + timedelta(hours=random.choice([1, 2, 5]))) for s in since)

    people = [
        Availability(
            name,
            f"{name}@example.org",
            busy=random.choice([calendar(), calendar(), calendar(), None]),
            known_until=random.choice([None, LATER, LATER, LATER, start + timedelta(days=8)]),
            zone=random.choice(ZONES),
            hours=random.choice([None, None, (((0, 1200),),) * 5 + ((), ())]),
            required=random.random() < 0.8,
            must_confirm=random.random() < 0.2,
            days_off=random.choice([(), ((begin.date() + timedelta(days=7), "Feast"),)]),
            buffer=random.choice([0, 15]),
        )
        for name in "abc"[: random.randrange(1, 4)]
    ]
    request = SlotRequest(
        random.choice([30, 60]), start, end, zone=zone, grid=random.choice([30, 60]),
        longest=random.choice([0, 0, 90]),
        within=random.choice([(), (), (Interval(start, start + timedelta(hours=2)),)]),
        not_on=random.choice([frozenset(), frozenset({6})]),
        rooms=random.choice([(), (), (replace(people[0], name="R", hours=None, busy=calendar()),)]),
        prefer=Preferences(later=random.choice([0, 2])),
    )  # fmt: skip
    return people, request, repeats


class Tried:
    """Each start by itself, and each of its occurrences as a meeting of its own in a window just as long."""

    def __init__(self, people: list[Availability], request: SlotRequest, repeats: Repeats) -> None:
        self.request, self.repeats, self.zone = request, repeats, ZoneInfo(request.zone)
        self.people = [replace(p, known_until=p.known_until or request.end) for p in people]
        self.rooms = tuple(replace(r, known_until=r.known_until or request.end) for r in request.rooms)
        self.now = request.start - timedelta(days=2)

    def points(self, start: datetime, minutes: int) -> int | None:
        end = start + timedelta(minutes=minutes)
        one = replace(
            self.request, minutes=minutes, longest=0, start=start, end=end, within=(), rooms=self.rooms
        )
        scored = scored_starts(self.people, one, now=self.now)
        return scored[0].points if scored else None

    def all(self) -> Iterator[tuple[int, int, datetime, int]]:
        """Exceptions, points, start and minus the length, in the order of the ranking when sorted."""
        request, prefer = self.request, self.request.prefer
        for minutes in range(request.minutes, max(request.longest, request.minutes) + 1, request.grid):
            start = request.start
            while start + timedelta(minutes=minutes) <= request.end:
                if self._may_begin(start, minutes):
                    late = (start - request.start) // timedelta(hours=1) * prefer.later
                    points = [
                        p for m in self.occurrences(start) if m and (p := self.points(m, minutes)) is not None
                    ]
                    less = prefer.shorter * (request.longest - minutes) if request.longest else 0
                    missed = self.repeats.count - len(points)
                    yield missed, sum(points) + less * len(points) + late, start, -minutes
                start += timedelta(minutes=30)

    def _may_begin(self, start: datetime, minutes: int) -> bool:
        local, within = start.astimezone(self.zone), self.request.within
        end = start + timedelta(minutes=minutes)
        if (
            local.fold
            or (local.hour * 60 + local.minute) % self.request.grid
            or not self._first(local.date())
        ):
            return False
        return not within or any(i.start <= start and end <= i.end for i in within)

    def _first(self, day: date) -> bool:
        repeats = self.repeats
        if repeats.weekdays and day.weekday() not in repeats.weekdays:
            return False
        last = repeats.frequency == "MONTHLY" and repeats.monthly == "last weekday"
        return not last or (day + timedelta(days=7)).month != day.month

    def occurrences(self, start: datetime) -> list[datetime | None]:
        """By python-dateutil where each occurrence exists; else month by month. None: there is none."""
        local, repeats = start.astimezone(self.zone), self.repeats
        if repeats.frequency == "MONTHLY" and repeats.monthly != "last weekday":
            days = [self._in_month(local.date(), n * repeats.interval) for n in range(repeats.count)]
        else:
            rule = rrulestr(repeats.rule(local.date()), dtstart=datetime.combine(local.date(), time(0)))
            days = [d.date() for d in islice(rule, repeats.count)]
        return [self._moment(day, local.time()) if day else None for day in days]

    def _in_month(self, first: date, months: int) -> date | None:
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        days = [date(year, month + 1, d + 1) for d in range(monthrange(year, month + 1)[1])]
        if self.repeats.monthly == "day":
            return next((d for d in days if d.day == first.day), None)
        same = [d for d in days if d.weekday() == first.weekday()]
        nth = (first.day - 1) // 7
        return same[nth] if nth < len(same) else None

    def _moment(self, day: date, clock: time) -> datetime | None:
        there = datetime.combine(day, clock, self.zone).astimezone(UTC)
        return there if there.astimezone(self.zone).time() == clock else None


def length(series: Series) -> int:
    some = [*series.slots, *(m.nearest for m in series.missed if m.nearest)]
    return (some[0].end.astimezone(UTC) - some[0].start.astimezone(UTC)) // timedelta(minutes=1)


@pytest.mark.parametrize("batch", range(10))
def test_exactly_what_trying_every_start_finds(batch: int) -> None:
    for seed in range(batch * 25, batch * 25 + 25):
        people, request, repeats = problem(Random(seed))
        tried = Tried(people, request, repeats)
        allowed = seed % 3
        held = sorted(one for one in tried.all() if one[0] < repeats.count)
        fit = [one for one in held if one[0] <= allowed]
        answer = find_series(people, request, repeats, now=tried.now, most_exceptions=allowed)
        assert answer.possible == len(fit), seed
        assert (answer.conflict is None) == bool(fit)
        best = [*answer.series, *answer.nearest][:1]
        assert [(len(s.missed), s.points, s.first.astimezone(UTC), -length(s)) for s in best] == held[:1], (
            seed
        )
        for series in (*answer.series, *answer.nearest):
            moments = [m for m in tried.occurrences(series.first.astimezone(UTC)) if m]
            there = [s.start.astimezone(UTC) for s in series.slots]
            assert there == [m for m in moments if tried.points(m, length(series)) is not None], seed
            assert len(series.slots) + len(series.missed) == repeats.count
            times = [(s.start.astimezone(UTC), s.end.astimezone(UTC)) for s in series.slots]
            for missed in series.missed:
                assert missed.blockers
                if missed.nearest is not None:
                    start, end = missed.nearest.start.astimezone(UTC), missed.nearest.end.astimezone(UTC)
                    assert tried.points(start, length(series)) is not None
                    assert all(end <= a or start >= b for a, b in times), seed
                    times.append((start, end))


@pytest.mark.parametrize("seed", range(30))
def test_the_order_of_the_people_changes_nothing(seed: int) -> None:
    people, request, repeats = problem(Random(seed))
    now = request.start - timedelta(days=2)
    one, other = (find_series(p, request, repeats, now=now) for p in (people, people[::-1]))
    assert [(s.first, s.points, s.rule) for s in one.series] == [
        (s.first, s.points, s.rule) for s in other.series
    ]


@pytest.mark.parametrize("seed", range(40))
def test_a_series_of_one_is_a_meeting(seed: int) -> None:
    people, request, _ = problem(Random(seed))
    now = request.start - timedelta(days=2)
    once = find_series(people, request, Repeats("DAILY", 1), now=now, limit=1)
    single = find_slots(people, request, now=now, limit=1)
    if single.slots and not single.slots[0].start.fold:
        assert [s.start for s in once.series[0].slots] == [single.slots[0].start]
        assert once.series[0].points == single.slots[0].points
    assert not (once.series and single.conflict)
