"""The calendars of a Microsoft account as a `Shelf`: every look asks Graph, every write names its ETag.

Exchange tells by itself whoever is invited, of a new meeting, another time, and that it is called off; and
the organizer of one's own answer. https://learn.microsoft.com/en-us/graph/api/resources/event
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from deskhand.connectors._calendar_event import master_of, uid_in
from deskhand.connectors._calendar_known import name_of, place_of
from deskhand.connectors._calendar_list import Calendars
from deskhand.connectors._calendar_text import calendar_of
from deskhand.connectors._graph import Graph
from deskhand.connectors._ics_file import Mark, Opened, opened
from deskhand.connectors._msgcal_event import is_alias
from deskhand.connectors._msgcal_find import Finding
from deskhand.connectors._msgcal_list import Calendar
from deskhand.connectors._msgcal_notes import Notes
from deskhand.connectors._msgcal_pass import Group, group_in
from deskhand.connectors._msgcal_requests import Requests
from deskhand.connectors._msgcal_writing import NEW, Fetched, Writing
from deskhand.connectors.errors import Missing, Unsupported

_PROGRAM = "-//Microsoft//Graph//EN"


class GraphShelf:
    """See `Shelf`. A name is a calendar's id and an event's, with a slash between them."""

    single = False
    keeps_cancelled = False

    def __init__(
        self, graph: Graph, account: Callable[[], Calendars[Calendar]], me: str, notes: Notes
    ) -> None:
        """:param account: as it is known now. :param me: the person's address in events, lower case."""
        self._account, self._me, self._notes = account, me, notes
        self._finding = Finding(graph, self.mine)
        self._said = ""
        requests = Requests(graph, self._finding, lambda: self._said)
        self._writing = Writing(requests, self._finding, notes, me, self.mine, self.fetched)
        self._places: Mapping[str, tuple[str, str]] = {}
        self._written: dict[str, tuple[str, str]] = {}

    def mine(self) -> tuple[str, ...]:
        """The addresses under which the account's owner is invited."""
        account = self._account()
        own = [c.owner for c in account.calendars if c.primary and c.owner]
        return tuple(dict.fromkeys([self._me, account.address, *own]))

    def native(self, named: str) -> str:
        """The native id of an event that is known by what it was called before Outlook gave it a UID."""
        if not is_alias(named) or (found := self.find(named)) is None:
            return named
        return found[2]

    def theirs(self, native: str) -> bool:
        """Whether somebody else called an event that is there."""
        found = self.find(native)
        return found is not None and isinstance(found[0], Fetched) and not found[0].mine

    @contextmanager
    def saying(self, comment: str) -> Iterator[None]:
        """What is called off meanwhile is called off with these words: a text of the event has no place
        for them, since nothing of it stays."""
        self._said = comment
        try:
            yield
        finally:
            self._said = ""

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
        calendars = self._account().calendars
        found = self._search(native, calendars)
        if found is None:  # one UID in two calendars: `native_of`
            for calendar in calendars:
                uid, at, _ = native.partition(f"@{calendar.id}")
                if at and (found := self._search(uid, [calendar])) is not None:
                    break
        if found is not None:
            self._written[native] = found[1:]
        return found

    def open(self, name: str, uid: str) -> Fetched | None:
        """An event as it is now; None where it is not there."""
        calendar, base = place_of(name)
        known = self._account().calendar(calendar)
        if known is None or base.startswith(NEW):
            return None
        group = self._finding.group(calendar, base)
        return self.fetched(known, group) if group is not None else None

    def fetched(self, calendar: Calendar, group: Group) -> Fetched:
        """The file that these events make."""
        master = master_of(group.events) or group.events[0]
        base = str(master["id"])
        signed = self._notes.keys(name_of(calendar.id, base), group.events)
        data = calendar_of(
            group.events, uid_in(group.events) or base, me=self._me, own=calendar.mine, zone="UTC",
            signed=signed, program=_PROGRAM,
        )  # fmt: skip
        file = opened(Mark(0, 0, 0), data)
        return Fetched(
            file.mark, data, file.digest, file.calendars, file.groups, str(master.get("etag") or ""),
            group.events,
        )  # fmt: skip

    def home(self, calendar: str, uid: str) -> tuple[str, Opened | None]:
        """See `Shelf.home`."""
        account = self._account()
        if not calendar:
            if account.default is None and any(c.writable for c in account.calendars):
                raise Unsupported(
                    "New events go into a calendar of one's own, and only others' are chosen here: add one "
                    "of one's own to the option calendars, or say which of these it is for."
                )
            if account.default is None:
                raise Unsupported("All calendars of this account are only read.")
            return name_of(account.default.id, NEW + uid), None
        here = account.called(calendar)
        if here is None:
            raise Missing(f"There is no calendar called {calendar!r} here.")
        if not here.writable:
            raise Unsupported(f"The calendar {here.title} is only read.")
        return name_of(here.id, NEW + uid), None

    def fresh(self, folder: str, uid: str) -> str:
        """See `Shelf.fresh`."""
        return name_of(place_of(f"{folder}/")[0], NEW + uid)

    def check(self, name: str, file: Opened, uid: str) -> None:
        """See `Shelf.check`."""
        calendar = self._account().calendar(place_of(name)[0])
        if calendar is None or not calendar.writable:
            raise Unsupported(f"The calendar {calendar.title if calendar else name} is only read.")

    def replace(self, name: str, old: Opened | None, new: bytes | None) -> bool:
        """See `Shelf.replace`: the requests that make of the one what the other says."""
        known = self._account().calendar(place_of(name)[0])
        if known is None:
            raise Missing("The calendar is not there any more.")
        if old is None:
            if new is None:
                return True
            native, id_, uid = self._writing.create(known, new)
            self._written[native] = self._written[uid] = (name_of(known.id, id_), uid)
            return True
        assert isinstance(old, Fetched)  # noqa: S101 - `find` made it
        if new is None:
            return self._writing.delete(known, old.events)
        return self._writing.change(known, name, old, new)

    def _search(self, native: str, calendars: Sequence[Calendar]) -> tuple[Opened, str, str] | None:
        found = self._finding.search(calendars, native)
        if found is None:
            return None
        calendar, row = found
        group = (
            self._finding.group(calendar.id, str(row["id"])) if _series(row) else group_in(row, self.mine())
        )
        if group is None:
            return None
        file = self.fetched(calendar, group)
        return file, name_of(calendar.id, str(row["id"])), next(iter(file.groups))


def _series(row: Mapping[str, object]) -> bool:
    return row.get("type") == "seriesMaster"
