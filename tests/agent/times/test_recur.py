"""When recurrences run: against a walk along the clock, in every zone on every day its clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deskhand.agent.times import next_after, slots_between

EVERY_ZONE = tuple(files("tzdata").joinpath("zones").read_text("utf-8").split())
MINUTE = timedelta(minutes=1)


def wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def first_showing(naive: datetime, zone: str) -> datetime:
    """The first instant at which clocks show this time or a later one, found by walking.

    That is the definition: the time itself, the first of two, or the end of the gap it is in.
    """
    moment = naive.replace(minute=0, tzinfo=UTC) - timedelta(hours=27)
    # Strides that no clock can show it within: none goes back more than three hours, and all of them
    # jump at a quarter of an hour.
    while wall(moment, zone) < naive - timedelta(hours=4):
        moment += timedelta(hours=1)
    quarter = timedelta(minutes=15)
    while naive - wall(moment, zone) >= quarter:
        moment += quarter
    while wall(moment, zone) < naive:
        moment += MINUTE
    return moment


@cache
def jumps(zone: str, year: int) -> list[datetime]:
    """The instants at which the offset of a zone changes in a year, to the minute."""
    place, found = ZoneInfo(zone), []
    moment = datetime(year, 1, 1, tzinfo=UTC)
    while moment.year == year:
        after = moment + timedelta(hours=12)
        if moment.astimezone(place).utcoffset() != after.astimezone(place).utcoffset():
            low, high = moment, after
            while high - low > MINUTE:
                middle = low + (high - low) // 2
                if middle.astimezone(place).utcoffset() == low.astimezone(place).utcoffset():
                    low = middle
                else:
                    high = middle
            found.append(high.replace(second=0, microsecond=0))
        moment = after
    return found


def at(text: str, zone: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def run(rrule: str, first: datetime, after: datetime, count: int, zone: str) -> list[str]:
    """The next slots as UTC, each asked for on its own."""
    found = []
    for _ in range(count):
        slot = next_after(rrule, first, after=after, zone=zone)
        if slot is None:
            break
        found.append(f"{slot.astimezone(UTC):%Y-%m-%d %H:%M}")
        after = slot
    return found


def test_every_zone_keeps_the_time_of_day_across_every_jump_of_2026() -> None:
    checked = 0
    for zone in EVERY_ZONE:
        for jump in jumps(zone, 2026):
            # Just before, at and after the jump, as the clock shows it on either side of it.
            sides = (wall(jump - MINUTE, zone), wall(jump, zone))
            for seen in (*sides, sides[1] - timedelta(minutes=15)):
                start = datetime.combine(seen.date() - timedelta(days=2), seen.time())
                first = first_showing(start, zone)
                if wall(first, zone) != start:
                    continue
                slots = slots_between(
                    "FREQ=DAILY", first, after=first - MINUTE, until=first + timedelta(days=4), zone=zone
                )
                days = [start + timedelta(days=number) for number in range(len(slots))]
                expected = [first_showing(day, zone) for day in days]
                assert [slot.astimezone(UTC) for slot in slots] == expected, zone
                assert 4 <= len(slots) <= 5
                checked += 1
    assert checked > 300


def test_a_slot_in_a_skipped_hour_runs_once_right_after_the_gap() -> None:
    zone = "Europe/Paris"
    assert run("FREQ=DAILY", at("2026-03-27 02:30", zone), at("2026-03-28 03:00", zone), 2, zone) == [
        "2026-03-29 01:00",
        "2026-03-30 00:30",
    ]


def test_a_slot_in_a_repeated_hour_runs_once_at_the_first() -> None:
    zone = "Europe/Paris"
    assert run("FREQ=DAILY", at("2026-10-23 02:30", zone), at("2026-10-24 03:00", zone), 2, zone) == [
        "2026-10-25 00:30",
        "2026-10-26 01:30",
    ]
    between = at("2026-10-25 02:45", zone)
    assert run("FREQ=DAILY", at("2026-10-23 02:30", zone), between, 1, zone) == ["2026-10-26 01:30"]


def test_a_first_slot_in_the_second_of_two_hours_is_that_one() -> None:
    zone = "Europe/Paris"
    first = at("2026-10-25 02:30", zone, fold=1)
    assert run("FREQ=DAILY", first, first - timedelta(days=3), 2, zone) == [
        "2026-10-25 01:30",
        "2026-10-26 01:30",
    ]


def test_half_an_hour_of_lord_howe() -> None:
    zone = "Australia/Lord_Howe"
    assert run("FREQ=DAILY", at("2026-10-02 02:15", zone), at("2026-10-03 03:00", zone), 2, zone) == [
        "2026-10-03 15:30",  # 02:15 is skipped: clocks go from 02:00 to 02:30
        "2026-10-04 15:15",
    ]
    assert run("FREQ=DAILY", at("2026-04-03 01:45", zone), at("2026-04-04 03:00", zone), 2, zone) == [
        "2026-04-04 14:45",
        "2026-04-05 15:15",
    ]


def test_the_day_apia_never_had() -> None:
    zone = "Pacific/Apia"
    assert run("FREQ=DAILY", at("2011-12-28 08:00", zone), at("2011-12-28 08:00", zone), 3, zone) == [
        "2011-12-29 18:00",  # the 29th
        "2011-12-30 10:00",  # the 30th is skipped: its slot runs as the 31st begins
        "2011-12-30 18:00",  # the 31st
    ]


def test_two_slots_in_one_gap_are_one_run() -> None:
    zone = "Europe/Paris"
    rule = "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0"
    assert run(rule, at("2026-03-28 02:00", zone), at("2026-03-28 04:00", zone), 3, zone) == [
        "2026-03-29 01:00",
        "2026-03-30 00:00",
        "2026-03-30 01:00",
    ]


def test_quarters_of_an_hour_stay_quarters_of_an_hour() -> None:
    zone = "Europe/Paris"
    for day in ("2026-03-29", "2026-10-25"):
        first = at(f"{day} 00:00", zone)
        slots = slots_between(
            "FREQ=MINUTELY;INTERVAL=15",
            first,
            after=first,
            until=first.astimezone(UTC) + timedelta(hours=6),
            zone=zone,
        )
        gaps = {two.astimezone(UTC) - one.astimezone(UTC) for one, two in pairwise(slots)}
        assert len(slots) == 24
        assert gaps == {timedelta(minutes=15)}


def test_hours_within_limits() -> None:
    zone = "Europe/Lisbon"
    rule = "FREQ=HOURLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9,10,11,12,13,14,15,16,17"
    first = at("2026-11-19 09:00", zone)
    assert run(rule, first, at("2026-11-20 15:30", zone), 3, zone) == [
        "2026-11-20 17:00",
        "2026-11-23 09:00",
        "2026-11-23 11:00",
    ]
    assert run("FREQ=MINUTELY;INTERVAL=60;BYMONTH=2;BYMONTHDAY=-1;BYHOUR=23", first, first, 2, zone) == [
        "2027-02-28 23:00",
        "2028-02-29 23:00",
    ]


def test_count_and_until_end_a_rule() -> None:
    zone = "Europe/Lisbon"
    first = at("2026-11-19 09:00", zone)
    assert len(run("FREQ=DAILY;COUNT=3", first, first - MINUTE, 9, zone)) == 3
    assert len(run("FREQ=HOURLY;COUNT=3", first, first - MINUTE, 9, zone)) == 3
    assert len(run("FREQ=DAILY;UNTIL=20261121T090000Z", first, first - MINUTE, 9, zone)) == 3
    assert len(run("FREQ=DAILY;UNTIL=20261121T085959Z", first, first - MINUTE, 9, zone)) == 2
    assert len(run("FREQ=DAILY;UNTIL=20261121", first, first - MINUTE, 9, zone)) == 3
    assert next_after("FREQ=DAILY;COUNT=3", first, after=first + timedelta(days=400), zone=zone) is None


def test_a_rule_that_never_runs_ends() -> None:
    first = at("2026-11-19 09:00", "UTC")
    for rule in (
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=HOURLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=MINUTELY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=3",
    ):
        assert next_after(rule, first, after=first, zone="UTC") is None, rule


def test_the_year_counts_from_its_first_day_and_leap_days_wait() -> None:
    zone = "Europe/Lisbon"
    first = at("2028-02-29 09:00", zone)
    assert run("FREQ=YEARLY", first, first, 2, zone) == ["2032-02-29 09:00", "2036-02-29 09:00"]
    first = at("2026-01-31 09:00", zone)
    assert run("FREQ=MONTHLY", first, first, 2, zone) == ["2026-03-31 08:00", "2026-05-31 08:00"]


def test_far_in_the_future_the_rule_is_still_in_step() -> None:
    zone = "Europe/Lisbon"
    first = at("2000-01-04 09:00", zone)  # a Tuesday
    slot = next_after("FREQ=WEEKLY;INTERVAL=2", first, after=at("2090-06-01 00:00", zone), zone=zone)
    assert slot is not None
    assert (slot.date() - first.date()).days % 14 == 0
    assert slot.date() - date(2090, 6, 1) < timedelta(days=14)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "DAILY",
        "FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=x",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=yesterday",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;BYEASTER=1",
        "FREQ=HOURLY;BYMINUTE=5",
        "FREQ=MINUTELY;BYMINUTE=5",
        "FREQ=DAILY;BYYEARDAY=5",
        "FREQ=WEEKLY;BYMONTHDAY=5",
        "FREQ=MONTHLY;BYWEEKNO=5",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=٣",
        "FREQ=DAILY;RSCALE=HEBREW",
    ],
)
def test_what_is_no_rule_is_an_error(rule: str) -> None:
    first = at("2026-11-19 09:00", "UTC")
    with pytest.raises(ValueError, match=r"."):
        next_after(rule, first, after=first, zone="UTC")


def test_naive_moments_and_unknown_zones_are_errors() -> None:
    first = at("2026-11-19 09:00", "UTC")
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    for start, after, zone in ((naive, first, "UTC"), (first, naive, "UTC"), (first, first, "Mars/Base")):
        with pytest.raises(ValueError, match=r"time zone"):
            next_after("FREQ=DAILY", start, after=after, zone=zone)


def rules() -> st.SearchStrategy[str]:
    days = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), unique=True, max_size=4)
    numbered = st.builds(
        "{}{}".format, st.sampled_from([-2, -1, 1, 2, 5]), st.sampled_from(["MO", "WE", "SU"])
    )

    def make(
        freq: str, interval: int, names: list[str], nth: str, month_day: int, month: int, position: int
    ) -> str:
        parts = [f"FREQ={freq}", f"INTERVAL={interval}"]
        if names and freq != "YEARLY":
            parts.append(f"BYDAY={nth if freq == 'MONTHLY' and interval % 2 else ','.join(names)}")
        if month_day and freq in ("MONTHLY", "YEARLY", "DAILY") and interval % 3:
            parts.append(f"BYMONTHDAY={month_day}")
        if month:
            parts.append(f"BYMONTH={month}")
        # Not WEEKLY: dateutil counts positions from DTSTART on in a first week that is not whole.
        if position and names and freq == "MONTHLY":
            parts.append(f"BYSETPOS={position}")
        return ";".join(parts)

    return st.builds(
        make,
        st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        st.integers(1, 5),
        days,
        numbered,
        st.sampled_from([0, 0, 1, 15, 31, -1]),
        st.sampled_from([0, 0, 0, 2, 6]),
        st.sampled_from([0, 0, 1, -1]),
    )


STARTS = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)


def test_positions_are_counted_in_whole_weeks() -> None:
    """RFC 5545 3.3.10: the week of Saturday 1 January begins on Monday the 27th, which is its first."""
    rule = "FREQ=WEEKLY;BYDAY=SU,MO;BYSETPOS=1"
    first = at("2000-01-01 00:00", "UTC")
    assert run(rule, first, first, 2, "UTC") == ["2000-01-03 00:00", "2000-01-10 00:00"]


@settings(max_examples=30, deadline=None)
@given(
    rule=rules(), start=STARTS, later=st.integers(0, 1200), zone=st.sampled_from(["UTC", "Asia/Kathmandu"])
)
def test_without_jumps_it_is_the_rule_of_rfc_5545(rule: str, start: datetime, later: int, zone: str) -> None:
    """Where no clock changes, dateutil walking all the way from the start is the oracle."""
    place = ZoneInfo(zone)
    after = start + timedelta(days=later)
    oracle = rrulestr(f"{rule};UNTIL={after + timedelta(days=600):%Y%m%dT%H%M%S}", dtstart=start)
    expected = oracle.after(after)
    slot = next_after(rule, start.replace(tzinfo=place), after=after.replace(tzinfo=place), zone=zone)
    if expected is not None:
        assert slot == expected.replace(tzinfo=place)
    else:
        assert slot is None or wall(slot, zone) > after + timedelta(days=599)


ODD = (
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Santiago",
    "Antarctica/Troll",
    "Pacific/Apia",
    "America/Havana",
    "Asia/Beirut",
    "Europe/Dublin",
    "Atlantic/Azores",
)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from([*ODD, "Europe/Paris", "America/New_York"]),
    year=st.integers(2007, 2035),
    which=st.integers(0, 9),
    minutes=st.integers(0, 1439),
    rule=st.sampled_from(
        ["FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=WEEKLY;BYDAY=TH,FR"]
    ),
)
def test_around_any_jump_slots_are_where_the_clock_first_shows_them(
    zone: str, year: int, which: int, minutes: int, rule: str
) -> None:
    found = jumps(zone, year)
    assume(found)
    jump = found[which % len(found)]
    start = datetime.combine(wall(jump, zone).date() - timedelta(days=4), time(minutes // 60, minutes % 60))
    first = first_showing(start, zone)
    assume(wall(first, zone) == start)
    step = 2 if "INTERVAL" in rule else 1
    days = [start + timedelta(days=number) for number in range(0, 9, step)]
    if "BYDAY" in rule:
        days = [day for day in days if f"{day:%a}"[:2].upper() in rule.partition("BYDAY=")[2]]
    until = first_showing(start + timedelta(days=8), zone)
    slots = slots_between(rule, first, after=first - MINUTE, until=until, zone=zone)
    assert [slot.astimezone(UTC) for slot in slots] == [first_showing(day, zone) for day in days]
    one_by_one = run(rule, first, first - MINUTE, len(slots), zone)
    assert one_by_one == [f"{slot.astimezone(UTC):%Y-%m-%d %H:%M}" for slot in slots]
    assert all(slot.tzinfo == ZoneInfo(zone) for slot in slots)
