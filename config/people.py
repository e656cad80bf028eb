"""Settings about people and their time: other people, rooms, and how the person likes to meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from deskhand.config.hours import DAYS, Span, Week, read_day, read_days, read_hours, read_span
from deskhand.config.zones import check_zone

LONGEST_OFF = 366
"""Days that one entry of days off may last."""

Minutes = Annotated[int, Field(ge=0, le=24 * 60)]


class Section(BaseModel):
    """A section of config.toml: unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Habits(Section):
    """What is known of anybody's days, the person's own or another's."""

    country: str = ""
    """ISO 3166 code; its public holidays are days off."""
    subdivision: str = ""
    """Part of the country with holidays of its own, as the `holidays` library names it: "BY"."""
    days_off: tuple[str | date, ...] = ()
    """"2026-12-24", or "2026-12-28/2027-01-02": the last day counts too."""

    @field_validator("country")
    @classmethod
    def _country(cls, code: str) -> str:
        if code and not re.fullmatch(r"[A-Z]{2}", code):
            raise ValueError(f"{code[:40]!r} is no country; write its two letters, like 'PT'")
        return code

    @field_validator("days_off")
    @classmethod
    def _days(cls, days: tuple[str | date, ...]) -> tuple[str | date, ...]:
        for day in days:
            read_off(day)
        return days

    @model_validator(mode="after")
    def _whose(self) -> Habits:
        if self.subdivision and not self.country:
            raise ValueError("a subdivision needs its country")
        return self

    @property
    def off(self) -> tuple[date, ...]:
        """Every day off that is written here, in order."""
        return tuple(sorted({d for written in self.days_off for d in read_off(written)}))


class Likes(Section):
    """When somebody likes to meet."""

    likes: str = ""
    """Hours of the day, "10:00-12:00, 14:00-16:00"."""
    likes_days: tuple[str, ...] = ()

    @field_validator("likes")
    @classmethod
    def _likes(cls, written: str) -> str:
        read_day(written)
        return written

    @field_validator("likes_days")
    @classmethod
    def _likes_days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        read_days(days)
        return days

    @property
    def liked(self) -> tuple[Span, ...]:
        """The liked hours in minutes of the day."""
        return read_day(self.likes)

    @property
    def liked_days(self) -> frozenset[int]:
        """The liked weekdays, Monday is 0."""
        return read_days(self.likes_days)


