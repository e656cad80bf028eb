"""The calendars of a Google account: which there are, whose they are, and what may be done with each.

What was found is kept in the state folder, so that a command that asks nobody needs no network; each pass
lists them anew. https://developers.google.com/workspace/calendar/api/v3/reference/calendarList
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deskhand.connectors._google import Api
from deskhand.connectors._keep import write_beside
from deskhand.connectors.errors import Misconfigured, Transient

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
    def writable(self) -> bool:
        return self.role in _WRITERS

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

    def called(self, name: str) -> bool:
        """Whether a person may mean it: by its title or id."""
        return name in (self.title, self.id) or (self.primary and name.lower() == "primary")


@dataclass(frozen=True, slots=True)
class Account:
    """What was found out about an account."""

    address: str
    calendars: tuple[Calendar, ...] = ()
    """Those that are read: the primary one first, or in the order in which they were named."""
    chosen: tuple[tuple[str, str], ...] = ()
    """Which calendar each name in the options meant: one that is renamed stays chosen."""

    @property
    def default(self) -> Calendar | None:
        """The one for new events."""
        return next((c for c in self.calendars if c.writable), None)

    def calendar(self, id_: str) -> Calendar | None:
        return next((c for c in self.calendars if c.id == id_), None)


def listed(api: Api, account: Account, wanted: Sequence[str]) -> Account:
    """The account with the calendars there are now.

    :raises Misconfigured: a calendar that was named is not there.
    :raises SourceError: Google cannot be asked.
    """
    found = [_calendar(e) for e in _entries(api)]
    if not wanted:
        mine = [c for c in found if c.shown or c.primary]
        return Account(account.address, tuple(sorted(mine, key=lambda c: (not c.primary, c.id))))
    meant = dict(account.chosen)
    chosen: dict[str, Calendar] = {}
    for name in wanted:
        here = next((c for c in found if c.id == meant.get(name)), None)
        here = here or next((c for c in found if c.called(name)), None)
        if here is None and name in meant:
            continue  # it was there: it is gone, and so are its events
        if here is None:
            known = ", ".join(c.title for c in found)
            raise Misconfigured(
                f"There is no calendar called {name!r} in {account.address}; there are: {known}."
            )
        chosen[name] = here
    calendars = tuple({c.id: c for c in chosen.values()}.values())
    both = {**meant, **{name: c.id for name, c in chosen.items()}}
    return Account(account.address, calendars, tuple(sorted((n, i) for n, i in both.items() if n in wanted)))


def load(state: Path, address: str) -> Account:
    """What was found out before, where it was the same account."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads((state / "calendars.json").read_text("utf-8"))
        if kept["address"] == address:
            chosen = tuple((str(a), str(b)) for a, b in kept["chosen"])
            return Account(address, tuple(Calendar(**c) for c in kept["calendars"]), chosen)
    return Account(address)


def save(state: Path, account: Account) -> None:
    """Keep it for the next start. What cannot be kept is found out again."""
    path = state / "calendars.json"
    with suppress(OSError):
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(asdict(account), ensure_ascii=False)
        write_beside(path, text.encode(), beside=path.with_name(f".{path.name}.{os.getpid()}"), durable=False)


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
