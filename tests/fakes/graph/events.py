"""Calendars of the fake Graph: meetings as they lie in one mailbox, and when a series happens.

What repeats is worked out from Graph's own pattern and range, by dateutil: not by way of an RRULE, which is
what the connector makes of it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import rrule
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

Json = Any
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INDEX = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_GOID = "040000008200E00074C5B7101A82E008"
"""How a UID of Exchange begins ([MS-OXOCAL] 2.2.1.27); the date of an occurrence comes next."""
PROPERTIES = "singleValueExtendedProperties"


@dataclass
class Calendar:
    """One calendar of somebody's list."""

    id: str
    name: str
    owner: str
    """Address."""
    default: bool = False
    editable: bool = True


@dataclass
class Meeting:
    """An appointment, a meeting or a series, as one person has it."""

    key: int
    calendar: str
    uid: str
    organizer: str
    """Address."""
    fields: dict[str, Json]
    """As Graph takes them; `start` and `end` as they were given."""
    created: datetime
    answer: str = "organizer"
    answered: datetime | None = None
    changed: int = 0
    cancelled: bool = False
    """The organizer called it off; it lies in the calendar of somebody who was invited."""
    exceptions: dict[date, dict[str, Json]] = field(default_factory=dict[date, dict[str, Json]])
    """What single occurrences have of their own, by the day they would be on."""
    gone: set[date] = field(default_factory=set[date])
    properties: dict[str, str] = field(default_factory=dict[str, str])
    """Extended properties of the whole, by id; those of an occurrence stand in its exception."""

    @property
    def mine(self) -> bool:
        return self.answer == "organizer"

    @property
    def repeats(self) -> bool:
        return bool(self.fields.get("recurrence"))

    @property
    def all_day(self) -> bool:
        return bool(self.fields.get("isAllDay"))

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.fields["start"]["timeZone"])

    def of(self, day: date | None) -> dict[str, Json]:
        """The fields of an occurrence, or of the whole."""
        return self.fields if day is None else {**self.fields, **self.exceptions.get(day, {})}

    def span_original(self, day: date) -> datetime:
        """When an occurrence would start; a whole day at midnight in UTC."""
        return self.original(day).replace(tzinfo=UTC) if self.all_day else self.original(day)

    def original(self, day: date) -> datetime:
        """When an occurrence would start."""
        return datetime.combine(day, wall(self.fields["start"]).time(), self.zone)

    def span(self, day: date | None = None) -> tuple[datetime, datetime]:
        """Start and end, aware; those of a whole day are midnights in UTC."""
        own = self.exceptions.get(day, {}) if day is not None else self.fields
        if "start" in own:
            return tuple(aware(own[n], own.get("isAllDay", self.all_day)) for n in ("start", "end"))  # type: ignore[return-value]
        first, last = wall(self.fields["start"]), wall(self.fields["end"])
        assert day is not None
        at = datetime.combine(day, first.time())
        zone = ZoneInfo("UTC") if self.all_day else self.zone
        return at.replace(tzinfo=zone), (at + (last - first)).replace(tzinfo=zone)

    def days(self, low: datetime, high: datetime) -> Iterator[date]:
        """The days of a series on which it happens in [low, high), by the day it would be on."""
        wide = timedelta(days=2) + (wall(self.fields["end"]) - wall(self.fields["start"]))
        first, last = (low - wide).replace(tzinfo=None), (high + wide).replace(tzinfo=None)
        near = {m.date() for m in rule_of(self).between(first, last, inc=True)} | {*self.exceptions}
        for day in sorted(near - self.gone):
            start, end = self.span(day)
            if start < high and (end > low or start == end >= low):
                yield day

    def inside(self, low: datetime, high: datetime) -> list[str]:
        """What of it a view of a window holds: "" for the whole or the master, days for occurrences."""
        if self.repeats:
            days = [day.isoformat() for day in self.days(low, high)]
            return ["", *days] if days else []
        start, end = self.span()
        return [""] if start < high and (end > low or start == end >= low) else []


@dataclass
class Diary:
    """All that is somebody's in calendars."""

    calendars: dict[str, Calendar] = field(default_factory=dict[str, Calendar])
    meetings: dict[int, Meeting] = field(default_factory=dict[int, Meeting])
    log: list[tuple[str, int, Meeting | None]] = field(
        default_factory=list[tuple[str, int, "Meeting | None"]]
    )
    """What happened: in which calendar, to which meeting, and how that was before."""
    written: list[str] = field(default_factory=list[str])
    """Every write that was done, in words."""
    transactions: dict[str, int] = field(default_factory=dict[str, int])
    shares: bool = True
    """Others may ask when this person is taken."""
    blind: bool = False
    """It is told that this person is taken, but not from when to when exactly."""

    def before(self, meeting: Meeting) -> None:
        """Note how a meeting is, before it changes."""
        self.log.append((meeting.calendar, meeting.key, deepcopy(meeting)))

    def new(self, meeting: Meeting) -> None:
        """Put a meeting in."""
        self.meetings[meeting.key] = meeting
        self.log.append((meeting.calendar, meeting.key, None))

    def touched(self, calendar: str, since: int, low: datetime, high: datetime) -> list[list[Json]]:
        """What a view of a window holds of what changed since, and what it holds no more: key, day, there."""
        rows: list[list[Json]] = []
        for key in dict.fromkeys(k for at, k, _ in self.log[since:] if at == calendar):
            was = next(m for at, k, m in self.log[since:] if (at, k) == (calendar, key))
            now = self.meetings.get(key)
            here = now.inside(low, high) if now is not None and now.calendar == calendar else []
            before = was.inside(low, high) if was is not None else []
            rows += [[key, day, True] for day in here]
            rows += [[key, day, False] for day in before if day not in here]
        return rows


