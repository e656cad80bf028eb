"""Has a run go on when the time of what it holds has come, as long as this process lives."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Alarm:
    """Rings once for each key. What was not rung for when it is closed is left to the next process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timers: dict[str, threading.Timer] = {}
        self._rung: set[str] = set()
        self._closed = False

    @property
    def rung(self) -> frozenset[str]:
        """The keys whose seconds have passed, by a clock that never stands still."""
        with self._lock:
            return frozenset(self._rung)

    def set(self, key: str, seconds: float, ring: Callable[[], None]) -> None:
        """Call `ring` after so many seconds, in a thread of its own; a key that waits already waits on."""

        def rings() -> None:
            with self._lock:
                if self._closed or self._timers.pop(key, None) is None:
                    return
                self._rung.add(key)
                ring()

        with self._lock:
            if self._closed or key in self._timers or key in self._rung:
                return
            timer = threading.Timer(max(0.0, seconds), rings)
            timer.daemon = True
            self._timers[key] = timer
            timer.start()

    def close(self) -> None:
        """Ring no more. Nothing rings after it has returned."""
        with self._lock:
            self._closed = True
            timers = list(self._timers.values())
            self._timers.clear()
        for timer in timers:
            timer.cancel()
            timer.join()
