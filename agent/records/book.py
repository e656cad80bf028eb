"""The ledger's rows: each write, from the intention to its receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Table, select, update

from deskhand.agent.model import FINISHED, FORMAT, Effect, EffectState
from deskhand.agent.records import contents
from deskhand.agent.records.audit import Audit, Lines
from deskhand.agent.records.subjects import of_effect
from deskhand.agent.records.tables import effects, faded, runs
from deskhand.connectors.database import StorageError, reading
from deskhand.connectors.operations import operation

LEDGER = select(*faded(*effects.c))
"""All of it, as `effects_of` reads it."""
_OLDEST_FIRST = LEDGER.order_by(effects.c.at, effects.c.step, effects.c.key)
_LONG = ("arguments", "inverse", "receipt")
"""Columns whose texts may be long."""


class Book(Audit):
    """Reads and writes the table of effects. Every method is one transaction."""

    engine: Engine
    _upsert: dict[Table, Any]
    _hide: Callable[[str], str]

    def put_effect(self, effect: Effect) -> None:
        """Keep a ledger row; on the disk when this returns."""
        with self._audited() as (db, lines):
            row = self._row(effect)
            lines.before("effect", effect.key)
            lines.add(of_effect(row))
            db.execute(self._upsert[effects], _kept(db, row))

    def turn_effect(self, effect: Effect, *, was: EffectState) -> bool:
        """Keep a new state only if the old one still stands: of two who turn a row, one does."""
        with self._audited() as (db, lines):
            return self._turn(db, lines, effect, was=was)

    def _turn(self, db: Connection, lines: Lines, effect: Effect, *, was: EffectState) -> bool:
        mine, row = (effects.c.key == effect.key) & (effects.c.state == was), self._row(effect)
        lines.before("effect", effect.key)
        if db.execute(update(effects).where(mine).values(**_kept(db, row))).rowcount != 1:
            return False
        lines.add(of_effect(row))
        return True

    def held(self, run: str = "") -> list[Effect]:
        """What is held, of a run or of all that are not over; the first due first."""
        query = LEDGER.where(effects.c.state == "held").order_by(effects.c.due, effects.c.key)
        if run:
            query = query.where(effects.c.run == run)
        else:
            going = runs.c.status.not_in(tuple(FINISHED)) & (runs.c.format <= FORMAT)
            query = query.where(effects.c.run.in_(select(runs.c.id).where(going)))
        with reading(self.engine) as db:
            return effects_of(db, query)

    def _row(self, effect: Effect) -> dict[str, Any]:
        row = effect.model_dump(mode="json")
        row |= {"at": effect.at, "due": effect.due, "error": self._hide(clean(effect.error))}
        for turn in row["history"]:
            turn["said"] = self._hide(clean(turn["said"]))
        return row

    def effect(self, key: str) -> Effect | None:
        """One ledger row."""
        with reading(self.engine) as db:
            found = effects_of(db, LEDGER.where(effects.c.key == key))
        return found[0] if found else None

    def effects(
        self, *, run: str = "", key: str = "", operations: Sequence[str] = (), since: datetime | None = None,
        states: Sequence[EffectState] = (), newest: int | None = None,
    ) -> list[Effect]:  # fmt: skip
        """Ledger rows, oldest first; of a run, whose key begins so, of these operations, in these states,
        since then. `newest`: only so many, the newest first."""
        query = _OLDEST_FIRST
        if newest is not None:
            query = LEDGER.order_by(effects.c.at.desc(), effects.c.step.desc(), effects.c.key)
            query = query.limit(newest)
        if states:
            query = query.where(effects.c.state.in_(states))
        if run:
            query = query.where(effects.c.run == run)
        if key:
            query = query.where(effects.c.key.startswith(key, autoescape=True))
        if operations:
            query = query.where(effects.c.operation.in_(operations))
        if since is not None:
            query = query.where(effects.c.at >= since)
        with reading(self.engine) as db:
            return effects_of(db, query)

    def holds(self) -> list[Effect]:
        """Events that only keep a time until then, as far as they have not been taken back."""
        held = effects.c.arguments["hold_until"].as_string().is_not(None)
        kept = (effects.c.operation == "event.create") & (effects.c.state == "done") & held
        with reading(self.engine) as db:
            return effects_of(db, LEDGER.where(kept).order_by(effects.c.at))


def _kept(db: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it stands in the table. What is asked for by SQL stays where it is: only texts leave it."""
    kept = contents.put(db, row["run"], *(row[c] for c in _LONG), whole=False)
    return {**row, **dict(zip(_LONG, kept, strict=True))}


def clean(text: str) -> str:
    """A text that can be stored: the bytes a file name or a terminal smuggled in are shown as "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def effects_of(db: Connection, query: Any, **values: Any) -> list[Effect]:
    """The rows that a part of `LEDGER` finds, with these values in it."""
    made = list[Effect]()
    rows = [dict(row._mapping) for row in db.execute(query, values)]
    for row in rows:
        row.update(zip(_LONG, contents.readable(db, *(row[c] for c in _LONG)), strict=True))
        try:
            effect = Effect.model_validate(row)
            operation(effect.operation, effect.arguments)
            _ = effect.left
            made.append(effect)
        except (ValidationError, KeyError, TypeError, AttributeError):
            # Neither done nor not done: nothing may go on as if it were one of them.
            raise StorageError(
                f"What the ledger says of {str(row['key'])[:8]}, {row['operation']} of {row['run']}, cannot "
                "be read: it was changed past Deskhand. Nothing more was done. Say deskhand audit verify"
            ) from None
    return made
