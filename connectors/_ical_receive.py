"""A meeting's message put into one's own calendar: what its organizer sent, under the organizer's UID.

The message is a stranger's text. Alarms in it and notes of ours do not count: an alarm may run a program
or send mail, and a forged note would pass for an effect of ours.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from deskhand.connectors._ical_edit import Edited, Found, override, signed
from deskhand.connectors._ical_event import series_of
from deskhand.connectors._ical_lines import Lines
from deskhand.connectors._ical_text import EFFECT, HOLD, content, group, scan, wrapped
from deskhand.connectors._ical_times import Zones, when_of
from deskhand.connectors._itip_read import CalendarMessage, message_in, outdated, read_itip
from deskhand.connectors.errors import Changed, Missing, Unsupported
from deskhand.connectors.operations import EventReceive

_NOT_THEIRS = (EFFECT, HOLD)
_TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE")


def received(op: EventReceive, it: Found | None, *, uid: str, key: str, me: str, now: datetime) -> Edited:
    """The event as the message has it. `it`: the copy there is.

    :raises Unsupported: it is no REQUEST or CANCEL of this event, or not by the one who called the copy.
    :raises Changed: the copy is newer (RFC 5546 2.1.5). :raises Missing: there is nothing to withdraw.
    """
    said = _message(op, uid)
    if it is None and said.method == "CANCEL":
        raise Missing("The meeting that is called off does not lie in the calendar.")
    if it is not None:
        _from_its_organizer(said, it)
        _not_older(said, it)
    if said.method == "CANCEL" and it is not None:
        return _withdrawn(said, it, key, now)
    text = re.sub(r"\r\n|\n|\r", "\r\n", op.ics)
    data = text.encode("utf-8", "replace")
    calendars = scan(data)
    events = group(data, calendars[:1])[uid]
    zones = Zones(data, events.calendar)
    theirs = [Lines.of(part.own(data)) for part in events.parts]
    for lines in theirs:
        lines.drop(*_NOT_THEIRS)
        if op.status and (who := op.address or me):
            lines.answer(who, op.status, at=None, comment="")
    if it is not None:
        theirs = _merged(theirs, zones, it)
    next((c for c in theirs if c.first("RECURRENCE-ID") is None), theirs[0]).sign(key)
    named = {tzid: data[p.start : p.end].decode() for tzid, p in events.calendar.zones.items()}
    return Edited([str(lines) for lines in theirs], named)


def _message(op: EventReceive, uid: str) -> CalendarMessage:
    try:
        said = read_itip(op.ics)
        series_of(op.ics)
    except (ValueError, OverflowError) as e:
        raise Unsupported(f"The invitation cannot be read: {e}") from e
    if said.method not in ("REQUEST", "CANCEL") or said.uid != uid:
        raise Unsupported("It is no invitation to this event, and does not call it off.")
    if said.organizer is None or not said.organizer.address:
        raise Unsupported("It does not say who called the meeting.")
    if any(p.following for p in said.parts):
        raise Unsupported("It changes all occurrences from one on; please take that over in your calendar.")
    return said


def _from_its_organizer(said: CalendarMessage, it: Found) -> None:
    called = next((p.address for p in it.series.face.people if p.role == "organizer"), "")
    if said.organizer is None or called != said.organizer.address:
        raise Unsupported(f"The event that is there was called by {called or 'nobody else'}.")


def _not_older(said: CalendarMessage, it: Found) -> None:
    known = message_in(wrapped(it.data, it.group).encode("utf-8", "replace"), "REQUEST")
    if outdated(said, known):
        raise Changed("Your calendar has a newer state of the event than this message.")


def _merged(theirs: list[Lines], zones: Zones, it: Found) -> list[Lines]:
    """The new state: what the message says, and of the copy what it leaves standing."""
    old = it.lines()
    master = next((c for c in theirs if c.first("RECURRENCE-ID") is None), None)
    before = next((c for c in old if c.first("RECURRENCE-ID") is None), None)
    told = {_named(c, zones) for c in theirs}
    if master is not None:
        kept: list[Lines] = []
        if before is not None:
            master = _with_own_alarms(master, it)
            theirs = [master, *(c for c in theirs if c.first("RECURRENCE-ID") is not None)]
            if master.raws(*_TIMES) == before.raws(*_TIMES):  # else what hung on the old times is over
                kept = [c for c in old if c is not before]
    else:
        kept = old
    stay = [c for c in kept if c is before or _named(c, it.zones) not in told]
    return [*theirs, *stay] if master is not None else [*stay, *theirs]


def _with_own_alarms(master: Lines, it: Found) -> Lines:
    """The organizer's event with the alarms the person set in the copy."""
    part = next((p for p in it.group.parts if it.named(Lines.of(it.data[p.start : p.end])) is None), None)
    alarms = b"".join(it.data[a:b] for a, b in part.holes) if part is not None else b""
    end = content("END", "VEVENT")
    text = str(master)
    body = text[: text.upper().rindex("END:VEVENT")]
    return Lines(body + alarms.decode("utf-8", "surrogateescape") + end)


def _named(lines: Lines, zones: Zones) -> datetime | None:
    read = lines.first("RECURRENCE-ID")
    return when_of(read, zones).at(UTC).astimezone(UTC) if read else None


def _withdrawn(said: CalendarMessage, it: Found, key: str, now: datetime) -> Edited:
    """The copy with STATUS:CANCELLED, all of it or the occurrences that are named."""
    components = it.lines()
    chosen: list[tuple[Lines, int]] = []
    for part in said.parts:
        if part.recurrence_id is None:
            chosen += [(lines, part.sequence) for lines in components]
        else:
            chosen.append((override(part.recurrence_id, it, components), part.sequence))
    for lines, sequence in chosen:
        lines.set("STATUS", content("STATUS", "CANCELLED"))
        lines.set("SEQUENCE", content("SEQUENCE", str(sequence)))
        lines.touch(now, mine=False)
    return signed(components, it, key)
