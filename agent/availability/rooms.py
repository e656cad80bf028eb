"""Rooms as events know them. One that the settings give a mail address is asked for the time, as calendar
programs do (ATTENDEE with CUTYPE=ROOM, RFC 5545 3.2.3), and answers; any other is the place and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deskhand.agent.profile import Owner, Room
from deskhand.connectors.model import Item
from deskhand.connectors.operations import Mailbox


def asked_by_mail(room: Room) -> bool:
    """Whether a room can be asked; else its name alone is known."""
    return "@" in room.address


def place(owner: Owner, name: str) -> dict[str, Any]:
    """What an event in the room of this name has: {location, rooms}. No name, nothing.

    `rooms` are the mailboxes that are asked for the time: none, where the room has no address.
    """
    if not name:
        return {}
    here = [r for r in owner.rooms if r.name == name and asked_by_mail(r)]
    return {"location": name, "rooms": [{"address": r.address, "name": r.name} for r in here]}


def not_asked(owner: Owner, name: str) -> list[str]:
    """The sentence that a room is the place of a meeting and was not asked for it; none where it is asked."""
    if not name or place(owner, name)["rooms"]:
        return []
    return [
        f"The room {name} is only named as the place and not asked for: no address is set for it under "
        f"[rooms] in config.toml."
    ]


def rooms_of(owner: Owner, event: Item | None) -> list[Room]:
    """The rooms of the settings that an event asks for, or has as its place; not one that declined."""
    if event is None:
        return []
    asked = {p.address: p.status for p in event.people if p.role == "resource"}
    here = str(event.data.get("location") or "").strip().casefold()
    return [
        r for r in owner.rooms
        if (r.address in asked and asked[r.address] != "declined")
        or (r.name.casefold() == here and asked.get(r.address) != "declined")
    ]  # fmt: skip


def rooms_named_in(owner: Owner, rooms: Sequence[Mailbox], location: str) -> list[Room]:
    """The rooms of the settings that an event asks for, or that the words of its place are."""
    here, asked = location.strip().casefold(), {m.address.lower() for m in rooms}
    return [r for r in owner.rooms if r.address in asked or r.name.casefold() == here]
