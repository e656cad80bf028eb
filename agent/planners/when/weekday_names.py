"""A weekday that belongs to the name of an event: "the Monday stand-up", beside another time."""

from __future__ import annotations

import re

from deskhand.agent.planners.when.limits import weekday
from deskhand.agent.planners.when.limits import without as taken_out
from deskhand.agent.planners.words.request import Request

_NAMED = re.compile(
    r"\b(?:the|my|our|your|this|that)\s+(?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?:['’]s)?\s+"
    r"(?!(?:morning|afternoon|evening|night|lunchtime|noon|at|after|before|from|until|till|in|on|to|by|for|and|or|"
    r"of|with|next|this|last|week|one|off|so|then|\d)\b)(?=[^\W\d])",
    re.I,
)


def by_weekday(request: Request, *, alone: bool = False) -> tuple[Request, int | None]:
    """The wish without the weekday that an event is named by, and that day (Monday is 0).

    None where no event is named so, or where the weekday says when it is: nothing else does. `alone`: what is
    meant is a series, of which no day is asked for.
    """
    m = _NAMED.search(request.head)
    if m is None or request.closed(*m.span("day")):
        return request, None
    others = [t for t in request.times if t.start and not m.start() <= t.span[0] < m.end()]
    if not (alone or any(t.kind in ("interval", "instant") for t in others)):
        return request, None
    return taken_out(request, m.span("day")), weekday(m["day"])
