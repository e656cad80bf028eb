"""Adding a source: what it is and where it is are said once."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT, NOW

from deskhand.agent.app import App
from deskhand.config.errors import ConfigError


@pytest.mark.parametrize("option", ["kind", "place"])
def test_kind_and_place_cannot_be_said_once_more_as_options(tmp_path: Path, option: str) -> None:
    (tmp_path / "docs").mkdir()
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        with pytest.raises(ConfigError, match=f"{option} is no option: say deskhand add KIND PLACE"):
            app.add("files", str(tmp_path / "docs"), options={option: "ics"})
        assert app.connections.aliases == []


@pytest.mark.parametrize(
    ("kind", "place", "options"),
    [
        ("imap", "noor@example.org", {"host": "127.0.0.1", "password": "hunter2"}),
        ("webcal", "https://noor:hunter2@127.0.0.1/a.ics", {}),
    ],
)
def test_a_password_in_the_clear_is_refused_before_any_server_hears_it(
    tmp_path: Path, kind: str, place: str, options: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        given = {**options, "port": port, "security": "none"} if kind == "imap" else options
        with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
            with pytest.raises(ConfigError) as refused:
                app.add(kind, place.replace("127.0.0.1/", f"127.0.0.1:{port}/"), options=given)
            assert "hunter2" not in str(refused.value)
        with pytest.raises(TimeoutError):
            server.accept()
