"""What a calendar message says (iTIP, RFC 5546), as a value: read from text that anybody may have written.

Everything in it is bounded, and nothing in it is believed: who it says it comes from is a claim.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from deskhand.connectors._ical_event import person_of, plain_text, sequence_of
from deskhand.connectors._ical_rules import Rule
from deskhand.connectors._ical_text import Part, Property, group, properties, scan
from deskhand.connectors._ical_times import Zones, length_of, when_of
from deskhand.connectors._ical_zones import iana
from deskhand.connectors.model import Participant

Method = Literal["PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"]
METHODS: tuple[Method, ...] = get_args(Method)

LARGEST = 1_000_000
"""Bytes of a message that is read; a larger one is no meeting."""

_MOST_PEOPLE = 200
_MOST_OCCURRENCES = 50
_LONGEST = 500
_LONGEST_TEXT = 4_000
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NEEDS_A_TIME = frozenset({"PUBLISH", "REQUEST", "ADD", "COUNTER"})


@dataclass(frozen=True, slots=True)
class CalendarMessage:
    """One calendar message: a request, an answer, another proposal, a withdrawal.

    Times are aware. Those of an all-day or floating event stand as if they were UTC, as in an Item.
    """

    method: Method
    uid: str
    sequence: int = 0
    """Counts the organizer's revisions (RFC 5546 2.1.4); an answer names the one it answers."""
    recurrence_id: datetime | None = None
    """The one occurrence it is about; None: the event, or the whole series."""
    dtstamp: datetime | None = None
    """When the message was made: orders those of one sender and SEQUENCE (RFC 5546 2.1.5)."""
    organizer: Participant | None = None
    attendees: tuple[Participant, ...] = ()
    """With their PARTSTAT in `status`. Of a REPLY: the one who answers."""
    summary: str = ""
    start: datetime | None = None
    end: datetime | None = None
    """Of a COUNTER: the time that is proposed."""
    zone: str = ""
    """IANA name; empty for dates, floating times, UTC and zones only the message knows."""
    all_day: bool = False
    floating: bool = False
    location: str = ""
    description: str = ""
    comment: str = ""
    rrule: str = ""
    status: str = ""
    """confirmed, tentative, cancelled, or nothing said."""
    following: bool = False
    """It is about this occurrence and all after it (RANGE=THISANDFUTURE)."""
    occurrences: tuple[CalendarMessage, ...] = field(default=())
    """What the same message says of single occurrences, besides."""

    @property
    def parts(self) -> tuple[CalendarMessage, ...]:
        """Itself and `occurrences`: all that is said, one by one."""
        return (self, *self.occurrences)


def read_itip(data: bytes | str) -> CalendarMessage:
    """Read a calendar message.

    :raises ValueError: it is none, or is broken; the sentence says what is wrong.
    """
    data = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if len(data) > LARGEST:
        raise ValueError("The calendar message is larger than 1 MB.")
    calendars = scan(data)
    if not calendars:
        raise ValueError("It is no calendar.")
    head = properties(calendars[0].head)
    said = next((p.value.strip().upper() for p in head if p.name == "METHOD"), "")
    if said not in METHODS:
        raise ValueError(f"Its METHOD is {said[:40]!r}, which is none of a meeting's.")
    return message_in(data, said)


def message_in(data: bytes, method: Method) -> CalendarMessage:
    """The events of one VCALENDAR as a message of this method. :raises ValueError: see `read_itip`."""
    calendars = scan(data)
    groups = group(data, calendars[:1])
    if len(groups) != 1:
        raise ValueError(f"A calendar message is about one event; this one holds {len(groups)}.")
    (uid, only), = groups.items()  # fmt: skip
    if uid.startswith("no-uid-"):
        raise ValueError("It names no event (UID).")
    zones = Zones(data, only.calendar)
    try:
        read = [_message(data, part, zones, method, uid) for part in only.parts[:_MOST_OCCURRENCES]]
    except OverflowError as e:
        raise ValueError("It has a time no calendar shows.") from e
    first = next((m for m in read if m.recurrence_id is None), read[0])
    others = tuple(m for m in read if m is not first)
    return replace(first, occurrences=others)


def stale(message: CalendarMessage, *, sequence: int, dtstamp: datetime | None = None) -> bool:
    """Whether a message comes too late: something newer is known already (RFC 5546 2.1.5).

    :param sequence: the SEQUENCE known: of the own event for an answer to it, of the copy in the own
        calendar for a request or a withdrawal.
    :param dtstamp: of the last message taken from the same sender at that SEQUENCE, if there was one.
    """
    if message.sequence != sequence:
        return message.sequence < sequence
    return dtstamp is not None and message.dtstamp is not None and message.dtstamp < dtstamp


def outdated(said: CalendarMessage, known: CalendarMessage) -> bool:
    """Whether some part of a message is older than what a calendar holds of the same event."""
    for part in said.parts:
        one = _same(part, known)
        if stale(part, sequence=one.sequence, dtstamp=one.dtstamp):
            return True
    return False


def tells_news(said: CalendarMessage, known: CalendarMessage) -> bool:
    """Whether a message says something that the copy `known` in a calendar does not: not one sent twice."""
    if outdated(said, known):
        return False
    for part in said.parts:
        one = _same(part, known)
        if said.method == "CANCEL":
            same = one.status == "cancelled"
        else:
            same = (part.recurrence_id, part.sequence, *_facts(part)) == (
                one.recurrence_id, one.sequence, *_facts(one),
            )  # fmt: skip
        if not same:
            return True
    return False


def _facts(m: CalendarMessage) -> tuple[object, ...]:
    return m.start, m.end, m.all_day, m.rrule, m.summary, m.location, m.description, m.status == "cancelled"


