"""Recurrences in words to RFC 5545 rules, each with its first slot after now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.times.clocks import exists, instant, wall
from deskhand.agent.times.dates import shifted
from deskhand.agent.times.hours import options, pairs, part_hours, seconds
from deskhand.agent.times.places import zone_of
from deskhand.agent.times.recur import next_after
from deskhand.agent.times.resolve import extents
from deskhand.agent.times.rules import DAYS
from deskhand.agent.times.scope import Scope, before, naive
from deskhand.agent.times.terms import Clock, Hours, Part, Repeat, whole_days


@dataclass(frozen=True, slots=True)
class Slot:
    """A rule with its first slot: `end` is where that slot ends, when the words say so."""

    rrule: str
    start: datetime
    end: datetime | None
    grain: str


def slots(term: Repeat, scope: Scope) -> list[Slot]:
    """What a recurrence means, the default first.

    The first slot is strictly after now. Where the words name no day ("weekly", "every 2 months"),
    it is the next Monday, first of a month, or first of January; where they name no time, the start
    of that day. A first slot that would fall into the gap of a clock change is left out, since the
    time of day of the rule is that of its first slot.
    """
    found = []
    for at, until, grain in _times(term.time, scope):
        slot = _slot(term, at, until, grain, scope)
        if slot is not None:
            found.append(slot)
    if term.other is not None:
        found += slots(
            replace(term.other, until=term.until, start=term.start, length=term.length, count=term.count),
            scope,
        )
    return found


def _times(time_said: Clock | Part | Hours | None, scope: Scope) -> list[tuple[Clock, Clock | None, str]]:
    if time_said is None:
        return [(Clock(0, sure=True), None, "day")]
    if isinstance(time_said, Clock):
        return [(face, None, face.grain) for face in options(time_said, scope)]
    if isinstance(time_said, Part):
        start, end = part_hours(time_said, scope)
        opening, closing = (Clock(m, sure=True, zone=time_said.zone) for m in (start, end))
        return [(opening, closing, "part")]
    return [(start, end, "minute") for start, end in pairs(time_said, scope)]


def _slot(term: Repeat, at: Clock, until: Clock | None, grain: str, scope: Scope) -> Slot | None:
    if term.freq in ("HOURLY", "MINUTELY"):
        step = timedelta(hours=term.interval) if term.freq == "HOURLY" else timedelta(minutes=term.interval)
        start = (scope.now.astimezone(UTC) + step).replace(second=0, microsecond=0).astimezone(scope.zone)
        return Slot(_rule(term, ""), start, None, "hour" if term.freq == "HOURLY" else "minute")
    place = zone_of(at.zone) if at.zone else scope.zone
    if not isinstance(place, ZoneInfo):
        place = scope.zone
    after, begin = scope.now, scope.now.astimezone(place).date()
    if term.start is not None:
        edge = extents(term.start, scope)[0].start
        if edge is not None and before(after, edge):
            begin = edge.astimezone(place).date()
            after = edge - timedelta(seconds=1)
    first = _first(term, at, begin, after, place)
    if first is None:
        return None
    start = first.astimezone(scope.zone)
    end = None
    if until is not None:
        width = until.minutes - at.minutes
        end = instant(wall(first, place) + timedelta(minutes=width), place).astimezone(scope.zone)
    last = _last(term, start, scope)
    if last and last < f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}":
        return None
    # Monday at eight in Tokyo is Sunday night in Lisbon, where the rule is kept.
    over = (start.date() - first.date()).days
    if over and term.days and not any(nth for _, nth in term.days):
        term = replace(term, days=tuple(sorted(((day + over) % 7, 0) for day, _ in term.days)))
    return Slot(_rule(term, last), start, end, grain)


def _first(term: Repeat, at: Clock, begin: date, after: datetime, place: ZoneInfo) -> datetime | None:
    """The first slot of the rule, as if its interval were 1, from a day on and after an instant."""
    if term.freq == "DAILY" or (term.start is not None and not (term.days or term.month_days)):
        once = "FREQ=DAILY"
    else:
        once = _parts(replace(term, interval=1), anchored=True)
    minutes, extra = at.minutes % 1440, at.minutes // 1440
    clock = time(minutes // 60, minutes % 60, at.seconds)
    # A day at which the clock shows this time, and early enough to miss no slot.
    base = naive(begin - timedelta(days=1 - extra), minutes, at.seconds)
    while not exists(base, place):
        base -= timedelta(days=1)
    anchor = instant(base, place)
    for _ in range(64):
        slot = next_after(once, anchor, after=after, zone=place.key)
        if slot is None or slot.astimezone(place).time() == clock:
            return slot
        after = slot
    return None


def _rule(term: Repeat, until: str) -> str:
    return _parts(term) + (f";UNTIL={until}" if until else f";COUNT={term.count}" if term.count else "")


def _parts(term: Repeat, *, anchored: bool = False) -> str:
    parts = [f"FREQ={term.freq}"]
    if term.interval > 1:
        parts.append(f"INTERVAL={term.interval}")
    if term.month is not None:
        parts.append(f"BYMONTH={term.month}")
    if term.month_days:
        parts.append("BYMONTHDAY=" + ",".join(str(day) for day in term.month_days))
    if term.days:
        parts.append("BYDAY=" + ",".join(f"{nth or ''}{DAYS[day]}" for day, nth in term.days))
    elif anchored and not term.month_days:
        parts += {
            "WEEKLY": ["BYDAY=MO"],
            "MONTHLY": ["BYMONTHDAY=1"],
            "YEARLY": ["BYMONTH=1", "BYMONTHDAY=1"],
        }.get(term.freq, [])
    if term.position:
        parts.append(f"BYSETPOS={term.position}")
    return ";".join(parts)


def _last(term: Repeat, start: datetime, scope: Scope) -> str:
    """UNTIL, in UTC as RFC 5545 asks of a start with a zone: the last second of the day or period named."""
    end: datetime | None = None
    if term.until is not None:
        found = extents(term.until, scope)[0]
        end = found.end or found.start
        if end is not None and before(end, start):
            found = extents(term.until, scope.at(start))[0]
            end = found.end or found.start
    elif term.length is not None:
        if whole_days(term.length):
            end = scope.midnight(shifted(start.date(), term.length, 1))
        else:
            end = start + timedelta(seconds=seconds(term.length))
    return f"{end.astimezone(UTC) - timedelta(seconds=1):%Y%m%dT%H%M%SZ}" if end else ""
