"""A home over a real mail server, outbox, calendar and folder, whose processes are killed while they fail.

A life is one process: it asks for something or goes on with what is there, while one fault is in force, and
dies where its kill says. What others see is counted at the sources (`settling`), never in the ledger.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import sys
import traceback
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from agent_givens import ANN, BO, ENVIRONMENT, ME, NOW, box, event, plan, step
from befalling import Kill, arm, befall
from crashing import AT_ONCE, LISTS, forked
from mailing import Server

from deskhand.agent.app import App
from deskhand.agent.model import Effect
from deskhand.agent.plans.language import Plan
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
    "allowed": plan(
        *(event(f"e{h}", source="calendar", hour=h, attendees=[{"address": ANN}]) for h in (11, 13, 17)),
        *(_MAIL.model_copy(update={"id": f"m{n}"}) for n in range(3)),
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

CLOCKS = {"right": timedelta(0), "back": timedelta(days=-1), "ahead": timedelta(days=2)}
"""What a process has for the time."""


BOXES = {"mail": "Hi", "post": "Note"}
"""Mailboxes, and the subject of what each sends."""
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
"""Its hour tells how often it was shifted, its day whether somebody else's change is still there."""


def connect(root: Path, port: int, *, hold: bool = True, after: timedelta = timedelta(0)) -> App:
    """The home under `root`: mail goes out through the server at `port`, held first or not."""
    environ = ENVIRONMENT | AT_ONCE | {"DESKHAND_SENDING__HOLD": "30s" if hold else "0s"}
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

        A job "ask ..." says yes to nothing, "yes" to all that waits, "look" looks at the sources.

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

    def asked(self) -> int:
        """How many runs were asked for by now."""
        with closing(sqlite3.connect(self.root / "home" / "runs.db")) as db:
            return int(db.execute("SELECT count(*) FROM runs").fetchone()[0])

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
            befall(app, Path(root), *fault)
            arm(app, kill)
            if job == "yes":
                for card in app.approvals():
                    app.decide(card.id, held=False)
            elif job == "look":
                app.sync(embed=0)
            elif job:
                asks, name = job.startswith("ask "), job.removeprefix("ask ")
                app.ask(name, approve=None if asks else True, fresh=False, held=False)
            else:
                go_on(app)
    except BaseException:
        traceback.print_exc()
        sys.exit(3)
