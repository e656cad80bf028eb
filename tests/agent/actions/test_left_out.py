"""Repetitions with exceptions, from the wish to the calendar file and to the schedule that runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from agent_givens import ENVIRONMENT

from .conftest import ANN, BO, ME, Desk

SECOND_TO_FIFTH = "FREQ=MONTHLY;BYDAY=2TU,3TU,4TU,5TU"
WORKING = "every weekday at"
NO_HOLIDAYS = "except: public holidays (PT)"
TO_THURSDAY = "every Monday, Tuesday, Wednesday and Thursday"
WEEKDAYS = "every weekday at 8 send me a digest"
NOT_IN_DECEMBER = "FREQ=WEEKLY;BYDAY=MO;BYMONTH=1,2,3,4,5,6,7,8,9,10,11"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The same desk, in Portugal."""
    monkeypatch.setitem(ENVIRONMENT, "DESKHAND_PERSON__COUNTRY", "PT")
    desk = Desk(tmp_path)
    desk.connect("maildir", "ics", "files")
    desk.mail(ME, "Hello", "Good to know you both.", to=(ANN, BO))
    yield desk
    desk.app.close()


def held(desk: Any, since: date, until: date) -> list[date]:
    """On which days another program sees what was booked."""
    start, end = (datetime.combine(d, datetime.min.time(), UTC) for d in (since, until))
    found = []
    for file in (desk.root / "calendar").glob("*.ics"):
        calendar = icalendar.Calendar.from_ical(file.read_bytes())
        found += [e["DTSTART"].dt.date() for e in recurring_ical_events.of(calendar).between(start, end)]
    return sorted(found)


def fired(desk: Any) -> list[str]:
    """The runs that are due now, when they are done."""
    runs: list[str] = desk.app.settle()
    for run in runs:
        desk.app.runs_room.wait(run)
    return runs


def one_line(text: str) -> str:
    return " ".join(text.split())


