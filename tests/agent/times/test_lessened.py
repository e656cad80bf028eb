"""What a recurrence leaves out, folded into its rule: the same slots, said by a rule wherever one says it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.agent.times import Reading, next_after, read, say_rrule, slots_between
from deskhand.agent.times.lessened import lessened

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
NOW = datetime(2026, 11, 22, 14, tzinfo=ZoneInfo("Europe/Berlin"))


def one(text: str, zone: str = "Europe/Berlin") -> Reading:
    (reading,) = read(text, now=NOW, zone=zone)
    return reading


@pytest.mark.parametrize(
    ("said", "rule", "rest"),
    [
        ("weekdays at 8 except Fridays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", 0),
        ("weekdays except Fridays at 8", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", 0),
        ("weekdays except Fridays until 1 June", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH;UNTIL=20270601T215959Z", 0),
        ("every day except weekends at 9", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 0),
        ("every second day at 9 except Sundays", "FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA", 0),
        (
            "every Monday at 10 except in December",
            "FREQ=WEEKLY;BYDAY=MO;BYMONTH=1,2,3,4,5,6,7,8,9,10,11",
            0,
        ),
        ("every Tuesday at 9 except the first of the month", "FREQ=MONTHLY;BYDAY=2TU,3TU,4TU,5TU", 0),
        ("every Tuesday at 9 except Fridays", "FREQ=WEEKLY;BYDAY=TU", 0),
        # What no rule says stays an exception.
        ("every other Tuesday at 9 except the first of the month", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", 1),
        ("daily at 9 but not on 24 December", "FREQ=DAILY", 1),
        ("every Monday at 10 except next Monday", "FREQ=WEEKLY;BYDAY=MO", 1),
        ("every hour except mornings", "FREQ=HOURLY", 1),
        ("every Monday at 10 except Mondays", "FREQ=WEEKLY;BYDAY=MO", 1),
    ],
)  # fmt: skip
def test_a_rule_says_it_where_there_is_one(said: str, rule: str, rest: int) -> None:
    reading = one(said)
    made, left = lessened(reading.rrule, reading.excludes)
    assert (made, len(left)) == (rule, rest)


@pytest.mark.parametrize(
    "said",
    [
        "every Monday at 10:00 except in December",
        "every weekday at 08:00 except in July and August",
        "every 2 days at 09:00 except Sundays, from 23 November 2026",
        "every Tuesday except the first of the month at 09:00",
    ],
)
def test_such_a_rule_is_said_in_words_that_are_read_back(said: str) -> None:
    reading = one(said)
    rule, left = lessened(reading.rrule, reading.excludes)
    assert reading.start is not None
    assert (say_rrule(rule, reading.start), left) == (said, ())


def test_what_counts_is_not_folded() -> None:
    """Six times less one is five times; six times on the other days would be six."""
    rule = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=6"
    fridays = one("every weekday at 8 except Fridays").excludes
    assert lessened(rule, fridays) == (rule, fridays)


RULES = [
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY;BYDAY=TU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "FREQ=MONTHLY;BYMONTHDAY=13", "FREQ=MONTHLY;BYDAY=1MO,3MO",
    "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8", "FREQ=DAILY;UNTIL=20270601T000000Z", "FREQ=DAILY;COUNT=40",
]  # fmt: skip
EXCEPTIONS = [
    "Fridays", "weekends", "Mondays", "in December", "in March and October", "the first of the month",
    "on 24 December", "from 20 December to 6 January", "next week", "the first Monday of the month",
]  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(
    zone=st.sampled_from(ZONES), rule=st.sampled_from(RULES), hour=st.integers(0, 23),
    words=st.lists(st.sampled_from(EXCEPTIONS), min_size=1, max_size=3, unique=True),
)  # fmt: skip
def test_the_slots_are_those_of_the_rule_less_those_left_out(
    zone: str, rule: str, hour: int, words: list[str]
) -> None:
    """Across two changes of the clock, in zones of both hemispheres, of half an hour and around Ramadan."""
    place = ZoneInfo(zone)
    excludes = tuple(
        left
        for w in words
        for found in read(f"daily except {w}", now=NOW, zone=zone)
        for left in found.excludes
    )
    begin = datetime(2026, 11, 23, hour, 30, tzinfo=place)
    first = next_after(rule, begin, after=begin - timedelta(seconds=1), zone=zone, excludes=excludes)
    if first is None:
        return
    until = begin + timedelta(days=500)
    early = first - timedelta(seconds=1)
    whole = slots_between(rule, first, after=early, until=until, zone=zone)
    less = slots_between(rule, first, after=early, until=until, zone=zone, excludes=excludes)
    out = [slot for slot in whole if slot not in less]
    assert all(any(_covers(one, slot, place) for one in excludes) for slot in out)
    assert not any(_covers(one, slot, place) for one in excludes for slot in less)
    folded, rest = lessened(rule, excludes)
    assert slots_between(folded, first, after=early, until=until, zone=zone, excludes=rest) == less


def _covers(one: Reading, slot: datetime, zone: ZoneInfo) -> bool:
    """By its words alone, without the machinery: whether an exception is about a day."""
    day, words = slot.astimezone(zone), one.text.lower()
    if one.kind == "interval":
        return bool(one.start and one.end and one.start <= slot < one.end)
    weekday = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
    if words in weekday:
        return day.weekday() == weekday.index(words)
    if words == "weekends":
        return day.weekday() > 4
    if "first monday" in words:
        return day.weekday() == 0 and day.day <= 7
    if "first" in words:
        return day.day == 1
    if "24 december" in words:
        return (day.month, day.day) == (12, 24)
    return f"{day:%B}".lower() in words
