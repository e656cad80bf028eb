"""Killed in the middle of a migration: what was there is there, and the next command brings it forward."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import made_once
import pytest
from crashing import forked
from migrating import killed_migrating, migrate

from deskhand.connectors import database

pytestmark = [pytest.mark.crash, pytest.mark.long]

RUNS, ARCHIVE = ("deskhand.agent.records", "runs_revision"), ("deskhand.connectors", "archive_revision")
OLD = Path(__file__).parents[2] / "data" / "upgrade" / "0.1.0-runs.sql"
STRIDE = {"new": 90, "old": 7}
"""Every so many statements it is killed before one; an old one also after it."""


@pytest.fixture(autouse=True)
def _by_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the migrations themselves, not by what they once made."""
    monkeypatch.setattr(database, "_upgrade", made_once.MIGRATE)


def old(place: Path, room: tuple[str, str]) -> None:
    """As an earlier Deskhand left it, with something in it."""
    if room == ARCHIVE:
        migrate(place, room, "0001")
    with closing(sqlite3.connect(place)) as db, db:
        if room == RUNS:
            db.executescript(OLD.read_text("utf-8"))
        else:
            db.execute("INSERT INTO sources (alias, kind, error) VALUES ('box', 'memory', '')")


def content(place: Path) -> list[str]:
    with closing(sqlite3.connect(place)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return sorted(db.iterdump())


@pytest.mark.parametrize("what", ["new", "old"])
@pytest.mark.parametrize("room", [RUNS, ARCHIVE], ids=["runs", "archive"])
def test_killed_between_any_two_statements(tmp_path: Path, room: tuple[str, str], what: str) -> None:
    whole = tmp_path / "whole.db"
    if what == "old":
        old(whole, room)
        before = content(whole)
    migrate(whole, room)
    for nth in range(0, 1000, STRIDE[what]):
        ended = []
        for event in ("before_cursor_execute", "after_cursor_execute")[: 1 if what == "new" else 2]:
            place = tmp_path / f"{nth}-{event}.db"
            if what == "old":
                old(place, room)
            child = forked(killed_migrating, str(place), room, nth, event)
            child.start()
            child.join(60)
            ended.append(child.exitcode)
            if what == "old" and ended[-1] == -signal.SIGKILL:
                assert content(place) == before, "all of it, or nothing"
            migrate(place, room)
            assert content(place) == content(whole)
        assert set(ended) <= {0, -signal.SIGKILL}, ended
        if -signal.SIGKILL not in ended:
            assert nth > 0, "its statements were seen"
            return
    raise AssertionError("it never came to an end")
