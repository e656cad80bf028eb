"""The reading of a time that is ruled out, and of a recurrence with what it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from deskhand.agent.times.reading import Reading
from deskhand.agent.times.recur import next_after
from deskhand.agent.times.terms import Hours, Not, Repeat, Term, Without

_PATIENCE = 100
"""Times in succession that exceptions may leave out before the first that stays: it must not take long."""


def ruled_out(
    term: Not | Without, make: Callable[[Term, tuple[int, int] | None], Reading | None], zone: str
) -> Reading | None:
    """The reading of a time that is ruled out, or of a recurrence with exceptions.

    Its first slot is the first that is not left out; holidays are not known here, and leave out nothing.
    """
    if isinstance(term, Not):
        reading = make(term.term, None)
        return replace(reading, negated=True) if reading is not None else None
    reading = make(term.repeat, None)
    if reading is None:
        return None
    made = ((one, make(one, span)) for span, one in term.excludes)
    excludes = tuple(_first_in_month(_of_the_day(one, it), zone) for one, it in made if it is not None)
    reading, *others = (
        replace(_begin(one, excludes, zone), not_holidays=term.holidays)
        for one in (reading, *reading.alternatives)
    )
    return replace(reading, alternatives=tuple(others))


def _of_the_day(term: Term, reading: Reading) -> Reading:
    """ "Except Mondays after 4": those hours to the end of the day."""
    hours = term.time if isinstance(term, Repeat) else None
    if not isinstance(hours, Hours) or hours.end is not None or reading.start is None:
        return reading
    midnight = reading.start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return replace(reading, end=midnight) if reading.end == reading.start else reading


def _first_in_month(reading: Reading, zone: str) -> Reading:
    """ "Except in December": the first slot of a daily rule that has a month."""
    if reading.start is None or not reading.rrule.startswith("FREQ=DAILY;BYMONTH"):
        return reading
    first = next_after(reading.rrule, reading.start, after=reading.start - timedelta(seconds=1), zone=zone)
    return replace(reading, start=first or reading.start)


def _begin(reading: Reading, excludes: tuple[Reading, ...], zone: str) -> Reading:
    reading = replace(reading, excludes=excludes)
    if reading.start is None:
        return reading
    early = reading.start - timedelta(seconds=1)
    first = next_after(
        reading.rrule, reading.start, after=early, zone=zone, excludes=excludes, patience=_PATIENCE
    )
    if first is None:
        return replace(reading, problem=f"Its exceptions leave out the next {_PATIENCE} times of it, or all.")
    end = first + (reading.end - reading.start) if reading.end is not None else None
    return replace(reading, start=first, end=end)
