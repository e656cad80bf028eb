"""A flat file of vectors, row = number of the passage: what small selections are scored from exactly.

It is also what everything else is remade from without embedding again. A row of zeros means that
there is no vector; rows are only ever filled, and zeroed before a number is given out anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from deskhand.index.model import Damaged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEAD = 4096
_GATHER = 4
"""Below one row in so many, picking rows out beats multiplying all of them."""


class Vectors:
    """Open from any number of processes to read; one writes. Safe to use from threads."""

    def __init__(self, path: Path, dimensions: int) -> None:
        self.path = path
        self._dimensions = dimensions
        self._width = 4 * dimensions
        self._lock = Lock()
        self._file = path.open("r+b")
        self._map: NDArray[np.float32] | None = None

    @classmethod
    def open(cls, path: Path, dimensions: int) -> Vectors:
        """Open the file, made when not there. :raises Damaged: it is something else."""
        if not path.exists():
            _create(path, dimensions)
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if head != _head(dimensions):
            raise Damaged(f"{path} is not a file of vectors of {dimensions} dimensions.")
        return cls(path, dimensions)

    def rows(self) -> int:
        """How many rows the file holds, empty ones included."""
        return max(0, os.fstat(self._file.fileno()).st_size - _HEAD) // self._width

    def put(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Write these rows; on return they are on the disk."""
        import numpy as np

        data = np.ascontiguousarray(vectors, np.float32)
        if data.shape != (len(ids), self._dimensions):
            raise ValueError(f"vectors of {data.shape} for {len(ids)} ids of {self._dimensions} dimensions")
        with self._lock:
            for id, row in zip(ids, data, strict=True):
                self._file.seek(_HEAD + id * self._width)
                self._file.write(row.tobytes())
            self._file.flush()
            os.fsync(self._file.fileno())

    def clear(self, ids: Sequence[int]) -> None:
        """Zero these rows; those beyond the end are empty already."""
        import numpy as np

        known = [id for id in ids if id < self.rows()]
        if known:
            self.put(known, np.zeros((len(known), self._dimensions), np.float32))

    def get(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """These rows, copied; zeros where there is none."""
        import numpy as np

        wanted = np.asarray(ids, np.int64)
        table = self._table()
        out = np.zeros((len(wanted), self._dimensions), np.float32)
        inside = wanted < len(table)
        out[inside] = table[wanted[inside]]
        return out

    def good(self, ids: Sequence[int]) -> NDArray[np.bool_]:
        """Which of these rows hold a vector of length 1."""
        import numpy as np

        found = np.zeros(len(ids), bool)
        for i in range(0, len(ids), 8192):
            with np.errstate(all="ignore"):  # a damaged row may hold any bits
                norms = np.linalg.norm(self.get(ids[i : i + 8192]), axis=1)
            found[i : i + len(norms)] = np.abs(norms - 1) < 0.01
        return found

    def scores(
        self, vector: NDArray[np.float32], ids: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """Cosine of these rows to a unit vector, or of all rows; 0 where there is no vector."""
        import numpy as np

        table = self._table()
        with np.errstate(all="ignore"):
            if ids is None:
                found = table @ vector
            elif len(ids) * _GATHER < len(table):
                found = np.zeros(len(ids), np.float32)
                inside = ids < len(table)
                found[inside] = table[ids[inside]] @ vector
            else:
                every = table @ vector
                found = np.zeros(len(ids), np.float32)
                inside = ids < len(table)
                found[inside] = every[ids[inside]]
        # A row damaged on the disk is no match, and must not upset the sorting of the others.
        scores: NDArray[np.float32] = np.nan_to_num(found, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        scores[np.abs(scores) > 1.01] = 0.0
        return scores

    def close(self) -> None:
        with self._lock:
            self._map = None
            self._file.close()

    def _table(self) -> NDArray[np.float32]:
        """The file as an array; mapped anew when it has grown."""
        import numpy as np

        with self._lock:
            rows = self.rows()
            if self._map is None or len(self._map) != rows:
                if rows == 0:
                    self._map = np.zeros((0, self._dimensions), np.float32)
                else:
                    self._map = np.memmap(self._file, np.float32, "r", _HEAD, (rows, self._dimensions))
            return self._map


def best(scores: NDArray[np.float32], n: int) -> NDArray[np.int64]:
    """Positions of the `n` highest scores, highest first; equal ones in their order."""
    import numpy as np

    top = np.sort(np.argpartition(-scores, n)[:n]) if n < len(scores) else np.arange(len(scores))
    order: NDArray[np.int64] = top[np.argsort(-scores[top], kind="stable")]
    return order


def _head(dimensions: int) -> bytes:
    text = json.dumps({"file": "deskhand vectors", "version": 1, "dimensions": dimensions, "type": "<f4"})
    return text.encode().ljust(_HEAD, b"\n")


def _create(path: Path, dimensions: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(_head(dimensions))
    os.replace(fresh, path)
