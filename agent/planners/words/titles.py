"""What an event is called, out of the words of the wish that books it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from deskhand.agent.planners.words.people import Listed
from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import without_ends
from deskhand.agent.times.lexicon import places

NONE = "Meeting"
"""What an event is called that was not given a name."""

_ABOUT = re.compile(
    r"\b(?:about|regarding|concerning|re|to (?:discuss|talk (?:about|through)|go (?:over|through)|"
    r"review|prepare|plan|"
    r"look at|work on)|on the (?:topic|subject) of|called|titled|named|entitled)\b:?\s+|:\s+",
    re.I,
)
_ON = re.compile(r"\b(?:on|for)\s+", re.I)
_VERB = re.compile(
    r"(?:schedule|book|set ?up|set|arrange|organi[sz]e|plan|fix|put|add|create|make|block(?: out| off)?|"
    r"reserve|"
    r"invite|have|meet|get|hold|pencil in|slot in|save|find|grab|do)\b\s*",
    re.I,
)
_CALENDAR = re.compile(
    r"\b(?:(?:to|on|onto|in|into)\s+)?(?:my|the|our)\s+(?:\w+\s+)?(?:calendar|diary|agenda|planner|"
    r"schedule)\b",
    re.I,
)
_INVITED = re.compile(r"\binvit\w+\s+.*?\b(?:to|for)\s+", re.I)
_NEXT = re.compile(
    r"\s\b(?:about|regarding|concerning|re|for|on|in|at|to|into|so|because|with|and|which|that)\b", re.I
)
_BEFORE = re.compile(r"\b(?:with|together with|inviting|invite|between|meet|for|join(?:ed)? by)\s*$", re.I)
_ENDS = words(
    """
    a an the my our new quick short brief long little some another meeting meetings time slot for of in
    it that this up out off me us so and just now soon something minute minutes hour block invitation
    invite added put there or /
    """
)
_ALONE = frozenset(
    {"appointment", "event", "session", "meet", "them", "him", "her", "one", "talk", "day", "free"}
)


_LOOKED_AT = 600
_REASON = re.compile(
    r"\s*[,;–—]+\s*(?:(?:because|since|as|so|and)\s+)*(?:(?:i|we|he|she|they)\s+(?:have|has|need|needs|want|wants|must|"
    r"am|is|are|was|will)\b|(?:i['’](?:m|ve|ll)|we['’](?:re|ve|ll)|s?he['’](?:s|ll)|they['’](?:re|ve|ll))(?=\s))"
    r"[^,;]*$",
    re.I,
)
"""Why it is booked, behind the wish: what an event is called ends before it."""
_LIMIT = re.compile(r"\s*,\s*(?:no|not|but|except\w*|exclud\w+|without|never|only|unless)\b.*", re.I)
_LEFT = words(
    """
    sometime anytime some point
    any day days time times week weeks weekday weekdays month months year years hour hours minute
    minutes every each excluded excluding excepted included first second third fourth fifth last
    next this that business working workday workdays one two three four five six seven eight nine
    ten no not sharp prompt zone timezone noon midnight am pm total occurrence occurrences at on in
    of the a an for from to and or is are out
    more less than least most at within before after until till by not never without
    eastern central mountain pacific local
    """
)
"""Words of times and limits that nobody calls a meeting by."""
_KINDS = words("call meeting chat sync catchup catch-up talk standup interview videocall 1-1 1:1")


def of(
    request: Request, people: Sequence[dict[str, Any]], lists: Sequence[Listed], *, whole: bool = False
) -> str:
    """The quoted title, else what it is about, else what kind of thing it is and with whom.

    Words of times and limits that nobody read are no title ("First business day", "2027"): others see it.
    `whole` leaves them in, for who looks for what was not understood.
    """
    if request.quotes:
        return request.quotes[0]
    request = _without_reason(request)
    spans = [_with_word(request, one) for one in lists]
    spans += [m.span() for m in _CALENDAR.finditer(request.head)]
    kind, about = _kind(request, spans), ""
    if not whole:
        kind = without_times(kind)
    if m := _ABOUT.search(request.head):
        about = request.cut(m.end(), len(request.head), without=spans)
    if not about and kind in ("", *_ALONE):
        for m in _ON.finditer(request.head):
            if not any(a <= m.start() < b for a, b in (*spans, *(t.span for t in request.times))):
                about = without_ends(request.cut(m.end(), len(request.head), without=spans), _ENDS)
                about = about if whole else without_times(about)
                break
    if about:
        return f"{about[:1].upper()}{about[1:]}"
    who = ", ".join(str(p["name"] or p["address"]).split(" ")[0] for p in people)
    named = "" if kind in _ALONE else kind
    if named and (" " in named or not who):
        return f"{named[:1].upper()}{named[1:]}"
    named = f"{named[:1].upper()}{named[1:]}" or NONE
    return f"{named} with {who}" if who else named


def _without_reason(request: Request) -> Request:
    m = _REASON.search(request.head) if len(request.head) <= _LOOKED_AT else None
    if m is None or not request.head[: m.start()].strip() or request.readings_in(*m.span()):
        return request
    if any(m.start() <= n.span[0] for n in request.named):
        return request
    return replace(request, head=request.head[: m.start()])


def without_times(title: str) -> str:
    """A title without what limits it and the city of its clock; empty where nothing else is left."""
    title = _LIMIT.sub("", title).strip(" ,")
    said = title.split()
    if len(said) > 1 and said[0].lower() in _KINDS:
        place = " ".join(said[1:])
        if place[:1].isupper() and place.lower() in places():
            return said[0]
    left = (word.lower().strip(".,;:'") for word in said)
    return "" if all(word in _LEFT or word.isdigit() for word in left) else title


def _kind(request: Request, spans: Sequence[tuple[int, int]]) -> str:
    """ "lunch", "budget review", "dentist": what stands behind the verb."""
    verb = _INVITED.match(request.head) or _VERB.match(request.head)
    start = verb.end() if verb else 0
    text = request.cut(start, len(request.head), without=spans)
    kind = without_ends(_NEXT.split(f" {text}", maxsplit=1)[0], _ENDS)
    meal = next((w for w in ("breakfast", "lunch", "dinner") if w in request.head.lower()), "")
    return kind or meal  # "lunch on Friday" is a time of day to those who read times


def _with_word(request: Request, one: Listed) -> tuple[int, int]:
    m = _BEFORE.search(request.head, 0, one.span[0])
    return (m.start() if m else one.span[0], one.span[1])
