"""The three layers of state, named in one place.

* global: who the person is, policy, sources (`config.toml`); people, threads, every version (archive)
* workflow: the run, its plan, approvals, effects, schedules (here), and the graph's checkpoint
* task: one step's attempts, output and labels (here); bodies stay in the archive, referred to by ref and version

`Records` reads and writes the last two. Every method is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from deskhand.agent.model import (
    FINISHED,
    Approval,
    Brief,
    Citation,
    Effect,
    Event,
    Plan,
    Run,
    RunStatus,
)
from deskhand.agent.tables import (
    HEAD,
    approvals,
    counters,
    effects,
    events,
    runs,
    schedules,
    slots,
    steps,
    told,
)
from deskhand.connectors.database import insert_new, open_database, take_numbers, upsert


@dataclass(frozen=True, slots=True)
class StepState:
    """What a step left behind."""

    step: str
    state: str
    """done, failed, skipped"""
    value: Any = None
    labels: Mapping[str, Any] | None = None
    brief: Brief | None = None
    error: str = ""
    attempts: int = 1


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


@dataclass(frozen=True, slots=True)
class Slot:
    """One due time of a schedule and what became of it."""

    schedule: str
    slot: str
    at: datetime
    outcome: str
    run: str
    noted: datetime


class Records:
    """The workflow and task layers; safe for use from several threads."""

    def __init__(self, place: Path | str) -> None:
        self.engine = open_database(
            place, migrations="deskhand.agent.migrations", version_table="runs_revision", head=HEAD
        )

    def close(self) -> None:
        self.engine.dispose()

    # Runs

    def new_run(
        self, request: str, *, now: datetime, id_: str = "", schedule: str = "", approve_all: bool = False
    ) -> tuple[str, bool]:
        """Make a run, ready to be advanced; with an id that exists already, nothing. Returns (id, made)."""
        with self.engine.begin() as db:
            if id_ and db.execute(select(runs.c.id).where(runs.c.id == id_)).scalar():
                return id_, False
            n = self._next(db, "run")
            made = id_ or f"r{n}"
            db.execute(
                insert(runs).values(
                    id=made, n=n, request=request, status="ready", created=now, updated=now, choices=[],
                    schedule=schedule, approve_all=approve_all, plan_hash="", answer="", cancelled=False,
                )
            )  # fmt: skip
        return made, True

    def run(self, id_: str) -> Run | None:
        """A run with its plan, approvals and effects; None where there is none."""
        with self.engine.connect() as db:
            row = db.execute(select(runs).where(runs.c.id == id_)).one_or_none()
            return None if row is None else self._run(db, row)

    def runs(self, *, limit: int = 50, statuses: Sequence[RunStatus] = ()) -> list[Run]:
        """The newest runs, newest first."""
        query = select(runs).order_by(runs.c.n.desc()).limit(limit)
        if statuses:
            query = query.where(runs.c.status.in_(statuses))
        with self.engine.connect() as db:
            return [self._run(db, row) for row in db.execute(query).all()]

    def unfinished(self) -> list[str]:
        """Ids of runs somebody has to advance: ready, or running when their process ended; oldest first."""
        query = select(runs.c.id).where(runs.c.status.in_(("ready", "running"))).order_by(runs.c.n)
        with self.engine.connect() as db:
            return list(db.execute(query).scalars())

    def set_run(self, id_: str, *, now: datetime, **values: Any) -> None:
        """Change columns of a run. A finished run changes no more."""
        if "plan" in values:
            plan: Plan = values["plan"]
            values |= {"plan": plan.model_dump(mode="json"), "plan_hash": plan.hash}
        if values.get("brief") is not None:
            values["brief"] = values["brief"].model_dump(mode="json")
        with self.engine.begin() as db:
            still = runs.c.status.not_in(tuple(FINISHED))
            db.execute(update(runs).where(runs.c.id == id_, still).values(updated=now, **values))

    def flags(self, id_: str) -> tuple[bool, bool]:
        """(approve_all, cancelled) of a run."""
        with self.engine.connect() as db:
            row = db.execute(select(runs.c.approve_all, runs.c.cancelled).where(runs.c.id == id_)).one()
        return row.approve_all, row.cancelled

    # Steps and events

    def put_step(self, run: str, state: StepState, *, now: datetime) -> None:
        """Keep what a step left; with the same content again it changes nothing."""
        row = {
            "run": run, "step": state.step, "state": state.state, "attempts": state.attempts,
            "value": state.value, "labels": state.labels, "error": state.error, "at": now,
            "brief": state.brief.model_dump(mode="json") if state.brief else None,
        }  # fmt: skip
        with self.engine.begin() as db:
            db.execute(upsert(self.engine, steps), row)

    def steps(self, run: str) -> dict[str, StepState]:
        """What the steps of a run left, by id."""
        with self.engine.connect() as db:
            return {
                r.step: StepState(
                    r.step, r.state, r.value, r.labels,
                    Brief.model_validate(r.brief) if r.brief else None, r.error, r.attempts,
                )
                for r in db.execute(select(steps).where(steps.c.run == run))
            }  # fmt: skip

    def note(self, run: str, type_: str, *, now: datetime, **data: Any) -> None:
        """Append an event, in the past tense."""
        with self.engine.begin() as db:
            last = db.execute(select(func.max(events.c.seq)).where(events.c.run == run)).scalar() or 0
            db.execute(insert(events).values(run=run, seq=last + 1, at=now, type=type_, data=data))

    def events(self, run: str) -> list[Event]:
        """The events of a run, in order."""
        query = select(events).where(events.c.run == run).order_by(events.c.seq)
        with self.engine.connect() as db:
            return [Event(run=r.run, seq=r.seq, at=r.at, type=r.type, data=r.data) for r in db.execute(query)]

    # Approvals

    def next_approval(self) -> tuple[str, int]:
        """A fresh id, short enough to type."""
        with self.engine.begin() as db:
            n = self._next(db, "approval")
        return f"a{n}", n

    def put_approval(self, approval: Approval) -> None:
        """Keep an approval in its present state."""
        row = {
            "id": approval.id, "n": int(approval.id[1:]), "run": approval.run, "step": approval.step,
            "state": approval.state, "body": approval.model_dump(mode="json"),
        }  # fmt: skip
        with self.engine.begin() as db:
            db.execute(upsert(self.engine, approvals), row)

    def turn_approval(self, approval: Approval, *, was: str) -> bool:
        """Keep a new state only if the old one still stands: of two decisions one counts."""
        with self.engine.begin() as db:
            done = db.execute(
                update(approvals)
                .where(approvals.c.id == approval.id, approvals.c.state == was)
                .values(state=approval.state, body=approval.model_dump(mode="json"))
            )
            return done.rowcount == 1

    def approval(self, id_: str) -> Approval | None:
        """One approval."""
        with self.engine.connect() as db:
            body = db.execute(select(approvals.c.body).where(approvals.c.id == id_)).scalar()
        return None if body is None else Approval.model_validate(body)

    def approvals(self, *, run: str = "", state: str = "") -> list[Approval]:
        """Approvals in the order they were asked for."""
        query = select(approvals.c.body).order_by(approvals.c.n)
        if run:
            query = query.where(approvals.c.run == run)
        if state:
            query = query.where(approvals.c.state == state)
        with self.engine.connect() as db:
            return [Approval.model_validate(b) for b in db.execute(query).scalars()]

    # The ledger's rows

    def put_effect(self, effect: Effect) -> None:
        """Keep a ledger row; on the disk when this returns."""
        with self.engine.begin() as db:
            db.execute(upsert(self.engine, effects), effect.model_dump(mode="json") | {"at": effect.at})

    def effect(self, key: str) -> Effect | None:
        """One ledger row."""
        with self.engine.connect() as db:
            row = db.execute(select(effects).where(effects.c.key == key)).one_or_none()
        return None if row is None else _effect(row)

    def effects(self, *, run: str = "") -> list[Effect]:
        """Ledger rows, oldest first."""
        query = select(effects).order_by(effects.c.at, effects.c.step, effects.c.key)
        if run:
            query = query.where(effects.c.run == run)
        with self.engine.connect() as db:
            return [_effect(r) for r in db.execute(query)]

    # Schedules

    def put_schedule(self, schedule: Schedule) -> None:
        """Add or change a schedule."""
        row = {c.name: getattr(schedule, c.name) for c in schedules.columns}
        with self.engine.begin() as db:
            db.execute(upsert(self.engine, schedules), row)

    def schedules(self) -> list[Schedule]:
        """All schedules, by name."""
        with self.engine.connect() as db:
            return [Schedule(**r._mapping) for r in db.execute(select(schedules).order_by(schedules.c.name))]

    def drop_schedule(self, name: str) -> None:
        """Remove a schedule; its history stays."""
        with self.engine.begin() as db:
            db.execute(delete(schedules).where(schedules.c.name == name))

    def note_slots(self, name: str, looked: datetime, noted: Iterable[Slot]) -> None:
        """Settle due times of a schedule, once each, and how far it was looked."""
        rows = [{c.name: getattr(s, c.name) for c in slots.columns} for s in noted]
        with self.engine.begin() as db:
            if rows:
                db.execute(insert_new(self.engine, slots), rows)
            db.execute(update(schedules).where(schedules.c.name == name).values(looked=looked))

    def slots(self, name: str, *, limit: int = 50) -> list[Slot]:
        """Past due times of a schedule, newest first."""
        query = select(slots).where(slots.c.schedule == name).order_by(slots.c.at.desc()).limit(limit)
        with self.engine.connect() as db:
            return [Slot(**r._mapping) for r in db.execute(query)]

    # Digests

    def told(self, series: str) -> frozenset[tuple[str, str]]:
        """(ref, version) pairs that a series of digests has told."""
        with self.engine.connect() as db:
            rows = db.execute(select(told.c.ref, told.c.version).where(told.c.series == series))
            return frozenset((r.ref, r.version) for r in rows)

    def tell(self, series: str, keys: Iterable[tuple[str, str]], *, now: datetime) -> None:
        """Note what a series of digests has told."""
        rows = [{"series": series, "ref": r, "version": v, "at": now} for r, v in dict.fromkeys(keys)]
        if rows:
            with self.engine.begin() as db:
                db.execute(insert_new(self.engine, told), rows)

    def _next(self, db: Connection, name: str) -> int:
        return take_numbers(db, self.engine, counters, name, 1)

    def _run(self, db: Connection, row: Any) -> Run:
        asked = select(approvals.c.body).where(approvals.c.run == row.id).order_by(approvals.c.n)
        done = select(effects).where(effects.c.run == row.id).order_by(effects.c.at, effects.c.step)
        brief = Brief.model_validate(row.brief) if row.brief else None
        cites: tuple[Citation, ...] = tuple(brief.citations()) if brief else ()
        return Run(
            id=row.id, request=row.request, status=row.status, created=row.created, updated=row.updated,
            plan=Plan.model_validate(row.plan) if row.plan else None, answer=row.answer, brief=brief,
            citations=cites, approvals=tuple(Approval.model_validate(b) for b in db.execute(asked).scalars()),
            effects=tuple(_effect(r) for r in db.execute(done)), choices=tuple(row.choices),
            schedule=row.schedule,
        )  # fmt: skip


def _effect(row: Any) -> Effect:
    return Effect.model_validate({c.name: getattr(row, c.name) for c in effects.columns})
