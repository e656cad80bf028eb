"""The engine on DBOS: advances are durable workflows, on SQLite with no server, on PostgreSQL by a URL.

The only file that imports dbos. There can be one per process; whoever opens a second home at the same
time in one process gets the in-process twin for it (`running` tells).
"""

from __future__ import annotations

import logging
import threading
from importlib.metadata import version

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from deskhand.agent.runs.engine import Advance

_NEVER = logging.CRITICAL + 1
_claim = threading.Lock()
"""Held while DBOS is launched: it is one per process, so this is module state by its nature."""


def running() -> bool:
    """Whether DBOS is in use in this process."""
    return _claim.locked()


class Durable:
    """The engine of a home; `url` names its system database (`sqlite:///...` or `postgresql://...`)."""

    def __init__(self, advance: Advance, *, url: str, worker: str = "local") -> None:
        if not _claim.acquire(blocking=False):
            raise RuntimeError("DBOS runs in this process already")
        self._advance = advance
        self._ended = threading.Condition(threading.RLock())
        self._left: dict[str, set[str]] = {}
        """Workflows of each run that have not ended: submitted here, or taken up after a crash."""
        self._dropped: set[str] = set()
        self._turns: dict[str, threading.Lock] = {}
        self._closed = False
        try:
            self._launch(url, worker)
        except BaseException:
            DBOS.destroy(destroy_registry=True)
            _claim.release()
            raise

    def submit(self, run: str) -> None:
        # The lock is held until the workflow is counted: it cannot end before that.
        with self._ended:
            if self._closed:
                raise RuntimeError("the engine is closed")
            handle = DBOS.start_workflow(self._workflow, run)
            self._left.setdefault(run, set()).add(handle.workflow_id)

    def wait(self, run: str, timeout: float | None = None) -> bool:
        with self._ended:
            return self._ended.wait_for(lambda: run not in self._left, timeout)

    def cancel(self, run: str) -> None:
        with self._ended:
            self._dropped |= self._left.get(run, set())

    def list(self) -> list[str]:
        with self._ended:
            return sorted(self._left)

    def tidy(self) -> int:
        ended = DBOS.list_workflows(
            name="advance", status=["SUCCESS", "ERROR", "CANCELLED"], load_input=False, load_output=False
        )
        ids = [w.workflow_id for w in ended]
        if ids:
            DBOS.delete_workflows(ids)
        return len(ids)

    def close(self) -> None:
        with self._ended:
            self._closed = True
            # We know what is under way, so we wait for that; DBOS's own wait sleeps a second at the least.
            self._ended.wait_for(lambda: not self._left)
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=0)
        _claim.release()

    def _launch(self, url: str, worker: str) -> None:
        log = logging.getLogger("dbos")
        # What goes wrong in an advance stands in its run, and what the engine's own database says is raised:
        # its log would put traces with SQL between a person and that.
        log.setLevel(_NEVER)
        # DBOS writes to the stderr of its first launch, and fails where that is closed by now.
        for stale in [h for h in log.handlers if h.name == "__dbos_console_log_handler__"]:
            log.removeHandler(stale)
        config: DBOSConfig = {
            "name": "deskhand",
            "system_database_url": url,
            # Recovery is per version: the steps of a run are ours, and keep their meaning over releases.
            "application_version": f"deskhand-{version('deskhand').partition('.')[0]}",
            "executor_id": worker,
            # What DBOS keeps is data: its own default is pickle, which a file on the disk could make run.
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "CRITICAL",
            # These threads are joined when a command ends; a second's sleep would be felt each time.
            "notification_listener_polling_interval_sec": 0.1,
            "scheduler_polling_interval_sec": 0.1,
            "enable_otlp": False,
        }
        DBOS(config=config)
        log.setLevel(_NEVER)  # it goes by its own configuration from there on

        @DBOS.workflow(name="advance")
        def workflow(run: str) -> None:
            id_ = DBOS.workflow_id or ""
            with self._ended:
                self._left.setdefault(run, set()).add(id_)
                turn = self._turns.setdefault(run, threading.Lock())
            try:
                with turn:
                    # No DBOS step inside: an advance may be repeated, so one row about it is enough.
                    if id_ not in self._dropped and not self._closed:
                        self._advance(run)
            finally:
                self._end(run, id_)

        self._workflow = workflow
        DBOS.launch()

    def _end(self, run: str, id_: str) -> None:
        with self._ended:
            self._dropped.discard(id_)
            self._left[run].discard(id_)
            if not self._left[run]:
                del self._left[run], self._turns[run]
                self._ended.notify_all()
