"""How a series repeats: Graph's pattern and range, and the RRULE (RFC 5545 3.3.10) that says the same.

Graph knows six patterns. What they cannot say is refused, never bent to one that is near.
https://learn.microsoft.com/en-us/graph/api/resources/recurrencepattern
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deskhand.connectors._ical_rules import Rule
from deskhand.connectors._ical_times import When
from deskhand.connectors._ical_until import until_of
from deskhand.connectors._ical_zones import iana
from deskhand.connectors.errors import Unsupported

Json = Mapping[str, Any]
_DAYS = {
    "monday": "MO", "tuesday": "TU", "wednesday": "WE", "thursday": "TH", "friday": "FR", "saturday": "SA",
    "sunday": "SU",
}  # fmt: skip
_NAMES = {v: k for k, v in _DAYS.items()}
_WEEK = [*_NAMES]
_INDEX = {"first": "1", "second": "2", "third": "3", "fourth": "4", "last": "-1"}
_ORDINALS = {v: k for k, v in _INDEX.items()}
_ALWAYS = 28
"""Every month has so many days; in a shorter one Outlook takes its last for those that come after."""


def rrule_of(recurrence: Json, start: When) -> str:
    """The value of an RRULE. :raises ValueError: it is nothing that Graph says."""
    try:
        pattern, range_ = recurrence["pattern"], recurrence["range"]
        parts = _parts(pattern)
        every = int(pattern.get("interval") or 1)
        if every > 1:
            parts.insert(1, f"INTERVAL={every}")
        match str(range_.get("type") or "noEnd").lower():
            case "numbered":
                parts.append(f"COUNT={int(range_['numberOfOccurrences'])}")
            case "enddate":
                last = datetime.combine(date.fromisoformat(str(range_["endDate"])[:10]), start.wall.time())
                parts.append(f"UNTIL={until_of(start, last)}")
        return ";".join(parts)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("How it repeats cannot be read.") from error


def _parts(pattern: Json) -> list[str]:
    days = [_DAYS[str(d).lower()] for d in pattern.get("daysOfWeek") or ()]
    kind = str(pattern["type"]).lower()
    if kind == "daily":
        return ["FREQ=DAILY"]
    if kind == "weekly":
        first = _DAYS.get(str(pattern.get("firstDayOfWeek") or "sunday").lower(), "SU")
        week = [f"WKST={first}"] if int(pattern.get("interval") or 1) > 1 else []
        return ["FREQ=WEEKLY", f"BYDAY={','.join(days)}", *week]
    if kind not in ("absolutemonthly", "relativemonthly", "absoluteyearly", "relativeyearly"):
        raise KeyError(kind)
    yearly = kind.endswith("yearly")
    head = [f"FREQ={'YEARLY' if yearly else 'MONTHLY'}"]
    head += [f"BYMONTH={int(pattern['month'])}"] if yearly else []
    if kind.startswith("absolute"):
        return [*head, *_day(int(pattern["dayOfMonth"]), int(pattern["month"]) if yearly else 0)]
    if not days:
        raise KeyError("daysOfWeek")
    index = _INDEX[str(pattern.get("index") or "first").lower()]
    if len(days) == 1:
        return [*head, f"BYDAY={index}{days[0]}"]
    return [*head, f"BYDAY={','.join(days)}", f"BYSETPOS={index}"]


def _day(day: int, month: int) -> list[str]:
    """A day of the month: the last one, where the month is shorter."""
    if day <= _ALWAYS or (month and month != 2):
        return [f"BYMONTHDAY={day}"]
    if day == 31:
        return ["BYMONTHDAY=-1"]
    return [f"BYMONTHDAY={','.join(map(str, range(_ALWAYS, day + 1)))}", "BYSETPOS=-1"]


def recurrence_of(text: str, start: datetime, *, zone: str, all_day: bool) -> dict[str, Any]:
    """What Graph is to be told of an RRULE's value.

    :param start: what the clock shows at the first occurrence, naive; `zone`: the name of that clock.
    :raises Unsupported: Graph cannot say it.
    """
    try:
        rule = Rule.parse(text)
    except ValueError as error:
        raise Unsupported(str(error)) from error
    pattern = _pattern(rule, start)
    if pattern is None or not rule.matches(start):
        raise Unsupported(f"Outlook has no series that repeats like this ({rule.text}).")
    range_: dict[str, Any] = {"type": "noEnd", "startDate": f"{start:%Y-%m-%d}", "recurrenceTimeZone": zone}
    if rule.count is not None:
        range_ |= {"type": "numbered", "numberOfOccurrences": rule.count}
    elif rule.until:
        range_ |= {"type": "endDate", "endDate": _end(rule, start, zone, all_day).isoformat()}
    return {"pattern": {**pattern, "interval": rule.interval}, "range": range_}


def _pattern(rule: Rule, start: datetime) -> dict[str, Any] | None:
    by = {n: v for n, v in rule.parts.items() if n.startswith("BY")}
    day = _WEEK[start.weekday()]
    weekdays = by.get("BYDAY", "").split(",") if "BYDAY" in by else []
    plain = all(d in _NAMES for d in weekdays)
    match rule.freq, frozenset(by):
        case "DAILY", held if not held:
            return {"type": "daily"}
        case "DAILY", held if held == {"BYDAY"} and plain and rule.interval == 1:
            return _weekly(weekdays, "MO")
        case "WEEKLY", held if held <= {"BYDAY"} and plain:
            return _weekly(weekdays or [day], rule.parts.get("WKST", "MO"))
        case "MONTHLY", held:
            return _monthly("Monthly", by, start, {})
        case "YEARLY", held:
            month = by.pop("BYMONTH", str(start.month))
            if not month.isdigit() or ("BYDAY" in by and "BYMONTH" not in rule.parts):
                return None
            return _monthly("Yearly", by, start, {"month": int(month)})
    return None


def _weekly(days: list[str], first: str) -> dict[str, Any]:
    return {"type": "weekly", "daysOfWeek": [_NAMES[d] for d in days], "firstDayOfWeek": _NAMES[first]}


def _monthly(of: str, by: Mapping[str, str], start: datetime, more: Json) -> dict[str, Any] | None:
    position = by.get("BYSETPOS", "")
    days = by.get("BYMONTHDAY", str(start.day) if not by else "")
    if by.keys() <= {"BYMONTHDAY", "BYSETPOS"}:
        for n in range(1, 32):  # by what we make of it ourselves
            said = dict(p.split("=") for p in _day(n, int(more.get("month") or 0)))
            if (said["BYMONTHDAY"], said.get("BYSETPOS", "")) == (days, position):
                return {"type": f"absolute{of}", "dayOfMonth": n, **more}
        return None
    if by.keys() == {"BYDAY"}:
        position, name = by["BYDAY"][:-2].removeprefix("+"), by["BYDAY"][-2:]
        names = [name]
    elif by.keys() == {"BYDAY", "BYSETPOS"}:
        names = by["BYDAY"].split(",")
    else:
        return None
    if position not in _ORDINALS or any(n not in _NAMES for n in names):
        return None
    index = _ORDINALS[position]
    return {"type": f"relative{of}", "daysOfWeek": [_NAMES[n] for n in names], "index": index, **more}


def _end(rule: Rule, start: datetime, zone: str, all_day: bool) -> date:
    """The last day on which it may start."""
    tz = iana(zone) or UTC
    until = rule.until_wall(lambda moment: moment.astimezone(UTC if all_day else tz).replace(tzinfo=None))
    assert until is not None  # noqa: S101 - `recurrence_of` looked
    if until.time() < start.time() and not all_day:
        return until.date() - timedelta(days=1)
    return until.date()
