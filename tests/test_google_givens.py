"""The tests' own Google: reached by its real names, and what is done to it is counted where it is done."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import proxy
from fakes.myworld import office
from google_givens import Google

from deskhand.connectors import _egress
from deskhand.connectors._hosts import Host

EVENTS = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
LUNCH = {"summary": "Lunch", "start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}


@pytest.fixture
def ana(google: Google) -> Any:
    token = google.world.tokens["ana"]
    with _egress.client([Host("www.googleapis.com")], headers={"Authorization": f"Bearer {token}"}) as http:
        yield http


def test_the_shipped_client_speaks_to_googles_own_names(google: Google, ana: Any) -> None:
    made = ana.post(EVENTS, json=LUNCH).json()

    assert ana.get(f"{EVENTS}/{made['id']}").json()["summary"] == "Lunch"
    assert [m for m, _ in google.front.seen] == ["POST", "GET"]
    assert [c["tool"] for c in google.world.effects()] == ["calendar.events.insert"]
    assert len(google.world.state("calendar")["events"]) == 1


def test_a_name_that_is_not_googles_leads_where_it_always_did(google: Google) -> None:
    with (
        _egress.client([Host("elsewhere.invalid")]) as http,
        pytest.raises(_egress.HTTPError, match="not known"),
    ):
        http.get("https://elsewhere.invalid/")


def test_what_was_done_before_the_answer_was_lost_is_counted(google: Google, ana: Any) -> None:
    google.world.fault("calendar", {"kind": "timeout_after_commit", "tool": "calendar.events.insert"})

    assert ana.post(EVENTS, json=LUNCH).status_code == 504
    assert len(google.world.effects("calendar.events.insert")) == 1


def test_faults_of_the_way_are_the_fronts(google: Google, ana: Any) -> None:
    google.front.faults += [
        ("GET", proxy.says(429, b"{}", Retry_After="7")),
        ("GET", proxy.says(502, b"<html>")),
        ("GET", proxy.cut),
    ]

    assert ana.get(EVENTS).headers["retry-after"] == "7"
    assert ana.get(EVENTS).status_code == 502
    with pytest.raises(_egress.HTTPError):
        ana.get(EVENTS)
    assert ana.get(EVENTS).status_code == 200


def test_a_world_goes_back_to_what_it_was(google: Google, ana: Any) -> None:
    before = google.world.snapshot()
    ana.post(EVENTS, json=LUNCH)
    google.world.restore(before)

    assert google.world.state("calendar")["events"] == {}


MEETING = {"summary": "Plan", "start": "2026-11-23T09:00:00+01:00", "end": "2026-11-23T09:30:00+01:00"}


@pytest.mark.parametrize(
    "google", [office(events=[{**MEETING, "attendees": ["bo@example.org"]}])], indirect=True
)
def test_what_one_person_has_another_sees(google: Google) -> None:
    path = "/calendar/v3/calendars/primary/events"

    assert [e["summary"] for e in google.world.does("bo", "GET", path)["items"]] == ["Plan"]
    assert google.world.does("cy", "GET", path)["items"] == []
    assert [c["agent"] for c in google.world.calls("calendar.events.list")] == ["bo", "cy"]
