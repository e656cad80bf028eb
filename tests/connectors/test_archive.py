"""The archive on SQLite."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts_archive import ArchiveContract, Fresh

from deskhand.connectors.archive import Archive


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("archive") / "empty.db"
    Archive.open(place).close()
    return place


class TestOnSqlite(ArchiveContract):
    @pytest.fixture
    def fresh(self, empty: Path, tmp_path: Path) -> Iterator[Fresh]:
        numbers, opened = itertools.count(), list[Archive]()

        def make() -> Archive:
            place = shutil.copy(empty, tmp_path / f"{next(numbers)}.db")
            opened.append(Archive.open(place))
            return opened[-1]

        yield make
        for archive in opened:
            archive.close()
