"""Who is invited to an event of the owner's: with some people added, or taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import there, when
from deskhand.agent.actions._people import plain
from deskhand.agent.actions._shapes import Given, Person
from deskhand.agent.actions.several import called_by_owner
from deskhand.agent.endorsers import selected, worked_out
from deskhand.connectors.model import ItemRef, Participant
from deskhand.connectors.operations import Mailbox


class Guests(Given):
    """Who will be in an event, and who comes or goes by that."""

    attendees: list[Person]
    added: list[Person]
    removed: list[Person]
    notes: list[str]


@action("event.guests", gives=Guests)
def guests(
    context: Context,
    *,
    event: dict[str, Any],
    add: Sequence[Mailbox] = (),
    remove: Sequence[Mailbox] = (),
) -> Output:
    """Who shall be invited to an event (as `event.find` has it): {attendees, added, removed, notes}.

    All are mailboxes; `attendees` are those of now without `remove` and with `add`. Whoever is invited
    already is not added again, and that is a note.

    :raises CannotDo: somebody else called it, nobody would be added or removed, or somebody to be removed is
        not invited.
    """
    start, end = (datetime.fromisoformat(event[n]) for n in ("start", "end"))
    one = datetime.fromisoformat(event["occurrence"]) if event.get("occurrence") else None
    item = context.archive.item(ItemRef.parse(event["ref"]))
    found = [o for o in there(context, start, end) if str(o.ref) == event["ref"]]
    occurrence = next((o for o in found if one is None or o.recurrence_id == one), None)
    if item is None or occurrence is None:
        raise CannotDo(f"“{event['title']}” is not in the archive any more; sync and ask again.")
    title = f"“{occurrence.title}”, {when(context, occurrence.start, occurrence.end)}"
    if not called_by_owner(context, occurrence):
        who = next(p.name or p.address for p in occurrence.people if p.role == "organizer")
        raise CannotDo(
            f"{who} called {title}, so only {who} can say who is invited. Nothing was changed; "
            f"write to {who}."
        )
    # One occurrence of a series may have guests of its own; the whole series has those of its master.
    people = occurrence.people if one else item.people
    now = {p.address.lower(): p for p in people if p.role == "attendee" and p.address}
    if strangers := [m.name or m.address for m in remove if m.address.lower() not in now]:
        shown = _shown([p for a, p in now.items() if a not in context.owner.addresses]) or "nobody else"
        raise CannotDo(
            f"{', '.join(strangers)} {'is' if len(strangers) == 1 else 'are'} not invited to {title}, so "
            f"nothing was changed. In it: {shown}."
        )
    mine = context.owner.addresses
    new = {
        m.address.lower(): m for m in add if m.address.lower() not in now and m.address.lower() not in mine
    }
    notes = [f"{m.name or m.address} is invited already." for m in add if m.address.lower() in now]
    if not new and not remove:
        raise CannotDo(f"Nothing was changed: {' '.join(notes) or 'nobody was named'} ({title})")
    gone = {m.address.lower() for m in remove}
    kept = [Mailbox(address=p.address, name=p.name) for a, p in now.items() if a not in gone]
    out = [Mailbox(address=p.address, name=p.name) for a, p in now.items() if a in gone]
    value: Mapping[str, Any] = {
        "attendees": plain([*kept, *new.values()]), "added": plain([*new.values()]), "removed": plain(out),
        "notes": notes,
    }  # fmt: skip
    label = selected((event["ref"],))
    return Output(value, {"": label, "notes": worked_out()})


def _shown(people: Sequence[Participant]) -> str:
    return ", ".join(p.name or p.address for p in people)
