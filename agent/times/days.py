"""Days and periods that words name, counted from a scope's today. Weeks start on Monday."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, timedelta

from deskhand.agent.times.dates import holiday, monday, months_on, shifted, working
from deskhand.agent.times.lexicon import MONTHS, WEEKDAYS
from deskhand.agent.times.scope import Extent, Scope, before
from deskhand.agent.times.terms import (
    Away,
    Date,
    Day,
    Edge,
    Holiday,
    Length,
    Month,
    Nth,
    NthWeek,
    Period,
    Shift,
    Stretch,
    Unit,
    Weekday,
    WeekNumber,
    WeekOf,
    Window,
    Year,
)

_ONE = timedelta(days=1)


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
        case Holiday(name, year, which):
            return [_holiday(name, year, which, scope)]
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
        return [monday(start.date()) + timedelta(days=day)] if start else []
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
    orders = [term]
    if term.open_order and term.month is not None and term.day is not None:
        swapped = replace(term, month=term.day, day=term.month)
        orders = [term, swapped] if scope.month_first else [swapped, term]
    found: list[date] = []
    for order in orders:
        candidates = list(_dates(order, scope.today, past=scope.past))
        fitting = [day for day in candidates if term.weekday in (None, day.weekday())]
        found += (fitting or candidates)[:1]
    if term.weekday is not None:  # "Friday 7/6": the order in which it is a Friday
        found.sort(key=lambda day: day.weekday() != term.weekday)
    return list(dict.fromkeys(found))


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
    """A sentence where the weekday that was said is not that of the date; else empty."""
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
        day = end - timedelta(days=(end.weekday() - term.weekday) % 7 or 7)
    if not start <= day < end:
        raise ValueError("the period has no such day")
    return day


def _holiday(name: str, year: int | None, which: int | None, scope: Scope) -> date:
    today = scope.today
    if year is not None:
        return holiday(name, year)
    around = [holiday(name, today.year + step) for step in (-1, 0, 1)]
    if which == -1 or (scope.past and which is None):
        return max(day for day in around if day <= today)
    if which == 0:
        return around[1]
    return min(day for day in around if day >= today)


def period(term: Period, scope: Scope) -> list[Extent]:
    """What a period may be, the default first."""
    today = scope.today
    match term:
        case Unit(unit, shift):
            return _unit(unit, shift, scope)
        case Month():
            first = _month(term, scope)
            found = [first]
            if term.which == 1 and months_on(today.replace(day=1), 1) == first:
                found.append(months_on(first, 12))
            return [scope.days(start, months_on(start, 1), "month") for start in found]
        case Stretch(months, number, year):
            start = date(year or today.year, (number - 1) * months + 1, 1)
            if year is None and not scope.past and months_on(start, months) <= today:
                start = months_on(start, 12)
            elif year is None and scope.past and start > today:
                start = months_on(start, -12)
            return [scope.days(start, months_on(start, months), "month")]
        case Year(year):
            return [scope.days(date(year, 1, 1), date(year + 1, 1, 1), "year")]
        case WeekOf(day):
            return [_week(monday(found), scope) for found in days(day, scope)]
        case WeekNumber(number, year):
            start = date.fromisocalendar(year or today.isocalendar().year, number, 1)
            if year is None and not scope.past and start + timedelta(days=7) <= today:
                start = date.fromisocalendar(today.isocalendar().year + 1, number, 1)
            return [_week(start, scope)]
        case Window():
            return [_window(term, scope)]
        case Edge(edge, of):
            return [_edge(edge, part, scope) for part in _extents(of, scope)]
        case NthWeek(nth, of):
            return [_nth_week(nth, part, scope) for part in period(of, scope)]
    raise ValueError(f"not a period: {term}")


def _extents(term: Period | Day, scope: Scope) -> list[Extent]:
    if isinstance(term, Date | Weekday | Shift | Nth | Holiday | Away):
        return [scope.day(day) for day in days(term, scope)]
    return period(term, scope)


def _week(start: date, scope: Scope) -> Extent:
    return scope.days(start, start + timedelta(days=7), "week")


def _unit(unit: str, shift: int, scope: Scope) -> list[Extent]:
    today = scope.today
    if unit == "week":
        return [_week(monday(today) + timedelta(days=7 * shift), scope)]
    if unit == "weekend":
        saturday = monday(today) + timedelta(days=5)
        starts = [saturday + timedelta(days=7 * shift)]
        if shift == 1 and today < saturday:  # "next weekend" said on a Wednesday
            starts.append(saturday)
        return [scope.days(start, start + timedelta(days=2)) for start in starts]
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    start = today.replace(month=(today.month - 1) // months * months + 1, day=1)
    start = months_on(start, shift * months)
    return [scope.days(start, months_on(start, months), "year" if unit == "year" else "month")]


def _month(term: Month, scope: Scope) -> date:
    today = scope.today
    here = date(today.year, term.month, 1)
    if term.year is not None:
        return here.replace(year=term.year)
    if term.shift is not None:
        return here.replace(year=today.year + term.shift)
    if term.which == -1 or (term.which is None and scope.past):
        late = here.month > today.month or (term.which == -1 and here.month == today.month)
        return months_on(here, -12) if late else here
    early = here.month < today.month or (term.which == 1 and here.month == today.month)
    return months_on(here, 12) if early and term.which != 0 else here


def _window(term: Window, scope: Scope) -> Extent:
    """ "The next 3 days" is from now to the end of the third day; "the last 3 days" those days, to now."""
    now = scope.now
    if term.unit in ("second", "minute", "hour"):
        width = timedelta(seconds=term.count * {"second": 1, "minute": 60, "hour": 3600}[term.unit])
        there = (now.astimezone(UTC) + term.sign * width).astimezone(scope.zone)
        return Extent("interval", *((now, there) if term.sign > 0 else (there, now)), term.unit)
    if term.unit == "quarter":
        return _quarters(int(term.count), term.sign, scope)
    grain = {"business": "day", "fortnight": "week", "quarter": "month"}.get(term.unit, term.unit)
    edge = shifted(scope.today, Length(((term.count, term.unit),)), term.sign)
    if term.sign > 0:
        return Extent("interval", now, scope.midnight(edge + _ONE), grain)
    return Extent("interval", scope.midnight(edge), now, grain)


def _quarters(count: int, sign: int, scope: Scope) -> Extent:
    """Whole quarters of the calendar, without the one that is on."""
    here = scope.today.replace(month=(scope.today.month - 1) // 3 * 3 + 1, day=1)
    start = months_on(here, 3 if sign > 0 else -3 * count)
    return scope.days(start, months_on(start, 3 * count), "month")


def _edge(edge: str, whole: Extent, scope: Scope) -> Extent:
    """Thirds; the start, middle and end of a week are Mon-Tue, Tue-Thu and from Thursday on."""
    if whole.start is None or whole.end is None:
        return whole
    if edge in ("rest", "later"):
        inside = before(whole.start, scope.now) and before(scope.now, whole.end)
        return replace(whole, start=scope.now) if inside else whole
    if edge == "earlier":
        gone = before(whole.start, scope.now) and before(scope.now, whole.end)
        return replace(whole, end=scope.now) if gone else whole
    start, end = whole.start.date(), whole.end.date()
    width = (end - start).days
    if width < 7:  # "late weekend" is no part of it that people agree on
        return whole
    if width == 7:
        first, last = {"start": (0, 2), "middle": (1, 4), "end": (3, 7)}[edge]
    elif width > 31:
        third = round(width / 91)  # months in a third of a quarter, a half-year, a year
        cuts = [(months_on(start, third * step) - start).days for step in range(4)]
        first, last = {"start": cuts[0:2], "middle": cuts[1:3], "end": cuts[2:4]}[edge]
    else:
        first, last = {"start": (0, 10), "middle": (10, 20), "end": (20, width)}[edge]
    return scope.days(
        start + timedelta(days=first), start + timedelta(days=last), "day" if width <= 31 else "month"
    )


def _nth_week(nth: int, whole: Extent, scope: Scope) -> Extent:
    """A week belongs to the month or year that its Thursday is in, as in ISO 8601."""
    if whole.start is None or whole.end is None or nth > 53:
        raise ValueError("no such week")
    if nth > 0:
        start = monday(whole.start.date() + timedelta(days=3)) + timedelta(days=7 * (nth - 1))
    else:
        start = monday(whole.end.date() - timedelta(days=4))
    if start + timedelta(days=3) >= whole.end.date():
        raise ValueError("the period has no such week")
    return _week(start, scope)
