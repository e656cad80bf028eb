"""One question asked of words and of meaning, and both answers made into one list of items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING

from deskhand.index.filters import Filter
from deskhand.index.model import FoundBy, Hit, Query
from deskhand.index.tables import moment
from deskhand.index.terms import Terms
from deskhand.index.text import Picked, Place, Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K = 10
"""Of reciprocal rank fusion: on three public collections 10 beat words and meaning alone, 60 did not."""

FLOOR = 0.1
"""Cosine below which two texts have nothing to do with each other; something is always nearest."""

_FIRST_LOOK = 100
_DEEPEST = 20_000

Ranked = list[tuple[int, float]]
"""Passages with a score, best first."""

Nearest = Callable[[int], Ranked]
"""The n passages nearest to the question."""


@dataclass(frozen=True, slots=True)
class Found:
    """An item, with the passage of it that fits best."""

    place: Place
    score: float
    found_by: tuple[FoundBy, ...]


def find(
    words: Words,
    query: Query,
    among: Filter,
    *,
    asked: Terms,
    picked: Picked | None,
    nearest: Nearest | None,
) -> list[Found]:
    """The best items, one place each, best first; equal ones the newest first, then by address."""
    ranked: list[Ranked] = []
    places: dict[int, Place] = {}
    fits: Nearest | None = (lambda n: words.rank(asked, among, picked, n)) if asked.words else None
    for fetch in (fits, nearest):
        # Of what was not picked out a part will not be allowed: at once look that much deeper.
        first = _FIRST_LOOK * (2 if among.narrow and picked is None else 1)
        passages, where = _deep(words, fetch, among, query.limit, first) if fetch else ([], {})
        ranked.append(passages)
        places |= where
    return fuse(ranked[0], ranked[1], places, query.limit)


def _deep(
    words: Words, fetch: Nearest, among: Filter, limit: int, first: int
) -> tuple[Ranked, dict[int, Place]]:
    """Look deeper until enough different items are among the passages, or there is no more."""
    n = max(first, 5 * limit)
    while True:
        ranked = fetch(n)
        places = words.places((chunk for chunk, _ in ranked), among)
        if len(ranked) < n or len({p.item for p in places.values()}) >= limit + 20 or n >= _DEEPEST:
            return [pair for pair in ranked if pair[0] in places], places
        n *= 4


def fuse(words: Ranked, meaning: Ranked, places: dict[int, Place], limit: int) -> list[Found]:
    """Reciprocal rank fusion by items, and within an item by passages; the best `limit` items.

    Equal scores have equal ranks, so that the order in which passages were numbered changes nothing.
    """
    items: dict[int, float] = {}
    passages: dict[int, float] = {}
    by: dict[int, tuple[FoundBy, ...]] = {}
    lists: tuple[tuple[FoundBy, Ranked], ...] = (("words", words), ("meaning", meaning))
    for name, ranked in lists:
        best: dict[int, float] = {}
        for chunk, score in ranked:  # best first: the first of an item is its best
            best.setdefault(places[chunk].item, score)
        for chunk, rank in _ranks(ranked):
            passages[chunk] = passages.get(chunk, 0.0) + 1 / (K + rank)
        for item, rank in _ranks(best.items()):
            items[item] = items.get(item, 0.0) + 1 / (K + rank)
            by[item] = (*by.get(item, ()), name)
    chosen: dict[int, tuple[float, int, int]] = {}
    for chunk, score in passages.items():
        place = places[chunk]
        # Of equal passages the one that comes first in the text.
        fit = (score, -place.position, chunk)
        if place.item not in chosen or fit > chosen[place.item]:
            chosen[place.item] = fit

    def order(item: int) -> tuple[float, int, str]:
        place = places[chosen[item][2]]
        return -items[item], -place.begins, place.ref

    return [
        Found(places[chosen[item][2]], round(items[item], 6), by[item])
        for item in nsmallest(limit, items, key=order)
    ]


def _ranks(scored: Iterable[tuple[int, float]]) -> list[tuple[int, int]]:
    """Places from 1 in a list that is sorted; equal scores share the first place of theirs."""
    ranks: list[tuple[int, int]] = []
    last, rank = None, 0
    for position, (key, score) in enumerate(scored, 1):
        if (rounded := round(score, 5)) != last:
            last, rank = rounded, position
        ranks.append((key, rank))
    return ranks


def exactly(scores: NDArray[np.float32], ids: NDArray[np.int64] | None) -> Nearest:
    """Nearest by scores that are known: of these ids, or of all rows."""
    from deskhand.index.vectors import best

    def nearest(n: int) -> Ranked:
        top = best(scores, n)
        numbers = top if ids is None else ids[top]
        return [
            (int(id), float(score)) for id, score in zip(numbers, scores[top], strict=True) if score >= FLOOR
        ]

    return nearest


def hits(words: Words, found: Sequence[Found], similarity: dict[int, float]) -> tuple[Hit, ...]:
    """What was found, as it is shown. `similarity` by passage."""
    rows = words.rows([f.place for f in found])
    return tuple(
        Hit(
            ref=row.ref, kind=row.kind, source=row.source, title=row.title, at=moment(row.begins),
            people=row.people, version=row.version, current=row.current, thread=row.thread,
            folder=row.folder, text=text, score=f.score, found_by=f.found_by,
            similarity=similarity.get(f.place.chunk),
        )
        for f, shown in zip(found, rows, strict=True)
        if shown
        for row, text in [shown]
    )  # fmt: skip
