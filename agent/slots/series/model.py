"""The nouns of a meeting that is held again and again: its series, and the occurrences that cannot be held.
Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deskhand.agent.slots.model import Conflict, Slot


@dataclass(frozen=True, slots=True)
class Missed:
    """An occurrence that cannot be held at its time."""

    start: datetime
    """When it would begin. Where the clock skips that time: the moment an hour or so later on the clock
    (RFC 5545, 3.3.5); where the month has no such date: on its last day (or last such weekday)."""
    why: str
    """What stands against it, in words."""
    blockers: tuple[str, ...]
    """The rules it would break, by name."""
    nearest: Slot | None = None
    """The time that fits nearest to it on the same local day, else in the same week from Monday to Sunday;
    it overlaps nothing else of the series. Of two equally near the earlier one."""


@dataclass(frozen=True, slots=True)
class Series:
    """A recurring meeting at one time of day."""

    slots: tuple[Slot, ...]
    """The occurrences that can be held, in order."""
    missed: tuple[Missed, ...]
    """The exceptions, in order."""
    points: int
    """The sum over `slots`; lateness (`Preferences.later`) counts once, for the start of the series."""
    rule: str
    """The RRULE (RFC 5545) with its end, if it has one, for an event that begins at `first`. The starts
    of those missed which exist on the clock are its EXDATE."""
    first: datetime
    """When the first occurrence begins, held or not."""
    why: str
    """In words: how many of the occurrences fit, and what is known of them."""


@dataclass(frozen=True, slots=True)
class SeriesProposal:
    """Series that fit, best first, or why there is none: exactly one of the two."""

    series: tuple[Series, ...] = ()
    conflict: Conflict | None = None
    nearest: tuple[Series, ...] = ()
    """With a conflict: the series with the fewest exceptions, more than were allowed."""
    possible: int = 0
    """How many starts and lengths have no more exceptions than allowed, of which `series` are the best."""
