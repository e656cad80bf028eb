"""Who advances runs: the `Engine` protocol, and a twin of it that lives in one process.

A run is advanced by `advance(run_id)`, which drives it until it is done or waits for a person and then
ends. Whatever enqueues it (a request, a decision, a due time, a restart) only has to call `submit`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
        """Drop the advances of a run that have not begun; one under way ends by itself."""
        ...

    def list(self) -> list[str]:
        """Runs with an advance under way or waiting, sorted."""
        ...

    def tidy(self) -> int:
        """Drop what it keeps of advances that have ended: the runs themselves tell all. How many."""
        ...

    def close(self) -> None:
        """End: advances under way are finished, the rest is left to the next start."""
        ...


class InProcess:
    """The twin: a thread pool. After a crash nothing is lost, for each start asks the runs' own table."""

    def __init__(self, advance: Advance, *, workers: int = 4) -> None:
        self._advance = advance
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="deskhand-run")
        self._ended = threading.Condition()
        self._left: dict[str, int] = {}
        """Advances of each run not ended yet, the one under way among them."""
        self._closed = False

    def submit(self, run: str) -> None:
        with self._ended:
            if run not in self._left:
                # Before it is counted: after `close` the pool refuses.
                self._pool.submit(self._drive, run)
            self._left[run] = self._left.get(run, 0) + 1

    def wait(self, run: str, timeout: float | None = None) -> bool:
        with self._ended:
            return self._ended.wait_for(lambda: run not in self._left, timeout)

    def cancel(self, run: str) -> None:
        with self._ended:
            if run in self._left:
                self._left[run] = 1

    def list(self) -> list[str]:
        with self._ended:
            return sorted(self._left)

    def tidy(self) -> int:
        return 0  # it keeps nothing

    def close(self) -> None:
        with self._ended:
            self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _drive(self, run: str) -> None:
        """One thread for a run, however often it is submitted, so that no worker waits for another."""
        more = True
        while more:
            try:
                self._advance(run)
            finally:
                with self._ended:
                    self._left[run] -= 1
                    more = self._left[run] > 0 and not self._closed
                    if not more:
                        del self._left[run]
                        self._ended.notify_all()
