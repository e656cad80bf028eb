"""Google Calendar: events of the calendars ticked there, read and written; and when others are taken.

One Item per UID: a series with its exceptions is one, as in a calendar file. Where two calendars hold the
same UID, the first has it; in the other it is `uid@calendar`. What is written names the ETag that was read,
and is never sent twice; an effect is found again by its key in the event. Google is asked to tell nobody.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import sleep

from deskhand.connectors._calendar_api import CalendarApi
from deskhand.connectors._calendar_known import Known, Seen, broken, name_of
from deskhand.connectors._calendar_list import CalendarList, names_in
from deskhand.connectors._calendar_shelf import Fetched
from deskhand.connectors._egress import Client
from deskhand.connectors._gcal_diary import GoogleDiary
from deskhand.connectors._gcal_list import Calendar, calendars_of
from deskhand.connectors._gcal_notes import Notes
from deskhand.connectors._gcal_pass import Listing, list_all
from deskhand.connectors._gcal_shelf import GoogleShelf
from deskhand.connectors._gcal_writes import GoogleWrites
from deskhand.connectors._google_account import Account as Signed
from deskhand.connectors._google_account import opened
from deskhand.connectors._ics_shelf import BROKEN
from deskhand.connectors.model import Kind

HOLDS: frozenset[Kind] = frozenset({"event"})
"""Kinds of items that live here."""
PLACE = ("account",)
"""What sort of place it is at (`_fitting`)."""
SIGN_IN = ("google", "calendar")
"""What one signs in to."""


class GCalendar(CalendarApi[Calendar]):
    """The calendars of a Google account."""

    def __init__(
        self, source: str, state: Path, signed: Signed, *, wanted: Sequence[str] = (), me: str = ""
    ) -> None:
        self._api, address = signed.api, signed.address
        person = (me or address).strip().lower()
        calendars = CalendarList(state, address, wanted, Calendar, lambda: calendars_of(self._api))
        self._shelf = GoogleShelf(self._api, lambda: calendars.known, person, Notes(state))
        writes = GoogleWrites(source, state, self._shelf, person, account=address)
        super().__init__(source, person, signed, calendars, self._shelf, writes, GoogleDiary(self._api))

    def _listings(self, calendars: Sequence[Calendar], old: Mapping[str, Known]) -> Sequence[Listing]:
        return list_all(self._api, calendars, old)

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
    wanted = names_in(calendars)
    return GCalendar(source, state, signed, wanted=wanted, me=me)
