"""A calendar file (.ics), or a folder of them: events, read and written in place.

One Item per UID. Where several files hold the same UID, the first by name has it; the others are
`uid@file`. Tasks and journals are left alone; free-busy times (RFC 5545 3.6.4) tell `free_busy` of people.

With `owner` it is somebody else's calendar: it tells when that person is busy, and is only read.

An event is taken away by `event.cancel` when nobody else is invited; with others it stays, as
STATUS:CANCELLED. A component that we changed carries X-DESKHAND-EFFECT, the key of the effect, which
other programs keep and which is no part of its version; it is how an effect is found again. What a
change replaces is kept in the state folder, so that it can be put back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from deskhand.connectors._calendar import Events
from deskhand.connectors._calendar_steps import OPERATIONS
from deskhand.connectors._calendar_writes import Writes
from deskhand.connectors._ical import item_of
from deskhand.connectors._ical_text import Calendar
from deskhand.connectors._ical_times import Zones
from deskhand.connectors._ical_zones import check_zone
from deskhand.connectors._ics_diary import Diary
from deskhand.connectors._ics_file import Opened, writable
from deskhand.connectors._ics_shelf import (
    BROKEN,
    UNSEEN,
    DiskShelf,
    Entry,
    entries_of,
    native_of,
    natives,
    shown,
    value_of,
)
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

_PAGE = 200
_PAGES = 20
"""At most so many pages in a large file or folder: each carries a cursor that names everything."""


LOCAL = True
HOLDS: frozenset[Kind] = frozenset({"event"})
"""Kinds of items that live here."""
PLACE = ("file", "folder")
"""What sort of place it is at (`_fitting`)."""


class Ics(Events):
    """A calendar on disk."""

    def __init__(
        self, source: str, state: Path, place: Path, me: str, *, owner: str = "", zone: str = ""
    ) -> None:
        self._shelf, me = DiskShelf(place), me.strip().lower()
        super().__init__(source, me, self._shelf, Writes(source, state, self._shelf, me))
        self._owner = owner.strip().lower()
        self._diary = Diary(self._shelf, source=source, owner=self._owner, zone=zone)
        self._zones: tuple[Calendar, Zones] | None = None

    @property
    def operations(self) -> Sequence[type[Operation]]:
        return OPERATIONS if not self._owner and writable(self._shelf.place) else ()

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        old = entries_of(since)
        before = natives(old)
        files = self._shelf.files()
        page = max(_PAGE, len(files) // _PAGES)
        new: dict[str, Entry] = {}
        owned: dict[str, tuple[str, str]] = {}
        waiting = 0
        for name, mark in files.items():
            known = old.get(name)
            entry, opened, failure = self._shelf.look(name, mark, known)
            todo: list[tuple[str, str]] = []
            for uid, version in entry.versions.items():
                native = native_of(uid, name, owned)
                owned[native] = (uid, version)
                if before.get(native) != version:
                    todo.append((native, uid))
            page = max(page, len(todo) // _PAGES)
            shown = dict(known.versions) if known else {}
            for n, (native, uid) in enumerate(todo, 1):
                if uid == BROKEN:
                    yield Failed(self._ref(native), failure or "The file cannot be read.")
                else:
                    yield self._change(opened, name, uid, native)
                shown[uid] = entry.versions[uid]
                waiting += 1
                if waiting >= page and n < len(todo):
                    waiting = 0
                    part = {**new, name: Entry(UNSEEN, dict(shown))}
                    yield Cursor(
                        value_of(part, old), *self._progress(len(new), len(files), entry, len(todo) - n)
                    )
            new[name] = entry
            if waiting >= page and len(new) < len(files):
                waiting = 0
                yield Cursor(value_of(new, old), len(new), len(files))
        for native in before:
            if native not in owned:
                yield Removed(self._ref(native))
        done, expected = self._progress(len(files), len(files), next(iter(new.values()), None), 0)
        yield Cursor(value_of(new, {}), done, expected)

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return self._diary.free_busy(frozenset(a.lower() for a in addresses), start=start, end=end)

    def close(self) -> None:
        self._shelf.forget()

    def _change(self, opened: Opened | None, name: str, uid: str, native: str) -> Change:
        ref = self._ref(native)
        try:
            opened = opened or self._shelf.open(name)
            group = opened.groups[uid]
            mtime = datetime.fromtimestamp(opened.mark.mtime // 10**9, UTC)
            zones = self._zones  # looked up once for all events of a calendar
            if zones is None or zones[0] is not group.calendar:
                zones = self._zones = group.calendar, Zones(opened.data, group.calendar)
            return item_of(
                opened.data, group, zones[1], ref=ref, folder=self._shelf.folder(opened, name),
                link=str(self._shelf.path(name)), me=self._me, mtime=mtime, owner=self._owner,
            )  # fmt: skip
        except KeyError:
            return Failed(ref, f"{shown(name)} changed while it was read.")
        except (ValueError, OverflowError) as e:
            return Failed(ref, str(e))
        except OSError as e:
            return Failed(ref, f"{shown(name)} cannot be read ({e.strerror or e}).")

    def _progress(self, done: int, files: int, entry: Entry | None, left: int) -> tuple[int, int]:
        """Files of files, or events of events where there is only one file."""
        if not self._shelf.single or entry is None:
            return done, files
        return len(entry.versions) - left, len(entry.versions)


def connect(*, source: str, state: Path, place: str, me: str = "", owner: str = "", zone: str = "") -> Ics:
    """Open a calendar file, or a folder of them.

    :param me: the person's address: organizer of new events with attendees.
    :param owner: whose calendar it is, where it is somebody else's: an address, or the name of a room.
    :param zone: IANA name of the zone in which that owner's whole days lie.
    :raises Misconfigured: there is nothing, it is no calendar, or the zone is none.
    """
    path = Path(place).expanduser().absolute()
    if not path.exists():
        raise Misconfigured(f"There is no file or folder {path}.")
    if not path.is_dir():
        try:
            with path.open("rb") as file:
                head = file.read(65_536)
        except OSError as e:
            raise Misconfigured(f"{path} cannot be read ({e.strerror}).") from e
        if b"BEGIN:VCALENDAR" not in head.upper():
            raise Misconfigured(f"{path} is not a calendar: it has no BEGIN:VCALENDAR.")
    check_zone(zone)
    return Ics(source, state, path, me, owner=owner, zone=zone)
