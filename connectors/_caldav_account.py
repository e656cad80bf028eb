"""A calendar account as its server tells of it: where its calendars are, and what may be done with each.

Discovery is that of RFC 6764 6 and RFC 4791 6.2.1: from any address of the account to its principal, from
there to the calendar home. What was found is kept in the state folder, so that a command that asks nobody
needs no network; each pass lists the calendars anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from deskhand.connectors._dav import Dav, Refused
from deskhand.connectors._dav_xml import CS, C, D, Response, propfind
from deskhand.connectors._keep import write_beside
from deskhand.connectors.errors import Misconfigured, Missing, SourceError, Transient

_WHO = propfind(
    "D:current-user-principal", "D:principal-URL", "C:calendar-home-set", "C:schedule-outbox-URL",
    "D:resourcetype",
)  # fmt: skip
_LIST = propfind(
    "D:resourcetype", "D:displayname", "D:current-user-privilege-set", "D:supported-report-set",
    "D:sync-token", "CS:getctag", "C:supported-calendar-component-set", "D:owner",
)  # fmt: skip
_SCHEDULES = "calendar-auto-schedule"
_WRITES = frozenset({f"{D}all", f"{D}write", f"{D}write-content", f"{D}bind"})


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar of the account."""

    name: str
    """Its path on the server, with a slash at the end."""
    title: str
    """What a person calls it."""
    writable: bool
    readable: bool = True
    """Its events may be read; else only when its owner is taken."""
    syncs: bool = False
    """It does sync-collection (RFC 6578)."""
    token: str = ""
    """The sync-token it is at now, where it tells that."""
    ctag: str = ""
    """What changes with anything in it, where it tells that."""
    owner: str = ""
    """Path of the principal it belongs to (RFC 3744 5.1), where it tells that."""

    @property
    def segment(self) -> str:
        """The last part of its path."""
        return unquote(self.name.rstrip("/").rpartition("/")[2])

    def called(self, name: str) -> bool:
        """Whether a person may mean it: by its title, its address or the last part of that."""
        return name in {self.title, self.segment, self.name} or unquote(urlsplit(name).path) == unquote(
            self.name
        )


@dataclass(frozen=True, slots=True)
class Account:
    """What was found out about an account."""

    place: str
    user: str
    home: str
    """The address of the calendar home, or of the one calendar."""
    single: bool = False
    """The address of one calendar was given: it alone."""
    outbox: str = ""
    """Where other people's time is asked for (RFC 6638 5), where the server has that."""
    principal: str = ""
    """Path of whoever signs in, where the server tells that."""
    schedules: bool = False
    """The server sends invitations by itself (RFC 6638)."""
    calendars: tuple[Calendar, ...] = ()
    """Those that are read, the default one for new events first among those that may be written."""
    chosen: tuple[tuple[str, str], ...] = ()
    """Which calendar each name in the options meant: one that is renamed stays chosen."""

    def address(self, name: str) -> str:
        """The whole address of a resource by its path."""
        parts = urlsplit(self.home)
        return f"{parts.scheme}://{parts.netloc}{name}"  # not joined: a path may begin like another host

    def calendar(self, name: str) -> Calendar | None:
        """The calendar that a resource lies in."""
        folder = name.rpartition("/")[0] + "/"
        return next((c for c in self.calendars if c.name == folder), None)

    def own(self, calendar: Calendar) -> bool:
        """Whether it is the person's own; else somebody shares it, and writes in it."""
        theirs = bool(calendar.owner and self.principal) and calendar.owner != self.principal
        return calendar.writable and not theirs

    @property
    def default(self) -> Calendar | None:
        """Where a new event goes."""
        return next((c for c in self.calendars if c.writable), None)


def discover(dav: Dav, place: str, user: str, wanted: Sequence[str]) -> Account:
    """Find the calendars of an account from any of its addresses.

    :raises Misconfigured: there is no calendar, or none of a name that is wanted.
    :raises SourceError: the server cannot be asked.
    """
    account = _found(dav, place, user)
    home = account.home
    account = replace(account, schedules=_SCHEDULES in _compliance(dav, home))
    account = listed(dav, account, wanted)
    known = {w for w, _ in account.chosen}
    if missing := [w for w in wanted if w not in known]:
        others = ", ".join(c.title for c in _all(dav, account)[0]) or "none at all"
        raise Misconfigured(
            f"There is no calendar called {missing[0]!r} in this account; there are: {others}."
        )
    if not account.calendars:
        raise Misconfigured(f"{urlsplit(home).hostname} was asked, and there is no calendar in this account.")
    return account


def listed(dav: Dav, account: Account, wanted: Sequence[str]) -> Account:
    """The account with the calendars it has now: one request. :raises SourceError: not all could be told."""
    calendars, schedules = _all(dav, account)
    # It is said in the answer to OPTIONS, and by many beside others; once said it stays so.
    account = replace(account, schedules=account.schedules or schedules)
    found = sorted(calendars, key=lambda c: c.name)
    if not wanted:
        return replace(account, calendars=tuple(found))
    meant = dict(account.chosen)
    for name in wanted:
        here = next((c for c in found if c.name == meant.get(name)), None)
        here = here or next((c for c in found if c.called(name)), None)
        if here is not None:
            meant[name] = here.name
    order = list(dict.fromkeys(meant[w] for w in wanted if w in meant))
    by = {c.name: c for c in found}
    return replace(
        account, calendars=tuple(by[n] for n in order if n in by), chosen=tuple(sorted(meant.items()))
    )


