"""What happened in each run, in order: the events that trace and replay read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, insert, select

from deskhand.agent.model import Event
from deskhand.agent.records.tables import events
from deskhand.agent.wording.hiding import hidden
from deskhand.connectors.database import reading, writing

_SINCE = (
    select(events)
    .where(events.c.run == bindparam("of"), events.c.seq > bindparam("since"))
    .order_by(events.c.seq)
)
_LAST = select(func.max(events.c.seq)).where(events.c.run == bindparam("of"))
_ADD = insert(events)


@dataclass(frozen=True, slots=True)
class Note:
    """An event that is to be written: what happened, in the past tense."""

    type: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Trace:
    """Reads and writes the table of events. Every method is one transaction."""

    engine: Engine
    _hide: Callable[[str], str]

    def note(self, run: str, *notes: Note, lasting: bool = True) -> None:
        """Append events. `lasting`: on the disk when it returns, also for a power cut."""
        with writing(self.engine, lasting=lasting) as db:
            self._note(db, run, notes)

    def events(self, run: str, *, since: int = 0) -> list[Event]:
        """The events of a run after the one numbered `since`, in order."""
        with reading(self.engine) as db:
            rows = db.execute(_SINCE, {"of": run, "since": since})
            return [Event(run=r.run, seq=r.seq, at=r.at, type=r.type, data=r.data) for r in rows]

    def _note(self, db: Connection, run: str, notes: Sequence[Note]) -> None:
        if not notes:
            return
        last = db.execute(_LAST, {"of": run}).scalar() or 0
        rows = [
            {"run": run, "seq": seq, "at": n.at, "type": n.type, "data": hidden(dict(n.data), self._hide)}
            for seq, n in enumerate(notes, last + 1)
        ]
        db.execute(_ADD, rows)
