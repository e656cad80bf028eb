"""A Google account's calendars as `myworld` plays them, for several people, and our fake held against it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from contracts import NOW, pass_over
from fakes import google_calendar
from fakes.myworld import office
from gcal_givens import EVENTS, ME, account, at, create, event, items, time
from google_givens import Google

from deskhand.connectors.errors import Changed
from deskhand.connectors.gcalendar import GCalendar
from deskhand.connectors.model import Item, Removed
from deskhand.connectors.occurrences import occurrences
from deskhand.connectors.operations import EventCancel, EventRespond, EventUpdate, Mailbox

BO = Mailbox(address="bo@example.org")


@pytest.fixture
def ana(google: Google, tmp_path: Path) -> GCalendar:
    pytest.importorskip("googleapiclient", reason="needs the extra deskhand[google]")
    return account(google, tmp_path / "ana")


@pytest.fixture
def bo(google: Google, tmp_path: Path) -> GCalendar:
    return account(google, tmp_path / "bo", "bo")


def of(item: Item) -> dict[str, Any]:
    return {"source": "cal", "ref": item.ref, "version": item.version}


def test_changes_come_by_sync_token(google: Google, ana: GCalendar) -> None:
    world = google.world
    for name in ("Kept", "Changed", "Taken"):
        world.does("ana", "POST", EVENTS, event(name))
    _, cursor = pass_over(ana)
    ids = {e["summary"]: e["id"] for e in world.does("ana", "GET", EVENTS)["items"]}
    world.does("ana", "PATCH", f"{EVENTS}/{ids['Changed']}", {"summary": "Changed, now"})
    world.does("ana", "DELETE", f"{EVENTS}/{ids['Taken']}")
    world.does("ana", "POST", EVENTS, event("New"))

    changes, cursor = pass_over(ana, cursor)

    assert sorted(c.title for c in changes if isinstance(c, Item)) == ["Changed, now", "New"]
    assert [c.ref.native for c in changes if isinstance(c, Removed)] == [f"{ids['Taken']}@google.com"]
    assert pass_over(ana, cursor)[0] == []
    asked = world.calls("calendar.events.list")[-1]["args"]["query"]
    assert sorted(asked) == ["alt", "maxResults", "syncToken"]


def test_an_unchanged_account_is_asked_twice(google: Google, ana: GCalendar) -> None:
    google.world.does("ana", "POST", EVENTS, event("It"))
    _, cursor = pass_over(ana)
    before = len(google.world.calls())

    changes, again = pass_over(ana, cursor)

    assert (changes, again.value) == ([], cursor.value)
    assert [c["tool"] for c in google.world.calls()[before:]] == [
        "calendar.calendarList.list",
        "calendar.events.list",
    ]


def test_a_series_happens_when_google_says_it_does(google: Google, ana: GCalendar) -> None:
    rule = ["RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=7"]
    google.world.does("ana", "POST", EVENTS, event("Sync", 7, recurrence=rule))
    (item,) = items(ana).values()
    listed = google.world.does("ana", "GET", f"{EVENTS}?singleEvents=true&orderBy=startTime")["items"]

    found = occurrences(item, start=at(1, 0), end=at(31, 0), zone="Europe/Paris")

    assert [o.start.isoformat() for o in found] == [e["start"]["dateTime"] for e in listed]


TEAM = office(
    calendars=[
        {"id": "team@example.org", "summary": "Team", "accessRole": "reader"},
        {"id": "dee@example.org", "summary": "Dee", "accessRole": "freeBusyReader",
         "busy": [{"start": "2026-12-01T09:00:00+01:00", "end": "2026-12-01T10:00:00+01:00"}]},
    ],
    events=[{"summary": "All hands", "start": "2026-12-01T10:00:00+01:00", "end": "2026-12-01T11:00:00+01:00",
             "calendarId": "team@example.org"}],
)  # fmt: skip


@pytest.mark.parametrize("google", [TEAM], indirect=True)
def test_calendars_of_others_are_read_as_theirs(google: Google, ana: GCalendar) -> None:
    google.world.does("ana", "POST", EVENTS, event("Own"))

    found = items(ana)

    assert {t: (i.folder, i.label.trust) for t, i in found.items()} == {
        "All hands": ("Team", "untrusted"), "Own": (ME, "user"),
    }  # fmt: skip


@pytest.mark.parametrize("google", [TEAM], indirect=True)
def test_when_others_are_taken(google: Google, ana: GCalendar) -> None:
    google.world.does("bo", "POST", EVENTS, event("Bo's", 1, 14))

    told = ana.free_busy(
        ["dee@example.org", BO.address, "gone@example.com"],
        start=at(1, 0),
        end=at(1, 0) + timedelta(days=100),
    )

    assert [(b.start, b.end) for b in told["dee@example.org"].busy] == [(at(1, 9), at(1, 10))]
    assert [(b.start, b.end) for b in told[BO.address].busy] == [(at(1, 14), at(1, 15))]
    assert "notFound" in told["gone@example.com"].error


def test_an_invitation_reaches_the_other_and_the_answer_comes_back(
    google: Google, ana: GCalendar, bo: GCalendar
) -> None:
    made = ana.perform(create(attendees=(BO,)), key="key1", now=NOW)
    _, cursor = pass_over(ana)
    (theirs,) = items(bo).values()
    assert theirs.ref.native == made.ref.native
    assert theirs.label.trust == "untrusted"
    op = EventRespond(**of(theirs), status="accepted")

    receipt = bo.perform(op, key="key2", now=NOW)

    assert bo.find(op, key="key2") == receipt
    (mine,) = [c for c in pass_over(ana, cursor)[0] if isinstance(c, Item)]
    assert [(p.address, p.status) for p in mine.people if p.role == "attendee"] == [
        (ME, "accepted"), (BO.address, "accepted"),
    ]  # fmt: skip
    inverse = bo.inverse(op, receipt)
    assert inverse is not None
    bo.perform(inverse, key="key3", now=NOW)
    assert [p.status for p in items(ana)["Budget"].people if p.address == BO.address] == ["needs-action"]
    assert [c["args"]["query"].get("sendUpdates") for c in google.world.effects()] == [["none"]] * 3
    assert not any(n for c in google.world.effects("calendar.events.insert") for n in c.get("notified") or ())


def test_what_is_called_off_is_gone_on_both_sides(google: Google, ana: GCalendar, bo: GCalendar) -> None:
    made = ana.perform(create(attendees=(BO,)), key="key1", now=NOW)
    _, hers = pass_over(ana)
    _, his = pass_over(bo)

    ana.perform(EventCancel(source="cal", ref=made.ref, version=made.version), key="key2", now=NOW)

    for cal, cursor in ((ana, hers), (bo, his)):
        assert pass_over(cal, cursor)[0] == [Removed(made.ref)]
    assert len(google.world.effects()) == 2


def test_what_another_program_changed_is_asked_about_anew(google: Google, ana: GCalendar) -> None:
    made = google.world.does("ana", "POST", EVENTS, event("It"))
    item = items(ana)["It"]
    google.world.does("ana", "PATCH", f"{EVENTS}/{made['id']}", {"location": "Elsewhere"})

    with pytest.raises(Changed):
        ana.perform(EventUpdate(**of(item), title="Mine"), key="key1", now=NOW)
    assert len(google.world.effects()) == 2


def test_a_conference_stays(google: Google, ana: GCalendar) -> None:
    asked = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    made = google.world.does(
        "ana", "POST", f"{EVENTS}?conferenceDataVersion=1", event("It", conferenceData=asked)
    )
    item = items(ana)["It"]
    assert made["hangoutLink"] in item.data["ics"]

    ana.perform(EventUpdate(**of(item), start=at(2, 9), end=at(2, 10)), key="key1", now=NOW)

    now = google.world.does("ana", "GET", f"{EVENTS}/{made['id']}")
    assert now["conferenceData"] == made["conferenceData"]
    assert now["start"]["dateTime"].startswith("2026-12-02T09")


# our own fake does the same


def told(answer: tuple[int, Any]) -> tuple[int, Any]:
    """What of an answer both are to agree on."""
    status, said = answer
    if status >= 400:
        return status, [e["reason"] for e in said["error"]["errors"]]
    if status == 204:
        return status, None
    said = dict(said)
    if "items" in said:
        return status, [told((200, e))[1] for e in said["items"]]
    if "calendars" in said:
        return status, said["calendars"]
    names = ("id", "status", "summary", "location", "start", "iCalUID", "recurringEventId", "transparency")
    if said.get("status") == "cancelled":  # nothing more is promised
        return status, (said["id"], said["status"])
    kept = {k: said[k] for k in names if k in said}
    kept["guests"] = [
        (a["email"], a.get("responseStatus"), a.get("self", False)) for a in said.get("attendees", ())
    ]
    kept["me"] = (said.get("organizer") or {}).get("self")
    return status, kept


ID = "abcde00001"
ALL = quote(ME, safe="")
BUSY = {
    "timeMin": "2026-12-01T00:00:00Z",
    "timeMax": "2026-12-02T00:00:00Z",
    "items": [{"id": "no@example.com"}],
}
REQUESTS: list[tuple[str, str, Any]] = [
    ("POST", EVENTS, event("It", id=ID)),
    ("POST", EVENTS, event("Twice", id=ID)),
    ("POST", EVENTS, event("Bad", id="UPPER")),
    ("POST", EVENTS, {"summary": "No times"}),
    ("GET", f"{EVENTS}/{ID}", None),
    ("GET", f"/calendar/v3/calendars/{ALL}/events/{ID}", None),
    ("GET", f"{EVENTS}/missing001", None),
    ("GET", "/calendar/v3/calendars/nobody%40example.org/events", None),
    ("GET", f"{EVENTS}?syncToken=XXX%21", None),
    ("PATCH", f"{EVENTS}/{ID}?sendUpdates=none", {"summary": "It, new", "location": "Room 2"}),
    ("PATCH", f"{EVENTS}/{ID}?sendUpdates=none", {"start": time(2, 9), "end": time(2, 10)}),
    ("GET", f"{EVENTS}?iCalUID={ID}%40google.com", None),
    ("GET", f"{EVENTS}?iCalUID=other%40google.com", None),
    ("POST", "/calendar/v3/freeBusy", BUSY),
    ("DELETE", f"{EVENTS}/{ID}?sendUpdates=none", None),
    ("DELETE", f"{EVENTS}/{ID}?sendUpdates=none", None),
    ("GET", EVENTS, None),
    ("GET", f"{EVENTS}?showDeleted=true&iCalUID={ID}%40google.com", None),
    ("POST", EVENTS, event("Again", id=ID)),
]


def test_our_fake_answers_as_myworld_does(google: Google) -> None:
    world = google_calendar.World()
    world.calendar(ME)
    with google_calendar.served(world) as port:
        for method, path, body in REQUESTS:
            theirs = told(google.world.ask("ana", method, path, body))
            assert told(google_calendar.ask(port, method, path, body)) == theirs, (method, path)
