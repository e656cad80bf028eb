"""Makes ranges, and ranges open at one end, out of matched words. None refuses the match, as in `build`."""

from __future__ import annotations

from dataclasses import replace

from deskhand.agent.times.build import date
from deskhand.agent.times.build_clocks import hours
from deskhand.agent.times.terms import (
    At,
    Away,
    Clock,
    Date,
    Day,
    Edge,
    Holiday,
    Hours,
    Length,
    Month,
    Now,
    Nth,
    Open,
    Range,
    Repeat,
    Run,
    Shift,
    Stamp,
    Term,
    Unit,
    Weekday,
    Year,
)


def _simple(term: object) -> bool:
    """Whether a range can start or end with it."""
    if isinstance(term, At):
        return not isinstance(term.time, Hours)
    return (
        isinstance(term, Stamp | Now | Away | Unit | Month | Year)
        or hasattr(term, "months")
        or isinstance(term, Edge)
    )


def ranged(start: Term, end: Term) -> Term | None:
    """From one to the other; what only one of them says (the day, the year) is said of both."""
    if isinstance(start, Date):
        start = At(start)
    if isinstance(end, Date):
        end = At(end)
    if not _simple(start) or not _simple(end):
        return None
    if isinstance(start, At) and start.day is None and not isinstance(end, At | Stamp | Now):
        return None  # "3pm - this week"
    if isinstance(start, At) and isinstance(end, At):
        if isinstance(start.time, Clock) and isinstance(end.time, Clock):
            if end.day is None or (start.day is None and end.day is not None):
                made = hours(start.time, end.time)
                return At(start.day or end.day, made) if made else None
        elif (isinstance(start.time, Clock) and end.time is None and start.day is None) or (
            isinstance(end.time, Clock) and end.day is None
        ):
            return None
        if isinstance(start.day, Date) and isinstance(end.day, Date):
            start = At(_same_year(start.day, end.day), start.time)
    if isinstance(start, Month) and isinstance(end, Month) and end.year is not None and _open_year(start):
        start = replace(start, year=end.year - (start.month > end.month))
    return Range(start, end)


def _open_year(month: Month) -> bool:
    return month.year is None and month.which is None and month.shift is None


def run(span: Length, start: Term) -> Run | None:
    """ "For 3 days starting on Monday"."""
    if isinstance(start, Date | Weekday | Shift | Nth | Holiday):
        start = At(start)
    return Run(start, span) if _simple(start) else None


def less_away(span: Length, how: str, anchor: Day) -> Term | None:
    """ "Less than 3 days after tomorrow": from there to there."""
    there = Away(span, -1 if how == "before" else 1, anchor)
    return ranged(*((At(there), At(anchor)) if how == "before" else (At(anchor), At(there))))


def more_away(span: Length, how: str, anchor: Day) -> Open | None:
    there = Away(span, -1 if how == "before" else 1, anchor)
    return opened("before" if how == "before" else "after", At(there))


def days_in(first: int, last: int, month: Unit) -> Range | None:
    """ "4-23 next month"."""
    return Range(At(Nth(first, None, month)), At(Nth(last, None, month))) if first < last else None


def numbered(first: int, last: int) -> Term | None:
    """ "Between the 21st and 23rd"."""
    return ranged(At(Date(None, None, first)), At(Date(None, None, last)))


def _same_year(start: Date, end: Date) -> Date:
    if start.month is None and end.month is not None:
        start = replace(start, month=end.month)
    if start.year is None and end.year is not None and start.month and end.month:
        return replace(start, year=end.year - ((start.month, start.day) > (end.month, end.day)))
    return start


def dom_range(day: int, end: Date) -> Range | None:
    if not isinstance(end, Date) or end.month is None or end.open_order or end.day is None or day >= end.day:
        return None
    return Range(At(Date(end.year, end.month, day)), At(end))


def month_range(month: int, first: int, last: int, year: int | None) -> Range | None:
    start, end = date(year, month, first), date(year, month, last)
    return Range(At(start), At(end)) if start and end and first < last else None


_OPEN = {
    "after": "after",
    "since": "since",
    "starting": "from",
    "beginning": "from",
    "from": "from",
    "from day": "from day",
    "later": "from",
    "before": "before",
    "earlier": "until",
    "until": "until",
    "till": "until",
    "til": "until",
    "by": "until",
    "early": "from",
    "late": "until",
}


def opened(how: str, term: Term) -> Open | None:
    if isinstance(term, At) and isinstance(term.time, Hours):
        return None
    return None if isinstance(term, Range | Run | Repeat) else Open(_OPEN[how], term)


def opened_not(how: str, term: Term) -> Open | None:
    return opened({"later": "until", "after": "until", "earlier": "from", "before": "from"}[how], term)
