"""A question that a wish reports ("ask Ann whether it is ready"), as the one who is asked shall read it."""

from __future__ import annotations

import re

_ASKS = re.compile(r"(?:whether|if|when|where|who|whom|whose|what|which|how|why)\b", re.I)
_WHETHER = re.compile(r"(?:whether|if)(?:\s+or\s+not)?\s+", re.I)
_VERB = (
    r"(?:is|are|was|were|will|would|can|could|should|shall|may|might|has|have|had|isn['’]t|aren['’]t|can['’]t|"
    r"won['’]t)"
)
_TURNS = re.compile(
    r"(?P<who>(?:i|we|you|they|it|he|she|this|that|there)|"
    rf"(?:the|our|my|your|this|that|these|those|their|his|her)(?:\s+(?!{_VERB}\b)[\w'’-]+){{1,4}}?|"
    rf"(?-i:[A-Z][\w'’-]+)(?:\s+(?-i:[A-Z][\w'’-]+))?)\s+(?P<verb>{_VERB})\s+(?P<rest>\S.*)",
    re.I,
)
_NESTED = re.compile(r"\b(?:who|whom|which|that|whose|and|or|if|when|because|while)\b", re.I)


def asks(words: str) -> bool:
    """Whether reported words are a question."""
    return _ASKS.match(words.strip()) is not None


def question(words: str) -> str:
    """ "Whether the offer is ready" as "Is the offer ready?"; what does not turn is asked to be told."""
    words = words.strip().rstrip("?. ")
    whether = _WHETHER.match(words)
    m = _TURNS.fullmatch(words, whether.end()) if whether else None
    if m is None or _NESTED.search(" ".join(m["who"].split()[1:])):
        said = f"whether {words[whether.end() :]}" if whether else f"{words[:1].lower()}{words[1:]}"
        return f"Please tell me {said}."
    who = re.sub(r"^i$", "I", m["who"])
    return f"{m['verb'][:1].upper()}{m['verb'][1:].lower()} {who} {m['rest']}?"
