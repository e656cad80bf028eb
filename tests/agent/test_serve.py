"""What `serve` promises: schedules fire on fresh data, and sources may come and go meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from agent_givens import BO, ENVIRONMENT, NOW, House, mail, plan

from deskhand.agent import serve as serving
from deskhand.agent.app import App
from deskhand.agent.serve import serve
from deskhand.connectors.errors import Transient
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Change, Cursor, Receipt
from deskhand.connectors.operations import Operation

LONG = 30.0
"""Seconds until a test gives up; it waits for what happens, and for no longer."""


class Home:
    """A home with a calendar and a schedule that tells it every morning at eight."""

    def __init__(self, root: Path) -> None:
        self.root, self.moment = root, NOW
        (root / "calendar").mkdir()
        self.app = App.open(root / "home", now=lambda: self.moment, environ=ENVIRONMENT)
        self.app.add("ics", str(root / "calendar"), alias="work")
        made = self.app.ask("every day at 08:00 tell me what is on my calendar today", approve=True)
        assert made.status == "done", made.answer
        assert len(self.app.schedules()) == 1

    def event(self, title: str, start: datetime) -> None:
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT",
            f"UID:{title}@example.org", "DTSTAMP:20261101T000000Z", f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
            f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}", f"SUMMARY:{title}", "END:VEVENT",
            "END:VCALENDAR", "",
        ]  # fmt: skip
        (self.root / "calendar" / f"{title}.ics").write_text("\r\n".join(lines), newline="")

    def told(self) -> list[str]:
        """What the schedule's runs answered, oldest first."""
        runs = [r.id for r in self.app.runs() if ":" in r.id]
        return [self.app.runs_room.wait(r, 30).answer for r in reversed(runs)]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.app.close()


def test_a_schedule_that_was_missed_sees_what_came_since(home: Home) -> None:
    home.moment = NOW + timedelta(days=1, hours=1)
    home.event("Board", home.moment + timedelta(hours=3))
    until = threading.Event()
    until.set()
    serve(home.app, say=lambda _: None, until=until)
    (answer,) = home.told()
    assert "Board" in answer
    assert "Not all is here" not in answer


def test_one_that_fires_later_looks_at_the_sources_first(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes due, and a source comes in through the door, after `serve` last looked."""
    until, looked, fired = threading.Event(), threading.Event(), threading.Event()
    settled = home.app.runs_room.records.settle

    def settle(*args: object, **rest: object) -> object:
        made = settled(*args, **rest)  # type: ignore[arg-type]
        # The last moment: the clock has seen that it is due, the run is not begun.
        if made:
            home.event("Board", home.moment + timedelta(hours=3))
            fired.set()
        return made

    monkeypatch.setattr(home.app.runs_room.records, "settle", settle)
    monkeypatch.setattr("deskhand.agent.serve.FRESH_SECONDS", 0.05)
    sync = home.app.sync
    passes = 0

    def counted(*args: str, **rest: object) -> object:
        nonlocal passes
        done = sync(*args, **rest)  # type: ignore[arg-type]
        passes += 1
        if passes == 2:
            looked.set()
        return done

    monkeypatch.setattr(home.app, "sync", counted)
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(serve, home.app, say=lambda _: None, until=until)
        try:
            assert looked.wait(30)
            (home.root / "more").mkdir()
            home.app.add("ics", str(home.root / "more"), alias="more")
            home.moment = NOW + timedelta(days=1, hours=1)
            assert fired.wait(30)
        finally:
            until.set()
        serving.result(30)
    (answer,) = home.told()
    assert "Board" in answer
    assert "Not all is here" not in answer


def test_who_speaks_is_read_and_nobody_else_for_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "FRESH_SECONDS", 3600)
    monkeypatch.setattr(serving, "AWAKE_SECONDS", 0.01)

    @dataclass
    class Speaking(Memory):
        read: int = 0
        again: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
        speak: Callable[[], None] | None = None
        listened: threading.Event = field(default_factory=threading.Event)

        def changes(self, since: Cursor | None) -> Iterator[Change]:
            self.read += 1
            self.again.release()
            return super().changes(since)

        def watch(self, changed: Callable[[], None], stop: threading.Event) -> None:
            self.speak = changed
            self.listened.set()
            stop.wait()

    until, mail, notes = threading.Event(), Speaking("mail"), Speaking("notes")
    with (
        App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT, sources=[mail, notes]) as app,
        ThreadPoolExecutor(1) as pool,
    ):
        running = pool.submit(serving.serve, app, say=lambda _: None, until=until)
        try:
            assert mail.listened.wait(LONG)
            while mail.again.acquire(timeout=1):
                pass  # what is read in the beginning
            before = notes.read
            assert mail.speak is not None
            mail.speak()
            assert mail.again.acquire(timeout=LONG)
            notes_after = notes.read
        finally:
            until.set()
        running.result(LONG)
    assert notes_after == before


def test_a_held_mail_that_does_not_go_out_while_it_serves_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Busy(Memory):
        def perform(self, operation: Operation, **given: object) -> Receipt:
            raise Transient("The server is busy.")

    monkeypatch.setattr("deskhand.agent.serve.FRESH_SECONDS", 0.05)
    with House(tmp_path, Busy(), {"DESKHAND_SENDING__HOLD": "0.05s"}) as house:
        house.plans["test"] = plan(mail())
        said, until, looks = list[str](), threading.Event(), 0

        def say(text: str) -> None:
            said.append(text)
            if text.startswith("Serving"):
                house.room.wait(house.room.ask("test", approve_all=True))

        def refreshed(*_: object) -> list[object]:
            nonlocal looks
            looks += 1
            if looks > 2:
                until.set()
            return []

        monkeypatch.setattr(house.app, "escalate", refreshed)
        serve(house.app, say=say, until=until)
        assert [s for s in said if "sent" in s] == [f"r1: “Hello” to {BO} was not sent. The server is busy."]
