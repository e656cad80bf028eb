"""Who is in an event besides the owner: whom a wish about its people means."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import plain_title, there, when
from deskhand.agent.actions._people import plain
from deskhand.agent.actions._shapes import Given, Person
from deskhand.agent.actions.items import load
from deskhand.agent.endorsers import selected
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.connectors.model import Label, Participant


class PeopleGiven(Given):
    """Whom a wish about the people of an event means."""

    to: list[Person]
    count: int
    title: str
    """That of the event."""


@action("event.people", gives=PeopleGiven)
def people(context: Context, *, event: dict[str, Any], with_cancel: bool = False) -> Output:
    """Everybody in an event that `event.find` found: {to: [{address, name}], count, title}.

    Not the owner, rooms, or who declined. Of a series it is the people of that very occurrence.

    `with_cancel`: whom the words still have to be told that its cancelling was given; nobody where the
    calendar's server has passed them on.

    :raises CannotDo: it was cancelled, or nobody else is in it.
    """
    item = load(context, event)
    start, end = (datetime.fromisoformat(event[n]) for n in ("start", "end"))
    held = [o for o in there(context, start, end) if o.ref == item.ref and o.start == start]
    if (held[0].status if held else item.data.get("status")) == "cancelled":
        raise CannotDo(f"“{item.title}”, {when(context, start, end)}, is cancelled, so nobody is in it.")
    found: dict[str, Participant] = {}
    gone: set[str] = set()
    for person in held[0].people if held else item.people:
        if not person.address or person.role == "resource" or person.address in context.owner.addresses:
            continue
        if person.status == "declined":
            gone.add(person.address)
        elif not found.get(person.address, person).name or person.address not in found:
            found[person.address] = person
    there_ = [p for address, p in found.items() if address not in gone]
    if not there_:
        only = ", and only people who declined" if gone else ""
        raise CannotDo(
            f"Nobody but you is in “{plain_title(item.title)}”, {when(context, start, end)}{only}: there is "
            "nobody to tell."
        )
    boxes = plain(there_)
    organizer = item.person("organizer")
    mine = organizer is None or organizer.address in context.owner.addresses
    origin = (str(item.ref),)
    # Who is in a meeting that somebody else called was chosen by whoever sent it.
    chosen = selected(origin) if mine else Label("untrusted", origin, ())
    if with_cancel and mine and context.tells(item.ref.source):
        names = ", ".join(p.name or p.address for p in there_)
        said = Passage(
            text=f"What you say went to {names} with the cancellation, by the calendar itself.",
            cites=(Citation.of(item),),
        )  # fmt: skip
        nobody = {"to": [], "count": 0, "title": item.title}
        brief = Brief(title=item.title, sections=(Section(heading="", passages=(said,)),))
        foreign = Label("untrusted", origin, ())
        return Output(nobody, {"": selected(origin), "to": chosen, "title": foreign}, brief)
    value = {"to": boxes, "count": len(boxes), "title": item.title}
    foreign = Label("untrusted", origin, ())
    return Output(value, {"": selected(origin), "to": chosen, "title": foreign})
