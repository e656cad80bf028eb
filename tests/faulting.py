"""A home over a real mail server, outbox, calendar and folder, whose processes are killed while they fail.

A life is one process: it asks for something or goes on with what is there, while one fault is in force, and
dies where its kill says. What others see is counted at the sources (`settling`), never in the ledger.
"""

from __future__ import annotations

import errno
import os
import re
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

from deskhand.agent.app import App
from deskhand.agent.model import Effect
from deskhand.agent.plans.language import Plan
from deskhand.agent.records.head import Head
from deskhand.connectors import _smtp

HOLD = timedelta(seconds=30)

_MAIL = step("mail", "mail.send", source="mail", to=[box(BO), box(ANN)], subject="Hi", body="Hello.")
_EVENT = event(source="calendar", hour=15, attendees=[{"address": ANN}])
_FILE = step("file", "file.create", source="documents", path="notes/new.md", text="written once\n")
_POST = step("post", "mail.send", source="post", to=[box(BO)], subject="Note", body="Hello.")
_SHIFT = (
    step("found", "event.find", about="Rehearsal"),
    step("later", "event.shift", event={"ref": "found"}, seconds=3600),
    step(
        "shift", "event.update", source="calendar",
        **{n: {"ref": "found", "path": n} for n in ("ref", "version")},
        **{n: {"ref": "later", "path": n} for n in ("start", "end")},
    ),
)  # fmt: skip

JOBS: dict[str, Plan] = {
    "mail": plan(_MAIL),
    "event": plan(_EVENT),
    "file": plan(_FILE),
    "post": plan(_POST),
    "shift": plan(*_SHIFT),
    "each": LISTS["each"],
    "mixed": plan(
        _FILE, *LISTS["each"].steps, _EVENT.model_copy(update={"needs": ("file",)}),
        *(one.model_copy(update={"needs": ("event",)}) for one in (_MAIL, _POST)),
    ),
}  # fmt: skip
"""What is asked for; "post" leaves by an outbox, "shift" has an event begin an hour later than it does."""

MEANT: dict[str, Counter[str]] = {
    "mail": Counter(mail=1),
    "event": Counter(event=1),
    "file": Counter(file=1),
    "post": Counter(post=1),
    "shift": Counter(shift=1),
    "each": Counter(kept=3),
    "mixed": Counter(mail=1, post=1, event=1, file=1, kept=3),
}
"""What others see of it when it is done."""

AT_SERVER = (
    "take", "slow", "silent", "drop", "lost", "busy", "grey", "later", "never", "refuse",
)  # fmt: skip
"""What the mail server does meanwhile (`mail_sink`)."""

ELSEWHERE = {"disk full": errno.ENOSPC, "disk fails": errno.EIO, "read-only": errno.EROFS}
"""What the system says to whoever writes into a source. "in the way", "changed": somebody else was there
first, with a file of that name, or with another day for the event."""

CLOCKS = {"right": timedelta(0), "back": timedelta(days=-1), "ahead": timedelta(days=2)}
"""What a process has for the time."""


SOURCES = ("mail", "calendar", "documents", "post")
BOXES = {"mail": "Hi", "post": "Note"}
"""Mailboxes, and the subject of what each sends."""
THEIRS = "somebody's\n"
REHEARSAL = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//EN\r
BEGIN:VEVENT\r
UID:rehearsal@example.org\r
DTSTAMP:20261101T000000Z\r
SUMMARY:Rehearsal\r
DTSTART:20261201T100000Z\r
DTEND:20261201T110000Z\r
END:VEVENT\r
END:VCALENDAR\r
"""
"""Told by its hour is how often it was shifted, and by its day whether somebody else's change is still there."""
BY_HAND = "changed by hand"
"""A file of this name beside a home says that somebody gave the rehearsal another day."""


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
        boxes = [f"{name}/{part}" for name in BOXES for part in ("cur", "new", "tmp")]
        for folder in (*boxes, "outbox", "calendar", "documents"):
            (root / folder).mkdir(parents=True)
        (root / "calendar" / "rehearsal.ics").write_text(REHEARSAL, "utf-8", newline="")
        options = {"smtp": f"smtp://127.0.0.1:{port}", "sender": ME}
        app.add("maildir", str(root / "mail"), alias="mail", options=options)
        outbox = {"outbox": str(root / "outbox"), "sender": ME}
        app.add("maildir", str(root / "post"), alias="post", options=outbox)
        app.add("ics", str(root / "calendar"), alias="calendar")
        app.add("files", str(root / "documents"), alias="documents")
    return app


def ready(root: Path, port: int) -> Path:
    """A home in which nothing was asked for yet, to be copied."""
    root.mkdir(exist_ok=True)
    with connect(root, port) as app:
        assert not [p.error for p in app.sync(embed=0).passes if p.error]
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

        A job "ask ..." says yes to nothing, "yes" to all that waits.

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
        made: Counter[str] = Counter(mail=len(self.server.ids()), shift=self.shifts())
        made["post"] = len(list((self.root / "outbox").glob("*.eml")))
        for path in (self.root / "calendar").rglob("*.ics"):
            text = path.read_text("utf-8")
            made["event"] += text.count("SUMMARY:Budget")
            made["kept"] += text.count("SUMMARY:Kept")
        for path in (self.root / "documents").rglob("*.md"):
            if not path.name.startswith("."):
                made["file"] += "written once" in path.read_text("utf-8")
        return +made

    def shifts(self) -> int:
        """How many hours later the rehearsal begins than anybody but Deskhand had it begin."""
        (start,) = set(re.findall(r"DTSTART.*T(\d\d)0000", self.rehearsal.read_text("utf-8")))
        return int(start) - 10

    def copies(self, box: str) -> int:
        """How many copies lie in the Sent of a mailbox."""
        sent = self.root / box / ".Sent" / "cur"
        return len(list(sent.iterdir())) if sent.exists() else 0

    def happened(self, row: Effect) -> bool:
        """What somebody finds who looks whether an effect is there of which the ledger does not know."""
        if row.step == "mail":
            return f"<deskhand.{row.key}@example.org>" in self.server.ids()
        return row.step == "post" and bool(list((self.root / "outbox").glob(f"*{row.key}*.eml")))

    @property
    def rehearsal(self) -> Path:
        """Where the event is that is shifted."""
        return self.root / "calendar" / "rehearsal.ics"

    @property
    def note(self) -> Path:
        """Where the file is to be."""
        return self.root / "documents" / "notes" / "new.md"


def go_on(app: App) -> None:
    """What each command does first."""
    for run in app.resume():
        app.runs_room.wait(run, held=False)


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
            if job == "yes":
                for card in app.approvals():
                    app.decide(card.id, held=False)
            elif job:
                asks, name = job.startswith("ask "), job.removeprefix("ask ")
                app.ask(name, approve=None if asks else True, fresh=False, held=False)
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
            crashing._before_change(app, SOURCES[kill.n % len(SOURCES)], kill.n // len(SOURCES))
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
