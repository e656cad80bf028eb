"""Full-text search: which passages there are, of which version of what, and which hold which words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deskhand.index.chunk import Chunker
from deskhand.index.database import Database
from deskhand.index.filters import Filter
from deskhand.index.model import Archived, Chunk
from deskhand.index.taking import take
from deskhand.index.terms import Terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_WORTH_PICKING = 1000
_ENOUGH = 2000


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


@dataclass(frozen=True, slots=True)
class Picked:
    """Passages that are written down one by one."""

    told: str
    """As JSON, the way SQLite takes them."""
    ids: NDArray[np.int64]


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

    def pick(self, among: Filter) -> Picked | None:
        """All passages a filter allows, or None where they are more than an eighth of everything.

        Then it is faster to ask everything and to look at the answers than to write them all down.
        """
        import numpy as np

        few = f"SELECT count(*) FROM (SELECT 1 FROM versions v WHERE {among.sql} LIMIT ?)"  # noqa: S608
        all_of = "SELECT DISTINCT" if among.past else "SELECT"
        sql = (
            f"SELECT json_group_array(chunk) FROM ({all_of} u.chunk AS chunk FROM versions v"  # noqa: S608
            f" CROSS JOIN uses u ON u.version = v.id WHERE {among.sql})"
        )
        with self._database.read() as db:
            most = max(_WORTH_PICKING, (db.execute("SELECT max(id) FROM versions").fetchone()[0] or 0) // 8)
            if db.execute(few, (*among.values, most + 1)).fetchone()[0] > most:
                return None
            (told,) = db.execute(sql, among.values).fetchone()
        return Picked(told, np.asarray(json.loads(told), np.int64))

    def rank(self, asked: Terms, among: Filter, picked: Picked | None, n: int) -> list[tuple[int, float]]:
        """The `n` passages that fit a question best, with their score, best first.

        Only of those picked; where none were, it may be any that a version holds which takes part.
        """
        found: list[tuple[int, float]] = []
        with self._database.read() as db:
            for table in ("words", "older_words") if among.past else ("words",):
                if picked is None:
                    sql = f"SELECT rowid, rank FROM {table} WHERE {table} MATCH ? ORDER BY rank LIMIT ?"  # noqa: S608
                    rows = db.execute(sql, (asked.expression(_telling(db, table, asked, n)), n))
                else:
                    # The plus keeps SQLite from asking the full-text table once for every id.
                    sql = (
                        f"SELECT rowid, bm25({table}) AS score FROM {table} WHERE {table} MATCH ?"  # noqa: S608
                        " AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY score LIMIT ?"
                    )
                    rows = db.execute(sql, (asked.expression(), picked.told, n))
                found += [(id, -score) for id, score in rows]
        if among.past:
            found = sorted(found, key=lambda pair: -pair[1])[:n]
        return found

    def holding(self, asked: Terms, among: Filter, picked: Picked | None) -> Picked:
        """The passages, of those picked or of all, in which all quoted words of a question stand."""
        import numpy as np

        found: list[int] = []
        with self._database.read() as db:
            for table in ("words", "older_words") if among.past else ("words",):
                sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"  # noqa: S608
                found += [row[0] for row in db.execute(sql, (asked.needed,))]
        ids = np.asarray(found, np.int64)
        if picked is not None:
            ids = ids[np.isin(ids, picked.ids)]
        return Picked(json.dumps(ids.tolist()), ids)

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


def _telling(db: sqlite3.Connection, table: str, asked: Terms, n: int) -> list[str]:
    """The rarest words of a question that are enough for an answer; [] where all should be looked for.

    Scoring is what takes time, some microseconds a passage. A passage that has only the words that
    stand in every third one is not among the best, so those words count but do not find.
    """
    if asked.required or len(asked.words) < 2:
        return []
    sql = f"SELECT count(*) FROM {table} WHERE {table} MATCH ?"  # noqa: S608
    found = 0
    telling: list[str] = []
    for count, word in sorted((db.execute(sql, (word,)).fetchone()[0], word) for word in asked.words):
        if found >= max(_ENOUGH, 4 * n):
            return telling
        found += count
        telling.append(word)
    return []


def _shown(row: Sequence[Any]) -> Row:
    ref, kind, source, title, begins, people, version, current, thread, folder = row[:10]
    names = tuple(json.loads(people))
    return Row(ref, kind, source, title, begins, names, version, bool(current), thread, folder)
