"""Adding an account at the terminal: the password is asked for and kept, and nothing is added that fails."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from functools import partialmethod
from pathlib import Path

import pytest
from conftest import NOW
from fakes import dns
from fakes.dovecot import PASSWORD, Server
from typer.testing import CliRunner, Result

from deskhand.agent.terminal import sources
from deskhand.agent.terminal.cli import app
from deskhand.config import vault
from deskhand.connectors import _imap_discovery, _srv

MESSAGE = (
    b"From: bo@example.org\r\nSubject: Boat\r\nMessage-ID: <b@example.org>\r\n\r\nIt leaves at seven.\r\n"
)


@pytest.fixture
def account(dovecot: Server) -> str:
    user = dovecot.user()
    dovecot.put(user, "INBOX", MESSAGE)
    return user


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

    run("init", "--name", "Ana Test", "--email", "ana@example.org", "--zone", "Europe/Lisbon")
    return run


def typing(monkeypatch: pytest.MonkeyPatch, answer: str) -> list[str]:
    """Somebody sits at the terminal and types this; what was asked."""
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return answer

    monkeypatch.setattr(vault, "ask_at_terminal", ask)
    return asked


def options(dovecot: Server) -> list[str]:
    return ["-o", "host=localhost", "-o", f"port={dovecot.tls}", "-o", f"ca={dovecot.authority}"]


def test_an_account_is_added_with_the_password_that_is_typed(
    deskhand: Callable[..., Result], dovecot: Server, account: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    asked = typing(monkeypatch, PASSWORD)
    assert f"Connected imap {account} as mail." in deskhand("add", "imap", account, *options(dovecot)).stdout
    assert asked == [f"The password of {account} (it is not shown): "]
    settings = (tmp_path / "home" / "config.toml").read_text("utf-8")
    assert PASSWORD not in settings.replace("secret:", "")
    assert 'password = "secret:USER' in settings
    assert str(tmp_path) not in settings, "an address is no path"
    assert json.loads(deskhand("sync", "--json").stdout)["sources"][0]["added"] == 1
    assert "Boat" in deskhand("search", "boat").stdout
    refused = deskhand("remove", "mail", code=2).stderr
    assert refused.startswith("Nothing was removed: 1 item of mail would be erased for good.")
    shown = deskhand("remove", "mail", "--dry-run").stdout
    assert "1 item of mail" in shown
    assert "The secret USER" in shown
    assert "Boat" in deskhand("search", "boat").stdout
    assert deskhand("remove", "mail", "--yes").stdout.startswith("Removed mail. Erased: 1 item of mail.")
    assert "Boat" not in deskhand("search", "boat").stdout
    assert json.loads(deskhand("secret", "list", "--json").stdout)["secrets"] == []


def test_a_wrong_password_is_said_in_a_line_and_nothing_is_kept(
    deskhand: Callable[..., Result], dovecot: Server, account: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    typing(monkeypatch, "wrong-one")
    said = deskhand("add", "imap", account, *options(dovecot), code=1)
    assert said.stderr.startswith(f"localhost refused the user {account} or the password: ")
    assert said.stderr.count("\n") == 1
    assert "wrong-one" not in said.output
    assert json.loads(deskhand("secret", "list", "--json").stdout)["secrets"] == []
    assert "[sources" not in (tmp_path / "home" / "config.toml").read_text("utf-8")


def test_where_nobody_types_the_option_is_named(
    deskhand: Callable[..., Result], dovecot: Server, account: str
) -> None:
    said = deskhand("add", "imap", account, *options(dovecot), code=1).stderr
    assert said.endswith("and say --option password=secret:NAME.\n")


def test_a_domain_without_servers_says_what_to_give(deskhand: Callable[..., Result]) -> None:
    said = deskhand("add", "imap", "noor@nowhere.invalid", "-o", "password=env:HOME", code=2).stderr
    assert said.startswith("The mail servers of nowhere.invalid are not known")
    assert "--option host=" in said


def test_servers_elsewhere_are_asked_about_before_a_password_is(
    deskhand: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6186 6: the DNS alone says where they are, and it proves nothing."""
    asked = typing(monkeypatch, "never")
    monkeypatch.setattr(_imap_discovery, "_asked", no_web)
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or "no")
    add = ("add", "imap", "noor@example.org")
    with dns.serving() as server:
        server.records["_imaps._tcp.example.org", "SRV"] = ["0 1 993 mail.example.net."]
        there = partialmethod(_srv.Domain.__init__, servers=["127.0.0.1"], port=server.port)
        monkeypatch.setattr(_srv.Domain, "__init__", there)
        refused = deskhand(*add, "-o", "password=env:HOME", code=2).stderr
        monkeypatch.setattr(sources, "interactive", lambda screen: True)
        said = deskhand(*add, code=2)
    assert "--option host=mail.example.net" in refused
    assert refused.startswith("example.org says that its mail is at mail.example.net, outside its own domain")
    assert asked == ["Sign in there? [y]es, [n]o: "], "and no password"
    assert said.stdout.startswith("example.org says that its mail is at mail.example.net")
    assert said.stderr == "Nothing was added, and nothing was sent there.\n"


