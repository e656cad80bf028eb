"""What Graph is asked for when a calendar is changed: once, with the ETag; and what Outlook tells others by
it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from contracts import NOW, pass_over
from fakes.graph.events import Meeting
from fakes.graph.world import World
from fakes.proxy import Request
from graph_givens import Microsoft
from msgcal_givens import at, calendars, create, event, items, made, program, time, weekly

from deskhand.connectors.errors import Changed, Missing, Unknown, Unsupported
from deskhand.connectors.model import Item, ItemRef, Receipt
from deskhand.connectors.msgraph_calendar import MsgraphCalendar
from deskhand.connectors.occurrences import Occurrence, occurrences
from deskhand.connectors.operations import EventCancel, EventRespond, EventUpdate, Mailbox, Operation

BO = "bo@example.org"
BOX = Mailbox(address=BO, name="Bo")
_WRITES = ("POST", "PATCH", "DELETE")
KEY = "String {9f8c1bde-5f3a-4b0e-9d5c-2f0f8a6d1e77} Name deskhandEffect"


@pytest.fixture
def cal(microsoft: Microsoft, tmp_path: Path) -> MsgraphCalendar:
    return calendars(microsoft, tmp_path / "state")


def of(item: Item) -> dict[str, Any]:
    return {"source": "cal", "ref": item.ref, "version": item.version}


def sent(microsoft: Microsoft) -> list[tuple[str, str, dict[str, Any], str]]:
    """Writes as they were sent: method, last name of the path, body, If-Match."""
    found = []
    for (method, path), body, headers in zip(
        microsoft.front.seen, microsoft.front.bodies, microsoft.front.headers, strict=True
    ):
        if method in _WRITES and "/events" in path:
            given = {k.lower(): v for k, v in headers.items()}
            last = path.partition("?")[0].rpartition("/")[2]
            found.append((method, last, json.loads(body or b"{}"), given.get("if-match", "")))
    return found


def stored(microsoft: Microsoft, title: str, who: str = "ana") -> Meeting:
    meetings = microsoft.world.people[who].diary.meetings.values()
    (found,) = [m for m in meetings if m.fields.get("subject") == title]
    return found


def days(cal: MsgraphCalendar, ref: ItemRef) -> list[Occurrence]:
    item = cal.read(ref)
    assert item is not None
    return occurrences(item, start=at(1, 0), end=at(31, 23), zone="Europe/Paris")


def done(cal: MsgraphCalendar, op: Operation, key: str = "key1") -> Receipt:
    receipt = cal.perform(op, key=key, now=NOW)
    assert cal.find(op, key=key) == receipt
    return receipt


def undone(cal: MsgraphCalendar, op: Operation, receipt: Receipt) -> Receipt:
    inverse = cal.inverse(op, receipt)
    assert inverse is not None
    return done(cal, inverse, "undo1")


def posted(world: World) -> list[tuple[str, list[str]]]:
    """From whom to whom Outlook wrote."""
    return [(who, to) for who, to, _ in world.posted]


# new events


def test_a_new_event_says_which_effect_it_is_and_invites(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    receipt = done(cal, create(attendees=(BOX,), location="Room 2", description="The plan"))

    ((_, _, body, _),) = sent(microsoft)
    assert body["start"] == {"dateTime": "2026-12-01T09:00:00", "timeZone": "Romance Standard Time"}
    assert body["attendees"] == [{"type": "required", "emailAddress": {"address": BO, "name": "Bo"}}]
    assert body["transactionId"]
    assert {"id": KEY, "value": "key1"} in body["singleValueExtendedProperties"]
    assert receipt.ref.native == stored(microsoft, "Budget").uid == stored(microsoft, "Budget", "bo").uid
    assert posted(microsoft.world) == [("ana", [BO])]
    assert [i.ref for i in items(cal).values()] == [receipt.ref]


def test_the_same_effect_by_two_programs_is_one_event(
    microsoft: Microsoft, cal: MsgraphCalendar, tmp_path: Path
) -> None:
    """The transaction id holds where nothing of the first is known here yet."""
    other = calendars(microsoft, tmp_path / "other")

    def then_another(request: Request) -> None:
        other.perform(create(), key="key1", now=NOW)
        request.say(*request.forward())

    microsoft.front.faults.append(("POST /events", then_another))
    receipt = cal.perform(create(), key="key1", now=NOW)

    assert len(microsoft.ana.diary.meetings) == 1
    assert microsoft.ana.diary.written == ["create Budget"]
    assert other.find(create(), key="key1") == receipt


def test_a_whole_day(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    receipt = done(cal, create(all_day=True, start=at(24, 0), end=at(26, 0)))

    ((_, _, body, _),) = sent(microsoft)
    assert (body["isAllDay"], body["start"]["dateTime"], body["end"]["dateTime"]) == (
        True, "2026-12-24T00:00:00", "2026-12-26T00:00:00",
    )  # fmt: skip
    assert [(o.all_day, o.start, o.end) for o in days(cal, receipt.ref)] == [(True, at(24, 0), at(26, 0))]


@pytest.mark.parametrize("all_day", [False, True])
def test_a_series_that_leaves_days_out(microsoft: Microsoft, cal: MsgraphCalendar, all_day: bool) -> None:
    hours = (0, 24) if all_day else (9, 10)
    given = create(
        rrule="FREQ=DAILY;COUNT=4", exdates=(at(2, hours[0]),), all_day=all_day,
        start=at(1, hours[0]), end=at(1, 0) + timedelta(hours=hours[1]),
    )  # fmt: skip
    receipt = done(cal, given)

    assert [o.start.day for o in days(cal, receipt.ref)] == [1, 3, 4]


def test_a_hold_is_confirmed_under_the_same_uid(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    receipt = done(cal, create(status="tentative", hold_until=NOW + timedelta(days=2)))
    item = cal.read(receipt.ref)
    assert item is not None
    assert (item.data["status"], "hold_until" in item.data) == ("tentative", True)
    assert stored(microsoft, "Budget").fields["showAs"] == "tentative"

    again = done(cal, EventUpdate(**of(item), status="confirmed"), "key2")

    item = cal.read(again.ref)
    assert item is not None
    assert (item.data["status"], "hold_until" in item.data) == ("confirmed", False)
    assert stored(microsoft, "Budget").fields["showAs"] == "busy"


def test_a_room_is_asked_for_as_a_resource(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    receipt = done(cal, create(rooms=(Mailbox(address="room2@example.org", name="Room 2"),)))

    ((_, _, body, _),) = sent(microsoft)
    assert [(a["emailAddress"]["address"], a["type"]) for a in body["attendees"]] == [
        ("room2@example.org", "resource")
    ]
    item = cal.read(receipt.ref)
    assert item is not None
    assert [p.role for p in item.people] == ["organizer", "resource"]


def test_unasked_nothing_goes_into_somebody_elses_calendar(microsoft: Microsoft, tmp_path: Path) -> None:
    boss = microsoft.world.calendar("ana", "Boss", owner="bo@example.org")
    both = calendars(microsoft, tmp_path / "both", calendars="Boss, Calendar")
    done(both, create(title="Mine"))
    assert stored(microsoft, "Mine").calendar != boss.id

    his = calendars(microsoft, tmp_path / "his", calendars="Boss")
    with pytest.raises(Unsupported, match="calendar of one's own"):
        his.perform(create(title="His"), key="k", now=NOW)
    his.perform(create(title="His", calendar="Boss"), key="k", now=NOW)
    assert stored(microsoft, "His").calendar == boss.id


def test_into_a_calendar_that_is_named(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    work = microsoft.world.calendar("ana", "Work")
    microsoft.world.calendar("ana", "Read", editable=False)

    receipt = done(cal, create(calendar="Work"))

    assert cal.read(receipt.ref) is not None
    assert stored(microsoft, "Budget").calendar == work.id
    with pytest.raises(Missing, match="Wrok"):
        cal.perform(create(calendar="Wrok"), key="k", now=NOW)
    with pytest.raises(Unsupported, match="only read"):
        cal.perform(create(calendar="Read"), key="k", now=NOW)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=1,15"}, "repeats like this"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=WE"}, "repeats like this"),
        ({"rrule": "FREQ=DAILY", "zone": "Antarctica/Troll"}, "no time zone"),
    ],
)
def test_what_outlook_cannot_say_is_refused_before_anything_is_written(
    microsoft: Microsoft, cal: MsgraphCalendar, given: dict[str, str], why: str
) -> None:
    with pytest.raises(Unsupported, match=why):
        cal.perform(create(**given), key="key1", now=NOW)
    assert sent(microsoft) == []


# changes


def test_only_what_differs_is_sent_and_the_rest_stays(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("Plan", 1, 9, BO, isOnlineMeeting=True, reminderMinutesBeforeStart=5))
    item = items(cal)["Plan"]
    assert "CONFERENCE" in item.data["ics"]

    op = EventUpdate(**of(item), title="Plan, new")
    receipt = done(cal, op)

    ((method, _, body, match),) = sent(microsoft)
    assert (method, bool(match)) == ("PATCH", True)
    assert body.keys() == {"subject", "singleValueExtendedProperties"}
    kept = stored(microsoft, "Plan, new").fields
    assert (kept["isOnlineMeeting"], kept["reminderMinutesBeforeStart"]) == (True, 5)
    undone(cal, op, receipt)
    assert items(cal)["Plan"].version == item.version


def test_another_text_of_an_online_meeting_keeps_the_way_to_join(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    made(microsoft, event("Call", isOnlineMeeting=True))

    done(cal, EventUpdate(**of(items(cal)["Call"]), description="Bring the plan."))

    kept = stored(microsoft, "Call").fields
    assert kept["isOnlineMeeting"] is True
    assert kept["body"]["content"].startswith("Bring the plan.")
    assert kept["onlineMeeting"]["joinUrl"] in kept["body"]["content"]


def test_another_time_asks_everybody_anew(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("Plan", 1, 9, BO))
    copy = stored(microsoft, "Plan", "bo")
    path = f"/me/events/AAMkAD2{sum(b'calendar'):06d}REG{copy.key:08d}AA="
    assert program(microsoft, "bo")("POST", f"{path}/accept", {"sendResponse": True}).status == 202
    item = items(cal)["Plan"]
    assert [p.status for p in item.people if p.address == BO] == ["accepted"]

    receipt = done(cal, EventUpdate(**of(item), start=at(2, 15)))

    moved = cal.read(receipt.ref)
    assert moved is not None
    assert (moved.start, moved.end) == (at(2, 15), at(2, 16))
    assert [p.status for p in moved.people if p.address == BO] == ["needs-action"]
    assert stored(microsoft, "Plan", "bo").answer == "notResponded"


def test_a_whole_day_gets_a_time(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    start, end = ({"dateTime": f"2026-12-0{n}T00:00:00", "timeZone": "UTC"} for n in (5, 6))
    made(microsoft, {"subject": "Day", "start": start, "end": end, "isAllDay": True})
    item = items(cal)["Day"]

    done(cal, EventUpdate(**of(item), start=at(5, 9), end=at(5, 10)))

    (when,) = days(cal, item.ref)
    assert (when.all_day, when.start, when.end) == (False, at(5, 9), at(5, 10))


def test_who_is_invited_changes(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("Plan", 1, 9, BO))
    cy = Mailbox(address="cy@example.org")

    done(cal, EventUpdate(**of(items(cal)["Plan"]), attendees=(cy,)))

    assert stored(microsoft, "Plan", "cy").organizer == "ana@example.org"
    assert stored(microsoft, "Canceled: Plan", "bo").cancelled


def test_what_changed_meanwhile_is_not_written_over(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    new = made(microsoft, event("Plan"))
    item = items(cal)["Plan"]
    elsewhere = {"location": {"displayName": "Elsewhere"}}

    def another_first(request: Request) -> None:
        assert program(microsoft)("PATCH", f"/me/events/{new['id']}", elsewhere).status == 200
        request.say(*request.forward())

    microsoft.front.faults.append(("PATCH", another_first))

    with pytest.raises(Changed):
        cal.perform(EventUpdate(**of(item), title="Mine"), key="key1", now=NOW)
    assert stored(microsoft, "Plan").fields["location"] == {"displayName": "Elsewhere"}


def test_what_is_cancelled_meanwhile_is_not_cancelled_again(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    new = made(microsoft, event("Plan"))
    item = items(cal)["Plan"]
    path = f"/me/events/{new['id']}"
    assert program(microsoft)("PATCH", path, {"location": {"displayName": "Elsewhere"}}).status == 200

    with pytest.raises(Changed):
        cal.perform(EventCancel(**of(item)), key="key1", now=NOW)
    assert program(microsoft)("DELETE", path).status == 204
    with pytest.raises(Missing):
        cal.perform(EventCancel(**of(item)), key="key2", now=NOW)


def test_a_meeting_called_off_and_put_back(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("Plan", 1, 9, BO, showAs="oof"))
    item = items(cal)["Plan"]
    cancel = EventCancel(**of(item))

    receipt = done(cal, cancel)

    assert (receipt.version, items(cal)) == ("", {})
    assert [(m, last, body) for m, last, body, _ in sent(microsoft)] == [("POST", "cancel", {"comment": ""})]
    assert stored(microsoft, "Canceled: Plan", "bo").cancelled
    undone(cal, cancel, receipt)
    again = items(cal)["Plan"]
    assert (again.ref, again.start, again.data["shown_as"]) == (item.ref, item.start, "oof")
    assert stored(microsoft, "Plan", "bo").answer == "notResponded"


def test_those_invited_are_told_why_it_is_called_off(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("Plan", 1, 9, BO))
    made(microsoft, event("Sync", 7, 9, BO, recurrence=weekly()))
    found = items(cal)

    done(cal, EventCancel(**of(found["Plan"]), comment="I am ill"))
    done(cal, EventCancel(**of(found["Sync"]), occurrence=at(14, 9), comment="She is ill"))

    said = [body for _, last, body, _ in sent(microsoft) if last == "cancel"]
    assert said == [{"comment": "I am ill"}, {"comment": "She is ill"}]
    done(cal, EventCancel(**of(items(cal)["Sync"])), "key2")
    assert sent(microsoft)[-1][2] == {"comment": ""}, "what was said before is not said again"


def test_an_event_with_nobody_in_it_is_deleted(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("Plan"))

    done(cal, EventCancel(**of(items(cal)["Plan"])))

    ((method, _, _, match),) = sent(microsoft)
    assert (method, bool(match)) == ("DELETE", True)
    assert microsoft.world.posted == []


# series


@pytest.fixture
def series(microsoft: Microsoft, cal: MsgraphCalendar) -> Item:
    daily = {
        "pattern": {"type": "daily", "interval": 1},
        "range": {"type": "numbered", "startDate": "2026-12-07", "numberOfOccurrences": 8},
    }
    new = made(microsoft, event("Standup", 7, recurrence=daily))
    later = {"subject": "Later", "start": time(9, 11), "end": time(9, 12)}
    ana = program(microsoft)
    assert ana("PATCH", f"/me/events/{new['id']}.2026-12-09", later).status == 200
    assert ana("DELETE", f"/me/events/{new['id']}.2026-12-10").status == 204
    return items(cal)["Standup"]


def told(cal: MsgraphCalendar, item: Item) -> list[tuple[str, int, int]]:
    return [(o.title, o.start.day, o.start.hour) for o in days(cal, item.ref) if o.status != "cancelled"]


WEEK = [("Standup", 7, 9), ("Standup", 8, 9), ("Later", 9, 11), *[("Standup", d, 9) for d in range(11, 15)]]


def test_one_occurrence_is_changed_in_one_request(
    microsoft: Microsoft, cal: MsgraphCalendar, series: Item
) -> None:
    op = EventUpdate(**of(series), occurrence=at(8, 9), title="Once")
    receipt = done(cal, op)

    ((method, last, body, match),) = sent(microsoft)
    assert (method, last[-10:], bool(match)) == ("PATCH", "2026-12-08", True)
    assert body["singleValueExtendedProperties"] == [{"id": KEY, "value": "key1"}]
    assert told(cal, series) == [WEEK[0], ("Once", 8, 9), *WEEK[2:]]
    undone(cal, op, receipt)
    assert told(cal, series) == WEEK


def test_one_occurrence_is_moved(microsoft: Microsoft, cal: MsgraphCalendar, series: Item) -> None:
    done(cal, EventUpdate(**of(series), occurrence=at(9, 9), start=at(9, 16), end=at(9, 17)))

    assert told(cal, series) == [*WEEK[:2], ("Later", 9, 16), *WEEK[3:]]


@pytest.mark.parametrize("day", [8, 9])
def test_one_occurrence_is_cancelled_and_put_back(
    microsoft: Microsoft, cal: MsgraphCalendar, series: Item, day: int
) -> None:
    """Outlook has no way to bring one back but to begin the series anew: the others are as they were."""
    op = EventCancel(**of(series), occurrence=at(day, 9))
    receipt = done(cal, op)

    assert [m for m, *_ in sent(microsoft)] == ["DELETE"]
    assert told(cal, series) == [w for w in WEEK if w[1] != day]
    undone(cal, op, receipt)
    assert told(cal, series) == WEEK


def test_one_occurrence_of_a_meeting_with_others_is_cancelled(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    made(microsoft, event("Sync", 7, 9, BO, recurrence=weekly(type="numbered", numberOfOccurrences=3)))
    item = items(cal)["Sync"]
    op = EventCancel(**of(item), occurrence=at(14, 9))

    receipt = done(cal, op)

    assert [(m, last) for m, last, *_ in sent(microsoft)] == [("POST", "cancel")]
    assert [o.status for o in days(cal, item.ref)] == ["confirmed", "cancelled", "confirmed"]
    undone(cal, op, receipt)
    assert [o.status for o in days(cal, item.ref)] == ["confirmed"] * 3


def test_from_one_on_it_is_another_series(microsoft: Microsoft, cal: MsgraphCalendar, series: Item) -> None:
    op = EventUpdate(**of(series), occurrence=at(12, 9), following=True, title="Daily", start=at(12, 10))
    receipt = done(cal, op)

    ((ref, _),) = receipt.detail["also"].items()
    other = cal.read(ItemRef.parse(ref))
    assert other is not None
    assert told(cal, series) == [w for w in WEEK if w[1] < 12]
    assert told(cal, other) == [("Daily", d, 10) for d in (12, 13, 14)]
    assert {i.ref for i in items(cal).values()} == {series.ref, other.ref}
    undone(cal, op, receipt)
    assert told(cal, series) == WEEK
    assert cal.read(other.ref) is None


def test_from_one_on_what_was_changed_by_itself_goes_along(
    microsoft: Microsoft, cal: MsgraphCalendar, series: Item
) -> None:
    op = EventUpdate(**of(series), occurrence=at(8, 9), following=True, location="Room 2")
    receipt = done(cal, op)

    ((ref, _),) = receipt.detail["also"].items()
    other = cal.read(ItemRef.parse(ref))
    assert other is not None
    assert told(cal, series) == WEEK[:1]
    assert told(cal, other) == WEEK[1:]


def test_it_ends_before_one(microsoft: Microsoft, cal: MsgraphCalendar, series: Item) -> None:
    op = EventCancel(**of(series), occurrence=at(9, 9), following=True)
    receipt = done(cal, op)

    assert told(cal, series) == WEEK[:2]
    undone(cal, op, receipt)
    assert told(cal, series) == WEEK


def test_a_whole_series_is_moved_with_what_single_occurrences_have(
    microsoft: Microsoft, cal: MsgraphCalendar, series: Item
) -> None:
    op = EventUpdate(**of(series), start=at(7, 10))
    receipt = done(cal, op)

    assert told(cal, series) == [
        ("Standup", 7, 10), ("Standup", 8, 10), ("Later", 9, 11),
        *[("Standup", d, 10) for d in range(11, 15)],
    ]  # fmt: skip
    undone(cal, op, receipt)
    assert told(cal, series) == WEEK


def test_a_series_that_is_begun_anew_and_not_finished_is_put_to_the_person(
    microsoft: Microsoft, cal: MsgraphCalendar, series: Item
) -> None:
    def then_silent(request: Request) -> None:
        request.say(*request.forward())
        microsoft.front.always["GET /events"] = lambda r: r.say(503, b"")

    microsoft.front.faults.append(("PATCH", then_silent))
    with pytest.raises(Unknown, match="part of the series"):
        cal.perform(EventUpdate(**of(series), start=at(7, 10)), key="key1", now=NOW)


def test_the_title_of_a_series_is_that_of_its_occurrences(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    new = made(microsoft, event("Standup", 7, recurrence=weekly(type="numbered", numberOfOccurrences=3)))
    moved = {"start": time(14, 11), "end": time(14, 12)}
    assert program(microsoft)("PATCH", f"/me/events/{new['id']}.2026-12-14", moved).status == 200
    item = items(cal)["Standup"]

    done(cal, EventUpdate(**of(item), title="Daily"))

    assert told(cal, item) == [("Daily", 7, 9), ("Daily", 14, 11), ("Daily", 21, 9)]


# what others called


@pytest.fixture
def theirs(microsoft: Microsoft, cal: MsgraphCalendar) -> Item:
    made(microsoft, event("Theirs", 7, 9, "ana@example.org", "cy@example.org", recurrence=weekly()), "bo")
    microsoft.world.posted.clear()
    return items(cal)["Theirs"]


def answer_at_bo(microsoft: Microsoft) -> str:
    (ana, _) = stored(microsoft, "Theirs", "bo").fields["attendees"]
    return str(ana["status"]["response"])


def test_in_somebody_elses_meeting_only_the_own_answer_is_given(
    microsoft: Microsoft, cal: MsgraphCalendar, theirs: Item
) -> None:
    op = EventRespond(**of(theirs), status="tentative", comment="Late")
    receipt = done(cal, op)

    assert [(m, last, body) for m, last, body, _ in sent(microsoft)] == [
        ("POST", "tentativelyAccept", {"comment": "Late", "sendResponse": True})
    ]
    assert answer_at_bo(microsoft) == "tentativelyAccepted"
    assert posted(microsoft.world) == [("ana", [BO])]
    assert cal.inverse(op, receipt) is None, "an invitation cannot be made one without an answer"
    with pytest.raises(Unsupported, match="only they can change it"):
        cal.perform(EventUpdate(**of(items(cal)["Theirs"]), title="Mine"), key="key3", now=NOW)


def test_an_answer_is_taken_back_by_the_one_before(
    microsoft: Microsoft, cal: MsgraphCalendar, theirs: Item
) -> None:
    done(cal, EventRespond(**of(theirs), status="accepted"))
    op = EventRespond(**of(items(cal)["Theirs"]), status="tentative")
    receipt = done(cal, op, "key2")
    undone(cal, op, receipt)
    assert answer_at_bo(microsoft) == "accepted"


def test_who_says_no_has_it_no_more(microsoft: Microsoft, cal: MsgraphCalendar, theirs: Item) -> None:
    op = EventRespond(**of(theirs), status="declined", comment="Ill.")
    receipt = done(cal, op)

    assert (receipt.version, items(cal)) == ("", {})
    assert answer_at_bo(microsoft) == "declined"
    assert b"Ill." in microsoft.world.posted[-1][2]
    assert cal.inverse(op, receipt) is None


@pytest.mark.parametrize(("status", "left"), [("declined", [7, 21, 28]), ("accepted", [7, 14, 21, 28])])
def test_one_occurrence_of_somebody_elses_series_is_answered(
    microsoft: Microsoft, cal: MsgraphCalendar, theirs: Item, status: str, left: list[int]
) -> None:
    done(cal, EventRespond.model_validate({**of(theirs), "status": status, "occurrence": at(14, 9)}))

    assert [d for _, d, _ in told(cal, theirs)] == left
    copy = stored(microsoft, "Theirs", "bo").exceptions
    assert [a["status"]["response"] for own in copy.values() for a in own["attendees"] if "status" in a] == [
        status
    ]


@pytest.mark.parametrize("address", ["", "ana@example.org", "ana.test@example.org"])
def test_an_answer_is_given_whatever_address_was_invited(
    microsoft: Microsoft, tmp_path: Path, address: str
) -> None:
    cal = calendars(microsoft, tmp_path / "alias", me="ana.test@example.org")
    made(microsoft, event("Theirs", 7, 9, "ana@example.org"), "bo")

    done(cal, EventRespond(**of(items(cal)["Theirs"]), status="accepted", address=address))

    assert stored(microsoft, "Theirs").answer == "accepted"


def test_a_calendar_that_is_only_read(microsoft: Microsoft, tmp_path: Path) -> None:
    read = microsoft.world.calendar("ana", "Read", editable=False)
    made(microsoft, event("It"))
    stored(microsoft, "It").calendar = read.id
    cal = calendars(microsoft, tmp_path / "state")

    with pytest.raises(Unsupported, match="only read"):
        cal.perform(EventUpdate(**of(items(cal)["It"]), title="Other"), key="key1", now=NOW)


def test_an_effect_is_found_by_another_process(
    microsoft: Microsoft, cal: MsgraphCalendar, tmp_path: Path
) -> None:
    op = create()
    receipt = cal.perform(op, key="key1", now=NOW)
    other = calendars(microsoft, tmp_path / "state")

    assert other.find(op, key="key1") == receipt
    assert other.read(receipt.ref) == cal.read(receipt.ref)
    assert pass_over(other)[0] == [cal.read(receipt.ref)]
