"""What must hold for every embedder and every store of vectors: one suite each, inherited by all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from deskhand.index.embed import Embedder
from deskhand.index.store import Store


class EmbedderContract:
    """Inherit, and give `embedder`. `precision`: how far the same text may move with its company."""

    precision = 1e-5

    @pytest.fixture
    def embedder(self) -> Embedder:
        raise NotImplementedError

    def test_is_an_embedder(self, embedder: Embedder) -> None:
        assert isinstance(embedder, Embedder)
        assert embedder.name
        assert embedder.revision
        assert embedder.dimensions > 0

    def test_gives_one_unit_row_a_text(self, embedder: Embedder) -> None:
        texts = ["a budget", "", "x" * 100_000, "日本語", "\ud800 half", "zero\0byte", "🙂", "   "]
        rows = embedder.embed(texts)
        assert rows.shape == (len(texts), embedder.dimensions)
        assert rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)

    def test_of_nothing_gives_nothing(self, embedder: Embedder) -> None:
        assert embedder.embed([]).shape == (0, embedder.dimensions)

    def test_rows_come_in_the_order_of_the_texts(self, embedder: Embedder) -> None:
        texts = [f"{'word ' * (i * 7 % 40)} number {i}" for i in range(40)]
        together = embedder.embed(texts)
        for i in (0, 7, 39):
            alone = embedder.embed([texts[i]])[0]
            assert int(np.argmax(together @ alone)) == i
            assert float(together[i] @ alone) > 1 - self.precision

    def test_like_is_nearer_than_unlike(self, embedder: Embedder) -> None:
        cat, kitten, tax = embedder.embed(
            ["the cat sat on the mat", "the cat sat on a mat yesterday", "tax returns are due in April"]
        )
        assert cat @ kitten > cat @ tax + 0.2


def unit(n: int, dimensions: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Random unit vectors, the same ones each time."""
    rows = np.random.default_rng(seed).normal(size=(n, dimensions))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class StoreContract:
    """Inherit, and give `store`: an empty one of 16 dimensions."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    def test_is_a_store(self, store: Store) -> None:
        assert isinstance(store, Store)
        assert store.count() == 0
        assert store.ids() == set()
        assert store.nearest(unit(1, 16)[0], 5) == []

    def test_finds_what_is_nearest_first_with_its_cosine(self, store: Store) -> None:
        rows = unit(50, 16)
        store.add(range(100, 150), rows)
        found = store.nearest(rows[7], 5)
        expected = rows @ rows[7]
        assert [id for id, _ in found] == [100 + int(i) for i in np.argsort(-expected)[:5]]
        assert [s for _, s in found] == pytest.approx(sorted(expected, reverse=True)[:5], abs=1e-4)

    def test_gives_no_more_than_there_is(self, store: Store) -> None:
        store.add([1, 2], unit(2, 16))
        assert {id for id, _ in store.nearest(unit(1, 16)[0], 10)} == {1, 2}
        assert store.nearest(unit(1, 16)[0], 0) == []

    def test_what_is_there_stays_as_it_is(self, store: Store) -> None:
        rows = unit(3, 16)
        store.add([1, 2], rows[:2])
        store.add([2, 3], rows[[2, 2]])
        assert store.count() == 3
        assert dict(store.nearest(rows[1], 3))[2] == pytest.approx(1, abs=1e-4)

    def test_removed_is_not_found_and_may_come_back_different(self, store: Store) -> None:
        rows = unit(4, 16)
        store.add([1, 2, 3], rows[:3])
        store.remove([2, 99])
        assert store.ids() == {1, 3}
        assert 2 not in dict(store.nearest(rows[1], 3))
        store.add([2], rows[3:])
        assert store.nearest(rows[3], 1)[0][0] == 2

    def test_takes_nothing(self, store: Store) -> None:
        nothing: Sequence[int] = []
        store.add(nothing, unit(0, 16))
        store.remove(nothing)
        assert store.count() == 0

    def test_takes_more_than_one_batch(self, store: Store) -> None:
        rows = unit(6000, 16)
        store.add(range(6000), rows)
        assert store.count() == 6000
        assert len(store.ids()) == 6000
        store.remove(range(1, 6000))
        assert [id for id, _ in store.nearest(rows[0], 5)] == [0]

    def test_dropped_leaves_nothing(self, store: Store) -> None:
        store.add([1], unit(1, 16))
        store.drop()
