"""What a phrase about time means, once it is read: the value that `read` returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
    instants to choose from, the default in `start` among them.
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
