"""Another room, or another time, for a meeting whose room is not to be had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._limits import Kept
from deskhand.agent.actions._shapes import AnEvent
from deskhand.agent.actions.slots import PROPOSED, Slots, slots
from deskhand.agent.availability.agenda import others
from deskhand.agent.availability.diaries import rooms_for, rooms_named
from deskhand.agent.availability.rooms import not_asked, place
from deskhand.agent.endorsers import worked_out
from deskhand.agent.slots import Availability
from deskhand.connectors.model import ItemRef

LATER = timedelta(days=7)
"""How far after its day another time is looked for, where no room is free at the old one."""


@action("room.instead", gives=Slots)
def instead(context: Context, *, event: AnEvent, rooms: Sequence[str]) -> Output:
    """Where a meeting can be held whose `rooms` (addresses) declined: {slots, offers, notes} as `slots.find`.

    Another room at the same time, if one is known to be free and large enough; else the next time that suits
    everybody and has a room, whichever it is.

    :raises CannotDo: the event is gone, or no room is set. :raises NeedsAnswer: nothing fits.
    """
    item = context.archive.item(ItemRef.parse(event["ref"]))
    if item is None:
        raise CannotDo("The event whose room declined is not in the archive any more.")
    start, end = (datetime.fromisoformat(event[edge]) for edge in ("start", "end"))
    people = list(others(item, me=context.owner.addresses))
    refused = {*rooms, *(p.address for p in item.people if p.role == "resource" and p.status == "declined")}
    left = [r for r in context.owner.rooms if r.address not in refused]
    try:
        large = rooms_named("any", left, seats=len(people) + 1) if left else []
    except LookupError:
        large = []
    free = [d.who.name for d in rooms_for(context, large, start, end) if _is_free(d.who, start, end)]
    if not free:
        return slots(
            context, people=people, minutes=max(1, round((end - start) / timedelta(minutes=1))),
            start=context.now, end=max(end, context.now) + LATER, kept=Kept(avoid=[(start, end)]), room="any",
        )  # fmt: skip
    same = {"start": start.isoformat(), "end": end.isoformat()}
    found = [same | {"why": f"room {name}"} | place(context.owner, name) for name in free[:PROPOSED]]
    notes = [f"The room {free[0]} is free at that time.", *not_asked(context.owner, free[0])]
    value = {"slots": found, "offers": found[1:], "notes": notes, "moved": []}
    return Output(value, {"": worked_out((str(item.ref),))})


def _is_free(room: Availability, start: datetime, end: datetime) -> bool:
    known = room.busy is not None and room.known_until is not None and room.known_until >= end
    return known and not any(i.start < end and i.end > start for i in room.busy or ())
