"""One UID's VEVENTs read into values (RFC 5545 3.6.1): when they are, how they repeat, who is in them.

Lenient where programs differ, strict where a guess would show a wrong time: an unknown time zone or a
broken rule is a ValueError with a sentence in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from heapq import merge

from deskhand.connectors._html import text_of_html
from deskhand.connectors._ical_rules import Rule
from deskhand.connectors._ical_text import (
    HOLD,
    LARGEST,
    REPLY_COMMENT,
    Group,
    Property,
    group,
    properties,
    scan,
)
from deskhand.connectors._ical_times import Length, When, Zones, duration, length_of, when_of
from deskhand.connectors.model import Participant, Role

_SHOWN_AS = frozenset({"FREE", "TENTATIVE", "BUSY", "OOF", "WORKINGELSEWHERE"})
"""Values of X-MICROSOFT-CDO-BUSYSTATUS ([MS-OXCICAL])."""
_HTML = re.compile(r"<(?:html|body|br|p|div|span|a|ul|ol|li|b|i|table|font|meta)\b[^>]*>", re.I)


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT: a master, or an override of one occurrence."""

    start: When
    length: Length
    rules: tuple[Rule, ...]
    exrules: tuple[Rule, ...]
    """Rules of what is left out: of RFC 2445, gone from RFC 5545, and still in old calendars."""
    rdates: tuple[tuple[When, Length | None], ...]
    exdates: tuple[When, ...]
    recurrence_id: When | None
    this_and_future: bool
    sequence: int
    title: str
    description: str
    location: str
    status: str
    """confirmed, tentative, cancelled."""
    transparent: bool
    people: tuple[Participant, ...]
    privacy: str
    changed: datetime | None
    held: datetime | None
    """Tentative, and only until then (X-DESKHAND-HOLD-UNTIL)."""
    comments: tuple[tuple[str, str], ...]
    """What attendees wrote beside their answers, by address."""
    shown_as: str = ""
    """X-MICROSOFT-CDO-BUSYSTATUS in lower case: free, tentative, busy, oof, workingelsewhere; else empty."""


@dataclass(frozen=True, slots=True)
class Series:
    """All that one UID says: the master, if there is one, and overrides, newest SEQUENCE per occurrence."""

    master: Event | None
    overrides: tuple[Event, ...]

    @property
    def face(self) -> Event:
        """The event that stands for all."""
        return self.master or self.overrides[0]

    @property
    def recurring(self) -> bool:
        m = self.master
        return m is None or bool(m.rules or m.rdates or m.exdates or self.overrides)

    def starts(self, since: datetime, stop: datetime, local: tzinfo) -> Iterator[datetime]:
        """Starts as wall-clock times in the master's zone, in order: DTSTART, rules, RDATEs.

        Some come twice; EXDATEs and overrides are not looked at. Empty without a master.
        """
        if (master := self.master) is None:
            return
        first, tz = master.start.wall, master.start.tz or local

        def wall(moment: datetime) -> datetime:
            return moment.astimezone(tz).replace(tzinfo=None)

        walks: list[Iterator[datetime]] = []
        lasts = [rule.until_wall(wall) for rule in master.rules]
        # A series that ends before it starts has no occurrence: so Google empties one.
        if not lasts or any(last is None or last >= first for last in lasts):
            walks.append(iter([first]))
        for rule, last in zip(master.rules, lasts, strict=True):
            if last is None or last >= first:
                walks.append(within(rule.walk(first, since=since), min(stop, last or stop)))
        walks.append(iter(sorted(wall(when.at(local)) for when, _ in master.rdates)))
        for found in merge(*walks):
            if found > stop:
                return
            if found >= since:
                yield found


def read_series(data: bytes, group: Group, zones: Zones) -> Series:
    """Read one UID. :raises ValueError: a sentence that says what is wrong with it."""
    masters: list[Event] = []
    overrides: dict[datetime, Event] = {}
    for part in group.parts:
        if not part.whole:
            raise ValueError("It is cut short: its END:VEVENT is missing.")
        if part.end - part.start > LARGEST:
            raise ValueError("It is larger than 5 MB.")
        event = _event(properties(part.own(data)), zones)
        if event.recurrence_id is None:
            masters.append(event)
            continue
        key = event.recurrence_id.at(UTC)
        if (old := overrides.get(key)) is None or event.sequence >= old.sequence:
            overrides[key] = event
    # Of the same event twice in a file the newer is meant; the later one where they do not say.
    master = max(enumerate(masters), key=lambda m: (m[1].sequence, m[0]))[1] if masters else None
    return Series(master, tuple(overrides[k] for k in sorted(overrides)))


def series_of(ics: str) -> tuple[str, Series]:
    """The UID and the events of a VCALENDAR that holds one. :raises ValueError: it does not, or is broken."""
    data = ics.encode("utf-8", "replace")
    groups = group(data, scan(data))
    if len(groups) != 1:
        raise ValueError(f"A calendar of one event was expected; it holds {len(groups)}.")
    (uid, only), = groups.items()  # fmt: skip
    return uid, read_series(data, only, Zones(data, only.calendar))


def plain_text(text: str) -> str:
    """Text out of an HTML description; other text as it is."""
    return text_of_html(text).strip() if _HTML.search(text) else text.strip()


def within(walk: Iterator[datetime], last: datetime) -> Iterator[datetime]:
    """Starts in order, up to the last one allowed."""
    for wall in walk:
        if wall > last:
            return
        yield wall


