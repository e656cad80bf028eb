"""Arithmetic on stretches of time, in whole minutes.

`Spans` are sorted, disjoint, never touching, half open `[start, end)`. Every function here takes and
returns them so, and is linear in their number.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

Span = tuple[int, int]
Spans = list[Span]

EVER = 1 << 40
"""Later than any minute a datetime can name."""


def united(spans: Iterable[Span]) -> Spans:
    """Any spans, in any order, made disjoint; empty and backward ones are dropped."""
    return joined(sorted(spans))


def joined(spans: Iterable[Span]) -> Spans:
    """Spans in the order of their starts made disjoint; empty and backward ones are dropped."""
    made: Spans = []
    low = high = -EVER
    for start, end in spans:
        if start > high:
            if low < high:
                made.append((low, high))
            low, high = start, end
        elif end > high:
            high = end
    if low < high:
        made.append((low, high))
    return made


def touching(spans: Iterable[Span], minutes: int) -> Spans:
    """The starts at which a meeting of so many minutes touches one of these."""
    lead = minutes - 1
    return joined([(start - lead, end) for start, end in spans])


def holding(spans: Iterable[Span], minutes: int) -> Spans:
    """The starts at which a meeting of so many minutes lies wholly in one of these."""
    return [(start, end - minutes + 1) for start, end in spans if end - start >= minutes]


def common(one: Spans, other: Spans) -> Spans:
    """What lies in both. Leaps to where the later of the two begins."""
    made: Spans = []
    i = max(bisect_right(one, (other[0][0], EVER)) - 1, 0) if other else 0
    j = max(bisect_right(other, (one[0][0], EVER)) - 1, 0) if one else 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            made.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return made


def without(spans: Spans, cut: Spans, *, lead: int = 0) -> Spans:
    """What of `spans` lies in none of `cut`, each of which begins `lead` minutes sooner than it says. Leaps
    over whichever of the two is denser."""
    made: Spans = []
    here = there = 0
    while here < len(spans):
        low, high = spans[here]
        there = max(bisect_right(cut, (low + lead, EVER), there) - 1, there)
        if there < len(cut) and cut[there][1] <= low:
            there += 1
        if there == len(cut) or cut[there][0] - lead >= high:
            # Nothing is cut off up to the span in which the next cut begins, if it begins in one.
            after = bisect_left(spans, (cut[there][0] - lead,), here + 1) if there < len(cut) else len(spans)
            made += spans[here : after - 1]
            here = after - 1
            low, high = spans[here]
        at = there
        while at < len(cut) and cut[at][0] - lead < high:
            start, end = cut[at]
            start -= lead
            if low < end and start < end:
                if low < start:
                    made.append((low, start))
                low = end
            at += 1
        if low < high:
            made.append((low, high))
        here += 1
    return made


def outside(spans: Spans, *, within: Span) -> Spans:
    """What of `within` lies in none of them."""
    return without([within], spans)


def runs(starts: Sequence[int], spans: Spans) -> Iterator[tuple[int, int]]:
    """`(first, end)` for each run of `starts`, by position, that lies in one of these spans. Leaps over
    whichever of the two is denser."""
    count, many = len(starts), len(spans)
    at = span = 0
    while at < count and span < many:
        if spans[span][1] <= starts[at]:
            span = max(bisect_right(spans, (starts[at], EVER), span) - 1, span)
            if spans[span][1] <= starts[at]:
                span += 1
                continue
        low, high = spans[span]
        first = bisect_left(starts, low, at)
        at = bisect_left(starts, high, first)
        if first < at:
            yield first, at
        span += 1
