"""Access tokens of one Google account: fetched with the refresh token by our client, used until refused.

What a sign-in left is one secret in JSON, for all services of an account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from deskhand.connectors._egress import Client
from deskhand.connectors._hosts import Host, host_of
from deskhand.connectors._oauth import Token, ask
from deskhand.connectors._tries import Pause
from deskhand.connectors.errors import Forbidden, Misconfigured, SourceError, Transient, Unauthorized

AUTH_URI = "https://accounts.google.com/o/oauth2/auth"
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

WITHOUT = "Google's libraries are not installed: pip install 'deskhand[google]'"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a sign-in left. Written and read as JSON; a secret."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    """What the person allowed."""
    token_uri: str = TOKEN_URI
    account: str = ""
    """Who signed in, lower case, as Google said it; empty where it did not."""
    auth_uri: str = AUTH_URI

    def text(self) -> str:
        """As it is kept."""
        return json.dumps({
            "client_id": self.client_id, "client_secret": self.client_secret,
            "refresh_token": self.refresh_token, "scopes": list(self.scopes), "token_uri": self.token_uri,
            "account": self.account, "auth_uri": self.auth_uri,
        })  # fmt: skip

    @property
    def host(self) -> Host:
        """Where tokens are fetched."""
        return token_host(self.token_uri)


def signed(text: str) -> Signed:
    """Read what a sign-in left. :raises Misconfigured: it is something else; it is not repeated."""
    try:
        given: Mapping[str, Any] = json.loads(text)
        made = Signed(
            str(given["client_id"]), str(given.get("client_secret") or ""), str(given["refresh_token"]),
            tuple(map(str, given.get("scopes") or ())), str(given.get("token_uri") or TOKEN_URI),
            str(given.get("account") or "").lower(), str(given.get("auth_uri") or AUTH_URI),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Misconfigured(
            "The secret that the option token refers to is no sign-in of Google's; take the source away and "
            "add it again, which signs you in."
        ) from None
    token_host(made.token_uri)
    return made


def token_host(uri: str) -> Host:
    """Where a token may be fetched: from Google, or from this very machine.

    A client that a stranger hands on could name any server, which then had the refresh token.

    :raises Misconfigured: neither.
    """
    try:
        host = host_of(uri)
    except Forbidden:
        host = None
    google = host is not None and host.name.endswith(".googleapis.com") and urlsplit(uri).scheme == "https"
    if host is None or not (host.loopback or google):
        raise Misconfigured(
            "The client's token_uri is not Google's; download the client anew from its console."
        )
    return host


class Tokens(Token):
    """See `Token`."""

    def __init__(
        self,
        saved: Signed,
        http: Client,
        *,
        name: str,
        sign_in: str,
        pause: Pause,
        jitter: Callable[[], float],
    ) -> None:
        """:param name: of the service, in sentences. :param sign_in: the command that signs in again."""
        super().__init__()
        self._saved, self._http, self._name, self._sign_in = saved, http, name, sign_in
        self._pause, self._jitter = pause, jitter

    def _fetch(self, claims: str) -> None:
        try:
            from google.auth.exceptions import RefreshError
            from google.oauth2.credentials import Credentials
        except ImportError:
            raise Misconfigured(WITHOUT) from None
        saved = self._saved
        made: Any = Credentials(  # type: ignore[no-untyped-call]
            None, refresh_token=saved.refresh_token, token_uri=saved.token_uri, client_id=saved.client_id,
            client_secret=saved.client_secret,
        )  # fmt: skip
        try:
            made.refresh(self._ask)
        except RefreshError as error:
            raise self._judged(error) from None
        self._token = str(made.token)

    def _judged(self, error: Exception) -> SourceError:
        given = next((a for a in error.args if isinstance(a, Mapping)), {})
        code = str(given.get("error") or "")
        if code == "invalid_grant":
            return Unauthorized(
                f"Google no longer accepts the sign-in of {self._saved.account or 'this account'}. "
                f"Sign in again: {self._sign_in}"
            )
        if code in ("invalid_client", "unauthorized_client", "deleted_client", "disabled_client"):
            return Misconfigured(
                f"Google does not know the client ID any more ({code}). Make a new one "
                f"(docs/google.md), and sign in with it: {self._sign_in}"
            )
        return Transient(f"Google gave no access to {self._name} ({code or 'what it sent cannot be read'}).")

    def _ask(
        self, url: str, method: str = "GET", body: bytes | None = None,
        headers: Mapping[str, str] | None = None, timeout: float | None = None, **_: Any,
    ) -> _Said:  # fmt: skip
        """What google-auth calls a transport."""
        got = ask(
            self._http, method, url, pause=self._pause, jitter=self._jitter, content=body,
            headers=dict(headers or {}),
        )  # fmt: skip
        return _Said(got.status_code, got.headers, got.content)


@dataclass(frozen=True, slots=True)
class _Said:
    """google-auth's `Response`."""

    status: int
    headers: Mapping[str, str]
    data: bytes
