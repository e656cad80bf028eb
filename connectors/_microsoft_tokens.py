"""Access tokens of one Microsoft account: msal fetches them, our client carries them, used until refused.

What a sign-in left is one secret in JSON for all services of the account: msal's token cache, and whose it
is. Microsoft gives another refresh token each time one is used; the new one is kept in the old one's place
(`Renew`), by one process at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from deskhand.connectors._egress import Client
from deskhand.connectors._hosts import Host
from deskhand.connectors._oauth import ATTEMPTS, Token, ask
from deskhand.connectors._tries import Pause
from deskhand.connectors.base import Renew
from deskhand.connectors.errors import Misconfigured, SourceError, Transient, Unauthorized

WITHOUT = "Microsoft's library is not installed: pip install 'deskhand[microsoft]'"
CLOUDS: Mapping[str, tuple[str, str]] = {
    "global": ("graph.microsoft.com", "login.microsoftonline.com"),
    "usgov": ("graph.microsoft.us", "login.microsoftonline.us"),
    "dod": ("dod-graph.microsoft.us", "login.microsoftonline.us"),
    "china": ("microsoftgraph.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
}
"""Where Graph is and where one signs in, by cloud; https://learn.microsoft.com/en-us/graph/deployments"""

_OVER = {
    "65001": "Nobody has allowed Deskhand this yet",
    "50076": "Your organisation wants another proof of who you are",
    "50079": "Your organisation wants you to set up another proof of who you are",
    "50158": "Your organisation wants another proof of who you are",
    "50173": "The password was changed",
    "50057": "The account is switched off",
    "700082": "It was not used for too long",
    "700084": "The sign-in has ended",
    "70043": "Your organisation lets a sign-in last no longer",
}
"""Why one must sign in again, by Microsoft's number of the error;
https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes"""
_WRONG = {
    "53000": "Your organisation lets in only devices that it manages (conditional access)",
    "53001": "Your organisation lets in only devices that it manages (conditional access)",
    "53003": "Your organisation's rules (conditional access) do not let Deskhand in from here",
    "530003": "Your organisation lets in only devices that it manages (conditional access)",
    "90094": "Only who administers the account can allow Deskhand this",
    "90093": "Only who administers the account can allow Deskhand this",
    "90095": "Only who administers the account can allow Deskhand this",
    "50105": "Who administers the account has not given you this program",
    "50020": "This account belongs to another organisation than the application does",
    "50034": "There is no such account in this organisation",
    "50194": "The application is for one organisation alone: give its tenant too, --client CLIENT-ID/TENANT",
    "700016": "Microsoft does not know this client ID in this organisation",
    "700038": "Microsoft does not know this client ID",
    "900023": "There is no such organisation (tenant)",
    "90002": "There is no such organisation (tenant)",
    "7000218": "The application does not allow public client flows: switch that on where it is registered",
    "50011": "The application has no redirect address http://localhost: add it where it is registered",
}
"""What signing in again does not help against."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a sign-in left. Written and read as JSON; a secret."""

    client_id: str
    tenant: str
    account: str
    """Who signed in, lower case, as Microsoft said it."""
    scopes: tuple[str, ...]
    """What the person allowed."""
    cloud: str = "global"
    cache: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """msal's, without access tokens: those live an hour, and nobody keeps them."""

    def text(self) -> str:
        """As it is kept."""
        return json.dumps({
            "client_id": self.client_id, "tenant": self.tenant, "account": self.account,
            "scopes": list(self.scopes), "cloud": self.cloud, "cache": self.cache,
        }, sort_keys=True)  # fmt: skip

    @property
    def authority(self) -> str:
        """Where one signs in."""
        return f"https://{CLOUDS[self.cloud][1]}/{self.tenant}"

    @property
    def hosts(self) -> tuple[Host, Host]:
        """Graph, and where tokens are fetched."""
        graph, login = CLOUDS[self.cloud]
        return Host(graph), Host(login)


