"""Makes terms out of matched words. None means that the words cannot mean that, and refuses the match."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace

from deskhand.agent.times.lexicon import HOLIDAYS
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
    Part,
    Period,
    Range,
    Repeat,
    Stamp,
    Term,
    Unit,
    Weekday,
    WeekNumber,
    Window,
    Year,
)

Time = Clock | Part | Hours
WORKDAYS = (0, 1, 2, 3, 4)
EOD = Clock(0, sure=True, close=True)
EDGES = {
    "early": "start",
    "start": "start",
    "beginning": "start",
    "mid": "middle",
    "middle": "middle",
    "late": "end",
    "end": "end",
    "later": "later",
    "rest": "rest",
    "remainder": "rest",
}
_NEXT, _LAST = ("next", "following", "coming", "upcoming"), ("last", "previous", "past", "prior")
_DAYS_UP = frozenset({"day", "week", "fortnight", "month", "quarter", "year", "business"})


WEEK = Length(((1, "week"),))


def length(piece: tuple[tuple[float, str], ...], rest: Length | None = None) -> Length | None:
    """Amounts from the longest unit to the shortest."""
    order = ("second", "minute", "hour", "day", "business", "week", "fortnight", "month", "quarter", "year")
    if rest is not None and order.index(rest.parts[0][1]) >= order.index(piece[-1][1]):
        return None
    return Length((*piece, *(rest.parts if rest else ())))


def whole_days(span: Length) -> bool:
    return all(unit in _DAYS_UP and amount == int(amount) for amount, unit in span.parts)


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


# Clocks.


def clock(
    hour: int, minute: int, *, half: str = "", second: int | None = None, zero: bool = False
) -> Clock | None:
    """A clock face; open (`sure` False) where it was said without its half of the day."""
    if hour > 24 or minute > 59 or (hour == 24 and minute) or (half == "am" and hour > 12):
        return None
    grain = "hour" if not minute else "minute"
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if hour <= 12 else hour
        sure = True
    else:
        sure = zero or not 1 <= hour <= 12
        hour = 0 if hour == 12 and not sure else hour
    return Clock(hour * 60 + minute, second or 0, sure, grain="second" if second is not None else grain)


def timed(face: tuple[int, int, int | None, bool], half: str | None) -> Clock | None:
    made = clock(face[0], face[1], half=half or "", second=face[2], zero=face[3])
    return replace(made, grain="minute") if made is not None and made.grain == "hour" else made


def noon(minutes: int) -> Clock:
    return Clock(minutes, sure=True)


def bare(hour: int) -> Clock | None:
    return clock(hour, 0) if 1 <= hour <= 24 else None


def spoken(hour: int, minute: int, half: str) -> Clock | None:
    """ "three thirty", "seven twenty-seven"."""
    return clock(hour, minute, half=half) if 1 <= hour <= 12 and 10 <= minute <= 59 else None


def quarter(way: str, hour: int, half: str | None) -> Clock | None:
    return minutes_from(15, way, hour, half)


def minutes_from(minutes: int, way: str, hour: int, half: str | None) -> Clock | None:
    """ "quarter to four", "10 past 9"."""
    if not 1 <= minutes <= 30:
        return None
    made = clock(hour, 0, half=half or "")
    shift = minutes if way in ("past", "after") else -minutes
    return (
        replace(made, minutes=(made.minutes + shift) % (1440 if made.sure else 720), grain="minute")
        if made
        else None
    )


def narrow(face: Clock, part: str) -> Clock:
    """Choose the half of the day by the part of the day."""
    if face.sure:
        return face
    hour, minutes = face.minutes // 60, face.minutes
    if part in ("evening", "tonight", "night") and hour == 0:
        minutes += 1440 if not minutes else 0
    elif part == "night":
        minutes += 720 if hour >= 6 else 0
    elif part == "morning":
        minutes += 720 if hour == 0 else 0
    elif part == "lunch":
        minutes += 0 if hour == 11 else 720
    else:
        minutes += 720
    return replace(face, minutes=minutes, sure=True)


def placed(face: Clock | None, part: str | None, zone: str | None) -> Clock | None:
    if face is None:
        return None
    made = narrow(face, part) if part else face
    return replace(made, zone=zone) if zone else made


def hours(start: Clock, end: Clock) -> Hours | None:
    if start.zone != end.zone:
        if start.zone and end.zone:
            return None
        start, end = replace(start, zone=start.zone or end.zone), replace(end, zone=start.zone or end.zone)
    return Hours(start, end)


def hours_for(start: Clock, span: Length) -> Hours | None:
    return (
        Hours(start, None, length=span) if all(unit in ("hour", "minute") for _, unit in span.parts) else None
    )


def edge_hours(how: str, face: Clock) -> Hours:
    if how in ("after", "from", "since", "later"):
        return Hours(face, None)
    return Hours(None, face, bound=how not in ("before", "earlier"))


def edge_hours_not(how: str, face: Clock) -> Hours:
    return edge_hours("after" if how in ("earlier", "before") else "by", face)


def narrowed(part: Part, time: Time) -> Time | None:
    """A clock inside a part of the day: "in the morning at 7"."""
    if isinstance(time, Clock):
        return narrow(time, part.name)
    if isinstance(time, Hours):
        start, end = (face and narrow(face, part.name) for face in (time.start, time.end))
        return replace(time, start=start, end=end)
    return None


# Days.


def date(year: int | None, month: int | None, day: int) -> Date | None:
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
    if isinstance(anchor, Range | Open | Repeat | Length):
        return None
    return Away(span, sign, anchor)


def away_days(span: Length, sign: int, anchor: Day) -> Away | None:
    return Away(span, sign, anchor) if whole_days(span) else None


def in_time(word: str) -> Away:
    return Away(Length(((1, word.removesuffix("'s")),)), 1)


def day_beside(how: str, anchor: Day) -> Away:
    return Away(Length(((1, "day"),)), 1 if how == "after" else -1, anchor)


def unit(word: str, name: str) -> Unit | Window | None:
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
    if isinstance(period, Edge | Window) or (named in ("rest", "later") and not isinstance(period, Unit)):
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
    return None if isinstance(term, Range | Repeat) else Open(_OPEN[how], term)


def opened_not(how: str, term: Term) -> Open | None:
    return opened({"later": "until", "after": "until", "earlier": "from", "before": "from"}[how], term)


# Recurrences.


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


def every_part(day: int | str, part: Part) -> Repeat:
    if day == "day":
        return Repeat("DAILY", time=part)
    return weekly(WORKDAYS if isinstance(day, str) else (day,), time=part)


def often(days: int) -> Repeat:
    """Biweekly is every two weeks, bimonthly every two months; twice in one is the other reading."""
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
    if not isinstance(day, Date) or day.year or day.month is None or day.day is None or day.open_order:
        return None
    return Repeat("YEARLY", step or 1, month_days=(day.day,), month=day.month)


def every_holiday(day: Holiday) -> Repeat | None:
    fixed = HOLIDAYS[day.name]
    return Repeat("YEARLY", month_days=(fixed[1],), month=fixed[0]) if isinstance(fixed, tuple) else None


def nth_of_months(number: int, day: int | str, step: int) -> Repeat | None:
    if isinstance(day, str):
        return month_day(number, step)
    return Repeat("MONTHLY", step, days=((day, number),)) if number <= 5 else None


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


def limited(core: Repeat | None, limit: tuple[str, Term]) -> Repeat | None:
    if core is None:
        return None
    how, term = limit
    if how == "until":
        return replace(core, until=term)
    if how == "start":
        return replace(core, start=term)
    return replace(core, length=term) if isinstance(term, Length) else None
