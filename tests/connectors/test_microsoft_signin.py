"""Signing in to Microsoft, against `emulate`: the code flow with PKCE, renewing, and what goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fakes import emulate
from fakes.proxy import Proxy, says, straight
from google_givens import fronted, wired
from graph_givens import NAMES

from deskhand.connectors import _microsoft_signin as signing
from deskhand.connectors._egress import client
from deskhand.connectors._microsoft_account import scopes
from deskhand.connectors._microsoft_signin import App, app_of, sign_in
from deskhand.connectors._microsoft_tokens import Signed, Tokens, signed
from deskhand.connectors.errors import Misconfigured, SourceError, Transient, Unauthorized

ANA = "ana@example.org"
ID = "00001111-aaaa-2222-bbbb-3333cccc4444"
APP = App(ID)
READ = scopes("mail", write=False)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program = emulate.installed()
    if program is None:
        pytest.skip(f"needs the Debian packages {emulate.PACKAGE} and npm, and `make .venv/emulate`")
    with emulate.microsoft(program, tmp_path_factory.mktemp("emulate")) as running:
        yield running


@pytest.fixture
def front(port: int, tmp_path: Path) -> Iterator[Proxy]:
    """Microsoft's sign-in at its real name."""
    with (
        fronted(port, tmp_path, route=straight, names=NAMES) as (made, authorities),
        wired(made.port, authorities, NAMES),
    ):
        yield made


class Browser:
    """A person with a browser, who does something with an address while the program waits."""

    def __init__(self, does: Callable[[str], None]) -> None:
        self._does, self.urls = does, list[str]()
        self._thread: threading.Thread | None = None

    def __call__(self, url: str) -> None:
        self.urls.append(url)
        self._thread = threading.Thread(target=self._does, args=(url,))
        self._thread.start()

    def done(self) -> dict[str, str]:
        """What the address said."""
        if self._thread is not None:
            self._thread.join(30)
        return {n: v[0] for n, v in parse_qs(urlsplit(self.urls[0]).query).items()}


def choosing(port: int, email: str = ANA) -> Callable[[str], None]:
    """Opens the page, chooses a user there, and posts the answer where the page says."""
    return lambda url: emulate.chosen(port, url, email)


def coming_back(**said: str) -> Callable[[str], None]:
    """Something comes to the port that waits, and it is no browser that was at Microsoft."""

    def run(url: str) -> None:
        asked = {n: v[0] for n, v in parse_qs(urlsplit(url).query).items()}
        back = urlsplit(asked["redirect_uri"])
        emulate.posted(back.port or 0, "/", {})
        emulate.posted(back.port or 0, "/", {"state": asked["state"], **said})

    return run


def test_a_person_signs_in_with_a_browser(front: Proxy, port: int) -> None:
    browser = Browser(choosing(port))
    got = sign_in(APP, ANA, READ, show=browser)
    asked = browser.done()
    assert urlsplit(browser.urls[0]).hostname == "login.microsoftonline.com"
    assert (asked["code_challenge_method"], asked["response_mode"]) == ("S256", "form_post")
    assert asked["redirect_uri"].startswith("http://localhost:")
    assert asked["login_hint"] == ANA
    assert {s.rpartition("/")[2] for s in asked["scope"].split()} >= {*READ, "offline_access"}
    assert (got.account, got.client_id, set(got.scopes) >= set(READ)) == (ANA, ID, True)
    assert signed(got.text()) == got
    assert "AccessToken" not in got.cache
    for held in got.cache["RefreshToken"].values():
        assert held["secret"] not in repr(got)


