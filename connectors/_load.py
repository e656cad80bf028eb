"""How rows of the archive become items again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from deskhand.connectors._archived import Archived, Revision
from deskhand.connectors._door import undump
from deskhand.connectors.database import parts
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.tables import items, texts, versions

MOST_TEXT = 64_000_000
"""Characters that are read for one page of changes: many versions of long documents add up."""


def at(ref: ItemRef) -> tuple[ColumnElement[bool], ...]:
    """Where the item of an address is."""
    return (items.c.source == ref.source, items.c.kind == ref.kind, items.c.native == ref.native)


def items_where(
    db: Connection, *where: ColumnElement[bool], order: Sequence[Any], limit: int | None = None
) -> list[Item]:
    """Versions of items; `where` says which items and which versions of them."""
    query = (
        select(items.c.source, items.c.kind, items.c.native, versions.c.meta, texts.c.text)
        .join(versions, versions.c.item == items.c.id)
        .join(texts, texts.c.hash == versions.c.text)
        .where(*where)
        .order_by(*order)
        .limit(limit)
    )
    return [undump(r.meta, ref=_ref(r), text=r.text) for r in db.execute(query)]


def changed(db: Connection, seq: int, *, limit: int) -> list[int]:
    """Numbers of items that changed after a `seq`, in its order: as many as may be read at once."""
    next_ = (
        select(items.c.id, items.c.seq).where(items.c.seq > seq).order_by(items.c.seq).limit(limit).subquery()
    )
    sizes = (
        select(next_.c.id, func.sum(versions.c.size))
        .join(versions, versions.c.item == next_.c.id)
        .group_by(next_.c.id, next_.c.seq)
        .order_by(next_.c.seq)
    )
    chosen: list[int] = []
    left = MOST_TEXT
    for id_, size in db.execute(sizes):
        left -= size
        if left < 0 and chosen:
            break
        chosen.append(id_)
    return chosen


def archived(db: Connection, ids: Sequence[int]) -> list[Archived]:
    """Items by number, with all their versions, in the order of `seq`."""
    query = (
        select(
            items.c.id, items.c.seq, items.c.source, items.c.kind, items.c.native, items.c.thread,
            items.c.removed, items.c.current, versions.c.id.label("version_id"), versions.c.hash,
            versions.c.meta, texts.c.text,
        )
        .join(versions, versions.c.item == items.c.id)
        .join(texts, texts.c.hash == versions.c.text)
        .order_by(items.c.seq, versions.c.n)
    )  # fmt: skip
    grouped: dict[int, list[Any]] = {}
    for part in parts(ids):
        for row in db.execute(query.where(items.c.id.in_(part))):
            grouped.setdefault(row.id, []).append(row)
    made = []
    for rows in grouped.values():
        *older, item = [undump(r.meta, ref=_ref(r), text=r.text) for r in _told(rows)]
        r = rows[0]
        made.append(Archived(r.id, r.seq, item, r.thread, r.removed is not None, tuple(older)))
    return made


def revisions(db: Connection, ref: ItemRef) -> list[Revision]:
    """The versions of an item, the current one last."""
    query = (
        select(
            items.c.current, versions.c.id.label("version_id"), versions.c.version, versions.c.at,
            versions.c.hash, versions.c.meta, versions.c.stored,
        )
        .join(versions, versions.c.item == items.c.id)
        .where(*at(ref))
        .order_by(versions.c.n)
    )  # fmt: skip
    made = []
    for r in _told(db.execute(query).all()):
        meta = json.loads(r.meta)
        made.append(
            Revision(
                r.version, r.at, meta.get("author", ""), meta.get("note", ""), meta["title"], r.stored,
                r.version_id == r.current,
            )
        )  # fmt: skip
    return made


def _told(rows: Sequence[Any]) -> list[Any]:
    """An item's versions as they are told of, the current one last.

    Of several that follow each other with the same bytes only the last is told: a snapshot that became a
    commit is no change.
    """
    ordered = sorted(rows, key=lambda r: r.version_id == r.current)
    same = [a.hash == b.hash for a, b in pairwise(ordered)]
    return [row for row, again in zip(ordered, [*same, False], strict=True) if not again]


def _ref(row: Any) -> ItemRef:
    return ItemRef(row.source, row.kind, row.native)
