"""What the audit chain costs a write, and how fast it is checked. Beside both, the same without a chain."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from itertools import count
from pathlib import Path

import pytest
from agent_givens import NOW
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import insert

from deskhand.agent.model import Effect
from deskhand.agent.records.chain import Line
from deskhand.agent.records.proof import prove
from deskhand.agent.records.state import Records
from deskhand.agent.records.tables import audit, effects
from deskhand.connectors.database import writing

LINES = 20_000


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    made = Records(tmp_path / "runs.db", now=lambda: NOW)
    yield made
    made.close()


def effect(n: int) -> Effect:
    return Effect(
        key=f"e{n:06}", run="r1", step="s", operation="mail.send", arguments={"to": [], "subject": f"S{n}"},
        source="mail", state="claimed", at=NOW,
    )  # fmt: skip


@pytest.mark.benchmark(group="one row of the ledger, on the disk")
class TestRow:
    def test_bare_commit(self, benchmark: BenchmarkFixture, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "bare.db", isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=WAL").close()
            db.execute("PRAGMA synchronous=FULL").close()
            db.execute("CREATE TABLE effects (key TEXT PRIMARY KEY, arguments TEXT)").close()
            n = count()
            benchmark(lambda: db.execute("INSERT INTO effects VALUES (?, '{}')", (f"e{next(n)}",)).close())

    def test_without_its_line(self, benchmark: BenchmarkFixture, records: Records) -> None:
        n = count()

        def put() -> None:
            row = effect(next(n)).model_dump(mode="json") | {"at": NOW}
            with writing(records.engine) as db:
                db.execute(insert(effects), row)

        benchmark(put)

    def test_with_its_line_and_the_head(self, benchmark: BenchmarkFixture, records: Records) -> None:
        n = count()
        benchmark(lambda: records.put_effect(effect(next(n))))


@pytest.mark.benchmark(group=f"{LINES:,} lines are checked")
def test_verify(benchmark: BenchmarkFixture, records: Records) -> None:
    end = records.audit_end
    rows, n, before = [], end.n, end.hash
    for k in range(LINES):
        line = Line.following(
            n, before, at=NOW, what="policy", run="", subject=f"p{k}", state="set", digest="0" * 64
        )
        rows.append({name: getattr(line, name) for name in Line.__slots__})
        n, before = line.n, line.hash
    with writing(records.engine) as db:
        db.execute(insert(audit), rows)
    proof = benchmark.pedantic(lambda: prove(records.engine, end, zone=UTC), rounds=3)
    assert proof.whole
    assert proof.lines == LINES + 1
