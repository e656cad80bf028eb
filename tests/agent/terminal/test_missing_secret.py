"""A secret that is not there keeps its own source from working, which says so; all else goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW
from typer.testing import CliRunner, Result

from deskhand.agent.terminal.cli import app

MISSING = "There is no secret 'GONE'; keep it with: deskhand secret set GONE"
SEALED = "Your secrets are sealed with a passphrase: set DESKHAND_PASSPHRASE, or run at a terminal."


@pytest.fixture
def deskhand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on a home with a mailbox whose password is not there, and a folder that needs none."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("DESKHAND_EMBEDDING__MODEL", "none")
    for folder in ("Mail/cur", "Mail/new", "Mail/tmp", "papers"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "papers/lease.txt").write_text("The lease ends in May.", "utf-8")

    def run(*words: str, code: int = 0) -> Result:
        now = [] if words[0] == "secret" else ["--now", NOW.isoformat()]
        given = "hunter2hunter2" if words[:2] == ("secret", "set") else None
        result = CliRunner().invoke(app, [*words, "--home", str(tmp_path / "home"), *now], input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    run("init", "--name", "Ana Test", "--email", "ana@example.org", "--zone", "Europe/Lisbon")
    run("add", "files", str(tmp_path / "papers"))
    with (tmp_path / "home" / "config.toml").open("a", encoding="utf-8") as config:
        config.write(
            f'\n[sources.mail]\nkind = "maildir"\nplace = "{tmp_path}/Mail"\n'
            'smtp = "smtp://ana@mail.example.org:587"\npassword = "secret:GONE"\n'
        )
    return run


def source(deskhand: Callable[..., Result], name: str) -> dict[str, Any]:
    told = json.loads(deskhand("sources", "--json").stdout)["sources"]
    found: dict[str, Any] = next(s for s in told if s["source"] == name)
    return found


def test_the_others_are_read_and_this_one_says_what_is_missing(deskhand: Callable[..., Result]) -> None:
    assert source(deskhand, "mail")["error"] == MISSING
    assert source(deskhand, "documents")["error"] == ""
    told = {s["source"]: s for s in json.loads(deskhand("sync", "--json", code=1).stdout)["sources"]}
    assert (told["documents"]["added"], told["mail"]["error"]) == (1, MISSING)
    assert f"problem: {MISSING}" in deskhand("sources").stdout
    assert f"source mail: {MISSING}" in deskhand("doctor", code=1).stdout
    assert "The lease ends in May." in deskhand("search", "lease").stdout
    assert "lease" in deskhand("ask", "find the lease").stdout
    for looking in (
        ("runs",),
        ("approvals",),
        ("effects",),
        ("audit", "verify"),
        ("state", "global"),
        ("digest",),
    ):
        deskhand(*looking)


def test_set_it_works_again(deskhand: Callable[..., Result]) -> None:
    deskhand("sync", code=1)
    deskhand("secret", "set", "GONE")
    deskhand("sync")
    told = source(deskhand, "mail")
    assert (told["error"], "mail.send" in told["operations"]) == ("", True)


def test_so_do_secrets_that_nobody_can_open(
    deskhand: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKHAND_PASSPHRASE", "open sesame")
    deskhand("secret", "set", "GONE")
    monkeypatch.delenv("DESKHAND_PASSPHRASE")
    assert source(deskhand, "mail")["error"] == SEALED
    assert source(deskhand, "documents")["error"] == ""


def test_and_a_store_that_is_none_any_more(deskhand: Callable[..., Result], tmp_path: Path) -> None:
    deskhand("secret", "set", "GONE")
    (tmp_path / "home/secrets.enc").write_bytes(b"\xff\xfe")
    assert "To begin anew, say mv " in source(deskhand, "mail")["error"]
    assert "To begin anew, say mv " in deskhand("doctor", code=1).stdout
    assert source(deskhand, "documents")["error"] == ""


def test_it_can_be_removed_without_it(deskhand: Callable[..., Result]) -> None:
    said = deskhand("remove", "mail", "--yes").stdout
    assert "Removed mail" in said
    assert "GONE" not in said, "what never was is not forgotten"
    assert "GONE" not in deskhand("doctor", code=1).stdout
