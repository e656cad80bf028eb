"""When something is, as iCalendar writes it: dates, times on a clock, their zones, and lengths.

RFC 5545 3.3.4 to 3.3.6, 3.6.5. An unknown zone, and what is no time, is a ValueError with a sentence in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_text import (
    Calendar,
    Property,
    properties,
)
from deskhand.connectors._ical_zones import UnknownZone, defined, iana

_WHEN = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?(Z?))?\Z", re.I)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,8})S)?)?\Z", re.I
)


@dataclass(frozen=True, slots=True)
class When:
    """A DATE or DATE-TIME as written: wall-clock time and the zone it is read in."""

    wall: datetime
    """Naive."""
    tz: tzinfo | None
    """None: floating, that is local time wherever it is looked at (RFC 5545 3.3.5, form 1)."""
    date: bool = False

    def at(self, local: tzinfo) -> datetime:
        """The moment, for somebody in this zone."""
        return self.wall.replace(tzinfo=self.tz or local)

    def is_at(self, moment: datetime) -> bool:
        """Whether an aware moment names this: of a date its day, of a floating time what its clock shows."""
        if self.date:
            return self.wall.date() == moment.date()
        if self.tz is None:
            return self.wall == moment.replace(tzinfo=None)
        return self.at(UTC).astimezone(UTC) == moment.astimezone(UTC)

    @property
    def zone(self) -> str:
        """IANA name; empty for dates, floating times and zones only their file knows."""
        return self.tz.key if isinstance(self.tz, ZoneInfo) else ""


@dataclass(frozen=True, slots=True)
class Length:
    """How long something takes: on the wall clock, or in elapsed time, as RFC 5545 3.3.6 has it."""

    span: timedelta
    elapsed: bool = False

    def after(self, start: datetime) -> datetime:
        """The end of what starts at this aware moment."""
        end = start + self.span
        # A start in the hour that spring skips is, by the clock, after an end right behind that hour.
        if self.elapsed or end.astimezone(UTC) < start.astimezone(UTC):
            return (start.astimezone(UTC) + self.span).astimezone(start.tzinfo)
        return end


class Zones:
    """Time zones of one VCALENDAR, resolved as they are asked for."""

    def __init__(self, data: bytes, calendar: Calendar) -> None:
        self._data = data
        self._calendar = calendar
        self._known: dict[str, tzinfo] = {}

    def __getitem__(self, tzid: str) -> tzinfo:
        """:raises UnknownZone: nothing defines it; the sentence names it."""
        if (zone := self._known.get(tzid)) is None:
            zone = self._known[tzid] = iana(tzid) or self._defined(tzid)
        return zone

    def _defined(self, tzid: str) -> tzinfo:
        part = self._calendar.zones.get(tzid.strip())
        if part is None:
            raise UnknownZone(f"Its time zone {tzid[:80]!r} is unknown, and the calendar does not define it.")
        location = next((p.value for p in properties(part.own(self._data)) if p.name == "X-LIC-LOCATION"), "")
        observances = [properties(self._data[a:b]) for a, b in part.holes]
        return defined(tzid, location, observances)


def when_of(p: Property, zones: Mapping[str, tzinfo] | Zones) -> When:
    """A property's DATE or DATE-TIME. :raises ValueError: it is none, or its zone is unknown."""
    match = _WHEN.match(p.value.strip())
    if not match:
        raise ValueError(f"{p.name} is {p.value[:40]!r}, which is no time.")
    year, month, day = (int(match[k]) for k in (1, 2, 3))
    try:
        wall = datetime(  # noqa: DTZ001
            year, month, day, int(match[4] or 0), int(match[5] or 0), min(int(match[6] or 0), 59)
        )
    except ValueError:
        raise ValueError(f"{p.name} is {p.value[:40]!r}, which is no time.") from None
    if not 1583 <= year <= 9000:
        raise ValueError(f"{p.name} is {p.value[:40]!r}, a year no calendar shows.")
    if match[4] is None:
        return When(wall, None, True)
    if match[7]:
        return When(wall, ZoneInfo("UTC"))
    tzid = p.params.get("TZID", "")
    return When(wall, zones[tzid] if tzid else None)


def length_of(start: When, by: Mapping[str, Sequence[Property]], zones: Zones) -> Length:
    """From DTEND, DURATION or the default (RFC 5545 3.6.1); an end before the start counts as the start."""
    least = timedelta(days=1) if start.date else timedelta(0)
    if "DTEND" in by:
        end = when_of(by["DTEND"][0], zones)
        if start.date:
            whole = end.wall.replace(hour=0, minute=0, second=0) - start.wall
            return Length(max(whole, least))
        if end.tz == start.tz or end.date:
            return Length(max(end.wall - start.wall, least))
        return Length(max(end.at(UTC) - start.at(UTC), least), elapsed=True)
    if "DURATION" in by:
        length = duration(by["DURATION"][0].value)
        days = timedelta(days=length.span.days) if start.date else length.span
        if days.days > 400_000:
            raise ValueError("It lasts longer than a calendar shows.")
        return Length(max(days, least), length.elapsed and not start.date)
    return Length(least)


def duration(value: str) -> Length:
    """A DURATION (RFC 5545 3.3.6): days and weeks on the wall clock, the rest in elapsed time."""
    match = _DURATION.match(value.strip())
    if not match or not any(match.groups()[1:]):
        raise ValueError(f"DURATION is {value[:40]!r}, which is no length of time.")
    weeks, days, hours, minutes, seconds = (int(g or 0) for g in match.groups()[1:])
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return Length(-span if match[1] == "-" else span, elapsed=bool(hours or minutes or seconds))
