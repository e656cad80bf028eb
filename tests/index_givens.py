"""Archives and items as the tests of the index need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from deskhand.connectors.model import Item, ItemRef, Kind, Participant
from deskhand.index.embed import Embedder
from deskhand.index.hashed import Hashed
from deskhand.index.index import Index
from deskhand.index.model import Archived
from deskhand.index.store import MemoryStore, Store

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ANA = Participant("from", "ana@example.org", "Ana Müller")
BO = Participant("to", "bo@example.org", "Bo Test")


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    seq: int
    item: Item
    thread: str = ""
    removed: bool = False
    older: tuple[Item, ...] = ()


class Shelf:
    """An archive in memory, as far as the index looks at one."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.seq = 0

    def put(self, item: Item, *, number: int | None = None, thread: str = "") -> int:
        """Archive an item; the next version of it where the number is known."""
        number = number or len(self.entries) + 1
        before = self.entries.get(number)
        older: tuple[Item, ...] = ()
        if before is not None:
            older = before.older
            if before.item.version != item.version:
                older = (*older, before.item)
        self.seq += 1
        self.entries[number] = Entry(
            number, self.seq, item, thread or (before.thread if before else ""), False, older
        )
        return number

    def remove(self, number: int) -> None:
        self.seq += 1
        self.entries[number] = replace(self.entries[number], seq=self.seq, removed=True)

    def changed_since(self, seq: int, *, limit: int = 500) -> Sequence[Archived]:
        changed = sorted((e for e in self.entries.values() if e.seq > seq), key=lambda e: e.seq)
        return changed[:limit]

    def last_seq(self) -> int:
        return self.seq


def item(
    native: str,
    text: str,
    *,
    kind: Kind = "document",
    source: str = "files",
    title: str = "",
    at: datetime = NOW,
    version: str = "",
    **more: Any,
) -> Item:
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()
    return Item(
        ItemRef(source, kind, native), version or digest[:12], title or native, text, at, digest, **more
    )


def days(n: float) -> timedelta:
    return timedelta(days=n)


def make_shelf(count: int) -> Shelf:
    """So many small documents, the first the newest."""
    shelf = Shelf()
    for i in range(count):
        shelf.put(item(f"{i}", f"a text about topic{i}", at=NOW - days(i)))
    return shelf


def in_memory(folder: Path, name: str, dimensions: int) -> Store:
    return MemoryStore(dimensions)


class Home:
    """A folder, and the indexes that were opened in it; closed with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: list[Index] = []

    def __enter__(self) -> Home:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def opened(self, embedder: Embedder | None = None, **more: Any) -> Index:
        """An index with nothing heavy in it."""
        twin = embedder or Hashed()
        index = Index.open(self.folder, **{"embedder": lambda: twin, "store": in_memory, **more})
        self._open.append(index)
        return index

    def filled(self, shelf: Shelf, **more: Any) -> Index:
        """The same, with everything of an archive read and embedded."""
        index = self.opened(**more)
        index.read(shelf)
        index.embed()
        return index

    def close(self) -> None:
        for index in self._open:
            index.close()
        self._open.clear()
