"""Signing in to Google at the terminal, against `emulate`: what it leaves is a secret; what ends is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import NOW
from fakes import emulate
from fakes.proxy import Proxy, before, says
from typer.testing import CliRunner, Result

from deskhand.agent.sources.catalogue import usual
from deskhand.agent.terminal import signing
from deskhand.agent.terminal.cli import app
from deskhand.config.vault import Secrets
from deskhand.connectors import family
from deskhand.connectors._google_tokens import signed

ANA = "ana@example.org"
NAME = "GOOGLE_ANA_EXAMPLE_ORG"


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulate.Server]:
    program = emulate.installed()
    if program is None:
        pytest.skip(f"needs the Debian packages {emulate.PACKAGE} and npm, and `make .venv/emulate`")
    with emulate.server(program, tmp_path_factory.mktemp("emulate"), strict=False) as running:
        yield running


@pytest.fixture
def front(google: emulate.Server) -> Iterator[Proxy]:
    """Its Gmail, that knows no profile by itself."""
    with before(google.port) as made:
        said = json.dumps({"emailAddress": ANA, "historyId": "1"}).encode()
        made.always["GET /users/me/profile"] = says(200, said, Content_Type="application/json")
        yield made


class Person:
    """Does in a browser what the address says, as `who`."""

    def __init__(self, google: emulate.Server) -> None:
        self.google, self.who, self.urls = google, ANA, list[str]()
        self.threads: list[threading.Thread] = []

    def __call__(self, _screen: object, url: str) -> None:
        self.urls.append(url)
        self.threads.append(threading.Thread(target=self.google.consent, args=(url, self.who)))
        self.threads[-1].start()


@pytest.fixture
def person(google: emulate.Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    made = Person(google)
    monkeypatch.setattr(signing, "show", made)
    yield made
    for thread in made.threads:
        thread.join(30)


@pytest.fixture
def deskhand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on a home of one's own; its exit code must be as said."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    def run(*words: str, code: int = 0) -> Result:
        now = [] if words[0] == "secret" else ["--now", NOW.isoformat()]
        result = CliRunner().invoke(app, [*words, "--home", str(tmp_path / "home"), *now])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    run("init", "--name", "Ana Test", "--email", ANA, "--zone", "Europe/Lisbon")
    return run


@pytest.fixture
def given(google: emulate.Server, front: Proxy, tmp_path: Path) -> list[str]:
    return ["--client", str(google.client(tmp_path)), "-o", f"root={front.url}"]


def secret(home: Path) -> str:
    return Secrets({}, home).store.get(NAME)


def config(home: Path) -> str:
    return (home / "config.toml").read_text("utf-8")


def test_a_sign_in_is_kept_as_a_secret_and_nowhere_else(
    deskhand: Callable[..., Result], person: Person, given: list[str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    assert "Connected gmail ana@example.org as mail" in deskhand("add", "gmail", ANA, *given).output
    deskhand("sync")
    made = signed(secret(home))
    assert made.account == ANA
    assert f'token = "secret:{NAME}"' in config(home)
    stored = [p for p in home.rglob("*") if p.is_file()]
    for part in (made.refresh_token, made.client_secret):
        assert part not in deskhand("sources", "--json").output
        assert not [p for p in stored if part.encode() in p.read_bytes()]
    assert len(person.urls) == 1


def test_one_sign_in_serves_all_that_is_added(
    deskhand: Callable[..., Result], person: Person, given: list[str], tmp_path: Path
) -> None:
    """Where the first did not allow what the second wants, one signs in once more, and both have it."""
    home = tmp_path / "home"
    deskhand("add", "gmail", ANA, "-o", "folders=Inbox", *given)
    first = secret(home)
    deskhand("add", "gmail", ANA, "--as", "again", "-o", "folders=Sent", *given[2:])
    assert secret(home) == first
    assert len(person.urls) == 1
    deskhand("add", "gmail", ANA, "--as", "more", "-o", "folders=Drafts", "-o", "write=yes", *given[2:])
    assert len(person.urls) == 2
    assert {"gmail.readonly", "gmail.modify"} <= {s.rpartition("/")[2] for s in signed(secret(home)).scopes}
    deskhand("sync")


def test_a_sign_in_that_ended_is_told_with_the_command_that_mends_it(
    deskhand: Callable[..., Result], person: Person, given: list[str], google: emulate.Server, tmp_path: Path,
    front: Proxy,
) -> None:  # fmt: skip
    deskhand("add", "gmail", ANA, *given)
    google.revoke(signed(secret(tmp_path / "home")).refresh_token)
    said = " ".join(deskhand("sync", code=1).output.split())
    assert "Sign in again: deskhand signin mail" in said
    assert "Sign in again: deskhand signin mail" in " ".join(deskhand("sources").output.split())
    assert "Signed in. It serves mail." in deskhand("signin", "mail").output
    deskhand("sync")


def test_writing_is_switched_on_later(
    deskhand: Callable[..., Result], person: Person, given: list[str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    deskhand("add", "gmail", ANA, *given)
    assert "gmail.modify" not in person.urls[0]
    deskhand("signin", "mail", "--write")
    assert "gmail.modify" in person.urls[1]
    assert "gmail.readonly" in person.urls[1]
    assert "write = true" in config(home)
    deskhand("sync")


def test_who_was_not_meant_connects_nothing(
    deskhand: Callable[..., Result], person: Person, given: list[str], tmp_path: Path
) -> None:
    person.who = "bo@example.org"
    said = " ".join(deskhand("add", "gmail", ANA, *given, code=1).output.split())
    assert "bo@example.org signed in, and not ana@example.org" in said
    assert "gmail" not in config(tmp_path / "home")
    assert NAME not in Secrets({}, tmp_path / "home").store.names()


def test_what_cannot_be_connected_leaves_no_secret(
    deskhand: Callable[..., Result], person: Person, given: list[str], front: Proxy, tmp_path: Path
) -> None:
    front.always["GET /users/me/profile"] = says(404)
    deskhand("add", "gmail", ANA, *given, code=2)
    assert NAME not in Secrets({}, tmp_path / "home").store.names()


def test_without_a_client_it_is_told_how_to_get_one(deskhand: Callable[..., Result], person: Person) -> None:
    assert "docs/google.md" in deskhand("add", "gmail", ANA, code=1).output
    assert "docs/google.md" in deskhand("add", "google", ANA, code=1).output
    assert "cannot be read" in deskhand("add", "google", ANA, "--client", "none.json", code=1).output


def test_all_of_an_account_is_added_at_once(
    deskhand: Callable[..., Result], person: Person, given: list[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What is there already is left as it is, and a second account has names of its own."""
    monkeypatch.setattr("deskhand.agent.terminal.sources.members", lambda _: {"gmail": "gmail"})
    answer = json.loads(deskhand("add", "google", ANA, "--as", "work", *given, "--json").output)
    assert [s["source"] for s in answer["sources"]] == ["work-mail"]
    assert "connected already" in deskhand("add", "google", ANA, *given[2:], code=2).output


