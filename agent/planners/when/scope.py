"""How much of a series a wish is about: one occurrence, all from a day on, or the whole."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from deskhand.agent.planners.when.limits import without
from deskhand.agent.planners.words.request import Request

_FROM = re.compile(
    r"[\s,]*\b(?:from|starting(?: from| in| on)?|as of|as from|beginning(?: in| on)?|effective)\s+", re.I
)
_NOW = re.compile(
    r"[\s,]*\b(?:from now on|from here on|going forward|in (?:the )?future|permanently|for good)\b", re.I
)
_ON = re.compile(r"\s+(?:on|onwards?)\b", re.I)
_WHOLE = re.compile(
    r"[\s,]*\b(?:for\s+)?(?:the\s+)?(?:(?:whole|entire)\s+series(?:\s+of)?|"
    r"all (?:of them|occurrences)(?:\s+of)?|every time|always|each time)(?=\W|$)",
    re.I,
)
_ONCE = re.compile(
    r"[\s,]*\b(?:only\s+|just\s+)?(?:this (?:one|time|once)|once|the next one)\b(?:\s+only)?", re.I
)
_FAR = timedelta(days=400)


def scope(request: Request, *, moving: bool = False) -> tuple[Request, dict[str, Any]]:
    """The wish without the words for it, and arguments of `event.find`.

    `moving`: "from Tuesday" says which one it is; only "from Tuesday on" and whole weeks and months go on.

    `following` from the first occurrence on, `series` for the whole, nothing where a day says which one is
    meant, and `ask` where nothing was said: a series is asked about then.
    """
    if m := _NOW.search(request.head):
        return without(request, m.span()), {"following": True}
    for m in _FROM.finditer(request.head):
        said = request.times_in(m.start(), len(request.head))
        time = next((t for t in said if t.start and t.span[0] - m.end() <= 1), None)
        if time is None or time.start is None or time.grain in ("hour", "minute"):
            continue
        end = max(time.span[1], m.end())
        tail = _ON.match(request.head, end)
        goes_on = tail is not None or time.text.lower().endswith((" on", " onward", " onwards"))
        if moving and not goes_on and time.grain not in ("week", "month", "year"):
            continue
        start = max(time.start, request.known.now)
        args = {"following": True, "start": start.isoformat(), "end": (start + _FAR).isoformat()}
        return without(request, (m.start(), tail.end() if tail else end)), args
    if m := _WHOLE.search(request.head):
        return without(request, m.span()), {"series": True}
    if m := _ONCE.search(request.head):
        return without(request, m.span()), {}
    day = any(t.kind in ("interval", "instant") and t.start for t in request.times)
    return request, {} if day else {"ask": True}
