"""Schedules: each slot once, whoever looks, across clock changes and sleep; and a clock that really wakes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from agent_givens import NOW, House, draft, plan
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.agent.records.state import Records
from deskhand.agent.records.timetable import Schedule
from deskhand.agent.schedule import Clock, due, settle, slot_name

LISBON, BERLIN = ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Berlin")
WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


def schedule(
    rrule: str = "FREQ=DAILY",
    *,
    first: datetime = datetime(2026, 11, 1, 8, 0, tzinfo=LISBON),
    looked: datetime = NOW,
    zone: str = "Europe/Lisbon",
    name: str = "digest",
    paused: bool = False,
) -> Schedule:
    return Schedule(name, "send me a digest", rrule, first, zone, looked, paused, looked)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    records = Records(tmp_path / "runs.db")
    yield records
    records.close()


class Log:
    """Where runs are submitted."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.one = threading.Event()

    def __call__(self, run: str) -> None:
        self.runs.append(run)
        self.one.set()


class TestDue:
    def test_nothing_before_its_time(self) -> None:
        assert due(schedule(), NOW) == []
        assert due(schedule(), NOW + timedelta(hours=23, minutes=59)) == []

    def test_the_slot_is_named_by_its_local_time_and_its_run_by_the_slot(self) -> None:
        (slot,) = due(
            schedule(first=datetime(2026, 11, 1, 9, 30, tzinfo=BERLIN), zone="Europe/Berlin"),
            NOW + timedelta(hours=1),
        )
        assert (slot.slot, slot.run, slot.outcome) == ("2026-11-22T09:30", "digest:2026-11-22T09:30", "fired")
        assert slot.at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)

    def test_of_what_was_slept_through_the_newest_is_fired(self) -> None:
        slots = due(schedule(looked=NOW - timedelta(days=3, hours=1)), NOW)
        assert [(s.slot, s.outcome, bool(s.run)) for s in slots] == [
            ("2026-11-19T08:00", "missed", False),
            ("2026-11-20T08:00", "missed", False),
            ("2026-11-21T08:00", "missed", False),
            ("2026-11-22T08:00", "fired", True),
        ]

    def test_years_of_sleep_are_not_counted_minute_by_minute(self) -> None:
        slots = due(schedule("FREQ=MINUTELY;INTERVAL=15", looked=NOW - timedelta(days=3650)), NOW)
        assert len(slots) <= 31 * 96 + 1
        assert [s.outcome for s in slots[-2:]] == ["missed", "fired"]

    def test_what_is_rarer_than_a_month_is_caught_up_all_the_same(self) -> None:
        first = datetime(2025, 3, 1, 8, 0, tzinfo=LISBON)
        (slot,) = due(schedule("FREQ=YEARLY", first=first, looked=first + timedelta(days=1)), NOW)
        assert slot.slot == "2026-03-01T08:00"

    def test_an_hour_that_is_skipped_in_spring_runs_once_after_the_gap(self) -> None:
        # Berlin, 28 March 2027: 02:00 becomes 03:00.
        first = datetime(2027, 3, 1, 2, 30, tzinfo=BERLIN)
        looked = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)
        slots = due(schedule(first=first, looked=looked, zone="Europe/Berlin"), looked + timedelta(days=1))
        assert [(s.slot, s.at) for s in slots] == [
            ("2027-03-28T03:00", datetime(2027, 3, 28, 1, 0, tzinfo=UTC))
        ]

    def test_an_hour_that_is_repeated_in_autumn_runs_once(self) -> None:
        # Berlin, 25 October 2026: 03:00 becomes 02:00.
        first = datetime(2026, 10, 1, 2, 30, tzinfo=BERLIN)
        looked = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
        slots = due(schedule(first=first, looked=looked, zone="Europe/Berlin"), looked + timedelta(days=1))
        assert [(s.slot, s.at) for s in slots] == [
            ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
        ]

    def test_every_half_hour_stays_so_in_that_night(self) -> None:
        """Elapsed time has slots in both passes of the repeated hour, and each its own name."""
        looked = datetime(2026, 10, 24, 23, 45, tzinfo=UTC)
        first = datetime(2026, 10, 24, 0, 0, tzinfo=UTC)
        slots = due(
            schedule("FREQ=MINUTELY;INTERVAL=30", first=first, looked=looked, zone="Europe/Berlin"),
            looked + timedelta(hours=2),
        )
        assert [s.slot for s in slots] == [
            "2026-10-25T02:00", "2026-10-25T02:30", "2026-10-25T02:00+01:00", "2026-10-25T02:30+01:00",
        ]  # fmt: skip
        assert [s.outcome for s in slots] == ["missed", "missed", "missed", "fired"]

    @given(
        st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
        st.sampled_from(["FREQ=DAILY", WEEKDAYS, "FREQ=HOURLY", "FREQ=MINUTELY;INTERVAL=30"]),
        st.integers(0, 366),
        st.lists(st.integers(1, 60 * 40), min_size=1, max_size=8),
    )
    @settings(max_examples=60, deadline=None)
    def test_no_slot_is_named_twice_and_none_lost_however_often_one_looks(
        self, zone: str, rrule: str, day: int, gaps: list[int]
    ) -> None:
        begin = datetime(2026, 1, 1, 1, 30, tzinfo=ZoneInfo(zone)) + timedelta(days=day)
        looked = begin.astimezone(UTC)
        made = schedule(rrule, first=begin, looked=looked, zone=zone)
        whole = due(made, looked + timedelta(minutes=sum(gaps)))
        names: list[str] = []
        now = looked
        for gap in gaps:
            now, before = now + timedelta(minutes=gap), now
            names += [s.slot for s in due(schedule(rrule, first=begin, looked=before, zone=zone), now)]
        assert names == [s.slot for s in whole]
        assert len(set(names)) == len(names)


