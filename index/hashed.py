"""A twin of an embedder for tests: a hashed bag of words. It knows no meaning; not for use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD = re.compile(r"\w+")


class Hashed:
    """Texts that share words are near each other; the same text always gives the same vector."""

    def __init__(self, *, dimensions: int = 256, name: str = "hashed", revision: str = "1") -> None:
        self.dimensions = dimensions
        self.name = name
        self.revision = revision

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            # The revision moves every word elsewhere, as another training would.
            for word in _WORD.findall(text.lower()) or [""]:
                row[crc32(f"{self.revision} {word}".encode("utf-8", "replace")) % self.dimensions] += 1
        norms: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / norms
