"""Find a time for a meeting: pure functions over plain values, which read nothing by themselves.

`find_slots` is the door: people with what is known of their time, and a request with its rules, give
ranked slots, or the smallest conflict with the nearest ways out. `find_series` is that for a recurring
meeting, `find_together` for several at once, `find_by_moving` where others may move to make room.
docs/scheduling.md tells how they decide.
"""

from __future__ import annotations

from deskhand.agent.slots.joint import MOST_STEPS, find_together
from deskhand.agent.slots.model import (
    NINE_TO_FIVE,
    PARTS,
    Availability,
    Conflict,
    Interval,
    Part,
    Preferences,
    Proposal,
    Slot,
    SlotRequest,
    Week,
)
from deskhand.agent.slots.moving import Movable, Moved, Moving, MovingProposal, find_by_moving
from deskhand.agent.slots.repeats import Repeats
from deskhand.agent.slots.series import Missed, Series, SeriesProposal, find_series
from deskhand.agent.slots.solve import NOTICE, Scored, find_slots, free_starts, scored_starts
from deskhand.agent.slots.together import (
    MOST_TOGETHER,
    Between,
    Break,
    DifferentDays,
    InOrder,
    SameDay,
    Schedule,
    Together,
    Wanted,
)

__all__ = [
    "MOST_STEPS",
    "MOST_TOGETHER",
    "NINE_TO_FIVE",
    "NOTICE",
    "PARTS",
    "Availability",
    "Between",
    "Break",
    "Conflict",
    "DifferentDays",
    "InOrder",
    "Interval",
    "Missed",
    "Movable",
    "Moved",
    "Moving",
    "MovingProposal",
    "Part",
    "Preferences",
    "Proposal",
    "Repeats",
    "SameDay",
    "Schedule",
    "Scored",
    "Series",
    "SeriesProposal",
    "Slot",
    "SlotRequest",
    "Together",
    "Wanted",
    "Week",
    "find_by_moving",
    "find_series",
    "find_slots",
    "find_together",
    "free_starts",
    "scored_starts",
]
