"""What a page of changes makes of things: worked out in memory, change by change.

So it makes no difference where pages are cut, and only what differs from before has to be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, exists, select

from deskhand.connectors._archived import Tally
from deskhand.connectors._door import dump, reflagged
from deskhand.connectors._load import at
from deskhand.connectors.database import parts, take_numbers
from deskhand.connectors.model import Failed, Flagged, Item, ItemRef, Removed, Told
from deskhand.connectors.tables import counters, items, unsettled, versions


@dataclass(slots=True)
class Version:
    """One of a thing's versions."""

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
        """What its row should say."""
        return (self.at, self.hash, self.text, self.meta)


@dataclass(slots=True)
class Entry:
    """One thing while its page is being worked out."""

    ref: ItemRef
    id: int = 0
    """0: not stored yet."""
    removed: bool = False
    versions: list[Version] = field(default_factory=list)
    by_name: dict[str, list[Version]] = field(default_factory=dict)
    current: Version | None = None
    item: Item | None = None
    """The newest that the page says of it."""
    before: tuple[ItemRef, bool, Version | None] | None = None
    """Address, whether it was removed, current version; None: the page is the first to tell of it."""

    def add(self, version: Version) -> Version:
        """Have a version more."""
        self.versions.append(version)
        self.by_name.setdefault(version.version, []).append(version)
        return version

    def take(self, item: Item, meta: str, text: str) -> None:
        """Make this the current version.

        It is one that is known if name and time are the same, or if the name is that of the current one: then
        only what is said of it changed. A thing that comes back to an earlier state has a new version.
        """
        # In UTC, because a moment of a repeated hour in another zone equals nothing (PEP 495).
        at = item.at.astimezone(UTC)
        named = self.by_name.setdefault(item.version, [])
        found = next((v for v in named if v.at == at), None)
        if found is None and self.current in named:
            found = self.current
        if found is None:
            found = self.add(Version(len(self.versions) + 1, item.version, at))
        found.at, found.hash, found.text, found.meta = at, item.hash, text, meta
        self.item, self.current, self.removed = item, found, False

    def flag(self, flags: tuple[str, ...]) -> None:
        """Have other flags, where it is there."""
        if self.removed or self.current is None:
            return
        self.current.meta = reflagged(self.current.meta, flags)
        if self.item is not None:
            self.item = replace(self.item, flags=flags)

    @property
    def unstored(self) -> list[Version]:
        """Versions that are new, or say something new."""
        return [v for v in self.versions if v.says != v.stored]

    @property
    def touched(self) -> bool:
        """Whether it is not what it was."""
        return (self.ref, self.removed, self.current) != self.before or bool(self.unstored)


class Page:
    """Changes of one page, and the things they tell of."""

    def __init__(self, db: Connection, changes: Sequence[Told]) -> None:
        self.db, self.changes = db, changes
        self.entries = _known(db, changes)
        self.loose = _loose(db, changes)
        """Addresses told of since the newest cursor: where that was, nothing need have been there."""
        self.told: set[ItemRef] = set()
        self.aside: list[Entry] = []
        self.texts: dict[str, str] = {}
        self.failed: dict[ItemRef, Failed] = {}
        self.well: dict[ItemRef, None] = {}

    def work_out(self) -> None:
        """Take one change after the other."""
        for change in self.changes:
            if isinstance(change, Item):
                item, meta = dump(change)
                text = sha256(item.text.encode()).hexdigest()
                self.texts[text] = item.text
                self._entry(item).take(item, meta, text)
            elif isinstance(change, Removed) and (entry := self.entries.get(change.ref)) is not None:
                entry.removed = True
            elif isinstance(change, Flagged) and (entry := self.entries.get(change.ref)) is not None:
                entry.flag(change.flags)
            if isinstance(change, Failed):
                self.failed[change.ref] = change
                self.well.pop(change.ref, None)
            else:
                self._is_well(change.ref)
            self.told.add(change.ref)
            self.loose.add(change.ref)

    def tally(self) -> Tally:
        """What it did, in things: however often the page tells of one, it counts once."""
        added = changed = moved = removed = 0
        for entry in self.touched():
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

    def touched(self) -> list[Entry]:
        """The things that are not what they were."""
        return [e for e in (*self.entries.values(), *self.aside) if e.touched]

    def _is_well(self, ref: ItemRef) -> None:
        self.failed.pop(ref, None)
        self.well[ref] = None

    def _entry(self, item: Item) -> Entry:
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
            here = self.entries[item.ref] = Entry(item.ref)
        if item.was is not None and item.was not in self.entries:
            self._is_well(item.was)
        return here

    def _free(self, entry: Entry) -> ItemRef:
        self.number([entry] if not entry.id else [], "item")
        ref = replace(entry.ref, native=f"{entry.ref.native}~{entry.id}")
        while ref in self.entries or self.db.execute(select(exists().where(*at(ref)))).scalar():
            ref = replace(ref, native=f"{ref.native}~")
        return ref

    def number(self, without: Sequence[Entry | Version], counter: str) -> None:
        """Give those numbers that have none."""
        if without:
            first = take_numbers(self.db, counters, counter, len(without))
            for n, numbered in enumerate(without):
                numbered.id = first + n


def _known(db: Connection, changes: Sequence[Told]) -> dict[ItemRef, Entry]:
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
    made = {i: Entry(ItemRef(r.source, r.kind, r.native), i, r.removed is not None) for i, r in rows.items()}
    for ids in parts(rows):
        for v in db.execute(select(versions).where(versions.c.item.in_(ids)).order_by(versions.c.n)):
            entry = made[v.item]
            version = entry.add(Version(v.n, v.version, v.at, v.hash, v.text, v.meta, v.id))
            version.stored = version.says
            if v.id == rows[v.item].current:
                entry.current = version
    for entry in made.values():
        entry.before = (entry.ref, entry.removed, entry.current)
    return {entry.ref: entry for entry in made.values()}


def _loose(db: Connection, changes: Sequence[Told]) -> set[ItemRef]:
    """Those of the items that moved in a page whose new address is unsettled."""
    moved = {c.ref for c in changes if isinstance(c, Item) and c.was is not None}
    found: set[ItemRef] = set()
    for refs in parts(map(str, moved)):
        rows = db.execute(select(unsettled.c.ref).where(unsettled.c.ref.in_(refs))).scalars()
        found.update(map(ItemRef.parse, rows))
    return found
