"""Makes terms out of matched words. None means that the words cannot mean that, and refuses the match."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace

from deskhand.agent.times.build_clocks import WEEK, Time, hours, narrowed
from deskhand.agent.times.terms import (
    At,
    Away,
    Clock,
    Date,
    Day,
    Edge,
    Hours,
    Length,
    Month,
    Now,
    Nth,
    Open,
    Part,
    Period,
    Range,
    Repeat,
    Run,
    Stamp,
    Term,
    Unit,
    Weekday,
    WeekNumber,
    Window,
    Year,
    whole_days,
)

EDGES = {
    "early": "start",
    "start": "start",
    "beginning": "start",
    "mid": "middle",
    "middle": "middle",
    "earlier": "earlier",
    "late": "end",
    "end": "end",
    "later": "later",
    "rest": "rest",
    "remainder": "rest",
}
_NEXT, _LAST = ("next", "following", "coming", "upcoming"), ("last", "previous", "past", "prior")


def which(word: str) -> int:
    return 1 if word in _NEXT else -1 if word in _LAST else 0


def short_year(year: int) -> int | None:
    return (
        year
        if 1900 <= year <= 2199
        else 2000 + year
        if 0 <= year < 70
        else 1900 + year
        if year < 100
        else None
    )


def date(year: int | None, month: int | None, day: int) -> Date | None:
    if month is not None and not 1 <= month <= 12:
        return None
    last = monthrange(year or 2000, month)[1] if month else 31
    return Date(year, month, day) if 1 <= day <= last else None


def numeric(parts: tuple[int, int, int | None]) -> Date | None:
    """3/4/27: the locale decides which is the month, unless only one can be."""
    first, second, year = parts
    other = date(year, second, first) if 1 <= second <= 12 else None
    made = date(year, first, second) if 1 <= first <= 12 else None
    if made and other and first != second:
        return replace(made, open_order=True)
    return made or other


def date_in(day: int, month: Unit) -> Nth | None:
    return Nth(day, None, month)


def named_date(weekday: int, day: Date | Nth | None) -> Date | Nth | None:
    return replace(day, weekday=weekday) if isinstance(day, Date) else None


def weekday(word: str, day: int) -> Weekday:
    if word in ("coming", "upcoming"):
        return Weekday(day, "coming")
    if word in ("this", "current"):
        return Weekday(day, "this")
    return Weekday(day, "next" if word in _NEXT else "last")


def week_on(day: int | Date) -> Away:
    return Away(WEEK, 1, Weekday(day) if isinstance(day, int) else day)


def week_number(number: int, year: int | None) -> WeekNumber | None:
    return WeekNumber(number, year) if 1 <= number <= 53 else None


def nth(number: int, day: int | None, period: Period) -> Nth | None:
    if isinstance(period, Edge | Window) or (day is not None and day < 7 and number > 5):
        return None
    return Nth(number, day, period)


def away(span: Length, sign: int, anchor: Term) -> Away | None:
    if isinstance(anchor, At):
        if isinstance(anchor.time, Hours | Part):
            return None
        if anchor.time is None and anchor.day is not None:
            anchor = anchor.day
    if isinstance(anchor, Range | Run | Open | Repeat | Length):
        return None
    return Away(span, sign, anchor)


def away_days(span: Length, sign: int, anchor: Day) -> Away | None:
    return Away(span, sign, anchor) if whole_days(span) else None


def in_time(word: str) -> Away:
    return Away(Length(((1, word.removesuffix("'s")),)), 1)


def day_beside(how: str, anchor: Day) -> Away:
    return Away(Length(((1, "day"),)), 1 if how == "after" else -1, anchor)


def unit(word: str, name: str) -> Unit | Window | None:
    if word == "past" and name in ("week", "month", "year"):
        return Window(1, name, -1)
    if name in ("week", "month", "quarter", "year"):
        return Unit(name, which(word))
    if which(word) and name in ("hour", "fortnight"):
        return Window(1, name, which(word))
    return None


def window(word: str, count: float, name: str) -> Window | None:
    return Window(count, name, which(word)) if which(word) and count else None


def within(span: Length) -> Range:
    return Range(Now(), Away(span, 1))


def edge(word: str, period: Period) -> Edge | None:
    named = EDGES[word]
    if isinstance(period, Edge | Window) or (
        named in ("rest", "later", "earlier") and not isinstance(period, Unit)
    ):
        return None
    return Edge(named, period)


def month_of_year(month: int, word: str) -> Month:
    return Month(month, shift=which(word))


# Moments and ranges.


def at(day: Day, time: Time | str) -> At | None:
    if isinstance(time, str):
        time = Part(time)
    return At(day, time)


def at_part(day: Day, part: Part, time: Time) -> At | None:
    made = narrowed(part, time)
    return At(day, made) if made is not None else None


def daypart_time(when: At, time: Time) -> At | None:
    return at_part(when.day, when.time, time) if when.day and isinstance(when.time, Part) else None


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
    if isinstance(start, Month) and isinstance(end, Month) and start.year is None and end.year is not None:
        start = replace(start, year=end.year - (start.month > end.month))
    return Range(start, end)


def run(span: Length, start: Term) -> Run | None:
    """ "For 3 days starting on Monday"."""
    return Run(start, span) if _simple(start) else None


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
}


def opened(how: str, term: Term) -> Open | None:
    if isinstance(term, At) and isinstance(term.time, Hours):
        return None
    return None if isinstance(term, Range | Run | Repeat) else Open(_OPEN[how], term)


def opened_not(how: str, term: Term) -> Open | None:
    return opened({"later": "until", "after": "until", "earlier": "from", "before": "from"}[how], term)
