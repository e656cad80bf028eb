"""Opens a database for the tables of one room: SQLite by a path, PostgreSQL by a URL.

Every room that keeps tables (the archive here, the runs of the agent) names its migrations folder
and the revision it was written for; a database that is behind is brought forward, one that is ahead
is refused. All later work goes through `reading` and `writing`.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    Dialect,
    Engine,
    Insert,
    RootTransaction,
    Table,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InternalError, OperationalError
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WRITES = "deskhand_writes"
_ONE_WRITER = 0x6465736B  # "desk": the key of the PostgreSQL advisory lock that writers hold
_MOST_IN = 500
_MIGRATING = Lock()
"""Alembic keeps the migration it is at in module globals."""


T = TypeVar("T")


class StorageError(Exception):
    """The database cannot be used; the message says where it lies and what to do."""


class DamagedStorage(StorageError):
    """The file holds no database any more: nothing that happens around it mends that."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC; read back in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        try:
            return None if value is None else _EPOCH + timedelta(microseconds=value)
        except (TypeError, OverflowError):
            raise StorageError(
                f"A time in the database cannot be read ({str(value)[:40]!r}): it was changed past Deskhand. "
                "Put a backup of the database back"
            ) from None


def open_database(place: Path | str, *, migrations: str, version_table: str, head: str) -> Engine:
    """An engine on a database at the revision `head`, migrated if it was behind.

    :param place: a file's path (SQLite), or a database URL.
    :param migrations: package that holds the room's alembic scripts.
    :raises StorageError: not a database, not writable, or written by a newer Deskhand.
    """
    engine = _engine(place)
    try:
        with _told(engine):
            if _revision(engine, version_table) != head:
                _upgrade(engine, migrations, version_table, head)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One unchanging view of the database for any number of queries. :raises StorageError: as `writing`."""
    with _told(engine), engine.connect() as db:
        if db.dialect.name == "postgresql":
            db = db.execution_options(isolation_level="REPEATABLE READ")
        yield db


@contextmanager
def writing(engine: Engine, *, lasting: bool = True) -> Iterator[Connection]:
    """A transaction, all or nothing. It waits for other writers before it reads: it never acts on stale rows.

    :param lasting: on the disk when it ends. Without that a power cut may take the last ones back, which no
        end of a process does; it costs a tenth.
    :raises StorageError: the disk is full, or the database is damaged or out of reach; nothing was written.
    """
    with _told(engine), engine.connect() as db, _synced(db, lasting), _begun_to_write(db):
        if db.dialect.name == "postgresql":
            db.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_WRITER})"))
        yield db


def _begun_to_write(db: Connection) -> RootTransaction:
    if db.dialect.name == "sqlite":
        db.connection.info[_WRITES] = True
    return db.begin()


@contextmanager
def _synced(db: Connection, lasting: bool) -> Iterator[None]:
    """Whether the disk is waited for. SQLite changes it between transactions only, and by connection."""
    if lasting or db.dialect.name != "sqlite":
        yield
        return
    connection: Any = db.connection.dbapi_connection
    connection.execute("PRAGMA synchronous=NORMAL").close()
    try:
        yield
    finally:
        connection.execute("PRAGMA synchronous=FULL").close()


def pack(engine: Engine) -> None:
    """Make the file anew without what was deleted from it; nothing is done where there is no file.

    :raises StorageError: there is no room for it, or others use it; nothing is lost.
    """
    if engine.dialect.name != "sqlite":
        return
    with _told(engine), engine.connect() as db:
        connection: Any = db.connection.dbapi_connection
        # What was deleted stands in the log of writes too, until that is cut.
        for sql in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            try:
                connection.execute(sql).close()
            except sqlite3.DatabaseError as error:
                raise OperationalError(sql, None, error) from error


def is_full(error: BaseException) -> bool:
    """Whether an error, of ours or of a database, says that the disk has no room left."""
    cause = _cause(error)
    said = str(cause).lower()
    full = getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL"
    return full or "disk is full" in said or "no space left" in said


def the_disks(place: str, error: DatabaseError | sqlite3.DatabaseError) -> str:
    """What is said of an error that tells of the disk or of who may use it, and not of what lies there; "" of
    any other. `place`: what could not be written."""
    code = getattr(_cause(error), "sqlite_errorname", "")
    kinds = ("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_BUSY")
    return _why(place, error) if is_full(error) or code.startswith(kinds) else ""


def insert_new(on: Engine | Connection, table: Table) -> Insert:
    """An INSERT that leaves rows alone whose key is there already."""
    made: Insert = _insert(on.dialect.name, table).on_conflict_do_nothing()
    return made


def upsert(on: Engine | Connection, table: Table) -> Insert:
    """An INSERT that overwrites every column but the key where the key is there already."""
    keys = [c.name for c in table.primary_key]
    made = _insert(on.dialect.name, table)
    rest = {c.name: made.excluded[c.name] for c in table.columns if c.name not in keys}
    over: Insert = made.on_conflict_do_update(index_elements=keys, set_=rest)
    return over


def add_to(on: Engine | Connection, table: Table, column: str) -> Insert:
    """An INSERT that adds to a number where the key is there already, and leaves the rest."""
    return _adding(on.dialect.name, table, column)


@cache
def _adding(dialect: str, table: Table, column: str) -> Insert:
    keys = [c.name for c in table.primary_key]
    made = _insert(dialect, table)
    more = {column: table.c[column] + made.excluded[column]}
    sums: Insert = made.on_conflict_do_update(index_elements=keys, set_=more)
    return sums


def take_numbers(db: Connection, counters: Table, name: str, count: int) -> int:
    """Reserve `count` numbers of a named counter (a table of name and value); return the first."""
    taken = {"name": name, "value": count}
    last: int = db.execute(_taking(db.dialect.name, counters), taken).scalar_one()
    return last - count + 1


@cache
def _taking(dialect: str, counters: Table) -> Any:
    made = _insert(dialect, counters)
    more = made.on_conflict_do_update(
        index_elements=["name"], set_={"value": counters.c.value + made.excluded.value}
    )
    return more.returning(counters.c.value)


def many(db: Connection, statement: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Run one statement over rows of one or several shapes; over none, not at all."""
    shapes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        shapes.setdefault(tuple(row), []).append(row)
    for shaped in shapes.values():
        db.execute(statement, shaped)


def parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Slices that fit into one IN (...)."""
    listed = list(values)
    for i in range(0, len(listed), _MOST_IN):
        yield listed[i : i + _MOST_IN]


def _insert(dialect: str, table: Table) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT; the two spell it alike."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def _engine(place: Path | str) -> Engine:
    if isinstance(place, Path) or "://" not in place:
        url = URL.create("sqlite", database=str(place))
    else:
        url = _url(place)
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise StorageError(
            f"{_shown(url)}: PostgreSQL needs the extra package: pip install 'deskhand[postgresql]'."
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
        # Not by the event of that name: where an engine has one, events are looked for at every statement.
        engine.dialect.do_begin = _sqlite_begin  # type: ignore[method-assign,assignment]
    return engine


def _url(place: str) -> URL:
    try:
        url = make_url(place)
    except (ArgumentError, ValueError) as error:
        raise StorageError(f"This is no database URL: {error}.") from error
    name = url.get_backend_name()
    if name in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if name != "sqlite":
        raise StorageError(f"{_shown(url)}: the database must be SQLite or PostgreSQL, not {name}.")
    return url


def _shown(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return url.database or "a database in memory"
    # Not what follows the "?": a password may stand there too.
    return url.set(query={}).render_as_string(hide_password=True)


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    # Python's sqlite3 would open transactions by itself, and late; _sqlite_begin does it instead.
    connection.isolation_level = None
    # FULL: the ledger's row must be on the disk before an effect is tried, whatever happens to the power.
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _sqlite_begin(connection: Any) -> None:
    # A reader that turns into a writer is refused at once where another wrote in between, so a writer says
    # so from the start, and waits.
    connection.execute("BEGIN IMMEDIATE" if connection.info.pop(_WRITES, False) else "BEGIN").close()


def _revision(engine: Engine, version_table: str) -> str | None:
    """The revision a database is at. Asked before alembic is, whose import costs every start 0.2 s."""
    if not inspect(engine).has_table(version_table):
        return None
    with engine.connect() as connection:
        return connection.execute(text(f"SELECT version_num FROM {version_table}")).scalar()  # noqa: S608


def _upgrade(engine: Engine, migrations: str, version_table: str, head: str) -> None:
    from importlib.resources import as_file, files

    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    # Who has to wait here finds the work done: alembic reads the revision inside the transaction.
    with _MIGRATING, as_file(files(migrations)) as folder, writing(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)

        def steps(revision: Any, context: MigrationContext) -> Any:
            try:
                return scripts._upgrade_revs(head, revision)
            except CommandError:
                found = ", ".join(revision)
                raise StorageError(
                    f"{_shown(engine.url)} was written by a newer Deskhand (revision {found});"
                    " update Deskhand to use it."
                ) from None

        environment = EnvironmentContext(config, scripts, fn=steps, destination_rev=head)
        with environment:
            environment.configure(connection=connection, version_table=version_table)
            environment.run_migrations()


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Make a sentence of what the database says of its disk or itself; our own mistakes stay as they are."""
    try:
        yield
    except DatabaseError as error:
        if type(error) not in (DatabaseError, OperationalError, InternalError):
            raise
        kind = DamagedStorage if _is_damaged(error) else StorageError
        raise kind(_why(_shown(engine.url), error)) from error


def _is_damaged(error: DatabaseError | sqlite3.DatabaseError) -> bool:
    low = str(_cause(error)).lower()
    return "not a database" in low or "malformed" in low


def _is_crowded(place: str) -> bool:
    """Whether the disk that a file lies on has no room to speak of."""
    try:
        return shutil.disk_usage(Path(place).parent).free < _CROWDED
    except OSError:
        return False


_CROWDED = 1_000_000
"""Bytes. SQLite wants some beside the file, also to read, and says no more than "I/O error" without them."""


def _cause(error: BaseException) -> BaseException:
    """What the database itself said."""
    return getattr(error, "orig", None) or error


def _why(place: str, error: DatabaseError | sqlite3.DatabaseError) -> str:
    said = str(_cause(error)).strip().partition("\n")[0].rstrip(".")
    code = getattr(_cause(error), "sqlite_errorname", "")
    broken = code.startswith("SQLITE_IOERR")
    if is_full(error) or (broken and _is_crowded(place)):
        return f"{place}: the disk is full. Free some space and run the command again; nothing was lost."
    if broken:
        return f"{place}: the disk is full or failing ({said}). What was stored before is not lost."
    if _is_damaged(error):
        return f"{place} is damaged or is no database ({said}). Run: deskhand doctor"
    if code.startswith("SQLITE_CANTOPEN"):
        return f"{place} cannot be opened ({said}): is its folder there, and may you write in it?"
    if code.startswith("SQLITE_READONLY"):
        return f"{place} cannot be written: you may only read it or its folder."
    if code.startswith("SQLITE_BUSY"):
        return f"{place} is kept busy by another program; try again when it has finished."
    return f"{place} cannot be used: {said}."
