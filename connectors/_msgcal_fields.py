"""What becomes of an event, from the names of `_calendar_event` into Graph's: the body of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.connectors._calendar_event import EFFECTS, HELD, Json
from deskhand.connectors._calendar_fields import private_of
from deskhand.connectors._ical_lines import Lines, value_of
from deskhand.connectors._ical_zones import windows
from deskhand.connectors._msgcal_event import KEPT, PROPERTIES, when
from deskhand.connectors._msgcal_rules import recurrence_of
from deskhand.connectors.errors import Unsupported

_PLAIN = {"summary": "subject"}
_SENSITIVE = {"private": "private", "confidential": "confidential"}
_SHOWN = {
    "FREE": "free", "TENTATIVE": "tentative", "BUSY": "busy", "OOF": "oof",
    "WORKINGELSEWHERE": "workingElsewhere",
}  # fmt: skip
_JOINING = re.compile(r"^[ \t]*_{10,}[ \t]*$", re.M)
"""The line above what Outlook writes into the text of an online meeting: with it goes the meeting."""


def body_of(fields: Mapping[str, Any], event: Json, mine: Sequence[str]) -> dict[str, Any]:
    """What Graph is to be sent.

    :param event: as it is now; {}: it is not there. :param mine: addresses that are not invited, but call.
    :raises Unsupported: Graph cannot say it.
    """
    made: dict[str, Any] = {name: fields[said] for said, name in _PLAIN.items() if said in fields}
    if "description" in fields:
        made["body"] = {"contentType": "text", "content": _described(fields["description"], event)}
    if "location" in fields:
        made["location"] = {"displayName": fields["location"]}
    if "start" in fields:
        made |= _span(fields, event)
    if "recurrence" in fields:
        made["recurrence"] = _recurrence(fields, event)
    if "transparency" in fields:
        made["showAs"] = "free" if fields["transparency"] == "transparent" else "busy"
    if fields.get("status") == "tentative":
        made["showAs"] = "tentative"
    elif fields.get("status") == "confirmed" and event.get("eventType") == "tentative":
        made["showAs"] = "busy"
    if "visibility" in fields:
        made["sensitivity"] = _SENSITIVE.get(fields["visibility"], "normal")
    if "attendees" in fields:
        made["attendees"] = [_invited(a) for a in fields["attendees"] if a.get("email") not in mine]
    if (private := private_of(fields)) and (
        said := [{"id": PROPERTIES[n], "value": str(private[n])} for n in (EFFECTS, HELD) if n in private]
    ):
        made[KEPT] = said
    return made


def shown_as(lines: Lines) -> str:
    """How an event is shown to others, where its text says so; else empty."""
    return _SHOWN.get(value_of(lines, "X-MICROSOFT-CDO-BUSYSTATUS").strip().upper(), "")


def _described(text: Any, event: Json) -> str:
    """A new text; of an online meeting with the way to join below it, or it would be none any more."""
    before, text = str(event.get("description") or ""), str(text or "")
    found = _JOINING.search(before) if event.get("online") else None
    kept = before[found.start() :].rstrip() if found else ""
    return text if not kept or kept in text.replace("\r\n", "\n") else f"{text.rstrip()}\n\n{kept}\n"


def _span(fields: Mapping[str, Any], event: Json) -> dict[str, Any]:
    start, end = fields["start"], fields["end"]
    all_day = bool(start.get("date"))
    made = {"start": _time(start, fields, event), "end": _time(end, fields, event)}
    was = "date" in (event.get("start") or {})
    return made | ({"isAllDay": all_day} if all_day != was else {})


def _time(said: Json, fields: Mapping[str, Any], event: Json) -> dict[str, str]:
    if date := said.get("date"):
        return {"dateTime": f"{date}T00:00:00", "timeZone": "UTC"}
    at = datetime.fromisoformat(str(said["dateTime"]))
    key = str(said["timeZone"])
    repeats = "recurrence" in {**event, **fields} and not event.get("recurringEventId")
    local = at.astimezone(ZoneInfo(key))
    name = windows(key, local.year)
    # A wall clock cannot name the second pass of an hour that comes twice.
    twice = local.fold and local.utcoffset() != local.replace(fold=0).utcoffset()
    if repeats and not name:
        raise Unsupported(f"Outlook has no time zone whose clocks do what those of {key} do.")
    if not name or (twice and not repeats):
        local, name = at.astimezone(ZoneInfo("UTC")), "UTC"
    return {"dateTime": f"{local:%Y-%m-%dT%H:%M:%S}", "timeZone": name}


def _recurrence(fields: Mapping[str, Any], event: Json) -> dict[str, Any] | None:
    lines = [str(line) for line in fields["recurrence"]]
    rules = [line.partition(":")[2] for line in lines if line.upper().startswith("RRULE")]
    if len(rules) > 1 or any(line.upper().startswith(("RDATE", "EXRULE")) for line in lines):
        raise Unsupported("Outlook has no series with more than one rule, or with dates added to it.")
    if not rules:
        return None
    said = {k: v for k, v in (fields.get("start") or event.get("start") or {}).items() if v}
    first = when(said)
    zone = "UTC" if first.date else _time(said, fields, event)["timeZone"]
    return recurrence_of(rules[0], first.wall, zone=zone, all_day=first.date)


def _invited(one: Mapping[str, Any]) -> dict[str, Any]:
    kind = "resource" if one.get("resource") else "optional" if one.get("optional") else "required"
    name = str(one.get("displayName") or "")
    return {
        "type": kind, "emailAddress": {"address": one["email"], **({"name": name} if name else {})}
    }  # fmt: skip