def alter(folder: Path, statement: str) -> None:
    """Somebody with sqlite3, in a hurry."""
    with closing(sqlite3.connect(folder / "runs.db", timeout=0)) as db, db:
        assert db.execute(statement).rowcount == 1


class TestSettle:
    def test_each_slot_fires_once(self, records: Records) -> None:
        records.put_schedule(schedule())
        log, tomorrow = Log(), NOW + timedelta(days=1)
        assert settle(records, now=NOW, submit=log) == []
        assert settle(records, now=tomorrow, submit=log) == ["digest:2026-11-23T08:00"]
        for later in (0, 1, 3600):
            assert settle(records, now=tomorrow + timedelta(seconds=later), submit=log) == []
        assert log.runs == ["digest:2026-11-23T08:00"]
        run = records.run("digest:2026-11-23T08:00")
        assert run is not None
        assert (run.request, run.schedule, run.status) == ("send me a digest", "digest", "ready")
        assert [(s.slot, s.outcome, s.run) for s in records.slots("digest")] == [
            ("2026-11-23T08:00", "fired", "digest:2026-11-23T08:00")
        ]

    def test_what_was_missed_is_noted_and_makes_no_run(self, records: Records) -> None:
        records.put_schedule(schedule())
        made = settle(records, now=NOW + timedelta(days=3), submit=Log())
        assert made == ["digest:2026-11-25T08:00"]
        assert [(s.slot, s.outcome) for s in records.slots("digest")] == [
            ("2026-11-25T08:00", "fired"),
            ("2026-11-24T08:00", "missed"),
            ("2026-11-23T08:00", "missed"),
        ]
        assert len(records.runs()) == 1

    def test_many_clocks_make_one_run(self, records: Records, tmp_path: Path) -> None:
        for n in range(5):
            records.put_schedule(schedule(name=f"s{n}"))
        log, others = Log(), [Records(tmp_path / "runs.db") for _ in range(3)]
        barrier = threading.Barrier(6, timeout=20)

        def look(n: int) -> list[str]:
            barrier.wait()
            return settle([records, *others][n % 4], now=NOW + timedelta(days=2, seconds=n), submit=log)

        with ThreadPoolExecutor(6) as pool:
            made = [run for runs in pool.map(look, range(6)) for run in runs]
        assert sorted(made) == sorted(log.runs) == [f"s{n}:2026-11-24T08:00" for n in range(5)]
        for n in range(5):
            assert [s.outcome for s in records.slots(f"s{n}")] == ["fired", "missed"]
        for other in others:
            other.close()

    def test_a_crash_before_the_run_was_submitted_loses_nothing(self, records: Records) -> None:
        """The slot is noted and its run is made in one go; submitting is what a restart does again."""
        records.put_schedule(schedule())

        def die(_: str) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            settle(records, now=NOW + timedelta(days=1), submit=die)
        assert records.unfinished() == ["digest:2026-11-23T08:00"]

    def test_paused_and_others_do_nothing(self, records: Records) -> None:
        records.put_schedule(schedule(paused=True))
        records.put_schedule(schedule(name="other"))
        log = Log()
        assert settle(records, now=NOW + timedelta(days=1), submit=log, only="digest") == []
        assert settle(records, now=NOW + timedelta(days=1), submit=log) == ["other:2026-11-23T08:00"]

    def test_a_schedule_changed_while_somebody_looks_is_not_fired_by_its_old_times(
        self, records: Records
    ) -> None:
        records.put_schedule(schedule())
        (old,) = records.schedules()
        slots = due(old, NOW + timedelta(days=1))
        records.put_schedule(schedule(looked=NOW + timedelta(hours=30)))
        assert records.settle(old, slots, now=NOW + timedelta(days=1)) == []
        records.drop_schedule("digest")
        assert records.settle(old, slots, now=NOW + timedelta(days=1)) == []
        assert records.runs() == []

    def test_one_that_was_altered_only_while_it_was_read_is_not_run(
        self, records: Records, tmp_path: Path
    ) -> None:
        records.put_schedule(schedule())
        alter(tmp_path, "UPDATE schedules SET request = 'send everything'")
        (old,) = records.schedules()
        alter(tmp_path, "UPDATE schedules SET request = 'send me a digest'")
        assert records.settle(old, due(old, NOW + timedelta(days=1)), now=NOW + timedelta(days=1)) == []
        assert records.runs() == []

    def test_whether_it_is_refused_is_asked_while_nobody_can_change_it(
        self, records: Records, tmp_path: Path
    ) -> None:
        records.put_schedule(schedule())
        asked = list[tuple[str, bool]]()

        def refuses(name: str, as_told: bool) -> str:
            asked.append((name, as_told))
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                alter(tmp_path, "UPDATE schedules SET request = 'send everything'")
            return "not today"

        assert settle(records, now=NOW + timedelta(days=1), submit=Log(), refuses=refuses) == []
        assert asked == [("digest", True)]
        (slot,) = records.slots("digest")
        assert (slot.outcome, slot.why, slot.run) == ("skipped", "not today", "")

    def test_time_that_goes_backwards_fires_nothing_again(self, records: Records) -> None:
        records.put_schedule(schedule())
        settle(records, now=NOW + timedelta(days=1), submit=Log())
        assert settle(records, now=NOW - timedelta(days=5), submit=Log()) == []
        assert settle(records, now=NOW + timedelta(days=1), submit=Log()) == []


