"""The occurrences of a booking that repeats: when they are, what is in their way, where a series fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context
from deskhand.agent.actions._calendars import taken, when
from deskhand.agent.omitted import NOTHING, Omitted
from deskhand.agent.rooms import place
from deskhand.agent.slots import Availability, Repeats, Series, SlotRequest, find_series
from deskhand.agent.times import slots_between
from deskhand.agent.times.rules import Rule, parse
from deskhand.agent.wording import day

LOOKED = timedelta(days=90)
"""So far ahead of its first occurrence a series is held against the calendars."""

_NOON = time(12)
_SHOWN = 5
_MOST = 100
_WEEKS = 5
"""A weekday comes at most so often in a month."""

_NOT_CHECKED = (
    "Nothing was booked: I cannot look at all times of what repeats like that. I can where it repeats every "
    "so many days, weeks or months, on weekdays, on one day of the month (“on the 15th of every month”), or "
    "on one of its weekdays (“the first Monday of every month”)."
)


class Written(NamedTuple):
    """A series as a calendar has it."""

    rrule: str
    exdates: list[str]
    """ISO 8601: on these of its times it is not held."""
    notes: list[str]
    """What is left out, and until when."""


def repeats(
    start: datetime, end: datetime, rrule: str, zone: str, *, exdates: Sequence[datetime] = ()
) -> list[tuple[datetime, datetime]]:
    """The occurrences within 90 days of the first, which is among them; wall-clock time of `zone`."""
    if not rrule:
        return [(start, end)]
    length = end - start
    later = slots_between(rrule, start, after=start, until=start + LOOKED, zone=zone)
    out = {one.timestamp() for one in exdates}
    held = (one for one in later if one != start and one.timestamp() not in out)
    return [(start, end), *((one, one + length) for one in held)]


def series_at(
    context: Context, people: Sequence[Availability], wanted: SlotRequest, rrule: str, omitted: Omitted
) -> tuple[Written, list[str], str]:
    """A series whose first occurrence is all of `wanted`, what is to be known of later ones, and the room
    that is free at most of them, if one is needed.

    :raises CannotDo: the rule cannot be checked, or does not begin then.
    """
    first = wanted.start.astimezone(ZoneInfo(wanted.zone))
    rule = checked(
        rrule, zone=wanted.zone, first=first.date(), last=first.date(), omitted=omitted, clock=first.time()
    )
    if not rule.begins_on(first.date()):
        raise CannotDo(
            f"Nothing was booked: {when(context, wanted.start, wanted.end)} is no day on which it would be "
            "held. Say the first time as the others are."
        )
    found, why_not = _in_one_room(context, people, wanted, rule, limit=1, most_exceptions=rule.count)
    if not found:
        raise CannotDo(why_not)
    ((series, room),) = found
    length = wanted.end - wanted.start
    clashes = []
    for missed in series.missed:
        over = missed.start + length
        mine = ", ".join(f"“{o.title}”" for o in taken(context, missed.start, over)[:3])
        who = f"you have {mine}" if mine else " and ".join(missed.blockers[:2])
        clashes.append(f"{when(context, missed.start, over)} ({who})")
    written = _written(context, series.rule, series.first, omitted, wanted.zone)
    looked = f"Of the {len(series.slots) + len(series.missed)} occurrences in the next {LOOKED.days} days"
    if not clashes:
        return written, [*written.notes, f"{looked} none clashes with anything that is known."], room
    more = f"; and {len(clashes) - _SHOWN} more" if len(clashes) > _SHOWN else ""
    verb = "clash" if len(clashes) > 1 else "clashes"
    told = f"{looked}, {len(clashes)} {verb}: {'; '.join(clashes[:_SHOWN])}{more}."
    return written, [*written.notes, told], room


def series_within(
    context: Context,
    people: Sequence[Availability],
    wanted: SlotRequest,
    rrule: str,
    omitted: Omitted,
    *,
    limit: int,
) -> tuple[list[dict[str, Any]], str]:
    """Where a series fits best: [{start, end, rrule, exdates, why, notes}], or why nowhere.

    With rooms each has its `location` and `rooms`, the same for all its occurrences.

    :raises CannotDo: the rule cannot be checked, or what is left out depends on the time that is looked for.
    """
    if not omitted.by_the_day:
        raise CannotDo(
            "Nothing was booked: of a series whose time is looked for I can leave out days, not times of day "
            f"({omitted.words(wanted.zone, context.now)}). Say its time of day."
        )
    zone = ZoneInfo(wanted.zone)
    low, high = (m.astimezone(zone).date() for m in (wanted.start, wanted.end))
    rule = checked(rrule, zone=wanted.zone, first=low, last=high, omitted=omitted)
    found, why_not = _in_one_room(context, people, wanted, rule, limit=limit)
    made = [_element(context, series, wanted, omitted) | place(context.owner, room) for series, room in found]
    return made, why_not


def _in_one_room(
    context: Context, people: Sequence[Availability], wanted: SlotRequest, rule: Repeats, *, limit: int,
    most_exceptions: int | None = None,
) -> tuple[list[tuple[Series, str]], str]:  # fmt: skip
    """The best series, each with the one room it is held in (empty where none is needed), or why none fits.

    With exceptions for all its occurrences allowed, one whose first is held comes before others.
    """
    made: list[tuple[tuple[bool, int, int, datetime], Series, str]] = []
    why_not = ""
    for number, rooms in enumerate([(r,) for r in wanted.rooms] or [()]):
        found = find_series(
            people, replace(wanted, rooms=rooms), rule, now=context.now, limit=limit,
            most_exceptions=most_exceptions,
        )  # fmt: skip
        why_not = why_not or (found.conflict.message if found.conflict else "")
        for one in found.series:
            late = bool(one.missed) and one.missed[0].start <= one.first
            order = late, len(one.missed), one.points + wanted.prefer.room * number, one.first
            made.append((order, one, rooms[0].name if rooms else ""))
    best: dict[datetime, tuple[Series, str]] = {}
    for _, series, room in sorted(made, key=lambda one: one[0]):
        best.setdefault(series.first, (series, room))
    return [*best.values()][:limit], why_not or "No time fits every time."


def _element(context: Context, series: Series, wanted: SlotRequest, omitted: Omitted) -> dict[str, Any]:
    written = _written(context, series.rule, series.first, omitted, wanted.zone)
    length = timedelta(minutes=wanted.minutes)
    if series.slots:
        length = series.slots[0].end - series.slots[0].start
    missed = "; ".join(
        f"{when(context, m.start, m.start + length)} ({m.why})" for m in series.missed[:_SHOWN]
    )
    return {
        "start": series.first.isoformat(),
        "end": (series.first + length).isoformat(),
        "rrule": written.rrule,
        "exdates": written.exdates,
        "why": series.why,
        "notes": [
            *written.notes,
            *([f"Not free at {len(series.missed)} of them: {missed}."] if series.missed else []),
        ],
    }


def _written(context: Context, rrule: str, first: datetime, omitted: Omitted, zone: str) -> Written:
    """A series as a calendar has it, and what it leaves out in words.

    :raises CannotDo: it leaves out all there is.
    """
    rule, exdates, told_until = omitted.written(rrule, first, zone=zone)
    if not omitted:
        return Written(rule, [], [])
    said, whole = omitted.words(zone, context.now), [one.isoformat() for one in exdates]
    if omitted.following(rule, first, after=first - timedelta(seconds=1), zone=zone) is None:
        raise CannotDo(f"Nothing was booked: without {said} no time of the series is left.")
    days = [day(one.astimezone(ZoneInfo(zone)), now=context.now) for one in exdates]
    if told_until is None and not days:
        return Written(rule, [], [f"Left out: {said}."])
    shown = ", ".join(days[:_SHOWN]) + (f" and {len(days) - _SHOWN} more" if len(days) > _SHOWN else "")
    note = f"Left out: {said}: {shown or 'none of its times'}."
    if told_until is not None:
        last = day(told_until.astimezone(ZoneInfo(zone)), now=context.now)
        note += f" The series has no end, and a calendar keeps single dates: they are left out until {last}."
    return Written(rule, whole, [note])


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