def test_a_sign_in_is_renewed_and_replaced(front: Proxy, port: int) -> None:
    browser = Browser(choosing(port))
    kept = [sign_in(APP, ANA, READ, show=browser).text()]
    browser.done()

    def renew(made: Callable[[str], str]) -> str:
        kept.append(made(kept[-1]))
        return kept[-1]

    with client([signed(kept[0]).hosts[1]]) as http:
        for _ in range(2):
            tokens = Tokens(
                kept[0], http, [f"https://graph.microsoft.com/{s}" for s in READ], name="Outlook",
                sign_in="deskhand signin mail", pause=lambda _: None, jitter=lambda: 0.0, renew=renew,
            )  # fmt: skip
            first = tokens.current()
            assert first.startswith("microsoft_")
            assert tokens.current() == first != tokens.fresh(first)
        stale = Tokens(
            kept[0], http, READ, name="Outlook", sign_in="deskhand signin mail", pause=lambda _: None,
            jitter=lambda: 0.0,
        )  # fmt: skip
        with pytest.raises(Unauthorized, match="deskhand signin mail"):
            stale.current()
    assert len({*kept}) == 5


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        ({"error": "access_denied"}, Unauthorized, "You did not allow"),
        (
            {"error": "access_denied", "error_description": "AADSTS90094: Admin consent is required."},
            Misconfigured,
            "Only who administers .* can allow Deskhand this .AADSTS90094; docs",
        ),
        (
            {"error": "invalid_request", "error_description": "AADSTS50194: Not multi-tenant."},
            Misconfigured,
            "--client CLIENT-ID/TENANT",
        ),
        (
            {"error": "login_required", "error_description": "AADSTS50076: Due to a change ..."},
            Unauthorized,
            "another proof of who you are, AADSTS50076.; please try again",
        ),
        (
            {"error": "odd", "error_description": "AADSTS12345: Odd."},
            Unauthorized,
            "odd, AADSTS12345",
        ),
        ({"error": "server_error"}, Transient, "server_error"),
        ({"code": "made-up"}, Unauthorized, "try again"),
        ({"state": "another", "code": "x"}, Unauthorized, "another question"),
    ],
)
def test_what_comes_back_may_be_no(
    front: Proxy, said: dict[str, str], kind: type[SourceError], told: str
) -> None:
    browser = Browser(coming_back(**said))
    with pytest.raises(kind, match=told):
        sign_in(APP, ANA, READ, show=browser)
    browser.done()


def test_nobody_signs_in(front: Proxy) -> None:
    with pytest.raises(Transient, match=r"Nobody signed in within a minute.*docs/microsoft\.md"):
        sign_in(APP, ANA, READ, show=lambda _: None, seconds=0)


def test_another_person_than_the_last_time_is_not_let_in(front: Proxy, port: int) -> None:
    browser = Browser(choosing(port, "bo@example.org"))
    with pytest.raises(Unauthorized, match=r"bo@example\.org signed in, and not ana"):
        sign_in(APP, ANA, READ, show=browser, whose=ANA)
    browser.done()


def test_what_suffices_is_kept_and_more_is_asked_for(front: Proxy, port: int) -> None:
    def show(url: str) -> None:
        asked.append(parse_qs(urlsplit(url).query)["scope"][0])
        browser(url)

    asked = list[str]()
    browser = Browser(choosing(port))
    first = signing.renewed("", ANA, {"mail": False}, client=ID, show=show)
    browser.done()
    assert signing.renewed(first, ANA, {"mail": False}, client="", show=show) == first
    assert len(asked) == 1
    second = signing.renewed(first, ANA, {"mail": True}, client="", show=show)
    browser.done()
    assert "Mail.Send" in asked[1]
    assert "Mail.Send" not in asked[0]
    assert set(signed(second).scopes) > set(signed(first).scopes)


def test_by_a_code_on_another_machine(front: Proxy) -> None:
    """`emulate` has no device flow: what Microsoft's pages say of it is answered for it."""
    front.always["POST devicecode"] = says(200, json.dumps({
        "user_code": "ABCD-1234", "device_code": "dc", "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900, "interval": 0, "message": "To sign in ...",
    }).encode())  # fmt: skip
    front.always["POST token"] = says(200, json.dumps({
        "token_type": "Bearer", "access_token": "at", "refresh_token": "rt", "expires_in": 3600,
        "scope": " ".join(READ), "client_info": "eyJ1aWQiOiAidSIsICJ1dGlkIjogInQifQ",
    }).encode())  # fmt: skip
    front.always["GET openid-configuration"] = says(200, json.dumps({
        f"{name}_endpoint": f"https://login.microsoftonline.com/common/oauth2/v2.0/{path}"
        for name, path in (("token", "token"), ("authorization", "authorize"),
                           ("device_authorization", "devicecode"))
    }).encode())  # fmt: skip
    shown = list[str]()
    got = sign_in(APP, ANA, READ, show=shown.append, device=True)
    assert "https://microsoft.com/devicelogin" in shown[0]
    assert "ABCD-1234" in shown[0]
    assert got.account == ANA


def test_client_ids() -> None:
    assert app_of(ID) == App(ID, "common", "global")
    assert app_of(f"{ID}/example.org/china") == App(ID, "example.org", "china")
    assert Signed(ID, "example.org", ANA, (), "china").authority.startswith("https://login.partner.microsoft")
    for wrong in ("", "client_secret.json", f"{ID}/a b", f"{ID}/common/moon"):
        with pytest.raises(Misconfigured, match="looks like"):
            app_of(wrong)
    with pytest.raises(Misconfigured, match="Register"):
        signing.renewed("", ANA, {"mail": False}, client="", show=lambda _: None)
