"""Vectors in Chroma, embedded in this process. The only file that imports chromadb.

Chroma's local store is not safe under two processes: whoever opens one holds the home's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from deskhand.index.model import Damaged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")


class ChromaStore:
    """One collection. Vectors are always ours: no embedding function, no download, no telemetry."""

    def __init__(self, client: Any, collection: Any) -> None:
        self._client = client
        self._collection = collection
        self._most = client.get_max_batch_size()

    @classmethod
    def open(cls, folder: Path, name: str, dimensions: int) -> ChromaStore:
        """Open or make the collection `name` (3 to 512 of a-z, 0-9, `.`, `_`, `-`) in a folder.

        :raises Damaged: what lies there is not a store of Chroma, or not one of these dimensions.
        """
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(anonymized_telemetry=False)
        try:
            client: Any = _tried(partial(chromadb.PersistentClient, str(folder), settings=settings))
        except Damaged:
            # chromadb keeps what failed to start for the next who opens this path, who then gets
            # an error of another kind even when the folder is whole again.
            SharedSystemClient._identifier_to_system.pop(str(folder), None)
            raise
        try:
            collection = _tried(
                lambda: client.get_or_create_collection(
                    name,
                    embedding_function=None,
                    metadata={"dimensions": dimensions},
                    # Inner product: the vectors are of length 1, so it is the cosine without a division.
                    configuration={"hnsw": {"space": "ip"}},
                )
            )
            kept = (collection.metadata or {}).get("dimensions")
            if kept != dimensions:
                raise Damaged(f"Chroma's collection {name} has {kept} dimensions instead of {dimensions}.")
        except Damaged:
            client.close()
            raise
        return cls(client, collection)

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        for i in range(0, len(ids), self._most):
            keys = [str(id) for id in ids[i : i + self._most]]
            rows = vectors[i : i + self._most]
            _tried(partial(self._collection.add, ids=keys, embeddings=rows))

    def remove(self, ids: Sequence[int]) -> None:
        for i in range(0, len(ids), self._most):
            keys = [str(id) for id in ids[i : i + self._most]]
            _tried(partial(self._collection.delete, ids=keys))

    def nearest(self, vector: NDArray[np.float32], n: int) -> list[tuple[int, float]]:
        if n <= 0:
            return []
        found = _tried(
            partial(self._collection.query, query_embeddings=[vector], n_results=n, include=["distances"])
        )
        near = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(int(id), 1.0 - float(distance)) for id, distance in near]

    def ids(self) -> set[int]:
        return {int(id) for id in _tried(lambda: self._collection.get(include=[]))["ids"]}

    def count(self) -> int:
        return int(_tried(self._collection.count))

    def drop(self) -> None:
        _tried(lambda: self._client.delete_collection(self._collection.name))
        self.close()

    def close(self) -> None:
        self._client.close()


def _tried(call: Callable[[], T]) -> T:
    import chromadb.errors

    try:
        return call()
    except chromadb.errors.InvalidArgumentError:
        raise  # our own mistake, not the disk's
    except chromadb.errors.ChromaError as error:
        raise Damaged(f"Chroma's folder cannot be used: {error}") from error
    except BaseException as error:
        # A panic in its Rust core derives from BaseException, of a class that cannot be imported.
        if type(error).__name__ == "PanicException":
            raise Damaged(f"Chroma's folder cannot be used: {error}") from error
        raise
