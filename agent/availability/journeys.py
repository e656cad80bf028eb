"""Time around meetings that no calendar shows: the way to a place and back, and hours kept for work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import Interval, Week
from deskhand.connectors.occurrences import Occurrence

_NOWHERE = re.compile(
    r"://|\b(online|virtual(ly)?|remote(ly)?|video|zoom|teams|(google )?meet|webex|skype|phone|call|tel|dial"
    r"|tba|tbd|tbc)\b|^\W*\+?[\d ()/-]{6,}\W*$",
    re.IGNORECASE,
)
"""In a location, this says that nobody has to go anywhere."""


def journeys(found: Sequence[Occurrence], *, minutes: int, here: Sequence[str], zone: str) -> list[Interval]:
    """The ways to and from meetings that are somewhere else, of so many minutes each.

    Two meetings at the same place on one day of `zone`, with none elsewhere between them, need no way
    between them. All-day events need none. `here`: words, lower case, of places that are no journey away.
    """
    tz = ZoneInfo(zone)
    away = [(o, place) for o in found if not o.all_day and (place := _place(o.location, here))]
    away.sort(key=lambda pair: (pair[0].start.astimezone(UTC), pair[0].end.astimezone(UTC)))
    length = timedelta(minutes=minutes)
    made: list[Interval] = []
    for n, (o, place) in enumerate(away if minutes else ()):
        before, after = away[n - 1] if n else None, away[n + 1] if n + 1 < len(away) else None
        # Subtracted in UTC: half an hour before is half an hour, also when the clocks change.
        if not (before and before[1] == place and _same_day(before[0], o, tz)):
            made.append(_way(o.start.astimezone(UTC) - length, o.start, f"the way to {_told(o)}"))
        if not (after and after[1] == place and _same_day(o, after[0], tz)):
            made.append(_way(o.end, o.end.astimezone(UTC) + length, f"the way from {_told(o)}"))
    return made


def kept(week: Week, *, start: datetime, end: datetime, zone: str) -> Iterator[Interval]:
    """The stretches of a week on the clock of `zone`, in each week of [start, end)."""
    if not any(week):
        return
    tz = ZoneInfo(zone)
    day, last = start.astimezone(tz).date(), end.astimezone(tz).date()
    while day <= last:
        for first, until in week[day.weekday()]:
            low, high = (_clock(datetime.combine(day, time(), tz), m) for m in (first, until))
            yield Interval(low, high, name="time kept for work", meeting=False)
        day += timedelta(days=1)


def _place(location: str, here: Sequence[str]) -> str:
    """What names the place, lower case; empty where no journey is needed."""
    said = " ".join(location[:300].lower().split())
    if not said or _NOWHERE.search(said) or any(word in said for word in here):
        return ""
    return said


def _same_day(one: Occurrence, other: Occurrence, tz: ZoneInfo) -> bool:
    return one.end.astimezone(tz).date() == other.start.astimezone(tz).date()


def _told(o: Occurrence) -> str:
    return "something private" if o.private else o.location.strip()[:100]


def _way(start: datetime, end: datetime, name: str) -> Interval:
    return Interval(start, end, name=name, meeting=False)


def _clock(midnight: datetime, minute: int) -> datetime:
    """A time of that day by the wall clock; minute 1440 is the next midnight."""
    return midnight + timedelta(minutes=minute)
