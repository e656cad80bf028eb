"""The questions that were put to the person, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from sqlalchemy import Connection, Engine, Table, select, update

from deskhand.agent.model import FORMAT, Approval
from deskhand.agent.records import contents
from deskhand.agent.records.audit import Audit, Lines
from deskhand.agent.records.seal import Seal
from deskhand.agent.records.subjects import Told, of_approval, standing_of
from deskhand.agent.records.tables import approvals, counters, runs
from deskhand.connectors.database import reading, take_numbers, writing

_READABLE = (
    select(approvals)
    .where(approvals.c.run.in_(select(runs.c.id).where(runs.c.format <= FORMAT)))
    .order_by(approvals.c.n)
)


class Asked(Audit):
    """Reads and writes the table of approvals. Every method is one transaction."""

    engine: Engine
    _upsert: dict[Table, Any]
    _seal: Seal

    def next_approval(self) -> str:
        """A fresh id, short enough to type."""
        with writing(self.engine) as db:
            return f"a{take_numbers(db, counters, 'approval', 1)}"

    def put_approval(self, approval: Approval) -> None:
        """Keep an approval in its present state."""
        row = {
            "id": approval.id, "n": int(approval.id[1:]), "run": approval.run, "step": approval.step,
            "state": approval.state,
        }  # fmt: skip
        with self._audited() as (db, lines):
            lines.before("approval", approval.id)
            told = of_approval(row | {"body": approval.model_dump(mode="json")})
            seal = self._seal.of(told.digest)
            db.execute(self._upsert[approvals], row | {"body": _body(db, approval), "seal": seal})
            lines.add(told)

    def turn_approval(self, approval: Approval, *, was: str) -> bool:
        """Keep a new state only if the old one still stands: of two decisions one counts. Nothing is said yes
        to, used or asked on in a record that Deskhand did not leave so (`unfounded`)."""
        with self._audited() as (db, lines):
            return self._turned(db, lines, approval, was=was)

    def unfounded(self, id_: str) -> str:
        """Why a question, or what was said to it, does not count, as the end of a sentence; "" where it does:
        it is sealed with this home's own key, and what the audit chain tells of."""
        with reading(self.engine) as db:
            return self._unfounded(db, id_)

    def approval(self, id_: str) -> Approval | None:
        """One approval."""
        with reading(self.engine) as db:
            found = approvals_of(db, select(approvals).where(approvals.c.id == id_))
        return found[0] if found else None

    def asked_in(self, id_: str) -> str:
        """The run that an approval belongs to; "" where there is none."""
        with reading(self.engine) as db:
            return str(db.execute(select(approvals.c.run).where(approvals.c.id == id_)).scalar() or "")

    def approvals(self, *, run: str = "", state: str = "") -> list[Approval]:
        """Approvals in the order they were asked for; of runs that a later Deskhand began, none."""
        query = _READABLE
        if run:
            query = query.where(approvals.c.run == run)
        if state:
            query = query.where(approvals.c.state == state)
        with reading(self.engine) as db:
            return approvals_of(db, query)

    def _unfounded(self, db: Connection, id_: str) -> str:
        seal = db.execute(select(approvals.c.seal).where(approvals.c.id == id_)).scalar()
        row = next(standing_of(db, "approval", id_), None)
        if row is None or not self.told_of(db, "approval", id_):
            return "is not what was asked (its record changed)"
        if not seal:
            return "bears no seal (an earlier Deskhand asked it, or somebody took its seal away)"
        return "" if self._seal.holds(row.digest, seal) else "is not what was asked (its record changed)"

    def _turned(self, db: Connection, lines: Lines, approval: Approval, *, was: str) -> bool:
        stands = not self._unfounded(db, approval.id)
        lines.before("approval", approval.id)
        if not stands and approval.state in _COUNT:
            return False  # what is written next would be vouched for
        done = db.execute(
            update(approvals)
            .where(approvals.c.id == approval.id, approvals.c.state == was)
            .values(state=approval.state, body=_body(db, approval))
            .returning(approvals)
        ).one_or_none()
        if done is None:
            return False
        self._vouch(db, lines, of_approval({**done._mapping, "body": approval.model_dump(mode="json")}))
        return True

    def _vouch(self, db: Connection, lines: Lines, told: Told) -> None:
        """A line for a question, and its seal."""
        mine = update(approvals).where(approvals.c.id == told.subject)
        db.execute(mine.values(seal=self._seal.of(told.digest)))
        lines.add(told)

    def _withdraw(
        self, db: Connection, lines: Lines, run: str, *, states: Sequence[str] = ("pending",), step: str = ""
    ) -> None:
        """Withdraw what was asked in a run, or for one step of it."""
        mine = (approvals.c.run == run) & approvals.c.state.in_(tuple(states))
        asked = select(approvals).where(mine & (approvals.c.step == step) if step else mine)
        for row in db.execute(asked).all():
            self._withdrawn(db, lines, row)

    def _withdrawn(self, db: Connection, lines: Lines, row: Any) -> None:
        lines.before("approval", row.id)
        if isinstance(row.body, dict):
            turned = {"state": "withdrawn", "body": row.body | {"state": "withdrawn"}}
        else:
            turned = {"state": "withdrawn", "body": {"state": "withdrawn"}}  # it cannot be read any more
        db.execute(update(approvals).where(approvals.c.id == row.id).values(**turned))
        (body,) = contents.readable(db, turned["body"])
        self._vouch(db, lines, of_approval({**row._mapping, **turned, "body": body}))


def approvals_of(db: Connection, query: Any, **values: Any) -> list[Approval]:
    """The questions of the rows that a query over all columns of the table finds, with these values in it."""
    rows = db.execute(query, values).all()
    bodies = contents.readable(db, *(r.body for r in rows))
    return [_approval(row, body) for row, body in zip(rows, bodies, strict=True)]


def _approval(row: Any, body: Any) -> Approval:
    """A question; of one whose record is none any more, or that of another, what the row still says. Nothing
    is signed by it: it is asked anew."""
    try:
        made = Approval.model_validate(body)
        if (made.id, made.run, made.step, made.state) != (row.id, row.run, row.step, row.state):
            raise ValueError("the row is of another question, or in another state, than what it holds")
        return made
    except ValueError:  # a pydantic error is one too
        kind = body.get("kind") if isinstance(body, dict) else ""
        return Approval(
            id=row.id, run=row.run, step=row.step, state=_STATES.get(row.state, "expired"),
            operation="", arguments={}, policy="",
            kind="failure" if kind == "failure" else "write", created=_NEVER, reminded=_NEVER, expires=_LATE,
            summary=f"What {row.id} asked cannot be read any more: its record was changed past Deskhand",
            reason="a yes has it asked again, a no ends it; deskhand audit verify says more",
            afterwards="nothing is done by a yes to this.",
            otherwise="nothing happens.",
        )  # fmt: skip


_COUNT = ("pending", "approved", "used")
"""States that something may follow from."""

_STATES: Mapping[str, Any] = {s: s for s in get_args(Approval.model_fields["state"].annotation)}
_NEVER, _LATE = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


def _body(db: Connection, approval: Approval) -> Any:
    return contents.put(db, approval.run, approval.model_dump(mode="json"), whole=False)[0]
