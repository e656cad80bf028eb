"""One component of a VCALENDAR as the fields of an event: all of a new one, or those in which two differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from deskhand.connectors._calendar_event import ANSWERED, EFFECTS, HELD, STATUS, Json
from deskhand.connectors._ical_event import person_of, sequence_of
from deskhand.connectors._ical_lines import Lines, value_of
from deskhand.connectors._ical_text import EFFECT, HOLD, REPLIED, REPLY_COMMENT, Property, unescape
from deskhand.connectors._ical_times import Zones, length_of, when_of
from deskhand.connectors.errors import Unsupported

_RESPONSE = {v: k for k, v in STATUS.items()}
_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")
REPEATS = ("RRULE", "EXRULE", "RDATE", "EXDATE")
TIMES = ("DTSTART", "DTEND", "DURATION")
_NOTES = (EFFECT, HOLD)
_LONGEST = 1_000
"""Characters of one extended property; Google takes 1024."""


def whole(lines: Lines, zones: Zones, me: str, *, imported: bool = False) -> dict[str, Any]:
    """The body of a new event. `imported`: somebody else called it, or it is as it was before."""
    empty = Lines("BEGIN:VEVENT\r\nEND:VEVENT\r\n")
    made = differences(empty, lines, zones, {}, me)
    if imported:
        made["sequence"] = sequence_of(value_of(lines, "SEQUENCE"))
        organizer = lines.first("ORGANIZER")
        if organizer is not None:
            made["organizer"] = _organizer(organizer)
    return made


def differences(old: Lines, new: Lines, zones: Zones, event: Json, me: str) -> dict[str, Any]:
    """The fields of an event in which two of its states differ, as they become."""
    made: dict[str, Any] = {}

    def differ(*names: str) -> bool:
        return _plain(old, names) != _plain(new, names)

    for name, field in (("SUMMARY", "summary"), ("DESCRIPTION", "description"), ("LOCATION", "location")):
        if differ(name):
            made[field] = unescape(value_of(new, name))
    repeats = differ(*REPEATS)
    if differ(*TIMES) or (
        repeats and new.first("RRULE") is not None and "timeZone" not in (event.get("start") or {})
    ):
        made |= _span(new, zones, event)
    if repeats:
        made["recurrence"] = [line for name in REPEATS for line in _plain(new, (name,))]
    if differ("STATUS"):
        said = value_of(new, "STATUS").strip().lower()
        made["status"] = said if said in ("tentative", "cancelled") else "confirmed"
    if differ("TRANSP"):
        free = value_of(new, "TRANSP").strip().upper() == "TRANSPARENT"
        made["transparency"] = "transparent" if free else "opaque"
    if differ("CLASS"):
        said = value_of(new, "CLASS").strip().lower()
        made["visibility"] = said if said in ("private", "confidential", "public") else "default"
    if differ("ATTENDEE"):
        made["attendees"] = _attendees(new, event, me)
    replied = _replied(new)
    if differ(*_NOTES) or replied != _replied(old):
        keyed = {**kept(event), EFFECTS: " ".join(p.value.strip() for p in new.all(EFFECT))}
        keyed[HELD] = value_of(new, HOLD).strip()
        keyed[ANSWERED] = replied
        before = kept(event)
        made |= extended(event, {k: v for k, v in keyed.items() if v or before.get(k)})
    return made


def own_answer(fields: Mapping[str, Any]) -> bool:
    """Whether nothing but somebody's answer changes, and notes of ours."""
    return fields.keys() <= {"attendees", "extendedProperties"}


