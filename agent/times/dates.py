"""Arithmetic of the calendar: months and working days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from deskhand.agent.times.terms import Length

_ONE = timedelta(days=1)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def months_on(day: date, months: int) -> date:
    """The same day so many months on, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shifted(day: date, length: Length, sign: int) -> date:
    """A day, whole units away."""
    for amount, unit in length.parts:
        count = sign * int(amount)
        if unit in ("month", "quarter", "year", "decade"):
            day = months_on(day, count * {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit])
        elif unit == "business":
            day = working(day, count)
        else:
            day += timedelta(days=count * {"day": 1, "week": 7, "fortnight": 14}[unit])
    return day


def working(day: date, count: int) -> date:
    """So many working days (Monday to Friday) away, in constant time."""
    step = 1 if count > 0 else -1
    weeks, rest = divmod(abs(count), 5)
    while day.weekday() > 4:  # from a weekend, counting starts at the working day on its far side
        day -= step * _ONE
    day += timedelta(days=7 * weeks * step)
    for _ in range(rest):
        day += step * _ONE
        while day.weekday() > 4:
            day += step * _ONE
    return day
