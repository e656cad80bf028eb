"""What Google is asked for when a calendar is changed: once, with the ETag, and nobody told."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from contracts import NOW, pass_over
from dav_givens import PLAN, whole
from fakes.google_calendar import ME
from fakes.proxy import Does, Request, done_but, passed, says, torn
from gcal_givens import account, at, create, event, items, time
from google_givens import Google

from deskhand.connectors.errors import Changed, Conflict, Missing, Unknown, Unsupported
from deskhand.connectors.gcalendar import GCalendar
from deskhand.connectors.model import Item, ItemRef, Receipt
from deskhand.connectors.occurrences import Occurrence, occurrences
from deskhand.connectors.operations import (
    EventAnswered,
    EventCancel,
    EventReceive,
    EventRespond,
    EventUpdate,
    Mailbox,
    Operation,
)

BO = "bo@example.org"
BOX = Mailbox(address=BO, name="Bo")
RICH = {
    "conferenceData": {
        "conferenceId": "abc-defg-hij",
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        "entryPoints": [{"entryPointType": "video", "uri": "https://meet.example/abc-defg-hij"}],
    },
    "attachments": [{"fileUrl": "https://drive.example/f1", "title": "Plan", "fileId": "f1"}],
    "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]},
    "colorId": "7", "extendedProperties": {"private": {"other": "1"}, "shared": {"team": "x"}},
}  # fmt: skip
"""What others put into events, and is none of ours."""
THEIRS = {"organizer": {"email": BO, "displayName": "Bo"}, "creator": {"email": BO}}


@pytest.fixture
def cal(calendars: Google, tmp_path: Path) -> GCalendar:
    return account(calendars, tmp_path / "state")


def of(item: Item) -> dict[str, Any]:
    return {"source": "cal", "ref": item.ref, "version": item.version}


def stored(google: Google, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = google.world.calendars[ME].events[id_]
    return found


def sent(google: Google, *methods: str) -> list[tuple[str, dict[str, list[str]], dict[str, Any], str]]:
    """Writes as they were sent: method, query, body, If-Match."""
    made = []
    for (method, path), body, headers in zip(
        google.front.seen, google.front.bodies, google.front.headers, strict=True
    ):
        if method in (methods or ("POST", "PATCH", "DELETE")) and "/events" in path:
            given = {k.lower(): v for k, v in headers.items()}
            query = parse_qs(urlsplit(path).query)
            made.append((method, query, json.loads(body or b"{}"), given.get("if-match", "")))
    return made


def days(cal: GCalendar, ref: ItemRef) -> list[Occurrence]:
    item = cal.read(ref)
    assert item is not None
    return occurrences(item, start=at(1, 0), end=at(31, 23), zone="Europe/Paris")


def done(cal: GCalendar, op: Operation, key: str = "key1") -> Receipt:
    receipt = cal.perform(op, key=key, now=NOW)
    assert cal.find(op, key=key) == receipt
    return receipt


def undone(cal: GCalendar, op: Operation, receipt: Receipt) -> Receipt:
    inverse = cal.inverse(op, receipt)
    assert inverse is not None
    return done(cal, inverse, "undo1")


# new events


def test_a_new_event_has_an_id_of_the_effects_key_and_nobody_is_told(
    calendars: Google, cal: GCalendar
) -> None:
    receipt = done(cal, create(attendees=(BOX,), location="Room 2", description="The <b>plan</b>"))

    ((_, query, body, _),) = sent(calendars, "POST")
    assert query["sendUpdates"] == ["none"]
    assert receipt.ref.native == f"{body['id']}@google.com"
    assert set(body["id"]) <= set("0123456789abcdefghijklmnopqrstuv")
    assert body["extendedProperties"] == {"private": {"deskhandEffect": "key1"}}
    assert body["attendees"] == [{"email": BO, "displayName": "Bo", "responseStatus": "needsAction"}]
    assert body["start"] == {"dateTime": "2026-12-01T09:00:00+01:00", "timeZone": "Europe/Paris"}
    assert "sendUpdates" not in body


def test_a_whole_day(calendars: Google, cal: GCalendar) -> None:
    receipt = done(cal, create(all_day=True, start=at(24, 0), end=at(26, 0)))

    ((_, _, body, _),) = sent(calendars, "POST")
    assert (body["start"], body["end"]) == ({"date": "2026-12-24"}, {"date": "2026-12-26"})
    assert [(o.all_day, o.start, o.end) for o in days(cal, receipt.ref)] == [(True, at(24, 0), at(26, 0))]


def test_a_series_that_leaves_days_out(calendars: Google, cal: GCalendar) -> None:
    receipt = done(cal, create(rrule="FREQ=DAILY;COUNT=4", exdates=(at(2, 9),)))

    assert [o.start.day for o in days(cal, receipt.ref)] == [1, 3, 4]


def test_a_hold_is_confirmed_under_the_same_uid(calendars: Google, cal: GCalendar) -> None:
    receipt = done(cal, create(status="tentative", hold_until=NOW + timedelta(days=2)))
    item = cal.read(receipt.ref)
    assert item is not None
    assert (item.data["status"], "hold_until" in item.data) == ("tentative", True)

    again = done(cal, EventUpdate(**of(item), status="confirmed"), "key2")

    item = cal.read(again.ref)
    assert item is not None
    assert (item.data["status"], "hold_until" in item.data) == ("confirmed", False)


def test_a_room_is_asked_for_as_a_resource(calendars: Google, cal: GCalendar) -> None:
    room = Mailbox(address="c_1@resource.calendar.google.com", name="Room 2")
    receipt = done(cal, create(rooms=(room,)))

    ((_, _, body, _),) = sent(calendars, "POST")
    assert [(a["email"], a["resource"]) for a in body["attendees"]] == [(room.address, True)]
    item = cal.read(receipt.ref)
    assert item is not None
    assert [p.role for p in item.people] == ["organizer", "resource"]


def test_into_a_calendar_that_is_named(calendars: Google, cal: GCalendar) -> None:
    calendars.world.calendar("work@group.calendar.google.com", "Work")
    calendars.world.calendar("read@group.calendar.google.com", "Read", "reader")

    receipt = done(cal, create(calendar="Work"))

    assert cal.read(receipt.ref) is not None
    assert calendars.world.calendars[ME].events == {}
    with pytest.raises(Missing, match="Wrok"):
        cal.perform(create(calendar="Wrok"), key="k", now=NOW)
    with pytest.raises(Unsupported, match="only read"):
        cal.perform(create(calendar="Read"), key="k", now=NOW)


def test_what_was_made_and_taken_away_since_is_not_made_again(calendars: Google, cal: GCalendar) -> None:
    receipt = done(cal, create())
    calendars.world.take(receipt.ref.native.removesuffix("@google.com"))

    with pytest.raises(Missing, match="taken away since"):
        cal.perform(create(), key="key1", now=NOW)


# changes


def test_only_what_differs_is_sent_and_the_rest_stays(calendars: Google, cal: GCalendar) -> None:
    calendars.world.put(
        event("Plan", id="plan1", attendees=[{"email": BO, "responseStatus": "accepted"}], **RICH)
    )
    item = items(cal)["Plan"]
    etag = stored(calendars, "plan1")["etag"]

    receipt = done(cal, EventUpdate(**of(item), title="Plan, new"))

    ((method, query, body, match),) = sent(calendars)
    assert (method, match, query["sendUpdates"]) == ("PATCH", etag, ["none"])
    assert body.keys() == {"summary", "extendedProperties"}
    for name in ("conferenceData", "attachments", "reminders", "colorId", "attendees"):
        assert stored(calendars, "plan1")[name] == {**RICH, "attendees": [
            {"email": BO, "responseStatus": "accepted"}]}[name]  # fmt: skip
    private = stored(calendars, "plan1")["extendedProperties"]["private"]
    assert private == {"other": "1", "deskhandEffect": "key1"}

    undone(cal, EventUpdate(**of(item), title="Plan, new"), receipt)
    assert stored(calendars, "plan1")["summary"] == "Plan"


def test_how_to_join_is_in_the_event(calendars: Google, cal: GCalendar) -> None:
    calendars.world.put(event("Plan", id="plan1", **RICH))

    item = items(cal)["Plan"]

    assert "https://meet.example/abc-defg-hij" in item.data["ics"]
    assert [r.target for r in item.relations if r.type == "mentions"] == ["https://drive.example/f1"]


def test_another_time_asks_everybody_anew(calendars: Google, cal: GCalendar) -> None:
    guests = [
        {"email": BO, "responseStatus": "accepted"},
        {"email": "cy@example.org", "responseStatus": "declined"},
    ]
    calendars.world.put(event("Plan", id="plan1", attendees=guests))
    item = items(cal)["Plan"]

    receipt = done(cal, EventUpdate(**of(item), start=at(2, 15)))

    item_ = cal.read(receipt.ref)
    assert item_ is not None
    assert (item_.start, item_.end) == (at(2, 15), at(2, 16))
    assert {a["responseStatus"] for a in stored(calendars, "plan1")["attendees"]} == {"needsAction"}


def test_a_whole_day_gets_a_time(calendars: Google, cal: GCalendar) -> None:
    calendars.world.put(
        {"summary": "Day", "start": {"date": "2026-12-05"}, "end": {"date": "2026-12-06"}, "id": "day11"}
    )

    done(cal, EventUpdate(**of(items(cal)["Day"]), start=at(5, 9), end=at(5, 10)))

    assert "date" not in stored(calendars, "day11")["start"]
    (when,) = days(cal, ItemRef("cal", "event", "day11@google.com"))
    assert (when.all_day, when.start, when.end) == (False, at(5, 9), at(5, 10))


def test_what_changed_meanwhile_is_not_written_over(calendars: Google, cal: GCalendar) -> None:
    calendars.world.put(event("Plan", id="plan1"))
    item = items(cal)["Plan"]

    def another_first(request: Any) -> None:
        calendars.world.change("plan1", location="Elsewhere")
        request.say(*request.forward())

    calendars.front.faults.append(("PATCH", another_first))

    with pytest.raises(Changed):
        cal.perform(EventUpdate(**of(item), title="Mine"), key="key1", now=NOW)
    assert (stored(calendars, "plan1")["summary"], stored(calendars, "plan1")["location"]) == (
        "Plan",
        "Elsewhere",
    )


def test_what_is_cancelled_meanwhile_is_not_cancelled_again(calendars: Google, cal: GCalendar) -> None:
    calendars.world.put(event("Plan", id="plan1"))
    item = items(cal)["Plan"]
    calendars.world.change("plan1", location="Elsewhere")

    with pytest.raises(Changed):
        cal.perform(EventCancel(**of(item)), key="key1", now=NOW)
    calendars.world.take("plan1")
    with pytest.raises(Missing):
        cal.perform(EventCancel(**of(item)), key="key2", now=NOW)


def test_a_meeting_called_off_and_put_back(calendars: Google, cal: GCalendar) -> None:
    calendars.world.put(
        event("Plan", id="plan1", attendees=[{"email": BO, "responseStatus": "accepted"}], **RICH)
    )
    item = items(cal)["Plan"]
    cancel = EventCancel(**of(item))

    receipt = done(cal, cancel)

    assert (receipt.version, stored(calendars, "plan1")["status"]) == ("", "cancelled")
    assert [(m, q["sendUpdates"]) for m, q, *_ in sent(calendars)] == [("DELETE", ["none"])]
    undone(cal, cancel, receipt)
    assert stored(calendars, "plan1")["status"] == "confirmed"
    assert stored(calendars, "plan1")["conferenceData"] == RICH["conferenceData"]
    assert items(cal)["Plan"].version == item.version


def test_an_answer_that_came_by_mail_is_noted(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": BO, "displayName": "Bo", "optional": True}, {"email": "cy@example.org"}]
    calendars.world.put(event("Plan", id="plan1", attendees=guests))
    item = items(cal)["Plan"]

    done(cal, EventAnswered(**of(item), address=BO, status="declined", sequence=0, at=NOW, comment="Ill"))

    bo, cy = stored(calendars, "plan1")["attendees"]
    assert (bo["responseStatus"], bo["comment"], bo["optional"], bo["displayName"]) == (
        "declined",
        "Ill",
        True,
        "Bo",
    )
    assert cy["responseStatus"] == "needsAction"
    older = EventAnswered(
        **of(items(cal)["Plan"]), address=BO, status="accepted", sequence=0, at=NOW - timedelta(hours=1)
    )
    with pytest.raises(Changed, match="newer answer"):
        cal.perform(older, key="key2", now=NOW)


# series


@pytest.fixture
def series(calendars: Google, cal: GCalendar) -> Item:
    calendars.world.put(event("Standup", 7, recurrence=["RRULE:FREQ=DAILY;COUNT=8"], id="standup", **RICH))
    calendars.world.change("standup_20261209T080000Z", summary="Later", start=time(9, 11), end=time(9, 12))
    calendars.world.take("standup_20261210T080000Z")
    return items(cal)["Standup"]


def told(cal: GCalendar, item: Item) -> list[tuple[str, int, int]]:
    return [(o.title, o.start.day, o.start.hour) for o in days(cal, item.ref) if o.status != "cancelled"]


WEEK = [("Standup", 7, 9), ("Standup", 8, 9), ("Later", 9, 11), *[("Standup", d, 9) for d in range(11, 15)]]


def test_one_occurrence_is_changed_in_one_request(calendars: Google, cal: GCalendar, series: Item) -> None:
    op = EventUpdate(**of(series), occurrence=at(8, 9), title="Once")
    receipt = done(cal, op)

    ((method, query, body, _),) = sent(calendars)
    assert (method, query["sendUpdates"]) == ("PATCH", ["none"])
    assert body["extendedProperties"]["private"]["deskhandEffect"] == "key1"
    assert told(cal, series) == [WEEK[0], ("Once", 8, 9), *WEEK[2:]]
    undone(cal, op, receipt)
    assert told(cal, series) == WEEK


def test_one_occurrence_is_moved(calendars: Google, cal: GCalendar, series: Item) -> None:
    done(cal, EventUpdate(**of(series), occurrence=at(9, 9), start=at(9, 16), end=at(9, 17)))

    assert told(cal, series) == [*WEEK[:2], ("Later", 9, 16), *WEEK[3:]]


@pytest.mark.parametrize("day", [8, 9])
def test_one_occurrence_is_cancelled_and_put_back(
    calendars: Google, cal: GCalendar, series: Item, day: int
) -> None:
    op = EventCancel(**of(series), occurrence=at(day, 9))
    receipt = done(cal, op)

    assert told(cal, series) == [w for w in WEEK if w[1] != day]
    undone(cal, op, receipt)
    assert told(cal, series) == WEEK


def test_one_occurrence_of_a_meeting_with_others_is_cancelled(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": BO, "responseStatus": "accepted"}]
    calendars.world.put(
        event("Sync", 7, recurrence=["RRULE:FREQ=DAILY;COUNT=3"], id="sync1", attendees=guests)
    )
    item = items(cal)["Sync"]
    op = EventCancel(**of(item), occurrence=at(8, 9))

    receipt = done(cal, op)

    assert stored(calendars, "sync1_20261208T080000Z")["status"] == "cancelled"
    assert [o.status for o in days(cal, item.ref)] == ["confirmed", "cancelled", "confirmed"]
    undone(cal, op, receipt)
    assert [o.status for o in days(cal, item.ref)] == ["confirmed"] * 3


def test_what_was_left_out_at_google_comes_back(calendars: Google, cal: GCalendar, series: Item) -> None:
    before = calendars.world
    item = series
    op = EventCancel(**of(item), occurrence=at(10, 9))
    with pytest.raises(Missing):
        cal.perform(op, key="key1", now=NOW)
    before.change("standup_20261210T080000Z", status="confirmed")
    op = EventCancel(**of(items(cal)["Standup"]), occurrence=at(10, 9))
    receipt = done(cal, op)
    undone(cal, op, receipt)
    assert ("Standup", 10, 9) in told(cal, item)


def test_from_one_on_it_is_another_series(calendars: Google, cal: GCalendar, series: Item) -> None:
    op = EventUpdate(**of(series), occurrence=at(12, 9), following=True, title="Daily", start=at(12, 10))
    receipt = done(cal, op)

    ((ref, _),) = receipt.detail["also"].items()
    other = cal.read(ItemRef.parse(ref))
    assert other is not None
    assert told(cal, series) == [w for w in WEEK if w[1] < 12]
    assert told(cal, other) == [("Daily", d, 10) for d in (12, 13, 14)]
    undone(cal, op, receipt)
    assert told(cal, series) == WEEK
    assert cal.read(other.ref) is None


def test_from_one_on_what_was_changed_by_itself_goes_along(
    calendars: Google, cal: GCalendar, series: Item
) -> None:
    op = EventUpdate(**of(series), occurrence=at(8, 9), following=True, location="Room 2")
    receipt = done(cal, op)

    ((ref, _),) = receipt.detail["also"].items()
    other = cal.read(ItemRef.parse(ref))
    assert other is not None
    assert told(cal, series) == WEEK[:1]
    assert told(cal, other) == WEEK[1:]


def test_a_new_series_that_was_written_in_part_is_put_to_the_person(
    calendars: Google, cal: GCalendar, series: Item
) -> None:
    op = EventUpdate(**of(series), occurrence=at(8, 9), following=True, location="Room 2")
    silent_after(calendars, "POST /events", passed)
    with pytest.raises(Unknown, match="part of the series"):
        cal.perform(op, key="key", now=NOW)
    assert [m for m, *_ in calendars.world.effects] == ["insert"]


def test_a_series_that_cannot_be_ended_is_not_there_twice(
    calendars: Google, cal: GCalendar, series: Item
) -> None:
    """The second half, which was written first, is taken back."""
    op = EventUpdate(**of(series), occurrence=at(12, 9), following=True, location="Room 2")
    calendars.front.faults.append(("PATCH", says(409, b"{}")))
    with pytest.raises(Conflict):
        cal.perform(op, key="key", now=NOW)
    assert [m for m, *_ in calendars.world.effects] == ["insert", "delete"]
    assert told(cal, series) == WEEK


def test_a_half_that_cannot_be_taken_back_is_put_to_the_person(
    calendars: Google, cal: GCalendar, series: Item
) -> None:
    op = EventUpdate(**of(series), occurrence=at(12, 9), following=True, location="Room 2")
    calendars.front.faults.append(("PATCH", says(409, b"{}")))
    calendars.front.always["DELETE"] = says(403, b"{}")
    with pytest.raises(Unknown, match="A part of the change was written"):
        cal.perform(op, key="key", now=NOW)


def test_a_half_that_somebody_else_took_up_is_put_to_the_person(
    calendars: Google, cal: GCalendar, series: Item
) -> None:
    op = EventUpdate(**of(series), occurrence=at(12, 9), following=True, location="Room 2")
    calendars.front.faults.append(("PATCH", says(409, b"{}")))
    calendars.front.always["DELETE"] = says(412, b"{}")
    with pytest.raises(Unknown, match="one of them has to be taken away"):
        cal.perform(op, key="key", now=NOW)


def test_single_occurrences_of_which_some_stay_are_put_to_the_person(
    calendars: Google, cal: GCalendar
) -> None:
    """To which one alone is invited: each is taken away by a request of its own."""
    for day in (7, 8):
        calendars.world.put(event(
            "Alone", day, id=f"theirs_202612{day:02d}T080000Z", recurringEventId="theirs",
            originalStartTime=time(day, 9), iCalUID="theirs@google.com",
        ))  # fmt: skip
    item = items(cal)["Alone"]
    op = EventCancel(**of(item))
    calendars.front.faults += [("DELETE", passed), ("DELETE", says(403, b"{}"))]
    with pytest.raises(Unknown, match="A part of the event was taken away, and the rest was not"):
        cal.perform(op, key="key", now=NOW)
    assert [m for m, _ in calendars.world.effects] == ["delete"]


def silent_after(google: Google, where: str, fault: Does) -> None:
    """What happens to a write; nothing can be read from then on."""

    def silent(request: Request) -> None:
        google.front.always["GET"] = says(503)
        fault(request)

    google.front.faults.append((where, silent))


def test_it_ends_before_one(calendars: Google, cal: GCalendar, series: Item) -> None:
    op = EventCancel(**of(series), occurrence=at(9, 9), following=True)
    receipt = done(cal, op)

    assert told(cal, series) == WEEK[:2]
    undone(cal, op, receipt)
    assert told(cal, series) == WEEK


@pytest.mark.parametrize("together", [False, True])
def test_the_title_of_a_series_is_that_of_its_occurrences(
    calendars: Google, cal: GCalendar, together: bool
) -> None:
    calendars.world.together = together
    calendars.world.put(event("Standup", 7, recurrence=["RRULE:FREQ=DAILY;COUNT=3"], id="standup"))
    calendars.world.change("standup_20261208T080000Z", start=time(8, 11), end=time(8, 12))
    item = items(cal)["Standup"]

    done(cal, EventUpdate(**of(item), title="Daily"))

    assert told(cal, item) == [("Daily", 7, 9), ("Daily", 8, 11), ("Daily", 9, 9)]


def test_a_series_that_changes_while_it_is_written_is_put_to_the_person(
    calendars: Google, cal: GCalendar
) -> None:
    calendars.world.put(event("Standup", 7, recurrence=["RRULE:FREQ=DAILY;COUNT=3"], id="standup"))
    calendars.world.change("standup_20261208T080000Z", start=time(8, 11), end=time(8, 12))
    item = items(cal)["Standup"]

    def then_another(request: Any) -> None:
        request.say(*request.forward())
        calendars.world.change("standup", location="Elsewhere")

    calendars.front.faults.append(("PATCH", then_another))

    with pytest.raises(Unknown, match="A part of the change was written"):
        cal.perform(EventUpdate(**of(item), title="Daily"), key="key1", now=NOW)
    assert stored(calendars, "standup")["summary"] == "Standup"


@pytest.mark.parametrize("orphans", [False, True], ids=["forgotten", "left behind"])
def test_a_series_is_moved_with_what_single_occurrences_have_of_their_own(
    calendars: Google, cal: GCalendar, series: Item, orphans: bool
) -> None:
    """Whatever Google makes of them: the same as in a file. One that was at another time stays there."""
    calendars.world.orphans = orphans
    calendars.world.change("standup_20261212T080000Z", summary="Guests")
    series = items(cal)["Standup"]
    op = EventUpdate(**of(series), start=at(7, 10))

    receipt = done(cal, op)

    assert told(cal, series) == [
        ("Standup", 7, 10), ("Standup", 8, 10), ("Later", 9, 11), ("Standup", 11, 10), ("Guests", 12, 10),
        ("Standup", 13, 10), ("Standup", 14, 10),
    ]  # fmt: skip
    first, *_, last = sent(calendars)
    assert first[2]["extendedProperties"]["private"]["deskhandEffect"] == "key1.begun"
    assert last[2]["extendedProperties"]["private"]["deskhandEffect"] == "key1"
    undone(cal, op, receipt)
    assert told(cal, series) == [*WEEK[:4], ("Guests", 12, 9), *WEEK[5:]]


def test_a_series_that_was_moved_in_part_is_put_to_the_person(
    calendars: Google, cal: GCalendar, series: Item
) -> None:
    """And so is a second attempt: that the series changed since would hide who did it."""
    op = EventUpdate(**of(series), start=at(7, 10))
    calendars.front.faults += [("PATCH", passed), ("PATCH", says(403, b"{}"))]
    with pytest.raises(Unknown, match="A part of the series was written"):
        cal.perform(op, key="key1", now=NOW)
    assert cal.find(op, key="key1") is None
    with pytest.raises(Unknown, match="was moved before this was cut off"):
        cal.perform(op, key="key1", now=NOW)


def test_a_series_of_somebody_else_with_changed_occurrences_is_not_moved(
    calendars: Google, cal: GCalendar
) -> None:
    calendars.world.put(event(
        "Theirs", 7, recurrence=["RRULE:FREQ=DAILY;COUNT=3"], id="theirs", guestsCanModify=True,
        attendees=[{"email": ME, "self": True}, {"email": BO}], **THEIRS,
    ))  # fmt: skip
    calendars.world.change("theirs_20261208T080000Z", summary="Once")
    with pytest.raises(Unsupported, match="Somebody else called this"):
        cal.perform(EventUpdate(**of(items(cal)["Theirs"]), start=at(7, 10)), key="key1", now=NOW)
    assert sent(calendars) == []


def test_a_series_without_them_is(calendars: Google, cal: GCalendar) -> None:
    calendars.world.put(event("Standup", 7, recurrence=["RRULE:FREQ=DAILY;COUNT=3"], id="standup"))
    item = items(cal)["Standup"]

    done(cal, EventUpdate(**of(item), start=at(7, 10)))

    assert [o.start for o in days(cal, item.ref)] == [at(7, 10), at(8, 10), at(9, 10)]


# what others called, and what Google makes by itself


def test_in_somebody_elses_meeting_only_the_own_answer_is_written(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": BO, "responseStatus": "accepted", "organizer": True}, {"email": ME, "self": True}]
    calendars.world.put(event("Theirs", id="theirs", attendees=guests, **THEIRS))
    item = items(cal)["Theirs"]
    op = EventRespond(**of(item), status="tentative", comment="Late")

    receipt = done(cal, op)

    ((method, query, body, match),) = sent(calendars)
    assert (method, query["sendUpdates"], bool(match)) == ("PATCH", ["none"], True)
    assert body == {"attendees": [
        {"email": BO, "responseStatus": "accepted"},
        {"email": ME, "responseStatus": "tentative", "comment": "Late"},
    ]}  # fmt: skip
    undone(cal, op, receipt)
    assert [a["responseStatus"] for a in stored(calendars, "theirs")["attendees"]] == [
        "accepted",
        "needsAction",
    ]
    for change in (EventUpdate(**of(items(cal)["Theirs"]), title="Mine"),):
        with pytest.raises(Unsupported, match="only they can change it"):
            cal.perform(change, key="key3", now=NOW)


@pytest.mark.parametrize("address", ["", ME, "ana.test@example.org"])
def test_an_answer_is_given_under_the_address_that_google_knows(
    calendars: Google, tmp_path: Path, address: str
) -> None:
    cal = account(calendars, tmp_path / "alias", me="ana.test@example.org")
    guests = [{"email": BO, "organizer": True}, {"email": ME, "self": True}]
    calendars.world.put(event("Theirs", id="theirs", attendees=guests, **THEIRS))

    done(cal, EventRespond(**of(items(cal)["Theirs"]), status="accepted", address=address))

    ((_, _, body, _),) = sent(calendars)
    assert [(a["email"], a["responseStatus"]) for a in body["attendees"]] == [
        (BO, "needsAction"), (ME, "accepted"),
    ]  # fmt: skip


def test_an_answer_is_not_found_any_more_after_another_one(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": BO, "organizer": True}, {"email": ME, "self": True, "responseStatus": "needsAction"}]
    calendars.world.put(event("Theirs", id="theirs", attendees=guests, **THEIRS))
    op = EventRespond(**of(items(cal)["Theirs"]), status="accepted")
    done(cal, op)
    calendars.world.change("theirs", attendees=[guests[0], {**guests[1], "responseStatus": "declined"}])

    assert cal.find(op, key="key1") is None


def test_a_guest_list_that_is_hidden_stays_whole(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": BO, "organizer": True}, {"email": ME, "self": True, "responseStatus": "needsAction"}]
    calendars.world.put(event("Theirs", id="theirs", attendees=guests, attendeesOmitted=True, **THEIRS))

    done(cal, EventRespond(**of(items(cal)["Theirs"]), status="accepted"))

    ((_, _, body, _),) = sent(calendars)
    assert body["attendeesOmitted"] is True


def test_one_occurrence_of_somebody_elses_series_is_answered(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": BO, "organizer": True}, {"email": ME, "self": True, "responseStatus": "accepted"}]
    calendars.world.put(
        event("Theirs", 7, id="theirs", recurrence=["RRULE:FREQ=DAILY;COUNT=3"], attendees=guests, **THEIRS)
    )

    done(cal, EventRespond(**of(items(cal)["Theirs"]), status="declined", occurrence=at(8, 9)))

    (mine,) = [a for a in stored(calendars, "theirs_20261208T080000Z")["attendees"] if a.get("self")]
    assert mine["responseStatus"] == "declined"


def receive(item: Item | None = None, *, method: str = "REQUEST", **given: Any) -> EventReceive:
    ref, mail = ItemRef("cal", "event", "plan@example.com"), ItemRef("mail", "message", "1")
    version = item.version if item else ""
    ics = whole(PLAN.replace("bo@example.com", BO), method=method)
    return EventReceive(source="cal", ref=ref, message=mail, version=version, ics=ics, **given)


def test_an_invitation_that_came_by_mail_is_put_in_under_its_uid(calendars: Google, cal: GCalendar) -> None:
    receipt = done(cal, receive(status="accepted"))

    assert [m for m, *_ in calendars.world.effects] == ["import"]
    item = cal.read(receipt.ref)
    assert item is not None
    assert (item.ref.native, item.label.trust) == ("plan@example.com", "untrusted")
    assert [(p.role, p.address, p.status) for p in item.people] == [
        ("organizer", BO, ""), ("attendee", ME, "accepted"),
    ]  # fmt: skip
    undone(cal, receive(status="accepted"), receipt)
    assert items(cal) == {}


def test_an_invitation_of_which_nobody_can_tell_whether_it_was_put_in(
    calendars: Google, cal: GCalendar
) -> None:
    silent_after(calendars, "POST /events/import", done_but(torn))
    with pytest.raises(Unknown, match="not known"):
        cal.perform(receive(status="accepted"), key="key", now=NOW)
    calendars.front.always.clear()
    assert [m for m, *_ in calendars.world.effects] == ["import"]
    assert cal.find(receive(status="accepted"), key="key") is not None


def test_an_invitation_that_google_has_already_is_only_answered(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": ME, "self": True, "responseStatus": "needsAction"}]
    calendars.world.put(
        event("Plan", id="plan1", iCalUID="plan@example.com", sequence=2, attendees=guests, **THEIRS)
    )
    item = items(cal)["Plan"]

    done(cal, receive(item, status="accepted"))

    ((method, _, body, _),) = sent(calendars)
    assert (method, body) == ("PATCH", {"attendees": [{"email": ME, "responseStatus": "accepted"}]})
    assert len(items(cal)) == 1


def test_a_mail_that_asks_for_nothing_changes_nothing(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": ME, "self": True, "responseStatus": "accepted"}]
    calendars.world.put(
        event("Plan", id="plan1", iCalUID="plan@example.com", sequence=2, attendees=guests, **THEIRS)
    )

    done(cal, receive(items(cal)["Plan"]))

    assert sent(calendars) == []


def test_a_meeting_that_is_withdrawn_by_mail_goes(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": ME, "self": True, "responseStatus": "accepted"}]
    calendars.world.put(
        event("Plan", id="plan1", iCalUID="plan@example.com", sequence=1, attendees=guests, **THEIRS)
    )

    receipt = done(cal, receive(items(cal)["Plan"], method="CANCEL"))

    assert receipt.version == ""
    assert items(cal) == {}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"eventType": "birthday"}, "birthday"),
        ({"eventType": "fromGmail"}, "mail"),
        ({"locked": True}, "locked"),
    ],
)
def test_what_google_makes_by_itself_is_left_alone(
    calendars: Google, cal: GCalendar, given: dict[str, Any], why: str
) -> None:
    calendars.world.put(event("It", **given))

    with pytest.raises(Unsupported, match=why):
        cal.perform(EventUpdate(**of(items(cal)["It"]), title="Other"), key="key1", now=NOW)


def test_a_calendar_that_is_only_read(calendars: Google, cal: GCalendar) -> None:
    calendars.world.calendar("read@group.calendar.google.com", "Read", "reader")
    calendars.world.put(event("It"), "read@group.calendar.google.com")

    with pytest.raises(Unsupported, match="only read"):
        cal.perform(EventUpdate(**of(items(cal)["It"]), title="Other"), key="key1", now=NOW)


def test_an_effect_is_found_by_another_process(calendars: Google, cal: GCalendar, tmp_path: Path) -> None:
    op = create()
    receipt = cal.perform(op, key="key1", now=NOW)
    other = account(calendars, tmp_path / "state")

    assert other.find(op, key="key1") == receipt
    assert other.read(receipt.ref) == cal.read(receipt.ref)
    assert pass_over(other)[0] == [cal.read(receipt.ref)]
