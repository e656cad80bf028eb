"""Opening a database, and what is said when it cannot be used."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from contracts_archive import NOW, SOURCE, document
from fakes.disk import disk
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, text

from deskhand.connectors.archive import Archive
from deskhand.connectors.database import Moment, StorageError, is_full, open_database, reading, writing
from deskhand.connectors.model import Cursor

_MOMENTS = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", Moment))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive.open(tmp_path / "archive.db")
    made.register(SOURCE, "memory")
    yield made
    made.close()


# -- places


def test_a_place_is_a_path_in_whatever_form(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c=1#d%20é:x"
    folder.mkdir()
    for place in (folder / "1.db", str(folder / "2.db"), f"sqlite:///{tmp_path / '3.db'}"):
        Archive.open(place).close()
    assert {p.name for p in folder.iterdir()} == {"1.db", "2.db"}
    assert (tmp_path / "3.db").exists()
    Archive.open(folder / "1.db").close()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("mysql://me:secret@host/name", "must be SQLite or PostgreSQL, not mysql"),
        ("://", "no database URL"),
        ("postgresql://me:secret@127.0.0.1:1/name", "127.0.0.1"),
        ("postgresql://me:secret@host:port/name", "no database URL"),
    ],
)
def test_a_url_that_cannot_work_is_a_sentence_without_its_password(place: str, said: str) -> None:
    with pytest.raises(StorageError, match=said) as told:
        Archive.open(place)
    assert "secret" not in str(told.value)


def test_a_missing_folder_or_a_folder_in_its_place(tmp_path: Path) -> None:
    for place in (tmp_path / "none" / "archive.db", tmp_path):
        with pytest.raises(StorageError, match=f"{place} cannot be opened .*is its folder there"):
            Archive.open(place)


@pytest.mark.parametrize("content", [b"not a database, but long enough for one" * 100, b"\x89PNG" * 2000])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "archive.db"
    place.write_bytes(content)
    with pytest.raises(StorageError, match=f"{place} is damaged or is no database .*deskhand doctor"):
        Archive.open(place)
    assert place.read_bytes() == content


def test_a_damaged_file_is_told_by_whoever_meets_the_damage(tmp_path: Path, archive: Archive) -> None:
    archive.apply(SOURCE, [document(f"{n}", f"{n}" * 500) for n in range(300)], now=NOW)
    archive.close()
    place = tmp_path / "archive.db"
    whole = bytearray(place.read_bytes())
    half = len(whole) // 2
    whole[half:] = b"\xa5" * (len(whole) - half)
    place.write_bytes(whole)
    damaged = Archive.open(place)
    assert damaged.check() != []
    with pytest.raises(StorageError, match="damaged"):
        damaged.find()
    with pytest.raises(StorageError, match="damaged"):
        damaged.apply(SOURCE, [document(f"{n}") for n in range(300)], now=NOW)
    damaged.close()


def test_a_disk_that_can_only_be_read(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "8m") as small:
        place = small.folder / "archive.db"
        archive = Archive.open(place)
        archive.register(SOURCE, "memory")
        archive.close()
        small.becomes("ro")
        with pytest.raises(StorageError, match=r"archive\.db cannot be (opened|written)"):
            Archive.open(place)
        with pytest.raises(StorageError, match=r"new\.db cannot be (opened|written)"):
            Archive.open(small.folder / "new.db")


# -- full disks


def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "2m") as small:
        archive = Archive.open(small.folder / "archive.db")
        archive.register(SOURCE, "memory")
        pages = [
            [*(document(f"{n}.{i}", f"{n}.{i} " * 200) for i in range(50)), Cursor(str(n))]
            for n in range(100)
        ]

        def store() -> None:
            done = archive.cursor(SOURCE)
            for page in pages[int(done.value) + 1 if done else 0 :]:
                archive.apply(SOURCE, page, now=NOW)

        with pytest.raises(StorageError, match="the disk is full") as told:
            store()
        assert str(small.folder / "archive.db") in str(told.value)
        assert is_full(told.value)
        with pytest.raises(StorageError, match="the disk is full"):
            store()
        kept = archive.cursor(SOURCE)
        assert kept is not None
        assert 0 < archive.counts()["items"] == 50 * (int(kept.value) + 1) < 5000
        assert archive.check() == []
        with pytest.raises(StorageError, match="full"):
            Archive.open(small.folder / "another.db")
        small.becomes("size=64m")
        store()
        assert archive.counts() == {"items": 5000, "versions": 5000, "texts": 5000, "threads": 0}
        assert archive.check() == []
        Archive.open(small.folder / "another.db").close()
        archive.close()


# -- transactions


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'plain.db'}")
    _MOMENTS.metadata.create_all(engine)

    def break_off() -> None:
        with writing(engine) as db:
            db.execute(insert(_MOMENTS).values(id=1, at=NOW))
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    with reading(engine) as db:
        assert db.execute(select(_MOMENTS)).all() == []
    engine.dispose()


def test_a_reader_sees_one_state_while_others_write(archive: Archive) -> None:
    with reading(archive._engine) as db:
        before = db.execute(text("SELECT count(*) FROM items")).scalar()
        archive.apply(SOURCE, [document("a")], now=NOW)
        assert db.execute(text("SELECT count(*) FROM items")).scalar() == before == 0
    assert archive.counts()["items"] == 1


@given(
    st.datetimes(
        min_value=datetime(1, 1, 3),  # noqa: DTZ001
        max_value=datetime(9999, 12, 29),  # noqa: DTZ001
        timezones=st.timezones() | st.just(UTC) | st.just(timezone(timedelta(seconds=-3599))),
    )
)
def test_a_moment_is_kept_to_the_microsecond(at: datetime) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as db:
        _MOMENTS.create(db)
        db.execute(insert(_MOMENTS).values(at=at))
        kept = db.execute(select(_MOMENTS.c.at)).scalar_one()
    engine.dispose()
    # Of the two moments of a repeated hour, equality across zones knows neither: compare in UTC.
    assert kept == at.astimezone(UTC)
    assert kept.tzinfo is UTC


# -- several at once

_OPENER = """
import sys
from datetime import UTC, datetime
from deskhand.connectors.archive import Archive
from deskhand.connectors.model import Cursor, Item, ItemRef
place, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
archive = Archive.open(place)
archive.register(name, "memory")
now = datetime(2026, 11, 22, tzinfo=UTC)
for n in range(20):
    item = Item(ItemRef(name, "document", str(n)), "1", "", "same", now, "0" * 64)
    archive.apply(name, [item, Cursor(str(n))], now=now)
