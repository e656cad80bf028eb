"""Where vectors are looked up by nearness: the contract, and its twin in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@runtime_checkable
class Store(Protocol):
    """A collection of unit vectors of one embedder, by number. One process at a time; any threads.

    Every method raises `deskhand.index.model.Damaged` when what is on disk cannot be used.
    """

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Keep these vectors, one row an id; ids that are there already stay as they are."""
        ...

    def remove(self, ids: Sequence[int]) -> None:
        """Forget these; unknown ids are no error."""
        ...

    def nearest(self, vector: NDArray[np.float32], n: int) -> list[tuple[int, float]]:
        """At most `n` ids with their cosine, nearest first. May be approximate."""
        ...

    def ids(self) -> set[int]:
        """Every id there is."""
        ...

    def count(self) -> int: ...

    def drop(self) -> None:
        """Delete the collection; the store is closed by it."""
        ...

    def close(self) -> None: ...


OpenStore = Callable[[Path, str, int], Store]
"""Opens the collection of a name and number of dimensions in a folder, made when not there."""


class MemoryStore:
    """Exact, and gone with the process."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._rows: dict[int, NDArray[np.float32]] = {}

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        for id, vector in zip(ids, vectors, strict=True):
            if vector.shape != (self._dimensions,):
                raise ValueError(f"a vector of {vector.shape} in a store of {self._dimensions} dimensions")
            self._rows.setdefault(int(id), vector.copy())

    def remove(self, ids: Sequence[int]) -> None:
        for id in ids:
            self._rows.pop(int(id), None)

    def nearest(self, vector: NDArray[np.float32], n: int) -> list[tuple[int, float]]:
        rows = list(self._rows.items())
        scored = [(id, float(row @ vector)) for id, row in rows]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:n]

    def ids(self) -> set[int]:
        return set(self._rows)

    def count(self) -> int:
        return len(self._rows)

    def drop(self) -> None:
        self._rows.clear()

    def close(self) -> None:
        pass
