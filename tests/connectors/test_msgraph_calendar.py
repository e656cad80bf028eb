"""Calendars at Microsoft 365: the contract, and what reading them costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts import ConnectorContract, Write, pass_over
from graph_givens import Microsoft
from msgcal_givens import calendars, filled

from deskhand.connectors.msgraph_calendar import MsgraphCalendar


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
        return []


def test_a_pass_over_an_unchanged_account_asks_twice(microsoft: Microsoft, tmp_path: Path) -> None:
    filled(microsoft)
    cal = calendars(microsoft, tmp_path / "state")
    _, cursor = pass_over(cal)
    microsoft.world.calls.clear()

    assert pass_over(cal, cursor)[0] == []
    assert [m for m, _ in microsoft.world.calls] == ["GET", "GET"]
