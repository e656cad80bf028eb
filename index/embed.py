"""The one contract of whatever turns text into vectors, and the choice between those there are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


MINILM = "minilm"
SENTENCES = "sentence-transformers"


class NoEmbedder(Exception):
    """There is no model to embed with; the message says what the person can do."""


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors whose dot product is how near they are in meaning.

    Making one is cheap; what it needs is loaded at the first `embed`. Safe to use from threads.
    """

    @property
    def name(self) -> str:
        """What it is called in the settings: `embedder(name)` gives it back."""
        ...

    @property
    def revision(self) -> str:
        """Vectors of one name and revision can be compared, others cannot."""
        ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, in their order: float32 of shape (len(texts), dimensions), each of length 1.

        :raises NoEmbedder: the model is not to be had on this machine.
        """
        ...


def embedder(setting: str, *, models: Path) -> Embedder:
    """The embedder a setting names: `minilm`, or `sentence-transformers:MODEL` (a name or a folder).

    :param models: folder for weights; made when something is kept there.
    :raises NoEmbedder: no such setting.
    """
    name, _, model = setting.partition(":")
    if name == MINILM and not model:
        from deskhand.index.minilm import MiniLM

        return MiniLM(models)
    if name == SENTENCES and model:
        from deskhand.index.sentences import Sentences

        return Sentences(model, cache=models)
    raise NoEmbedder(
        f"There is no embedder {setting!r}; it is {MINILM!r} or '{SENTENCES}:' and the name of a model."
    )
