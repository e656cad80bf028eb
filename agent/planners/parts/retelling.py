"""What somebody is told or asked of a wish before: "and tell Bo about it", "ask her when it ships".

The words are the person's own, turned round: "book a demo on Friday" is told as "I have booked a demo on
Friday". Where they cannot be turned, what to write is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskhand.agent.planners.parts.said_before import changed_said
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import sentence

_ABOUT_IT = re.compile(
    r"(?P<lead>(?:tell|inform|notify|let|mail|e-?mail|message|text|ping)\s+(?P<who>(?:(?!\bthat\b).)+?))(?:\s+know)?\s+(?:about|of)\s+"
    r"(?:it|this|that)\W*$",
    re.I,
)
_BARELY = re.compile(
    r"(?P<lead>(?:tell|inform|notify|let)\s+(?P<who>(?!me\b|us\b)\w+(?:\s+and\s+\w+)?))"
    r"(?:\s+know)?\W*$",
    re.I,
)
"""Somebody is told, and not of what: of what was done."""
_TELLS = (
    r"(?P<lead>(?:tell|inform|notify|let|mail|e-?mail|message|text|ping|warn|write(?:\s+to)?)\s+(?P<who>.+?))"
    r"(?:\s+know)?\s+(?:that\s+)?"
)
_DONE_SO = re.compile(
    rf"{_TELLS}(?:i(?:['’]ve|\s+have)?\s+(?:just\s+|already\s+)?(?:done|did)\s+(?:so|it|that|this)|"
    r"(?:it|that|this)(?:['’]s|\s+is|\s+has\s+been)\s+(?:been\s+)?(?:all\s+)?"
    r"(?:done|booked|arranged|sorted))\W*$",
    re.I,
)
""" "Tell Bo I've done so": that the wish before was carried out."""
_IT_IS = re.compile(
    rf"{_TELLS}(?P<it>it|that|this)(?P<is>(?:['’]s|\s+is|\s+was|\s+has|\s+had\s+to)"
    r"(?:\s+(?:now|just|been|be|got))*\s+"
    r"(?:moved|cancell?ed|off|postponed|rescheduled|shifted|pushed|changed|delayed|shortened|extended|"
    r"not\s+(?:happening|on)|no\s+longer\s+(?:happening|on)|later|earlier)\b.*)$",
    re.I,
)
""" "Tell them it's moved": the event of the wish before."""
_ANSWERS = re.compile(
    r"(?:please\s+|then\s+)*(?:reply|answer|respond|write\s+back)(?:\s+back)?\s+"
    r"(?:that|saying)\s+(?P<text>\S.*)$",
    re.I | re.S,
)
_LAST = re.compile(r"\b(?:last|latest|newest|most recent)\s+(?:e-?mail|mail|message|one|note)\b", re.I)
_DONE = {
    "book": "booked", "schedule": "scheduled", "set up": "set up", "arrange": "arranged", "block": "blocked",
    "reserve": "reserved", "bump": "moved", "bring": "moved", "delay": "moved", "scrap": "cancelled",
    "bin": "cancelled", "drop": "cancelled", "kill": "cancelled", "change": "changed", "cancel": "cancelled",
    "call off": "called off", "move": "moved", "shift": "moved", "push": "moved",
    "postpone": "postponed", "reschedule": "rescheduled", "shorten": "shortened",
    "lengthen": "lengthened", "forward": "forwarded", "extend": "extended",
    "accept": "accepted", "decline": "declined",
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
_ASKS_TIME = re.compile(
    r"(?P<lead>ask\s+.+?)\s+(?:for|to\s+suggest|to\s+propose)\s+(?P<what>(?:another|a\s+different|a\s+new|"
    r"some\s+other)\s+"
    r"(?:time|date|day|slot))\W*$",
    re.I,
)
_SUBJECT = {"her": "she", "him": "he"}
_YOU = {"has": "have", "is": "are", "was": "were", "does": "do"}
_OF_THEM = re.compile(r"\b(?:it|they|them|its|their|he|she|his|her|this|that)\b", re.I)
_TOPIC = re.compile(
    r"(?:\b(?:about|on|regarding)\s+|^(?:summari[sz]e|sum\s+up|recap|read|show\s+me|open)\s+)(?P<topic>(?:the|my|our)\s+"
    r"[^,;.:]+?)\W*$",
    re.I,
)
_END = re.compile(r"(?:\s+(?:thread|conversation|mails?|messages?|for\s+(?:me|us)))+\W*$", re.I)
_WHATS_NEW = re.compile(
    r"(?P<lead>(?:(?:tell|show)\s+me\s+)?what(?:['’]s|\s+is|\s+has|\s+was)?\s+(?:been\s+)?(?:new|changed|different))"
    r"(?!\s+(?:in|with|about|on)\b)(?P<rest>.*)$",
    re.I,
)
_POINTS = re.compile(r"(?:take|look\s+at|use|open|read)\s+(?P<what>(?:the|my|our)\s+[^,;.:]+)", re.I)
_WHY = re.compile(r"(?P<lead>(?:tell|let|inform)\s+.+?)\s+(?:know\s+)?why(?P<text>\s*:.*)$", re.I | re.S)
_LISTS = re.compile(r"\s+(?:listing|that\s+lists|which\s+lists)\s+(?:them|these|those|it)\W*$", re.I)
_PUTS = re.compile(
    r"put\s+(?P<what>it|that|this|the\s+\w+)\s+in(?:to)?\s+an?\s+(?:new\s+)?(?:draft|(?:draft\s+)?(?:e-?mail|mail))\s+(?:to|for)\s+"
    r"(?P<who>.+?)\W*$",
    re.I,
)
_FOR_ME = re.compile(
    r"^(?P<verb>draft|write|compose|prepare)\s+me\s+(?=an?\s+(?:\w+\s+)?(?:mail|e-?mail|message))", re.I
)


def told_of(words: str, earlier: Sequence[Request]) -> str:
    """A clause that tells somebody of what was wished before, as one that says it in words; else as it is.

    :param earlier: the wishes before it, the nearest last.
    """
    if m := _PUTS.match(words):
        return f"draft a mail to {m['who']} with {m['what']}"
    if m := _WHY.match(words):
        return f"{m['lead']}{m['text']}"
    words = _FOR_ME.sub(lambda m: f"{m['verb']} ", words)
    words = _LISTS.sub(" with the list", words)
    done = next((s for one in reversed(earlier) if (s := _done(one))), "")
    if (m := _ABOUT_IT.match(words)) or (m := _BARELY.match(words)):
        return f"{re.sub(r'^let', 'tell', m['lead'], flags=re.I)}: {done}" if done else words
    if (m := _DONE_SO.match(words)) and done:
        done = re.sub(rf"\b{re.escape(m['who'].strip())}['’]s\b", "your", done, flags=re.I)
        return f"{re.sub(r'^let', 'tell', m['lead'], flags=re.I)}: {done.rstrip('.')}"
    if (m := _IT_IS.match(words)) and (changed := changed_said(earlier[-1:])):
        return f"{re.sub(r'^let', 'tell', m['lead'], flags=re.I)}: {sentence(changed)}{m['is'].rstrip(' .!')}"
    if (m := _ANSWERS.match(words)) and earlier:
        return f"reply to {_mail_of(earlier)}: {m['text']}"
    if m := _WHATS_NEW.match(words):
        thing = _POINTS.match(earlier[-1].head) if earlier else None
        return f"{m['lead']} in {thing['what']}{m['rest']}" if thing else words
    return _asked(words, earlier)


def _mail_of(earlier: Sequence[Request]) -> str:
    """The mail that the nearest wish was about, where that is somebody's last; else "it"."""
    one = earlier[-1]
    if len({n.key for n in one.named}) == 1 and _LAST.search(one.head):
        who = re.sub(r"['’]s?$", "", one.named[0].words)
        return f"{who}'s last mail"
    return "it"


