"""Meetings by mail (iTIP, RFC 5546; sent as RFC 6047 has it): invite, answer, propose, withdraw, and read.

Only the organizer's REQUEST and CANCEL count the SEQUENCE up; an answer carries the SEQUENCE it answers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from deskhand.connectors._ical_event import sequence_of, series_of
from deskhand.connectors._ical_lines import time_line
from deskhand.connectors._ical_text import (
    EFFECT,
    HOLD,
    NOTES,
    content,
    escape,
    parse,
    physical,
    scan,
    with_params,
)
from deskhand.connectors._ical_times import When, Zones, when_of
from deskhand.connectors._ical_zones import iana, vtimezone
from deskhand.connectors._itip_read import (
    METHODS,
    CalendarMessage,
    Method,
    from_json,
    message_in,
    outdated,
    read_itip,
    stale,
    tells_news,
    to_json,
)
from deskhand.connectors.model import Item
from deskhand.connectors.operations import Mailbox, utc_stamp

__all__ = [
    "METHODS", "Answer", "CalendarMessage", "Method", "counter", "decline_counter", "from_json",
    "invitation", "message_of", "outdated", "read_itip", "reply", "stale", "tells_news", "to_json",
]  # fmt: skip

Answer = Literal["accepted", "declined", "tentative"]

_PRIVATE = {EFFECT, HOLD, "X-MOZ-LASTACK", "X-MOZ-GENERATION", "X-MOZ-SNOOZE-TIME"}
_NOT_IN_CANCEL = {"RRULE", "RDATE", "EXDATE", "ATTACH"}
_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")


def invitation(
    event: Item | str,
    method: Literal["REQUEST", "CANCEL"],
    *,
    occurrence: datetime | None = None,
    now: datetime | None = None,
    only: Collection[str] = (),
) -> str:
    """An iTIP object of an event Item or of its VCALENDAR, without alarms and notes of ours.

    CANCEL says STATUS:CANCELLED, with a SEQUENCE one higher unless the event is cancelled already (our
    own `event.cancel` counted it up). `occurrence` keeps only the override of that one time; it is what
    to send after one occurrence was changed or cancelled. DTSTAMP is `now`, when the message is made
    (RFC 5545 3.8.7.2); without it, when the event was changed last.

    `only`: a CANCEL for those addresses alone, who are not invited any more: it names nobody else and says no
    STATUS, since the meeting is held (RFC 5546 3.2.5).

    :raises ValueError: nobody is invited or nobody invites (RFC 5546 3.2.2, 3.2.5), or no such occurrence.
    """
    ics = event if isinstance(event, str) else str(event.data.get("ics", ""))
    _, series = series_of(ics)
    roles = {p.role for e in (series.face, *series.overrides) for p in e.people}
    if "organizer" not in roles or not roles & {"attendee", "resource"}:
        raise ValueError("An invitation needs an organizer and somebody invited.")
    blocks = _blocks(ics)
    wanted = [b for name, b in blocks if name == "VEVENT"]
    if occurrence is not None:
        if not any(o.recurrence_id and o.recurrence_id.is_at(occurrence) for o in series.overrides):
            raise ValueError(f"The event has no occurrence of its own at {occurrence.isoformat()}.")
        wanted = [b for b in wanted if _names(b, occurrence, ics)]
    elif method == "CANCEL":
        wanted = [b for b in wanted if not _has(b, "RECURRENCE-ID")] or wanted
    zones = [b for name, b in blocks if name == "VTIMEZONE"]
    events = [_outgoing(b, method, now, {a.lower() for a in only}) for b in wanted]
    return "".join([*_head(method), *zones, *events, content("END", "VCALENDAR")])


def message_of(
    event: Item | str, method: Method = "REQUEST", *, occurrence: datetime | None = None
) -> CalendarMessage:
    """What a message about an event in a calendar would say; `occurrence` narrows it to that one time.

    With it an event that lies in the calendar can be answered as if its invitation had just come.

    :raises ValueError: it holds no readable event.
    """
    ics = event if isinstance(event, str) else str(event.data.get("ics", ""))
    whole = message_in(ics.encode("utf-8", "replace"), method)
    if occurrence is None:
        return whole
    by_clock = whole.all_day or whole.floating
    at = occurrence.replace(tzinfo=UTC) if by_clock else occurrence.astimezone(UTC)
    for part in whole.parts:
        if part.recurrence_id is not None and part.recurrence_id.astimezone(UTC) == at:
            return replace(part, occurrences=())
    start = at.astimezone((iana(whole.zone) if whole.zone else None) or UTC)
    length = whole.end - whole.start if whole.start and whole.end else timedelta(0)
    return replace(
        whole, recurrence_id=start, start=start, end=start + length, rrule="", occurrences=()
    )  # fmt: skip


def reply(to: CalendarMessage, *, attendee: Mailbox, answer: Answer, now: datetime, comment: str = "") -> str:
    """An attendee's answer to the organizer (RFC 5546 3.2.3), to the occurrence `to` is about or to all.

    :raises ValueError: `to` names no organizer to answer.
    """
    lines = [
        *_common(to, now), _attendee(attendee, answer.upper()), *_times(to), *_said("COMMENT", comment),
    ]  # fmt: skip
    return _written("REPLY", to, lines)


def counter(
    to: CalendarMessage,
    *,
    attendee: Mailbox,
    start: datetime,
    end: datetime,
    now: datetime,
    comment: str = "",
) -> str:
    """An attendee's proposal of another time (RFC 5546 3.2.7); a series keeps its rule.

    :raises ValueError: `to` names no organizer, a time is naive, or the end is not after the start.
    """
    if start.tzinfo is None or end.tzinfo is None or end <= start:
        raise ValueError("A proposal needs an aware start and an end after it.")
    proposed = replace(to, start=start, end=end)
    lines = [
        *_common(to, now), _attendee(attendee, "TENTATIVE"), *_times(proposed), *_said("RRULE", to.rrule),
        *_said("LOCATION", to.location), *_said("COMMENT", comment),
    ]  # fmt: skip
    return _written("COUNTER", proposed, lines)


def decline_counter(proposal: CalendarMessage, *, attendee: Mailbox, now: datetime, comment: str = "") -> str:
    """The organizer's no to a COUNTER (RFC 5546 3.2.8): the meeting stays when it is.

    :param attendee: who proposed it, and gets this.
    :raises ValueError: the proposal names no organizer.
    """
    lines = [*_common(proposal, now), _attendee(attendee, ""), *_said("COMMENT", comment)]
    return _written("DECLINECOUNTER", proposal, lines)


def _common(to: CalendarMessage, now: datetime) -> list[str]:
    if to.organizer is None or not to.organizer.address:
        raise ValueError("The invitation does not say who called the meeting, so nobody can be answered.")
    named = {"CN": to.organizer.name} if to.organizer.name else {}
    lines = [
        content("UID", to.uid),
        content("DTSTAMP", utc_stamp(now)),
        content("SEQUENCE", str(to.sequence)),
        content("ORGANIZER", f"mailto:{to.organizer.address}", **named),
    ]
    if to.recurrence_id is not None:
        lines.append(_time("RECURRENCE-ID", to.recurrence_id, to))
    return [*lines, *_said("SUMMARY", to.summary)]


def _times(of: CalendarMessage) -> list[str]:
    both = (("DTSTART", of.start), ("DTEND", of.end))
    # a point in time has no DTEND (RFC 5545 3.8.2.2: it is later than the start)
    return [_time(n, m, of) for n, m in both if m is not None and (n == "DTSTART" or m != of.start)]


def _time(name: str, moment: datetime, of: CalendarMessage) -> str:
    zone = iana(of.zone) if of.zone else None
    like = When(moment.replace(tzinfo=None), None if of.floating or of.all_day else zone or UTC, of.all_day)
    return time_line(name, moment, like, zone.key if zone else "")


def _said(name: str, text: str) -> list[str]:
    return [content(name, text if name == "RRULE" else escape(text))] if text else []


def _attendee(person: Mailbox, partstat: str) -> str:
    params = {"CN": person.name} if person.name else {}
    params |= {"PARTSTAT": partstat} if partstat else {}
    return content("ATTENDEE", f"mailto:{person.address}", **params)


def _written(method: Method, about: CalendarMessage, lines: Sequence[str]) -> str:
    zone, moment = iana(about.zone) if about.zone else None, about.start or about.recurrence_id
    named = zone is not None and any(f"TZID={zone.key}" in line for line in lines)
    zones = [vtimezone(zone, moment)] if zone and moment and named else []
    event = [content("BEGIN", "VEVENT"), *lines, content("END", "VEVENT")]
    return "".join([*_head(method), *zones, *event, content("END", "VCALENDAR")])


def _head(method: str) -> list[str]:
    head = [content("BEGIN", "VCALENDAR"), content("PRODID", "-//Deskhand//EN"), content("VERSION", "2.0")]
    return [*head, content("CALSCALE", "GREGORIAN"), content("METHOD", method)]


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
            return when_of(prop, zones).is_at(moment)
    return False


def _outgoing(block: str, method: str, now: datetime | None, only: Collection[str] = ()) -> str:
    lines = [(n, raw) for n, raw in physical(block) if n and n not in _PRIVATE and n != "BEGIN"]
    lines = [(n, _told(raw) if n == "ATTENDEE" else raw) for n, raw in lines if n != "END"]
    if method == "CANCEL":
        lines = [(n, raw) for n, raw in lines if n not in _NOT_IN_CANCEL]
        value = {n: _FOLD.sub("", raw).rpartition(":")[2].strip() for n, raw in lines}
        if only:
            lines = [
                (n, raw) for n, raw in lines if n != "STATUS" and (n != "ATTENDEE" or _whose(raw) in only)
            ]
        elif value.get("STATUS", "").upper() != "CANCELLED":
            sequence = sequence_of(value.get("SEQUENCE", "")) + 1
            lines = [(n, raw) for n, raw in lines if n not in {"STATUS", "SEQUENCE"}]
            lines.append(("SEQUENCE", content("SEQUENCE", str(sequence))))
            lines.append(("STATUS", content("STATUS", "CANCELLED")))
    if now is not None:
        lines = [(n, raw) for n, raw in lines if n != "DTSTAMP"]
        lines.insert(0, ("DTSTAMP", content("DTSTAMP", utc_stamp(now))))
    body = "".join(raw for _, raw in lines)
    return content("BEGIN", "VEVENT") + body + content("END", "VEVENT")


def _whose(raw: str) -> str:
    """The address of an attendee's line."""
    return _FOLD.sub("", raw).strip().lower().rpartition("mailto:")[2]


def _told(raw: str) -> str:
    """An attendee's line as the others may see it: without what they wrote to the organizer."""
    said = _FOLD.sub("", raw).upper()
    return with_params(raw, dict.fromkeys(NOTES, "")) if any(n in said for n in NOTES) else raw
