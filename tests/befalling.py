"""Where a process of `faulting` dies, and what befalls its sources meanwhile."""

from __future__ import annotations

import errno
import itertools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import crashing
from crashing import POINTS
from sqlalchemy.event import listen

from deskhand.agent.app import App
from deskhand.agent.model import Effect
from deskhand.agent.records.head import Head
from deskhand.agent.runs import graph
from deskhand.connectors.errors import Transient
from deskhand.connectors.model import Change

SOURCES = ("mail", "calendar", "documents", "post")
THEIRS = "somebody's\n"
BY_HAND = "changed by hand"
"""A file of this name beside a home says that somebody gave the rehearsal another day."""

ELSEWHERE = {"disk full": errno.ENOSPC, "disk fails": errno.EIO, "read-only": errno.EROFS}
"""What the system says to whoever writes into a source. Beside these: "in the way" and "changed", somebody
else was there first, with a file of that name, or with another day for the event; "cut", a listing breaks off
after so many things."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Where a process dies. `at`: a name of `WHERE`, "change" (before or after the (n // 2 + 1)-th change
    of a record, a source or the head), "event" (after the n-th event of the run), "moment" (after `delay`
    seconds), "row" (before the (n + 1)-th change of a row of the archive), "file" (before the n-th change of
    a file inside a source), or "kill at rcpt", "kill at data", "kill": the mail server sees to it. "": it
    does not."""

    at: str = ""
    n: int = 0
    delay: float = 0.0


def _before(name: str, when: Callable[..., bool] = lambda *_, **__: True) -> Callable[[App], None]:
    return lambda app: crashing._dying_before(app.runs_room.records, name, when)


def _after(name: str, when: Callable[..., bool] = lambda *_, **__: True) -> Callable[[App], None]:
    return lambda app: crashing._dying_after(app.runs_room.records, name, when)


def _to(state: str) -> Callable[..., bool]:
    return lambda row, **_: row.state == state


def _at_head(app: App) -> None:
    """Between a line of the audit chain and its head, of the row that says that it begins."""
    begun = [False]
    book = app.runs_room.records
    for name in ("put_effect", "turn_effect"):
        real = getattr(book, name)

        def marked(row: Effect, _real: Any = real, **rest: Any) -> Any:
            begun[0] = row.state == "claimed"
            return _real(row, **rest)

        setattr(book, name, marked)
    crashing._dying_before(Head, "reached", lambda *_: begun[0])


WHERE: dict[str, Callable[[App], None]] = POINTS | {
    "before the yes is kept": _before("take"),
    "after the yes is kept": _after("take"),
    "before the yes is used": _before("turn_approval", _to("used")),
    "after the yes is used": _after("turn_approval", _to("used")),
    "between the line and its head": _at_head,
    "before it is held": _before("put_effect", _to("held")),
    "while it is held": _after("put_effect", _to("held")),
    "between hold and sending": _before("turn_effect", _to("claimed")),
    "held no more, before the call": _after("turn_effect", _to("claimed")),
}
"""Crash points by name; those of the hold come only where something is held."""
UNANSWERED: dict[str, Callable[[App], None]] = {
    "between the question and its interrupt": lambda _: crashing._dying_before(graph, "interrupt"),
}
"""Those of a question that nobody answers at once."""


def arm(app: App, kill: Kill) -> None:
    """Have this process die there."""
    match kill.at:
        case "change":
            crashing._at_change(
                app, kill.n, (*crashing.CHANGED, "turn_effect", "turn_and_tell", "new_run"), head=True
            )
        case "event":
            crashing._after_event(app, kill.n, kill.delay)
        case "file":
            crashing._before_change(app, SOURCES[kill.n % len(SOURCES)], kill.n // len(SOURCES))
        case "row":
            listen(app.archive._engine, "before_cursor_execute", _counting(kill.n))
        case "moment":
            timer = threading.Timer(kill.delay, crashing._die)
            timer.daemon = True
            timer.start()
        case at if at in WHERE | UNANSWERED:
            (WHERE | UNANSWERED)[at](app)


def _counting(n: int) -> Callable[..., None]:
    """Dies when it is called for the (n + 1)-th time to change a row."""
    left = [n]

    def executing(_db: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            left[0] -= 1
            if left[0] < 0:
                crashing._die()

    return executing


def befall(app: App, root: Path, fault: str, first: int) -> None:
    """Have a source fail in the middle of its next writes, or somebody be there first."""
    inside, seen = [False], [0]
    for alias in SOURCES:
        connector = app.connections.connector(alias)
        if fault == "cut":

            def changes(since: Any, _real: Any = connector.changes) -> Iterator[Change]:
                yield from itertools.islice(_real(since), first)
                raise Transient("The page breaks off.")

            connector.changes = changes  # type: ignore[method-assign]

        def perform(*args: Any, _real: Any = connector.perform, **rest: Any) -> Any:
            if fault == "in the way" and args[0].name == "file.create":
                note = root / "documents" / "notes" / "new.md"
                note.parent.mkdir(exist_ok=True)
                with suppress(FileExistsError), note.open("x", encoding="utf-8") as file:
                    file.write(THEIRS)
            if fault == "changed" and args[0].name == "event.update":
                calendar = root / "calendar" / "rehearsal.ics"
                before = calendar.read_bytes()
                calendar.write_bytes(before.replace(b"20261201T1", b"20261203T1"))
                (root / BY_HAND).touch()
            inside[0] = True
            try:
                return _real(*args, **rest)
            finally:
                inside[0] = False

        connector.perform = perform  # type: ignore[method-assign]

    def refuse(name: str, args: tuple[Any, ...]) -> None:
        if inside[0] and crashing.changes(name, args):
            seen[0] += 1
            # What is full can still be emptied.
            if seen[0] <= first or (name == "os.remove" and fault == "disk full"):
                return
            raise OSError(ELSEWHERE[fault], os.strerror(ELSEWHERE[fault]))

    if fault in ELSEWHERE:
        sys.addaudithook(refuse)
