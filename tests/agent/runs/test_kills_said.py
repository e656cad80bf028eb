"""Killed in the middle of what a person says of a run: it was said as a whole, or not at all.

The process dies before every single statement that changes a record, the ends of transactions among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from agent_givens import NOW
from crashing import HOLDS, POINTS, connect, copied, killed, ready

from deskhand.agent.app import App
from deskhand.agent.desk import effects
from deskhand.agent.desk.audits import audit_verify
from deskhand.agent.model import Run

pytestmark = [pytest.mark.crash, pytest.mark.long]

FIRST = 14
"""Statements in which what is said is kept, and some more."""

MOST = 150
"""More statements than any of it makes."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with nothing in it, to be copied."""
    return ready(tmp_path_factory.mktemp("ready"))


@pytest.fixture
def root(tmp_path: Path, made: Path) -> Path:
    return copied(made, tmp_path / "root")


def everywhere(root: Path, said: str) -> Iterator[Path]:
    """Copies of a home, in each of which what is said was cut off a statement later; the last one was not.

    What is said comes first; what the run then makes of it (`test_crash`) is looked at here and there.
    """
    for after in (*range(FIRST), *range(FIRST, MOST, 7)):
        place = copied(root, root.parent / str(after))
        cut = killed(place, said, "statement", after=after)
        yield place
        if not cut:
            assert after > 2, "the statements were counted"
            return
    raise AssertionError("it never came to an end")


def go_on(app: App) -> None:
    for run in app.resume():
        app.runs_room.wait(run, held=False)
    assert audit_verify(app)["whole"]


def files(root: Path) -> int:
    return len(list((root / "documents").rglob("new.md")))


def mails(root: Path) -> int:
    return len(list((root / "outbox").glob("*.eml")))


def bookings(root: Path) -> int:
    return "".join(p.read_text("utf-8") for p in (root / "calendar").rglob("*.ics")).count("BEGIN:VEVENT")


def test_a_yes_and_what_it_allows_from_now_on_are_one(root: Path) -> None:
    with connect(root) as app:
        assert app.ask("event", fresh=False).status == "waiting"
    seen = set[tuple[str, int]]()
    for place in everywhere(root, "always"):
        with connect(place) as app:
            granted = app.permissions()
            (asked,) = app.run("r1").approvals
            assert bool(granted) == (asked.state != "pending"), "neither is there without the other"
            assert [p.id for p in granted] == ["p1"][: len(granted)]
            told = [e.type for e in app.runs_room.records.events("r1")]
            assert ("decided" in told) == ("granted" in told) == bool(granted)
            go_on(app)
            seen.add((app.run("r1").status, bookings(place)))
    assert seen == {("waiting", 0), ("done", 1)}


def not_known(root: Path) -> None:
    """A file was written, and its run stopped before anybody looked."""
    assert killed(root, "file", "after the source accepted")
    with connect(root) as app:
        (row,) = app.cancel("r1").effects
        assert row.state == "unknown"


@pytest.mark.parametrize(
    ("said", "state", "words"),
    [("it happened", "vouched", "you said"), ("look for it", "done", "found by now")],
)
def test_the_row_and_the_answer_that_tells_of_it_are_one(
    root: Path, said: str, state: str, words: str
) -> None:
    not_known(root)
    seen = set[str]()
    for place in everywhere(root, said):
        with connect(place) as app:
            run = app.run("r1")
            (row,) = run.effects
            told = [e.type for e in app.runs_room.records.events("r1") if e.type in ("settled", "found")]
            known = row.state == state
            assert (words in run.answer.lower(), len(told)) == (known, int(known)), run.answer
            assert known or row.state == "unknown"
            seen.add(row.state)
            go_on(app)
    assert seen == {"unknown", state}


def test_what_was_not_done_is_asked_about_once_more_once(root: Path) -> None:
    with connect(root) as app:
        app.ask("mail", fresh=False)
        (root / HOLDS).touch()
    with connect(root) as app:
        app.decide("a1", held=False)
        assert app.undo("r1").effects[0].state == "withdrawn"
    for place in everywhere(root, "again"):
        with connect(place) as app:
            go_on(app)
            again = effects.again(app, effect=app.run("r1").effects[0].key)
            assert [a["state"] for a in again["approvals"]] == ["pending"]
            assert len(app.runs()) == 2
            assert len(app.approvals()) == 1
            assert mails(place) == 0


def held(root: Path) -> None:
    (root / HOLDS).touch()
    with connect(root) as app:
        assert app.ask("held", approve=True, fresh=False, held=False).status == "held"


@pytest.mark.parametrize("said", ["cancel", "undo the run"])
def test_a_run_that_is_taken_back_while_it_is_held_is_stopped_as_a_whole(root: Path, said: str) -> None:
    """Cut off anywhere: it is held as it was, or it is over, and what stood behind the mail is not done."""
    held(root)
    seen = set[str]()
    for place in everywhere(root, said):
        with connect(place) as app:
            go_on(app)
            run: Run = app.run("r1")
            (row,) = run.effects
            assert (run.status, row.state) in {("held", "held"), ("cancelled", "withdrawn")}, run.answer
            assert (mails(place), files(place)) == (0, 0)
            seen.add(row.state)
        if row.state == "withdrawn":
            with connect(place, now=NOW + timedelta(minutes=1)) as app:
                go_on(app)
                assert (mails(place), files(place)) == (0, 0), "nor later"
    assert seen == {"held", "withdrawn"}


def test_a_mail_that_is_taken_back_while_it_is_held_is_told(root: Path) -> None:
    """The run itself goes on; the next command finds out, and says so."""
    held(root)
    seen = set[str]()
    for place in everywhere(root, "undo the mail"):
        with connect(place) as app:
            go_on(app)
            run = app.run("r1")
            row = next(e for e in run.effects if e.operation == "mail.send")
            assert mails(place) == 0
            assert ("withdrawn" if run.status in ("failed", "partial") else "held") == row.state, run.answer
            assert (files(place) == 1) == (row.state == "withdrawn")
            seen.add(row.state)
    assert seen == {"held", "withdrawn"}


@pytest.mark.parametrize("point", POINTS)
def test_a_permission_counts_once_for_each_effect_wherever_it_was_cut_off(root: Path, point: str) -> None:
    """Allowed three times a day: with four to book, three are booked and one is asked about."""
    with connect(root) as app:
        app.ask("event", fresh=False)
        app.decide("a1", always={"per_day": 3})
    first = bookings(root)
    for _ in range(2):  # the second life of the same run is cut off too
        killed(root, "four" if len(_runs(root)) < 2 else "resume", point)
    with connect(root) as app:
        go_on(app)
        runs = app.runs()
        booked = bookings(root) - first
        if len(runs) == 1:
            return
        used = app.runs_room.records.uses()["p1"].count
        asked = len(app.approvals())
        assert (booked, used, asked) == (3, 3, 1), point


def _runs(root: Path) -> list[Run]:
    with connect(root) as app:
        return app.runs()