def no_web(url: str) -> bytes:
    raise OSError(url)


def test_what_cannot_be_added_is_said_before_a_password_is_asked_for(
    deskhand: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = typing(monkeypatch, "never")
    said = deskhand("add", "imap", "noor", code=2).stderr
    assert "deskhand add imap noor@DOMAIN" in said
    assert asked == []


def test_what_was_kept_is_connected_again_by_the_command_that_is_said(
    deskhand: Callable[..., Result], dovecot: Server, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch, PASSWORD)
    deskhand("add", "imap", account, "--as", "post", "-o", "local_only=yes", *options(dovecot))
    deskhand("sync")
    said = deskhand("remove", "post", "--keep-data").stdout.splitlines()[1]
    again = said.partition("it goes on where it stopped: deskhand ")[2]
    assert {f"port={dovecot.tls}", "host=localhost", "local_only=true"} <= set(shlex.split(again))
    assert f"connect it again: deskhand {again}" in deskhand("sources").stdout
    assert deskhand("sync", "post", code=2).stderr.endswith(f"To connect it again: deskhand {again}\n")
    assert deskhand("signin", "post", code=2).stderr.endswith(f"To connect it again: deskhand {again}\n")
    elsewhere = deskhand(*shlex.split(again.replace("--as post", "--as other")), code=2).stderr
    assert "is kept as post, and would be found twice." in elsewhere
    assert "Connected imap" in deskhand(*shlex.split(again)).stdout
    assert json.loads(deskhand("sync", "--json").stdout)["sources"][0]["added"] == 0
    deskhand("remove", "post", "--keep-data")
    assert "The secret USER" in deskhand("remove", "post", "--yes").stdout
    assert json.loads(deskhand("secret", "list", "--json").stdout)["secrets"] == []


def test_how_to_sign_in_is_refused_where_nobody_does(deskhand: Callable[..., Result], tmp_path: Path) -> None:
    for given, named in ((("--client", "me.json"), "--client"), (("--device",), "--device")):
        said = deskhand("add", "files", str(tmp_path), *given, code=2).stderr
        assert said == f"files has no sign-in in a browser, so {named} means nothing here: leave it out.\n"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--email", "foo", "'foo' is no mail address"), ("--zone", "Europe/Nowhere", "there is no time zone")],
)
def test_what_cannot_be_said_at_the_beginning_names_the_option(
    deskhand: Callable[..., Result], tmp_path: Path, option: str, value: str, said: str
) -> None:
    before = (tmp_path / "home/config.toml").read_text("utf-8")
    assert deskhand("init", option, value, code=2).stderr.startswith(f"{option}: {said}")
    assert (tmp_path / "home/config.toml").read_text("utf-8") == before
