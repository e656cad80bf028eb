"""A new time for an event that is there: the best for everybody in it, its own time not in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer
from deskhand.agent.actions._calendars import blind, meant, when
from deskhand.agent.actions._limits import Kept, asking, limited
from deskhand.agent.actions._standing import standing
from deskhand.agent.availability.agenda import guests, others
from deskhand.agent.availability.diaries import diaries, remarks, rooms_for
from deskhand.agent.availability.rooms import rooms_of
from deskhand.agent.slots import Conflict, Interval, Slot, find_slots
from deskhand.connectors.model import ItemRef

PROPOSED = 3
BEHIND = timedelta(days=14)
"""How far behind its old time a new one is looked for, where no window was said."""

Another = Literal["time", "day"]
Own = Literal["day", "week"]
Side = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Anew:
    """Where a new time is looked for, relative to the old one."""

    another: Another | None = None
    """`time`: it does not touch the old one; `day`: it is not on the old day."""
    own: Own | None = None
    """In the day or the week (Monday to Sunday) in which the event is."""
    side: Side | None = None
    """Before or after the old time."""


def window_of(
    context: Context, event: dict[str, Any], where: Anew, said: Sequence[datetime] | None
) -> tuple[datetime, datetime]:
    """The stretch to look in: what was said; else its own day, its own week, or from that week on.

    :raises CannotDo: nothing of it is still to come.
    """
    old, over = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    midnight = old.astimezone(context.owner.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    if said:
        low, high = said[0], said[1]
    elif where.own == "day":
        low, high = midnight, midnight + timedelta(days=1)
    else:
        low = monday
        high = monday + timedelta(days=7) if where.own == "week" else midnight + BEHIND
    if where.side == "before":
        high = min(high, old)
    elif where.side == "after":
        low = max(low, over)
    low = max(low, context.now)
    if low >= high:
        raise CannotDo(f"Nothing is left of the time in which “{event['title']}” shall be; say another.")
    return low, high


def found_anew(
    context: Context, event: dict[str, Any], low: datetime, high: datetime, *, kept: Kept, where: Anew
) -> tuple[Slot, list[Slot], list[str]]:
    """The best time in [low, high) for the owner, all those invited and its room, the next best, and what is
    to be known of the first.

    The event itself is in nobody's way. Whose calendar is not known is never taken for free.

    :raises CannotDo: there is none. :raises NeedsAnswer: whether the owner is free cannot be known.
    """
    old, over = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    minutes = max(1, round((over - old).total_seconds() / 60))
    item, own = context.archive.item(ItemRef.parse(event["ref"])), (event["ref"], Interval(old, over))
    invited = list(others(item, me=context.owner.addresses)) if item else []
    if where.another == "day":
        kept = replace(kept, not_dates=(*kept.not_dates, old.astimezone(context.owner.tz).date()))
    elif where.another == "time":
        kept = replace(kept, avoid=(*kept.avoid, (old, over)))
    said_hours = bool(kept.between or kept.not_before)
    known = diaries(context, invited, low, high, any_hour=said_hours, but=own)
    habits = context.owner.habits
    rooms = rooms_for(context, rooms_of(context.owner, item), low, high, but=own)
    wanted = limited(
        context, low, high, minutes=minutes, grid=habits.grid, kept=kept,
        rooms=[d.who for d in rooms if d.who.busy is not None],
    )  # fmt: skip
    people = [asking(known[0].who, kept), *(d.who for d in known[1:])]
    proposal = find_slots(people, wanted, now=context.now, notice=habits.notice, limit=PROPOSED)
    if not proposal.slots:
        raise _nothing(context, event, proposal.conflict)
    if unread := blind(context):
        named, times = ", ".join(unread), "; ".join(when(context, s.start, s.end) for s in proposal.slots)
        raise NeedsAnswer(
            f"It is not certain when you are free: {named} could not be read. As far as is known: {times}. "
            f"Shall it be then?",
            [move_to(context, event, s.start) for s in proposal.slots],
        )
    best, *more = proposal.slots
    notes = [*([best.why[:1].upper() + best.why[1:]] if best.why else []), *remarks(known)]
    unknown = [d.who.name for d in rooms if d.who.busy is None]
    notes += [f"It is not known whether the room {name} is free then." for name in unknown]
    return best, more, notes


def in_the_way(context: Context, event: dict[str, Any], start: datetime) -> list[str]:
    """What takes the time that an event would have from `start` on, in words; as far as is known."""
    length = datetime.fromisoformat(event["end"]) - datetime.fromisoformat(event["start"])
    item = context.archive.item(ItemRef.parse(event["ref"]))
    lies = standing(
        context, start, start + length, people=guests(item, me=context.owner.addresses),
        rooms=rooms_of(context.owner, item), but=(event["ref"],),
    )  # fmt: skip
    return [words for name, words in lies.items() if not name.startswith("unread ")]


def _nothing(context: Context, event: dict[str, Any], conflict: Conflict | None) -> CannotDo | NeedsAnswer:
    """Why there is no time, with the nearest there are: each a request that moves it just then."""
    message = conflict.message if conflict else "There is no free time then."
    near = [s for s in conflict.nearest if "enough" not in s.why] if conflict else []
    if not near:
        return CannotDo(message)
    shown = "; ".join(when(context, s.start, s.end) + (f" ({s.why})" if s.why else "") for s in near)
    choices = [move_to(context, event, s.start) for s in near]
    return NeedsAnswer(f"{message} Near it there is: {shown}.", list(dict.fromkeys(choices)))


def move_to(context: Context, event: dict[str, Any], new: datetime) -> str:
    """The request that moves exactly this event to exactly then."""
    local = new.astimezone(context.owner.tz)
    this = meant(context, event["title"], datetime.fromisoformat(event["start"]))
    return f"move {this} to {local:%Y-%m-%d} at {local:%H:%M}"
