"""Opens a database for the tables of one room: SQLite by a path, PostgreSQL by a URL.

Every room that keeps tables (the archive here, the runs of the agent) names its migrations folder
and the revision it was written for; a database that is behind is brought forward, one that is ahead
is refused.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    Engine,
    Insert,
    Table,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StorageError(Exception):
    """The database cannot be used; the message says where it lies and what to do."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC; read back in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


def open_database(place: Path | str, *, migrations: str, version_table: str, head: str) -> Engine:
    """An engine on a database at the revision `head`, migrated if it was behind.

    :param place: a file's path (SQLite), or a database URL.
    :param migrations: package that holds the room's alembic scripts.
    :raises StorageError: not a database, not writable, or written by a newer Deskhand.
    """
    url = place if isinstance(place, str) else f"sqlite:///{place}"
    shown = make_url(url).render_as_string(hide_password=True) if isinstance(place, str) else str(place)
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        found = _revision(engine, version_table)
        if found != head:
            _upgrade(engine, migrations, version_table, head)
    except DatabaseError as error:
        engine.dispose()
        raise StorageError(_why(shown, error)) from error
    except StorageError as error:
        engine.dispose()
        raise StorageError(f"{shown}: {error}") from None
    return engine


def is_full(error: BaseException) -> bool:
    """Whether a database error says that the disk has no room left."""
    said = str(getattr(error, "orig", error)).lower()
    return "disk is full" in said or "no space left" in said or "disk i/o error" in said


def insert_new(engine: Engine, table: Table) -> Insert:
    """An INSERT that leaves rows alone whose key is there already."""
    if engine.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table).on_conflict_do_nothing()


def upsert(engine: Engine, table: Table) -> Insert:
    """An INSERT that overwrites every column but the key where the key is there already."""
    keys = [c.name for c in table.primary_key]
    rest = [c.name for c in table.columns if c.name not in keys]
    if engine.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        pg = postgresql.insert(table)
        return pg.on_conflict_do_update(index_elements=keys, set_={n: pg.excluded[n] for n in rest})
    from sqlalchemy.dialects import sqlite

    lite = sqlite.insert(table)
    return lite.on_conflict_do_update(index_elements=keys, set_={n: lite.excluded[n] for n in rest})


def take_numbers(db: Connection, engine: Engine, counters: Table, name: str, count: int) -> int:
    """Reserve `count` numbers of a named counter (a table of name and value); return the first."""
    if engine.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        pg = postgresql.insert(counters).values(name=name, value=count)
        made: Any = pg.on_conflict_do_update(
            index_elements=["name"], set_={"value": counters.c.value + count}
        )
    else:
        from sqlalchemy.dialects import sqlite

        lite = sqlite.insert(counters).values(name=name, value=count)
        made = lite.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + count})
    last: int = db.execute(made.returning(counters.c.value)).scalar_one()
    return last - count + 1


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    # Python's sqlite3 would open transactions by itself, and late; "begin" above does it instead.
    connection.isolation_level = None
    # FULL: the ledger's row must be on the disk before an effect is tried, whatever happens to the power.
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _revision(engine: Engine, version_table: str) -> str | None:
    """The revision a database is at. Asked before alembic is, whose import costs every start 0.2 s."""
    if not inspect(engine).has_table(version_table):
        return None
    with engine.connect() as connection:
        return connection.execute(text(f"SELECT version_num FROM {version_table}")).scalar()  # noqa: S608


def _upgrade(engine: Engine, migrations: str, version_table: str, head: str) -> None:
    from importlib.resources import as_file, files

    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    with as_file(files(migrations)) as folder, engine.begin() as connection:
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(folder))
        scripts = ScriptDirectory.from_config(config)

        def steps(revision: Any, context: MigrationContext) -> Any:
            try:
                return scripts._upgrade_revs(head, revision)
            except CommandError:
                raise StorageError(
                    f"it was written by a newer Deskhand (revision {revision}); update Deskhand to use it."
                ) from None

        environment = EnvironmentContext(config, scripts, fn=steps, destination_rev=head)
        with environment:
            environment.configure(connection=connection, version_table=version_table)
            environment.run_migrations()


def _why(shown: str, error: DatabaseError) -> str:
    if is_full(error):
        return f"{shown}: the disk is full. Free some space and run the command again; nothing was lost."
    said = str(error.orig).strip().rstrip(".")
    if "not a database" in said or "malformed" in said:
        return f"{shown} is damaged or is no database ({said}). Run: deskhand doctor"
    return f"{shown} cannot be opened: {said}."
