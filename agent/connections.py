"""The connected sources of a home: opened when needed, synced into the archive, closed in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskhand.agent.profile import Place
from deskhand.connectors import connect, holds
from deskhand.connectors.archive import Archive
from deskhand.connectors.base import Connector
from deskhand.connectors.errors import Misconfigured, SourceError
from deskhand.connectors.model import Item, Receipt, Removed
from deskhand.connectors.sync import Pass, Progress, sync

if TYPE_CHECKING:
    from deskhand.config.paths import Home

OUTPUTS = "digests"
"""Alias of the folder in the home that digests are written to. Ours: never synced."""


class Connections:
    """Opens each source once, from what the settings say of it."""

    def __init__(
        self, home: Home, archive: Archive, *, described: Mapping[str, tuple[str, Mapping[str, Any]]]
    ) -> None:
        """:param described: kind and options of each source, by alias."""
        self._home, self._archive = home, archive
        self._described = dict(described)
        self._open: dict[str, Connector] = {}
        self._lock = threading.RLock()

    @property
    def aliases(self) -> list[str]:
        """The sources, in the order they were added."""
        return list(self._described)

    def kind(self, alias: str) -> str:
        """What kind of source it is."""
        return self._described[alias][0]

    def plug(self, alias: str, connector: Connector, kind: str = "memory") -> None:
        """Hand in a source that is open already: how tests and other programs bring their own."""
        self._described[alias] = (kind, {})
        self._open[alias] = connector
        self._archive.register(alias, kind)

    def connector(self, alias: str) -> Connector:
        """The source of this alias, opened. :raises Misconfigured: there is none, or it cannot be opened."""
        with self._lock:
            if alias not in self._open:
                self._open[alias] = self._connect(alias)
            return self._open[alias]

    def places(self) -> list[Place]:
        """Every source and what it can do now; one that cannot be opened can do nothing."""
        found = []
        for alias, (kind, _) in self._described.items():
            try:
                able = frozenset(op.name for op in self.connector(alias).operations)
            except SourceError:
                able = frozenset()
            found.append(Place(alias, kind, able, holds(kind)))
        return [*found, Place(OUTPUTS, "files", frozenset({"file.create"}))]

    def sync(
        self,
        aliases: Iterable[str],
        *,
        now: Callable[[], datetime],
        progress: Callable[[Progress], None] = lambda _: None,
        stored: Callable[[], None] = lambda: None,
    ) -> list[Pass]:
        """One pass over each source. One that fails is told in its `Pass`; the others go on."""
        passes = []
        for alias in aliases:
            self._archive.register(alias, self.kind(alias))
            try:
                connector = self.connector(alias)
            except SourceError as error:
                self._archive.passed(alias, now=now(), error=str(error))
                passes.append(Pass(alias, error=str(error)))
                continue
            passes.append(sync(connector, self._archive, now=now, progress=progress, stored=stored))
        return passes

    def seen(self, item: Item | None, receipt: Receipt, *, now: datetime) -> None:
        """Put what was read back after a write into the archive at once, not at the next sync."""
        source = receipt.ref.source
        if source in self._described:
            self._archive.register(source, self.kind(source))
            self._archive.apply(source, [item if item is not None else Removed(receipt.ref)], now=now)

    def unreadable(self) -> tuple[str, ...]:
        """Aliases of sources whose last pass failed: what they hold is not known."""
        return tuple(s.alias for s in self._archive.sources() if s.error and s.alias in self._described)

    def close(self) -> None:
        """Close all that was opened."""
        with self._lock:
            for connector in self._open.values():
                connector.close()
            self._open.clear()

    def _connect(self, alias: str) -> Connector:
        state = self._home.sources / alias
        if alias == OUTPUTS:
            return connect("files", source=alias, state=_private(state), place=str(self._home.outputs))
        if alias not in self._described:
            raise Misconfigured(f"There is no source called {alias}.")
        kind, options = self._described[alias]
        return connect(kind, source=alias, state=_private(state), **options)


def try_out(kind: str, *, alias: str, state: Path, options: Mapping[str, Any]) -> Sequence[str]:
    """Open a source for once, before it is added; the operations it offers.

    :raises Misconfigured: unknown kind or option, or a place that cannot work.
    """
    connector = connect(kind, source=alias, state=_private(state), **options)
    try:
        return [op.name for op in connector.operations]
    finally:
        connector.close()


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
