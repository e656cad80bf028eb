"""A database that is brought forward, also in a process that dies before or after one of the statements.

Here and not in its test: a forked copy has to find it by its name, whichever way pytest was begun.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import made_once
from sqlalchemy import Engine
from sqlalchemy.event import listen

from deskhand.connectors import database


def migrate(place: Path, room: tuple[str, str], head: str = "") -> None:
    """Make or bring forward the database of a room (its package, its table of versions)."""
    package, table = room
    head = head or import_module(f"{package}.tables").HEAD
    database.open_database(
        place, migrations=f"{package}.migrations", version_table=table, head=head
    ).dispose()


def killed_migrating(place: str, room: tuple[str, str], nth: int, event: str) -> None:
    """The same in a process of its own, which dies at the (nth + 1)-th statement.

    :param event: SQLAlchemy's name for the moment, before or after it.
    """
    database._upgrade = made_once.MIGRATE
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
