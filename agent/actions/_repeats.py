"""The occurrences of a booking that repeats: when they are, what is in their way, where a series fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context
from deskhand.agent.actions._calendars import taken, when
from deskhand.agent.slots import Availability, Repeats, Series, SlotRequest, find_series
from deskhand.agent.times import slots_between
from deskhand.agent.times.rules import Rule, parse

LOOKED = timedelta(days=90)
"""So far ahead of its first occurrence a series is held against the calendars."""

_NEAR = timedelta(hours=4)
"""So far from the time that was said another is looked for, on the same day."""
_GRID = 15
_SHOWN = 5
_MOST = 100
_WEEKS = 5
"""A weekday comes at most so often in a month."""

_NOT_CHECKED = (
    "Nothing was booked: I cannot look at all times of what repeats like that. I can where it repeats every "
    "so many days, weeks or months, on weekdays, on one day of the month (“on the 15th of every month”), or "
    "on one of its weekdays (“the first Monday of every month”)."
)


def repeats(start: datetime, end: datetime, rrule: str, zone: str) -> list[tuple[datetime, datetime]]:
    """The occurrences within 90 days of the first, which is among them; wall-clock time of `zone`."""
    if not rrule:
        return [(start, end)]
    length = end - start
    later = slots_between(rrule, start, after=start, until=start + LOOKED, zone=zone)
    return [(start, end), *((one, one + length) for one in later if one != start)]


def series_at(
    context: Context, people: Sequence[Availability], wanted: SlotRequest, rrule: str
) -> tuple[str, list[str], int]:
    """The rule of a series whose first occurrence is all of `wanted`, what is in the way of any of them in
    sentences, and how many clash.

    :raises CannotDo: the rule cannot be checked, or does not begin then.
    """
    first = wanted.start.astimezone(ZoneInfo(wanted.zone))
    rule = checked(rrule, zone=wanted.zone, first=first.date(), last=first.date())
    if not rule.begins_on(first.date()):
        raise CannotDo(
            f"Nothing was booked: {when(context, wanted.start, wanted.end)} is no day on which it would be "
            "held. Say the first time as the others are."
        )
    found = find_series(people, wanted, rule, now=context.now, limit=1, most_exceptions=rule.count)
    if not found.series:
        raise CannotDo(found.conflict.message if found.conflict else "No time fits.")
    (series,) = found.series
    length = wanted.end - wanted.start
    clashes = []
    for missed in series.missed:
        over = missed.start + length
        mine = ", ".join(f"“{o.title}”" for o in taken(context, missed.start, over)[:3])
        who = f"you have {mine}" if mine else " and ".join(missed.blockers[:2])
        clashes.append(f"{when(context, missed.start, over)} ({who})")
    looked = f"Of the {len(series.slots) + len(series.missed)} occurrences in the next {LOOKED.days} days"
    if not clashes:
        return series.rule, [f"{looked} none clashes with anything that is known."], 0
    more = f"; and {len(clashes) - _SHOWN} more" if len(clashes) > _SHOWN else ""
    verb = "clash" if len(clashes) > 1 else "clashes"
    told = f"{looked}, {len(clashes)} {verb}: {'; '.join(clashes[:_SHOWN])}{more}."
    return (
        series.rule,
        [told, "They are booked all the same; cancel the ones that shall not be."],
        len(clashes),
    )


def freer(
    context: Context,
    people: Sequence[Availability],
    wanted: SlotRequest,
    rrule: str,
    *,
    clashes: int,
    limit: int,
) -> list[dict[str, Any]]:
    """As `series_within`: hours of the same day, near that of `wanted`, with fewer clashes, the freest first.

    Where the time that was said is within the owner's working hours, the others are.
    """
    tz = ZoneInfo(wanted.zone)
    first = wanted.start.astimezone(tz)
    last = wanted.end.astimezone(tz)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    low, high = max(first - _NEAR, midnight, context.now), min(last + _NEAR, midnight + timedelta(days=1))
    for begins, ends in (context.owner.hours or ((),) * 7)[first.weekday()]:
        opens, closes = (midnight + timedelta(minutes=m) for m in (begins, ends))
        if opens <= first and last <= closes:
            low, high = max(low, opens), min(high, closes)
    around = replace(wanted, start=low, end=high, grid=_GRID, prefer=replace(wanted.prefer, later=0))
    made, _ = series_within(context, people, around, rrule, limit=_MOST)
    fewer = [m for m in made if m["missed"] < clashes]
    return sorted(fewer, key=lambda m: (m["missed"], abs(datetime.fromisoformat(m["start"]) - first)))[:limit]


def series_within(
    context: Context, people: Sequence[Availability], wanted: SlotRequest, rrule: str, *, limit: int
) -> tuple[list[dict[str, Any]], str]:
    """Where a series fits best: [{start, end, rrule, why, notes}], or the sentence why it fits nowhere.

    :raises CannotDo: the rule cannot be checked.
    """
    zone = ZoneInfo(wanted.zone)
    low, high = (m.astimezone(zone).date() for m in (wanted.start, wanted.end))
    rule = checked(rrule, zone=wanted.zone, first=low, last=high)
    found = find_series(people, wanted, rule, now=context.now, limit=limit)
    made = [_element(context, series, wanted) for series in found.series]
    return made, found.conflict.message if found.conflict else "No time fits every time."


def _element(context: Context, series: Series, wanted: SlotRequest) -> dict[str, Any]:
    length = timedelta(minutes=wanted.minutes)
    if series.slots:
        length = series.slots[0].end - series.slots[0].start
    missed = "; ".join(
        f"{when(context, m.start, m.start + length)} ({m.why})" for m in series.missed[:_SHOWN]
    )
    more = f"; and {len(series.missed) - _SHOWN} more" if len(series.missed) > _SHOWN else ""
    return {
        "start": series.first.isoformat(),
        "end": (series.first + length).isoformat(),
        "rrule": series.rule,
        "why": series.why,
        "missed": len(series.missed),
        "notes": [f"Not free at {len(series.missed)} of them: {missed}{more}."] if series.missed else [],
    }


def checked(rrule: str, *, zone: str, first: date, last: date) -> Repeats:
    """An RRULE as the solver has it, with the occurrences of 90 days; its first lies from `first` to `last`.

    :raises CannotDo: the solver has no such rule.
    """
    try:
        rule = parse(rrule)
    except ValueError:
        raise CannotDo(_NOT_CHECKED) from None
    made = _solvable(rule)
    if made is None:
        raise CannotDo(_NOT_CHECKED)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    begin = next((d for d in days if made.begins_on(d)), first)
    if not made.begins_on(begin):
        return replace(made, count=1)  # no series begins then, which is said
    looked = sum(day <= begin + LOOKED for day, _ in made.dates(begin))
    count = min(looked, rule.count or looked)
    if rule.until is not None:
        over = rule.until
        if not isinstance(over, datetime):  # a day is meant to its end
            over = datetime.combine(over, time(23, 59, 59), ZoneInfo(zone))
        over = over if over.tzinfo else over.replace(tzinfo=ZoneInfo(zone))
        until = over.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return replace(made, count=count, until=until, ends=f"UNTIL={over.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    if rule.count is not None:
        return replace(made, count=count, ends=None if count == rule.count else f"COUNT={rule.count}")
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
        return None if days else Repeats(frequency, _MOST, rule.interval, weekdays)
    if not rule.days:
        if len(days) > 1 or any(d < 1 for d in days):
            return None
        return Repeats("MONTHLY", _MOST, rule.interval, only=days[0] if days else 0)
    ((_, nth), *more) = rule.days
    if more or days or not (nth == -1 or 1 <= nth <= _WEEKS):
        return None
    if nth == -1:
        return Repeats("MONTHLY", _MOST, rule.interval, weekdays, "last weekday")
    return Repeats("MONTHLY", _MOST, rule.interval, weekdays, "weekday", only=nth)
