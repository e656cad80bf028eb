"""Events of the script as an iCalendar object (RFC 5545), as it stood at a given moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from deskhand.agent.sample.story import Event, Person


def calendar(events: Sequence[Event], *, until: datetime, name: str = "", method: str = "") -> bytes:
    """All events that were there at `until`, with the time zones they use and CRLF line ends."""
    known = [e for e in events if e.created <= until]
    return wrap([c for e in known for c in components(e, until)], name=name, method=method)


def components(event: Event, until: datetime) -> list[icalendar.Event]:
    """One event: its master, then each occurrence that had been moved by `until`."""
    changes = [c for c in event.changes if c.when <= until]
    modified = max([event.created, *(c.when for c in changes)])
    master = _component(event, event.start, modified, sequence=len(changes))
    if event.rule:
        master.add("rrule", icalendar.vRecur.from_ical(event.rule))
    for change in changes:
        if change.to is None:
            master.add("exdate", change.of)
    moved = []
    for change in changes:
        if change.to is not None:
            one = _component(event, change.to, change.when, sequence=len(changes))
            one.add("recurrence-id", change.of)
            moved.append(one)
    return [master, *moved]


def wrap(
    events: Iterable[icalendar.Event], *, name: str = "", method: str = "", around: bytes = b""
) -> bytes:
    """A VCALENDAR of events and a VTIMEZONE for each zone they name.

    `around` is a calendar they take their place in: what it held of the same UIDs goes, all else stays.
    """
    events = list(events)
    if around:
        whole = icalendar.Calendar.from_ical(around)
    else:
        whole = icalendar.Calendar()
        whole.add("prodid", "-//Deskhand//Sample workspace//EN")
        whole.add("version", "2.0")
        if method:
            whole.add("method", method)
        if name:
            whole.add("x-wr-calname", name)
    uids = {str(event["uid"]) for event in events}
    others = [c for c in whole.subcomponents if c.name != "VEVENT" or str(c["uid"]) not in uids]
    events += [c for c in others if isinstance(c, icalendar.Event)]
    # In this order, so that a calendar written in steps is the same as one written at once.
    events.sort(key=lambda e: (str(e["uid"]), e["recurrence-id"].to_ical() if "recurrence-id" in e else b""))
    zones = _zones(events)
    names = {key for key, _, _ in zones}
    others = [
        c for c in others if c.name != "VEVENT" and not (c.name == "VTIMEZONE" and str(c["tzid"]) in names)
    ]
    made = [_timezone(ZoneInfo(key), first, last + 2) for key, first, last in zones]
    whole.subcomponents = [*made, *others, *events]
    return bytes(whole.to_ical())


def _zones(events: Iterable[icalendar.Event]) -> list[tuple[str, int, int]]:
    """The zones that events name, each with its first and last year."""
    years: dict[str, set[int]] = {}
    for event in events:
        for field in ("dtstart", "dtend", "recurrence-id"):
            at = getattr(event.get(field), "dt", None)
            if isinstance(at, datetime) and isinstance(at.tzinfo, ZoneInfo) and at.tzinfo.key != "UTC":
                years.setdefault(at.tzinfo.key, set()).add(at.year)
    return [(key, min(years[key]), max(years[key])) for key in sorted(years)]


def _component(event: Event, start: datetime | date, modified: datetime, *, sequence: int) -> icalendar.Event:
    one = icalendar.Event()
    one.add("uid", f"{event.key}@{event.organizer.email.partition('@')[2]}")
    one.add("summary", event.title)
    one.add("dtstart", start)
    one.add("dtend", start + event.length)
    one.add("created", event.created.astimezone(UTC))
    one.add("dtstamp", modified.astimezone(UTC))
    one.add("last-modified", modified.astimezone(UTC))
    one.add("sequence", sequence)
    one.add("status", "TENTATIVE" if event.tentative else "CONFIRMED")
    one.add("transp", "TRANSPARENT" if event.free else "OPAQUE")
    if event.place:
        one.add("location", event.place)
    if event.notes:
        one.add("description", event.notes)
    if len(event.attendees) > 1:
        one.add("organizer", _who(event.organizer))
        for person, answer in event.attendees:
            who = _who(person)
            who.params["PARTSTAT"] = answer
            who.params["ROLE"] = "REQ-PARTICIPANT"
            one.add("attendee", who)
    return one


def _who(person: Person) -> icalendar.vCalAddress:
    who = icalendar.vCalAddress(f"mailto:{person.email}")
    who.params["CN"] = person.name
    return who


def _timezone(zone: ZoneInfo, first: int, last: int) -> icalendar.Timezone:
    """The zone's rules as its transitions from January of `first` to the end of `last`.

    Each onset is written as local time before it, as RFC 5545 3.6.5 wants; the library's own
    `from_tzinfo` writes the hour after.
    """
    whole = icalendar.Timezone()
    whole.add("tzid", zone.key)
    start = datetime(first, 1, 1, tzinfo=UTC)
    whole.add_component(_observance(zone, start, start))
    day = start
    while day.year <= last:
        following = day + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            low, high = day, following
            while high - low > timedelta(minutes=1):
                middle = (low + (high - low) / 2).replace(second=0, microsecond=0)
                if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            whole.add_component(_observance(zone, low, high))
        day = following
    return whole


def _observance(zone: ZoneInfo, before: datetime, at: datetime) -> icalendar.Component:
    old, new = before.astimezone(zone).utcoffset(), at.astimezone(zone).utcoffset()
    daylight = bool(at.astimezone(zone).dst())
    part = icalendar.TimezoneDaylight() if daylight else icalendar.TimezoneStandard()
    part.add("dtstart", (at + (old or timedelta(0))).replace(tzinfo=None))
    part.add("tzoffsetfrom", old)
    part.add("tzoffsetto", new)
    part.add("tzname", at.astimezone(zone).tzname())
    return part
