"""What a question asks for, and whether a sentence holds that kind of thing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from deskhand.agent.reading.dates import dates_in
from deskhand.agent.reading.sentences import kinds_of
from deskhand.agent.reading.words import content, squash, stem, words
from deskhand.connectors.model import Item

Wanted = Literal["person", "time", "amount", "place", "reason", "anything"]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WANTED: tuple[tuple[Wanted, re.Pattern[str]], ...] = (
    (
        "amount",
        re.compile(
            r"(?i)\bhow (much|many|long|old|big|large|far|often|high)\b|\bwhat('s| is| was| are|"
            r" were)? (the )?([\w-]+ )?(price|cost|budget|amount|fee|rate|number|total|percentage|"
            r"rent|salary|code|pin|iban|version|phone)\b|\bat what (price|cost|rate)\b"
        ),
    ),
    ("reason", re.compile(r"(?i)\bwhy\b|\bfor what reason\b")),
    (
        "time",
        re.compile(
            r"(?i)\bwhen\b|\b(what|which) (time|date|day|month|week|year)\b|\bsince when\b|"
            r"\bby when\b|\bhow soon\b|\bdeadline\b|\bdue date\b"
        ),
    ),
    (
        "person",
        re.compile(
            r"(?i)\b(who|whom|whose)\b|\b(which|what) (person|colleague|people)\b|" r"\bwhat is the name of\b"
        ),
    ),
    (
        "place",
        re.compile(
            r"(?i)\bwhere\b|\b(which|what) (place|room|city|address|venue|location|office|hotel|"
            r"country)\b"
        ),
    ),
)
_CAUSE = re.compile(
    r"(?i)\b(because|since|so that|due to|reasons?|therefore|in order to|owing to|weil|parce que)\b"
)
_SPAN = re.compile(
    r"(?i)\b(?:within|in|after|before)\s+\d+\s+[^\W\d_]+|\b(?:19|20)\d\d\b|"
    r"\b\d{1,2}(?:st|nd|rd|th)\b|\b(?:every|each)\s+[^\W\d_]+"
)
_JOINS = re.compile(
    r"(?i)\?\s+|(?:,\s*|\s+)and\s+(?=(?:by\s+)?(?:who|whom|whose|when|where|what|which|why|how)\b)"
)
_POINTS_BACK = re.compile(r"(?i)\b(it|that|this|them|they|those)\b")
_VAGUE = frozenset(
    stem(w)
    for w in _set(
        """
    time date day place name person happen take cost price much many long number amount total
    budgeted start begin end held new plan going status latest current answer question find mean
    work deal thing information detail tell write mail email message document file note state
    mention deadline due which
    """
    )
)
# What a sentence must speak of to answer for its title or the sentence before it alone.
_SPEAKS_OF: dict[Wanted, re.Pattern[str]] = {
    "time": re.compile(
        r"(?i)\b(dates?|days?|starts?|starting|begins?|meet|meeting|takes? place|held|deadline|due|launch|"
        r"scheduled|moved to|it is on|it's on|is on|will be on|ends?)\b"
    ),
    "amount": re.compile(
        r"(?i)\b(costs?|price|fee|total|budget|rate|pay|paid|salary|rent|amounts?|it is|it's|"
        r"there are|takes?)\b"
    ),
    "person": re.compile(
        r"(?i)\b(leads?|owns?|responsible|owner|charge|runs?|handles?|is the|will do|contact)\b"
    ),
    "place": re.compile(
        r"(?i)\b(meet|venue|address|room|location|held|takes? place|it is in|it's in|is at|is in)\b"
    ),
    "reason": re.compile(r"(?i)\bbecause\b"),
    "anything": re.compile(r"(?i)\b(it|this|that|they|because|since)\b"),
}
_PERSON = re.compile(r"(?<![.!?“\"] )(?<!^)\b([^\W\d_a-z][^\W\d_]+)(?:\s+(?:[^\W\d_a-z][^\W\d_]+))?")
_SELF = re.compile(r"(?i)\b(i|i'll|i'm|i've|my|me)\b")
_HAS_NUMBER = re.compile(
    r"\d[\d.,]*|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|"
    r"thirty|forty|fifty|hundred|thousand|million|half|dozen|twice|once|weekly|daily|"
    r"monthly)\b",
    re.I,
)
_IN_A_PLACE = re.compile(
    r"\b(?:in|at|to|from|near|on)\s+(?:the\s+)?[^\W\d_a-z][\w-]+|(?i:\b(room|street|st|"
    r"avenue|road|hall|floor|office|hotel|building|venue|address|location|online|zoom|"
    r"teams|folder|drawer|cabinet|shelf|kitchen|garage|basement|station|https?://\S+))\b"
)
_NOT_NAMES = _set(
    """
    january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep oct nov dec
    mon tue wed thu fri sat sun i i'm i'll i've ok the a we it this that eur usd gbp chf pdf q1 q2
    q3 q4
    """
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `terms` are stems and their weights; `anchors` the names and numbers among them."""

    text: str
    wanted: Wanted
    terms: dict[str, float]
    anchors: frozenset[str]
    words: frozenset[str]

    def with_subject(self, first: Question) -> Question:
        """The second half of a question, about what the first half named."""
        if not _POINTS_BACK.search(self.text) and self.anchors:
            return self
        terms = {**first.terms, **self.terms}
        return replace(
            self, terms=terms, anchors=self.anchors | first.anchors, words=self.words | first.words
        )

    def covered(self, there: set[str]) -> float:
        """The share of the question's plain words, neither names nor vague, that are there."""
        plain = [t for t, weight in self.terms.items() if weight == 1]
        return sum(t in there for t in plain) / len(plain) if plain else 1.0

    def speaks(self, sentence: str) -> bool:
        """Whether a sentence speaks of what is asked, so that it may answer for its title alone."""
        return bool(_SPEAKS_OF[self.wanted].search(sentence))

    def held_by(self, text: str, item: Item, zone: str) -> bool:
        """Whether the sentence holds the kind of thing asked for, and not only what the question brought."""
        match self.wanted:
            case "person":
                names = {w for m in _PERSON.finditer(text) for w in words(m[0])} - _NOT_NAMES
                first = words(text)[:2]
                names |= {w for p in item.people for w in words(p.name) if w in first or w in words(text)}
                if (
                    first
                    and text[:1].isupper()
                    and first[0] not in _NOT_NAMES
                    and re.match(r"[^\W\d_]+ ([^\W\d_a-z]\w+ )?(is|was|will|has|\w+s|\w+ed)\b", text)
                ):
                    names.add(first[0])
                # Who says "agreed" or "I will" is the person.
                return bool(names - self.words or _SELF.search(text) or "decision" in kinds_of(text))
            case "time":
                named = [text[d.first : d.last] for d in dates_in(text, at=item.at, zone=zone)]
                named += [m[0] for m in _SPAN.finditer(text)]
                return any(not set(words(n)) <= self.words for n in named)
            case "reason":
                return bool(_CAUSE.search(text))
            case "amount":
                for date in reversed(dates_in(text, at=item.at, zone=zone)):
                    text = f"{text[: date.first]} {text[date.last :]}"  # no day is an amount
                figures = [m[0].casefold().rstrip(".,") for m in _HAS_NUMBER.finditer(text)]
                counted = {"many", "long", "often", "old", "number", "far"} & self.words
                return any(f not in self.words and (counted or f[0].isdigit()) for f in figures)
            case "place":
                return any(
                    not set(words(m[0])) - {"in", "at", "to", "from", "near", "on", "the"} <= self.words
                    for m in _IN_A_PLACE.finditer(text)
                )
            case _:
                return True


def halves(question: str) -> list[str]:
    """ "What is it, and who agreed to it?" asks two things."""
    text = squash(question)[:1000].replace("’", "'")
    return [part for part in _JOINS.split(text) if part.strip(" ?.,")] or [text]


def read(question: str) -> Question:
    """What one question asks for, and the words that carry it."""
    text = question
    wanted: Wanted = next((w for w, pattern in _WANTED if pattern.search(text)), "anything")
    terms = dict.fromkeys(content(text), 1.0)
    proper = {
        stem(w)
        for m in re.finditer(r"(?<!^)\b[^\W\d_a-z][\w'-]*|\b\d[\d.,:-]*\b", text)
        for w in words(m[0])
        if w not in _NOT_NAMES
    }
    anchors = frozenset(proper & terms.keys())
    for term in terms:
        terms[term] = 1.5 if term in anchors else 0.25 if term in _VAGUE else 1.0
    return Question(text.strip(" ?.,"), wanted, terms, anchors, frozenset(words(text)))
