"""Finding a time: complete on the grid, never in the past, and never free where nothing is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.agent.slots import (
    NINE_TO_FIVE,
    PARTS,
    Availability,
    Interval,
    Part,
    Preferences,
    SlotRequest,
    find_slots,
    free_starts,
)

PARIS, LISBON, KOLKATA = (ZoneInfo(z) for z in ("Europe/Paris", "Europe/Lisbon", "Asia/Kolkata"))
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""A Sunday."""


def at(day: int, clock: str, zone: ZoneInfo = PARIS, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime.combine(date(year, month, day), time.fromisoformat(clock), zone)


def busy(*spans: tuple[int, str, str], zone: ZoneInfo = PARIS) -> tuple[Interval, ...]:
    return tuple(Interval(at(day, a, zone), at(day, b, zone)) for day, a, b in spans)


def week(minutes: int = 45, **changes: object) -> SlotRequest:
    """Monday to Friday of the week after NOW, asked in Paris."""
    request = SlotRequest(minutes, at(23, "00:00"), at(28, "00:00"), zone="Europe/Paris")
    return replace(request, **changes)  # type: ignore[arg-type]


ANA = Availability("Ana", "ana@example.org", busy=(), zone="Europe/Paris")
BO = Availability("Bo", "bo@example.org", busy=(), zone="Europe/Lisbon")


class TestWhatFits:
    def test_the_first_time_within_everybodys_hours(self) -> None:
        best = find_slots([ANA, BO], week(), now=NOW).slots[0]
        assert (best.start, best.end) == (at(23, "10:00"), at(23, "10:45"))
        assert "the earliest time that fits" in best.why
        assert "free for Ana and Bo" in best.why
        assert "09:00 for Bo" in best.why
        assert best.start.utcoffset() == timedelta(hours=1)

    def test_busy_time_is_kept_free_to_the_minute(self) -> None:
        ana = replace(ANA, busy=busy((23, "09:00", "12:14"), (23, "13:00", "17:00")), hours=NINE_TO_FIVE)
        request = week(45, end=at(24, "00:00"))
        assert free_starts([ana], request, now=NOW) == [at(23, "12:15")]
        later = replace(
            ana, busy=(Interval(at(23, "09:00"), at(23, "12:15") + timedelta(seconds=1)), *ana.busy[1:])
        )  # type: ignore[index]
        assert free_starts([later], request, now=NOW) == []

    def test_tentative_counts_as_taken(self) -> None:
        ana = replace(ANA, busy=(Interval(at(23, "09:00"), at(28, "00:00"), tentative=True),))
        assert find_slots([ana], week(), now=NOW).conflict is not None

    def test_choices_do_not_overlap(self) -> None:
        slots = find_slots([ANA], week(), now=NOW, limit=6).slots
        assert len(slots) == 6
        ordered = sorted(slots, key=lambda s: s.start)
        assert all(a.end <= b.start for a, b in pairwise(ordered))
        assert [s.points for s in slots] == sorted(s.points for s in slots)

    def test_never_in_the_past_nor_without_notice(self) -> None:
        now = at(23, "10:20")
        assert free_starts([ANA], week(), now=now)[0] == at(23, "11:00")
        assert free_starts([ANA], week(), now=now, notice=timedelta(0))[0] == at(23, "10:30")
        assert free_starts([ANA], week(), now=now, notice=timedelta(days=1))[0] == at(24, "10:30")

    def test_rules_of_the_request(self) -> None:
        request = week(
            60,
            not_before=time(10),
            not_after=time(15),
            not_on=frozenset({0, 4}),
            not_dates=frozenset({date(2026, 11, 25)}),
            parts=frozenset({"afternoon"}),
        )
        starts = free_starts([ANA], request, now=NOW)
        assert {s.astimezone(PARIS).date().day for s in starts} == {24, 26}
        assert min(s.astimezone(PARIS).time() for s in starts) == time(12)
        assert max(s.astimezone(PARIS).time() for s in starts) == time(14)

    def test_the_grid_is_the_askers_clock(self) -> None:
        kathmandu = ZoneInfo("Asia/Kathmandu")
        request = SlotRequest(30, at(23, "00:00"), at(24, "00:00"), zone="Asia/Kathmandu", grid=30)
        starts = free_starts([replace(ANA, zone="Asia/Kathmandu")], request, now=NOW)
        assert {s.astimezone(kathmandu).minute for s in starts} == {0, 30}
        assert {s.minute for s in starts} == {15, 45}

    def test_half_hour_zones_share_exactly_what_they_share(self) -> None:
        """Paris 9-17 is 13:30-21:30 in Kolkata, so 9-17 there ends at 12:30 in Paris."""
        kiran = Availability("Kiran", busy=(), zone="Asia/Kolkata")
        request = week(60, end=at(24, "00:00"), grid=30)
        starts = free_starts([ANA, kiran], request, now=NOW)
        assert starts[0] == at(23, "09:00")
        assert starts[-1] == at(23, "11:30")
        assert starts[-1].astimezone(KOLKATA).time() == time(16)

    def test_a_week_in_which_only_one_side_has_changed_its_clock(self) -> None:
        """New York goes back on 1 November 2026, Paris on 25 October: five hours apart in between."""
        nia = Availability("Nia", busy=(), zone="America/New_York")
        request = SlotRequest(60, at(24, "00:00", month=10), at(7, "00:00"), zone="Europe/Paris")
        starts = free_starts([ANA, nia], request, now=at(20, "08:00", month=10))
        first = {}
        for start in starts:
            first.setdefault(start.astimezone(PARIS).date(), start.astimezone(PARIS).time())
        assert first[date(2026, 10, 26)] == time(14)
        assert first[date(2026, 10, 30)] == time(14)
        assert first[date(2026, 11, 2)] == time(15)

    @pytest.mark.parametrize(
        ("day", "month", "expected"),
        [(29, 3, {"00", "01", "03", "04"}), (25, 10, {"00", "01", "02", "03", "04"})],
    )
    def test_the_night_the_clock_changes(self, day: int, month: int, expected: set[str]) -> None:
        """The skipped hour is never offered; the repeated one is there twice, as two instants."""
        ana = replace(ANA, hours=None)
        request = SlotRequest(
            30, at(day, "00:00", month=month), at(day, "05:00", month=month), zone="Europe/Paris", grid=30
        )
        starts = free_starts([ana], request, now=at(1, "00:00", month=3))
        assert {f"{s.astimezone(PARIS):%H}" for s in starts} == expected
        assert len(starts) == len(set(starts)) == (8 if month == 3 else 12)

    def test_a_meeting_across_the_hour_that_comes_twice(self) -> None:
        """02:50 to 02:10 by the wall clock, twenty minutes by any other: it is not free."""
        first, second = at(25, "02:50", month=10), at(25, "02:10", month=10).replace(fold=1)
        ana = replace(ANA, hours=None, busy=(Interval(first, second),))
        request = SlotRequest(15, first, second, zone="Europe/Paris", grid=5)
        assert free_starts([ana], request, now=at(1, "00:00", month=10)) == []
        free = replace(ana, busy=())
        assert len(free_starts([free], request, now=at(1, "00:00", month=10))) == 2


class TestUnknownIsNeverFree:
    def test_an_unknown_calendar_is_said_on_every_slot(self) -> None:
        proposal = find_slots([ANA, replace(BO, busy=None)], week(), now=NOW)
        assert proposal.slots
        for slot in proposal.slots:
            assert slot.unconfirmed == ("Bo",)
            assert "not confirmed with Bo" in slot.why
            assert "free for Ana;" in slot.why

    def test_nothing_said_is_unknown(self) -> None:
        assert find_slots([Availability("Cy")], week(), now=NOW).slots[0].unconfirmed == ("Cy",)

    def test_optional_people_too(self) -> None:
        cy = Availability("Cy", required=False)
        assert all(s.unconfirmed == ("Cy",) for s in find_slots([ANA, cy], week(), now=NOW).slots)

    def test_who_must_confirm_is_refused(self) -> None:
        bo = replace(BO, busy=None, must_confirm=True)
        proposal = find_slots([ANA, bo], week(), now=NOW)
        assert not proposal.slots
        assert proposal.conflict
        assert proposal.conflict.blockers == ("the unknown calendar of Bo",)
        assert all("Bo" in (*slot.unconfirmed, *slot.absent) for slot in proposal.conflict.nearest)
        assert {slot.why.partition(";")[0] for slot in proposal.conflict.nearest} == {
            "if it need not be confirmed with Bo",
            "if it may be without Bo",
        }

    def test_known_for_a_while_only(self) -> None:
        """Confirmed times rank before earlier-looking guesses, and none spans the border as confirmed."""
        bo = replace(BO, known_until=at(24, "12:00"), busy=busy((23, "09:00", "18:00")))
        slots = find_slots([ANA, bo], week(), now=NOW, limit=50).slots
        for slot in slots:
            assert slot.unconfirmed == (() if slot.end <= at(24, "12:00") else ("Bo",))
        kinds = [bool(s.unconfirmed) for s in slots]
        assert kinds == sorted(kinds)
        assert kinds.count(False) >= 2

    def test_known_for_a_while_and_must_confirm(self) -> None:
        bo = replace(BO, known_until=at(24, "12:00"), must_confirm=True)
        starts = free_starts([ANA, bo], week(), now=NOW)
        assert starts[-1] == at(24, "11:15")


class TestTheBest:
    def test_lunch_is_kept(self) -> None:
        ana = replace(ANA, busy=busy((23, "09:00", "11:50")))
        slots = find_slots([ana], week(end=at(24, "00:00")), now=NOW, limit=9).slots
        assert slots[0].start == at(23, "13:00")
        assert "lunch stays free" in slots[0].why
        assert any(s.start == at(23, "12:00") and "touches the lunch of Ana" in s.why for s in slots)

    @pytest.mark.parametrize(
        ("clock", "touches"), [("11:00", False), ("11:15", True), ("12:45", True), ("13:00", False)]
    )
    def test_lunch_begins_and_ends_to_the_minute(self, clock: str, touches: bool) -> None:
        request = week(60, start=at(23, clock), end=at(23, clock) + timedelta(hours=1))
        (slot,) = find_slots([ANA], request, now=NOW).slots
        assert ("touches the lunch of Ana" in slot.why) is touches

    def test_not_right_next_to_another_meeting(self) -> None:
        ana = replace(ANA, busy=busy((23, "09:00", "14:00")))
        slots = find_slots([ana], week(30, end=at(24, "00:00")), now=NOW, limit=9).slots
        assert slots[0].start == at(23, "14:30")
        assert any("right next to another meeting of Ana" in s.why for s in slots)

    def test_optional_people_weigh_more_than_haste(self) -> None:
        cy = replace(BO, name="Cy", required=False, busy=busy((23, "00:00", "23:59"), (24, "00:00", "14:00")))
        slots = find_slots([ANA, cy], week(), now=NOW, limit=50).slots
        assert slots[0].absent == ()
        assert slots[0].start >= at(24, "14:00")
        assert any(s.absent == ("Cy",) and "without Cy" in s.why for s in slots)

    def test_liked_parts_of_the_day(self) -> None:
        prefer = Preferences(parts=frozenset({"afternoon"}))
        assert find_slots([ANA], week(prefer=prefer), now=NOW).slots[0].start == at(23, "13:00")


class TestWhenNothingFits:
    def test_a_past_window(self) -> None:
        proposal = find_slots([ANA], week(start=at(16, "09:00"), end=at(17, "09:00")), now=NOW)
        assert proposal.conflict
        assert proposal.conflict.message == "That time is past."

    def test_a_window_shorter_than_the_meeting(self) -> None:
        conflict = find_slots([ANA], week(start=at(23, "10:00"), end=at(23, "10:30")), now=NOW).conflict
        assert conflict
        assert "shorter than 45 minutes" in conflict.message

    def test_too_little_notice(self) -> None:
        now = at(23, "10:00")
        conflict = find_slots([ANA], week(start=now, end=at(23, "11:00")), now=now).conflict
        assert conflict
        assert "less than 30 minutes ahead" in conflict.message

    def test_only_the_rules_that_clash_are_named(self) -> None:
        bo = replace(BO, busy=busy((23, "08:00", "23:00")))
        cy = replace(ANA, name="Cy", busy=busy((23, "09:00", "10:00")))
        conflict = find_slots([ANA, bo, cy], week(end=at(24, "00:00"), not_after=time(23)), now=NOW).conflict
        assert conflict
        assert conflict.blockers == (
            "the calendar of Bo",
            "the working hours of Ana (09:00-17:00 Europe/Paris)",
        )
        without = [s for s in conflict.nearest if s.why.startswith("if it may be without Bo")]
        assert without
        assert without[0].absent == ("Bo",)

    def test_a_shorter_meeting_is_offered(self) -> None:
        ana = replace(ANA, busy=busy((23, "09:00", "10:00"), (23, "10:35", "17:00")))
        conflict = find_slots([ana], week(60, end=at(24, "00:00")), now=NOW).conflict
        assert conflict
        shorter = conflict.nearest[0]
        assert shorter.why.startswith("if 35 minutes are enough")
        assert (shorter.start, shorter.end) == (at(23, "10:00"), at(23, "10:35"))

    def test_hours_give_way_as_little_as_possible(self) -> None:
        """Los Angeles begins when Paris has long stopped."""
        lou = Availability("Lou", busy=(), zone="America/Los_Angeles")
        conflict = find_slots([ANA, lou], week(), now=NOW).conflict
        assert conflict
        assert len(conflict.blockers) == 2
        assert {s.start.astimezone(PARIS).time() for s in conflict.nearest if "hours of Ana" in s.why} == {
            time(18)
        }

    def test_after_the_window_only_as_far_as_calendars_are_known(self) -> None:
        full = replace(ANA, busy=busy(*((d, "09:00", "17:00") for d in range(23, 28))))
        conflict = find_slots([full], week(), now=NOW).conflict
        assert conflict
        assert not [s for s in conflict.nearest if s.why.startswith("if it may be later")]
        known = replace(full, known_until=at(12, "00:00", month=12))
        conflict = find_slots([known], week(), now=NOW).conflict
        assert conflict
        (later,) = [s for s in conflict.nearest if s.why.startswith("if it may be later")]
        assert later.start == at(30, "09:00")
        assert later.unconfirmed == ()

    def test_many_rules_make_a_short_message(self) -> None:
        people = [
            replace(ANA, name=f"P{n}", hours=None, busy=busy((23, f"{n:02}:00", f"{n + 1:02}:00")))
            for n in range(23)
        ]
        conflict = find_slots(people, week(60, start=at(23, "00:00"), end=at(23, "23:00")), now=NOW).conflict
        assert conflict
        assert len(conflict.blockers) == 23
        assert "and 19 more rules" in conflict.message

    def test_nobody_is_left_out_who_asks(self) -> None:
        full = replace(ANA, busy=busy(*((d, "09:00", "17:00") for d in range(23, 28))))
        conflict = find_slots([full, BO], week(), now=NOW).conflict
        assert conflict
        assert not [s for s in conflict.nearest if "Ana" in s.absent]


class TestBadInput:
    @pytest.mark.parametrize("grid", [0, -15, 7, 45])
    def test_a_grid_that_divides_no_hour(self, grid: int) -> None:
        with pytest.raises(ValueError, match="does not divide an hour"):
            week(grid=grid)

    def test_times_without_zone(self) -> None:
        naive = datetime(2026, 11, 23, 9)  # noqa: DTZ001
        with pytest.raises(ValueError, match="no time zone"):
            Interval(naive, naive)
        with pytest.raises(ValueError, match="no time zone"):
            week(start=naive)

    def test_a_window_without_end(self) -> None:
        with pytest.raises(ValueError, match="two years"):
            week(end=datetime(9999, 1, 1, tzinfo=UTC))

    def test_busy_times_that_make_no_sense_are_nothing(self) -> None:
        odd = (
            Interval(at(23, "12:00"), at(23, "09:00")),
            Interval(at(23, "10:00"), at(23, "10:00")),
            Interval(datetime(1, 1, 2, tzinfo=UTC), datetime(1, 1, 3, tzinfo=UTC)),
        )
        assert free_starts([replace(ANA, busy=odd)], week(), now=NOW) == free_starts([ANA], week(), now=NOW)


# The law: what is found is exactly what trying every minute finds.

ZONES = ["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"]
DST_WEEKS = [date(2026, 3, 28), date(2026, 10, 24), date(2026, 10, 31), date(2026, 4, 4), date(2026, 6, 1)]


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Availability], SlotRequest, datetime]:
    day = draw(st.sampled_from(DST_WEEKS))
    base = datetime.combine(day, time(0), UTC)
    start = base + timedelta(minutes=draw(st.integers(0, 1000)))
    end = start + timedelta(minutes=draw(st.integers(30, 4 * 1440)))

    def person(number: int) -> Availability:
        moments = st.integers(-300, 6000).map(lambda m: base + timedelta(minutes=m))
        spans = draw(st.lists(st.tuples(moments, st.integers(0, 500)), max_size=6))
        intervals = tuple(Interval(a, a + timedelta(minutes=n, seconds=number)) for a, n in spans)
        opens, length = draw(st.integers(0, 1200)), draw(st.integers(60, 900))
        hours = (((opens, min(1440, opens + length)),),) * 7
        return Availability(
            f"P{number}",
            busy=draw(st.sampled_from([intervals, intervals, None])),
            known_until=draw(st.none() | moments),
            zone=draw(st.sampled_from(ZONES)),
            hours=draw(st.sampled_from([hours, (*hours[:5], (), ()), None])),
            required=draw(st.booleans()),
            must_confirm=draw(st.sampled_from([False, False, True])),
        )

    people = [person(n) for n in range(draw(st.integers(1, 4)))]
    clocks = st.none() | st.times().map(lambda t: t.replace(second=0, microsecond=0))
    request = SlotRequest(
        draw(st.integers(1, 120)), start, end,
        zone=draw(st.sampled_from(ZONES)),
        grid=draw(st.sampled_from([5, 10, 15, 30, 60])),
        not_before=draw(clocks), not_after=draw(clocks),
        not_on=draw(st.frozensets(st.integers(0, 6), max_size=3)),
        parts=draw(st.frozensets(st.sampled_from(sorted(PARTS)), max_size=2)),
        prefer=Preferences(parts=draw(st.frozensets(st.sampled_from(sorted(PARTS)), max_size=1))),
    )  # fmt: skip
    return people, request, start + timedelta(minutes=draw(st.integers(-600, 100)))


