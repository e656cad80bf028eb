"""Where something is held, in the person's own words: "lunch with Ann on Tuesday at the corner café"."""

from __future__ import annotations

import re

from deskhand.agent.planners.when.limits import without
from deskhand.agent.planners.words.phrases import LEXICON, words
from deskhand.agent.planners.words.request import Request

_WORD = r"[^\W\d_][\w'’&-]*"
_AT = re.compile(
    rf"[\s,]*\bat\s+(?P<place>(?:(?:the|our|my|his|her|their)\s+{_WORD}|(?-i:[^\W\d_a-z])[\w'’&-]*)"
    rf"(?:\s+(?!(?:with|on|at|in|for|about|from|to|until|and|or|not|but|only|before|after|next|this|tomorrow|today)\b)"
    rf"{_WORD}){{0,3}})(?=\s*(?:$|[,;.]|\b(?:with|on|at|for|about|from|to|next|this|tomorrow|today)\b))",
    re.I,
)
_TOPIC = re.compile(
    r"\b(?:about|regarding|concerning|re|to (?:discuss|talk|review|plan|prepare)|on the)\b", re.I
)
_NO_PLACE = words(
    """
    end beginning start latest earliest moment time times same very weekend week month year minimum
    maximum least most once first last next request usual normal hour day morning afternoon evening night
    noon midnight lunchtime back top
    """
)
_MEETING = frozenset(LEXICON["meeting"].split("|")) | words("meeting meetings event board")


def taken(request: Request) -> tuple[Request, str]:
    """The wish without the place where it shall be, and that place; "" where none is said.

    An hour, somebody's name and another event ("at the board meeting") are no places.
    """
    found = list(_AT.finditer(request.head))
    closed = [t.span for t in request.readings] + [n.span for n in request.named] if found else []
    for m in found:
        first, last = m.span("place")
        said = [w.lower().strip("'’") for w in m["place"].split()]
        if any(a < last and first < b for a, b in closed) or request.closed(first, last):
            continue
        topic = next((t for t in reversed([*_TOPIC.finditer(request.head, 0, first)])), None)
        if topic is not None and not any(topic.end() < b <= first for _, b in closed):
            continue  # "about the fire at the plant"
        if any(w in _NO_PLACE or w in _MEETING for w in said):
            continue
        return without(request, m.span(), of_time=False), m["place"].strip()
    return request, ""
