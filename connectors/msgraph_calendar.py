"""Calendars of Microsoft 365 by Graph: events read and written, answers given; when others are taken.

One Item per UID: a series with its exceptions is one, as in a calendar file. A window of time is watched,
which goes along with the days. What is written names the ETag that was read, and is never sent twice; an
effect is found again by its key in the event. `place` is the account's address; it is only read until
`write` is switched on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from deskhand.connectors._calendar_api import CalendarApi
from deskhand.connectors._calendar_event import moment_of
from deskhand.connectors._calendar_known import Known, Seen, broken
from deskhand.connectors._calendar_list import CalendarList, names_in
from deskhand.connectors._calendar_shelf import Fetched
from deskhand.connectors._graph_errors import NotAllowed
from deskhand.connectors._ics_shelf import BROKEN
from deskhand.connectors._microsoft_account import Account, opened
from deskhand.connectors._msgcal_diary import GraphDiary
from deskhand.connectors._msgcal_list import Calendar, calendars_of
from deskhand.connectors._msgcal_notes import Notes
from deskhand.connectors._msgcal_pass import Listing, failed, groups_of, list_all
from deskhand.connectors._msgcal_shelf import GraphShelf
from deskhand.connectors._msgcal_writes import OPERATIONS, GraphWrites
from deskhand.connectors.base import Renew
from deskhand.connectors.errors import Misconfigured, SourceError, Transient, Unsupported
from deskhand.connectors.model import Kind

HOLDS: frozenset[Kind] = frozenset({"event"})
"""Kinds of items that live here."""
PLACE = ("account",)
"""What sort of place it is at (`_fitting`)."""
TELLS = True
"""Exchange writes by itself to those invited, and to the organizer of one's answer; nobody can have it
not."""
SIGN_IN = ("microsoft", "calendar")
"""Whom one signs in to, and to what there."""


class MsgraphCalendar(CalendarApi[Calendar]):
    """The calendars of a Microsoft account."""

    offers = OPERATIONS

    def __init__(
        self, source: str, state: Path, account: Account, *, wanted: Sequence[str] = (), me: str = "",
        since: date | None = None,
    ) -> None:  # fmt: skip
        self._graph, self._since, address = account.graph, since, account.address
        person = (me or address).strip().lower()
        calendars = CalendarList(state, address, wanted, Calendar, lambda: calendars_of(self._graph, address))
        self._shelf = GraphShelf(self._graph, lambda: calendars.known, person, Notes(state))
        writes = GraphWrites(source, state, self._shelf, person)
        super().__init__(source, person, account, calendars, self._shelf, writes, GraphDiary(self._graph))

    def _listings(self, calendars: Sequence[Calendar], old: Mapping[str, Known]) -> Sequence[Listing]:
        return list_all(self._graph, calendars, old, self._since)

    def _groups(self, at: Listing) -> Iterator[tuple[str, Fetched | SourceError | None, Seen]]:
        if at.failure:
            yield BROKEN, None, broken(at.calendar.id, at.failure)
        wanted = sorted(at.changed.items())
        fetched = zip(
            wanted, groups_of(self._graph, at.calendar.id, wanted, self._shelf.mine()), strict=True
        )  # fmt: skip
        for base in sorted(at.bases):
            if base not in at.changed:
                yield base, None, at.before.seen[base]
                continue
            _, got = next(fetched)
            if isinstance(got, Unsupported | NotAllowed | Transient):  # this one alone
                known = at.before.seen.get(base)
                yield base, got, failed(base, known, series=at.changed[base], why=str(got))
                continue
            if isinstance(got, SourceError):
                raise got
            if got is None or (self._since and _ended(got.events, self._since)):
                continue
            file = self._shelf.fetched(at.calendar, got)
            ((uid, group),) = file.groups.items()
            yield base, file, Seen(uid, group.version, got.mark)


def _ended(events: Sequence[Mapping[str, object]], since: date) -> bool:
    """Whether a single event was over before that day."""
    (first, *others) = events
    end = moment_of(first.get("end") or {})  # type: ignore[arg-type]
    return not others and not first.get("recurrence") and end is not None and end.date() < since


def connect(
    *, source: str, state: Path, place: str, token: str = "", write: bool | str = False, calendars: str = "",
    since: str | date = "", me: str = "", renew: Renew | None = None,
) -> MsgraphCalendar:  # fmt: skip
    """Open the calendars of a Microsoft account. Asks nobody.

    :param place: the account's address. :param token: what the sign-in left; a secret.
    :param write: whether events may be made and changed, which has to be allowed at the sign-in.
    :param calendars: which of them, by name or id, divided by commas; the first of one's own
        that may be written is for new events. By default all of the account's own, and its default one for
        new events.
    :param since: the day from which on events are read; by default a year back.
    :param me: the person's address in events, where that is another one.
    :raises Misconfigured: it cannot work like this.
    """
    account = opened("calendar", source=source, place=place, token=token, write=write, renew=renew)
    return opened_with(account, source=source, state=state, calendars=calendars, since=since, me=me)


def opened_with(
    account: Account, *, source: str, state: Path, calendars: str = "", since: str | date = "", me: str = ""
) -> MsgraphCalendar:
    """The same, of an account that is set up already. It is closed with the source."""
    wanted = names_in(calendars)
    try:
        day = since if isinstance(since, date) else date.fromisoformat(since) if since else None
    except ValueError:
        raise Misconfigured(f"The option since is a day like 2026-01-31, not {since!r}.") from None
    return MsgraphCalendar(source, state, account, wanted=wanted, me=me, since=day)
