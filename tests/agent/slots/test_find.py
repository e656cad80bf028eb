"""Finding a time: complete on the grid, never in the past, and never free where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import combinations, pairwise
from typing import Any
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
    scored_starts,
)
from deskhand.agent.slots.intervals.minutes import Minutes, before, ceil_minute, floor_minute
from deskhand.agent.slots.intervals.spans import without

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


def starts_of(people: list[Availability], request: SlotRequest) -> list[str]:
    """Free starts as `24 10:00`, in Paris."""
    return [f"{s.astimezone(PARIS):%d %H:%M}" for s in free_starts(people, request, now=NOW)]


def one_day(minutes: int = 60, **changes: Any) -> SlotRequest:
    """Tuesday 24 November, on the hour."""
    return week(minutes, **{"start": at(24, "00:00"), "end": at(25, "00:00"), "grid": 60, **changes})


def hours(first: int, last: int, but: Iterable[int] = ()) -> list[str]:
    return [f"24 {hour:02}:00" for hour in range(first, last + 1) if hour not in set(but)]


WORKING = one_day(start=at(24, "10:00"), end=at(24, "17:00"))
"""Wholly in everybody's hours, so that these bar nothing."""


class TestEachRule:
    """A case in which it decides beside one in which it does not, the name it has, and a way out."""

    def conflict_of(
        self, people: list[Availability], request: SlotRequest
    ) -> tuple[tuple[str, ...], list[str]]:
        conflict = find_slots(people, request, now=NOW).conflict
        assert conflict
        assert conflict.least
        return conflict.blockers, [slot.why.partition(";")[0] for slot in conflict.nearest]

    def test_days_off_by_the_name_of_the_holiday(self) -> None:
        bo = replace(
            BO, days_off=((date(2026, 11, 24), "Restoration Day"), (date(2026, 12, 25), "Christmas"))
        )
        assert {s[:2] for s in starts_of([ANA, bo], week(60))} == {"23", "25", "26", "27"}
        blockers, ways = self.conflict_of([ANA, bo], WORKING)
        assert blockers == ("the day off of Bo (Restoration Day on 24 November)",)
        assert "if Bo works on Restoration Day on 24 November" in ways

    def test_a_day_off_is_that_of_the_persons_own_clock(self) -> None:
        """24 November is over in Auckland at noon of that day in Paris."""
        ari = Availability(
            "Ari", busy=(), zone="Pacific/Auckland", hours=None, days_off=((date(2026, 11, 24), ""),)
        )
        assert starts_of([ANA, ari], one_day()) == hours(12, 16)

    def test_notice_of_one_person(self) -> None:
        bo = replace(BO, notice=timedelta(days=2, hours=3))
        assert starts_of([ANA, bo], one_day()) == hours(12, 16)
        bo = replace(bo, notice=timedelta(days=3))
        blockers, ways = self.conflict_of([ANA, bo], one_day())
        assert blockers == ("3 days of notice for Bo",)
        assert "if Bo may be told less than 3 days ahead" in ways

    def test_a_buffer_on_both_sides(self) -> None:
        ana = replace(ANA, busy=busy((24, "12:00", "13:00")), buffer=30)
        assert starts_of([ana], one_day(grid=30)) == [
            *(f"24 {clock}" for clock in ("09:00", "09:30", "10:00", "10:30")),
            *(f"24 {clock}" for clock in ("13:30", "14:00", "14:30", "15:00", "15:30", "16:00")),
        ]
        blockers, ways = self.conflict_of([ana], one_day(start=at(24, "11:00"), end=at(24, "12:00")))
        assert blockers == ("the 30 minutes that Ana keeps free around other meetings",)
        assert "if it may lie right next to other meetings of Ana" in ways

    def test_enough_meetings_on_a_day(self) -> None:
        """Journeys are no meetings, and what began the day before is none of this day."""
        journey = replace(busy((24, "09:00", "10:00"))[0], meeting=False)
        ana = replace(
            ANA, busy=(journey, *busy((24, "10:00", "11:00"), (23, "23:30", "09:30"))[:1]), most_a_day=2
        )
        assert starts_of([ana], one_day()) == hours(11, 16)
        full = replace(ana, busy=(journey, *busy((24, "10:00", "10:30"), (24, "10:30", "11:00"))))
        blockers, ways = self.conflict_of([full], one_day())
        assert blockers == ("at most 2 meetings a day for Ana",)
        assert "if Ana may have 3 meetings on a day" in ways

    def test_lunch_that_is_kept(self) -> None:
        assert starts_of([replace(ANA, keep_lunch=True)], one_day()) == hours(9, 16, {12})
        late = replace(ANA, keep_lunch=True, lunch=(13 * 60, 14 * 60 + 1))
        assert starts_of([late], one_day()) == hours(9, 16, {13, 14})
        blockers, ways = self.conflict_of([late], one_day(start=at(24, "13:00"), end=at(24, "14:00")))
        assert blockers == ("the lunch of Ana",)
        assert "if it may touch the lunch of Ana" in ways

    def test_parts_of_the_day(self) -> None:
        anytime = replace(ANA, hours=None)
        assert starts_of([anytime], one_day(not_parts=frozenset({"morning", "evening"}))) == hours(12, 16)
        both = one_day(parts=frozenset({"morning", "afternoon"}), not_before=time(10), not_after=time(14))
        assert starts_of([anytime], both) == hours(10, 13)
        blockers, ways = self.conflict_of(
            [ANA], replace(WORKING, not_parts=frozenset({"afternoon", "morning"}))
        )
        assert blockers == ("not in the morning or afternoon",)
        assert "if the morning or afternoon would do after all" in ways
        blockers, ways = self.conflict_of([ANA], replace(WORKING, parts=frozenset({"evening"})))
        assert blockers == ("only in the evening",)
        assert "if it need not be in the evening" in ways

    def test_within_one_of_several_times_but_not_across_two(self) -> None:
        asked = busy(
            (24, "10:00", "11:00"), (24, "11:00", "12:30"), (24, "14:00", "16:00"), (24, "15:00", "17:00")
        )
        request = one_day(grid=30, within=asked)
        clocks = ("10:00", "11:00", "11:30", "14:00", "14:30", "15:00", "15:30", "16:00")
        assert starts_of([ANA], request) == [f"24 {clock}" for clock in clocks]
        longer = replace(request, minutes=120)
        assert starts_of([ANA], longer) == ["24 14:00", "24 15:00"]
        blockers, ways = self.conflict_of([ANA], replace(WORKING, within=busy((25, "09:00", "10:00"))))
        assert blockers == ("only at the times named",)
        assert "if it may lie at another time than named" in ways

    def test_what_is_to_be_avoided_by_its_name(self) -> None:
        board = replace(busy((24, "09:00", "17:00"))[0], name="the board meeting")
        assert starts_of([ANA], one_day(avoid=busy((24, "10:01", "10:02")))) == hours(9, 16, {10})
        blockers, ways = self.conflict_of([ANA], replace(WORKING, avoid=(board,)))
        assert blockers == ("not during the board meeting",)
        assert "if it may touch the board meeting" in ways

    def test_weekdays_and_dates(self) -> None:
        request = week(60, not_on=frozenset({0, 4}), not_dates=frozenset({date(2026, 11, 25)}))
        assert {s[:2] for s in starts_of([ANA], request)} == {"24", "26"}
        only = replace(request, end=at(24, "00:00"), not_dates=frozenset({date(2026, 11, 23)}))
        blockers, ways = self.conflict_of([ANA], only)
        assert blockers == ("not on Monday or Friday",)
        assert "if Monday would do after all" not in ways  # the date stands against it too
        blockers, ways = self.conflict_of([ANA], replace(only, not_dates=frozenset()))
        assert "if Monday would do after all" in ways

    def test_a_room_that_is_free_and_known(self) -> None:
        blue = Availability("Blue", busy=busy((24, "09:00", "12:00")), zone="Europe/Paris")
        red = Availability("Red", busy=busy((24, "11:00", "17:00")), zone="Europe/Paris")
        unknown = Availability("Green", zone="Europe/Paris")
        request = one_day(rooms=(unknown, blue, red))
        found = {s.start: s.room for s in find_slots([ANA], request, now=NOW, limit=20).slots}
        assert found == {
            at(24, f"{hour:02}:00"): "Red" if hour < 11 else "Blue" for hour in range(9, 17) if hour != 11
        }
        blockers, ways = self.conflict_of([ANA], one_day(rooms=(unknown,)))
        assert blockers == ("a free room",)
        assert "if it needs no room" in ways

    def test_one_room_for_the_whole_meeting(self) -> None:
        blue = Availability("Blue", busy=busy((24, "09:00", "12:00")), zone="Europe/Paris")
        red = Availability("Red", busy=busy((24, "12:00", "17:00")), zone="Europe/Paris")
        assert starts_of([ANA], one_day(120, rooms=(blue, red))) == hours(9, 15, {11})

    def test_optional_people_make_no_rules_but_are_missed(self) -> None:
        cy = replace(
            BO, name="Cy", required=False, buffer=60, busy=busy((24, "12:00", "13:00")), keep_lunch=True,
            notice=timedelta(days=2, hours=2), must_confirm=True,
        )  # fmt: skip
        slots = find_slots([ANA, cy], one_day(), now=NOW, limit=20).slots
        assert {f"{s.start:%H}" for s in slots if s.absent} == {"09", "10", "11", "12", "13"}
        assert len(slots) == 8


