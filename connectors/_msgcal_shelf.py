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
from deskhand.connectors._calendar_shelf import CalendarShelf, Fetched, file_of
from deskhand.connectors._graph import Graph
from deskhand.connectors._ics_file import Opened
from deskhand.connectors._msgcal_event import is_alias
from deskhand.connectors._msgcal_find import Finding
from deskhand.connectors._msgcal_list import Calendar
from deskhand.connectors._msgcal_notes import Notes
from deskhand.connectors._msgcal_pass import Group, group_in
from deskhand.connectors._msgcal_requests import Requests
from deskhand.connectors._msgcal_writing import NEW, Writing
from deskhand.connectors.errors import Missing

_PROGRAM = "-//Microsoft//Graph//EN"


class GraphShelf(CalendarShelf[Calendar]):
    """See `CalendarShelf`."""

    def __init__(
        self, graph: Graph, calendars: Callable[[], Calendars[Calendar]], me: str, notes: Notes
    ) -> None:
        """:param calendars: as they are known now. :param me: the person's address in events, lower case."""
        super().__init__(calendars, me)
        self._notes = notes
        self._finding = Finding(graph, self.mine)
        self._said = ""
        requests = Requests(graph, self._finding, lambda: self._said)
        self._writing = Writing(requests, self._finding, notes, me, self.mine, self.fetched)

    def mine(self) -> tuple[str, ...]:
        """The addresses under which the account's owner is invited."""
        account = self._calendars()
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

    def open(self, name: str, uid: str) -> Fetched | None:
        calendar, base = place_of(name)
        known = self._calendars().calendar(calendar)
        if known is None or base.startswith(NEW):
            return None
        group = self._finding.group(calendar, base)
        return self.fetched(known, group) if group is not None else None

    def fetched(self, calendar: Calendar, group: Group) -> Fetched:
        """The file that these events make."""
        master = master_of(group.events) or group.events[0]
        base = str(master["id"])
        signed = self._notes.keys(name_of(calendar.id, base), group.events)
        return file_of(
            group.events, uid_in(group.events) or base, me=self._me, own=calendar.mine, zone="UTC",
            signed=signed, program=_PROGRAM,
        )  # fmt: skip

    def replace(self, name: str, old: Opened | None, new: bytes | None) -> bool:
        """See `Shelf.replace`: the requests that make of the one what the other says."""
        known = self._calendars().calendar(place_of(name)[0])
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

    def _new(self, uid: str) -> str:
        return NEW + uid

    def _search(self, native: str, calendars: Sequence[Calendar]) -> tuple[Fetched, str, str] | None:
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
