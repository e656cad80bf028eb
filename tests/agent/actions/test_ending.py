"""A series ends from a day on, or goes on longer: in the calendar, for those invited, and back again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import icalendar
import pytest
import recurring_ical_events

WEEKLY = "FREQ=WEEKLY;BYDAY=MO"


@pytest.fixture
def sync(desk: Any) -> Any:
    """A weekly sync with Ann on Mondays at 10:00, without an end."""
    desk.event("Weekly sync", "20261116T100000", "20261116T103000", rule=WEEKLY, people=("ann@example.org",))
    return desk


def held(desk: Any, title: str = "Weekly sync") -> list[date]:
    """On which days another program sees it until the end of 2027."""
    start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    found = []
    for file in (desk.root / "calendar").glob("*.ics"):
        read = recurring_ical_events.of(icalendar.Calendar.from_ical(file.read_bytes())).between(start, end)
        found += [
            e["DTSTART"].dt.date() for e in read if e["SUMMARY"] == title and e.get("STATUS") != "CANCELLED"
        ]
    return sorted(found)


class TestEnding:
    @pytest.mark.parametrize(
        ("wish", "last"),
        [
            ("end the weekly sync after March", date(2027, 3, 29)),
            ("cancel the weekly sync from 7 December on", date(2026, 11, 30)),
            ("stop the weekly sync from 1 June", date(2027, 5, 31)),
            ("end the weekly sync on 14 December", date(2026, 12, 14)),
            ("end the weekly sync before Christmas", date(2026, 12, 21)),
            ("cancel the weekly sync from now on", date(2026, 11, 16)),
        ],
    )
    def test_nothing_is_held_after_it(self, sync: Any, wish: str, last: date) -> None:
        run = sync.ask(wish)
        assert run.status == "done", run.answer
        assert held(sync)[-1] == last
        assert held(sync)[0] == date(2026, 11, 16)

    def test_those_invited_get_the_new_rule_and_the_card_says_so(self, sync: Any) -> None:
        cards: list[dict[str, Any]] = []

        def yes(approval: dict[str, Any]) -> dict[str, Any]:
            cards.append(approval)
            return {"verdict": "approve"}

        run = sync.ask("end the weekly sync after March", approve=yes)
        assert run.status == "done", run.answer
        assert "End the series “Weekly sync”: none from Mon 5 Apr 2027 on" in cards[0]["summary"]
        (mail,) = sync.sent()
        assert mail["Subject"] == "Ends: Weekly sync, none from Mon 5 Apr 2027 on"
        assert mail.body.splitlines()[0] in "\n".join(cards[0]["notes"])
        calendar = icalendar.Calendar.from_ical(mail.calendar)
        (event,) = calendar.walk("VEVENT")
        assert calendar["METHOD"] == "REQUEST"
        assert event["SEQUENCE"] == 1
        assert event["RRULE"]["UNTIL"] == [datetime(2027, 3, 29, 9, tzinfo=UTC)]
        assert "STATUS" not in event

    def test_from_before_the_first_on_it_is_called_off(self, desk: Any) -> None:
        desk.event(
            "Weekly sync", "20261207T100000", "20261207T103000", rule=WEEKLY, people=("ann@example.org",)
        )
        run = desk.ask("cancel the weekly sync from 1 December on")
        assert run.status == "done", run.answer
        assert held(desk) == []
        (mail,) = desk.sent()
        assert "METHOD:CANCEL" in mail.calendar
        assert mail["Subject"].startswith("Cancelled: Weekly sync")

    def test_a_series_of_ones_own_goes_at_once_and_comes_back(self, desk: Any) -> None:
        desk.event("Standup", "20261116T090000", "20261116T091500", rule="FREQ=DAILY;COUNT=60")
        before = desk.calendar()
        run = desk.ask("stop the standup from 1 December", approve=None)
        assert run.status == "done", run.answer
        assert held(desk, "Standup")[-1] == date(2026, 11, 30)
        assert desk.app.undo(run.id).status == "done"
        lines = desk.calendar().splitlines()
        assert [x for x in lines if not x.startswith("X-DESKHAND-EFFECT")] == before.splitlines()

    def test_undo_tells_those_who_heard_of_it(self, sync: Any) -> None:
        run = sync.ask("end the weekly sync after March")
        back = sync.app.undo(run.id, approve=True)
        assert back.status == "done", back.answer
        assert held(sync)[-1] == date(2027, 12, 27)
        *_, mail = sync.sent()
        event = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
        assert (event["SEQUENCE"], "UNTIL" in event["RRULE"]) == (2, False)

    def test_what_was_changed_after_it_goes_too(self, sync: Any) -> None:
        assert sync.ask("move the weekly sync on 14 December to 15:00").status == "done"
        assert sync.ask("end the weekly sync after 8 December").status == "done"
        assert held(sync) == [date(2026, 11, d) for d in (16, 23, 30)] + [date(2026, 12, 7)]

    def test_which_series_is_one_question_whose_answers_work(self, sync: Any) -> None:
        sync.event("Weekly sync Berlin", "20261117T100000", "20261117T103000", rule="FREQ=WEEKLY;BYDAY=TU")
        sync.event("Weekly sync Lisbon", "20261118T100000", "20261118T103000", rule="FREQ=WEEKLY;BYDAY=WE")
        run = sync.ask("end the sync after 8 December")
        assert run.status == "unclear"
        assert len(run.choices) == 3
        chosen = next(c for c in run.choices if "Berlin" in c)
        done = sync.ask(chosen)
        assert done.status == "done", done.answer
        assert held(sync, "Weekly sync Berlin")[-1] == date(2026, 12, 8)
        assert held(sync)[-1] == date(2027, 12, 27)

    def test_what_does_not_repeat_has_no_end(self, desk: Any) -> None:
        desk.event("Budget review", "20261210T100000", "20261210T110000")
        run = desk.ask("end the budget review after 8 December")
        assert run.status != "done"
        assert "does not repeat" in run.answer
        assert "SEQUENCE" not in desk.calendar()

    def test_a_series_of_somebody_elses_is_left_to_them(self, desk: Any) -> None:
        desk.event(
            "Weekly sync", "20261116T100000", "20261116T103000", rule=WEEKLY, by="ann@example.org",
            people=("noor@example.org", "ann@example.org"),
        )  # fmt: skip
        before = desk.calendar()
        run = desk.ask("end the weekly sync after March")
        assert run.status == "failed"
        assert "Somebody else called this series" in " ".join(run.answer.split())
        assert desk.calendar() == before
        assert desk.sent() == []


class TestExtending:
    @pytest.fixture
    def standup(self, desk: Any) -> Any:
        desk.event(
            "Standup", "20261116T090000", "20261116T091500", rule="FREQ=WEEKLY;BYDAY=MO;COUNT=4",
            people=("ann@example.org",),
        )  # fmt: skip
        return desk

    def test_it_goes_on_until_then_and_says_what_that_adds(self, standup: Any) -> None:
        standup.event("Dentist", "20261214T090000", "20261214T093000")
        notes: list[str] = []

        def yes(approval: dict[str, Any]) -> dict[str, Any]:
            notes.extend(approval["notes"])
            return {"verdict": "approve"}

        run = standup.ask("extend the standup until the end of January", approve=yes)
        assert run.status == "done", run.answer
        assert held(standup, "Standup")[-1] == date(2027, 1, 25)
        assert "Until now it ends on Mon 7 Dec; 7 more occurrences, the last on Mon 25 Jan 2027." in notes
        assert "1 of them clashes with something of yours: Mon 14 Dec." in notes
        (mail,) = standup.sent()
        assert mail["Subject"] == "Extended: Standup, until Sun 31 Jan 2027"
        assert mail.body.splitlines()[0] in "\n".join(notes)
        event = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
        assert event["RRULE"]["UNTIL"] == [datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)]
        assert event["SEQUENCE"] == 1
        assert standup.app.undo(run.id, approve=True).status == "done"
        assert held(standup, "Standup")[-1] == date(2026, 12, 7)

    @pytest.mark.parametrize(
        ("rule", "wish", "says"),
        [
            (WEEKLY, "extend the standup until September", "has no end"),
            (f"{WEEKLY};COUNT=40", "extend the standup until March", "goes on until Mon 23 Aug 2027 already"),
            ("", "extend the standup until September", "does not repeat"),
            (f"{WEEKLY};COUNT=40", "extend the standup until last March", ""),
        ],
    )
    def test_what_needs_no_later_end_stays(self, desk: Any, rule: str, wish: str, says: str) -> None:
        desk.event("Standup", "20261123T090000", "20261123T091500", rule=rule)
        before = desk.calendar()
        run = desk.ask(wish)
        assert run.status != "done"
        assert says in " ".join(run.answer.split())
        assert desk.calendar() == before
