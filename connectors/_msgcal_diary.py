"""When somebody is taken, as Graph tells it of whoever shares that, with the hours in which they work.

Whoever Graph gives an error of, or leaves out, is unknown, never free; so is whose answer cannot be read.
An answer is its items and a view, a digit for each quarter of an hour: taken is what either says.
https://learn.microsoft.com/en-us/graph/api/calendar-getschedule
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from deskhand.connectors._freebusy import within
from deskhand.connectors._graph import Graph
from deskhand.connectors._graph_zones import zone_of
from deskhand.connectors._ical_zones import iana
from deskhand.connectors._tries import Refused
from deskhand.connectors.errors import Missing
from deskhand.connectors.model import Busy, FreeBusy, Week

_PEOPLE = 20
"""Schedules that one request may ask for."""
_WINDOW = timedelta(days=60)
"""How much time one request may ask for; Graph takes 62 days."""
_EVERY = 15
"""Minutes that one digit of a view stands for."""
_SLOT = timedelta(minutes=_EVERY)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FREE = frozenset({"free", "workingelsewhere"})
_TAKEN = frozenset({"busy", "tentative", "oof"})
_DIGITS = {"0": "free", "1": "tentative", "2": "busy", "3": "oof", "4": "workingelsewhere"}


@dataclass
class _Told:
    """What is known of one person so far."""

    busy: list[Busy] = field(default_factory=list[Busy])
    zone: str = ""
    hours: Week | None = None
    error: str = ""


class GraphDiary:
    """Asks Graph this moment."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def free_busy(self, others: Sequence[str], *, start: datetime, end: datetime) -> dict[str, FreeBusy]:
        """See `Connector.free_busy`. `others`: in lower case. :raises SourceError: Graph cannot be asked."""
        told = {a: _Told() for a in others}
        for low, high in _windows(start, end):
            for n in range(0, len(others), _PEOPLE):
                asked = others[n : n + _PEOPLE]
                try:
                    said = self._asked(asked, low, high)
                except (Refused, Missing) as error:
                    for a in asked:
                        told[a].error = f"Outlook does not tell when {a} is free: {error}"
                    continue
                for a in asked:
                    if why := _read(said.get(a), told[a], low, high):
                        told[a].error = f"Outlook does not tell when {a} is free ({why})."
        return {
            a: FreeBusy(
                a, within(t.busy, start=start, end=end), zone=t.zone, hours=t.hours, error=t.error
            )
            for a, t in told.items()
        }  # fmt: skip

    def _asked(self, people: Sequence[str], low: datetime, high: datetime) -> dict[str, Any]:
        body = {
            "schedules": list(people), "startTime": _stamp(low), "endTime": _stamp(high),
            "availabilityViewInterval": _EVERY,
        }  # fmt: skip
        answer = self._graph.ask("/me/calendar/getSchedule", body, prefer=('outlook.timezone="UTC"',))
        rows = [r for r in answer.get("value") or () if isinstance(r, Mapping)]
        return {str(r.get("scheduleId")).lower(): r for r in rows}


def _read(said: Any, told: _Told, low: datetime, high: datetime) -> str:
    """Add what Graph says of a person; why she may be taken at other times too, else empty."""
    if not isinstance(said, Mapping):
        return "it does not answer"
    if error := said.get("error"):
        code = error.get("responseCode") if isinstance(error, Mapping) else ""
        return str(code or "it gives no reason")[:80]
    zone, hours = _hours(said.get("workingHours"), low.year)
    told.zone, told.hours = told.zone or zone, told.hours or hours
    items, view = said.get("scheduleItems"), said.get("availabilityView")
    if isinstance(items, list) and (why := _items(items, told)):
        return why
    if not isinstance(view, str) or len(view) * _SLOT < high - low:
        return "it does not answer"
    return _view(view, low, high, told)


def _view(view: str, low: datetime, high: datetime, told: _Told) -> str:
    """Add what a view shows as taken and no item tells: a diary of which Graph may not tell the items comes
    with none of them, or with some."""
    named = [b for b in told.busy if b.start < high and b.end > low]
    for n, digit in enumerate(view):
        status = _DIGITS.get(digit, "")
        if status in _FREE:
            continue
        start, end = low + n * _SLOT, low + (n + 1) * _SLOT
        firm = status != "tentative"
        if status and any(b.start < end and b.end > start and not (firm and b.tentative) for b in named):
            continue
        if why := _stretch(status, start, end, told):
            return why
    return ""


def _items(items: Sequence[Any], told: _Told) -> str:
    for one in items:
        try:
            low, high = (_moment(one[n]) for n in ("start", "end"))
            status = str(one.get("status") or "").lower()
        except (ValueError, KeyError, TypeError, AttributeError):
            return "what it says cannot be read"
        if why := _stretch(status, low, high, told):
            return why
    return ""


def _stretch(status: str, low: datetime, high: datetime, told: _Told) -> str:
    if status in _FREE:
        return ""
    if status not in _TAKEN:
        return "it does not know itself"
    if high > low:
        kind = "out-of-office" if status == "oof" else "busy"
        told.busy.append(Busy(low, high, status == "tentative", kind))  # type: ignore[arg-type]
    return ""


def _hours(said: Any, year: int) -> tuple[str, Week | None]:
    """Whose clock a person's working hours go by, and the hours; nothing of a clock that nobody knows."""
    try:
        zone = zone_of(said["timeZone"], year)
        if zone is None:
            return "", None
        low, high = (_minutes(str(said[n])) for n in ("startTime", "endTime"))
        days = {str(d).lower() for d in said["daysOfWeek"]}
        if not low < high or not days <= {*_DAYS}:
            return zone.key, None
        return zone.key, tuple(((low, high),) if d in days else () for d in _DAYS)
    except (KeyError, TypeError, ValueError):
        return "", None


def _minutes(time: str) -> int:
    hour, minute = time.split(":")[:2]
    return int(hour) * 60 + int(minute)


def _moment(said: Mapping[str, Any]) -> datetime:
    zone = iana(str(said.get("timeZone") or "UTC"))
    if zone is None:
        raise ValueError("an unknown clock")
    return datetime.fromisoformat(str(said["dateTime"])[:19]).replace(tzinfo=zone).astimezone(UTC)


def _windows(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    low = start.astimezone(UTC)
    last = low + -((low - end) // _SLOT) * _SLOT  # whole digits of a view
    while low < last:
        high = min(low + _WINDOW, last)
        yield low, high
        low = high


def _stamp(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