def _same(part: CalendarMessage, known: CalendarMessage) -> CalendarMessage:
    """What the copy says of the same occurrence; where it has nothing of its own, of the series."""
    if part.recurrence_id is None:
        return known
    return next((k for k in known.parts if k.recurrence_id == part.recurrence_id), known)


def to_json(message: CalendarMessage) -> dict[str, Any]:
    """A message as plain JSON, without what it does not say; `from_json` reads it back."""
    made: dict[str, Any] = {}
    for name in (f.name for f in fields(message)):
        value = getattr(message, name)
        if name == "occurrences":
            value = [to_json(o) for o in value]
        elif isinstance(value, datetime):
            value = value.isoformat()
        elif name == "attendees":
            value = [_person_json(p) for p in value]
        elif isinstance(value, Participant):
            value = _person_json(value)
        if value or name == "sequence":
            made[name] = value
    return made


def from_json(made: Mapping[str, Any]) -> CalendarMessage:
    """Read what `to_json` wrote. :raises ValueError: it did not write this."""
    try:
        given = dict(made)
        zone = iana(given["zone"]) if given.get("zone") else None
        for name in ("recurrence_id", "dtstamp", "start", "end"):
            if name in given:
                moment = datetime.fromisoformat(given[name])
                if moment.tzinfo is None:
                    raise ValueError(f"{name} is without a zone")
                given[name] = moment.astimezone(zone if zone and name != "dtstamp" else UTC)
        if "organizer" in given:
            given["organizer"] = Participant("organizer", **given["organizer"])
        given["attendees"] = tuple(
            Participant(**{"role": "attendee", **p}) for p in given.get("attendees", ())
        )
        given["occurrences"] = tuple(from_json(o) for o in given.get("occurrences", ()))
        if given["method"] not in METHODS:
            raise ValueError("no such method")
        return CalendarMessage(**given)
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise ValueError(f"This is no calendar message: {e}") from e


def _message(data: bytes, part: Part, zones: Zones, method: Method, uid: str) -> CalendarMessage:
    if not part.whole:
        raise ValueError("The calendar message is cut short.")
    by: dict[str, list[Property]] = {}
    for p in properties(part.own(data)):
        by.setdefault(p.name, []).append(p)

    def text(name: str, longest: int = _LONGEST) -> str:
        return _clipped(by[name][0].text, longest) if name in by else ""

    named = by.get("RECURRENCE-ID", [None])[0]
    rid = when_of(named, zones) if named else None
    start, end, zone, all_day, floating = _times(by, zones, needed=method in _NEEDS_A_TIME)
    if rid is not None and start is None:
        zone, all_day, floating = rid.zone, rid.date, rid.tz is None and not rid.date
    organizer = next((_person(p, "organizer") for p in by.get("ORGANIZER", ())), None)
    attendees = [_person(p, "attendee") for p in by.get("ATTENDEE", ())[:_MOST_PEOPLE]]
    rule = re.sub(r"\s", "", text("RRULE"))
    if rule:
        Rule.parse(rule)
    status = text("STATUS").lower()
    stamp = by.get("DTSTAMP", [None])[0]
    return CalendarMessage(
        method, uid, sequence_of(text("SEQUENCE")),
        recurrence_id=_zoned(rid.at(UTC), zone) if rid else None,
        dtstamp=when_of(stamp, {}).at(UTC) if stamp and not stamp.params.get("TZID") else None,
        organizer=organizer, attendees=tuple(attendees), summary=text("SUMMARY"), start=start, end=end,
        zone="" if zone == "UTC" else zone, all_day=all_day, floating=floating, location=text("LOCATION"),
        description=_clipped(plain_text(text("DESCRIPTION", _LONGEST_TEXT)), _LONGEST_TEXT),
        comment=_clipped("\n".join(p.text for p in by.get("COMMENT", ())[:10]), _LONGEST_TEXT),
        rrule=rule.upper(), status=status if status in {"confirmed", "tentative", "cancelled"} else "",
        following=bool(named and named.params.get("RANGE", "").upper() == "THISANDFUTURE"),
    )  # fmt: skip


def _times(
    by: Mapping[str, Sequence[Property]], zones: Zones, *, needed: bool
) -> tuple[datetime | None, datetime | None, str, bool, bool]:
    """Start, end, zone, all day, floating. Where a time does not matter, a bad one counts as none."""
    try:
        if "DTSTART" not in by:
            raise ValueError("It has no start (DTSTART).")
        first = when_of(by["DTSTART"][0], zones)
        start = first.at(UTC)
        end = length_of(first, by, zones).after(start)
    except ValueError:
        if needed:
            raise
        return None, None, "", False, False
    if first.tz is not None and not first.zone:  # a zone only the message knows: its moments are kept
        start, end = start.astimezone(UTC), end.astimezone(UTC)
    return start, end, first.zone, first.date, first.tz is None and not first.date


def _zoned(moment: datetime, zone: str) -> datetime:
    return moment.astimezone((iana(zone) if zone else None) or UTC)


def _person(p: Property, role: Literal["organizer", "attendee"]) -> Participant:
    read = person_of(p, role)
    address = _clipped(read.address, 320) if len(read.address) <= 320 else ""
    return Participant(read.role, address, _clipped(read.name, 200), _clipped(read.status, 20))


def _person_json(p: Participant) -> dict[str, str]:
    said = {n: v for n in ("address", "name", "status") if (v := getattr(p, n))} | {"address": p.address}
    return said | ({"role": p.role} if p.role == "resource" else {})


def _clipped(text: str, longest: int) -> str:
    return _UNSAFE.sub("", text.replace("\r\n", "\n")).strip()[:longest]
