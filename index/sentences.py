"""The second embedder: any model of sentence-transformers, on a GPU where there is one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from deskhand.index.embed import SENTENCES, NoEmbedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Sentences:
    """A model by its name at the hub, or by its folder. Loading brings torch: some 8 CPU seconds."""

    def __init__(self, model: str, *, cache: Path) -> None:
        self.name = f"{SENTENCES}:{model}"
        self._source = model
        self._cache = cache
        self._lock = Lock()

    @cached_property
    def revision(self) -> str:
        """The hub's commit, or for a folder a hash over its configuration and the size of its files."""
        config = getattr(getattr(self._model[0], "auto_model", None), "config", None)
        if commit := getattr(config, "_commit_hash", None):
            return str(commit)
        folder = Path(self._source)
        sizes = {str(p.relative_to(folder)): p.stat().st_size for p in folder.rglob("*") if p.is_file()}
        settings = config.to_dict() if config is not None else {}
        text = json.dumps([sizes, settings], sort_keys=True, default=str)
        return sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def dimensions(self) -> int:
        return int(self._model.get_embedding_dimension())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        with self._lock:  # its tokenizers are not safe under threads
            rows = self._model.encode(
                clean,
                batch_size=32,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(rows, np.float32)

    @cached_property
    def _model(self) -> Any:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise NoEmbedder(
                f"{self.name} needs more than is installed: pip install 'deskhand[sentence-transformers]'"
            ) from error
        try:
            return SentenceTransformer(self._source, cache_folder=str(self._cache / "sentence-transformers"))
        except (OSError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            raise NoEmbedder(
                f"The model {self._source!r} is neither a folder nor to be had: {reason}"
            ) from error