class TestSchedules:
    def test_holidays_are_passed_over(self, home: Any) -> None:
        run = home.ask("every weekday at 8 except holidays send me a digest", approve=None)
        assert "every weekday at 08:00, except: public holidays (PT)" in one_line(run.answer)
        (schedule,) = home.app.schedules()
        assert schedule.request == "send me a digest"
        assert "except: public holidays (PT); next Mon 23 Nov, 08:00" in home.tell("list my schedules")
        home.moment = datetime(2026, 11, 30, 9, tzinfo=UTC)
        assert fired(home) == ["digest:2026-11-30T08:00"]
        home.moment = datetime(2026, 12, 1, 9, tzinfo=UTC)  # Restauração da Independência
        assert fired(home) == []
        assert "next Wed 2 Dec, 08:00" in home.tell("list my schedules")
        home.moment = datetime(2026, 12, 2, 9, tzinfo=UTC)
        assert fired(home) == ["digest:2026-12-02T08:00"]

    @pytest.mark.parametrize(
        ("wish", "often"),
        [
            ("send me a digest every weekday at 8 except Fridays", f"{TO_THURSDAY} at 08:00"),
            (
                "every Monday at 9 except in December send me a digest",
                "every Monday at 09:00 except in December",
            ),
            (
                "send me a digest daily at 9, but not on 24 December",
                "every day at 09:00, except: on 24 December",
            ),
            ("every Monday at 9 send me a digest, not on holidays", f"every Monday at 09:00, {NO_HOLIDAYS}"),
            (
                "every weekday at 8 unless it is a holiday send me a digest",
                f"every weekday at 08:00, {NO_HOLIDAYS}",
            ),
        ],
    )
    def test_it_is_said_in_words(self, home: Any, wish: str, often: str) -> None:
        run = home.ask(wish)
        assert run.status == "done", run.answer
        assert f"“send me a digest” as digest, {often}. Next:" in one_line(run.answer)
        assert f"digest: “send me a digest”, {often}; next" in home.tell("list my schedules")

    def test_other_exceptions_are_another_schedule(self, home: Any) -> None:
        without = "every weekday at 8 except holidays send me a digest"
        for words in (WEEKDAYS, without, without, WEEKDAYS.replace("8", "9")):
            assert home.ask(words).status == "done"
        assert [s.name for s in home.app.schedules()] == ["digest", "digest-2", "digest-3"]

    def test_without_a_country_it_is_said_where_to_set_one(self, desk: Any) -> None:
        run = desk.ask("every weekday at 8 except holidays send me a digest")
        assert run.status == "unclear"
        assert 'Set it in config.toml, under [person]: country = "PT"' in one_line(run.answer)
        assert desk.app.schedules() == []

    @pytest.mark.parametrize(
        ("wish", "says"),
        [
            ("send me a digest every weekday at 8 except when I am away", "“except when I am away”"),
            ("every weekday at 8 send me a digest unless I am away", "“unless I am away"),
            ("every Monday at 9 send me a digest, but not in December", "“but not in December”"),
            ("every Monday except the last one of the month at 10 send me a digest", "“except the last one"),
            ("every Monday at 9 except Mondays send me a digest", "leave out the next 100 times"),
        ],
    )
    def test_what_is_not_understood_is_asked_about(self, home: Any, wish: str, says: str) -> None:
        run = home.ask(wish)
        assert run.status == "unclear"
        assert says in one_line(run.answer)
        assert home.app.schedules() == []

    def test_a_limit_of_what_is_done_stays_with_it(self, home: Any) -> None:
        run = home.ask("every Monday at 9 find me half an hour with Ann this week, not on Friday")
        assert run.status == "done", run.answer
        (schedule,) = home.app.schedules()
        assert "not on Friday" in schedule.request
        assert not schedule.omits

    @pytest.mark.parametrize(
        "words", ["pause the digest until Monday", "stop the digest schedule from 1 June"]
    )
    def test_a_time_is_not_dropped_where_a_schedule_is_paused(self, home: Any, words: str) -> None:
        home.ask("every weekday at 8 send me a digest")
        run = home.ask(words)
        assert run.status == "unclear"
        assert "at once" in run.answer
        assert not home.app.schedules()[0].paused
        assert home.ask(run.choices[0]).status == "done"
        assert home.app.schedules()[0].paused


