"""What `deskhand serve` does: stays, fires schedules, keeps the sources fresh, lets other commands in."""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from time import monotonic
from types import FrameType

from deskhand.agent.app import App
from deskhand.agent.desk.shapes import what
from deskhand.agent.schedule import Clock
from deskhand.agent.sources.watching import Watching
from deskhand.agent.times import say_instant
from deskhand.connectors.database import StorageError

FRESH_SECONDS = 60
"""How often the sources are looked at. An unchanged local source costs a listing."""

AWAKE_SECONDS = 1.0
"""How often it is looked if a source said that something changed, which is then read before that."""


def serve(app: App, *, say: Callable[[str], None], until: threading.Event | None = None) -> None:
    """Serve until SIGINT or SIGTERM (or `until` is set)."""
    stop = until or threading.Event()
    if until is None:

        def end(_signal: int, _frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
    room = app.runs_room
    for run in app.resume():
        say(f"Going on with {run}.")
    app.index.warm()
    told: dict[str, str] = {}
    began, failed = app.now(), set[str]()

    def fresh() -> None:
        # Words are enough for a run to see what is new; vectors may take long.
        _refresh(app, say, told, embed=0)

    clock = Clock(
        room.records,
        now=app.now,
        submit=room.submit,
        ready=fresh,
        refuses=room.refuses,
        waits=room.awaiting.reason,
    )
    heard = _Heard()
    watching = Watching(heard.of)
    say(f"Serving {app.home.root}. End with Ctrl-C.")
    try:
        # What was missed while nobody served is caught up on what the sources hold now.
        fresh()
        clock.start()
        only: Sequence[str] = ()
        while True:
            _refresh(app, say, told, only=only)
            clock.refresh()
            for notice in app.escalate():
                say(notice.text)
            for waits in app.waiting():
                say(waits)
            _not_sent(app, say, failed, since=began)
            with suppress(StorageError, sqlite3.Error):  # it is tried again tomorrow
                room.tidy()
            watching.refresh(app.connections)
            if (said := heard.wait(stop)) is None:
                break
            only = [alias for alias in said if alias in app.connections.aliases]
    finally:
        watching.close()
        clock.close()
    say("Ended; what waits for a decision waits on.")


class _Heard:
    """Which sources said that something changed, and when all are to be looked at again."""

    def __init__(self) -> None:
        self._spoke, self._lock = set[str](), threading.Lock()
        self._all = monotonic() + FRESH_SECONDS

    def of(self, alias: str) -> None:
        """One has spoken; from any thread."""
        with self._lock:
            self._spoke.add(alias)

    def wait(self, stop: threading.Event) -> list[str] | None:
        """Wait until some are to be looked at: those that spoke, or [] for all. None: it is the end.

        All are looked at in their time, however often one speaks.
        """
        while not self._spoke and (left := self._all - monotonic()) > 0:
            if stop.wait(min(left, AWAKE_SECONDS)):
                return None
        with self._lock:
            spoke, self._spoke = sorted(self._spoke), set()
        if monotonic() >= self._all:
            self._all, spoke = monotonic() + FRESH_SECONDS, []
        return None if stop.is_set() else spoke


def _not_sent(app: App, say: Callable[[str], None], told: set[str], *, since: datetime) -> None:
    """Tell, once each, of mails that were held and did not go out at their time: nobody may wait for them."""
    for row in app.runs_room.records.effects(states=("failed", "unknown"), newest=50):
        held = any(turn.state == "held" for turn in row.history)
        if held and row.at >= since and row.key not in told:
            told.add(row.key)
            how = "was not sent" if row.state == "failed" else "may have been sent; please look"
            say(f"{row.run}: {what(row)} {how}. {row.error}")


def _refresh(
    app: App, say: Callable[[str], None], told: dict[str, str], embed: int | None = None,
    only: Sequence[str] = (),
) -> None:  # fmt: skip
    try:
        done = app.sync(*only, embed=embed)
    except StorageError as error:
        say(str(error))
        return
    for p in done.passes:
        if p.error and told.get(p.source) != p.error:
            say(f"{p.source}: {p.error}")
        told[p.source] = p.error
    if done.tally.total:
        say(f"{_clock(app.now(), app)}: {done.tally.total} items new or changed.")
    for name in done.followed:
        run = app.runs_room.wait(name, held=False)
        waits = ", ".join(a.id for a in run.approvals if a.state == "pending")
        say(f"{name}: {run.answer}" + (f" Waits for you: deskhand approve {waits}" if waits else ""))


def _clock(moment: datetime, app: App) -> str:
    return say_instant(moment, app.owner.zone, app.now())