def signed(text: str) -> Signed:
    """Read what a sign-in left. :raises Misconfigured: it is something else; it is not repeated."""
    try:
        given: Mapping[str, Any] = json.loads(text)
        made = Signed(
            str(given["client_id"]), str(given["tenant"]), str(given["account"]).lower(),
            tuple(map(str, given.get("scopes") or ())), str(given.get("cloud") or "global"),
            dict(given["cache"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        made = Signed("", "", "", (), "")
    if made.cloud not in CLOUDS:
        raise Misconfigured(
            "The secret that the option token refers to is no sign-in of Microsoft's; take the source away "
            "and add it again, which signs you in."
        )
    return made


class Tokens(Token):
    """See `Token`."""

    def __init__(
        self, text: str, http: Client, scopes: Sequence[str], *, name: str, sign_in: str, pause: Pause,
        jitter: Callable[[], float], renew: Renew | None = None,
    ) -> None:  # fmt: skip
        """:param text: what the sign-in left. :param scopes: what is done with the token.
        :param name: of the service, in sentences. :param sign_in: the command that signs in again.
        :param renew: keeps the secret that comes instead; without it, it is only remembered.
        """
        super().__init__()
        self._text, self._http, self._scopes = text, http, list(scopes)
        self._name, self._sign_in, self._pause, self._jitter = name, sign_in, pause, jitter
        self._renew = renew

    def _fetch(self, claims: str) -> None:
        made = partial(self._renewed, claims=claims)
        self._text = self._renew(made) if self._renew else made(self._text)

    def _renewed(self, text: str, claims: str) -> str:
        """Have a token fetched with what is kept now; what is to be kept instead."""
        saved = signed(text)
        app, cache = application(saved, Carrier(self._http, pause=self._pause, jitter=self._jitter))
        held = app.get_accounts()
        account = next((a for a in held if str(a.get("username")).lower() == saved.account), None)
        got = app.acquire_token_silent_with_error(
            self._scopes, account or next(iter(held), None), force_refresh=True,
            claims_challenge=claims or None,
        )  # fmt: skip
        if not got or "access_token" not in got:
            raise judged(got or {}, saved.account, sign_in=self._sign_in)
        self._token = str(got["access_token"])
        return replace(saved, cache=kept(cache)).text()


def application(saved: Signed, carrier: Carrier) -> tuple[Any, Any]:
    """msal's application of a sign-in, and its cache. :raises Misconfigured: msal is not installed."""
    try:
        import msal
    except ImportError:
        raise Misconfigured(WITHOUT) from None
    cache = msal.SerializableTokenCache()
    if saved.cache:
        cache.deserialize(json.dumps(saved.cache))
    try:
        app = msal.PublicClientApplication(
            saved.client_id, authority=saved.authority, token_cache=cache, http_client=carrier,
            instance_discovery=False,
        )  # fmt: skip
    except ValueError:  # what it asks there is whether there is such a tenant
        raise Misconfigured(
            f"Microsoft knows no organisation (tenant) {saved.tenant!r}; see docs/microsoft.md."
        ) from None
    return app, cache


def kept(cache: Any) -> dict[str, Any]:
    """What is kept of msal's cache."""
    held: dict[str, Any] = json.loads(cache.serialize())
    return {
        kind: held[kind] for kind in ("Account", "IdToken", "RefreshToken", "AppMetadata") if kind in held
    }


def judged(got: Mapping[str, Any], account: str, *, sign_in: str) -> SourceError:
    """What to raise for a sign-in, or its renewal, that was refused.

    :param sign_in: the command by which one signs in again.
    """
    code = str(got.get("error") or "")[:60]
    for number in numbers_in(got):
        if number in _WRONG:
            return Misconfigured(f"{_WRONG[number]} (AADSTS{number}; docs/microsoft.md).")
    why = over(got)
    if code in ("temporarily_unavailable", "server_error", "slow_down"):
        return Transient(f"Microsoft gave no access just now ({code}).")
    if code in ("invalid_client", "unauthorized_client"):
        return Misconfigured(f"Microsoft does not know the client ID ({code}); see docs/microsoft.md.")
    said = f" ({why})" if why else ""
    return Unauthorized(
        f"Microsoft no longer accepts the sign-in of {account or 'this account'}{said}. "
        f"Sign in again: {sign_in}"
    )


def numbers_in(got: Mapping[str, Any]) -> list[str]:
    """Microsoft's numbers of an error, AADSTS."""
    said = [str(n) for n in got.get("error_codes") or ()]
    said += [
        w.rstrip(":").removeprefix("AADSTS") for w in str(got.get("error_description") or "").split()[:1]
    ]
    return [n for n in said if n.isascii() and n.isdigit()]


def over(got: Mapping[str, Any]) -> str:
    """Why one must sign in again, by the number of the error; "" where it does not say."""
    return next((_OVER[n] for n in numbers_in(got) if n in _OVER), "")


class Carrier:
    """requests' face over our client, as far as msal looks at it."""

    def __init__(
        self, http: Client, *, pause: Pause, jitter: Callable[[], float], attempts: int = ATTEMPTS
    ) -> None:
        """:param attempts: 1 where what is asked can be asked once: a code is exchanged."""
        self._http, self._pause, self._jitter, self._attempts = http, pause, jitter, attempts

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> _Said:
        return self._ask("GET", url, params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> _Said:
        return self._ask("POST", url, params=params, data=data, headers=headers)

    def close(self) -> None:
        """Its owner closes the client."""

    def _ask(self, method: str, url: str, **given: Any) -> _Said:
        given = {k: v for k, v in given.items() if v is not None}
        got = ask(
            self._http, method, url, pause=self._pause, jitter=self._jitter, attempts=self._attempts, **given
        )
        return _Said(got.status_code, got.text, got.headers)


@dataclass(frozen=True, slots=True)
class _Said:
    """requests' `Response`, as far as msal looks at it."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """:raises Transient: it is no success, where msal can do nothing with that."""
        if self.status_code >= 400:
            raise Transient(f"Microsoft's sign-in answered {self.status_code}.")
