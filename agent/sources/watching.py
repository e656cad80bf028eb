"""Listens to the sources that say by themselves when something changed, so that it is seen at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from deskhand.agent.sources.connections import Connections
from deskhand.connectors.base import Watched


class Watching:
    """A thread for each source that can be listened to. Used by one thread."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        """:param changed: told the alias, in another thread, whenever something may have changed there."""
        self._changed = changed
        self._heard: dict[str, tuple[object, threading.Event]] = {}
        """The connector that is listened to, and what ends it."""

    def refresh(self, connections: Connections) -> None:
        """Listen to every source that is connected now, and to none that is not (any more)."""
        sources: dict[str, object] = {}
        for alias in connections.aliases:
            try:
                sources[alias] = connections.connector(alias)
            except Exception:  # noqa: S112 - whatever it is, a pass says why, and the others are listened to
                continue
        for alias, (connector, stop) in list(self._heard.items()):
            if sources.get(alias) is not connector:
                stop.set()
                del self._heard[alias]
        for alias, connector in sources.items():
            if alias not in self._heard and isinstance(connector, Watched):
                stop = threading.Event()
                self._heard[alias] = (connector, stop)
                threading.Thread(
                    target=connector.watch, args=(lambda alias=alias: self._changed(alias), stop),
                    name=f"deskhand-watch-{alias}", daemon=True,
                ).start()  # fmt: skip

    def close(self) -> None:
        """Listen no more; the threads end by themselves."""
        for _, stop in self._heard.values():
            stop.set()
        self._heard.clear()
