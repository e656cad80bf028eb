"""The time zone that Graph means: by its name, or of one without a name (a customTimeZone) by its rules.

Microsoft's page on it says that ahead of UTC is positive. What Exchange tells is Windows' own, and the other
way round: UTC is local time plus `bias`, and in summer plus `daylightBias` too, which is below zero.
https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/bias-utc
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_zones import YEARS_ALIKE, alike, iana

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LAST = 5
"""The count of a day in its month that means the last."""


def zone_of(said: Any, year: int) -> ZoneInfo | None:
    """The zone of a name (of Windows' or IANA's) or a `timeZoneBase`; None where nobody can say which it is.

    Of a custom zone it is one whose clocks do the same from that year on.
    """
    if not isinstance(said, Mapping):
        return iana(str(said)) if said else None
    return iana(str(said.get("name") or "")) or _custom(said, year)


def _custom(said: Mapping[str, Any], year: int) -> ZoneInfo | None:
    bias = said.get("bias")
    summer, winter = (_object(said.get(n)) for n in ("daylightOffset", "standardOffset"))
    if not isinstance(bias, int):
        return None
    offset = -timedelta(minutes=bias)
    more = summer.get("daylightBias") or 0
    if not more or not summer.get("month") or not winter.get("month"):
        return alike((offset, ()), year)
    if not isinstance(more, int) or more > 0:
        return None  # in summer a clock is put forward: by which sign it is told, nobody knows
    changes = list[tuple[datetime, timedelta]]()
    for n in range(YEARS_ALIKE):
        try:
            to_summer, to_winter = _moment(summer, year + n), _moment(winter, year + n)
        except (ValueError, TypeError, LookupError):
            return None
        both = [(to_summer, offset - timedelta(minutes=more)), (to_winter, offset)]
        changes += sorted(both)
    first = changes[-1][1]
    return alike((first, tuple(changes)), year)


def _moment(said: Mapping[str, Any], year: int) -> datetime:
    """The clock time of a change in a year. :raises ValueError: it is not one that comes every year."""
    clock = re.match(r"(\d\d):(\d\d)(?::(\d\d))?", str(said["time"]))
    if said.get("year") or clock is None:
        raise ValueError("not every year")
    month, count = int(said["month"]), int(said["dayOccurrence"])
    first = date(year, month, 1)
    day = first + timedelta(days=(_DAYS.index(str(said["dayOfWeek"]).lower()) - first.weekday()) % 7)
    days = [day + timedelta(days=7 * n) for n in range(_LAST)]
    inside = [d for d in days if d.month == month]
    at = inside[-1] if count == _LAST else inside[count - 1]
    return datetime.combine(at, time(int(clock[1]), int(clock[2]), int(clock[3] or 0)))


def _object(said: Any) -> Mapping[str, Any]:
    return said if isinstance(said, Mapping) else {}
