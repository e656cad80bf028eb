"""Whether the records are what the audit chain says that they were: the chain itself, then every row it tells
of against its last line. Reads row by row, in the memory of a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DatabaseError

from deskhand.agent.records.audit import line_of
from deskhand.agent.records.chain import End, Fault, Line, Walk, capital, named, plain, short
from deskhand.agent.records.subjects import KINDS, LOST, NOW, REMOVED, Told, standing_of
from deskhand.agent.records.tables import UNREADABLE, audit, faded
from deskhand.connectors.database import reading

MOST = 100
"""Faults that are told; how many more there are is counted."""

_TRIGGERS = ("audit_no_delete", "audit_no_update")


@dataclass(slots=True)
class Proof:
    """What came of checking a chain."""

    lines: int = 0
    since: datetime | None = None
    """When the first line was written."""
    faults: list[Fault] = field(default_factory=list)
    more: int = 0
    """Faults beyond those told."""
    notes: list[str] = field(default_factory=list)
    """What is worth knowing, and no fault."""

    def take(self, faults: Iterator[Fault]) -> None:
        """Keep the first faults, count the others."""
        self.faults.extend(islice(faults, MOST - len(self.faults)))
        self.more += sum(1 for _ in faults)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def prove(engine: Engine, end: End, *, zone: tzinfo) -> Proof:
    """Check the chain and the records. :param end: where the chain has to reach, by its head.

    :raises StorageError: the database cannot be read.
    """
    proof = Proof()
    with reading(engine) as db:
        walk = Walk(zone, end=end)
        proof.take(walk.over(_lines(db, proof)))
        proof.lines = walk.count
        if walk.last is not None and walk.last.n > end.n:
            over = walk.last.n - end.n
            proof.notes.append(
                f"The chain goes on {over:,} lines past its head; a process that was killed can leave that."
            )
        for what in KINDS:
            proof.take(_agree(db, what, zone))
        proof.take(_unguarded(db))
    return proof


def _lines(db: Connection, proof: Proof) -> Iterator[Line]:
    for row in db.execute(select(*faded(*audit.c)).order_by(audit.c.n).execution_options(yield_per=500)):
        line = line_of(row)
        proof.since = proof.since or line.at
        yield line
        if line.what == "head":
            if line.state in _HEADS:
                proof.take(iter([Fault(line.n, line.n, _HEADS[line.state].format(line.subject))]))
            if line.state == "behind":
                said = f"Before line {line.n:,} a process was cut off before it had written the head."
                proof.notes.append(said)
        if line.state.startswith("found ") and _FOUND not in proof.notes:
            proof.notes.append(_FOUND)


_FOUND = "What was there before the chain began was taken as it stood then."

_HEADS = {
    "missing": "audit.head was gone when the home was opened: a cut before that is not seen.",
    "begun anew": "The chain was begun anew in a home that had one: every line of before is gone, and what "
    "is in the records was taken as it stands.",
    "another": "Line {} is not the one that its head (audit.head) was written for.",
}


def _agree(db: Connection, what: str, zone: tzinfo) -> Iterator[Fault]:
    """Every row of a kind against the last line that tells of it; both come in order of their subjects."""
    newest = select(func.max(audit.c.n)).where(audit.c.what == what).group_by(audit.c.subject)
    query = select(*faded(*audit.c)).where(audit.c.n.in_(newest)).order_by(audit.c.subject)
    told = (line_of(row) for row in db.execute(query.execution_options(yield_per=500)))
    there = standing_of(db, what)
    line, row = next(told, None), next(there, None)
    while line is not None or row is not None:
        if line is not None and UNREADABLE in line.subject:
            line = next(told, None)  # it was named with the chain
        elif row is not None and row.nameless:
            said = f"A row of the records ({what}{_of(row)}) has an id that cannot be read."
            yield Fault(0, 0, said)
            row = next(there, None)
        elif row is None or (line is not None and line.subject < row.subject):
            assert line is not None  # noqa: S101 - one of the two is there
            if line.state != REMOVED:
                yield Fault(line.n, line.n, f"What {named(line, zone)} tells of is no more in the records.")
            line = next(told, None)
        elif line is None or row.subject < line.subject:
            name = short(what, row.subject)
            said = f"The {what} {name}{_of(row)} is in the records, and no line tells of it."
            yield Fault(0, 0, said)
            row = next(there, None)
        else:
            if line.state == REMOVED:
                said = f"{capital(named(line, zone))}: it was removed then, and is in the records again."
                yield Fault(line.n, line.n, said)
            elif row.digest != line.digest:
                yield Fault(line.n, line.n, _differs(line, row, zone))
            line, row = next(told, None), next(there, None)


def _differs(line: Line, row: Told, zone: tzinfo) -> str:
    was, now = plain(line.state.removeprefix("found ")), plain(row.state)
    was = NOW.get(was, was) if line.what == "schedule" else was
    if row.digest == LOST:
        how = "a long text of it is gone or cannot be read"
    elif now != was:
        how = f"it was {was!r} then and is {now!r} now"
    else:
        how = f"it is still {was!r}, but something else in it was changed"
    return f"{capital(named(line, zone))}{_of(row)}: the record is not what was written then: {how}."


def _of(row: Told) -> str:
    return f" of {plain(row.run)}" if row.run not in ("", row.subject) else ""


def _unguarded(db: Connection) -> Iterator[Fault]:
    """Whether what keeps lines from being changed is still there."""
    if db.dialect.name != "sqlite":
        return
    try:
        asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        found: set[Any] = set(db.exec_driver_sql(asked).scalars())
    except DatabaseError:
        return
    if missing := [name for name in _TRIGGERS if name not in set(found)]:
        yield Fault(
            0, 0, f"What keeps lines from being changed is gone from the database ({', '.join(missing)})."
        )
