"""When an event shall be instead: another day or clock time, another length, or the best time in a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.actions._calendars import blind, on_the_clock, when
from deskhand.agent.actions._limits import Kept, asking, limited, no_time
from deskhand.agent.actions._limits import beside as far_from
from deskhand.agent.actions.events import meant
from deskhand.agent.agenda import others
from deskhand.agent.diaries import diaries, remarks, rooms_for
from deskhand.agent.distances import Distance
from deskhand.agent.rooms import rooms_of
from deskhand.agent.slots import find_slots
from deskhand.connectors.model import ItemRef, Label


@action("event.shift")
def shift(
    context: Context,
    *,
    event: dict[str, Any],
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
) -> Output:
    """The new {start, end, notes} of an event; its length stays unless another is said.

    `of_its_week`: the day, instant or window was said as a weekday alone; it is that of the week (Monday to
    Sunday) in which the event is, and of the week after where that is over, or where the event is then.

    At an instant, on another `day` or at another `clock` time of the owner's zone (the other stays), on
    another `weekday` of its week (Monday is 0), later by `days` (at the same time of day) or `seconds`, or
    the best time in a window that is `kept` to and suits all those invited, as far as is known, as far from
    `events` as `beside` says (see `slots.find`). Or it stays,
    and lasts `minutes`, or `longer` by so many. Of a whole series the times are those of its first
    occurrence, moved as far. `notes` are facts about a time that was looked for.
    """
    old, over = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    notes: list[str] = []
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
    elif days is not None:
        new = on_the_clock(tz, local.date() + timedelta(days=days), local)
    elif seconds is not None:
        new = old + timedelta(seconds=seconds)
    elif window:
        minutes = max(1, round((over - old).total_seconds() / 60))
        edges = far_from(context, beside, events, minutes=minutes)
        low = max(m for m in (window[0], edges.start) if m)
        high = min(m for m in (window[1], edges.end) if m)
        if high - low < over - old:
            raise CannotDo(no_time(context, low, high))
        kept = kept or Kept()
        kept = replace(kept, avoid=[*kept.avoid, *((i.start, i.end) for i in edges.avoid)])
        new, notes = _free(context, low, high, event, kept)
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
    value = {"start": new.isoformat(), "end": (new + length).isoformat(), "notes": notes}
    return Output(value, {"": Label("user", (), None), "notes": Label("assistant", (), None)})


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
    value = {"start": old.isoformat(), "end": (old + length).isoformat(), "notes": []}
    return Output(value, {"": Label("user", (), None)})


def _free(
    context: Context, low: datetime, high: datetime, event: dict[str, Any], kept: Kept
) -> tuple[datetime, list[str]]:
    """The best time for the owner, all those invited and its room, and what is to be known of it.

    It keeps to the owner's habits, her notice among them, as a new meeting does.

    :raises NeedsAnswer: whether the owner is free cannot be known.
    """
    start, over = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    minutes = max(1, round((over - start).total_seconds() / 60))
    item = context.archive.item(ItemRef.parse(event["ref"]))
    people = list(others(item, me=context.owner.addresses)) if item else []
    known = diaries(context, people, low, high, any_hour=kept.between is not None)
    habits = context.owner.habits
    where = rooms_for(context, rooms_of(context.owner, item), low, high)
    wanted = limited(
        context, low, high, minutes=minutes, grid=habits.grid, kept=kept,
        rooms=[d.who for d in where if d.who.busy is not None],
    )  # fmt: skip
    asked = [asking(known[0].who, kept), *(d.who for d in known[1:])]
    proposal = find_slots(asked, wanted, now=context.now, notice=habits.notice, limit=1)
    if not proposal.slots:
        raise CannotDo(proposal.conflict.message if proposal.conflict else "There is no free time then.")
    if unread := blind(context):
        named, times = ", ".join(unread), "; ".join(when(context, s.start, s.end) for s in proposal.slots)
        raise NeedsAnswer(
            f"It is not certain when you are free: {named} could not be read. As far as is known: {times}. "
            f"Shall it be then?",
            [_move_to(context, event, s.start) for s in proposal.slots],
        )
    why = proposal.slots[0].why
    notes = [*([why[:1].upper() + why[1:]] if why else []), *remarks(known)]
    unknown = [d.who.name for d in where if d.who.busy is None]
    notes += [f"It is not known whether the room {name} is free then." for name in unknown]
    return proposal.slots[0].start, notes


def _move_to(context: Context, event: dict[str, Any], new: datetime) -> str:
    """The request that moves exactly this event to exactly then."""
    local = new.astimezone(context.owner.tz)
    this = meant(context, event["title"], datetime.fromisoformat(event["start"]))
    return f"move {this} to {local:%Y-%m-%d} at {local:%H:%M}"
