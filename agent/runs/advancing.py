"""Runs are driven here: the engine and the graph under it, started when they are first needed.

`advance(run)` drives a run until it is over or waits, and ends; what stood in the way is known afterwards.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from deskhand.agent.model import FINISHED, Run
from deskhand.agent.records.state import Note, Records
from deskhand.agent.runs.progress import Progress
from deskhand.agent.runs.takeover import taken_over
from deskhand.agent.runs.work import Work
from deskhand.connectors.database import StorageError

if TYPE_CHECKING:
    from deskhand.agent.runs.engine import Engine
    from deskhand.agent.runs.graph import Graph


class Advancing:
    """What drives the runs of a home. Safe for several threads."""

    def __init__(
        self,
        records: Records,
        *,
        checkpoints: Path,
        kind: str,
        url: str,
        now: Callable[[], datetime],
        get: Callable[[str], Run],
        work: Callable[[Run], Work],
        held: Callable[[str], None],
        keep: Callable[[], timedelta],
    ) -> None:
        """:param checkpoints: the database of the graph.
        :param kind: of the engine: "dbos", with the `url` of its database, or "memory" for the twin in this
            process.
        :param get: a run by its id; raises LookupError where there is none.
        :param work: a run with what it is carried out with.
        :param held: told of a run that was driven, for what it holds may wait for its time.
        :param keep: for how long the checkpoints of a run that is over are kept.
        """
        self._records, self._checkpoints, self._kind, self._url = records, checkpoints, kind, url
        self._now, self._get, self._work, self._held, self._keep = now, get, work, held, keep
        self._engine: Engine | None = None
        self._graph: Graph | None = None
        self._stuck: dict[str, str] = {}
        self._under_way: dict[str, Progress] = {}
        self._lock = threading.RLock()

    @property
    def engine(self) -> Engine:
        """The engine, started when it is first needed."""
        with self._lock:
            if self._engine is None:
                self._engine = self._start()
            return self._engine

    @property
    def graph(self) -> Graph:
        """The graph, compiled when it is first needed."""
        with self._lock:
            if self._graph is None:
                from deskhand.agent.runs.graph import Graph

                self._graph = Graph(self._checkpoints)
            return self._graph

    @property
    def begun(self) -> tuple[Engine, Graph] | None:
        """Engine and graph, where runs are at work anyway; it starts neither."""
        return None if self._engine is None or self._graph is None else (self._engine, self._graph)

    def under_way(self) -> set[str]:
        """Runs that the engine has now; it is not started for that."""
        with self._lock:
            return set(self._engine.list()) if self._engine is not None else set()

    def stuck(self, run: str) -> str:
        """What stood in the way of a run that was driven, told once; "" where nothing did."""
        return self._stuck.pop(run, "")

    def stop(self, run: str) -> None:
        """Begin nothing more of a run, and wait no longer for what reads."""
        with self._lock:
            if (progress := self._under_way.get(run)) is not None:
                progress.stop()

    def advance(self, run: str) -> None:
        """Drive a run as far as it goes. What goes wrong is written into the run, never raised."""
        try:
            found = self._get(run)
            if found.status not in FINISHED and not taken_over(found, self._records, now=self._now()):
                return
            if found.status not in FINISHED:
                work = self._work(found)
                with self._lock:
                    self._under_way[run] = work.progress
                    # Whoever stopped it before that saw nobody to tell; whoever does after it, does.
                    if work.progress.stopped:
                        work.progress.stop()
                try:
                    self.graph.advance(work)
                finally:
                    work.on.account.flush()
                found = self._get(run)
            if found.status in FINISHED and not self._keep():
                self.graph.forget(run)
            self._held(run)
        except (sqlite3.Error, StorageError) as error:
            # The disk, not the run: it stays as it is, and whoever waits for it is told.
            self._stuck[run] = (
                f"{error} {run} goes on with deskhand sync, or any other command that does something."
            )
        except Exception as error:
            # A defect of ours: the run must not stay "running" for ever, and a person must be told. The
            # trace keeps what a developer needs.
            import traceback

            now = self._now()
            self._records.set_run(
                run, now=now, notes=[Note("broke", now, {"trace": traceback.format_exc(limit=-8)})],
                status="failed",
                answer=f"Something in Deskhand itself went wrong ({type(error).__name__}: {error}). "
                f"What was done is in the ledger: deskhand show {run}",
            )  # fmt: skip
        finally:
            with self._lock:
                self._under_way.pop(run, None)

    def close(self) -> None:
        """Finish the advances under way and let go of both."""
        with self._lock:
            engine = self._engine
        if engine is not None:
            engine.close()  # not within the lock: a run that it waits for may need it yet
        with self._lock:
            self._engine = None
            if self._graph is not None:
                self._graph.close()
                self._graph = None

    def _start(self) -> Engine:
        if self._kind == "dbos":
            from deskhand.agent.runs import engine_dbos

            if not engine_dbos.running():
                return engine_dbos.Durable(self.advance, url=self._url)
        from deskhand.agent.runs.engine import InProcess

        return InProcess(self.advance)