class Someone(Habits, Likes):
    """Another person, by mail address."""

    name: str = ""
    aliases: tuple[str, ...] = ()
    """Further addresses of the same person."""
    zone: str = ""
    """IANA name; empty: taken from her calendar, where one tells it."""
    hours: str | dict[str, str] = ""
    """Working hours, as in [person]; empty: not known."""
    must_confirm: bool = False
    """Never meet at a time at which her calendar is not known."""

    @field_validator("zone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        if zone:
            check_zone(zone)
        return zone

    @field_validator("hours")
    @classmethod
    def _hours(cls, hours: str | dict[str, str]) -> str | dict[str, str]:
        read_hours(hours)
        return hours

    @property
    def week(self) -> Week | None:
        """Working hours as minutes of each day, Monday first; None: not known."""
        return read_hours(self.hours) if self.hours else None


class Room(Section):
    """A room one can meet in."""

    address: str = ""
    """Under which a calendar knows it; empty: its name."""
    source: str = ""
    """Alias of the connected calendar that is the room's own."""
    seats: Annotated[int, Field(ge=0)] = 0
    """0: not known."""


class Weights(Section):
    """Points against a time, by what is held against it; whatever is not set keeps its default."""

    unconfirmed: int | None = None
    absent: int | None = None
    doubtful: int | None = None
    parts: tuple[Literal["morning", "afternoon", "evening"], ...] | None = None
    part: int | None = None
    dislike: int | None = None
    focus: int | None = None
    lunch: int | None = None
    adjacent: int | None = None
    gap: int | None = None
    run: int | None = None
    run_minutes: int | None = None
    whole: int | None = None
    near: int | None = None
    near_minutes: int | None = None
    pain: int | None = None
    core: str | None = None
    """ "09:00-17:00": hours in which it pains nobody."""
    later: int | None = None
    odd: int | None = None
    shorter: int | None = None
    room: int | None = None

    @field_validator("*")
    @classmethod
    def _points(cls, value: Any) -> Any:
        if isinstance(value, int) and not 0 <= value <= 100_000:
            raise ValueError("points are 0 to 100000")
        return value

    @field_validator("core")
    @classmethod
    def _core(cls, core: str | None) -> str | None:
        if core is not None:
            read_span(core)
        return core

    @property
    def given(self) -> dict[str, Any]:
        """What was set, by name; `core` as minutes of the day, `parts` as a set."""
        made = self.model_dump(exclude_none=True)
        if self.core is not None:
            made["core"] = read_span(self.core)
        if self.parts is not None:
            made["parts"] = frozenset(self.parts)
        return made


class Meetings(Likes):
    """How the person likes to meet."""

    notice: Minutes = 30
    """Minutes; nothing is proposed sooner than this."""
    buffer: Minutes = 0
    """Minutes kept free before and after each meeting."""
    travel: Minutes = 0
    """Minutes kept before and after a meeting that is somewhere else."""
    here: tuple[str, ...] = ()
    """Words in a location that say that no journey is needed."""
    lunch: str = "12:00-13:00"
    keep_lunch: bool = False
    """Never put a meeting over lunch."""
    focus: dict[str, str] = Field(default_factory=dict[str, str])
    """Time kept for work, by weekday: given up where nothing better is to be had."""
    most_a_day: Annotated[int, Field(ge=1, le=100)] | None = None
    grid: Literal[5, 10, 15, 20, 30, 60] = 15
    """Meetings begin on multiples of so many minutes."""
    calendar: str = ""
    """The alias of the calendar that new events go into; empty: the first that can be written."""
    learn_hours: bool = False
    """Guess another person's working hours from when she wrote or accepted meetings in the last 90 days."""
    weights: Weights = Weights()

    @field_validator("lunch")
    @classmethod
    def _lunch(cls, lunch: str) -> str:
        read_span(lunch)
        return lunch

    @field_validator("focus")
    @classmethod
    def _focus(cls, focus: dict[str, str]) -> dict[str, str]:
        read_hours(focus)
        return focus

    @property
    def lunch_span(self) -> Span:
        """Lunch in minutes of the day."""
        return read_span(self.lunch)

    @property
    def focus_week(self) -> Week:
        """Time kept for work, Monday first."""
        return read_hours(self.focus)


LONGEST_NAME = 40
"""Characters of the name of a group."""
MOST = 50
"""People in one group."""
_OTHERS = frozenset(
    {"me", "us", "you", "we", "them", "they", "it", "him", "her", "all", "each", "both", "everyone", "people"}
    | {"everybody", "anyone", "anybody", "someone", "somebody", "nobody", "meeting", "calendar", "mail"}
)  # fmt: skip
"""What means somebody else in a request, and so names no group."""


def read_groups(written: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Groups by their names in lower case, without article, each address once.

    :raises ValueError: with a sentence.
    """
    made: dict[str, tuple[str, ...]] = {}
    for said, people in written.items():
        name = re.sub(r"^(?:the|my|our) ", "", " ".join(said.lower().split()))
        if not re.fullmatch(r"[^\W_][\w '’&-]*", name) or len(name) > LONGEST_NAME or name in _OTHERS:
            raise ValueError(f'{said[:60]!r} names no group; write a few plain words, like "direct reports"')
        if name in made:
            raise ValueError(f"the group {name!r} is there twice")
        members = tuple(dict.fromkeys(a.strip().lower() for a in people))
        if not 1 <= len(members) <= MOST:
            raise ValueError(f"the group {name!r} has {len(members)} people; it can have 1 to {MOST}")
        made[name] = members
    return made


def read_off(written: str | date) -> list[date]:
    """The days that an entry of days off names. :raises ValueError: with a sentence."""
    if isinstance(written, date):
        return [written]
    first, slash, last = written.partition("/")
    try:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        raise ValueError(
            f'{written[:40]!r} is no day; write "2026-12-24", or "2026-12-28/2027-01-02"'
        ) from None
    if slash and not start <= end < start + timedelta(days=LONGEST_OFF):
        raise ValueError(f"{written[:40]!r} ends before it begins, or lasts over a year")
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def read_nicknames(written: Mapping[str, str | tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Whom each name means, by the name in lower case. :raises ValueError: with a sentence."""
    people = {name: (who,) if isinstance(who, str) else who for name, who in written.items()}
    try:
        return read_groups(people)
    except ValueError as error:
        said = str(error).replace("names no group", "is no name for anybody").replace("the group", "the name")
        raise ValueError(said.replace('"direct reports"', '"the supplier"')) from None


__all__ = [
    "DAYS",
    "Habits",
    "Likes",
    "Meetings",
    "Room",
    "Section",
    "Someone",
    "Weights",
    "read_groups",
    "read_nicknames",
    "read_off",
]
