"""A recurrence rule (RFC 5545 3.3.10) as the solver has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo
from deskhand.agent.availability.omitted import NOTHING, Omitted
from deskhand.agent.slots import Repeats
from deskhand.agent.times.rules import Rule, parse

LOOKED = timedelta(days=90)
"""So far ahead of its first occurrence a series is held against the calendars."""
MOST = 100
"""So many occurrences are looked at."""
_NOON = time(12)
_WEEKS = 5
"""A weekday comes at most so often in a month."""

_NOT_CHECKED = (
    "Nothing was booked: I cannot look at all times of what repeats like that. I can where it repeats every "
    "so many days, weeks or months, on weekdays, on one day of the month (“on the 15th of every month”), or "
    "on one of its weekdays (“the first Monday of every month”)."
)


def checked(
    rrule: str,
    *,
    zone: str,
    first: date,
    last: date,
    omitted: Omitted = NOTHING,
    clock: time = _NOON,
) -> Repeats:
    """An RRULE as the solver has it, with the occurrences of 90 days; its first lies from `first` to `last`.

    :param clock: at what time of day it is held; it matters only where not just whole days are left out.
    :raises CannotDo: the solver has no such rule.
    """
    try:
        rule = parse(rrule)
    except ValueError:
        raise CannotDo(_NOT_CHECKED) from None
    plain = _solvable(rule)
    if plain is None:
        raise CannotDo(_NOT_CHECKED)
    out = omitted.dates(clock, first=first, last=last + LOOKED, zone=zone)
    made = replace(plain, without=out)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    begin = next((d for d in days if made.begins_on(d)), first)
    if not made.begins_on(begin):
        return replace(made, count=1)  # no series begins then, which is said
    looked = sum(one <= begin + LOOKED for one, _ in plain.dates(begin))
    count = min(looked, rule.count or looked)
    if rule.until is not None:
        over = rule.until
        if not isinstance(over, datetime):  # a day is meant to its end
            over = datetime.combine(over, time(23, 59, 59), ZoneInfo(zone))
        over = over if over.tzinfo else over.replace(tzinfo=ZoneInfo(zone))
        until = over.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return replace(made, count=count, until=until, ends=f"UNTIL={over.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    if rule.count is not None:
        # What is left out counts all the same (RFC 5545 3.8.5.1), so it cannot be counted from what is held.
        return replace(
            made, count=count, ends=None if count == rule.count and not out else f"COUNT={rule.count}"
        )
    return replace(made, count=count, ends="")


def _solvable(rule: Rule) -> Repeats | None:
    """How often it is held, without its end; None where that is more than the solver has words for."""
    frequency: Literal["DAILY", "WEEKLY", "MONTHLY"]
    match rule.freq:
        case "DAILY" | "WEEKLY" | "MONTHLY":
            frequency = rule.freq
        case _:
            return None
    days = rule.numbers.get("BYMONTHDAY", ())
    if rule.numbers.keys() - {"BYMONTHDAY"} or (
        rule.week_start and frequency == "WEEKLY" and rule.interval > 1
    ):
        return None
    weekdays = frozenset(day for day, _ in rule.days)
    if frequency != "MONTHLY":
        return None if days else Repeats(frequency, MOST, rule.interval, weekdays)
    if not rule.days:
        if len(days) > 1 or any(d < 1 for d in days):
            return None
        return Repeats("MONTHLY", MOST, rule.interval, only=days[0] if days else 0)
    ((_, nth), *more) = rule.days
    if more or days or not (nth == -1 or 1 <= nth <= _WEEKS):
        return None
    if nth == -1:
        return Repeats("MONTHLY", MOST, rule.interval, weekdays, "last weekday")
    return Repeats("MONTHLY", MOST, rule.interval, weekdays, "weekday", only=nth)
