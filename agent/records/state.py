"""What is kept of runs: the workflow and the task layer (`layers` names all three, and what is in them).

Bodies stay in the archive, by ref and version. `Records` reads and writes; every method is one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from deskhand.agent.model import FINISHED, FORMAT, Amends, Approval, Brief, Citation, Event, Run, RunStatus
from deskhand.agent.plans.language import Plan
from deskhand.agent.records import contents
from deskhand.agent.records.asked import Asked
from deskhand.agent.records.book import Book, clean, effects_of
from deskhand.agent.records.choices import Choices
from deskhand.agent.records.keeping import Keeping, ops_of
from deskhand.agent.records.spending import Spending
from deskhand.agent.records.tables import (
    HEAD,
    approvals,
    counters,
    effects,
    events,
    runs,
    schedules,
    slots,
    steps,
)
from deskhand.agent.records.timetable import Schedule, Slot, Timetable
from deskhand.connectors.database import (
    insert_new,
    open_database,
    parts,
    reading,
    take_numbers,
    upsert,
    writing,
)

_OUTPUT = ("value", "labels", "brief")
"""Columns of a step that may be long."""


@dataclass(frozen=True, slots=True)
class StepState:
    """What a step left behind."""

    step: str
    state: str
    """done; failed; skipped: an earlier one failed; unneeded: its `when` was empty"""
    value: Any = None
    labels: Mapping[str, Any] | None = None
    brief: Brief | None = None
    error: str = ""
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Note:
    """An event that is to be written: what happened, in the past tense."""

    type: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Records(Asked, Book, Choices, Keeping, Spending, Timetable):
    """The workflow and task layers; safe for use from several threads."""

    def __init__(self, place: Path | str) -> None:
        self.engine = open_database(
            place, migrations="deskhand.agent.records.migrations", version_table="runs_revision", head=HEAD
        )
        # Making a statement costs more than running it.
        self._upsert = {t: upsert(self.engine, t) for t in (steps, approvals, effects)}

    def close(self) -> None:
        self.engine.dispose()

    # Runs

    def new_run(
        self,
        request: str,
        *,
        now: datetime,
        id_: str = "",
        schedule: str = "",
        approve_all: bool = False,
        plan: Plan | None = None,
    ) -> tuple[str, bool]:
        """Make a run, ready to be advanced; with an id that exists already, nothing. Returns (id, made)."""
        with writing(self.engine) as db:
            return self._new_run(db, request, now, id_, schedule, approve_all, plan)

    def run(self, id_: str) -> Run | None:
        """A run with its plan, approvals and effects; None where there is none."""
        with reading(self.engine) as db:
            row = db.execute(select(runs).where(runs.c.id == id_)).one_or_none()
            return None if row is None else self._run(db, row)

    def before(self, id_: str) -> Run | None:
        """The run that the person began before this one; none of a schedule's."""
        this = select(runs.c.n).where(runs.c.id == id_).scalar_subquery()
        query = select(runs).where(runs.c.n < this, runs.c.schedule == "").order_by(runs.c.n.desc()).limit(1)
        with reading(self.engine) as db:
            row = db.execute(query).one_or_none()
            return None if row is None else self._run(db, row)

    def runs(self, *, limit: int = 50, statuses: Sequence[RunStatus] = ()) -> list[Run]:
        """The newest runs, newest first."""
        query = select(runs).order_by(runs.c.n.desc()).limit(limit)
        if statuses:
            query = query.where(runs.c.status.in_(statuses))
        with reading(self.engine) as db:
            return [self._run(db, row) for row in db.execute(query).all()]

    def unfinished(self) -> list[str]:
        """Ids of runs that somebody has to advance, oldest first: ready, running when their process ended,
        or waiting for a decision that has been taken."""
        open_ = exists().where(approvals.c.run == runs.c.id, approvals.c.state == "pending")
        left = exists().where(steps.c.run == approvals.c.run, steps.c.step == approvals.c.step)
        taken = exists().where(
            approvals.c.run == runs.c.id, approvals.c.state.in_(("approved", "rejected", "used")), ~left
        )
        waiting = (runs.c.status == "waiting") & (taken | ~open_)
        mine = runs.c.format <= FORMAT  # what a later Deskhand began is left to it
        open_ones = runs.c.status.in_(("ready", "running")) | waiting
        query = select(runs.c.id).where(mine, open_ones).order_by(runs.c.n)
        with reading(self.engine) as db:
            return list(db.execute(query).scalars())

    def set_run(self, id_: str, *, now: datetime, notes: Sequence[Note] = (), **values: Any) -> None:
        """Change columns of a run, and write events with it. A finished run changes no more.

        When it finishes, what still waited for a decision is withdrawn.
        """
        if "plan" in values:
            values |= _plan_columns(values["plan"])
        if values.get("brief") is not None:
            values["brief"] = values["brief"].model_dump(mode="json")
        if "answer" in values:
            values["answer"] = clean(values["answer"])
        with writing(self.engine) as db:
            values |= _kept(db, id_, values, "plan", "brief")
            still = runs.c.status.not_in(tuple(FINISHED))
            changed = db.execute(update(runs).where(runs.c.id == id_, still).values(updated=now, **values))
            if not changed.rowcount:
                return
            self._note(db, id_, notes)
            if values.get("status") in FINISHED or values.get("cancelled"):
                self._withdraw(db, id_)

    def flags(self, id_: str) -> tuple[bool, bool]:
        """(approve_all, cancelled) of a run."""
        with reading(self.engine) as db:
            row = db.execute(select(runs.c.approve_all, runs.c.cancelled).where(runs.c.id == id_)).one()
        return row.approve_all, row.cancelled

    # Steps and events

    def leave(self, run: str, state: StepState, *, now: datetime, notes: Sequence[Note] = ()) -> None:
        """Keep what a step left, and write events with it."""
        with writing(self.engine) as db:
            db.execute(self._upsert[steps], _step(db, run, state, now))
            self._note(db, run, notes)

    def reopen(
        self,
        run: str,
        approval: Approval | None,
        *,
        drop: Collection[str],
        keep: Sequence[StepState],
        now: datetime,
        notes: Sequence[Note] = (),
    ) -> None:
        """Withdraw a question that was answered already and forget what the steps in `drop` left; what those
        in `keep` left takes the place of what stood there. One transaction: a step is open, or it is not."""
        with writing(self.engine) as db:
            if approval is not None:
                self._withdraw(db, run, states=("approved", "used"), step=approval.step)
            if drop:
                db.execute(delete(steps).where(steps.c.run == run, steps.c.step.in_(tuple(drop))))
            for state in keep:
                db.execute(self._upsert[steps], _step(db, run, state, now))
            self._note(db, run, notes)

    def amend(self, run: str, amends: Amends, *, now: datetime, notes: Sequence[Note] = ()) -> None:
        """Lay down, once, what a run does about its own writes; what it asked otherwise is withdrawn."""
        with writing(self.engine) as db:
            mine = (runs.c.id == run) & runs.c.amends.is_(None)
            plain = amends.model_dump(mode="json")
            if db.execute(update(runs).where(mine).values(updated=now, amends=plain)).rowcount:
                self._withdraw(db, run)
                self._note(db, run, notes)

    def steps(self, run: str) -> dict[str, StepState]:
        """What the steps of a run left, by id."""
        with reading(self.engine) as db:
            found = db.execute(select(steps).where(steps.c.run == run))
            rows = contents.get_rows(db, found, *_OUTPUT)
        return {
            r["step"]: StepState(
                r["step"], r["state"], r["value"], r["labels"],
                Brief.model_validate(r["brief"]) if r["brief"] else None, r["error"], r["attempts"],
            )
            for r in rows
        }  # fmt: skip

    def note(self, run: str, *notes: Note, lasting: bool = True) -> None:
        """Append events. `lasting`: on the disk when it returns, also for a power cut."""
        with writing(self.engine, lasting=lasting) as db:
            self._note(db, run, notes)

    def events(self, run: str, *, since: int = 0) -> list[Event]:
        """The events of a run after the one numbered `since`, in order."""
        query = select(events).where(events.c.run == run, events.c.seq > since).order_by(events.c.seq)
        with reading(self.engine) as db:
            return [Event(run=r.run, seq=r.seq, at=r.at, type=r.type, data=r.data) for r in db.execute(query)]

    # Following

    def begun(self, prefix: str) -> list[str]:
        """Ids of the runs that begin so."""
        mine = runs.c.id.startswith(prefix, autoescape=True)
        with reading(self.engine) as db:
            return list(db.execute(select(runs.c.id).where(mine).order_by(runs.c.n)).scalars())

    def cut_short(self, *prefixes: str, since: datetime) -> list[str]:
        """Ids of the runs that begin so, and that a budget stopped before they were done; oldest first."""
        mine = or_(*(runs.c.id.startswith(p, autoescape=True) for p in prefixes))
        query = (
            select(runs.c.id, steps.c.value)
            .join(steps, (steps.c.run == runs.c.id) & (steps.c.state == "skipped"))
            .where(mine, runs.c.status.in_(("partial", "failed")), runs.c.updated >= since)
            .order_by(runs.c.n)
        )
        with reading(self.engine) as db:
            rows = db.execute(query).all()
        return list(dict.fromkeys(r.id for r in rows if isinstance(r.value, dict) and "budget" in r.value))

    def runs_doing(self, op: str, *, among: Collection[str]) -> set[str]:
        """Those of these runs whose plan has a step that does this."""
        found = set[str]()
        with reading(self.engine) as db:
            for part in parts(sorted(among)):
                rows = db.execute(select(runs.c.id, runs.c.plan).where(runs.c.id.in_(part))).all()
                plans = contents.get(db, *(r.plan for r in rows))
                found |= {r.id for r, plan in zip(rows, plans, strict=True) if op in ops_of(plan)}
        return found

    def followed(self) -> int:
        """Up to which `seq` of the archive it was looked for what follows from it."""
        with reading(self.engine) as db:
            return int(
                db.execute(select(counters.c.value).where(counters.c.name == "followed")).scalar() or 0
            )

    def set_followed(self, seq: int) -> None:
        """Note how far it was looked."""
        with writing(self.engine) as db:
            db.execute(upsert(self.engine, counters), {"name": "followed", "value": seq})

    # Schedules

    def settle(self, schedule: Schedule, due: Sequence[Slot], *, now: datetime) -> list[str]:
        """Settle due times of a schedule in one go: note them, and make the runs they name.

        Returns the runs made: none where another clock has settled them, or the schedule was changed, since
        `schedule` was read.
        """
        rows = [{c.name: getattr(s, c.name) for c in slots.columns} for s in due]
        mine = (schedules.c.name == schedule.name) & (schedules.c.looked == schedule.looked)
        with writing(self.engine) as db:
            claim = update(schedules).where(mine, schedules.c.paused.is_(False)).values(looked=now)
            if not db.execute(claim).rowcount:
                return []
            db.execute(insert_new(self.engine, slots), rows)
            fired = [s.run for s in due if s.run]
            return [
                i for i in fired if self._new_run(db, schedule.request, now, i, schedule.name, False, None)[1]
            ]

    def _new_run(
        self, db: Connection, request: str, now: datetime, id_: str, schedule: str, approve_all: bool,
        plan: Plan | None,
    ) -> tuple[str, bool]:  # fmt: skip
        n = self._next(db, "run")
        run = id_ or f"r{n}"
        row: dict[str, Any] = {
            "id": run, "n": n, "request": clean(request), "status": "ready", "created": now,
            "updated": now, "choices": [], "schedule": schedule, "approve_all": approve_all, "answer": "",
            "cancelled": False, "plan": None, "plan_hash": "", "format": FORMAT,
        }  # fmt: skip
        row |= _kept(db, run, _plan_columns(plan), "plan") if plan else {}
        made = bool(db.execute(insert_new(self.engine, runs), row).rowcount)
        if made:
            self._note(db, run, [Note("asked for", now, {"request": row["request"]})])
        return run, made

    def _note(self, db: Connection, run: str, notes: Sequence[Note]) -> None:
        if not notes:
            return
        last = db.execute(select(func.max(events.c.seq)).where(events.c.run == run)).scalar() or 0
        rows = [
            {"run": run, "seq": seq, "at": n.at, "type": n.type, "data": dict(n.data)}
            for seq, n in enumerate(notes, last + 1)
        ]
        db.execute(insert(events), rows)

    def _next(self, db: Connection, name: str) -> int:
        return take_numbers(db, counters, name, 1)

    def _run(self, db: Connection, row: Any) -> Run:
        asked = select(approvals.c.body).where(approvals.c.run == row.id).order_by(approvals.c.n)
        theirs = row.format > FORMAT  # what else a later Deskhand wrote may have another shape too
        stored = () if theirs else (row.plan, row.brief, *db.execute(asked).scalars())
        planned, told, *bodies = contents.get(db, *stored) or (None, None)
        plan, problem = _plan_of(row, planned)
        order = {step.id: (n, 0) for n, step in enumerate(plan.steps)} if plan else {}
        done = effects_of(db, select(effects).where(effects.c.run == row.id))
        brief = Brief.model_validate(told) if told else None
        cites: tuple[Citation, ...] = tuple(brief.citations()) if brief else ()
        return Run(
            id=row.id, request=row.request, status=row.status, created=row.created, updated=row.updated,
            plan=plan, answer=row.answer, brief=brief,
            citations=cites, approvals=tuple(Approval.model_validate(b) for b in bodies),
            effects=tuple(sorted(done, key=lambda e: (e.at, _place(e.step, order)))),
            choices=tuple(row.choices),
            schedule=row.schedule, format=row.format, problem=problem,
            amends=Amends.model_validate(row.amends) if row.amends and not problem else None,
        )  # fmt: skip


