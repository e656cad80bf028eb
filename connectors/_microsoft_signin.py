"""Signs a person in to Microsoft, once for all services of an account.

msal does it: in their browser, a port of this machine hearing the answer (PKCE, RFC 7636), or by a code that
is typed in on another machine (RFC 8628). What it asks goes through our client.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

from deskhand.connectors._egress import Client, client
from deskhand.connectors._microsoft_account import BESIDE, allows, full, short
from deskhand.connectors._microsoft_account import scopes as scopes_of
from deskhand.connectors._microsoft_tokens import (
    CLOUDS,
    Carrier,
    Signed,
    application,
    judged,
    kept,
    numbers_in,
    over,
    signed,
)
from deskhand.connectors.errors import Misconfigured, SourceError, Transient, Unauthorized

SECONDS = 300
"""For the person to sign in."""
_ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_HERE = "127.0.0.1"
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,100}")


@dataclass(frozen=True, slots=True)
class App:
    """A client ID, by which Microsoft knows the program that asks (docs/microsoft.md)."""

    client_id: str
    tenant: str = "common"
    """The organisation: its ID or a domain of it; "common": any, and personal accounts."""
    cloud: str = "global"


_SHOWN = "Where the browser showed an error (AADSTS and a number), docs/microsoft.md says what helps."
"""Microsoft tells most of what is wrong with an application or an account in the browser, and not to us."""


def app_of(text: str) -> App:
    """Read CLIENT-ID, CLIENT-ID/TENANT or CLIENT-ID/TENANT/CLOUD. :raises Misconfigured: it is none."""
    id_, _, rest = text.strip().partition("/")
    tenant, _, cloud = rest.partition("/")
    made = App(id_, tenant or "common", cloud or "global")
    if not _ID.fullmatch(made.client_id) or not _TENANT.fullmatch(made.tenant) or made.cloud not in CLOUDS:
        raise Misconfigured(
            "A client ID of Microsoft's looks like 00001111-aaaa-2222-bbbb-3333cccc4444, with /TENANT "
            "behind it where it is one organisation's, and /TENANT/CLOUD in "
            f"{', '.join(CLOUDS)} (docs/microsoft.md)."
        )
    return made


def renewed(
    kept: str, address: str, wanted: Mapping[str, bool], *, client: str, show: Callable[[str], None],
    again: bool = False, device: bool = False, seconds: int = SECONDS, port: int = 0,
) -> str:  # fmt: skip
    """What is to be kept of an account, so that these services can be used: as it is, where it suffices.

    :param kept: what an earlier sign-in left; or "".
    :param wanted: services, and whether they are to be written with. What was allowed before stays allowed.
    :param client: a client ID (`app_of`); "": the one of the earlier sign-in.
    :param again: sign in though what is kept would do. :param device: by a code, on another machine.
    :raises Misconfigured: there is no client ID. :raises SourceError: see `sign_in`.
    """
    before = signed(kept) if kept else None
    needed = {name for service, write in wanted.items() for name in scopes_of(service, write=write)}
    needed |= {name for service in wanted for name in BESIDE.get(service, ())}
    if before is not None and allows(before.scopes, needed) and not again and not client:
        return kept
    if client:
        app = app_of(client)
    elif before is not None:
        app = App(before.client_id, before.tenant, before.cloud)
    else:
        raise Misconfigured(
            "Microsoft wants to know which program asks. Register one of your own (docs/microsoft.md), and "
            "say --client CLIENT-ID"
        )
    more = before.scopes if before is not None else ()
    made = sign_in(
        app, address, needed | set(more), show=show, device=device, seconds=seconds, port=port,
        whose=before.account if before is not None else "",
    )  # fmt: skip
    return made.text()


def sign_in(
    app: App, address: str, scopes: Iterable[str], *, show: Callable[[str], None], device: bool = False,
    whose: str = "", http: Client | None = None, seconds: int = SECONDS, port: int = 0,
) -> Signed:  # fmt: skip
    """Have a person sign in and allow these scopes.

    :param address: whose account it is to be: only a hint, for accounts have several names.
    :param whose: who signed in the last time; nobody else may. :param show: given what to open in a browser.
    :param http: reaches where one signs in. :param port: of this machine; 0: any that is free.
    :raises Unauthorized: it was refused, in part too, or somebody else signed in.
    :raises Misconfigured: the application, or the organisation, does not allow it.
    :raises Transient: nobody did in time, or Microsoft cannot be reached.
    """
    blank = Signed(app.client_id, app.tenant, "", (), app.cloud)
    graph, login = blank.hosts
    wanted = short(scopes)
    made = http or client([login])
    try:
        asked, cache = application(blank, Carrier(made, pause=sleep, jitter=random.random, attempts=1))
        given = full(graph.name, wanted)
        if device:
            got = _by_code(asked, given, show)
        else:
            got = _in_browser(asked, given, address, show, seconds, port)
    finally:
        if http is None:
            made.close()
    if "access_token" not in got:
        raise _refused(got, address)
    claims: Mapping[str, Any] = got.get("id_token_claims") or {}
    who = str(claims.get("preferred_username") or claims.get("email") or "").lower()
    if whose and who and who != whose:
        raise Unauthorized(f"{who} signed in, and not {whose}. Nothing was kept; please try again.")
    granted = short(str(got.get("scope") or " ".join(wanted)).split())
    beside = {name for names in BESIDE.values() for name in names}
    if missing := ", ".join(w for w in wanted if w not in beside and not allows(granted, [w])):
        raise Unauthorized(f"Not all that is needed was allowed ({missing} is missing). Sign in again.")
    if not (held := kept(cache)).get("RefreshToken"):
        raise Unauthorized("Microsoft gave access for an hour only; please try again.")
    return replace(blank, account=who or address.lower(), scopes=granted, cache=held)


def _in_browser(
    asked: Any, scopes: list[str], address: str, show: Callable[[str], None], seconds: int, port: int
) -> Mapping[str, Any]:
    # The library would open a browser, and listen to all the world where it runs in a container.
    with _Heard(port) as heard:
        flow = asked.initiate_auth_code_flow(
            scopes, redirect_uri=f"http://localhost:{heard.port}", login_hint=address,
            prompt="select_account", response_mode="form_post",
        )  # fmt: skip
        show(str(flow["auth_uri"]))
        said = heard.wait(seconds)
    if not said:
        minutes = "a minute" if seconds < 120 else f"{seconds // 60} minutes"
        raise Transient(f"Nobody signed in within {minutes}; please try again. {_SHOWN}")
    try:
        got: Mapping[str, Any] = asked.acquire_token_by_auth_code_flow(flow, said)
    except ValueError:
        raise Unauthorized(
            "The answer that came was to another question than ours; please try again."
        ) from None
    return got


class _Heard:
    """A port of this machine alone, at which a browser leaves the answer (RFC 8252 7.3)."""

    def __init__(self, port: int) -> None:
        """:raises Transient: it cannot be opened."""
        self._said: dict[str, str] = {}
        try:
            self._server = make_server(_HERE, port, self._answer, handler_class=_Quiet)
        except OSError as error:
            raise Transient(f"No port of this machine could be opened: {error.strerror or error}.") from None

    @property
    def port(self) -> int:
        return self._server.server_port

    def wait(self, seconds: int) -> dict[str, str]:
        """What was left there; {} if nothing came in time."""
        until = monotonic() + seconds
        while not self._said and (left := until - monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        return self._said

    def _answer(self, request: dict[str, Any], start: Any) -> list[bytes]:
        size = str(request.get("CONTENT_LENGTH") or "0")
        posted = request["REQUEST_METHOD"] == "POST" and size.isdigit() and int(size) < 100_000
        text = request["wsgi.input"].read(int(size)).decode("utf-8", "replace") if posted else ""
        self._said = {name: values[-1] for name, values in parse_qs(text).items()}
        start("200 OK" if self._said else "404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"You may close this window, and go back to Deskhand." if self._said else b""]

    def __enter__(self) -> _Heard:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()


class _Quiet(WSGIRequestHandler):
    """Prints nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _by_code(asked: Any, scopes: list[str], show: Callable[[str], None]) -> Mapping[str, Any]:
    flow = asked.initiate_device_flow(scopes)
    if "user_code" not in flow:
        return dict(flow)
    show(f"{flow['verification_uri']}\n\nand type this code there: {flow['user_code']}")
    got: Mapping[str, Any] = asked.acquire_token_by_device_flow(flow)
    return got


def _refused(got: Mapping[str, Any], address: str) -> SourceError:
    """What to raise for a sign-in that did not succeed."""
    code = str(got.get("error") or "")[:60]
    found = judged(got, address, sign_in="the same command once more")
    if isinstance(found, Misconfigured):
        return found  # who may not allow it is told that, and not that she did not
    if code in ("access_denied", "authorization_declined"):
        return Unauthorized("You did not allow it; nothing was connected.")
    if code in ("expired_token", "code_expired", "authorization_pending"):
        return Transient(f"Nobody signed in in time; please try again. {_SHOWN}")
    if isinstance(found, Unauthorized):
        said = [over(got) or code or "it says nothing", *(f"AADSTS{n}" for n in numbers_in(got)[:1])]
        return Unauthorized(f"Microsoft did not take the sign-in ({', '.join(said)}); please try again.")
    return found
