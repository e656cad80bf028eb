"""One pass over a Google account: what changed in each calendar since a cursor.

A calendar is asked what changed since its sync token. Where Google no longer knows that (410), or nobody
asked before, all of it is listed, and only what a complete list leaves out is taken for removed. The token
stands on the last page alone, and goes into the cursor that ends the pass.
https://developers.google.com/workspace/calendar/api/guides/sync
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deskhand.connectors._calendar_event import Json, master_of
from deskhand.connectors._calendar_known import Known
from deskhand.connectors._gcal_event import shaped, uid_of
from deskhand.connectors._gcal_list import Calendar
from deskhand.connectors._google import Api
from deskhand.connectors._google_errors import Gone, Refused
from deskhand.connectors._ics_shelf import BROKEN
from deskhand.connectors.errors import Missing, SourceError, Transient, Unauthorized

_PAGE = 1_000
"""Events on a page: Google gives up to 2,500, which can be more bytes than are read at once."""
_MANY = 20
"""Series that are fetched one by one where they changed; where more did, all is listed at once."""
_MOST_PAGES = 10_000
"""A listing in more parts than this goes in circles."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a calendar now, and from where the next pass goes on."""

    calendar: Calendar
    token: str
    before: Known
    groups: Mapping[str, tuple[Json, ...] | None]
    """By the id of the event or series: its events as they came, or None for one that is as it was, or that
    changed in part and has to be fetched whole (`changed`)."""
    changed: frozenset[str]
    failure: str = ""
    """Why it could not be read; what was read of it before is kept."""

    @property
    def size(self) -> int:
        return len(self.groups)

    @property
    def todo(self) -> int:
        """How many of them may have changed."""
        return sum(g is not None for g in self.groups.values())


def list_all(api: Api, calendars: Iterable[Calendar], old: Mapping[str, Known]) -> list[Listing]:
    """Every calendar that may be read. :raises SourceError: the account cannot be asked.

    What changed in all of them is one request, mostly.
    """
    readable = [(c, old.get(c.id, Known())) for c in calendars if c.readable]
    asked = [_page(api, c, known.token) for c, known in readable if known.token]
    told = iter(api.read_all(asked))
    return [_listing(api, c, known, next(told) if known.token else None) for c, known in readable]


def _listing(api: Api, calendar: Calendar, before: Known, first: Any) -> Listing:
    """`first`: the first page of what changed, or the error that came instead; None: it was not asked for."""
    try:
        if before.token:
            try:
                found = _since(calendar, before, *_pages(api, calendar, before.token, first))
                if len(found.changed) <= _MANY:
                    return found
            except (Gone, Refused):
                pass  # from there it does not go on
        return _whole(calendar, before, *_pages(api, calendar, ""))
    except Unauthorized:
        raise
    except (Missing, Refused) as error:
        # Shared once and no longer, or an address that is dead: the others are read all the same.
        kept = {base: None for base in before.seen if base != BROKEN}
        return Listing(calendar, before.token, before, kept, frozenset(), str(error))


def _page(api: Api, calendar: Calendar, token: str, page_token: str | None = None) -> Any:
    return api.service.events().list(
        calendarId=calendar.id, maxResults=_PAGE, pageToken=page_token, syncToken=token or None
    )


def _pages(api: Api, calendar: Calendar, token: str, first: Any = None) -> tuple[list[Json], str]:
    """All events of a listing, each as it came last, and the token that the last page carries."""
    if isinstance(first, SourceError):
        raise first
    found: dict[str, Json] = {}
    page_token, page = None, first
    for _ in range(_MOST_PAGES):
        if page is None:
            page = api.read(_page(api, calendar, token, page_token))
        for event in page.get("items") or ():
            if isinstance(event, Mapping) and event.get("id"):
                found[str(event["id"])] = shaped(event)
        page_token = page.get("nextPageToken")
        if not page_token:
            return list(found.values()), str(page.get("nextSyncToken") or "")
        page = None
    raise Transient(f"The calendar {calendar.title} is told in parts that come to no end.")


def _since(calendar: Calendar, before: Known, events: list[Json], token: str) -> Listing:
    if not events:
        token = before.token  # nothing changed, so neither does the cursor
    groups: dict[str, tuple[Json, ...] | None] = {base: None for base in before.seen if base != BROKEN}
    changed: set[str] = set()
    for event in events:
        base = base_of(event)
        if event.get("recurringEventId"):
            changed.add(base)
            groups.setdefault(base, None)
        elif event.get("status") == "cancelled":
            groups.pop(base, None)
            changed.discard(base)
        elif event.get("recurrence"):
            changed.add(base)
            groups[base] = None
        else:
            changed.discard(base)
            groups[base] = (event,)
    return Listing(calendar, token, before, groups, frozenset(changed & groups.keys()))


def _whole(calendar: Calendar, before: Known, events: list[Json], token: str) -> Listing:
    groups: dict[str, list[Json]] = {}
    for event in events:
        groups.setdefault(base_of(event), []).append(event)
    made = {
        base: tuple(found) for base, found in groups.items()
        if any(e.get("status") != "cancelled" for e in found)
    }  # fmt: skip
    return Listing(calendar, token, before, made, frozenset())


def base_of(event: Json) -> str:
    """The id of an event, or of the series whose exception it is."""
    return str(event.get("recurringEventId") or event["id"])


def group_of(api: Api, calendar: str, base: str, uid: str) -> tuple[Json, ...]:
    """An event, or a series with its exceptions, as they are now; nothing where it is not there.

    :raises SourceError: it cannot be asked for.
    """
    if not uid:
        try:
            event = api.read(api.service.events().get(calendarId=calendar, eventId=base))
        except Missing:
            return ()
        if event.get("status") == "cancelled":
            return ()
        uid = uid_of([event], base)
    found = [e for e in by_uid(api, calendar, uid) if base_of(e) == base]
    master = master_of(found)
    if master is not None and master.get("status") == "cancelled":
        return ()
    return tuple(found) if any(e.get("status") != "cancelled" for e in found) else ()


def by_uid(api: Api, calendar: str, uid: str, *, deleted: bool = False) -> list[Json]:
    """All events of a calendar that share a UID; cancelled exceptions too.

    :param deleted: what was taken away as well. :raises SourceError: they cannot be asked for.
    """
    found: dict[str, Json] = {}
    token = None
    for _ in range(_MOST_PAGES):
        page = api.read(
            api.service.events().list(
                calendarId=calendar, iCalUID=uid, maxResults=_PAGE, pageToken=token,
                showDeleted=True if deleted else None,
            )
        )  # fmt: skip
        items = [e for e in page.get("items") or () if isinstance(e, Mapping) and e.get("id")]
        found |= {str(e["id"]): shaped(e) for e in items}
        token = page.get("nextPageToken")
        if not token:
            return list(found.values())
    raise Transient("Google Calendar lists an event without end.")
