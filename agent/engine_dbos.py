"""The engine on DBOS: advances are durable workflows, on SQLite with no server, on PostgreSQL by a URL.

The only file that imports dbos. There can be one per process; whoever opens a second home at the same
time in one process gets the in-process twin for it (`running` tells).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from importlib.metadata import version

from dbos import DBOS, DBOSConfig, SetWorkflowID, WorkflowStatus

from deskhand.agent.engine import Advance

_claim = threading.Lock()
"""Held while DBOS is launched: it is one per process, so this is module state by its nature."""

DRAIN_SECONDS = 60


def running() -> bool:
    """Whether DBOS is in use in this process."""
    return _claim.locked()


class Durable:
    """The engine of a home; `url` names its system database (`sqlite:///...` or `postgresql://...`)."""

    def __init__(self, advance: Advance, *, url: str, worker: str = "local") -> None:
        if not _claim.acquire(blocking=False):
            raise RuntimeError("DBOS runs in this process already")
        self._ended = threading.Condition(threading.RLock())
        self._active: dict[str, int] = {}
        self._turns: dict[str, threading.Lock] = {}
        try:
            self._launch(advance, url, worker)
        except BaseException:
            DBOS.destroy(destroy_registry=True)
            _claim.release()
            raise

    def submit(self, run: str) -> None:
        # One advance after another, numbered: the id makes a repeated submit of the same number one workflow.
        with self._ended:
            self._active[run] = self._active.get(run, 0) + 1
            with SetWorkflowID(f"{run}/{len(self._of(run)) + 1}"):
                DBOS.start_workflow(self._workflow, run)

    def wait(self, run: str, timeout: float | None = None) -> bool:
        # Advances end in this process, so their end wakes us; the table is asked only then, not polled.
        with self._ended:
            return self._ended.wait_for(lambda: not self._active.get(run), timeout)

    def cancel(self, run: str) -> None:
        for status in self._of(run):
            if status.status in ("PENDING", "ENQUEUED"):
                DBOS.cancel_workflow(status.workflow_id)

    def close(self) -> None:
        # We know what is under way, so we wait for that; DBOS's own wait sleeps a second at the least.
        with self._ended:
            self._ended.wait_for(lambda: not any(self._active.values()), DRAIN_SECONDS)
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=0)
        _claim.release()

    def _launch(self, advance: Advance, url: str, worker: str) -> None:
        logging.getLogger("dbos").setLevel(logging.ERROR)
        config: DBOSConfig = {
            "name": "deskhand",
            "system_database_url": url,
            # Recovery is per version: the steps of a run are ours, and keep their meaning over releases.
            "application_version": f"deskhand-{version('deskhand').partition('.')[0]}",
            "executor_id": worker,
            "log_level": "ERROR",
            # These threads are joined when a command ends; a second's sleep would be felt each time.
            "notification_listener_polling_interval_sec": 0.1,
            "scheduler_polling_interval_sec": 0.1,
            "enable_otlp": False,
        }
        DBOS(config=config)

        @DBOS.workflow(name="advance")
        def workflow(run: str) -> None:
            try:
                with self._turn(run):
                    DBOS.run_step({"name": "advance"}, advance, run)
            finally:
                with self._ended:
                    self._active[run] = max(0, self._active.get(run, 0) - 1)
                    self._ended.notify_all()

        self._workflow = workflow
        DBOS.launch()

    def _turn(self, run: str) -> threading.Lock:
        with self._ended:
            return self._turns.setdefault(run, threading.Lock())

    def _of(self, run: str) -> Sequence[WorkflowStatus]:
        return DBOS.list_workflows(workflow_id_prefix=f"{run}/", load_input=False, load_output=False)

    def list(self) -> list[str]:
        found = DBOS.list_workflows(status=["PENDING", "ENQUEUED"], load_input=False, load_output=False)
        return sorted({w.workflow_id.rpartition("/")[0] for w in found})
