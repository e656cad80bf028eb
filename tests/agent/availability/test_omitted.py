"""What a repetition leaves out: kept as rules, good for any year, written down for a calendar."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.agent.availability.omitted import HORIZON, NOTHING, Omitted
from deskhand.agent.records.state import Records
from deskhand.agent.records.timetable import Schedule
from deskhand.agent.schedule import Clock, due, settle
from deskhand.agent.times import read, slots_between
from deskhand.connectors.database import open_database

ZONE, LISBON = "Europe/Lisbon", ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
MONDAY = datetime(2026, 11, 23, 8, tzinfo=LISBON)
SECOND = timedelta(seconds=1)


def said(words: str, country: str = "", zone: str = ZONE) -> Omitted:
    (reading,) = read(f"daily except {words}", now=NOW, zone=zone)
    return Omitted(reading.excludes, country)


def schedule(omits: Omitted, *, looked: datetime = NOW, rrule: str = WEEKDAYS) -> Schedule:
    return Schedule("digest", "send me a digest", rrule, MONDAY, ZONE, NOW, False, looked, omits)


class TestData:
    @pytest.mark.parametrize(
        "words",
        ["Fridays", "in December", "on 24 December", "next week", "mornings", "the first of the month"],
    )
    def test_it_comes_back_out_of_json(self, words: str) -> None:
        one = said(words, "PT")
        back = Omitted.of(json.loads(json.dumps(one.rules())))
        assert back.rules() == one.rules()
        assert back.key == one.key
        until = MONDAY + timedelta(days=500)
        held = [o.between(WEEKDAYS, MONDAY, after=NOW, until=until, zone=ZONE) for o in (one, back)]
        assert held[0] == held[1]

    def test_nothing_is_nothing(self) -> None:
        assert not NOTHING
        assert NOTHING.rules() == []
        assert Omitted.of(None) == Omitted.of([]) == NOTHING

    def test_what_says_nothing_is_refused(self) -> None:
        with pytest.raises(ValueError, match="says nothing that a repetition can leave out"):
            Omitted.of([{"moon": "full"}])

    def test_the_same_said_on_another_day_is_the_same(self) -> None:
        (later,) = read("daily except Fridays", now=NOW + timedelta(days=30), zone=ZONE)
        assert Omitted(later.excludes).key == said("Fridays").key
        assert said("Thursdays").key != said("Fridays").key != said("Fridays", "PT").key

    def test_in_words(self) -> None:
        assert said("Fridays", "PT").words(ZONE, NOW) == "Fridays; public holidays (PT)"
        assert Omitted((), "DE", "BY").words(ZONE, NOW) == "public holidays (DE, BY)"
        # "Next week" is another one by the time the schedules are listed.
        assert said("next week").words(ZONE, NOW) == "Mon 23 Nov - Sun 29 Nov"


class TestSchedules:
    def test_holidays_of_coming_years_count(self) -> None:
        """In 2031 the first of December, a holiday in Portugal, is a Monday."""
        around = datetime(2031, 11, 28, 12, tzinfo=LISBON)
        assert schedule(NOTHING).following(around) == datetime(2031, 12, 1, 8, tzinfo=LISBON)
        assert schedule(Omitted((), "PT")).following(around) == datetime(2031, 12, 2, 8, tzinfo=LISBON)

    def test_nothing_fires_on_a_day_that_is_left_out(self, tmp_path: Path) -> None:
        records = Records(tmp_path / "runs.db")
        records.put_schedule(schedule(Omitted((), "PT"), looked=datetime(2026, 11, 30, 9, tzinfo=LISBON)))
        tuesday = datetime(2026, 12, 1, 8, 1, tzinfo=LISBON)
        assert settle(records, now=tuesday, submit=lambda run: None) == []
        assert settle(records, now=tuesday + timedelta(days=1), submit=lambda run: None) == [
            "digest:2026-12-02T08:00"
        ]
        records.close()

    def test_what_a_machine_that_slept_catches_up_is_a_day_that_counts(self) -> None:
        """Woken on the holiday: the newest slot that was missed is the Monday's."""
        woken = datetime(2026, 12, 1, 12, tzinfo=LISBON)
        slots = due(schedule(Omitted((), "PT"), looked=datetime(2026, 11, 26, 9, tzinfo=LISBON)), woken)
        assert [(s.slot, s.outcome) for s in slots] == [
            ("2026-11-27T08:00", "missed"), ("2026-11-30T08:00", "fired"),
        ]  # fmt: skip

    def test_the_clock_wakes_for_the_next_time_that_counts(self, tmp_path: Path) -> None:
        records = Records(tmp_path / "runs.db")
        monday = datetime(2026, 11, 30, 9, tzinfo=LISBON)
        records.put_schedule(schedule(Omitted((), "PT"), looked=monday))
        clock = Clock(records, now=lambda: monday, submit=lambda run: None)
        clock.start()
        (job,) = clock._scheduler.get_jobs()
        wait = job.next_run_time - datetime.now(UTC)
        clock.close()
        records.close()
        wanted = datetime(2026, 12, 2, 8, tzinfo=LISBON) - monday
        assert abs(wait - wanted) < timedelta(minutes=1)


