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
    return minutes_in_words(minutes)


def minutes_in_words(number: int) -> str:
    """ "1 minute", "90 minutes"."""
    return f"{number} {'minute' if number == 1 else 'minutes'}"


def of_whom(what: str, people: Sequence[str]) -> str:
    """ "the lunch of Ana and Bo", "your lunch", "your lunch and that of Bo"."""
    others = [name for name in people if name != "you"]
    if len(others) == len(people):
        return f"the {what} of {listed(others)}"
    return f"your {what}{f' and that of {listed(others)}' if others else ''}"


def few(words: Sequence[str], most: int = 3) -> Sequence[str]:
    return words if len(words) <= most else [*words[:most], f"{len(words) - most} more"]


def named_or(intervals: Sequence[Interval], otherwise: str, lead: str) -> str:
    names = list(dict.fromkeys(i.name for i in intervals if i.name))
    return f"{lead} {listed(few(names), 'or')}".strip() if names else otherwise


def day_of_year(day: date) -> str:
    return f"{day.day} {day:%B}"
