"""From terms to values: what words mean for one person at one moment.

The defaults, in one place. What was left open is the next after now ("Friday", "at 3", "in March"),
or the latest before it when the sentence tells of the past or says "since" or "last". An hour
without its half of the day is the one in working hours, else the one nearer to them, else the
morning one; the other half is an alternative. An hour in two digits with its minutes (05:00, 10:30)
is of the 24-hour clock, unless a part of the day or a pm beside it says otherwise. A part of a day
is breakfast 7-9, morning 8-12, lunch 12-14, afternoon 12-17, evening 17-21, dinner 18-21, night
20-24, tonight 18-24 (morning starts and afternoon ends with the working day where that is longer).
The end of the day is that of the working day; midnight is the alternative. A range of days or months
includes the last one. `days` has the defaults for weekdays, dates and periods.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from deskhand.agent.times.dates import shifted
from deskhand.agent.times.days import days, mismatch, period
from deskhand.agent.times.hours import instant_on, on_day, seconds, smallest
from deskhand.agent.times.places import zone_of
from deskhand.agent.times.scope import Extent, Scope, before, said_at
from deskhand.agent.times.terms import (
    At,
    Away,
    Clock,
    Date,
    DayBeside,
    Edge,
    Holiday,
    Hours,
    Length,
    Month,
    Now,
    Nth,
    NthWeek,
    Open,
    Part,
    Range,
    Run,
    Season,
    Shift,
    Some,
    Stamp,
    Stretch,
    Term,
    Unit,
    Weekday,
    WeekendOf,
    WeekNumber,
    WeekOf,
    Window,
    Year,
    whole_days,
)

_ONE = timedelta(days=1)
_PERIODS = (Unit, Month, Stretch, Year, WeekOf, WeekNumber, Window, Edge, NthWeek, Season, WeekendOf, Some)
_DAYS = (Date, Weekday, Shift, Nth, Holiday, DayBeside)


def extents(term: Term, scope: Scope) -> list[Extent]:
    """What a term means, the default first. ValueError or OverflowError: nothing at all."""
    match term:
        case Now():
            return [Extent("instant", scope.now, None, "second")]
        case Stamp(moment):
            aware = moment if moment.tzinfo else None
            if aware is None:
                return [said_at(moment.replace(microsecond=0), scope.zone, scope, "minute")]
            return [Extent("instant", aware.astimezone(scope.zone), None, "minute")]
        case At(day, time):
            return _at(day, time, scope)
        case Away():
            return _away(term, scope)
        case Range(start, end):
            return _range(start, end, scope)
        case Run(start, length):
            return _run(start, length, scope)
        case Open(how, inner):
            return _open(how, inner, scope)
    if isinstance(term, _PERIODS):
        return period(term, scope)
    if isinstance(term, _DAYS):
        return [scope.day(day) for day in days(term, scope)]
    raise ValueError(f"not a time: {term}")


def _at(day: Term | None, time: Clock | Part | Hours | None, scope: Scope) -> list[Extent]:
    if day is None:
        if time is None:
            raise ValueError("neither a day nor a time")
        return _next(time, scope)
    found = []
    view = scope
    zone = _zone_in(time) if time is not None and isinstance(day, Weekday) else ""
    if zone and isinstance(place := zone_of(zone), ZoneInfo | timezone):
        # "4pm Thursday San Francisco time": the Thursday that is next there.
        view = replace(scope, now=scope.now.astimezone(place))
    dates = days(day, view)  # type: ignore[arg-type] # a Day by grammar
    begun = time is not None and view.today != scope.today and view.today in dates
    if begun and time is not None and _ahead(on_day(view.today, time, scope)[0], scope):
        # "4pm IST Thursday", said on a Wednesday when Thursday has begun in India: that Thursday.
        dates.sort(key=lambda one: one != view.today)
    for one in dates:
        values = [scope.day(one)] if time is None else on_day(one, time, scope)
        if day == Shift(0) and not scope.past and time is not None and len(values) > 1:
            # "Today at 8", said at two in the afternoon: the half of the day that is still ahead.
            values.sort(key=lambda value: not _ahead(value, scope))
        elif day == Shift(0) and isinstance(time, Clock) and time.minutes >= 1440 and not scope.past:
            # "Tonight at 2", said at one in the morning, is in an hour.
            now = [instant_on(one, replace(time, minutes=time.minutes - 1440), scope)]
            values = [*(now if scope.now.hour < 5 and _ahead(now[0], scope) else []), *values]
        elif time == Clock(1440, sure=True):
            # "Friday at midnight" is mostly the one that ends Friday, and at times the one before it.
            values.append(instant_on(one, Clock(0, sure=True), scope))
        wrong = mismatch(day, one) if isinstance(day, Date) else ""
        found += [replace(value, problem=wrong or value.problem) for value in values]
    # The other day before the other half of the day.
    return found


def _ahead(extent: Extent, scope: Scope) -> bool:
    edge = extent.end or extent.start
    return edge is not None and before(scope.now, edge)


def _next(time: Clock | Part | Hours, scope: Scope) -> list[Extent]:
    """The next (in the past: the latest) time a clock shows this; a stretch that is on is the next one."""
    here = scope.today
    zone = _zone_in(time)
    if zone and isinstance(place := zone_of(zone), ZoneInfo | timezone):
        here = scope.now.astimezone(place).date()
    if isinstance(time, Hours) and time.start is None:
        time, lone = replace(time, bound=True), True
    else:
        lone = isinstance(time, Hours) and time.end is None and time.length is None
    columns = [on_day(here + step * _ONE, time, scope) for step in (-1, 0, 1, 2)]
    found, later = [], []
    for column in zip(*columns, strict=True):
        if scope.past:
            chosen = [one for one in column if one.start and before(one.start, scope.now)][-1:] or [column[0]]
        elif lone:
            chosen = [one for one in column if _mark_ahead(one, time, scope)][:1] or [column[-1]]
        else:
            chosen = [one for one in column[1:] if _ahead(one, scope)][:1] or [column[-1]]
        extent = chosen[0]
        # "After 3pm" of no day has no end.
        if lone and isinstance(time, Hours) and time.start is not None:
            extent = replace(extent, end=None)
        found.append(extent)
        begun = extent.start is not None and before(extent.start, scope.now)
        if begun and not lone and not scope.past and extent.kind == "interval":
            # "In the daytime", said in the afternoon, may be tomorrow's.
            later += [one for one in column if one.start and not before(one.start, scope.now)][:1]
    return [*found, *later]


def _mark_ahead(extent: Extent, time: Clock | Part | Hours, scope: Scope) -> bool:
    start = isinstance(time, Hours) and time.start is not None
    mark = extent.start if start else extent.end
    return mark is not None and before(scope.now, mark)


def _zone_in(time: Clock | Part | Hours) -> str:
    face = (time.start or time.end) if isinstance(time, Hours) else time
    return face.zone if isinstance(face, Clock) else ""


def _away(term: Away, scope: Scope) -> list[Extent]:
    length, sign = term.length, term.sign
    whole = whole_days(length)
    anchors = (
        [Extent("instant", scope.now, None, "second")] if term.anchor is None else extents(term.anchor, scope)
    )
    found = []
    for anchor in anchors:
        edge = anchor.start
        if edge is None:
            continue
        if whole and (anchor.kind == "interval" or term.anchor is None or isinstance(term.anchor, Now)):
            found.append(scope.day(shifted(edge.date(), length, sign)))
        elif whole:
            moved = shifted(edge.date(), length, sign)
            found.append(said_at(datetime.combine(moved, edge.time()), scope.zone, scope, anchor.grain))
        else:
            there = edge.astimezone(UTC) + sign * timedelta(seconds=seconds(length))
            fine = "minute" if anchor.grain in ("second", "hour", "day", "part") else anchor.grain
            grain = "second" if smallest(length) == "second" else fine
            found.append(Extent("instant", there.astimezone(scope.zone), None, grain))
    return found


def _range(start: Term, end: Term, scope: Scope) -> list[Extent]:
    """From the first instant of the start to the last of the end.

    An edge of a period may be a point as well: "from the end of March" from 1 April on.
    """
    lasts = extents(end, scope)
    found = [_span(start, end, last, scope) for last in (lasts if isinstance(start, Now) else lasts[:1])]
    if isinstance(start, Edge) or isinstance(end, Edge):
        opening = _point(start, scope)
        closing = _point(end, scope.at(opening)) if opening else None
        if opening and closing and before(opening, closing):
            found.append(Extent("interval", opening, closing, "day"))
    return [one for one in found if one is not None]


def _point(term: Term, scope: Scope) -> datetime | None:
    """Where a period is cut by one of its edges; else where a term starts."""
    if not isinstance(term, Edge) or term.edge not in ("start", "middle", "end"):
        return extents(term, scope)[0].start
    whole = extents(term.of, scope)[0]
    if whole.start is None or whole.end is None or term.edge == "start":
        return whole.start
    middle = whole.start.date() + (whole.end.date() - whole.start.date()) // 2
    return scope.midnight(middle) if term.edge == "middle" else whole.end


def _span(start: Term, end: Term, last: Extent, scope: Scope) -> Extent | None:
    edge = last.end or last.start
    view = scope
    if edge is not None and ((_undated(start) and _undated(end)) or isinstance(end, Now)):
        # "From 1 October to 7 November", said in between, is the one that is on.
        view = scope.at(edge - timedelta(seconds=1), past=True)
    first = extents(start, view)[0]
    if first.start is None:
        return None
    if edge is None or not before(first.start, edge):
        # "Monday to Wednesday" said on a Tuesday: the Wednesday after that Monday.
        last = extents(end, scope.at(first.start))[0]
        edge = last.end or last.start
    if edge is None or not before(first.start, edge):
        return None
    order = ("year", "month", "week", "day", "part", "hour", "minute", "second")
    grain = max(first.grain, last.grain, key=order.index)
    grain = last.grain if isinstance(start, Now) else first.grain if isinstance(end, Now) else grain
    return Extent("interval", first.start, edge, grain, first.problem or last.problem)


def _run(start: Term, length: Length, scope: Scope) -> list[Extent]:
    found = []
    for first in extents(start, scope):
        if first.start is None:
            continue
        if whole_days(length) and first.kind == "interval":
            end = scope.midnight(shifted(first.start.date(), length, 1))
        else:
            end = (first.start.astimezone(UTC) + timedelta(seconds=seconds(length))).astimezone(scope.zone)
        found.append(Extent("interval", first.start, end, first.grain, first.problem))
    return found


def _undated(term: Term) -> bool:
    """A date or a month of no year."""
    if isinstance(term, At):
        return isinstance(term.day, Date) and term.day.year is None and term.day.month is not None
    return isinstance(term, Month) and term.year is None and term.which is None and term.shift is None


def _open(how: str, inner: Term, scope: Scope) -> list[Extent]:
    # What somebody asks about "since" is gone by; "since" itself is read from the past.
    view = replace(scope, past=True) if how == "since" else scope
    if how == "from day":
        # "From Monday" is from then on, and at times ("the mail from Monday") that day.
        whole, onwards = extents(inner, scope), _open("from", inner, scope)
        gone = bool(whole and whole[0].end and not before(scope.now, whole[0].end))
        return [*whole, *onwards] if gone else [*onwards, *whole]  # "notes from last month"
    found = []
    for extent in extents(inner, view):
        start, end = extent.start, extent.end or extent.start
        if how == "after":
            # "After lunch on Friday" is still on Friday.
            within = isinstance(inner, At) and inner.day is not None and inner.time is not None and start
            limit = scope.midnight(start.date() + _ONE) if within and start else None
            made = replace(extent, start=end, end=limit)
        elif how in ("since", "from"):
            made = replace(extent, start=start, end=None)
        elif how == "before" and isinstance(inner, Edge) and inner.edge == "end":
            made = replace(extent, start=None, end=end)  # "before the end of the month": all of it
        elif how == "before":
            day = isinstance(inner, At) and inner.day is not None and isinstance(inner.time, Part)
            made = replace(extent, start=scope.midnight(start.date()) if day and start else None, end=start)
        else:
            made = replace(extent, start=None, end=end)
        found.append(replace(made, kind="interval", choices=()))
    point = _point(inner, scope) if isinstance(inner, Edge) else None
    if point and how in ("after", "since", "from"):
        found.append(Extent("interval", point, None, "day"))
    elif point:
        found.append(Extent("interval", None, point, "day"))
    return found


def distinct(found: Iterable[Extent]) -> list[Extent]:
    """Without repetitions, in order."""
    seen = set()
    kept = []
    for extent in found:
        key = (extent.kind, *(edge and edge.astimezone(UTC) for edge in (extent.start, extent.end)))
        if key not in seen:
            seen.add(key)
            kept.append(extent)
    return kept