class TestSeries:
    def test_from_the_wish_to_the_file_and_the_invitation(self, home: Any) -> None:
        cards: list[dict[str, Any]] = []

        def yes(approval: dict[str, Any]) -> dict[str, Any]:
            cards.append(approval)
            return {"verdict": "approve"}

        run = home.ask(
            "book a standup with Ann every weekday at 9 except holidays until January", approve=yes
        )
        assert run.status == "done", run.answer
        said = "Left out: public holidays (PT): Tue 1 Dec, Tue 8 Dec, Fri 25 Dec, Fri 1 Jan 2027."
        assert said in cards[0]["notes"]
        shown = next(row["value"] for row in cards[0]["shown"] if row["name"] == "exdates")
        assert shown == "Tue 1 Dec, Tue 8 Dec, Fri 25 Dec, Fri 1 Jan 2027"
        assert any(
            "none clashes" in note for note in cards[0]["notes"]
        )  # holidays are days off, and not held
        days = held(home, date(2026, 11, 20), date(2027, 3, 1))
        assert days[0] == date(2026, 11, 23)
        assert days[-1] == date(2027, 1, 29)
        gone = {date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 25), date(2027, 1, 1)}
        assert not gone & set(days)
        assert len(days) == 50 - len(gone)
        (mail,) = home.sent()
        assert "Not on: Tue 1 Dec, Tue 8 Dec, Fri 25 Dec, Fri 1 Jan 2027" in mail.body
        assert mail.body.strip().splitlines()[-1].strip() in "\n".join(cards[0]["notes"])
        sent = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
        assert {d.dt.date() for one in sent["EXDATE"] for d in one.dts} == gone
        assert all(d.params["TZID"] == "Europe/Lisbon" for d in sent["EXDATE"])

    @pytest.mark.parametrize(
        ("wish", "rule"),
        [
            ("book a sync with Ann every Monday at 14 except in December", NOT_IN_DECEMBER),
            ("book a standup with Ann every weekday at 9 except Fridays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"),
            ("book a daily standup at 14:00 except weekends with Ann", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            ("book a chat every Tuesday at 11 except the first of the month", SECOND_TO_FIFTH),
        ],
    )  # fmt: skip
    def test_where_a_rule_says_it_no_dates_are_written(self, home: Any, wish: str, rule: str) -> None:
        run = home.ask(wish)
        assert run.status == "done", run.answer
        assert f"RRULE:{rule}\r\n" in home.calendar().replace("\r\n ", "")
        assert "EXDATE" not in home.calendar()

    def test_until_when_the_dates_of_an_endless_series_are_kept_is_told(self, home: Any) -> None:
        run = home.ask("block an hour every weekday at 12 except holidays")
        assert run.status == "done", run.answer
        assert "they are left out until Wed 22 Nov 2028." in one_line(run.answer)
        days = held(home, date(2028, 10, 1), date(2029, 1, 10))
        assert date(2028, 11, 1) not in days  # All Saints, within
        assert date(2028, 12, 1) in days  # behind: a calendar has no rule for holidays

    def test_what_clashes_only_on_days_that_are_left_out_clashes_with_nothing(self, home: Any) -> None:
        home.event("Dentist", "20261201T100000", "20261201T110000")
        notes: list[str] = []

        def yes(approval: dict[str, Any]) -> dict[str, Any]:
            notes.extend(approval["notes"])
            return {"verdict": "approve"}

        run = home.ask("book a sync with Ann every Tuesday at 10 except holidays", approve=yes)
        assert any("none clashes with anything" in note for note in notes)
        assert run.status == "done", run.answer
        assert held(home, date(2026, 12, 1), date(2026, 12, 2)) == [date(2026, 12, 1)]  # the dentist

    def test_the_first_time_is_one_that_is_held(self, home: Any) -> None:
        run = home.ask("book a review with Bo every Monday at 14 except next Monday, for 4 weeks")
        assert run.status == "done", run.answer
        assert held(home, date(2026, 11, 1), date(2027, 6, 1)) == [
            date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 21),
        ]  # fmt: skip

    def test_a_time_that_is_looked_for_need_not_suit_what_is_left_out(self, home: Any) -> None:
        for day in (7, 14, 21, 28):
            home.event("Course", f"202612{day:02}T080000", f"202612{day:02}T200000")
        run = home.ask("book a weekly slot with Ann on Mondays except in December")
        assert run.status == "done", run.answer
        assert "BYMONTH=1,2,3,4,5,6,7,8,9,10,11" in home.calendar().replace("\r\n ", "")
        days = held(home, date(2026, 11, 22), date(2027, 2, 1))
        assert not {d for d in days if d.month == 12 and d.day not in (7, 14, 21, 28)}

    @pytest.mark.parametrize(
        ("wish", "says"),
        [
            ("book a chat every Monday at 11 except Mondays", "leave out the next 100 times"),
            ("book a chat every Tuesday at 11 except holidays until 1 December and except 24 November", ""),
            ("move the review to Mondays except in December", "Say it without them"),
        ],
    )
    def test_where_nothing_is_left_nothing_is_booked(self, home: Any, wish: str, says: str) -> None:
        home.event("Review", "20261126T100000", "20261126T103000", rule="FREQ=WEEKLY;BYDAY=TH")
        before = home.calendar()
        run = home.ask(wish)
        assert run.status != "done"
        assert says in one_line(run.answer)
        assert home.calendar() == before

    def test_without_a_country_nothing_is_booked(self, desk: Any) -> None:
        run = desk.ask("book a standup with Ann every weekday at 9 except holidays")
        assert run.status == "unclear"
        assert "under [person]: country" in one_line(run.answer)
        assert desk.calendar() == ""