def load(state: Path, place: str, user: str) -> Account | None:
    """What was found out before, where it was the same account; else None."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads((state / "account.json").read_text("utf-8"))
        calendars = tuple(Calendar(**c) for c in kept.pop("calendars"))
        chosen = tuple((str(a), str(b)) for a, b in kept.pop("chosen"))
        account = Account(**kept, calendars=calendars, chosen=chosen)
        if (account.place, account.user) == (place, user):
            return account
    return None


def save(state: Path, account: Account) -> None:
    """Keep it for the next start. What cannot be kept is found out again."""
    path = state / "account.json"
    with suppress(OSError):
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(asdict(account), ensure_ascii=False)
        write_beside(path, text.encode(), beside=path.with_name(f".account.{os.getpid()}"), durable=False)


def _found(dav: Dav, place: str, user: str) -> Account:
    """The calendar home and the outbox of whoever signs in."""
    tried: list[SourceError] = []
    bare = urlsplit(place).path in ("", "/")
    # RFC 6764 5: a bare host is asked at its well-known address first.
    starts = [place, urljoin(place, "/.well-known/caldav")]
    for start in reversed(starts) if bare else starts:
        try:
            said = dav.propfind(start, _WHO, depth=0)
        except (Missing, Refused, Transient) as error:
            tried.append(error)
            continue
        here = next(iter(said.responses), None)
        if here is None:
            continue
        principal = here.hrefs(f"{D}current-user-principal") or here.hrefs(f"{D}principal-URL")
        who = _path(principal[0]) if principal else ""
        if here.has(f"{D}resourcetype", f"{C}calendar"):
            return Account(place, user, here.url, single=True, principal=who)
        if not here.hrefs(f"{C}calendar-home-set") and principal:
            _same(place, principal[0])
            here = next(iter(dav.propfind(principal[0], _WHO, depth=0).responses), here)
        if homes := here.hrefs(f"{C}calendar-home-set"):
            _same(place, homes[0])
            outbox = [u for u in here.hrefs(f"{C}schedule-outbox-URL") if _host(u) == _host(place)]
            return Account(place, user, homes[0], outbox=outbox[0] if outbox else "", principal=who)
    if tried:
        raise tried[-1 if bare else 0]
    raise Misconfigured(f"{urlsplit(place).hostname} does not say where the calendars of this account are.")


def _same(place: str, found: str) -> None:
    if _host(place) != _host(found):
        raise Misconfigured(
            f"{urlsplit(place).hostname} says that the calendars are at {urlsplit(found).hostname}, and a"
            " password is only sent where you said: connect the account by that address."
        )


def _path(url: str) -> str:
    """The path of a principal, as two of them can be compared."""
    return unquote(urlsplit(url).path).rstrip("/")


def _host(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    ports = {"https": 443, "http": 80}
    return parts.scheme, (parts.hostname or "").lower(), parts.port or ports.get(parts.scheme)


def _compliance(dav: Dav, home: str) -> str:
    """What the server says it can do (the DAV header, RFC 4918 10.1), lower case."""
    try:
        return dav.read("OPTIONS", home).headers.get("dav", "").lower()
    except Refused:
        return ""


def _all(dav: Dav, account: Account) -> tuple[list[Calendar], bool]:
    """The calendars there are, and whether the server says that it sends invitations by itself."""
    said = dav.propfind(account.home, _LIST, depth=0 if account.single else 1)
    known = {c.name for c in account.calendars}
    if not said.responses or any(_untold(r, known) for r in said.responses):
        # A calendar that is missing for that is not gone, and its events are not removed.
        raise Transient(f"{urlsplit(account.home).hostname} did not tell all calendars of this account.")
    return [c for r in said.responses if (c := _calendar(r)) is not None], _SCHEDULES in said.able


def _untold(said: Response, known: Container[str]) -> bool:
    """Whether the server could not tell what this is."""
    unsaid = said.status == 200 and f"{D}resourcetype" not in said.props
    return said.status >= 500 or (unsaid and f"{said.name.rstrip('/')}/" in known)


def _calendar(said: Response) -> Calendar | None:
    """A calendar that holds events; None where it is something else."""
    if not said.has(f"{D}resourcetype", f"{C}calendar"):
        return None
    kinds = said.props.get(f"{C}supported-calendar-component-set")
    names = [k.get("name", "").upper() for k in kinds.iter(f"{C}comp")] if kinds is not None else []
    if names and "VEVENT" not in names:
        return None
    name = said.name if said.name.endswith("/") else f"{said.name}/"
    granted = said.props.get(f"{D}current-user-privilege-set")
    rights = {e.tag for p in granted.iter(f"{D}privilege") for e in p} if granted is not None else None
    owner = said.hrefs(f"{D}owner")
    syncs = said.has(f"{D}supported-report-set", f"{D}sync-collection")
    return Calendar(
        name,
        said.text(f"{D}displayname") or unquote(name.rstrip("/").rpartition("/")[2]),
        writable=rights is None or bool(rights & _WRITES),
        readable=rights is None or bool(rights & {f"{D}read", f"{D}all"}),
        syncs=syncs,
        token=said.text(f"{D}sync-token"),
        ctag=said.text(f"{CS}getctag"),
        owner=_path(owner[0]) if owner else "",
    )
