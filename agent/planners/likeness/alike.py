"""Which words are like which: groups of words that a sentence embedding puts near each other (`alike.txt`).

So a word that no wording holds ("amended") is read as those near it that some do ("changed", "revised").
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def alike(word: str) -> int | None:
    """The group of a word, lower case; None where none has it."""
    return _table().get(word)


@cache
def _table() -> dict[str, int]:
    lines = files(__package__).joinpath("alike.txt").read_text("utf-8").splitlines()
    return {word: n for n, line in enumerate(lines) for word in line.split()}
