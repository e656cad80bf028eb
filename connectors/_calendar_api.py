"""What calendars behind a provider's API share: one Item per UID out of what changed, written by a `Shelf`.

Where two calendars hold the same UID, the first has it; in the other it is `uid@calendar`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Protocol

from deskhand.connectors._calendar import Events
from deskhand.connectors._calendar_event import master_of, others_in
from deskhand.connectors._calendar_known import (
    Known,
    Seen,
    known_of,
    name_of,
    native_of,
    natives,
    partly,
    place_of,
    value_of,
)
from deskhand.connectors._calendar_list import CalendarList, One, OneCalendar
from deskhand.connectors._calendar_shelf import CalendarShelf, Fetched
from deskhand.connectors._calendar_steps import OPERATIONS
from deskhand.connectors._calendar_writes import Writes
from deskhand.connectors._ical import item_of
from deskhand.connectors._ical_times import Zones
from deskhand.connectors._ics_file import Opened
from deskhand.connectors._ics_shelf import BROKEN
from deskhand.connectors.errors import SourceError
from deskhand.connectors.model import (
    Change,
    Cursor,
    Failed,
    FreeBusy,
    Item,
    Removed,
)
from deskhand.connectors.operations import Operation

_PAGE = 100
_PAGES = 20
"""At most so many pages where much changed: each carries a cursor that names everything."""
_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When an event came to be that does not say it."""
_NOT_WRITTEN_BY_ONE = frozenset({"fromGmail", "birthday"})
"""Kinds of events whose words are those of a mail or of somebody's address card."""


