"""Calendars and an account for tests of CalDAV and webcal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from contracts import current, pass_over
from fakes import proxy, radicale

from deskhand.connectors._egress import client
from deskhand.connectors._hosts import host_of
from deskhand.connectors.base import Connector
from deskhand.connectors.caldav import CalDav, opened_with
from deskhand.connectors.model import Item
from deskhand.connectors.operations import EventCreate

ME = "ana@example.org"
PARIS = ZoneInfo("Europe/Paris")
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Another//Program 1.0//EN\r\n"
TAIL = "END:VCALENDAR\r\n"
ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""
STANDUP = f"""\
{ZONE}BEGIN:VEVENT
UID:standup@example.org
DTSTAMP:20260101T000000Z
SUMMARY:Standup
DTSTART;TZID=Europe/Paris:20261102T090000
DTEND;TZID=Europe/Paris:20261102T091500
RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270301T080000Z
EXDATE;TZID=Europe/Paris:20261116T090000
X-OTHER-PROGRAM;X-A=b:kept\\, as it is
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT5M
DESCRIPTION:Standup
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:standup@example.org
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Paris:20261123T090000
SUMMARY:Standup\\, later
DTSTART;TZID=Europe/Paris:20261123T110000
DTEND;TZID=Europe/Paris:20261123T111500
END:VEVENT
"""
REVIEW = """\
BEGIN:VEVENT
UID:review@example.org
DTSTAMP:20260101T000000Z
LAST-MODIFIED:20260105T120000Z
SUMMARY:Review
DTSTART:20261201T130000Z
DURATION:PT1H
LOCATION:Room 2
ORGANIZER;CN=Ana:mailto:ana@example.org
ATTENDEE;CN="Test, Bo";PARTSTAT=ACCEPTED:MAILTO:Bo@Example.org
SEQUENCE:3
END:VEVENT
"""
LUNCH = """\
BEGIN:VEVENT
UID:lunch@example.org
DTSTAMP:20260101T000000Z
SUMMARY:Lunch
DTSTART;VALUE=DATE:20261205
END:VEVENT
"""
PLAN = f"""\
{ZONE}BEGIN:VEVENT
UID:plan@example.com
DTSTAMP:20261101T120000Z
SEQUENCE:2
SUMMARY:Plan
DTSTART;TZID=Europe/Paris:20261201T090000
DTEND;TZID=Europe/Paris:20261201T100000
ORGANIZER:mailto:bo@example.com
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ana@example.org
END:VEVENT
"""

OPENED: list[Any] = []
"""What the tests' fixture closes."""

_people = count(1)


def person() -> str:
    """Somebody whom the server has not seen before."""
    return f"ana{next(_people)}"


def whole(*parts: str, method: str = "") -> str:
    """A calendar with these components in it."""
    said = f"METHOD:{method}\n" if method else ""
    return (HEAD + said + "".join(parts) + TAIL).replace("\r\n", "\n").replace("\n", "\r\n")


def simple(uid: str, title: str = "Event", day: int = 1) -> str:
    """An event of one hour in December."""
    return whole(
        f"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260101T000000Z\nSUMMARY:{title}\nDTSTART:202612{day:02d}T100000Z\n"
        f"DTEND:202612{day:02d}T110000Z\nEND:VEVENT\n"
    )


def fill(server: radicale.Server, calendar: str = "work") -> None:
    """A calendar with a series, a meeting and a whole day."""
    server.make(calendar, title=calendar.capitalize())
    for name, event in (("a", STANDUP), ("b", REVIEW), ("c", LUNCH)):
        server.put(calendar, name, whole(event))


def account(
    server: radicale.Server | proxy.Proxy, state: Path, *, user: str = "", path: str = "",
    pause: Callable[[float], None] = lambda _: None, source: str = "cal", http: Any = None, **given: Any,
) -> CalDav:  # fmt: skip
    """A connector for somebody's account on a server, or on a proxy before it. It never really waits."""
    user = user or (server.user if isinstance(server, radicale.Server) else "")
    http = http or client([host_of(server.url)])
    OPENED.append(http)
    return opened_with(
        http, source=source, state=state, place=server.url + path, user=user,
        password=given.pop("password", "secret"), pause=pause, **{"me": ME, **given},
    )  # fmt: skip


def items(connector: Connector) -> dict[str, Item]:
    """What a first pass finds, by native id."""
    return {i.ref.native: i for i in current(pass_over(connector)[0]).values()}


def create(source: str = "cal", **given: object) -> EventCreate:
    """A meeting of one hour in December."""
    values = {
        "title": "Budget",
        "start": datetime(2026, 12, 1, 9, tzinfo=PARIS),
        "end": datetime(2026, 12, 1, 10, tzinfo=PARIS),
        "zone": "Europe/Paris",
    }
    return EventCreate.model_validate({"source": source, **values, **given})
