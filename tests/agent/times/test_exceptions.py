"""What recurrences leave out: the slots that stay, and the EXDATEs that a calendar is given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.agent.times import Reading, next_after, read, slots_between, with_exdates

LISBON = "Europe/Lisbon"
PLACE = ZoneInfo(LISBON)
# A Thursday.
NOW = datetime(2026, 11, 19, 10, 30, tzinfo=PLACE)
YEAR = NOW + timedelta(days=365)


def only(text: str) -> Reading:
    """The one reading of a text."""
    (reading,) = read(text, now=NOW, zone=LISBON, locale="en_GB")
    return reading


def days(text: str, *, until: datetime = YEAR, holidays: frozenset[date] = frozenset()) -> list[date]:
    one = only(text)
    assert one.start is not None
    slots = slots_between(
        one.rrule, one.start, after=NOW, until=until, zone=LISBON, excludes=one.excludes, holidays=holidays
    )
    return [slot.date() for slot in slots]


def test_a_weekday_is_left_out_of_all_weeks() -> None:
    assert {day.weekday() for day in days("weekdays at 8 except Fridays")} == {0, 1, 2, 3}


def test_the_first_one_of_each_month_is_left_out() -> None:
    found = days("every Tuesday except the first of the month")
    assert len(found) == 40
    assert min(day.day for day in found) == 8


def test_a_month_is_left_out_every_year() -> None:
    two_years = NOW + timedelta(days=730)
    months = [(day.year, day.month) for day in days("every Tuesday except in December", until=two_years)]
    assert {month for _, month in months} == {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
    assert {(2027, 11), (2028, 1)} <= set(months)


def test_one_date_is_left_out_and_the_days_around_it_stay() -> None:
    found = days("every day but not on 24 December", until=datetime(2026, 12, 27, tzinfo=PLACE))
    assert date(2026, 12, 24) not in found
    assert {date(2026, 12, 23), date(2026, 12, 25)} <= set(found)


def test_one_week_is_left_out_once() -> None:
    found = days("every Tuesday at 9 except next week", until=NOW + timedelta(days=20))
    assert found == [date(2026, 12, 1), date(2026, 12, 8)]


def test_holidays_are_left_out_where_they_are_given() -> None:
    one = only("weekdays at 8 except public holidays")
    assert one.not_holidays
    assert one.excludes == ()
    feast = frozenset({date(2026, 12, 1), date(2026, 12, 8)})
    assert feast <= set(days("weekdays at 8 except public holidays"))
    assert not feast & set(days("weekdays at 8 except public holidays", holidays=feast))


def test_a_holiday_is_a_day_where_the_person_is() -> None:
    lisbon, auckland = LISBON, "Pacific/Auckland"
    first = datetime(2026, 12, 1, 20, tzinfo=UTC)  # the 2nd in Auckland
    holidays = [date(2026, 12, 2)]
    for zone, day in ((lisbon, 1), (auckland, 3)):
        found = next_after(
            "FREQ=DAILY", first, after=first - timedelta(hours=1), zone=zone, holidays=holidays
        )
        assert found is not None
        assert found.day == day


def test_the_first_slot_is_one_that_stays() -> None:
    one = only("weekdays at 8 except Fridays")
    assert one.start == datetime(2026, 11, 23, 8, tzinfo=PLACE)


def test_an_exception_reaches_back_before_the_moment_it_was_said() -> None:
    one = only("weekdays at 8 except Fridays")
    assert one.start is not None
    early = one.start - timedelta(days=70)
    slots = slots_between(one.rrule, early, after=early, until=one.start, zone=LISBON, excludes=one.excludes)
    assert {slot.weekday() for slot in slots} == {0, 1, 2, 3}


@pytest.mark.parametrize("text", ["every Friday except Fridays", "every day at 9 except mornings"])
def test_exceptions_that_leave_nothing_are_a_problem(text: str) -> None:
    one = only(text)
    assert one.problem == "Its exceptions leave out the next 100 times of it, or all."
    assert one.start is not None
    assert next_after(one.rrule, one.start, after=NOW, zone=LISBON, excludes=one.excludes) is None


def test_minutes_that_are_all_left_out_come_to_an_end() -> None:
    never = only("every day")
    start = datetime(2026, 11, 20, tzinfo=PLACE)
    assert next_after("FREQ=MINUTELY", start, after=start, zone=LISBON, excludes=[never]) is None


EXCEPTIONS = (
    "every day except Fridays",
    "every day except the first of the month",
    "every day except in December",
    "every day except next week",
    "every day except on 24 December",
    "every day except weekends or Wednesdays",
    "every day except mornings",
)
RULES = (
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=MONTHLY;BYMONTHDAY=1,15,24",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR",
)


@settings(max_examples=40, deadline=None)
@given(
    rule=st.sampled_from(RULES),
    text=st.sampled_from(EXCEPTIONS),
    hour=st.integers(4, 22),
    offset=st.integers(-200, 200),
    holidays=st.frozensets(st.dates(date(2026, 6, 1), date(2027, 8, 1)), max_size=20),
)
def test_the_rule_and_its_exdates_are_what_stays(
    rule: str, text: str, hour: int, offset: int, holidays: frozenset[date]
) -> None:
    """RFC 5545 3.8.5.1, as dateutil has it: the rule without its EXDATEs."""
    first = datetime(2026, 11, 19, hour, tzinfo=PLACE) + timedelta(days=offset)
    until = first + timedelta(days=200)
    excludes = only(text).excludes
    assert excludes
    kept = slots_between(
        rule, first, after=first, until=until, zone=LISBON, excludes=excludes, holidays=holidays
    )
    same, exdates = with_exdates(
        rule, first, after=first, until=until, zone=LISBON, excludes=excludes, holidays=holidays
    )
    whole = rruleset()
    whole.rrule(rrulestr(same, dtstart=first.replace(tzinfo=None)))
    for day in exdates:
        whole.exdate(day.replace(tzinfo=None))
    assert [slot.replace(tzinfo=None) for slot in kept] == whole.between(
        first.replace(tzinfo=None), until.replace(tzinfo=None) + timedelta(seconds=1)
    )
    assert {day.date() for day in kept}.isdisjoint(holidays)
