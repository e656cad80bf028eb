"""What a process of Deskhand does once and a process of tests a thousand times, done once by it as well.

For every home that is opened its databases are migrated from nothing, each statement is made into SQL, and
the settings of the environment are read: more than half of what a test with a home takes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from deskhand.config import environment
from deskhand.connectors import database

MIGRATE = database._upgrade
"""The migrations themselves, for tests that are about them."""

Upgrade = Callable[[Engine, str, str, str], None]
Opened = Callable[[Path | str], Engine]


def begin(patch: pytest.MonkeyPatch) -> None:
    """From now on, in this process."""
    patch.setattr(database, "_upgrade", _laid_out(database._upgrade, database._engine))
    patch.setattr(database, "_engine", _compiled(database._engine))
    read = cache(environment._read)
    patch.setattr(environment, "_read", lambda *variable: deepcopy(read(*variable)))


def _laid_out(upgrade: Upgrade, opened: Opened) -> Upgrade:
    """Makes of an empty database what the migrations made of the first one, by the fewest statements."""

    @cache
    def outcome(*room: str) -> tuple[str, ...]:
        with TemporaryDirectory() as folder:
            place = Path(folder) / "room.db"
            engine = opened(place)
            upgrade(engine, *room)
            engine.dispose()
            with closing(sqlite3.connect(place)) as db:
                return tuple(s for s in db.iterdump() if s not in ("BEGIN TRANSACTION;", "COMMIT;"))

    def laid_out(engine: Engine, *room: str) -> None:
        empty = False
        if engine.dialect.name == "sqlite":
            made = outcome(*room)
            with database.writing(engine) as db:
                empty = not db.exec_driver_sql("SELECT 1 FROM sqlite_master").first()
                for statement in made if empty else ():
                    db.exec_driver_sql(statement)
        if not empty:
            upgrade(engine, *room)

    return laid_out


def _compiled(opened: Opened) -> Opened:
    """Engines that share what statements were made into."""
    made, first = LRUCache(4096), []

    def shared(place: Path | str) -> Engine:
        engine = opened(place)
        if engine.dialect.name == "sqlite":
            first[:] = first or [engine.dialect]
            engine.dialect = engine.pool._dialect = first[0]
            engine._compiled_cache = made
        return engine

    return shared
