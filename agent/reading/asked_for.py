"""Whether a message asks for a document: not one that mentions it, and not one that asks for a part of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskhand.agent.reading.asks import is_automatic
from deskhand.agent.reading.sentences import split
from deskhand.agent.reading.words import content
from deskhand.connectors.model import Item

_GIVE = r"(?:send|share|forward|e-?mail|mail|pass|give|get|let|provide|attach|resend|hand|drop|show)"
_ASKING = re.compile(
    rf"(?:\b(?:can|could|would|will|may|might)\s+(?:you|i|we|someone|somebody)\b[^.;]{{0,60}}?"
    rf"\b(?:{_GIVE}|have|see|receive|read)\b"
    rf"|\bplease\b[^.;]{{0,40}}?\b{_GIVE}\b"
    rf"|(?:^|[,;:]\s*|\b(?:and|so|then)\s+){_GIVE}\s+(?:me|us|over|along|it|on)\b"
    r"|\b(?:i|we)(?:\s+(?:would|really|still|also|do|will|urgently)|['’]d|['’]ll)*\s+"
    r"(?:like(?:\s+to\s+(?:have|see|get|read|receive))?|need|want|request|am looking for|are looking for|"
    r"am waiting for|are waiting for|am missing|would appreciate|ask for)\b"
    r"|\b(?:do|have) you (?:have|got)\b|\bis there an?\b|\bany chance of\b"
    r"|\bmind\s+(?:sending|sharing|forwarding)\b|\b(?:waiting|asking|asked you) for\b"
    r"|\blook(?:ing)? forward to (?:receiving|seeing|getting|reading)\b)",
    re.I,
)
"""Words with which somebody asks for something; what follows them is what is asked for."""
_DECLINED = re.compile(
    r"\b(?:no need|(?:do|did|does|would|could|need|can|will)(?:\s+not|n['’]t)|never|no longer|not any more|"
    r"already\s+(?:have|got|received|sent)|thank(?:s| you) for|thanks to)\b",
    re.I,
)
_COPY = (
    r"(?:(?:the|a|an|your|our|that|this|me|us|over|along|on|again|to|of|some|any|another|newest|latest|last|new|"
    r"newer|current|recent|most|final|updated|revised|full|whole|signed|proposed|copy|copies|version|versions|"
    r"draft|revision|edition|text|file|pdf|document|one|by|e-?mail|please|also|once|more|have|see|get|read|look|"
    r"at|receive|know|back)\s+)"
)
_AFTER = """
again please by as when for to before if and or so that today tomorrow tonight this next in on with at asap
over too document file pdf doc version draft copy once soon now from until you we i it of via because since
first also which monday tuesday wednesday thursday friday here there directly quickly yet already
"""
_GOES_ON = frozenset(_AFTER.split())
"""What may follow the name of a document without making something else of it ("the proposal template")."""
_IT = re.compile(
    rf"^\s*{_COPY}{{0,8}}(?:it|that|this|one|them|copy|version|draft|revision|document|file|pdf)\b", re.I
)


def asks_for(item: Item, about: str) -> str:
    """The sentence of a message with which its author asks for a document, "" where none does.

    What is asked for must be the document itself: "the figures in the proposal", "the proposal's budget"
    and "the proposal template" ask for something else, and whoever only mentions it asks for nothing. "Could
    you send it?" does under a subject that names the document. What is not plain is none.
    """
    wanted = content(about)
    if not wanted or is_automatic(item):
        return ""
    titled = {*wanted} <= {*content(item.title)}
    for sentence in split(item.text):
        text = " ".join(sentence.text.split())
        for m in _ASKING.finditer(text):
            if _DECLINED.search(text[: m.end()]):
                continue
            rest = text[m.end() :]
            if _object(rest, wanted) or (titled and _IT.match(rest)):
                return text
    return ""


def _object(rest: str, wanted: Sequence[str]) -> bool:
    """Whether what follows words of asking is the document: before it stands nothing but how it is wanted."""
    start = re.match(rf"\s*{_COPY}{{0,12}}", rest, re.I)
    said = rest[start.end() if start else 0 :].split()
    # The name may come in any order and with little words in it: "offer for the pier", "pier offer".
    left, used = [*wanted], 0
    for n, word in enumerate(said[: len(wanted) + 3]):
        stems = content(word.strip(".,;:!?()[]“”\"'"))
        if word.rstrip(".,;:!?").lower().endswith(("'s", "’s")) and n < len(said) - 1 and len(left) <= 1:
            return False
        if stems and stems[0] in left:
            left.remove(stems[0])
            used = n + 1
        elif stems:
            return False
        if not left:
            break
    if left:
        return False
    ended = said[used - 1][-1:] in '.,;:!?)”"' or used == len(said)
    after = said[used].lower().strip(".,;:!?()") if not ended else ""
    return ended or after in _GOES_ON
