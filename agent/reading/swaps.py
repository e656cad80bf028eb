"""The words that differ between two wordings of a sentence."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

FIGURE = re.compile(
    r"(?i)\d[\d.,:/-]*|\b(mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(january|february|"
    r"march|april|june|july|august|september|october|november|december)\b"
)
_WORD_CELLS = 250_000


def swaps(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """The stretches of words that differ, old and new, figures with what belongs to them.

    Bounded: two very long stretches are not compared word by word but given as one.
    """
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    if len(a) * len(b) > _WORD_CELLS:
        return [_trimmed(" ".join(a), " ".join(b))]
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [
        _widened(old, new, start + i, start + k, start + j, start + m)
        for tag, i, k, j, m in codes
        if tag != "equal"
    ]


def _widened(a: list[str], b: list[str], i: int, k: int, j: int, m: int) -> tuple[str, str]:
    """The words that differ, with those around them that a figure needs: "1 March 2027", "60 days"."""
    old, new = a[i:k], b[j:m]
    if FIGURE.search(" ".join(old)) and FIGURE.search(" ".join(new)):
        first, last = 0, 0
        while (
            first < min(i, j, 2) and a[i - 1 - first] == b[j - 1 - first] and FIGURE.match(b[j - 1 - first])
        ):
            first += 1
        while (
            last < min(len(a) - k, len(b) - m, 2) and a[k + last] == b[m + last] and FIGURE.match(b[m + last])
        ):
            last += 1
        if (
            not last
            and new[-1].isdigit()
            and m < len(b)
            and k < len(a)
            and a[k] == b[m]
            and b[m][0].isalpha()
        ):
            last = 1
        old, new = a[i - first : k + last], b[j - first : m + last]
    return _trimmed(" ".join(old), " ".join(new))


def _trimmed(old: str, new: str) -> tuple[str, str]:
    """Without marks of emphasis around, and without the punctuation that both end in."""
    old, new = (part.strip("*_`|~ ") or part for part in (old, new))
    while len(old) > 1 and len(new) > 1 and old[-1] == new[-1] and old[-1] in ".,;:!?)]|*":
        old, new = old[:-1], new[:-1]
    return old.strip(), new.strip()
