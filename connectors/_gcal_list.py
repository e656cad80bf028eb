"""The calendars of a Google account: which there are, whose they are, and what may be done with each.

https://developers.google.com/workspace/calendar/api/v3/reference/calendarList
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deskhand.connectors._google import Api
from deskhand.connectors.errors import Transient

_READERS = frozenset({"reader", "writer", "owner"})
_WRITERS = frozenset({"writer", "owner"})
_MOST_PAGES = 1_000
_SHARED = ".calendar.google.com"
"""How the id of a calendar ends that is no person's: an own further one, a room, holidays, birthdays."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar of the account's list."""

    id: str
    title: str
    role: str
    """freeBusyReader, reader, writer or owner."""
    primary: bool = False
    zone: str = ""
    keeper: str = ""
    """Who owns it, lower case, where Google tells (`dataOwner`)."""
    shown: bool = True
    """Ticked in Google Calendar."""

    @property
    def readable(self) -> bool:
        """Its events may be read; else only when its owner is taken."""
        return self.role in _READERS

    @property
    def unasked(self) -> bool:
        """See `OneCalendar.unasked`: what is ticked there."""
        return self.shown or self.primary

    @property
    def writable(self) -> bool:
        return self.role in _WRITERS

    @property
    def takes_new(self) -> bool:
        """Any that may be written: it was ticked, or named."""
        return self.writable

    def own(self, me: str) -> bool:
        """It is the person's, whoever else may write into it."""
        if self.primary:
            return True
        if self.role != "owner" or not self.id.endswith("@group" + _SHARED):
            return False
        return self.keeper in ("", me)

    @property
    def person(self) -> str:
        """Whose it is, where that is somebody's own calendar; lower case."""
        return "" if self.primary or self.id.endswith(_SHARED) else self.id.lower()


def calendars_of(api: Api) -> list[Calendar]:
    """All that are listed there. :raises SourceError: Google cannot be asked."""
    return [_calendar(e) for e in _entries(api)]


def _entries(api: Api) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    token = None
    for _ in range(_MOST_PAGES):
        page = api.read(api.service.calendarList().list(maxResults=250, pageToken=token))
        found += [e for e in page.get("items") or () if isinstance(e, Mapping) and e.get("id")]
        token = page.get("nextPageToken")
        if not token:
            return [e for e in found if not e.get("deleted") and not e.get("hidden")]
    raise Transient("Google Calendar lists calendars without end.")


def _calendar(entry: Mapping[str, Any]) -> Calendar:
    id_ = str(entry["id"])
    return Calendar(
        id_,
        str(entry.get("summaryOverride") or entry.get("summary") or id_),
        str(entry.get("accessRole") or "freeBusyReader"),
        bool(entry.get("primary")),
        str(entry.get("timeZone") or ""),
        str(entry.get("dataOwner") or "").lower(),
        bool(entry.get("selected")),
    )