class Tried:
    """Everything about each start, found out by looking at every single minute."""

    def __init__(self, people: list[Availability], request: SlotRequest) -> None:
        self.people, self.request = people, request
        self.origin = request.start.replace(second=0, microsecond=0) - timedelta(hours=12)
        count = (request.end - self.origin) // timedelta(minutes=1) + 720
        self.moments = [self.origin + timedelta(minutes=n) for n in range(count)]
        self.wall = {
            z: [self._wall(m, z) for m in self.moments] for z in {request.zone, *(p.zone for p in people)}
        }
        self.taken = {p.name: [self._taken(p, m) for m in self.moments] for p in people}
        self.works = {
            p.name: [p.hours is None or any(a <= w < b for a, b in p.hours[d]) for d, w in self.wall[p.zone]]
            for p in people
        }
        until = {p.name: p.known_until or request.end for p in people}
        self.known = {
            p.name: [p.busy is not None and m + timedelta(minutes=1) <= until[p.name] for m in self.moments]
            for p in people
        }

    @staticmethod
    def _wall(moment: datetime, zone: str) -> tuple[int, int]:
        """Weekday and minute of the day on the wall there."""
        local = moment.astimezone(ZoneInfo(zone))
        return local.weekday(), local.hour * 60 + local.minute

    @staticmethod
    def _taken(person: Availability, minute: datetime) -> bool:
        after = minute + timedelta(minutes=1)
        return any(i.start < after and i.end > minute and i.start < i.end for i in person.busy or ())

    def starts(self, earliest: datetime) -> Iterable[int]:
        """Every moment on the grid from which the meeting ends within the window."""
        last = self.request.end - timedelta(minutes=self.request.minutes)
        for n, moment in enumerate(self.moments):
            if earliest <= moment <= last and self.wall[self.request.zone][n][1] % self.request.grid == 0:
                yield n

    def feasible(self, n: int) -> bool:
        request, span = self.request, slice(n, n + self.request.minutes)
        last = (request.not_after.hour * 60 + request.not_after.minute) or 1440 if request.not_after else 1440
        first = request.not_before.hour * 60 + request.not_before.minute if request.not_before else 0
        return all(
            first <= wall < last and weekday not in request.not_on and self._in(wall, request.parts)
            for weekday, wall in self.wall[request.zone][span]
        ) and all(
            self.fits(p, n) and (not p.must_confirm or self.sure(p, n)) for p in self.people if p.required
        )

    def fits(self, person: Availability, n: int) -> bool:
        span = slice(n, n + self.request.minutes)
        return all(self.works[person.name][span]) and not any(self.taken[person.name][span])

    def sure(self, person: Availability, n: int) -> bool:
        return all(self.known[person.name][n : n + self.request.minutes])

    def unconfirmed(self, n: int) -> tuple[str, ...]:
        return tuple(p.name for p in self.people if not self.sure(p, n))

    def absent(self, n: int) -> tuple[str, ...]:
        return tuple(p.name for p in self.people if not p.required and not self.fits(p, n))

    def points(self, n: int, earliest: datetime) -> int:
        prefer, end = self.request.prefer, n + self.request.minutes
        mine = self.wall[self.request.zone][n:end]
        points = sum((1000 if p.required else 150) for p in self.people if not self.sure(p, n))
        points += 300 * len(self.absent(n))
        for person in (p for p in self.people if p.required):
            taken = self.taken[person.name]
            if person.hours is not None:
                points += 60 * any(720 <= wall < 780 for _, wall in self.wall[person.zone][n:end])
            ended = [b for b in range(n - prefer.gap + 1, n + 1) if taken[b - 1] and not taken[b]]
            begins = [a for a in range(end, end + prefer.gap) if taken[a] and not taken[a - 1]]
            points += 30 * (len(ended) + len(begins))
        points += 120 * (not all(self._in(wall, prefer.parts) for _, wall in mine))
        points += 3 * (mine[0][1] % 30 != 0)
        return points + 2 * ((self.moments[n] - earliest) // timedelta(hours=1))

    @staticmethod
    def _in(wall: int, parts: frozenset[Part]) -> bool:
        return not parts or any(a <= wall < b for a, b in (PARTS[p] for p in parts))


@given(problems())
@settings(max_examples=120, deadline=None)
def test_exactly_what_trying_every_minute_finds(
    problem: tuple[list[Availability], SlotRequest, datetime],
) -> None:
    people, request, now = problem
    earliest = max(request.start, now + timedelta(minutes=30))
    tried = Tried(people, request)
    expected = [n for n in tried.starts(earliest) if tried.feasible(n)]

    assert free_starts(people, request, now=now) == [tried.moments[n] for n in expected]
    proposal = find_slots(people, request, now=now, limit=1000)
    assert (proposal.conflict is None) == bool(expected)
    assert proposal.possible == len(expected)
    for slot in proposal.slots:
        n = (slot.start - tried.origin) // timedelta(minutes=1)
        assert n in expected
        assert slot.points == tried.points(n, earliest)
        assert (slot.unconfirmed, slot.absent) == (tried.unconfirmed(n), tried.absent(n))
    if expected:
        best = min(expected, key=lambda n: (tried.points(n, earliest), n))
        # In UTC: two zones' times in a repeated hour are never equal (PEP 495).
        assert proposal.slots[0].start.astimezone(UTC) == tried.moments[best]
    assert proposal == find_slots(people, request, now=now, limit=1000)


@given(problems())
@settings(max_examples=100, deadline=None)
def test_ways_out_of_a_conflict_are_honest(
    problem: tuple[list[Availability], SlotRequest, datetime],
) -> None:
    """Nobody who is taken then is left unnamed, nor anybody of whom nothing is known then."""
    people, request, now = problem
    conflict = find_slots(people, request, now=now).conflict
    if conflict is None:
        return
    assert conflict.message
    assert len(set(conflict.blockers)) == len(conflict.blockers)
    for slot in conflict.nearest:
        assert slot.start >= now + timedelta(minutes=30)
        assert slot.why.startswith("if ")
        for person in people:
            overlaps = any(
                i.start < slot.end and i.end > slot.start for i in person.busy or () if i.start < i.end
            )
            unknown = person.busy is None or slot.end > (person.known_until or request.end)
            assert not overlaps or person.name in slot.absent
            assert not unknown or person.name in slot.unconfirmed
