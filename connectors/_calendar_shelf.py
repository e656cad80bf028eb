"""The calendars of an account behind an API as a `Shelf`, whoever the provider is: where an event lies, and
what may be written.

A name is a calendar's id and an event's, with a slash between them. What a look or a write asks its
provider, its own shelf says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from deskhand.connectors._calendar_event import Json, called_here, master_of
from deskhand.connectors._calendar_known import name_of, place_of
from deskhand.connectors._calendar_list import Calendars, One
from deskhand.connectors._calendar_text import calendar_of
from deskhand.connectors._ics_file import Mark, Opened, opened
from deskhand.connectors.errors import Missing, Unsupported


@dataclass(frozen=True, slots=True)
class Fetched(Opened):
    """A VCALENDAR made of a provider's events, and these."""

    events: tuple[Json, ...] = ()

    @property
    def mine(self) -> bool:
        """Whose calendar it lies in called it."""
        return called_here(self.events)


def file_of(
    events: Sequence[Json], uid: str, *, me: str, own: bool, zone: str, signed: Sequence[str], program: str
) -> Fetched:
    """The file that an event, or a series with its exceptions, makes; see `calendar_of`."""
    data = calendar_of(events, uid, me=me, own=own, zone=zone, signed=signed, program=program)
    file = opened(Mark(0, 0, 0), data)
    etag = str((master_of(events) or events[0]).get("etag") or "")
    return Fetched(file.mark, data, file.digest, file.calendars, file.groups, etag, tuple(events))


class CalendarShelf(Generic[One]):
    """See `Shelf`. `open`, `replace`, `_search` and `_new` are its provider's."""

    single = False
    keeps_cancelled = False

    def __init__(self, calendars: Callable[[], Calendars[One]], me: str) -> None:
        """:param calendars: as they are known now. :param me: the person's address in events, lower case."""
        self._calendars, self._me = calendars, me
        self._places: Mapping[str, tuple[str, str]] = {}
        self._written: dict[str, tuple[str, str]] = {}

    # ------------------------------------------------------------------ a provider's

    def open(self, name: str, uid: str) -> Fetched | None:
        """An event as it is now; None where it is not there."""
        raise NotImplementedError

    def replace(self, name: str, old: Opened | None, new: bytes | None) -> bool:
        """See `Shelf.replace`: the requests that make of the one what the other says."""
        raise NotImplementedError

    def _search(self, native: str, calendars: Sequence[One]) -> tuple[Fetched, str, str] | None:
        """Ask calendars for a native id, the first first."""
        raise NotImplementedError

    def _new(self, uid: str) -> str:
        """What stands for the id of an event that is not there yet."""
        raise NotImplementedError

    # ------------------------------------------------------------------ what all share

    def remember(self, places: Mapping[str, tuple[str, str]]) -> None:
        """Where a pass has seen each event: name and UID by native id. Looked at there first."""
        self._places, self._written = places, {}

    def find(self, native: str) -> tuple[Opened, str, str] | None:
        """See `Shelf.find`."""
        place = self._written.get(native) or self._places.get(native)
        if place is not None:
            name, uid = place
            file = self.open(name, uid)
            if file is not None and uid in file.groups:
                return file, name, uid
        calendars = self._calendars().calendars
        found = self._search(native, calendars)
        if found is None:  # one UID in two calendars: `native_of`
            for calendar in calendars:
                uid, at, _ = native.partition(f"@{calendar.id}")
                if at and (found := self._search(uid, [calendar])) is not None:
                    break
        if found is not None:
            self._written[native] = found[1:]
        return found

    def home(self, calendar: str, uid: str) -> tuple[str, Opened | None]:
        """See `Shelf.home`."""
        known = self._calendars()
        here = known.called(calendar) if calendar else known.default
        if here is None and calendar:
            raise Missing(f"There is no calendar called {calendar!r} here.")
        if here is None and any(c.writable for c in known.calendars):
            raise Unsupported(
                "New events go into a calendar of one's own, and only others' are chosen here: add one "
                "of one's own to the option calendars, or say which of these it is for."
            )
        if here is None:
            raise Unsupported("All calendars of this account are only read.")
        if not here.writable:
            raise Unsupported(f"The calendar {here.title} is only read.")
        return name_of(here.id, self._new(uid)), None

    def fresh(self, folder: str, uid: str) -> str:
        """See `Shelf.fresh`."""
        return name_of(place_of(f"{folder}/")[0], self._new(uid))

    def check(self, name: str, file: Opened, uid: str) -> None:
        """See `Shelf.check`."""
        calendar = self._calendars().calendar(place_of(name)[0])
        if calendar is None or not calendar.writable:
            raise Unsupported(f"The calendar {calendar.title if calendar else name} is only read.")
