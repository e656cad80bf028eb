"""What a process of Deskhand does once and a process of tests a thousand times, done once by it as well.

For every home that is opened its databases are migrated from nothing, each statement is made into SQL, and
the settings of the environment are read: more than half of what a test with a home takes. Where one is looked
through by meaning, the model's weights are made for it, which takes 2 s, and loaded.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from deskhand.config import environment
from deskhand.connectors import database
from deskhand.index import minilm
from deskhand.index.minilm import weights

MIGRATE = database._upgrade
"""The migrations themselves, for tests that are about them."""

QUANTISE = weights._quantise
"""What makes the model's weights, for tests that are about that."""

Upgrade = Callable[[Engine, str, str, str], None]
Opened = Callable[[Path | str], Engine]


def begin(patch: pytest.MonkeyPatch) -> None:
    """From now on, in this process."""
    patch.setattr(database, "_upgrade", _laid_out(database._upgrade, database._engine))
    patch.setattr(database, "_engine", _compiled(database._engine))
    read = cache(environment._read)
    patch.setattr(environment, "_read", lambda *variable: deepcopy(read(*variable)))
    patch.setattr(weights, "_quantise", _quantised(weights._quantise))
    patch.setattr(minilm, "_session", _shared(minilm._session))


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


def _quantised(quantise: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
    """Makes the weights for the first home, and writes the same for each of the others."""
    of: dict[tuple[Path, int], bytes] = {}

    def quantised(raw: Path, made: Path) -> None:
        if (file := (raw, raw.stat().st_mtime_ns)) not in of:
            quantise(raw, made)
            of[file] = made.read_bytes()
        else:
            made.write_bytes(of[file])

    return quantised


def _shared(session: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """Loads weights once: a session holds nothing of whom it computes for."""
    of: dict[str, Any] = {}

    def shared(ready: Path) -> Any:
        digest = str(json.loads(weights._note(ready).read_text("utf-8"))["sha256"])  # was held against it
        if digest not in of:
            of[digest] = session(ready)
        return of[digest]

    return shared
