"""Lines as wide as a screen has columns: broken between words, counted as a terminal counts (UAX #11)."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator

from deskhand.agent.clean import clean

WIDEST, NARROWEST = 110, 40


def columns() -> int:
    """How wide a card or a row may be: as the terminal is, 80 in a pipe, within bounds."""
    return min(WIDEST, max(NARROWEST, shutil.get_terminal_size((80, 24)).columns))


def wrapped(line: str, room: int) -> list[str]:
    """A line, cleaned, in pieces no wider than `room` columns, broken between words where there are any."""
    line = clean(line).expandtabs(4)
    indent = line[: len(line) - len(line.lstrip(" "))][: room // 2]
    made: list[str] = []
    row, wide = "", 0
    for word in _words(line, max(8, room - len(indent))):
        size = width_of(word)
        if row.strip() and wide + size > room and word.strip():
            made.append(row.rstrip())
            row, wide = indent, len(indent)
        row, wide = row + word, wide + size
    return [*made, row.rstrip()]


def _words(line: str, most: int) -> Iterator[str]:
    """Words and the spaces between them; a word wider than `most` in pieces."""
    word, wide, space = "", 0, False
    for char in line:
        size = width_of(char)
        if word and ((char == " ") != space or wide + size > most):
            yield word
            word, wide = "", 0
        word, wide, space = word + char, wide + size, char == " "
    if word:
        yield word


def width_of(text: str) -> int:
    """How many columns a text takes in a terminal (UAX #11)."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
