"""The way to a place and back, and hours kept for work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.availability.journeys import journeys, kept
from deskhand.connectors.model import ItemRef
from deskhand.connectors.occurrences import Occurrence

LISBON = ZoneInfo("Europe/Lisbon")


def at(hour: float, day: int = 24) -> datetime:
    return datetime(2026, 11, day, tzinfo=LISBON) + timedelta(hours=hour)


def meeting(start: float, end: float, place: str, *, day: int = 24, private: bool = False) -> Occurrence:
    ref = ItemRef("cal", "event", f"{day} {start}")
    return Occurrence(
        ref, "Meet", at(start, day), at(end, day), False, "confirmed", False, place, (), None,
        "Europe/Lisbon", private,
    )  # fmt: skip


def ways(*found: Occurrence, minutes: int = 30, here: tuple[str, ...] = ()) -> list[tuple[float, float]]:
    made = journeys(found, minutes=minutes, here=here, zone="Europe/Lisbon")
    midnight = at(0)
    return [tuple((m - midnight) / timedelta(hours=1) for m in (i.start, i.end)) for i in made]  # type: ignore[misc]


def test_before_and_after() -> None:
    assert ways(meeting(10, 11, "City Hall")) == [(9.5, 10), (11, 11.5)]


def test_two_at_the_same_place_need_none_between() -> None:
    assert ways(meeting(14, 15, "city  hall"), meeting(10, 11, "City Hall")) == [(9.5, 10), (15, 15.5)]


def test_from_one_place_to_another() -> None:
    assert ways(meeting(10, 11, "City Hall"), meeting(14, 15, "Harbour")) == [
        (9.5, 10), (11, 11.5), (13.5, 14), (15, 15.5),
    ]  # fmt: skip


def test_the_same_place_on_another_day_is_another_way() -> None:
    assert len(ways(meeting(10, 11, "City Hall"), meeting(10, 11, "City Hall", day=25))) == 4


@pytest.mark.parametrize(
    "place",
    ["", "https://meet.example.org/x", "Zoom", "Microsoft Teams Meeting", "phone", "+351 21 000 00 00",
     "Office, room 2", "online"],
)  # fmt: skip
def test_no_way_is_needed_to(place: str) -> None:
    assert ways(meeting(10, 11, place), here=("office",)) == []


def test_none_where_none_is_set() -> None:
    assert ways(meeting(10, 11, "City Hall"), minutes=0) == []


def test_where_a_private_meeting_is_stays_untold() -> None:
    made = journeys([meeting(10, 11, "Clinic", private=True)], minutes=30, here=(), zone="Europe/Lisbon")
    assert not any("Clinic" in i.name for i in made)


def test_hours_kept_for_work_follow_the_clock_over_a_change() -> None:
    week = ((), (), (), (), (), (), ((9 * 60, 24 * 60),))
    start, end = datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    found = list(kept(week, start=start, end=end, zone="Europe/Lisbon"))
    assert [(i.start.hour, i.end.hour, i.end.day) for i in found] == [(9, 0, 26), (9, 0, 2)]


@given(st.lists(st.tuples(st.integers(0, 22), st.sampled_from(["A hall", "B hall", "Zoom"])), max_size=6))
def test_a_way_never_begins_inside_nothing(meetings: list[tuple[int, str]]) -> None:
    """Each way touches a meeting elsewhere, and is as long as it was set."""
    found = [meeting(h, h + 1, place) for h, place in meetings]
    edges = {m for o in found if o.location != "Zoom" for m in (o.start, o.end)}
    for way in journeys(found, minutes=20, here=(), zone="Europe/Lisbon"):
        assert way.end - way.start == timedelta(minutes=20)
        assert {way.start, way.end} & edges
        assert not way.meeting
