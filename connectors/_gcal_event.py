"""What is Google's alone about an event: the ids it takes, the UIDs it gives, shapes that it may not keep to.

https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from deskhand.connectors._calendar_event import Json, uid_in

AT = "@google.com"
"""How the UIDs end that Google gives."""

_OBJECTS = frozenset({
    "start", "end", "originalStartTime", "organizer", "creator", "extendedProperties", "conferenceData",
})  # fmt: skip
_TEXTS = frozenset({
    "iCalUID", "status", "summary", "description", "location", "visibility", "transparency", "eventType",
    "created", "updated", "recurringEventId", "htmlLink", "hangoutLink", "etag",
})  # fmt: skip
_LISTS = frozenset({"attendees", "attachments"})
"""Of objects."""


def id_of(key: str) -> str:
    """The id of the event that an effect makes: base32hex, as Google wants it."""
    return f"dh{sha256(f'deskhand:{key}'.encode()).hexdigest()[:40]}"


def uid_of_effect(key: str) -> str:
    """The UID that Google gives the event with that id."""
    return id_of(key) + AT


def shaped(event: Json) -> Json:
    """An event with what of it has the shape that Google promises: one that has not spoils no other."""
    made = {k: v for k, v in event.items() if k not in _TEXTS or isinstance(v, str)}
    for name in _OBJECTS & made.keys():
        if not isinstance(made[name], dict):
            del made[name]
    for name in _LISTS & made.keys():
        made[name] = [v for v in made[name] if isinstance(v, dict)] if isinstance(made[name], list) else []
    if not isinstance(made.get("recurrence", []), list):
        del made["recurrence"]
    for name, inner, kind in (
        ("extendedProperties", "private", dict),
        ("conferenceData", "entryPoints", list),
    ):
        if name in made and not isinstance(made[name].get(inner, kind()), kind):
            del made[name]
    return made


def uid_of(events: Iterable[Json], base: str) -> str:
    """The UID of a series and its exceptions: all occurrences share it."""
    return uid_in(events) or base + AT
