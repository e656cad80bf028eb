"""The desk: whoever comes by the command line, the loopback API or `--json` calls a method of it.

`Desk.call(method, arguments)` is answered by this process when it owns the home, and by the owner's door
when another one does; whoever calls need not know.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy.exc import DatabaseError

from deskhand.agent.app import App
from deskhand.agent.desk.methods import DECIDING, DRIVING, GOING_ON, METHODS, REMINDING, takes_back
from deskhand.agent.desk.runs import telling
from deskhand.agent.errors import Refusal
from deskhand.agent.home.owner import Call, Door, reach
from deskhand.agent.wording.hiding import hiding
from deskhand.config.clock import clock
from deskhand.config.errors import ConfigError
from deskhand.config.paths import Home
from deskhand.connectors.database import StorageError, the_disks
from deskhand.connectors.errors import Conflict, Misconfigured, SourceError
from deskhand.index.embed import NoEmbedder
from deskhand.index.model import Damaged

if TYPE_CHECKING:
    from deskhand.agent.runs.escalating import Notice

Answer = dict[str, Any]
Watch = Mapping[str, Callable[..., None]]
"""Callbacks for progress, by name. Only a call answered by this very process has them, but for `watch`, which
is told the events of the runs that a call waits for, wherever they run."""


class Desk:
    """A home, reached in whatever way there is."""

    def __init__(self, app: App | None, remote: Call | None, *, door: Door | None = None) -> None:
        self.app, self._remote, self._door = app, remote, door
        self._resumed = self._reminded = False
        self.tell: Callable[[str], None] = lambda _: None
        """Told, once each, of questions that wait long or were not answered; by a command's first call."""
        self.came_to_nothing: list[str] = []
        """Runs that the first call went on with, and of which not all was done."""

    @classmethod
    def open(cls, home: Home, *, now: str = "", door: bool = False) -> Desk:
        """Own the home, or find the way to its owner.

        :param door: while this process owns the home, let other commands in: for commands that last.
        :raises Refusal: neither; or `now` is given although another process owns the home and its clock.
        """
        app: App | None = None

        def take() -> bool:
            nonlocal app
            try:
                app = App.open(home.root, now=clock(now))
            except Refusal:
                return False
            return True

        remote = reach(home.owner, take)
        if remote is not None:
            if now:
                raise Refusal(
                    "--now (or DESKHAND_NOW) cannot be used while another Deskhand owns this home: it has "
                    "its own clock."
                )
            return cls(None, remote)
        assert app is not None  # noqa: S101 - reach returned None because take() succeeded
        desk = cls(app, None)
        if door:
            try:
                desk._door = Door(desk.call, home.owner)
            except OSError as error:
                app.close()
                why = f"{error.strerror or error}"
                raise Refusal(f"{home.owner} cannot be written: {why}. Nothing was done.", 1) from None
        return desk

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Shut the door and let go of the home."""
        if self._door is not None:
            self._door.close()
        if self.app is not None:
            self.app.close()

    def call(self, method: str, arguments: Mapping[str, Any], watch: Watch | None = None) -> Answer:
        """Answer a method. :raises Refusal: it cannot be done; a sentence and an exit code."""
        if self._remote is not None:
            answer: Answer = self._remote(method, arguments, watch)
            return answer
        if self.app is None or method not in METHODS:
            raise Refusal(f"There is no method {method!r}.")
        with hiding(self.app.hide):
            return self._call(self.app, method, arguments, watch)

    def _tell(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            self.tell(notice.text if notice.about == "over" else f"Reminder: {notice.text}")

    def _go_on(self, app: App, method: str, watch: Watch | None) -> None:
        """Go on with what was under way when a process ended, once; and tell what nobody decided in time."""
        if self._resumed:
            return
        self._resumed = True
        for run in app.resume(watch=telling((watch or {}).get("watch"))):
            ended = app.runs_room.wait(run, held=False)
            if ended.status in ("failed", "partial"):  # nobody asked just now: nobody would hear
                how = "failed" if ended.status == "failed" else "done in part"
                said = f"{run}, “{_begin(ended.request)}”, was gone on with and {how}: {ended.answer}"
                self.tell(said)
                self.came_to_nothing.append(run)
        if method not in DECIDING:
            self._tell(app.escalate())

    def _call(self, app: App, method: str, arguments: Mapping[str, Any], watch: Watch | None) -> Answer:
        try:
            last = takes_back(method, arguments)
            if method in GOING_ON and not last:
                self._go_on(app, method, watch)
            elif method in REMINDING and not self._resumed and not self._reminded:
                self._reminded = True
                self._tell(app.reminders())
            told = {n: c for n, c in (watch or {}).items() if n != "watch" or method in DRIVING}
            answer = METHODS[method](app, **arguments, **told)
            if last:
                self._go_on(app, method, watch)
            if method in GOING_ON:
                for waits in app.waiting():
                    self.tell(waits)
            return answer
        except (ConfigError, Misconfigured, Conflict) as error:
            raise Refusal(str(error), 2, type(error).__name__.lower()) from None
        except (StorageError, SourceError, NoEmbedder) as error:
            raise Refusal(str(error), 1, type(error).__name__.lower()) from None
        except Damaged as error:
            raise Refusal(f"{error} Mend it with: deskhand doctor --rebuild", 1, "damaged") from None
        except ValidationError as error:
            first = error.errors()[0]
            raise Refusal(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
        except (DatabaseError, sqlite3.DatabaseError) as error:
            if full := the_disks(str(app.home.root), error):
                raise Refusal(full, 1, "storageerror") from None
            said = str(getattr(error, "orig", error)).partition("\n")[0]
            raise Refusal(
                f"A database in {app.home.root} is damaged ({said}). Run: deskhand doctor --rebuild",
                1,
                "damaged",
            ) from None


def _begin(request: str) -> str:
    """The beginning of a wish, in a line."""
    said = " ".join(request.split())
    return said if len(said) <= _BEGINNING else f"{said[:_BEGINNING].rstrip()}…"


_BEGINNING = 60
