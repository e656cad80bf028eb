"""Fires schedules at their times, each slot once. The only file that imports apscheduler.

Our tables are the store; APScheduler is only the clock that wakes us. A slot is named by its local time,
and the run it makes by `<schedule>:<slot>`, so two clocks never make two runs, a repeated hour in autumn
runs once, and what a sleeping machine missed is caught up once, with the newest slot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.state import Records, Schedule, Slot
from deskhand.agent.times import next_after, slots_between


def due(schedule: Schedule, now: datetime) -> list[Slot]:
    """The slots between the last look and now: the newest is to be fired, those before it were missed."""
    times = slots_between(
        schedule.rrule, schedule.first, after=schedule.looked, until=now, zone=schedule.zone
    )
    slots = []
    for moment in times:
        name = slot_name(moment, schedule.zone)
        last = moment == times[-1]
        run = f"{schedule.name}:{name}" if last else ""
        slots.append(Slot(schedule.name, name, moment, "fired" if last else "missed", run, now))
    return slots


def slot_name(moment: datetime, zone: str) -> str:
    """`2026-11-23T08:00`, the local time; the same for both passes of a repeated hour."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def settle(
    records: Records, *, now: datetime, submit: Callable[[str], None], only: str | None = None
) -> list[str]:
    """Fire what is due and note what was missed; returns the runs made. Safe to call at any time, twice too."""
    made = []
    for schedule in records.schedules():
        if schedule.paused or (only is not None and schedule.name != only):
            continue
        slots = due(schedule, now)
        for slot in slots:
            if slot.run:
                # The run first: a crash between the two repeats this line with the same id, and makes nothing.
                run, new = records.new_run(schedule.request, now=now, id_=slot.run, schedule=schedule.name)
                if new:
                    made.append(run)
        if slots:
            records.note_slots(schedule.name, now, slots)
    for run in made:
        submit(run)
    return made


class Clock:
    """Wakes up when the next slot of any schedule is due, as long as it is open."""

    def __init__(
        self, records: Records, *, now: Callable[[], datetime], submit: Callable[[str], None]
    ) -> None:
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        self._records, self._now, self._submit = records, now, submit
        self._lock = threading.Lock()
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
            made = settle(self._records, now=self._now(), submit=self._submit)
            wanted = {}
            for schedule in self._records.schedules():
                if not schedule.paused:
                    following = next_after(
                        schedule.rrule, schedule.first, after=schedule.looked, zone=schedule.zone
                    )
                    if following is not None:
                        wanted[schedule.name] = following
            for job in self._scheduler.get_jobs():
                if job.id not in wanted:
                    job.remove()
            for name, moment in wanted.items():
                # No grace time: a laptop that slept through it still runs it when it wakes.
                self._scheduler.add_job(
                    self.refresh, DateTrigger(moment), id=name, replace_existing=True,
                    misfire_grace_time=None, coalesce=True,
                )  # fmt: skip
            return made

    def close(self) -> None:
        """Stop waiting."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
