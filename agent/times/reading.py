"""What a phrase about time means, once it is read: the value that `read` returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Anchor:
    """An event that a time hangs on: "an hour before my flight", "between lunch with Bo and the review".

    Words alone: which event is meant, and when that is, only a calendar can say.
    """

    words: str
    """What names the event, as it was written, without articles: "board meeting"."""
    span: tuple[int, int]
    """Where they stand in the text."""
    relation: Literal["before", "after", "during", "between"]
    seconds: int = 0
    """How long before its start, or after its end; 0: right before or after, at any distance."""
    other: str = ""
    """The second event of "between"."""
    days: int = 0
    """Whole days of the calendar before the day it starts, or after the day it ends; instead of `seconds`."""
    months: int = 0
    """Whole months, counted like `days`."""
    working: bool = False
    """Whether `days` are working days."""
    at: datetime | None = None
    """When it starts, where its name says so: "before my 3pm"."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One time expression in a text.

    `span` is the half-open range of characters that was read, `text` what stands there.

    | kind       | start                      | end                      | also                       |
    |------------|----------------------------|--------------------------|----------------------------|
    | instant    | the instant                | None                     |                            |
    | interval   | first instant, None = open | instant after the last, None = open |                 |
    | duration   | None                       | None                     | `seconds`                  |
    | recurrence | its first slot after now   | end of that slot or None | `rrule` (RFC 5545 RECUR)   |

    `start` and `end` are aware and in the person's zone, whatever zone the words named. A day, a
    week, a month are intervals. `grain` is the finest thing that was said: year, month (a quarter
    is three months), week, day, part (of a day), hour, minute, second. An `rrule` has no BYHOUR
    nor BYMINUTE: the time of day is that of `start`; at grain "day" no time of day was said.
    `seconds` counts a day as 86,400, a month as 30 days and a year as 365.

    `alternatives` are the other things the words may mean, most likely first. Where `problem` is
    set (a sentence for the person: the time does not exist, or happens twice), they are all the
    instants to choose from, the default in `start` among them; none where a zone is not known ("Bo's time").

    `negated`: the time is ruled out ("not Monday", "except mornings"); a part of the day without a day
    is then a recurrence. `anchor`: the time is relative to an event, `start` and `end` are None where
    they hang on it. It is then an instant at a distance that was said ("an hour before", "right after"),
    an interval of grain day, week or month for "the day before", and else an interval with open ends.
    `excludes`: what a recurrence leaves out ("weekdays at 8 except Fridays"), and
    `not_holidays` whether it leaves out public holidays. `zone`: the zone that the words named for a time
    of day (for `zone_of`), "" where they named none; hours of no day are of the days there.
    """

    span: tuple[int, int]
    text: str
    kind: str
    start: datetime | None = None
    end: datetime | None = None
    grain: str = ""
    rrule: str = ""
    seconds: int | None = None
    alternatives: tuple[Reading, ...] = ()
    problem: str = ""
    negated: bool = False
    anchor: Anchor | None = None
    excludes: tuple[Reading, ...] = ()
    not_holidays: bool = False
    zone: str = ""
