"""Writes what a page of changes came to.

With a handful of bulk statements: a first sync of 100,000 items would otherwise be a million round trips.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from deskhand.connectors import _mailthreads as mailthreads
from deskhand.connectors import _people as people
from deskhand.connectors._archived import Tally
from deskhand.connectors._door import admit, key
from deskhand.connectors._page import Entry, Page, Version
from deskhand.connectors.database import insert_new, many, parts, take_numbers, upsert
from deskhand.connectors.model import Item, ItemRef, Told
from deskhand.connectors.tables import (
    counters,
    failures,
    items,
    mails,
    participants,
    relations,
    texts,
    versions,
)

_MOVING = "(moving)"
"""A kind no item has: where rows wait while addresses change hands."""


def store(db: Connection, changes: Iterable[Told], *, now: datetime) -> tuple[Tally, set[ItemRef]]:
    """Write a page inside a transaction of `writing`. Storing it twice is storing it once.

    :returns: what it did, and the addresses that it told something of.
    """
    page = Page(db, [a for c in changes if (a := admit(c)) is not None])
    page.work_out()
    _write_failures(db, page, now)
    touched = page.touched()
    if touched:
        page.number([e for e in touched if not e.id], "item")
        fresh = [(e, v) for e in touched for v in e.unstored if not v.id]
        page.number([v for _, v in fresh], "version")
        said = [(e, e.item) for e in touched if e.item is not None]
        threads, headers = mailthreads.thread(db, {e.id: i for e, i in said if i.ref.kind == "message"})
        # In this order, because rows point at each other.
        _write_items(db, touched, threads, now)
        _write_versions(db, touched, fresh, page.texts, now)
        _write_ties(db, said)
        many(db, upsert(db, mails), headers)
    return page.tally(), page.told


def remove_all(db: Connection, source: str, *, now: datetime) -> int:
    """Mark everything of a source as no longer there; how many items."""
    there = (
        select(items.c.id).where(items.c.source == source, items.c.removed.is_(None)).order_by(items.c.seq)
    )
    ids = db.execute(there).scalars().all()
    seq = take_numbers(db, counters, "seq", len(ids))
    many(db, _item_update(), [{"b_id": i, "seq": seq + n, "removed": now} for n, i in enumerate(ids)])
    return len(ids)


def _write_items(db: Connection, touched: list[Entry], threads: Mapping[int, str], now: datetime) -> None:
    """Rows of the things of a page, and of those that are in another thread because of it."""
    here = {e.id: _row(e, now) for e in touched}
    rows = {i: here.get(i, {}) | ({"thread": threads[i]} if i in threads else {}) for i in [*here, *threads]}
    seq = take_numbers(db, counters, "seq", len(rows))
    for n, row in enumerate(rows.values()):
        row["seq"] = seq + n
    # Addresses are unique, and some may change hands.
    moving = [e.id for e in touched if e.before and e.before[0] != e.ref]
    many(db, _item_update(), [{"b_id": i, "kind": _MOVING, "native": str(i)} for i in moving])
    new = {e.id for e in touched if e.before is None}
    many(db, _item_update(), [{"b_id": i, **row} for i, row in rows.items() if i not in new])
    many(db, insert(items), [{"id": i, "thread": "", **row} for i, row in rows.items() if i in new])


def _row(entry: Entry, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "source": entry.ref.source,
        "kind": entry.ref.kind,
        "native": entry.ref.native,
    }
    if entry.before is None or entry.removed != entry.before[1]:
        row["removed"] = now if entry.removed else None
    if (item := entry.item) is not None and entry.current is not None:
        row |= {
            "current": entry.current.id, "title": item.title, "at": item.at, "start": item.start,
            "until": item.until, "folder": item.folder,
        }  # fmt: skip
    return row


def _write_versions(
    db: Connection,
    touched: list[Entry],
    fresh: list[tuple[Entry, Version]],
    bodies: Mapping[str, str],
    now: datetime,
) -> None:
    """Texts first, for versions point at them."""
    unstored = [v for e in touched for v in e.unstored]
    needed = {v.text: bodies[v.text] for v in unstored if v.text in bodies}
    many(db, insert_new(db, texts), [{"hash": h, "text": t} for h, t in needed.items()])

    def says(version: Version) -> dict[str, Any]:
        return {
            "at": version.at, "hash": version.hash, "text": version.text, "size": len(needed[version.text]),
            "meta": version.meta,
        }  # fmt: skip

    rows = [
        {"id": v.id, "item": e.id, "n": v.n, "version": v.version, "stored": now, **says(v)} for e, v in fresh
    ]
    many(db, insert(versions), rows)
    # Of one that has only other flags, its text was not read.
    changed = [
        {"b_id": v.id, **(says(v) if v.text in needed else {"meta": v.meta})} for v in unstored if v.stored
    ]
    many(db, update(versions).where(versions.c.id == bindparam("b_id")), changed)


def _write_ties(db: Connection, said: list[tuple[Entry, Item]]) -> None:
    """Who has a part in the current versions, and what they relate to."""
    for ids in parts(e.id for e, _ in said if e.before is not None):
        db.execute(delete(participants).where(participants.c.item.in_(ids)))
        db.execute(delete(relations).where(relations.c.item.in_(ids)))
    who = [{"item": e.id, "role": p.role, "address": key(p.address)} for e, i in said for p in i.people]
    many(db, insert(participants), who)
    what = [{"item": e.id, "type": r.type, "target": key(r.target)} for e, i in said for r in i.relations]
    many(db, insert(relations), what)
    # A room that was asked for is nobody one knows.
    people.know(
        db,
        ((p.address, p.name, i.at) for _, i in said for p in i.people if p.address and p.role != "resource"),
    )


def _write_failures(db: Connection, page: Page, now: datetime) -> None:
    by_source: dict[str, list[str]] = {}
    for ref in page.well:
        by_source.setdefault(ref.source, []).append(str(ref))
    for source, refs in by_source.items():
        here = failures.c.source == source
        if db.execute(select(exists().where(here))).scalar():
            for part in parts(refs):
                db.execute(delete(failures).where(here, failures.c.ref.in_(part)))
    rows = [
        {"source": r.source, "ref": str(r), "reason": f.reason, "at": now} for r, f in page.failed.items()
    ]
    many(db, upsert(db, failures), rows)


def _item_update() -> Any:
    return update(items).where(items.c.id == bindparam("b_id"))
