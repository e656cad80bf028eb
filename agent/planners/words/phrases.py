"""How wishes are said: templates of plain words, compiled to patterns once.

A template reads like the request it fits, from its first word on: `(cancel|call off) [my] {meeting}`.
`(a|b)` is one of them, `[a]` may be missing, `{meeting}` is a word of `LEXICON` (also in the plural),
`...` is any words or none, `..` at most three of them, and `$` is the end; without it anything may follow.

What a request names is one word each here: `<who>` and `<whose>` (people), `<when>` (a day, a time, a
stretch of it), `<length>` (a duration), `<often>` (a recurrence), `<quote>`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

LEXICON: dict[str, str] = {
    "meeting": "meeting|meet|call|phone call|video call|appointment|event|session|slot|1:1|1-1|one-on-one|"
    "one on one|one-to-one|one to one|lunch|coffee|dinner|breakfast|drink|review|sync|stand-up|standup|"
    "stand up|workshop|interview|catch-up|catch up|catchup|chat|retro|retrospective|kick-off|kickoff|demo|"
    "training|webinar|offsite|all-hands|conference|party|class|lesson|visit|check-in|briefing|get-together|"
    "huddle|town hall|presentation|talk|dentist|doctor|rehearsal|ceremony|celebration|tea|brunch|supper|"
    "pint|beer|touchpoint|"
    "touch point|handover|tutorial|seminar|lecture|hearing|deposition|consultation|ward round|site visit|"
    "walkthrough|walk-through|inspection|deep dive|deep-dive|brainstorm|scrum|haircut|physio|sit-down|"
    "debrief|meetup|meet-up|1-on-1|1 on 1|check-up|checkup|study session|engagement|zoom",
    "calendar": "calendar|diary|agenda|planner",
    "mail": "mail|message|note|letter|memo|line",
    "write": "tell|let|inform|notify|warn|message|mail|ping|write|text|ask|remind",
    "thread": "thread|conversation|discussion|mail|message|exchange|correspondence|chain",
    "paper": "document|doc|file|paper|report|proposal|contract|agreement|minutes|note|page|spreadsheet|"
    "slides|presentation|deck|memo|handbook|policy|plan|price list|offer|quote|quotation|pdf|version",
    "digest": "digest|briefing|daily brief|morning brief|daily summary|morning summary|morning report",
    "reply": "reply|response|answer",
    "small": "short|quick|brief|concise|rapid|rough|crisp|high-level|executive|proper|decent|polite|"
    "nice|friendly|little|new|longer|formal|kind|one-line",
    "last": "last|latest|newest|most recent|recent|previous",
    "ask": "who|whom|whose|what|when|where|which|why|how",
    "give": "send|give|show|make|mail|compose|write|prepare|get|run|deliver|create|do|read|save|generate|put",
    "show": "show|list|give|read|see|view|check|look|tell|get|search|display|pull up|go over|open|share|find",
    "seek": "find|look for|suggest|propose|offer|search for",
    "arrange": "schedule|book|set up|set|arrange|organise|organize|plan|fix|put|add|create|make|reserve|"
    "have|get|"
    "hold|pencil in|slot in|find and book|save|need",
    "cancel": "cancel|call off|scrap|delete|remove|drop|erase|get rid of|take off|scratch|strike",
    "clear": "decline|turn down|reject|refuse|say no to|answer no to|cancel|call off|delete|remove|drop|"
    "scrap|clear|move|shift|push|reschedule|postpone",
    "summarise": "summarise|summarize|sum up|recap|tldr|tl;dr|condense|boil down",
    "gist": "summary|summaries|gist|recap|overview|rundown|run down|key point|main point|highlight|"
    "bottom line|upshot|"
    "essence|short version|condensed version|takeaway|take-away|key takeaway|main takeaway|main idea|crux|"
    "substance|"
    "abstract|synopsis|lowdown|essential|nutshell|important bit|key fact|key message|short summary|"
    "brief summary|quick summary|short form|cliff notes|cliff note|salient point|salient fact|précis|precis|"
    "tldr|tl;dr|brief account|short account|breakdown|main message|long and short|summing-up|outline|"
    "headline",
    "fresh": "new|full|complete|whole|short|quick|daily|morning|weekly|markdown|html",
    "someone": "<who>|i|we|he|she|they|both|everyone|everybody|all|nobody",
    "state": "free|available|around|busy|booked|taken",
    "stretch": "day|week|month|morning|afternoon|evening",
    "planned": "on|up|next|happening|planned|scheduled|booked|coming up|going on|left|due|in the books",
    "meal": "lunch|coffee|dinner|breakfast|tea|brunch|supper|have lunch|have coffee|have dinner|have "
    "breakfast",
    "of": "me|us|my|a|an|the|this|that|of|for",
    "thing": "flight|hotel|table|restaurant|taxi|cab|uber|ride|car|ticket|cruise|train|airbnb|"
    "reservation|room|"
    "order|subscription|card|insurance|rental|trip|vacation|account|payment|transfer|bill|oil change|"
    "pizza|membership",
}
"""Names for words that stand for each other in a request."""

SLIPS: dict[str, str] = {
    "tommorow": "tomorrow", "tommorrow": "tomorrow", "tomorow": "tomorrow", "tomorrrow": "tomorrow",
    "tmrw": "tomorrow", "2moro": "tomorrow", "wensday": "wednesday", "wendesday": "wednesday",
    "wednsday": "wednesday", "thrusday": "thursday", "thurday": "thursday", "tuseday": "tuesday",
    "teusday": "tuesday", "firday": "friday", "satuday": "saturday", "saterday": "saturday",
    "minuets": "minutes", "mintues": "minutes", "weekdya": "weekday",
    "everthing": "everything", "everyting": "everything", "evrything": "everything",
    "calender": "calendar", "calandar": "calendar", "calander": "calendar", "shedule": "schedule",
    "scedule": "schedule", "schedual": "schedule", "scheudle": "schedule", "meetign": "meeting",
    "meting": "meeting", "meeeting": "meeting", "apointment": "appointment", "appointmet": "appointment",
    "appoinment": "appointment", "sumarize": "summarize", "sumarise": "summarise", "summerize": "summarize",
    "summerise": "summarise", "summarzie": "summarize", "thred": "thread",
    "cancle": "cancel", "cancell": "cancel", "canel": "cancel", "postphone": "postpone", "foward": "forward",
    "forwad": "forward", "fwd": "forward", "repyl": "reply", "mesage": "message",
    "emial": "email", "digets": "digest", "chnaged": "changed", "chagned": "changed", "teh": "the",
    "wich": "which", "waht": "what", "documnet": "document", "reschedul": "reschedule",
    "evry": "every", "evrey": "every", "pls": "please", "plz": "please",
    "tmr": "tomorrow", "tmrrw": "tomorrow", "2mrw": "tomorrow", "2morrow": "tomorrow", "tomrrow": "tomorrow",
    "mtg": "meeting", "mtgs": "meetings", "appt": "appointment", "appts": "appointments", "msg": "message",
    "resched": "reschedule", "nxt": "next", "w": "with", "b4": "before", "thx": "thanks", "u": "you",
    "canceled": "cancelled", "shcedule": "schedule", "schedlue": "schedule", "summry": "summary",
    "sumary": "summary", "recieve": "receive", "recieved": "received", "wenesday": "wednesday",
    "wat": "what", "mon": "monday", "tue": "tuesday", "wed": "wednesday", "thu": "thursday", "fri": "friday",
    "wot": "what", "wots": "what's", "whats": "what's",
    "whens": "when's", "hav": "have", "sched": "schedule", "skedule": "schedule",
    "tues": "tuesday", "weds": "wednesday", "thur": "thursday", "thurs": "thursday",
     "wats": "what's", "wen": "when", "tmw": "tomorrow", "2day": "today", "2nite": "tonight",
    "msgs": "messages", "sesh": "session", "gimme": "give me", "lemme": "let me", "mtngs": "meetings",
    "thurdsay": "thursday", "thursady": "thursday",
    "mondya": "monday", "freinds": "friends", "attachement": "attachment",
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
_TOKEN = re.compile(r"\.\.\.?(?!\S)|\$|\{(\w+)\}|[()\[\]|]|[^\s()\[\]|{}$]+")
_SIGNS = {
    "...": r"(?:\S+ ){0,40}?", "..": r"(?:\S+ ){0,3}?",
    "(": "(?:", "[": "(?:", "]": ")?", ")": ")", "|": "|", "$": "$",
}  # fmt: skip
_EDGES = "\"'“”‘’«»,;:.!?()*_"


@lru_cache(4096)
def normal(text: str) -> str:
    """Words for templates: lower case, contractions written out, one space behind each word."""
    text = text.lower().replace("’", "'")
    for contracted, full in _CONTRACTED:
        text = contracted.sub(full, text)
    plain = (w if w.startswith("<") else w.strip(_EDGES) for w in text.split())
    return "".join(f"{SLIPS.get(w, w)} " for w in plain if w)


@cache
def pattern(templates: str) -> re.Pattern[str]:
    """One pattern for all templates, one a line; it is matched at the start of a `normal` text."""
    lines = (line.strip() for line in templates.splitlines())
    return re.compile("|".join(f"(?:{_compiled(line)})" for line in lines if line))


COUNTS: dict[str, int] = {
    w: n
    for n, w in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
"""How many, in words; further ones belong to those who read them."""


def words(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


def _compiled(template: str) -> str:
    parts = []
    for m in _TOKEN.finditer(template):
        token = m.group()
        if m.group(1):
            names = "|".join(re.escape(w) for w in LEXICON[m.group(1)].split("|"))
            parts.append(rf"(?:{names})(?:e?s)? ")
        else:
            parts.append(_SIGNS.get(token, f"{re.escape(token)} "))
    return "".join(parts)
