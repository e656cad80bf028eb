"""When somebody is taken, as Google Calendar tells it of whoever shares that with the account.

Whatever Google answers with an error, or does not answer, makes the person unknown, never free.
https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from deskhand.connectors._freebusy import within
from deskhand.connectors._google import Api
from deskhand.connectors._google_errors import Refused
from deskhand.connectors.model import Busy, FreeBusy

_PEOPLE = 50
"""Calendars that one request may ask for (calendarExpansionMax)."""
_WINDOW = timedelta(days=60)
"""How much time one request may ask for: Google says timeRangeTooLong to more than it likes."""


class GoogleDiary:
    """Asks Google this moment."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def free_busy(self, others: Sequence[str], *, start: datetime, end: datetime) -> dict[str, FreeBusy]:
        """See `Connector.free_busy`. `others`: in lower case. :raises SourceError: Google cannot be asked."""
        busy: dict[str, list[Busy]] = {a: [] for a in others}
        failed: dict[str, str] = {}
        for low, high in _windows(start, end):
            for n in range(0, len(others), _PEOPLE):
                asked = others[n : n + _PEOPLE]
                try:
                    said = self._asked(asked, low, high)
                except Refused as error:
                    failed |= {a: f"Google Calendar does not tell when {a} is free: {error}" for a in asked}
                    continue
                for address in asked:
                    found, why = _told(said.get(address))
                    busy[address] += found
                    if why:
                        failed[address] = f"Google Calendar does not tell when {address} is free ({why})."
        return {
            a: FreeBusy(a, within(busy[a], start=start, end=end), error=failed.get(a, "")) for a in others
        }

    def _asked(self, people: Sequence[str], low: datetime, high: datetime) -> dict[str, Any]:
        body = {
            "timeMin": _stamp(low), "timeMax": _stamp(high), "timeZone": "UTC",
            "items": [{"id": a} for a in people],
        }  # fmt: skip
        answer = self._api.read(self._api.service.freebusy().query(body=body))
        return {str(a).lower(): told for a, told in (answer.get("calendars") or {}).items()}


def _told(said: Any) -> tuple[list[Busy], str]:
    """Stretches, and why there may be others."""
    if not isinstance(said, Mapping):
        return [], "it does not answer"
    errors = [e for e in said.get("errors") or () if isinstance(e, Mapping)]
    why = str(errors[0].get("reason") or "error")[:80] if errors else ""
    found = list[Busy]()
    for one in said.get("busy") or ():
        try:
            low, high = (datetime.fromisoformat(str(one[k])) for k in ("start", "end"))
        except (ValueError, KeyError, TypeError):
            return found, "what it says cannot be read"
        if low.tzinfo is None or high.tzinfo is None:
            return found, "what it says cannot be read"
        found.append(Busy(low.astimezone(UTC), high.astimezone(UTC)))
    if not errors and "busy" not in said:
        why = "it does not answer"
    return found, why


def _windows(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    low, last = start.astimezone(UTC), end.astimezone(UTC)
    while low < last:
        high = min(low + _WINDOW, last)
        yield low, high
        low = high


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
