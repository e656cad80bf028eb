"""How a page of changes becomes rows of the archive.

A page is worked out in memory first, change by change, so that it makes no difference where pages are cut;
then what differs from before is written with a handful of bulk statements: a first sync of 100,000 items
would otherwise be a million round trips.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from deskhand.connectors import _mailthreads as mailthreads
from deskhand.connectors import _people as people
from deskhand.connectors._archived import Tally
from deskhand.connectors._door import admit, dump, key
from deskhand.connectors._load import at
from deskhand.connectors.database import insert_new, many, parts, take_numbers, upsert
from deskhand.connectors.model import Failed, Item, ItemRef, Removed
from deskhand.connectors.tables import (
    counters,
    failures,
    items,
    mails,
    participants,
    relations,
    texts,
    unsettled,
    versions,
)

_MOVING = "(moving)"
"""A kind no item has: where rows wait while addresses change hands."""


def store(
    db: Connection, changes: Iterable[Item | Removed | Failed], *, now: datetime
) -> tuple[Tally, set[ItemRef]]:
    """Write a page inside a transaction of `writing`. Storing it twice is storing it once.

    :returns: what it did, and the addresses that it told something of.
    """
    page = _Page(db, [a for c in changes if (a := admit(c)) is not None])
    page.work_out()
    page.write(now)
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


@dataclass(slots=True)
class _Version:
    n: int
    version: str
    at: datetime
    hash: str = ""
    text: str = ""
    meta: str = ""
    id: int = 0
    """0: not stored yet."""
    stored: tuple[object, ...] = ()
    """What its row says."""

    @property
    def says(self) -> tuple[object, ...]:
        return (self.at, self.hash, self.text, self.meta)


@dataclass(slots=True)
class _Entry:
    """One thing while its page is being worked out."""

    ref: ItemRef
    id: int = 0
    """0: not stored yet."""
    removed: bool = False
    versions: list[_Version] = field(default_factory=list)
    current: _Version | None = None
    item: Item | None = None
    """The newest that the page says of it."""
    before: tuple[ItemRef, bool, _Version | None] | None = None
    """Address, whether it was removed, current version; None: the page is the first to tell of it."""

    def take(self, item: Item, meta: str, text: str) -> None:
        """Make this the current version.

        It is one that is known if name and time are the same, or if the name is that of the current one: then
        only what is said of it changed. A thing that comes back to an earlier state has a new version.
        """
        found = next((v for v in self.versions if (v.version, v.at) == (item.version, item.at)), None)
        if found is None and self.current is not None and self.current.version == item.version:
            found = self.current
        if found is None:
            found = _Version(len(self.versions) + 1, item.version, item.at)
            self.versions.append(found)
        found.at, found.hash, found.text, found.meta = item.at, item.hash, text, meta
        self.item, self.current, self.removed = item, found, False

    @property
    def unstored(self) -> list[_Version]:
        return [v for v in self.versions if v.says != v.stored]

    @property
    def touched(self) -> bool:
        return (self.ref, self.removed, self.current) != self.before or bool(self.unstored)


class _Page:
    def __init__(self, db: Connection, changes: Sequence[Item | Removed | Failed]) -> None:
        self.db, self.changes = db, changes
        self.entries = _known(db, changes)
        self.loose = _loose(db, changes)
        """Addresses told of since the newest cursor: where that was, nothing need have been there."""
        self.told: set[ItemRef] = set()
        self.aside: list[_Entry] = []
        self.texts: dict[str, str] = {}
        self.failed: dict[ItemRef, Failed] = {}
        self.well: dict[ItemRef, None] = {}

    def work_out(self) -> None:
        for change in self.changes:
            if isinstance(change, Item):
                item, meta = dump(change)
                text = sha256(item.text.encode()).hexdigest()
                self.texts[text] = item.text
                self._entry(item).take(item, meta, text)
            elif isinstance(change, Removed) and (entry := self.entries.get(change.ref)) is not None:
                entry.removed = True
            if isinstance(change, Failed):
                self.failed[change.ref] = change
                self.well.pop(change.ref, None)
            else:
                self._is_well(change.ref)
            self.told.add(change.ref)
            self.loose.add(change.ref)

    def tally(self) -> Tally:
        added = changed = moved = removed = 0
        for entry in self._touched():
            ref, gone, _ = entry.before or (None, True, None)
            if entry.removed:
                removed += not gone
            elif ref is not None and ref != entry.ref:
                moved += 1
            elif gone:
                added += 1
            else:
                changed += 1
        return Tally(added, changed, moved, removed, len(self.failed))

    def write(self, now: datetime) -> None:
        """Write what differs. The order matters: rows point at each other, and addresses are unique."""
        db = self.db
        self._write_failures(now)
        touched = self._touched()
        self._number([e for e in touched if not e.id], "item")
        unstored = [(e, v) for e in touched for v in e.unstored]
        new = [(e, v) for e, v in unstored if not v.id]
        self._number([v for _, v in new], "version")
        letters = {e.id: e.item for e in touched if e.item is not None and e.ref.kind == "message"}
        threads, headers = mailthreads.thread(db, letters)
        rows = [self._row(e, now) for e in touched]
        for row in rows:
            row |= {"thread": threads.pop(row["b_id"])} if row["b_id"] in threads else {}
        rows += [{"b_id": i, "thread": t} for i, t in threads.items()]
        if rows:
            seq = take_numbers(db, counters, "seq", len(rows))
            rows = [row | {"seq": seq + n} for n, row in enumerate(rows)]
        moving = [e.id for e in touched if e.before and e.before[0] != e.ref]
        many(db, _item_update(), [{"b_id": i, "kind": _MOVING, "native": str(i)} for i in moving])
        fresh = {e.id for e in touched if e.before is None}
        many(db, _item_update(), [r for r in rows if r["b_id"] not in fresh])
        inserted = [{"id": r["b_id"], "thread": "", **r} for r in rows if r["b_id"] in fresh]
        for row in inserted:
            del row["b_id"]
        many(db, insert(items), inserted)
        bodies = {v.text: self.texts[v.text] for _, v in unstored}
        many(db, insert_new(db, texts), [{"hash": h, "text": t} for h, t in bodies.items()])
        size = {h: len(t) for h, t in bodies.items()}
        many(
            db,
            insert(versions),
            [
                {
                    "id": v.id, "item": e.id, "n": v.n, "version": v.version, "at": v.at, "hash": v.hash,
                    "text": v.text, "size": size[v.text], "meta": v.meta, "stored": now,
                }
                for e, v in new
            ],
        )  # fmt: skip
        many(
            db,
            update(versions).where(versions.c.id == bindparam("b_id")),
            [
                {
                    "b_id": v.id,
                    "at": v.at,
                    "hash": v.hash,
                    "text": v.text,
                    "size": size[v.text],
                    "meta": v.meta,
                }
                for _, v in unstored
                if v.stored
            ],
        )
        self._write_ties([(e, e.item) for e in touched if e.item is not None])
        many(db, upsert(db, mails), headers)

    def _touched(self) -> list[_Entry]:
        return [e for e in (*self.entries.values(), *self.aside) if e.touched]

    def _is_well(self, ref: ItemRef) -> None:
        self.failed.pop(ref, None)
        self.well[ref] = None

    def _entry(self, item: Item) -> _Entry:
        here = self.entries.get(item.ref)
        was = self.entries.get(item.was) if item.was is not None and item.was != item.ref else None
        if was is not None and (here is None or here.removed or here.ref in self.loose):
            self.told.add(was.ref)
            if here is not None:
                # Something else had this address once; or a pass that broke off, or a write of ours, put
                # there what the source tells of only now. Its versions stay, under a name of their own.
                here.ref, here.removed = self._free(here), True
                self.aside.append(here)
            del self.entries[was.ref]
            was.ref = item.ref
            here = self.entries[item.ref] = was
        elif here is None:
            here = self.entries[item.ref] = _Entry(item.ref)
        if item.was is not None and item.was not in self.entries:
            self._is_well(item.was)
        return here

    def _free(self, entry: _Entry) -> ItemRef:
        self._number([entry] if not entry.id else [], "item")
        ref = replace(entry.ref, native=f"{entry.ref.native}~{entry.id}")
        while ref in self.entries or self.db.execute(select(exists().where(*at(ref)))).scalar():
            ref = replace(ref, native=f"{ref.native}~")
        return ref

    def _number(self, without: Sequence[_Entry | _Version], counter: str) -> None:
        if without:
            first = take_numbers(self.db, counters, counter, len(without))
            for n, numbered in enumerate(without):
                numbered.id = first + n

    def _row(self, entry: _Entry, now: datetime) -> dict[str, Any]:
        row: dict[str, Any] = {"b_id": entry.id}
        gone = entry.before[1] if entry.before else None
        row |= {"source": entry.ref.source, "kind": entry.ref.kind, "native": entry.ref.native}
        if entry.removed != gone:
            row["removed"] = now if entry.removed else None
        if (item := entry.item) is not None and entry.current is not None:
            row |= {
                "current": entry.current.id, "title": item.title, "at": item.at, "start": item.start,
                "until": item.until, "folder": item.folder,
            }  # fmt: skip
        return row

    def _write_ties(self, touched: list[tuple[_Entry, Item]]) -> None:
        db = self.db
        for ids in parts(e.id for e, _ in touched if e.before is not None):
            db.execute(delete(participants).where(participants.c.item.in_(ids)))
            db.execute(delete(relations).where(relations.c.item.in_(ids)))
        many(
            db,
            insert(participants),
            [{"item": e.id, "role": p.role, "address": key(p.address)} for e, i in touched for p in i.people],
        )
        many(
            db,
            insert(relations),
            [
                {"item": e.id, "type": r.type, "target": key(r.target)}
                for e, i in touched
                for r in i.relations
            ],
        )
        people.know(db, ((p.address, p.name, i.at) for _, i in touched for p in i.people if p.address))

    def _write_failures(self, now: datetime) -> None:
        db = self.db
        by_source: dict[str, list[str]] = {}
        for ref in self.well:
            by_source.setdefault(ref.source, []).append(str(ref))
        for source, refs in by_source.items():
            here = failures.c.source == source
            if db.execute(select(exists().where(here))).scalar():
                for part in parts(refs):
                    db.execute(delete(failures).where(here, failures.c.ref.in_(part)))
        rows = [
            {"source": r.source, "ref": str(r), "reason": f.reason, "at": now} for r, f in self.failed.items()
        ]
        many(db, upsert(db, failures), rows)


def _known(db: Connection, changes: Sequence[Item | Removed | Failed]) -> dict[ItemRef, _Entry]:
    """What the archive has of the things a page tells of."""
    natives: dict[str, dict[str, None]] = {}
    for change in changes:
        if not isinstance(change, Failed):
            natives.setdefault(change.ref.source, {})[change.ref.native] = None
        if isinstance(change, Item) and change.was is not None:
            natives.setdefault(change.was.source, {})[change.was.native] = None
    rows: dict[int, Any] = {}
    for source, names in natives.items():
        for part in parts(names):
            query = select(
                items.c.id, items.c.source, items.c.kind, items.c.native, items.c.removed, items.c.current
            )
            rows |= {
                r.id: r for r in db.execute(query.where(items.c.source == source, items.c.native.in_(part)))
            }
    found: dict[int, list[_Version]] = {i: [] for i in rows}
    for ids in parts(rows):
        for v in db.execute(select(versions).where(versions.c.item.in_(ids)).order_by(versions.c.n)):
            made = _Version(v.n, v.version, v.at, v.hash, v.text, v.meta, v.id)
            made.stored = made.says
            found[v.item].append(made)
    entries: dict[ItemRef, _Entry] = {}
    for id_, row in rows.items():
        ref = ItemRef(row.source, row.kind, row.native)
        current = next(v for v in found[id_] if v.id == row.current)
        gone = row.removed is not None
        entries[ref] = _Entry(ref, id_, gone, found[id_], current, before=(ref, gone, current))
    return entries


def _loose(db: Connection, changes: Sequence[Item | Removed | Failed]) -> set[ItemRef]:
    """Those of the items that moved in a page whose new address is unsettled."""
    moved = {c.ref for c in changes if isinstance(c, Item) and c.was is not None}
    found: set[ItemRef] = set()
    for refs in parts(map(str, moved)):
        rows = db.execute(select(unsettled.c.ref).where(unsettled.c.ref.in_(refs))).scalars()
        found.update(map(ItemRef.parse, rows))
    return found


def _item_update() -> Any:
    return update(items).where(items.c.id == bindparam("b_id"))
