"""Which slots of a recurrence its exceptions leave out; RFC 5545 EXDATE is the model.

An exception of grain day, week, month or year leaves out the whole of it; a part of the day or a range
what begins within it; a time of day the slot at that very time.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from deskhand.agent.times.clocks import instant, wall
from deskhand.agent.times.reading import Reading
from deskhand.agent.times.rules import parse

_SECOND = timedelta(seconds=1)


class Slots(Protocol):
    """The slots of a rule, as increasing UTC instants from a little before `since` on."""

    def __call__(self, rrule: str, first: datetime, *, since: datetime, zone: str) -> Iterator[datetime]: ...


class LeftOut:
    """What the exceptions leave out, to be asked about one slot after the other, in order."""

    def __init__(
        self,
        excludes: Sequence[Reading],
        holidays: Container[date],
        *,
        since: datetime,
        zone: ZoneInfo,
        slots: Slots,
    ) -> None:
        self._zone, self._holidays = zone, holidays
        self._covers = [_covered(one, since, zone, slots) for one in excludes]
        self._now = [next(cover, None) for cover in self._covers]

    def has(self, slot: datetime) -> bool:
        """Whether the slot is left out. Slots must come in increasing order."""
        out = slot.astimezone(self._zone).date() in self._holidays
        for place, cover in enumerate(self._covers):
            here = self._now[place]
            while here is not None and here[1] <= slot:
                here = self._now[place] = next(cover, None)
            out = out or (here is not None and here[0] <= slot)
        return out


def _covered(
    reading: Reading, since: datetime, zone: ZoneInfo, slots: Slots
) -> Iterator[tuple[datetime, datetime]]:
    """What a reading covers, as half-open ranges of UTC instants, in order."""
    low, high = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    if reading.kind == "instant" and reading.start is not None:
        start = reading.start.astimezone(UTC)
        yield start, start + _SECOND
    elif reading.kind == "interval" and (reading.start or reading.end):
        yield (
            reading.start.astimezone(UTC) if reading.start else low,
            reading.end.astimezone(UTC) if reading.end else high,
        )
    elif reading.kind == "recurrence" and reading.start is not None:
        first = _earlier(reading.rrule, reading.start, since, zone)
        width = reading.end - reading.start if reading.end is not None else _SECOND
        for slot in slots(reading.rrule, first, since=since - timedelta(days=2), zone=zone.key):
            if reading.grain == "day":
                day = slot.astimezone(zone).date()
                yield _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
            else:
                yield slot, slot + width


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return instant(datetime.combine(day, time()), zone).astimezone(UTC)


def _earlier(rrule: str, first: datetime, since: datetime, zone: ZoneInfo) -> datetime:
    """A start of the exception before everything that is asked about, in step with its interval.

    Its own first slot is the next one after it was said, and the rule it belongs to may begin earlier.
    """
    rule = parse(rrule)
    step = {"DAILY": 1, "WEEKLY": 7}.get(rule.freq, 0) * rule.interval
    if not step and rule.interval > 1:
        return first
    back = max(timedelta(0), first - since) + timedelta(days=400)
    days = -(-back.days // step) * step if step else back.days
    return instant(wall(first, zone) - timedelta(days=days), zone)
