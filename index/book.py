"""What is known about vectors: of which embedder they are, which are missing, what the store must follow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

from deskhand.index.database import Database
from deskhand.index.embed import Embedder


@dataclass(frozen=True, slots=True)
class Space:
    """Vectors that can be compared with each other: of one embedder at one revision."""

    name: str
    revision: str
    dimensions: int

    @classmethod
    def of(cls, embedder: Embedder) -> Space:
        return cls(embedder.name, embedder.revision, embedder.dimensions)

    @property
    def collection(self) -> str:
        """What its collection and its file are called."""
        told = json.dumps([self.name, self.revision, self.dimensions]).encode()
        return f"passages-{sha256(told).hexdigest()[:16]}"


class Book:
    """Kept in words.db, so that it changes in one transaction with the passages it is about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def space(self, which: str) -> Space | None:
        """`serving`: the vectors that searches use. `filling`: those that replace them when complete."""
        with self._database.read() as db:
            row = db.execute("SELECT value FROM facts WHERE name = ?", (which,)).fetchone()
        return Space(**json.loads(row[0])) if row else None

    def set_spaces(
        self, *, serving: Space | None, filling: Space | None, waiting: Iterable[int] | None
    ) -> None:
        """Name both, and, unless None, the passages that wait for a vector in the one to be filled.

        What is no longer named is on its way out (`leaving`) until it is `left`.
        """
        with self._database.write() as db:
            named = {s for s in (self.space("serving"), self.space("filling")) if s is not None}
            out = {*self.leaving(), *named} - {serving, filling}
            for name, space in (("serving", serving), ("filling", filling)):
                self._set(name, asdict(space) if space else None)
            self._set("leaving", [asdict(s) for s in out if s])
            if waiting is not None:
                db.execute("DELETE FROM waiting")
                self.wait(waiting)

    def leaving(self) -> list[Space]:
        """Spaces whose file and collection are to be deleted."""
        with self._database.read() as db:
            row = db.execute("SELECT value FROM facts WHERE name = 'leaving'").fetchone()
        return [Space(**given) for given in json.loads(row[0])] if row else []

    def left(self, space: Space) -> None:
        """Nothing is left of it on the disk."""
        with self._database.write():
            self._set("leaving", [asdict(s) for s in self.leaving() if s != space])

    def _set(self, name: str, value: object) -> None:
        with self._database.write() as db:
            if value is None:
                db.execute("DELETE FROM facts WHERE name = ?", (name,))
            else:
                db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))

    def wait(self, chunks: Iterable[int]) -> None:
        """These need a vector (again)."""
        with self._database.write() as db:
            db.executemany(
                "INSERT OR IGNORE INTO waiting SELECT id FROM chunks WHERE id = ?", ((c,) for c in chunks)
            )

    def waiting(self, limit: int | None = None) -> list[int]:
        """Passages without a vector: of current versions first, newest first."""
        sql = (
            "SELECT w.chunk FROM waiting w JOIN chunks c ON c.id = w.chunk"
            " ORDER BY c.current DESC, c.begins DESC, c.id LIMIT ?"
        )
        with self._database.read() as db:
            return [row[0] for row in db.execute(sql, (-1 if limit is None else limit,))]

    def pending(self) -> int:
        """How many passages have no vector."""
        with self._database.read() as db:
            return int(db.execute("SELECT count(*) FROM waiting").fetchone()[0])

    def arrived(self, chunks: Sequence[int]) -> None:
        """These have their vectors, in the file and in the store."""
        with self._database.write() as db:
            db.executemany("DELETE FROM waiting WHERE chunk = ?", ((c,) for c in chunks))

    def every(self, *, stored: bool = False) -> list[int]:
        """All passages; or only those that belong into the store: current ones with a vector."""
        sql = "SELECT id FROM chunks"
        if stored:
            sql += " WHERE current = 1 AND id NOT IN (SELECT chunk FROM waiting)"
        with self._database.read() as db:
            return [row[0] for row in db.execute(sql + " ORDER BY id")]

    def highest(self) -> int:
        """The highest number of a passage that should have a vector, -1 where none should."""
        sql = (
            "SELECT id FROM chunks c WHERE NOT EXISTS (SELECT 1 FROM waiting w WHERE w.chunk = c.id)"
            " ORDER BY id DESC LIMIT 1"
        )
        with self._database.read() as db:
            row = db.execute(sql).fetchone()
        return int(row[0]) if row else -1

    def todo(self) -> tuple[int, dict[int, str]]:
        """What the store has to follow: a number to give back to `followed`, and for each passage
        `gone`, `in` (belongs into the store) or `out`."""
        sql = (
            "SELECT t.chunk, c.id IS NULL, c.current = 1 AND w.chunk IS NULL FROM todo t"
            " LEFT JOIN chunks c ON c.id = t.chunk LEFT JOIN waiting w ON w.chunk = t.chunk WHERE t.n <= ?"
        )
        with self._database.write() as db:
            last = db.execute("SELECT coalesce(max(n), 0) FROM todo").fetchone()[0]
            rows = db.execute(sql, (last,)).fetchall()
        return last, {id: "gone" if gone else "in" if into else "out" for id, gone, into in rows}

    def followed(self, last: int, gone: Iterable[int]) -> None:
        """The store has followed up to here; the numbers of these passages may be given out again."""
        with self._database.write() as db:
            db.execute("DELETE FROM todo WHERE n <= ?", (last,))
            db.executemany(
                "INSERT OR IGNORE INTO free SELECT ? WHERE NOT EXISTS (SELECT 1 FROM chunks WHERE id = ?)",
                ((id, id) for id in gone),
            )
