"""The edges of what may be asked: nobody, everybody twice, nothing known, two years, all round the world."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from deskhand.agent.slots import (
    Availability,
    DifferentDays,
    Interval,
    Repeats,
    SlotRequest,
    Wanted,
    find_series,
    find_slots,
    find_together,
    free_starts,
)

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""A Sunday."""
MONDAY = datetime(2026, 11, 23, tzinfo=LISBON)
WEEK = SlotRequest(60, MONDAY, MONDAY + timedelta(days=5), zone="Europe/Lisbon")
YOU = Availability("you", "you@example.org", busy=(), zone="Europe/Lisbon")
BO = Availability(
    "Bo", "bo@example.org", busy=(Interval(MONDAY, MONDAY + timedelta(hours=12)),), zone="Europe/Lisbon"
)
FULL = replace(BO, busy=(Interval(MONDAY, MONDAY + timedelta(days=900)),))


class TestWho:
    def test_nobody(self) -> None:
        """Time is there, whoever comes; a room may still be taken."""
        assert find_slots([], WEEK, now=NOW).slots[0].start == MONDAY
        room = replace(BO, name="Attic", hours=None)
        (best, *_) = find_slots([], replace(WEEK, rooms=(room,)), now=NOW).slots
        assert (best.start, best.room) == (MONDAY + timedelta(hours=12), "Attic")

    def test_one_person_twice(self) -> None:
        """Counts once, with her points and in the words; and once in a conflict and its ways out."""
        twice = [YOU, BO, replace(BO), BO]
        assert find_slots(twice, WEEK, now=NOW) == find_slots([YOU, BO], WEEK, now=NOW)
        assert free_starts(twice, WEEK, now=NOW) == free_starts([YOU, BO], WEEK, now=NOW)
        assert find_slots([YOU, FULL, replace(FULL)], WEEK, now=NOW) == find_slots([YOU, FULL], WEEK, now=NOW)
        weekly = Repeats("WEEKLY", 3)
        assert find_series(twice, WEEK, weekly, now=NOW) == find_series([YOU, BO], WEEK, weekly, now=NOW)
        asked = [Wanted(name, tuple(twice), WEEK) for name in ("one", "two")]
        once = [replace(w, people=(YOU, BO)) for w in asked]
        apart = (DifferentDays(),)
        assert find_together(asked, apart, now=NOW) == find_together(once, apart, now=NOW)

    @pytest.mark.parametrize("order", [1, -1])
    def test_required_and_optional_is_required(self, order: int) -> None:
        both = [FULL, replace(FULL, required=False)][::order]
        assert find_slots([YOU, *both], WEEK, now=NOW) == find_slots([YOU, FULL], WEEK, now=NOW)

    def test_two_people_of_one_name(self) -> None:
        other = replace(BO, address="bo.else@example.org", busy=())
        assert "free for you, Bo and Bo" in find_slots([YOU, BO, other], WEEK, now=NOW).slots[0].why


class TestUnknown:
    def test_of_everybody(self) -> None:
        """Every time is offered, none as certain; if all must confirm, none is offered."""
        nobody_knows = [replace(YOU, busy=None), replace(BO, busy=None)]
        found = find_slots(nobody_knows, WEEK, now=NOW)
        assert {slot.unconfirmed for slot in found.slots} == {("you", "Bo")}
        sure = [replace(p, must_confirm=True) for p in nobody_knows]
        conflict = find_slots(sure, WEEK, now=NOW).conflict
        assert conflict
        assert conflict.blockers == ("your unknown calendar",)
        assert conflict.nearest == ()

    def test_of_who_is_optional(self) -> None:
        """She rules nothing out, and a time at which she is known to be free is better."""
        cy = Availability("Cy", zone="Europe/Lisbon", busy=None, required=False)
        assert len(free_starts([YOU, cy], WEEK, now=NOW)) == len(free_starts([YOU], WEEK, now=NOW))
        known = replace(cy, busy=(), known_until=MONDAY + timedelta(hours=12))
        unknown_until_then = find_slots([YOU, known], WEEK, now=NOW, limit=50).slots
        doubts = [slot.unconfirmed for slot in unknown_until_then]
        assert doubts == sorted(doubts)
        assert {(), ("Cy",)} == set(doubts)


