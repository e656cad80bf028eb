"""The timetable: schedules, what became of their due times, and what digests have told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select

from deskhand.agent.availability.omitted import NOTHING, Omitted
from deskhand.agent.records.audit import Audit
from deskhand.agent.records.subjects import REMOVED, of_schedule, standing_of
from deskhand.agent.records.tables import faded, schedules, slots
from deskhand.agent.records.tables import told as told_table
from deskhand.connectors.database import insert_new, reading, upsert, writing

_ALL = select(*faded(*schedules.c)).order_by(schedules.c.name)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A request that is run again and again."""

    name: str
    request: str
    rrule: str
    """RFC 5545 RRULE value; the time of day is that of `first` in `zone`."""
    first: datetime
    zone: str
    created: datetime
    paused: bool
    looked: datetime
    omits: Omitted = NOTHING
    """What its rule has but it leaves out."""
    readable: bool = True
    """False: somebody made it into something that is none. This only stands for it, and is never written."""

    def following(self, after: datetime) -> datetime | None:
        """The next due time after a moment; None when it is over."""
        return self.omits.following(self.rrule, self.first, after=after, zone=self.zone)

    def between(self, after: datetime, until: datetime) -> list[datetime]:
        """The due times with `after < time <= until`."""
        return self.omits.between(self.rrule, self.first, after=after, until=until, zone=self.zone)


@dataclass(frozen=True, slots=True)
class Slot:
    """One due time of a schedule and what became of it."""

    schedule: str
    slot: str
    at: datetime
    outcome: str
    run: str
    noted: datetime
    why: str = ""
    """Of a slot that was skipped: the reason, as a sentence."""


class Timetable(Audit):
    """Reads and writes those tables; `Records` adds the firing, which makes runs."""

    def put_schedule(self, schedule: Schedule) -> None:
        """Add or change a schedule.

        :raises ValueError: what only stands for one that cannot be read would be written over it.
        """
        if not schedule.readable:
            raise ValueError(f"the schedule {schedule.name} cannot be read")
        row = {c.name: getattr(schedule, c.name) for c in schedules.columns}
        row["omits"] = schedule.omits.rules() or None
        with self._audited() as (db, lines):
            lines.before("schedule", schedule.name)
            mine = select(schedules.c.paused).where(schedules.c.name == schedule.name)
            was = db.execute(mine).scalar()
            db.execute(upsert(self.engine, schedules), row)
            lines.add(of_schedule(row, _done(was, schedule.paused)))

    def pause_schedule(self, name: str) -> None:
        """Pause a schedule, where there is one: its times pass unused until it is resumed."""
        found = next((s for s in self.schedules() if s.name == name), None)
        if found is not None:
            self.put_schedule(replace(found, paused=True))

    def schedules(self) -> list[Schedule]:
        """All schedules, by name; without those that have none that can be read."""
        with reading(self.engine) as db:
            rows = db.execute(_ALL)
            return [schedule_of(r) for r in rows if isinstance(r.name, str)]

    def drop_schedule(self, name: str) -> None:
        """Remove a schedule; its history stays."""
        with self._audited() as (db, lines):
            lines.before("schedule", name)
            for told in list(standing_of(db, "schedule", name)):
                lines.add(replace(told, state=REMOVED))
            db.execute(delete(schedules).where(schedules.c.name == name))

    def slots(self, name: str, *, limit: int = 50) -> list[Slot]:
        """Past due times of a schedule, newest first."""
        query = select(slots).where(slots.c.schedule == name).order_by(slots.c.at.desc()).limit(limit)
        with reading(self.engine) as db:
            return [Slot(**r._mapping) for r in db.execute(query)]

    def skipped(self, since: datetime) -> list[Slot]:
        """Due times after a moment at which a schedule was not run although it was due, oldest first."""
        mine = (slots.c.outcome == "skipped") & (slots.c.at > since)
        with reading(self.engine) as db:
            rows = db.execute(select(slots).where(mine).order_by(slots.c.at, slots.c.schedule))
            return [Slot(**r._mapping) for r in rows]

    # Digests

    def told(self, series: str) -> frozenset[tuple[str, str]]:
        """(ref, version) pairs that a series of digests has told."""
        with reading(self.engine) as db:
            rows = db.execute(
                select(told_table.c.ref, told_table.c.version).where(told_table.c.series == series)
            )
            return frozenset((r.ref, r.version) for r in rows)

    def tell(self, series: str, keys: Iterable[tuple[str, str]], *, now: datetime) -> None:
        """Note what a series of digests has told."""
        rows = [{"series": series, "ref": r, "version": v, "at": now} for r, v in dict.fromkeys(keys)]
        if rows:
            with writing(self.engine) as db:
                db.execute(insert_new(self.engine, told_table), rows)


def schedule_of(row: Any) -> Schedule:
    """A schedule; of one that is none any more, a paused one that is never due."""
    try:
        made = Schedule(**{**row._mapping, "omits": Omitted.of(row.omits)})
        if all(isinstance(text, str) for text in (made.request, made.rrule, made.zone)):
            made.following(made.looked)
            made.created.astimezone(UTC)
            return made
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        pass
    return Schedule(
        row.name, "(cannot be read: it was changed past Deskhand)", "FREQ=DAILY;COUNT=1", _NEVER, "UTC",
        _NEVER, True, _NEVER, readable=False,
    )  # fmt: skip


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _done(was: bool | None, paused: bool) -> str:
    """What was done with a schedule. :param was: whether it was paused; None: there was none."""
    if was is None:
        return "paused" if paused else "made"
    return "changed" if was == paused else "paused" if paused else "resumed"