class TestWritten:
    def test_a_rule_says_it_for_ever(self) -> None:
        rule, exdates, until = said("in December").written("FREQ=WEEKLY;BYDAY=MO", MONDAY, zone=ZONE)
        assert (rule, exdates, until) == (
            "FREQ=WEEKLY;BYDAY=MO;BYMONTH=1,2,3,4,5,6,7,8,9,10,11", [], None,
        )  # fmt: skip

    def test_dates_reach_as_far_as_is_said(self) -> None:
        _, exdates, until = Omitted((), "PT").written(WEEKDAYS, MONDAY, zone=ZONE)
        assert until == MONDAY + HORIZON
        assert exdates[0] == datetime(2026, 12, 1, 8, tzinfo=LISBON)
        assert exdates[-1] <= until
        assert {d.year for d in exdates} == {2026, 2027, 2028}

    def test_of_a_series_with_an_end_all_are_there(self) -> None:
        rule = f"{WEEKDAYS};UNTIL=20261231T235959Z"
        _, exdates, until = Omitted((), "PT").written(rule, MONDAY, zone=ZONE)
        assert [d.date() for d in exdates] == [date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 25)]
        assert until is None

    def test_what_is_left_out_once_is_all_there_is(self) -> None:
        _, exdates, until = said("from 20 December to 6 January").written(WEEKDAYS, MONDAY, zone=ZONE)
        assert (len(exdates), until) == (13, None)

    @settings(deadline=None, max_examples=60)
    @given(
        zone=st.sampled_from(["Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "America/Havana"]),
        hour=st.integers(0, 23), country=st.sampled_from(["PT", "US", "AU", "DE"]),
        rule=st.sampled_from([WEEKDAYS, "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=FR", "FREQ=MONTHLY;BYMONTHDAY=1"]),
        words=st.sampled_from(["Fridays", "in December", "on 24 December", "from 20 December to 6 January"]),
    )  # fmt: skip
    def test_the_rule_less_its_dates_is_what_stays(
        self, zone: str, hour: int, country: str, rule: str, words: str
    ) -> None:
        omits, place = said(words, country, zone), ZoneInfo(zone)
        begin = datetime(2026, 11, 1, hour, 30, tzinfo=place)
        first = omits.following(rule, begin, after=begin - SECOND, zone=zone)
        if first is None:  # Fridays of a series on Fridays
            return
        made, exdates, _ = omits.written(rule, first, zone=zone)
        until = first + HORIZON
        out = {d.timestamp() for d in exdates}
        slots = slots_between(made, first, after=first - SECOND, until=until, zone=zone)
        held = [slot for slot in slots if slot.timestamp() not in out]
        assert held == omits.between(rule, first, after=first - SECOND, until=until, zone=zone)


def test_a_home_of_an_older_deskhand_keeps_its_schedules(tmp_path: Path) -> None:
    """Made at migration 0001, with data; opened today, it is brought forward and runs on."""
    place = tmp_path / "runs.db"
    open_database(
        place, migrations="deskhand.agent.records.migrations", version_table="runs_revision", head="0001"
    ).dispose()
    micros = int(MONDAY.timestamp()) * 1_000_000
    db = sqlite3.connect(place)
    db.execute(
        "INSERT INTO schedules (name, request, rrule, first, zone, created, paused, looked) "
        "VALUES ('digest', 'send me a digest', ?, ?, ?, ?, 0, ?)",
        (WEEKDAYS, micros, ZONE, micros, micros),
    )
    db.execute(
        "INSERT INTO slots (schedule, slot, at, outcome, run, noted) "
        "VALUES ('digest', '2026-11-20T08:00', ?, 'fired', 'digest:2026-11-20T08:00', ?)",
        (micros, micros),
    )
    db.commit()
    db.close()
    records = Records(place)
    (kept,) = records.schedules()
    assert (kept.name, kept.rrule, kept.first, kept.omits) == ("digest", WEEKDAYS, MONDAY, NOTHING)
    assert [s.slot for s in records.slots("digest")] == ["2026-11-20T08:00"]
    assert settle(records, now=MONDAY + timedelta(days=1, minutes=1), submit=lambda run: None) == [
        "digest:2026-11-24T08:00"
    ]
    records.close()
    again = Records(place)
    assert [s.name for s in again.schedules()] == ["digest"]
    again.close()
