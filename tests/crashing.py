"""Kills a run of Deskhand at an exact point, in a process of its own, over real sources.

Each child is forked from a server that has imported everything once, opens the home, does its job, and
sends itself SIGKILL when it comes to the point: nothing is closed, flushed or unwound.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ENVIRONMENT, NOW, event, mail, plan, step
from sqlalchemy.event import listen

from deskhand.agent.actions import Action
from deskhand.agent.app import App
from deskhand.agent.desk import effects
from deskhand.agent.model import Decision
from deskhand.agent.planners.rules import plan as rules
from deskhand.agent.plans.language import Plan, Ref
from deskhand.agent.records.head import Head
from deskhand.agent.runs import trials

JOBS: dict[str, Plan] = {
    "mail": plan(mail(source="mail")),
    "draft": plan(
        step("draft", "mail.draft", source="mail", to=[{"address": "bo@example.org"}], subject="S", body="B")
    ),
    "event": plan(event(source="calendar", attendees=[{"address": "ann@example.org"}])),
    "file": plan(step("file", "file.create", source="documents", path="notes/new.md", text="written once\n")),
}
"""What is done, by the name of it."""

TWO: Plan = plan(mail("m1", source="mail", subject="One"), mail("m2", source="mail", subject="Two"))
"""Two mails that nothing stands between: two questions at the same time."""

AGAIN: Plan = plan(event(source="calendar", hour=15, attendees=[{"address": "ann@example.org"}]))
"""The like of "event", later."""

FOUR: Plan = plan(
    *(
        event(f"e{h}", source="calendar", hour=h, attendees=[{"address": "ann@example.org"}])
        for h in (12, 14, 16, 18)
    )
)
"""Four more of them, at other times."""

HELD: Plan = plan(
    mail(source="mail"),
    step("file", "file.create", source="documents", path="notes/new.md", text="written once\n").model_copy(
        update={"after": ("mail",)}
    ),
)
"""A mail, and what is done when it is over, whatever became of it."""

ASKS = frozenset({"two mails", "event, again", "four"})
"""What is asked for without a yes beforehand."""

LISTS: dict[str, Plan] = {
    "each": plan(
        step("slots", "slots.find", people=[], minutes=30),
        step(
            "keep",
            "event.create",
            source="calendar",
            title="Kept",
            start={"ref": "each", "path": "start"},
            end={"ref": "each", "path": "end"},
            zone="Europe/Lisbon",
        ).model_copy(update={"for_each": Ref(ref="slots", path="slots")}),
        step("digest", "schedule.list").model_copy(update={"needs": ("keep",)}),
    )
}
"""What is done once for each of three elements."""


def _failing(then: str) -> Plan:
    """Two writes, then one that cannot be done: a file of its name is there."""
    there = step("there", "file.create", ("event",), source="documents", path="there.md", text="mine")
    return plan(
        step("file", "file.create", source="documents", path="notes/new.md", text="written once\n"),
        event("event", ("file",), source="calendar"),
        there.model_copy(update={"on_failure": then}),
        step("last", "file.create", ("there",), source="documents", path="last.md", text="last"),
    )


FAILING: dict[str, Plan] = {then: _failing(then) for then in ("compensate", "ask")}
"""What is done about a step that fails after two writes."""

FAILING["late"] = plan(
    step("file", "file.create", source="documents", path="notes/new.md", text="written once\n"),
    event("event", source="calendar"),
    step(
        "read", "item.summarise", ("file",), item={"ref": "mail:message:none", "version": "1", "thread": ""}
    ).model_copy(update={"on_failure": "compensate"}),
)
"""One that reads fails between two writes that do not need it, or behind both."""

HOLD: Plan = plan(
    event(source="calendar", status="tentative", hold_until=(NOW - timedelta(minutes=1)).isoformat())
)
"""A time that was kept until a minute ago."""

MOVE: Plan = plan(
    step("event", "event.find", about="Budget"),
    step("shift", "event.shift", event={"ref": "event"}, seconds=3600),
    step(
        "change", "event.update", source="calendar",
        **{n: {"ref": "event", "path": n} for n in ("ref", "version")},
        **{n: {"ref": "shift", "path": n} for n in ("start", "end")},
    ),
    step(
        "notice", "event.notice", event={"ref": "event"}, change={"ref": "change"}, what="moved", by_mail=True
    ),
    step(
        "tell", "mail.send", source="mail",
        **{n: {"ref": "notice", "path": n} for n in ("to", "subject", "body", "calendar")},
    ),
)  # fmt: skip
"""A meeting with somebody else in it goes an hour later, which is asked about."""


_WAITED_FOR = {"ref": "waiting", "path": "count"}
TWELVE: Plan = plan(
    step("agenda", "calendar.agenda", start=NOW.isoformat(), end=(NOW + timedelta(days=7)).isoformat()),
    step("times", "slots.find", people=[], minutes=30),
    step("waiting", "threads.waiting"),
    step("changed", "document.changed"),
    step("schedules", "schedule.list"),
    step("found", "item.find", about="winch"),
    step("told", "item.summarise", item={"ref": "found"}),
    step(
        "keep", "event.create", source="calendar", title="Kept", zone="Europe/Lisbon",
        start={"ref": "each", "path": "start"}, end={"ref": "each", "path": "end"},
    ).model_copy(update={"for_each": Ref(ref="times", path="slots")}),
    step(
        "note", "file.create", ("told", "agenda"), source="documents", path="notes/new.md",
        text="written once\n",
    ),
    step(
        "draft", "mail.draft", ("note",), source="mail", to=[{"address": "bo@example.org"}], subject="S",
        body="B",
    ).model_copy(update={"when": Ref.model_validate(_WAITED_FOR)}),
    mail("else", source="mail", needs=("note",)).model_copy(update={"otherwise": "draft"}),
    step("day", "digest.compose", ("keep",)),
)  # fmt: skip
"""Twelve steps: some side by side, some over a list, one that is done and one that is not."""

WINCH = b"""From: Bo <bo@example.org>\r
To: noor@example.org\r
Subject: The winch\r
Date: Fri, 20 Nov 2026 09:00:00 +0000\r
Message-ID: <winch@example.org>\r
\r
The winch is repaired. Can you come and look at it on Tuesday?\r
"""
"""What the twelve steps look for."""


def _look(app: App) -> None:
    for run in app.sync(embed=0).followed:
        app.runs_room.wait(run)


DECISIONS: dict[str, Callable[[App], Any]] = {
    "yes": lambda app: app.decide(app.approvals()[0].id),
    "yes, unseen": lambda app: app.runs_room.decide(app.approvals()[0].id, Decision(verdict="approve")),
}
"""A yes to the question that waits; unseen: what changed meanwhile is seen by the source alone."""

NO: dict[str, Callable[[App], Any]] = {
    "no, instead": lambda app: app.decide(app.approvals()[0].id, "reject", reason="make it 45 minutes"),
}
"""A no that says what instead."""

ANSWERS: dict[str, Callable[[App], Any]] = {
    then: lambda app, then=then: app.decide(app.approvals()[0].id, "edit", changes={"then": then})
    for then in ("try again", "go on", "take back")
}
"""What follows from a failure that was asked about."""


def _key(app: App) -> str:
    """The first effect that a person may have something to say about."""
    rows = app.runs_room.records.effects(states=("unknown", "failed", "withdrawn", "held"))
    return rows[0].key


DOORS: dict[str, Callable[[App], Any]] = {
    "always": lambda app: app.decide("a1", always=True),
    "three a day": lambda app: app.decide("a1", always={"per_day": 3}),
    "it happened": lambda app: effects.settle(app, effect=_key(app), happened=True),
    "look for it": lambda app: effects.look(app, effect=_key(app)),
    "again": lambda app: effects.again(app, effect=_key(app)),
    "cancel": lambda app: app.cancel("r1"),
    "undo the run": lambda app: app.undo("r1", held=False),
    "undo the mail": lambda app: app.undo(_key(app), held=False),
}
"""What a person says of a run, of an effect of it, or beside a yes."""

CHANGES = frozenset({"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.truncate", "os.chmod"})
"""Audit events of the standard library that come before a change of a file."""


AT_ONCE = {"DESKHAND_EMBEDDING__MODEL": "none"}
"""Found by words alone: no process has a store of vectors to open."""
HOLDS = "mail is held"
"""A file of this name beside a home has its mail held first."""


def connect(root: Path, engine: str = "memory", *, now: datetime = NOW) -> App:
    """The home under `root`, its real maildir (with an outbox), calendar and folder connected."""
    hold = {"DESKHAND_SENDING__HOLD": "30s"} if (root / HOLDS).exists() else {}
    environ = ENVIRONMENT | AT_ONCE | hold | {"DESKHAND_ENGINE__KIND": engine}
    app = App.open(root / "home", now=now, environ=environ)
    # Past the door for planners, which would ask about what these words do not say.
    app._planner = lambda request, known: (
        (
            JOBS
            | LISTS
            | FAILING
            | {"move": MOVE, "hold": HOLD, "twelve": TWELVE, "two mails": TWO, "event, again": AGAIN}
            | {"four": FOUR, "held": HELD}
        ).get(request)
        or rules(request, known)
    )
    if not app.settings.sources:
        for folder in ("mail/cur", "mail/new", "mail/tmp", "outbox", "calendar", "documents"):
            (root / folder).mkdir(parents=True)
        app.add("maildir", str(root / "mail"), alias="mail", options={"outbox": str(root / "outbox")})
        app.add("ics", str(root / "calendar"), alias="calendar")
        app.add("files", str(root / "documents"), alias="documents")
    return app


def ready(root: Path, *mails: bytes) -> Path:
    """A home with these mails and nothing asked for yet, to be copied: laying it out takes longer."""
    root.mkdir(exist_ok=True)
    with connect(root) as app:
        for n, text in enumerate(mails, 1):
            (root / "mail" / "cur" / f"{n}:2,S").write_bytes(text)
        app.sync(embed=0)
        assert not app.runs(), "the databases are made"
    return root


def copied(made: Path, root: Path) -> Path:
    """What `made` holds (nobody has it open), in a folder of its own."""
    shutil.copytree(made, root, dirs_exist_ok=True)
    config = root / "home" / "config.toml"
    config.write_text(config.read_text("utf-8").replace(str(made), str(root)), "utf-8")
    return root


def killed(
    root: Path, job: str, point: str, *, after: int = 0, delay: float = 0.0, engine: str = "memory"
) -> bool:
    """Do a job in a child that dies at the point; whether it came to it.

    :param point: a name of `POINTS`, `FOLLOWING` or `REOPENING`, or "write" for the moment before the
        (after + 1)-th change of a file inside the source's own `perform`, "anywhere" for the moment before
        or after the (after // 2 + 1)-th change of a record or of a source, "event" for the moment after the
        (after + 1)-th event of the run is on the disk, or so many seconds of `delay` later, "statement" for
        the moment before the (after + 1)-th statement that changes a record, ends of transactions among them.
    """
    child = forked(_do, str(root), job, point, after, delay, engine)
    child.start()
    child.join(120)
    assert child.exitcode in (0, -signal.SIGKILL), f"the child ended with {child.exitcode}"
    return child.exitcode == -signal.SIGKILL


def forked(do: Callable[..., None], *args: Any) -> BaseProcess:
    """A process that does this, forked from one that has imported everything; not started yet."""
    return _server().Process(target=do, args=args)


def _do(root: str, job: str, point: str, after: int, delay: float, engine: str) -> None:
    try:
        # A server that could not import it says nothing, and each child imports half a second's worth.
        assert "crashing_ready" in sys.modules
        with connect(Path(root), engine) as app:
            if point == "anywhere":
                _at_change(app, after)
            elif point == "write":
                _before_change(app, JOBS[job].steps[0].args["source"], after)
            elif point == "event":
                _after_event(app, after, delay)
            elif point == "statement":
                _at_statement(app, after)
            elif point:
                (POINTS | FOLLOWING | REOPENING | TAKING_UP)[point](app)
            logged(Path(root))
            if job in DECISIONS | ANSWERS | NO | DOORS:
                (DECISIONS | ANSWERS | NO | DOORS)[job](app)
            elif job == "look":
                _look(app)
            elif job == "resume":
                for run in app.resume():
                    app.runs_room.wait(run)
            else:
                app.ask(job, approve=None if job in ASKS else True, fresh=False)
    except BaseException:
        traceback.print_exc()
        sys.exit(3)


def _die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying_before(owner: Any, name: str, when: Callable[..., bool] = lambda *_, **__: True) -> None:
    real = getattr(owner, name)

    def wrapped(*args: Any, **rest: Any) -> Any:
        if when(*args, **rest):
            _die()
        return real(*args, **rest)

    setattr(owner, name, wrapped)


def _dying_after(owner: Any, name: str, when: Callable[..., bool] = lambda *_, **__: True) -> None:
    real = getattr(owner, name)

    def wrapped(*args: Any, **rest: Any) -> Any:
        made = real(*args, **rest)
        if when(*args, **rest):
            _die()
        return made

    setattr(owner, name, wrapped)


def _source(app: App, what: Callable[[Any], None]) -> None:
    for alias in app.settings.sources:
        what(app.connections.connector(alias))


POINTS: dict[str, Callable[[App], None]] = {
    "after the plan": lambda app: _dying_after(app.runs_room.records, "set_run", lambda *_, **v: "plan" in v),
    "after the question": lambda app: _dying_after(app.runs_room.records, "put_approval"),
    "between approval and effect": lambda app: _dying_before(type(app.runs_room.ledger), "carry_out"),
    "before the ledger row": lambda app: _dying_before(app.runs_room.records, "put_effect"),
    "after the row, before the call": lambda app: _dying_after(app.runs_room.records, "put_effect"),
    "after the source accepted": lambda app: _source(app, lambda s: _dying_after(s, "perform")),
    "before the read-back": lambda app: _source(app, lambda s: _dying_before(s, "read")),
    "before done is written": lambda app: _dying_before(
        app.runs_room.records, "put_effect", lambda effect: effect.state == "done"
    ),
    "after done, before the step": lambda app: _dying_before(app.runs_room.records, "leave"),
    "after the step, before the checkpoint": lambda app: _dying_after(app.runs_room.records, "leave"),
    "before the report": lambda app: _dying_before(
        app.runs_room.records, "set_run", lambda *_, **v: v.get("status") == "done"
    ),
    "after the report": lambda app: _dying_after(
        app.runs_room.records, "set_run", lambda *_, **v: v.get("status") == "done"
    ),
}
"""Where a run can be cut off, in the order it comes there."""

FOLLOWING: dict[str, Callable[[App], None]] = {
    "before the run is made": lambda app: _dying_before(app.runs_room.records, "new_run"),
    "after the run is made": lambda app: _dying_after(app.runs_room.records, "new_run"),
    "before it is noted how far it was looked": lambda app: _dying_before(
        app.runs_room.records, "set_followed"
    ),
}
"""Where it can be cut off between a look at what came in and the run that follows from it."""

TAKING_UP: dict[str, Callable[[App], None]] = {
    "before it is planned anew": lambda app: _dying_before(app.runs_room.records, "take_up"),
    "after it was planned anew": lambda app: _dying_after(app.runs_room.records, "take_up"),
}
"""Where it can be cut off between a no that says what instead and what is planned by it."""

REOPENING: dict[str, Callable[[App], None]] = {
    "after the source refused": lambda app: _dying_after(
        app.runs_room.records, "put_effect", lambda effect: effect.state == "failed"
    ),
    "before the question is withdrawn": lambda app: _dying_before(app.runs_room.records, "reopen"),
    "after the question was withdrawn": lambda app: _dying_after(app.runs_room.records, "reopen"),
    "before it is read again": lambda app: _dying_before(app.runs_room.records, "leave"),
    "after it was read again": lambda app: _dying_after(app.runs_room.records, "leave"),
    "before the new question": lambda app: _dying_before(app.runs_room.records, "put_approval"),
    "after the new question": lambda app: _dying_after(app.runs_room.records, "put_approval"),
}
"""Where a run can be cut off between a yes to what changed meanwhile and the question that is asked anew."""


CHANGED = (
    "leave", "put_effect", "amend", "reopen", "set_run", "put_approval", "turn_approval", "take", "note",
)  # fmt: skip
"""Changes of the records."""


def _at_change(app: App, after: int, names: Iterable[str] = CHANGED, *, head: bool = False) -> None:
    """Die before (after is even) or after a change, counted over all records and all sources.

    :param head: count also what is written to the head of the audit chain.
    """
    seen = [0]

    def counted(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def wrapped(*args: Any, **rest: Any) -> Any:
            seen[0] += 1
            mine = seen[0]
            if 2 * mine - 2 == after:
                _die()
            made = real(*args, **rest)
            if 2 * mine - 1 == after:
                _die()
            return made

        setattr(owner, name, wrapped)

    for name in names:
        counted(app.runs_room.records, name)
    if head:
        counted(Head, "reached")
    _source(app, lambda source: counted(source, "perform"))


def _at_statement(app: App, after: int) -> None:
    seen, engine = [0], app.runs_room.records.engine

    def count(*_: Any) -> None:
        seen[0] += 1
        if seen[0] > after:
            _die()

    def executing(_db: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            count()

    listen(engine, "before_cursor_execute", executing)
    listen(engine, "commit", count)


def changes(name: str, args: tuple[Any, ...]) -> bool:
    """Whether an audit event of the standard library comes before a change of a file."""
    opened = name != "open" or (isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return name in CHANGES and bool(opened)


def _before_change(app: App, source: str, after: int) -> None:
    inside, seen = [False], [0]

    def watch(name: str, args: tuple[Any, ...]) -> None:
        if inside[0] and changes(name, args):
            seen[0] += 1
            if seen[0] > after:
                _die()

    connector = app.connections.connector(source)
    real = connector.perform

    def perform(*args: Any, **rest: Any) -> Any:
        inside[0] = True
        try:
            return real(*args, **rest)
        finally:
            inside[0] = False

    connector.perform = perform  # type: ignore[method-assign]
    sys.addaudithook(watch)


def _after_event(app: App, after: int, delay: float) -> None:
    """Die when the transaction with this event is over, before anybody acts on it, or a moment later."""
    records, written = app.runs_room.records, [0]
    real = records._note

    def note(db: Any, run: str, notes: Any) -> None:
        real(db, run, notes)
        written[0] += len(notes)

    def over(*_: Any) -> None:
        if written[0] > after:
            written[0] = -sys.maxsize
            if delay:
                threading.Thread(target=lambda: (time.sleep(delay), _die()), daemon=True).start()
            else:
                _die()

    records._note = note  # type: ignore[method-assign]
    listen(records.engine, "checkin", over)


def logged(root: Path) -> None:
    """From now on, whatever action is carried out in this process is written down in the folder first."""
    known = trials.actions()

    def watched(action: Action) -> Action:
        def run(*args: Any, **given: Any) -> Any:
            with (root / "actions.log").open("a", encoding="utf-8") as log:
                log.write(f"{action.name}\n")
            return action.run(*args, **given)

        return replace(action, run=run)

    made = {name: watched(action) for name, action in known.items()}
    trials.actions = lambda: made  # type: ignore[assignment]


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crashing_ready"])
    with pytest.MonkeyPatch.context() as patch:  # the server of Python 3.11 does not take sys.path over
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return context
