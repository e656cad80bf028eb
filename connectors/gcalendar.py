"""Google Calendar: events of the calendars ticked there, read and written; and when others are taken.

One Item per UID: a series with its exceptions is one, as in a calendar file. Where two calendars hold the
same UID, the first has it; in the other it is `uid@calendar`. What is written names the ETag that was read,
and is never sent twice; an effect is found again by its key in the event. Google is asked to tell nobody.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from time import sleep

from deskhand.connectors import _gcal_account as calendars_of
from deskhand.connectors._calendar_api import CalendarApi
from deskhand.connectors._calendar_known import Known, Seen, broken, name_of
from deskhand.connectors._egress import Client
from deskhand.connectors._gcal_account import Calendar
from deskhand.connectors._gcal_diary import GoogleDiary
from deskhand.connectors._gcal_notes import Notes
from deskhand.connectors._gcal_pass import Listing, list_all
from deskhand.connectors._gcal_shelf import Fetched, GoogleShelf
from deskhand.connectors._gcal_writes import GoogleWrites
from deskhand.connectors._google_account import Account as Signed
from deskhand.connectors._google_account import opened
from deskhand.connectors._ics_shelf import BROKEN
from deskhand.connectors._ics_writes import OPERATIONS
from deskhand.connectors.model import FreeBusy, Kind
from deskhand.connectors.operations import Operation

HOLDS: frozenset[Kind] = frozenset({"event"})
"""Kinds of items that live here."""
PLACE = ("account",)
"""What sort of place it is at (`_fitting`)."""
SIGN_IN = ("google", "calendar")
"""What one signs in to."""


class GCalendar(CalendarApi):
    """The calendars of a Google account."""

    def __init__(
        self, source: str, state: Path, signed: Signed, *, wanted: Sequence[str] = (), me: str = ""
    ) -> None:
        self._state, self._signed = state, signed
        self._api, self._wanted = signed.api, tuple(wanted)
        person = (me or signed.address).strip().lower()
        self._account = calendars_of.load(state, signed.address)
        self._shelf = GoogleShelf(self._api, lambda: self._known, person, Notes(state))
        writes = GoogleWrites(source, state, self._shelf, person, account=signed.address)
        self._diary = GoogleDiary(self._api)
        super().__init__(source, person, self._shelf, writes)

    @property
    def operations(self) -> Sequence[type[Operation]]:
        if not self._signed.writes or (self._account.calendars and self._account.default is None):
            return ()
        return OPERATIONS

    def check(self) -> None:
        """Sign in, and see which calendars there are. :raises SourceError: it fails."""
        self._signed.check()
        self._look()

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

    @property
    def _calendars(self) -> Sequence[Calendar]:
        return self._account.calendars

    def _look(self) -> None:
        before, self._account = (
            self._account,
            calendars_of.listed(self._api, self._account, self._wanted),
        )
        if self._account != before:
            calendars_of.save(self._state, self._account)

    def _listings(self, old: Mapping[str, Known]) -> Sequence[Listing]:
        return list_all(self._api, self._account.calendars, old)

    def _groups(self, at: Listing) -> Iterator[tuple[str, Fetched | None, Seen]]:
        """All of a calendar in order, fetched where it changed: (id, file, what to know of it)."""
        if at.failure:
            yield BROKEN, None, broken(at.calendar.id, at.failure)
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
