"""What is looked for at the doors: items, people, free times. Plain JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from deskhand.agent.desk import shapes
from deskhand.agent.errors import Refusal
from deskhand.agent.sources import catalogue
from deskhand.connectors.errors import Misconfigured
from deskhand.index.model import Query

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]


def search(app: App, *, query: str = "", **filters: Any) -> Answer:
    """Items by words and meaning."""
    for name in ("since", "until"):
        if filters.get(name):
            filters[name] = _moment(app, name, filters[name])
    unknown = set(filters.get("sources", ())) - {s.alias for s in app.sources()}
    if unknown:
        raise Misconfigured(catalogue.no_such(sorted(unknown)[0], app.connections.aliases))
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in filters.items()}
    try:
        Query(text=query, **given)
    except (ValueError, TypeError) as error:
        raise Refusal(f"{error}.") from None
    found = app.search(query, **given)
    hits = [{"time" if k == "at" else k: v for k, v in h.as_dict().items()} for h in found.hits]
    return {"query": query, "hits": hits, "notes": list(found.notes)}


def people(app: App, *, name: str = "", limit: int = 20) -> Answer:
    """Whom the person deals with, and what may be missing because a mailbox or calendar is behind."""
    told = [shapes.dealings(d) for d in app.people(name, limit=limit)]
    among = [p.alias for p in app.connections.places() if p.holds & {"message", "event"}]
    return {"people": told, "notes": app.missing(among)}


def slots(app: App, *, start: str = "", end: str = "", **given: Any) -> Answer:
    """When there is time for a meeting (`availability.openings`)."""
    from deskhand.agent.availability.openings import openings

    app.sync(embed=0, follow=False)
    room = app.runs_room
    low = _moment(app, "from", start) if start else None
    high = _moment(app, "until", end) if end else None
    made = openings(room.context(), room.known(), start=low, end=high, **given)
    calendars = [p.alias for p in room.context().places if "event" in p.holds]
    return made | {"notes": [*made["notes"], *app.missing(calendars)]}


def _moment(app: App, name: str, text: str) -> datetime:
    """An ISO 8601 time or date, or words; without a zone it is the person's."""
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=app.owner.tz)
    except ValueError:
        pass
    from deskhand.agent.times import read

    for reading in read(text, now=app.now(), zone=app.owner.zone, locale=app.owner.locale):
        found = reading.start or reading.end
        if found is not None:
            return found
    raise Refusal(f"--{name} {text!r} is no time; write it like 2026-11-22, or say “last Monday”.")
