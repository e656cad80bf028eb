"""Answers out of what a search found: the sentences that hold them, or plainly that none does.

The rule of confidence: every name and number of the question must stand in the sentence, its item's
title, or right before it; most other words too; and the sentence must hold the kind of thing that
was asked for (a person, a time, an amount, a place). Nearly is not an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.reading.blocks import blocks
from deskhand.agent.reading.dates import dates_in, says_itself
from deskhand.agent.reading.phrasing import author_of, byline, capital, quote, said, title_of
from deskhand.agent.reading.question import Question, halves, read
from deskhand.agent.reading.sentences import kinds_of, split
from deskhand.agent.reading.thread import own_words
from deskhand.agent.reading.words import content, squash, stem, words
from deskhand.connectors.model import Item

_DECIDES = re.compile(
    r"(?i)\b(agree|decide|approve|confirm|accept|sign)(e?d|s)?\b( off)?( to| on)?( it| that| this)\b"
)
_FIGURE = re.compile(r"[€$£]\s?\d[\d.,]*\d|\d[\d.,]*\s+[^\W\d_]{3,}|\d[\d.,]*\s?[%€$£]")
_GOES_ON = re.compile(r"(?i)\W*(it|this|that|they|these|he|she|we|i|there|both|its|their|his|her)\b")
_NEEDED = 0.6


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
    title = squash(question)[:200] or "(no question)"
    parts = [read(part) for part in halves(question)]
    told: list[Passage] = []
    years: set[int] = set()
    first: list[_Candidate] = []
    for n, asked in enumerate(parts):
        best = _deciders(asked, first, passages) if n else []
        best = (best or _best(asked.with_subject(parts[0]) if n else asked, passages, zone))[:limit]
        first = first or best
        years |= {c.item.at.year for c in best}
        found = [said(c.item, c.text, zone=zone, year=True, after=_when(c, zone)) for c in best]
        if n and not found and told:
            found = [Passage(text=f"Nothing was found that answers {quote(asked.text)}.")]
        told += [p for p in found if p not in told]
    if not any(p.cites for p in told):
        return _nothing(parts[0], title, passages, zone=zone, limit=limit)
    note = "These come from different years; the newest may be the one that holds." if len(years) > 1 else ""
    return Brief(title=title, sections=(Section(heading="", passages=tuple(told)),), note=note)


def _best(asked: Question, passages: Sequence[tuple[Item, str]], zone: str) -> list[_Candidate]:
    found: dict[tuple[str, str], _Candidate] = {}
    if asked.terms:
        for rank, (item, passage) in enumerate(passages):
            for candidate in _candidates(asked, item, passage, rank, zone):
                key = (candidate.text.casefold(), str(item.ref))
                if key not in found or found[key].score < candidate.score:
                    found[key] = candidate
    best = sorted(found.values(), key=lambda c: (-c.score, c.rank))
    # A weaker sentence beside a strong one is noise, not a second answer.
    return [c for c in best if c.score >= 0.8 * best[0].score]


def _deciders(
    asked: Question, first: Sequence[_Candidate], passages: Sequence[tuple[Item, str]]
) -> list[_Candidate]:
    """Who agreed to it: decisions that name the figure of the first half's answer ("36 months")."""
    if not first or asked.wanted != "person" or not _DECIDES.search(asked.text):
        return []
    figures = {m[0].casefold() for m in _FIGURE.finditer(first[0].text)}
    found = []
    for rank, (item, passage) in enumerate(passages):
        for part in split(own_words(passage) if item.ref.kind == "message" else passage):
            named = {m[0].casefold() for m in _FIGURE.finditer(part.text)}
            if named & figures and "decision" in kinds_of(part.text) and part.text in squash(item.text):
                found.append(_Candidate(item, part.text, 1.0, rank))
    return found


def _candidates(asked: Question, item: Item, passage: str, rank: int, zone: str) -> list[_Candidate]:
    own_text = own_words(passage) if item.ref.kind == "message" else passage
    parts = [s for s in split(own_text) if s.kind != "heading"]
    begun = next((b.text for b in blocks(item.text[:600]) if b.kind == "heading"), "")
    around = set(content(f"{item.title} {begun} {item.folder} {author_of(item)}"))
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
        holds = asked.held_by(part.text, item, zone)
        speaks = asked.speaks(part.text)
        strong = speaks or any(t in own for t, weight in asked.terms.items() if weight >= 1)
        fresh = own - asked.terms.keys()
        if (
            coverage < _NEEDED
            or asked.covered(own | near) < 0.5
            or not holds
            or not strong
            or not fresh
            or part.text not in whole
        ):
            continue
        score = coverage + 0.15 / (1 + rank) - 0.002 * max(0, len(own) - 25)
        label, colon, _ = part.text.partition(": ")
        if colon and len(label) <= 40 and asked.terms.keys() & set(content(label)):
            score += 0.15  # "Warranty: 36 months" is written to be looked up
        found.append(_Candidate(item, part.text, score, rank))
    return found


def _when(candidate: _Candidate, zone: str) -> str:
    """What relative days in the answer mean, since they are read long after they were written."""
    told = []
    for date in dates_in(candidate.text, at=candidate.item.at, zone=zone)[:2]:
        named = candidate.text[date.first : date.last].strip()
        if not says_itself(named):
            told.append(f"“{named}” is {date.shown()}")
    return f"({'; '.join(told)})" if told else ""


def _nothing(
    asked: Question, title: str, passages: Sequence[tuple[Item, str]], *, zone: str, limit: int
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
                text=f"{title_of(i)} ({capital(byline(i, zone))})",
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
