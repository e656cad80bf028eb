"""When others are taken, as Graph may tell it: items, a view beside them, or one that says more than they."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fakes.proxy import says
from graph_givens import Microsoft
from msgcal_givens import at, calendars

from deskhand.connectors.model import FreeBusy
from deskhand.connectors.msgraph_calendar import MsgraphCalendar

BO = "bo@example.org"


@pytest.fixture
def cal(microsoft: Microsoft, tmp_path: Path) -> MsgraphCalendar:
    return calendars(microsoft, tmp_path / "state")


def item(start: str, end: str, status: str = "busy") -> dict[str, Any]:
    """On 1 December; clocks in Paris, an hour before which it is in UTC."""
    times = {n: f"2026-12-01T{int(t[:2]) - 1:02d}{t[2:]}:00" for n, t in (("start", start), ("end", end))}
    return {"status": status, **{n: {"dateTime": t, "timeZone": "UTC"} for n, t in times.items()}}


def told(microsoft: Microsoft, cal: MsgraphCalendar, items: Sequence[Any], view: str | None) -> FreeBusy:
    """What is known of Bo from 9 to 11 when Graph answers that."""
    one = {"scheduleId": BO, "scheduleItems": [*items]} | ({} if view is None else {"availabilityView": view})
    answer = json.dumps({"value": [one]}).encode()
    microsoft.front.always["POST /me/calendar/getSchedule"] = says(
        200, answer, Content_Type="application/json"
    )
    return cal.free_busy([BO], start=at(1, 9), end=at(1, 11))[BO]


def spans(said: FreeBusy) -> tuple[datetime, datetime, bool]:
    """All that is taken, which has no gap."""
    for one, other in zip(said.busy, said.busy[1:], strict=False):
        assert other.start <= one.end
    return said.busy[0].start, max(b.end for b in said.busy), any(b.tentative for b in said.busy)


def test_who_is_shown_as_taken_without_an_item_is_taken(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    said = told(microsoft, cal, [], "22222222")
    assert (*spans(said), said.error) == (at(1, 9), at(1, 11), False, "")


def test_what_a_view_shows_beside_the_items_is_taken_too(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    said = told(microsoft, cal, [item("09:05", "09:30")], "22220000")
    assert (*spans(said), said.error) == (at(1, 9, 5), at(1, 10), False, ""), "to the minute where it is told"
    firm = told(microsoft, cal, [item("09:00", "09:30", "tentative")], "22000000")
    assert sorted(b.tentative for b in firm.busy) == [False, False, True], (
        "an item does not make less of a view"
    )


@pytest.mark.parametrize("view", ["", None, "2222", "0000????", "0000000x"])
@pytest.mark.parametrize("items", [[], [item("09:00", "09:30")]], ids=["no item", "an item"])
def test_a_view_that_is_short_or_holds_what_nobody_knows_is_unknown(
    microsoft: Microsoft, cal: MsgraphCalendar, items: list[Any], view: str | None
) -> None:
    assert told(microsoft, cal, items, view).error
