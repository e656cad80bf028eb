"""Signing in to Microsoft at the terminal, in a browser and by a code: a secret, and nothing elsewhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import NOW
from fakes import emulate
from fakes.graph.login import CLIENT_ID, back
from fakes.proxy import Request
from graph_givens import Microsoft, mail
from outlook_givens import filled
from typer.testing import CliRunner, Result

from deskhand.agent.terminal import signing
from deskhand.agent.terminal.cli import app
from deskhand.config.vault import Secrets
from deskhand.connectors._microsoft_tokens import signed

ANA = "ana@example.org"
NAME = "MICROSOFT_ANA_EXAMPLE_ORG"
ADD = ("add", "outlook", ANA, "--client", CLIENT_ID)


class Person:
    """Does in a browser what is shown; of a code nothing more is to be done."""

    def __init__(self, microsoft: Microsoft) -> None:
        self.microsoft, self.shown, self.who = microsoft, list[str](), "ana"
        self.threads: list[threading.Thread] = []

    def __call__(self, _screen: object, url: str) -> None:
        self.shown.append(url)
        if "redirect_uri" in url:
            self.threads.append(threading.Thread(target=self._comes_back, args=(url,)))
            self.threads[-1].start()

    def _comes_back(self, url: str) -> None:
        to, form = back(self.microsoft.world, self.who, url)
        connection = HTTPConnection("127.0.0.1", urlsplit(to).port or 0, timeout=30)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/", form, kind)
        connection.getresponse().read()
        connection.close()


@pytest.fixture
def person(microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    made = Person(microsoft)
    monkeypatch.setattr(signing, "show", made)
    filled(microsoft)
    yield made
    for thread in made.threads:
        thread.join(30)


@pytest.fixture
def deskhand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on a home of one's own; its exit code must be as said."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    def run(*words: str, code: int = 0) -> Result:
        given = [*words, "--home", str(tmp_path / "home"), "--now", NOW.isoformat()]
        result = CliRunner().invoke(app, given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    run("init", "--name", "Ana Test", "--email", ANA, "--zone", "Europe/Lisbon")
    return run


@pytest.mark.parametrize("device", [(), ("--device",)])
def test_a_sign_in_is_kept_as_a_secret_and_nowhere_else(
    deskhand: Callable[..., Result], person: Person, tmp_path: Path, device: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    assert f"Connected outlook {ANA} as mail" in deskhand(*ADD, *device).output
    assert ("ABCD1234" in person.shown[0]) == bool(device)
    deskhand("sync")
    kept = Secrets({}, home).store.get(NAME)
    assert {"Mail.Read", "MailboxSettings.Read", "User.Read"} <= {*signed(kept).scopes}
    assert "Mail.ReadWrite" not in signed(kept).scopes
    assert f'token = "secret:{NAME}"' in (home / "config.toml").read_text("utf-8")
    (refresh,) = (one["secret"] for one in signed(kept).cache["RefreshToken"].values())
    assert not [p for p in home.rglob("*") if p.is_file() and refresh.encode() in p.read_bytes()]


def test_what_ended_is_told_with_its_command_and_writing_is_switched_on_with_it(
    deskhand: Callable[..., Result], person: Person, microsoft: Microsoft, tmp_path: Path
) -> None:
    deskhand(*ADD)
    microsoft.world.refresh_tokens.clear()
    assert "deskhand signin mail" in " ".join(deskhand("sync", code=1).output.split())
    deskhand("signin", "mail", "--write", "--device")
    assert {"Mail.ReadWrite", "Mail.Send"} <= {*signed(Secrets({}, tmp_path / "home").store.get(NAME)).scopes}
    assert "write = true" in (tmp_path / "home" / "config.toml").read_text("utf-8")
    deskhand("sync")


def test_two_accounts_are_read_each_with_its_own_sign_in(
    deskhand: Callable[..., Result], person: Person, microsoft: Microsoft, tmp_path: Path
) -> None:
    microsoft.world.arrives("bo", mail("Harbour", to="bo@example.org"))
    deskhand(*ADD)
    person.who = "bo"
    deskhand("add", "outlook", "bo@example.org", "--client", f"{CLIENT_ID}/example.org", "--as", "other")
    store = Secrets({}, tmp_path / "home").store
    first, second = (signed(store.get(f"MICROSOFT_{who}_EXAMPLE_ORG")) for who in ("ANA", "BO"))
    assert (first.account, first.tenant) == (ANA, "common")
    assert (second.account, second.tenant) == ("bo@example.org", "example.org")
    deskhand("sync")
    assert "mail:message:" in deskhand("search", "budget").output
    assert "other:message:" in deskhand("search", "harbour").output


@pytest.fixture(scope="module")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program = emulate.installed()
    if program is None:
        pytest.skip(f"needs the Debian packages {emulate.PACKAGE} and npm, and `make .venv/emulate`")
    with emulate.microsoft(program, tmp_path_factory.mktemp("emulate")) as port:
        yield port


def test_one_signs_in_at_a_page_of_another_make_and_reads_and_renews(
    deskhand: Callable[..., Result], microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    entra: int,
) -> None:  # fmt: skip
    """The sign-in is that of `emulate`, with its pages and tokens; behind these is our Graph."""
    filled(microsoft)
    given = list[tuple[str, ...]]()

    def signing_in(request: Request) -> None:
        status, headers, data = replace(request, to=entra).forward()
        said = json.loads(data) if request.path.endswith("/token") else {}
        if "access_token" in said:
            scopes = tuple(s.rpartition("/")[2] for s in said["scope"].split())
            microsoft.world.tokens[said["access_token"]] = ("ana", frozenset(scopes))
            given.append(scopes)
        request.say(status, headers, data)

    microsoft.front.always |= dict.fromkeys(("* /.well-known/", "* /oauth2/"), signing_in)
    browsers = list[threading.Thread]()

    def opened(_screen: object, url: str) -> None:
        browsers.append(threading.Thread(target=emulate.chosen, args=(entra, url, ANA)))
        browsers[-1].start()

    monkeypatch.setattr(signing, "show", opened)
    assert f"Connected outlook {ANA} as mail" in deskhand(*ADD).output
    first = Secrets({}, tmp_path / "home").store.get(NAME)
    microsoft.world.tokens.clear()
    deskhand("sync")
    assert "Budget" in deskhand("search", "budget").output
    assert Secrets({}, tmp_path / "home").store.get(NAME) != first, "another one each time it is used"
    deskhand("signin", "mail", "--write")
    assert {"Mail.ReadWrite", "Mail.Send"} <= {*given[-1]}
    deskhand("sync")
    for browser in browsers:
        browser.join(30)
    assert len(browsers) == 2


@pytest.mark.parametrize(("withheld", "code"), [("MailboxSettings.Read", 0), ("Mail.Read", 1)])
def test_what_one_can_do_without_need_not_be_allowed(
    deskhand: Callable[..., Result], person: Person, microsoft: Microsoft, withheld: str, code: int
) -> None:
    microsoft.world.withheld = frozenset({withheld})
    said = deskhand(*ADD, code=code).output
    assert ("Mail.Read is missing" in said) == bool(code)
