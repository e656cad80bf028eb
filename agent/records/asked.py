"""The questions that were put to the person, and how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table, select, update

from deskhand.agent.model import FORMAT, Approval
from deskhand.agent.records import contents
from deskhand.agent.records.audit import Audit, Lines
from deskhand.agent.records.subjects import of_approval
from deskhand.agent.records.tables import approvals, counters, runs
from deskhand.connectors.database import reading, take_numbers, writing


class Asked(Audit):
    """Reads and writes the table of approvals. Every method is one transaction."""

    engine: Engine
    _upsert: dict[Table, Any]

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
            db.execute(self._upsert[approvals], row | {"body": _body(db, approval)})
            lines.add(of_approval(row | {"body": approval.model_dump(mode="json")}))

    def turn_approval(self, approval: Approval, *, was: str) -> bool:
        """Keep a new state only if the old one still stands: of two decisions one counts."""
        with self._audited() as (db, lines):
            return self._turned(db, lines, approval, was=was)

    def approval(self, id_: str) -> Approval | None:
        """One approval."""
        with reading(self.engine) as db:
            asked = db.execute(select(approvals.c.body).where(approvals.c.id == id_)).scalar()
            (body,) = contents.get(db, asked)
        return None if body is None else Approval.model_validate(body)

    def asked_in(self, id_: str) -> str:
        """The run that an approval belongs to; "" where there is none."""
        with reading(self.engine) as db:
            return str(db.execute(select(approvals.c.run).where(approvals.c.id == id_)).scalar() or "")

    def approvals(self, *, run: str = "", state: str = "") -> list[Approval]:
        """Approvals in the order they were asked for; of runs that a later Deskhand began, none."""
        readable = select(runs.c.id).where(runs.c.format <= FORMAT)
        query = select(approvals.c.body).where(approvals.c.run.in_(readable)).order_by(approvals.c.n)
        if run:
            query = query.where(approvals.c.run == run)
        if state:
            query = query.where(approvals.c.state == state)
        with reading(self.engine) as db:
            bodies = contents.get(db, *db.execute(query).scalars())
        return [Approval.model_validate(b) for b in bodies]

    def _turned(self, db: Connection, lines: Lines, approval: Approval, *, was: str) -> bool:
        lines.before("approval", approval.id)
        done = db.execute(
            update(approvals)
            .where(approvals.c.id == approval.id, approvals.c.state == was)
            .values(state=approval.state, body=_body(db, approval))
            .returning(approvals)
        ).one_or_none()
        if done is None:
            return False
        lines.add(of_approval({**done._mapping, "body": approval.model_dump(mode="json")}))
        return True

    def _withdraw(
        self, db: Connection, lines: Lines, run: str, *, states: Sequence[str] = ("pending",), step: str = ""
    ) -> None:
        """Withdraw what was asked in a run, or for one step of it."""
        mine = (approvals.c.run == run) & approvals.c.state.in_(tuple(states))
        asked = select(approvals).where(mine & (approvals.c.step == step) if step else mine)
        for row in db.execute(asked).all():
            lines.before("approval", row.id)
            turned = {"state": "withdrawn", "body": row.body | {"state": "withdrawn"}}
            db.execute(update(approvals).where(approvals.c.id == row.id).values(**turned))
            (body,) = contents.get(db, turned["body"])
            lines.add(of_approval({**row._mapping, **turned, "body": body}))


def _body(db: Connection, approval: Approval) -> Any:
    return contents.put(db, approval.run, approval.model_dump(mode="json"), whole=False)[0]
