"""An event of a provider's API, by the names that all of ours share, and what they mean; asks nobody.

The names are Google's, which are nearest to iCalendar; what Microsoft says is brought into them
(`_msgcal_event`). https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from deskhand.connectors._ical_zones import iana

Json = Mapping[str, Any]

EFFECTS, HELD, ANSWERED = "deskhandEffect", "deskhandHold", "deskhandReplied"
"""Our private extended properties: in a file they are X-DESKHAND-EFFECT, -HOLD-UNTIL and -REPLIED."""
STATUS = {
    "needsAction": "NEEDS-ACTION", "declined": "DECLINED", "tentative": "TENTATIVE", "accepted": "ACCEPTED",
}  # fmt: skip
"""PARTSTAT (RFC 5545 3.2.12) by responseStatus."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")


def uid_in(events: Iterable[Json]) -> str:
    """The UID of a series and its exceptions, which all share; empty where none of them says it."""
    return next((u for e in events if (u := one_line(e.get("iCalUID")))), "")


def master_of(events: Iterable[Json]) -> Json | None:
    """The event itself, or the series; None where only single occurrences of one are in the calendar."""
    return next((e for e in events if not e.get("recurringEventId")), None)


def called_here(events: Iterable[Json]) -> bool:
    """Whether whose calendar it lies in is its organizer."""
    found = list(events)
    event = master_of(found) or (found[0] if found else {})
    organizer = event.get("organizer") or {}
    return not organizer or bool(organizer.get("self"))


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
