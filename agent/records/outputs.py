"""What the steps of runs left behind: kept, read, and forgotten where a step is opened again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from deskhand.agent.model import Approval, Brief
from deskhand.agent.records import contents
from deskhand.agent.records.asked import Asked
from deskhand.agent.records.book import clean
from deskhand.agent.records.tables import steps
from deskhand.agent.records.trace import Note, Trace
from deskhand.agent.wording.hiding import hidden
from deskhand.connectors.database import reading, writing

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


class Outputs(Asked, Trace):
    """Reads and writes the table of steps. Every method is one transaction."""

    _upsert: dict[Table, Any]

    def leave(self, run: str, state: StepState, *, now: datetime, notes: Sequence[Note] = ()) -> None:
        """Keep what a step left, and write events with it."""
        with writing(self.engine) as db:
            db.execute(self._upsert[steps], self._step(db, run, state, now))
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
        with self._audited() as (db, lines):
            if approval is not None:
                self._withdraw(db, lines, run, states=("approved", "used"), step=approval.step)
            if drop:
                db.execute(delete(steps).where(steps.c.run == run, steps.c.step.in_(tuple(drop))))
            for state in keep:
                db.execute(self._upsert[steps], self._step(db, run, state, now))
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

    def _step(self, db: Connection, run: str, state: StepState, now: datetime) -> dict[str, Any]:
        row = {
            "run": run, "step": state.step, "state": state.state, "attempts": state.attempts,
            "value": state.value if state.state == "done" else hidden(state.value, self._hide),
            "labels": state.labels, "error": self._hide(clean(state.error)), "at": now,
            "brief": state.brief.model_dump(mode="json") if state.brief else None,
        }  # fmt: skip
        return row | contents.kept(db, run, row, *_OUTPUT)
