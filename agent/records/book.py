"""The ledger's rows: each write, from the intention to its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, select

from deskhand.agent.model import Effect
from deskhand.agent.records import contents
from deskhand.agent.records.tables import effects
from deskhand.connectors.database import reading, writing

_LONG = ("arguments", "inverse", "receipt")
"""Columns whose texts may be long."""


class Book:
    """Reads and writes the table of effects. Every method is one transaction."""

    engine: Engine
    _upsert: dict[Table, Any]

    def put_effect(self, effect: Effect) -> None:
        """Keep a ledger row; on the disk when this returns."""
        row = effect.model_dump(mode="json") | {"at": effect.at, "error": clean(effect.error)}
        with writing(self.engine) as db:
            # What is asked for by SQL stays where it is: only texts leave the row.
            row.update(
                zip(_LONG, contents.put(db, effect.run, *(row[c] for c in _LONG), whole=False), strict=True)
            )
            db.execute(self._upsert[effects], row)

    def effect(self, key: str) -> Effect | None:
        """One ledger row."""
        with reading(self.engine) as db:
            found = effects_of(db, select(effects).where(effects.c.key == key))
        return found[0] if found else None

    def effects(
        self, *, run: str = "", key: str = "", operations: Sequence[str] = (), since: datetime | None = None
    ) -> list[Effect]:
        """Ledger rows, oldest first; of a run, whose key begins so, of these operations, since then."""
        query = select(effects).order_by(effects.c.at, effects.c.step, effects.c.key)
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
            return effects_of(db, select(effects).where(kept).order_by(effects.c.at))


def clean(text: str) -> str:
    """A text that can be stored: the bytes a file name or a terminal smuggled in are shown as "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def effects_of(db: Connection, query: Any) -> list[Effect]:
    """The rows that a query over all columns of the table finds, as values."""
    return [Effect.model_validate(row) for row in contents.get_rows(db, db.execute(query), *_LONG)]