archive.close()
"""


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_processes_may_open_a_new_database_at_the_same_time(
    tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    place = request.getfixturevalue("postgresql").new() if where == "postgresql" else str(tmp_path / "new.db")
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", _OPENER, place, f"s{n}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(3)
    ]  # fmt: skip
    for opener in openers:
        assert opener.stdout is not None
        assert opener.stdout.readline() == "ready\n"
    said = [opener.communicate("go\n", timeout=60)[1] for opener in openers]
    assert [(o.returncode, s) for o, s in zip(openers, said, strict=True)] == [(0, "")] * 3
    archive = Archive.open(place)
    assert [(s.alias, s.items) for s in archive.sources()] == [("s0", 20), ("s1", 20), ("s2", 20)]
    assert archive.check() == []
    archive.close()


def test_threads_may_open_different_databases_at_the_same_time(tmp_path: Path) -> None:
    problems: list[Exception] = []

    def open_(place: Path) -> None:
        try:
            Archive.open(place).close()
        except Exception as error:  # told by the main thread
            problems.append(error)

    workers = [threading.Thread(target=open_, args=(tmp_path / f"{n % 3}.db",)) for n in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert problems == []


# -- versions of the layout


@pytest.fixture
def layouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A room of two layouts, the second of which can be told to break in the middle."""
    package = tmp_path / f"layouts_of_{tmp_path.name}"
    (package / "versions").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "env.py").write_text(
        "from alembic import context\nwith context.begin_transaction():\n    context.run_migrations()\n"
    )
    script = """
from pathlib import Path
from alembic import op
revision, down_revision = {number!r}, {before!r}
def upgrade():
    op.execute("CREATE TABLE t{number} (n INTEGER)")
    op.execute("INSERT INTO t0001 VALUES ({number})")
    if Path(__file__).with_name("break").exists():
        op.execute("nonsense")
"""
    for number, before in (("0001", None), ("0002", "0001")):
        made = script.format(number=number, before=before)
        (package / "versions" / f"{number}.py").write_text(made)
    monkeypatch.syspath_prepend(str(tmp_path))
    return package.name


def test_a_database_that_is_behind_is_brought_forward(tmp_path: Path, layouts: str) -> None:
    place = tmp_path / "room.db"
    open_database(place, migrations=layouts, version_table="room", head="0001").dispose()
    for _ in range(2):
        engine = open_database(place, migrations=layouts, version_table="room", head="0002")
        with reading(engine) as db:
            assert db.execute(text("SELECT n FROM t0001")).scalars().all() == [1, 2]
        engine.dispose()


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_a_migration_that_breaks_leaves_what_was_there(
    tmp_path: Path, layouts: str, where: str, request: pytest.FixtureRequest
) -> None:
    place = (
        request.getfixturevalue("postgresql").new() if where == "postgresql" else str(tmp_path / "room.db")
    )
    open_database(place, migrations=layouts, version_table="room", head="0001").dispose()
    broken = tmp_path / layouts / "versions" / "break"
    broken.touch()
    with pytest.raises(Exception, match="nonsense"):
        open_database(place, migrations=layouts, version_table="room", head="0002")
    engine = open_database(place, migrations=layouts, version_table="room", head="0001")
    with reading(engine) as db:
        assert db.execute(text("SELECT n FROM t0001")).scalars().all() == [1]
    engine.dispose()
    broken.unlink()
    open_database(place, migrations=layouts, version_table="room", head="0002").dispose()


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_a_database_of_a_newer_deskhand_is_refused_and_left_alone(
    tmp_path: Path, layouts: str, where: str, request: pytest.FixtureRequest
) -> None:
    place = (
        request.getfixturevalue("postgresql").new() if where == "postgresql" else str(tmp_path / "room.db")
    )
    engine = open_database(place, migrations=layouts, version_table="room", head="0002")
    with writing(engine) as db:
        db.execute(text("UPDATE room SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StorageError, match=r"newer Deskhand \(revision 9999\); update Deskhand"):
        open_database(place, migrations=layouts, version_table="room", head="0002")
