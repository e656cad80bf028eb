"""Wishes that cannot be meant as they stand: one that takes itself back, names nothing, or leaves a choice.

Each becomes a question before any goal sees it: a goal would take the half that it understands.
"""

from __future__ import annotations

import re
from itertools import pairwise

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear

LONGEST = 400
"""Characters of a wish that is looked at."""
_CHANGES = (
    "move|reschedule|postpone|shift|push|bring|put|cancel|call off|scrap|delete|remove|drop|shorten|"
    "lengthen|extend|"
    "forward|relay|skip|book|schedule"
)
_IT = re.compile(rf"(?:{_CHANGES})\s+(?:back\s+)?(it|that|this|them|that one|this one|these|"
rf"those)\b(?!\s+(?:\w+\s+)*?"
                 r"(?:meeting|call|mail|thread|event|lunch|review|week|month))", re.I)  # fmt: skip
_ON = re.compile(
    r"\s*(?:$|(?:to|by|on|at|for|until|from|an?|one|half|\d|back|forward|earlier|later|"
    r"please|again)\b)",
    re.I,
)
_HIM = re.compile(
    r"(?:invite|tell|ask|inform|notify|remind|thank|e-?mail|mail|message|text|ping|let)\s+(him|her|"
    r"them)\b(?!\s+(?:in|at|on)\s+(?:my|our|the)\b)",
    re.I,
)
_HIS = re.compile(
    r"(?:summari[sz]e|sum\s+up|recap|forward|reply\s+to|answer|respond\s+to|read|show\s+me|archive|trash|flag)\s+"
    r"(?P<what>(?:his|her|their)\s+(?:(?:last|latest|newest|recent)\s+)?(?:e-?mails?|mails?|messages?|invit\w+))\b",
    re.I,
)
_BACK = re.compile(
    r"\b(?P<verb>[a-z]+)\b.*?[\s,]+(?:and|but|then)?\s*(?:do not|don['’]?t|never)\s+(?P=verb)\b", re.I
)
_NOT_THEN = re.compile(
    r"\bon (?P<day>\w+day)\b.*\bnot\s+(?:on\s+)?(?:a\s+)?(?P=day)\b"
    r"(?!\s+(?:morning|afternoon|evening|night|at|before|after|between|from|until))",
    re.I,
)
_INVITE = re.compile(r"invite\s+", re.I)
_TO_WHOM = re.compile(
    r"(?:reply|answer|respond|write back)\W+(?:with\s+)?(?:an?\s+)?(?:yes|no|ok(?:ay)?|thanks|sure|fine|"
    r"maybe|"
    r"sounds good)\W*",
    re.I,
)
_IF = re.compile(r"\W*(?:if|unless|in case|provided(?: that)?|as long as|otherwise)\b", re.I)
_THEN = re.compile(
    r",|;|\bthen\b|\botherwise\b|\b(?:book|cancel|move|tell|send|mail|write|ask|reply|"
    r"remind|decline)\b",
    re.I,
)
_ELSE = re.compile(r"\W*(?:if|unless)\b[^,;]*[,;]?\s*(?:then|otherwise|else)?\W*$", re.I)
_ONLY = re.compile(r"\bonly\s+(?:on\s+)?$", re.I)
_MUST = re.compile(
    r"\b(?:must|has\s+to|have\s+to|needs\s+to|should|shall|has\s+got\s+to|ought\s+to|can\s+only)\s+(?:only\s+)?be\s+(?:on\s+|a\s+)?$",
    re.I,
)
_NEW = re.compile(r"(?:book|schedule|arrange|set\s+up|put|add|plan|organi[sz]e|reserve|hold|block)\b", re.I)
_OR = re.compile(r"\s*,?\s*\bor\b\s*(?:maybe\s+|else\s+)?(?:with\s+|to\s+)?", re.I)
_NUMBERED = re.compile(
    r"(?:on\s+)?(?P<day>(?:mon|tues?|wed(?:nes|s)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)\s+(?P<number>[1-9]|1\d)",
    re.I,
)
_ASKS = re.compile(r"\W*(?:who|which|when|is|are|does|do|did|has|have|was|were|if|whether)\b", re.I)


