"""How wishes are said: templates of plain words, compiled to patterns once.

A template reads like the request it fits, from its first word on: `(cancel|call off) [my] {meeting}`.
`(a|b)` is one of them, `[a]` may be missing, `{meeting}` is a word of `LEXICON` (also in the plural),
`...` is any words or none, and `$` is the end; without it anything may follow.

What a request names is one word each here: `<who>` and `<whose>` (people), `<when>` (a day, a time, a
stretch of it), `<length>` (a duration), `<often>` (a recurrence), `<quote>`.
"""

from __future__ import annotations

import re
from functools import cache

LEXICON: dict[str, str] = {
    "meeting": "meeting|meet|call|phone call|video call|appointment|event|session|slot|1:1|1-1|one-on-one|"
    "one on one|one-to-one|one to one|lunch|coffee|dinner|breakfast|drink|review|sync|stand-up|standup|"
    "stand up|workshop|interview|catch-up|catch up|catchup|chat|retro|retrospective|kick-off|kickoff|demo|"
    "training|webinar|offsite|all-hands|conference|party|class|lesson|visit|check-in|briefing|get-together|"
    "huddle|town hall|presentation|talk|dentist|doctor|rehearsal|ceremony|celebration",
    "calendar": "calendar|diary|agenda|planner",
    "mail": "mail|message|note|letter|memo|line",
    "thread": "thread|conversation|discussion|mail|message|exchange|correspondence|chain",
    "paper": "document|doc|file|paper|report|proposal|contract|agreement|minutes|note|page|spreadsheet|"
    "slides|presentation|deck|memo|handbook|policy|plan|price list|offer|quote|quotation|pdf|version",
    "digest": "digest|briefing|daily brief|morning brief|daily summary|morning summary|morning report",
    "reply": "reply|response|answer",
    "small": "short|quick|brief|polite|nice|friendly|little|new|longer|formal|kind|one-line",
    "last": "last|latest|newest|most recent|recent|previous",
    "ask": "who|whom|whose|what|when|where|which|why|how",
    "be": "is|are|was|were|will be",
}
"""Names for words that stand for each other in a request."""

SLIPS: dict[str, str] = {
    "tommorow": "tomorrow", "tommorrow": "tomorrow", "tomorow": "tomorrow", "tomorrrow": "tomorrow",
    "tmrw": "tomorrow", "2moro": "tomorrow", "wensday": "wednesday", "wendesday": "wednesday",
    "wednsday": "wednesday", "thrusday": "thursday", "thurday": "thursday", "tuseday": "tuesday",
    "teusday": "tuesday", "firday": "friday", "satuday": "saturday", "saterday": "saturday",
    "minuets": "minutes", "mintues": "minutes", "weekdya": "weekday",
    "calender": "calendar", "calandar": "calendar", "calander": "calendar", "shedule": "schedule",
    "scedule": "schedule", "schedual": "schedule", "scheudle": "schedule", "meetign": "meeting",
    "meting": "meeting", "meeeting": "meeting", "apointment": "appointment", "appointmet": "appointment",
    "appoinment": "appointment", "sumarize": "summarize", "sumarise": "summarise", "summerize": "summarize",
    "summerise": "summarise", "summarzie": "summarize", "tread": "thread", "thred": "thread",
    "cancle": "cancel", "cancell": "cancel", "canel": "cancel", "postphone": "postpone", "foward": "forward",
    "forwad": "forward", "fwd": "forward", "repyl": "reply", "replay": "reply", "mesage": "message",
    "emial": "email", "digets": "digest", "chnaged": "changed", "chagned": "changed", "teh": "the",
    "wich": "which", "waht": "what", "documnet": "document", "reschedul": "reschedule", "resched": "reschedule",
    "evry": "every", "evrey": "every", "pls": "please", "plz": "please",
}  # fmt: skip
"""Slips of the keyboard that can mean but one thing at the place of a command word or a day."""

_CONTRACTED = (
    (re.compile(r"\b(what|who|when|where|how|which|that|there|it|here|whats)'s\b"), r"\1 is"),
    (re.compile(r"\bwhats\b"), "what is"),
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"\bi'm\b|\bim\b"), "i am"),
    (re.compile(r"\be-?mail"), "mail"),
)
_TOKEN = re.compile(r"\.\.\.|\$|\{(\w+)\}|[()\[\]|]|[^\s()\[\]|{}$]+")
_EDGES = "\"'“”‘’«»,;.!?()*_"


def normal(text: str) -> str:
    """Words for templates: lower case, contractions written out, one space behind each word."""
    text = text.lower().replace("’", "'")
    for pattern, plain in _CONTRACTED:
        text = pattern.sub(plain, text)
    words = (w if w.startswith("<") else w.strip(_EDGES) for w in text.split())
    return "".join(f"{SLIPS.get(w, w)} " for w in words if w)


@cache
def pattern(*templates: str) -> re.Pattern[str]:
    """One pattern for all templates; it is matched at the start of a `normal` text."""
    return re.compile("|".join(f"(?:{_compiled(t)})" for t in templates))


def _compiled(template: str) -> str:
    parts = []
    for m in _TOKEN.finditer(template):
        match m.group():
            case "...":
                parts.append(r"(?:\S+ ){0,40}?")
            case "(":
                parts.append("(?:")
            case "[":
                parts.append("(?:")
            case "]":
                parts.append(")?")
            case ")" | "|" | "$" as same:
                parts.append(same)
            case word if name := m.group(1):
                parts.append(rf"(?:{'|'.join(re.escape(w) for w in LEXICON[name].split('|'))})(?:e?s)? ")
                del word
            case word:
                parts.append(f"{re.escape(word)} ")
    return "".join(parts)
