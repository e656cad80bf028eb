"""Killed in the middle of a migration: what was there is there, and the next command brings it forward."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import traceback
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from crashing import forked
from sqlalchemy import Engine
from sqlalchemy.event import listen

from deskhand.connectors.database import open_database

pytestmark = [pytest.mark.crash, pytest.mark.long]

RUNS, ARCHIVE = ("deskhand.agent.records", "runs_revision"), ("deskhand.connectors", "archive_revision")
OLD = Path(__file__).parents[2] / "data" / "upgrade" / "0.1.0-runs.sql"
STRIDE = {"new": 90, "old": 7}
"""Every so many statements it is killed before one; an old one also after it."""


def migrate(place: Path, room: tuple[str, str], head: str = "") -> None:
    package, table = room
    head = head or import_module(f"{package}.tables").HEAD
    open_database(place, migrations=f"{package}.migrations", version_table=table, head=head).dispose()


def _migrate(place: str, room: tuple[str, str], nth: int, event: str) -> None:
    seen = [0]

    def count(*_: Any) -> None:
        seen[0] += 1
        if seen[0] > nth:
            os.kill(os.getpid(), signal.SIGKILL)

    listen(Engine, event, count)
    try:
        migrate(Path(place), room)
    except BaseException:
        traceback.print_exc()
        sys.exit(3)


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
            child = forked(_migrate, str(place), room, nth, event)
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
