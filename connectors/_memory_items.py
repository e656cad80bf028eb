"""Items as sources in memory keep them: made from their parts, labelled as a real source labels them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from deskhand.connectors.model import Item, ItemRef, Label, Participant, Relation
from deskhand.connectors.operations import EventCreate, EventUpdate, Mailbox

Who = str | tuple[str, str]
"""An address, or a name and an address."""


def message(
    ref: ItemRef, *, sender: Who, to: Sequence[Who], subject: str, text: str, at: datetime, me: str,
    cc: Sequence[Who] = (), reply_to: Who = "", answers: str = "", folder: str = "",
    flags: Sequence[str] = (),
) -> Item:  # fmt: skip
    """A mail. What the owner (`me`) sent is the owner's word, and makes contacts; all else is a stranger's.

    :param answers: the native id of the message it replies to.
    """
    people = [_person("from", sender), *(_person("to", w) for w in to), *(_person("cc", w) for w in cc)]
    if reply_to:
        people.append(_person("reply-to", reply_to))
    mine = people[0].address == me.lower()
    readers = tuple(sorted({p.address for p in people if p.role in ("from", "to", "cc")}))
    relations = (Relation("reply-to", f"<{answers}@memory>"),) if answers else ()
    return Item(
        ref, "", subject, text, at, _digest(subject, text), people=tuple(people), relations=relations,
        folder=folder or ("Sent" if mine else "INBOX"), author=people[0].name or people[0].address,
        flags=tuple(sorted(flags)), data={"message_id": f"<{ref.native}@memory>", "sent": mine},
        label=Label("user" if mine and not answers else "untrusted", (people[0].address,), readers),
    )  # fmt: skip


def event(
    ref: ItemRef, *, title: str, start: datetime, end: datetime, at: datetime, me: str, organizer: Who = "",
    attendees: Sequence[Who] = (), location: str = "", text: str = "",
) -> Item:  # fmt: skip
    """An event; without an organizer it is the owner's alone."""
    called = [_person("organizer", organizer or me)] if attendees or organizer else []
    people = (*called, *(_person("attendee", w) for w in attendees))
    mine = not called or called[0].address == me.lower()
    readers = tuple(sorted({p.address for p in people if p.address}))
    return Item(
        ref, "", title, text, at, _digest(title, text), start=start, end=end, until=end, people=people,
        data={"location": location, "uid": ref.native, "status": "confirmed"},
        label=Label("user" if mine else "untrusted", (str(ref),), readers),
    )  # fmt: skip


def document(ref: ItemRef, *, title: str, text: str, at: datetime) -> Item:
    """A file: whoever wrote it, nobody else than the owner is known to read it."""
    label = Label("untrusted", (str(ref),), ())
    return Item(ref, "", title, text, at, _digest(title, text), label=label, data={"mime": "text/plain"})


def _person(role: Literal["from", "to", "cc", "reply-to", "organizer", "attendee"], who: Who) -> Participant:
    name, address = ("", who) if isinstance(who, str) else who
    return Participant(role, address.lower(), name)


def _digest(title: str, text: str) -> str:
    return sha256(f"{title}\0{text}".encode()).hexdigest()


def updated(old: Item, operation: EventUpdate) -> Item:
    """An event as a change leaves it."""
    people: dict[str, list[Participant]] = {n: [] for n in ("organizer", "attendee", "resource")}
    for p in old.people:
        people.setdefault(p.role, []).append(p)
    there = {(p.role, p.address): p for p in old.people}
    if operation.attendees is not None:
        people["attendee"] = parts("attendee", operation.attendees)
    if operation.rooms is not None:
        people["resource"] = parts("resource", operation.rooms)
    return replace(
        old,
        title=operation.title or old.title,
        text=old.text if operation.description is None else operation.description,
        start=operation.start or old.start,
        end=operation.end or old.end,
        until=operation.until or operation.end or old.until,
        people=tuple(there.get((p.role, p.address), p) for each in people.values() for p in each),
        data=status(old.data, operation),
    )


def parts(role: Literal["attendee", "resource"], given: Sequence[Mailbox]) -> list[Participant]:
    """Those given, in one role."""
    return [Participant(role, m.address, m.name) for m in given]


def status(data: Mapping[str, Any], operation: EventCreate | EventUpdate) -> dict[str, Any]:
    """What an event's data says after a change of its place and state."""
    made = {**data}
    if operation.location:
        made["location"] = operation.location
    if operation.status is not None:
        made["status"] = operation.status
    if operation.hold_until is not None:
        made["hold_until"] = operation.hold_until.isoformat()
    if operation.status == "confirmed":
        made.pop("hold_until", None)
    return made
