"""A provider's events as iCalendar: a series and its exceptions become one VCALENDAR, as a file has it.

So everything behind reads them as it reads files: recurrence, free time, cards, undo. The same events make
the same text. https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.connectors._calendar_event import (
    ANSWERED,
    DATE,
    EFFECTS,
    HELD,
    STATUS,
    Json,
    master_of,
    moment_of,
    one_line,
    original,
    others_in,
)
from deskhand.connectors._ical_lines import zoned_line
from deskhand.connectors._ical_text import EFFECT, HOLD, REPLIED, REPLY_COMMENT, content, escape, parse
from deskhand.connectors._ical_zones import iana, vtimezone

_CLASS = {"private": "PRIVATE", "confidential": "CONFIDENTIAL", "public": "PUBLIC"}
_SHOWN_AS = {
    "outOfOffice": "OOF", "workingLocation": "WORKINGELSEWHERE",
    "free": "FREE", "tentative": "TENTATIVE", "busy": "BUSY", "oof": "OOF",
    "workingElsewhere": "WORKINGELSEWHERE",
}  # fmt: skip
"""By Google's `eventType`, and by Graph's `showAs`."""
_FREE = frozenset({"workingLocation", "birthday"})
"""Kinds of events that take nobody's time."""
_REPEATS = frozenset({"RRULE", "EXRULE", "RDATE", "EXDATE"})


def calendar_of(
    events: Sequence[Json], uid: str, *, me: str, own: bool, zone: str, signed: Sequence[str] = (),
    program: str,
) -> bytes:  # fmt: skip
    """A VCALENDAR of one UID.

    :param uid: its UID. :param me: the person's address, lower case.
    :param own: the calendar is the person's: who is "self" in it is `me`, under whatever address.
    :param zone: the calendar's, for times that name none.
    :param signed: keys of effects that are known to be in it though its provider does not hold them.
    :param program: whose events these are (PRODID).
    """
    writer = _Writer(uid, me if own else "", zone)
    master = master_of(events)
    exceptions = sorted((e for e in events if e is not master), key=lambda e: str(e.get("id")))
    crowd = others_in(events)
    gone = [e for e in exceptions if e.get("status") == "cancelled" and master is not None and not crowd]
    parts = [writer.event(master, left_out=gone, signed=signed)] if master is not None else []
    for n, one in enumerate(e for e in exceptions if not any(e is g for g in gone)):
        parts.append(writer.event(_whole(one, master), signed=signed if master is None and n == 0 else ()))
    zones = [_vtimezone(name, year) for name, year in sorted(writer.zones.items())]
    head = [content("BEGIN", "VCALENDAR"), content("VERSION", "2.0"), content("PRODID", program)]
    return "".join([*head, *zones, *parts, content("END", "VCALENDAR")]).encode("utf-8", "replace")


def _whole(one: Json, master: Json | None) -> Json:
    """An exception with what a provider leaves out of a cancelled one: that it has of its series."""
    if one.get("status") != "cancelled" or master is None:
        return {**one, "start": one.get("start") or original(one)}
    start, end = moment_of(master.get("start") or {}), moment_of(master.get("end") or {})
    at = moment_of(original(one))
    made: dict[str, Any] = {
        k: v for k, v in master.items() if k not in ("recurrence", "extendedProperties", "id")
    }
    made |= {"start": original(one), "end": original(one)}
    if start and end and at:
        until = at + (end - start)
        form = {"date": f"{until:%Y-%m-%d}"} if original(one).get("date") else {"dateTime": until.isoformat()}
        made["end"] = {**{k: v for k, v in original(one).items() if k == "timeZone"}, **form}
    return {**made, **one}


