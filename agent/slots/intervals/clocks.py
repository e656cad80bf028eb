"""Wall clocks laid over the time line: where a zone keeps one offset, and what its clock shows there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.slots.intervals.minutes import DAY, EPOCH, moment
from deskhand.agent.slots.intervals.spans import EVER, Span, Spans, united

Segments = Sequence[tuple[int, int, int]]
"""`(start, end, offset)` for each stretch in which a zone keeps one offset from UTC, in minutes."""

_EPOCH_WEEKDAY = EPOCH.weekday()
_MINUTE = timedelta(minutes=1)


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
