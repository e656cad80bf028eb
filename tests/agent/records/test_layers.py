"""Nothing lies in a home that the list of layers does not name."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from agent_givens import House, mail

from deskhand.agent.records import tables as runs
from deskhand.agent.records.layers import LAYERS, kept_at, of
from deskhand.connectors import tables as archive

OWN = {"archive.db": archive.metadata, "runs.db": runs.metadata}


def test_every_file_and_table_of_a_home_that_was_used_is_in_a_layer(tmp_path: Path) -> None:
    with House(tmp_path / "home", environ={"DESKHAND_ENGINE__KIND": "dbos"}) as house:
        house.message("one")
        house.sync()
        house.do(mail(), approve=True)
        house.app.digest(to="file")
        house.app.people()
        files = [p for p in house.root.rglob("*") if p.is_file()]
        assert {p.name for p in files} >= {"archive.db", "runs.db", "checkpoints.db", "engine.db"}
        for path in files:
            name = path.relative_to(house.root).as_posix()
            assert kept_at(name), f"{name} is in no layer"
            if path.suffix == ".db" and "/" not in name:
                with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
                    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                missing = [t for (t,) in found if not t.startswith("sqlite_") and not kept_at(name, t)]
                assert not missing, f"{name}: {missing} are in no layer"


def test_what_is_listed_exists_and_stands_there_once() -> None:
    places = [(k.file, k.table) for k in LAYERS]
    assert len(places) == len(set(places))
    for kept in LAYERS:
        if kept.file in OWN and not kept.table.endswith("_revision"):
            assert kept.table in OWN[kept.file].tables


def test_each_layer_has_something() -> None:
    assert all(of(layer) for layer in ("global", "workflow", "task"))
