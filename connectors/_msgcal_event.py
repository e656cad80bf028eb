"""What Graph says of an event, in the shape in which `_calendar_event` names it; nothing here asks anybody.

So a series becomes the same text, and a changed text the same differences, whichever provider it lies with.
https://learn.microsoft.com/en-us/graph/api/resources/event
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from deskhand.connectors._calendar_event import EFFECTS, HELD
from deskhand.connectors._global_id import unwrapped
from deskhand.connectors._ical_times import When
from deskhand.connectors._ical_zones import iana
from deskhand.connectors._msgcal_rules import rrule_of

Json = Mapping[str, Any]

MADE, UID = "deskhandMade", "deskhandUid"
"""Our extended properties beside those of `_calendar_event`: which effect made an event, by the name it has
before Outlook gives it a UID; and the UID it had before, of one that was put back."""
_GUID = "9f8c1bde-5f3a-4b0e-9d5c-2f0f8a6d1e77"
_NAMES = (EFFECTS, HELD, MADE, UID)
PROPERTIES = {name: f"String {{{_GUID}}} Name {name}" for name in _NAMES}
"""Ids of our extended properties, by name."""
KEPT = "singleValueExtendedProperties"
_WANTED = " or ".join(f"id eq '{id_}'" for id_ in PROPERTIES.values())
OURS = f"{KEPT}($filter={_WANTED})"
"""What is to be expanded to be told them."""
SELECT = (
    "id,type,iCalUId,subject,body,start,end,isAllDay,originalStartTimeZone,originalStart,location,attendees,"
    "organizer,isOrganizer,isCancelled,responseStatus,recurrence,seriesMasterId,sensitivity,showAs,webLink,"
    "createdDateTime,lastModifiedDateTime,isOnlineMeeting,onlineMeeting,transactionId"
)
PREFER = ('outlook.timezone="UTC"', 'outlook.body-content-type="text"')
_ANSWERS = {
    "accepted": "accepted", "organizer": "accepted", "tentativelyaccepted": "tentative",
    "declined": "declined",
}  # fmt: skip
_VISIBLE = {"private": "private", "personal": "private", "confidential": "confidential"}


def alias_of(key: str) -> str:
    """By what the event that an effect makes is known before Outlook gives it a UID."""
    return f"dh{sha256(f'deskhand:{key}'.encode()).hexdigest()[:40]}"


def is_alias(native: str) -> bool:
    return len(native) == 42 and native.startswith("dh") and native.isalnum()


def transaction(key: str) -> str:
    """The id by which Graph knows that a new event is sent for the second time."""
    return str(uuid5(NAMESPACE_URL, f"deskhand:{key}"))


def shaped(event: Json, mine: Sequence[str], master: Json | None = None) -> dict[str, Any]:
    """An event as `_calendar_event` names it.

    :param mine: the account's addresses, lower case. :param master: of an occurrence, as it is here.
    """
    all_day = bool(event.get("isAllDay"))
    name = _zone_name(event)
    organizer = _person(event.get("organizer"))
    own = bool(event.get("isOrganizer"))
    shown = str(event.get("showAs") or "")
    seen = shown.lower()
    made: dict[str, Any] = {
        "id": str(event.get("id") or ""), "etag": str(event.get("@odata.etag") or ""),
        "iCalUID": uid_of(event), "summary": event.get("subject") or "",
        "description": str((event.get("body") or {}).get("content") or "").replace("\r\n", "\n").strip(),
        "location": (event.get("location") or {}).get("displayName") or "",
        "start": time(event.get("start"), name, all_day), "end": time(event.get("end"), name, all_day),
        "status": "cancelled" if event.get("isCancelled")
        else "tentative" if own and seen == "tentative" else "confirmed",
        "visibility": _VISIBLE.get(str(event.get("sensitivity")).lower(), "default"),
        "transparency": "transparent" if seen == "free" else "opaque", "eventType": shown,
        "organizer": {**organizer, "self": own}, "attendees": _attendees(event, mine, own),
        "own": _answer(event.get("responseStatus")),
        "created": event.get("createdDateTime") or "", "updated": event.get("lastModifiedDateTime") or "",
        "htmlLink": event.get("webLink") or "", "online": bool(event.get("isOnlineMeeting")),
        "extendedProperties": {"private": kept(event)},
    }  # fmt: skip
    join = str((event.get("onlineMeeting") or {}).get("joinUrl") or "")
    if join.startswith("https://"):
        made["conferenceData"] = {"entryPoints": [{"uri": join, "entryPointType": "video"}]}
    if master is not None:
        made |= {"recurringEventId": master["id"], "iCalUID": master["iCalUID"]}
        at = {"dateTime": event.get("originalStart"), "timeZone": "UTC"}
        made["originalStartTime"] = time(at, master["start"].get("timeZone", ""), "date" in master["start"])
    elif event.get("recurrence") and made["start"]:
        made["recurrence"] = [f"RRULE:{_rule(event['recurrence'], made['start'])}"]
    return made


def _rule(recurrence: Json, start: Json) -> str:
    """How it repeats; of what cannot be read, what its reader will say so of."""
    try:
        return rrule_of(recurrence, when(start))
    except ValueError:
        return "FREQ=UNKNOWN"


def cancelled_in(event: Json, master: Json) -> list[dict[str, Any]]:
    """The occurrences of a series that are called off, as `_calendar_event` has them.

    Graph names the day of each: "OID.(id of the series).2026-12-21".
    """
    found = []
    for named in event.get("cancelledOccurrences") or ():
        day = str(named).rpartition(".")[2]
        try:
            date = datetime.fromisoformat(day)
        except ValueError:
            continue
        start = master["start"]
        at: dict[str, Any] = {"date": day}
        if "date" not in start:
            clock = datetime.fromisoformat(start["dateTime"])
            zone = iana(start["timeZone"]) or UTC
            at = {**start, "dateTime": datetime.combine(date, clock.time(), zone).isoformat()}
        found.append({
            "id": str(named), "status": "cancelled", "recurringEventId": master["id"],
            "iCalUID": master["iCalUID"], "originalStartTime": at,
        })  # fmt: skip
    return found


def uid_of(event: Json) -> str:
    """The UID of a meeting: the one it had before it was put back, or Exchange's, or the one it came with."""
    if own := kept(event).get(UID):
        return str(own)
    return unwrapped(str(event.get("iCalUId") or "")) or str(event.get("id") or "")


