"""The nouns of finding a time: who is free when, what is asked for, and what comes of it. Plain values.

| noun | what it is |
|---|---|
| `Interval` | a stretch in which somebody is taken |
| `Availability` | one person, or one room, as far as is known |
| `SlotRequest` | what is asked for: how long, in which window, what it must keep to |
| `Preferences` | what makes one time better than another, as points held against it |
| `Slot` | a time that fits, and the facts that say why |
| `Conflict` | why nothing fits, and the nearest ways out |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

Week = tuple[tuple[tuple[int, int], ...], ...]
"""Working hours: for each day from Monday to Sunday, spans of minutes of the local day (0 to 1440)."""

NINE_TO_FIVE: Week = (((9 * 60, 17 * 60),),) * 5 + ((), ())

Part = Literal["morning", "afternoon", "evening"]
PARTS: dict[Part, tuple[int, int]] = {
    "morning": (0, 12 * 60),
    "afternoon": (12 * 60, 18 * 60),
    "evening": (17 * 60, 24 * 60),
}
"""Parts of a day as minutes of the local clock. Five to six is late afternoon and early evening."""

LONGEST_WINDOW = timedelta(days=800)


def _aware(*moments: datetime | None) -> None:
    for moment in moments:
        if moment is not None and moment.utcoffset() is None:
            raise ValueError(f"{moment.isoformat()} has no time zone")


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A stretch of time, `[start, end)`, both aware. `tentative`: taken, but not for certain."""

    start: datetime
    end: datetime
    tentative: bool = False
    name: str = field(default="", compare=False)
    """What it is, where the asker may know; empty for other people's time."""
    meeting: bool = field(default=True, compare=False)
    """Counts as a meeting of its day; False for a journey, a day off, time kept for work."""
    importance: int | None = field(default=None, compare=False)
    """None: it stays where it is. Else it may be moved to make room, the least important first."""

    def __post_init__(self) -> None:
        _aware(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Availability:
    """One person (or room), as far as is known.

    Whoever forgets `busy` says that nothing is known; an empty tuple says that nothing is planned.
    """

    name: str
    address: str = ""
    busy: tuple[Interval, ...] | None = None
    """When the person is taken, in any order; None: not known. Tentative counts as taken."""
    known_until: datetime | None = None
    """Up to when `busy` is complete; None: up to the end of the window asked about."""
    zone: str = "UTC"
    """IANA name."""
    hours: Week | None = NINE_TO_FIVE
    """None: working hours are not known, and no time is ruled out by them."""
    required: bool = True
    """False: it is better with this person, but possible without."""
    must_confirm: bool = False
    """A time at which this person's calendar is not known is refused, not merely marked. Only if required."""
    days_off: tuple[tuple[date, str], ...] = ()
    """Local dates on which the person does not work, and why: a public holiday by its name."""
    notice: timedelta = timedelta(0)
    """The person is called to nothing sooner than this; the request's own notice holds as well."""
    buffer: int = 0
    """Minutes kept free before and after each of `busy`."""
    most_a_day: int | None = None
    """So many meetings a local day are enough; a day that has them takes no further one."""
    lunch: tuple[int, int] | None = None
    """Lunch in minutes of the local day; None: that of `Preferences.lunch_span`."""
    keep_lunch: bool = False
    """Nothing is put over this person's lunch."""
    focus: tuple[Interval, ...] = ()
    """Time kept for work: given up where nothing better is to be had."""
    likes: tuple[tuple[int, int], ...] = ()
    """Minutes of the local day in which this person likes to meet; empty: any."""
    likes_days: frozenset[int] = frozenset()
    """Weekdays on which this person likes to meet, Monday is 0; empty: any."""

    def __post_init__(self) -> None:
        _aware(self.known_until)
        if self.hours is not None and len(self.hours) != 7:
            raise ValueError("working hours name seven days, Monday first")
        spans = [span for day in self.hours or () for span in day]
        spans += [*self.likes, *([self.lunch] if self.lunch else [])]
        if any(not 0 <= a <= b <= 24 * 60 for a, b in spans):
            raise ValueError("hours are minutes of the day, 0 to 1440")
        if self.buffer < 0 or (self.most_a_day is not None and self.most_a_day < 0):
            raise ValueError("a buffer and a number of meetings are not negative")

    def owns(self, what: str) -> str:
        """`your calendar`, `the calendar of Ana`."""
        return f"your {what}" if self.name == "you" else f"the {what} of {self.called}"

    @property
    def called(self) -> str:
        """What to call the person in a sentence."""
        return self.name or self.address or "somebody"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What makes one possible time better than another: points against it. The fewest points win, then
    the earliest start, then the longer meeting, then the room named first. 0 switches a preference off.

    This is the whole objective. "The meeting" is `[start, end)` in whole minutes; "known" time of a
    person is that before `known_until`, none where `busy` is None.
    """

    unconfirmed: int = 1000
    """For each required person whose calendar is not known at any minute of the meeting."""
    absent: int = 300
    """For each optional person who cannot come, as far as is known."""
    doubtful: int = 150
    """For each optional person whose calendar is not known at any minute of the meeting."""
    parts: frozenset[Part] = frozenset()
    """Liked parts of the day, by the asker's clock."""
    part: int = 120
    """For not lying wholly in the liked parts."""
    dislike: int = 60
    """For each required person with likes: the meeting does not lie wholly in the liked hours of the liked
    days by that person's clock."""
    focus: int = 80
    """For each required person whose `focus` the meeting touches."""
    lunch: int = 60
    """For each required person with known hours whose lunch it touches."""
    lunch_span: tuple[int, int] = (12 * 60, 13 * 60)
    adjacent: int = 30
    """For each required person, once if a busy stretch ends at most `gap - 1` minutes before the meeting or
    at its start, and once if one begins so soon after its end. Busy stretches that touch are one."""
    gap: int = 10
    run: int = 40
    """For each required person who would sit longer than `run_minutes` without a pause: the meeting and
    the busy stretches that touch it, together."""
    run_minutes: int = 180
    whole: int = 10
    """For each required person whose calendar is known and who has nothing else on the local day the
    meeting begins on: a whole day stays whole."""
    near: int = 0
    """For each required person whose calendar is known and who has no busy stretch ending within
    `near_minutes` before the meeting nor beginning within `near_minutes` after it."""
    near_minutes: int = 60
    pain: int = 10
    """For each required person: this times the square of the hours (begun ones count) by which the meeting
    lies before `core` begins or after it ends, whichever is more, on that person's clock of the day on
    which the meeting begins. Squares share the pain: two people an hour early are better than one person
    two hours early."""
    core: tuple[int, int] = (9 * 60, 17 * 60)
    later: int = 2
    """For each whole hour after the earliest moment allowed."""
    odd: int = 3
    """For not starting on the hour or half hour of the asker's clock."""
    shorter: int = 2
    """For each minute by which a meeting of a range of lengths is shorter than the longest."""
    room: int = 5
    """For each room that was named before the one that is free."""


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """What is asked for. Clock times, weekdays and dates are those of `zone`, the asker's."""

    minutes: int
    """How long it takes; with `longest`, at least."""
    start: datetime
    end: datetime
    """The meeting lies wholly in `[start, end)`."""
    zone: str = "UTC"
    grid: int = 15
    """Starts are multiples of so many minutes on the asker's clock; divides an hour."""
    not_before: time | None = None
    """It does not begin before this time of day."""
    not_after: time | None = None
    """It is over by this time of day; midnight means the end of the day."""
    not_on: frozenset[int] = frozenset()
    """Weekdays ruled out, Monday is 0."""
    not_dates: frozenset[date] = frozenset()
    """Dates ruled out: holidays, "except the 3rd"."""
    parts: frozenset[Part] = frozenset()
    """It lies in these parts of the day; empty: any."""
    not_parts: frozenset[Part] = frozenset()
    """Parts of the day it must not touch."""
    within: tuple[Interval, ...] = ()
    """It lies wholly in one of these; empty: anywhere in the window. "Tuesday or Thursday afternoon"."""
    avoid: tuple[Interval, ...] = ()
    """It touches none of these; `name` says what they are."""
    longest: int = 0
    """A range of lengths: from `minutes` to so many, in steps of the grid, as long as there is room."""
    rooms: tuple[Availability, ...] = ()
    """One of these must be free, the first named is liked best. A room whose calendar is not known is
    never taken. Empty: none is needed."""
    prefer: Preferences = field(default_factory=Preferences)

    def __post_init__(self) -> None:
        _aware(self.start, self.end)
        if self.minutes < 1:
            raise ValueError("a meeting takes at least a minute")
        if self.grid < 1 or 60 % self.grid:
            raise ValueError(f"a grid of {self.grid} minutes does not divide an hour")
        if self.longest and self.longest < self.minutes:
            raise ValueError("the longest of a range of lengths is shorter than the shortest")
        if self.end - self.start > LONGEST_WINDOW:
            raise ValueError("a time is looked for in at most two years")
        if not 1970 < self.start.year < 2200 or not 1970 < self.end.year < 2200:
            raise ValueError("a time is looked for between 1971 and 2199")


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that fits, in the asker's zone. Compare such times in UTC: in an hour that comes twice, Python
    holds no two zones' times equal (PEP 495)."""

    start: datetime
    end: datetime
    why: str
    """Facts about it, in words: one phrase after the other, divided by semicolons."""
    unconfirmed: tuple[str, ...] = ()
    """Whose calendars are not known at that time: they may well not be free."""
    absent: tuple[str, ...] = ()
    """Optional people who cannot come."""
    points: int = 0
    """What `Preferences` hold against it."""
    room: str = ""
    """The room that is free then, if one was needed."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why nothing fits."""

    message: str
    """One sentence or two to the person."""
    blockers: tuple[str, ...] = ()
    """The fewest rules that leave no time together; the first in the order of the rules, of equal sets."""
    nearest: tuple[Slot, ...] = ()
    """The best time for each way to give way a little; `why` begins with "if ..."."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Times that fit, best first, or why there is none: exactly one of the two."""

    slots: tuple[Slot, ...] = ()
    conflict: Conflict | None = None
    possible: int = 0
    """How many starts on the grid fit, of which `slots` are the best."""
