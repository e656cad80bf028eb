"""Makes terms out of matched words. None means that the words cannot mean that, and refuses the match."""

from __future__ import annotations

from dataclasses import replace

from deskhand.agent.times.build_clocks import FORTNIGHT, WEEK, Time, narrowed
from deskhand.agent.times.terms import (
    At,
    Away,
    Clock,
    Date,
    Day,
    DayBeside,
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
    Run,
    Shift,
    Some,
    Term,
    Unit,
    Weekday,
    WeekendOf,
    WeekNumber,
    WeekOf,
    Window,
    whole_days,
)

EDGES = {
    "first": "first half",
    "second": "second half",
    "early": "start",
    "start": "start",
    "beginning": "start",
    "mid": "middle",
    "middle": "middle",
    "earlier": "earlier",
    "late": "end",
    "end": "end",
    "later": "later",
    "remaining": "rest",
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
    """A day of the calendar, or one that its month does not have ("31 November"): `days` says so then."""
    if (month is not None and not 1 <= month <= 12) or not 1 <= day <= 31:
        return None
    return None if year is not None and not 1 <= year <= 9999 else Date(year, month, day)


def real(year: int | None, month: int | None, day: int) -> Date | None:
    """The same, of a month that has such a day."""
    made = date(year, month, day)
    return made if made is not None and not made.missing else None


def numeric(parts: tuple[int, int, int | None]) -> Date | None:
    """3/4/27: the locale decides which is the month, unless only one can be."""
    first, second, year = parts
    other, made = real(year, second, first), real(year, first, second)
    if not made and not other and year is not None:
        return date(year, second, first) or date(year, first, second)  # 29/02/2027: of two, the day first
    if made and other and first != second:
        return replace(made, open_order=True)
    return made or other


def day_first(parts: tuple[int, int, int]) -> Date | None:
    """1.12.2026: whoever writes dots puts the day first, unless it cannot be."""
    first, second, year = parts
    return real(year, second, first) or real(year, first, second) or date(year, second, first)


def iso_week(parts: tuple[int, int, int | None]) -> WeekNumber | None:
    return week_number(parts[1], parts[0]) if parts[2] is None else None


def iso_day(parts: tuple[int, int, int | None]) -> Weekday | None:
    week = week_number(parts[1], parts[0])
    return Weekday(parts[2] - 1, "", week) if week and parts[2] else None


def spoken_year(year: int) -> int | None:
    """ "Nineteen eighty six"; the years that people say in words."""
    return year if 1100 <= year <= 2199 else None


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


def week_on(word: str, day: Day) -> Away:
    """ "A week on Tuesday", "a fortnight today"."""
    return Away(WEEK if word == "week" else FORTNIGHT, 1, day)


def week_beside(how: str, day: Day) -> WeekOf:
    """ "The week after Thanksgiving"."""
    return WeekOf(Away(WEEK, 1 if how == "after" else -1, day))


def weekdays_on(count: int, day: int) -> Weekday | Away:
    """ "3 Mondays from now"."""
    return Away(Length(((count - 1, "week"),)), 1, Weekday(day)) if count > 1 else Weekday(day)


def weekdays_ago(count: int, day: int) -> Away:
    """ "Two Fridays ago"."""
    return Away(Length(((max(count - 1, 0), "week"),)), -1, Weekday(day, "last"))


def beside(weekday: int, how: str, anchor: Day) -> DayBeside:
    """ "The Friday after Thanksgiving"."""
    return DayBeside(weekday, 1 if how == "after" else -1, anchor)


def far(span: Length, how: str, anchor: Day) -> Away | None:
    """ "Two weeks from now", where a weekday beside it says which day of that week."""
    long = whole_days(span) and span.parts[-1][1] not in ("day", "business")
    return Away(span, -1 if how == "before" else 1, anchor) if long else None


def week_of_year(number: int, word: str) -> WeekNumber | None:
    return WeekNumber(number, None, which(word)) if 1 <= number <= 53 else None


def holiday_weekend(day: Holiday, year: int) -> WeekendOf:
    return WeekendOf(replace(day, year=year))


def week_number(number: int, year: int | None) -> WeekNumber | None:
    return WeekNumber(number, year) if 1 <= number <= 53 else None


def nth(number: int, day: int | None, period: Period) -> Nth | None:
    if isinstance(period, Edge | Window) or (day is not None and day < 7 and number > 5):
        return None
    return Nth(number, day, period)


def nth_at(number: int, day: int, time: Time, period: Period) -> At | None:
    """ "The first Monday afternoon of next month"."""
    made = nth(number, day, period)
    return At(made, time) if made else None


def some(word: str, count: int, name: str, period: Period) -> Some | None:
    if (
        isinstance(period, Edge | Window | Some)
        or not 0 < count <= 999
        or name in ("hour", "minute", "decade")
    ):
        return None
    return Some(count, name, 1 if word == "first" else -1, period)


def new_year() -> Unit:
    """ "In the new year"."""
    return Unit("year", 1)


def month_in(number: int, year: int) -> Month | None:
    """ "The third month of 2027"; small numbers are years from this one."""
    if not 1 <= number <= 12:
        return None
    return Month(number, shift=year) if abs(year) < 2 else Month(number, year)


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


def unit_away(word: str, name: str) -> Away:
    """The day of "this time next week"."""
    return Away(Length(((1, name),)), which(word))


def day_beside(how: str, anchor: Day) -> Away:
    return Away(Length(((1, "day"),)), 1 if how == "after" else -1, anchor)


def unit(word: str, name: str) -> Unit | Window | None:
    if word == "past" and name in ("week", "month", "year"):
        return Window(1, name, -1)
    if name in ("week", "month", "quarter", "year", "decade"):
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


def edge_of_unit(word: str, name: str) -> Edge | None:
    return edge(word, Unit(name, 0))


def the_unit(name: str) -> Unit | Shift:
    return Shift(0) if name == "day" else Unit(name, 0)


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


def part_of_day_at(part: Part, day: Day, time: Time) -> At | None:
    """ "The morning of the 24th at 9", "dinner tomorrow at 7"."""
    return at_part(day, part, time)


def dated(day: Day, time: Time, year: int) -> At | None:
    """ "Wed Oct 26 15:50:06 2016"."""
    known = isinstance(day, Date) and day.year is None and isinstance(time, Clock)
    return At(replace(day, year=year), time) if isinstance(day, Date) and known else None


def daypart_time(when: At, time: Time) -> At | None:
    return at_part(when.day, when.time, time) if when.day and isinstance(when.time, Part) else None
