"""The occurrences of a booking that repeats: when they are, what is in their way, where a series fits."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context
from deskhand.agent.actions._calendars import taken, when
from deskhand.agent.actions._rules import LOOKED, MOST, checked
from deskhand.agent.availability.omitted import Omitted
from deskhand.agent.availability.rooms import place
from deskhand.agent.slots import Availability, Repeats, Series, SlotRequest, find_series
from deskhand.agent.times import slots_between
from deskhand.agent.wording.writes import day

_NEAR = timedelta(hours=4)
"""So far from the time that was said another is looked for, on the same day."""
_GRID = 15
_COUNT = re.compile(r"COUNT=(\d+)")
_SHOWN = 5
_MOST_LEFT_OUT = 3
"""Of so many occurrences at most one is left out because it clashes; else the person is asked."""
_SECOND = timedelta(seconds=1)


class Written(NamedTuple):
    """A series as a calendar has it."""

    first: datetime
    rrule: str
    exdates: list[str]
    """ISO 8601: on these of its times it is not held."""
    notes: list[str]
    """What is left out, and until when."""


class At(NamedTuple):
    """A series at a time that was said."""

    element: dict[str, Any]
    """{start, end, why, rrule, exdates}, with {location, rooms} in a room; empty where too much clashes."""
    notes: list[str]
    unheld: list[str]
    """Of the notes those that tell what is left out."""
    clashes: int


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
    context: Context,
    people: Sequence[Availability],
    wanted: SlotRequest,
    rrule: str,
    omitted: Omitted,
) -> At:
    """A series whose first occurrence is all of `wanted`; in the room that is free at most, if one is needed.

    What clashes within 90 days is left out, the first ones by beginning later.

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
    looked = f"Of the {len(series.slots) + len(series.missed)} occurrences in the next {LOOKED.days} days"
    if not clashes:
        told = f"{looked} none clashes with anything that is known."
    else:
        more = f"; and {len(clashes) - _SHOWN} more" if len(clashes) > _SHOWN else ""
        verb = "clash" if len(clashes) > 1 else "clashes"
        told = f"{looked}, {len(clashes)} {verb}: {'; '.join(clashes[:_SHOWN])}{more}."
    gone = _gone(people, wanted, series)
    if len(gone) * _MOST_LEFT_OUT > len(series.slots) + len(series.missed):
        return At({}, [told], [], len(clashes))
    written = _held(context, series, gone, omitted, wanted.zone)
    told = f"{told}{_out(context, series, gone)}"
    made = {
        "start": written.first.isoformat(), "end": (written.first + length).isoformat(), "why": "",
        "rrule": written.rrule, "exdates": written.exdates, **place(context.owner, room),
    }  # fmt: skip
    unheld = [*written.notes, *([told] if gone else [])]
    return At(made, [*written.notes, told], unheld, len(clashes))


def freer(
    context: Context,
    people: Sequence[Availability],
    wanted: SlotRequest,
    rrule: str,
    omitted: Omitted,
    *,
    clashes: int,
    limit: int,
) -> list[dict[str, Any]]:
    """As `series_within`: hours of the same day, near that of `wanted`, with fewer clashes, the freest first.

    Where the time that was said is within the owner's working hours, the others are.
    """
    if not omitted.by_the_day:
        return []
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
    made, _ = series_within(context, people, around, rrule, omitted, limit=MOST)
    fewer = [m for m in made if m["missed"] < clashes]
    return sorted(
        fewer, key=lambda m: (m["missed"], abs(_of_the_day(m["start"], tz) - _of_the_day(first, tz)))
    )[:limit]


def _of_the_day(moment: datetime | str, tz: ZoneInfo) -> int:
    local = (datetime.fromisoformat(moment) if isinstance(moment, str) else moment).astimezone(tz)
    return local.hour * 60 + local.minute


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
    made = [
        _element(context, series, wanted, omitted, _gone(people, wanted, series)) | place(context.owner, room)
        for series, room in found
    ]
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


