"""The calendars of a Microsoft account: which there are, whose they are, and what may be done with each.

https://learn.microsoft.com/en-us/graph/api/resources/calendar
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deskhand.connectors._graph import Graph

_SELECT = "id,name,owner,canEdit,isDefaultCalendar"


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar of the account's list."""

    id: str
    title: str
    owner: str
    """Address, lower case; empty where Graph does not tell."""
    primary: bool = False
    writable: bool = False
    mine: bool = True
    """The account's own; else somebody shares it, or Graph does not tell whose it is."""

    @property
    def unasked(self) -> bool:
        """See `OneCalendar.unasked`: the account's own."""
        return self.mine or not self.owner

    @property
    def takes_new(self) -> bool:
        """An own one: what is put there unasked is put before nobody else."""
        return self.writable and self.mine

    @property
    def person(self) -> str:
        """Whose it is, where that is somebody else; lower case."""
        return "" if self.mine else self.owner

    def own(self, me: str) -> bool:
        """What stands in it is the person's own, or a delegate's of hers; not what she has subscribed to."""
        return self.mine and (self.primary or self.writable)


def calendars_of(graph: Graph, address: str) -> list[Calendar]:
    """All that are listed there. :raises SourceError: Graph cannot be asked."""
    rows: list[Mapping[str, Any]] = []
    for page in graph.pages("/me/calendars", {"$select": _SELECT, "$top": "100"}):
        rows += [r for r in page.get("value") or () if isinstance(r, Mapping) and r.get("id")]
    # Whoever owns the default calendar has the account, under whatever address.
    names = {address, *(_owner(r) for r in rows if r.get("isDefaultCalendar"))} - {""}
    return [
        Calendar(
            str(r["id"]), str(r.get("name") or r["id"]), _owner(r), bool(r.get("isDefaultCalendar")),
            bool(r.get("canEdit")), bool(r.get("isDefaultCalendar")) or _owner(r) in names,
        )
        for r in rows
    ]  # fmt: skip


def _owner(row: Mapping[str, Any]) -> str:
    return str((row.get("owner") or {}).get("address") or "").strip().lower()
