"""Words outside the slots of a reading that say which of two neighbouring goals is meant, or how.

Likeness weighs all words, and one alone may be outweighed: "mail Will (draft!): ..." is much like a mail that
is sent. What such a word says is kept to, whatever the others weigh.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

HELD_BACK = re.compile(
    r"\b(?:in|to|into|among|amongst|with) (?:my |the )?drafts?\b(?! of\b)|\bdrafts? (?:folder|only|first)\b|"
    r"\b(?:as|just|only|make it|keep it) a draft\b(?! of\b)|\( ?(?:as a |just a )?draft\b|\bdraft ?(?:!|"
    r"\)|:|,|$)|"
    r"\b(?:do ?n['’]?t|dont|do not|not|never|without|no) (?:yet |actually )?send(?:ing)?\b|\bunsent\b|"
    r"\bnot (?:to )?be sent\b|\bhold (?:it|that|this) (?:back|off)\b|\bbefore it (?:goes|is sent|leaves)\b|"
    r"\bsleep on it\b|\b(?:look it over|read it over|check it|see it) (?:first|before)\b|\bfor my review\b",
    re.I,
)
"""What is written is not to be sent yet."""
_UNSENT = {"tell": "draft", "reply": "reply_draft"}
_MINE = re.compile(
    r"\b(?:from me|my (?:answer|reply|response|word)|(?:hear|hearing) (?:back )?from me|of me|"
    r"i (?:still )?(?:owe|have ?n['’]?t|have not|did ?n['’]?t|must|need to(?! hear)|should|left|"
    r"forgot)|have i (?:not|left)|"
    r"i['’]?m behind|my replies|on me)\b",
    re.I,
)
_THEIRS = re.compile(
    r"\b(?:did i ask|i asked|have i asked|(?:he|she|they|who) (?:still )?(?:did ?n['’]?t|did not|"
    r"has ?n['’]?t|has not|have ?n['’]?t|have not|never)(?: yet| ever)? "
    r"(?:answer|repl|respon|react|writ|wrote|come back|got|gotten)\w*|i sent|i['’]?ve sent|i have sent|i "
    r"wrote|i mailed|my (?:own |sent )?(?:e-?mails?|mails?|"
    r"messages?|questions?)|"
    r"owes? me|ow(?:es|ing) me|(?:answered|replied|responded|written|got|gotten|wrote|come) (?:back "
    r")?(?:to )?me|"
    r"am i (?:still )?waiting|i['’]?m (?:still )?waiting|i am (?:still )?waiting)\b",
    re.I,
)
_AWAITED = re.compile(
    r"\b(?:answer|repl[yi]|unrepl|respon|react|acknowl|wait|await|expect|ow(?:e|ing)|unanswered|outstanding|"
    r"pending|overdue|dangl|unresol|promis|silen|ghost|ignor|forg[eo]t|neglect|dodg|chas(?:e|ing)|"
    r"bottleneck|blocker)\w*|"
    r"\b(?:due|debts?|arrears?|hear|heard|hearing|back|open|behind|loose|limbo|left|hang(?:s|ing)?|stuck|"
    r"still|yet|not|"
    r"never|no|haven|hasn|didn|quiet|radio|missed|on read|turn|ball|court|hold|held|sits?|sitting|"
    r"ends? with|stops? at)\b",
    re.I,
)
"""Without one of these a wish is for mail, and for none that waits."""
_DUE = re.compile(
    r"\b(?:deadline|due|expir\w*|valid|guarantee|warranty|run out|runs out|delivered|delivery)\b", re.I
)
"""What a document says, and no calendar."""
_CAME = re.compile(r"\b(?:come|came|arrived|landed) in\b(?! (?:to|for|at|on|by|with)\b)", re.I)
_DAY_ENDS = re.compile(r"\b(?:finish|finished|finishing|end|ends|done|knock off|clock off)\b", re.I)
"""When a day ends its meetings say."""
_FREE = re.compile(r"\b(?:free|available|open|gaps?|slots?|time for|room for|space)\b", re.I)
_OTHER_DAY = re.compile(r"\b(?:different|another|other|new|alternative|fresh) (?:day|date)\b", re.I)
_KIND = re.compile(r"\b(pdfs?|spreadsheets?|presentations?|images?|photos?|pictures?)\b", re.I)
_REMAINING = re.compile(r"\b(?:left|remaining|rest of)\b")
_REPEATS = re.compile(
    r"\b(?:weekly|daily|monthly|fortnightly|biweekly|bi-weekly|yearly|recurring|regular|repeating)\b"
)
_BOOKED = frozenset({"book", "free", "free_own", "each", "hold", "room", "move", "anew"})
_THINGS = re.compile(r"\b(?:table|flight|hotel|taxi|cab|uber|ticket|tickets|restaurant|train|cinema)\b")


def neighbour(goal: str, outside: str) -> str:
    """The goal that is meant, where words outside the slots of a reading say that it is the one beside it."""
    if goal in _UNSENT and HELD_BACK.search(outside):
        return _UNSENT[goal]
    if goal in ("waiting_mine", "waiting_theirs"):
        if not _AWAITED.search(outside):
            return "mails_list"
        mine, theirs = _MINE.search(outside), _THEIRS.search(outside)
        if bool(mine) != bool(theirs):
            return "waiting_mine" if mine else "waiting_theirs"
    if goal == "when_event" and _DUE.search(outside):
        return "question"
    if goal == "agenda" and _CAME.search(outside):
        return "mails_list"
    if goal in ("free_own", "me_free") and _DAY_ENDS.search(outside) and not _FREE.search(outside):
        return "agenda"
    return goal


def said_so(goal: str, outside: str, plain: str) -> str:
    """The plain words of a reading, with what words outside its slots say: another *day*, what is *left*."""
    if goal == "anew" and _OTHER_DAY.search(outside):
        return plain.replace("a new time", "a new date", 1)
    if goal == "agenda" and _REMAINING.search(outside):
        return plain.replace("what is on", "what is left on", 1)
    if goal == "filed" and (m := _KIND.search(outside)):
        return plain.replace("the attachments", f"the {m[1]}", 1)
    return plain


def unheeded(goal: str, outside: str, slots: Mapping[str, Sequence[str]]) -> list[str]:
    """Words outside the slots that say how often, or what thing of the world is booked, and have no place."""
    if goal not in _BOOKED:
        return []
    found = [] if "often" in slots else _REPEATS.findall(outside)
    return [*found, *_THINGS.findall(outside)]
