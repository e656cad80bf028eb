"""What is asked of Graph to make one state of an event another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from deskhand.connectors._gcal_event import Json, master_of
from deskhand.connectors._graph import Graph
from deskhand.connectors._ics_file import Opened
from deskhand.connectors._msgcal_account import Calendar
from deskhand.connectors._msgcal_find import Finding
from deskhand.connectors._msgcal_notes import Notes
from deskhand.connectors.errors import Unsupported

NEW = "new="
"""How the name of an event begins that is not there yet."""


def called(events: Sequence[Json]) -> bool:
    """Whether whose calendar it lies in is its organizer."""
    event = master_of(events) or (events[0] if events else {})
    organizer = event.get("organizer") or {}
    return not organizer or bool(organizer.get("self"))


class Writing:
    """Writes to the calendars of an account."""

    def __init__(
        self, graph: Graph, finding: Finding, notes: Notes, me: str, fetched: Callable[..., Any]
    ) -> None:
        self._graph, self._finding, self._notes, self._me = graph, finding, notes, me
        self._fetched = fetched

    def create(self, calendar: Calendar, new: bytes) -> tuple[str, str, str]:
        raise Unsupported("It is only read.")

    def delete(self, calendar: Calendar, events: Sequence[Json]) -> bool:
        raise Unsupported("It is only read.")

    def change(self, calendar: Calendar, name: str, old: Opened, new: bytes) -> bool:
        raise Unsupported("It is only read.")
