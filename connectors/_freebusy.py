"""Free-busy times: VFREEBUSY components of calendar files (RFC 5545 3.6.4), and their part in a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from deskhand.connectors._ical_text import Calendar, Property, properties
from deskhand.connectors._ical_times import Zones, duration, when_of
from deskhand.connectors.model import Busy

_NEVER = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Published:
    """One VFREEBUSY: whose time it tells, from when to when, and the stretches that are taken."""

    address: str
    """Of the attendee who answers, else of the organizer who publishes; empty where neither is named."""
    start: datetime
    end: datetime
    busy: tuple[Busy, ...]


def published(data: bytes, calendars: Iterable[Calendar]) -> list[Published]:
    """The VFREEBUSY components of a file. :raises ValueError: one cannot be read; says why."""
    made = []
    for calendar in calendars:
        zones = Zones(data, calendar)
        for part in calendar.parts:
            if part.name == "VFREEBUSY":
                if not part.whole:
                    raise ValueError("its free-busy times are cut short")
                made.append(_published(properties(part.own(data)), zones))
    return made


def _published(props: Sequence[Property], zones: Zones) -> Published:
    by: dict[str, Property] = {}
    for p in props:
        by.setdefault(p.name, p)
    who = by.get("ATTENDEE") or by.get("ORGANIZER")
    address = who.value.strip().lower().removeprefix("mailto:") if who else ""
    busy = [b for p in props if p.name == "FREEBUSY" for b in _periods(p, zones)]
    # Without bounds it does not say how far it is complete: what is taken is known, nothing else.
    bounds = [when_of(by[n], zones).at(UTC) for n in ("DTSTART", "DTEND") if n in by]
    start, end = bounds if len(bounds) == 2 else (_NEVER, _NEVER)
    return Published(address, start, end, tuple(busy))


def _periods(p: Property, zones: Zones) -> Iterable[Busy]:
    """The stretches of one FREEBUSY property; a type nobody knows counts as busy (RFC 5545 3.2.9)."""
    type_ = p.params.get("FBTYPE", "BUSY").upper()
    if type_ == "FREE":
        return
    for value in filter(None, (v.strip() for v in p.value.split(","))):
        first, slash, rest = value.partition("/")
        start = when_of(Property("FREEBUSY", p.params, first), zones).at(UTC)
        if not slash:
            raise ValueError(f"FREEBUSY is {value[:40]!r}, which is no stretch of time")
        if rest.upper().lstrip("+-").startswith("P"):
            end = duration(rest).after(start)
        else:
            end = when_of(Property("FREEBUSY", p.params, rest), zones).at(UTC)
        if end > start:
            away = type_ == "BUSY-UNAVAILABLE"
            yield Busy(start, end, type_ == "BUSY-TENTATIVE", "out-of-office" if away else "busy")


def covered(stretches: Iterable[tuple[datetime, datetime]], *, start: datetime, end: datetime) -> datetime:
    """Up to when these stretches cover a window without a gap; its start where they do not cover that."""
    reached = start
    for low, high in sorted(stretches):
        if low <= reached:
            reached = max(reached, high)
    return min(reached, end)


def within(busy: Iterable[Busy], *, start: datetime, end: datetime) -> tuple[Busy, ...]:
    """What of these stretches lies in a window, each once, in order."""
    low, high = start.astimezone(UTC), end.astimezone(UTC)
    cut = {
        Busy(max(b.start.astimezone(UTC), low), min(b.end.astimezone(UTC), high), b.tentative, b.kind)
        for b in busy
        if b.start < end and b.end > start
    }
    return tuple(sorted(cut))
