"""Arithmetic on stretches of time: whole minutes since 1970 in UTC, and the wall clocks laid over them.

`Spans` are sorted, disjoint, never touching, half open `[start, end)`. Every function here takes and
returns them so, and is linear in their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Span = tuple[int, int]
Spans = list[Span]
DAY = 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_MINUTE = timedelta(minutes=1)


def floor_minute(moment: datetime) -> int:
    """The minute a moment lies in."""
    return (moment - _EPOCH) // _MINUTE


def ceil_minute(moment: datetime) -> int:
    """The first minute that does not begin before a moment."""
    return -((_EPOCH - moment) // _MINUTE)


def before(one: datetime, other: datetime) -> bool:
    """Whether one moment comes before another. `<` between two times of one zone looks at the wall
    clock alone (PEP 495), so it errs where the clock is turned back."""
    return one - _EPOCH < other - _EPOCH


def moment(minute: int, zone: ZoneInfo) -> datetime:
    """A minute as an aware datetime."""
    return (_EPOCH + minute * _MINUTE).astimezone(zone)


def united(spans: Iterable[Span]) -> Spans:
    """Any spans, in any order, made disjoint; empty and backward ones are dropped."""
    made: Spans = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if made and start <= made[-1][1]:
            if end > made[-1][1]:
                made[-1] = (made[-1][0], end)
        else:
            made.append((start, end))
    return made


def common(one: Spans, other: Spans) -> Spans:
    """What lies in both."""
    made: Spans = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            made.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return made


def outside(spans: Spans, *, within: Span) -> Spans:
    """What of `within` lies in none of them."""
    made: Spans = []
    at = within[0]
    for start, end in spans:
        if start >= within[1]:
            break
        if start > at:
            made.append((at, start))
        at = max(at, end)
    if at < within[1]:
        made.append((at, within[1]))
    return made


def offsets(zone: ZoneInfo, within: Span) -> list[tuple[int, int, int]]:
    """`(start, end, offset)` for each stretch in which the zone keeps one offset from UTC, in minutes.

    Looks at one instant a day and halves where two differ: no zone has changed twice within a day
    since clocks were made by law.
    """

    def offset(minute: int) -> int:
        return int((moment(minute, zone).utcoffset() or timedelta()) // _MINUTE)

    made: list[tuple[int, int, int]] = []
    start, end = within
    at, here = start, offset(start)
    while at < end:
        then = min(at + DAY, end)
        if (there := offset(then)) != here:
            low, high = at, then
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == here else (low, middle)
            if high < end:
                made.append((start, high, here))
                start = high
                here = there
        at = then
    if start < end:
        made.append((start, end, here))
    return made


def on_the_clock(segments: Sequence[tuple[int, int, int]], day: Callable[[date], Iterable[Span]]) -> Spans:
    """The minutes at which the wall clock shows a time that `day` names for that local date.

    `segments` are from `offsets`; `day` gives minutes of the day, 0 to 1440. A time the clock skips
    is not there, one it shows twice is there twice.
    """
    made: Spans = []
    for start, end, offset in segments:
        first, last = (start + offset) // DAY, (end + offset - 1) // DAY
        for number in range(first, last + 1):
            midnight = number * DAY - offset
            for opens, closes in day(date.fromordinal(_EPOCH_DAY + number)):
                made.append((max(start, midnight + opens), min(end, midnight + closes)))
    return united(made)


def grid_starts(
    free: Spans, segments: Sequence[tuple[int, int, int]], *, minutes: int, grid: int
) -> Iterator[int]:
    """Every start, in order, at which `minutes` fit into one free span and the wall clock is on the grid."""
    at = 0
    for low, high in free:
        last = high - minutes
        if last < low:
            continue
        while segments[at][1] <= low:
            at += 1
        for start, end, offset in segments[at:]:
            if start > last:
                break
            first = max(low, start)
            first += -(first + offset) % grid
            yield from range(first, min(end, last + 1), grid)
