"""How a page of changes becomes rows of the archive, and rows become items again.

A page is worked out in memory first (what is new, moved, changed, gone) and then written with a
handful of bulk statements: a first sync of 100,000 items would otherwise be a million round trips.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from deskhand.connectors import _mailthreads as mailthreads
from deskhand.connectors.database import insert_new, take_numbers, upsert
from deskhand.connectors.model import Change, Failed, Item, ItemRef, Removed
from deskhand.connectors.tables import (
    addresses,
    counters,
    failures,
    items,
    mails,
    participants,
    people,
    relations,
    texts,
    versions,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded:
    """One version of an item, as read from its rows."""

    id: int
    seq: int
    thread: str
    removed: bool
    current: bool
    item: Item


@dataclass(slots=True)
class _Version:
    id: int
    n: int
    version: str
    hash: str
    text: str
    meta: dict[str, Any]
    state: str = "stored"  # stored, new, changed


@dataclass(slots=True)
class _Entry:
    """One item while its page is being worked out."""

    id: int
    ref: ItemRef
    removed: datetime | None
    versions: dict[str, _Version]
    current: _Version | None
    item: Item | None = None
    new: bool = False
    moved: bool = False
    touched: bool = False

    @property
    def before(self) -> tuple[object, ...]:
        return (self.current.id if self.current else None, self.removed)


def store(db: Connection, engine: Engine, changes: Sequence[Change], *, now: datetime) -> dict[str, int]:
    """Write a page inside an open transaction; return what it did, as `Tally` counts it."""
    page = _Page(db, engine, changes, now)
    page.work_out()
    page.write()
    return page.tally


class _Page:
    def __init__(self, db: Connection, engine: Engine, changes: Sequence[Change], now: datetime) -> None:
        self.db, self.engine, self.changes, self.now = db, engine, changes, now
        self.tally = dict.fromkeys(("added", "changed", "moved", "removed", "failed"), 0)
        wanted = [c.ref for c in changes if isinstance(c, (Item, Removed))]
        wanted += [c.was for c in changes if isinstance(c, Item) and c.was is not None]
        self.entries = _entries(db, wanted)
        self.texts: dict[str, str] = {}
        self.aside: list[_Entry] = []
        count = sum(isinstance(c, Item) for c in changes)
        # Numbers are taken before anything is read, so that a second writer waits here and not in the middle.
        self._item_ids = iter(range(take_numbers(db, engine, counters, "item", count), 1 << 62))
        self._version_ids = iter(range(take_numbers(db, engine, counters, "version", count), 1 << 62))

    def work_out(self) -> None:
        before = {ref: entry.before for ref, entry in self.entries.items()}
        gone: dict[ItemRef, None] = {}
        for change in self.changes:
            if isinstance(change, Item):
                self._item(change)
                gone.pop(change.ref, None)
            elif isinstance(change, Removed) and change.ref in self.entries:
                gone[change.ref] = None
            elif isinstance(change, Failed):
                self.tally["failed"] += 1
        for ref in gone:
            entry = self.entries[ref]
            if entry.removed is None:
                entry.removed, entry.touched = self.now, True
                self.tally["removed"] += 1
        for ref, entry in self.entries.items():
            if entry.new:
                self.tally["added"] += 1
            elif entry.moved:
                self.tally["moved"] += 1
            elif entry.item is not None and (entry.touched or entry.before != before.get(ref)):
                entry.touched = True
                self.tally["changed"] += 1

    def _item(self, item: Item) -> None:
        entry = self._entry(item)
        text_hash = sha256(item.text.encode()).hexdigest()
        meta = dump(item)
        current = entry.current
        if known := entry.versions.get(item.version):
            if (known.hash, known.text, known.meta) != (item.hash, text_hash, meta):
                known.hash, known.text, known.meta = item.hash, text_hash, meta
                known.state = "changed" if known.state == "stored" else known.state
                entry.touched = True
            entry.current = known
        elif current is not None and current.hash == item.hash:
            # The same bytes under a better name: a snapshot that became a commit.
            del entry.versions[current.version]
            current.version, current.text, current.meta = item.version, text_hash, meta
            current.state = "changed" if current.state == "stored" else current.state
            entry.versions[item.version] = current
            entry.touched = True
        else:
            n = 1 + max((v.n for v in entry.versions.values()), default=0)
            made = _Version(next(self._version_ids), n, item.version, item.hash, text_hash, meta, "new")
            entry.versions[item.version] = entry.current = made
            entry.touched = True
        self.texts[text_hash] = item.text
        entry.item = item
        if entry.removed is not None:
            entry.removed, entry.touched = None, True

    def _entry(self, item: Item) -> _Entry:
        here = self.entries.get(item.ref)
        was = self.entries.get(item.was) if item.was is not None else None
        if was is not None and item.was != item.ref and (here is None or here.removed is not None):
            if here is not None:
                # Something else had this address once. Its versions stay, under a name of their own.
                here.ref = replace(here.ref, native=f"{here.ref.native}~{here.id}")
                here.touched = True
                self.aside.append(here)
            del self.entries[was.ref]
            was.ref, was.moved, was.touched = item.ref, True, True
            self.entries[item.ref] = was
            return was
        if here is None:
            here = _Entry(next(self._item_ids), item.ref, None, {}, None, new=True, touched=True)
            self.entries[item.ref] = here
        return here

    def write(self) -> None:
        touched = [e for e in (*self.entries.values(), *self.aside) if e.touched]
        self._write_failures()
        if not touched:
            return
        db = self.db
        seqs = iter(range(take_numbers(db, self.engine, counters, "seq", len(touched)), 1 << 62))
        moved = [{"b_id": e.id, "native": f"\x00{e.id}"} for e in touched if e.moved or e in self.aside]
        _many(db, update(items).where(items.c.id == bindparam("b_id")), moved)
        rows = [self._row(e, next(seqs)) for e in touched]
        new = {e.id for e in touched if e.new}
        _many(db, insert(items), [{"id": r.pop("b_id"), **r} for r in rows if r["b_id"] in new])
        _many(db, update(items).where(items.c.id == bindparam("b_id")), [r for r in rows if "b_id" in r])
        _many(
            db,
            insert_new(self.engine, texts),
            [{"hash": h, "text": t} for h, t in self.texts.items()],
        )
        written = [(e, v) for e in touched for v in e.versions.values() if v.state != "stored"]
        _many(db, insert(versions), [self._version(e, v) for e, v in written if v.state == "new"])
        changed = [self._version(e, v) for e, v in written if v.state == "changed"]
        for row in changed:
            row["b_id"] = row.pop("id")
            del row["stored"]
        _many(db, update(versions).where(versions.c.id == bindparam("b_id")), changed)
        self._write_ties([(e, e.item) for e in touched if e.item is not None])

    def _row(self, entry: _Entry, seq: int) -> dict[str, Any]:
        row: dict[str, Any] = {
            "b_id": entry.id,
            "seq": seq,
            "removed": entry.removed,
            "native": entry.ref.native,
        }
        if (item := entry.item) is not None and entry.current is not None:
            row |= {
                "source": entry.ref.source, "kind": entry.ref.kind, "current": entry.current.id,
                "title": item.title, "at": item.at, "start": item.start, "until": item.until,
                "folder": item.folder,
            }  # fmt: skip
            if entry.new:
                row["thread"] = ""
        return row

    def _version(self, entry: _Entry, version: _Version) -> dict[str, Any]:
        return {
            "id": version.id, "item": entry.id, "n": version.n, "version": version.version,
            "hash": version.hash, "text": version.text, "meta": version.meta, "stored": self.now,
        }  # fmt: skip

    def _write_ties(self, touched: list[tuple[_Entry, Item]]) -> None:
        db = self.db
        old = [e.id for e, _ in touched if not e.new]
        for ids in chunks(old):
            db.execute(delete(participants).where(participants.c.item.in_(ids)))
            db.execute(delete(relations).where(relations.c.item.in_(ids)))
        _many(
            db,
            insert(participants),
            [
                {"item": e.id, "role": p.role, "address": p.address, "name": p.name}
                for e, i in touched
                for p in i.people
            ],
        )
        _many(
            db,
            insert(relations),
            [{"item": e.id, "type": r.type, "target": r.target} for e, i in touched for r in i.relations],
        )
        know(db, self.engine, [(p.address, p.name) for _, i in touched for p in i.people if p.address])
        letters = [mailthreads.row(e.id, i) for e, i in touched if i.ref.kind == "message"]
        if letters:
            _many(db, upsert(self.engine, mails), letters)
            changed = mailthreads.thread(db, self.engine, letters)
            seqs = take_numbers(db, self.engine, counters, "seq", len(changed))
            rows = [{"b_id": i, "thread": t, "seq": seqs + n} for n, (i, t) in enumerate(changed.items())]
            _many(db, update(items).where(items.c.id == bindparam("b_id")), rows)

    def _write_failures(self) -> None:
        failed = {str(c.ref): c for c in self.changes if isinstance(c, Failed)}
        well: dict[str, set[str]] = {}
        for change in self.changes:
            if isinstance(change, (Item, Removed)) and str(change.ref) not in failed:
                well.setdefault(change.ref.source, set()).add(str(change.ref))
        for source, refs_ in well.items():
            known = self.db.execute(select(failures.c.ref).where(failures.c.source == source)).scalars()
            for ids in chunks(sorted(refs_.intersection(known))):
                self.db.execute(delete(failures).where(failures.c.source == source, failures.c.ref.in_(ids)))
        rows = [
            {"source": c.ref.source, "ref": r, "reason": c.reason, "at": self.now} for r, c in failed.items()
        ]
        _many(self.db, upsert(self.engine, failures), rows)


def know(db: Connection, engine: Engine, seen: Iterable[tuple[str, str]]) -> None:
    """Give every address that is new a person of its own; a person without a name takes the first given."""
    names: dict[str, str] = {}
    for address, name in seen:
        names[address] = names.get(address) or name
    known: dict[str, tuple[int, str]] = {}
    query = select(addresses.c.address, people.c.id, people.c.name).join(people)
    for part in chunks(list(names)):
        for row in db.execute(query.where(addresses.c.address.in_(part))):
            known[row.address] = (row.id, row.name)
    new = [a for a in names if a not in known]
    first = take_numbers(db, engine, counters, "person", len(new))
    _many(db, insert(people), [{"id": first + n, "name": names[a]} for n, a in enumerate(new)])
    _many(db, insert(addresses), [{"address": a, "person": first + n} for n, a in enumerate(new)])
    named = {known[a][0]: n for a, n in names.items() if n and a in known and not known[a][1]}
    _many(
        db,
        update(people).where(people.c.id == bindparam("b_id")),
        [{"b_id": i, "name": n} for i, n in named.items()],
    )


def remove(db: Connection, gone: Sequence[ItemRef], *, now: datetime) -> int:
    """Mark items as no longer at their source."""
    return store(db, db.engine, [Removed(r) for r in gone], now=now)["removed"]


def refs(db: Connection, *where: ColumnElement[bool]) -> list[ItemRef]:
    """Addresses of the items that fit."""
    return [_ref(r) for r in db.execute(select(items).where(*where))]


def load(
    db: Connection,
    where: ColumnElement[bool],
    link: ColumnElement[bool],
    *,
    limit: int | None = None,
    newest_first: bool = False,
) -> list[Loaded]:
    """Versions with their items, by time; `link` says which versions of an item are meant."""
    query = (
        select(
            items.c.id, items.c.seq, items.c.source, items.c.kind, items.c.native, items.c.thread,
            items.c.removed, items.c.current, versions.c.id.label("version_id"), versions.c.meta, texts.c.text,
        )
        .join(versions, link)
        .join(texts, texts.c.hash == versions.c.text)
        .where(where)
    )  # fmt: skip
    at = items.c.at.desc() if newest_first else items.c.at
    query = query.order_by(at, items.c.source, items.c.native, versions.c.n)
    if limit is not None:
        query = query.limit(limit)
    return [
        Loaded(
            r.id, r.seq, r.thread, r.removed is not None, r.version_id == r.current,
            replace(undump(r.meta, r.text), ref=_ref(r)),
        )
        for r in db.execute(query)
    ]  # fmt: skip


@cache
def _adapter() -> TypeAdapter[Item]:
    return TypeAdapter(Item)


def dump(item: Item) -> dict[str, Any]:
    """An item as plain JSON, without its text, and without its former address, which is no part of it."""
    made: dict[str, Any] = _adapter().dump_python(item, mode="json", exclude={"text", "was"})
    return made


def undump(meta: dict[str, Any], body: str) -> Item:
    """The item again."""
    return _adapter().validate_python({**meta, "text": body})


def chunks(values: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Slices that fit into one IN (...)."""
    for i in range(0, len(values), size):
        yield values[i : i + size]


