"""A calendar account, against a real Radicale: the contract, and what reading it costs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from contracts import NOW, ConnectorContract, Write
from dav_givens import ME, PARIS, PLAN, create, items, whole

from deskhand.connectors.caldav import CalDav
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


def receive(ics: str, uid: str, **given: object) -> EventReceive:
    ref, mail = ItemRef("cal", "event", uid), ItemRef("mail", "message", "1")
    return EventReceive.model_validate(
        {"source": "cal", "ref": ref, "message": mail, "version": "", "ics": ics, **given}
    )


class TestCalDav(ConnectorContract):
    @pytest.fixture
    def connector(self, cal: CalDav) -> CalDav:
        return cal

    @pytest.fixture
    def writes(self, connector: CalDav) -> list[Write]:
        have = items(connector)
        standup, review, lunch = (have[f"{n}@example.org"] for n in ("standup", "review", "lunch"))
        bo = (Mailbox(address="bo@example.org", name="Bo"),)
        monday = datetime(2026, 11, 30, 9, tzinfo=PARIS)
        new = connector.perform(create(title="to be restored"), key="make", now=NOW)
        kept = connector.read(new.ref)
        assert kept is not None
        connector.perform(EventCancel(source="cal", ref=new.ref, version=new.version), key="unmake", now=NOW)
        of = {"standup": standup, "review": review, "lunch": lunch}

        def at(name: str) -> dict[str, object]:
            return {"source": "cal", "ref": of[name].ref, "version": of[name].version}

        edits = [
            EventUpdate.model_validate({**at("review"), "title": "Review, moved"}),
            EventUpdate.model_validate({**at("standup"), "occurrence": monday, "title": "Once"}),
            EventUpdate.model_validate(
                {
                    **at("standup"),
                    "occurrence": monday,
                    "following": True,
                    "end": monday + timedelta(minutes=45),
                }
            ),
            EventAnswered.model_validate(
                {**at("review"), "address": "bo@example.org", "status": "declined", "sequence": 3}
            ),
            EventRespond.model_validate({**at("review"), "address": "bo@example.org", "status": "tentative"}),
            EventCancel.model_validate({**at("standup"), "occurrence": monday}),
            EventCancel.model_validate(at("review")),
            EventCancel.model_validate(at("lunch")),
        ]
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
                EventRestore(source="cal", ref=review.ref, version="", ics=review.data["ics"]),
            ),
        ]


def test_me_is_who_calls_a_meeting(cal: CalDav) -> None:
    made = cal.perform(create(attendees=(Mailbox(address="bo@example.org"),)), key="k", now=NOW)
    item = cal.read(made.ref)
    assert item is not None
    organizer = item.person("organizer")
    assert organizer is not None
    assert organizer.address == ME
