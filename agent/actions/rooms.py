"""A free room for an event that is there."""

from __future__ import annotations

from datetime import datetime

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import when
from deskhand.agent.actions._shapes import AnEvent, Given, Person
from deskhand.agent.availability.diaries import rooms_for, rooms_named
from deskhand.agent.availability.rooms import not_asked, place
from deskhand.agent.endorsers import own_words, worked_out
from deskhand.connectors.model import ItemRef


class FreeRoom(Given):
    """A room that is free."""

    location: str
    rooms: list[Person]
    notes: list[str]


@action("room.find", gives=FreeRoom)
def room(context: Context, *, event: AnEvent) -> Output:
    """The smallest room of the settings that is free for all of an event: {location, rooms, notes}.

    `rooms` are the mailboxes that are asked for the time: none, where the room has no address.
    One whose calendar is not known is never taken. :raises CannotDo: none is free (says why of each), or
    somebody else called the meeting.
    """
    start, end = (datetime.fromisoformat(event[n]) for n in ("start", "end"))
    item = context.archive.item(ItemRef.parse(event["ref"]))
    organizer = item.person("organizer") if item else None
    if organizer is not None and organizer.address not in context.owner.addresses:
        called = organizer.name or organizer.address
        raise CannotDo(f"{called} called this meeting, and says where it is: ask them. Nothing was changed.")
    people = {p.address for p in item.people if p.role == "attendee"} if item else set[str]()
    try:
        rooms = rooms_named("any", context.owner.rooms, seats=len(people - context.owner.addresses) + 1)
    except LookupError as error:
        raise CannotDo(str(error.args[0])) from None
    stretch, against = when(context, start, end), []
    for diary in rooms_for(context, rooms, start, end):
        who = diary.who
        if who.busy is None or (who.known_until is not None and who.known_until < end):
            against.append(f"the calendar of {who.name} is not known")
        elif any(i.start < end and i.end > start for i in who.busy):
            against.append(f"{who.name} is taken")
        else:
            told = f"{who.name} is free {stretch}. It becomes the place of the event."
            notes = [told, *not_asked(context.owner, who.name)]
            value = {**place(context.owner, who.name), "notes": notes}
            return Output(value, {"": own_words(), "notes": worked_out()})
    raise CannotDo(f"No room is free {stretch}: {'; '.join(against)}. Nothing was changed.")
