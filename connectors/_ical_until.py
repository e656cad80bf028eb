"""A series that has an end, with a later one (RFC 5545 3.3.10)."""

from __future__ import annotations

from datetime import UTC, datetime

from deskhand.connectors._ical_event import Series
from deskhand.connectors._ical_lines import Lines
from deskhand.connectors._ical_rules import Rule
from deskhand.connectors._ical_text import content
from deskhand.connectors._ical_times import When
from deskhand.connectors.errors import Missing, Unsupported


def until_of(start: When, last: datetime) -> str:
    """An UNTIL at a wall-clock time, in the form that RFC 5545 3.3.10 asks for beside such a DTSTART."""
    if start.date:
        return f"{last:%Y%m%d}"
    if start.tz is None:
        return f"{last:%Y%m%dT%H%M%S}"
    return f"{last.replace(tzinfo=start.tz).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def extend(until: datetime, series: Series, face: Lines) -> None:
    """Let a series go on until then; a COUNT gives way to it.

    :raises Missing: it does not repeat by a rule.
    :raises Unsupported: it has no end, or goes on longer already.
    """
    master = series.master
    if master is None or not master.rules:
        raise Missing("This event does not repeat by a rule, so it has no end to change.")
    start = master.start
    wall = (until.astimezone(start.tz) if start.tz else until).replace(tzinfo=None, microsecond=0)
    lines = []
    for rule in (Rule.parse(p.value) for p in face.all("RRULE")):
        if rule.endless:
            raise Unsupported("The series has no end, so it goes on anyway.")
        own = rule.until_wall(lambda moment: moment.astimezone(start.tz or UTC).replace(tzinfo=None))
        last = rule.last(start.wall, until=own)
        if last is None or last > wall:
            raise Unsupported(
                "The series goes on longer than that already; to end it sooner, cancel the rest."
            )
        lines.append(content("RRULE", rule.shortened(UNTIL=until_of(start, wall))))
    face.set("RRULE", *lines)
