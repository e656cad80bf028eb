"""Whatever is put in any column that the audit chain tells of: `audit verify` names the row in a sentence."""

# ruff: noqa: S608 - tables and columns are our own

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from typing import Any

import pytest
from agent_givens import NOW, House, draft, event, mail

from deskhand.agent.model import Permission
from deskhand.agent.records import tables
from deskhand.agent.records.choices import Choice
from deskhand.agent.records.proof import prove
from deskhand.agent.records.state import Records
from deskhand.agent.records.timetable import Schedule

VALUES: dict[str, Any] = {
    "nothing": None, "bytes": b"\xff\xfe\x00x", "text": "x", "an empty text": "", "a number": 7,
    "a huge number": 2**62, "the last hour there is": 253402300799999999, "a fraction": 1.5,
    "no number": float("inf"), "half a character": b"\xed\xa0\x80", "half a text": '{"a":',
    "a deep one": "[" * 5_000 + "]" * 5_000, "for the screen": "\x1b]0;x\x07\u202e\nThe audit chain is whole",
}  # fmt: skip

ROWS = {
    "runs": "id = 'r1'", "approvals": "id = 'a1'", "effects": "operation = 'mail.draft'",
    "permissions": "id = 'p1'", "schedules": "name = 's'", "choices": "word = 'sam'", "audit": "n = 9",
    "contents": "1",
}  # fmt: skip
"""The row of each table that somebody changes."""

UNTOLD = {
    "runs": {"n", "updated", "brief", "choices", "format", "shrunk", "plan_hash"}
    | {"anew", "instead_of", "reasons"},
    "approvals": {"n", "seal"}, "permissions": {"n"}, "schedules": {"looked"}, "contents": {"size"},
}  # fmt: skip
"""What no line tells of: numbers to sort by, what becomes of a row without anybody's decision, and seals,
without which a question is asked anew."""

EMPTY = (None, "", 0, "null")
"""What is empty counts as not there."""

COLUMNS = [(t, c.name) for t in ROWS for c in tables.metadata.tables[t].columns]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    """Records of which every table has a row, in a database that no longer minds what is put into it."""
    root = tmp_path_factory.mktemp("made") / "home"
    with House(root) as house:
        house.do(draft(body="Long. " * 500))
        house.do(event(), mail(), approve=True)
        kept = house.room.records
        kept.put_schedule(Schedule("s", "digest", "FREQ=DAILY", NOW, "UTC", NOW, False, NOW))
        kept.chose(Choice("sam", "sam@example.org", "r1", NOW))
        with kept._audited() as (db, lines):
            kept._grant(db, lines, Permission.model_construct(id="p1"))
    with closing(sqlite3.connect(root / "runs.db")) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '')")
        db.commit()
    records = Records(root / "runs.db", now=lambda: NOW)
    yield records
    records.close()


def said(records: Records) -> list[str]:
    proof = prove(records.engine, records.audit_end, zone=UTC)
    told = [f.said for f in proof.faults]
    assert not any(c < " " or c in "\x7f\u202e" for text in told for c in text), told
    return [t for t in told if not t.startswith("What keeps lines from being changed")]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_that_was_made_into_something_else(records: Records, table: str, column: str) -> None:
    assert said(records) == []
    untold = column in UNTOLD.get(table, set())
    with closing(sqlite3.connect(str(records.engine.url.database), isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=OFF")
        row, was = db.execute(f"SELECT rowid, {column} FROM {table} WHERE {ROWS[table]}").fetchone()
        for name, value in VALUES.items():
            try:
                db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row))
            except sqlite3.IntegrityError:
                continue  # the number of a line is always a number
            try:
                told = said(records)
            finally:
                there = value if (table, column) == ("audit", "n") else row  # which is its row id
                db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (was, there))
            same = value == was or (value in EMPTY and was in EMPTY)
            assert told or untold or same, f"{name} in {table}.{column} goes unnoticed"
