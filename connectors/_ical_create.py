"""The component of a new event: pure, an operation in, text out."""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_edit import Edited
from deskhand.connectors._ical_lines import Lines, zoned_line
from deskhand.connectors._ical_rules import FINE, Rule
from deskhand.connectors._ical_text import HOLD, content, escape
from deskhand.connectors._ical_zones import vtimezone
from deskhand.connectors.errors import Unsupported
from deskhand.connectors.operations import EventCreate, utc_stamp


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
        lines += _excluded(op, Rule.parse(rule), zone)
    lines += [content("SUMMARY", escape(op.title)), content("SEQUENCE", "0")]
    if op.status != "confirmed":
        lines.append(content("STATUS", op.status.upper()))
    if op.hold_until is not None:
        lines.append(content(HOLD, utc_stamp(op.hold_until)))
    made = Lines("".join([content("BEGIN", "VEVENT"), *lines, content("END", "VEVENT")]))
    made.text("LOCATION", op.location)
    made.text("DESCRIPTION", op.description)
    made.invite(op.attendees, me, rooms=op.rooms)
    made.sign(key)
    timed = not op.all_day and zone.key != "UTC"
    return Edited([str(made)], {zone.key: vtimezone(zone, op.start)} if timed else {})


def _excluded(op: EventCreate, rule: Rule, zone: ZoneInfo) -> list[str]:
    """The EXDATEs of a new series, in the form of its DTSTART (RFC 5545 3.8.5.1).

    :raises Unsupported: it is not held at one of these times anyway, or at none but these.
    """
    if not op.exdates:
        return []
    start = op.start.astimezone(zone)
    midnight = {"hour": 0, "minute": 0, "second": 0} if op.all_day else {}
    first = start.replace(tzinfo=None, **midnight)
    # A clock that skips that time shows another one; the calendar names the one it skips.
    by_day = rule.freq not in FINE and not rule.parts.keys() & {"BYHOUR", "BYMINUTE", "BYSECOND"}
    walls = {m.astimezone(zone).replace(tzinfo=None, microsecond=0, **midnight) for m in op.exdates}
    if by_day:
        walls = {datetime.combine(wall.date(), first.time()) for wall in walls}
    last = max(walls)
    until = rule.until_wall(lambda moment: moment.astimezone(zone).replace(tzinfo=None))
    starts = {first, *takewhile(lambda wall: wall <= last, rule.walk(first, since=first))}
    if (other := min(walls - starts, default=None)) is not None:
        raise Unsupported(f"The series is not held at {other:%Y-%m-%d %H:%M}; that cannot be left out of it.")
    if not rule.endless and not _stays(rule, first, until, walls):
        raise Unsupported("Nothing is left of the series: all of its times are left out.")
    if op.all_day:
        return [content("EXDATE", f"{wall:%Y%m%d}", VALUE="DATE") for wall in sorted(walls)]
    if zone.key == "UTC":
        return [content("EXDATE", f"{wall:%Y%m%dT%H%M%SZ}") for wall in sorted(walls)]
    return [content("EXDATE", f"{wall:%Y%m%dT%H%M%S}", TZID=zone.key) for wall in sorted(walls)]


def _stays(rule: Rule, first: datetime, until: datetime | None, walls: Set[datetime]) -> bool:
    """Whether a rule that ends has a start that is not among these."""
    if first not in walls:
        return True
    later = takewhile(lambda wall: until is None or wall <= until, rule.walk(first, since=first))
    return any(wall not in walls for wall in later)
