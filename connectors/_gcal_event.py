"""What Google says of an event: names, shapes, and what they mean; nothing here asks anybody.

https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from deskhand.connectors._ical_zones import iana

Json = Mapping[str, Any]

AT = "@google.com"
"""How the UIDs end that Google gives."""

EFFECTS, HELD, ANSWERED = "deskhandEffect", "deskhandHold", "deskhandReplied"
"""Our private extended properties: in a file they are X-DESKHAND-EFFECT, -HOLD-UNTIL and -REPLIED."""
STATUS = {
    "needsAction": "NEEDS-ACTION", "declined": "DECLINED", "tentative": "TENTATIVE", "accepted": "ACCEPTED",
}  # fmt: skip
"""PARTSTAT (RFC 5545 3.2.12) by Google's responseStatus."""
_OBJECTS = frozenset({
    "start", "end", "originalStartTime", "organizer", "creator", "extendedProperties", "conferenceData",
})  # fmt: skip
_TEXTS = frozenset({
    "iCalUID", "status", "summary", "description", "location", "visibility", "transparency", "eventType",
    "created", "updated", "recurringEventId", "htmlLink", "hangoutLink", "etag",
})  # fmt: skip
_LISTS = frozenset({"attendees", "attachments"})
"""Of objects."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")


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
    return next((u for e in events if (u := one_line(e.get("iCalUID")))), base + AT)


def master_of(events: Iterable[Json]) -> Json | None:
    """The event itself, or the series; None where only single occurrences of one are in the calendar."""
    return next((e for e in events if not e.get("recurringEventId")), None)


def others_in(events: Iterable[Json]) -> bool:
    """Whether somebody else is invited, or a room asked for."""
    return any(not a.get("self") and not a.get("organizer") for e in events for a in e.get("attendees") or ())


def original(event: Json) -> Json:
    """When an exception would happen, had it not been changed."""
    found: Json = event.get("originalStartTime") or {}
    return found


def moment_of(time: Json, zone: str = "") -> datetime | None:
    """A start or end: aware; of a date its midnight in UTC. None where it is none."""
    try:
        if (date := time.get("date")) and DATE.match(str(date)):
            return datetime.fromisoformat(str(date)).replace(tzinfo=UTC)
        found = datetime.fromisoformat(str(time.get("dateTime")))
    except (ValueError, TypeError):
        return None
    if not 1583 <= found.year <= 9000:  # no calendar shows these
        return None
    return found if found.tzinfo else found.replace(tzinfo=iana(str(time.get("timeZone") or zone)) or UTC)


def one_line(value: Any) -> str:
    """A value that must not break its line."""
    return _CONTROL.sub(" ", value).strip() if isinstance(value, str) else ""
