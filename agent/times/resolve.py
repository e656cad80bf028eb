"""From terms to values: what words mean for one person at one moment.

The defaults, in one place. What was left open is the next after now ("Friday", "at 3", "in March"),
or the latest before it when the sentence tells of the past or says "since" or "last". An hour
without its half of the day is the one in working hours, else the one nearer to them, else the
morning one; the other half is an alternative. A part of a day is morning 8-12, lunch 12-14,
afternoon 12-17, evening 17-21, night 20-24, tonight 18-24 (morning starts and afternoon ends with
the working day where that is longer). A range of days or months includes the last one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from deskhand.agent.times.days import days, mismatch, period, shifted
from deskhand.agent.times.places import zone_of
from deskhand.agent.times.scope import Extent, Scope, before, naive, said_at
from deskhand.agent.times.terms import (
    At,
    Away,
    Clock,
    Date,
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
    Shift,
    Stamp,
    Stretch,
    Term,
    Unit,
    Weekday,
    WeekNumber,
    WeekOf,
    Window,
    Year,
)

_ONE = timedelta(days=1)
_SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "business": 86_400,
    "week": 604_800,
    "fortnight": 1_209_600,
    "month": 2_592_000,
    "quarter": 7_776_000,
    "year": 31_536_000,
}
_PERIODS = (Unit, Month, Stretch, Year, WeekOf, WeekNumber, Window, Edge, NthWeek)
_DAYS = (Date, Weekday, Shift, Nth, Holiday)


def seconds(length: Length) -> int:
    """How long a length is, a month as 30 days and a year as 365."""
    return round(sum(amount * _SECONDS[unit] for amount, unit in length.parts))


def smallest(length: Length) -> str:
    unit = length.parts[-1][1]
    return {"business": "day", "fortnight": "week", "quarter": "month"}.get(unit, unit)


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
        case Open(how, inner):
            return _open(how, inner, scope)
    if isinstance(term, _PERIODS):
        return period(term, scope)
    if isinstance(term, _DAYS):
        return [scope.day(day) for day in days(term, scope)]
    raise ValueError(f"not a time: {term}")


def options(clock: Clock, scope: Scope) -> list[Clock]:
    """The clock, or where its half of the day is open both, the likelier first; all settled."""
    if clock.close:
        return [replace(clock, minutes=scope.hours[1], close=False)]
    if clock.sure:
        return [clock]
    low, high = scope.hours

    def far(minutes: int) -> int:
        return max(low - minutes, minutes - high, 0)

    both = sorted((clock.minutes, clock.minutes + 720), key=lambda minutes: (far(minutes), minutes))
    return [replace(clock, minutes=minutes, sure=True) for minutes in both]


def part_hours(part: Part, scope: Scope) -> tuple[int, int]:
    """From and to, in minutes of the day."""
    low, high = scope.hours
    start, end = {
        "morning": (min(480, low), 720),
        "lunch": (720, 840),
        "afternoon": (720, min(max(1020, high), 1260)),
        "evening": (1020, 1260),
        "night": (1200, 1440),
        "tonight": (1080, 1440),
    }[part.name]
    middle = (start + end) // 2
    if part.edge == "start":
        return start, middle
    if part.edge in ("end", "later"):
        return middle, end
    return (start + 60, end - 60) if part.edge == "middle" else (start, end)


def pairs(hours: Hours, scope: Scope) -> list[tuple[Clock, Clock]]:
    """From and to, both settled, the likelier first; a `to` past 1440 minutes is on the next day.

    What is open is chosen so that it is the shortest stretch: "3-5pm" is from 15:00, "11-1pm" from 11:00.
    """
    start, end = hours.start, hours.end
    if start is None:
        raise ValueError("open at its start")
    starts = options(start, scope)
    if end is None:
        length = timedelta(seconds=seconds(hours.length)) if hours.length else timedelta()
        minutes = length // timedelta(minutes=1)
        return [(face, replace(face, minutes=face.minutes + minutes)) for face in starts]
    ends = options(end, scope)
    if len(ends) == 1 and len(starts) == 2:
        inside = [face for face in starts if face.minutes < ends[0].minutes] or starts
        return [(max(inside, key=lambda face: face.minutes), ends[0])]
    found = []
    for face in starts:
        later = [other for other in ends if (other.minutes, other.seconds) > (face.minutes, face.seconds)]
        last = min(later, key=lambda other: other.minutes) if later else None
        if last is None:
            first = min(ends, key=lambda other: other.minutes)
            last = replace(first, minutes=first.minutes + 1440)
        found.append((face, last))
    return sorted(found, key=lambda pair: pair[1].minutes > 1440)


def _instant(day: date, clock: Clock, scope: Scope) -> Extent:
    said = naive(day, clock.minutes, clock.seconds)
    place = zone_of(clock.zone) if clock.zone else scope.zone
    if isinstance(place, timezone):
        return Extent("instant", said.replace(tzinfo=place).astimezone(scope.zone), None, clock.grain)
    return said_at(said, place if isinstance(place, ZoneInfo) else scope.zone, scope, clock.grain)


def _on_day(day: date, time: Clock | Part | Hours, scope: Scope) -> list[Extent]:
    """What a time of day is on one day."""
    if isinstance(time, Clock):
        return [_instant(day, clock, scope) for clock in options(time, scope)]
    if isinstance(time, Part):
        low, high = part_hours(time, scope)
        return [Extent("interval", scope.wall(day, low), scope.wall(day, high), "part")]
    if time.start is not None and (time.end is not None or time.length is not None):
        found = []
        for opening, closing in pairs(time, scope):
            start, end = _instant(day, opening, scope), _instant(day, closing, scope)
            grain = max(opening.grain, closing.grain, key=("hour", "minute", "second").index)
            whole = Extent("interval", start.start, end.start, grain, start.problem or end.problem)
            found.append(replace(whole, choices=_stretched(whole, start, end)))
        return found
    one = time.start or time.end
    if one is None:
        raise ValueError("open at both ends")
    marks = [_instant(day, clock, scope) for clock in options(one, scope)]
    if time.start is not None:
        return [_until(mark, scope.midnight(day + _ONE)) for mark in marks]
    floor = None if time.bound else scope.midnight(day)
    return [Extent("interval", floor, mark.start, mark.grain, mark.problem) for mark in marks]


def _stretched(whole: Extent, start: Extent, end: Extent) -> tuple[Extent, ...]:
    """The intervals to choose from where one of the ends is a problem."""
    if not whole.problem:
        return ()
    starts, ends = start.choices or (start,), end.choices or (end,)
    return tuple(
        Extent("interval", one.start, other.start, whole.grain)
        for one in starts
        for other in ends
        if one.start and other.start and before(one.start, other.start)
    )


def _until(mark: Extent, end: datetime | None) -> Extent:
    return Extent("interval", mark.start, end, mark.grain, mark.problem)


def _at(day: Term | None, time: Clock | Part | Hours | None, scope: Scope) -> list[Extent]:
    if day is None:
        if time is None:
            raise ValueError("neither a day nor a time")
        return _next(time, scope)
    found = []
    for one in days(day, scope):  # type: ignore[arg-type] # a Day by grammar
        values = [scope.day(one)] if time is None else _on_day(one, time, scope)
        if day == Shift(0) and not scope.past and time is not None and len(values) > 1:
            # "Today at 8", said at two in the afternoon: the half of the day that is still ahead.
            values.sort(key=lambda value: not _ahead(value, scope))
        elif time == Clock(1440, sure=True):
            # "Friday at midnight" is mostly the one that ends Friday, and at times the one before it.
            values.append(_instant(one, Clock(0, sure=True), scope))
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
    columns = [_on_day(here + step * _ONE, time, scope) for step in (-1, 0, 1, 2)]
    found = []
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
    return found


def _mark_ahead(extent: Extent, time: Clock | Part | Hours, scope: Scope) -> bool:
    start = isinstance(time, Hours) and time.start is not None
    mark = extent.start if start else extent.end
    return mark is not None and before(scope.now, mark)


def _zone_in(time: Clock | Part | Hours) -> str:
    if isinstance(time, Hours):
        face = time.start or time.end
        return face.zone if face else ""
    return time.zone if isinstance(time, Clock) else ""


def _away(term: Away, scope: Scope) -> list[Extent]:
    length, sign = term.length, term.sign
    whole = all(unit not in ("second", "minute", "hour") and n == int(n) for n, unit in length.parts)
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
    last = extents(end, scope)[0]
    edge = last.end or last.start
    view = scope
    if edge is not None and _undated(start) and (_undated(end) or isinstance(end, Now)):
        # "From 1 October to 7 November", said in between, is on: it starts at the latest start before its end.
        view = scope.at(edge - timedelta(seconds=1), past=True)
    first = extents(start, view)[0]
    if first.start is None:
        return []
    if edge is None or not before(first.start, edge):
        # "Monday to Wednesday" said on a Tuesday: the Wednesday after that Monday.
        last = extents(end, scope.at(first.start))[0]
        edge = last.end or last.start
    if edge is None or not before(first.start, edge):
        return []
    order = ("year", "month", "week", "day", "part", "hour", "minute", "second")
    grain = max(first.grain, last.grain, key=order.index)
    grain = last.grain if isinstance(start, Now) else first.grain if isinstance(end, Now) else grain
    return [Extent("interval", first.start, edge, grain, first.problem or last.problem)]


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
        return [*_open("from", inner, scope), *extents(inner, scope)]
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
        elif how == "before":
            made = replace(extent, start=None, end=start)
        else:
            made = replace(extent, start=None, end=end)
        found.append(replace(made, kind="interval", choices=()))
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