def contradiction(request: Request) -> Unclear | None:
    """The question about a wish that cannot be meant so; None for any other."""
    head = request.head
    if len(head) > LONGEST:
        return None
    if (m := _IT.match(head)) is not None and _ON.match(head, m.end()):
        return Unclear(
            message=f"What is “{m[1]}”? Nothing was said before it; name the event, mail or document."
        )
    if (m := _HIM.match(head)) is not None and not request.named:
        return Unclear(message=f"Whom do you mean by “{m[1]}”? Name somebody, or write an address.")
    if (m := _HIS.match(head)) is not None and not request.named:
        return Unclear(message=f"Whose is “{m['what']}”? Name somebody, or say what it is about.")
    if (m := _BACK.search(head)) is not None and not request.closed(*m.span()):
        return Unclear(message=f"“{head}” says both to {m['verb'].lower()} and not to; nothing was done.")
    if (m := _NOT_THEN.search(head)) is not None and not request.closed(*m.span()):
        return Unclear(message=f"It says both on {m['day']} and not on {m['day']}; which is meant?")
    names = [n.span for n in request.named]
    m = _INVITE.match(head)
    if m and names and not request.times and not request.cut(m.end(), len(head), without=names):
        return Unclear(message="Invite to what? Name the event, or say when a new one is to be.")
    if _TO_WHOM.fullmatch(head):
        return Unclear(message="Reply to which mail? Say whose, or what it is about.")
    if _IF.match(request.original) and (_THEN.search(head) is None or _ELSE.fullmatch(request.original)):
        return Unclear(message=f"“{request.original.rstrip(' .,?!')}”, and then? Say what shall be done.")
    return _other_day(request) or _somebody(request) or _date_or_hour(request)


def _date_or_hour(request: Request) -> Unclear | None:
    """ "Tuesday 1", where the first of a month is a Tuesday, and one o'clock is meant as well as not."""
    for time in request.readings:
        m = _NUMBERED.fullmatch(time.text)
        if m is None or time.start is None or request.tail:
            continue
        day = time.start.astimezone(request.known.owner.tz)
        if day.day == int(m["number"]) and time.grain == "day":
            return Unclear(
                message=f"“{time.text}”: at {m['number']} o'clock, or on {day.day} {day:%B}?",
                choices=(
                    request.put(time.span, f"{m['day']} at {m['number']}"),
                    request.put(time.span, f"on {day.day} {day:%B}"),
                ),
            )
    return None


def _other_day(request: Request) -> Unclear | None:
    """ "on Monday, only on Tuesday"."""
    days = [t for t in request.times if t.kind == "interval" and t.grain == "day" and t.start and t.end]
    for one, two in pairwise(days):
        if one.negated or two.negated or one.start is None or two.start is None or one.end is None:
            continue
        apart = not (one.start <= two.start < one.end)
        between = (request.head, one.span[1], two.span[0])
        if apart and (_ONLY.search(*between) or (_NEW.match(request.head) and _MUST.search(*between))):
            return Unclear(
                message=f"“{one.text}” and “only {two.text}” are different days; which is meant?",
                choices=tuple(request.put((one.span[0], two.span[1]), t.text) for t in (one, two)),
            )
    return None


def _somebody(request: Request) -> Unclear | None:
    """ "with Ann or Bo": one of them is meant, and which is not for the planner to say."""
    if _ASKS.match(request.head):
        return None
    for one, two in pairwise(request.named):
        if _OR.fullmatch(request.head, one.span[1], two.span[0]):
            return Unclear(
                message=f"{one.words} or {two.words}: which of them?",
                choices=tuple(request.put((one.span[0], two.span[1]), n.words) for n in (one, two)),
            )
    return None