class TestLong:
    def test_two_years(self) -> None:
        """Two full calendars with one free hour in 800 days: it is found, and not one minute beside it."""
        end = MONDAY + timedelta(days=800)
        hour = datetime(2028, 12, 13, 10, tzinfo=LISBON)
        busy = (Interval(MONDAY, hour), Interval(hour + timedelta(hours=1), end))
        people = [replace(YOU, busy=busy), replace(BO, busy=busy)]
        found = find_slots(people, replace(WEEK, end=end, grid=1), now=NOW)
        assert [slot.start for slot in found.slots] == [hour]
        assert found.possible == 1
        conflict = find_slots(people, replace(WEEK, end=end, minutes=61), now=NOW).conflict
        assert conflict
        assert conflict.blockers == ("your calendar",)

    def test_more_is_refused(self) -> None:
        with pytest.raises(ValueError, match="two years"):
            replace(WEEK, end=MONDAY + timedelta(days=801))


class TestAcrossTheWorld:
    @pytest.mark.parametrize(
        "zone", ["Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "Australia/Lord_Howe"]
    )
    def test_the_grid_is_the_askers_and_hours_are_each_ones_own(self, zone: str) -> None:
        """Of half and quarter hours: the first start on the asker's grid within both people's hours."""
        there = Availability("Mia", busy=(), zone=zone, hours=(((0, 1440),),) * 7)
        shift = replace(there, name="Kim", hours=(((9 * 60, 10 * 60),),) * 7)
        starts = free_starts([there, shift], replace(WEEK, minutes=15, grid=15), now=NOW)
        local = {at.astimezone(ZoneInfo(zone)).time() for at in starts}
        assert local == {time(9), time(9, 15), time(9, 30), time(9, 45)}
        assert all(at.astimezone(LISBON).minute % 15 == 0 for at in starts)

    def test_the_pains_of_a_series_are_shared(self) -> None:
        """Weekly over two changes of the clock, with nobody's hours known: of all times of day the one at
        which the squares of everybody's hours outside the day are fewest, over all occurrences together."""
        zones = ("Europe/Lisbon", "America/Los_Angeles", "Asia/Tokyo")
        people = [
            Availability(z, busy=(), zone=z, hours=None, known_until=NOW.replace(year=2028)) for z in zones
        ]
        prefer = replace(WEEK.prefer, later=0, odd=0, whole=0)
        monday = datetime(2027, 3, 1, tzinfo=LISBON)
        request = SlotRequest(
            60, monday, monday + timedelta(days=1), zone="Europe/Lisbon", grid=60, prefer=prefer
        )
        (found, *_) = find_series(people, request, Repeats("WEEKLY", 8), now=NOW).series

        def hours_outside(day: date, hour: int, zone: str) -> int:
            there = datetime.combine(day, time(hour), LISBON).astimezone(ZoneInfo(zone))
            begins = there.hour * 60 + there.minute
            return max(0, -(-(9 * 60 - begins) // 60), -(-(begins + 60 - 17 * 60) // 60))

        days = [monday.date() + timedelta(weeks=n) for n in range(8)]
        pains = {
            hour: [sum(hours_outside(day, hour, zone) ** 2 for day in days) for zone in zones]
            for hour in range(24)
        }
        assert found.points == 10 * min(sum(each) for each in pains.values())
        assert sum(pains[found.first.hour]) * 10 == found.points
        # It is not the time that suits most of them well and one of them never.
        assert max(pains[found.first.hour]) < max(pains[9])
