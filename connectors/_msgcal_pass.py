"""One pass over a Microsoft account's calendars: what changed in each since a cursor, and what that knows.

A window of a calendar is asked what changed in it. That names events and occurrences; whatever it names is
fetched whole, a series by its master with all exceptions. Where Graph no longer knows from where to go on
(410, or 400 syncStateNotFound), or the window is to be laid anew, all of it is listed and compared.
https://learn.microsoft.com/en-us/graph/delta-query-events
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any
from urllib.parse import quote, urlencode

from deskhand.connectors._calendar_known import Known, Seen
from deskhand.connectors._graph import TOGETHER, Graph
from deskhand.connectors._graph_errors import NotAllowed
from deskhand.connectors._ics_shelf import BROKEN, digest
from deskhand.connectors._msgcal_event import OURS, PREFER, SELECT, cancelled_in, shaped
from deskhand.connectors._msgcal_list import Calendar
from deskhand.connectors._msgcal_window import Window
from deskhand.connectors._tries import Gone, Refused
from deskhand.connectors.errors import Missing, SourceError, Transient, Unsupported

Json = Mapping[str, Any]
_PAGE = 200
"""Events on a page."""
_PREFER = (*PREFER, f"odata.maxpagesize={_PAGE}")
_SERIES = "s"
"""How the mark of a series begins; those of others begin with another letter."""
_AGAIN = "!"
"""How the mark of one ends that could not be read: no other holds it."""
_WHOLE = f"{SELECT},exceptionOccurrences,cancelledOccurrences"


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a calendar now, and from where the next pass goes on."""

    calendar: Calendar
    token: str
    before: Known
    bases: frozenset[str]
    """The events and series that are there, or may be."""
    changed: Mapping[str, bool]
    """Those of them that are to be fetched, and whether each is a series."""
    failure: str = ""
    """Why it could not be read; what was read of it before is kept."""

    @property
    def size(self) -> int:
        return len(self.bases)

    @property
    def todo(self) -> int:
        return len(self.changed)


def list_all(
    graph: Graph, calendars: Sequence[Calendar], old: Mapping[str, Known], since: date | None
) -> list[Listing]:
    """Every calendar, asked for together. :raises SourceError: the account cannot be asked."""
    if graph.clock is None:
        raise Transient(f"{graph.name} does not say what time it is, so nobody knows what is to come.")
    new = Window.around(graph.clock, since)
    before = [old.get(c.id, Known()) for c in calendars]
    good = [w if (w := Window.of(k.token)) and w.does(graph.clock, since) else None for k in before]
    links = [w.link if w else _listing_of(c, new) for c, w in zip(calendars, good, strict=True)]
    pages = graph.together(links, prefer=_PREFER, late=True)
    return [
        _listing(graph, *one, new)
        for one in zip(calendars, before, good, pages, strict=True)
    ]  # fmt: skip


def _listing(
    graph: Graph, calendar: Calendar, before: Known, window: Window | None, first: Any, new: Window
) -> Listing:
    """:param window: of which the first page is; None: it is of the new one."""
    try:
        if window is not None:
            try:
                return _since(calendar, before, window, *_pages(graph, first))
            except (Gone, Refused):
                first = graph.get(_listing_of(calendar, new), prefer=_PREFER)  # from there it does not go on
        rows, link = _pages(graph, first)
        return _anew(calendar, before, replace(new, link=link), rows)
    except (Missing, Refused, NotAllowed, Transient) as error:
        if isinstance(error, Transient):
            graph.answers()
        # Shared once and no longer, or out of order: the others are read all the same.
        kept = frozenset(base for base in before.seen if base != BROKEN)
        return Listing(calendar, before.token, before, kept, {}, str(error))


def _listing_of(calendar: Calendar, window: Window) -> str:
    query = {"startDateTime": _stamp(window.low), "endDateTime": _stamp(window.high)}
    return f"/me/calendars/{quote(calendar.id, safe='')}/calendarView/delta()?{urlencode(query)}"


def _pages(graph: Graph, first: Any) -> tuple[list[Json], str]:
    """All rows of a listing, each as it came last, and the link to what changes after it.

    :raises SourceError: the first page is one, or another did not come.
    """
    if isinstance(first, SourceError):
        raise first
    found: dict[str, Json] = {}
    page: Json = first
    rest: Iterator[Json] = iter(())
    if link := str(first.get("@odata.nextLink") or ""):
        rest = graph.pages(link, prefer=_PREFER)
    for page in chain([first], rest):
        for row in page.get("value") or ():
            if isinstance(row, Mapping) and row.get("id"):
                found.pop(str(row["id"]), None)
                found[str(row["id"])] = row
    if not (delta := str(page.get("@odata.deltaLink") or "")):
        raise Transient(f"{graph.name} lists a calendar and does not end.")
    return list(found.values()), delta


