"""Laws of reading times that hold on any day in any zone: year ends, leap days, clock changes among them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from deskhand.agent.times import Reading, read
from deskhand.agent.times.feasts import FEASTS, feast_days
from deskhand.agent.times.lexicon import MONTHS, WEEKDAYS

ZONES = st.sampled_from(
    ["Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"]
)
MOMENTS = st.integers(946_684_800, 4_102_358_400).map(lambda at: datetime.fromtimestamp(at, UTC))
DAYS = st.dates(date(1972, 1, 1), date(2099, 12, 31))


def only(text: str, now: datetime, zone: str, locale: str = "en_US") -> Reading:
    (reading,) = read(text, now=now, zone=zone, locale=locale)
    return reading


def day_of(reading: Reading) -> date:
    """The one whole day that a reading is."""
    assert reading.kind == "interval"
    assert reading.start is not None
    assert reading.end is not None
    assert reading.end.astimezone(UTC) > reading.start.astimezone(UTC)
    return reading.start.date()


@given(day=DAYS, now=MOMENTS, zone=ZONES)
@example(day=date(2028, 2, 29), now=datetime(2027, 12, 31, 23, 59, tzinfo=UTC), zone="Pacific/Apia")
@example(day=date(2026, 12, 31), now=datetime(2026, 12, 31, 23, 59, tzinfo=UTC), zone="Europe/Lisbon")
def test_a_full_date_is_that_day_however_it_is_written(day: date, now: datetime, zone: str) -> None:
    assume(not (zone == "Pacific/Apia" and day == date(2011, 12, 30)))  # a day that Apia skipped
    month, suffix = MONTHS[day.month - 1], "st" if day.day in (1, 21, 31) else "th"
    if day.day in (2, 22):
        suffix = "nd"
    elif day.day in (3, 23):
        suffix = "rd"
    for text in (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day:%Y/%m/%d}",
        f"{day:%d.%m.%Y}",
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}{suffix}, {day.year}",
        f"the {day.day}{suffix} of {month} {day.year}",
        f"{WEEKDAYS[day.weekday()]}, {day.day} {month[:3]} {day.year}",
        "{}-W{:02}-{}".format(*day.isocalendar()),
    ):
        assert day_of(only(text, now, zone)) == day, text


@given(now=MOMENTS, zone=ZONES, count=st.integers(1, 400))
@example(now=datetime(2028, 2, 28, 12, tzinfo=UTC), zone="Europe/Lisbon", count=1)
@example(now=datetime(2011, 12, 29, 8, tzinfo=UTC), zone="Pacific/Apia", count=2)
def test_days_are_counted_on_the_calendar(now: datetime, zone: str, count: int) -> None:
    today = now.astimezone(ZoneInfo(zone)).date()
    ahead, behind = today + timedelta(days=count), today - timedelta(days=count)
    assume(date(2011, 12, 30) not in (ahead, behind))
    assert day_of(only(f"in {count} days", now, zone)) == ahead
    assert day_of(only(f"{count} days ago", now, zone)) == behind


@given(now=MOMENTS, zone=ZONES, weekday=st.integers(0, 6))
def test_a_weekday_is_the_coming_one_and_its_neighbours_are_weeks_away(
    now: datetime, zone: str, weekday: int
) -> None:
    today = now.astimezone(ZoneInfo(zone)).date()
    name = WEEKDAYS[weekday]
    coming = day_of(only(name, now, zone))
    assert coming.weekday() == weekday
    assert timedelta(days=1) <= coming - today <= timedelta(days=7)
    assert day_of(only(f"a week on {name}", now, zone)) == coming + timedelta(days=7)
    assert day_of(only(f"two {name}s ago", now, zone)) == day_of(only(f"last {name}", now, zone)) - timedelta(
        7
    )
    beside = only(f"the {name} after {today:%d %B %Y}", now, zone)
    assert day_of(beside) == coming


@given(
    day=st.sampled_from(
        [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5)]
    ),
    minutes=st.integers(0, 1439),
    zone=ZONES,
)
def test_a_time_of_day_is_on_the_clock_or_says_why_not(day: date, minutes: int, zone: str) -> None:
    said = datetime.combine(day, time(minutes // 60, minutes % 60))
    reading = only(f"{day.isoformat()} at {said:%H:%M}", datetime(2026, 1, 1, tzinfo=UTC), zone)
    assert reading.start is not None
    place = ZoneInfo(zone)
    offsets = {said.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1)}
    if len(offsets) == 1:
        assert reading.problem == ""
        assert reading.start.replace(tzinfo=None) == said
    else:
        assert f"{said:%H:%M}" in reading.problem
        assert len(reading.alternatives) == 2


@given(year=st.integers(2000, 2099), name=st.sampled_from(sorted(FEASTS)), now=MOMENTS)
def test_a_holiday_of_a_year_is_in_that_year(year: int, name: str, now: datetime) -> None:
    days = feast_days(name, year)
    assume(days)  # a year may be without one of the Islamic calendar's days
    assert days[0].year == year
    assert day_of(only(f"{name} {year}", now, "Europe/Lisbon")) == days[0]


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [
        ("easter", 2024, date(2024, 3, 31)),
        ("easter monday", 2025, date(2025, 4, 21)),
        ("pentecost", 2026, date(2026, 5, 24)),
        ("thanksgiving", 2026, date(2026, 11, 26)),
        ("cyber monday", 2026, date(2026, 11, 30)),
        ("memorial day", 2026, date(2026, 5, 25)),
        ("martin luther king day", 2026, date(2026, 1, 19)),
        ("father's day", 2026, date(2026, 6, 21)),
        ("ramadan", 2026, date(2026, 2, 18)),
        ("eid al adha", 2026, date(2026, 5, 27)),
    ],
)
def test_holidays_fall_where_the_calendars_have_them(name: str, year: int, day: date) -> None:
    assert feast_days(name, year)[0] == day


@pytest.mark.parametrize("locale", ["en_US", "en_CA", "en-IN"])
def test_on_a_sunday_the_week_may_be_the_one_that_begins(locale: str) -> None:
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    reading = only("this week", sunday, "UTC", locale)
    assert day_of(reading) == date(2026, 11, 16)
    assert [day_of(other) for other in reading.alternatives] == [date(2026, 11, 22)]
    assert only("this week", sunday, "UTC", "en_GB").alternatives == ()
    assert only("this week", sunday + timedelta(days=1), "UTC", locale).alternatives == ()
