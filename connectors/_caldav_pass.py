"""One pass over an account: what changed in each calendar since a cursor, and what a cursor knows of them.

A calendar that is at the token (RFC 6578) or ctag of the cursor is not asked again. Else the server tells
what changed since or, where it no longer knows or never did, everything there is; then ETags say what is to
be fetched, and only what a complete answer leaves out is taken for removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from deskhand.connectors._caldav_account import Account, Calendar
from deskhand.connectors._caldav_shelf import plain
from deskhand.connectors._dav import Dav, Refused
from deskhand.connectors._dav_xml import D, Response, propfind, sync_collection
from deskhand.connectors._ics_file import Opened
from deskhand.connectors._ics_shelf import BROKEN, digest
from deskhand.connectors.errors import Transient
from deskhand.connectors.model import Cursor

_MOST_ANSWERS = 10_000
"""A listing in more parts than this goes in circles."""
MOST = 500_000
"""Events of one calendar: whoever tells of more makes them up."""
_ETAGS = propfind("D:getetag", "D:resourcetype")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a cursor knows of one resource."""

    etag: str
    versions: Mapping[str, str]
    """By UID."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a cursor knows of one calendar; resources by the whole path."""

    token: str = ""
    ctag: str = ""
    seen: Mapping[str, Seen] = field(default_factory=dict[str, Seen])


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a calendar now, and from where the next pass goes on."""

    calendar: Calendar
    etags: Mapping[str, str]
    token: str
    before: Known

    @property
    def changed(self) -> list[str]:
        """Names of what is to be fetched, in order."""
        seen = self.before.seen
        return sorted(
            n for n, etag in self.etags.items() if not etag or n not in seen or seen[n].etag != etag
        )


def list_all(dav: Dav, account: Account, old: Mapping[str, Known]) -> list[Listing]:
    """Every calendar that may be read, in order. :raises SourceError: one could not be listed whole."""
    found = []
    for calendar in sorted(account.calendars, key=lambda c: c.name):
        if calendar.readable:
            before = old.get(calendar.name, Known())
            found.append(_listing(dav, account.address(calendar.name), calendar, before))
    return found


def _listing(dav: Dav, address: str, calendar: Calendar, before: Known) -> Listing:
    same_token = bool(before.token) and before.token == calendar.token
    if same_token or (not calendar.token and before.ctag and before.ctag == calendar.ctag):
        return Listing(calendar, {n: s.etag for n, s in before.seen.items()}, before.token, before)
    if calendar.syncs and before.token:
        try:
            etags, token = _since(dav, address, calendar, before, before.token)
            return Listing(calendar, etags, token, before)
        except Refused:
            pass  # <valid-sync-token/>, whatever the status: from there it does not go on
    if calendar.syncs:
        try:
            etags, token = _since(dav, address, calendar, before, "")
            return Listing(calendar, etags, token, before)
        except Refused:
            pass  # it says that it can, and cannot
    said = dav.propfind(address, _ETAGS, depth=1)
    if not said.responses or any(r.status >= 500 and _itself(r.name, calendar) for r in said.responses):
        raise Transient(f"The server did not tell all that is in the calendar {calendar.title}.")
    etags = {}
    for r in said.responses:
        if not _itself(r.name, calendar) and not r.has(f"{D}resourcetype", f"{D}collection"):
            _take(etags, r, before)
    return Listing(calendar, etags, "", before)


def _since(
    dav: Dav, address: str, calendar: Calendar, before: Known, token: str
) -> tuple[dict[str, str], str]:
    """What there is, by what changed since a token, or by all there is where there is no token.

    :raises Refused: it does not go on from there.
    """
    etags = {n: s.etag for n, s in before.seen.items()} if token else {}
    for _ in range(_MOST_ANSWERS):
        said = dav.report(address, sync_collection(token), depth=0)
        more = False
        for r in said.responses:
            if _itself(r.name, calendar):
                more = more or r.status == 507  # cut off there (RFC 6578 3.6)
            elif not r.name.endswith("/"):
                _take(etags, r, before)
        if len(etags) > MOST:
            raise Transient(f"The calendar {calendar.title} is told to hold more than {MOST:,} events.")
        if not more:
            return etags, said.token
        if not said.token or said.token == token:
            break
        token = said.token
    raise Transient(f"The calendar {calendar.title} is told in parts that come to no end.")


def _take(etags: dict[str, str], told: Response, before: Known) -> None:
    """What a server tells of one resource: it is there, it is gone, or nobody can tell at the moment."""
    if told.status == 200:
        etags[told.name] = plain(told.text(f"{D}getetag"))
    elif told.status in (404, 410):
        etags.pop(told.name, None)
    elif told.status >= 500 or told.name in before.seen:
        etags[told.name] = ""  # neither gone nor as it was: it is asked for by itself


def _itself(name: str, calendar: Calendar) -> bool:
    return name.rstrip("/") == calendar.name.rstrip("/")


# natives


def native_of(uid: str, name: str, owned: Mapping[str, object]) -> str:
    """The id of an event: its UID or, where another calendar has that already, with the calendar's name."""
    if uid == BROKEN:
        return unquote(name)
    if uid not in owned:
        return uid
    beside = f"{uid}@{unquote(name.rpartition('/')[0].rpartition('/')[2])}"
    return beside if beside not in owned else f"{uid}@{name}"


def natives(resources: Iterable[tuple[str, Seen]]) -> dict[str, tuple[str, str, str]]:
    """Name, UID and version by native id."""
    owned: dict[str, tuple[str, str, str]] = {}
    for name, seen in sorted(resources, key=lambda r: r[0]):
        for uid, version in seen.versions.items():
            owned[native_of(uid, name, owned)] = (name, uid, version)
    return owned


def looked_at(name: str, etag: str, file: Opened, before: Seen | None) -> tuple[Seen, str]:
    """What a cursor is to know of a resource that was fetched; the last is why it could not be read."""
    versions = {uid: g.version for uid, g in file.groups.items()}
    if file.whole:
        return Seen(file.tag or etag, versions), ""
    kept = {u: v for u, v in before.versions.items() if u != BROKEN} if before else {}
    what = "is cut short" if file.calendars else "is not a calendar"
    failure = f"{unquote(name)} {what}; what was read from it before is kept."
    return Seen(file.tag or etag, {**kept, **versions, BROKEN: digest(failure + file.digest)}), failure


# cursors


def known_of(cursor: Cursor | None) -> dict[str, Known]:
    """Read a cursor; one that is not ours is none."""
    if cursor is None:
        return {}
    try:
        return {
            name: Known(
                token, ctag, {name + rest: Seen(etag, versions) for rest, (etag, versions) in seen.items()}
            )
            for name, (token, ctag, seen) in json.loads(cursor.value).items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def partly(old: Mapping[str, Known], done: Mapping[str, Mapping[str, Seen]]) -> str:
    """The cursor in the middle of a pass: what was fetched is known, and where that was is listed anew.

    The old token would not do there: what came since it and goes before the next pass no server tells of.
    """
    return value_of(
        {name: k for name, k in old.items() if name not in done}
        | {name: Known(seen={**old.get(name, Known()).seen, **seen}) for name, seen in done.items()}
    )


def value_of(calendars: Mapping[str, Known]) -> str:
    """What a cursor holds."""
    return json.dumps(
        {
            name: [
                k.token,
                k.ctag,
                {n.removeprefix(name): [s.etag, s.versions] for n, s in sorted(k.seen.items())},
            ]
            for name, k in sorted(calendars.items())
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )
