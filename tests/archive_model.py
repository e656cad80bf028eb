"""The archive as one would write it without a database: what the real one is compared with."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from deskhand.connectors.archive import Archive, Archived
from deskhand.connectors.model import Change, Cursor, Failed, Flagged, Item, ItemRef, Removed


@dataclass
class Thing:
    ref: ItemRef
    versions: list[Item] = field(default_factory=list)
    current: int = -1
    removed: bool = False
    aside: bool = False
    """Something else has its address now."""

    def take(self, item: Item) -> None:
        for n, known in enumerate(self.versions):
            if (known.version, known.at) == (item.version, item.at):
                self.current = n
                break
        else:
            if self.current < 0 or self.versions[self.current].version != item.version:
                self.versions.append(item)
                self.current = len(self.versions) - 1
        self.versions[self.current] = item
        self.removed = False

    def told(self) -> tuple[ItemRef, bool, tuple[Item, ...]]:
        """As `Archived` tells of it: the current version last, equal bytes in a row once."""
        rest = [v for n, v in enumerate(self.versions) if n != self.current]
        ordered = [*rest, self.versions[self.current]]
        kept = [
            v
            for v, after in zip(ordered, [*ordered[1:], None], strict=True)
            if not after or v.hash != after.hash
        ]
        return (self.ref, self.removed, tuple(_counted(replace(v, ref=self.ref)) for v in kept))


class Model:
    """Change by change, in the order they come."""

    def __init__(self) -> None:
        self.things: dict[ItemRef, Thing] = {}
        self.aside: list[Thing] = []
        self.failures: dict[ItemRef, str] = {}
        self.cursor: str | None = None
        self.loose: set[ItemRef] = set()
        """What was told of after the newest cursor."""

    def apply(self, page: Sequence[Change]) -> list[Thing]:
        """Take a page; the things that are not what they were."""
        before = copy.deepcopy({id(t): t for t in self.all()})
        self._told: set[ItemRef] = set()
        for change in page:
            self._one(change)
            if isinstance(change, Cursor):
                self.loose -= self._told
            else:
                self._told.add(change.ref)
                self.loose |= self._told
        return [t for t in self.all() if before.get(id(t)) != t]

    def all(self) -> list[Thing]:
        return [*self.things.values(), *self.aside]

    def _one(self, change: Change) -> None:
        if isinstance(change, Cursor):
            self.cursor = change.value
        elif isinstance(change, Failed):
            self.failures[change.ref] = change.reason
        elif isinstance(change, Removed):
            self.failures.pop(change.ref, None)
            if change.ref in self.things:
                self.things[change.ref].removed = True
        elif isinstance(change, Flagged):
            self.failures.pop(change.ref, None)
            if (thing := self.things.get(change.ref)) is not None and not thing.removed:
                flagged = replace(thing.versions[thing.current], flags=change.flags)
                thing.versions[thing.current] = flagged
        else:
            self._item(change)

    def _item(self, item: Item) -> None:
        self.failures.pop(item.ref, None)
        here = self.things.get(item.ref)
        was = self.things.get(item.was) if item.was and item.was != item.ref else None
        if was and (here is None or here.removed or here.ref in self.loose):
            self._told.add(was.ref)
            if here is not None:
                here.aside = here.removed = True
                self.aside.append(here)
            del self.things[was.ref]
            was.ref = item.ref
            here = self.things[item.ref] = was
        elif here is None:
            here = self.things[item.ref] = Thing(item.ref)
        if item.was is not None and item.was not in self.things:
            self.failures.pop(item.was, None)
        here.take(replace(item, was=None))


def everything(archive: Archive, after: int = 0, *, page: int = 7) -> list[Archived]:
    """All that changed after a seq, read in small pages."""
    found: list[Archived] = []
    while some := archive.changed_since(found[-1].seq if found else after, limit=page):
        found += some
    return found


Told = tuple[ItemRef, bool, tuple[Item, ...]]


def told(entries: Sequence[Archived]) -> Counter[Told]:
    """What the archive tells of things; one that was set aside under the address it once had."""
    return Counter(
        (_plain(e.item.ref), e.removed, tuple(map(_at_plain, (*e.older, e.item)))) for e in entries
    )


def _counted(item: Item) -> Item:
    """Without its data, which cannot be counted and is compared elsewhere."""
    return replace(item, data=())  # type: ignore[arg-type]


def _plain(ref: ItemRef) -> ItemRef:
    return replace(ref, native=re.sub(r"~\d+~*$", "", ref.native))


def _at_plain(item: Item) -> Item:
    return _counted(replace(item, ref=_plain(item.ref)))


def agree(archive: Archive, model: Model, source: str) -> None:
    """Assert that both say the same of everything that can be asked."""
    entries = everything(archive)
    assert told(entries) == Counter(t.told() for t in model.all())
    assert len({e.id for e in entries}) == len(entries)
    there = {t.ref: t.versions[t.current] for t in model.things.values() if not t.removed}
    assert {i.ref: i for i in archive.find()} == there
    for thing in model.things.values():
        for version in {v.version for v in thing.versions}:
            newest = [v for v in thing.versions if v.version == version][-1]
            assert archive.item(thing.ref, version) == replace(newest, ref=thing.ref)
    assert {f.ref: f.reason for f in archive.failures(source)} == model.failures
    cursor = archive.cursor(source)
    assert (cursor.value if cursor else None) == model.cursor
    counts = archive.counts()
    assert counts["items"] == len(model.all())
    assert counts["versions"] == sum(len(t.versions) for t in model.all())
    texts = {v.text for t in model.all() for v in t.versions}
    assert counts["texts"] >= len(texts)
    state = next(s for s in archive.sources() if s.alias == source)
    assert (state.items, state.failures) == (len(there), len(model.failures))
    assert archive.check() == []
