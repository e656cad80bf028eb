"""Signs a person in to Google, once for all services of an account.

Their browser asks, a port of this machine hears the answer, and our client exchanges it for what is kept
(RFC 8252, with PKCE, RFC 7636). The library does what is Google's own about it: the address, the verifier,
the port. It would make the exchange by a client of its own; that part is done here.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from deskhand.connectors._egress import Client, HTTPError, client
from deskhand.connectors._google_account import WHO, allows
from deskhand.connectors._google_account import scopes as scopes_of
from deskhand.connectors._google_tokens import AUTH_URI, TOKEN_URI, WITHOUT, Signed, signed, token_host
from deskhand.connectors._hosts import host_of
from deskhand.connectors._tries import words
from deskhand.connectors.errors import Forbidden, Misconfigured, Transient, Unauthorized

SECONDS = 300
"""For the person to sign in."""
_HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class App:
    """A client ID, by which Google knows the program that asks (docs/google.md)."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_uri: str = AUTH_URI
    token_uri: str = TOKEN_URI


def app_of(path: Path) -> App:
    """Read the file that Google's console gives for a client ID. :raises Misconfigured: it is none."""
    try:
        given: Any = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror or error}.") from None
    except ValueError:
        given = None
    if isinstance(given, dict) and "web" in given:
        raise Misconfigured(
            f"The client ID in {path.name} is one for a web site; "
            "make one of the type “Desktop app” (docs/google.md)."
        )
    try:
        made = given["installed"]
        app = App(
            str(made["client_id"]), str(made.get("client_secret") or ""),
            str(made.get("auth_uri") or AUTH_URI), str(made.get("token_uri") or TOKEN_URI),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError):
        raise Misconfigured(
            f"{path.name} is no client ID. Download the JSON file of yours from Google's console "
            "(docs/google.md)."
        ) from None
    token_host(app.token_uri)
    _check_address(app.auth_uri)
    return app


def renewed(
    kept: str, address: str, wanted: Mapping[str, bool], *, client_file: Path | None,
    show: Callable[[str], None], again: bool = False, seconds: int = SECONDS, port: int = 0,
) -> str:  # fmt: skip
    """What is to be kept of an account, so that these services can be used: as it is, where it suffices.

    :param kept: what an earlier sign-in left; or "".
    :param wanted: APIs, and whether they are to be written with. What was allowed before stays allowed.
    :param client_file: the file of a client ID; the one of the earlier sign-in where there is none.
    :param again: sign in though what is kept would do.
    :raises Misconfigured: there is no client ID. :raises SourceError: see `sign_in`.
    """
    before = signed(kept) if kept else None
    needed = {scope for api, write in wanted.items() for scope in scopes_of(api, write=write)}
    enough = before is not None and all(allows(before.scopes, scope) for scope in needed - set(WHO))
    if enough and not again and client_file is None:
        return kept
    if client_file is not None:
        app = app_of(client_file)
    elif before is not None:
        app = App(before.client_id, before.client_secret, before.auth_uri, before.token_uri)
    else:
        raise Misconfigured(
            "Google wants to know which program asks. Make a client ID of your own (docs/google.md), "
            "and say --client client_secret.json"
        )
    more = before.scopes if before is not None else ()
    return sign_in(app, address, needed | set(more), show=show, seconds=seconds, port=port).text()


def sign_in(
    app: App, address: str, scopes: Iterable[str], *, show: Callable[[str], None], http: Client | None = None,
    seconds: int = SECONDS, port: int = 0,
) -> Signed:  # fmt: skip
    """Have a person sign in and allow these scopes, beside all that was allowed before.

    :param address: whose account it is to be. :param show: given the address to open in a browser.
    :param http: reaches where tokens are fetched. :param port: of this machine; 0: any that is free.
    :raises Unauthorized: it was refused, in part too, or somebody else signed in.
    :raises Transient: nobody did in time, or Google cannot be reached.
    """
    wanted = sorted(set(scopes))
    given = _asked(app, address.strip().lower(), wanted, show, seconds, port)
    made = http or client([token_host(app.token_uri)])
    try:
        got = _exchanged(app, given, made)
    finally:
        if http is None:
            made.close()
    granted = tuple(sorted(str(got.get("scope") or " ".join(wanted)).split()))
    who = _who(str(got.get("id_token") or ""))
    if who and who != address.strip().lower():
        raise Unauthorized(f"{who} signed in, and not {address}. Nothing was kept; please try again.")
    if missing := [
        s for s in wanted if s.startswith("https://") and s not in granted and "userinfo" not in s
    ]:
        names = ", ".join(s.rpartition("/")[2] for s in missing)
        raise Unauthorized(
            f"Not all that is needed was allowed ({names} is missing). Sign in again, and tick every box."
        )
    if not (refresh := str(got.get("refresh_token") or "")):
        raise Unauthorized(
            "Google gave access for an hour only, and nothing to renew it by; please try again."
        )
    return Signed(app.client_id, app.client_secret, refresh, granted, app.token_uri, who, app.auth_uri)


