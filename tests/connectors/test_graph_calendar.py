"""The calendars of the fake Graph do what Microsoft says: series, windows, invitations, who is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fakes.graph.program import Program
from fakes.graph.server import Graph
from fakes.graph.world import World
from graph_givens import contract

Json = Any
STAYS = {"Prefer": 'IdType="ImmutableId"'}
VIEW = "/me/calendarView/delta()?startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"
PROPERTY = "String {9f8c1bde-5f3a-4b0e-9d5c-2f0f8a6d1e77} Name deskhandEffect"


def at(day: int, hour: int = 9, minute: int = 0) -> Json:
    return {"dateTime": f"2026-12-{day:02d}T{hour:02d}:{minute:02d}:00", "timeZone": "Romance Standard Time"}


def meeting(subject: str, day: int = 1, hour: int = 9, *guests: str, **more: Json) -> Json:
    invited = [{"emailAddress": {"address": g}, "type": "required"} for g in guests]
    given = {"subject": subject, "start": at(day, hour), "end": at(day, hour + 1), **more}
    return given | ({"attendees": invited} if invited else {})


def weekly(day: int = 7, count: int = 4) -> Json:
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"}
    range_ = {"type": "numbered", "startDate": f"2026-12-{day:02d}", "numberOfOccurrences": count}
    return {"pattern": pattern, "range": range_}


@pytest.fixture
def graph() -> Iterator[Graph]:
    made = Graph(World(), contract())
    for name in ("ana", "bo", "cy"):
        made.world.person(name)
    yield made
    assert not made.world.wrong, made.world.wrong


@pytest.fixture
def ana(graph: Graph) -> Program:
    return Program(graph, "ana")


@pytest.fixture
def bo(graph: Graph) -> Program:
    return Program(graph, "bo")


def made(program: Program, body: Json) -> Json:
    got = program("POST", "/me/events", body, **STAYS)
    assert got.status == 201, got
    return got.body


def only(program: Program) -> Json:
    """The one event of a calendar."""
    (row,) = program("GET", "/me/events", **STAYS).body["value"]
    return row


def test_an_event_is_made_once_read_changed_and_taken_away(graph: Graph, ana: Program) -> None:
    new = made(
        ana, meeting("Plan", transactionId="T1", showAs="oof", body={"contentType": "text", "content": "x"})
    )
    assert made(ana, meeting("Plan", transactionId="T1"))["id"] == new["id"]
    assert new["start"] == {"dateTime": "2026-12-01T08:00:00.0000000", "timeZone": "UTC"}
    read = ana("GET", f"/me/events/{new['id']}", Prefer='outlook.timezone="Romance Standard Time"').body
    assert read["start"]["dateTime"] == "2026-12-01T09:00:00.0000000"
    assert (read["type"], read["showAs"], read["isOrganizer"]) == ("singleInstance", "oof", True)
    path = f"/me/events/{new['id']}"
    assert ana("PATCH", path, {"subject": "Plan B"}, If_Match=new["@odata.etag"]).body["subject"] == "Plan B"
    assert ana("PATCH", path, {"subject": "Plan C"}, If_Match=new["@odata.etag"]).status == 412
    assert ana("DELETE", path, If_Match=new["@odata.etag"]).status == 412
    assert ana("DELETE", path).status == 204
    assert ana("GET", path).status == 404
    assert graph.world.people["ana"].diary.written == ["create Plan", "change Plan B", "delete Plan B"]


def test_a_window_tells_masters_occurrences_and_exceptions_and_what_is_gone(ana: Program) -> None:
    one = made(ana, meeting("One"))
    series = made(ana, meeting("Weekly", 7, recurrence=weekly()))
    made(
        ana,
        meeting("Later", 20)
        | {
            "start": {"dateTime": "2027-03-01T09:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2027-03-01T10:00:00", "timeZone": "UTC"},
        },
    )
    rows, link = ana.pages(VIEW, **STAYS)
    assert [r["type"] for r in rows] == ["singleInstance", "seriesMaster", *["occurrence"] * 4]
    assert rows[2].keys() == {"@odata.type", "@odata.etag", "id", "seriesMasterId", "type", "start", "end"}
    assert {r["seriesMasterId"] for r in rows[2:]} == {series["id"]}
    assert ana.pages(link, **STAYS) == ([], link)
    ana("PATCH", f"/me/events/{rows[3]['id']}", {"subject": "Once"}, **STAYS)
    ana("DELETE", f"/me/events/{rows[4]['id']}", **STAYS)
    ana("DELETE", f"/me/events/{one['id']}", **STAYS)
    told = {r["id"]: r for r in ana.pages(link, **STAYS)[0]}
    assert told[one["id"]]["@removed"] == told[rows[4]["id"]]["@removed"] == {"reason": "deleted"}
    exception = told[rows[3]["id"]]
    assert (exception["type"], exception["subject"]) == ("exception", "Once")
    assert exception["originalStart"] == "2026-12-14T08:00:00Z"
    whole = ana(
        "GET", f"/me/events/{series['id']}?$select=subject,cancelledOccurrences&$expand=exceptionOccurrences",
        **STAYS,
    ).body  # fmt: skip
    assert whole["cancelledOccurrences"] == [f"OID.{series['id']}.2026-12-21"]
    assert [e["subject"] for e in whole["exceptionOccurrences"]] == ["Once"]
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"
    got = ana("GET", f"/me/events/{series['id']}/instances?{window}").body["value"]
    assert [i["type"] for i in got] == ["occurrence", "exception", "occurrence"]
    assert len({i["iCalUId"] for i in got}) == 3


def test_a_window_has_a_size_and_links_that_end(graph: Graph, ana: Program) -> None:
    graph.world.page, graph.world.empty_pages, graph.world.duplicates = 2, True, True
    for n in range(3):
        made(ana, meeting(f"E{n}", n + 1))
    rows, link = ana.pages(VIEW)
    assert {r["subject"] for r in rows} == {"E0", "E1", "E2"}
    assert len(rows) > 3
    assert ana("GET", "/me/calendarView/delta()").status == 400
    assert ana("GET", VIEW.replace("2027-01", "2033-01")).status == 400
    assert ana("GET", VIEW + "&$select=subject").status == 400
    graph.world.forget()
    assert ana("GET", link).status == 410
    graph.world.lost_as = 400
    assert ana("GET", link).body["error"]["code"] == "syncStateNotFound"


def test_an_invitation_arrives_and_its_answer_comes_back(graph: Graph, ana: Program, bo: Program) -> None:
    new = made(ana, meeting("Budget", 1, 9, "bo@example.org", "zoe@elsewhere.example"))
    theirs = only(bo)
    assert theirs["iCalUId"] == new["iCalUId"]
    assert (theirs["isOrganizer"], theirs["responseStatus"]["response"]) == (False, "notResponded")
    (letter,) = bo("GET", "/me/mailFolders/inbox/messages").body["value"]
    assert letter["@odata.type"] == "#microsoft.graph.eventMessageRequest"
    assert [(who, to) for who, to, _ in graph.world.posted] == [
        ("ana", ["bo@example.org", "zoe@elsewhere.example"])
    ]
    path = f"/me/events/{theirs['id']}"
    assert bo("PATCH", path, {"subject": "Mine"}).status == 400
    assert bo("POST", f"{path}/tentativelyAccept", {"comment": "perhaps", "sendResponse": True}).status == 202
    assert only(ana)["attendees"][0]["status"]["response"] == "tentativelyAccepted"
    assert ana("PATCH", f"/me/events/{new['id']}", {"start": at(2), "end": at(2, 10)}).status == 200
    assert only(ana)["attendees"][0]["status"]["response"] == "none"
    assert only(bo)["start"]["dateTime"] == "2026-12-02T08:00:00.0000000"
    assert only(bo)["responseStatus"]["response"] == "notResponded"
    assert bo("POST", f"{path}/accept", {"comment": "", "sendResponse": False}).status == 202
    assert only(ana)["attendees"][0]["status"]["response"] == "none"
    assert ana("POST", f"/me/events/{new['id']}/accept", {}).status == 400
    assert bo("POST", f"{path}/cancel", {"comment": "no"}).status == 400
    assert ana("POST", f"/me/events/{new['id']}/cancel", {"Comment": "Ill."}).status == 202
    assert only(bo)["isCancelled"] is True
    assert b"Ill." in graph.world.posted[-1][2]
    assert ana("GET", "/me/events").body["value"] == []
    assert bo("POST", f"{path}/decline", {}).status == 202
    assert bo("GET", path).status == 404


def test_extended_properties_are_told_where_they_are_asked_for(ana: Program) -> None:
    made(ana, meeting("Other", 2))
    new = made(ana, meeting("Kept", singleValueExtendedProperties=[{"id": PROPERTY, "value": "k1"}]))
    assert "singleValueExtendedProperties" not in new
    expand = f"$expand=singleValueExtendedProperties($filter=id eq '{PROPERTY}')"
    read = ana("GET", f"/me/events/{new['id']}?{expand}", **STAYS).body
    assert read["singleValueExtendedProperties"] == [{"id": PROPERTY, "value": "k1"}]
    asked = f"singleValueExtendedProperties/any(ep:ep/id eq '{PROPERTY}' and ep/value eq 'k1')"
    assert [e["id"] for e in ana("GET", f"/me/events?$filter={asked}", **STAYS).body["value"]] == [new["id"]]
    by_uid = ana("GET", f"/me/events?$filter=iCalUId eq '{new['iCalUId']}'", **STAYS).body["value"]
    assert [e["id"] for e in by_uid] == [new["id"]]


def test_when_people_are_taken_is_told_of_each_or_why_not(graph: Graph, ana: Program, bo: Program) -> None:
    made(bo, meeting("A", 1, 9, showAs="tentative"))
    made(bo, meeting("B", 1, 13, showAs="free"))
    graph.world.people["cy"].diary.shares = False
    body = {"schedules": ["bo@example.org", "cy@example.org", "zoe@x.example"], "startTime": at(1, 8),
            "endTime": at(1, 12), "availabilityViewInterval": 60}  # fmt: skip
    told, cy, zoe = ana("POST", "/me/calendar/getSchedule", body).body["value"]
    assert told["availabilityView"] == "0100"
    (item,) = told["scheduleItems"]
    assert (item["status"], item["start"]["dateTime"]) == ("tentative", "2026-12-01T08:00:00.0000000")
    assert told["workingHours"]["timeZone"] == {"name": "Romance Standard Time"}
    assert cy["error"]["responseCode"] == "ErrorNoFreeBusyAccess"
    assert zoe["error"]["responseCode"] == "ErrorMailRecipientNotFound"


def test_times_for_a_meeting_are_proposed(ana: Program, bo: Program) -> None:
    made(bo, meeting("A", 1, 9))
    slots = [{"start": at(1, 9), "end": at(1, 12)}]
    people = [{"type": "required", "emailAddress": {"address": "bo@example.org"}}]
    body = {
        "attendees": people, "timeConstraint": {"timeSlots": slots}, "meetingDuration": "PT1H",
        "maxCandidates": 2,
    }  # fmt: skip
    got = ana("POST", "/me/findMeetingTimes", body).body["meetingTimeSuggestions"]
    assert [s["meetingTimeSlot"]["start"]["dateTime"][11:16] for s in got] == ["09:00", "09:30"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "Mars Standard Time"}}, {"isAllDay": True},
        {"recurrence": weekly(8)}, {"iCalUId": "mine"},
    ],
)  # fmt: skip
def test_what_graph_refuses_is_refused(ana: Program, wrong: Json) -> None:
    assert ana("POST", "/me/events", meeting("Plan", 7) | wrong).status == 400


def test_the_body_of_an_online_meeting_keeps_it_one(ana: Program) -> None:
    new = made(ana, meeting("Call", isOnlineMeeting=True))
    path, join = f"/me/events/{new['id']}", new["onlineMeeting"]["joinUrl"]
    kept = {"contentType": "text", "content": f"More. {join}"}
    assert ana("PATCH", path, {"body": kept}).body["isOnlineMeeting"] is True
    assert (
        ana("PATCH", path, {"body": {"contentType": "text", "content": "x"}}).body["isOnlineMeeting"] is False
    )
