"""The nouns of finding a time: who is free when, what is asked for, and what comes of it. Plain values."""

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

    def __post_init__(self) -> None:
        _aware(self.known_until)
        if self.hours is not None and len(self.hours) != 7:
            raise ValueError("working hours name seven days, Monday first")
        if any(not 0 <= a <= b <= 24 * 60 for day in self.hours or () for a, b in day):
            raise ValueError("working hours are minutes of the day, 0 to 1440")

    def owns(self, what: str) -> str:
        """`your calendar`, `the calendar of Ana`."""
        return f"your {what}" if self.name == "you" else f"the {what} of {self.called}"

    @property
    def called(self) -> str:
        """What to call the person in a sentence."""
        return self.name or self.address or "somebody"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What makes one possible time better than another: points against it. The fewest points win,
    then the earliest start. 0 switches a preference off."""

    unconfirmed: int = 1000
    """For each required person whose calendar is not known at that time."""
    absent: int = 300
    """For each optional person who cannot come."""
    doubtful: int = 150
    """For each optional person whose calendar is not known at that time."""
    parts: frozenset[Part] = frozenset()
    """Liked parts of the day, by the asker's clock."""
    part: int = 120
    """For not lying in the liked parts."""
    lunch: int = 60
    """For each required person whose lunch it touches."""
    lunch_span: tuple[int, int] = (12 * 60, 13 * 60)
    adjacent: int = 30
    """For each meeting of a required person that is less than `gap` minutes away."""
    gap: int = 10
    later: int = 2
    """For each hour after the earliest moment allowed, in whole points."""
    odd: int = 3
    """For not starting on the hour or half hour of the asker's clock."""


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """What is asked for. Clock times, weekdays and dates are those of `zone`, the asker's."""

    minutes: int
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
    prefer: Preferences = field(default_factory=Preferences)

    def __post_init__(self) -> None:
        _aware(self.start, self.end)
        if self.minutes < 1:
            raise ValueError("a meeting takes at least a minute")
        if self.grid < 1 or 60 % self.grid:
            raise ValueError(f"a grid of {self.grid} minutes does not divide an hour")
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


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why nothing fits."""

    message: str
    """One sentence or two to the person."""
    blockers: tuple[str, ...] = ()
    """Rules that leave no time together, and would if any one of them were not there."""
    nearest: tuple[Slot, ...] = ()
    """The best time for each way to give way a little; `why` begins with "if ..."."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Times that fit, best first, or why there is none: exactly one of the two."""

    slots: tuple[Slot, ...] = ()
    conflict: Conflict | None = None
    possible: int = 0
    """How many starts on the grid fit, of which `slots` are the best."""