class TestEachPreference:
    """Two hours of one day to choose from, with one thing that speaks against the first of them."""

    def chosen(self, people: list[Availability], first: str, second: str, **prefer: Any) -> tuple[str, str]:
        """Which of two hours is best, with this preference and when it is switched off."""
        within = tuple(Interval(at(24, c), at(24, c) + timedelta(hours=1)) for c in (first, second))
        quiet = Preferences(
            **dict.fromkeys(("adjacent", "whole", "pain", "lunch", "run", "focus", "dislike"), 0)
        )
        found = []
        for points in (prefer, {}):
            request = one_day(within=within, prefer=replace(quiet, **points))
            found.append(f"{find_slots(people, request, now=NOW).slots[0].start:%H:%M}")
        return found[0], found[1]

    def test_liked_hours(self) -> None:
        ana = replace(ANA, likes=((15 * 60, 17 * 60),))
        assert self.chosen([ana], "10:00", "15:00", dislike=60) == ("15:00", "10:00")
        assert self.chosen([replace(ana, required=False)], "10:00", "15:00", dislike=60) == ("10:00", "10:00")

    def test_liked_days(self) -> None:
        ana = replace(ANA, likes_days=frozenset({1}))
        best = find_slots([ana], week(60), now=NOW).slots[0]
        assert best.start == at(24, "09:00")
        assert "when Ana would like to meet" in best.why

    def test_time_kept_for_work(self) -> None:
        ana = replace(ANA, focus=busy((24, "10:59", "12:00")))
        assert self.chosen([ana], "10:00", "15:00", focus=80) == ("15:00", "10:00")
        assert self.chosen([ana], "09:00", "15:00", focus=80) == ("09:00", "09:00")

    def test_lunch_of_ones_own(self) -> None:
        ana = replace(ANA, lunch=(10 * 60 + 30, 11 * 60))
        assert self.chosen([ana], "10:00", "12:00", lunch=60) == ("12:00", "10:00")
        assert self.chosen([ANA], "12:00", "13:00", lunch=60) == ("13:00", "12:00")

    def test_a_run_without_a_pause(self) -> None:
        ana = replace(ANA, busy=busy((24, "09:00", "11:01"), (24, "09:00", "12:00"), (24, "16:00", "17:00")))
        assert self.chosen([ana], "12:00", "14:00", run=40) == ("14:00", "12:00")
        assert self.chosen([ana], "12:00", "14:00", run=40, run_minutes=240) == ("12:00", "12:00")

    def test_both_sides_make_one_run(self) -> None:
        ana = replace(ANA, busy=busy((24, "09:00", "10:30"), (24, "11:30", "12:30")))
        request = one_day(
            within=busy((24, "10:30", "11:30")), grid=30, prefer=Preferences(whole=0, adjacent=0)
        )
        (slot,) = find_slots([ana], request, now=NOW).slots
        assert "more than 3 hours without a pause for Ana" in slot.why
        assert slot.points == 40 + 2 * 10

    def test_a_whole_day_stays_whole(self) -> None:
        """Nothing is on the day of the first, and something on that of the second, if late at night."""
        ana = replace(ANA, busy=(Interval(at(25, "23:59"), at(26, "00:30")),))
        request = week(60, start=at(24, "16:00"), end=at(25, "10:00"), grid=60)
        assert find_slots([ana], request, now=NOW).slots[0].start == at(24, "16:00")
        whole = replace(request, prefer=Preferences(whole=100))
        assert find_slots([ana], whole, now=NOW).slots[0].start == at(25, "09:00")
        unknown = replace(ana, busy=None)
        assert find_slots([unknown], whole, now=NOW).slots[0].start == at(24, "16:00")

    def test_a_whole_day_of_25_hours(self) -> None:
        """The repeated hour belongs to the day, and the first minute of the next does not."""
        request = SlotRequest(60, at(25, "12:00", month=10), at(25, "14:00", month=10), zone="Europe/Paris")
        early = replace(
            ANA, hours=None, busy=(Interval(at(24, "23:00", month=10), at(25, "00:00", month=10)),)
        )
        late = Interval(at(26, "00:00", month=10), at(26, "01:00", month=10))
        points = [
            find_slots([replace(early, busy=b)], request, now=at(1, "00:00", month=10)).slots[0].points
            for b in (early.busy, (late,), (replace(late, start=at(25, "23:59", month=10)),))
        ]
        assert points == [10, 10, 0]

    def test_near_other_meetings(self) -> None:
        ana = replace(ANA, busy=busy((24, "13:00", "14:00")))
        assert self.chosen([ana], "09:00", "15:00", near=20) == ("15:00", "09:00")
        assert self.chosen([ana], "09:00", "15:00", near=20, near_minutes=59) == ("09:00", "09:00")

    def test_pain_is_shared(self) -> None:
        """Two people an hour early are better than one two hours early, and nobody is better than both."""
        early: Any = (((6 * 60, 22 * 60),),) * 7
        a, b, c = (
            Availability(name, busy=(), zone=zone, hours=early)
            for name, zone in (("A", "Europe/Paris"), ("B", "Europe/Paris"), ("C", "Europe/London"))
        )
        # At 8 in Paris: an hour early for A and B, two for C. At 17 an hour late for A and B, none for C.
        assert self.chosen([a, b, c], "08:00", "17:00", pain=10) == ("17:00", "08:00")
        request = one_day(within=busy((24, "08:00", "09:00")), prefer=Preferences(whole=0, later=0))
        (slot,) = find_slots([a, b, c], request, now=NOW).slots
        assert slot.points == 10 * (1 + 1 + 4)
        assert "outside 09:00-17:00 for A, B and C" in slot.why
        nobody_knows = replace(c, clock_counts=False)
        assert find_slots([a, b, nobody_knows], request, now=NOW).slots[0].points == 20

    def test_pain_is_felt_by_those_whose_hours_are_not_known(self) -> None:
        """Nine in Lisbon is four in New York, and half past three is half past ten."""
        nia = Availability("Nia", busy=(), zone="America/New_York", hours=None)
        asked = one_day(30, grid=30, zone="Europe/Lisbon", start=at(24, "01:00"))
        found = find_slots([BO, nia], asked, now=NOW, limit=30).slots
        assert found[0].start >= at(24, "15:00")
        (nine,) = find_slots([BO, nia], replace(asked, within=busy((24, "10:00", "10:30"))), now=NOW).slots
        assert nine.points - found[0].points >= 10 * 25 - 2 * 8
        assert {"04:00 for Nia", "outside 09:00-17:00 for Nia"} <= set(nine.why.split("; "))
        stands_in = replace(nia, clock_counts=False)
        best = find_slots([BO, stands_in], asked, now=NOW).slots[0]
        assert best.start == at(24, "10:00")
        assert "04:00" not in best.why
        assert "outside" not in best.why

    def test_on_the_half_hour(self) -> None:
        request = one_day(30, grid=15, within=busy((24, "10:15", "10:45"), (24, "10:30", "11:00")))
        assert find_slots([ANA], request, now=NOW).slots[0].start == at(24, "10:30")

    def test_as_long_as_there_is_room(self) -> None:
        ana = replace(ANA, busy=busy((24, "09:00", "10:00"), (24, "10:40", "17:00")))
        quiet = Preferences(adjacent=0, run=0)
        request = one_day(20, longest=60, grid=5, prefer=quiet)
        slot = find_slots([ana], request, now=NOW).slots[0]
        assert (slot.start, slot.end, slot.points) == (at(24, "10:00"), at(24, "10:40"), 20 + 2 * 20)
        assert "40 of at most 60 minutes" in slot.why

    def test_a_shorter_meeting_where_the_longer_does_harm(self) -> None:
        """Ten minutes less cost 20 points, and a lunch 60."""
        request = one_day(20, longest=30, grid=10, within=busy((24, "11:40", "12:30")))
        slot = find_slots([ANA], request, now=NOW).slots[0]
        assert slot.end == at(24, "12:00")
        relaxed = replace(request, prefer=Preferences(lunch=10), end=at(24, "12:20"))
        slot = find_slots([ANA], relaxed, now=NOW).slots[0]
        assert (slot.start, slot.end) == (at(24, "11:40"), at(24, "12:10"))

    def test_the_room_named_first(self) -> None:
        rooms = tuple(
            Availability(n, busy=b, zone="Europe/Paris")
            for n, b in (("A", busy((24, "09:00", "11:00"))), ("B", ()))
        )
        slots = find_slots(
            [ANA], one_day(rooms=rooms, prefer=Preferences(room=50, later=0)), now=NOW, limit=20
        ).slots
        assert (slots[0].start, slots[0].room) == (at(24, "11:00"), "A")
        assert [s.points for s in slots if s.room == "B"] == [50 + 10, 50 + 10]