def kept(event: Json) -> dict[str, str]:
    """Our extended properties, by name."""
    by = {id_: name for name, id_ in PROPERTIES.items()}
    rows = [r for r in event.get(KEPT) or () if isinstance(r, Mapping)]
    return {
        by[found]: str(r.get("value") or "")
        for r in rows
        if (found := next((i for i in by if i.lower() == str(r.get("id")).lower()), ""))
    }


def when(start: Json) -> When:
    """A start as the reader of iCalendar has it."""
    if "date" in start:
        return When(datetime.fromisoformat(start["date"]), None, True)
    zone = iana(start["timeZone"]) or ZoneInfo("UTC")
    return When(datetime.fromisoformat(start["dateTime"]).astimezone(zone).replace(tzinfo=None), zone)


def time(said: Any, zone: str, all_day: bool) -> dict[str, str]:
    """A `dateTimeTimeZone` as `_calendar_event` has it, on the clock of `zone`; {} if it cannot be read."""
    try:
        moment = datetime.fromisoformat(str(said["dateTime"]).replace("Z", "")[:19])
    except (TypeError, KeyError, ValueError):
        return {}
    if all_day:
        # At midnight, which a zone east of Greenwich may have put on the evening before.
        return {"date": f"{moment + timedelta(hours=12):%Y-%m-%d}"}
    at = moment.replace(tzinfo=iana(str(said.get("timeZone") or "UTC")) or UTC)
    known = iana(zone)
    return {"dateTime": at.astimezone(known or UTC).isoformat(), "timeZone": known.key if known else zone}


def _zone_name(event: Json) -> str:
    """The clock that an event goes by: of a series the one in which it repeats."""
    range_ = (event.get("recurrence") or {}).get("range") or {}
    named = [str(range_.get("recurrenceTimeZone") or ""), str(event.get("originalStartTimeZone") or "")]
    return next((n for n in named if iana(n)), next(filter(None, reversed(named)), "UTC"))


def _person(said: Any) -> dict[str, Any]:
    address = (said or {}).get("emailAddress") or {}
    email = str(address.get("address") or "").strip().lower()
    return {"email": email, "displayName": str(address.get("name") or "")}


def _answer(said: Any) -> str:
    return _ANSWERS.get(str((said or {}).get("response") or "").lower(), "needsAction")


def _attendees(event: Json, mine: Sequence[str], own: bool) -> list[dict[str, Any]]:
    called = _person(event.get("organizer"))["email"]
    made, seen = list[dict[str, Any]](), False
    for one in event.get("attendees") or ():
        if not isinstance(one, Mapping):
            continue
        who = _person(one)
        myself = not own and who["email"] in mine and not seen
        seen = seen or myself
        kind = str(one.get("type") or "required").lower()
        made.append({
            **who, "responseStatus": _answer(event.get("responseStatus") if myself else one.get("status")),
            **({"self": True} if myself else {}), **({"resource": True} if kind == "resource" else {}),
            **({"optional": True} if kind == "optional" else {}),
            **({"organizer": True} if who["email"] == called else {}),
        })  # fmt: skip
    if not own and mine and not seen and made:  # invited as one of a list
        answer = _answer(event.get("responseStatus"))
        made.append({"email": mine[0], "displayName": "", "self": True, "responseStatus": answer})
    return made