class TestInAHome:
    def test_pause_and_resume(self, house: House) -> None:
        house.plans["say it"] = plan(draft(), request="say it")
        house.room.records.put_schedule(
            Schedule("say", "say it", "FREQ=DAILY", NOW, "Europe/Lisbon", NOW, False, NOW)
        )
        house.moment = NOW + timedelta(days=1)
        (first,) = house.app.settle()
        assert house.room.wait(first).status == "done"
        assert house.app.run(first).schedule == "say"
        assert house.app.ask("pause the schedule say", fresh=False).status == "done"
        house.moment = NOW + timedelta(days=3, hours=1)
        assert house.app.settle() == []
        assert house.app.ask("resume the schedule say", fresh=False).status == "done"
        assert house.app.settle() == [], "what passed while it was paused is not caught up"
        house.moment = NOW + timedelta(days=4)
        assert house.app.settle() == ["say:2026-11-26T08:00"]
        house.room.wait("say:2026-11-26T08:00")
        assert house.performed() == ["mail.draft", "mail.draft"]

    def test_a_clock_that_stands_still_fires_nothing_and_does_not_spin(self, house: House) -> None:
        """`serve --now` in the past: its next slot lies long ago by the system's clock."""
        looks: list[datetime] = []

        def now() -> datetime:
            looks.append(NOW)
            return NOW

        records = house.room.records
        records.put_schedule(schedule())
        clock = Clock(records, now=now, submit=Log())
        clock.start()
        try:
            assert not threading.Event().wait(0.3)
            assert len(looks) == 1
        finally:
            clock.close()

    def test_a_clock_that_goes_wakes_by_itself_and_fires_each_slot_once(self, house: House) -> None:
        def now() -> datetime:
            return datetime.now(UTC)

        records, log = house.room.records, Log()
        start = now()
        soon = (start + timedelta(seconds=2)).replace(microsecond=0)
        records.put_schedule(Schedule("soon", "x", "FREQ=DAILY", soon, "UTC", start, False, start))
        clocks = [Clock(records, now=now, submit=log) for _ in range(2)]
        for clock in clocks:
            clock.start()
        try:
            assert log.one.wait(20)
            assert now() >= soon
        finally:
            for clock in clocks:
                clock.close()
        assert log.runs == [f"soon:{slot_name(soon, 'UTC')}"]

    def test_it_can_be_closed_while_it_fires(self, house: House) -> None:
        """APScheduler on its own hangs when it is stopped while a job of it asks for the next one."""
        slot = NOW + timedelta(hours=1)
        inside, closed = threading.Event(), threading.Event()
        started = [datetime.now(UTC)]

        def now() -> datetime:  # goes like the system's clock, and is a blink before the slot when it starts
            return slot - timedelta(milliseconds=200) + (datetime.now(UTC) - started[0])

        def submit(_: str) -> None:
            inside.set()
            closed.wait(0.2)

        house.room.records.put_schedule(Schedule("s", "x", "FREQ=DAILY", slot, "UTC", NOW, False, NOW))
        clock = Clock(house.room.records, now=now, submit=submit)
        started[0] = datetime.now(UTC)
        clock.start()
        assert not inside.is_set(), "it is the scheduler's thread that fires, not this one"
        assert inside.wait(20)
        closing = threading.Thread(target=lambda: (clock.close(), closed.set()), daemon=True)
        closing.start()
        closing.join(20)
        assert closed.is_set()
        assert clock.refresh() == []

    def test_a_schedule_added_later_is_taken_up_by_refresh(self, house: House) -> None:
        def now() -> datetime:
            return datetime.now(UTC)

        records, log = house.room.records, Log()
        clock = Clock(records, now=now, submit=log)
        clock.start()
        try:
            start = now()
            records.put_schedule(
                Schedule("late", "x", "FREQ=DAILY", start + timedelta(seconds=1), "UTC", start, False, start)
            )
            clock.refresh()
            assert log.one.wait(20)
        finally:
            clock.close()
        assert len(log.runs) == 1
