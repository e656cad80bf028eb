"""Dates, times, ranges, durations and recurrences in English words: read them, say them, run them.

`read` finds the times in a text, `say_*` put values into words that `read` takes back, and
`next_after` and `slots_between` tell when a recurrence runs, `with_exdates` what it leaves out.
"""

from __future__ import annotations

from deskhand.agent.times.lexicon import WEEKDAYS
from deskhand.agent.times.places import zone_of
from deskhand.agent.times.reader import TEXT_LIMIT, read
from deskhand.agent.times.reading import Anchor, Reading
from deskhand.agent.times.recur import next_after, slots_between, with_exdates
from deskhand.agent.times.say import say_duration, say_instant, say_interval, say_rrule

__all__ = [
    "TEXT_LIMIT",
    "WEEKDAYS",
    "Anchor",
    "Reading",
    "next_after",
    "read",
    "say_duration",
    "say_instant",
    "say_interval",
    "say_rrule",
    "slots_between",
    "with_exdates",
    "zone_of",
]
