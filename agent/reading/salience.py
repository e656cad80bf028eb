"""Which sentences carry a text: those whose words many parts of it share. One pass, no model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

from deskhand.agent.reading.words import content

_PLEASANTRY = re.compile(
    r"""(?ix)^\W*(hi|hello|hey|dear|hallo|liebe[rs]?|bonjour|hola|thanks|thank\ you|many\ thanks|cheers|
    best|kind|warm|
    regards|sincerely|greetings|good\ (morning|afternoon|evening)|hope\ (you|this|all)|sent\ from\ my|
    have\ a\ (nice|good|great)|
    see\ you|talk\ soon|danke|viele\ grüße|mit\ freundlichen|merci|cordialement|gracias|saludos|
    sounds\ good|perfect|great|
    no\ problem|you['’]re\ welcome|looking\ forward)\b"""
)
_TOO_LONG = 60


def weigh(texts: Sequence[str], parts: Sequence[int]) -> list[float]:
    """A weight for each sentence; `parts` says which part (message, section) each belongs to.

    Words count by the number of parts that use them; a sentence by its words, evened out for its
    length. The first sentence of a part counts a little more, pleasantries hardly at all.
    """
    stems = [list(dict.fromkeys(content(text))) for text in texts]
    shared = Counter(
        word for _, word in {(p, w) for p, found in zip(parts, stems, strict=True) for w in found}
    )
    often = Counter(word for found in stems for word in found)
    weights, before = [], -1
    for text, found, part in zip(texts, stems, parts, strict=True):
        score = sum(log(1 + shared[w]) + 0.3 * log(1 + often[w]) for w in found[:_TOO_LONG]) / sqrt(
            len(found) + 4
        )
        if _PLEASANTRY.match(text) and len(found) < 6:
            score *= 0.1
        if len(found) < 3:
            score *= 0.3
        if part != before:
            score *= 1.15
        before = part
        weights.append(score)
    return weights


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sentences say the same, so that one of them is enough."""
    return (
        bool(one and other) and len(one & other) >= 0.7 * min(len(one), len(other)) and len(one & other) > 1
    )
