"""A meeting with each of several people: by the owner's habits, every limit, and an order that was said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from agent_givens import ENVIRONMENT

from deskhand.agent.app import App


def booked(desk: Any) -> dict[str, datetime]:
    """When each meeting that was booked begins, by its title."""
    found = {}
    for event in desk.calendar().split("BEGIN:VEVENT")[1:]:
        title = re.search(r"SUMMARY:(.*?)\r", event)
        at = re.search(r"DTSTART;TZID=Europe/Lisbon:(\w+)", event)
        if title and at:
            found[title[1]] = datetime.strptime(f"{at[1]}+0000", "%Y%m%dT%H%M%S%z")  # Lisbon, in winter
    return found


def with_habits(desk: Any, text: str) -> Any:
    """The same desk, opened again with other settings."""
    desk.app.close()
    config = desk.root / "home/config.toml"
    config.write_text(f"{config.read_text('utf-8')}\n[meetings]\n{text}\n", "utf-8")
    desk.app = App.open(desk.root / "home", now=lambda: desk.moment, environ=ENVIRONMENT)
    return desk


EACH = "book half an hour with each of Ann and Bo next week"


class TestHabits:
    def test_the_grid(self, desk: Any) -> None:
        desk.event("Early", "20261123T080000", "20261123T091000")
        assert with_habits(desk, "grid = 60").ask(EACH).status == "done"
        found = booked(desk)
        assert {found[f"Meeting with {n}"].minute for n in ("Ann", "Bo")} == {0}

    def test_the_notice(self, desk: Any) -> None:
        desk.moment += timedelta(hours=4)
        assert with_habits(desk, "notice = 1440").ask(EACH.replace("next week", "tomorrow")).status == "done"
        assert min(booked(desk).values()) >= datetime(2026, 11, 23, 12, tzinfo=UTC)

    def test_the_liked_parts_of_the_day(self, desk: Any) -> None:
        assert with_habits(desk, 'weights = { parts = ["afternoon"] }').ask(EACH).status == "done"
        assert {at.hour >= 12 for at in booked(desk).values()} == {True}

    def test_lunch_that_is_kept(self, desk: Any) -> None:
        for day in range(23, 28):
            desk.event(f"A{day}", f"202611{day}T090000", f"202611{day}T120000")
            desk.event(f"B{day}", f"202611{day}T130000", f"202611{day}T170000")
        run = with_habits(desk, "keep_lunch = true").ask(EACH)
        assert run.status == "failed"
        assert "lunch" in run.answer


class TestLimits:
    @pytest.mark.parametrize(
        ("words", "hours", "days"),
        [
            (", not Monday, in the afternoon", range(12, 18), {1, 2, 3, 4}),
            (", mornings, not between 10 and 12", range(9, 10), {0, 1, 2, 3, 4}),
            (" between 2 and 4", range(14, 16), {0, 1, 2, 3, 4}),
            (", not Monday afternoon, after lunch", range(14, 17), {1, 2, 3, 4}),
        ],
    )
    def test_each_keeps_to_what_was_said(self, desk: Any, words: str, hours: range, days: set[int]) -> None:
        run = desk.ask(EACH + words)
        assert run.status == "done", run.answer
        found = booked(desk)
        assert len(found) == 2
        assert {at.hour for at in found.values()} <= set(hours)
        assert {at.weekday() for at in found.values()} <= days


class TestOrder:
    @pytest.mark.parametrize(
        ("words", "first", "then"),
        [
            ("meet Ann before I meet Bo, both next week", "Ann", "Bo"),
            ("schedule half an hour with Ann after meeting Bo, both next week", "Bo", "Ann"),
            ("meet Bo, then Ann, next week", "Bo", "Ann"),
        ],
    )
    def test_one_is_met_before_the_other(self, desk: Any, words: str, first: str, then: str) -> None:
        run = desk.ask(words)
        assert run.status == "done", run.answer
        found = booked(desk)
        assert found[f"Meeting with {first}"] < found[f"Meeting with {then}"]
        assert (
            datetime(2026, 11, 23, tzinfo=UTC)
            <= min(found.values())
            <= max(found.values())
            < datetime(2026, 11, 28, tzinfo=UTC)
        )
        assert f"{first} before {then}" in run.plan.objective

    def test_it_holds_although_the_other_way_round_is_earlier(self, desk: Any) -> None:
        desk.event(
            "With Ann",
            "20261123T090000",
            "20261126T170000",
            people=("ann@example.org", "noor@example.org"),
            by="ann@example.org",
        )
        desk.event("Free again", "20261127T090000", "20261127T100000")
        run = desk.ask("meet Ann before I meet Bo, both next week")
        assert run.status == "done", run.answer
        found = booked(desk)
        assert datetime(2026, 11, 27, tzinfo=UTC) < found["Meeting with Ann"] < found["Meeting with Bo"]

    def test_an_order_that_cannot_be_is_said(self, desk: Any) -> None:
        for day in range(23, 28):
            desk.event(f"A{day}", f"202611{day}T090000", f"202611{day}T{'1630' if day == 27 else '1700'}00")
        run = desk.ask("meet Ann before I meet Bo, both next week")
        assert run.status == "failed"
        assert not run.effects
        assert "Ann" in run.answer


class TestFinding:
    def test_looking_for_times_books_none(self, desk: Any) -> None:
        run = desk.ask("find times for one-to-ones with Ann and Bo next week, no two on a day")
        assert run.status == "done"
        assert re.findall(r"(Ann Ruiz|Bo Lindqvist): \w+ (\d+) Nov", run.answer)
        assert run.effects == ()
        assert booked(desk) == {}

    def test_find_and_book_books(self, desk: Any) -> None:
        desk.ask("find times for one-to-ones with Ann and Bo next week and book them")
        assert len(booked(desk)) == 2


def test_each_keeps_its_distance_from_an_event(desk: Any) -> None:
    desk.event("Board meeting", "20261125T100000", "20261125T120000")
    desk.ask(f"{EACH}, at least a day after the board meeting")
    times = [at for title, at in booked(desk).items() if title.startswith("Meeting with")]
    assert len(times) == 2
    assert min(times) >= datetime(2026, 11, 26, tzinfo=UTC)


class TestGroups:
    def test_each_of_my_direct_reports_on_a_day_of_its_own(self, desk: Any) -> None:
        people = {"Ann": "ann@example.org", "Bo": "bo@example.org", "Cy": "cy@example.org"}
        desk.app.close()
        config = desk.root / "home/config.toml"
        named = ", ".join(f'"{a}"' for a in people.values())
        sections = "\n".join(f'[people."{a}"]\nname = "{n} Reporter"' for n, a in people.items())
        config.write_text(
            f'{config.read_text("utf-8")}\n[groups]\n"direct reports" = [{named}]\n{sections}\n', "utf-8"
        )
        desk.app = App.open(desk.root / "home", now=lambda: desk.moment, environ=ENVIRONMENT)
        run = desk.ask(
            "make a half-hour with each of my three direct reports next week, no two on the same day"
        )
        assert run.status == "done", run.answer
        found = booked(desk)
        assert found.keys() == {f"Meeting with {n}" for n in people}
        assert len({at.date() for at in found.values()}) == 3
        to = {m["To"] for m in desk.sent()}
        assert to == {
            "Ann Ruiz <ann@example.org>",
            "Bo Lindqvist <bo@example.org>",
            "Cy Reporter <cy@example.org>",
        }
        asked = desk.ask("book half an hour with each of my two direct reports next week")
        assert asked.status != "done"
        assert "has 3, not 2" in asked.answer
        assert booked(desk) == found, "nothing more was booked"
