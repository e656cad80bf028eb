"""Our own wording of times, and that `read` takes it back to the same value, across zones and jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deskhand.agent.times import next_after, read, say_duration, say_instant, say_interval, say_rrule

LISBON = "Europe/Lisbon"
NOW = datetime(2026, 11, 19, 10, 30, tzinfo=ZoneInfo(LISBON))
ZONES = st.sampled_from(
    [
        LISBON,
        "UTC",
        "Europe/Paris",
        "Europe/Dublin",
        "America/New_York",
        "America/St_Johns",
        "America/Santiago",
        "America/Sao_Paulo",
        "Asia/Kathmandu",
        "Asia/Tehran",
        "Asia/Kolkata",
        "Africa/Casablanca",
        "Africa/Cairo",
        "Antarctica/Troll",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Chatham",
        "Pacific/Auckland",
    ]
)
MOMENTS = st.datetimes(datetime(1972, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
# Where the zones above jump, so that gaps and repeated hours are met often.
JUMPS = st.builds(
    lambda year, month, day, minutes: datetime(year, month, day, tzinfo=UTC) + timedelta(minutes=minutes),
    st.integers(2005, 2035),
    st.sampled_from([3, 4, 9, 10, 11, 12]),
    st.integers(1, 31).map(lambda day: min(day, 30)),
    st.integers(0, 2879),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(LISBON))


def test_instants() -> None:
    assert say_instant(at("2026-11-24T15:00"), LISBON, NOW) == "Tue 24 Nov, 15:00"
    assert say_instant(at("2027-01-04T09:05"), LISBON, NOW) == "Mon 4 Jan 2027, 09:05"
    assert say_instant(datetime(2026, 11, 24, 15, tzinfo=UTC), "Asia/Tokyo", NOW) == "Wed 25 Nov, 00:00"
    assert say_instant(at("2026-11-24T15:00:30"), LISBON, NOW) == "Tue 24 Nov, 15:00:30"
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert say_instant(second, "Europe/Paris", NOW) == "Sun 25 Oct, 02:30 UTC+01:00"


def test_intervals() -> None:
    def say(start: str | None, end: str | None) -> str:
        return say_interval(at(start) if start else None, at(end) if end else None, LISBON, NOW)

    assert say("2026-11-24T15:00", "2026-11-24T15:45") == "Tue 24 Nov, 15:00-15:45"
    assert say("2026-11-24T22:00", "2026-11-25T01:00") == "Tue 24 Nov, 22:00 - Wed 25 Nov, 01:00"
    assert say("2026-11-24T00:00", "2026-11-25T00:00") == "Tue 24 Nov"
    assert say("2026-11-23T00:00", "2026-11-26T00:00") == "Mon 23 Nov - Wed 25 Nov"
    assert say("2026-12-31T22:00", "2027-01-01T01:00") == "Thu 31 Dec 2026, 22:00 - Fri 1 Jan 2027, 01:00"
    assert say("2026-12-31T00:00", "2027-01-01T00:00") == "Thu 31 Dec"
    assert say("2026-11-24T15:00", None) == "from Tue 24 Nov, 15:00 on"
    assert say(None, "2026-11-24T15:00") == "until Tue 24 Nov, 15:00"
    with pytest.raises(ValueError, match="without ends"):
        say(None, None)


def test_durations() -> None:
    said = {
        2700: "45 minutes",
        3600: "1 hour",
        5400: "1 hour 30 minutes",
        172_800: "2 days",
        604_800: "1 week",
    }
    assert {seconds: say_duration(seconds) for seconds in said} == said
    with pytest.raises(ValueError, match="at least a second"):
        say_duration(0)


@pytest.mark.parametrize(
    ("rrule", "start", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-20T08:00", "every weekday at 08:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-23T09:30", "every Monday and Thursday at 09:30"),
        ("FREQ=WEEKLY", "2026-11-24T09:30", "every Tuesday at 09:30"),
        ("FREQ=DAILY", "2026-11-20T00:00", "every day"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "2026-11-24T15:00",
            "every 2 weeks on Tuesday at 15:00, from 24 November 2026",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "2026-12-01T08:00", "every month on the 1st at 08:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30T08:00", "every month on the last day at 08:00"),
        ("FREQ=MONTHLY;BYDAY=1TU", "2026-12-01T10:00", "every month on the first Tuesday at 10:00"),
        ("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=24", "2026-11-24T10:00", "every year on 24 November at 10:00"),
        ("FREQ=HOURLY;INTERVAL=2", "2026-11-24T10:00", "every 2 hours"),
        (
            "FREQ=DAILY;UNTIL=20261201T235959Z",
            "2026-11-24T10:00",
            "every day at 10:00, until 1 December 2026",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
            "2026-11-24T10:00",
            "repeating at 10:00 (FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1)",
        ),
        ("FREQ=DAILY;COUNT=3", "2026-11-24T10:00", "every day at 10:00, 3 times"),
    ],
)
def test_recurrences(rrule: str, start: str, words: str) -> None:
    assert say_rrule(rrule, at(start)) == words


@settings(max_examples=150, deadline=None)
@given(moment=st.one_of(MOMENTS, JUMPS), now=MOMENTS, zone=ZONES)
def test_an_instant_is_read_back(moment: datetime, now: datetime, zone: str) -> None:
    text = say_instant(moment, zone, now)
    (reading,) = read(text, now=now, zone=zone)
    assert reading.kind == "instant", text
    assert reading.start is not None
    assert reading.start.astimezone(UTC) == moment, text
    assert not reading.alternatives
    assert not reading.problem
    assert reading.span == (0, len(text))


@settings(max_examples=150, deadline=None)
@given(
    start=st.one_of(MOMENTS, JUMPS),
    length=st.one_of(st.integers(1, 2880).map(lambda n: n * 60), st.integers(1, 1_000_000)),
    now=MOMENTS,
    zone=ZONES,
)
def test_an_interval_is_read_back(start: datetime, length: int, now: datetime, zone: str) -> None:
    end = start + timedelta(seconds=length)
    text = say_interval(start, end, zone, now)
    (reading,) = read(text, now=now, zone=zone)
    assert reading.kind == "interval", text
    assert reading.start is not None
    assert reading.end is not None
    assert (reading.start.astimezone(UTC), reading.end.astimezone(UTC)) == (start, end), text
    assert not reading.alternatives


@settings(max_examples=100, deadline=None)
@given(moment=st.one_of(MOMENTS, JUMPS), now=MOMENTS, zone=ZONES)
def test_an_open_interval_is_read_back(moment: datetime, now: datetime, zone: str) -> None:
    (later,) = read(say_interval(moment, None, zone, now), now=now, zone=zone)
    (earlier,) = read(say_interval(None, moment, zone, now), now=now, zone=zone)
    assert later.start is not None
    assert earlier.end is not None
    assert (later.start.astimezone(UTC), later.end) == (moment, None)
    assert (earlier.start, earlier.end.astimezone(UTC)) == (None, moment)


@settings(max_examples=100, deadline=None)
@given(first=st.dates(date(1972, 1, 2), date(2100, 1, 1)), days=st.integers(1, 400), now=MOMENTS, zone=ZONES)
def test_whole_days_are_read_back(first: date, days: int, now: datetime, zone: str) -> None:
    text_days = say_interval(*_days(first, days, zone), zone, now)
    (reading,) = read(text_days, now=now, zone=zone)
    assert (reading.start, reading.end) == _days(first, days, zone), text_days
    assert ":" not in text_days


def _days(first: date, days: int, zone: str) -> tuple[datetime, datetime]:
    """The first instants of two days, found by walking, not by the code under test."""
    place = ZoneInfo(zone)

    def starts(day: date) -> datetime:
        moment = datetime.combine(day, time(), UTC) - timedelta(hours=36)
        while moment.astimezone(place).date() < day:
            moment += timedelta(minutes=15)
        return moment.astimezone(place)

    start, end = starts(first), starts(first + timedelta(days=days))
    assume(start.date() == first)
    assume(end.date() == first + timedelta(days=days))
    return start, end


@given(seconds=st.integers(1, 100_000_000))
def test_a_duration_is_read_back(seconds: int) -> None:
    assume(seconds not in (1, 60))  # "1 second" and "1 minute" are mostly no lengths of time
    (reading,) = read(f"for {say_duration(seconds)}", now=NOW, zone=LISBON)
    assert (reading.kind, reading.seconds) == ("duration", seconds)


DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAYS = st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(
    lambda days: ",".join(sorted(days, key=DAYS.index))
)
RULES = st.one_of(
    st.just("FREQ=DAILY"),
    WEEKDAYS.map("FREQ=WEEKLY;BYDAY={}".format),
    st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY={}".format, st.integers(2, 9), WEEKDAYS),
    st.integers(2, 30).map("FREQ=DAILY;INTERVAL={}".format),
    st.one_of(st.integers(1, 31), st.just(-1)).map("FREQ=MONTHLY;BYMONTHDAY={}".format),
    st.builds("FREQ=MONTHLY;INTERVAL={};BYMONTHDAY={}".format, st.integers(2, 12), st.integers(1, 28)),
    st.builds(
        "FREQ=MONTHLY;BYDAY={}{}".format, st.sampled_from([1, 2, 3, 4, -1]), st.sampled_from(["MO", "SU"])
    ),
    st.builds("FREQ=YEARLY;BYMONTH={};BYMONTHDAY={}".format, st.integers(1, 12), st.integers(1, 28)),
)


@settings(max_examples=150, deadline=None)
@given(rule=RULES, now=st.one_of(MOMENTS, JUMPS), minutes=st.integers(0, 1439), zone=ZONES)
def test_a_recurrence_is_read_back(rule: str, now: datetime, minutes: int, zone: str) -> None:
    place = ZoneInfo(zone)
    early = (now.astimezone(place) - timedelta(days=3)).replace(
        hour=minutes // 60, minute=minutes % 60, second=0, tzinfo=None
    )
    anchor = early.replace(tzinfo=place)
    assume(anchor.astimezone(UTC).astimezone(place).replace(tzinfo=None) == early)
    start = next_after(_every(rule), anchor, after=now, zone=zone)
    assert start is not None
    assume(
        start.timetz().replace(tzinfo=None) == early.time()
    )  # a slot that a jump moved has another time of day
    text = say_rrule(rule, start)
    (reading,) = read(text, now=now, zone=zone)
    assert reading.rrule == rule, text
    assert reading.start == start, text
    assert reading.span == (0, len(text))


def _every(rule: str) -> str:
    """The rule without its interval: any of its days may be the first."""
    return ";".join(part for part in rule.split(";") if not part.startswith("INTERVAL"))
