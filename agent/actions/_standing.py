"""What stands against a time, each thing under a mark: what is new since a question was asked shows by it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from deskhand.agent.actions import Context
from deskhand.agent.actions._calendars import blind, mark, taken, when
from deskhand.agent.actions._repeats import repeats
from deskhand.agent.availability.agenda import named
from deskhand.agent.availability.diaries import diaries, rooms_for
from deskhand.agent.profile import Room


def standing(
    context: Context,
    start: datetime,
    end: datetime,
    *,
    rrule: str = "",
    exdates: Sequence[datetime] = (),
    people: Sequence[str] = (),
    rooms: Sequence[Room] = (),
    also: Sequence[tuple[datetime, datetime]] = (),
    but: Collection[str] = (),
) -> dict[str, str]:
    """What takes the owner's, these people's or these rooms' time, as far as is known: in words, by mark.

    A calendar of the owner's that cannot be read stands against every time. With `rrule` the occurrences
    of the next 90 days count, without `exdates`; or those of `also`, where a series moves. `but`:
    addresses of events that are not in the way, the one to be moved.
    """
    times = [*repeats(start, end, rrule, context.owner.zone, exdates=exdates), *also]
    low, high = min(a for a, _ in times), max(b for _, b in times)

    def in_the_way(first: datetime, over: datetime) -> bool:
        return any(first < b and over > a for a, b in times)

    there = taken(context, low, high)
    own = [o for o in there if str(o.ref) not in but and in_the_way(o.start, o.end)]
    made = {mark(o): f"{named(o)} ({when(context, o.start, o.end)})" for o in own}
    for alias in blind(context):
        made[f"unread {alias}"] = f"{alias}, which cannot be read by now"
    shared = {(o.start.astimezone(UTC), o.end.astimezone(UTC)) for o in there}
    asked = diaries(context, people, low, high, exact=True)[1:] if people else []
    for diary in [*asked, *rooms_for(context, rooms, low, high)]:
        for busy in diary.who.busy or ():
            # A meeting with the owner in it has been looked at, or is the very one that is meant.
            both = busy.start.astimezone(UTC), busy.end.astimezone(UTC)
            if both not in shared and in_the_way(busy.start, busy.end):
                name = f"{diary.who.address} {both[0]:%Y-%m-%dT%H:%M}"
                whose = diary.who.called if diary in asked else f"the room {diary.who.called}"
                made[name] = f"something of {whose} ({when(context, busy.start, busy.end)})"
    return made
