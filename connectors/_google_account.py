"""How a Google source is set up: whose account, what was allowed there, and its API ready to be asked.

`place` is the account's address. One sign-in serves Gmail, Calendar and Drive: its secret holds what the
person allowed, read alone at first, and writing for the services for which `write` was switched on.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import sleep

from deskhand.connectors._egress import Client, Limits
from deskhand.connectors._google import Api, Bucket, reach
from deskhand.connectors._google_tokens import signed
from deskhand.connectors._tries import Pause
from deskhand.connectors.errors import Misconfigured, Unauthorized

FAMILY = "google"
"""What its kinds of sources are together: `deskhand add google` signs in once and adds all."""

_SCOPE = "https://www.googleapis.com/auth/"
WHO = ("openid", _SCOPE + "userinfo.email")
"""Who signed in, so that nobody's mail is read under another's name."""
READS = {"gmail": "gmail.readonly", "calendar": "calendar.readonly", "drive": "drive.readonly"}
WRITES = {"gmail": "gmail.modify", "calendar": "calendar.events", "drive": "drive"}
"""Scopes, by API; https://developers.google.com/identity/protocols/oauth2/scopes"""
_WIDER = {
    "gmail.readonly": ("gmail.modify", "https://mail.google.com/"),
    "gmail.modify": ("https://mail.google.com/",),
    "calendar.readonly": ("calendar",),
    "calendar.events": ("calendar",),
    "drive.readonly": ("drive",),
}
"""Scopes that allow what another does, and more."""
_VERSIONS = {"gmail": "v1", "calendar": "v3", "drive": "v3"}
_NAMES = {"gmail": "Gmail", "calendar": "Google Calendar", "drive": "Google Drive"}
_QUOTAS = {"gmail": 6000}
"""Units a user and minute, where calls cost different ones."""


@dataclass(frozen=True, slots=True)
class Account:
    """One API of one account."""

    address: str
    """Lower case."""
    api: Api
    writes: bool
    """Writing was switched on, and allowed."""
    wanted: bool
    """Writing was switched on."""
    sign_in: str
    """The command by which one signs in again."""

    def check(self) -> None:
        """Make sure that what was switched on was allowed. :raises Unauthorized: it was not."""
        if self.wanted and not self.writes:
            raise Unauthorized(
                f"You have not allowed Deskhand to write with {self.api.name} yet. "
                f"Sign in again: {self.sign_in}"
            )

    def close(self) -> None:
        self.api.close()


def opened(
    api: str, *, source: str, place: str, token: str, write: bool | str = False, root: str = "",
    http: Client | None = None, limits: Limits | None = None, quota: Bucket | None = None,
    pause: Pause = sleep, jitter: Callable[[], float] = random.random,
) -> Account:  # fmt: skip
    """Set up one API of an account. Asks nobody.

    :param api: `gmail`, `calendar` or `drive`.
    :param token: what the sign-in left (`_google_tokens.Signed`).
    :param root: another server that speaks this API, for trying it out.
    :param http: a client that is there already; closed with the source.
    :raises Misconfigured: it cannot work like this.
    """
    address = place.strip().lower()
    if "@" not in address[1:-1]:
        raise Misconfigured(f"A Google account is an address like ana@example.org, not {place!r}.")
    if not token:
        raise Misconfigured(
            f"Nobody has signed in to {place} yet: deskhand add {FAMILY} {place} --client client_secret.json "
            "(docs/google.md says where that file comes from)."
        )
    saved = signed(token)
    if saved.account and saved.account != address:
        raise Misconfigured(f"The sign-in is that of {saved.account}, not of {place}.")
    sign_in = f"deskhand signin {source}"
    wanted = str(write).lower() in ("true", "1", "yes")
    if not wanted and str(write).lower() not in ("false", "0", "no", ""):
        raise Misconfigured(f"The option write is yes or no, not {write!r}.")
    limit = _QUOTAS.get(api)
    quota = quota or (Bucket(limit, pause=pause) if limit else None)
    made = Api(
        api, _VERSIONS[api], http or reach(api, saved, root=root, limits=limits or Limits()), saved,
        name=_NAMES[api], sign_in=sign_in, root=root, quota=quota,
        pause=pause, jitter=jitter,
    )  # fmt: skip
    may = allows(saved.scopes, WRITES[api])
    return Account(address, made, wanted and may, wanted, sign_in)


def scopes(api: str, *, write: bool) -> tuple[str, ...]:
    """What is asked for at a sign-in: who it is, reading, and writing where it is switched on."""
    names = [READS[api], *[WRITES[api]] * write]
    return (*WHO, *(_SCOPE + name for name in names))


def allows(granted: Iterable[str], name: str) -> bool:
    """Whether these scopes allow what one does; a wider one does too."""
    have = {g.removeprefix(_SCOPE) for g in granted}
    return name.removeprefix(_SCOPE) in have or not have.isdisjoint(_WIDER.get(name.removeprefix(_SCOPE), ()))
