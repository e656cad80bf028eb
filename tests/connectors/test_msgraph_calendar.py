"""Calendars at Microsoft 365: the contract, and what reading them costs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from contracts import NOW, ConnectorContract, Write, pass_over
from graph_givens import Microsoft
from msgcal_givens import at, calendars, create, filled, items

from deskhand.connectors.msgraph_calendar import MsgraphCalendar
from deskhand.connectors.operations import (
    EventCancel,
    EventRespond,
    EventRestore,
    EventUpdate,
    Mailbox,
)


class TestMsgraphCalendar(ConnectorContract):
    @pytest.fixture
    def connector(self, microsoft: Microsoft, tmp_path: Path) -> MsgraphCalendar:
        filled(microsoft)
        return calendars(microsoft, tmp_path / "state")

    @pytest.fixture
    def acquaintances(self) -> list[str]:
        return ["bo@example.org", "cy@example.org"]

    @pytest.fixture
    def writes(self, connector: MsgraphCalendar) -> list[Write]:
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
            Write(EventRestore(source="cal", ref=new.ref, version="", ics=kept.data["ics"], revised=True)),
            Write(
                EventRestore(source="cal", ref=new.ref, version="", ics=kept.data["ics"]),
                EventRestore(
                    source="cal", ref=have["Review"].ref, version="", ics=have["Review"].data["ics"]
                ),
            ),
        ]


def test_a_pass_over_an_unchanged_account_asks_twice(microsoft: Microsoft, tmp_path: Path) -> None:
    filled(microsoft)
    for n in range(6):
        microsoft.world.calendar("ana", f"Further {n}")
    cal = calendars(microsoft, tmp_path / "state")
    _, cursor = pass_over(cal)
    microsoft.front.seen.clear()

    assert pass_over(cal, cursor)[0] == []
    assert [m for m, _ in microsoft.front.seen] == ["GET", "POST"], "the calendars, and what changed in all"
