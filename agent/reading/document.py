"""A document in short: its outline, the sentences that carry it, its dates, figures, decisions and asks."""

from __future__ import annotations

import re
from datetime import datetime

from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.reading.dates import dates_in
from deskhand.agent.reading.phrasing import (
    byline,
    capital,
    count,
    excerpt,
    quote,
    title_of,
)
from deskhand.agent.reading.salience import alike, weigh
from deskhand.agent.reading.sentences import Sentence, kinds_of, split
from deskhand.agent.reading.words import content
from deskhand.connectors.model import Item

_FIGURE = re.compile(
    r"(?i)[€$£¥₹]\s?\d[\d.,]*\s?(?:k|m|bn|million|billion|thousand)?\b|\d[\d.,]*\s?(?:€|"
    r"\$|£|%|percent|eur|usd|gbp|chf|sek|million|billion|thousand|hours?|days?|weeks?|"
    r"months?|people|seats|km|kg)(?!\w)"
)
_MOST_HEADINGS = 12
_READ = 5_000
"""So many sentences are weighed and looked through; the note says when there were more."""


def summarise_document(item: Item, *, length: int = 7, zone: str) -> Brief:
    """Compose a summary of one document version out of its own words.

    No section has more than `length` passages. Times are shown in `zone` (IANA); a date in the text
    is read as on the day this version was made. Every quotation stands in the text, white space aside.
    """
    everything = split(item.text)
    headings = list(dict.fromkeys(s.text for s in everything if s.kind == "heading"))
    body = [s for s in everything if s.kind not in {"heading", "code"} and any(map(str.isalnum, s.text))]
    notes = []
    if len(body) > _READ:
        notes.append(f"The first {_READ:,} of {len(body):,} sentences were read.")
        body = body[:_READ]
    cites = (Citation.of(item),)
    kinds = [kinds_of(s.text) for s in body]
    told: set[str] = set()

    def taken(found: list[Sentence]) -> list[str]:
        fresh = [s for s in found if s.text not in told]
        told.update(s.text for s in fresh)
        return list(dict.fromkeys(f"{_under(s)}{quote(s.text)}" for s in fresh))

    decisions = taken([s for s, k in zip(body, kinds, strict=True) if "decision" in k])
    asks = taken([s for s, k in zip(body, kinds, strict=True) if "ask" in k])
    questions = taken([s for s, k in zip(body, kinds, strict=True) if "question" in k])
    essence = taken(_salient([s for s in body if s.text not in told], length))
    sections = (
        ("Outline", [_outline(headings)] if len(headings) > 1 else []),
        ("In its own words", essence),
        ("Decisions", decisions),
        ("Open questions", questions),
        ("Asks", asks),
        ("Dates", _dates(body, item, zone, told)),
        ("Figures", _figures(body, told)),
    )
    shown = [Section(heading="", passages=(Passage(text=_lead(item, len(headings), zone), cites=cites),))]
    for heading, texts in sections:
        if len(texts) > length:
            notes.append(f"{heading}: the first {length} of {len(texts):,}.")
        if texts:
            shown.append(
                Section(heading=heading, passages=tuple(Passage(text=t, cites=cites) for t in texts[:length]))
            )
    if not body:
        notes.append("The document holds no text that could be read.")
    return Brief(title=title_of(item), sections=tuple(shown), note=" ".join(notes))


def _lead(item: Item, headings: int, zone: str) -> str:
    size = count(len(item.text.split()), "word")
    parts = f" under {count(headings, 'heading')}" if headings else ""
    return f"{capital(size)}{parts}. This version: {byline(item, zone)}."


def _outline(headings: list[str]) -> str:
    shown = " · ".join(h if len(h) <= 80 else quote(h, longest=80) for h in headings[:_MOST_HEADINGS])
    more = len(headings) - _MOST_HEADINGS
    return f"{shown} · and {more:,} more" if more > 0 else shown


def _under(sentence: Sentence) -> str:
    return f"In {quote(sentence.heading, longest=80)}: " if sentence.heading else ""


def _salient(body: list[Sentence], length: int) -> list[Sentence]:
    """The strongest sentences in the document's order, at most two under one heading at first."""
    parts, numbers = [], dict[str, int]()
    for sentence in body:
        parts.append(numbers.setdefault(sentence.heading, len(numbers)))
    weights = weigh([s.text for s in body], parts)
    ranked = sorted(range(len(body)), key=lambda n: (-weights[n], n))
    chosen: dict[int, frozenset[str]] = {}
    for limit in (2, length):
        for n in ranked:
            if len(chosen) == length or weights[n] <= 0:
                break
            under = sum(parts[other] == parts[n] for other in chosen)
            bag = frozenset(content(body[n].text)) if n not in chosen and under < limit else frozenset()
            if len(bag) > 2 and not any(alike(bag, other) for other in chosen.values()):
                chosen[n] = bag
    return [body[n] for n in sorted(chosen)]


def _dates(body: list[Sentence], item: Item, zone: str, told: set[str]) -> list[str]:
    found: dict[str, tuple[datetime, str]] = {}
    for sentence in body:
        for date in dates_in(sentence.text, at=item.at, zone=zone):
            words = excerpt(sentence.text, date.first, date.last)
            if words in told:
                words = sentence.text[date.first : date.last].strip()
            found.setdefault(date.shown(), (date.key, f"{capital(date.shown())}: {quote(words)}"))
    return [text for _, text in sorted(found.values(), key=lambda pair: pair[0])]


def _figures(body: list[Sentence], told: set[str]) -> list[str]:
    found: dict[str, str] = {}
    for sentence in body:
        for match in _FIGURE.finditer(sentence.text[:2000]):
            words = excerpt(sentence.text, match.start(), match.end())
            if words not in told:
                found.setdefault(match[0].strip(), f"{_under(sentence)}{quote(words)}")
    return list(dict.fromkeys(found.values()))
