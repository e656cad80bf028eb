"""The default embedder: all-MiniLM-L6-v2 as int8 on onnxruntime, in this process, without torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from deskhand.index.embed import MINILM
from deskhand.index.minilm.weights import int8_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TOKENS = 256
BATCH = 32
"""Batches of 8 to 64 are within 15 % of each other."""
THREADS = 2


class MiniLM:
    """384 dimensions, 256 tokens, English. Some 40 passages a second and 3 ms a query on two cores."""

    name = MINILM
    dimensions = 384
    revision = "all-MiniLM-L6-v2/int8-1"
    """Names the fp32 model and our way of quantising it, not the file: wherever the weights came
    from, their vectors are within 0.01 of the same (a test holds that), so losing one copy of
    the weights and finding another does not throw the vectors away."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self._lock = Lock()
        self._loaded: tuple[Any, Any] | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        tokenizer, session = self._load()
        # What a text weighs in a batch is the longest in it: like goes with like.
        encodings = [tokenizer.encode(text.encode("utf-8", "replace").decode()) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        rows = np.empty((len(texts), self.dimensions), np.float32)
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            longest = max(len(encodings[i].ids) for i in chosen)
            ids = np.zeros((len(chosen), longest), np.int64)
            mask = np.zeros((len(chosen), longest), np.int64)
            for row, i in enumerate(chosen):
                tokens = encodings[i].ids
                ids[row, : len(tokens)] = tokens
                mask[row, : len(tokens)] = 1
            rows[chosen] = _pooled(session, ids, mask)
        return rows

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                from deskhand.index.chunk import tokenizer

                words = tokenizer()
                words.enable_truncation(MOST_TOKENS)
                self._loaded = (words, _session(int8_weights(self._models)))
            return self._loaded


def _session(weights: Path) -> Any:
    """What computes with a file of weights."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(THREADS, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    # Its warnings are for those who make models; they would stand in a person's terminal.
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def _pooled(session: Any, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """Mean over the tokens that are there, to length 1: as the model was trained."""
    import numpy as np

    (hidden,) = session.run(
        None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    )
    weight = mask.astype(np.float32)
    # The mean's divisor cancels out in the norm.
    pooled: NDArray[np.float32] = np.einsum("bsd,bs->bd", hidden, weight)
    norms: NDArray[np.float32] = np.linalg.norm(pooled, axis=1, keepdims=True)
    return (pooled / np.maximum(norms, 1e-12)).astype(np.float32)
