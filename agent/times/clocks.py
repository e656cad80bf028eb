"""Wall clocks and instants: what a local date and time is in UTC when clocks jump, and when they do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone ever show this (naive) time."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


def repeats(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone show this (naive) time twice."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first != second and exists(wall, zone)


def instant(wall: datetime, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """The instant, aware in the zone, at which clocks show a naive time.

    A time that is skipped is the first instant after the gap; one that is repeated is the first
    of the two, or the second with `fold=1`.
    """
    if not exists(wall, zone):
        return gap(wall, zone)[1]
    return wall.replace(tzinfo=zone, fold=fold if repeats(wall, zone) else 0)


def gap(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """For a skipped naive time: the naive time at which clocks jump, and the instant they jump to."""
    before, after = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if before is None or after is None or before == after:
        raise ValueError(f"{wall} is not in a gap in {zone.key}")
    # The jump lies between the instants that the two offsets make of this wall time (PEP 495).
    low, high = (wall - after).replace(tzinfo=UTC), (wall - before).replace(tzinfo=UTC)
    while high - low > _SECOND:
        middle = low + ((high - low) // 2) // _SECOND * _SECOND
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return (high + before).replace(tzinfo=None), high.astimezone(zone)


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """The naive time that clocks in the zone show at an aware moment."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