class TestTheFacts:
    def test_shared_hours_who_is_out_and_what_stays_free(self) -> None:
        nia = Availability("Nia", busy=(), zone="America/New_York", days_off=((date(2026, 11, 23), "Feast"),))
        bo = replace(BO, busy=busy((24, "00:00", "23:59")))
        best = find_slots([replace(ANA, name="you"), bo, nia], week(60), now=NOW).slots[0]
        facts = best.why.split("; ")
        assert best.start == at(25, "15:00")
        assert "everybody's hours overlap 15:00-17:00 Paris time" in facts
        assert "keeps your morning free" in facts
        assert {"Nia is out on Monday", "Bo is out on Tuesday"} <= set(facts)
        assert {"14:00 for Bo", "09:00 for Nia"} <= set(facts)

    def test_two_days_on_which_one_person_is_out_are_one_fact(self) -> None:
        you = replace(ANA, name="you", busy=busy((23, "00:00", "23:59"), (24, "00:00", "23:59")))
        best = find_slots([you, BO], week(60), now=NOW).slots[0]
        assert best.start.date() == date(2026, 11, 25)
        assert "you are out on Monday and Tuesday" in best.why.split("; ")

    def test_what_is_yours(self) -> None:
        you = replace(ANA, name="you", busy=busy((24, "11:00", "12:00")))
        bo, noon = replace(you, name="Bo"), one_day(start=at(24, "12:00"), end=at(24, "13:00"))
        alone, both = (find_slots(people, noon, now=NOW).slots[0] for people in ([you], [you, bo]))
        assert {"touches your lunch", "right next to another meeting of yours"} <= set(alone.why.split("; "))
        assert "touches your lunch and that of Bo" in both.why.split("; ")
        assert "right next to another meeting for you and Bo" in both.why.split("; ")

    def test_many_who_are_free_are_counted(self) -> None:
        crowd = [replace(ANA, name=f"P{n}") for n in range(9)]
        assert "free for all 9" in find_slots(crowd, week(60), now=NOW).slots[0].why
        crowd[8] = replace(crowd[8], busy=None)
        best = find_slots(crowd, week(60), now=NOW).slots[0]
        assert "free for P0, P1, P2, P3, P4, P5 and 2 more; not confirmed with P8" in best.why

    def test_who_is_out_for_certain_is_not_also_in_doubt(self) -> None:
        cy = Availability("Cy", zone="Europe/Paris", busy=None, required=False, hours=((),) * 7)
        best = find_slots([ANA, cy], week(60), now=NOW).slots[0]
        assert best.why.split("; ")[:3] == ["the earliest time that fits", "free for Ana", "without Cy"]
        assert best.unconfirmed == best.absent == ("Cy",)

    def test_lunch_is_spoken_of_near_lunch(self) -> None:
        for clock, near in (("10:00", False), ("10:30", True), ("13:30", True), ("14:30", False)):
            when = Interval(at(23, clock), at(23, clock) + timedelta(hours=1))
            (slot,) = find_slots([ANA], week(60, within=(when,)), now=NOW).slots
            assert ("lunch stays free" in slot.why) is near, clock

    def test_nothing_is_said_that_is_not_known(self) -> None:
        """An unknown morning is not called free, nor hours shared which are not known."""
        you = replace(ANA, name="you", busy=None)
        nia = Availability("Nia", busy=(), zone="America/New_York", hours=None)
        best = find_slots([you, nia], one_day(not_before=time(13)), now=NOW).slots[0]
        assert "keeps" not in best.why
        assert "overlap" not in best.why
        taken = replace(ANA, name="you", busy=busy((24, "11:59", "12:00")))
        best = find_slots([taken], one_day(not_before=time(13)), now=NOW).slots[0]
        assert "keeps your morning free" not in best.why


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
            "the working hours of Ana (09:00-17:00 Europe/Paris)",
            "the calendar of Bo",
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

    @pytest.mark.parametrize("name", ["absent", "later", "gap", "run_minutes"])
    def test_points_for_what_is_disliked(self, name: str) -> None:
        assert getattr(Preferences(**{name: 0}), name) == 0
        with pytest.raises(ValueError, match=f"{name} is -1: points and minutes .* are 0 or more"):
            Preferences(**{name: -1})

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
    """Up to four people over up to three days, most of them about a change of clocks."""
    day = draw(st.sampled_from(DST_WEEKS))
    base = datetime.combine(day, time(0), UTC)
    start = base + timedelta(minutes=draw(st.integers(0, 1000)))
    end = start + timedelta(minutes=draw(st.integers(30, 3 * 1440)))
    moments = st.integers(-300, 4600).map(lambda m: base + timedelta(minutes=m))
    dates = st.integers(-1, 4).map(lambda n: day + timedelta(days=n))
    clock_span = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).map(lambda s: (min(s), max(s)))
    parts = st.frozensets(st.sampled_from(sorted(PARTS)), max_size=2)

    def rarely(value: st.SearchStrategy[Any], otherwise: Any) -> Any:
        return draw(st.one_of(st.just(otherwise), st.just(otherwise), st.just(otherwise), value))

    def intervals(most: int, longest: int) -> st.SearchStrategy[tuple[Interval, ...]]:
        def made(spans: list[tuple[datetime, int, int, bool]]) -> tuple[Interval, ...]:
            return tuple(
                Interval(a, a + timedelta(minutes=n, seconds=s), name=f"I{n}", meeting=m)
                for a, n, s, m in spans
            )

        parts_of_it = st.tuples(moments, st.integers(0, longest), st.sampled_from([0, 0, 20]), st.booleans())
        return st.lists(parts_of_it, max_size=most).map(made)

    def person(name: str) -> Availability:
        opens, length = draw(st.integers(0, 1200)), draw(st.integers(60, 900))
        hours = (((opens, min(1440, opens + length)),),) * 7
        return Availability(
            name,
            busy=draw(st.one_of(intervals(6, 400), intervals(6, 400), st.none())),
            known_until=rarely(moments, None),
            zone=draw(st.sampled_from(ZONES)),
            clock_counts=draw(st.sampled_from([True, True, False])),
            hours=draw(st.sampled_from([hours, (*hours[:5], (), ()), None])),
            required=draw(st.sampled_from([True, True, False])),
            must_confirm=draw(st.sampled_from([False, False, True])),
            days_off=rarely(dates.map(lambda d: ((d, "Feast"),)), ()),
            notice=rarely(st.integers(0, 3000).map(lambda n: timedelta(minutes=n)), timedelta(0)),
            buffer=rarely(st.integers(1, 60), 0),
            most_a_day=rarely(st.integers(0, 3), None),
            lunch=rarely(clock_span, None),
            keep_lunch=draw(st.sampled_from([False, False, True])),
            focus=rarely(intervals(2, 300), ()),
            likes=rarely(st.lists(clock_span, max_size=2).map(tuple), ()),
            likes_days=rarely(st.frozensets(st.integers(0, 6), max_size=4), frozenset()),
        )

    people = [person(f"P{n}") for n in range(draw(st.integers(1, 4)))]
    clocks = st.none() | st.times().map(lambda t: t.replace(second=0, microsecond=0))
    minutes = draw(st.integers(1, 120))
    request = SlotRequest(
        minutes, start, end,
        zone=draw(st.sampled_from(ZONES)),
        grid=draw(st.sampled_from([5, 10, 15, 30, 60])),
        not_before=rarely(clocks, None), not_after=rarely(clocks, None),
        not_on=rarely(st.frozensets(st.integers(0, 6), max_size=2), frozenset()),
        not_dates=rarely(st.frozensets(dates, max_size=2), frozenset()),
        parts=rarely(parts, frozenset()), not_parts=rarely(parts, frozenset()),
        within=rarely(intervals(4, 900), ()), avoid=rarely(intervals(2, 300), ()),
        longest=rarely(st.integers(minutes, minutes + 90), 0),
        rooms=tuple(person(f"R{n}") for n in range(rarely(st.integers(0, 2), 0))),
        prefer=rarely(
            st.builds(
                Preferences, parts=parts, near=st.sampled_from([0, 7]), gap=st.integers(0, 30),
                run_minutes=st.integers(30, 400), lunch_span=clock_span, whole=st.sampled_from([0, 10]),
                pain=st.sampled_from([0, 10]), core=clock_span, shorter=st.sampled_from([0, 1, 5]),
            ),
            Preferences(),
        ),
    )  # fmt: skip
    return people, request, start + timedelta(minutes=draw(st.integers(-600, 100)))


