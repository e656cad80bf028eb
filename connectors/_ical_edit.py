"""Event operations as changes of one UID's components: pure, text in, text out.

What is not named by an operation is left as it was written. Moving a series moves what hangs on its
times (EXDATE, RDATE, RECURRENCE-ID, UNTIL) along with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_event import Series, sequence_of, series_of
from deskhand.connectors._ical_lines import Lines, again, span_of, time_line, tzid_of, value_of
from deskhand.connectors._ical_move import move
from deskhand.connectors._ical_text import HOLD, Group, Property, content, group, scan
from deskhand.connectors._ical_times import When, Zones, when_of
from deskhand.connectors._ical_until import extend
from deskhand.connectors.errors import Missing, Unsupported
from deskhand.connectors.operations import EventCancel, EventUpdate, utc_stamp

_TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE")
"""What makes a revision where it changes (RFC 5546 2.1.4), with STATUS."""
_SERIES_ONLY = ("RRULE", "RDATE", "EXDATE", "EXRULE", "X-DESKHAND-EFFECT")


@dataclass(frozen=True, slots=True)
class Edited:
    """What the components of a UID become."""

    components: Sequence[str]
    """In order; empty: the event is taken away."""
    zones: Mapping[str, str] = field(default_factory=dict[str, str])
    """VTIMEZONEs that must be in the calendar, by TZID."""


@dataclass(frozen=True, slots=True)
class Found:
    """The event to change, as it is now."""

    data: bytes
    group: Group
    series: Series
    zones: Zones

    def lines(self) -> list[Lines]:
        return [Lines.of(self.data[p.start : p.end]) for p in self.group.parts]

    def named(self, lines: Lines) -> When | None:
        """The RECURRENCE-ID of one of its components."""
        read = lines.first("RECURRENCE-ID")
        return when_of(read, self.zones) if read else None


def update(op: EventUpdate, found: Found, *, key: str, me: str, now: datetime) -> Edited:
    """The event changed, or one occurrence of it; `following` is for `_ical_split`.

    `start` and `end` of a series are those of its first occurrence. An occurrence that has something of
    its own keeps that; what it has in common with the series changes with it.

    :raises Missing: there is no such occurrence.
    :raises Unsupported: the series' rule fixes a day that the new start is not on, or has no sooner end.
    """
    components = found.lines()
    mine = owned(found.series, me)
    if op.occurrence is not None and found.series.recurring:
        target = override(op.occurrence, found, components)
        before = [target.copy()]
        _write(op, target, found, me)
        _noted([target], before, me=me, mine=mine, now=now)
        return signed(components, found, key)
    if op.occurrence is not None and not found.series.face.start.is_at(op.occurrence):
        raise Missing("The event does not happen at that time.")
    before = [lines.copy() for lines in components]
    face = next((c for c in components if found.named(c) is None), components[0])
    was = face.copy()
    if op.start is not None and found.series.recurring:
        move(op.start, found.series, found.zones, components)
    if op.until is not None:
        extend(op.until, found.series, face)
    _write(op, face, found, me)
    for lines in components:
        if lines is not face:
            _follow(op, lines, face, was, found, me)
    _noted(components, before, me=me, mine=mine, now=now)
    return signed(components, found, key)


def cancel(op: EventCancel, found: Found, *, key: str, me: str, now: datetime) -> Edited:
    """The event called off, or one occurrence of it.

    With others invited, or a room asked for, it stays, STATUS:CANCELLED, so that they can be told; with
    nobody it is taken away, and one occurrence becomes an EXDATE.

    :raises Missing: there is no such occurrence.
    """
    others = any(
        p.role in ("attendee", "resource") and p.address != me.lower()
        for e in (found.series.face, *found.series.overrides)
        for p in e.people
    )
    components = found.lines()
    mine = owned(found.series, me)
    if op.occurrence is not None and found.series.recurring:
        target = override(op.occurrence, found, components)
        if others:
            _call_off(op, target)
            target.touch(now, mine=mine, revised=True)
        else:
            named = target.first("RECURRENCE-ID")
            components.remove(target)
            for lines in components:
                if named is not None and found.named(lines) is None:
                    _exclude(lines, named)
                    lines.touch(now, mine=mine, revised=True)
        return signed(components, found, key) if components else Edited([])
    if op.occurrence is not None and not found.series.face.start.is_at(op.occurrence):
        raise Missing("The event does not happen at that time.")
    if not others:
        return Edited([])
    for lines in components:
        _call_off(op, lines)
        lines.touch(now, mine=mine, revised=True)
    return signed(components, found, key)


def _call_off(op: EventCancel, lines: Lines) -> None:
    lines.set("STATUS", content("STATUS", "CANCELLED"))
    if op.comment:
        lines.text("COMMENT", op.comment)


@dataclass(frozen=True, slots=True)
class Revision:
    """What makes a revision of an event that is put back: the state that others were told of."""

    seen: str
    """A VCALENDAR; empty where nothing is there."""
    me: str
    now: datetime


def restore(ics: str, *, uid: str, key: str, revised: Revision | None = None) -> Edited:
    """The components of a VCALENDAR to put back, as they were or as a `revised` event (RFC 5546 2.1.4).

    Of a revised one the answers count again only where they were for the same time.

    :raises Unsupported: it holds another event, or none.
    """
    data = ics.encode("utf-8", "replace")
    calendars = scan(data)
    groups = group(data, calendars)
    try:
        series_of(ics)
    except ValueError as e:
        raise Unsupported(f"The event to restore cannot be read: {e}") from e
    if list(groups) != [uid]:
        raise Unsupported("The event to restore is another one.")
    components = [Lines.of(data[p.start : p.end]) for p in groups[uid].parts]
    if revised is not None and owned(series_of(ics)[1], revised.me):
        _go_on(components, revised)
    components[0].sign(key)
    zones = {
        tzid: data[p.start : p.end].decode() for calendar in calendars for tzid, p in calendar.zones.items()
    }
    return Edited([str(lines) for lines in components], zones)


def _go_on(components: Sequence[Lines], revised: Revision) -> None:
    """Let the SEQUENCE go on from the highest that was seen."""
    data = revised.seen.encode("utf-8", "replace")
    seen = [Lines.of(data[p.start : p.end]) for c in scan(data) for p in c.parts if p.name == "VEVENT"]
    highest = max(sequence_of(value_of(lines, "SEQUENCE")) for lines in [*components, *seen])
    # As sets of lines: what only lies in another order is the same time.
    same = {raw for c in components for raw in c.raws(*_TIMES)} == {r for c in seen for r in c.raws(*_TIMES)}
    for lines in components:
        if not same:
            lines.ask_again(revised.me)
        lines.touch(revised.now, mine=True)
        lines.set("SEQUENCE", content("SEQUENCE", str(highest + 1)))


def owned(series: Series, me: str) -> bool:
    """Whether it is for this person to revise: nobody else called it (RFC 5546 2.1.4)."""
    organizer = next((p.address for p in series.face.people if p.role == "organizer"), "")
    return not organizer or organizer == me.lower()


def _noted(
    components: Sequence[Lines], before: Sequence[Lines], *, me: str, mine: bool, now: datetime
) -> None:
    """Note of what was changed: when, whether it is a revision, and that answers were for another time."""
    for lines, old in zip(components, before, strict=True):
        if str(lines) == str(old):
            continue
        rescheduled = lines.raws(*_TIMES) != old.raws(*_TIMES)
        if rescheduled and mine:
            lines.ask_again(me)
        revised = rescheduled or lines.raws("STATUS") != old.raws("STATUS")
        lines.touch(now, mine=mine, revised=revised)


def _follow(op: EventUpdate, lines: Lines, face: Lines, was: Lines, found: Found, me: str) -> None:
    """Let one occurrence of a changed series go along in what it had in common with it."""
    for name, given in (("SUMMARY", op.title), ("LOCATION", op.location), ("DESCRIPTION", op.description)):
        if given is not None and value_of(lines, name) == value_of(was, name):
            lines.text(name, given)
    if op.attendees is not None and lines.guests() == was.guests():
        lines.invite(op.attendees, me)
    if op.rooms is not None and lines.guests("resource") == was.guests("resource"):
        lines.invite(None, me, rooms=op.rooms)
    if op.status is not None and value_of(lines, "STATUS") in {value_of(was, "STATUS"), ""}:
        _set_status(op, lines)
    first, old, new = (span_of(c, found.zones) for c in (lines, was, face))
    if op.end is not None and first and old and new and first[1] == old[1] != new[1]:
        start, tzid = first[0], tzid_of(lines.first("DTSTART"))
        if start.date == new[0].date:
            lines.drop("DURATION")
            end = start.at(UTC) + new[1]
            lines.set("DTEND", time_line("DTEND", end, start, tzid))


def signed(components: Sequence[Lines], found: Found, key: str) -> Edited:
    master = next((lines for lines in components if found.named(lines) is None), components[0])
    master.sign(key)
    return Edited([str(lines) for lines in components])


def override(moment: datetime, found: Found, components: list[Lines]) -> Lines:
    """The component of one occurrence: there already, or made of the master's lines and added."""
    for lines in components:
        named = found.named(lines)
        if named is not None and named.is_at(moment):
            return lines
    master = found.series.master
    base = next((lines for lines in components if found.named(lines) is None), None)
    if master is None or base is None:
        raise Missing("The event does not happen at that time.")
    tz = master.start.tz
    wall = (moment.astimezone(tz) if tz else moment).replace(tzinfo=None)
    if master.start.date:
        wall = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    excluded = any(
        when.wall.date() == wall.date() if when.date else when.is_at(moment) for when in master.exdates
    )
    if excluded or wall not in found.series.starts(wall, wall, tz or UTC):
        raise Missing("The event does not happen at that time.")
    made = base.copy()
    made.drop(*_SERIES_ONLY)
    at = wall.replace(tzinfo=tz or UTC)
    tzid = tzid_of(base.first("DTSTART"))
    made.set("RECURRENCE-ID", time_line("RECURRENCE-ID", at, master.start, tzid))
    made.set("DTSTART", time_line("DTSTART", at, master.start, tzid))
    if made.first("DTEND") is not None:
        made.set("DTEND", time_line("DTEND", master.length.after(at), master.start, tzid))
    components.append(made)
    return made