def _event(props: Sequence[Property], zones: Zones) -> Event:
    by: dict[str, list[Property]] = {}
    for p in props:
        by.setdefault(p.name, []).append(p)

    def text(name: str) -> str:
        return by[name][0].text.strip() if name in by else ""

    def upper(name: str) -> str:
        return text(name).upper()

    if "DTSTART" not in by:
        raise ValueError("It has no start (DTSTART).")
    start = when_of(by["DTSTART"][0], zones)
    length = length_of(start, by, zones)
    outlook_all_day = upper("X-MICROSOFT-CDO-ALLDAYEVENT") == "TRUE" and not start.date
    if outlook_all_day and start.wall.time() == time() and not length.span % timedelta(days=1):
        # Outlook writes all-day events as midnight to midnight in some zone.
        start = When(start.wall, None, True)
        length = Length(max(length.span, timedelta(days=1)))
    rid = by.get("RECURRENCE-ID", [None])[0]
    status = upper("STATUS")
    rules, exrules = ({} if rid else _rules(by.get(name, ()), start) for name in ("RRULE", "EXRULE"))
    return Event(
        start=start,
        length=length,
        rules=tuple(rules),
        exrules=tuple(exrules),
        rdates=tuple(_rdate(p, zones) for p in _each(by.get("RDATE", ()))),
        exdates=tuple(when_of(p, zones) for p in _each(by.get("EXDATE", ()))),
        recurrence_id=when_of(rid, zones) if rid else None,
        this_and_future=bool(rid and rid.params.get("RANGE", "").upper() == "THISANDFUTURE"),
        sequence=sequence_of(text("SEQUENCE")),
        title=text("SUMMARY"),
        description=plain_text(text("DESCRIPTION") or text("X-ALT-DESC")),
        location=text("LOCATION"),
        status=status.lower() if status in {"TENTATIVE", "CANCELLED"} else "confirmed",
        transparent=upper("TRANSP") == "TRANSPARENT" or upper("X-MICROSOFT-CDO-BUSYSTATUS") == "FREE",
        people=tuple(
            [person_of(p, "organizer") for p in by.get("ORGANIZER", ())]
            + [person_of(p, "attendee") for p in by.get("ATTENDEE", ())]
        ),
        privacy=upper("CLASS").lower() if upper("CLASS") in {"PRIVATE", "CONFIDENTIAL"} else "public",
        changed=_stamp(by, "LAST-MODIFIED") or _stamp(by, "DTSTAMP"),
        # Another program may have confirmed it and left our note: then it is no hold any more.
        held=_stamp(by, HOLD) if status == "TENTATIVE" else None,
        comments=tuple(
            (person_of(p, "attendee").address, p.params[REPLY_COMMENT][:4_000])
            for p in by.get("ATTENDEE", ())
            if p.params.get(REPLY_COMMENT)
        ),
        shown_as=shown.lower() if (shown := upper("X-MICROSOFT-CDO-BUSYSTATUS")) in _SHOWN_AS else "",
    )


def _rules(props: Sequence[Property], start: When) -> dict[Rule, None]:
    read = (Rule.parse(p.value) for p in props if p.value.strip())
    return {rule: None for rule in read if _means_something(rule, start)}


def _means_something(rule: Rule, start: When) -> bool:
    """False for a rule that never comes true: DTSTART is left (RFC 5545 3.8.5.3), at no further cost."""
    until = rule.until_wall(lambda moment: moment.astimezone(start.tz or UTC).replace(tzinfo=None))
    if until is not None and until < start.wall:
        return True
    return next(rule.walk(start.wall, since=start.wall), None) is not None


def sequence_of(value: str) -> int:
    """A SEQUENCE (RFC 5545 3.8.7.4); 0 where it is none."""
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _each(props: Sequence[Property]) -> Iterator[Property]:
    """A property with a list of values as one property each."""
    return (_with(p, v) for p in props for v in p.value.split(",") if v.strip())


def _rdate(p: Property, zones: Zones) -> tuple[When, Length | None]:
    first, slash, rest = p.value.partition("/")
    start = when_of(_with(p, first), zones)
    if not slash:
        return start, None
    if rest.strip().upper().lstrip("+-").startswith("P"):
        length = duration(rest)
        return start, Length(max(length.span, timedelta(0)), length.elapsed)
    end = when_of(_with(p, rest), zones)
    return start, Length(max(end.at(UTC) - start.at(UTC), timedelta(0)), elapsed=True)


def _with(p: Property, value: str) -> Property:
    return Property(p.name, p.params, value.strip())


_RESOURCES = frozenset({"ROOM", "RESOURCE"})
"""CUTYPE of what is no person (RFC 5545 3.2.3): Exchange and Google write RESOURCE for rooms too."""


def person_of(p: Property, role: Role) -> Participant:
    """An ORGANIZER or ATTENDEE; one who has not answered is `needs-action` (RFC 5545 3.2.12).

    An attendee that is a room or a device has the role "resource".
    """
    given = p.value.strip()
    address = given[7:] if given[:7].lower() == "mailto:" else given
    if "@" not in address:
        address = p.params.get("EMAIL", "")  # an urn: or a path, with the address beside it (RFC 7986 6.2)
    address = re.sub(r"[\s<>]", "", address).lower()
    name = " ".join(p.params.get("CN", "").strip("'\" ").split())
    status = p.params.get("PARTSTAT", "").lower() or ("needs-action" if role == "attendee" else "")
    if role == "attendee" and p.params.get("CUTYPE", "").upper() in _RESOURCES:
        role = "resource"
    return Participant(role, address, "" if name.lower() == address else name, status)


def _stamp(by: Mapping[str, Sequence[Property]], name: str) -> datetime | None:
    try:
        return when_of(by[name][0], {}).at(UTC) if name in by else None
    except (ValueError, KeyError):
        return None
