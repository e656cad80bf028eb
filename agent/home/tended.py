"""What keeps an opened home well: what is wrong with it, and what makes itself anew (`deskhand doctor`)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from deskhand.agent.home.connected import Connected
from deskhand.agent.home.guests import problems_of
from deskhand.connectors.database import StorageError


class Tended(Connected):
    """A home that is looked after."""

    def check(self) -> list[str]:
        """What is wrong with this home, each in a sentence; [] when nothing is."""
        return [*self.check_index(), *self.check_beside_index()]

    def check_index(self) -> list[str]:
        """What is wrong that a rebuilt index mends."""
        return self.index.check(self.archive)

    def check_beside_index(self) -> list[str]:
        """What else is wrong."""
        problems = self.archive.check()
        problems += problems_of(self.settings, self._secrets)
        problems += filter(None, [self._secrets.store.problem()])
        unopened = {p.alias: p.problem for p in self.connections.places()}
        for state in self.sources():
            error = state.error or unopened.get(state.alias, "")
            if error and state.alias in self.connections.aliases:
                problems.append(f"source {state.alias}: {error}")
        try:
            unfinished = self.runs_room.records.unfinished()
        except StorageError as error:
            return [*problems, self._without_runs(error)]
        for run in unfinished:
            problems.append(f"run {run} was under way when its process ended; it goes on with deskhand sync")
        return problems

    def _without_runs(self, error: StorageError) -> str:
        """What to do where what is kept of runs cannot be opened. Checkpoints go with it: runs are numbered
        anew then, and would take up those of others."""
        said, root = str(error).removesuffix(" Run: deskhand doctor"), self.home.root
        theirs = ("runs.db", "audit.head", "checkpoints.db", "engine.db")
        there = sorted(p.name for p in root.iterdir() if re.sub("-(wal|shm)$", "", p.name) in theirs)
        return (
            f"{said} Put a copy of it back. Without one, what was asked, decided, scheduled and allowed for "
            "always is lost, and the ledger that undo goes by; what was written at your sources stays "
            f"there. To begin anew, say cd {shlex.quote(str(root))} && mkdir damaged && mv {' '.join(there)} "
            "damaged"
        )

    def set_aside(self) -> list[str]:
        """Move damaged files away that make themselves anew; their names. Before anything is open."""
        import sqlite3

        moved = []
        for path in (self.home.checkpoints, self.home.engine):
            try:
                with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
                    sound = db.execute("PRAGMA quick_check").fetchone() == ("ok",)
            except sqlite3.DatabaseError:
                sound = not path.exists()
            if not sound:
                path.replace(path.with_name(f"{path.name}.damaged"))
                for beside in ("-wal", "-shm"):
                    path.with_name(path.name + beside).unlink(missing_ok=True)
                moved.append(path.name)
        return moved

    def rebuild(self, *, progress: Callable[[int, int], None] | None = None) -> int:
        """Make the index anew from the archive; the number of passages embedded."""
        self.index.rebuild()
        self._read()
        return self.index.embed(progress=progress)
