"""What networks and servers do to a Google calendar: nothing lost, nothing done twice; counted there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contracts import NOW, pass_over
from fakes import proxy
from fakes.proxy import Does, done_but, says
from gcal_givens import EVENTS, account, at, create, event, items
from google_givens import Google

from deskhand.connectors.errors import SourceError, Transient, Unauthorized, Unknown
from deskhand.connectors.gcalendar import GCalendar
from deskhand.connectors.model import Item, Receipt, Removed
from deskhand.connectors.operations import EventCancel, EventRespond, EventUpdate, Operation

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
LIMIT = b'{"error": {"code": 403, "message": "Slow down.", "errors": [{"reason": "rateLimitExceeded"}]}}'
PASSING: dict[str, Does] = {
    "429": says(429, b"{}"),
    "429 with Retry-After": says(429, b"{}", Retry_After="7"),
    "403 rateLimitExceeded": says(403, LIMIT, Content_Type="application/json"),
    "500": says(500, b"{}"),
    "502 HTML": says(502, HTML, Content_Type="text/html"),
    "503": says(503),
    "504": says(504),
    "truncated": proxy.cut,
    "reset": proxy.reset,
    "torn": proxy.torn,
}
BEFORE = {k: PASSING[k] for k in ("429", "429 with Retry-After", "403 rateLimitExceeded")}
"""What is said before anything was done, for certain."""
AFTER: dict[str, Does] = {
    "504 after commit": done_but(says(504)),
    "502 HTML after commit": done_but(says(502, HTML)),
    "reset after commit": proxy.reset,
    "torn after commit": done_but(proxy.torn),
    "truncated after commit": proxy.cut,
}
LOST = {k: PASSING[k] for k in ("500", "502 HTML", "503", "504", "torn")}
"""What may be said after it was done, and here is said before."""


@pytest.fixture
def cal(google: Google, tmp_path: Path) -> GCalendar:
    pytest.importorskip("googleapiclient", reason="needs the extra deskhand[google]")
    for n in range(3):
        google.world.does("ana", "POST", EVENTS, event(f"Event {n}", n + 1))
    return account(google, tmp_path / "state")


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_pass_goes_on_after(fault: Does, google: Google, cal: GCalendar) -> None:
    google.front.faults += [("GET /events?", fault)] * 2

    assert set(items(cal)) == {"Event 0", "Event 1", "Event 2"}
    assert google.front.faults == []


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_pass_that_is_given_up_is_taken_up_again(fault: Does, google: Google, cal: GCalendar) -> None:
    _, cursor = pass_over(cal)
    google.world.does("ana", "POST", EVENTS, event("New", 5))
    google.front.always["GET /events?"] = fault
    with pytest.raises(Transient, match="Google Calendar"):
        pass_over(cal, cursor)
    google.front.always.clear()

    changes, cursor = pass_over(cal, cursor)

    assert [c.title for c in changes if isinstance(c, Item)] == ["New"]
    assert pass_over(cal, cursor)[0] == []


def test_a_wait_that_google_asks_for_is_waited(google: Google, cal: GCalendar, tmp_path: Path) -> None:
    waited: list[float] = []
    patient = account(google, tmp_path / "patient", pause=waited.append)
    google.front.faults.append(("GET /events?", PASSING["429 with Retry-After"]))

    pass_over(patient)

    assert waited == [7.0]


def test_an_expired_cursor_loses_nothing(google: Google, cal: GCalendar) -> None:
    _, cursor = pass_over(cal)
    made = google.world.does("ana", "POST", EVENTS, event("New", 5))
    gone = b'{"error": {"code": 410, "message": "Full sync.", "errors": [{"reason": "fullSyncRequired"}]}}'
    google.front.faults.append(("GET /events?", says(410, gone, Content_Type="application/json")))

    changes, cursor = pass_over(cal, cursor)

    assert [c.title for c in changes if isinstance(c, Item)] == ["New"]
    google.world.does("ana", "DELETE", f"{EVENTS}/{made['id']}")
    changes, _ = pass_over(cal, cursor)
    assert [type(c) for c in changes] == [Removed]


def test_a_token_that_google_never_gave(google: Google, cal: GCalendar) -> None:
    _, cursor = pass_over(cal)
    spoilt = type(cursor)(cursor.value.replace("CPD", "XYZ"))

    assert pass_over(cal, spoilt)[0] == []


def test_a_sign_in_that_was_revoked(google: Google, cal: GCalendar) -> None:
    pass_over(cal)
    google.front.always["* /calendar/"] = says(401, b"{}")
    google.front.always["POST /token"] = says(
        400, b'{"error": "invalid_grant"}', Content_Type="application/json"
    )
    before = len(google.world.effects())

    with pytest.raises(Unauthorized, match="Sign in again: deskhand signin cal"):
        pass_over(cal)
    with pytest.raises(Unauthorized):
        cal.perform(create(), key="k", now=NOW)
    assert len(google.world.effects()) == before


# writes


def inviting(google: Google, cal: GCalendar) -> Item:
    google.world.does("bo", "POST", EVENTS, event("Theirs", 4, attendees=[{"email": "ana@example.org"}]))
    return items(cal)["Theirs"]


def creating(google: Google, cal: GCalendar) -> Operation:
    return create()


def updating(google: Google, cal: GCalendar) -> Operation:
    item = items(cal)["Event 0"]
    return EventUpdate(source="cal", ref=item.ref, version=item.version, title="Changed")


def cancelling(google: Google, cal: GCalendar) -> Operation:
    item = items(cal)["Event 0"]
    return EventCancel(source="cal", ref=item.ref, version=item.version)


def answering(google: Google, cal: GCalendar) -> Operation:
    item = inviting(google, cal)
    return EventRespond(source="cal", ref=item.ref, version=item.version, status="accepted")


def once(google: Google, cal: GCalendar) -> Operation:
    # In UTC: `myworld` reads no other zone in an EXDATE.
    times = {
        n: {"dateTime": f"2026-12-07T{h}:00:00Z", "timeZone": "UTC"}
        for n, h in (("start", "08"), ("end", "09"))
    }
    google.world.does(
        "ana", "POST", EVENTS, {"summary": "Many", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"], **times}
    )
    item = items(cal)["Many"]
    return EventCancel(source="cal", ref=item.ref, version=item.version, occurrence=at(14, 9))


Make = Callable[[Google, GCalendar], Operation]
MAKES: dict[str, tuple[Make, str]] = {
    "create": (creating, "POST /events?"),
    "change": (updating, "PATCH /events/"),
    "cancel": (cancelling, "DELETE /events/"),
    "answer": (answering, "PATCH /events/"),
    "cancel one of a series": (once, "PATCH /events/"),
}


def tried(cal: GCalendar, op: Operation) -> Receipt | None:
    """What a crashed or failed run does: look, and do it where it is not there."""
    found = cal.find(op, key="key1")
    return found or cal.perform(op, key="key1", now=NOW)


@pytest.mark.parametrize("fault", AFTER.values(), ids=AFTER)
@pytest.mark.parametrize(("make", "where"), MAKES.values(), ids=MAKES)
def test_what_was_done_before_the_answer_was_lost_is_done_once(
    google: Google, cal: GCalendar, make: Make, where: str, fault: Does
) -> None:
    op = make(google, cal)
    before = len(google.world.effects())
    google.front.faults.append((where, fault))

    receipt = cal.perform(op, key="key1", now=NOW)

    assert google.front.faults == []
    assert len(google.world.effects()) == before + 1
    assert cal.find(op, key="key1") == receipt
    assert tried(cal, op) == receipt
    assert len(google.world.effects()) == before + 1


@pytest.mark.parametrize("fault", [*LOST.values(), *BEFORE.values()], ids=[*LOST, *BEFORE])
@pytest.mark.parametrize(("make", "where"), MAKES.values(), ids=MAKES)
def test_what_was_not_done_is_said_and_can_be_done(
    google: Google, cal: GCalendar, make: Make, where: str, fault: Does
) -> None:
    op = make(google, cal)
    before = len(google.world.effects())
    google.front.faults.append((where, fault))

    with pytest.raises(Transient, match="nothing was changed"):
        cal.perform(op, key="key1", now=NOW)

    assert len(google.world.effects()) == before
    assert cal.find(op, key="key1") is None
    again = cal.perform(op, key="key1", now=NOW)
    assert len(google.world.effects()) == before + 1
    assert again.ref == cal.perform(op, key="key1", now=NOW).ref


@pytest.mark.parametrize(("make", "where"), MAKES.values(), ids=MAKES)
def test_what_nobody_can_look_up_is_not_known(google: Google, cal: GCalendar, make: Make, where: str) -> None:
    op = make(google, cal)
    before = len(google.world.effects())

    def then_silent(request: Any) -> None:
        google.front.always["GET"] = says(503)
        AFTER["torn after commit"](request)

    google.front.faults.append((where, then_silent))

    with pytest.raises(Unknown, match="not known"):
        cal.perform(op, key="key1", now=NOW)

    google.front.always.clear()
    assert cal.find(op, key="key1") is not None
    assert len(google.world.effects()) == before + 1


def test_a_proxy_that_sends_a_write_twice(google: Google, cal: GCalendar) -> None:
    google.world.fault("calendar", {"kind": "duplicate_commit", "tool": "calendar.events.insert"})

    with_id = create()
    try:
        cal.perform(with_id, key="key1", now=NOW)
    except SourceError:
        cal.perform(with_id, key="key1", now=NOW)

    assert [e["summary"] for e in google.world.state("calendar")["events"].values()].count("Budget") == 1


@pytest.mark.parametrize("kind", ["unavailable", "bad_gateway", "transport_error", "timeout", "rate_limit"])
def test_faults_of_the_server_itself(google: Google, cal: GCalendar, kind: str) -> None:
    google.world.fault("calendar", {"kind": kind, "tool": "calendar.events.list", "times": 2})

    assert len(items(cal)) == 3