@dataclass(frozen=True, slots=True)
class _Given:
    """What came back from the browser, and what it was asked with."""

    code: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect: str


def _asked(
    app: App, address: str, scopes: list[str], show: Callable[[str], None], seconds: int, port: int
) -> _Given:
    try:
        from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
    except ImportError:
        raise Misconfigured(WITHOUT) from None
    came: list[str] = []

    class Flow(InstalledAppFlow):  # type: ignore[misc]
        credentials = None

        def authorization_url(self, **given: Any) -> tuple[str, str]:
            url, state = super().authorization_url(**given)
            show(url)
            return str(url), str(state)

        def fetch_token(self, **given: Any) -> None:
            came.append(given["authorization_response"])

    config = {"client_id": app.client_id, "client_secret": app.client_secret, "auth_uri": app.auth_uri,
              "token_uri": app.token_uri}  # fmt: skip
    flow = Flow.from_client_config({"installed": config}, scopes)
    state = secrets.token_urlsafe(24)
    try:
        flow.run_local_server(
            host=_HERE, port=port, open_browser=False, authorization_prompt_message=None,
            success_message="You may close this window, and go back to Deskhand.", timeout_seconds=seconds,
            state=state, prompt="consent", include_granted_scopes="true", login_hint=address,
        )  # fmt: skip
    except WSGITimeoutError:
        raise Transient(f"Nobody signed in within {seconds // 60 or 1} minutes; please try again.") from None
    except OSError as error:
        raise Transient(f"No port of this machine could be opened: {error.strerror or error}.") from None
    finally:
        flow.oauth2session.close()
    said = {name: values[-1] for name, values in parse_qs(urlsplit(came[0]).query).items()}
    if not secrets.compare_digest(said.get("state", ""), state):
        raise Unauthorized("The answer that came was to another question than ours; please try again.")
    if no := said.get("error"):
        why = "You did not allow it" if no == "access_denied" else f"Google refused it ({no[:100]})"
        raise Unauthorized(f"{why}; nothing was connected.")
    return _Given(said.get("code", ""), str(flow.code_verifier), str(flow.redirect_uri))


def _exchanged(app: App, given: _Given, http: Client) -> dict[str, Any]:
    """What a code is exchanged for. It can be used once, so this is asked once."""
    form = {
        "grant_type": "authorization_code", "code": given.code, "code_verifier": given.verifier,
        "redirect_uri": given.redirect, "client_id": app.client_id, "client_secret": app.client_secret,
    }  # fmt: skip
    host = urlsplit(app.token_uri).hostname
    try:
        answered = http.post(app.token_uri, data=form, follow_redirects=False)
    except HTTPError as error:
        raise Transient(f"{host} cannot be reached ({words(error)}); please sign in again.") from None
    try:
        got = answered.json()
    except ValueError:
        got = None
    if not isinstance(got, dict):
        raise Transient(f"{host} sent what cannot be read; please sign in again.")
    if answered.status_code != 200:
        why = str(got.get("error") or answered.status_code)[:100]
        if why in ("invalid_client", "unauthorized_client", "deleted_client"):
            raise Misconfigured(f"Google does not know this client ID ({why}); make one (docs/google.md).")
        raise Unauthorized(f"Google did not take the sign-in ({why}); please try again.")
    return got


def _who(token: str) -> str:
    """Whose ID token it is. It came from Google itself: a signature proves no more (OpenID 3.1.3.7)."""
    try:
        body = token.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return str(said.get("email") or "").lower()
    except (IndexError, ValueError, AttributeError):
        return ""


def _check_address(uri: str) -> None:
    """Make sure a person is sent to Google, or to this very machine. :raises Misconfigured: elsewhere."""
    try:
        host = host_of(uri)
    except Forbidden:
        host = None
    if host is None or not (
        host.loopback or (host.name == "accounts.google.com" and uri.startswith("https:"))
    ):
        raise Misconfigured(
            "The client's auth_uri is not Google's; download the client anew from its console."
        )
