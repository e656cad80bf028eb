"""How a Microsoft source is set up: whose account, what was allowed there, and Graph ready to be asked.

`place` is the account's address. One sign-in serves mail, calendar and files: its secret holds what the
person allowed, reading alone at first, and writing for the services for which `write` was switched on.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import sleep

from deskhand.connectors._egress import Client, Limits, client
from deskhand.connectors._graph import Graph
from deskhand.connectors._hosts import Host
from deskhand.connectors._microsoft_tokens import Tokens, signed
from deskhand.connectors._tries import Pause
from deskhand.connectors.base import Renew
from deskhand.connectors.errors import Misconfigured, Unauthorized

FAMILY = "microsoft"
"""What its kinds of sources are together: `deskhand add microsoft` signs in once and adds all."""

WHO = ("User.Read",)
"""Whose account it is, so that nobody's mail is read under another's name."""
READS = {
    "mail": ("Mail.Read",),
    "calendar": ("Calendars.Read",),
    "drive": ("Files.Read",),
    "drives": ("Files.Read.All", "Sites.Read.All"),
}
WRITES = {
    "mail": ("Mail.ReadWrite", "Mail.Send"),
    "calendar": ("Calendars.ReadWrite",),
    "drive": ("Files.ReadWrite",),
    "drives": ("Files.ReadWrite.All",),
}
"""Scopes, by service; https://learn.microsoft.com/en-us/graph/permissions-reference"""
BESIDE = {"mail": ("MailboxSettings.Read",)}
"""What is asked for at a sign-in too, and done without where it was not allowed."""
_NAMES = {"mail": "Outlook", "calendar": "Outlook's calendar", "drive": "OneDrive", "drives": "OneDrive"}
_THERE = {
    "mail": "/me/mailFolders/inbox?$select=id",
    "calendar": "/me/calendar?$select=id",
    "drive": "/me/drive/root?$select=id",
    "drives": "/me/drive/root?$select=id",
}
"""What every account has there."""
_SENT_ON = {
    "global": (".sharepoint.com", ".1drv.com", ".microsoftpersonalcontent.com", "api.onedrive.com"),
    "usgov": (".sharepoint.us",),
    "dod": (".sharepoint-mil.us",),
    "china": (".sharepoint.cn",),
}
"""Where Graph sends one on to for the bytes of files, by cloud; nothing of who we are goes along."""
_LARGE_MAIL = {
    "global": ("outlook.office.com", "outlook.office365.com"),
    "usgov": ("outlook.office365.us",),
    "dod": ("outlook-dod.office365.us",),
    "china": ("partner.outlook.cn",),
}
"""Where it has the files of large messages brought, in the same way."""


@dataclass(frozen=True, slots=True)
class Account:
    """One service of one account."""

    address: str
    """Lower case."""
    graph: Graph
    writes: bool
    """Writing was switched on, and allowed."""
    wanted: bool
    """Writing was switched on."""
    sign_in: str
    """The command by which one signs in again."""
    beside: bool = False
    """What is asked for beside reading and writing was allowed."""

    def check(self) -> None:
        """Make sure whose account it is, and that what was switched on was allowed.

        :raises Unauthorized: somebody else's, or it was not.
        """
        if self.wanted and not self.writes:
            raise Unauthorized(
                f"You have not allowed Deskhand to write with {self.graph.name} yet. "
                f"Sign in again: {self.sign_in}"
            )
        said = self.graph.get("/me", {"$select": "mail,userPrincipalName,proxyAddresses"})
        names = [said.get("mail"), said.get("userPrincipalName"), *(said.get("proxyAddresses") or ())]
        known = {str(n).lower().removeprefix("smtp:") for n in names if n}
        if known and self.address not in known:
            who = str(said.get("mail") or said.get("userPrincipalName")).lower()
            raise Unauthorized(f"The sign-in is that of {who}, not of {self.address}.")

    def close(self) -> None:
        self.graph.close()


def opened(
    service: str, *, source: str, place: str, token: str, write: bool | str = False,
    renew: Renew | None = None, http: Client | None = None, limits: Limits | None = None,
    pause: Pause = sleep, jitter: Callable[[], float] = random.random,
) -> Account:  # fmt: skip
    """Set up one service of an account. Asks nobody.

    :param service: `mail`, `calendar`, `drive` (one's own) or `drives` (others' too).
    :param token: what the sign-in left (`Signed`).
    :param renew: keeps the sign-in that comes in its place.
    :param http: a client that is there already; closed with the source.
    :raises Misconfigured: it cannot work like this.
    """
    address = place.strip().lower()
    if "@" not in address[1:-1]:
        raise Misconfigured(f"A Microsoft account is an address like ana@example.org, not {place!r}.")
    if not token:
        raise Misconfigured(
            f"Nobody has signed in to {place} yet: deskhand add {FAMILY} {place} --client CLIENT-ID "
            "(docs/microsoft.md says where that comes from)."
        )
    saved = signed(token)
    wanted = str(write).lower() in ("true", "1", "yes")
    if not wanted and str(write).lower() not in ("false", "0", "no", ""):
        raise Misconfigured(f"The option write is yes or no, not {write!r}.")
    writes = wanted and allows(saved.scopes, scopes(service, write=True))
    sign_in, name = f"deskhand signin {source}", _NAMES[service]
    graph, login = saved.hosts
    away = {"drive": _SENT_ON, "drives": _SENT_ON, **({"mail": _LARGE_MAIL} if writes else {})}.get(service)
    on = [Host(n) for n in (away[saved.cloud] if away else ())]
    made = http or client(
        [graph, login], redirects_to=on, puts_at=on if writes else (), limits=limits or Limits()
    )
    beside = [s for s in BESIDE.get(service, ()) if allows(saved.scopes, (s,))]
    tokens = Tokens(
        token, made, full(graph.name, (*scopes(service, write=writes), *beside)), name=name, sign_in=sign_in,
        pause=pause, jitter=jitter, renew=renew,
    )  # fmt: skip
    asked = Graph(
        made,
        tokens,
        root=f"https://{graph.name}/v1.0",
        name=name,
        sign_in=sign_in,
        there=_THERE[service],
        pause=pause,
        jitter=jitter,
    )
    return Account(address, asked, writes, wanted, sign_in, bool(beside))


def scopes(service: str, *, write: bool) -> tuple[str, ...]:
    """What a service cannot do without: who it is, reading, and writing where it is switched on."""
    return (*WHO, *READS[service], *(WRITES[service] if write else ()))


def full(graph: str, names: Iterable[str]) -> list[str]:
    """Scopes as a cloud's sign-in knows them, by where its Graph is."""
    return [f"https://{graph}/{name}" for name in names]


def short(said: Iterable[str]) -> tuple[str, ...]:
    """Scopes by their names, however they were written."""
    return tuple(sorted({s.rpartition("/")[2] for s in said}))


def allows(granted: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether these scopes allow all that others do; one that writes reads too."""
    have = set(short(granted))
    return all(w in have or w.replace(".Read", ".ReadWrite") in have for w in short(wanted))
