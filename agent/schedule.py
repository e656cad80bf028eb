"""Fires schedules at their times, each slot once. The only file that imports apscheduler.

Our tables are the store; APScheduler is only the clock that wakes us. A slot is named by its local time,
and the run it makes by `<schedule>:<slot>`, so two clocks never make two runs, a repeated hour in autumn
runs once, and what a sleeping machine missed is caught up once, with the newest slot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.records.state import Records
from deskhand.agent.records.timetable import Schedule, Slot

NOTED = timedelta(days=31)
"""Slots missed longer ago than this are not even noted: a machine may have slept for years."""


def due(schedule: Schedule, now: datetime) -> list[Slot]:
    """The slots between the last look and now: the newest is to be fired, those before it were missed."""
    recent = max(schedule.looked, now - NOTED)
    times = schedule.between(recent, now)
    if not times and recent > schedule.looked:  # rarer than monthly
        times = schedule.between(schedule.looked, now)
    slots = []
    for left, moment in enumerate(times, 1 - len(times)):
        # Told apart by place: in a repeated hour two different moments compare equal in their zone.
        name = slot_name(moment, schedule.zone)
        at = moment.astimezone(UTC)
        run = "" if left else f"{schedule.name}:{name}"
        slots.append(Slot(schedule.name, name, at, "missed" if left else "fired", run, now))
    return slots


def slot_name(moment: datetime, zone: str) -> str:
    """`2026-11-23T08:00`, the local time; the second pass of a repeated hour says its offset too.

    Only rules that count elapsed time ("every 15 minutes") have slots in that second pass.
    """
    local = moment.astimezone(ZoneInfo(zone))
    return local.isoformat(timespec="minutes") if local.fold else f"{local:%Y-%m-%dT%H:%M}"


def settle(
    records: Records,
    *,
    now: datetime,
    submit: Callable[[str], None],
    only: str | None = None,
    ready: Callable[[], None] = lambda: None,
    refuses: Callable[[str, bool], str] = lambda name, as_told: "",
    waits: Callable[[Schedule], object] = lambda schedule: False,
) -> list[str]:
    """Fire what is due, note what was missed; returns the runs made. Safe to call at any time, twice too.

    :param ready: called once before the runs begin, if there are any: so that they see what is new.
    :param refuses: why a schedule of this name, which is as the audit chain tells or not, is not to run now,
        as sentences; its slot is noted as skipped. Asked in the transaction that makes the run.
    :param waits: whether a schedule waits for something: its times are not looked at before that is over.
    """
    made = []
    for schedule in records.schedules():
        if schedule.paused or (only is not None and schedule.name != only):
            continue
        if (slots := due(schedule, now)) and not waits(schedule):
            made += records.settle(schedule, slots, now=now, refuses=partial(refuses, schedule.name))
    if made:
        ready()
    for run in made:
        submit(run)
    return made


class Clock:
    """Wakes up when the next slot of any schedule is due, as long as it is open."""

    def __init__(
        self,
        records: Records,
        *,
        now: Callable[[], datetime],
        submit: Callable[[str], None],
        ready: Callable[[], None] = lambda: None,
        refuses: Callable[[str, bool], str] = lambda name, as_told: "",
        waits: Callable[[Schedule], object] = lambda schedule: False,
    ) -> None:
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        self._records, self._now, self._submit, self._ready = records, now, submit, ready
        self._refuses, self._waits = refuses, waits
        self._lock = threading.Lock()
        self._closed = False
        self._scheduler: Any = BackgroundScheduler(
            timezone=ZoneInfo("UTC"), executors={"default": ThreadPoolExecutor(1)}
        )

    def start(self) -> None:
        """Catch up what was missed and begin to wait."""
        self._scheduler.start()
        self.refresh()

    def refresh(self) -> list[str]:
        """Look at the schedules anew: after one was added, paused, or became due."""
        from apscheduler.triggers.date import DateTrigger

        with self._lock:
            if self._closed:
                return []
            now = self._now()
            made = settle(
                self._records, now=now, submit=self._submit, ready=self._ready, refuses=self._refuses,
                waits=self._waits,
            )  # fmt: skip
            wanted = {}
            for schedule in self._records.schedules():
                following = schedule.following(max(schedule.looked, now))
                if following is not None and not schedule.paused:
                    wanted[schedule.name] = following
            for job in self._scheduler.get_jobs():
                if job.id not in wanted:
                    job.remove()
            for name, moment in wanted.items():
                # The scheduler goes by the system's clock, the schedules by ours, which may stand still.
                wake = datetime.now(UTC) + (moment - now)
                # No grace time: a laptop that slept through it still runs it when it wakes.
                self._scheduler.add_job(
                    self.refresh, DateTrigger(wake), id=name, replace_existing=True,
                    misfire_grace_time=None, coalesce=True,
                )  # fmt: skip
            return made

    def close(self) -> None:
        """Stop waiting."""
        # First nobody may be inside `refresh`: the scheduler waits for its thread while it holds the locks
        # that adding a job needs. And no job may be left: its loop breaks when one is due while it stops.
        with self._lock:
            self._closed = True
        self._scheduler.remove_all_jobs()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
