"""When an event shall be instead: another day or clock time, another length, or the best time in a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.actions._anew import Anew, Another, Own, Side, found_anew, in_the_way, window_of
from deskhand.agent.actions._calendars import on_the_clock
from deskhand.agent.actions._limits import Kept, no_time
from deskhand.agent.actions._limits import beside as far_from
from deskhand.agent.actions._shapes import AnEvent, FreeTime, Given, Instant
from deskhand.agent.availability.distances import Distance
from deskhand.agent.endorsers import own_words, worked_out
from deskhand.agent.slots import Slot


class Shifted(Given):
    """When an event is to be instead."""

    start: Instant
    end: Instant
    notes: list[str]
    offers: list[FreeTime]


@action("event.shift", gives=Shifted)
def shift(
    context: Context,
    *,
    event: AnEvent,
    start: datetime | None = None,
    day: date | None = None,
    clock: time | None = None,
    days: int | None = None,
    seconds: int | None = None,
    window: list[datetime] | None = None,
    weekday: int | None = None,
    minutes: int | None = None,
    longer: int | None = None,
    kept: Kept | None = None,
    beside: Sequence[Distance] = (),
    events: Sequence[tuple[datetime, datetime]] = (),
    of_its_week: bool = False,
    another: Another | None = None,
    own: Own | None = None,
    side: Side | None = None,
) -> Output:
    """The new {start, end, notes, offers} of an event; its length stays unless another is said.

    `of_its_week`: the day, instant or window was said as a weekday alone; it is that of the week (Monday to
    Sunday) in which the event is, and of the week after where that is over, or where the event is then.

    At an instant, on another `day` or at another `clock` time of the owner's zone (the other stays), on
    another `weekday` of its week (Monday is 0), later by `days` (at the same time of day) or `seconds`, or
    the best time in a window that is `kept` to and suits all those invited, as far as is known, as far from
    `events` as `beside` says (see `slots.find`); so also with `another`, `own` and `side`, which say where it
    is looked for (see `Anew`), and on a day at whose hour something is in the way. `offers` are the next best
    then. Or it stays, and lasts `minutes`, or `longer` by so many. Of a whole series the times are those of
    its first occurrence, moved as far. `notes` are facts about a time that was looked for.
    """
    old, over = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    notes: list[str] = []
    offers: list[Slot] = []
    where = Anew(another, own, side)
    tz = ZoneInfo(context.owner.zone)
    local = old.astimezone(tz)
    if event.get("all_day") and (clock or seconds or start):
        raise CannotDo(f"“{event['title']}” lasts all day; say the day it shall be on.")
    if minutes is not None or longer is not None:
        return _lasting(event, old, over, minutes=minutes, longer=longer or 0)
    if of_its_week and (start or day or window):
        exact = start or datetime.combine(day or local.date(), clock or local.time(), tz)
        said = window[0] if window else exact
        by = _to_its_week(context, said, window[1] if window else None, old)
        start = start and _later(tz, start, by)
        day = day and day + by
        window = window and [_later(tz, w, by) for w in window]
    if start is not None:
        new = start
    elif weekday is not None:
        moved = local if clock is None else datetime.combine(local.date(), clock)
        new = on_the_clock(tz, local.date() + timedelta(days=weekday - local.weekday()), moved)
    elif day is not None or clock is not None:
        moved = local if clock is None else datetime.combine(local.date(), clock)
        new = on_the_clock(tz, day or local.date(), moved)
        if clock is None and not event.get("all_day") and not event.get("series_start"):
            new, offers, notes = _that_day(context, event, new)
    elif days is not None:
        new = on_the_clock(tz, local.date() + timedelta(days=days), local)
    elif seconds is not None:
        new = old + timedelta(seconds=seconds)
    elif window or where != Anew():
        if event.get("all_day"):
            raise CannotDo(f"“{event['title']}” lasts all day; say the day it shall be on.")
        low, high = window_of(context, event, where, window)
        minutes = max(1, round((over - old).total_seconds() / 60))
        edges = far_from(context, beside, events, minutes=minutes)
        low = max(m for m in (low, edges.start) if m)
        high = min(m for m in (high, edges.end) if m)
        if high - low < over - old:
            raise CannotDo(no_time(context, low, high))
        kept = kept or Kept()
        kept = replace(kept, avoid=[*kept.avoid, *((i.start, i.end) for i in edges.avoid)])
        best, offers, notes = found_anew(context, event, low, high, kept=kept, where=where)
        new = best.start
    else:
        raise CannotDo("It was not said when the event shall be.")
    if new < context.now:
        there_ = new.astimezone(tz)
        raise CannotDo(f"{there_:%a} {there_.day} {there_:%b}, {there_:%H:%M} is in the past.")
    length = over - old
    if event.get("series_start"):
        first, last = (datetime.fromisoformat(event[n]) for n in ("series_start", "series_end"))
        by = new.astimezone(tz).replace(tzinfo=None) - local.replace(tzinfo=None)
        moved = first.astimezone(tz).replace(tzinfo=None) + by
        new, length = on_the_clock(tz, moved.date(), moved), last - first
        offers = []
    value = {
        "start": new.isoformat(), "end": (new + length).isoformat(), "notes": notes,
        "offers": [{"start": s.start.isoformat(), "end": s.end.isoformat(), "why": s.why} for s in offers],
    }  # fmt: skip
    return Output(value, {"": own_words(), "notes": worked_out()})


def _that_day(
    context: Context, event: dict[str, Any], new: datetime
) -> tuple[datetime, list[Slot], list[str]]:
    """An event that moves to a day keeps its hour where that is free; else the best time of the day."""
    midnight = new.replace(hour=0, minute=0, second=0, microsecond=0)
    lies = in_the_way(context, event, new) if new >= context.now else []
    if not lies:
        return new, [], []
    over = midnight + timedelta(days=1)
    try:
        best, more, notes = found_anew(
            context, event, max(midnight, context.now), over, kept=Kept(), where=Anew()
        )
    except (CannotDo, NeedsAnswer):
        return new, [], []  # then what lies there is said on the card
    told = f"At its own hour, {new:%H:%M}, there is {'; '.join(lies[:3])}."
    return best.start, more, [told, *notes]


def _to_its_week(context: Context, said: datetime, until: datetime | None, old: datetime) -> timedelta:
    """By how many whole weeks a weekday that was said alone is off that of an event's own week."""
    tz = context.owner.tz
    then, own = said.astimezone(tz), old.astimezone(tz).date()
    monday = own - timedelta(days=own.weekday())
    by = monday + timedelta(days=then.weekday()) - then.date()
    while _later(tz, until or said, by) <= context.now or (until is None and _later(tz, said, by) == old):
        by += timedelta(days=7)
    return by


def _later(tz: ZoneInfo, instant: datetime, by: timedelta) -> datetime:
    """The same clock time some days later, or earlier."""
    local = instant.astimezone(tz)
    return on_the_clock(tz, local.date() + by, local)


def _lasting(
    event: dict[str, Any], old: datetime, over: datetime, *, minutes: int | None, longer: int
) -> Output:
    if event.get("all_day"):
        raise CannotDo(f"“{event['title']}” lasts all day; its length cannot be changed in minutes.")
    if event.get("series_start"):
        old, over = (datetime.fromisoformat(event[n]) for n in ("series_start", "series_end"))
    length = timedelta(minutes=minutes) if minutes is not None else over - old + timedelta(minutes=longer)
    if length <= timedelta(0):
        had = (over - old) // timedelta(minutes=1)
        raise CannotDo(f"“{event['title']}” lasts {had} minutes; so much cannot be taken off.")
    if length == over - old:
        raise CannotDo(f"“{event['title']}” lasts {length // timedelta(minutes=1)} minutes already.")
    value = {"start": old.isoformat(), "end": (old + length).isoformat(), "notes": [], "offers": []}
    return Output(value, {"": own_words()})
