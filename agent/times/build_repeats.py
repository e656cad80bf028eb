"""Makes recurrences out of matched words. None refuses the match, as in `build`."""

from __future__ import annotations

from dataclasses import replace

from deskhand.agent.times.build_clocks import Time, narrowed
from deskhand.agent.times.feasts import FEASTS, Counted, Fixed
from deskhand.agent.times.terms import Date, Either, Holiday, Hours, Length, Now, Open, Part, Repeat, Term

WORKDAYS = (0, 1, 2, 3, 4)


def every(step: int | None, unit_name: str, *, time: Time | None = None) -> Repeat | None:
    step = step or 1
    known = {
        "minute": ("MINUTELY", 1),
        "hour": ("HOURLY", 1),
        "day": ("DAILY", 1),
        "week": ("WEEKLY", 1),
        "fortnight": ("WEEKLY", 2),
        "month": ("MONTHLY", 1),
        "quarter": ("MONTHLY", 3),
        "year": ("YEARLY", 1),
    }
    if unit_name not in known:
        return None
    freq, times = known[unit_name]
    return Repeat(freq, step * times, time=time)


def weekly(days: tuple[int, ...], step: int = 1, *, time: Time | None = None) -> Repeat:
    return Repeat("WEEKLY", step, days=tuple((day, 0) for day in sorted(set(days))), time=time)


def any_period(unit_name: str) -> Either | None:
    """ "Any week": from now on; or each of them."""
    each = every(1, unit_name)
    return Either((Open("from", Now()), each)) if each else None


def bi(days: int) -> Repeat | None:
    """ "Bi-weekly", "bi monthly"."""
    return often({7: 15, 30: 60}[days]) if days in (7, 30) else None


def semi(days: int) -> Repeat | None:
    """Twice in a month or a year; of a month there is no rule that people agree on."""
    return often(182) if days == 365 else None


def weekday_range(first: int, last: int) -> Repeat | None:
    """ "Mon-Fri", where a time of day says that each of the days is meant."""
    return (
        weekly(tuple((first + step) % 7 for step in range((last - first) % 7 + 1))) if first != last else None
    )


def every_part(day: int | str, part: Part) -> Repeat:
    if day == "day":
        return Repeat("DAILY", time=part)
    if day in ("weekend", "weekends"):
        return weekly((5, 6), time=part)
    return weekly(WORKDAYS if isinstance(day, str) else (day,), time=part)


def often(days: int) -> Repeat:
    """Biweekly is every two weeks, bimonthly every two months; twice in one is the other reading."""
    if days == -1:
        return Repeat("DAILY", time=Part("night"))
    if days == 15:
        return Repeat("WEEKLY", 2, other=weekly((0, 3)))
    if days == 60:
        return Repeat("MONTHLY", 2, other=Repeat("MONTHLY", month_days=(1, 15)))
    freq, step = {
        0: ("HOURLY", 1),
        1: ("DAILY", 1),
        7: ("WEEKLY", 1),
        14: ("WEEKLY", 2),
        30: ("MONTHLY", 1),
        90: ("MONTHLY", 3),
        182: ("MONTHLY", 6),
        365: ("YEARLY", 1),
    }[days]
    return Repeat(freq, step)


def on_days(core: Repeat, days: tuple[int, ...]) -> Repeat | None:
    if core.freq != "WEEKLY":
        return None
    return replace(core, days=tuple((day, 0) for day in sorted(set(days))), other=None)


def on_date(core: Repeat, day: int = -1) -> Repeat | None:
    return replace(core, month_days=(day,), other=None) if core.freq == "MONTHLY" else None


def on_nth(core: Repeat, number: int, day: int) -> Repeat | None:
    if core.freq != "MONTHLY" or number > 5:
        return None
    return replace(core, days=((day, number),), other=None)


def on_calendar(core: Repeat, day: Date) -> Repeat | None:
    return yearly(core.interval, day) if core.freq == "YEARLY" else None


def yearly(step: int | None, day: Date) -> Repeat | None:
    if (
        not isinstance(day, Date)
        or day.year
        or day.month is None
        or day.day is None
        or day.open_order
        or day.missing
    ):
        return None
    return Repeat("YEARLY", step or 1, month_days=(day.day,), month=day.month)


def every_holiday(day: Holiday) -> Repeat | None:
    """Holidays that a rule can tell; Easter and what hangs on it or on the moon cannot."""
    match FEASTS[day.name]:
        case Fixed(month, number):
            return Repeat("YEARLY", month_days=(number,), month=month)
        case Counted(month, weekday, nth, 0):
            return Repeat("YEARLY", days=((weekday, nth),), month=month)
    return None


def nth_of_months(number: int, day: int | str, step: int) -> Repeat | None:
    if isinstance(day, str):
        return month_day(number, step)
    return Repeat("MONTHLY", step, days=((day, number),)) if number <= 5 else None


def workday_of_months(number: int, step: int) -> Repeat | None:
    """ "The first business day of each month" (RFC 5545 3.3.10, BYSETPOS); it has at least 20."""
    days = tuple((day, 0) for day in WORKDAYS)
    return Repeat("MONTHLY", step, days=days, position=number) if number <= 20 else None


def on_workday(core: Repeat, number: int) -> Repeat | None:
    """ "Monthly on the last working day"."""
    return workday_of_months(number, core.interval) if core.freq == "MONTHLY" else None


def month_days(days: tuple[int, ...], step: int, core: Repeat | None = None) -> Repeat | None:
    """ "The 1st and 15th of every month"."""
    if core is not None and core.freq != "MONTHLY":
        return None
    return Repeat("MONTHLY", step, month_days=tuple(sorted(set(days))))


def month_day(number: int, step: int) -> Repeat | None:
    return Repeat("MONTHLY", step, month_days=(number,)) if number == -1 or 1 <= number <= 31 else None


def timed_repeat(core: Repeat, time: Time) -> Repeat | None:
    if core.freq in ("HOURLY", "MINUTELY"):
        return None
    made: Time | None = narrowed(core.time, time) if isinstance(core.time, Part) else time
    if made is None or (
        isinstance(made, Hours) and (made.start is None or (made.end is None and not made.length))
    ):
        return None
    other = replace(core.other, time=made) if core.other else None
    return replace(core, time=made, other=other)


def limited(core: Repeat | None, limit: tuple[str, Term | int]) -> Repeat | None:
    if core is None:
        return None
    how, term = limit
    if isinstance(term, int):
        # RFC 5545 3.3.10: COUNT and UNTIL exclude each other.
        return None if core.until or core.length or not 1 <= term <= 999 else replace(core, count=term)
    if core.count and how != "start":
        return None
    if how == "until":
        return replace(core, until=term)
    if how == "start":
        return replace(core, start=term)
    return replace(core, length=term) if isinstance(term, Length) else None
