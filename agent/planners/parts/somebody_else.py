"""Whether "she" in a text to somebody may be one whom the wishes before it name: then it is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskhand.agent.planners.parts.antecedents import Earlier
from deskhand.agent.planners.words.hearing import THIRD
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear
from deskhand.agent.profile import Known

_WRITES = re.compile(
    r"(?:tell|ask|inform|notify|warn|let|thank|remind|write|mail|e-?mail|message|text|ping|draft|send)\b",
    re.I,
)
_WITH_SOMEBODY = re.compile(r"\b(?:with|from|by|whether|if)\s+(?:the|my|our|an?|his|her|their)\s+\w+", re.I)
"""Somebody who is not in the directory."""
_MY_WORDS = re.compile(
    r"\b(?:my|our|the|an?)\s+(?:thanks|gratitude|regards|apologies|appreciation|message|mail|word|note|news|line)\b",
    re.I,
)
_SOMEBODY = re.compile(r"\b(?:the|my|our)\s+[a-z][\w-]*", re.I)


def somebody_else(words: str, earlier: Sequence[Earlier], known: Known) -> Unclear | None:
    """The question about "she" in a text to somebody, where the wishes before name others that it may be."""
    if not earlier or not THIRD.search(words):
        return None
    wish = Request.of(words, known)
    if wish.tail or not wish.named or _WRITES.match(wish.head) is None:
        return None
    m = THIRD.search(wish.head, wish.named[0].span[1])
    if m is None or wish.closed(*m.span()):
        return None
    here = {n.key for n in wish.named}
    others = any(n.key not in here for e in earlier for n in e.request.named)
    if not others and not any(_WITH_SOMEBODY.search(e.request.head) for e in earlier):
        return None
    return Unclear(
        lacking=True,
        message=f"Who is “{m.group()}” in “{words}”? Nothing was done. Name who it is, or put the words "
        "behind a colon, as they are to be read.",
    )


def spoken_of(plain: str, words: str, known: Known) -> bool:
    """Whether "he" in a wish written out plainly may be one whom only the words it was read from name."""
    if not THIRD.search(plain):
        return False
    wish = Request.of(plain, known)
    if wish.tail or not wish.named or not THIRD.search(wish.head, wish.named[0].span[1]):
        return False
    here = {n.key for n in wish.named}
    low, words = plain.casefold(), _MY_WORDS.sub(" ", words)
    return any(n.key not in here for n in wish.directory.everybody(words)) or any(
        m.group().casefold() not in low for m in _SOMEBODY.finditer(words)
    )
