"""Moments as whole minutes since 1970 in UTC, and back; quickly, since calendars of hundreds of people are
read in one go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from deskhand.agent.slots.intervals.spans import Span

DAY = 24 * 60
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = EPOCH.toordinal()
_MINUTE = timedelta(minutes=1)

_MIDNIGHTS = range(-719_000, 2_930_000)
"""Days since 1970 of which Python knows both midnights in any zone."""


def floor_minute(moment: datetime) -> int:
    """The minute a moment lies in."""
    since = moment - EPOCH
    return since.days * DAY + since.seconds // 60


def ceil_minute(moment: datetime) -> int:
    """The first minute that does not begin before a moment."""
    since = moment - EPOCH
    return since.days * DAY - (-(since.seconds + bool(since.microseconds)) // 60)


def before(one: datetime, other: datetime) -> bool:
    """Whether one moment comes before another. `<` between two times of one zone looks at the wall
    clock alone (PEP 495), so it errs where the clock is turned back."""
    return one - EPOCH < other - EPOCH


def moment(minute: int, zone: ZoneInfo) -> datetime:
    """A minute as an aware datetime."""
    return (EPOCH + minute * _MINUTE).astimezone(zone)


def day_number(day: date) -> int:
    """Days since 1 January 1970."""
    return day.toordinal() - _EPOCH_DAY


class Minutes:
    """Turns moments into minutes since 1970 in UTC.

    Asking a zone for its offset costs more than all the rest. Most days keep one offset from midnight to
    midnight, so it is asked once a day, and a moment of such a day is its wall clock less that offset.
    """

    def __init__(self) -> None:
        self._zones: dict[int, tuple[tzinfo | None, datetime, DayOffsets]] = {}
        """By identity, which the zone kept beside it keeps good: not every zone can be hashed."""

    def covered(self, stretches: Iterable[tuple[datetime, datetime]]) -> list[Span]:
        """The minutes that each of these touches, without those that do not begin before they end."""
        made: list[Span] = []
        zone, epoch, days = self._zone(None)
        for start, end in stretches:
            if start.tzinfo is not zone:
                zone, epoch, days = self._zone(start.tzinfo)
            offset = None
            if end.tzinfo is zone:
                # Between two times of one zone Python subtracts wall clocks (PEP 495).
                since, until = start - epoch, end - epoch
                offset = days[since.days]
                if offset != days[until.days]:
                    offset = None
            if offset is None:
                since, until, offset = start - EPOCH, end - EPOCH, 0
            if since < until:
                last = until.days * DAY - (-(until.seconds + bool(until.microseconds)) // 60)
                made.append((since.days * DAY + since.seconds // 60 - offset, last - offset))
        return made

    def _zone(self, zone: tzinfo | None) -> tuple[tzinfo | None, datetime, DayOffsets]:
        if id(zone) not in self._zones:
            self._zones[id(zone)] = (zone, datetime(1970, 1, 1, tzinfo=zone), DayOffsets(zone))
        return self._zones[id(zone)]


class DayOffsets(dict[int, int | None]):
    """By day since 1970: the offset in minutes that a zone keeps all through that local day; None where it
    changes, or is none of whole minutes. A day has at most one change (see `offsets`), so its midnights
    tell."""

    def __init__(self, zone: tzinfo | None) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, day: int) -> int | None:
        offset = None
        if day in _MIDNIGHTS:
            midnights = [datetime(1970, 1, 1, tzinfo=self._zone) + timedelta(days=day + n) for n in (0, 1)]
            found = {m.replace(fold=fold).utcoffset() for m in midnights for fold in (0, 1)}
            if len(found) == 1 and (one := found.pop()) is not None and not one % timedelta(minutes=1):
                offset = one // timedelta(minutes=1)
        self[day] = offset
        return offset