def zone_of(name: str) -> ZoneInfo:
    """A zone by its Windows or IANA name. :raises KeyError: there is none."""
    if name == "UTC":
        return ZoneInfo("UTC")
    return ZoneInfo(WINDOWS_TO_OLSON.get(name, name))


def wall(time: Mapping[str, str]) -> datetime:
    """What the clock shows in a `dateTimeTimeZone`."""
    return datetime.fromisoformat(time["dateTime"]).replace(tzinfo=None, microsecond=0)


def aware(time: Mapping[str, str], all_day: bool = False) -> datetime:
    return wall(time).replace(tzinfo=ZoneInfo("UTC") if all_day else zone_of(time["timeZone"]))


def goid(number: int, day: date | None = None) -> str:
    """A UID as Exchange gives it."""
    date_ = f"{day.year:04X}{day.month:02X}{day.day:02X}" if day else "00000000"
    return f"{_GOID}{date_}{number:032X}10000000{number:032X}"


def dated(uid: str, day: date | None) -> str:
    """The UID of an occurrence: another one for each."""
    if day is None or not uid.startswith(_GOID):
        return uid
    return f"{_GOID}{day.year:04X}{day.month:02X}{day.day:02X}{uid[40:]}"


def foreign(uid: str) -> str:
    """A UID that another program gave, as Exchange keeps it ([MS-OXCICAL] 2.1.3.1.1.20.26)."""
    data = b"vCal-Uid\x01\0\0\0" + uid.encode() + b"\0"
    return f"{_GOID}{0:040X}{len(data).to_bytes(4, 'little').hex()}{data.hex()}".upper()


def key_text(meeting: Meeting) -> str:
    return base64.b64encode(f"EVENT{meeting.key:06d}{meeting.changed:06d}".encode()).decode()


def rule_of(meeting: Meeting) -> Any:
    """When a series happens, on the clock it is kept by; without end, where it has none."""
    said = meeting.fields["recurrence"]
    pattern, range_ = said["pattern"], said["range"]
    first = datetime.combine(
        date.fromisoformat(range_["startDate"]), wall(meeting.fields["start"]).time()
    )  # fmt: skip
    weekdays = [_DAYS.index(d) for d in pattern.get("daysOfWeek") or ()]
    given: dict[str, Any] = {"dtstart": first, "interval": pattern["interval"]}
    match pattern["type"]:
        case "daily":
            freq = rrule.DAILY
        case "weekly":
            freq = rrule.WEEKLY
            given |= {"byweekday": weekdays, "wkst": _DAYS.index(pattern.get("firstDayOfWeek") or "sunday")}
        case "absoluteMonthly":
            # The 31st is the last day of a shorter month.
            freq = rrule.MONTHLY
            day = pattern["dayOfMonth"]
            given |= {"bymonthday": [*range(28, day + 1)] if day > 28 else day, "bysetpos": -1}
        case "relativeMonthly" | "relativeYearly":
            yearly = pattern["type"] == "relativeYearly"
            freq = rrule.YEARLY if yearly else rrule.MONTHLY
            given |= {"byweekday": weekdays, "bysetpos": _INDEX[pattern.get("index") or "first"]}
            given |= {"bymonth": pattern["month"]} if yearly else {}
        case _:
            freq = rrule.YEARLY
            given |= {"bymonth": pattern["month"], "bymonthday": pattern["dayOfMonth"]}
    if range_["type"] == "numbered":
        given["count"] = range_["numberOfOccurrences"]
    elif range_["type"] == "endDate":
        given["until"] = datetime.combine(date.fromisoformat(range_["endDate"]), datetime.max.time())
    return rrule.rrule(freq, cache=True, **given)


def misfit(recurrence: Json, start: Json) -> str:
    """Why Graph would refuse a recurrence; "" where it would not."""
    try:
        pattern, range_ = recurrence["pattern"], recurrence["range"]
        kind, needs = pattern["type"], _NEEDS[pattern["type"]]
        if missing := [n for n in (*needs, "interval") if not pattern.get(n)]:
            return f"a {kind} pattern needs {missing}"
        if range_["type"] == "numbered" and not range_.get("numberOfOccurrences"):
            return "a numbered range needs numberOfOccurrences"
        if range_["type"] == "endDate" and not range_.get("endDate"):
            return "a range with an end needs endDate"
        if range_["startDate"] != wall(start).date().isoformat():
            return "the startDate of the range is not the day of start"
        if range_["type"] == "endDate" and range_["endDate"] < range_["startDate"]:
            return "the range ends before it starts"
    except KeyError as missing_:
        return f"{missing_} is missing"
    return ""


_NEEDS: Mapping[str, tuple[str, ...]] = {
    "daily": (), "weekly": ("daysOfWeek",), "absoluteMonthly": ("dayOfMonth",),
    "relativeMonthly": ("daysOfWeek",), "absoluteYearly": ("dayOfMonth", "month"),
    "relativeYearly": ("daysOfWeek", "month"),
}  # fmt: skip


def shown(moment: datetime, zone: str, *, all_day: bool = False) -> Json:
    """A `dateTimeTimeZone` as Graph tells it: in the zone that was asked for."""
    at = moment if all_day else moment.astimezone(zone_of(zone))
    return {"dateTime": at.replace(tzinfo=None).isoformat(timespec="seconds") + ".0000000", "timeZone": zone}


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
