"""Days and periods that words name, counted from a scope's today."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from deskhand.agent.times import periods as p
from deskhand.agent.times.dates import monday, months_on, shifted, working
from deskhand.agent.times.feasts import feast_days
from deskhand.agent.times.lexicon import MONTHS, WEEKDAYS
from deskhand.agent.times.scope import Extent, Scope
from deskhand.agent.times.terms import (
    Away,
    Date,
    Day,
    DayBeside,
    Edge,
    Holiday,
    Month,
    Nth,
    NthWeek,
    Period,
    Season,
    Shift,
    Some,
    Stretch,
    Unit,
    Weekday,
    WeekendOf,
    WeekNumber,
    WeekOf,
    Window,
    Year,
)

_ONE = timedelta(days=1)
_MONTHS_OFF = 35


def days(term: Day, scope: Scope) -> list[date]:
    """The days a term may be, the default first. ValueError or OverflowError: there is no such day."""
    today = scope.today
    match term:
        case Shift(count):
            return [today + timedelta(days=count)]
        case Weekday():
            return _weekday(term, scope)
        case Date():
            return _date(term, scope)
        case Nth():
            return [_nth(term, scope)]
        case DayBeside(weekday, sign, anchor):
            return [_beside(weekday, sign, day) for day in days(anchor, scope)]
        case Holiday():
            return _holiday(term, scope)
        case Away(length, sign, anchor):
            starts = [today] if anchor is None else days(anchor, scope)  # type: ignore[arg-type] # a Day by grammar
            return [shifted(start, length, sign) for start in starts]
    raise ValueError(f"not a day: {term}")


def _weekday(term: Weekday, scope: Scope) -> list[date]:
    """ "Friday" is the coming one, never today (said on a Friday, today is the alternative).

    "This Friday" is in this week unless it is gone; "next Friday" is in next week, and the coming
    one is the alternative; "last Friday" is the latest, and the one of last week the alternative.
    """
    today, day = scope.today, term.day
    week = monday(today) + timedelta(days=day)
    coming = today + timedelta(days=(day - today.weekday()) % 7 or 7)
    latest = today - timedelta(days=(today.weekday() - day) % 7 or 7)
    if term.week is not None:
        start = period(term.week, scope)[0].start
        found = [monday(start.date()) + timedelta(days=day)] if start else []
        if isinstance(term.week, WeekOf) and isinstance(term.week.day, Away):
            # "Friday, two weeks from now": in that week, or the next or last one from there.
            there = days(term.week.day, scope)[0]
            found.append(there + timedelta(days=(day - there.weekday()) % 7))
            found.append(there - timedelta(days=(there.weekday() - day) % 7))
        return list(dict.fromkeys(found))
    if term.which == "coming":
        found = [coming]
    elif term.which == "this":
        found = [week] if week >= today or scope.past else [coming, week]
    elif term.which == "next":
        found = [week + timedelta(days=7), coming]
    elif term.which == "last":
        found = [latest, week - timedelta(days=7)]
    elif scope.past:
        found = [latest, today] if latest + timedelta(days=7) == today else [latest]
    else:
        found = [coming, today] if coming - timedelta(days=7) == today else [coming]
    return list(dict.fromkeys(found))


def _date(term: Date, scope: Scope) -> list[date]:
    if term.missing:
        return _beside_missing(term, scope)
    orders = [term]
    if term.open_order and term.month is not None and term.day is not None:
        swapped = replace(term, month=term.day, day=term.month)
        orders = [term, swapped] if scope.month_first else [swapped, term]
    found: list[date] = []
    for order in orders:
        candidates = list(_dates(order, scope.today, past=scope.past))
        fitting = [day for day in candidates if term.weekday in (None, day.weekday())]
        if term.month is None and fitting and candidates and fitting[0] > _soon(candidates[0], term):
            # "Tuesday the 25th", which is a Wednesday: the weekday beside it, or a 25th months away.
            return [candidates[0], _closest(term.weekday or 0, candidates[0]), fitting[0]]
        found += (fitting or candidates)[:1]
    if term.weekday is not None:  # "Friday 7/6": the order in which it is a Friday
        found.sort(key=lambda day: day.weekday() != term.weekday)
    return list(dict.fromkeys(found))


def _beside_missing(term: Date, scope: Scope) -> list[date]:
    """The last day of the month that has no such day, and the first of the next."""
    month, year = term.month or 1, term.year or scope.today.year
    last = date(year, month, monthrange(year, month)[1])
    if term.year is None and scope.past != (last < scope.today):
        year += -1 if scope.past else 1
        last = date(year, month, monthrange(year, month)[1])
    return [last, last + _ONE]


def _soon(nearest: date, term: Date) -> date:
    """How far off a numbered day of no month may be to fit its weekday; Friday the 13th always may."""
    return date.max if (term.weekday, term.day) == (4, 13) else nearest + timedelta(days=_MONTHS_OFF)


def _closest(weekday: int, day: date) -> date:
    return day + timedelta(days=(weekday - day.weekday() + 3) % 7 - 3)


def _dates(term: Date, today: date, *, past: bool) -> Iterator[date]:
    """Days that fit, the likeliest first: the next one from today on, then the latest, then later ones."""
    if term.day is None:
        return
    if term.year is not None:
        yield date(term.year, term.month or 1, term.day)
        return
    ahead: list[date] = []
    behind: list[date] = []
    for step in range(-9, 15) if term.month is None else range(-96, 97, 12):
        base = today.year * 12 + today.month - 1 + step
        if term.month is not None:
            base = (today.year + step // 12) * 12 + term.month - 1
        year, month = divmod(base, 12)
        if 1 <= year <= 9999 and term.day <= monthrange(year, month + 1)[1]:
            day = date(year, month + 1, term.day)
            (ahead if day >= today else behind).append(day)
    behind.reverse()
    first, second = (behind, ahead) if past else (ahead, behind)
    yield from first[:1]
    if term.weekday is None or term.month is None:
        yield from second[:1]
    else:  # "Tue 3 Feb" said in November: this year's, where that is a Tuesday
        yield from (day for day in second[:1] if day.year == today.year)
    # "Wednesday the 13th" may be months away; "Monday 24 November" is not one of six years on.
    if term.month is None:
        yield from first[1:]


def mismatch(term: Date, day: date) -> str:
    """A sentence where there is no such date, or the weekday that was said is not that of it; else empty."""
    if term.missing and term.month is not None:
        year = f" {term.year}" if term.year else ""
        last = str(monthrange(term.year or 2000, term.month)[1])
        last = "28 or 29" if term.month == 2 and not term.year else last
        return (
            f"There is no {term.day} {MONTHS[term.month - 1]}{year}; "
            f"{MONTHS[term.month - 1]}{year} has {last} days."
        )
    if term.weekday is None or term.weekday == day.weekday():
        return ""
    return (
        f"{day.day} {MONTHS[day.month - 1]} {day.year} is a {WEEKDAYS[day.weekday()]}, "
        f"not a {WEEKDAYS[term.weekday]}."
    )


def _nth(term: Nth, scope: Scope) -> date:
    if term.period is None:
        raise ValueError("of what?")
    first = period(term.period, scope)[0]
    found = _nth_in(term, first)
    if isinstance(term.period, Month) and term.period.year is None and term.period.which is None:
        gone = found < scope.today and not scope.past and term.period.shift is None
        if gone and first.start is not None:
            found = _nth_in(term, period(replace(term.period, year=first.start.year + 1), scope)[0])
    return found


def _nth_in(term: Nth, extent: Extent) -> date:
    if extent.start is None or extent.end is None:
        raise ValueError("an open period has no days to count")
    start, end = extent.start.date(), extent.end.date()
    if term.weekday is None:
        day = start + timedelta(days=term.nth - 1) if term.nth > 0 else end - _ONE
    elif term.weekday == 7:
        day = working(start - _ONE, term.nth) if term.nth > 0 else working(end, -1)
    elif term.nth > 0:
        day = start + timedelta(days=(term.weekday - start.weekday()) % 7 + 7 * (term.nth - 1))
    else:
        back = (end.weekday() - term.weekday) % 7 or 7
        day = end - timedelta(days=back - 7 * (term.nth + 1))
    if not start <= day < end:
        raise ValueError("the period has no such day")
    return day


def _beside(weekday: int, sign: int, day: date) -> date:
    away = (weekday - day.weekday()) % 7 if sign > 0 else (day.weekday() - weekday) % 7
    return day + sign * timedelta(days=away or 7)


def _holiday(term: Holiday, scope: Scope) -> list[date]:
    today = scope.today
    if term.year is not None or term.shift is not None:
        return feast_days(term.name, term.year or today.year + (term.shift or 0))
    around = [found for step in (-1, 0, 1) if (found := feast_days(term.name, today.year + step))]
    if term.which == -1 or (scope.past and term.which is None):
        return max((found for found in around if found[0] <= today), key=lambda found: found[0])
    if term.which == 0:
        return around[1]
    return min((found for found in around if found[0] >= today), key=lambda found: found[0])


def period(term: Period, scope: Scope) -> list[Extent]:
    """What a period may be, the default first."""
    today = scope.today
    match term:
        case Unit(unit, shift):
            return p.unit(unit, shift, scope)
        case Month():
            first = p.month(term, scope)
            found = [first]
            if term.which == 1 and months_on(today.replace(day=1), 1) == first:
                found.append(months_on(first, 12))
            return [scope.days(start, months_on(start, 1), "month") for start in found]
        case Stretch(months, number, year, shift):
            start = date(year or today.year + (shift or 0), (number - 1) * months + 1, 1)
            return [p.yearly(start, months, scope, settled=year is not None or shift is not None)]
        case Season():
            return [p.season(term, scope)]
        case Year(year, count):
            return [scope.days(date(year, 1, 1), date(year + count, 1, 1), "year")]
        case WeekOf(day):
            return [p.week(monday(found), scope) for found in days(day, scope)]
        case WeekNumber():
            return p.numbered_week(term, scope)
        case WeekendOf(day):
            return [p.weekend_of(found, scope) for found in days(day, scope)]
        case Window():
            return p.window(term, scope)
        case Edge(edge, of):
            return [part for whole in _extents(of, scope) for part in p.parts(edge, whole, scope)]
        case NthWeek(nth, of):
            return [p.nth_week(nth, whole, scope) for whole in period(of, scope)]
        case Some():
            return [p.some(term, whole, scope) for whole in period(term.of, scope)]
    raise ValueError(f"not a period: {term}")


def _extents(term: Period | Day, scope: Scope) -> list[Extent]:
    if isinstance(term, Date | Weekday | Shift | Nth | Holiday | Away | DayBeside):
        return [scope.day(day) for day in days(term, scope)]
    return period(term, scope)
