"""What follows from what came in: which runs began so, and how far it was looked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Engine, or_, select

from deskhand.agent.records import contents
from deskhand.agent.records.keeping import ops_of
from deskhand.agent.records.tables import counters, runs, steps
from deskhand.connectors.database import parts, reading, upsert, writing


class Follows:
    """Reads runs by how they begin, and keeps how far it was looked. Every method is one transaction."""

    engine: Engine

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
