"""The calendars of an account as a `Shelf`: every look asks the server, every write names its ETag."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice
from urllib.parse import quote

from deskhand.connectors._caldav_account import Account, Calendar
from deskhand.connectors._caldav_scheduling import by_client, server_tells
from deskhand.connectors._dav import Dav, Refused
from deskhand.connectors._dav_xml import C, D, Multistatus, by_uid, error_of, multiget
from deskhand.connectors._ical_text import EFFECT
from deskhand.connectors._ics_file import Mark, Opened, opened
from deskhand.connectors._tries import Lost
from deskhand.connectors.errors import Missing, SourceError, Transient, Unknown, Unsupported

_MARK = Mark(0, 0, 0)
_EFFECT = re.compile(rb"^" + EFFECT.encode() + rb"[^:\r\n]*:([^\r\n]*)", re.M | re.I)
_TWICE = "no-uid-conflict"
"""The event is in the calendar already, under another name (RFC 4791 5.3.2.1)."""
_BATCH = 100
"""Resources that are fetched at once."""


class RemoteShelf:
    """See `Shelf`. A name is the path of a resource on the server."""

    single = False
    keeps_cancelled = True

    def __init__(self, dav: Dav, account: Callable[[], Account], me: str) -> None:
        """:param account: as it is known now. :param me: the person's address, lower case."""
        self._dav, self._account, self._me = dav, account, me
        self._places: Mapping[str, tuple[str, str]] = {}
        self._written: dict[str, tuple[str, str]] = {}

    def remember(self, places: Mapping[str, tuple[str, str]]) -> None:
        """Where a pass has seen each event: name and UID by native id. Looked at there first."""
        self._places, self._written = places, {}

    def find(self, native: str) -> tuple[Opened, str, str] | None:
        """See `Shelf.find`."""
        place = self._written.get(native) or self._places.get(native)
        if place is not None:
            name, uid = place
            file = self.open(name)
            if file is not None and uid in file.groups:
                return file, name, uid
        found = self._search(native, self._readable())
        if found is None and "@" in native:  # one UID in two calendars: `native_of`
            uid, _, where = native.rpartition("@")
            there = [c for c in self._readable() if c.segment == where or where.startswith(c.name)]
            found = self._search(uid, there)
        if found is not None:
            self._written[native] = found[1:]
        return found

    def open(self, name: str) -> Opened | None:
        """A resource as it is now; None where it is not there."""
        said = self._dav.read("GET", self._account().address(name))
        if said.status != 200:
            return None
        return opened(_MARK, said.data, plain(said.etag))

    def fetch(self, calendar: Calendar, names: Iterable[str]) -> Iterator[tuple[str, Opened | None]]:
        """Many resources of one calendar, in order and in batches; None for one that is not there."""
        todo = iter(names)
        while batch := list(islice(todo, _BATCH)):
            try:
                got = calendars_in(
                    self._dav.report(self._account().address(calendar.name), multiget(batch), depth=1)
                )
            except Refused:
                got = {}  # it does not do that (RFC 4791 7.9 is no option, but there are such)
            for name in batch:
                yield name, got[name] if name in got else self.open(name)

    def home(self, calendar: str, uid: str) -> tuple[str, Opened | None]:
        """See `Shelf.home`."""
        account = self._account()
        if not calendar:
            if account.default is None:
                raise Unsupported("All calendars of this account are only read.")
            return self.fresh(account.default.name.rstrip("/"), uid), None
        here = next((c for c in account.calendars if c.called(calendar)), None)
        if here is None:
            raise Missing(f"There is no calendar called {calendar!r} here.")
        if not here.writable:
            raise Unsupported(f"The calendar {here.title} is only read.")
        return self.fresh(here.name.rstrip("/"), uid), None

    def fresh(self, folder: str, uid: str) -> str:
        """See `Shelf.fresh`: of a UID always the same name, so that it is written once."""
        stem = re.sub(r"[^A-Za-z0-9@_.-]", "_", uid)[:100]
        if stem != uid or stem.startswith("."):
            stem = f"{stem.lstrip('.')}-{sha256(uid.encode('utf-8', 'replace')).hexdigest()[:8]}"
        return f"{folder}/{quote(stem, safe='@')}.ics"

    def check(self, name: str, file: Opened, uid: str) -> None:
        """See `Shelf.check`."""
        account = self._account()
        calendar = account.calendar(name)
        if calendar is None or not calendar.writable:
            raise Unsupported(f"The calendar {calendar.title if calendar else name} is only read.")
        if not file.tag:
            raise Unsupported(
                "The server does not say which state of the event it has; it is not written over."
            )
        if account.schedules and server_tells(file, uid, me=self._me):
            raise Unsupported(
                "The server of this calendar writes to those in this event by itself, at once, and that could"
                " not be taken back; please change it in your calendar."
            )

    def replace(self, name: str, old: Opened | None, new: bytes | None) -> bool:
        """See `Shelf.replace`: PUT or DELETE with the ETag that was read, once."""
        account = self._account()
        if new is not None and account.schedules:
            new = by_client(new, me=self._me)
        headers = {"If-None-Match": "*"} if old is None else {"If-Match": old.tag}
        if new is not None:
            headers["Content-Type"] = "text/calendar; charset=utf-8"
        try:
            said = self._dav.write(
                "DELETE" if new is None else "PUT", account.address(name), new or b"", headers
            )
        except Lost as lost:
            return self._look_back(name, old, new, lost)
        except Refused as refused:
            if refused.condition == _TWICE:
                return False
            raise
        if error_of(said.data) == _TWICE:
            return False
        if said.status in (404, 409, 410) and old is None:
            raise Missing("The calendar that the event was to go into is not there any more.")
        if said.status in (404, 409, 410, 412):
            return False
        if new is not None:
            self._written |= {
                uid: (name, uid) for uid in opened(_MARK, new).groups if uid not in self._places
            }
        return True

    def _look_back(self, name: str, old: Opened | None, new: bytes | None, lost: Lost) -> bool:
        """What became of a write whose answer was lost. :raises Transient: nothing. :raises Unknown:"""
        try:
            now = self.open(name)
        except SourceError as error:
            raise Unknown(
                f"{lost} Whether the event was written is not known, for it cannot be looked at: {error}"
            ) from error
        same = now is None if old is None else now is not None and now.tag == old.tag
        if same:
            raise Transient(f"{lost} The calendar is as it was; nothing was changed.")
        if now is None:
            return new is None
        ours = _effects(new or b"") - _effects(old.data if old else b"")
        return bool(ours) and ours <= _effects(now.data)

    def _readable(self) -> list[Calendar]:
        return sorted((c for c in self._account().calendars if c.readable), key=lambda c: c.name)

    def _search(self, uid: str, calendars: Iterable[Calendar]) -> tuple[Opened, str, str] | None:
        """Ask the calendars for a UID, the first by name first."""
        for calendar in calendars:
            address = self._account().address(calendar.name)
            try:
                got = calendars_in(self._dav.report(address, by_uid(uid), depth=1))
            except Refused:  # it does not search: the name we would give it has to do
                name = self.fresh(calendar.name.rstrip("/"), uid)
                got = {name: file} if (file := self.open(name)) is not None else {}
            except Missing:
                continue
            for name, file in sorted(got.items()):
                if uid in file.groups:
                    return file, name, uid
        return None


def calendars_in(said: Multistatus) -> dict[str, Opened]:
    """The calendars that an answer holds, by name."""
    found = {}
    for r in said.responses:
        data = r.props.get(f"{C}calendar-data")
        if r.status == 200 and data is not None:
            found[r.name] = opened(_MARK, (data.text or "").encode(), plain(r.text(f"{D}getetag")))
    return found


def plain(etag: str) -> str:
    """An ETag that can be compared: a proxy that packs answers makes weak ones of them (RFC 9110 8.8.1)."""
    return etag.strip().removeprefix("W/")


def _effects(data: bytes) -> set[bytes]:
    """The keys of effects that are noted in a calendar."""
    return {key.strip() for key in _EFFECT.findall(re.sub(rb"\r?\n[ \t]", b"", data))}
