"""Arithmetic on stretches of time: whole minutes since 1970 in UTC, and the wall clocks laid over them.

`Spans` are sorted, disjoint, never touching, half open `[start, end)`. Every function here takes and
returns them so, and is linear in their number.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Span = tuple[int, int]
Spans = list[Span]
Segments = Sequence[tuple[int, int, int]]
"""`(start, end, offset)` for each stretch in which a zone keeps one offset from UTC, in minutes."""

DAY = 24 * 60
EVER = 1 << 40
"""Later than any minute a datetime can name."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = EPOCH.toordinal()
_EPOCH_WEEKDAY = EPOCH.weekday()
_MINUTE = timedelta(minutes=1)


def floor_minute(moment: datetime) -> int:
    """The minute a moment lies in."""
    since = moment - EPOCH
    return since.days * DAY + since.seconds // 60


def ceil_minute(moment: datetime) -> int:
    """The first minute that does not begin before a moment."""
    since = moment - EPOCH
    return since.days * DAY - (-(since.seconds + bool(since.microseconds)) // 60)


def before(one: datetime, other: datetime) -> bool:
    """Whether one moment comes before another. `<` between two times of one zone looks at the wall
    clock alone (PEP 495), so it errs where the clock is turned back."""
    return one - EPOCH < other - EPOCH


def moment(minute: int, zone: ZoneInfo) -> datetime:
    """A minute as an aware datetime."""
    return (EPOCH + minute * _MINUTE).astimezone(zone)


def day_number(day: date) -> int:
    """Days since 1 January 1970."""
    return day.toordinal() - _EPOCH_DAY


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


def on_the_clock(segments: Segments, day: Callable[[int, int], Iterable[Span]]) -> Spans:
    """The minutes at which the wall clock shows a time that `day` names for that local day.

    `segments` are from `offsets`; `day` is given the day's number (see `day_number`) and its weekday, Monday
    is 0, and gives minutes of the day, 0 to 1440. A time the clock skips is not there, one it shows
    twice is there twice.
    """
    made: Spans = []
    for start, end, offset in segments:
        for number in range((start + offset) // DAY, (end + offset - 1) // DAY + 1):
            midnight = number * DAY - offset
            for opens, closes in day(number, (number + _EPOCH_WEEKDAY) % 7):
                made.append((max(start, midnight + opens), min(end, midnight + closes)))
    return united(made)


def local_days(segments: Segments) -> list[tuple[int, int, int]]:
    """`(start, end, number)` of each local day, in order. A day of which the clock shows a part, then part of
    another day, then more of it, is there in pieces."""
    made: list[tuple[int, int, int]] = []
    for start, end, offset in segments:
        for number in range((start + offset) // DAY, (end + offset - 1) // DAY + 1):
            midnight = number * DAY - offset
            first, last = max(start, midnight), min(end, midnight + DAY)
            if made and made[-1][2] == number:
                made[-1] = (made[-1][0], last, number)
            else:
                made.append((first, last, number))
    return made


def offset_at(segments: Segments, minute: int) -> int:
    """The offset from UTC at a minute in the segments."""
    return segments[max(bisect_right(segments, (minute, EVER, 0)) - 1, 0)][2]


def grid_starts(starts: Spans, segments: Segments, *, grid: int) -> Iterator[int]:
    """Those of `starts`, in order, at which the wall clock is on the grid."""
    for low, high in starts:
        for at in range(max(bisect_left(segments, (low,)) - 1, 0), len(segments)):
            start, end, offset = segments[at]
            if start >= high:
                break
            first = max(low, start)
            first += -(first + offset) % grid
            yield from range(first, min(end, high), grid)


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
