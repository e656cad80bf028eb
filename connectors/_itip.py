"""An event as an invitation or its withdrawal, to be sent by mail (RFC 5546, RFC 6047)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal

from deskhand.connectors._ical_event import Zones, series_of, when_of
from deskhand.connectors._ical_text import EFFECT, content, parse, physical, scan
from deskhand.connectors.model import Item

_PRIVATE = {EFFECT, "X-MOZ-LASTACK", "X-MOZ-GENERATION", "X-MOZ-SNOOZE-TIME"}
_NOT_IN_CANCEL = {"RRULE", "RDATE", "EXDATE", "ATTACH"}
_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")


def invitation(
    event: Item | str, method: Literal["REQUEST", "CANCEL"], *, occurrence: datetime | None = None
) -> str:
    """An iTIP object of an event Item or of its VCALENDAR, without alarms and notes of ours.

    CANCEL says STATUS:CANCELLED, with a SEQUENCE one higher unless the event is cancelled already (our
    own `event.cancel` counted it up). `occurrence` keeps only the override of that one time; it is what
    to send after one occurrence was changed or cancelled.

    :raises ValueError: nobody is invited or nobody invites (RFC 5546 3.2.2, 3.2.5), or no such occurrence.
    """
    ics = event if isinstance(event, str) else str(event.data.get("ics", ""))
    _, series = series_of(ics)
    roles = {p.role for e in (series.face, *series.overrides) for p in e.people}
    if not {"organizer", "attendee"} <= roles:
        raise ValueError("An invitation needs an organizer and somebody invited.")
    blocks = _blocks(ics)
    wanted = [b for name, b in blocks if name == "VEVENT"]
    if occurrence is not None:
        named = occurrence.astimezone(UTC)
        times = {o.recurrence_id.at(UTC).astimezone(UTC) for o in series.overrides if o.recurrence_id}
        if named not in times:
            raise ValueError(f"The event has no occurrence of its own at {occurrence.isoformat()}.")
        wanted = [b for b in wanted if _names(b, named, ics)]
    elif method == "CANCEL":
        wanted = [b for b in wanted if not _has(b, "RECURRENCE-ID")] or wanted
    zones = [b for name, b in blocks if name == "VTIMEZONE"]
    head = [content("BEGIN", "VCALENDAR"), content("PRODID", "-//Deskhand//EN"), content("VERSION", "2.0")]
    head += [content("CALSCALE", "GREGORIAN"), content("METHOD", method)]
    events = [_outgoing(b, method) for b in wanted]
    return "".join([*head, *zones, *events, content("END", "VCALENDAR")])


def _blocks(ics: str) -> list[tuple[str, str]]:
    data = ics.encode("utf-8", "replace")
    return [(p.name, data[p.start : p.end].decode("utf-8", "replace")) for c in scan(data) for p in c.parts]


def _has(block: str, name: str) -> bool:
    return any(n == name for n, _ in physical(block))


def _names(block: str, moment: datetime, ics: str) -> bool:
    data = ics.encode("utf-8", "replace")
    zones = Zones(data, scan(data)[0])
    for name, raw in physical(block):
        prop = parse(_FOLD.sub("", raw).rstrip("\r\n")) if name == "RECURRENCE-ID" else None
        if prop is not None:
            return when_of(prop, zones).at(UTC).astimezone(UTC) == moment
    return False


def _outgoing(block: str, method: str) -> str:
    lines = [(n, raw) for n, raw in physical(block) if n and n not in _PRIVATE and n != "BEGIN"]
    lines = [(n, raw) for n, raw in lines if n != "END"]
    if method == "CANCEL":
        lines = [(n, raw) for n, raw in lines if n not in _NOT_IN_CANCEL]
        value = {n: _FOLD.sub("", raw).rpartition(":")[2].strip() for n, raw in lines}
        if value.get("STATUS", "").upper() != "CANCELLED":
            said = value.get("SEQUENCE", "0")
            sequence = str(int(said) + 1 if said.isdigit() else 1)
            lines = [(n, raw) for n, raw in lines if n not in {"STATUS", "SEQUENCE"}]
            lines.append(("SEQUENCE", content("SEQUENCE", sequence)))
            lines.append(("STATUS", content("STATUS", "CANCELLED")))
    body = "".join(raw for _, raw in lines)
    return content("BEGIN", "VEVENT") + body + content("END", "VEVENT")
