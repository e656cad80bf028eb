"""A calendar account on a CalDAV server (RFC 4791): events of all its calendars, read and written.

One Item per UID. Where two calendars hold the same UID, the first by address has it; in the other it is
`uid@calendar`. What is written names the ETag that was read, and is never sent twice; an effect is found
again by its key in the event, as in a calendar file (`ics`).

With `owner` it is somebody else's calendar: it tells when that person is busy, and is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

from deskhand.connectors import _caldav_account as accounts
from deskhand.connectors._caldav_account import Account
from deskhand.connectors._caldav_diary import RemoteDiary
from deskhand.connectors._caldav_discovery import server_options
from deskhand.connectors._caldav_pass import (
    Known,
    Listing,
    Seen,
    known_of,
    list_all,
    looked_at,
    native_of,
    natives,
    partly,
    value_of,
)
from deskhand.connectors._caldav_shelf import RemoteShelf
from deskhand.connectors._calendar import Events
from deskhand.connectors._calendar_list import names_in
from deskhand.connectors._calendar_steps import OPERATIONS
from deskhand.connectors._calendar_writes import Writes
from deskhand.connectors._dav import Dav
from deskhand.connectors._egress import Client, client
from deskhand.connectors._fitting import is_account
from deskhand.connectors._hosts import called, server_of
from deskhand.connectors._ical import item_of
from deskhand.connectors._ical_times import Zones
from deskhand.connectors._ical_zones import check_zone
from deskhand.connectors._ics_file import Opened
from deskhand.connectors._ics_shelf import BROKEN
from deskhand.connectors.errors import Misconfigured
from deskhand.connectors.model import (
    Change,
    Cursor,
    Failed,
    FreeBusy,
    Kind,
    Removed,
)
from deskhand.connectors.operations import Operation

_PAGE = 100
_PAGES = 20
"""At most so many pages where much changed: each carries a cursor that names everything."""
_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When an event came to be that does not say it."""

HOLDS: frozenset[Kind] = frozenset({"event"})
"""Kinds of items that live here."""
PLACE = ("address", "account")
"""What sort of place it is at (`_fitting`)."""
SECRET = ("password",)
"""What it needs a secret for."""


