"""What is kept of runs: the workflow and the task layer (`layers` names all three, and what is in them).

Bodies stay in the archive, by ref and version. `Records` reads and writes; every method is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, bindparam, exists, select, update

from deskhand.agent.model import FINISHED, FORMAT, Amends, Brief, Citation, Effect, Run, RunStatus
from deskhand.agent.plans.language import Plan
from deskhand.agent.records import contents
from deskhand.agent.records.asked import approvals_of
from deskhand.agent.records.audit import Lines
from deskhand.agent.records.book import LEDGER, clean, effects_of
from deskhand.agent.records.choices import Choices
from deskhand.agent.records.decided import Decided
from deskhand.agent.records.follows import Follows
from deskhand.agent.records.head import Head
from deskhand.agent.records.keeping import Keeping
from deskhand.agent.records.outputs import Outputs, StepState
from deskhand.agent.records.parting import Parting
from deskhand.agent.records.seal import Seal
from deskhand.agent.records.since import Since
from deskhand.agent.records.spending import Spending
from deskhand.agent.records.subjects import of_amends, of_plan, of_run
from deskhand.agent.records.tables import (
    HEAD,
    approvals,
    counters,
    effects,
    faded,
    runs,
    schedules,
    slots,
    steps,
)
from deskhand.agent.records.timetable import Schedule, Slot, Timetable, schedule_of
from deskhand.agent.records.trace import Note
from deskhand.connectors.database import (
    StorageError,
    insert_new,
    open_database,
    reading,
    take_numbers,
    upsert,
)

__all__ = ["Note", "Records", "StepState"]

Shape = TypeVar("Shape", bound=BaseModel)
_COLUMNS = faded(*runs.c)
# A run is looked at some twenty times in each of its steps: what is asked then is made once.
_ONE = select(*_COLUMNS).where(runs.c.id == bindparam("run"))
_STATUS = select(runs.c.status).where(runs.c.id == bindparam("run"))
_FLAGS = select(runs.c.approve_all, runs.c.cancelled).where(runs.c.id == bindparam("run"))
_ASKED = select(approvals).where(approvals.c.run == bindparam("run")).order_by(approvals.c.n)
_DONE = LEDGER.where(effects.c.run == bindparam("run"))
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Records(Choices, Decided, Follows, Keeping, Outputs, Parting, Since, Spending, Timetable):
    """The workflow and task layers; safe for use from several threads."""

    def __init__(
        self,
        place: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        hide: Callable[[str], str] = str,
    ) -> None:
        """:param now: the clock by which lines of the audit chain are dated. Its head, and the key that
            questions are sealed with, lie beside `place`.
        :param hide: takes secrets out of errors, answers and events before they are kept.
        """
        self._hide = hide
        self.engine = open_database(
            place, migrations="deskhand.agent.records.migrations", version_table="runs_revision", head=HEAD
        )
        # Making a statement costs more than running it.
        self._upsert = {t: upsert(self.engine, t) for t in (steps, approvals, effects)}
        self._clock = now
        self._seal = Seal(place.with_name("approvals.key"))
        try:
            self._head = Head(place.with_name("audit.head"))
            self._begin_chain()
            self._tell_more()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.engine.dispose()
        if "_head" in self.__dict__:
            self._head.close()

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
        notes: Sequence[Note] = (),
    ) -> tuple[str, bool]:
        """Make a run, ready to be advanced; with an id that exists already, nothing. Returns (id, made).

        :param notes: what its events say from the beginning, in the same transaction.
        """
        with self._audited() as (db, lines):
            run, made = self._new_run(db, lines, request, now, id_, schedule, approve_all, plan)
            if made:
                self._note(db, run, notes)
            return run, made

    def take_up(
        self, run: Run, request: str, *, reasons: Sequence[str], plan: Plan, now: datetime, note: Note,
        planned: Sequence[Note] = (),
    ) -> str:  # fmt: skip
        """Make the run that is planned anew from another one, once; its id. One transaction.

        :param note: for the old run. :param planned: for the new one: how its plan came about.
        """
        with self._audited() as (db, lines):
            there = db.execute(select(runs.c.anew).where(runs.c.id == run.id)).scalar()
            if there:
                return str(there)
            name, _ = self._new_run(db, lines, request, now, "", run.schedule, False, plan)
            mine = {"instead_of": run.id, "reasons": [clean(r) for r in reasons]}
            db.execute(update(runs).where(runs.c.id == name).values(**mine))
            db.execute(update(runs).where(runs.c.id == run.id).values(anew=name))
            self._note(db, run.id, [Note(note.type, note.at, {**note.data, "as": name})])
            self._note(db, name, planned)
            return name

    def run(self, id_: str) -> Run | None:
        """A run with its plan, approvals and effects; None where there is none."""
        with reading(self.engine) as db:
            row = db.execute(_ONE, {"run": id_}).one_or_none()
            return None if row is None else self._run(db, row)

    def status(self, id_: str) -> str:
        """What became of a run so far, alone: cheaper than all of it. "" where there is none."""
        with reading(self.engine) as db:
            return str(db.execute(_STATUS, {"run": id_}).scalar() or "")

    def before(self, id_: str) -> Run | None:
        """The run that the person began before this one; none of a schedule's."""
        this = select(runs.c.n).where(runs.c.id == id_).scalar_subquery()
        query = (
            select(*_COLUMNS).where(runs.c.n < this, runs.c.schedule == "").order_by(runs.c.n.desc()).limit(1)
        )
        with reading(self.engine) as db:
            row = db.execute(query).one_or_none()
            return None if row is None else self._run(db, row)

    def runs(self, *, limit: int | None = 50, statuses: Sequence[RunStatus] = ()) -> list[Run]:
        """The newest runs, newest first; all of them where there is no limit."""
        query = select(*_COLUMNS).order_by(runs.c.n.desc()).limit(limit)
        if statuses:
            query = query.where(runs.c.status.in_(statuses))
        with reading(self.engine) as db:
            return [self._run(db, row) for row in db.execute(query).all() if isinstance(row.id, str)]

    def going(self) -> list[Run]:
        """The runs that are not over, newest first."""
        query = select(*_COLUMNS).where(runs.c.status.not_in(tuple(FINISHED))).order_by(runs.c.n.desc())
        with reading(self.engine) as db:
            return [self._run(db, row) for row in db.execute(query).all() if isinstance(row.id, str)]

    def unfinished(self) -> list[str]:
        """Ids of runs that somebody has to advance, oldest first: ready, running when their process ended,
        waiting for a decision that has been taken, held although something of it is no more, or stopped.
        """
        open_ = exists().where(approvals.c.run == runs.c.id, approvals.c.state == "pending")
        left = exists().where(steps.c.run == approvals.c.run, steps.c.step == approvals.c.step)
        taken = exists().where(
            approvals.c.run == runs.c.id, approvals.c.state.in_(("approved", "rejected", "used")), ~left
        )
        # Taken back while it was held, and cut off before that was told.
        told = exists().where(steps.c.run == effects.c.run, steps.c.step == effects.c.step)
        back = exists().where(effects.c.run == runs.c.id, effects.c.state == "withdrawn", ~told)
        waiting = (runs.c.status == "waiting") & (taken | ~open_ | back)
        kept = exists().where(effects.c.run == runs.c.id, effects.c.state == "held")
        mine = runs.c.format <= FORMAT  # what a later Deskhand began is left to it
        held = (runs.c.status == "held") & (~kept | back)
        stopped = runs.c.status.not_in(tuple(FINISHED)) & runs.c.cancelled
        open_ones = runs.c.status.in_(("ready", "running")) | waiting | held | stopped
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
            values["answer"] = self._hide(clean(values["answer"]))
        planned = values.get("plan")
        with self._audited() as (db, lines):
            values |= contents.kept(db, id_, values, "plan", "brief")
            if ends := values.get("status") in FINISHED or values.get("cancelled"):
                lines.before("run", id_)
            if planned is not None:
                lines.before("plan", id_)
            still = runs.c.status.not_in(tuple(FINISHED))
            changed = db.execute(update(runs).where(runs.c.id == id_, still).values(updated=now, **values))
            if not changed.rowcount:
                return
            self._note(db, id_, notes)
            if planned is not None:
                lines.add(of_plan(id_, planned))
            if ends:
                self._withdraw(db, lines, id_)
                row = db.execute(select(runs).where(runs.c.id == id_)).one()
                lines.add(of_run(dict(row._mapping)))

    def flags(self, id_: str) -> tuple[bool, bool]:
        """(approve_all, cancelled) of a run."""
        with reading(self.engine) as db:
            row = db.execute(_FLAGS, {"run": id_}).one()
        return row.approve_all, row.cancelled

    def amend(self, run: str, amends: Amends, *, now: datetime, notes: Sequence[Note] = ()) -> None:
        """Lay down, once, what a run does about its own writes; what it asked otherwise is withdrawn."""
        with self._audited() as (db, lines):
            mine = (runs.c.id == run) & runs.c.amends.is_(None)
            plain = amends.model_dump(mode="json")
            if db.execute(update(runs).where(mine).values(updated=now, amends=plain)).rowcount:
                self._withdraw(db, lines, run)
                self._note(db, run, notes)
                lines.add(of_amends(run, plain))

    # Schedules

    def settle(
        self, schedule: Schedule, due: Sequence[Slot], *, now: datetime,
        refuses: Callable[[bool], str] = lambda as_told: "",
    ) -> list[str]:  # fmt: skip
        """Settle due times of a schedule in one go: note them, and make the runs they name.

        Returns the runs made: none where another clock has settled them, or the schedule was changed, since
        `schedule` was read.

        :param refuses: why the last of them is to be skipped, "" where it is not; asked before anybody else
            can change anything, with whether the schedule is what its last line says.
        """
        with self._audited() as (db, lines):
            mine = schedules.c.name == schedule.name
            row = db.execute(select(*faded(*schedules.c)).where(mine)).one_or_none()
            if row is None or schedule.paused or schedule_of(row) != schedule:
                return []
            if why := refuses(self.told_of(db, "schedule", schedule.name)):
                due = [*due[:-1], replace(due[-1], outcome="skipped", run="", why=why)]
            db.execute(update(schedules).where(mine).values(looked=now))
            rows = [{c.name: getattr(s, c.name) for c in slots.columns} for s in due]
            db.execute(insert_new(self.engine, slots), rows)
            fired = [s.run for s in due if s.run]
            return [
                i
                for i in fired
                if self._new_run(db, lines, schedule.request, now, i, schedule.name, False, None)[1]
            ]

    def _new_run(
        self, db: Connection, lines: Lines, request: str, now: datetime, id_: str, schedule: str,
        approve_all: bool, plan: Plan | None,
    ) -> tuple[str, bool]:  # fmt: skip
        n = self._next(db, "run")
        run = id_ or f"r{n}"
        row: dict[str, Any] = {
            "id": run, "n": n, "request": clean(request), "status": "ready", "created": now,
            "updated": now, "choices": [], "schedule": schedule, "approve_all": approve_all, "answer": "",
            "cancelled": False, "plan": None, "plan_hash": "", "format": FORMAT,
        }  # fmt: skip
        row |= contents.kept(db, run, _plan_columns(plan), "plan") if plan else {}
        made = bool(db.execute(insert_new(self.engine, runs), row).rowcount)
        if made:
            self._note(db, run, [Note("asked for", now, {"request": row["request"]})])
            lines.add(of_run(row))
            if plan is not None:
                lines.add(of_plan(run, plan.model_dump(mode="json")))
        return run, made

    def _next(self, db: Connection, name: str) -> int:
        return take_numbers(db, counters, name, 1)

    def _run(self, db: Connection, row: Any) -> Run:
        """A run; of one whose record is none any more, what stands for it: nothing goes on by that."""
        try:
            return self._whole(db, row)
        except (ValidationError, ValueError, TypeError):
            return Run(
                id=row.id, request="(cannot be read: it was changed past Deskhand)", status="failed",
                created=_NEVER, updated=_NEVER,
                problem=f"The record of {row.id} cannot be read: it was changed past Deskhand. deskhand "
                "audit verify says more; a backup of your home brings it back.",
            )  # fmt: skip

    def _whole(self, db: Connection, row: Any) -> Run:
        theirs = row.format > FORMAT  # what else a later Deskhand wrote may have another shape too
        planned, told = (None, None) if theirs else contents.readable(db, row.plan, row.brief)
        plan, problem = _plan_of(row, planned)
        order = {step.id: (n, 0) for n, step in enumerate(plan.steps)} if plan else {}
        done: list[Effect] = []
        try:
            done = effects_of(db, _DONE, run=row.id)
        except StorageError as error:
            problem = problem or str(error)
        brief = _of(Brief, told)
        cites: tuple[Citation, ...] = tuple(brief.citations()) if brief else ()
        return Run(
            id=row.id, request=row.request, status=row.status, created=row.created, updated=row.updated,
            plan=plan, answer=row.answer, brief=brief,
            citations=cites, approvals=() if theirs else tuple(approvals_of(db, _ASKED, run=row.id)),
            effects=tuple(sorted(done, key=lambda e: (e.at, _place(e.step, order)))),
            choices=tuple(row.choices) if isinstance(row.choices, list) else (),
            schedule=row.schedule, format=row.format, problem=problem, anew=row.anew,
            instead_of=row.instead_of, reasons=tuple(row.reasons or ()),
            amends=None if problem else _of(Amends, row.amends),
        )  # fmt: skip


def _of(shape: type[Shape], said: Any) -> Shape | None:
    """A value of this shape; None where there is none, or none that can be read."""
    try:
        return shape.model_validate(said) if said else None
    except ValidationError:
        return None


def _plan_of(row: Any, planned: Any) -> tuple[Plan | None, str]:
    """The plan of a run, and why this Deskhand cannot go on with it, "" where it can."""
    if row.format > FORMAT:
        later = f"{row.id} was begun by a later Deskhand (run format {row.format}; this one knows {FORMAT})"
        return None, f"{later}, so it is left alone. Update Deskhand, and it goes on."
    try:
        return (Plan.model_validate(planned) if planned else None), ""
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ").removesuffix(".")
        return None, (
            f"The plan of {row.id} cannot be read by this Deskhand: {said}. If it was changed past Deskhand, "
            "deskhand audit verify says so."
        )


def _place(step: str, order: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Where a step stands in its plan; "change_3" is the third element of "change"."""
    base, _, number = step.rpartition("_")
    each = (order[base][0], int(number)) if base in order and number.isdecimal() else (0, 0)
    return order.get(step, each)


def _plan_columns(plan: Plan) -> dict[str, Any]:
    return {"plan": plan.model_dump(mode="json"), "plan_hash": plan.hash}