def _span(lines: Lines, zones: Zones, event: Json) -> dict[str, Any]:
    first = lines.first("DTSTART")
    if first is None:
        raise Unsupported("The event has no start.")
    start = when_of(first, zones)
    by = {n: [*lines.all(n)] for n in TIMES if lines.first(n)}
    if start.tz is not None and not start.zone and lines.first("RRULE") is not None:
        raise Unsupported(
            "The series is in a time zone that only its own message defines; this calendar has no such."
        )
    last = lines.first("DTEND")
    if last is not None:
        end_at = when_of(last, zones)
        end = end_at.at(UTC)
        end_zone = end_at.zone or start.zone
    else:
        end = length_of(start, by, zones).after(start.at(UTC))
        end_zone = start.zone
    if start.date:
        days = max(end.date() - start.wall.date(), timedelta(days=1))
        return {
            "start": _dated(start.wall, event.get("start") or {}),
            "end": _dated(start.wall + days, event.get("end") or {}),
        }
    return {
        "start": _timed(start.at(UTC), start.zone or "UTC", event.get("start") or {}),
        "end": _timed(end, end_zone or "UTC", event.get("end") or {}),
    }


def _dated(day: datetime, was: Json) -> dict[str, Any]:
    made: dict[str, Any] = {"date": f"{day:%Y-%m-%d}"}
    return made | {k: None for k in ("dateTime", "timeZone") if k in was}


def _timed(at: datetime, zone: str, was: Json) -> dict[str, Any]:
    made: dict[str, Any] = {"dateTime": at.isoformat(timespec="seconds"), "timeZone": zone}
    return made | ({"date": None} if "date" in was else {})


def _attendees(lines: Lines, event: Json, me: str) -> list[dict[str, Any]]:
    """All that are invited, as the provider has them where it knows them: this list takes its own's place."""
    known = [a for a in event.get("attendees") or () if isinstance(a, Mapping)]
    by = {str(a.get("email") or "").lower(): a for a in known}
    myself = next((a for a in known if a.get("self")), None)
    if myself is not None and me not in by:
        by[me] = myself
    made, done = list[dict[str, Any]](), list[Json]()
    for p in lines.all("ATTENDEE"):
        who = person_of(p, "attendee")
        was = by.get(who.address, {})
        done.append(was)
        if not who.address:
            continue
        one: dict[str, Any] = {k: was[k] for k in _THEIRS if k in was}
        one["email"] = was.get("email") or who.address
        if who.name and not was:
            one["displayName"] = who.name
        if who.role == "resource":
            one["resource"] = True
        if p.params.get("ROLE", "").upper() == "OPT-PARTICIPANT" and not was:
            one["optional"] = True
        one["responseStatus"] = _RESPONSE.get(p.params.get("PARTSTAT", "").upper(), "needsAction")
        if (comment := p.params.get(REPLY_COMMENT, "")) or "comment" in one:
            one["comment"] = comment[:_LONGEST]
        made.append(one)
    # Not written in the text: whoever has no address there, and the organizer's own place in the list.
    for was in known:
        if not any(was is d for d in done) and (not was.get("email") or was.get("organizer")):
            made.append({k: was[k] for k in (*_THEIRS, "email", "responseStatus") if k in was})
    return made


_THEIRS = ("displayName", "optional", "resource", "comment", "additionalGuests")


def _organizer(p: Property) -> dict[str, str]:
    who = person_of(p, "organizer")
    return {"email": who.address, **({"displayName": who.name} if who.name else {})}


def _replied(lines: Lines) -> str:
    said = [
        f"{person_of(p, 'attendee').address} {at}"
        for p in lines.all("ATTENDEE")
        if (at := p.params.get(REPLIED))
    ]
    while len(";".join(said)) > _LONGEST:
        said.pop(0)
    return ";".join(said)


def private_of(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = fields.get("extendedProperties", {}).get("private", {})
    return found


def kept(event: Json) -> dict[str, Any]:
    return dict((event.get("extendedProperties") or {}).get("private") or {})


def extended(event: Json, private: Mapping[str, Any]) -> dict[str, Any]:
    """All properties there are: a server that does not merge them would lose those that are not named."""
    before = event.get("extendedProperties") or {}
    return {"extendedProperties": {**before, "private": {k: str(v) for k, v in private.items()}}}


def _plain(lines: Lines, names: Sequence[str]) -> tuple[str, ...]:
    """The lines of these names, unfolded."""
    return tuple(_FOLD.sub("", raw).rstrip("\r\n") for raw in lines.raws(*names))
