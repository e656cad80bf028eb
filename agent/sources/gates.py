"""The gate in front of a source: so many calls at once, none waits without end, who hangs is noticed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from types import TracebackType

from deskhand.connectors.errors import Transient

PATIENCE = 90.0
"""Seconds that a call waits for others before it gives up; less than the time a step has."""

HUNG = 120.0
"""Seconds after which a call is taken to hang: a step waits no longer for one (`trials.TIMEOUT`)."""


class Gate:
    """Entered for the length of each call to one source. Safe for several threads."""

    def __init__(
        self,
        source: str,
        at_once: int = 1,
        *,
        patience: float = PATIENCE,
        hung: float = HUNG,
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self._source, self._patience, self._hung, self._ticks = source, patience, hung, ticks
        self._free = threading.BoundedSemaphore(at_once)
        self._since: dict[int, float] = {}

    def __enter__(self) -> Gate:
        """:raises Transient: others were in it all the while; nothing was asked."""
        if not self._free.acquire(timeout=self._patience):
            raise Transient(
                f"{self._source} has not answered an earlier call for {self._patience:g} seconds, so it was "
                "not asked; try again later."
            )
        self._since[threading.get_ident()] = self._ticks()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        self._since.pop(threading.get_ident(), None)
        self._free.release()

    @property
    def hangs(self) -> bool:
        """Whether a call in it does not come back any more, as far as one can tell."""
        now = self._ticks()
        return any(now - since >= self._hung for since in list(self._since.values()))
