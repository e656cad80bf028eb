"""The archive on a real PostgreSQL (Debian: postgresql)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contracts_archive import NOW, ArchiveContract, Fresh
from fakes.postgres import Cluster

from deskhand.connectors.archive import Archive
from deskhand.connectors.database import StorageError
from deskhand.connectors.tables import metadata

psycopg = pytest.importorskip("psycopg", reason="needs the extra deskhand[postgresql]")
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def place(postgresql: Cluster) -> str:
    return postgresql.new()


class TestOnPostgresql(ArchiveContract):
    @pytest.fixture
    def fresh(self, place: str) -> Iterator[Fresh]:
        opened = list[Archive]()

        def make() -> Archive:
            while opened:
                opened.pop().close()
            opened.append(Archive.open(place))
            # A new database for each example of a law takes ten times as long.
            with psycopg.connect(place, autocommit=True) as db:
                db.execute("TRUNCATE " + ", ".join(metadata.tables))
            return opened[0]

        yield make
        while opened:
            opened.pop().close()


def test_what_was_stored_is_there_when_it_is_opened_again(postgresql: Cluster) -> None:
    place = postgresql.new()
    archive = Archive.open(place)
    archive.register("box", "memory")
    archive.passed("box", now=NOW)
    archive.close()
    again = Archive.open(place.replace("postgresql:", "postgres:"))
    assert [s.synced for s in again.sources()] == [NOW]
    assert again.check() == []
    again.close()


def test_a_database_that_is_not_there_is_a_sentence(postgresql: Cluster) -> None:
    place = postgresql.url("nowhere").replace("user=deskhand", "user=deskhand&password=secret")
    with pytest.raises(StorageError, match=r"nowhere.*does not exist") as told:
        Archive.open(place)
    assert "secret" not in str(told.value)