class Tried:
    """What model.py says, found out by looking at every single minute of every start, length and room."""

    def __init__(self, people: list[Availability], request: SlotRequest, now: datetime) -> None:
        self.people, self.request, self.now = people, request, now
        self.origin = request.start.replace(second=0, microsecond=0) - timedelta(hours=48)
        count = (request.end - self.origin) // timedelta(minutes=1) + 2 * 1440
        self.moments = [self.origin + timedelta(minutes=n) for n in range(count)]
        zones = {request.zone, *(p.zone for p in (*people, *request.rooms))}
        self.wall = {z: [m.astimezone(ZoneInfo(z)) for m in self.moments] for z in zones}
        self.clock = {z: [w.hour * 60 + w.minute for w in self.wall[z]] for z in zones}
        self.taken = {p.name: self._covered(p.busy or ()) for p in (*people, *request.rooms)}
        self.focus = {p.name: self._covered(p.focus) for p in people}
        self.avoid = self._covered(request.avoid)
        earliest = max(request.start, now + timedelta(minutes=30))
        self.earliest = next(n for n, m in enumerate(self.moments) if m >= earliest)
        self.close = (request.end - self.origin) // timedelta(minutes=1)

    def _covered(self, intervals: Iterable[Interval]) -> list[bool]:
        minute = timedelta(minutes=1)
        some = [(i.start, i.end) for i in intervals if i.start < i.end]
        return [any(a < m + minute and b > m for a, b in some) for m in self.moments]

    def starts(self) -> list[int]:
        """Every start on the grid of the window, for the shortest length."""
        clock = self.clock[self.request.zone]
        last = self.close - self.request.minutes
        return [n for n in range(self.earliest, last + 1) if clock[n] % self.request.grid == 0]

    def barring(self, n: int) -> frozenset[tuple[str, str]]:
        """The rules that the shortest meeting from here breaks."""
        return frozenset(self._broken(n, self.request.minutes))

    def _broken(self, n: int, minutes: int) -> Iterable[tuple[str, str]]:
        request, span = self.request, range(n, n + minutes)
        clock, wall = self.clock[request.zone], self.wall[request.zone]
        first, last = (t.hour * 60 + t.minute if t else 0 for t in (request.not_before, request.not_after))
        broken = {
            "not_before": any(clock[m] < first for m in span),
            "not_after": last > 0 and any(clock[m] >= last for m in span),
            "parts": not all(self._in(clock[m], request.parts) for m in span),
            "not_parts": bool(request.not_parts) and any(self._in(clock[m], request.not_parts) for m in span),
            "not_on": any(wall[m].weekday() in request.not_on for m in span),
            "not_dates": any(wall[m].date() in request.not_dates for m in span),
            "within": bool(request.within)
            and not any(
                i.start <= self.moments[n] and self.moments[n] + timedelta(minutes=minutes) <= i.end
                for i in request.within
            ),
            "avoid": any(self.avoid[m] for m in span),
        }
        yield from (("", kind) for kind, is_so in broken.items() if is_so)
        for person in self.people:
            if person.required:
                yield from ((person.name, kind) for kind in self.away(person, n, minutes))
                if person.must_confirm and not self.known(person, n, minutes):
                    yield person.name, "must_confirm"
        if request.rooms and self.room(n, minutes) is None:
            yield "", "room"

    def away(self, person: Availability, n: int, minutes: int) -> Iterable[str]:
        """What keeps somebody away, as far as is known."""
        span, taken = range(n, n + minutes), self.taken[person.name]
        clock, wall = self.clock[person.zone], self.wall[person.zone]
        today = [
            i
            for i in person.busy or ()
            if i.meeting
            and i.start < i.end
            and i.start.astimezone(ZoneInfo(person.zone)).date() == wall[n].date()
        ]
        broken = {
            "hours": person.hours is not None
            and not all(any(a <= clock[m] < b for a, b in person.hours[wall[m].weekday()]) for m in span),
            "days_off": any(wall[m].date() == day for m in span for day, _ in person.days_off),
            "busy": any(taken[m] for m in span),
            "buffer": any(
                not taken[m] and any(taken[max(m - person.buffer, 0) : m + person.buffer + 1]) for m in span
            ),
            "most_a_day": person.most_a_day is not None and len(today) >= person.most_a_day,
            "keep_lunch": person.keep_lunch and self.lunch(person, n, minutes),
            "notice": self.moments[n] < self.now + person.notice,
        }
        return [kind for kind, is_so in broken.items() if is_so]

    def known(self, person: Availability, n: int, minutes: int) -> bool:
        until = person.known_until or self.request.end
        return person.busy is not None and self.moments[n] + timedelta(minutes=minutes) <= until

    def lunch(self, person: Availability, n: int, minutes: int) -> bool:
        low, high = person.lunch or self.request.prefer.lunch_span
        return any(low <= self.clock[person.zone][m] < high for m in range(n, n + minutes))

    def room(self, n: int, minutes: int) -> int | None:
        for number, room in enumerate(self.request.rooms):
            if self.known(room, n, minutes) and not self.away(room, n, minutes):
                return number
        return None

    def best(self, n: int) -> tuple[int, int, str] | None:
        """Points, length and room of the best meeting that begins here."""
        request = self.request
        found = []
        for minutes in range(request.minutes, max(request.minutes, request.longest) + 1, request.grid):
            if n + minutes <= self.close and not list(self._broken(n, minutes)):
                number = self.room(n, minutes)
                points = self.points(n, minutes) + request.prefer.room * (number or 0)
                name = "" if number is None else request.rooms[number].name
                found.append((points, -minutes, name))
        return (min(found)[0], -min(found)[1], min(found)[2]) if found else None

    def points(self, n: int, minutes: int) -> int:
        request, prefer = self.request, self.request.prefer
        clock, end = self.clock[request.zone], n + minutes
        points = prefer.later * ((n - self.earliest) // 60) + prefer.odd * (clock[n] % 30 != 0)
        points += prefer.shorter * (request.longest - minutes if request.longest else 0)
        points += prefer.part * (not all(self._in(clock[m], prefer.parts) for m in range(n, end)))
        for person in self.people:
            unknown = not self.known(person, n, minutes)
            if person.required:
                points += prefer.unconfirmed * unknown + self.personal(person, n, minutes)
            else:
                points += prefer.doubtful * unknown + prefer.absent * bool(self.away(person, n, minutes))
        return points

    def personal(self, person: Availability, n: int, minutes: int) -> int:
        prefer, taken, end, points = self.request.prefer, self.taken[person.name], n + minutes, 0
        clock, wall, known = self.clock[person.zone], self.wall[person.zone], self.known(person, n, minutes)
        if person.likes or person.likes_days:
            points += prefer.dislike * any(
                (bool(person.likes) and not any(a <= clock[m] < b for a, b in person.likes))
                or (bool(person.likes_days) and wall[m].weekday() not in person.likes_days)
                for m in range(n, end)
            )
        points += prefer.focus * any(self.focus[person.name][n:end])
        ended = [n - b for b in range(1, n + 1) if taken[b - 1] and not taken[b]]
        begins = [a - end for a in range(end, len(taken)) if taken[a] and not taken[a - 1]]
        points += prefer.adjacent * (min(ended, default=9999) < max(prefer.gap, 1))
        points += prefer.adjacent * (min(begins, default=9999) < max(prefer.gap, 1))
        first = n
        while first and taken[first - 1]:
            first -= 1
        last = end
        while last < len(taken) and taken[last]:
            last += 1
        points += prefer.run * (last - first > prefer.run_minutes)
        day = [m for m, w in enumerate(wall) if w.date() == wall[n].date()]
        points += prefer.whole * (known and not any(taken[m] for m in day))
        points += prefer.near * (known and min([*ended, *begins], default=9999) > prefer.near_minutes)
        if person.hours is not None:
            points += prefer.lunch * self.lunch(person, n, minutes)
        if person.clock_counts:
            off = max(prefer.core[0] - clock[n], clock[n] + minutes - prefer.core[1], 0)
            points += prefer.pain * math.ceil(off / 60) ** 2
        return points

    @staticmethod
    def _in(clock: int, parts: frozenset[Part]) -> bool:
        return not parts or any(a <= clock < b for a, b in (PARTS[p] for p in parts))


@given(problems())
@settings(max_examples=40, deadline=None)
def test_exactly_what_trying_every_minute_finds(
    problem: tuple[list[Availability], SlotRequest, datetime],
) -> None:
    people, request, now = problem
    tried = Tried(people, request, now)
    expected = {n: best for n in tried.starts() if (best := tried.best(n))}

    # In UTC: two zones' times in a repeated hour are never equal (PEP 495).
    assert free_starts(people, request, now=now) == [tried.moments[n] for n in expected]
    found = scored_starts(people, request, now=now)
    first = floor_minute(tried.origin)
    assert {s.start - first: (s.points, s.minutes, s.room) for s in found} == expected
    proposal = find_slots(people, request, now=now, limit=1000)
    assert (proposal.conflict is None) == bool(expected)
    assert proposal.possible == len(expected)
    for slot in proposal.slots:
        n, minutes = (floor_minute(slot.start) - first, (slot.end - slot.start) // timedelta(minutes=1))
        assert (slot.points, minutes, slot.room) == expected[n]
        assert set(slot.unconfirmed) == {p.name for p in people if not tried.known(p, n, minutes)}
        assert set(slot.absent) == {p.name for p in people if not p.required and tried.away(p, n, minutes)}
    if expected:
        best = min(expected, key=lambda n: (expected[n][0], n))
        assert floor_minute(proposal.slots[0].start) - first == best
    assert proposal == find_slots(people, request, now=now, limit=1000)


@given(problems())
@settings(max_examples=40, deadline=None)
def test_a_conflict_names_the_fewest_rules(
    problem: tuple[list[Availability], SlotRequest, datetime],
) -> None:
    people, request, now = problem
    conflict = find_slots(people, request, now=now).conflict
    tried = Tried(people, request, now)
    barring = [tried.barring(n) for n in tried.starts()]
    if conflict is None or not barring:
        return
    every = sorted(frozenset().union(*barring))
    size = next(
        size
        for size in range(1, len(every) + 1)
        if any(all(b & set(some) for b in barring) for some in combinations(every, size))
    )
    assert conflict.least
    assert len(conflict.blockers) == size
    assert len(set(conflict.blockers)) == size


@given(problems())
@settings(max_examples=40, deadline=None)
def test_ways_out_of_a_conflict_are_honest(
    problem: tuple[list[Availability], SlotRequest, datetime],
) -> None:
    """Nobody who is taken then is left unnamed, nor anybody of whom nothing is known then."""
    people, request, now = problem
    conflict = find_slots(people, request, now=now).conflict
    if conflict is None:
        return
    assert conflict.message
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


ODD_ZONES = [
    "Australia/Lord_Howe",  # turns by half an hour
    "America/Sao_Paulo",  # turned at midnight, until 2019
    "America/St_Johns",  # turned at a minute past midnight, until 2011
    "Pacific/Apia",  # left out 30 December 2011
    "Africa/Monrovia",  # was 44 minutes and a half behind, until 1972
    "UTC",
]


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_moments_are_read_as_minutes_wherever_clocks_turn(data: st.DataObject) -> None:
    zones = st.sampled_from(
        [*(ZoneInfo(z) for z in ODD_ZONES), UTC, timezone(timedelta(minutes=-90, seconds=7))]
    )
    days = st.sampled_from([
        datetime(2010, 11, 7), datetime(2011, 12, 30), datetime(2018, 11, 4), datetime(2018, 2, 18),  # noqa: DTZ001
        datetime(2026, 4, 5), datetime(1972, 1, 7), datetime(1, 1, 3), datetime(9999, 12, 30),  # noqa: DTZ001
    ])  # fmt: skip
    start, length = data.draw(days), data.draw(st.integers(-100_000, 100_000))
    start += timedelta(seconds=data.draw(st.integers(-80_000, 80_000)))
    one = start.replace(tzinfo=data.draw(zones), fold=data.draw(st.integers(0, 1)))
    far = max(0, min(length, (datetime.max - start).total_seconds() - 1))  # noqa: DTZ901
    other = (start + timedelta(seconds=far)).replace(tzinfo=one.tzinfo if length % 3 else UTC)
    expected = [(floor_minute(one), ceil_minute(other))] if before(one, other) else []
    minutes = Minutes()
    assert minutes.covered([(one, other), (one, other)]) == expected * 2


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_cutting_stretches_out_of_others(data: st.DataObject) -> None:
    """Cuts may be empty or backward, and begin before what they say."""
    minutes = st.integers(0, 60)
    marks = sorted(data.draw(st.frozensets(minutes, max_size=12)))
    spans = list(zip(marks[::2], marks[1::2], strict=False))
    begin, end = (sorted(data.draw(st.frozensets(minutes, min_size=5, max_size=5))) for _ in range(2))
    cut, lead = list(zip(begin, end, strict=True)), data.draw(st.integers(0, 10))
    left = {m for a, b in spans for m in range(a, b)} - {m for a, b in cut for m in range(a - lead, b)}
    found = without(spans, cut, lead=lead)
    assert [m for a, b in found for m in range(a, b)] == sorted(left)
    assert all(a < b for a, b in found)
