"""The calendars of a Microsoft account: which there are, whose they are, and what may be done with each.

What was found is kept in the state folder, so that a command that asks nobody needs no network; each pass
lists them anew. https://learn.microsoft.com/en-us/graph/api/resources/calendar
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deskhand.connectors._graph import Graph
from deskhand.connectors._keep import write_beside
from deskhand.connectors.errors import Misconfigured

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
    def person(self) -> str:
        """Whose it is, where that is somebody else; lower case."""
        return "" if self.mine else self.owner

    def own(self, me: str) -> bool:
        """What stands in it is the person's own, or a delegate's of hers; not what she has subscribed to."""
        return self.mine and (self.primary or self.writable)

    def called(self, name: str) -> bool:
        """Whether a person may mean it: by its title or id."""
        return name in (self.title, self.id) or (self.primary and name.lower() == "primary")


@dataclass(frozen=True, slots=True)
class Calendars:
    """What was found out about an account."""

    address: str
    calendars: tuple[Calendar, ...] = ()
    """Those that are read: the default one first, or in the order in which they were named."""
    chosen: tuple[tuple[str, str], ...] = ()
    """Which calendar each name in the options meant: one that is renamed stays chosen."""

    @property
    def default(self) -> Calendar | None:
        """The one for new events: an own one, for what is put there unasked is put before nobody else."""
        return next((c for c in self.calendars if c.writable and c.mine), None)

    def calendar(self, id_: str) -> Calendar | None:
        return next((c for c in self.calendars if c.id == id_), None)


def listed(graph: Graph, known: Calendars, wanted: Sequence[str]) -> Calendars:
    """The calendars there are now: the account's own, or those that are wanted.

    :raises Misconfigured: a calendar that was named is not there. :raises SourceError: Graph cannot be asked.
    """
    found = _entries(graph, known.address)
    if not wanted:
        mine = sorted((c for c in found if c.mine or not c.owner), key=lambda c: (not c.primary, c.id))
        return Calendars(known.address, tuple(mine))
    meant = dict(known.chosen)
    chosen: dict[str, Calendar] = {}
    for name in wanted:
        here = next((c for c in found if c.id == meant.get(name)), None)
        here = here or next((c for c in found if c.called(name)), None)
        if here is None and name in meant:
            continue  # it was there: it is gone, and so are its events
        if here is None:
            there = ", ".join(c.title for c in found)
            raise Misconfigured(
                f"There is no calendar called {name!r} in {known.address}; there are: {there}."
            )
        chosen[name] = here
    calendars = tuple({c.id: c for c in chosen.values()}.values())
    both = {**meant, **{name: c.id for name, c in chosen.items()}}
    return Calendars(known.address, calendars, tuple(sorted((n, i) for n, i in both.items() if n in wanted)))


def load(state: Path, address: str) -> Calendars:
    """What was found out before, where it was the same account."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads((state / "calendars.json").read_text("utf-8"))
        if kept["address"] == address:
            chosen = tuple((str(a), str(b)) for a, b in kept["chosen"])
            return Calendars(address, tuple(Calendar(**c) for c in kept["calendars"]), chosen)
    return Calendars(address)


def save(state: Path, known: Calendars) -> None:
    """Keep it for the next start. What cannot be kept is found out again."""
    path = state / "calendars.json"
    with suppress(OSError):
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(asdict(known), ensure_ascii=False)
        write_beside(path, text.encode(), beside=path.with_name(f".{path.name}.{os.getpid()}"), durable=False)


def _entries(graph: Graph, address: str) -> list[Calendar]:
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
