"""The calendars of a Google account as a `Shelf`: every look asks Google, every write names the ETag it read.

https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deskhand.connectors._calendar_event import Json, called_here, master_of
from deskhand.connectors._calendar_known import name_of, place_of
from deskhand.connectors._calendar_list import Calendars
from deskhand.connectors._calendar_shelf import CalendarShelf, Fetched, file_of
from deskhand.connectors._gcal_event import AT, uid_of
from deskhand.connectors._gcal_list import Calendar
from deskhand.connectors._gcal_notes import Notes
from deskhand.connectors._gcal_pass import by_uid, group_of
from deskhand.connectors._gcal_requests import Requests
from deskhand.connectors._gcal_writing import Writing
from deskhand.connectors._google import Api
from deskhand.connectors._ics_file import Opened
from deskhand.connectors.errors import Missing, Unsupported

_PROGRAM = "-//Google//Calendar//EN"
_IMPORT = "uid="
"""How the name of an event begins that has a UID of its own, and no id yet."""
_MADE_BY_GOOGLE = {
    "birthday": "a birthday, which Google takes from your contacts",
    "fromGmail": "an event that Google made of a mail",
}


class GoogleShelf(CalendarShelf[Calendar]):
    """See `CalendarShelf`."""

    def __init__(self, api: Api, calendars: Callable[[], Calendars[Calendar]], me: str, notes: Notes) -> None:
        """:param calendars: as they are known now. :param me: the person's address, lower case."""
        super().__init__(calendars, me)
        self._api, self._notes = api, notes
        self._writing = Writing(api, Requests(api), notes, me, calendars, self.fetched)

    def open(self, name: str, uid: str) -> Fetched | None:
        calendar, base = place_of(name)
        known = self._calendars().calendar(calendar)
        if known is None or not known.readable:
            return None
        try:
            events = group_of(self._api, calendar, base, uid)
        except Missing:
            return None
        return self.fetched(known, base, events) if events else None

    def fetched(self, calendar: Calendar, base: str, events: Sequence[Json]) -> Fetched:
        """The file that these events make."""
        signed = [] if called_here(events) else self._notes.keys(name_of(calendar.id, base), events)
        return file_of(
            events, uid_of(events, base), me=self._me, own=calendar.own(self._me), zone=calendar.zone,
            signed=signed, program=_PROGRAM,
        )  # fmt: skip

    def check(self, name: str, file: Opened, uid: str) -> None:
        """See `Shelf.check`."""
        super().check(name, file, uid)
        for event in file.events if isinstance(file, Fetched) else ():
            if kind := _MADE_BY_GOOGLE.get(str(event.get("eventType"))):
                raise Unsupported(f"This is {kind}; it is not changed from here.")
            if event.get("locked"):
                raise Unsupported("Google has locked this event; it is not changed from here.")

    def replace(self, name: str, old: Opened | None, new: bytes | None) -> bool:
        """See `Shelf.replace`: the requests that make of the one what the other says."""
        calendar, base = place_of(name)
        if old is None:
            return new is None or self._create(calendar, base, new)
        assert isinstance(old, Fetched)  # noqa: S101 - `find` made it
        if new is None:
            return self._writing.delete(calendar, old)
        return self._writing.change(calendar, base, old, new)

    def _create(self, calendar: str, base: str, new: bytes) -> bool:
        uid, calendar, id_ = self._writing.create(calendar, base, new)
        if not id_:
            return False
        self._written[uid] = (name_of(calendar, id_), uid)
        return True

    def _new(self, uid: str) -> str:
        """The id that belongs to a UID of ours, else a name that says that it has none."""
        id_ = uid.removesuffix(AT)
        ours = id_ != uid and id_.startswith("dh") and id_.isalnum()
        return id_ if ours else _IMPORT + uid

    def _search(self, uid: str, calendars: Sequence[Calendar]) -> tuple[Fetched, str, str] | None:
        if not uid or len(uid) > 1_000:
            return None
        for calendar in calendars:
            if not calendar.readable:
                continue
            try:
                found = by_uid(self._api, calendar.id, uid)
            except (Missing, Unsupported):
                continue
            bases = sorted(
                {str(e.get("recurringEventId") or e["id"]) for e in found if e.get("iCalUID") == uid}
            )
            for base in bases:
                events = [e for e in found if (e.get("recurringEventId") or e["id"]) == base]
                master = master_of(events)
                if (master or events[0]).get("status") == "cancelled":
                    continue
                file = self.fetched(calendar, base, events)
                if uid in file.groups:
                    return file, name_of(calendar.id, base), uid
        return None