class CalDav(Events):
    """A calendar account."""

    def __init__(
        self, source: str, state: Path, dav: Dav, account: Account, *,
        wanted: Sequence[str] = (), me: str = "", owner: str = "", zone: str = "",
    ) -> None:  # fmt: skip
        self._state, self._dav, self._account = state, dav, account
        self._wanted, me, self._owner = tuple(wanted), me.strip().lower(), owner.strip().lower()
        self._shelf = RemoteShelf(dav, lambda: self._account, me)
        super().__init__(source, me, self._shelf, Writes(source, state, self._shelf, me))
        self._diary = RemoteDiary(
            dav, lambda: self._account, source=source, owner=self._owner, me=me, zone=zone
        )

    @property
    def operations(self) -> Sequence[type[Operation]]:
        return OPERATIONS if not self._owner and self._account.default is not None else ()

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        old = known_of(since)
        before = natives(r for k in old.values() for r in k.seen.items())
        self.check()
        listings = list_all(self._dav, self._account, old)
        page = max(_PAGE, sum(len(at.changed) for at in listings) // _PAGES)
        waiting, done, expected = 0, 0, sum(len(at.etags) for at in listings)
        new: dict[str, dict[str, Seen]] = {}
        owned: dict[str, tuple[str, str]] = {}
        for at in listings:
            here = new[at.calendar.name] = {}
            for name, file, seen, failure in self._resources(at):
                here[name] = seen
                for uid, version in seen.versions.items():
                    native = native_of(uid, name, owned)
                    owned[native] = (name, uid)
                    if before.get(native, ("", "", ""))[2] == version:
                        continue
                    if uid == BROKEN:
                        yield Failed(self._ref(native), failure or "It cannot be read.")
                    else:
                        yield self._change(file, name, uid, native)
                waiting, done = waiting + (file is not None), done + 1
                if waiting >= page and done < expected:
                    waiting = 0
                    yield Cursor(partly(old, new), done, expected)
        for native in before:
            if native not in owned:
                yield Removed(self._ref(native))
        self._shelf.remember(owned)
        value = value_of(
            {at.calendar.name: Known(at.token, at.calendar.ctag, new[at.calendar.name]) for at in listings}
        )
        yield Cursor(value, expected, expected)

    def check(self) -> None:
        """Sign in, and see which calendars there are now: one request. :raises SourceError: it fails."""
        before, self._account = (
            self._account,
            accounts.listed(self._dav, self._account, self._wanted),
        )
        if self._account != before:
            accounts.save(self._state, self._account)

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return self._diary.free_busy(frozenset(a.lower() for a in addresses), start=start, end=end)

    def close(self) -> None:
        self._dav.close()

    def _resources(self, at: Listing) -> Iterator[tuple[str, Opened | None, Seen, str]]:
        """All of a calendar in order, fetched where it changed: (name, file, what to know of it, failure)."""
        changed = at.changed
        fetched = self._shelf.fetch(at.calendar, changed)
        for name in sorted(at.etags):
            if (
                name not in at.before.seen
                or at.before.seen[name].etag != at.etags[name]
                or not at.etags[name]
            ):
                got, file = next(fetched)
                assert got == name  # noqa: S101 - `fetch` keeps the order
                if file is not None:  # else it was taken away since; the next pass hears of it
                    seen, failure = looked_at(name, at.etags[name], file, at.before.seen.get(name))
                    yield name, file, seen, failure
            else:
                yield name, None, at.before.seen[name], ""

    def _change(self, file: Opened | None, name: str, uid: str, native: str) -> Change:
        ref = self._ref(native)
        try:
            file = file or self._shelf.open(name)
            if file is None:
                return Failed(ref, "It was taken away while it was read.")
            group = file.groups[uid]
            calendar = self._account.calendar(name)
            item = item_of(
                file.data, group, Zones(file.data, group.calendar), ref=ref,
                folder=calendar.title if calendar else "", link=self._account.address(name), me=self._me,
                mtime=_ONCE, owner=self._owner,
            )  # fmt: skip
            if calendar is None or not self._account.own(calendar):
                return replace(item, label=replace(item.label, trust="untrusted"))
            return item
        except KeyError:
            return Failed(ref, "It changed while it was read.")
        except (ValueError, OverflowError) as e:
            return Failed(ref, str(e))


def settle(place: str, given: Mapping[str, object]) -> dict[str, str]:
    """The server of an account whose mail address is given as its place (`_caldav_discovery`).

    :raises Misconfigured: it is not found.
    """
    return server_options(place) if is_account(place) else {}


def connect(
    *, source: str, state: Path, place: str, user: str = "", password: str = "", calendars: str = "",
    me: str = "", owner: str = "", zone: str = "", private: bool | str = False,
) -> CalDav:  # fmt: skip
    """Open a calendar account. Asks the server only where it was never asked before.

    :param place: any address of the account: that of the server, of the person on it, or of one calendar.
    :param calendars: which of them, by name or address, divided by commas; the first is for new events.
    :param me: the person's address: organizer of new events with attendees.
    :param owner: whose calendar it is, where it is somebody else's: an address, or the name of a room.
    :param zone: IANA name of the zone in which that owner's whole days lie.
    :param private: the server is in one's own network, though its name does not say so.
    :raises Misconfigured: it cannot work like this.
    :raises SourceError: the server must be asked, and cannot be.
    """
    wanted = names_in(calendars)
    check_zone(zone)
    if password and not user:
        raise Misconfigured("A password was given, and no user: say -o user=NAME.")
    host = server_of(place, private=str(private).lower() in ("true", "1", "yes"))
    return opened_with(
        client([host]), source=source, state=state, place=place, user=user, password=password,
        wanted=wanted, me=me, owner=owner, zone=zone,
    )  # fmt: skip


def opened_with(
    http: Client, *, source: str, state: Path, place: str, user: str = "", password: str = "",
    wanted: Sequence[str] = (), me: str = "", owner: str = "", zone: str = "",
    pause: Callable[[float], None] = sleep,
) -> CalDav:  # fmt: skip
    """The same, by a client that is there already. It is closed with the source."""
    dav = Dav(http, name=called(place), user=user, password=password, pause=pause)
    try:
        account = accounts.load(state, place, user)
        chosen = {w for w, _ in account.chosen} if account else set()
        if account is None or not chosen.issuperset(wanted) or (chosen and not wanted):
            account = accounts.discover(dav, place, user, wanted)
            accounts.save(state, account)
    except BaseException:
        dav.close()
        raise
    return CalDav(source, state, dav, account, wanted=wanted, me=me, owner=owner, zone=zone)