def _plan_of(row: Any, planned: Any) -> tuple[Plan | None, str]:
    """The plan of a run, and why this Deskhand cannot go on with it, "" where it can."""
    if row.format > FORMAT:
        later = f"{row.id} was begun by a later Deskhand (run format {row.format}; this one knows {FORMAT})"
        return None, f"{later}, so it is left alone. Update Deskhand, and it goes on."
    try:
        return (Plan.model_validate(planned) if planned else None), ""
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        return None, f"The plan of {row.id} cannot be read by this Deskhand: {said}."


def _place(step: str, order: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Where a step stands in its plan; "change_3" is the third element of "change"."""
    base, _, number = step.rpartition("_")
    each = (order[base][0], int(number)) if base in order and number.isdecimal() else (0, 0)
    return order.get(step, each)


def _step(db: Connection, run: str, state: StepState, now: datetime) -> dict[str, Any]:
    row = {
        "run": run, "step": state.step, "state": state.state, "attempts": state.attempts,
        "value": state.value, "labels": state.labels, "error": clean(state.error), "at": now,
        "brief": state.brief.model_dump(mode="json") if state.brief else None,
    }  # fmt: skip
    return row | _kept(db, run, row, *_OUTPUT)


def _kept(db: Connection, run: str, row: Mapping[str, Any], *columns: str) -> dict[str, Any]:
    """A row whose values in these columns, where it has them, stand in for what is long."""
    long = {c: row[c] for c in columns if row.get(c) is not None}
    return {**row, **dict(zip(long, contents.put(db, run, *long.values()), strict=True))}


def _plan_columns(plan: Plan) -> dict[str, Any]:
    return {"plan": plan.model_dump(mode="json"), "plan_hash": plan.hash}
