"""How fast Google may be asked: a bucket of quota units that fills as time passes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic, sleep

from deskhand.connectors._tries import Pause


class Bucket:
    """Units that may be spent; whoever wants more than there are waits. Safe for several threads.

    In no minute, wherever it begins, more than `per_minute` are given away: a full bucket and all that flows
    into it in a minute are together as much as that.
    """

    def __init__(
        self, per_minute: int, *, burst: int = 0, ticks: Callable[[], float] = monotonic, pause: Pause = sleep
    ) -> None:
        """:param burst: so many lie in a full bucket; a sixth of a minute's by default.
        :param ticks: seconds that pass. :param pause: waits for so many.
        """
        self._most = float(burst or max(1, per_minute // 6))
        self._rate = (per_minute - self._most) / 60
        self._left, self._ticks, self._pause = self._most, ticks, pause
        self._seen = ticks()
        self._lock = Lock()
        self.limit = per_minute
        self.spent = 0
        """Units given away so far."""
        self._lately = deque[tuple[float, int]]()

    def take(self, units: int) -> None:
        """Spend so many, when they are there. Who wants more than the bucket holds waits longer."""
        with self._lock:
            now = self._ticks()
            self._left = min(self._most, self._left + (now - self._seen) * self._rate)
            self._seen = now
            self._left -= units
            self.spent += units
            wait = -self._left / self._rate if self._left < 0 else 0.0
            self._lately.append((now + wait, units))
            self._forget(now)
        if wait:
            self._pause(wait)

    def used(self) -> int:
        """Units given away in the last minute."""
        with self._lock:
            self._forget(self._ticks())
            return sum(units for _, units in self._lately)

    def _forget(self, now: float) -> None:
        while self._lately and self._lately[0][0] <= now - 60:
            self._lately.popleft()


def unlimited() -> Bucket:
    """A bucket for whom nothing is counted."""
    return Bucket(60_000_000)
