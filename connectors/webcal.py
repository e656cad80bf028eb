"""A calendar at an address (webcal:// or https://): one .ics file, read again when it changed, never written.

It is asked for by ETag and date (RFC 9110 13.1) and kept in the state folder, where the connector of calendar
files reads it. With `owner` it is somebody else's calendar, and tells when that person is busy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import sleep

from deskhand.connectors._dav import Dav
from deskhand.connectors._egress import Client, client
from deskhand.connectors._feed import Feed
from deskhand.connectors._hosts import called, server_of
from deskhand.connectors._ical_text import scan
from deskhand.connectors._ical_zones import check_zone
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import SourceError, Unsupported
from deskhand.connectors.ics import Ics
from deskhand.connectors.model import (
    Change,
    Content,
    Contents,
    Cursor,
    FreeBusy,
    Item,
    ItemRef,
    Kind,
    Receipt,
)
from deskhand.connectors.operations import Operation

HOLDS: frozenset[Kind] = frozenset({"event"})
"""Kinds of items that live here."""
PLACE = ("address",)
"""What sort of place it is at (`_fitting`)."""


class WebCal:
    """A calendar that somebody publishes."""

    def __init__(
        self, source: str, state: Path, dav: Dav, url: str, *, me: str = "", owner: str = "", zone: str = ""
    ) -> None:
        """:raises SourceError: it was never read, and cannot be."""
        self._dav, self._owner = dav, owner.strip().lower()
        self._feed = Feed(dav, url, state / "feed", check=_wrong)
        if not self._feed.file.exists():
            self._feed.fetch()
        self._file = Ics(source, state, self._feed.file, me, owner=owner, zone=zone)

    @property
    def source(self) -> str:
        return self._file.source

    @property
    def operations(self) -> Sequence[type[Operation]]:
        return ()

    def check(self) -> None:
        """Have a look whether it is there: one request. :raises SourceError: it is not, or no calendar."""
        self._feed.fetch()

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        self._feed.fetch()
        for change in self._file.changes(since):
            yield _published(change) if isinstance(change, Item) else change

    def read(self, ref: ItemRef) -> Item | None:
        self._feed.fetch()
        item = self._file.read(ref)
        return _published(item) if item is not None else None

    def content(self, ref: ItemRef, version: str) -> Content:
        return self._file.content(ref, version)

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        raise Unsupported(f"{self.source} cannot do {operation.name}: it is only read.")

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        return None

    def where(self, operation: Operation, *, key: str) -> str:
        return ""

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        return None

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        asked = frozenset(a.lower() for a in addresses)
        # A feed of holidays, say, knows of nobody: it need not be asked for that.
        if self._owner not in asked and not self._file.free_busy(addresses, start=start, end=end):
            return {}
        try:
            self._feed.fetch()
        except SourceError as error:
            if self._owner not in asked:
                raise
            return {self._owner: FreeBusy(self._owner, error=str(error))}
        return self._file.free_busy(addresses, start=start, end=end)

    def close(self) -> None:
        self._file.close()
        self._dav.close()


def connect(
    *, source: str, state: Path, place: str, user: str = "", password: str = "",
    me: str = "", owner: str = "", zone: str = "", private: bool | str = False,
) -> WebCal:  # fmt: skip
    """Open a calendar at an address. Asks for it only where it was never read before.

    :param place: webcal://... or https://...
    :param me: the person's address: which of the meetings in it are hers.
    :param owner: whose calendar it is, where it is somebody else's: an address, or the name of a room.
    :param zone: IANA name of the zone in which that owner's whole days lie.
    :param private: the server is in one's own network, though its name does not say so.
    :raises Misconfigured: it cannot work like this. :raises SourceError: it cannot be read.
    """
    scheme, _, rest = place.partition("://")
    url = f"https://{rest}" if scheme.lower() in ("webcal", "webcals") else place
    check_zone(zone)
    host = server_of(url, private=str(private).lower() in ("true", "1", "yes"))
    return opened_with(
        client([host]), source=source, state=state, place=url, user=user, password=password,
        me=me, owner=owner, zone=zone,
    )  # fmt: skip


def opened_with(
    http: Client, *, source: str, state: Path, place: str, user: str = "", password: str = "",
    me: str = "", owner: str = "", zone: str = "", pause: Callable[[float], None] = sleep,
) -> WebCal:  # fmt: skip
    """The same, by a client that is there already. It is closed with the source."""
    dav = Dav(http, name=called(place), user=user, password=password, pause=pause)
    try:
        return WebCal(source, state, dav, place, me=me, owner=owner, zone=zone)
    except BaseException:
        dav.close()
        raise


def _published(item: Item) -> Item:
    """An event as it was told: by whoever writes at that address, whatever it says of itself."""
    return replace(item, link="", label=replace(item.label, trust="untrusted"))


def _wrong(data: bytes) -> str:
    """What keeps this from being taken for the calendar."""
    calendars = scan(data)
    if not calendars:
        return "is no calendar"
    return "is cut short" if any(c.end < 0 for c in calendars) else ""