def _element(
    context: Context, series: Series, wanted: SlotRequest, omitted: Omitted, gone: Set[datetime]
) -> dict[str, Any]:
    written = _held(context, series, gone, omitted, wanted.zone)
    length = timedelta(minutes=wanted.minutes)
    if series.slots:
        length = series.slots[0].end - series.slots[0].start
    missed = "; ".join(
        f"{when(context, m.start, m.start + length)} ({m.why})" for m in series.missed[:_SHOWN]
    )
    more = f"; and {len(series.missed) - _SHOWN} more" if len(series.missed) > _SHOWN else ""
    out = _out(context, series, gone)
    return {
        "start": written.first.isoformat(),
        "end": (written.first + length).isoformat(),
        "rrule": written.rrule,
        "exdates": written.exdates,
        "why": series.why,
        "missed": len(series.missed),
        "notes": [
            *written.notes,
            *([f"Not free at {len(series.missed)} of them: {missed}{more}.{out}"] if series.missed else []),
        ],
    }


def _gone(people: Sequence[Availability], wanted: SlotRequest, series: Series) -> frozenset[datetime]:
    """Which of those that were missed are left out: those at which somebody has something else.

    A day off, and a room that is taken, are told and no more: they may meet all the same.
    """
    length = series.slots[0].end - series.slots[0].start if series.slots else wanted.end - wanted.start
    return frozenset(
        m.start
        for m in series.missed
        if any(i.start < m.start + length and i.end > m.start for w in people for i in w.busy or ())
    )


def _out(context: Context, series: Series, gone: Set[datetime]) -> str:
    """The sentence that says which of those that were missed are left out, with a space in front."""
    if not gone:
        return ""
    if len(gone) == len(series.missed):
        return " These are left out." if len(gone) > 1 else " That one is left out."
    days = [day(one.astimezone(context.owner.tz), now=context.now) for one in sorted(gone)]
    return f" Left out {'are' if len(gone) > 1 else 'is'} {', '.join(days)}."


def _held(context: Context, series: Series, gone: Set[datetime], omitted: Omitted, zone: str) -> Written:
    """A series as a calendar has it, without what is `gone`: the first ones by beginning later, the others
    by their dates."""
    left = sorted({s.start for s in series.slots} | {m.start for m in series.missed} - gone)
    first, rule = series.first, series.rule
    if first in gone and left:
        # What is left out counts (RFC 5545 3.3.10), also what comes before the new first one.
        before = slots_between(rule, first, after=first - _SECOND, until=left[0] - _SECOND, zone=zone)
        rule = _COUNT.sub(lambda m: f"COUNT={int(m[1]) - len(before)}", rule)
        first = left[0]
    written = _written(context, rule, first, omitted, zone)
    dates = {datetime.fromisoformat(one) for one in written.exdates} | {m for m in gone if m > first}
    return written._replace(exdates=[one.isoformat() for one in sorted(dates)])


def _written(context: Context, rrule: str, first: datetime, omitted: Omitted, zone: str) -> Written:
    """A series as a calendar has it, and what it leaves out in words.

    :raises CannotDo: it leaves out all there is.
    """
    rule, exdates, told_until = omitted.written(rrule, first, zone=zone)
    if not omitted:
        return Written(first, rule, [], [])
    said, whole = omitted.words(zone, context.now), [one.isoformat() for one in exdates]
    if omitted.following(rule, first, after=first - timedelta(seconds=1), zone=zone) is None:
        raise CannotDo(f"Nothing was booked: without {said} no time of the series is left.")
    days = [day(one.astimezone(ZoneInfo(zone)), now=context.now) for one in exdates]
    if told_until is None and not days:
        return Written(first, rule, [], [f"Left out: {said}."])
    shown = ", ".join(days[:_SHOWN]) + (f" and {len(days) - _SHOWN} more" if len(days) > _SHOWN else "")
    note = f"Left out: {said}: {shown or 'none of its times'}."
    if told_until is not None:
        last = day(told_until.astimezone(ZoneInfo(zone)), now=context.now)
        note += f" The series has no end, and a calendar keeps single dates: they are left out until {last}."
    return Written(first, rule, whole, [note])
