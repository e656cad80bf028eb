"""Words about somebody as words to them: "that I will call him on Thursday" is "I will call you on Thursday".

Who else that was said it might be is a question. A lone "he" or "she" is the one it is written to: of nobody
is it known which of them is said, so "tell Ann that he is late" is "You are late".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

THIRD = re.compile(r"\b(?:he|she|they|him|her|hers|his|them|their|theirs|himself|herself|themselves)\b", re.I)
"""Somebody who is not named."""
_PLURAL = frozenset({"they", "them", "their", "theirs", "themselves"})
_FEMALE = frozenset({"she", "her", "hers", "herself"})
_MALE = frozenset({"he", "him", "his", "himself"})
_OBJECTS = frozenset({"him", "them"})
_OWN = {"his": "your", "their": "your", "hers": "yours", "theirs": "yours"}
_SELF = {"himself": "yourself", "herself": "yourself", "themselves": "yourselves"}
_OBJECT_BEHIND = re.compile(
    r"\s*(?:$|[.,;:!?)]|(?:on|at|in|for|to|that|when|if|by|with|about|tomorrow|today|tonight|next|this|and|or|again|back|"
    r"later|soon|better|best|well|most|more|the|an?|whether|before|after|until|till|from|as|because|how|what|where|why|who|than|then|now|"
    r"off|up|out|over|here|there|very|so|too|once|my|our|some|any|\d\S*|\w+day)\b)",
    re.I,
)
"""What stands behind "her" where it is whom, and not whose."""
_SOMEBODY_ELSE = re.compile(
    r"\b(?:the|an?|my|our|your|this|that|these|those|some|all|every|each|both|any|no|another|other|others|his|her|"
    r"their|somebody|someone|everybody|everyone|nobody|people)\b(?!\s+of\b)",
    re.I,
)
_THINGS = re.compile(
    r"\b(?:the|an?|my|our|this|that|his|her)\s+(?:[\w-]+\s+)?(?:mail|message|note|letter|report|proposal|contract|offer|quote|"
    r"invoice|minutes|slides|deck|draft|document|file|call|meeting|review|room|key|keys|parcel|date|time|day|week|form|"
    r"list|plan|budget|figures|numbers|order|ticket|agenda|project|work|help|advice|answer|reply|way|office|house)\b",
    re.I,
)
"""Nobody who may be "he" or "she"."""
_CALLED = re.compile(r"\b(?!I\b|(?-i:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)[A-Z][\w-]+")
"""A name, whoever bears it."""
_PLURALS = re.compile(r"\b(?!(?:is|was|has|does|us|its|yes|plus|always|perhaps)\b)[a-z]{2,}(?<!s)s\b", re.I)
_BEGINS = re.compile(
    r"\s*(?:and\s+)?(?:(?:i|we|you|it|there|if|when|whether|as|because|thank|thanks|sorry|please|he|she|they|his|her|"
    r"their)\b|i['’])",
    re.I,
)
"""How words begin whose subject is no noun that "he" might be."""
_BE = {"is": "are", "was": "were", "has": "have", "does": "do", "isn't": "aren't", "wasn't": "weren't",
       "hasn't": "haven't", "doesn't": "don't", "'s": "'re"}  # fmt: skip
_SUBJECT = re.compile(
    r"\b(?:(?P<front>is|was|has|does|isn't|wasn't|hasn't|doesn't)\s+)?(?P<who>he|she|they)\b"
    r"(?P<short>'s\b)?(?P<adverb>(?:\s+(?:still|always|also|really|never|just|only|now|already|soon|often|usually|only))*)"
    r"(?:\s+(?P<verb>[a-z']+))?",
    re.I,
)
_NEXT_VERB = re.compile(r"\b(?:and|or|but)\s+(?:then\s+|also\s+)?[a-z]+s\b", re.I)
_PAST = frozenset({"us", "less", "yes", "this", "his", "its", "as", "perhaps", "sometimes", "always"})


@dataclass(frozen=True, slots=True)
class Hearer:
    """To whom words are written."""

    several: bool = False
    asked: bool = False
    """They are what the hearer shall do, or is thanked for: he does it to nobody who is "him"."""


def second_person(words: str, hearer: Hearer) -> str | None:
    """Words with "you" for the hearer; None where one of their pronouns may be somebody else that is said.

    Verbs agree ("he needs" is "you need"). What is not a pronoun stays as it was said.
    """
    text = words.replace("’", "'")
    said = [(m.group().lower(), m.start(), m.end()) for m in THIRD.finditer(text)]
    kinds = {w for w, _, _ in said}
    if kinds & _FEMALE and kinds & _MALE:
        return None
    for n, (word, start, end) in enumerate(said):
        whom = word in _OBJECTS or (word == "her" and _OBJECT_BEHIND.match(text, end) is not None)
        if not _may_be(word, whom, hearer):
            return None
        before = text[:start] if word in _PLURAL else _THINGS.sub(" ", text[:start])
        if n:  # those before are the hearer; whose something is names a thing, or somebody else again
            before = re.sub(
                r"\b(?:his|her|their)\s+[\w-]+s?(?=\s+(?:is|are|was|were|has|have)\b)", " ", before
            )
        if _SOMEBODY_ELSE.search(before) or _CALLED.search(before):
            return None
        if word in _PLURAL and _PLURALS.search(before):
            return None
        if not hearer.asked and before.strip(" ,") and not _BEGINS.match(before):
            return None
    if any(w in ("he", "she") for w in kinds) and _NEXT_VERB.search(text):
        return None
    text = _SUBJECT.sub(_as_you, text)
    return THIRD.sub(lambda m: _you(m.group(), _OBJECT_BEHIND.match(m.string, m.end()) is not None), text)


def _may_be(word: str, whom: bool, hearer: Hearer) -> bool:
    """Whether a pronoun can be the hearer at all."""
    if hearer.asked and whom:
        return False
    if hearer.several:
        return word in _PLURAL
    return word not in _PLURAL or (hearer.asked and word in ("their", "theirs"))


def _you(word: str, whom: bool) -> str:
    low = word.lower()
    plain = _OWN.get(low) or _SELF.get(low) or "you"
    said = ("you" if whom else "your") if low == "her" else plain
    return said.capitalize() if word[0].isupper() else said


def _as_you(m: re.Match[str]) -> str:
    you = "You" if m["who"][0].isupper() else "you"
    if m["who"].lower() == "they":
        return m.group()[: m.start("who") - m.start()] + you + m.group()[m.end("who") - m.start() :]
    front = f"{_BE[m['front'].lower()]} " if m["front"] else ""
    short = ("'ve" if (m["verb"] or "").lower() in ("got", "been") else "'re") if m["short"] else ""
    verb = m["verb"] or ""
    if verb and not m["front"] and not m["short"]:
        verb = _plural(verb)
    return f"{front}{you}{short}{m['adverb']}" + (f" {verb}" if verb else "")


def _plural(verb: str) -> str:
    """ "Needs" as it is said of "you"; what does not end so stays."""
    low = verb.lower()
    if low in _BE:
        return _BE[low]
    if low in _PAST or not low.endswith("s") or low.endswith("ss"):
        return verb
    if low.endswith("ies") and len(low) > 4:
        return f"{verb[:-3]}y"
    return verb[:-2] if re.search(r"(?:ch|sh|x|ss|zz|o)es$", low) else verb[:-1]
