"""What somebody is told or asked of a wish before: "and tell Bo about it", "ask her when it ships".

The words are the person's own, turned round: "book a demo on Friday" is told as "I have booked a demo on
Friday". Where they cannot be turned, what to write is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskhand.agent.planners.request import Request
from deskhand.agent.planners.tidying import sentence

_ABOUT_IT = re.compile(
    r"(?P<lead>(?:tell|inform|notify|let|mail|e-?mail|message|text|ping)\s+(?P<who>.+?))(?:\s+know)?\s+(?:about|of)\s+"
    r"(?:it|this|that)\W*$",
    re.I,
)
_DONE = {
    "book": "booked", "schedule": "scheduled", "set up": "set up", "arrange": "arranged", "block": "blocked",
    "reserve": "reserved", "cancel": "cancelled", "call off": "called off", "move": "moved", "shift": "moved",
    "push": "moved", "postpone": "postponed", "reschedule": "rescheduled", "shorten": "shortened",
    "lengthen": "lengthened", "extend": "extended", "accept": "accepted", "decline": "declined",
}  # fmt: skip
"""How one says that a wish was carried out."""
_CHANGES = re.compile(rf"(?P<verb>{'|'.join(_DONE)})\s+(?P<what>.+)$", re.I)
_UNCLEAR = re.compile(r"\b(?:it|that|this|him|her|them|zz\w+)\b", re.I)
_ASKS_WHEN = re.compile(
    r"(?P<lead>ask\s+(?P<who>.+?))\s+(?P<what>(?:when|where|whether|if|how|what|which|who|why)\s+(?P<rest>.+?))[.?!]*$",
    re.I,
)
_ASKS_FOR = re.compile(
    r"(?P<lead>ask\s+(?P<who>.+?))\s+for\s+(?P<what>(?:the|an?|his|her|their|our|my)\s+.+?)[.?!]*$", re.I
)
_OF_THEM = re.compile(r"\b(?:it|they|them|its|their|he|she|his|her|this|that)\b", re.I)
_TOPIC = re.compile(
    r"(?:\b(?:about|on|regarding)\s+|^(?:summari[sz]e|sum\s+up|recap|read|show\s+me|open)\s+)(?P<topic>(?:the|my|our)\s+"
    r"[^,;.:]+?)\W*$",
    re.I,
)
_WHY = re.compile(r"(?P<lead>(?:tell|let|inform)\s+.+?)\s+(?:know\s+)?why(?P<text>\s*:.*)$", re.I | re.S)
_LISTS = re.compile(r"\s+(?:listing|that\s+lists|which\s+lists)\s+(?:them|these|those|it)\W*$", re.I)
_FOR_ME = re.compile(
    r"^(?P<verb>draft|write|compose|prepare)\s+me\s+(?=an?\s+(?:\w+\s+)?(?:mail|e-?mail|message))", re.I
)


def told_of(words: str, earlier: Sequence[Request]) -> str:
    """A clause that tells somebody of what was wished before, as one that says it in words; else as it is.

    :param earlier: the wishes before it, the nearest last.
    """
    if m := _WHY.match(words):
        return f"{m['lead']}{m['text']}"
    words = _FOR_ME.sub(lambda m: f"{m['verb']} ", words)
    words = _LISTS.sub(" with the list", words)
    if m := _ABOUT_IT.match(words):
        said = next((s for one in reversed(earlier) if (s := _done(one))), "")
        return f"{m['lead']}: {said}" if said else words
    return words


def tells_of(words: str) -> bool:
    """Whether a clause tells somebody of what was done before: only what was done is told."""
    return _ABOUT_IT.match(words) is not None


def asked_for(words: str, earlier: Sequence[Request], known_who: bool) -> str:
    """ "Ask Yuki when it ships" as what is written: "Please tell me when it ships", with what it is about."""
    if not known_who or ":" in words:
        return words
    if m := _ASKS_FOR.match(words):
        what = re.sub(r"^(?:his|her|their)\b", "the", m["what"])
        return words if _OF_THEM.search(what) else f"{m['lead']}: Please send me {what}."
    if m := _ASKS_WHEN.match(words):
        topic = next((t["topic"] for one in reversed(earlier) if (t := _topic(one))), "")
        vague = _OF_THEM.search(m["rest"]) is not None
        if vague and not topic:
            return words
        about = f"About {topic}: please" if vague else "Please"
        return f"{m['lead']}: {about} tell me {m['what']}."
    return words


def _done(said: Request) -> str:
    m = _CHANGES.match(said.head)
    if m is None or _UNCLEAR.search(m["what"]) or said.tail:
        return ""
    return f"{sentence('I have')} {_DONE[m['verb'].lower()]} {m['what'].rstrip(' .!,;')}."


def _topic(one: Request) -> re.Match[str] | None:
    head = re.sub(r"\s+(?:thread|conversation|mails?|messages?)\W*$", "", one.head)
    for time in sorted(one.times, key=lambda t: -t.span[0]):
        if time.span[1] >= len(head):
            head = head[: time.span[0]].rstrip()
            head = re.sub(r"\s+(?:since|on|at|in|from)$", "", head)
    return _TOPIC.search(head)