def test_what_cannot_be_connected_keeps_nobody_from_the_others(
    deskhand: Callable[..., Result], person: Person, given: list[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """And what is there keeps its secret."""
    monkeypatch.setattr("deskhand.agent.terminal.sources.members", lambda _: {"mbox": "-", "gmail": "gmail"})
    answer = json.loads(deskhand("add", "google", ANA, *given, "--json", code=4).output)
    assert [s["source"] for s in answer["sources"]] == ["mail"]
    assert [f["kind"] for f in answer["failed"]] == ["mbox"]
    deskhand("sync")
    assert signed(secret(tmp_path / "home")).account == ANA


def test_what_has_no_sign_in_says_so(deskhand: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    deskhand("add", "files", str(tmp_path / "papers"))
    assert "no sign-in in a browser" in deskhand("signin", "documents", code=2).output
    assert "no source called" in deskhand("signin", "mail", code=2).output


def test_one_sign_in_connects_all_there_is(
    deskhand: Callable[..., Result], person: Person, given: list[str], front: Proxy, tmp_path: Path
) -> None:
    about = json.dumps({"user": {"emailAddress": ANA}}).encode()  # which this server does not know
    front.always["GET /drive/v3/about"] = says(200, about, Content_Type="application/json")
    kinds = family("google")
    answer = json.loads(deskhand("add", "google", ANA, *given, "--json").output)
    assert {s["kind"]: s["source"] for s in answer["sources"]} == {kind: usual(kind) for kind in kinds}
    assert len(person.urls) == 1
    assert all(f"{api}.readonly" in person.urls[0] for api in kinds.values())
    assert config(tmp_path / "home").count(f'token = "secret:{NAME}"') == len(kinds)
    aliases = ", ".join(sorted(map(usual, kinds)))
    assert f"It serves {aliases}." in deskhand("signin", "mail").output
