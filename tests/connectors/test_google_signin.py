"""Signing in to Google, against `emulate`: the code flow with PKCE, refreshing, and what goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fakes import emulate
from fakes.proxy import before, done_but, says, torn

from deskhand.connectors._egress import client
from deskhand.connectors._google_account import WHO, allows, scopes
from deskhand.connectors._google_signin import App, app_of, sign_in
from deskhand.connectors._google_tokens import Signed, Tokens, signed
from deskhand.connectors._hosts import Host
from deskhand.connectors.errors import Misconfigured, Transient, Unauthorized

ANA = "ana@example.org"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulate.Server]:
    program = emulate.installed()
    if program is None:
        pytest.skip(f"needs the Debian packages {emulate.PACKAGE} and npm, and `make .venv/emulate`")
    with emulate.server(program, tmp_path_factory.mktemp("emulate")) as running:
        yield running


@pytest.fixture(autouse=True)
def by_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is on this machine and speaks no TLS, which the library takes from nobody otherwise."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def app(server: emulate.Server, tmp_path: Path) -> App:
    return app_of(server.client(tmp_path))


class Browser:
    """A person with a browser: does something with the address, while the program waits."""

    def __init__(self, does: Callable[[str], None]) -> None:
        self._does = does
        self.urls: list[str] = []
        self._thread: threading.Thread | None = None
        self.error: BaseException | None = None

    def __call__(self, url: str) -> None:
        self.urls.append(url)

        def run() -> None:
            try:
                self._does(url)
            except BaseException as error:
                self.error = error

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def done(self) -> None:
        if self._thread is not None:
            self._thread.join(30)
        assert self.error is None

    @property
    def asked(self) -> dict[str, str]:
        """What the address says."""
        return {n: v[0] for n, v in parse_qs(urlsplit(self.urls[0]).query).items()}


def came_back(url: str, **said: str) -> None:
    """Something comes to the port that waits, and it is no browser that was at Google."""
    asked = {n: v[0] for n, v in parse_qs(urlsplit(url).query).items()}
    to = urlsplit(asked["redirect_uri"])
    connection = HTTPConnection(to.hostname or "", to.port, timeout=30)
    connection.request(
        "GET", "/?" + "&".join(f"{n}={v}" for n, v in {"state": asked["state"], **said}.items())
    )
    connection.getresponse().read()
    connection.close()


def signed_in(server: emulate.Server, app: App, who: str = ANA, *, as_: str = ANA) -> tuple[Signed, Browser]:
    browser = Browser(lambda url: server.consent(url, who))
    try:
        made = sign_in(app, as_, scopes("gmail", write=False), show=browser, port=server.back, seconds=30)
    finally:
        browser.done()
    return made, browser


def test_a_sign_in_from_the_page_to_a_token(server: emulate.Server, app: App) -> None:
    made, browser = signed_in(server, app)
    assert made.account == ANA
    assert allows(made.scopes, "gmail.readonly")
    assert not allows(made.scopes, "gmail.modify")
    assert signed(made.text()) == made
    asked = browser.asked
    assert asked["code_challenge_method"] == "S256"
    assert asked["access_type"] == "offline"
    assert asked["include_granted_scopes"] == "true"
    assert asked["login_hint"] == ANA
    assert set(asked["scope"].split()) == {*WHO, "https://www.googleapis.com/auth/gmail.readonly"}
    assert app.client_secret not in browser.urls[0]
    with of(made) as tokens:
        first = tokens.current()
        assert first.startswith("google_")
        assert tokens.current() == first
        assert tokens.fresh(first) != first


@contextmanager
def of(made: Signed) -> Iterator[Tokens]:
    http = client([made.host])
    with http:
        yield Tokens(
            made, http, name="Gmail", sign_in="deskhand signin mail", pause=lambda _: None,
            jitter=lambda: 0.5,
        )  # fmt: skip


def test_access_that_was_taken_away_means_signing_in_again(server: emulate.Server, app: App) -> None:
    made, _ = signed_in(server, app)
    server.revoke(made.refresh_token)
    for _ in range(2):
        with (
            of(made) as tokens,
            pytest.raises(Unauthorized, match=f"sign-in of {ANA}. Sign in again: deskhand signin mail"),
        ):
            tokens.current()
    again, _ = signed_in(server, app)
    with of(again) as tokens:
        assert tokens.current()


def test_a_client_that_google_does_not_know_is_told(server: emulate.Server, tmp_path: Path) -> None:
    app = app_of(server.client(tmp_path, secret="GOCSPX-another"))
    with pytest.raises(Misconfigured, match="does not know this client ID"):
        signed_in(server, app)


def test_who_signs_in_is_whose_account_it_is(server: emulate.Server, app: App) -> None:
    with pytest.raises(Unauthorized, match="signed in, and not ana@"):
        signed_in(server, app, "bo@example.org")
    assert signed_in(server, app, as_="Ana@Example.org")[0].account == ANA


def test_an_answer_to_another_question_is_not_believed(server: emulate.Server, app: App) -> None:
    """Any program of this machine, and any page in a browser, can come to the port."""
    browser = Browser(lambda url: came_back(url, state="forged", code="stolen"))
    with pytest.raises(Unauthorized, match="another question"):
        sign_in(app, ANA, WHO, show=browser, port=server.back, seconds=30)
    browser.done()


def test_whoever_says_no_connects_nothing(server: emulate.Server, app: App) -> None:
    browser = Browser(lambda url: came_back(url, error="access_denied"))
    with pytest.raises(Unauthorized, match="You did not allow it"):
        sign_in(app, ANA, WHO, show=browser, port=server.back, seconds=30)
    browser.done()


def test_a_code_that_somebody_else_made_is_not_taken(server: emulate.Server, app: App) -> None:
    browser = Browser(lambda url: came_back(url, code="made-up"))
    with pytest.raises(Unauthorized, match="did not take the sign-in"):
        sign_in(app, ANA, WHO, show=browser, port=server.back, seconds=30)
    browser.done()


def test_nobody_is_waited_for_for_ever(server: emulate.Server, app: App) -> None:
    with pytest.raises(Transient, match="Nobody signed in within"):
        sign_in(app, ANA, WHO, show=lambda _: None, port=server.back, seconds=0)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (done_but(torn), Transient, "cannot be reached"),
        (says(502, b"<html>"), Transient, "cannot be read"),
        (says(200, b'{"access_token": "x"}'), Unauthorized, "for an hour only"),
        (says(200, b'{"refresh_token": "x", "scope": "openid"}'), Unauthorized, "gmail.readonly is missing"),
    ],
)  # fmt: skip
def test_an_exchange_that_fails_is_told(
    server: emulate.Server, app: App, answer: object, error: type[Exception], words: str
) -> None:
    """The code is spent with it: it is sent once."""
    with before(server.port) as front:
        front.always["POST /oauth2/token"] = answer  # type: ignore[assignment]
        app = App(app.client_id, app.client_secret, app.auth_uri, f"{front.url}oauth2/token")
        browser = Browser(lambda url: server.consent(url, ANA))
        http = client([Host("127.0.0.1", front.port, loopback=True)])
        with pytest.raises(error, match=words):
            sign_in(
                app, ANA, scopes("gmail", write=False), show=browser, port=server.back, seconds=30, http=http
            )
        browser.done()
        assert front.count("POST") == 1
        http.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json", "is no client ID"),
        ("[]", "is no client ID"),
        (json.dumps({"web": {"client_id": "x"}}), "for a web site"),
        (json.dumps({"installed": {"client_id": "x", "token_uri": "https://example.com/t"}}), "token_uri"),
        (json.dumps({"installed": {"client_id": "x", "auth_uri": "https://example.com/a"}}), "auth_uri"),
        (
            json.dumps({"installed": {"client_id": "x", "auth_uri": "http://accounts.google.com/"}}),
            "auth_uri",
        ),
    ],
)
def test_a_file_that_is_no_client_is_told(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "client.json"
    path.write_text(text)
    with pytest.raises(Misconfigured, match=words):
        app_of(path)
    with pytest.raises(Misconfigured, match="cannot be read"):
        app_of(tmp_path / "none.json")
