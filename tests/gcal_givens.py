"""Accounts of Google Calendar for tests: connectors for people of a world, and what they are asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from contracts import current, pass_over
from google_givens import Google

from deskhand.connectors._google_account import scopes
from deskhand.connectors._google_tokens import Signed
from deskhand.connectors.base import Connector
from deskhand.connectors.gcalendar import GCalendar, opened_with
from deskhand.connectors.model import Item
from deskhand.connectors.operations import EventCreate

ME = "ana@example.org"
PARIS = ZoneInfo("Europe/Paris")
EVENTS = "/calendar/v3/calendars/primary/events"

OPENED: list[GCalendar] = []
"""What the tests' fixture closes."""


def signed_in(token: str, address: str, *apis: str, write: bool = True) -> str:
    """What a sign-in leaves. `apis`: what was allowed; the calendar alone by default."""
    allowed = [s for api in apis or ("calendar",) for s in scopes(api, write=write)]
    return Signed("id", "secret", token, tuple(dict.fromkeys(allowed)), account=address).text()


def account(google: Google, state: Path, who: str = "ana", *, write: bool = True, **given: Any) -> GCalendar:
    """A connector for somebody of a world. It never really waits."""
    given = {"source": "cal", "pause": lambda _: None, **given}
    address = google.world.emails[who]
    made = opened_with(
        None, state=state, place=address, token=signed_in(google.world.tokens[who], address, write=write),
        write=write, **given,
    )  # fmt: skip
    OPENED.append(made)
    return made


def items(connector: Connector) -> dict[str, Item]:
    """What a first pass finds, by title."""
    return {i.title: i for i in current(pass_over(connector)[0]).values()}


def at(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    """A time in Paris, in December 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


def time(day: int, hour: int, minute: int = 0, month: int = 12) -> dict[str, str]:
    """The same as Google has it."""
    return {"dateTime": at(day, hour, minute, month).isoformat(), "timeZone": "Europe/Paris"}


def event(summary: str, day: int = 1, hour: int = 9, **given: Any) -> dict[str, Any]:
    """An event of one hour, as Google takes it."""
    return {"summary": summary, "start": time(day, hour), "end": time(day, hour + 1), **given}


def create(**given: object) -> EventCreate:
    """A meeting of one hour in December."""
    values: Mapping[str, object] = {
        "source": "cal", "title": "Budget", "start": at(1, 9), "end": at(1, 10), "zone": "Europe/Paris",
    }  # fmt: skip
    return EventCreate.model_validate({**values, **given})
