"""Time as the judge of scheduling reads it: minutes since 1970 in UTC, and every clock minute by minute.

In UTC, since arithmetic on two aware times of one zone is wall-clock arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import PARTS, Interval, Part

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = 24 * 60

Clock = tuple[date, int]
"""A local date, and minutes since its midnight as the clock shows them."""


def floor(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // MINUTE


def ceil(moment: datetime) -> int:
    return -((EPOCH - moment.astimezone(UTC)) // MINUTE)


_same: dict[Clock, Clock] = {}
"""One of each: zones share them, which saves most of the memory."""


@cache
def clocks(zone: str, day: int) -> list[Clock]:
    """What the clock of a zone shows at each minute of a day of UTC."""
    there, shown = ZoneInfo(zone), []
    for minute in range(DAY):
        local = (EPOCH + timedelta(days=day, minutes=minute)).astimezone(there)
        at = local.date(), local.hour * 60 + local.minute
        shown.append(_same.setdefault(at, at))
    return shown


def clock(zone: str, minute: int) -> Clock:
    return clocks(zone, minute // DAY)[minute % DAY]


SHOWS: dict[str, Callable[[Clock, Any], bool]] = {
    "before": lambda at, minute: at[1] < minute,
    "from": lambda at, minute: at[1] >= minute,
    "at": lambda at, span: inside(at[1], [span]),
    "in": lambda at, parts: in_parts(at, parts),
    "not in": lambda at, parts: not in_parts(at, parts),
    "on": lambda at, weekdays: at[0].weekday() in weekdays,
    "dates": lambda at, dates: at[0] in dates,
    "outside": lambda at, week: not inside(at[1], week[at[0].weekday()]),
}
"""What a clock can show that bars a minute."""


@cache
def barred(zone: str, day: int, kind: str, what: Hashable) -> bytes:
    """A byte for each minute of a day of UTC: 1 where the clock shows what bars it."""
    return bytes(SHOWS[kind](at, what) for at in clocks(zone, day))


def taken(intervals: Iterable[Interval]) -> list[tuple[int, int]]:
    """What is taken reaches from the minute it begins in to the end of the minute it ends in."""
    return [
        (floor(i.start), ceil(i.end)) for i in intervals if i.start.astimezone(UTC) < i.end.astimezone(UTC)
    ]


def inside(minute: int, spans: Iterable[tuple[int, int]]) -> bool:
    for a, b in spans:  # noqa: SIM110 - asked millions of times
        if a <= minute < b:
            return True
    return False


def in_parts(at: Clock, parts: frozenset[Part]) -> bool:
    return inside(at[1], [PARTS[part] for part in parts])
