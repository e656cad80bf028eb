"""The archive: a first sync against bare inserts of the same rows, and what is asked of 100,000 parts."""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from deskhand.connectors.archive import Archive
from deskhand.connectors.model import Cursor, Item, ItemRef, Participant

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ME = "me@example.org"
PAGE = 500


def documents(count: int) -> list[Item]:
    made = []
    for n in range(count):
        text = f"Note {n}. " * 12
        digest = sha256(text.encode()).hexdigest()
        ref = ItemRef("box", "document", f"notes/{n}.md")
        made.append(
            Item(ref, digest[:12], f"Note {n}", text, NOW + timedelta(minutes=n), digest, folder="notes")
        )
    return made


def messages(count: int) -> list[Item]:
    """Mail of 2,000 people; half of it answers something."""
    rng, made = random.Random(5), []
    for n in range(count):
        a, b, c = (f"p{rng.randrange(2000)}@example.org" for _ in range(3))
        people = (
            Participant("from", ME if n % 4 == 0 else a, a),
            Participant("to", b, b),
            Participant("cc", c, c),
        )
        before = [f"<{rng.randrange(max(1, n - 500), n + 1)}@example.org>"] if n and n % 2 else []
        text = f"Message {n}. " * 12
        made.append(
            Item(
                ItemRef("box", "message", f"INBOX/{n}"), f"{n}", f"{'Re: ' * bool(before)}Topic {n % 700}",
                text, NOW + timedelta(minutes=n), sha256(text.encode()).hexdigest(), people=people,
                folder="INBOX",
                data={"message_id": f"<{n}@example.org>", "references": before},
            )
        )  # fmt: skip
    return made


def store(archive: Archive, items: list[Item]) -> None:
    archive.register("box", "memory")
    for start in range(0, len(items), PAGE):
        archive.apply("box", [*items[start : start + PAGE], Cursor(str(start))], now=NOW)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    numbers = itertools.count()
    return (tmp_path / f"{n}.db" for n in numbers)  # type: ignore[return-value]


@pytest.mark.parametrize(("kind", "make"), [("documents", documents), ("messages", messages)])
def test_first_sync_of_10_000(benchmark: Any, place: Iterator[Path], kind: str, make: Any) -> None:
    items = make(10_000)

    def opened() -> Any:
        archive = Archive.open(next(place))
        return (archive, items), {}

    benchmark.extra_info["items"] = len(items)
    benchmark.pedantic(store, setup=opened, rounds=3)


def test_bare_inserts_of_the_same_documents(benchmark: Any, place: Iterator[Path]) -> None:
    """Items, versions and texts as rows that are ready, with the same indexes and the same safety."""
    items = documents(10_000)
    made = Archive.open(first := next(place))
    made.close()
    with sqlite3.connect(first) as db:
        schema = [r[0] for r in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    db.close()
    at = [int(i.at.timestamp() * 1e6) for i in items]
    meta = json.dumps(
        {"version": "x", "title": "Note 1", "at": NOW.isoformat(), "hash": "0" * 64, "folder": "notes"}
    )

    def empty() -> Any:
        db = sqlite3.connect(next(place), isolation_level=None)
        db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        for statement in schema:
            db.execute(statement)
        return (db,), {}

    def insert(db: sqlite3.Connection) -> None:
        for start in range(0, len(items), PAGE):
            rows = range(start, start + PAGE)
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "INSERT INTO items VALUES (?,?,'box','document',?,?,NULL,?,?,NULL,NULL,'notes','')",
                [(n, n, items[n].ref.native, n, items[n].title, at[n]) for n in rows],
            )
            db.executemany("INSERT INTO texts VALUES (?,?)", [(items[n].hash, items[n].text) for n in rows])
            db.executemany(
                "INSERT INTO versions VALUES (?,?,1,?,?,?,?,?,?,?)",
                [
                    (n, n, items[n].version, at[n], items[n].hash, items[n].hash, 100, meta, at[n])
                    for n in rows
                ],
            )
            db.execute("COMMIT")

    benchmark.extra_info["items"] = len(items)
    benchmark.pedantic(insert, setup=empty, rounds=3)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """34,000 messages, so 102,000 parts in them, and 6,000 events."""
    archive = Archive.open(tmp_path_factory.mktemp("bench") / "archive.db")
    events = [
        Item(
            ItemRef("box", "event", f"{n}"), "1", f"Event {n}", "", NOW, f"{n:064}",
            start=(start := NOW + timedelta(hours=n - 5000)), end=start, until=start + timedelta(hours=1),
        )
        for n in range(6000)
    ]  # fmt: skip
    store(archive, [*messages(34_000), *events])
    yield archive
    archive.close()


def test_directory_of_100_000_parts(benchmark: Any, full: Archive) -> None:
    assert len(benchmark(full.directory, frozenset({ME}))) == 2001


def test_events_of_a_week(benchmark: Any, full: Archive) -> None:
    assert len(benchmark(full.events, NOW, NOW + timedelta(days=7))) == 168


def test_a_thread(benchmark: Any, full: Archive) -> None:
    threads = full.threads(since=NOW, until=NOW + timedelta(days=365))
    longest = max(threads[:2000], key=lambda t: len(full.find(thread=t)))
    assert len(benchmark(full.find, thread=longest)) > 1


def test_what_changed(benchmark: Any, full: Archive) -> None:
    assert len(benchmark(full.changed_since, full.last_seq() - 500, limit=500)) == 500
