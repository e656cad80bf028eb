"""The nouns of finding a time: who is free when, what is asked for, and what comes of it. Plain values.

| noun | what it is |
|---|---|
| `Interval` | a stretch in which somebody is taken |
| `Availability` | one person, or one room, as far as is known |
| `SlotRequest` | what is asked for: how long, in which window, what it must keep to |
| `Preferences` | what makes one time better than another, as points held against it |
| `Slot` | a time that fits, and the facts that say why |
| `Conflict` | why nothing fits, and the nearest ways out |

Time is counted in whole minutes. What is taken (`busy`, `focus`, `avoid`) reaches from the minute it begins
in to the end of the minute it ends in; what is open (the window, `within`, known time) is cut to the whole
minutes in it. An interval that does not begin before it ends is nothing. A meeting is `[start, end)`; it
touches something if they share a minute, and lies wholly in something if all its minutes do. Local days
and clock times are looked up minute by minute in the zone named, so that a clock change is no special case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
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
    clock_counts: bool = field(default=True, kw_only=True)
    """False: what the clock of `zone` shows is not held against a time as `pain`, nor told in `Slot.why`: the
    zone is not known and another stands in for it, or the person said which hours it may be."""
    hours: Week | None = NINE_TO_FIVE
    """None: working hours are not known, and no time is ruled out by them."""
    required: bool = True
    """False: it is better with this person, but possible without."""
    must_confirm: bool = False
    """A time at which this person's calendar is not known is refused, not merely marked. Only if required."""
    days_off: tuple[tuple[date, str], ...] = ()
    """Local dates which no meeting touches, and why: a public holiday by its name."""
    notice: timedelta = timedelta(0)
    """The person is called to nothing that begins sooner; the request's own notice holds as well."""
    buffer: int = 0
    """Minutes kept free before and after each of `busy`. A rule about new meetings only: what is said below
    of busy stretches looks at `busy` alone."""
    most_a_day: int | None = None
    """So many meetings a day are enough: none begins on a local day on which so many of `busy` that are
    meetings begin already."""
    lunch: tuple[int, int] | None = None
    """Lunch in minutes of the local day; None: that of `Preferences.lunch_span`."""
    keep_lunch: bool = False
    """Nothing touches this person's lunch, on any day, whether or not the hours are known."""
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


def each_once(people: Sequence[Availability]) -> list[Availability]:
    """These people, in their order. Whoever is named twice, with the same calendar and the same rules, is one
    person: required, if either says so."""
    made: list[Availability] = []
    known: dict[tuple[str, str], list[int]] = {}
    for person in people:
        alike = known.setdefault((person.address.casefold(), person.name), [])
        for number in alike:
            if replace(made[number], required=person.required) == person:
                made[number] = person if person.required else made[number]
                break
        else:
            alike.append(len(made))
            made.append(person)
    return made


