"""Writes events as `_ics_writes` does, with what is Outlook's own."""

from __future__ import annotations

from pathlib import Path

from deskhand.connectors._ics_writes import Writes
from deskhand.connectors._msgcal_event import alias_of
from deskhand.connectors._msgcal_shelf import GraphShelf
from deskhand.connectors.operations import Operation

OPERATIONS: tuple[type[Operation], ...] = ()


class GraphWrites(Writes):
    """The writing half of a Microsoft account's calendars."""

    def __init__(self, source: str, state: Path, shelf: GraphShelf, me: str, *, account: str) -> None:
        super().__init__(source, state, shelf, me, uid=alias_of)
        self._account = account
