"""Where a secret that is an ordinary word stands as a secret, and where it is but a word.

A password like "secret" or "monday" stands in many a sentence, ours and others', that tells nobody of it.
Taken out of all of them it would leave nothing to be read, and its gaps would say which word it is. So it
goes from where a text shows it as a value: behind `=` or `:`, in straight quotes, behind an escape, in what
a client says to sign in, behind a word for secrets, or alone.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 15
"""Letters: what is longer stands in no text by chance."""
_DIGITS = 8

_VALUE = (
    r"(?<=[=:'\"`\\])|(?<=[\x00-\x08\x0e-\x1f])|(?<=\\[nrt0])|(?<=\\x..)|(?<=\\u....)|(?<=%[0-9A-Fa-f]{2})"
)
"""What stands before a value, and not before a word."""
_BETWEEN = r"(?!(?:or|and|nor|not?|an?|the|to|in|on|at|by|set)\b)[^\s,;]*[^\s,;.]"
"""A word between, as the user's name is; with one of these it is a sentence."""
_GIVEN = re.compile(
    rf"""(?ix) (?:
        \b(?:pass(?:word|wd|phrase)|pwd|log[io]n|auth\w*|bearer)\b
            (?:[^\w\s;,.]*\s+ {_BETWEEN}){{0,4}} [^\w\s;,.]*\s+
        | \b(?:tokens?|\w*keys?|pin|credentials?|secrets?) (?:\s+(?:is|was))? \s*[:=] \s*
        | \b(?:tokens?|\w*keys?|pin|credentials?) \s+(?:is|was)\s+
    ) [^\w\s]* \Z"""
)
"""What announces a value."""
_NEAR = 120
"""Characters before it that are looked at."""
_REFERENCE = re.compile(r":[A-Za-z0-9_/]")


def is_candidate(secret: str) -> bool:
    """Whether a secret may be an ordinary word: by how it is written alone."""
    return (secret.isascii() and secret.isalpha() and len(secret) <= LONGEST) or is_number(secret)


def is_number(secret: str) -> bool:
    """Whether it is a number that stands in texts by chance."""
    return secret.isascii() and secret.isdigit() and len(secret) <= _DIGITS


def taken_out(text: str, word: str, instead: str) -> str:
    """The text with `instead` wherever `word` stands in it as a secret."""
    if text.strip() == word:
        return text.replace(word, instead)

    def judged(found: re.Match[str]) -> str:
        if _REFERENCE.match(text, found.end()):
            return word  # `secret:NAME` says where one is, `mail:message:7` what is cited
        if found["value"] is not None:
            return instead
        before = text[max(0, found.start() - _NEAR) : found.start()].rpartition("\n")[2]
        return instead if _GIVEN.search(before) else word

    return _found(word).sub(judged, text)


@lru_cache(maxsize=64)
def _found(word: str) -> re.Pattern[str]:
    own = re.escape(word)
    return re.compile(rf"(?:(?P<value>{_VALUE})|(?<!\w)){own}(?!\w)")