@dataclass(frozen=True, slots=True)
class Preferences:
    """What makes one possible time better than another: points against it. The fewest points win, then
    the earliest start, then the longer meeting, then the room named first. 0 switches a preference off;
    negative ones are refused.

    This is the whole objective. A person's calendar is known of a meeting if `busy` is not None and the
    meeting ends by `known_until` (None: by the end of the window). A busy stretch is what is left of `busy`
    when intervals that overlap or touch are made one.
    """

    unconfirmed: int = 1000
    """For each required person whose calendar is not known of the meeting."""
    absent: int = 300
    """For each optional person who cannot come: the meeting breaks a rule that would hold if the person
    were required (see `Conflict`), `must_confirm` apart."""
    doubtful: int = 150
    """For each optional person whose calendar is not known of the meeting, whether absent or not."""
    parts: frozenset[Part] = frozenset()
    """Liked parts of the day, by the asker's clock."""
    part: int = 120
    """For not lying wholly in the liked parts."""
    dislike: int = 60
    """For each required person with `likes` or `likes_days`: the meeting does not lie wholly in the liked
    hours of the liked days by that person's clock."""
    focus: int = 80
    """For each required person whose `focus` the meeting touches."""
    lunch: int = 60
    """For each required person with known hours whose lunch it touches."""
    lunch_span: tuple[int, int] = (12 * 60, 13 * 60)
    adjacent: int = 30
    """For each required person, once if a busy stretch ends at most `gap - 1` minutes before the meeting or
    at its start, and once if one begins so soon after its end or at it."""
    gap: int = 10
    run: int = 40
    """For each required person who would sit longer than `run_minutes` without a pause: the meeting, the
    busy stretch that ends as it begins and the one that begins as it ends, if any, together."""
    run_minutes: int = 180
    whole: int = 10
    """For each required person whose calendar is known of the meeting and who has no busy minute on the
    local day the meeting begins on: a whole day stays whole."""
    near: int = 0
    """For each required person whose calendar is known of the meeting and who has no busy stretch ending at
    most `near_minutes` before its start nor beginning at most `near_minutes` after its end."""
    near_minutes: int = 60
    pain: int = 10
    """For each required person whose clock counts (`clock_counts`), whether or not the hours are known: this
    times the square of the hours (begun ones count) by which the meeting begins before `core` does, or ends
    after it, whichever is more. It begins at what that person's clock shows, and ends its length later (past
    1440 if beyond midnight; a clock change meanwhile does not count). Squares share the pain: two people an
    hour early are better than one two hours early."""
    core: tuple[int, int] = (9 * 60, 17 * 60)
    later: int = 2
    """For each whole hour between the earliest moment allowed, which is the start of the window or the end of
    the request's notice, and the start of the meeting."""
    odd: int = 3
    """For not starting on the hour or half hour of the asker's clock."""
    shorter: int = 2
    """For each minute by which a meeting of a range of lengths is shorter than `SlotRequest.longest`."""
    room: int = 5
    """For each room that was named before the one that is free."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, int) and value < 0:
                raise ValueError(f"{each.name} is {value}: points and minutes of a preference are 0 or more")


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """What is asked for. Clock times, weekdays and dates are those of `zone`, the asker's."""

    minutes: int
    """How long it takes; with `longest`, at least. Elapsed minutes, whatever the clocks do."""
    start: datetime
    end: datetime
    """The meeting lies wholly in `[start, end)`."""
    zone: str = "UTC"
    grid: int = 15
    """Starts are multiples of so many minutes on the asker's clock; divides an hour."""
    not_before: time | None = None
    """No minute of it lies before this time of day (of whichever day)."""
    not_after: time | None = None
    """No minute of it lies at or after this time of day; midnight, the end of the day, bars nothing."""
    not_on: frozenset[int] = frozenset()
    """Weekdays it must not touch, Monday is 0."""
    not_dates: frozenset[date] = frozenset()
    """Dates it must not touch: holidays, "except the 3rd"."""
    parts: frozenset[Part] = frozenset()
    """It lies wholly in these parts of the day, taken together; empty: any."""
    not_parts: frozenset[Part] = frozenset()
    """Parts of the day it must not touch."""
    within: tuple[Interval, ...] = ()
    """It lies wholly in a single one of these, even where two touch; empty: anywhere in the window.
    "Tuesday or Thursday afternoon"."""
    avoid: tuple[Interval, ...] = ()
    """It touches none of these; `name` says what they are."""
    longest: int = 0
    """A range of lengths: `minutes`, and so on in steps of the grid while not over this; 0: no range. Each
    start has the length that does best by `Preferences`."""
    rooms: tuple[Availability, ...] = ()
    """One of these must be free; of those that are, the first named is taken. A room is free if the meeting
    breaks none of the rules of a person (see `Conflict`) and the room's calendar is known of the meeting:
    a room of which nothing is known is never taken. Empty: none is needed."""
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
    """Why nothing fits.

    The rules, in their order. Of the request: `not_before`, `not_after`, `parts`, `not_parts`, `not_on`,
    `not_dates`, `within`, `avoid`. Then of each required person: `hours`, `days_off`, calendar (`busy`),
    `buffer` (the minutes around `busy`, without `busy` itself), `most_a_day`, `keep_lunch`, `notice` (if it
    is longer than the request's), `must_confirm`. Last: a free room. Each is one rule, with a name of its
    own. The window, the request's notice, the length and the grid are the ground they stand on, no rules.
    """

    message: str
    """One sentence or two to the person."""
    blockers: tuple[str, ...] = ()
    """The fewest rules of which each start on the grid of the window breaks at least one, with the shortest
    length; of sets of equal size the first, compared rule by rule in their order. Empty if the window holds
    no such start though it is long enough. If it is not: `the time asked for`, and the request's notice."""
    nearest: tuple[Slot, ...] = ()
    """The best time for each way to give way a little; `why` begins with "if ..."."""
    least: bool = True
    """False: so many rules clash that the fewest were not found within the work allowed. None of
    `blockers` can be missed then either, but other sets may be smaller."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Times that fit, best first, or why there is none: exactly one of the two."""

    slots: tuple[Slot, ...] = ()
    """The first is the best by `Preferences`; each further one is the best that overlaps none before it.
    Each start stands for itself with its best length and room."""
    conflict: Conflict | None = None
    possible: int = 0
    """How many starts on the grid fit, of which `slots` are the best."""
