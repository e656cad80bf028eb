"""`deskhand demo --servers` and `--microsoft`: the walk with mail and calendar on servers of this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest

from deskhand.agent.sample import google, microsoft, servers

COMMAND = Path(sys.executable).with_name("deskhand")
NOW = "2026-11-23T09:00:00+00:00"
AT = datetime.fromisoformat(NOW)


def demo(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("DESKHAND_")}
    command = [COMMAND, "demo", "--keep", str(folder), "--now", NOW, *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.long
def test_the_servers_hold_what_the_walk_did() -> None:
    if said := servers.missing():
        pytest.skip(said)
    # Not pytest's folder: that one is closed to whoever Dovecot reads mail as.
    with TemporaryDirectory(prefix="deskhand-demo-test-") as folder:
        Path(folder).chmod(0o755)
        _walks(Path(folder) / "kept")


def _walks(kept: Path) -> None:
    ran = demo("--servers", "--json", folder=kept)
    assert ran.returncode == 0, ran.stderr
    _, *asked, sent = json.loads(ran.stdout)["steps"]
    assert {s["status"] for s in asked[:6]} == {"done"}
    if google.program() is not None:
        at_google, *again = asked[6:]
        assert at_google["items"] > 60
        assert [(s["status"], s["effects"]) for s in again] == [("done", 0), ("done", 2)]
    mails = sorted((kept / "servers" / "sent").glob("*.eml"))
    assert sent == {"step": "servers", "sent": len(mails)}
    assert len(mails) == 2, "the invitation and the digest"
    invitation = next(m for m in mails if b"method=REQUEST" in m.read_bytes().replace(b'"', b""))
    (uid,) = {line for line in invitation.read_bytes().split(b"\r\n") if line.startswith(b"UID:")}
    events = (kept / "servers" / "calendars" / "collection-root").rglob("*.ics")
    assert [e for e in events if uid in e.read_bytes().split(b"\r\n")], "what was booked lies on Radicale"
    copies = list((kept / "workspace" / "mail" / ".Sent").rglob("*,*S*"))
    assert any(b"Digest for" in c.read_bytes() for c in copies), "Dovecot has a copy of what was sent"
    settings = tomllib.loads((kept / "home" / "config.toml").read_text("utf-8"))["sources"]
    for port in (settings["mail"]["port"], urlsplit(settings["calendar"]["place"]).port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers.shutil, "which", lambda *_, **__: None)
    assert servers.missing() == (
        "deskhand demo --servers needs Dovecot (Debian and Ubuntu: apt install dovecot-imapd)."
    )
    monkeypatch.setattr(servers, "find_spec", lambda _: None)
    assert "pip install 'deskhand[servers]'" in servers.missing()


@pytest.mark.long
def test_at_microsoft_an_invitation_goes_to_the_other_one_and_the_answer_comes_back(tmp_path: Path) -> None:
    ran = demo("--microsoft", "--json", folder=tmp_path / "kept")
    assert ran.returncode == 0, ran.stderr
    steps = json.loads(ran.stdout)["steps"]
    assert {s["status"] for s in steps if "status" in s} == {"done"}
    (said,) = [s for s in steps if s["step"] == "answers"]
    assert said["answers"] == {"bo@example.org": "accepted"}


def test_without_the_source_tree_it_says_that_it_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microsoft, "TESTS", tmp_path)
    with pytest.raises(servers.CannotStart, match="source tree"), microsoft.playing(tmp_path, now=AT):
        pass
