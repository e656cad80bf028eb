"""Adding a source: what it is and where it is are said once."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT, NOW

from deskhand.agent.app import App
from deskhand.agent.sources import catalogue, turns
from deskhand.config.errors import ConfigError
from deskhand.connectors import kinds, sign_in
from deskhand.connectors.errors import Misconfigured, Transient


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


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one of each sort of place, and in it."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Quay\n")
    for part in ("cur", "new", "tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    (tmp_path / "m.mbox").write_text("From bo@example.org Mon Nov 23 10:00:00 2026\nSubject: Hi\n\nHello\n")
    (tmp_path / "c.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "place", "instead"),
    [
        ("ics", "https://example.org/c.ics", "deskhand add webcal https://example.org/c.ics"),
        ("maildir", "m.mbox", "deskhand add mbox m.mbox"),
        ("mbox", "mail", "deskhand add maildir mail"),
        ("imap", "noor", "deskhand add imap noor@DOMAIN"),
        ("imap", "imaps://mail.example.org", "deskhand add imap YOU@DOMAIN -o host=mail.example.org"),
        ("files", "c.ics", "deskhand add ics c.ics"),
        ("files", "docs/a.md", "deskhand add files docs"),
        ("webcal", "c.ics", "deskhand add ics c.ics"),
        ("webcal", "noor@example.org", "deskhand add caldav noor@example.org"),
        ("maildir", "noor@example.org", "deskhand add imap noor@example.org"),
    ],
)
def test_a_place_of_another_sort_says_which_kind_it_is_for(
    places: Path, kind: str, place: str, instead: str
) -> None:
    with App.open(places / "home", now=NOW, environ=ENVIRONMENT) as app:
        with pytest.raises(Misconfigured) as refused:
            app.add(kind, place)
        assert str(refused.value).partition(" Say: ")[2].startswith(instead)
        assert app.connections.aliases == []


def test_what_one_signs_in_to_is_at_an_account(places: Path) -> None:
    """Whichever provider it is: said before anybody is asked to sign in."""
    with App.open(places / "home", now=NOW, environ=ENVIRONMENT) as app:
        for kind in (k for k in kinds() if sign_in(k)):
            with pytest.raises(Misconfigured) as refused:
                app.add(kind, "docs")
            assert str(refused.value).startswith(f"{kind} wants the mail address of an account"), kind


def test_a_place_that_is_connected_is_not_connected_again(places: Path) -> None:
    (places / "same").symlink_to(places / "docs")
    with App.open(places / "home", now=NOW, environ=ENVIRONMENT) as app:
        app.add("files", "docs", alias="papers")
        for again in ("docs", "docs/", str(places / "same")):
            with pytest.raises(
                ConfigError, match=r"is connected already, as papers; .*remove papers --keep-data"
            ):
                app.add("files", again, alias="other")
        app.add("ics", "c.ics")
        app.add("ics", "c.ics", options={"owner": "bo@example.org"}), "somebody else's is another one"
        assert app.connections.aliases == ["papers", "calendar", "calendar2"]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("local_only", "maybe", "The option local_only must be true or false, not 'maybe'."),
        ("at_once", "many", "The option at_once must be a whole number, not 'many'."),
        (
            "localonly",
            "yes",
            "files has no option 'localonly' (did you mean 'local_only'?); it takes: ignore, ",
        ),
    ],
)
def test_an_option_that_cannot_be_says_what_can(places: Path, option: str, value: str, said: str) -> None:
    with App.open(places / "home", now=NOW, environ=ENVIRONMENT) as app:
        with pytest.raises((ConfigError, Misconfigured)) as refused:
            app.add("files", "docs", options={option: value})
        assert str(refused.value).startswith(said)


def test_a_server_that_says_nothing_is_waited_for_with_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the connection and never greets."""
    monkeypatch.setattr(turns, "SILENT", 0.0)
    told: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server, App.open(tmp_path / "home", now=NOW) as app:
        with pytest.raises(Transient, match=r"127.0.0.1:\d+ does not answer: it was waited for 1.5 seconds"):
            catalogue.add(
                app.home, app.settings, str, kind="imap", place="noor@example.org",
                options={"host": "127.0.0.1", "port": str(server.getsockname()[1]), "security": "none"},
                waits=lambda host, seconds: told.append(host), most=1.5,
            )  # fmt: skip
        assert set(told) == {f"127.0.0.1:{server.getsockname()[1]}"}
        assert not (app.home.sources / "mail").exists()
        assert not app.home.config_file.exists()


def test_a_kind_that_is_none_names_the_source_in_the_settings(places: Path) -> None:
    with App.open(places / "home", now=NOW, environ=ENVIRONMENT) as app:
        app.add("files", "docs", alias="papers")
        config = app.home.config_file
    config.write_text(config.read_text("utf-8").replace('"files"', '"flies"'), "utf-8")
    said = r"^In config.toml, \[sources.papers\]: There is no kind .*'flies'"
    with (
        App.open(places / "home", now=NOW, environ=ENVIRONMENT) as app,
        pytest.raises(ConfigError, match=said),
    ):
        app.sources()
