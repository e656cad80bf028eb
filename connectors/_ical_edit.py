"""Event operations as changes of one UID's components: pure, text in, text out.

What is not named by an operation is left as it was written. Moving a series moves what hangs on its
times (EXDATE, RDATE, RECURRENCE-ID, UNTIL) along with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_event import Series, When, Zones, series_of, when_of
from deskhand.connectors._ical_lines import Lines, time_line, zoned_line
from deskhand.connectors._ical_rules import Rule
from deskhand.connectors._ical_text import Group, Property, content, escape, group, scan
from deskhand.connectors._ical_zones import vtimezone
from deskhand.connectors.errors import Missing, Unsupported
from deskhand.connectors.operations import EventCancel, EventCreate, EventRestore, EventUpdate

_SERIES_ONLY = ("RRULE", "RDATE", "EXDATE", "EXRULE", "X-DESKHAND-EFFECT")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Shift = Callable[[str], str]
"""A DATE or DATE-TIME value, as written, moved along with its series."""

_STAMP = re.compile(r"(\d{8})(?:T(\d{4,6})(Z?))?\Z", re.I)


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


def create(op: EventCreate, *, uid: str, key: str, me: str, now: datetime) -> Edited:
    """The component of a new event. :raises Unsupported: a zone or a rule that cannot be written."""
    try:
        zone = ZoneInfo(op.zone)
    except (KeyError, ValueError, OSError):
        raise Unsupported(f"There is no time zone called {op.zone!r}.") from None
    rule = op.rrule.strip().removeprefix("RRULE:")
    if rule:
        try:
            Rule.parse(rule)
        except ValueError as e:
            raise Unsupported(str(e)) from e
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = [content("UID", uid), content("DTSTAMP", stamp), content("CREATED", stamp)]
    if op.all_day:
        first, last = op.start.astimezone(zone), op.end.astimezone(zone)
        end = last.date() if last.time() == datetime.min.time() else last.date() + timedelta(days=1)
        end = max(end, first.date() + timedelta(days=1))
        lines += [
            content("DTSTART", f"{first:%Y%m%d}", VALUE="DATE"),
            content("DTEND", f"{end:%Y%m%d}", VALUE="DATE"),
        ]
    else:
        lines += [
            zoned_line(n, m, zone, repeats=bool(rule)) for n, m in (("DTSTART", op.start), ("DTEND", op.end))
        ]
    if rule:
        lines.append(content("RRULE", rule.upper()))
    lines += [content("SUMMARY", escape(op.title)), content("SEQUENCE", "0")]
    made = Lines("".join([content("BEGIN", "VEVENT"), *lines, content("END", "VEVENT")]))
    made.text("LOCATION", op.location)
    made.text("DESCRIPTION", op.description)
    made.invite(op.attendees, me)
    made.sign(key)
    timed = not op.all_day and zone.key != "UTC"
    return Edited([str(made)], {zone.key: vtimezone(zone, op.start)} if timed else {})


def update(op: EventUpdate, found: Found, *, key: str, me: str, now: datetime) -> Edited:
    """The event changed, or one occurrence of it.

    `start` and `end` of a series are those of its first occurrence.

    :raises Missing: there is no such occurrence.
    :raises Unsupported: the series' rule fixes a day that the new start is not on.
    """
    components = found.lines()
    if op.occurrence is not None and found.series.recurring:
        target = _override(op.occurrence, found, components)
        _write(op, target, found, me)
        target.touch(now)
    else:
        if op.occurrence is not None and not found.series.face.start.is_at(op.occurrence):
            raise Missing("The event does not happen at that time.")
        for lines in components:
            if found.series.master is None or found.named(lines) is None:
                if op.start is not None and found.series.recurring:
                    _move(op.start, found, components)
                _write(op, lines, found, me)
                lines.touch(now)
                break
    return _signed(components, found, key)


def cancel(op: EventCancel, found: Found, *, key: str, me: str, now: datetime) -> Edited:
    """The event called off, or one occurrence of it.

    With others invited it stays, STATUS:CANCELLED, so that they can be told; with nobody it is taken
    away, and one occurrence becomes an EXDATE.

    :raises Missing: there is no such occurrence.
    """
    others = any(
        p.role == "attendee" and p.address != me.lower()
        for e in (found.series.face, *found.series.overrides)
        for p in e.people
    )
    components = found.lines()
    if op.occurrence is not None and found.series.recurring:
        target = _override(op.occurrence, found, components)
        if others:
            target.set("STATUS", content("STATUS", "CANCELLED"))
            target.touch(now)
        else:
            named = target.first("RECURRENCE-ID")
            components.remove(target)
            for lines in components:
                if named is not None and found.named(lines) is None:
                    _exclude(lines, named)
                    lines.touch(now)
        return _signed(components, found, key) if components else Edited([])
    if op.occurrence is not None and not found.series.face.start.is_at(op.occurrence):
        raise Missing("The event does not happen at that time.")
    if not others:
        return Edited([])
    for lines in components:
        lines.set("STATUS", content("STATUS", "CANCELLED"))
        lines.touch(now)
    return _signed(components, found, key)


def restore(op: EventRestore, *, uid: str, key: str) -> Edited:
    """The components an EventRestore brings back. :raises Unsupported: it holds another event, or none."""
    data = op.ics.encode("utf-8", "replace")
    calendars = scan(data)
    groups = group(data, calendars)
    try:
        series_of(op.ics)
    except ValueError as e:
        raise Unsupported(f"The event to restore cannot be read: {e}") from e
    if list(groups) != [uid]:
        raise Unsupported("The event to restore is another one.")
    components = [Lines.of(data[p.start : p.end]) for p in groups[uid].parts]
    components[0].sign(key)
    zones = {
        tzid: data[p.start : p.end].decode() for calendar in calendars for tzid, p in calendar.zones.items()
    }
    return Edited([str(lines) for lines in components], zones)


def _signed(components: Sequence[Lines], found: Found, key: str) -> Edited:
    master = next((lines for lines in components if found.named(lines) is None), components[0])
    master.sign(key)
    return Edited([str(lines) for lines in components])


def _override(moment: datetime, found: Found, components: list[Lines]) -> Lines:
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
    tzid = _tzid(base.first("DTSTART"))
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
    if op.attendees is not None:
        lines.invite(op.attendees, me)
    first, last = lines.first("DTSTART"), lines.first("DTEND")
    if first is None or (op.start is None and op.end is None):
        return
    old = when_of(first, found.zones)
    like, tzid = old, _tzid(first)
    end_like, end_tzid = (when_of(last, found.zones), _tzid(last)) if last else (old, tzid)
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
    if end is not None and end.astimezone(UTC) <= start.astimezone(UTC):
        raise Unsupported("An event must end after it starts.")
    if op.start is not None:
        lines.set("DTSTART", time_line("DTSTART", start, like, tzid))
    if end is not None:
        lines.drop("DURATION")
        lines.set("DTEND", time_line("DTEND", end, end_like, end_tzid))


def _move(start: datetime, found: Found, components: Sequence[Lines]) -> None:
    """Move what hangs on the times of a series by as much as its start moves."""
    master = found.series.master
    if master is None:
        return
    tz, old = master.start.tz, master.start.wall
    new = (start.astimezone(tz) if tz else start).replace(tzinfo=None)
    if master.start.date:
        new = new.replace(hour=0, minute=0, second=0, microsecond=0)
    delta = new - old

    def shifted(value: str) -> str:
        if not (match := _STAMP.match(value.strip())):
            return value
        form = "%Y%m%dT%H%M%S"[: 6 if match[2] is None else None]
        wall = datetime.strptime(match[1] + (match[2] or "").ljust(6, "0"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        if match[3]:
            local = wall.replace(tzinfo=UTC).astimezone(tz or UTC).replace(tzinfo=None) + delta
            return f"{local.replace(tzinfo=tz or UTC).astimezone(UTC):%Y%m%dT%H%M%SZ}"
        whole = timedelta(days=(new.date() - old.date()).days)
        return f"{wall + (whole if match[2] is None else delta):{form}}"

    for lines in components:
        for name in ("RDATE", "EXDATE"):
            lines.set(name, *(_again(p, _list(p.value, shifted)) for p in lines.all(name)))
        named = found.named(lines)
        read, first, last = (lines.first(n) for n in ("RECURRENCE-ID", "DTSTART", "DTEND"))
        if named is not None and read is not None and first is not None:
            if when_of(first, found.zones) == named:  # not moved by itself: it goes along
                lines.set("DTSTART", _again(first, shifted(first.value)))
                if last is not None:
                    lines.set("DTEND", _again(last, shifted(last.value)))
            lines.set("RECURRENCE-ID", _again(read, shifted(read.value)))
        else:
            rules = [_moved_rule(p, old, new, shifted) for p in lines.all("RRULE")]
            lines.set("RRULE", *rules)


def _moved_rule(p: Property, old: datetime, new: datetime, shifted: Shift) -> str:
    rule = Rule.parse(p.value)
    parts = dict(rule.parts)
    if rule.until:
        parts["UNTIL"] = shifted(rule.until)
    days = (new.date() - old.date()).days % 7
    if rule.freq == "WEEKLY" and days and "BYDAY" in parts and "BYSETPOS" not in parts:
        parts["BYDAY"] = ",".join(
            _DAYS[(_DAYS.index(d) + days) % 7] if d in _DAYS else d for d in parts["BYDAY"].split(",")
        )
    text = ";".join(f"{n}={v}" for n, v in parts.items())
    fits = next(rule.walk(old, since=old), None) == old
    if fits and next(Rule.parse(text).walk(new, since=new), None) != new:
        raise Unsupported(
            "The series repeats by a rule that does not allow the new start; "
            "move single occurrences, or make a new series."
        )
    return content("RRULE", text) if text != rule.text else _again(p, p.value)


def _list(value: str, shifted: Shift) -> str:
    return ",".join("/".join(shifted(v) for v in one.split("/")) for one in value.split(","))


def _exclude(lines: Lines, named: Property) -> None:
    kept = [_again(p, p.value) for p in lines.all("EXDATE")]
    params = {k: v for k, v in named.params.items() if k != "RANGE"}
    lines.set("EXDATE", *kept, _again(Property("EXDATE", params, ""), named.value))


def _again(p: Property, value: str) -> str:
    return content(p.name, value, **{k.replace("-", "_"): v for k, v in p.params.items()})


def _tzid(p: Property | None) -> str:
    return p.params.get("TZID", "") if p else ""
