"""A stretch of a day that is booked as it was said ("from 2 to 4"), told from one that something may lie in.

"From 5pm" says when it begins and not how long it is; a stretch that ends before it begins is asked about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deskhand.agent.planners.when.limit_words import BLOCKS
from deskhand.agent.planners.words.directory import Span
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear
from deskhand.agent.times import Reading

_HALF_DAY = timedelta(hours=12)
_DAY = 24 * 60 * 60
_WHOLE = re.compile(r"\b(?:whole|entire|full|all)\b", re.I)
_FROM = re.compile(r"\b(?:from|starting)\b", re.I)
_TO = re.compile(r"\b(?:to|until|till?|midnight)\b|[-–—]", re.I)
_CLOCKS = re.compile(
    r"(?:\d|[:.\s–—-]|(?<=[\d\s])[ap]\.?m\b|\b(?:from|between|and|to|until|till?|at|noon|midday|midnight|half|quarter|past|uhr|"
    r"o['’]?clock|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)+",
    re.I,
)
"""Hours, and no day."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when something is, where it was said; `spans` is what else says it."""

    said: Reading
    start: datetime
    end: datetime
    spans: tuple[Span, ...] = ()


def exact(request: Request, *, alone: bool) -> Stretch | None:
    """ "From 2 to 4" is the meeting itself; "between 2 and 5" is where it may lie, unless it is blocked.

    :param alone: nobody is met: what is blocked is one's own time.
    """
    said = [t for t in request.times if t.kind == "interval"]
    hours = next((t for t in said if t.grain in ("hour", "minute")), None)
    if hours is None or hours.start is None or hours.end is None or hours.negated:
        return None
    blocks = BLOCKS.match(request.head) is not None
    if "between" in hours.text.lower() and not (blocks and alone):
        return None
    others = [t for t in said if t is not hours]
    if not others:
        return Stretch(hours, hours.start, hours.end)
    (day, *more) = others
    if more or day.grain != "day" or day.start is None or day.negated or not _CLOCKS.fullmatch(hours.text):
        return Stretch(hours, hours.start, hours.end) if said[0] is hours else None
    if said[0] is not hours and not blocks:
        return None
    tz = request.known.owner.tz
    local = day.start.astimezone(tz)
    begins = datetime.combine(local.date(), hours.start.astimezone(tz).time(), tz)
    return Stretch(hours, begins, begins + (hours.end - hours.start), (day.span,))


def part(said: Reading | None) -> Stretch | None:
    """ "Block Friday afternoon": all of it, not half an hour in it."""
    if said is None or said.grain != "part" or said.start is None or said.end is None:
        return None
    return Stretch(said, said.start, said.end)


def whole_day(request: Request, length: Reading | None) -> Stretch | None:
    """ "Block my whole day on Friday": that day, from its beginning to its end."""
    days = [t for t in request.times if t.kind == "interval"]
    if length is None or length.seconds != _DAY or len(days) != 1 or not BLOCKS.match(request.head):
        return None
    (day,) = days
    if day.grain != "day" or day.start is None or day.end is None or _WHOLE.search(length.text) is None:
        return None
    return Stretch(day, day.start, day.end, (length.span,))


def overnight(request: Request, one: Stretch) -> Unclear | None:
    """The question about a stretch that ends before it begins, as the clocks of one day go."""
    start, end = (at.astimezone(request.known.owner.tz) for at in (one.start, one.end))
    if end - start <= _HALF_DAY or end.date() == start.date():
        return None
    hours = round((end - start).total_seconds() / 3600)
    return Unclear(
        message=f"“{one.said.text}” would be {hours} hours, into the next day, so nothing was done. "
        "Say from when to when."
    )


def begins(request: Request, one: Stretch) -> Reading | None:
    """When a meeting begins of which no end is said ("drinks on Friday from 5pm"); None for any other."""
    ends = one.end.astimezone(request.known.owner.tz)
    if (ends.hour, ends.minute) != (0, 0) or BLOCKS.match(request.head):
        return None
    if not _FROM.search(one.said.text) or _TO.search(one.said.text):
        return None
    return replace(one.said, kind="instant", start=one.start, end=None)
