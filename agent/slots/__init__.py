"""Find a time for a meeting: pure functions over plain values, which read nothing by themselves.

`find_slots` is the door: people with what is known of their time, and a request with its rules, give
ranked slots, or the smallest conflict with the nearest ways out. docs/scheduling.md tells how it decides.
"""

from __future__ import annotations

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
from deskhand.agent.slots.solve import NOTICE, Scored, find_slots, free_starts, scored_starts

__all__ = [
    "NINE_TO_FIVE",
    "NOTICE",
    "PARTS",
    "Availability",
    "Conflict",
    "Interval",
    "Part",
    "Preferences",
    "Proposal",
    "Scored",
    "Slot",
    "SlotRequest",
    "Week",
    "find_slots",
    "free_starts",
    "scored_starts",
]
