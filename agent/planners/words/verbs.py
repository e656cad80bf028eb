"""The verbs with which wishes begin, and whether one behind "and" begins a wish of its own."""

from __future__ import annotations

import re

from deskhand.agent.planners.words.phrases import LEXICON, words
from deskhand.agent.planners.words.request import Request

STRONG = "cancel|call off|delete|scrap|move|reschedule|postpone|shift|push|bring forward"
BOOKS = "book|rebook|re-book|schedule|arrange|set up|organise|organize|find|hold|block|reserve|plan"
CHANGES = "make|change|set|shorten|cut|trim|lengthen|extend|rename|remove|clear|put|add"
WRITES = (
    "tell|ask|draft|write|compose|send|mail|email|e-mail|message|notify|inform|reply|respond|answer|text|"
    "thank|remind|let|forward|ping|say|warn|drop|shoot|prepare"
)
_ELSE = (
    "offer|propose|suggest|accept|decline|summarise|summarize|compare|pause|resume|confirm|show|list|"
    "look up|search for|sum up|recap|invite|file|save|archive|flag|mark|give|check|skip|read|take|look "
    "at|open|use|see"
)
VERBS = f"{STRONG}|{BOOKS}|{CHANGES}|{WRITES}|{_ELSE}"
_ASKING = (
    r"what(?:['’]s|\s+is|\s+are|\s+changed|\s+has)|which\s+\w+\s+(?:are|is|have|has|changed)|"
    r"when(?:['’]s|\s+is|\s+are|\s+do|\s+can|\s+i)|who(?:['’]s|\s+is|\s+are|\s+owes)|am\s+i|do\s+i|"
    r"is\s+there|"
    r"are\s+there|how\s+many"
)
"""How a question begins that is asked along with another."""
FIRST = re.compile(
    rf"(?:{VERBS}|invite|meet|take|get|grab|bin|ditch|axe|pass|share|nudge|chase|follow\s+up|prod|reject|refuse|turn\s+down|call|"
    rf"keep|copy|bring|"
    rf"hand|catch me up|bring me|digest|leave|forget|never mind|do nothing|"
    rf"what|when|where|which|who|how|is|are|am|do|does)\b",
    re.I,
)
"""What a wish may begin with."""
_FILLER = (
    r"while\s+you(?:['’]re|\s+are)\s+at\s+it|(?:once|when)\s+(?:that|it|you)(?:['’]s|['’]re|\s+is|"
    r"\s+are)\s+done|"
    r"at\s+the\s+same\s+time|in\s+addition"
)
JOINT = re.compile(
    r"(?P<joint>(?:\s*[,;.!?]\s*|\s+)(?:and\s+then|and\s+also|and\s+after\s+that|and|then|also|plus|but|"
    rf"after\s+that|afterwards)[\s,]+(?:(?:{_FILLER})[\s,]+)?|\s*[;,]\s*|[.!?]\s+)"
    rf"(?:please\s+|also\s+|then\s+|finally\s+)*(?P<verb>{VERBS}|{_ASKING})(?:\s+(?P<object>\S+)|\s*$)",
    re.I,
)
"""A place where two wishes may be joined."""

