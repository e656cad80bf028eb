"""Calendars at Microsoft 365 for tests, as our fake of Graph plays them: connectors for people of a world,
and what others do there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from contracts import current, pass_over
from fakes.graph.program import Program
from graph_givens import Microsoft, token

from deskhand.connectors._ical_zones import iana
from deskhand.connectors._microsoft_account import opened
from deskhand.connectors.base import Connector
from deskhand.connectors.model import Item
from deskhand.connectors.msgraph_calendar import MsgraphCalendar, opened_with
from deskhand.connectors.operations import EventCreate

Json = Any
ME = "ana@example.org"
PARIS = ZoneInfo("Europe/Paris")
ALLOWED = ("Calendars.Read", "Calendars.ReadWrite", "User.Read")


def calendars(
    microsoft: Microsoft, state: Path, who: str = "ana", *, write: bool = True, source: str = "cal",
    waits: list[float] | None = None, allowed: tuple[str, ...] = ALLOWED, **given: Any,
) -> MsgraphCalendar:  # fmt: skip
    """A connector for somebody of a world. It never really waits."""
    account = opened(
        "calendar", source=source, place=f"{who}@example.org", write=write,
        token=token(microsoft, who, allowed=allowed), pause=(waits if waits is not None else []).append,
    )  # fmt: skip
    microsoft.opened.append(account)
    return opened_with(account, source=source, state=state, **given)


def program(microsoft: Microsoft, who: str = "ana") -> Program:
    """Another program of somebody's."""
    return Program(microsoft.graph, who)


def made(microsoft: Microsoft, body: Json, who: str = "ana", *, calendar: str = "") -> Json:
    """An event that somebody makes with another program."""
    where = f"/me/calendars/{calendar}/events" if calendar else "/me/events"
    got = program(microsoft, who)("POST", where, body, Prefer='IdType="ImmutableId"')
    assert got.status == 201, got
    return got.body


def items(connector: Connector) -> dict[str, Item]:
    """What a first pass finds, by title."""
    return {i.title: i for i in current(pass_over(connector)[0]).values()}


def at(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    """A time in Paris, in December 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


def time(day: int, hour: int, minute: int = 0, month: int = 12) -> dict[str, str]:
    """The same as Graph has it."""
    return {"dateTime": f"2026-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:00",
            "timeZone": "Romance Standard Time"}  # fmt: skip


def event(subject: str, day: int = 1, hour: int = 9, *guests: str, **more: Json) -> dict[str, Any]:
    """An event of one hour, as Graph takes it."""
    invited = [{"emailAddress": {"address": g}, "type": "required"} for g in guests]
    given = {"subject": subject, "start": time(day, hour), "end": time(day, hour + 1), **more}
    return given | ({"attendees": invited} if invited else {})


def weekly(day: int = 7, *, days: tuple[str, ...] = ("monday",), **range_: Json) -> Json:
    """A recurrence from that day of December on."""
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": [*days], "firstDayOfWeek": "monday"}
    ends = range_ or {"type": "numbered", "numberOfOccurrences": 8}
    return {"pattern": pattern, "range": {"startDate": f"2026-12-{day:02d}", **ends}}


def proposals(said: Json) -> list[datetime]:
    """When Outlook would hold a meeting (findMeetingTimes), which ours is compared with."""
    starts = [one["meetingTimeSlot"]["start"] for one in said["meetingTimeSuggestions"]]
    zones = [iana(start["timeZone"]) for start in starts]
    return [
        datetime.fromisoformat(start["dateTime"]).replace(tzinfo=zone)
        for start, zone in zip(starts, zones, strict=True)
    ]


def create(**given: object) -> EventCreate:
    """A meeting of one hour in December."""
    values = {
        "source": "cal", "title": "Budget", "start": at(1, 9), "end": at(1, 10), "zone": "Europe/Paris",
    }  # fmt: skip
    return EventCreate.model_validate({**values, **given})


def filled(microsoft: Microsoft) -> None:
    """Series with a changed and a cancelled occurrence, meetings of one's own and of others, a whole day."""
    ana = program(microsoft)
    for name in ("Standup", "Retro", "Sync"):
        series = made(microsoft, event(name, 7, recurrence=weekly()))
        later = {"subject": f"{name}, later", **{n: event("", 14, 11)[n] for n in ("start", "end")}}
        assert ana("PATCH", f"/me/events/{series['id']}.2026-12-14", later).status == 200
        assert ana("DELETE", f"/me/events/{series['id']}.2026-12-21").status == 204
    made(microsoft, event("Review", 1, 14, "bo@example.org", location={"displayName": "Room 2"}))
    made(microsoft, event("Theirs", 2, 10, "ana@example.org"), "bo")
    day = {"dateTime": "2026-12-05T00:00:00", "timeZone": "UTC"}
    after = {"dateTime": "2026-12-06T00:00:00", "timeZone": "UTC"}
    made(microsoft, {"subject": "Lunch", "start": day, "end": after, "isAllDay": True})
    made(microsoft, event("Busy", 1, 8), "bo")
