"""Which content each message had that was read, so that one that turns up elsewhere is known again.

It lies on the disk beside the cursor, because a mailbox is long, and a message is asked for only once it is
gone. What it says is true for ever (RFC 3501 2.3.1.1: under one number lies one message), so it need not be
of the same moment as the cursor. Without it a message that was moved is told as gone, and as a new one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

_TABLE = """
create table if not exists read (
    place text not null, uid integer not null, digest text not null, primary key (place, uid)
) without rowid;
create index if not exists by_digest on read (digest);
"""


class Contents:
    """The first digits of the SHA-256 of messages, by `folder/UIDVALIDITY` and UID. For one pass."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._db: sqlite3.Connection | None = None
        self._new: list[tuple[str, int, str]] = []
        self._old: list[tuple[str, int]] = []

    def put(self, place: str, uid: int, digest: str) -> None:
        """A message was read; it is noted by the next `keep`."""
        self._new.append((place, uid, digest))
        if len(self._new) >= 10_000:
            self.keep()

    def drop(self, place: str, uid: int) -> None:
        """A message was told as gone, or as moved; it is forgotten by the next `forget`."""
        self._old.append((place, uid))

    def keep(self) -> None:
        """Note what was read. Before the cursor that says so."""
        if self._new:
            self._do("insert or replace into read values (?, ?, ?)", self._new)
            self._new = []

    def forget(self) -> None:
        """Forget what is gone. After the cursor that says so: a pass that is cut off tells it again."""
        if self._old:
            self._do("delete from read where place = ? and uid = ?", self._old)
            self._old = []

    def keep_only(self, places: Collection[str]) -> None:
        """Forget all that lay elsewhere."""
        there = self._asked("select place, count(*) from read group by place", ())
        self._do("delete from read where place = ?", [(p,) for p, _ in there if p not in places])

    def alike(self, digest: str) -> Iterator[tuple[str, int]]:
        """Where messages lay that had this content."""
        yield from self._asked("select place, uid from read where digest = ? order by place, uid", (digest,))

    def close(self) -> None:
        """Let go of the file."""
        database, self._db = self._db, None
        if database is not None:
            with suppress(sqlite3.Error):
                database.close()

    # A file that cannot be used is one that knows nothing.

    def _do(self, statement: str, rows: Collection[tuple[object, ...]]) -> None:
        with suppress(sqlite3.Error):
            database = self._opened()
            with database:
                database.executemany(statement, rows)

    def _asked(self, query: str, given: tuple[object, ...]) -> Iterator[tuple[str, int]]:
        with suppress(sqlite3.Error):
            yield from self._opened().execute(query, given)

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            try:
                self._db = _open(self._place)
            except sqlite3.DatabaseError:
                with suppress(OSError):
                    self._place.unlink()
                self._db = _open(self._place)
        return self._db


def _open(place: Path) -> sqlite3.Connection:
    # A pass that nobody waits for any more is put away by whichever thread comes along.
    database = sqlite3.connect(place, check_same_thread=False)
    try:
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = normal")
        database.execute("pragma cache_size = -500")
        database.executescript(_TABLE)
    except BaseException:
        database.close()
        raise
    return database
