"""A Google account's calendars: the contract, and what reading them costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contracts import NOW, ConnectorContract, Write, pass_over
from dav_givens import PLAN, whole
from gcal_givens import ME, account, at, create, event, items
from google_givens import Google

from deskhand.connectors.gcalendar import GCalendar
from deskhand.connectors.model import ItemRef
from deskhand.connectors.operations import (
    EventAnswered,
    EventCancel,
    EventReceive,
    EventRespond,
    EventRestore,
    EventUpdate,
    Mailbox,
)

GUESTS = [
    {"email": ME, "self": True, "organizer": True, "responseStatus": "accepted"},
    {"email": "bo@example.org"},
]
THEIRS = {
    "organizer": {"email": "bo@example.org", "displayName": "Bo"}, "creator": {"email": "bo@example.org"},
    "attendees": [
        {"email": "bo@example.org", "organizer": True, "responseStatus": "accepted"},
        {"email": ME, "self": True, "responseStatus": "needsAction"},
    ],
}  # fmt: skip


def receive(ics: str, uid: str, **given: object) -> EventReceive:
    ref, mail = ItemRef("cal", "event", uid), ItemRef("mail", "message", "1")
    return EventReceive.model_validate(
        {"source": "cal", "ref": ref, "message": mail, "version": "", "ics": ics, **given}
    )


def fill(google: Google) -> None:
    """Series with a changed and a cancelled occurrence, meetings of one's own and of others, a whole day."""
    world = google.world
    for name in ("Standup", "Retro", "Sync"):
        id_ = name.lower()
        world.put(event(name, 7, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=8"], id=id_))
        world.change(f"{id_}_20261214T080000Z", summary=f"{name}, later", **_span(14, 11))
        world.take(f"{id_}_20261221T080000Z")
    world.put(event("Review", 1, 14, attendees=[*GUESTS], location="Room 2", id="review"))
    world.put(event("Theirs", 2, 10, id="theirs", **THEIRS))
    world.put(
        {"summary": "Lunch", "start": {"date": "2026-12-05"}, "end": {"date": "2026-12-06"}, "id": "lunch"}
    )
    world.busy["bo@example.org"] = [
        (datetime(2026, 12, 1, 8, tzinfo=UTC), datetime(2026, 12, 1, 9, tzinfo=UTC))
    ]
    world.busy["cy@example.org"] = []


def _span(day: int, hour: int) -> dict[str, object]:
    made = event("", day, hour)
    return {"start": made["start"], "end": made["end"]}


class TestGCalendar(ConnectorContract):
    @pytest.fixture
    def connector(self, calendars: Google, tmp_path: Path) -> GCalendar:
        fill(calendars)
        return account(calendars, tmp_path / "state")

    @pytest.fixture
    def acquaintances(self) -> list[str]:
        return ["bo@example.org", "cy@example.org"]

    @pytest.fixture
    def writes(self, connector: GCalendar) -> list[Write]:
        have = items(connector)
        bo = (Mailbox(address="bo@example.org", name="Bo"),)
        monday = at(28, 9)
        new = connector.perform(create(title="to be restored"), key="make", now=NOW)
        kept = connector.read(new.ref)
        assert kept is not None
        connector.perform(EventCancel(source="cal", ref=new.ref, version=new.version), key="unmake", now=NOW)

        def of(name: str) -> dict[str, object]:
            return {"source": "cal", "ref": have[name].ref, "version": have[name].version}

        edits = [
            EventUpdate.model_validate({**of("Review"), "title": "Review, moved"}),
            EventUpdate.model_validate({**of("Standup"), "occurrence": monday, "title": "Once"}),
            EventUpdate.model_validate({
                **of("Retro"), "occurrence": monday, "following": True,
                "end": monday + timedelta(minutes=45),
            }),
            EventAnswered.model_validate(
                {**of("Review"), "address": "bo@example.org", "status": "declined", "sequence": 3}
            ),
            EventRespond.model_validate({**of("Theirs"), "status": "tentative"}),
            EventCancel.model_validate({**of("Sync"), "occurrence": monday}),
            EventCancel.model_validate(of("Review")),
            EventCancel.model_validate(of("Lunch")),
        ]  # fmt: skip
        return [
            Write(create()),
            Write(create(attendees=bo, rrule="FREQ=DAILY;COUNT=3")),
            Write(create(status="tentative", hold_until=NOW + timedelta(days=2))),
            *(Write(op, op.model_copy(update={"version": "e-0"})) for op in edits),
            Write(
                receive(whole(PLAN, method="REQUEST"), "plan@example.com"),
                receive(whole(PLAN, method="REQUEST"), "plan@example.com", version="e-0"),
            ),
            Write(EventRestore(source="cal", ref=new.ref, version="", ics=kept.data["ics"], revised=True)),
            Write(
                EventRestore(source="cal", ref=new.ref, version="", ics=kept.data["ics"]),
                EventRestore(
                    source="cal", ref=have["Review"].ref, version="", ics=have["Review"].data["ics"]
                ),
            ),
        ]


def test_a_pass_over_an_unchanged_account_asks_twice(calendars: Google, tmp_path: Path) -> None:
    fill(calendars)
    cal = account(calendars, tmp_path / "state")
    _, cursor = pass_over(cal)
    calendars.front.seen.clear()

    assert pass_over(cal, cursor)[0] == []
    assert [m for m, _ in calendars.front.seen] == ["GET", "GET"]
