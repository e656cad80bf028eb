"""Other people's time at a calendar server: somebody's calendar, and whomever the server knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from contracts import NOW, ConnectorContract, Write, pass_over
from dav_givens import account, items, simple, whole
from fakes import proxy, radicale
from fakes.proxy import rewritten, says

from deskhand.connectors.caldav import CalDav
from deskhand.connectors.model import Busy, FreeBusy

BO = "bo@example.org"
START, END = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 7, tzinfo=UTC)
TEN = datetime(2026, 12, 1, 10, tzinfo=UTC)


@pytest.fixture
def bos(way: proxy.Proxy, ana: radicale.Server, tmp_path: Path) -> CalDav:
    """The same calendars, as somebody else's."""
    ana.put("work", "n", simple("one"))
    return account(way, tmp_path / "bo", user=ana.user, owner="Bo@Example.org", zone="Europe/Paris")


class TestSomebodysCalendar(ConnectorContract):
    @pytest.fixture
    def connector(self, bos: CalDav) -> CalDav:
        return bos

    @pytest.fixture
    def writes(self, connector: CalDav) -> list[Write]:
        return []

    @pytest.fixture
    def acquaintances(self) -> list[str]:
        return [BO]


def busy(said: FreeBusy) -> list[tuple[str, str]]:
    return [(f"{b.start.astimezone(UTC):%d %H:%M}", f"{b.end.astimezone(UTC):%d %H:%M}") for b in said.busy]


@pytest.mark.parametrize("by", ["free-busy-query", "events"])
def test_the_owner_is_taken_when_the_calendar_says_so(bos: CalDav, way: proxy.Proxy, by: str) -> None:
    """A series, a meeting and an event; by the server's own report, or from the events.

    Whole days differ: the report has what the server makes of them, events are read as those of a file.
    """
    asked = 0

    def refuses(request: proxy.Request) -> None:
        nonlocal asked
        if b"free-busy-query" in request.body:
            asked += 1
            request.say(403)
        else:
            proxy.passed(request)

    if by == "events":
        way.always["REPORT"] = refuses
    said = bos.free_busy([BO], start=START, end=END)[BO]
    assert said.error == ""
    assert said.until is None
    assert busy(said)[:3] == [("30 08:00", "30 08:15"), ("01 10:00", "01 11:00"), ("01 13:00", "01 14:00")]
    assert asked == (by == "events")


def test_it_is_asked_this_moment(bos: CalDav, ana: radicale.Server) -> None:
    ana.take("work", "n")
    assert Busy(TEN, TEN + timedelta(hours=1)) not in bos.free_busy([BO], start=START, end=END)[BO].busy


def test_what_cannot_be_asked_is_unknown_and_not_free(bos: CalDav, way: proxy.Proxy) -> None:
    way.always["REPORT"] = says(503)
    said = bos.free_busy([BO], start=START, end=END)[BO]
    assert "answered 503" in said.error


def test_one_event_that_cannot_be_read_makes_the_owner_unknown(bos: CalDav, way: proxy.Proxy) -> None:
    way.faults += [
        ("REPORT", says(501)),
        ("REPORT", rewritten(lambda d: d.replace(b"DTSTART:20261201T100000Z", b"DTSTART:some day"))),
    ]
    assert "cannot be read" in bos.free_busy([BO], start=START, end=END)[BO].error


def test_it_is_only_read_and_nobody_else_is_known(bos: CalDav) -> None:
    assert bos.operations == ()
    assert bos.free_busy(["cy@example.org"], start=START, end=END) == {}
    assert all(i.label.trust == "untrusted" for i in items(bos).values())


# whoever the server knows (RFC 6638 5)

ANSWER = """<?xml version="1.0"?>
<C:schedule-response xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<C:response><C:recipient><D:href>mailto:Bo@example.org</D:href></C:recipient>
<C:request-status>2.0;Success</C:request-status><C:calendar-data>{ics}</C:calendar-data></C:response>
<C:response><C:recipient><D:href>mailto:cy@example.org</D:href></C:recipient>
<C:request-status>3.7;Invalid calendar user</C:request-status></C:response>
<C:response><C:recipient><D:href>mailto:mallory@example.net</D:href></C:recipient>
<C:request-status>2.0;Success</C:request-status></C:response>
</C:schedule-response>"""
FREE = whole(
    "BEGIN:VFREEBUSY\nDTSTAMP:20261101T000000Z\nDTSTART:20261130T000000Z\nDTEND:20261207T000000Z\n"
    "ATTENDEE:mailto:bo@example.org\nFREEBUSY:20261201T100000Z/PT1H\nEND:VFREEBUSY\n",
    method="REPLY",
)


@pytest.fixture
def knowing(way: proxy.Proxy, ana: radicale.Server, tmp_path: Path) -> CalDav:
    """A server with an outbox, which Radicale has not: the proxy answers for it."""
    name, space = "schedule-outbox-URL", "urn:ietf:params:xml:ns:caldav"
    outbox = f"<C:{name} xmlns:C='{space}'><href>/{ana.user}/outbox/</href></C:{name}>"
    way.always["PROPFIND"] = rewritten(
        lambda d: d.replace(
            b"<prop><current-user-principal>", b"<prop>" + outbox.encode() + b"<current-user-principal>"
        )
    )
    cal = account(way, tmp_path / "knowing", user=ana.user)
    assert cal._account.outbox.endswith("/outbox/")
    return cal


def test_the_server_tells_of_whom_it_knows(knowing: CalDav, way: proxy.Proxy) -> None:
    way.always["POST"] = says(200, ANSWER.format(ics=FREE).encode(), Content_Type="application/xml")
    told = knowing.free_busy([BO, "cy@example.org", "dan@example.org"], start=START, end=END)
    assert told[BO] == FreeBusy(BO, (Busy(TEN, TEN + timedelta(hours=1)),))
    assert "does not tell when cy@example.org is free (3.7" in told["cy@example.org"].error
    assert set(told) == {BO, "cy@example.org"}, "of the others nothing is known"
    (request,) = [b for b, (m, _) in zip(way.bodies, way.seen, strict=True) if m == "POST"]
    asked = icalendar.Calendar.from_ical(request)
    assert asked["METHOD"] == "REQUEST"
    (component,) = asked.walk("VFREEBUSY")
    assert [str(a) for a in component["ATTENDEE"]] == [
        f"mailto:{a}" for a in (BO, "cy@example.org", "dan@example.org")
    ]
    assert (component["DTSTART"].dt, component["DTEND"].dt) == (START, END)


@pytest.mark.parametrize("data", [b"", b"<x", ANSWER.format(ics="BEGIN:VCALENDAR").encode()])
def test_an_answer_that_says_nothing_is_no_free_time(knowing: CalDav, way: proxy.Proxy, data: bytes) -> None:
    way.always["POST"] = says(200, data)
    assert knowing.free_busy([BO], start=START, end=END)[BO].error


def test_a_calendar_without_an_owner_tells_of_nobody(cal: CalDav) -> None:
    pass_over(cal)
    assert cal.free_busy([BO, "ana@example.org"], start=NOW, end=END) == {}
