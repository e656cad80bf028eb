"""What a wish to book only seems to say: who "her" is, when "in its place" is, how often "a day" is."""

from __future__ import annotations

import re

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear

_UNNAMED = re.compile(
    r"(?:\b(?:with|between|invite|inviting|meet|see)|^(?:book|schedule))\s+(?:(?:both|all|the\s+two)\s+of\s+)?"
    r"(?P<who>her|him|them)(?=\s*(?:$|[,.;?!]|(?:on|at|in|for|about|next|this|tomorrow|today|tonight|from|before|"
    r"after|between|and|to|some\s?time|any\s?time|until|by|as|when|again|if)\b))",
    re.I,
)
_IN_PLACE = re.compile(
    r"\bin\s+(?:its|their|that)\s+place\b|\bin\s+place\s+of\s+(?:it|that|them)\b|\binstead\s+of\s+(?:it|that|them)\b|"
    r"\bat\s+that\s+(?:same\s+)?time\b|\bin\s+that\s+(?:slot|gap)\b",
    re.I,
)
_A_DAY = re.compile(
    r"(?:hours?|minutes?|mins?|hrs?|h|m)\s+(?P<often>(?:a|per|each)\s+(?:working\s+|week)?(?:day|morning|afternoon|"
    r"evening|week|month))\b",
    re.I,
)


def when(request: Request) -> Unclear | None:
    """The question when it is, or how often, where that is said by words that tell no time."""
    return _in_place(request) or _a_day(request)


def _in_place(request: Request) -> Unclear | None:
    """The question about "in its place", "at that time": the time of what is not booked is not known yet."""
    m = _IN_PLACE.search(request.head)
    if m is None or request.closed(*m.span()):
        return None
    return Unclear(
        message=f"I cannot tell when “{m.group()}” is, so nothing was done. Say the day and the time of what "
        "is to be booked."
    )


def whom(request: Request) -> Unclear | None:
    """The question who "her" is where a wish names nobody before."""
    m = _UNNAMED.search(request.head)
    if m is None or request.closed(*m.span()):
        return None
    return Unclear(
        message=f"Who is “{m['who']}”? Nothing was done. Say the name in place of “{m['who']}”.",
    )


def _a_day(request: Request) -> Unclear | None:
    """The question about "an hour a day", which is no single meeting, and says no time of day."""
    m = _A_DAY.search(request.head)
    if m is None or request.closed(*m.span()) or request.time("recurrence"):
        return None
    return Unclear(
        message=f"“{m.group()}”: is it a series, and at what time of day? Nothing was done. Say it so: "
        "“every weekday at 9:00 next week”, or book one time."
    )
