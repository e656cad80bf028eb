"""When somebody is taken, as a calendar server tells it: the owner of its calendars, or whoever it knows.

Whatever cannot be asked, or is answered with an error, makes the person unknown, never free.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from deskhand.connectors._caldav_account import Account, Calendar
from deskhand.connectors._caldav_shelf import calendars_in
from deskhand.connectors._dav import Dav, Refused
from deskhand.connectors._dav_xml import C, D, between, free_busy, parsed
from deskhand.connectors._freebusy import Published, published
from deskhand.connectors._ical import item_of
from deskhand.connectors._ical_text import content, scan
from deskhand.connectors._ical_times import Zones
from deskhand.connectors._ics_diary import EAST, WEST, stretches, taken
from deskhand.connectors.errors import SourceError
from deskhand.connectors.model import FreeBusy, Item, ItemRef, merged

_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


class RemoteDiary:
    """Asks a server this moment."""

    def __init__(
        self, dav: Dav, account: Callable[[], Account], *, source: str, owner: str, me: str, zone: str
    ) -> None:
        """:param owner: whose calendars these are, where they are somebody else's. :param zone: theirs."""
        self._dav, self._account, self._source = dav, account, source
        self._owner, self._me, self._zone = owner, me, zone

    def free_busy(self, asked: frozenset[str], *, start: datetime, end: datetime) -> dict[str, FreeBusy]:
        """See `Connector.free_busy`. `asked` in lower case."""
        if self._owner:
            return {self._owner: self._owners(start, end)} if self._owner in asked else {}
        others = sorted(asked - {self._me})
        if not self._account().outbox or not others or not self._me:
            return {}
        return self._known(others, start, end)

    def _owners(self, start: datetime, end: datetime) -> FreeBusy:
        told = []
        for calendar in self._account().calendars:
            try:
                told.append(self._calendars(calendar, start, end))
            except SourceError as error:
                told.append(FreeBusy(self._owner, error=str(error)))
        if not told:
            return FreeBusy(self._owner, error="There is no calendar any more in the account.")
        return merged(told, end=end)

    def _calendars(self, calendar: Calendar, start: datetime, end: datetime) -> FreeBusy:
        address = self._account().address(calendar.name)
        try:
            said = self._dav.read(
                "REPORT", address, free_busy(start, end),
                {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"},
            )  # fmt: skip
            if said.status == 200 and b"VFREEBUSY" in said.data.upper():
                # It answers for the window that was asked about, whatever bounds it repeats.
                busy = [b for p in published(said.data, scan(said.data)) for b in p.busy]
                made = Published(self._owner, start, end, tuple(busy))
                return FreeBusy(self._owner, *stretches([made], start=start, end=end), self._zone)
        except (Refused, ValueError):
            pass  # RFC 4791 7.10 is not for every server; the events are
        return self._events(calendar, address, start, end)

    def _events(self, calendar: Calendar, address: str, start: datetime, end: datetime) -> FreeBusy:
        got = calendars_in(self._dav.report(address, between(start - EAST, end + WEST + EAST), depth=1))
        items: list[Item] = []
        failure = ""
        for name, file in sorted(got.items()):
            if not file.whole:
                failure = f"{name} is cut short, or no calendar."
            for uid, group in file.groups.items():
                ref = ItemRef(self._source, "event", uid)
                try:
                    items.append(
                        item_of(
                            file.data, group, Zones(file.data, group.calendar), ref=ref,
                            folder=calendar.title, link="", me="", mtime=_ONCE, owner=self._owner,
                        )
                    )  # fmt: skip
                except (ValueError, OverflowError) as error:
                    failure = f"An event in {calendar.title} cannot be read: {error}"
        busy, until = taken(items, owner=self._owner, zone=self._zone, start=start, end=end)
        return FreeBusy(self._owner, busy, until, self._zone, error=failure)

    def _known(self, others: list[str], start: datetime, end: datetime) -> dict[str, FreeBusy]:
        """Whoever the server knows, by its outbox (RFC 6638 5). :raises SourceError: it cannot be asked."""
        said = self._dav.read(
            "POST", self._account().outbox, _request(self._me, others, start, end),
            {"Content-Type": "text/calendar; charset=utf-8; method=REQUEST; component=VFREEBUSY"},
        )  # fmt: skip
        made: dict[str, FreeBusy] = {}
        try:
            for response in parsed(said.data).iter(f"{C}response"):
                href = response.findtext(f"{C}recipient/{D}href") or ""
                who = href.strip().lower().removeprefix("mailto:")
                if who in others:
                    status = (response.findtext(f"{C}request-status") or "").strip()
                    made[who] = _told(who, status, response.findtext(f"{C}calendar-data") or "", start, end)
        except ValueError as error:
            return {a: FreeBusy(a, error=f"The server's answer cannot be read: {error}.") for a in others}
        return made


def _told(who: str, status: str, data: str, start: datetime, end: datetime) -> FreeBusy:
    if not status.startswith("2"):
        return FreeBusy(who, error=f"The calendar server does not tell when {who} is free ({status[:80]}).")
    try:
        found = published(data.encode(), scan(data.encode()))
    except ValueError as error:
        return FreeBusy(who, error=f"What the calendar server tells of {who} cannot be read: {error}.")
    if not found:
        return FreeBusy(who, error=f"The calendar server tells nothing of {who}.")
    return FreeBusy(who, *stretches(found, start=start, end=end))


def _request(me: str, others: list[str], start: datetime, end: datetime) -> bytes:
    low, high = (f"{m.astimezone(UTC):%Y%m%dT%H%M%SZ}" for m in (start, end))
    lines = [
        content("BEGIN", "VCALENDAR"), content("VERSION", "2.0"), content("PRODID", "-//Deskhand//EN"),
        content("METHOD", "REQUEST"), content("BEGIN", "VFREEBUSY"),
        content("UID", str(uuid5(NAMESPACE_URL, f"deskhand:{low}/{high}:{','.join(others)}"))),
        content("DTSTAMP", low), content("DTSTART", low), content("DTEND", high),
        content("ORGANIZER", f"mailto:{me}"), *(content("ATTENDEE", f"mailto:{a}") for a in others),
        content("END", "VFREEBUSY"), content("END", "VCALENDAR"),
    ]  # fmt: skip
    return "".join(lines).encode()
