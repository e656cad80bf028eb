"""words.db: opened or made anew, one writer at a time, a reader for whoever asks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from threading import RLock

from deskhand.index.chunk import SCHEME
from deskhand.index.model import Damaged
from deskhand.index.tables import LAYOUT, SCHEMA

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_VERSION = LAYOUT * 1000 + SCHEME
_REMEDY = "The search index is damaged and has to be made again from the archive (deskhand doctor --rebuild)"


class Database:
    """A SQLite file in WAL mode. Readers see the last committed state and never wait for the writer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._writer = self._connect()

    @classmethod
    def is_usable(cls, path: Path) -> bool:
        """Whether the file is there, whole as far as its first page tells, and of today's layout."""
        if not path.exists():
            return False
        try:
            db = sqlite3.connect(path, isolation_level=None)
            try:
                (version,) = db.execute("PRAGMA user_version").fetchone()
                db.execute("SELECT count(*) FROM facts").fetchone()
                return bool(version == _VERSION)
            finally:
                db.close()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN):
                raise
            return False

    @classmethod
    def create(cls, path: Path) -> None:
        """Make an empty one in place of whatever is there."""
        for name in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))):
            name.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            # The layout's number comes last: a file without it was not finished.
            db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
        finally:
            db.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it or nothing. May be nested; the outermost one counts."""
        with self._lock, _as_damage():
            if self._writer.in_transaction:
                yield self._writer
                return
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for a moment; no two threads have the same one."""
        try:
            db = self._idle.get_nowait()
        except Empty:
            db = self._connect()
        try:
            with _as_damage():
                yield db
        finally:
            self._idle.put(db)

    def problems(self) -> list[str]:
        """What SQLite finds wrong with the file, in its words; reads all of it."""
        try:
            with self.write() as db:
                found = [str(row[0]) for row in db.execute("PRAGMA quick_check(3)")]
                for table in ("words", "older_words"):
                    db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608
        except Damaged as error:
            return [str(error)]
        return [f"words.db: {line}" for line in found if line != "ok"]

    def pack(self) -> None:
        """Leave nothing in the file of what was deleted, nor of people who are in nothing any more."""
        with self.write() as db:
            db.execute("DELETE FROM persons WHERE id NOT IN (SELECT person FROM parts)")
            for table in ("words", "older_words"):
                db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608
        with self._lock, _as_damage():
            self._writer.execute("VACUUM")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def close(self) -> None:
        with self._lock:
            while True:
                try:
                    self._idle.get_nowait().close()
                except Empty:
                    break
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        # Handed from thread to thread, but used by one at a time.
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        # What a power cut takes from a cache is read again from the archive; its order stays whole.
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA cache_size = -32000")
        return db


@contextmanager
def _as_damage() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN:
            raise Damaged(f"{_REMEDY}: {error}.") from error
        raise