TELLS = re.compile(
    r"(?:tell|notify|inform|warn|let|ask|message|mail|e-?mail|send)\s+(?:an?\s+|the\s+|out\s+|them\s+|him\s+|"
    r"her\s+|everybody\s+|everyone\s+|all\s+)*(?:invit\w+|updates?|notices?|notifications?|cancellations?|"
    r"them|him|her|everybody|everyone|people|all(?: of them)?|(?:the )?(?:others|attendees|guests|"
    r"organi[sz]ers?|participants)|those invited)(?:\s+(?:all|involved|concerned|affected|invited|"
    r"know|about (?:it|that)|so|too))*\W*",
    re.I,
)
"""Telling those who are invited, and nothing else: a change of an event does that in any case."""
_DEFINITE = words(
    "a an the my our this that these those all everything another one two three four his her their it them "
    "him me us whoever someone somebody everybody everyone"
)
_PRONOUNS = frozenset({"it", "them", "that", "this", "him", "her", "me", "us"})
_SORT = re.compile(rf"(?:{LEXICON['meeting']})s?\b", re.I)
_PURPOSE = re.compile(
    r"\b(?:about|regarding|concerning|to\s+(?!the\b|my\b|be\b|half\b)[a-z]{3,}\s+(?:the|a|an|my|our)\b)", re.I
)
_ASKS = re.compile(r"(?:(?:tell|show)\s+me\s+)?(?:wh|how)|is\b|are\b|am\b|do", re.I)
_READS = re.compile(
    rf"(?:find\s+out|check|see|look\s+up|summari[sz]e|sum\s+up|recap|(?:(?:give|get|show|send|"
    rf"read)\s+me\s+)?(?:the\s+|a\s+)?(?:{LEXICON['gist']})"
    r"\s+(?:of|on))\b",
    re.I,
)
AGAIN = re.compile(
    rf"(?:{BOOKS}|move|reschedule|put|set|make|have|do)\s+(?:it|this|that|the same|one|another|another one|"
    r"(?:a|the)\s+(?:new|different|other)\s+(?:one|time|slot|date|day)|another\s+(?:time|slot|date|day|one))"
    r"(?:\s+(?:again|back in|in))?\s*(?P<when>\b.*)?$",
    re.I,
)
""" "Book it again on Monday": the event that was cancelled, at another time."""


def begins(request: Request, m: re.Match[str], before: str) -> bool:
    """Whether a verb behind "and" begins a wish of its own, and is no part of the one before it.

    :param m: a match of `JOINT` in the head of the request.
    :param before: the wish in front of it.
    """
    verb, thing = " ".join(m["verb"].lower().split()), (m["object"] or "").lower().strip(".,;:!?")
    rest = request.head[m.start("verb") :]
    asks = re.match(_ASKING, verb, re.I) is not None
    strong = re.fullmatch(STRONG, verb) is not None
    changes = re.match(rf"(?:{STRONG}|remove)\b", before, re.I) is not None
    if TELLS.fullmatch(rest) and re.match(rf"(?:{STRONG}|{BOOKS}|{CHANGES})\b", before, re.I):
        return False
    if not thing or len(before.split()) < 2:
        return len(before.split()) > 1 and bool(request.tail) and verb in ("reply", "respond", "answer")
    if asks:
        reads = _ASKS.match(before.strip()) or _READS.match(before.strip())
        return reads is not None and len(before.split()) > 2
    if AGAIN.match(rest) and changes:
        return True
    looks = re.match(r"(?:find|look|search|offer|propose|suggest)\b", before, re.I) is not None
    if looks and re.fullmatch("book|schedule|reserve|send|propose|suggest|offer|hold|block|find", verb):
        return thing not in _PRONOUNS and _reads(before)  # not "find a time and book it"
    at = m.start("object")
    named = any(n.span[0] == at for n in request.named)
    timed = any(t.span[0] <= at < t.span[1] for t in request.times)
    definite = thing in _DEFINITE or thing[:1] in '“"' or named or timed or _SORT.match(thing) is not None
    if re.fullmatch(WRITES, verb):
        return definite or thing in ("to", "back")
    if thing in _PRONOUNS or (definite and re.search(r"\bthen\b", m["joint"], re.I)):
        return True
    if not strong and (_PURPOSE.search(before) or _ASKS.match(before)):
        return (
            definite and _ASKS.match(before) is not None
        )  # no "an hour to review the budget and plan the trip"
    return definite or (strong and not _PURPOSE.search(before))


def _reads(before: str) -> bool:
    """Whether something is looked for that is there, and no time."""
    return re.search(r"\b(?:time|times|slot|slots|gap|hour|minutes|date|day|room)\b", before, re.I) is None
