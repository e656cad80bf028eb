"""Who watches a run is told each of its events, once and in order, soon after it is on the disk."""

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
    """One watch over one run: what was told already is not told again."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._seq = tell, 0

    def wait(self, engine: Engine, records: Records, run: str, timeout: float | None = None) -> None:
        """Wait until a run goes no further by itself, `timeout` seconds at the most; tell what happens."""
        until = time.monotonic() + timeout if timeout is not None else inf
        ended = False
        while not ended and time.monotonic() < until:
            ended = engine.wait(run, max(0.0, min(OFTEN, until - time.monotonic())))
            for event in records.events(run, since=self._seq):
                self._seq = event.seq
                self._tell(event)


def events(
    engine: Engine, records: Records, run: str, *, since: int = 0, wait: float = 0.0
) -> tuple[list[Event], bool]:
    """What happened in a run after the event numbered `since`, and whether nothing more comes by itself.

    :param wait: seconds to wait for something to happen, where nothing has yet.
    """
    until = time.monotonic() + wait
    while True:
        over = run not in engine.list()  # asked first: what is written after that is seen below
        found = records.events(run, since=since)
        if found or over or time.monotonic() >= until:
            return found, over
        engine.wait(run, OFTEN)
