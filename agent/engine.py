"""Who advances runs: the `Engine` protocol, and a twin of it that lives in one process.

A run is advanced by `advance(run_id)`, which drives it until it is done or waits for a person and then
ends. Whatever enqueues it (a request, a decision, a due time, a restart) only has to call `submit`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Protocol

Advance = Callable[[str], None]
"""Drives one run as far as it goes. Never raises: what went wrong is written into the run."""


class Engine(Protocol):
    """Runs `advance` for runs, each run by one thread at a time."""

    def submit(self, run: str) -> None:
        """Have a run advanced, soon. Again and again is fine; each call is one more advance."""
        ...

    def wait(self, run: str, timeout: float | None = None) -> bool:
        """Wait until every advance submitted for a run so far has ended; False when time ran out."""
        ...

    def cancel(self, run: str) -> None:
        """Drop the advances of a run that have not begun."""
        ...

    def list(self) -> list[str]:
        """Runs with an advance under way or waiting, sorted."""
        ...

    def close(self) -> None:
        """End: advances under way are finished, the rest is left to the next start."""
        ...


class InProcess:
    """The twin: a thread pool. After a crash nothing is lost, for the runs' own table is asked at each start."""

    def __init__(self, advance: Advance, *, workers: int = 4) -> None:
        self._advance = advance
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="deskhand-run")
        self._lock = threading.Lock()
        self._pending: dict[str, list[Future[None]]] = {}
        self._turn: dict[str, threading.Lock] = {}

    def submit(self, run: str) -> None:
        with self._lock:
            turn = self._turn.setdefault(run, threading.Lock())
            future = self._pool.submit(self._one, run, turn)
            self._pending.setdefault(run, []).append(future)

    def wait(self, run: str, timeout: float | None = None) -> bool:
        with self._lock:
            pending = list(self._pending.get(run, ()))
        left = wait(pending, timeout).not_done
        with self._lock:
            self._pending[run] = [f for f in self._pending.get(run, ()) if not f.done()]
            if not self._pending[run]:
                del self._pending[run]
        return not left

    def cancel(self, run: str) -> None:
        with self._lock:
            for future in self._pending.get(run, ()):
                future.cancel()

    def list(self) -> list[str]:
        with self._lock:
            return sorted(r for r, futures in self._pending.items() if not all(f.done() for f in futures))

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _one(self, run: str, turn: threading.Lock) -> None:
        with turn:
            self._advance(run)
