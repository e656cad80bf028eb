"""What a source says by itself is read at once: a mail that comes in is found before anybody asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from agent_givens import ENVIRONMENT, NOW
from fakes import line as between
from fakes.dovecot import PASSWORD, Server
from fakes.line import Line

from deskhand.agent import serve as serving
from deskhand.agent.app import App
from deskhand.agent.sources.connections import Connections
from deskhand.agent.sources.watching import Watching
from deskhand.connectors import _imap_watch
from deskhand.connectors.imap import Imap, connect

LONG = 30.0
"""Seconds until a test gives up; it waits for what happens, and for no longer."""

MESSAGE = b"From: bo@example.org\r\nSubject: %s\r\nMessage-ID: <%s@example.org>\r\n\r\nAt seven.\r\n"


@pytest.fixture
def line(dovecot: Server) -> Iterator[Line]:
    with between.line(dovecot.port) as made:
        yield made


@pytest.fixture
def user(dovecot: Server) -> str:
    name = dovecot.user()
    dovecot.put(name, "INBOX", MESSAGE % (b"One", b"one"))
    return name


def test_idle_finds_a_mail_before_the_sources_are_looked_at_again(
    dovecot: Server, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "FRESH_SECONDS", 3600)
    monkeypatch.setattr(serving, "AWAKE_SECONDS", 0.05)
    monkeypatch.setattr(_imap_watch, "SECONDS", 0.5)
    monkeypatch.setattr(_imap_watch, "PAUSE", 0.01)
    (tmp_path / "password").write_text(PASSWORD, "utf-8")
    (tmp_path / "password").chmod(0o600)
    until, came, looked = threading.Event(), threading.Event(), threading.Event()
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        app.add(
            "imap", user,
            options={
                "host": "127.0.0.1", "port": str(dovecot.port), "security": "none",
                "password": f"file:{tmp_path / 'password'}",
            },
        )  # fmt: skip

        def say(text: str) -> None:
            if "items new" in text:
                (came if looked.is_set() else looked).set()

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(serving.serve, app, say=say, until=until)
            try:
                assert looked.wait(LONG)
                dovecot.put(user, "INBOX", MESSAGE % (b"Boat", b"boat"))
                assert came.wait(LONG)
            finally:
                until.set()
            running.result(LONG)
        assert "Boat" in [h.title for h in app.search("boat").hits]


@pytest.fixture
def imap(line: Line, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Imap]:
    monkeypatch.setattr(_imap_watch, "SECONDS", 0.2)
    monkeypatch.setattr(_imap_watch, "PAUSE", 0.01)
    made = connect(
        source="mail", state=tmp_path, place=user, host="127.0.0.1", port=line.port, security="none",
        password=PASSWORD,
    )  # fmt: skip
    yield made
    made.close()


def listening(imap: Imap) -> tuple[threading.Semaphore, threading.Event, threading.Thread]:
    heard, stop = threading.Semaphore(0), threading.Event()
    thread = threading.Thread(target=imap.watch, args=(heard.release, stop), daemon=True)
    thread.start()
    return heard, stop, thread


def test_listening_goes_on_after_a_connection_that_broke(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    heard, stop, thread = listening(imap)
    assert heard.acquire(timeout=LONG)
    line.break_at(rb"DONE", of="client")
    assert heard.acquire(timeout=LONG), "it looks again for what came meanwhile"
    dovecot.put(user, "INBOX", MESSAGE % (b"Two", b"two"))
    assert heard.acquire(timeout=LONG)
    assert line.connections == 2
    stop.set()
    thread.join(LONG)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("without", "answers"),
    [(("IDLE",), {}), ((), {rb"AUTHENTICATE": b"TAG NO [AUTHENTICATIONFAILED] no\r\n"})],
    ids=["it cannot", "it lets nobody in"],
)
def test_who_cannot_say_it_is_asked_once(
    imap: Imap, line: Line, without: tuple[str, ...], answers: dict[bytes, bytes]
) -> None:
    line.without, line.answers = without, answers
    heard, _, thread = listening(imap)
    thread.join(LONG)
    assert not thread.is_alive()
    assert not heard.acquire(blocking=False)
    assert line.connections == 1


def test_a_source_that_goes_is_listened_to_no_more(
    dovecot: Server, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_imap_watch, "SECONDS", 0.2)
    monkeypatch.setattr(_imap_watch, "PAUSE", 0.01)
    heard = threading.Semaphore(0)
    (tmp_path / "notes").mkdir()
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        app.add("files", str(tmp_path / "notes"))  # says nothing by itself
        source = connect(
            source="mail", state=tmp_path, place=user, host="127.0.0.1", port=dovecot.port,
            security="none", password=PASSWORD,
        )  # fmt: skip
        app.connections.plug("mail", source, "imap")
        watching = Watching(lambda alias: heard.release() if alias == "mail" else None)
        watching.refresh(app.connections)
        watching.refresh(app.connections)
        assert heard.acquire(timeout=LONG)
        (thread,) = (t for t in threading.enumerate() if t.name == "deskhand-watch-mail")
        app.connections.plug(
            "mail", connect(source="mail", state=tmp_path, place=user, host="x.invalid"), "imap"
        )
        watching.refresh(app.connections)
        thread.join(LONG)
        assert not thread.is_alive()
        watching.close()
        source.close()


def test_a_server_that_never_stops_saying_so_is_not_run_after(
    imap: Imap, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says, and however often it has to be called anew: there is a pause after each change."""
    pauses: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0)
            if len(pauses) == 3:
                self.set()
            return self.is_set()

    line.answers[rb"IDLE"] = b"* 5 EXISTS\r\n"
    heard, stop = threading.Semaphore(0), Stop()
    thread = threading.Thread(target=imap.watch, args=(heard.release, stop), daemon=True)
    thread.start()
    thread.join(LONG)
    stop.set()
    assert not thread.is_alive()
    assert pauses == [_imap_watch.PAUSE] * 3
    assert line.connections == 3


def test_one_that_cannot_be_opened_for_whatever_reason_keeps_nobody_from_being_listened_to() -> None:
    class Odd:
        aliases = ("broken", "mail")

        def connector(self, alias: str) -> object:
            if alias == "broken":
                raise KeyError("a defect")
            return Talking()

    class Talking:
        def watch(self, changed: Callable[[], None], stop: threading.Event) -> None:
            changed()

    heard = threading.Event()
    watching = Watching(lambda alias: heard.set() if alias == "mail" else None)
    watching.refresh(cast(Connections, Odd()))
    assert heard.wait(LONG)
    watching.close()
