"""One VEVENT as lines that can be set and dropped; the lines not touched stay as they were written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_event import When
from deskhand.connectors._ical_text import EFFECT, Property, content, escape, parse, physical
from deskhand.connectors.operations import Mailbox

_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")
_KEPT_EFFECTS = 3


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

    def touch(self, now: datetime) -> None:
        """Count the SEQUENCE up and say when (RFC 5545 3.8.7.3, 3.8.7.4)."""
        old = self.first("SEQUENCE")
        said = old.value.strip() if old else ""
        count = int(said) + 1 if said.isascii() and said.isdigit() and len(said) < 9 else 1
        self.set("SEQUENCE", content("SEQUENCE", str(count)))
        stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        self.set("DTSTAMP", content("DTSTAMP", stamp))
        self.set("LAST-MODIFIED", content("LAST-MODIFIED", stamp))

    def sign(self, key: str) -> None:
        """Note the effect that wrote this; the newest three stay."""
        keys = [key, *(p.value.strip() for p in self.all(EFFECT) if p.value.strip() != key)]
        self.set(EFFECT, *(content(EFFECT, k) for k in keys[:_KEPT_EFFECTS]))

    def signed(self, key: str) -> bool:
        return any(p.value.strip() == key for p in self.all(EFFECT))

    def invite(self, people: Iterable[Mailbox], me: str) -> None:
        """Make these the attendees: who is invited already keeps the answer given."""
        old: dict[str, str] = {}
        for name, raw in self._lines:
            if name == "ATTENDEE" and (read := parse(_FOLD.sub("", raw).rstrip("\r\n"))) is not None:
                old[read.value.strip().lower().removeprefix("mailto:")] = raw
        lines = [old.get(p.address.lower()) or _attendee(p) for p in people]
        self.set("ATTENDEE", *lines)
        if lines and me and self.first("ORGANIZER") is None:
            self.set("ORGANIZER", content("ORGANIZER", f"mailto:{me}"))


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
