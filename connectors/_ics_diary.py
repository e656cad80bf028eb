"""Whose time the files of a calendar tell: the calendar of somebody else, and published free-busy times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deskhand.connectors._freebusy import Published, covered, published, within
from deskhand.connectors._ical import item_of
from deskhand.connectors._ical_text import properties
from deskhand.connectors._ical_times import Zones
from deskhand.connectors._ical_zones import iana
from deskhand.connectors._ics_file import Mark, Opened
from deskhand.connectors._ics_shelf import DiskShelf, shown
from deskhand.connectors.errors import SourceError
from deskhand.connectors.model import Busy, FreeBusy, Item, ItemRef
from deskhand.connectors.occurrences import MOST, away, occurrences, takes_time, unsure

WEST, EAST = timedelta(hours=12), timedelta(hours=14)
"""How far clocks on earth are behind UTC, and before it."""


@dataclass(frozen=True, slots=True)
class _Page:
    """What one file says, as long as it stays the same."""

    items: tuple[Item, ...] = ()
    published: tuple[Published, ...] = ()
    zones: frozenset[str] = frozenset()
    failure: str = ""
    whole: bool = False
    """It is a calendar of events, which tells all that is planned; not free-busy times alone."""


class Diary:
    """Reads the files of a shelf as somebody's time; a file that did not change is not read again."""

    def __init__(self, shelf: DiskShelf, *, source: str, owner: str, zone: str) -> None:
        """:param zone: of the owner, where known; floating times and whole days are read in it."""
        self._shelf, self._source, self._owner, self._zone = shelf, source, owner, zone
        self._pages: dict[str, tuple[Mark, _Page]] = {}

    def free_busy(self, asked: frozenset[str], *, start: datetime, end: datetime) -> dict[str, FreeBusy]:
        """See `Connector.free_busy`. `asked` in lower case."""
        mine = self._owner in asked and bool(self._owner)
        try:
            pages = list(self._read())
        except SourceError as e:
            return {self._owner: FreeBusy(self._owner, error=str(e))} if mine else {}
        told: dict[str, list[Published]] = {}
        for page in pages:
            for one in page.published:
                told.setdefault(one.address or self._owner, []).append(one)
        made = {
            address: FreeBusy(address, *stretches(told[address], start=start, end=end))
            for address in sorted(asked & told.keys() - {self._owner})
        }
        if mine:
            made[self._owner] = self._owners(pages, told.get(self._owner, []), start=start, end=end)
        return made

    def _owners(
        self, pages: list[_Page], told: list[Published], *, start: datetime, end: datetime
    ) -> FreeBusy:
        zone = self._zone or _zone_of(pages)
        busy, until = stretches(told, start=start, end=end)
        if any(p.whole for p in pages):
            until = None
        found, least = taken(
            [i for p in pages for i in p.items], owner=self._owner, zone=zone, start=start, end=end
        )
        if least is not None:
            until = min(until or end, least)
        failures = [p.failure for p in pages if p.failure]
        if not pages:
            failures = [f"{self._shelf.place} holds no calendar."]
        return FreeBusy(
            self._owner,
            within([*busy, *found], start=start, end=end),
            until,
            zone,
            error=" ".join(failures[:3]),
        )

    def _read(self) -> Iterator[_Page]:
        """:raises SourceError: the files cannot be listed."""
        files = self._shelf.files(free_busy=True)
        self._pages = {n: p for n, p in self._pages.items() if n in files}
        for name, mark in files.items():
            known = self._pages.get(name)
            if known is None or known[0] != mark:
                known = self._pages[name] = (mark, self._page(name))
            yield known[1]

    def _page(self, name: str) -> _Page:
        try:
            if not self._owner and b"VFREEBUSY" not in self._shelf.path(name).read_bytes().upper():
                return _Page()
            opened = self._shelf.open(name)
            if not opened.whole:
                return _Page(failure=f"{shown(name)} is cut short, or no calendar.")
            told = published(opened.data, opened.calendars)
        except OSError as e:
            return _Page(failure=f"{shown(name)} cannot be read ({e.strerror or e}).")
        except ValueError as e:
            return _Page(failure=f"{shown(name)} cannot be read: {e}.")
        if not self._owner:
            return _Page(published=tuple(told))
        items, failure = self._items(opened, name)
        whole = bool(opened.groups) or not told
        return _Page(tuple(items), tuple(told), _zones(opened), failure, whole)

    def _items(self, opened: Opened, name: str) -> tuple[list[Item], str]:
        items, failure = [], ""
        zones = {id(c): Zones(opened.data, c) for c in opened.calendars}
        for uid, group in opened.groups.items():
            try:
                items.append(
                    item_of(
                        opened.data, group, zones[id(group.calendar)],
                        ref=ItemRef(self._source, "event", uid), folder="", link="", me="",
                        mtime=datetime.fromtimestamp(opened.mark.mtime // 10**9, UTC), owner=self._owner,
                    )
                )  # fmt: skip
            except (ValueError, OverflowError) as e:
                failure = f"An event in {shown(name)} cannot be read: {e}"
        return items, failure


def taken(
    items: Iterable[Item], *, owner: str, zone: str, start: datetime, end: datetime
) -> tuple[tuple[Busy, ...], datetime | None]:
    """When somebody's events take time in a window, and up to when that is all; None: to its end."""
    until: datetime | None = None
    busy: list[Busy] = []
    for item in items:
        found = occurrences(item, start=start - EAST, end=end + WEST + EAST, zone=zone or "UTC")
        if len(found) >= MOST:
            until = min(until or end, found[-1].start)
        for o in found:
            if takes_time(o, me=frozenset({owner}), sole=True):
                # On a clock that nobody told us it may be then anywhere on earth.
                loose = not zone and not o.zone and (o.all_day or bool(item.data.get("floating")))
                low, high = (o.start - EAST, o.end + WEST) if loose else (o.start, o.end)
                kind = "out-of-office" if away(o) else "busy"
                busy.append(Busy(low, high, unsure(o, me=frozenset({owner})), kind))  # type: ignore[arg-type]
    return within(busy, start=start, end=end), until


def stretches(
    told: list[Published], *, start: datetime, end: datetime
) -> tuple[tuple[Busy, ...], datetime | None]:
    """What published times say of a window, and up to when they are complete; None: to its end."""
    until = covered(((p.start, p.end) for p in told), start=start, end=end)
    busy = within((b for p in told for b in p.busy), start=start, end=end)
    return busy, None if until >= end else until


def _zones(opened: Opened) -> frozenset[str]:
    """The zones a file is in: the one it says (X-WR-TIMEZONE), else those it defines (VTIMEZONE)."""
    said = [
        p.text.strip()
        for c in opened.calendars
        for p in properties(c.head)
        if p.name == "X-WR-TIMEZONE"
    ]  # fmt: skip
    names = said or [tzid for c in opened.calendars for tzid in c.zones]
    return frozenset(z.key for n in names if (z := iana(n)) is not None)


def _zone_of(pages: list[_Page]) -> str:
    """The one zone all files are in; empty where they are in several, or in none."""
    zones = {z for p in pages for z in p.zones}
    return zones.pop() if len(zones) == 1 else ""
