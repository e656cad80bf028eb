"""Characters that nobody sees, made visible: what hides in a text, or turns its writing round.

For what is shown before a decision. Elsewhere such characters are dropped (`clean`), which leaves
alone what comes out of here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

_HIDING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode: control, format (bidi, zero width, tags), surrogate, private, unassigned, line breaks."""
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks of other categories that show nothing."""
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = frozenset("\u00a0\u2009\u202f\u3000")
"""Spaces that writers use; one of them between two words hides nothing."""
_TAGS = range(0xE0000, 0xE0080)
_MARKS = 3
"""So many accents may stand on one letter."""
_NAMES = {
    "\u00ad": "soft hyphen", "\u061c": "right-to-left mark for Arabic", "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner", "\u200d": "zero-width joiner", "\u200e": "left-to-right mark",
    "\u200f": "right-to-left mark", "\u2060": "word joiner", "\ufeff": "zero-width no-break space",
    "\u00a0": "no-break space", "\u202a": "turns the writing to the right",
    "\u202b": "turns the writing to the left", "\u202c": "ends a turn of the writing",
    "\u202d": "turns the writing to the right", "\u202e": "turns the writing round",
    "\u2066": "turns the writing to the right", "\u2067": "turns the writing to the left",
    "\u2068": "turns the writing", "\u2069": "ends a turn of the writing", "\ufe0f": "emoji selector",
}  # fmt: skip
_HOST = re.compile(
    r"(?<=[@/])[\w.-]*[^\W\d_a-zA-Z][\w.-]*|(?<![\w.-])(?:[\w-]{1,63}\.){0,8}xn--[\w.-]+", re.I
)
_STRETCH = re.compile(r"([ -~\n\t]+)|[^ -~\n\t]+")
"""What is plain to see at once, and what has to be looked at."""
_SHOWN = 200
"""So much of a hidden text is told."""


def visible(text: str, *, lines: bool = True) -> str:
    """A text in which nothing hides: what is invisible, or turns the writing round, is shown by its number.

    A host with letters of another alphabet is followed by what it really is, and one in punycode by what
    it would be read as (RFC 3492). `lines=False` makes it one line.
    """
    return "".join(
        said.replace("⟦U+27E6⟧", "⟦").replace("⟦U+27E7⟧", "⟧") for said, _ in pieces(text, lines=lines)
    )


def pieces(text: str, *, lines: bool = True) -> Iterator[tuple[str, bool]]:
    """The same in parts, and of each whether it is a mark of ours in place of, or beside, the text.

    The brackets of such a mark are never the text's own: those are marked too.
    """
    at = 0
    for found in _HOST.finditer(text):
        host = found[0].rstrip(".-")  # the full stop of a sentence is none of the host
        end = found.start() + len(host)
        yield from _marked(text, at, end, lines)
        if said := _really(host):
            yield f" ⟦{said}⟧", True
        at = end
    yield from _marked(text, at, len(text), lines)


def remarks(text: str) -> list[str]:
    """What a person is to know of what hides in a text, a sentence each."""
    found = [(c, m) for _, m, at, end in _runs(text, 0, len(text)) if m for c in text[at:end]]
    hidden = [c for c, _ in found if ord(c) not in _TAGS and c not in "⟦⟧" and not unicodedata.combining(c)]
    said = []
    if hidden:
        counted = Counter(hidden).most_common()
        named = [f"{_name(c)}{f', {n} times' if n > 1 else ''}" for c, n in counted[:4]]
        kinds = len(counted) - 4
        more = f" and {kinds} other kind{'' if kinds == 1 else 's'}" if kinds > 0 else ""
        one = "1 character" if len(hidden) == 1 else f"{len(hidden)} characters"
        said.append(f"{one} in it cannot be seen: {'; '.join(named)}{more}.")
    tags = "".join(chr(ord(c) - 0xE0000) for c, _ in found if ord(c) in _TAGS)
    if tags:
        plain = "".join(c for c in tags if c.isprintable()).replace("”", "'").strip()
        what = f": “{plain[:_SHOWN]}{'…' if len(plain) > _SHOWN else ''}”" if plain else ""
        said.append(f"Hidden text stands in it{what}.")
    return said


def _marked(text: str, start: int, end: int, lines: bool) -> Iterator[tuple[str, bool]]:
    for kind, mark, at, upto in _runs(text, start, end):
        if not mark:
            plain = text[at:upto]
            yield plain if lines else plain.replace("\n", " "), False
        elif not lines and kind in "\r\n":
            yield " ", False
        else:
            times = f" ×{upto - at}" if upto - at > 1 else ""
            what = "hidden text" if kind == "tag" else f"{upto - at} marks" if kind == "mark" else _code(kind)
            yield f"⟦{what}{times if kind != 'mark' else ''}⟧", True


def _runs(text: str, start: int, end: int) -> Iterator[tuple[str, bool, int, int]]:
    """Stretches that are plain, or the same hidden character again and again."""
    for stretch in _STRETCH.finditer(text, start, end):
        if stretch[1]:
            yield "", False, *stretch.span()
            continue
        at = stretch.start()
        for (kind, mark), run in groupby(range(*stretch.span()), lambda i: _kind(text, i)):
            upto = at + sum(1 for _ in run)
            yield kind, mark, at, upto
            at = upto


def _kind(text: str, i: int) -> tuple[str, bool]:
    """What stands at a place: ("", False) where it is to be seen, else what is written of it."""
    c = text[i]
    if ord(c) in _TAGS:
        return "tag", True
    if c in "⟦⟧" or c in _BLANK:
        return c, True
    category = unicodedata.category(c)
    before, after = text[i - 1 : i] if i else "", text[i + 1 : i + 2]
    if category == "Zs":
        lone = c in _SPACES and not before.isspace() and not after.isspace() and before and after
        return ("", False) if lone else (c, True)
    if _SELECTORS.match(c):
        return ("", False) if c == "\ufe0f" and _pictures(before) else (c, True)
    if c in "\u200c\u200d":
        return ("", False) if _joins(text, i, c) else (c, True)
    if unicodedata.combining(c) and i >= _MARKS:
        piled = all(unicodedata.combining(b) for b in text[i - _MARKS : i])
        return ("mark", True) if piled else ("", False)
    return (c, True) if category in _HIDING else ("", False)


def _joins(text: str, i: int, c: str) -> bool:
    """Whether a joiner means something where it stands: in a script that needs it, or between pictures."""
    before, after = text[i - 1 : i] if i else "", text[i + 1 : i + 2]
    if c == "\u200d" and _pictures(after) and (_pictures(before) or before == "\ufe0f"):
        return True
    return all("\u0600" <= b <= "\u109f" for b in (before or " ", after or " "))


def _pictures(char: str) -> bool:
    if not char:
        return False
    return char in "0123456789#*©®‼⁉" or (char > "\u2000" and unicodedata.category(char) in ("So", "Sk"))


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"


def _name(char: str) -> str:
    known = _NAMES.get(char) or unicodedata.name(char, "").lower() or "a control character"
    return f"{_code(char)} {known}"


@lru_cache(maxsize=1_000)
def _really(host: str) -> str:
    """What a host is in plain letters; or, where it is written so, in those it stands for."""
    try:
        if host.isascii():
            decoded = host.encode("ascii").decode("idna")
            return _bare(decoded) if decoded != host else ""
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return "not plain letters"


def _bare(text: str) -> str:
    """A short text with its hidden characters by their numbers, and nothing beside it."""
    return "".join(said for said, _ in _marked(text, 0, len(text), False)).replace("⟦", "‹").replace("⟧", "›")
