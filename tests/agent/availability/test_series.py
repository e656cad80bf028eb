"""Series with all at once: exceptions, a room and limits, through booking, renewal and their end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import recurring_ical_events
from icalendar import Calendar

from deskhand.connectors.itip import read_itip

from .test_rooms import House, calendar, to

BOOK = (
    "book 30 minutes with bo@example.org every Tuesday at 10:00 until the end of January, except 8 December "
    "and 29 December, not before 9, in room Blue, about the review"
)
HELD = [
    *(date(2026, *d) for d in ((11, 24), (12, 1), (12, 15), (12, 22))),
    *(date(2027, 1, d) for d in (5, 12, 19, 26)),
]


@pytest.fixture
def noor(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "noor") as house:
        yield house


@pytest.fixture
def series(noor: House) -> House:
    """The series, booked and told."""
    run = noor.ask(BOOK)
    assert run.status == "done", run.answer
    noor.sent()
    return noor


def held(ics: bytes) -> list[date]:
    """On which days another program sees it."""
    read = recurring_ical_events.of(Calendar.from_ical(ics))
    found = read.between(datetime(2026, 11, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
    return sorted(e["DTSTART"].dt.date() for e in found if e.get("STATUS") != "CANCELLED")


def edited(noor: House, old: str, new: str) -> None:
    """Another program changes the calendar."""
    text = noor.calendar.read_bytes().decode()
    assert old in text
    noor.calendar.write_bytes(text.replace(old, new).encode())


class TestBooking:
    def test_exceptions_room_and_limit_are_all_kept_and_told(self, noor: House) -> None:
        noor.taken("blue", "20261208T100000/20261208T110000", "20270112T100000/20270112T110000")
        run = noor.ask(BOOK, approve=None)
        assert run.plan is not None
        assert "not before 9; in room Blue" in run.plan.objective
        (card,) = run.approvals
        notes = "\n".join(card.notes)
        assert "1 clashes: Tue 12 Jan 2027" in notes, "the room is looked at where it is held, and only there"
        assert noor.app.decide(card.id).status == "done"
        assert held(noor.calendar.read_bytes()) == HELD
        mails = to(noor.sent())
        assert set(mails) == {"bo@example.org", "blue@example.org"}
        for mail in mails.values():
            assert held(calendar(mail)) == HELD
            assert read_itip(calendar(mail)).location == "Blue"

    def test_a_limit_that_the_time_is_against_is_a_question(self, noor: House) -> None:
        run = noor.ask(BOOK.replace("before 9", "before 11"), approve=None)
        assert run.approvals == ()
        assert noor.events() == {}


class TestAskedAnew:
    @pytest.mark.parametrize(
        ("wish", "last"),
        [
            ("extend the review until the end of February", (2, 23)),
            ("end the review after 12 January", (1, 12)),
        ],
    )
    def test_exceptions_and_room_stay_as_they_are_by_then(
        self, series: House, wish: str, last: tuple[int, int]
    ) -> None:
        run = series.ask(wish, approve=None)
        edited(
            series, "EXDATE;TZID=Europe/Lisbon:20261208T100000", "EXDATE;TZID=Europe/Lisbon:20261201T100000"
        )
        run = series.app.decide(run.approvals[0].id)
        assert run.status == "waiting", run.answer
        again = next(a for a in run.approvals if a.state == "pending")
        assert again.notes[0] == "Its repetition was changed since you were asked."
        run = series.app.decide(again.id)
        assert run.status == "done", run.answer
        days = held(series.calendar.read_bytes())
        assert (days[-1], date(2026, 12, 1) in days, date(2026, 12, 8) in days) == (
            date(2027, *last),
            False,
            True,
        )
        assert set(series.asked("Review")) == {"blue@example.org"}
        (mail,) = series.sent()
        assert held(calendar(mail)) == days

    def test_a_longer_series_is_not_so_already_because_it_was_renamed(self, series: House) -> None:
        run = series.ask("extend the review until the end of February", approve=None)
        edited(series, "SUMMARY:Review", "SUMMARY:Design review")
        run = series.app.decide(run.approvals[0].id)
        again = next(a for a in run.approvals if a.state == "pending")
        assert again.notes[0] == "It was renamed to “Design review” since you were asked."
        assert series.app.decide(again.id).status == "done"
        assert held(series.calendar.read_bytes())[-1] == date(2027, 2, 23)

    def test_an_end_is_not_reached_because_its_day_is_off(self, series: House) -> None:
        run = series.ask("end the review after 10 January", approve=None)
        edited(
            series, "EXDATE;TZID=Europe/Lisbon:20261208T100000",
            "EXDATE;TZID=Europe/Lisbon:20270112T100000\r\nEXDATE;TZID=Europe/Lisbon:20261208T100000",
        )  # fmt: skip
        run = series.app.decide(run.approvals[0].id)
        assert run.status == "failed"
        assert "nothing was changed" in run.answer
        assert held(series.calendar.read_bytes())[-1] == date(2027, 1, 26)

    def test_that_the_room_declined_is_told(self, series: House) -> None:
        run = series.ask("cancel the review on 15 December", approve=None)
        edited(series, "NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION", "NON-PARTICIPANT;PARTSTAT=DECLINED")
        run = series.app.decide(run.approvals[0].id)
        again = next(a for a in run.approvals if a.state == "pending")
        assert again.notes[0] == "blue@example.org declined it since you were asked."


class TestEnding:
    def test_the_room_is_released_after_it(self, series: House) -> None:
        run = series.ask("end the review after 12 January")
        assert run.status == "done", run.answer
        ((who, mail),) = to(series.sent()).items()
        assert who == "bo@example.org, blue@example.org"
        assert (read_itip(calendar(mail)).method, held(calendar(mail))) == ("REQUEST", HELD[:6])
        assert set(series.asked("Review")) == {"blue@example.org"}


class TestMoving:
    def test_every_time_of_it_is_looked_at(self, series: House) -> None:
        """The first one is free at eleven; the room and the owner are not, on two later days."""
        series.taken("blue", "20261201T110000/20261201T120000")
        series.app.ask("add “Dentist” to my calendar on 15 December at 11:00 for an hour", approve=True)
        run = series.ask("move the whole series of “Review” to 11:00", approve=None)
        (card,) = run.approvals
        notes = "\n".join(card.notes)
        assert "something of the room Blue (Tue 1 Dec, 11:00–12:00)" in notes
        assert "“Dentist” (Tue 15 Dec, 11:00–12:00)" in notes

    def test_what_comes_in_before_the_yes_is_told(self, series: House) -> None:
        (card,) = series.ask("move the whole series of “Review” to 11:00", approve=None).approvals
        series.taken("blue", "20261222T110000/20261222T113000")
        run = series.app.decide(card.id)
        assert run.status != "done"
        assert "Nothing was moved: one of its times was taken meanwhile" in run.answer
        assert {at.strftime("%H:%M") for at in starts(series)} == {"10:00"}


def starts(house: House) -> list[datetime]:
    found = recurring_ical_events.of(Calendar.from_ical(house.calendar.read_bytes()))
    return [
        e["DTSTART"].dt
        for e in found.between(datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC))
    ]