def told_condition(words: str, condition: str) -> str:
    """ "Let Ann know" behind a condition: that it holds; not where it speaks of "her", or of Ann."""
    m = _BARELY.match(words)
    if (
        m is None
        or _OF_THEM.search(f"{condition} {m['who']}")
        or re.search(rf"\b{re.escape(m['who'])}\b", condition, re.I)
    ):
        return words
    return f"{re.sub(r'^let', 'tell', m['lead'], flags=re.I)}: {sentence(condition.strip(' ,.;'))}."


def untold(words: str) -> str:
    """What a text says of a wish before without its name: "it's moved"; "" where it says nothing so."""
    m = _DONE_SO.match(words) or _IT_IS.match(words)
    return words[m.end("lead") :].strip(" .!") if m else ""


def topic_of(said: Sequence[Request]) -> str:
    """What the nearest of some wishes is about: "the lens order"; "" where none says it."""
    return next((t for one in reversed(said) if (t := _topic(one))), "")


def tells_of(words: str) -> bool:
    """Whether a clause tells somebody of what was done before: only what was done is told."""
    return _ABOUT_IT.match(words) is not None or _BARELY.match(words) is not None


def _asked(words: str, earlier: Sequence[Request]) -> str:
    """ "Ask Yuki when it ships" as what is written: "Please tell me when it ships", with what it is about."""
    if ":" in words:
        return words
    if m := _ASKS_TIME.match(words):
        return f"{m['lead']}: Could we find {m['what']}?"
    if m := _ASKS_FOR.match(words):
        what = re.sub(r"^(?:his|her|their)\b", "the", m["what"])
        return words if _OF_THEM.search(what) else f"{m['lead']}: Please send me {what}."
    if m := _ASKS_WHEN.match(words):
        topic = topic_of(earlier)
        vague = _OF_THEM.search(m["rest"]) is not None
        if vague and not topic:
            return words
        about = f"About {topic}: please" if vague else "Please"
        return f"{m['lead']}: {about} tell me {_to_you(m['what'], m['who'])}."
    return words


def _to_you(what: str, who: str) -> str:
    """ "Ask her whether she has seen it": whom one asks is "you"."""
    own = _SUBJECT.get(who.strip().lower())
    if own is None:
        return what
    m = re.search(rf"^(?P<lead>\w+)\s+{own}\s+(?P<verb>has|is|was|does)\b", what, re.I)
    return f"{m['lead']} you {_YOU[m['verb'].lower()]}{what[m.end() :]}" if m else what


def _done(said: Request) -> str:
    m = _CHANGES.match(said.head)
    if m is None or _UNCLEAR.search(m["what"]) or said.tail:
        return ""
    return f"{sentence('I have')} {_DONE[m['verb'].lower()]} {m['what'].rstrip(' .!,;')}."


def _topic(one: Request) -> str:
    if m := _ASKS_FOR.match(one.head):
        return m["what"]
    head = _END.sub("", one.head)
    for time in sorted(one.times, key=lambda t: -t.span[0]):
        if time.span[1] >= len(head):
            head = head[: time.span[0]].rstrip()
            head = re.sub(r"\s+(?:since|on|at|in|from)$", "", head)
    m = _TOPIC.search(_END.sub("", head))
    return m["topic"] if m else ""
