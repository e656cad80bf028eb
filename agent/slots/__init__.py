"""Find a time for a meeting: pure functions over plain values, which read nothing by themselves.

| door | question |
|---|---|
| `find_slots` | when is there time for this meeting, or why is there none? |
| `find_series` | the same for a meeting that is held again and again |
| `find_together` | the same for several meetings at once |
| `find_by_moving` | what would have to move to make room? |

People and a request (`model`) come in. What they say is laid on a time line of whole minutes (`intervals`),
each rule bars some starts (`constraints`), each preference holds points against some (`objective`). What is
left is told in words, the fewest points first; if nothing is, so is the smallest conflict (`explanation`).
`find` is that way from top to bottom, and the place to begin to read. Each room imports only from those above
it in this table.

| room | what it is for |
|---|---|
| `model` | the nouns: who is free when, what is asked for, and what comes of it |
| `intervals` | time as whole minutes, stretches of it, wall clocks, and the window of a request |
| `phrases` | words that rules and facts share |
| `constraints` | what a meeting must keep to: each rule as the starts it bars |
| `objective` | what makes one time better than another: each preference as points, and the order they give |
| `explanation` | the facts about a time, or the smallest conflict and the nearest ways out |
| `find` | a time for one meeting, or why there is none |
| `candidates` | every way in which a meeting could be held, for the three questions below |
| `series` | one time for a meeting that is held again and again, with its exceptions |
| `several` | times for several meetings at once, or those that clash |
| `rescheduling` | which meetings could move to make room, and where to |
| `picture` | who is free when, for a terminal and as an SVG |

docs/scheduling.md tells how they decide.
"""

from __future__ import annotations

from deskhand.agent.slots.find import NOTICE, find_slots, free_starts, scored_starts
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
from deskhand.agent.slots.objective.ranking import Scored
from deskhand.agent.slots.rescheduling import Movable, Moved, Moving, MovingProposal, find_by_moving
from deskhand.agent.slots.series.find import find_series
from deskhand.agent.slots.series.model import Missed, Series, SeriesProposal
from deskhand.agent.slots.series.repeats import Repeats
from deskhand.agent.slots.several.find import MOST_STEPS, find_together
from deskhand.agent.slots.several.model import (
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
