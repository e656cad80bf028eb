"""Words that rules and facts share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from deskhand.agent.slots.intervals.minutes import DAY
from deskhand.agent.slots.model import Interval


def listed(words: Sequence[str], last: str = "and") -> str:
    """ "Ana, Bo and Cy"."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))


def clock(minute: int) -> str:
    """A minute of the day: "09:05"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def in_words(length: timedelta) -> str:
    """ "2 days", "36 hours", "90 minutes"."""
    minutes = -(-length // timedelta(minutes=1))
    for unit, size in (("day", DAY), ("hour", 60)):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {unit}{'s' if minutes > size else ''}"
    return f"{minutes} {'minute' if minutes == 1 else 'minutes'}"


def few(words: Sequence[str], most: int = 3) -> Sequence[str]:
    return words if len(words) <= most else [*words[:most], f"{len(words) - most} more"]


def named_or(intervals: Sequence[Interval], otherwise: str, lead: str) -> str:
    names = list(dict.fromkeys(i.name for i in intervals if i.name))
    return f"{lead} {listed(few(names), 'or')}".strip() if names else otherwise


def day_of_year(day: date) -> str:
    return f"{day.day} {day:%B}"
