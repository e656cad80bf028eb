"""What is kept of runs that are over, and for how long.

Plans, answers, decisions and the ledger stay for good, so that a run can be shown and undone after years.
Long outputs of its steps shrink to what they were made from, its events to those a person asks about; what
was spent goes with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import Connection, Engine, Text, cast, delete, func, select, update

from deskhand.agent.model import FINISHED
from deskhand.agent.records import contents
from deskhand.agent.records.tables import (
    approvals,
    counters,
    effects,
    events,
    reservations,
    runs,
    spending,
    steps,
)
from deskhand.connectors.database import parts, reading, upsert, writing

KEPT_EVENTS = (
    "asked for", "model tried", "plan of a model", "planned", "not understood", "not sound", "weighed",
    "asked", "decided", "expired", "annulled", "reopened", "moot", "held", "withdrawn", "settled", "found",
    "done otherwise", "cancelled", "broke", "finished",
)  # fmt: skip
"""What a run tells of itself for good, and who made its plan, so that it never passes for the person's own;
what each step and each model that writes did goes with the outputs."""

_READ_LATER = frozenset({"offer.compose", "offer.answer"})
"""What steps do whose outputs later runs read: times that were offered by mail, and which one was taken."""

BUDGET_DAYS = timedelta(days=3)
"""No budget looks further back than the person's day, which is today's or, in another zone, one beside it."""

_MOST_REFS = 50
_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Keep:
    """For how long."""

    checkpoints: timedelta = timedelta(days=7)
    """States of the graph of a finished run; zero: they go when it finishes."""
    outputs: timedelta = timedelta(days=90)


class Keeping:
    """Lets go of what is over. Every method is one transaction; what is not finished is never touched."""

    engine: Engine

    def over(self, ids: Iterable[str], *, before: datetime) -> list[str]:
        """Those of these runs that finished before then, or that there are none of."""
        wanted = list(ids)
        left = (runs.c.status.not_in(tuple(FINISHED))) | (runs.c.updated >= before)
        with reading(self.engine) as db:
            needed = {
                id_ for part in parts(wanted)
                for id_ in db.execute(select(runs.c.id).where(runs.c.id.in_(part), left)).scalars()
            }  # fmt: skip
        return [id_ for id_ in wanted if id_ not in needed]

    def shrink(self, *, before: datetime, now: datetime, limit: int = 500) -> int:
        """Shrink runs that finished before then, the oldest first; how many."""
        due = runs.c.status.in_(tuple(FINISHED)) & (runs.c.updated < before) & runs.c.shrunk.is_(None)
        with writing(self.engine) as db:
            ids = db.execute(select(runs.c.id).where(due).order_by(runs.c.n).limit(limit)).scalars().all()
            for id_ in ids:
                shrink(db, id_, now)
                db.execute(update(runs).where(runs.c.id == id_).values(shrunk=now))
        return len(ids)

    def forget_spent(self, *, before: datetime, day: str) -> int:
        """Drop what was spent on days before `day` ("2026-11-22"), set aside or settled; how many rows.

        What runs spent that are not finished, or that finished only since `before`, stays.
        """
        needed = select(runs.c.id).where(runs.c.status.not_in(tuple(FINISHED)) | (runs.c.updated >= before))
        with writing(self.engine) as db:
            return sum(
                db.execute(delete(t).where(t.c.day < day, t.c.run.not_in(needed))).rowcount
                for t in (spending, reservations)
            )

    def size(self, run: str) -> dict[str, int]:
        """Bytes that a run takes: its rows, and the contents it holds (those it shares with others too)."""
        rows = 0
        with reading(self.engine) as db:
            for table in (runs, steps, events, approvals, effects):
                mine = table.c.id == run if table is runs else table.c.run == run
                text = [func.coalesce(func.length(cast(c, Text)), 0) for c in table.columns]
                rows += int(db.execute(select(func.sum(reduce(add, text))).where(mine)).scalar() or 0)
            return {"rows": rows, "contents": contents.size(db, run)}

    def due(self, *, now: datetime) -> bool:
        """Whether it was not looked for a day for what can go; if so, it counts as looked from now on."""
        hour = int(now.timestamp()) // 3600
        with writing(self.engine) as db:
            last = db.execute(select(counters.c.value).where(counters.c.name == "tidied")).scalar()
            if last is not None and timedelta(0) <= timedelta(hours=hour - last) < _EVERY:
                return False
            db.execute(upsert(self.engine, counters), {"name": "tidied", "value": hour})
        return True


def ops_of(plan: Any) -> dict[str, list[str]]:
    """The steps of a plan as it is kept (None: there is none), by what they do."""
    made: dict[str, list[str]] = {}
    for step in plan["steps"] if isinstance(plan, dict) else ():
        made.setdefault(step["op"], []).append(step["id"])
    return made


def shrink(db: Connection, run: str, now: datetime, *, everything: bool = False) -> None:
    """Let go of the events and the long outputs of a run that is over.

    :param everything: of short outputs too, of those that later runs read, and of what they were made of.
    """
    db.execute(delete(events).where(events.c.run == run, events.c.type.not_in(KEPT_EVENTS)))
    still: list[Any] = []
    (plan,) = contents.get(db, db.execute(select(runs.c.plan).where(runs.c.id == run)).scalar_one())
    later = {id_ for op, ids in ops_of(plan).items() if op in _READ_LATER for id_ in ids}
    for row in db.execute(select(steps).where(steps.c.run == run)).all():
        kept = [row.value, row.labels, row.brief]
        if everything or (row.step not in later and any(contents.refers(part) for part in kept)):
            _, labels, brief = contents.readable(db, *kept) if everything else contents.get(db, *kept)
            # Without labels it counts as untrusted and private.
            refs = [] if everything else _refs(labels, brief)[:_MOST_REFS]
            made = {"shrunk": now.isoformat(), "refs": refs}
            shrunk = {"value": made, "labels": {}, "brief": None}
            db.execute(update(steps).where(steps.c.run == run, steps.c.step == row.step).values(**shrunk))
        else:
            still += kept
    for query in (
        select(runs.c.plan, runs.c.brief).where(runs.c.id == run),
        select(approvals.c.body).where(approvals.c.run == run),
        select(effects.c.arguments, effects.c.inverse, effects.c.receipt).where(effects.c.run == run),
    ):
        still += [part for row in db.execute(query) for part in row]
    contents.let_go(db, run, still=still)


def _refs(labels: Mapping[str, Any] | None, brief: Mapping[str, Any] | None) -> list[str]:
    """What an output was made from: the versions that it cites, then the sources in its labels."""
    cited = [
        f"{cite['ref']}@{cite['version']}"
        for section in (brief or {}).get("sections", ())
        for passage in section["passages"]
        for cite in passage["cites"]
    ]
    named = [s for label in (labels or {}).values() for s in label.get("origins", ())]
    return list(dict.fromkeys([*cited, *named]))
