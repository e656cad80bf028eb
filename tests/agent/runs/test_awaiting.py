"""A schedule that needs a source that lets nobody in waits, is told of once, and goes on by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT, NOW

from deskhand.agent.app import App
from deskhand.agent.desk.desk import Desk
from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.profile import Place
from deskhand.agent.runs.awaiting import waits_for
from deskhand.agent.serve import serve
from deskhand.connectors import memory
from deskhand.connectors.errors import SourceError, Transient, Unauthorized
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Change, Cursor

REFUSED = "cloud.example.org refused the password. Keep the new one with: deskhand secret set MAIL"
WAITS = f"waits for mail, which lets nobody in: {REFUSED}. Then it goes on by itself."


@dataclass
class Door(Memory):
    """A source that lets somebody in, or not."""

    shut: SourceError | None = None

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        if self.shut is not None:
            raise self.shut
        yield from super().changes(since)


class Home:
    """An open home with one source and a schedule, at a moment that moves."""

    def __init__(self, root: Path) -> None:
        self.root, self.moment, self.mail = root, NOW, Door("mail")
        self.others: list[Door] = []
        self.app = self._open()
        self.app.ask("every day at 09:00 tell me what is on my calendar today", approve=True)
        (self.name,) = (s.name for s in self.app.schedules())

    def _open(self) -> App:
        return App.open(
            self.root, now=lambda: self.moment, environ=ENVIRONMENT, sources=[self.mail, *self.others]
        )

    def again(self) -> None:
        """Another process opens it."""
        self.app.close()
        self.app = self._open()

    def pass_days(self, days: int) -> list[str]:
        """Some days later the sources are read, and what is due is run; the runs made."""
        self.moment += timedelta(days=days)
        self.app.sync(embed=0)
        return self.app.settle()

    @property
    def waits(self) -> str:
        (one,) = Desk(self.app, None).call("schedule.list", {})["schedules"]
        return str(one["waits"])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setattr(memory, "HOLDS", frozenset({"event"}), raising=False)
    made = Home(tmp_path)
    yield made
    made.app.close()


def test_it_waits_and_what_fell_due_is_caught_up_once(home: Home) -> None:
    assert len(home.pass_days(1)) == 1
    home.mail.shut = Unauthorized(REFUSED)
    assert home.pass_days(1) == []
    assert home.waits == WAITS
    assert f"It {WAITS}" in " ".join(home.app.ask("list my schedules", fresh=False).answer.split())
    home.mail.shut = Transient("cloud.example.org cannot be reached.")
    assert home.pass_days(1) == [], "nothing says that it lets somebody in again"
    home.again()
    assert home.pass_days(1) == []
    home.mail.shut = None
    (run,) = home.pass_days(1)
    assert run == f"{home.name}:2026-11-26T09:00", "the newest"
    assert home.waits == ""
    assert home.app.settle() == []
    slots = Desk(home.app, None).call("schedule.history", {"name": home.name})["slots"]
    assert [s["outcome"] for s in slots].count("missed") == 3


def test_a_source_that_is_out_of_reach_keeps_no_schedule_waiting(home: Home) -> None:
    home.mail.shut = Transient("cloud.example.org cannot be reached.")
    assert len(home.pass_days(1)) == 1
    assert home.waits == ""


def test_one_that_has_another_source_goes_on_and_says_which_is_behind(home: Home) -> None:
    home.others = [Door("work")]
    home.again()
    home.mail.shut = Unauthorized(REFUSED)
    (run,) = home.pass_days(1)
    assert home.app.wait(run).answer.endswith("Once that is mended: deskhand sync mail.")
    home.others[0].shut = Unauthorized("work.example.org refused the token")
    assert home.pass_days(1) == []
    assert [f"waits for {alias}, " in home.waits for alias in ("mail", "work")] == [True, True]


def test_a_write_needs_one_source_that_does_it() -> None:
    """However much there is to be read elsewhere."""
    both = [
        Place("mail", "imap", frozenset({"mail.send"}), frozenset({"message"})),
        Place("work", "imap", frozenset({"mail.send"}), frozenset({"message"})),
        Place("days", "ics", frozenset(), frozenset({"event"})),
    ]
    read = Step(id="day", op="calendar.agenda")
    anywhere = Step(id="send", op="mail.send")
    named = Step(id="send", op="mail.send", args={"source": "mail"})

    def waits(*steps: Step, out: set[str]) -> tuple[str, ...]:
        return waits_for(Plan(request="x", objective="x", steps=steps), both, out)

    assert waits(read, named, out={"mail"}) == ("mail",)
    assert waits(read, named, out={"work"}) == ()
    assert waits(read, anywhere, out={"mail"}) == ()
    assert waits(read, anywhere, out={"mail", "work"}) == ("mail", "work")
    assert waits(read, out={"mail", "work"}) == ()
    assert waits(Step(id="people", op="people.list"), out={"mail"}) == (), "what reads no source"


def test_what_the_person_paused_stays_paused(home: Home) -> None:
    home.app.runs_room.records.pause_schedule(home.name)
    home.mail.shut = Unauthorized(REFUSED)
    assert home.pass_days(1) == []
    assert (home.waits, home.app.waiting()) == ("", [])
    home.mail.shut = None
    assert home.pass_days(1) == []
    assert [s.paused for s in home.app.schedules()] == [True]


def test_who_serves_tells_it_once_each_time(home: Home) -> None:
    until = threading.Event()
    until.set()

    def told() -> list[str]:
        said: list[str] = []
        home.moment += timedelta(days=1)
        serve(home.app, say=said.append, until=until)
        home.again()
        return [s for s in said if s.startswith(f"{home.name} waits")]

    assert told() == []
    home.mail.shut = Unauthorized(REFUSED)
    assert [told(), told()] == [[f"{home.name} {WAITS}"], []]
    home.mail.shut = None
    assert told() == []
    home.mail.shut = Unauthorized(REFUSED)
    assert [told(), told()] == [[f"{home.name} {WAITS}"], []]
