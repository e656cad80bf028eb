"""The vectors of all passages: made, kept in a flat file and a store, brought in line, and asked.

Order of every step, so that a kill at any point loses nothing: the file and the store first, then the
note in words.db. Doing a step twice changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, RLock
from typing import TYPE_CHECKING

from deskhand.index.book import Book, Space
from deskhand.index.embed import Embedder
from deskhand.index.model import Damaged
from deskhand.index.search import FLOOR, Nearest, Ranked, exactly
from deskhand.index.store import OpenStore, Store
from deskhand.index.text import Words
from deskhand.index.vectors import Vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GROUP = 128
"""Passages embedded between two notes in words.db: some three seconds of work."""

STORE_WINS = 20_000
"""Rows from which an open store is faster than multiplying all of them."""


class Meaning:
    """Over one folder; `embed` by one thread at a time, `nearest` by any."""

    def __init__(self, folder: Path, words: Words, book: Book, *, open_store: OpenStore) -> None:
        self._files = folder / "vectors"
        self._store_folder = folder / "chroma"
        self._words = words
        self._book = book
        self._open_store = open_store
        self._lock = RLock()
        self._vectors: dict[Space, Vectors] = {}
        self._stores: dict[Space, Store] = {}
        self._stopped = Event()

    # -- asked

    def nearest(
        self, space: Space, vector: NDArray[np.float32], ids: NDArray[np.int64] | None
    ) -> Nearest | None:
        """How to find what is near to a vector, among these passages or all; None where nothing is kept.

        Among all it may find passages of older versions, or just removed ones: the caller looks.

        :raises Damaged: the file of vectors cannot be used; the next `embed` makes it anew.
        """
        vectors = self._readable(space)
        if vectors is None:
            return None
        store = self._stores.get(space)
        if ids is not None or store is None or vectors.rows() < STORE_WINS:
            return exactly(vectors.scores(vector, ids), ids)

        def asked(n: int) -> Ranked:
            try:
                return [(id, score) for id, score in store.nearest(vector, n) if score >= FLOOR]
            except Damaged:
                self._forget(space)
                return exactly(vectors.scores(vector), None)(n)

        return asked

    def similarity(
        self, space: Space, vector: NDArray[np.float32], chunks: Sequence[int]
    ) -> dict[int, float]:
        """Cosine of these passages to a vector, of those that have one."""
        vectors = self._readable(space)
        if vectors is None or not chunks:
            return {}
        rows = vectors.get(chunks)
        return {c: round(float(row @ vector), 4) for c, row in zip(chunks, rows, strict=True) if row.any()}

    def warm(self) -> None:
        """Open the store, so that questions to a large collection use it: for processes that stay."""
        space = self._book.space("serving")
        if space is not None and self._book.space("filling") is None:
            self._store(space)

    # -- made

    def embed(
        self, embedder: Embedder, *, limit: int | None, progress: Callable[[int, int], None] | None
    ) -> int:
        """Give a vector to what waits for one, newest first; how many were given."""
        space = Space.of(embedder)
        self._turn_to(space)
        done = 0
        if self._book.pending() or self._book.todo()[1] or not self._store_folder.exists():
            self._follow(space)
            while ids := self._book.waiting(None if limit is None else limit - done):
                total = done + len(ids)
                for start in range(0, len(ids), GROUP):
                    if self._stopped.is_set():
                        return done
                    done += self._embed(space, embedder, ids[start : start + GROUP])
                    if progress is not None:
                        progress(done, total)
            self._follow(space)
        if self._book.space("filling") == space and not self._book.pending():
            self._book.set_spaces(serving=space, filling=None, waiting=None)
        self._sweep()
        return done

    def _embed(self, space: Space, embedder: Embedder, ids: Sequence[int]) -> int:
        chunks = self._words.chunks(ids)
        if not chunks:
            return 0
        rows = embedder.embed([chunk.whole for _, chunk, _ in chunks])
        numbers = [id for id, _, _ in chunks]
        self._vectors[space].put(numbers, rows)
        now = [i for i, (_, _, current) in enumerate(chunks) if current]
        self._stored(space, lambda store: store.add([numbers[i] for i in now], rows[now]))
        self._book.arrived(numbers)
        return len(numbers)

    def _turn_to(self, space: Space) -> None:
        """Make `space` the one that is filled, and see that its file holds what it should."""
        serving, filling = self._book.space("serving"), self._book.space("filling")
        target = filling or serving
        vectors, whole = self._writable(space)
        if target != space:
            every = self._book.every()
            missing = [id for id, good in zip(every, vectors.good(every), strict=True) if not good]
            if serving is None or serving == space or (filling is None and self._book.highest() < 0):
                self._book.set_spaces(serving=space, filling=None, waiting=missing)
            else:
                self._book.set_spaces(serving=serving, filling=space, waiting=missing)
        elif not whole or vectors.rows() <= self._book.highest():
            every = self._book.every()
            self._book.wait(id for id, good in zip(every, vectors.good(every), strict=True) if not good)

    def purge(self) -> None:
        """Have no vector left, in any file or store, of passages that are gone."""
        spaces = [self._book.space(which) for which in ("serving", "filling")]
        gone = [id for id, what in self._book.todo()[1].items() if what == "gone"]
        for space in (s for s in spaces if s is not None):
            self._writable(space)
            self._stored(space, lambda store: store.remove(gone))
        if target := spaces[1] or spaces[0]:
            self._follow(target)
        self._sweep()

    def _follow(self, space: Space) -> None:
        """Let the store know which passages are gone, and which became current or old."""
        last, todo = self._book.todo()
        # Where there is no store, and nothing that belongs into one, none is made: to open it takes longer
        # than all the rest of a look at what is new.
        opened = space in self._stores
        none = not (opened or self._store_folder.exists() or self._book.every(stored=True))
        if not todo and (opened or none):
            return
        gone = [id for id, what in todo.items() if what == "gone"]
        into = [id for id, what in todo.items() if what == "in"]

        def follow(store: Store) -> None:
            store.remove([id for id, what in todo.items() if what != "in"])
            store.add(into, self._vectors[space].get(into))

        if not none:
            self._stored(space, follow)
        for vectors in self._vectors.values():
            vectors.clear(gone)
        self._book.followed(last, gone)

    # -- opened

    def _stored(self, space: Space, act: Callable[[Store], None]) -> None:
        """Do this to the store; one that is damaged is made anew from the file first."""
        try:
            act(self._store(space))
        except Damaged:
            self._forget(space)
            act(self._store(space))

    def _store(self, space: Space) -> Store:
        with self._lock:
            if space not in self._stores:
                vectors, _ = self._writable(space)
                try:
                    self._stores[space] = self._reconciled(space, vectors)
                except Damaged:
                    self._forget(space)
                    self._stores[space] = self._reconciled(space, vectors)
            return self._stores[space]

    def _reconciled(self, space: Space, vectors: Vectors) -> Store:
        store = self._open_store(self._store_folder, space.collection, space.dimensions)
        try:
            expected = self._book.every(stored=True)
            if store.count() != len(expected):
                have = store.ids()
                store.remove(sorted(have.difference(expected)))
                lacking = [id for id in expected if id not in have]
                for start in range(0, len(lacking), 4096):
                    ids = lacking[start : start + 4096]
                    store.add(ids, vectors.get(ids))
        except BaseException:
            store.close()
            raise
        return store

    def _forget(self, space: Space) -> None:
        """Delete the damaged folder of the store; what was in it is in the file of vectors too."""
        with self._lock:
            for store in self._stores.values():
                store.close()
            self._stores.clear()
            shutil.rmtree(self._store_folder, ignore_errors=True)

    def _path(self, space: Space) -> Path:
        return self._files / f"{space.collection}.f32"

    def _readable(self, space: Space) -> Vectors | None:
        with self._lock:
            if space not in self._vectors:
                if not self._path(space).exists():
                    return None
                self._vectors[space] = Vectors.open(self._path(space), space.dimensions)
            return self._vectors[space]

    def _writable(self, space: Space) -> tuple[Vectors, bool]:
        """The file of vectors, made anew where it is gone or damaged; and whether it was there."""
        with self._lock:
            path = self._path(space)
            if (open := self._vectors.get(space)) is not None and path.exists():
                return open, True
            if open is not None:
                self._vectors.pop(space).close()
            whole = path.exists()
            try:
                self._vectors[space] = Vectors.open(path, space.dimensions)
            except Damaged:
                whole = False
                path.unlink()
                self._vectors[space] = Vectors.open(path, space.dimensions)
            return self._vectors[space], whole

    def _sweep(self) -> None:
        """Delete what is left of spaces that are no longer used."""
        for space in self._book.leaving():
            with self._lock:
                if (vectors := self._vectors.pop(space, None)) is not None:
                    vectors.close()
                self._path(space).unlink(missing_ok=True)
                store = self._stores.pop(space, None)
                try:
                    store = store or self._open_store(self._store_folder, space.collection, space.dimensions)
                    store.drop()
                except Damaged:
                    self._forget(space)
            self._book.left(space)

    def problems(self, space: Space) -> list[str]:
        """What does not fit together between words.db, the file and the store, in words."""
        found: list[str] = []
        expected = self._book.every(stored=True)
        waiting = set(self._book.waiting())
        given = [id for id in self._book.every() if id not in waiting]
        vectors: Vectors | None = None
        try:
            vectors = self._readable(space)
            bad = len(given) if vectors is None else len(given) - int(vectors.good(given).sum())
            if bad:
                found.append(
                    f"{bad} of {len(given)} vectors are missing from the file of vectors or damaged."
                )
        except Damaged as error:
            found.append(str(error))
        try:
            store = self._stores.get(space)
            opened = store or self._open_store(self._store_folder, space.collection, space.dimensions)
            try:
                if (count := opened.count()) != len(expected):
                    found.append(f"The store of vectors holds {count} instead of {len(expected)}.")
                elif expected and vectors is not None:
                    opened.nearest(vectors.get(expected[:1])[0], 1)
            finally:
                if store is None:
                    opened.close()
        except Damaged as error:
            found.append(str(error))
        return found

    def stop(self) -> None:
        """Let a running `embed` end after the group it is at."""
        self._stopped.set()

    def close(self) -> None:
        with self._lock:
            for store in self._stores.values():
                store.close()
            for vectors in self._vectors.values():
                vectors.close()
            self._stores.clear()
            self._vectors.clear()
