"""A series moved to another time: its EXDATE, RDATE, RECURRENCE-ID and UNTIL go along."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from deskhand.connectors._ical_event import Series
from deskhand.connectors._ical_lines import Lines, again
from deskhand.connectors._ical_rules import Rule
from deskhand.connectors._ical_text import Property, content
from deskhand.connectors._ical_times import Zones, when_of
from deskhand.connectors.errors import Unsupported

Shift = Callable[[str], str]
"""A DATE or DATE-TIME value, as written, moved along with its series."""

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_STAMP = re.compile(r"(\d{8})(?:T(\d{4,6})(Z?))?\Z", re.I)


def move(start: datetime, series: Series, zones: Zones, components: Sequence[Lines]) -> None:
    """Move what hangs on the times of a series by as much as its start moves.

    :raises Unsupported: its rule fixes a day that the new start is not on.
    """
    master = series.master
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
            lines.set(name, *(again(p, _list(p.value, shifted)) for p in lines.all(name)))
        read, first, last = (lines.first(n) for n in ("RECURRENCE-ID", "DTSTART", "DTEND"))
        named = when_of(read, zones) if read else None
        if named is not None and read is not None and first is not None:
            if when_of(first, zones) == named:  # not moved by itself: it goes along
                lines.set("DTSTART", again(first, shifted(first.value)))
                if last is not None:
                    lines.set("DTEND", again(last, shifted(last.value)))
            lines.set("RECURRENCE-ID", again(read, shifted(read.value)))
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
    return content("RRULE", text) if text != rule.text else again(p, p.value)


def _list(value: str, shifted: Shift) -> str:
    return ",".join("/".join(shifted(v) for v in one.split("/")) for one in value.split(","))
