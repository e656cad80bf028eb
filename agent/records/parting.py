"""How what runs read of a source goes when the source does.

That something was asked, decided and written stays: it is the record, and the audit chain tells of it, and
of its texts being erased. What steps read and found, what was answered out of it, and the texts of what was
written out of it, go.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from deskhand.agent.model import FINISHED, FORMAT, Approval, Effect
from deskhand.agent.records import contents
from deskhand.agent.records.asked import approvals_of
from deskhand.agent.records.audit import Audit, Lines
from deskhand.agent.records.book import LEDGER, effects_of
from deskhand.agent.records.keeping import shrink
from deskhand.agent.records.subjects import of_approval, of_effect, of_run
from deskhand.agent.records.tables import approvals, effects, runs, steps, told
from deskhand.connectors.database import StorageError, pack, reading, writing
from deskhand.connectors.model import KINDS

ERASED = "(erased)"
"""Stands where a text was."""

_TEXTS = frozenset(
    {"subject", "body", "title", "text", "content", "notes", "note", "description", "location", "comment"}
    | {"ics", "html", "summary", "name", "reason", "attachments"}
)
"""Arguments that say something, and not what or whom it is about."""


class Parting(Audit):
    """Lets go of what is of one source."""

    def part(self, source: str, *, now: datetime) -> int:
        """Let go of what finished runs read of a source, and of what digests told of it; how many runs.

        Done again it does what was left. The file is made anew without it.
        """
        with reading(self.engine) as db:
            over = runs.c.status.in_(tuple(FINISHED)) & (runs.c.format <= FORMAT)
            ids = list(db.execute(select(runs.c.id).where(over).order_by(runs.c.n)).scalars())
            mine = [id_ for id_ in ids if _touched(db, id_, source)]
        for id_ in mine:
            with self._audited() as (db, lines):
                for effect in effects_of(db, LEDGER.where(effects.c.run == id_)):
                    _empty_effect(db, lines, effect, theirs=effect.source == source)
                for approval in approvals_of(db, select(approvals).where(approvals.c.run == id_)):
                    _empty_approval(db, lines, approval)
                lines.before("run", id_)
                gone = f"What was answered was made of {source}, which was removed with all its data."
                turned = {"shrunk": now, "brief": None, "answer": gone}
                made = update(runs).where(runs.c.id == id_).values(**turned).returning(runs)
                lines.add(of_run(dict(db.execute(made).one()._mapping)))
                shrink(db, id_, now, everything=True)
        with writing(self.engine) as db:
            for kind in KINDS:
                db.execute(delete(told).where(told.c.ref.startswith(f"{source}:{kind}:", autoescape=True)))
        if mine:
            with suppress(StorageError):  # there is no room to make the file anew
                pack(self.engine)
        return len(mine)


def emptied(value: Any) -> Any:
    """Plain JSON without its texts: addresses, times, ids and versions stay."""
    if isinstance(value, Mapping):
        return {k: _without(v) if k in _TEXTS else emptied(v) for k, v in value.items()}
    return [emptied(v) for v in value] if isinstance(value, (list, tuple)) else value


def _without(value: Any) -> Any:
    if isinstance(value, str):
        return ERASED if value else ""
    return [] if isinstance(value, (list, tuple)) else emptied(value)


def _empty_effect(db: Connection, lines: Lines, effect: Effect, *, theirs: bool) -> None:
    receipt = effect.receipt and {k: v for k, v in effect.receipt.items() if k != "detail"} | {"detail": {}}
    turned = {
        "arguments": emptied(effect.arguments),
        # At another source it can still be taken back.
        "inverse": None if theirs else effect.inverse,
        "receipt": receipt if theirs else effect.receipt,
    }
    lines.before("effect", effect.key)
    made = update(effects).where(effects.c.key == effect.key).values(**turned).returning(effects)
    lines.add(of_effect(dict(db.execute(made).one()._mapping)))


def _empty_approval(db: Connection, lines: Lines, approval: Approval) -> None:
    bare = approval.model_copy(
        update={
            "arguments": emptied(approval.arguments), "shown": (), "notes": (), "alternatives": (),
            "whys": (), "summary": f"{approval.operation} {ERASED}",
        }
    ).model_dump(mode="json")  # fmt: skip
    lines.before("approval", approval.id)
    made = update(approvals).where(approvals.c.id == approval.id).values(body=bare).returning(approvals)
    lines.add(of_approval(dict(db.execute(made).one()._mapping)))


def names(value: Any, source: str) -> bool:
    """Whether plain JSON names a source (`{"source": ...}`), or anything in it by its address."""
    if isinstance(value, str):
        return value.startswith(tuple(f"{source}:{kind}:" for kind in KINDS))
    if isinstance(value, Mapping):
        return value.get("source") == source or any(names(v, source) for v in value.values())
    return isinstance(value, (list, tuple)) and any(names(v, source) for v in value)


def _touched(db: Connection, run: str, source: str) -> bool:
    """Whether a run read or wrote anything of a source, as far as it is still known and not let go of."""
    here = (effects.c.run == run) & (effects.c.source == source)
    if db.execute(select(effects.c.key).where(here)).first() is not None:
        return True
    kept: list[Any] = []
    for query in (
        select(steps.c.value, steps.c.labels, steps.c.brief).where(steps.c.run == run),
        select(runs.c.brief).where(runs.c.id == run),
        select(effects.c.arguments).where(effects.c.run == run),
        select(approvals.c.body).where(approvals.c.run == run),
    ):
        kept += [part for row in db.execute(query) for part in row]
    return names(contents.readable(db, *kept), source)
