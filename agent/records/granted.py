"""What the person always allows, and how often that was used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from deskhand.agent.model import Permission
from deskhand.agent.records.audit import Audit, Lines
from deskhand.agent.records.subjects import of_permission
from deskhand.agent.records.tables import counters, permission_uses, permissions
from deskhand.connectors.database import reading, take_numbers, writing


@dataclass(frozen=True, slots=True)
class Uses:
    """How often a permission was used."""

    count: int = 0
    last: datetime | None = None
    run: str = ""
    """The run that used it last."""


class Granted(Audit):
    """Reads and writes the tables of permissions. Every method is one transaction."""

    engine: Engine

    def _next_permission(self, db: Connection) -> str:
        """A fresh id, short enough to type."""
        return f"p{take_numbers(db, counters, 'permission', 1)}"

    def _grant(self, db: Connection, lines: Lines, permission: Permission) -> None:
        """Keep a permission: only ever with the yes that it was granted by (`Decided.take`)."""
        row = {"id": permission.id, "n": int(permission.id[1:]), "body": permission.model_dump(mode="json")}
        db.execute(insert(permissions).values(row))
        lines.add(of_permission(row | {"revoked": None}))

    def permissions(self) -> list[Permission]:
        """All of them, in the order they were granted; also those that were revoked or are over."""
        query = select(permissions.c.body, permissions.c.revoked).order_by(permissions.c.n)
        with reading(self.engine) as db:
            rows = db.execute(query).all()
        return [p for r in rows if (p := _permission(r)) is not None]

    def revoke(self, id_: str, *, now: datetime) -> bool:
        """Take a permission back; whether there was one that held."""
        open_ = (permissions.c.id == id_) & permissions.c.revoked.is_(None)
        with self._audited() as (db, lines):
            lines.before("permission", id_)
            turn = update(permissions).where(open_).values(revoked=now).returning(permissions)
            row = db.execute(turn).one_or_none()
            if row is not None:
                lines.add(of_permission(dict(row._mapping)))
            return row is not None

    def uses(self) -> dict[str, Uses]:
        """How often each was used, by its id."""
        query = select(permission_uses).order_by(permission_uses.c.at)
        made: dict[str, Uses] = {}
        with reading(self.engine) as db:
            for row in db.execute(query):
                before = made.get(row.permission, Uses())
                made[row.permission] = Uses(before.count + 1, row.at, row.run)
        return made

    def used_on(self, day: str, *, but: str = "") -> dict[str, int]:
        """How often each was used on a day of the person's or later, by its id; this effect left out."""
        with reading(self.engine) as db:
            return _on(db, day, but=but)

    def used_for(self, effect: str) -> str:
        """The permission that an effect was allowed by; "" where it was none."""
        query = select(permission_uses.c.permission).where(permission_uses.c.effect == effect)
        with reading(self.engine) as db:
            return str(db.execute(query).scalar() or "")

    def use(
        self,
        effect: str,
        *,
        id_: str,
        run: str,
        day: str,
        at: datetime,
        fits: Callable[[Permission, int], bool],
    ) -> bool:
        """Count the use of a permission for an effect, if it still holds; twice for one effect is once.

        `fits` is asked with the permission as it is on the disk now, and how often it was used on that day,
        this effect left out.
        """
        mine = permission_uses.c.effect == effect
        with writing(self.engine) as db:
            row = db.execute(select(permissions).where(permissions.c.id == id_)).one_or_none()
            db.execute(delete(permission_uses).where(mine))
            found = row and _permission(row)
            if not found or not fits(found, _on(db, day).get(id_, 0)):
                return False
            use = {"effect": effect, "permission": id_, "run": run, "day": day, "at": at}
            db.execute(insert(permission_uses).values(use))
            return True

    def give_back(self, effect: str) -> None:
        """A use that was counted for an effect, of which nothing was begun, was none."""
        with writing(self.engine) as db:
            db.execute(delete(permission_uses).where(permission_uses.c.effect == effect))


def _permission(row: Any) -> Permission | None:
    """A permission; None of one whose record is none any more: nothing is allowed by it."""
    try:
        return Permission.model_validate({**row.body, "revoked": row.revoked})
    except (ValidationError, TypeError):
        return None


def _on(db: Connection, day: str, *, but: str = "") -> dict[str, int]:
    query = (
        select(permission_uses.c.permission, func.count())
        # A clock that was put back gives no day anew: what was used on later ones counts.
        .where(permission_uses.c.day >= day, permission_uses.c.effect != but)
        .group_by(permission_uses.c.permission)
    )
    return {name: int(n) for name, n in db.execute(query)}
