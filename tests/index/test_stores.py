"""Both stores keep the contract, and the file of vectors what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from contracts_index import StoreContract, unit

from deskhand.index.chroma import ChromaStore
from deskhand.index.model import Damaged
from deskhand.index.store import MemoryStore, Store
from deskhand.index.vectors import Vectors, best


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore(16)


class TestChromaStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = ChromaStore.open(tmp_path, "passages", 16)
        yield store
        store.close()

    def test_keeps_what_it_was_given(self, tmp_path: Path) -> None:
        rows = unit(20, 16)
        store = ChromaStore.open(tmp_path, "passages", 16)
        store.add(range(20), rows)
        store.remove([3])
        store.close()
        store = ChromaStore.open(tmp_path, "passages", 16)
        assert store.ids() == set(range(20)) - {3}
        assert store.nearest(rows[5], 1)[0][0] == 5
        store.close()

    def test_collections_do_not_mix_and_dropping_one_leaves_the_other(self, tmp_path: Path) -> None:
        one, two = (ChromaStore.open(tmp_path, name, 16) for name in ("one", "two"))
        one.add([1], unit(1, 16))
        two.add([2], unit(1, 16))
        one.drop()
        assert two.ids() == {2}
        two.close()

    def test_other_dimensions_are_refused(self, tmp_path: Path) -> None:
        ChromaStore.open(tmp_path, "passages", 16).close()
        with pytest.raises(Damaged, match="16 dimensions instead of 32"):
            ChromaStore.open(tmp_path, "passages", 32)

    def test_a_damaged_database_is_told_apart_from_a_mistake(self, tmp_path: Path) -> None:
        store = ChromaStore.open(tmp_path, "passages", 16)
        store.add(range(20), unit(20, 16))
        store.close()
        (tmp_path / "chroma.sqlite3").write_bytes(b"garbage " * 1000)
        with pytest.raises(Damaged):
            ChromaStore.open(tmp_path, "passages", 16)


class TestVectors:
    @pytest.fixture
    def vectors(self, tmp_path: Path) -> Iterator[Vectors]:
        vectors = Vectors.open(tmp_path / "sub" / "v.f32", 16)
        yield vectors
        vectors.close()

    def test_scores_all_or_some_alike(self, vectors: Vectors) -> None:
        rows = unit(500, 16)
        vectors.put(range(10, 510), rows)
        asked = unit(1, 16, seed=1)[0]
        every = vectors.scores(asked)
        assert np.allclose(every[10:], rows @ asked, atol=1e-6)
        assert not every[:10].any()
        for some in ([3, 17, 499], list(range(0, 600, 2)), [10_000]):
            ids = np.asarray(some, np.int64)
            wanted = [every[i] if i < 510 else 0 for i in some]
            assert np.allclose(vectors.scores(asked, ids), wanted, atol=1e-6)

    def test_rows_beyond_the_end_are_empty(self, vectors: Vectors) -> None:
        assert vectors.rows() == 0
        assert vectors.scores(unit(1, 16)[0]).shape == (0,)
        assert not vectors.get([5]).any()
        vectors.clear([5])
        assert vectors.rows() == 0
        assert vectors.good([5]).tolist() == [False]

    def test_cleared_rows_are_empty(self, vectors: Vectors) -> None:
        vectors.put([0, 1], unit(2, 16))
        vectors.clear([0, 7])
        assert vectors.good([0, 1, 7]).tolist() == [False, True, False]

    def test_another_file_is_refused_and_left_alone(self, tmp_path: Path, vectors: Vectors) -> None:
        with pytest.raises(Damaged):
            Vectors.open(vectors.path, 32)
        other = tmp_path / "other"
        other.write_bytes(b"hello")
        with pytest.raises(Damaged):
            Vectors.open(other, 16)
        assert other.read_bytes() == b"hello"

    def test_a_damaged_row_matches_nothing_and_upsets_nothing(self, vectors: Vectors) -> None:
        rows = unit(100, 16)
        vectors.put(range(100), rows)
        with vectors.path.open("r+b") as file:
            file.seek(4096 + 50 * 64)
            file.write(b"\xff" * 64 + np.full(16, 3e38, np.float32).tobytes())
        scores = vectors.scores(rows[7])
        assert scores[50] == scores[51] == 0
        assert best(scores, 1).tolist() == [7]
        assert np.flatnonzero(~vectors.good(range(100))).tolist() == [50, 51]


def test_best_is_sorted_and_stable() -> None:
    scores = np.asarray([0.1, 0.5, 0.5, 0.9, 0.5], np.float32)
    assert best(scores, 3).tolist()[0] == 3
    assert best(scores, 10).tolist() == [3, 1, 2, 4, 0]
    assert best(scores[:0], 3).tolist() == []
