"""Full-text search: which passages there are, of which version of what, and which hold which words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deskhand.index.chunk import Chunker
from deskhand.index.database import Database
from deskhand.index.filters import Filter
from deskhand.index.model import Archived, Chunk
from deskhand.index.taking import take

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands: the newest version holding it that a query allows."""

    chunk: int
    version: int
    item: int
    begins: int
    ref: str
    position: int


@dataclass(frozen=True, slots=True)
class Row:
    """A version as it is shown."""

    ref: str
    kind: str
    source: str
    title: str
    begins: int
    people: tuple[str, ...]
    version: str
    current: bool
    thread: str
    folder: str


class Words:
    """The passages of everything, over a `Database`. Also the index's memory of how far it has read."""

    def __init__(self, database: Database, chunker: Chunker) -> None:
        self._database = database
        self._chunker = chunker

    # -- what is written

    def mark(self) -> int:
        """The archive's `seq` up to which everything is here."""
        with self._database.read() as db:
            row = db.execute("SELECT value FROM facts WHERE name = 'mark'").fetchone()
        return int(row[0]) if row else 0

    def take(self, page: Sequence[Archived]) -> None:
        """Bring these items to what they are now and move the mark, all of it or nothing.

        A passage whose text is unchanged keeps its number, and with it its vector.
        """
        with self._database.write() as db:
            for entry in page:
                take(db, entry, self._chunker)
            if page:
                db.execute("INSERT OR REPLACE INTO facts VALUES ('mark', ?)", (str(page[-1].seq),))

    # -- what is read

    def rank(self, expression: str, among: Filter, n: int) -> list[tuple[int, float]]:
        """The `n` passages that fit an FTS5 expression best, with their score, best first."""
        found: list[tuple[int, float]] = []
        with self._database.read() as db:
            for table in ("words", "older_words") if among.past else ("words",):
                if among.narrow:
                    # The plus keeps SQLite from asking the full-text table once for every id.
                    sql = (
                        f"SELECT rowid, bm25({table}) AS score FROM {table} WHERE {table} MATCH ?"  # noqa: S608
                        f" AND +rowid IN ({_selection(among)}) ORDER BY score LIMIT ?"
                    )
                    rows = db.execute(sql, (expression, *among.values, n))
                else:
                    sql = f"SELECT rowid, rank FROM {table} WHERE {table} MATCH ? ORDER BY rank LIMIT ?"  # noqa: S608
                    rows = db.execute(sql, (expression, n))
                found += [(id, -score) for id, score in rows]
        if among.past:
            found = sorted(found, key=lambda pair: -pair[1])[:n]
        return found

    def select(self, among: Filter) -> NDArray[np.int64]:
        """Numbers of all passages a filter allows."""
        import numpy as np

        with self._database.read() as db:
            rows = db.execute(_selection(among), among.values).fetchall()
        return np.unique(np.fromiter((row[0] for row in rows), np.int64, len(rows)))

    def holding(self, expression: str, among: Filter) -> NDArray[np.int64]:
        """Numbers of all allowed passages that fit an FTS5 expression."""
        import numpy as np

        found: list[int] = []
        with self._database.read() as db:
            for table in ("words", "older_words") if among.past else ("words",):
                sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"  # noqa: S608
                if among.narrow:
                    sql += f" AND +rowid IN ({_selection(among)})"
                rows = db.execute(sql, (expression, *(among.values if among.narrow else ())))
                found += [row[0] for row in rows]
        return np.unique(np.asarray(found, np.int64))

    def places(self, chunks: Iterable[int], among: Filter) -> dict[int, Place]:
        """Where these passages stand, without those the filter does not allow."""
        sql = (
            "SELECT u.chunk, v.id, v.item, v.begins, v.ref, u.position, max(v.ordinal) FROM json_each(?) j"  # noqa: S608
            " CROSS JOIN uses u ON u.chunk = j.value CROSS JOIN versions v ON v.id = u.version"
            f" WHERE {among.sql} GROUP BY u.chunk"
        )
        with self._database.read() as db:
            rows = db.execute(sql, (json.dumps([int(c) for c in chunks]), *among.values)).fetchall()
        return {row[0]: Place(*row[:6]) for row in rows}

    def newest(self, among: Filter, n: int) -> list[Place]:
        """The first passages of the newest versions allowed, one an item."""
        sql = (
            "SELECT u.chunk, v.id, v.item, v.begins, v.ref, u.position FROM versions v"  # noqa: S608
            " JOIN uses u ON u.version = v.id AND u.position = 0"
            f" WHERE {among.sql} ORDER BY v.begins DESC, v.ref, v.ordinal DESC"
        )
        found: dict[int, Place] = {}
        with self._database.read() as db:
            for row in db.execute(sql, among.values):
                found.setdefault(row[2], Place(*row))
                if len(found) == n:
                    break
        return list(found.values())

    def rows(self, places: Sequence[Place]) -> list[tuple[Row, str] | None]:
        """Version and text of each place; None where a change has just taken it away."""
        sql = (
            "SELECT v.ref, v.kind, v.source, v.title, v.begins, v.people, v.version, v.current, v.thread,"
            " v.folder, c.text FROM versions v JOIN chunks c ON c.id = ? WHERE v.id = ? AND c.item = v.item"
        )
        found: list[tuple[Row, str] | None] = []
        with self._database.read() as db:
            for place in places:
                row = db.execute(sql, (place.chunk, place.version)).fetchone()
                found.append((_shown(row), str(row[10])) if row else None)
        return found

    def chunks(self, ids: Sequence[int]) -> list[tuple[int, Chunk, bool]]:
        """Passages by number, whether current; those that are gone are left out."""
        sql = "SELECT c.id, c.header, c.text, c.current FROM json_each(?) j JOIN chunks c ON c.id = j.value"
        with self._database.read() as db:
            rows = db.execute(sql, (json.dumps(list(ids)),)).fetchall()
        return [(id, Chunk(header, text), current == 1) for id, header, text, current in rows]

    def counts(self) -> dict[str, int]:
        """How many items, versions and passages there are."""
        with self._database.read() as db:
            return {
                "items": db.execute("SELECT count(DISTINCT item) FROM versions").fetchone()[0],
                "versions": db.execute("SELECT count(*) FROM versions").fetchone()[0],
                "passages": db.execute("SELECT count(*) FROM chunks").fetchone()[0],
            }

    def current(self) -> dict[int, tuple[str, str]]:
        """Address and version of each item, by its number in the archive."""
        with self._database.read() as db:
            rows = db.execute("SELECT item, ref, version FROM versions WHERE current = 1").fetchall()
        return {item: (ref, version) for item, ref, version in rows}

    def cut(self) -> list[str]:
        """Addresses of items too long to be searched to their end."""
        with self._database.read() as db:
            rows = db.execute("SELECT DISTINCT ref FROM versions WHERE cut AND current ORDER BY ref")
            return [row[0] for row in rows]


def _selection(among: Filter) -> str:
    return f"SELECT u.chunk FROM versions v CROSS JOIN uses u ON u.version = v.id WHERE {among.sql}"  # noqa: S608


def _shown(row: Sequence[Any]) -> Row:
    ref, kind, source, title, begins, people, version, current, thread, folder = row[:10]
    names = tuple(json.loads(people))
    return Row(ref, kind, source, title, begins, names, version, bool(current), thread, folder)
