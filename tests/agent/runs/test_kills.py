"""A plan of twelve steps, killed -9 wherever: every run comes to its end, and no stored step is repeated.

Counted from outside: which actions were carried out in a log that each writes before it begins, which steps
were stored in the database as the dead process left it, what happened in the folders themselves.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from crashing import TWELVE, WINCH, connect, copied, killed, logged, ready

from deskhand.agent.model import FINISHED, Run
from deskhand.agent.runs import trials

pytestmark = [pytest.mark.crash, pytest.mark.long]

OPS = {s.id: s.op for s in TWELVE.steps}
EVENTS = 40
"""The run leaves some more of them behind."""

MOMENT = 0.03
"""Seconds: as long as some steps take here."""


@pytest.fixture(autouse=True)
def unlogged(monkeypatch: pytest.MonkeyPatch) -> None:
    """`logged` wraps the actions for good; in this process only for one test."""
    monkeypatch.setattr(trials, "actions", trials.actions)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one mail in it, to be copied."""
    return ready(tmp_path_factory.mktemp("ready"), WINCH)


@pytest.fixture
def roots(tmp_path: Path, made: Path) -> Iterator[Path]:
    """Fresh homes, one after the other."""
    return (copied(made, tmp_path / str(n)) for n in itertools.count())


def carried_out(root: Path) -> Counter[str]:
    """How often each action was begun."""
    log = root / "actions.log"
    return Counter(log.read_text("utf-8").split()) if log.exists() else Counter()


def stored(root: Path) -> set[str]:
    """The steps that were on the disk when the process died."""
    with closing(sqlite3.connect(root / "home" / "runs.db")) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'steps'").fetchone():
            return set()  # it died before it had made the database
        return {step for (step,) in db.execute("SELECT step FROM steps")}


def again(root: Path, kept: set[str], before: Counter[str]) -> list[str]:
    """The steps that were stored then, and were carried out since."""
    since = carried_out(root) - before
    return [step for step in kept if since[OPS.get(step, "")]]


def settled(root: Path, *, engine: str = "memory") -> Run | None:
    """Go on in a new process's stead, and hold what came of it against the folders; None: never asked for."""
    before, kept = carried_out(root), stored(root)
    logged(root)
    with connect(root, engine) as app:
        for run in app.resume():
            app.runs_room.wait(run)
        runs = app.runs()
    if not runs:
        return None
    (run,) = runs
    assert not again(root, kept, before), "a step that was stored ran again"
    assert run.status in FINISHED, run
    assert run.status == "done", run.answer
    events = [p.read_text("utf-8") for p in (root / "calendar").rglob("*.ics")]
    notes = [p for p in (root / "documents").rglob("*.md") if "written once" in p.read_text("utf-8")]
    boxes = [p for p in (root / "mail").rglob("*") if p.is_file() and p.parent.name in ("cur", "new")]
    drafts = [p for p in boxes if b"Subject: S" in p.read_bytes()]
    counts = (sum(t.count("BEGIN:VEVENT") for t in events), len(notes), len(drafts))
    assert counts == (3, 1, 1), "once, whatever happened"
    assert not list((root / "outbox").glob("*.eml")), "the mail was the else of the draft"
    assert {e.state for e in run.effects} == {"done"}
    return run


def test_killed_after_every_event(roots: Iterator[Path]) -> None:
    deaths = 0
    for after, root in enumerate(roots):
        cut = killed(root, "twelve", "event", after=after)
        assert settled(root) is not None
        if not cut:
            break
        deaths += 1
    assert deaths >= 2 * len(OPS), "asked for, planned, a step or an effect each, finished"


@pytest.mark.parametrize("tenth", range(10))
def test_killed_at_random(roots: Iterator[Path], tenth: int) -> None:
    """200 kills, twenty a test, each at an event or a moment later; up to four lives of one run."""
    deaths, draw = 0, random.Random(tenth)
    while deaths < 20:
        root, job, events = next(roots), "twelve", EVENTS
        for _ in range(4):
            kept, before = stored(root), carried_out(root)
            at = draw.randrange(events)
            cut = killed(root, job, "event", after=at, delay=draw.random() * MOMENT)
            assert not again(root, kept, before), "a step that was stored ran again"
            deaths += cut
            if not cut:
                break  # near the end the run may be over sooner than the moment
            job, events = "resume", EVENTS // 4
        assert settled(root) is not None


def test_killed_again_and_again_at_random(roots: Iterator[Path]) -> None:
    """One run, whose every life is cut short; it comes to its end."""
    root, draw = next(roots), random.Random(7)
    assert killed(root, "twelve", "event", after=1)
    for _ in range(12):
        killed(root, "resume", "event", after=draw.randrange(4), delay=draw.random() * MOMENT)
    assert settled(root) is not None


@pytest.mark.parametrize("seed", range(6))
def test_on_the_durable_engine_too(roots: Iterator[Path], seed: int) -> None:
    root, draw = next(roots), random.Random(seed)
    killed(root, "twelve", "event", after=draw.randrange(EVENTS), delay=draw.random() * MOMENT, engine="dbos")
    settled(root, engine="dbos")
