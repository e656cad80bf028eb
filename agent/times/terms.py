"""What the grammar makes of words, before anybody knows what day it is: frozen terms for `resolve`."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. Unless `sure` it may be twelve hours later as well (`minutes` are of the morning).

    It is `soft` where only its two digits ("10:30", "05:00") make it sure: a part of the day beside it,
    or the pm of the other end of a range, decides otherwise. `half` is the am or pm that was said.

    `minutes` may be 1440 (the midnight that ends a day). `zone` is a place or zone key, "" for the
    person's own; `grain` is hour, minute or second; `named` is "business" for the end of the
    person's working day, "day" where it may be that or midnight, "now" for the time it is.
    """

    minutes: int
    seconds: int = 0
    sure: bool = False
    zone: str = ""
    grain: str = "hour"
    named: str = ""
    half: str = ""
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Morning, lunch, afternoon, evening, night, tonight; `edge` is "start" (early), "end" (late) or ""."""

    name: str
    edge: str = ""


@dataclass(frozen=True, slots=True)
class Length:
    """A duration, as amounts of units; `least` is the shorter one of "30 to 45 minutes"."""

    parts: tuple[tuple[float, str], ...]
    least: Length | None = None


def whole_days(length: Length) -> bool:
    """Whether a length is counted on the calendar, in whole units of a day and more."""
    return all(
        unit not in ("second", "minute", "hour") and amount == int(amount) for amount, unit in length.parts
    )


@dataclass(frozen=True, slots=True)
class Date:
    """A day of the calendar; what was not said is None. In `open_order` month and day may be swapped."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    open_order: bool = False

    @property
    def missing(self) -> bool:
        """Whether the calendar has no such day: 31 November, 29 February 2027."""
        return bool(self.month and self.day and self.day > monthrange(self.year or 2000, self.month)[1])


@dataclass(frozen=True, slots=True)
class Weekday:
    """A named day: `which` is "", "this", "coming", "next", "last"; or in the week that `week` names."""

    day: int
    which: str = ""
    week: Period | None = None


@dataclass(frozen=True, slots=True)
class DayBeside:
    """The first named day after (sign 1), or the last before (-1), another day."""

    weekday: int
    sign: int
    anchor: Day


@dataclass(frozen=True, slots=True)
class Shift:
    """Today, give or take days."""

    days: int


@dataclass(frozen=True, slots=True)
class Nth:
    """The nth weekday (or day, weekday None) of a period; -1 is the last."""

    nth: int
    weekday: int | None
    period: Period | None


@dataclass(frozen=True, slots=True)
class Holiday:
    """Of a year, of the year `shift` years from this, or the `which` next or last one."""

    name: str
    year: int | None = None
    which: int | None = None
    shift: int | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """A length before (sign -1) or after (+1) a day or moment; from now when `anchor` is None."""

    length: Length
    sign: int
    anchor: Term | None = None


Day: TypeAlias = Date | Weekday | Shift | Nth | Holiday | Away | DayBeside


@dataclass(frozen=True, slots=True)
class Unit:
    """This (0), next (1), last (-1), the one after next (2) week, month, quarter, year, weekend."""

    unit: str
    shift: int


@dataclass(frozen=True, slots=True)
class Month:
    """A named month: of a year, the `which` next or last one, or of the year `shift` years from this."""

    month: int
    year: int | None = None
    which: int | None = None
    shift: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A quarter (3 months) or half-year (6), counted from 1; of a year, or of `shift` years from this."""

    months: int
    number: int
    year: int | None = None
    shift: int | None = None


@dataclass(frozen=True, slots=True)
class Year:
    """A year, or so many from it on: a decade (10), a century (100)."""

    year: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Season:
    """Spring (1) to winter (4) in whole months, winter from December; of a year, or `which` one."""

    number: int
    year: int | None = None
    which: int | None = None


@dataclass(frozen=True, slots=True)
class WeekendOf:
    """The weekend that a day belongs to, from that day on where it makes the weekend longer."""

    day: Day


@dataclass(frozen=True, slots=True)
class Some:
    """The first (sign 1) or last (-1) so many units of a period."""

    count: int
    unit: str
    sign: int
    of: Period


@dataclass(frozen=True, slots=True)
class WeekOf:
    """The week a day is in."""

    day: Day


@dataclass(frozen=True, slots=True)
class WeekNumber:
    """A week of ISO 8601: of a year, or of the year `shift` years from this."""

    number: int
    year: int | None = None
    shift: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The next (sign 1) or last (-1) so many units, from now."""

    count: float
    unit: str
    sign: int


@dataclass(frozen=True, slots=True)
class Edge:
    """The start, middle, end, earlier, later part or the rest of a period or day."""

    edge: str
    of: Period | Day


@dataclass(frozen=True, slots=True)
class NthWeek:
    nth: int
    period: Period


Period: TypeAlias = (
    Unit | Month | Stretch | Year | WeekOf | WeekNumber | Window | Edge | NthWeek | Season | WeekendOf | Some
)


@dataclass(frozen=True, slots=True)
class At:
    """A day, a time of day, or both. `time` may be a stretch of clock."""

    day: Day | None = None
    time: Clock | Part | Hours | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """From one clock to another, or for a length; one of them None where open.

    `bound` tells that the words bind at one end only ("by 5pm on Friday", unlike "Friday before 5pm").
    """

    start: Clock | None
    end: Clock | None
    length: Length | None = None
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Stamp:
    """A full date and time, as machines write it."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Now:
    pass


@dataclass(frozen=True, slots=True)
class Range:
    start: Term
    end: Term


@dataclass(frozen=True, slots=True)
class Run:
    """A length of time from a term on."""

    start: Term
    length: Length


@dataclass(frozen=True, slots=True)
class Open:
    """After, since, before, until, by a term."""

    how: str
    term: Term


@dataclass(frozen=True, slots=True)
class Repeat:
    """A recurrence. `days` as (weekday, ordinal or 0); `start`, `until`, `length` or `count` bound it.

    `position` says which of its days counts in each month: the first (1) or last (-1) working day.

    `other` is what the word may mean as well (biweekly).
    """

    freq: str
    interval: int = 1
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    month: int | None = None
    time: Clock | Part | Hours | None = None
    start: Term | None = None
    until: Term | None = None
    length: Length | None = None
    other: Repeat | None = None
    count: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class AtEvent:
    """Before, after, during or between events: `words` name one, `span` says where they stand.

    `length` is the distance, `right` "right after"; `unit` is "day", "week" or "month" where a whole
    one is meant ("the day before"). `at` is the event's time where that is all its name ("my 3pm").
    """

    relation: Literal["before", "after", "during", "between"]
    words: str
    span: tuple[int, int]
    other: str = ""
    length: Length | None = None
    right: bool = False
    unit: str = ""
    at: At | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """A time that is ruled out."""

    term: Term


@dataclass(frozen=True, slots=True)
class Without:
    """A recurrence and what it leaves out, each with its place in the text."""

    repeat: Repeat
    excludes: tuple[tuple[tuple[int, int], Term], ...]
    holidays: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """Words that may mean one thing or another of any kind; the first is the default."""

    terms: tuple[Term, ...]


Term: TypeAlias = (
    AtEvent | Not | Without | Either | At | Stamp | Now | Range | Run | Open | Repeat | Length | Day | Period
)