def _write(op: EventUpdate, lines: Lines, found: Found, me: str) -> None:
    """Set what the operation names on one component."""
    for name, value in (("SUMMARY", op.title), ("LOCATION", op.location), ("DESCRIPTION", op.description)):
        if value is not None:
            lines.text(name, value)
    if op.description is not None:
        lines.drop("X-ALT-DESC")  # the same in HTML, now wrong
    if op.attendees is not None or op.rooms is not None:
        lines.invite(op.attendees, me, rooms=op.rooms)
    _set_status(op, lines)
    first, last = lines.first("DTSTART"), lines.first("DTEND")
    if first is None or (op.start is None and op.end is None):
        return
    old = when_of(first, found.zones)
    like, tzid = old, tzid_of(first)
    end_like, end_tzid = (when_of(last, found.zones), tzid_of(last)) if last else (old, tzid)
    start, end = op.start or old.at(UTC), op.end
    if old.date and any(m is not None and m.time() != datetime.min.time() for m in (op.start, op.end)):
        if op.start is None or op.end is None:
            raise Unsupported("An all-day event that is to have a time needs a start and an end.")
        like = end_like = When(old.wall, ZoneInfo("UTC"))
        tzid = end_tzid = ""
    if end is None and last is not None:
        if end_like.tz == old.tz:  # on the wall clock, as it was
            end = (start.astimezone(old.tz) if old.tz else start) + (end_like.wall - old.wall)
        else:
            end = start.astimezone(UTC) + (end_like.at(UTC) - old.at(UTC))
    # RFC 5545 3.6.1: with neither DTEND nor DURATION it ends as it starts, and moved it still does.
    instant = last is None and lines.first("DURATION") is None and not old.date
    if instant and end is not None and op.start is not None and end.astimezone(UTC) == start.astimezone(UTC):
        end = None
    if end is not None and end.astimezone(UTC) <= start.astimezone(UTC):
        raise Unsupported("An event must end after it starts.")
    if op.start is not None:
        lines.set("DTSTART", time_line("DTSTART", start, like, tzid))
    if end is not None:
        lines.drop("DURATION")
        lines.set("DTEND", time_line("DTEND", end, end_like, end_tzid))


def _set_status(op: EventUpdate, lines: Lines) -> None:
    if op.status is not None:
        lines.set("STATUS", content("STATUS", op.status.upper()))
    if op.status == "confirmed":
        lines.drop(HOLD)
    elif op.hold_until is not None:
        lines.set(HOLD, content(HOLD, utc_stamp(op.hold_until)))


def _exclude(lines: Lines, named: Property) -> None:
    kept = [again(p, p.value) for p in lines.all("EXDATE")]
    params = {k: v for k, v in named.params.items() if k != "RANGE"}
    lines.set("EXDATE", *kept, again(Property("EXDATE", params, ""), named.value))
