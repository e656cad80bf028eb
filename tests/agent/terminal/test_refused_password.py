"""A password that a server takes no more: which secret it is, which command changes it, and that it helps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from conftest import NOW
from fakes import radicale
from fakes.dovecot import PASSWORD, Server
from imap_givens import Quick, Sink
from typer.testing import CliRunner, Result

from deskhand.agent.sample.servers import free_ports
from deskhand.agent.terminal.cli import app

Command = Callable[..., Result]
RENEW = "Its password is kept as secret:MAIL; keep the new one with: deskhand secret set MAIL"


@pytest.fixture
def deskhand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command on a home of one's own."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("DESKHAND_EMBEDDING__MODEL", "none")
    monkeypatch.setenv("DESKHAND_SENDING__HOLD", "0s")

    def run(*words: str, code: int = 0, typed: str | None = None) -> Result:
        now = [] if words[0] == "secret" else ["--now", NOW.isoformat()]
        result = CliRunner().invoke(app, [*words, "--home", str(tmp_path / "home"), *now], input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    run("init", "--name", "Ana Test", "--email", "ana@example.org", "--zone", "Europe/Lisbon")
    return run


def keep(deskhand: Command, password: str) -> None:
    deskhand("secret", "set", "MAIL", typed=password)


def synced(deskhand: Command, code: int) -> dict[str, Any]:
    (one,) = json.loads(deskhand("sync", "mail", "--json", code=code).stdout)["sources"]
    return dict(one)


def test_of_a_mailbox(deskhand: Command, dovecot: Server) -> None:
    user = dovecot.user()
    keep(deskhand, PASSWORD)
    where = ["-o", "host=127.0.0.1", "-o", f"port={dovecot.port}", "-o", "security=none"]
    deskhand("add", "imap", user, "--as", "mail", *where, "-o", "password=secret:MAIL")
    keep(deskhand, "secret")  # a word of the very sentence
    said = synced(deskhand, 1)["error"]
    assert said.startswith(f"127.0.0.1 refused the user {user} or the password: ")
    assert said.endswith(f". {RENEW}")
    assert RENEW in " ".join(deskhand("sources").stdout.split())
    assert deskhand("signin", "mail", code=2).stderr == f"mail has no sign-in in a browser. {RENEW}\n"
    keep(deskhand, PASSWORD)
    assert synced(deskhand, 0)["error"] == ""


def test_a_schedule_that_needs_the_mailbox_waits(deskhand: Command, dovecot: Server) -> None:
    keep(deskhand, PASSWORD)
    where = ["-o", "host=127.0.0.1", "-o", f"port={dovecot.port}", "-o", "security=none"]
    deskhand("add", "imap", dovecot.user(), "--as", "post", *where, "-o", "password=secret:MAIL")
    deskhand("sync")
    deskhand("schedule", "add", "every day at 9:00 list my unread mail")
    keep(deskhand, "not-any-more")
    waits = "waits for post, which lets nobody in: 127.0.0.1 refused the user "
    assert waits in " ".join(deskhand("sync", "post", code=1).stderr.split())
    assert waits not in deskhand("sync", "post", code=1).stderr, "it is told once"
    assert f"It {waits}" in " ".join(deskhand("schedule", "list").stdout.split())
    keep(deskhand, PASSWORD)
    deskhand("sync", "post")
    assert "waits" not in deskhand("schedule", "list").stdout


def test_of_a_calendar(deskhand: Command, tmp_path: Path) -> None:
    with radicale.server(tmp_path, users={"ana": "right-one"}) as server:
        replace(server, password="right-one").make("work")
        keep(deskhand, "right-one")
        given = ["-o", "user=ana", "-o", "password=secret:MAIL"]
        deskhand("add", "caldav", server.url, "--as", "mail", *given)
        keep(deskhand, "not-any-more")
        said = synced(deskhand, 1)["error"]
        assert said == f"127.0.0.1:{server.port} refused the user name or password of ana. {RENEW}"


@pytest.fixture
def guarded() -> Iterator[int]:
    """A mail server that lets in who knows the password."""

    def lets_in(_server: object, _session: object, _envelope: object, _how: str, said: object) -> AuthResult:
        right = isinstance(said, LoginPassword) and said.password == b"right-one"
        return AuthResult(success=right, handled=False)

    (port,) = free_ports(1)
    controller = Quick(Sink(), hostname="127.0.0.1", port=port, authenticator=lets_in, auth_require_tls=False)
    controller.start()
    yield port
    controller.stop()


def test_of_the_way_out(deskhand: Command, tmp_path: Path, guarded: int) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Mail" / part).mkdir(parents=True)
    keep(deskhand, "not-any-more")
    deskhand(
        "add", "maildir", str(tmp_path / "Mail"), "--as", "mail", "-o", f"smtp=smtp://ana@127.0.0.1:{guarded}",
        "-o", "password=secret:MAIL", "-o", "sender=Ana Test <ana@example.org>",
    )  # fmt: skip
    wish = ("ask", "--yes", "send a mail to bo@example.org: the boat leaves at seven")
    said = deskhand(*wish, code=1).stdout
    assert "127.0.0.1 refused the user name or password" in said
    assert RENEW in said
    keep(deskhand, "right-one")
    assert "Sent “The boat leaves at seven” to bo@example.org" in deskhand(*wish).stdout


def test_the_way_out_is_tried_when_a_mailbox_is_added(
    deskhand: Command, dovecot: Server, guarded: int
) -> None:
    keep(deskhand, PASSWORD)  # which the server that sends does not know
    where = ["-o", "host=127.0.0.1", "-o", f"port={dovecot.port}", "-o", "security=none"]
    add = ("add", "imap", dovecot.user(), *where, "-o", "password=secret:MAIL")
    said = deskhand(*add, "-o", f"smtp=smtp://ana@127.0.0.1:{guarded}", code=1).stderr
    assert said.startswith("127.0.0.1 refused the user name or password (535 ")
    assert said.endswith("; nothing was sent. To add the mailbox for reading alone: --option smtp=\n")
    assert "Connected imap" in deskhand(*add, "-o", "smtp=").stdout


def test_whoever_serves_takes_up_the_new_one_by_itself(
    tmp_path: Path, dovecot: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent_givens import ENVIRONMENT

    from deskhand.agent.app import App
    from deskhand.config.vault import Secrets

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    home = tmp_path / "home"
    with App.open(home, now=lambda: NOW, environ=ENVIRONMENT) as serving:
        other = Secrets(ENVIRONMENT, home).store
        other.put("MAIL", PASSWORD, to="file")
        options = {
            "host": "127.0.0.1", "port": dovecot.port, "security": "none", "password": "secret:MAIL",
        }  # fmt: skip
        serving.add("imap", dovecot.user(), alias="mail", options=options)
        other.put("MAIL", "not-any-more", to="file")
        serving.reload()
        assert RENEW in serving.sync("mail", embed=0).passes[0].error
        other.put("MAIL", PASSWORD, to="file")
        assert serving.sync("mail", embed=0, again=True).passes[0].error == ""
