"""Looks for single events at Graph: by where they are, by their UID, by what we noted in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from deskhand.connectors._calendar_event import Json, moment_of, original
from deskhand.connectors._global_id import wrapped
from deskhand.connectors._graph import Graph
from deskhand.connectors._msgcal_event import (
    KEPT,
    MADE,
    OURS,
    PREFER,
    PROPERTIES,
    SELECT,
    UID,
    is_alias,
    kept,
    shaped,
)
from deskhand.connectors._msgcal_list import Calendar
from deskhand.connectors._msgcal_pass import Group, groups_of, place_of_event
from deskhand.connectors._tries import Refused
from deskhand.connectors.errors import Missing, SourceError

_LONGEST_UID = 1_000
_NEAR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """What asks Graph for events of an account."""

    graph: Graph
    mine: Callable[[], Sequence[str]]
    """The account's addresses, lower case."""

    def one(self, calendar: str, id_: str) -> dict[str, Any] | None:
        """One event, series or occurrence as it is now, as Graph names it; None where it is not there."""
        query = urlencode({"$select": SELECT, "$expand": OURS}, safe="$,()", quote_via=quote)
        try:
            return self.graph.get(f"{place_of_event(calendar, id_)}?{query}", prefer=PREFER)
        except Missing:
            return None

    def group(self, calendar: str, id_: str) -> Group | None:
        """An event, or a series with its exceptions and what we noted in them."""
        said = self.one(calendar, id_)
        if said is None:
            return None
        (got,) = groups_of(
            self.graph, calendar, [(id_, said.get("type") == "seriesMaster")], self.mine()
        )  # fmt: skip
        if isinstance(got, SourceError):
            raise got
        return got and self._noted(calendar, got)

    def instance(self, calendar: str, master: Json, at: datetime) -> dict[str, Any] | None:
        """The occurrence of a series that would be at this time, as `_calendar_event` names it."""
        window = {"startDateTime": stamp(at - _NEAR), "endDateTime": stamp(at + _NEAR)}
        query = urlencode({**window, "$select": SELECT, "$top": "100"}, safe="$,", quote_via=quote)
        path = f"{place_of_event(calendar, str(master['id']))}/instances?{query}"
        for page in self.graph.pages(path, prefer=PREFER):
            for row in page.get("value") or ():
                event = shaped(row, self.mine(), master)
                if moment_of(original(event)) == at:
                    return event
        return None

    def search(
        self, calendars: Iterable[Calendar], native: str, *, sure: bool = False
    ) -> tuple[Calendar, dict[str, Any]] | None:
        """The event that a native id means, the first calendar first.

        :param sure: a search that Graph refuses is not taken for one that finds nothing: it is raised.
        """
        if not native or len(native) > _LONGEST_UID:
            return None
        asked = [_with(MADE, native)] if is_alias(native) else [
            f"iCalUId eq '{_quoted(native)}'", f"iCalUId eq '{_quoted(wrapped(native))}'",
            _with(UID, native),
        ]  # fmt: skip
        for calendar in calendars:
            for filter_ in asked:
                for row in self._filtered(calendar.id, filter_, sure=sure):
                    if not kept(row).get(UID) or filter_ == asked[-1]:
                        return calendar, row
        return None

    def _filtered(self, calendar: str, filter_: str, *, sure: bool) -> list[dict[str, Any]]:
        query = {"$filter": filter_, "$select": SELECT, "$expand": OURS, "$top": "10"}
        path = f"/me/calendars/{quote(calendar, safe='')}/events"
        text = urlencode(query, safe="$,()':/", quote_via=quote)
        try:
            return list(self.graph.get(f"{path}?{text}", prefer=PREFER).get("value") or ())
        except (Missing, Refused):
            if sure:
                raise
            return []

    def _noted(self, calendar: str, group: Group) -> Group:
        """The same with what we noted in single occurrences, which comes only when each is asked for."""
        todo = [e for e in group.events[1:] if e["status"] != "cancelled"]
        query = urlencode({"$select": "id", "$expand": OURS}, safe="$,()", quote_via=quote)
        paths = [f"{place_of_event(calendar, e['id'])}?{query}" for e in todo]
        for event, said in zip(todo, self.graph.together(paths), strict=True):
            if not isinstance(said, SourceError):
                event["extendedProperties"] = {"private": kept(said)}
        return group


def _with(name: str, value: str) -> str:
    return f"{KEPT}/any(ep:ep/id eq '{PROPERTIES[name]}' and ep/value eq '{_quoted(value)}')"


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
