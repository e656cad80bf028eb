"""`deskhand demo --microsoft`: the three uses between two people at a Microsoft 365 that is played here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from deskhand.agent.app import App
from deskhand.agent.demo.demo import folder_of
from deskhand.agent.demo.walking import Walking
from deskhand.agent.errors import Refusal
from deskhand.agent.sample.microsoft import Playing, playing
from deskhand.agent.sample.servers import CannotStart
from deskhand.agent.terminal.output import Screen
from deskhand.config.clock import clock
from deskhand.config.edit import set_person
from deskhand.config.paths import Home

ZONE = "Europe/Lisbon"


def walk(screen: Screen, *, keep: Path | None, now: str = "") -> dict[str, Any]:
    """Walk through it; returns what was done, for `--json`.

    :param keep: a folder for the two homes, which stay; else they are temporary.
    :raises Refusal: the folder is there already, or Microsoft cannot be played here.
    """
    moment = clock(now)()
    screen.zone = ZONE
    with folder_of(keep) as folder:
        try:
            with playing(folder / "microsoft", now=moment) as microsoft:
                walking = _Walk(screen, folder, moment, microsoft)
                walking.go()
        except CannotStart as error:
            raise Refusal(str(error), 2) from None
        return {"workspace": str(folder) if keep else None, "steps": walking.steps}


class _Walk(Walking):
    def __init__(self, screen: Screen, folder: Path, now: datetime, microsoft: Playing) -> None:
        super().__init__(screen)
        self.folder, self.now, self.microsoft = folder, now, microsoft

    def go(self) -> None:
        self.say(
            "Deskhand, with mail, calendar and files at a Microsoft 365 that this machine plays.", "bold"
        )
        self.say(f"You are Ana Test <ana@example.org>, in {ZONE}; it is {self.when(self.now)}.")
        with self._app("ana") as ana:
            self._sync(ana)
            self.ask(ana, "Summarise a thread", "summarise the thread about the boat")
            self.ask(ana, "Answer from your own files", "what warranty is there on the engine?")
            booking = "book 45 minutes with bo@example.org next Tuesday at 15:00 about the boat"
            self.ask(ana, "Book a meeting, after your yes", booking)
        with self._app("bo") as bo:
            self.title("At the other side: you are Bo Test <bo@example.org>")
            self._sync(bo)
            self.ask(bo, "The invitation has arrived", "accept the invitation from ana@example.org")
        with self._app("ana") as ana:
            self.title("And back at Ana's")
            self._sync(ana)
            self._answers(ana)
            self.ask(ana, "The calendar", "what is on my calendar next Tuesday?")
            self.ask(ana, "Schedule a digest", "every weekday at 8:00 send me a digest by mail")
            self.title("And that digest, now")
            self.tell(ana.schedule_run(ana.schedules()[0].name))

    def _answers(self, app: App) -> None:
        """Tell who answered what."""
        for event in app.archive.find(kinds=["event"]):
            said = {p.address: p.status for p in event.people if p.role == "attendee"}
            for address, status in said.items():
                self.say(f"  {event.title}: {address} has {status or 'not answered'}.")
            self.steps.append({"step": "answers", "title": event.title, "answers": said})

    @contextmanager
    def _app(self, who: str) -> Iterator[App]:
        home = Home(self.folder / who).prepare()
        set_person(home.config_file, name=f"{who.capitalize()} Test", email=f"{who}@example.org", zone=ZONE)
        environ = {**os.environ, "DESKHAND_SENDING__HOLD": "0s"}
        with App.open(home.root, now=lambda: self.now, environ=environ) as app:
            for kind, source in self.microsoft.sources(who, home.sources):
                app.plug(source, kind=kind)
            yield app

    def _sync(self, app: App) -> None:
        with self.screen.progress() as bars:
            done = app.sync(**bars)
        if wrong := [p.error for p in done.passes if p.error]:
            raise Refusal(wrong[0], 1)
        counts = app.archive.counts()
        self.say(f"  {counts['items']} items by Graph: mail, calendar, files.")
        self.steps.append({"step": "sync", **counts})
