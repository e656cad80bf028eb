"""Which parts of a text on a card are not the person's own words.

Only what is known to be hers counts as hers: whole lines that stand literally in what she said. All else
of a value that somebody else may have written is foreign, whoever put it together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deskhand.agent.model import Span
from deskhand.agent.wording.unseen import pieces

_MARKS = 1_000
"""Of so many marks it is said where they stand; the value shows all of them."""
_AROUND = re.compile(r"""^[.,;:!?"'“”()]+|[.,;:!?"'“”()]+$""")


def foreign_parts(text: str, said: str) -> Iterator[tuple[str, bool]]:
    """The lines of a text with their ends, those that belong together as one; and whether they are foreign.

    Blank lines go with what follows them.
    """
    own = f" {' '.join(_words(said))} "
    part: list[str] = []
    foreign, waiting = True, 0
    for line in text.splitlines(keepends=True):
        if not line.strip():
            part.append(line)
            waiting += 1
            continue
        words = " ".join(_words(line))
        is_foreign = not words or f" {words} " not in own
        if is_foreign != foreign and len(part) > waiting:
            yield "".join(part[: len(part) - waiting]), foreign
            part = part[len(part) - waiting :]
        part.append(line)
        waiting, foreign = 0, is_foreign
    if part:
        yield "".join(part), foreign


def spans(value: str, said: str, *, foreign: bool, lines: bool = True) -> tuple[str, tuple[Span, ...]]:
    """A value as it is shown, nothing hidden in it, and what of it is foreign or a mark in place of a
    hidden character.

    :param foreign: whether somebody else may have had a hand in it; if not, no part is foreign.
    """
    shown: list[str] = []
    found: list[Span] = []
    at = 0
    for part, theirs in foreign_parts(value, said) if foreign else [(value, False)]:
        begun = at
        for text, mark in pieces(part, lines=lines):
            shown.append(text)
            end = at + len(text)
            if mark and len(found) < _MARKS:
                found.append(Span(start=at, end=end, kind="unseen"))
            at = end
        if theirs:
            blank = len(part) - len(part.rstrip("\n"))
            found.append(Span(start=begun, end=max(begun, at - blank), kind="foreign"))
    return "".join(shown), tuple(
        sorted((s for s in found if s.end > s.start), key=lambda s: (s.start, s.end))
    )


def _words(text: str) -> list[str]:
    """What stands between spaces, without the punctuation around it; that inside an address counts."""
    bare = (_AROUND.sub("", w.casefold()) for w in text.split())
    return [w for w in bare if w]