def _since(calendar: Calendar, before: Known, window: Window, rows: Sequence[Json], link: str) -> Listing:
    known = {base for base in before.seen if base != BROKEN}
    changed = _again(before)
    if not rows:  # nothing changed, so neither does the cursor
        return Listing(calendar, before.token, before, frozenset(known), changed)
    for row in rows:
        id_ = str(row["id"])
        if "@removed" not in row:
            changed[_base(row)] = _repeats(row)
        elif id_ in known:
            changed.setdefault(id_, _is_series(before.seen[id_]))
        else:  # an occurrence, of who knows which series
            changed |= {b: True for b in known if _is_series(before.seen[b]) and b not in changed}
    token = replace(window, link=link).token()
    return Listing(calendar, token, before, frozenset(known | changed.keys()), changed)


def _anew(calendar: Calendar, before: Known, window: Window, rows: Sequence[Json]) -> Listing:
    known = {base for base in before.seen if base != BROKEN}
    marks: dict[str, str] = {}
    kinds: dict[str, bool] = {}
    for row in rows:
        if "@removed" in row:
            continue
        kinds[_base(row)] = _repeats(row)
        if str(row.get("type")) in ("singleInstance", "seriesMaster"):
            marks[_base(row)] = mark_of(row)
    changed = {
        base: series
        for base, series in kinds.items()
        if base not in known or before.seen[base].mark != marks.get(base)
    }
    # What is not listed is gone, or lies beyond the window: each is looked at.
    changed |= {base: _is_series(before.seen[base]) for base in known - kinds.keys()}
    return Listing(calendar, window.token(), before, frozenset(known | kinds.keys()), changed)


def _base(row: Json) -> str:
    """The id of an event, or of the series that an occurrence belongs to."""
    return str(row.get("seriesMasterId") or row["id"])


def _repeats(row: Json) -> bool:
    return str(row.get("type") or "") != "singleInstance"


def _is_series(seen: Seen) -> bool:
    return seen.mark.startswith(_SERIES)


def failed(base: str, before: Seen | None, *, series: bool, why: str) -> Seen:
    """What to know of one that Graph does not tell, so that the next pass asks for it again."""
    kind = _SERIES if series else "e"
    return Seen(before.uid if before is not None else base, digest(why), f"{kind}{_AGAIN}")


def _again(before: Known) -> dict[str, bool]:
    """What the pass before was not told."""
    return {base: _is_series(seen) for base, seen in before.seen.items() if seen.mark.endswith(_AGAIN)}


def mark_of(event: Json) -> str:
    """What changes with an event, or with anything in a series: its ETag is that of the whole."""
    kind = _SERIES if event.get("type") == "seriesMaster" else "e"
    return kind + digest(str(event.get("@odata.etag") or ""))[:12]


# events, whole


@dataclass(frozen=True, slots=True)
class Group:
    """An event, or a series with its exceptions: as `_calendar_event` names them, the master first."""

    events: tuple[dict[str, Any], ...]
    mark: str


def place_of_event(calendar: str, id_: str) -> str:
    """Where Graph has an event."""
    return f"/me/calendars/{quote(calendar, safe='')}/events/{quote(id_, safe='')}"


def groups_of(
    graph: Graph, calendar: str, wanted: Sequence[tuple[str, bool]], mine: Sequence[str]
) -> Iterator[Group | SourceError | None]:
    """Events by their ids, in order and in batches; None for one that is not there. Transient: it does not
    come just now, though others do.

    :param wanted: ids, and whether each is a series. :param mine: the account's addresses.
    """
    for first in range(0, len(wanted), TOGETHER):
        part = wanted[first : first + TOGETHER]
        paths = [_whole(calendar, id_, series=series) for id_, series in part]
        for said in graph.together(paths, prefer=PREFER, late=True):
            if isinstance(said, Missing):
                yield None
            elif isinstance(said, SourceError):
                yield said
            else:
                try:
                    yield group_in(said, mine)
                except Unsupported as error:
                    yield error


def _whole(calendar: str, id_: str, *, series: bool) -> str:
    expand = f"exceptionOccurrences,{OURS}" if series else OURS
    query = {"$select": _WHOLE if series else SELECT, "$expand": expand}
    return f"{place_of_event(calendar, id_)}?{urlencode(query, safe='$,()', quote_via=quote)}"


def group_in(said: Json, mine: Sequence[str]) -> Group:
    """What Graph tells of an event or a series. :raises Unsupported: it cannot be read."""
    try:
        master = shaped(said, mine)
        events = [master]
        if said.get("type") == "seriesMaster":
            events += [shaped(e, mine, master) for e in said.get("exceptionOccurrences") or ()]
            events += cancelled_in(said, master)
        return Group(tuple(events), mark_of(said))
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise Unsupported("What Outlook says of this event cannot be read.") from error


def _stamp(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
