"""Answers out of what a search found: the sentences that hold them, or plainly that none does.

The rule of confidence: every name and number of the question must stand in the sentence, its item's
title, or right before it; most other words too; and the sentence must hold the kind of thing that
was asked for (a person, a time, an amount, a place). Nearly is not an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.reading.dates import dates_in, says_itself
from deskhand.agent.reading.phrasing import author_of, capital, moment, quote, said, title_of
from deskhand.agent.reading.sentences import kinds_of, split
from deskhand.agent.reading.thread import own_words
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
_GOES_ON = re.compile(r"(?i)\W*(it|this|that|they|these|he|she|we|i|there|both|its|their|his|her)\b")
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
_NEEDED = 0.6
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
class _Question:
    wanted: Wanted
    terms: dict[str, float]
    """Stems and their weights."""
    anchors: frozenset[str]
    """Names and numbers: stems that must be there."""
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    item: Item
    text: str
    score: float
    rank: int


def answer(question: str, passages: Sequence[tuple[Item, str]], *, zone: str, limit: int = 5) -> Brief:
    """Answer a question from search hits (item and its best passage, best first), or say that they do not.

    At most `limit` sentences, strongest first, each verbatim and citing the version it stands in;
    times are shown in `zone` (IANA). With no answer the nearest items are listed and called that.
    """
    asked = _read(question)
    title = squash(question)[:200] or "(no question)"
    found: dict[tuple[str, str], _Candidate] = {}
    if asked.terms:
        for rank, (item, passage) in enumerate(passages):
            for candidate in _candidates(asked, item, passage, rank, zone):
                key = (candidate.text.casefold(), str(item.ref))
                if key not in found or found[key].score < candidate.score:
                    found[key] = candidate
    best = sorted(found.values(), key=lambda c: (-c.score, c.rank))
    # A weaker sentence beside a strong one is noise, not a second answer.
    best = [c for c in best if c.score >= 0.75 * best[0].score][:limit]
    if not best:
        return _nothing(asked, title, passages, zone=zone, limit=limit)
    years = {c.item.at.year for c in best}
    told = tuple(said(c.item, c.text, zone=zone, year=True, after=_when(c, zone)) for c in best)
    note = "These come from different years; the newest may be the one that holds." if len(years) > 1 else ""
    return Brief(title=title, sections=(Section(heading="", passages=told),), note=note)


def _read(question: str) -> _Question:
    text = squash(question)[:1000].replace("’", "'")
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
    return _Question(wanted, terms, anchors, frozenset(words(text)))


def _candidates(asked: _Question, item: Item, passage: str, rank: int, zone: str) -> list[_Candidate]:
    own_text = own_words(passage) if item.ref.kind == "message" else passage
    parts = [s for s in split(own_text) if s.kind != "heading"]
    around = set(content(f"{item.title} {author_of(item)}"))
    whole = squash(item.text)
    total = sum(asked.terms.values())
    found = []
    before: set[str] = set()
    for part in parts:
        own = set(content(part.text))
        # "It was signed in Oslo" speaks of what the sentence before it named; others speak for themselves.
        near = around | set(content(part.heading)) | (before if _GOES_ON.match(part.text) else set())
        before = own
        if part.kind == "code" or not own or "question" in kinds_of(part.text) or part.text.endswith("?"):
            continue
        if not all(t in own or t in near for t in asked.anchors):
            continue
        direct = sum(weight for term, weight in asked.terms.items() if term in own)
        nearby = sum(weight for term, weight in asked.terms.items() if term not in own and term in near)
        coverage = (direct + 0.7 * nearby) / total
        holds = _holds(asked, part.text, item, zone)
        speaks = _SPEAKS_OF[asked.wanted].search(part.text)
        strong = speaks or any(t in own for t, weight in asked.terms.items() if weight >= 1)
        fresh = own - asked.terms.keys()
        if (
            coverage < _NEEDED
            or _other_words(asked, own | near) < 0.5
            or not holds
            or not strong
            or not fresh
            or part.text not in whole
        ):
            continue
        score = coverage + 0.15 / (1 + rank) - 0.002 * max(0, len(own) - 25)
        found.append(_Candidate(item, part.text, score, rank))
    return found


def _other_words(asked: _Question, there: set[str]) -> float:
    """The share of the question's plain words, neither names nor vague, that are there."""
    plain = [t for t, weight in asked.terms.items() if weight == 1]
    return sum(t in there for t in plain) / len(plain) if plain else 1.0


def _holds(asked: _Question, text: str, item: Item, zone: str) -> bool:
    """Whether the sentence holds the kind of thing asked for, and not only what the question brought."""
    match asked.wanted:
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
            return bool(names - asked.words) or bool(_SELF.search(text))
        case "time":
            named = [text[d.first : d.last] for d in dates_in(text, at=item.at, zone=zone)]
            named += [m[0] for m in _SPAN.finditer(text)]
            return any(not set(words(n)) <= asked.words for n in named)
        case "reason":
            return bool(_CAUSE.search(text))
        case "amount":
            figures = [m[0].casefold().rstrip(".,") for m in _HAS_NUMBER.finditer(text)]
            counted = {"many", "long", "often", "old", "number", "far"} & asked.words
            return any(f not in asked.words and (counted or f[0].isdigit()) for f in figures)
        case "place":
            return any(
                not set(words(m[0])) - {"in", "at", "to", "from", "near", "on", "the"} <= asked.words
                for m in _IN_A_PLACE.finditer(text)
            )
        case _:
            return True


def _when(candidate: _Candidate, zone: str) -> str:
    """What relative days in the answer mean, since they are read long after they were written."""
    told = []
    for date in dates_in(candidate.text, at=candidate.item.at, zone=zone)[:2]:
        named = candidate.text[date.first : date.last].strip()
        if not says_itself(named):
            told.append(f"“{named}” is {date.shown()}")
    return f"({'; '.join(told)})" if told else ""


def _nothing(
    asked: _Question, title: str, passages: Sequence[tuple[Item, str]], *, zone: str, limit: int
) -> Brief:
    text = "Nothing was found that answers this."
    seen: set[str] = set()
    for item, passage in passages:
        seen.update(content(f"{item.title} {author_of(item)} {passage}"))
    if passages and (missing := [t for t in asked.terms if t not in seen and t in asked.anchors]):
        text += f" No passage mentions {' or '.join(_as_asked(title, missing))}."
    sections = [Section(heading="", passages=(Passage(text=text),))]
    nearest: dict[object, Item] = {item.ref: item for item, _ in reversed(passages)}
    items = list(dict.fromkeys(item.ref for item, _ in passages))[:limit]
    if items:
        told = tuple(
            Passage(
                text=f"{title_of(i)} ({capital(author_of(i))}, {moment(i.at, zone, year=True)})",
                cites=(Citation.of(i),),
            )
            for i in (nearest[ref] for ref in items)
        )
        sections.append(Section(heading="Nearest to it, without an answer", passages=told))
    return Brief(title=title, sections=tuple(sections))


def _as_asked(question: str, stems: Sequence[str]) -> list[str]:
    """The question's own words for some stems."""
    return [
        quote(w)
        for w in dict.fromkeys(re.findall(r"[\w'-]+", question))
        if any(stem(x) in stems for x in words(w))
    ]
