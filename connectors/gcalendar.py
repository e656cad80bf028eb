"""Google Calendar: events of the calendars ticked there, read and written; and when others are taken.

One Item per UID: a series with its exceptions is one, as in a calendar file. Where two calendars hold the
same UID, the first has it; in the other it is `uid@calendar`. What is written names the ETag that was read,
and is never sent twice; an effect is found again by its key in the event. Google is asked to tell nobody.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any

from deskhand.connectors import _gcal_account as calendars_of
from deskhand.connectors._egress import Client
from deskhand.connectors._gcal_account import Calendar
from deskhand.connectors._gcal_diary import GoogleDiary
from deskhand.connectors._gcal_event import master_of, others_in
from deskhand.connectors._gcal_notes import Notes
from deskhand.connectors._gcal_pass import (
    Known,
    Listing,
    Seen,
    broken,
    known_of,
    list_all,
    name_of,
    native_of,
    natives,
    partly,
    place_of,
    value_of,
)
from deskhand.connectors._gcal_shelf import Fetched, GoogleShelf
from deskhand.connectors._gcal_writes import GoogleWrites
from deskhand.connectors._google_account import Account as Signed
from deskhand.connectors._google_account import opened
from deskhand.connectors._ical import item_of
from deskhand.connectors._ical_event import Zones
from deskhand.connectors._ics_shelf import BROKEN
from deskhand.connectors._ics_writes import OPERATIONS
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Unsupported
from deskhand.connectors.model import (
    Change,
    Content,
    Contents,
    Cursor,
    Failed,
    FreeBusy,
    Item,
    ItemRef,
    Kind,
    Receipt,
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

HOLDS: frozenset[Kind] = frozenset({"event"})
"""Kinds of items that live here."""
PLACE = ("account",)
"""What sort of place it is at (`_fitting`)."""
SIGN_IN = ("google", "calendar")
"""What one signs in to."""


class GCalendar:
    """The calendars of a Google account."""

    def __init__(
        self, source: str, state: Path, signed: Signed, *, wanted: Sequence[str] = (), me: str = ""
    ) -> None:
        self._source, self._state, self._signed = source, state, signed
        self._api, self._wanted = signed.api, tuple(wanted)
        self._me = (me or signed.address).strip().lower()
        self._account = calendars_of.load(state, signed.address)
        self._shelf = GoogleShelf(self._api, lambda: self._known, self._me, Notes(state))
        self._writes = GoogleWrites(source, state, self._shelf, self._me, account=signed.address)
        self._diary = GoogleDiary(self._api)

    @property
    def source(self) -> str:
        return self._source

    @property
    def operations(self) -> Sequence[type[Operation]]:
        if not self._signed.writes or (self._account.calendars and self._account.default is None):
            return ()
        return OPERATIONS

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        old = known_of(since)
        self._look()
        order = {c.id: n for n, c in enumerate(self._account.calendars)}
        before = natives(old, lambda id_: (order.get(id_, len(order)), id_))
        listings = list_all(self._api, self._account.calendars, old)
        expected = sum(len(at.groups) for at in listings)
        todo = sum(len(at.groups) - sum(g is None for g in at.groups.values()) for at in listings)
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
                else:
                    yield self._change(file, owned[native], native)
                waiting += 1
                if waiting >= page and done < expected:
                    waiting = 0
                    yield Cursor(partly(old, new), done, expected)
        for native in before:
            if native not in owned:
                yield Removed(self._ref(native))
        self._shelf.remember({n: place for n, place in owned.items() if place[1] != BROKEN})
        tokens = {at.calendar.id: at.token for at in listings}
        value = value_of({id_: Known(tokens[id_], seen) for id_, seen in new.items()})
        yield Cursor(value, expected, expected)

    def check(self) -> None:
        """Sign in, and see which calendars there are. :raises SourceError: it fails."""
        self._signed.check()
        self._look()

    def read(self, ref: ItemRef) -> Item | None:
        if (found := self._shelf.find(ref.native)) is None:
            return None
        file, name, uid = found
        assert isinstance(file, Fetched)  # noqa: S101 - this shelf's
        change = self._change(file, (name, uid), ref.native)
        return change if isinstance(change, Item) else None

    def content(self, ref: ItemRef, version: str) -> Content:
        raise Unsupported("An event has no bytes of its own that could be taken along.")

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        if not isinstance(operation, tuple(self.operations)):
            why = "it is only read" if isinstance(operation, OPERATIONS) else "a calendar cannot do that"
            raise Unsupported(f"{self._source} cannot do {operation.name}: {why}.")
        return self._writes.perform(operation, key=key, now=now)

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        return self._writes.find(operation, key=key)

    def where(self, operation: Operation, *, key: str) -> str:
        return self._writes.where(operation, key=key)

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        return self._writes.inverse(operation, receipt)

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        others = sorted({a.strip().lower() for a in addresses} - {self._me, self._signed.address})
        return self._diary.free_busy(others, start=start, end=end) if others else {}

    def close(self) -> None:
        self._api.close()

    @property
    def _known(self) -> calendars_of.Account:
        """The calendars, looked up where they never were."""
        if not self._account.calendars:
            self._look()
        return self._account

    def _look(self) -> None:
        before, self._account = (
            self._account,
            calendars_of.listed(self._api, self._account, self._wanted),
        )
        if self._account != before:
            calendars_of.save(self._state, self._account)

    def _groups(self, at: Listing) -> Iterator[tuple[str, Fetched | None, Seen]]:
        """All of a calendar in order, fetched where it changed: (id, file, what to know of it)."""
        if at.failure:
            yield BROKEN, None, broken(at.calendar, at.failure)
        for base, events in sorted(at.groups.items()):
            known = at.before.seen.get(base)
            if events is None and base not in at.changed and known is not None:
                yield base, None, known
                continue
            if events is None:
                uid = known.uid if known is not None else ""
                file = self._shelf.open(name_of(at.calendar.id, base), uid)
            else:
                file = self._shelf.fetched(at.calendar, base, events)
            if file is not None:  # else it was taken away since; the next pass hears of it
                ((uid, group),) = file.groups.items()
                yield base, file, Seen(uid, group.version)

    def _change(self, file: Fetched | None, place: tuple[str, str], native: str) -> Change:
        ref, (name, uid) = self._ref(native), place
        try:
            file = file or self._shelf.open(name, uid)
            if file is None:
                return Failed(ref, "It was taken away while it was read.")
            group = file.groups[uid]
            calendar = self._account.calendar(place_of(name)[0])
            item = item_of(
                file.data, group, Zones(file.data, group.calendar), ref=ref,
                folder=calendar.title if calendar else "", link=_link(file), me=self._me,
                mtime=_changed(file),
            )  # fmt: skip
            return self._labelled(item, file, calendar)
        except KeyError:
            return Failed(ref, "It changed while it was read.")
        except (ValueError, OverflowError) as e:
            return Failed(ref, str(e))

    def _labelled(self, item: Item, file: Fetched, calendar: Calendar | None) -> Item:
        """The item, with how far it is trusted: what others can have written is theirs."""
        if calendar is not None and calendar.person and calendar.person != self._me:
            item = replace(item, data={**item.data, "owner": calendar.person})
        own = calendar is not None and calendar.own(self._me)
        if own and all(_by_oneself(e, self._me, crowd=others_in(file.events)) for e in file.events):
            return item
        return replace(item, label=replace(item.label, trust="untrusted"))

    def _ref(self, native: str) -> ItemRef:
        return ItemRef(self._source, "event", native)


def _by_oneself(event: Mapping[str, Any], me: str, *, crowd: bool) -> bool:
    creator = event.get("creator") or {}
    theirs = bool(creator) and not creator.get("self") and str(creator.get("email") or "").lower() != me
    written = event.get("eventType") in _NOT_WRITTEN_BY_ONE or (crowd and bool(event.get("guestsCanModify")))
    return not theirs and not written


def _changed(file: Fetched) -> datetime:
    """When something of it changed last, as Google says."""
    found = []
    for event in file.events:
        with suppress(ValueError):
            text = str(event.get("updated") or event.get("created") or "")
            found.append(datetime.fromisoformat(text).astimezone(UTC))
    return max(found, default=_ONCE)


def _link(file: Fetched) -> str:
    event = master_of(file.events) or file.events[0]
    link = str(event.get("htmlLink") or "")
    return link if link.startswith("https://") else ""


def connect(
    *, source: str, state: Path, place: str, token: str = "", write: bool | str = False, root: str = "",
    calendars: str = "", me: str = "",
) -> GCalendar:  # fmt: skip
    """Open the calendars of a Google account. Asks nobody.

    :param place: the account's address.
    :param token: what the sign-in left; a secret.
    :param write: whether events may be made and changed, which has to be allowed at the sign-in.
    :param root: another server that speaks this API, for trying it out.
    :param calendars: which of them, by name or id, divided by commas; the first is for new events. By default
        all that are ticked in Google Calendar, and the person's own for new events.
    :param me: the person's address in events, where that is another one.
    :raises Misconfigured: it cannot work like this.
    """
    return opened_with(
        None, source=source, state=state, place=place, token=token, write=write, root=root,
        calendars=calendars, me=me,
    )  # fmt: skip


def opened_with(
    http: Client | None, *, source: str, state: Path, place: str, token: str = "", write: bool | str = False,
    root: str = "", calendars: str = "", me: str = "", pause: Callable[[float], None] = sleep,
    jitter: Callable[[], float] = random.random,
) -> GCalendar:  # fmt: skip
    """The same, by a client that is there already. It is closed with the source."""
    signed = opened(
        "calendar", source=source, place=place, token=token, write=write, root=root, http=http, pause=pause,
        jitter=jitter,
    )  # fmt: skip
    wanted = [c.strip() for c in calendars.split(",") if c.strip()]
    return GCalendar(source, state, signed, wanted=wanted, me=me)
