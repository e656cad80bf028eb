"""The migrations of both rooms make exactly the tables that the code is written for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from deskhand.connectors.database import open_database

ROOMS = [("deskhand.connectors", "archive_revision"), ("deskhand.agent.records", "runs_revision")]


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("room", "version_table"), ROOMS)
def test_the_migrated_schema_is_the_one_of_the_tables(
    room: str, version_table: str, where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    tables = import_module(f"{room}.tables")
    place = request.getfixturevalue("postgresql").new() if where == "postgresql" else tmp_path / "room.db"
    for _ in range(2):  # a new one, and one that is there
        engine = open_database(
            place, migrations=f"{room}.migrations", version_table=version_table, head=tables.HEAD
        )
        with engine.connect() as db:
            context = MigrationContext.configure(
                db,
                opts={"version_table": version_table, "compare_type": True, "compare_server_default": True},
            )
            assert compare_metadata(context, tables.metadata) == []
            assert context.get_current_revision() == tables.HEAD
        engine.dispose()


@pytest.mark.parametrize(("room", "version_table"), ROOMS)
def test_the_code_is_written_for_the_newest_migration(room: str, version_table: str) -> None:
    migrations: Any = import_module(f"{room}.migrations")
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [import_module(f"{room}.tables").HEAD]
