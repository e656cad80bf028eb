"""A wish with its reason in front: "I can't do the 1:1 with Bo on Monday, move it to Tuesday at 9".

The wish stays, and what it calls "it" is the thing that the reason names. A reason that says a time or a
person which the wish does not take over is left where it is: nothing is dropped in silence.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.tidying import strip_politeness

if TYPE_CHECKING:
    from deskhand.agent.planners.words.request import Request

LONGEST = 300
_WORDS = 10
"""So many words at most name a thing."""

_COMMANDS = (
    "move|reschedule|postpone|shift|push|bring|put|pull|change|shorten|lengthen|extend|trim|cut|cancel|"
    "call off|"
    "scrap|delete|remove|drop|take|clear|skip|decline|accept|book|schedule|arrange|set up|set|find|block|"
    "hold|"
    f"reserve|make|{LEXICON['summarise']}|forward|send|reply|respond|answer|draft|write|tell|ask|pause|"
    f"resume|"
    "stop|show|give|list|get|reject|propose|suggest|offer|let|digest|fix|switch"
)
_STATEMENT = re.compile(
    r"(?:(?:since|as|because|seeing\s+that|given\s+that|now\s+that)\s+(?=\w+\s+(?:\w+\s+)?(?:is|are|has|"
    r"have|can|was|only)\b))?(?:i|we|he|she|they|it|there)(?:['’]\w+)?\s|(?:the|my|our|this|that|"
    r"today['’]s|tomorrow['’]s)\s|"
    r"[\w.]+['’]s\s",
    re.I,
)
_JOINT = re.compile(
    r"(?:\s*(?:[,;.!:–—]|\.\.\.|\s-)\s*(?:(?:and|so|then|therefore|but)\s+)*|\s+(?:so|and so|therefore|"
    r"hence)\s+)"
    r"(?=\S)",
    re.I,
)
_DEPENDS = re.compile(r"\b(?:if|unless|whether|in\s+case|provided|as\s+long\s+as)\b", re.I)
_COMMAND = re.compile(rf"(?:{_COMMANDS})\b", re.I)
_TELLS_IT = re.compile(
    r"(?:tell|let|inform|notify|warn)\s+(?:them|every\w+|all|those|the\s+(?:others?|rest|people|participants|"
    r"attendees|guests|invitees))(?:\s+(?:who\s+are\s+|else\s+)?(?:in|at|of)\s+(?:it|that|there))?"
    r"(?:\s+know)?\W*$",
    re.I,
)
_TO_SOME = re.compile(
    r"\s+to\s+(?:a\s+few|some|several|many|various|a\s+couple\s+of)\s+(?:folks|people|others|colleagues|"
    r"of\s+them)\b.*$",
    re.I,
)
_IT = re.compile(
    r"\b(?!that\s+(?:it|the|my|our|an?|there|this|all|no|nobody|every\w*)\b)"
    r"(?:it|that one|this one|this|that|them)(?P<own>s)?\b(?!\s+(?:is|was|does|works?|suits?|are|"
    r"overlap\w*|"
    r"clash\w*|conflicts?|collides?|coincides?|runs?|falls?|lies|i|we|he|she|they|you)\b)",
    re.I,
)
_OF_IT = re.compile(r"\bthe\s+(?:invitation|invite|meeting|appointment|event|request)(?=\W*$)", re.I)
"""What the reason names: "I'd love to come to the tasting, accept the invitation"."""
_HIM = re.compile(r"\b(?:him|her)\b(?!\s+\w+(?:s|mail|message)\b)", re.I)
_THING = re.compile(
    r"(?:^|\s)(?P<thing>(?:the|my|our|this|that|today['’]s|tomorrow['’]s|next|[\w.]+['’]s|lunch|dinner|"
    r"breakfast|coffee|tea|supper|drinks)\s.*|[“\"«].*)$",
    re.I,
)
_PREDICATE = re.compile(
    r"\s+(?:is|are|was|were|isn['’]?t|aren['’]?t|has|have|does|doesn['’]?t|do|don['’]?t|will|won['’]?t|"
    r"can|can['’]?t|"
    r"cannot|could|couldn['’]?t|should|must|only|just|needs?|takes?|lasts?|clash\w*|overlaps?|runs?|goes|"
    r"seems?|"
    r"looks?|happens?|any\s?more|any longer|yet|at all|after all|because|happening|again|now|got|"
    r"gets)\b.*$",
    re.I,
)
_OTHERS = re.compile(r"(?:let|tell|inform|notify|warn)\s+(?:the others|them|everyone|everybody|all)\b", re.I)
_MEANT = re.compile(
    r"^(?P<wish>.*?\b(?:it|that|this)\b.*?)\s*(?:\.\.\.|"
    r"[,;–—-])\s*(?:no,?\s+)?(?:i mean\s+)?(?P<thing>(?:the|my|our)\s.+?)"
    r"(?:,?\s+(?:i mean|that is))?$",
    re.I,
)
_CORRECTED = re.compile(r"\bi mean\b|\bthat is$", re.I)


def without_reason(request: Request) -> Request:
    """The wish without its reason; the request itself where it has none, or where something would be lost."""
    head = request.head
    if len(head) > LONGEST or _COMMAND.match(head) or _STATEMENT.match(head) is None:
        return request
    for joint in _JOINT.finditer(head):
        wish = strip_politeness(head[joint.end() :])
        if _TELLS_IT.match(wish) and not request.tail:
            return request  # the reason is what they are told
        if _OTHERS.match(wish) is not None:
            return request  # who "the others" are, the reason says
        if _COMMAND.match(wish) is None or request.closed(*joint.span()):
            continue
        if _DEPENDS.search(head, 0, joint.start()):
            return request  # no reason, but a condition
        made = _made(request, head[: joint.start()], wish)
        return request if made is None else replace(request, head=made)
    return request


def _made(request: Request, reason: str, wish: str) -> str | None:
    if (m := _MEANT.match(wish)) is not None and _CORRECTED.search(wish):
        return _put(m["wish"], m["thing"])
    thing = thing_of(reason)
    if thing is not None and _OF_IT.search(wish) and not _OF_IT.fullmatch(thing):
        return None if _lost(request, reason, thing) else _OF_IT.sub(lambda _: thing, wish)
    if _IT.search(wish) is not None:
        if thing is None or _lost(request, reason, thing):
            return None
        return _put(wish, thing)
    if _HIM.search(wish) is not None:
        people = [n for n in request.named if n.span[1] <= len(reason)]
        if len(people) != 1 or any(t.kind != "duration" for t in request.readings_in(0, len(reason))):
            return None
        return _HIM.sub(people[0].words, wish, count=1)
    return None if _lost(request, reason, "") else wish


def _put(wish: str, thing: str) -> str:
    return _IT.sub(lambda m: f"{thing}'s" if m["own"] else thing, wish, count=1)


def thing_of(reason: str) -> str | None:
    """What a reason is about: "I won't make (the workshop)", "(the design review) is off"."""
    if (m := _THING.search(reason)) is None:
        return None
    thing = _PREDICATE.sub("", _TO_SOME.sub("", m["thing"])).strip(" ,;.")
    return thing if 1 < len(thing.split()) <= _WORDS else None


def _lost(request: Request, reason: str, thing: str) -> bool:
    """Whether a reason says a time or a person that the thing it is about does not."""
    at = reason.find(thing) if thing else len(reason)
    kept = (at, at + len(thing))
    spans = [t.span for t in request.readings_in(0, len(reason)) if t.kind != "duration"]
    spans += [n.span for n in request.named if n.span[1] <= len(reason)]
    return any(not (kept[0] <= a < kept[1]) for a, _ in spans)