class Listing(Protocol):
    """What is in a calendar now."""

    @property
    def calendar(self) -> OneCalendar: ...
    @property
    def token(self) -> str: ...
    @property
    def failure(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def todo(self) -> int: ...


class Signed(Protocol):
    """An account that one has signed in to."""

    @property
    def address(self) -> str: ...
    @property
    def writes(self) -> bool: ...
    def check(self) -> None: ...
    def close(self) -> None: ...


class Diary(Protocol):
    """Asks when others are taken. `others`: in lower case."""

    def free_busy(
        self, others: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]: ...


class CalendarApi(Events, Generic[One]):
    """See the module. `_listings` and `_groups` are its provider's."""

    offers: ClassVar[Sequence[type[Operation]]] = OPERATIONS
    """The writes there are where writing is switched on."""

    def __init__(
        self, source: str, me: str, signed: Signed, calendars: CalendarList[One], shelf: CalendarShelf[One],
        writes: Writes, diary: Diary,
    ) -> None:  # fmt: skip
        """:param me: the person's address in events, lower case."""
        super().__init__(source, me, shelf, writes)
        self._signed, self._list, self._placed, self._diary = signed, calendars, shelf, diary

    # ------------------------------------------------------------------ a provider's

    def _listings(self, calendars: Sequence[One], old: Mapping[str, Known]) -> Sequence[Listing]:
        """What is in each calendar. `old`: what the last cursor knows."""
        raise NotImplementedError

    def _groups(self, at: Any) -> Iterator[tuple[str, Opened | SourceError | None, Seen]]:
        """All of a calendar in order: (id, file where it changed or why not, what to know of it)."""
        raise NotImplementedError

    # ------------------------------------------------------------------ reading

    def check(self) -> None:
        """Sign in, and see which calendars there are. :raises SourceError: it fails."""
        self._signed.check()
        self._list.look()

    def close(self) -> None:
        self._signed.close()

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        """See `Connector.changes`."""
        old = known_of(since)
        self._list.look()
        calendars = self._list.there.calendars
        order = {c.id: n for n, c in enumerate(calendars)}
        before = natives(old, lambda id_: (order.get(id_, len(order)), id_))
        listings = self._listings(calendars, old)
        expected = sum(at.size for at in listings)
        todo = sum(at.todo for at in listings)
        page, waiting, done = max(_PAGE, todo // _PAGES), 0, 0
        new: dict[str, dict[str, Seen]] = {}
        owned: dict[str, tuple[str, str]] = {}
        for at in listings:
            here = new[at.calendar.id] = {}
            for base, file, seen in self._groups(at):
                here[base] = seen
                native = native_of(seen.uid, at.calendar.id, base, owned)
                owned[native] = (name_of(at.calendar.id, base), seen.uid)
                done += base != BROKEN
                known = before.get(native)
                if known is not None and known.version == seen.version:
                    continue
                if base == BROKEN:
                    yield Failed(self._ref(native), f"{at.calendar.title} cannot be read: {at.failure}")
                elif isinstance(file, SourceError):
                    yield Failed(self._ref(native), str(file))
                else:
                    yield self._change(file, *owned[native], native)
                waiting += 1
                if waiting >= page and done < expected:
                    waiting = 0
                    yield Cursor(partly(old, new), done, expected)
        for native in before:
            if native not in owned:
                yield Removed(self._ref(native))
        self._placed.remember({n: place for n, place in owned.items() if place[1] != BROKEN})
        tokens = {at.calendar.id: at.token for at in listings}
        value = value_of({id_: Known(tokens[id_], seen) for id_, seen in new.items()})
        yield Cursor(value, expected, expected)

    def _change(self, file: Opened | None, name: str, uid: str, native: str) -> Change:
        ref = self._ref(native)
        try:
            file = file or self._placed.open(name, uid)
            if file is None:
                return Failed(ref, "It was taken away while it was read.")
            group = file.groups[uid]
            calendar = self._list.there.calendar(place_of(name)[0])
            events = file.events if isinstance(file, Fetched) else ()
            item = item_of(
                file.data, group, Zones(file.data, group.calendar), ref=ref,
                folder=calendar.title if calendar else "", link=_link(events), me=self._me,
                mtime=_changed(events),
            )  # fmt: skip
            return self._labelled(item, events, calendar)
        except KeyError:
            return Failed(ref, "It changed while it was read.")
        except (ValueError, OverflowError) as e:
            return Failed(ref, str(e))

    def _labelled(
        self, item: Item, events: Sequence[Mapping[str, Any]], calendar: OneCalendar | None
    ) -> Item:
        """The item, with how far it is trusted: what others can have written is theirs."""
        if calendar is not None and calendar.person and calendar.person != self._me:
            item = replace(item, data={**item.data, "owner": calendar.person})
        own = calendar is not None and calendar.own(self._me)
        if own and all(_by_oneself(e, self._me, crowd=others_in(events)) for e in events):
            return item
        return replace(item, label=replace(item.label, trust="untrusted"))

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        """See `Connector.free_busy`; of oneself the events say it."""
        others = sorted({a.strip().lower() for a in addresses} - {self._me, self._signed.address})
        return self._diary.free_busy(others, start=start, end=end) if others else {}

    # ------------------------------------------------------------------ writing

    @property
    def operations(self) -> Sequence[type[Operation]]:
        there = self._list.there.calendars
        if not self._signed.writes or (there and not any(c.writable for c in there)):
            return ()
        return self.offers


def _by_oneself(event: Mapping[str, Any], me: str, *, crowd: bool) -> bool:
    creator = event.get("creator") or {}
    theirs = bool(creator) and not creator.get("self") and str(creator.get("email") or "").lower() != me
    written = event.get("eventType") in _NOT_WRITTEN_BY_ONE or (crowd and bool(event.get("guestsCanModify")))
    return not theirs and not written


def _changed(events: Sequence[Mapping[str, Any]]) -> datetime:
    """When something of it changed last, as its provider says."""
    found = []
    for event in events:
        with suppress(ValueError):
            text = str(event.get("updated") or event.get("created") or "")
            found.append(datetime.fromisoformat(text).astimezone(UTC))
    return max(found, default=_ONCE)


def _link(events: Sequence[Mapping[str, Any]]) -> str:
    event = master_of(events) or (events[0] if events else {})
    link = str(event.get("htmlLink") or "")
    return link if link.startswith("https://") else ""