class _Writer:
    """Writes the events of one UID, and remembers the zones they are in."""

    def __init__(self, uid: str, me: str, zone: str) -> None:
        self._uid, self._me, self._zone = uid, me, zone
        self.zones: dict[str, int] = {}
        """By name, with the first year in it."""

    def event(self, event: Json, *, left_out: Sequence[Json] = (), signed: Sequence[str] = ()) -> str:
        repeats = [r for r in (_repeat(line) for line in event.get("recurrence") or ()) if r]
        series = bool(repeats or left_out or event.get("recurringEventId"))
        start, end = event.get("start") or {}, event.get("end") or {}
        named = original(event) if event.get("recurringEventId") else {}
        kind = str(event.get("eventType") or "default")
        private = (event.get("extendedProperties") or {}).get("private") or {}
        effects = [*signed, *str(private.get(EFFECTS) or "").split()]
        # What somebody else called changes here with every answer: when says nothing of their messages.
        theirs = not (event.get("organizer") or {"self": True}).get("self")
        lines = [
            content("BEGIN", "VEVENT"),
            content("UID", self._uid),
            *([] if theirs else _stamp("DTSTAMP", event.get("updated") or event.get("created"))),
            *_stamp("CREATED", event.get("created")),
            *self._time("RECURRENCE-ID", named, series),
            *self._time("DTSTART", start, series),
            *self._time("DTEND", end, series),
            *repeats,
            *(line for e in left_out for line in self._time("EXDATE", original(e), True)),
            content("SUMMARY", escape(_text(event.get("summary")))),
            *_said("DESCRIPTION", event.get("description")),
            *_said("LOCATION", event.get("location")),
            content("SEQUENCE", str(_number(event.get("sequence")))),
            *_among("STATUS", event.get("status"), {"tentative": "TENTATIVE", "cancelled": "CANCELLED"}),
            *_among("CLASS", event.get("visibility"), _CLASS),
            *_among("X-MICROSOFT-CDO-BUSYSTATUS", kind, _SHOWN_AS),
        ]
        if event.get("transparency") == "transparent" or kind in _FREE:
            lines.append(content("TRANSP", "TRANSPARENT"))
        lines += [*self._people(event, private), *_conference(event), *_attached(event)]
        if private.get(HELD):
            lines.append(content(HOLD, one_line(private[HELD])))
        lines += [content(EFFECT, one_line(key)) for key in dict.fromkeys(effects)]
        return "".join([*lines, content("END", "VEVENT")])

    def _time(self, name: str, time: Json, series: bool) -> list[str]:
        """A time as a line; none where it cannot be read, which whoever reads the event says then."""
        if (date := time.get("date")) and DATE.match(str(date)):
            return [content(name, str(date).replace("-", ""), VALUE="DATE")]
        named = one_line(time.get("timeZone")) or self._zone
        zone, at = iana(named), moment_of(time, self._zone)
        if at is None:
            return []
        if zone is None:
            # One moment is one moment, whatever its zone is called; what repeats depends on it.
            if series and time.get("timeZone"):
                return [content(name, f"{at:%Y%m%dT%H%M%S}", TZID=named)]
            zone = ZoneInfo("UTC")
        if zone.key != "UTC":
            self.zones[zone.key] = min(self.zones.get(zone.key, at.year), at.year)
        return [zoned_line(name, at, zone, repeats=series)]

    def _people(self, event: Json, private: Json) -> list[str]:
        invited = [a for a in event.get("attendees") or () if isinstance(a, Mapping)]
        organizer = event.get("organizer") or {}
        # Whoever is invited under both addresses stands there twice, and stays who it is.
        twice = any(not a.get("self") and one_line(a.get("email")).lower() == self._me for a in invited)
        me = "" if twice else self._me
        lines = []
        if organizer and (invited or not (organizer.get("self") and self._me)):
            lines.append(_person("ORGANIZER", _address(organizer, me), organizer, {}))
        replied = dict(p.split(" ", 1) for p in str(private.get(ANSWERED) or "").split(";") if " " in p)
        for one in invited:
            address = _address(one, me)
            room = bool(one.get("resource"))
            params = {
                "CUTYPE": "ROOM" if room else "",
                "ROLE": "NON-PARTICIPANT"
                if room
                else "OPT-PARTICIPANT"
                if one.get("optional")
                else "REQ-PARTICIPANT",
                "PARTSTAT": STATUS.get(str(one.get("responseStatus")), "NEEDS-ACTION"),
                "RSVP": "TRUE" if one.get("responseStatus", "needsAction") == "needsAction" else "",
                REPLY_COMMENT: _text(one.get("comment")),
                REPLIED: one_line(replied.get(address)),
            }
            lines.append(_person("ATTENDEE", address, one, params))
        return lines


def _address(person: Json, me: str) -> str:
    """Under which address somebody is in an event: `me` for whose calendar it is."""
    return me if me and person.get("self") else one_line(person.get("email")).lower()


@lru_cache(256)
def _vtimezone(name: str, year: int) -> str:
    return vtimezone(ZoneInfo(name), datetime(year, 6, 1, tzinfo=UTC))


def _person(name: str, address: str, said: Json, params: Mapping[str, str]) -> str:
    named = one_line(said.get("displayName"))
    given = {"CN": named, **params}
    return content(name, f"mailto:{address}", **{k: v for k, v in given.items() if v})


def _conference(event: Json) -> list[str]:
    """How to join (RFC 7986 5.11)."""
    points = (event.get("conferenceData") or {}).get("entryPoints") or ()
    found = {
        one_line(p.get("uri")): str(p.get("entryPointType") or "") for p in points if isinstance(p, Mapping)
    }
    if not found and event.get("hangoutLink"):
        found = {one_line(event["hangoutLink"]): "video"}
    features = {"video": "VIDEO", "phone": "PHONE", "sip": "AUDIO"}
    return [
        content("CONFERENCE", uri, VALUE="URI", **({"FEATURE": features[kind]} if kind in features else {}))
        for uri, kind in found.items() if uri
    ]  # fmt: skip


def _attached(event: Json) -> list[str]:
    given = [a for a in event.get("attachments") or () if isinstance(a, Mapping)]
    return [
        content("ATTACH", url, FILENAME=one_line(a.get("title")))
        for a in given
        if (url := one_line(a.get("fileUrl")))
    ]


def _repeat(line: Any) -> str:
    """One of the lines that say how an event repeats; empty where it is something else."""
    read = parse(one_line(line))
    if read is None or read.name not in _REPEATS:
        return ""
    return content(read.name, read.value, **{k.replace("-", "_"): v for k, v in read.params.items()})


def _stamp(name: str, value: Any) -> list[str]:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return []
    return [content(name, f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}")] if at.tzinfo else []


def _said(name: str, value: Any) -> list[str]:
    return [content(name, escape(text))] if (text := _text(value)) else []


def _among(name: str, value: Any, meant: Mapping[str, str]) -> list[str]:
    return [content(name, meant[value])] if isinstance(value, str) and value in meant else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 10**9 else 0