def _entries(db: Connection, wanted: Sequence[ItemRef]) -> dict[ItemRef, _Entry]:
    by_source: dict[str, list[str]] = {}
    for ref in dict.fromkeys(wanted):
        by_source.setdefault(ref.source, []).append(ref.native)
    rows: dict[int, Any] = {}
    for source, natives in by_source.items():
        for part in chunks(natives):
            query = select(items).where(items.c.source == source, items.c.native.in_(part))
            rows |= {r.id: r for r in db.execute(query)}
    known: dict[int, dict[str, _Version]] = {i: {} for i in rows}
    for ids in chunks(list(rows)):
        for v in db.execute(select(versions).where(versions.c.item.in_(ids))):
            known[v.item][v.version] = _Version(v.id, v.n, v.version, v.hash, v.text, v.meta)
    made = {}
    for id_, row in rows.items():
        current = next((v for v in known[id_].values() if v.id == row.current), None)
        made[_ref(row)] = _Entry(id_, _ref(row), row.removed, known[id_], current)
    return made


def _ref(row: Any) -> ItemRef:
    return ItemRef(row.source, row.kind, row.native)


def _many(db: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    """Run one statement over rows of one or several shapes."""
    shapes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        shapes.setdefault(tuple(row), []).append(row)
    for shaped in shapes.values():
        db.execute(statement, shaped)
