"""Who watches is told each event of the runs that are waited for, once and in order, soon after it is on the
disk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

from deskhand.agent.model import Event
from deskhand.agent.records.state import Records
from deskhand.agent.runs.engine import Engine

Tell = Callable[[Event], None]
"""Told an event of a run. What it raises goes to whoever waits for the run, which goes on."""

OFTEN = 0.05
"""Seconds between two looks."""


class Watching:
    """One watch over all that a command waits for: what was told already is not told again."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._seq = tell, dict[str, int]()

    def from_now(self, records: Records, run: str) -> None:
        """Of a run that began before, tell only what happens from now on."""
        if run not in self._seq:
            events = records.events(run)
            self._seq[run] = events[-1].seq if events else 0

    def wait(self, engine: Engine, records: Records, run: str, timeout: float | None = None) -> None:
        """Wait until a run goes no further by itself, `timeout` seconds at the most; tell what happens."""
        until = time.monotonic() + timeout if timeout is not None else inf
        ended = False
        while not ended and time.monotonic() < until:
            ended = engine.wait(run, max(0.0, min(OFTEN, until - time.monotonic())))
            for event in records.events(run, since=self._seq.get(run, 0)):
                self._seq[run] = event.seq
                self._tell(event)
