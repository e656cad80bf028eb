"""A home over a real mail server, calendar and folder, whose processes are killed while the sources fail.

A life is one process: it asks for something or goes on with what is there, while one fault is in force, and
dies where its kill says. What others see is counted at the sources; the ledger only has to agree with it.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import crashing
from agent_givens import ANN, BO, ENVIRONMENT, ME, NOW, box, event, plan, step
from crashing import LISTS, POINTS, forked
from mailing import Server

from deskhand.agent import effects
from deskhand.agent.app import App
from deskhand.agent.audits import audit_verify
from deskhand.agent.model import FINISHED, Effect, Run
from deskhand.agent.plans.language import Plan
from deskhand.agent.records.head import Head
from deskhand.connectors import _smtp

HOLD = timedelta(seconds=30)

_MAIL = step("mail", "mail.send", source="mail", to=[box(BO), box(ANN)], subject="Hi", body="Hello.")
_EVENT = event(source="calendar", hour=15, attendees=[{"address": ANN}])
_FILE = step("file", "file.create", source="documents", path="notes/new.md", text="written once\n")

JOBS: dict[str, Plan] = {
    "mail": plan(_MAIL),
    "event": plan(_EVENT),
    "file": plan(_FILE),
    "each": LISTS["each"],
    "mixed": plan(
        _FILE, *LISTS["each"].steps, _EVENT.model_copy(update={"needs": ("file",)}),
        _MAIL.model_copy(update={"needs": ("event",)}),
    ),
}  # fmt: skip
"""What is asked for."""

MEANT: dict[str, Counter[str]] = {
    "mail": Counter(mail=1),
    "event": Counter(event=1),
    "file": Counter(file=1),
    "each": Counter(kept=3),
    "mixed": Counter(mail=1, event=1, file=1, kept=3),
}
"""What others see of it when it is done."""

AT_SERVER = (
    "take", "slow", "silent", "drop", "lost", "busy", "grey", "later", "never", "refuse",
)  # fmt: skip
"""What the mail server does meanwhile (`mail_sink`)."""

ELSEWHERE = {"disk full": errno.ENOSPC, "disk fails": errno.EIO, "read-only": errno.EROFS}
"""What the system says to whoever writes into a source. "in the way": somebody else was there first."""

CLOCKS = {"right": timedelta(0), "back": timedelta(days=-1), "ahead": timedelta(days=2)}
"""What a process has for the time."""


SOURCES = ("mail", "calendar", "documents")
THEIRS = "somebody's\n"


@dataclass(frozen=True, slots=True)
class Kill:
    """Where a process dies. `at`: a name of `WHERE`, "change" (before or after the (n // 2 + 1)-th change
    of a record, a source or the head), "event" (after the n-th event of the run), "moment" (after `delay`
    seconds), "file" (before the n-th change of a file inside a source), or "kill at rcpt", "kill at data",
    "kill": the mail server sees to it. "": it does not."""

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


def connect(root: Path, port: int, *, hold: bool = True, after: timedelta = timedelta(0)) -> App:
    """The home under `root`: mail goes out through the server at `port`, held first or not."""
    environ = ENVIRONMENT | {"DESKHAND_SENDING__HOLD": "30s" if hold else "0s"}
    app = App.open(root / "home", now=NOW + after, environ=environ)
    app._planner = lambda asked, _: JOBS[asked]  # past the door for planners, which would ask
    if not app.settings.sources:
        for folder in ("mail/cur", "mail/new", "mail/tmp", "calendar", "documents"):
            (root / folder).mkdir(parents=True)
        options = {"smtp": f"smtp://127.0.0.1:{port}", "sender": ME}
        app.add("maildir", str(root / "mail"), alias="mail", options=options)
        app.add("ics", str(root / "calendar"), alias="calendar")
        app.add("files", str(root / "documents"), alias="documents")
    return app


def ready(root: Path, port: int) -> Path:
    """A home with nothing in it, to be copied."""
    root.mkdir(exist_ok=True)
    with connect(root, port) as app:
        app.sync(embed=0)
        assert not app.runs()
    return root


@dataclass(frozen=True)
class World:
    """A home and its mail server, whose processes live and die one after the other."""

    root: Path
    server: Server
    hold: bool = True

    def live(
        self, job: str, kill: Kill, *, then: str = "take", fault: tuple[str, int] = ("", 0),
        after: timedelta = timedelta(0),
    ) -> bool:  # fmt: skip
        """One life, in a process of its own: ask for a job, or ("") go on. Whether it was killed.

        :param then: what the mail server does meanwhile, where the kill is not its. :param fault: see
            `ELSEWHERE`, and how many changes of files go well before it.
        """
        self.server.then(kill.at if kill.at.startswith("kill") else then)
        given = (str(self.root), self.server.port, str(self.server.folder), job, kill, then, fault)
        child = forked(_live, *given, self.hold, after)
        child.start()
        child.join(120)
        assert child.exitcode in (0, -signal.SIGKILL), f"the child ended with {child.exitcode}"
        return child.exitcode == -signal.SIGKILL

    def connect(self, *, after: timedelta = timedelta(0)) -> App:
        """Open it here, at a server that takes everything; nothing is held any more."""
        self.server.then("take")
        return connect(self.root, self.server.port, hold=False, after=after)

    def counts(self) -> Counter[str]:
        """What others see."""
        made: Counter[str] = Counter(mail=len(self.server.ids()))
        for path in (self.root / "calendar").rglob("*.ics"):
            text = path.read_text("utf-8")
            made["event"] += text.count("SUMMARY:Budget")
            made["kept"] += text.count("SUMMARY:Kept")
        for path in (self.root / "documents").rglob("*.md"):
            if not path.name.startswith("."):
                made["file"] += "written once" in path.read_text("utf-8")
        return +made

    def copies(self) -> int:
        """How many copies lie in Sent."""
        sent = self.root / "mail" / ".Sent" / "cur"
        return len(list(sent.iterdir())) if sent.exists() else 0

    @property
    def note(self) -> Path:
        """Where the file is to be."""
        return self.root / "documents" / "notes" / "new.md"


def settled(world: World, job: str, *, after: timedelta = timedelta(0)) -> Run | None:
    """What the next commands make of it once the sources are well again, held against what others see.

    None where it died before anything was asked for. Every effect 0 or 1 times, each row of the ledger
    agreeing with its source; and nothing lost: what was not done is told, and done once by one more word.
    """
    with world.connect(after=after + timedelta(minutes=5)) as app:
        go_on(app)
        for card in app.approvals():
            app.decide(card.id)
        if not app.runs():
            assert not world.counts(), "nothing was asked for"
            return None
        (run,) = app.runs()
        assert run.status in FINISHED, (run.status, run.answer)
        assert not app.approvals()
        _agree(world, job, run)
        if world.note.exists() and world.note.read_text("utf-8") == THEIRS:
            world.note.unlink()  # what was in the way is put away, by hand
        _once_more(world, app, job, run)
        proof = audit_verify(app)
        assert proof["whole"], proof["faults"]
        assert not any(p.error for p in app.sync(embed=0).passes)
        assert app.archive.check() == []
        return run


def go_on(app: App) -> None:
    """What each command does first."""
    for run in app.resume():
        app.runs_room.wait(run, held=False)


def _what(row: Effect) -> str:
    return "kept" if row.step.startswith("keep") else row.step


def _agree(world: World, job: str, run: Run) -> None:
    """The ledger says what the sources show, and the answer what the ledger says."""
    states = {e.step: e.state for e in run.effects}
    assert set(states.values()) <= {"done", "failed", "unknown"}, states
    done = Counter(_what(e) for e in run.effects if e.state == "done")
    open_ = Counter(_what(e) for e in run.effects if e.state == "unknown")
    seen = world.counts()
    for what in seen | done:
        assert done[what] <= seen[what] <= done[what] + open_[what] <= MEANT[job][what], (
            what, seen, states, run.answer,
        )  # fmt: skip
    assert world.copies() == done["mail"], "what lies in Sent was sent"
    assert ("Sent “Hi”" in run.answer) == bool(done["mail"]), run.answer
    whole = done == MEANT[job]
    assert (run.status == "done") == whole, (run.status, states, run.answer)
    assert whole or run.answer


def _once_more(world: World, app: App, job: str, run: Run) -> None:
    """What is unknown the person settles as she finds it, and has what did not happen done once more."""
    left = [e for e in run.effects if e.state in ("failed", "unknown")]
    for row in left:
        if row.state == "unknown":
            (asked,) = [u for u in effects.unknown(app) if u["effect"] == row.key]
            assert asked["evidence"], "she is told what there is to go by"
            if effects.look(app, effect=row.key)["state"] == "done":
                continue
            happened = f"<deskhand.{row.key}@example.org>" in world.server.ids()
            effects.settle(app, effect=row.key, happened=happened)
            if happened:
                continue
        for card in effects.again(app, effect=row.key)["approvals"]:
            app.decide(card["approval"])
    for what in {_what(row) for row in left}:
        if sum(_what(row) == what for row in run.effects) == MEANT[job][what]:
            assert world.counts()[what] == MEANT[job][what], (what, run.answer)


def _live(
    root: str, port: int, server: str, job: str, kill: Kill, then: str, fault: tuple[str, int], hold: bool,
    after: timedelta,
) -> None:  # fmt: skip
    try:
        (Path(server) / "pid").write_text(str(os.getpid()), "utf-8")
        if then == "silent":
            _smtp._SECONDS = 0.3  # no minute is waited for an answer that does not come
        with connect(Path(root), port, hold=hold, after=after) as app:
            _befall(app, Path(root), *fault)
            _arm(app, kill)
            if job:
                app.ask(job, approve=True, fresh=False, held=False)
            else:
                go_on(app)
    except BaseException:
        traceback.print_exc()
        sys.exit(3)


def _arm(app: App, kill: Kill) -> None:
    """Have this process die there."""
    match kill.at:
        case "change":
            crashing._at_change(
                app, kill.n, (*crashing.CHANGED, "turn_effect", "turn_and_tell", "new_run"), head=True
            )
        case "event":
            crashing._after_event(app, kill.n, kill.delay)
        case "file":
            crashing._before_change(app, SOURCES[kill.n % 3], kill.n // 3)
        case "moment":
            timer = threading.Timer(kill.delay, crashing._die)
            timer.daemon = True
            timer.start()
        case at if at in WHERE:
            WHERE[at](app)


def _befall(app: App, root: Path, fault: str, first: int) -> None:
    """Have a source fail in the middle of its next writes, or somebody be there first."""
    inside, seen = [False], [0]
    for alias in SOURCES:
        connector = app.connections.connector(alias)

        def perform(*args: Any, _real: Any = connector.perform, **rest: Any) -> Any:
            if fault == "in the way" and args[0].name == "file.create":
                note = root / "documents" / "notes" / "new.md"
                note.parent.mkdir(exist_ok=True)
                with suppress(FileExistsError), note.open("x", encoding="utf-8") as file:
                    file.write(THEIRS)
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
