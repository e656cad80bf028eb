"""One VEVENT as lines that can be set and dropped; the lines not touched stay as they were written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_event import person_of, sequence_of
from deskhand.connectors._ical_text import (
    EFFECT,
    KEPT_EFFECTS,
    REPLIED,
    REPLY_COMMENT,
    Property,
    content,
    escape,
    parse,
    physical,
    with_params,
)
from deskhand.connectors._ical_times import When, Zones, length_of, when_of
from deskhand.connectors.model import Participant, Role
from deskhand.connectors.operations import Mailbox

_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")


class Lines:
    """A component being changed. Its text holds undecodable bytes as surrogates, so that they survive."""

    def __init__(self, component: str) -> None:
        self._lines = list(physical(component))

    @classmethod
    def of(cls, component: bytes) -> Lines:
        return cls(component.decode("utf-8", "surrogateescape"))

    def copy(self) -> Lines:
        return Lines(str(self))

    def __str__(self) -> str:
        return "".join(raw for _, raw in self._lines)

    def all(self, name: str) -> Iterator[Property]:
        """The properties of this name."""
        for n, raw in self._lines:
            if n == name and (read := parse(_FOLD.sub("", raw).rstrip("\r\n"))) is not None:
                yield read

    def first(self, name: str) -> Property | None:
        return next(self.all(name), None)

    def drop(self, *names: str) -> None:
        self._lines = [(n, raw) for n, raw in self._lines if n not in names]

    def set(self, name: str, *lines: str) -> None:
        """Put these lines where the first of this name is, or last; none: it goes."""
        at = next((k for k, (n, _) in enumerate(self._lines) if n == name), None)
        if at is None:
            # before alarms and END, after the last property
            at = next(k for k, (n, _) in enumerate(self._lines) if k and n in {"", "END"})
        kept = [(n, raw) for n, raw in self._lines[:at] if n != name]
        rest = [(n, raw) for n, raw in self._lines[at:] if n != name]
        self._lines = [*kept, *((name, line) for line in lines), *rest]

    def text(self, name: str, value: str) -> None:
        """Set a TEXT property; an empty value drops it."""
        self.set(name, *([content(name, escape(value))] if value else []))

    def raws(self, *names: str) -> tuple[str, ...]:
        """The lines of these names as they are written."""
        return tuple(raw for n, raw in self._lines if n in names)

    def touch(self, now: datetime, *, mine: bool, revised: bool = False) -> None:
        """Say that it was changed now (RFC 5545 3.8.7.3).

        What is `mine` gets a new DTSTAMP, and if it was `revised` the next SEQUENCE (RFC 5546 2.1.4). In
        somebody else's event both stay: they tell which of the organizer's messages is the newest.
        """
        stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        if mine:
            if revised:
                old = self.first("SEQUENCE")
                count = sequence_of(old.value) + 1 if old else 1
                self.set("SEQUENCE", content("SEQUENCE", str(count)))
            self.set("DTSTAMP", content("DTSTAMP", stamp))
        self.set("LAST-MODIFIED", content("LAST-MODIFIED", stamp))

    def sign(self, key: str) -> None:
        """Note the effect that wrote this; the newest three stay."""
        keys = [key, *(p.value.strip() for p in self.all(EFFECT) if p.value.strip() != key)]
        self.set(EFFECT, *(content(EFFECT, k) for k in keys[:KEPT_EFFECTS]))

    def signed(self, key: str) -> bool:
        return any(p.value.strip() == key for p in self.all(EFFECT))

    def invite(
        self, people: Iterable[Mailbox] | None, me: str, *, rooms: Iterable[Mailbox] | None = None
    ) -> None:
        """Make these the attendees, and these the rooms asked for; None leaves them as they are.

        Who is invited already keeps the answer given.
        """
        old = {who.address: (who.role, raw) for raw, who in self._attendees()}
        lines = []
        for role, given, written in (("attendee", people, _attendee), ("resource", rooms, _room)):
            if given is None:
                lines += [raw for raw, who in self._attendees() if who.role == role]
                continue
            for one in given:
                was, raw = old.get(one.address.lower(), ("", ""))
                lines.append(raw if was == role else written(one))
        self.set("ATTENDEE", *lines)
        if lines and me and self.first("ORGANIZER") is None:
            self.set("ORGANIZER", content("ORGANIZER", f"mailto:{me}"))

    def ask_again(self, me: str) -> None:
        """Make every answer but one's own an open one: it was for another time (RFC 5546 3.2.2.1)."""
        organizer = self.first("ORGANIZER")
        own = {me.lower(), person_of(organizer, "organizer").address if organizer else ""}
        open_again = {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE", REPLY_COMMENT: "", REPLIED: ""}
        lines = [
            raw if who.address in own else with_params(raw, open_again) for raw, who in self._attendees()
        ]
        self.set("ATTENDEE", *lines)

    def attendee(self, address: str) -> Property | None:
        """The first attendee of this address."""
        found = (p for p in self.all("ATTENDEE") if person_of(p, "attendee").address == address.lower())
        return next(found, None)

    def answer(self, address: str, status: str, *, at: datetime | None, comment: str) -> None:
        """Set an attendee's PARTSTAT (RFC 5545 3.2.12), and note what they wrote and when."""
        said = {
            "PARTSTAT": status.upper(), "RSVP": "", REPLY_COMMENT: comment,
            REPLIED: f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if at else "",
        }  # fmt: skip
        lines = [
            with_params(raw, said) if found.address == address.lower() else raw
            for raw, found in self._attendees()
        ]
        self.set("ATTENDEE", *lines)

    def guests(self, role: Role = "attendee") -> frozenset[str]:
        """Addresses of the attendees, or of the rooms and devices asked for."""
        return frozenset(who.address for _, who in self._attendees() if who.role == role)

    def _attendees(self) -> list[tuple[str, Participant]]:
        made = []
        for name, raw in self._lines:
            if name == "ATTENDEE":
                read = parse(_FOLD.sub("", raw).rstrip("\r\n"))
                made.append((raw, person_of(read, "attendee") if read else Participant("attendee", "")))
        return made


def time_line(name: str, moment: datetime, like: When, tzid: str) -> str:
    """DTSTART and its kin in the form the event has: a date, floating, UTC, or a wall clock with TZID.

    A date or a floating time is taken from the clock the aware `moment` shows.
    """
    if like.date:
        return content(name, f"{moment:%Y%m%d}", VALUE="DATE")
    if like.tz is None:
        return content(name, f"{moment:%Y%m%dT%H%M%S}")
    if not tzid or like.zone == "UTC":
        return content(name, f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    return content(name, f"{moment.astimezone(like.tz):%Y%m%dT%H%M%S}", TZID=tzid)


def zoned_line(name: str, moment: datetime, zone: ZoneInfo, *, repeats: bool) -> str:
    """A new DTSTART or DTEND in a zone.

    A wall clock cannot name the second pass of an hour that comes twice (RFC 5545 3.3.5 takes the
    first), so a single event there is written in UTC.
    """
    local = moment.astimezone(zone)
    if zone.key == "UTC" or (local.fold and not repeats and local.utcoffset() != _first_pass(local)):
        return content(name, f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    return content(name, f"{local:%Y%m%dT%H%M%S}", TZID=zone.key)


def _first_pass(local: datetime) -> timedelta | None:
    return local.replace(fold=0).utcoffset()


def _attendee(person: Mailbox) -> str:
    params = {"CN": person.name} if person.name else {}
    params |= {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    return content("ATTENDEE", f"mailto:{person.address}", **params)


def _room(room: Mailbox) -> str:
    """A room that is asked for, and is to answer: as Exchange has it ([MS-OXCICAL] 2.1.3.1.1.20.2), but with
    the kind that RFC 5545 has for a room (3.2.3)."""
    params = {"CUTYPE": "ROOM"} | ({"CN": room.name} if room.name else {})
    params |= {"ROLE": "NON-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    return content("ATTENDEE", f"mailto:{room.address}", **params)


def again(p: Property, value: str) -> str:
    """The same property with another value."""
    return content(p.name, value, **{k.replace("-", "_"): v for k, v in p.params.items()})


def tzid_of(p: Property | None) -> str:
    return p.params.get("TZID", "") if p else ""


def value_of(lines: Lines, name: str) -> str:
    """The value of a property as written; empty where it is not there."""
    found = lines.first(name)
    return found.value if found else ""


def span_of(lines: Lines, zones: Zones) -> tuple[When, timedelta] | None:
    """A component's start, and how long it takes."""
    by = {n: [*lines.all(n)] for n in ("DTSTART", "DTEND", "DURATION") if lines.first(n)}
    if "DTSTART" not in by:
        return None
    start = when_of(by["DTSTART"][0], zones)
    return start, length_of(start, by, zones).span
