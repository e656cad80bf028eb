"""What is said around the text of a mail, written out as the grammar has it.

"Tell Bo the gate is open, cc Ann" is a mail with a copy, "answer Bo's mail, yes to Tuesday" has its text
behind a comma, and "wish Will a happy birthday" is what is written to him.
"""

from __future__ import annotations

import re

_WHO = r"\S+(?:\s+[A-Z]\S+)?(?:(?:,\s+|\s+and\s+)[^\W\d_]\S+)?"
_CAPITAL = r"[A-Z][\w@.'’-]*(?:\s+[A-Z][\w'’-]*)?"
_NAMES = rf"(?:{_CAPITAL}(?:(?:,\s*|\s+and\s+){_CAPITAL})*)"
_COPIED = re.compile(
    r"(?:tell|inform|notify|let)\s+(?!me\b|us\b|him\b|her\b|them\b|every|all\b)"
    rf"(?P<who>{_WHO}?)(?P<know>\s+know)?\s+(?P<that>that\s+)?(?P<text>[^:\"“«]+?)\s*(?:[,;.(–-]+\s*(?:and\s+)?"
    rf"(?:with\s+a\s+copy\s+to|copy(?:ing)?(?:\s+to)?|b?cc(?:['’]?ing)?)|\s+b?cc)\s+(?P<cc>{_NAMES})(?:\s+in)?[\s.!)]*",
    re.S,
)
_MAIL = r"(?:e-?mail|mail|message|note|one)"
_ANSWERED = re.compile(
    rf"(?P<wish>(?:reply|respond|answer|write\s+back)(?:\s+to)?\s+[^:,\"“«]*?\b{_MAIL}\b[^:,\"“«]*?|"
    r"(?:reply|respond|write\s+back)(?:\s+to)?\s+(?!that\b|with\b|saying\b|yes\b|no\b|to\b)[^\s:,]+)\s*(?P<comma>,)?\s+"
    r"(?P<text>(?:yes|no|ok|okay|thx|thanks|thank\s+you|sure|agreed|sorry|great|perfect|fine)\b(?(comma)|(?!\s+to\s+(?:his|her|the)\b))[^:]*)",
    re.I | re.S,
)
_SAID_TO = re.compile(
    rf"say\s+(?P<text>(?:no|yes|many)?[\s,]*(?:thanks|thank\s+you|please|yes|no|ok|okay|sorry))\s+to\s+(?P<mail>[^:,]*\b{_MAIL}\b[^:]*)",
    re.I | re.S,
)
_IN_REPLY = re.compile(
    r"tell\s+(?P<who>\S+(?:\s+(?-i:[A-Z])\S+)?)\s+(?P<text>[^:\"“«]+?)\s+in\s+(?:reply|answer|response)\s+to\s+(?:his|her|their)\s+"
    rf"(?P<mail>(?:last\s+|latest\s+)?{_MAIL}(?:\s+(?:about|on|re)\s+[^,;:]+)?)",
    re.I | re.S,
)
_WISHES = re.compile(
    r"wish\s+(?P<who>\S+(?:\s+(?-i:[A-Z])\S+)?(?:\s+and\s+(?-i:[A-Z])\S+)?)\s+(?:an?\s+)?(?P<text>(?:very\s+)?(?:happy|merry|good|nice|safe|"
    r"lovely|great)\s+[^:]+?|all\s+the\s+best[^:]*?|luck[^:]*?)(?:\s+(?:from|for)\s+(?:me|us))?[\s.!]*",
    re.I | re.S,
)
_GOES_ON = re.compile(
    r";|[.!?]\s+\S|\b(?:and|then|also|plus|but)\s+(?:also\s+|then\s+|please\s+)*(?:to|tell|ask|mail|send|write|book|schedule|"
    r"cancel|move|forward|reply|answer|put|add|block|find|accept|decline|remind|let|invite|file|save|show|summari[sz]e|trash)\b",
    re.I,
)
"""Another wish, which is no part of a text."""


def said_around(words: str) -> str:
    """A wish whose mail has its text behind a colon; the words themselves where nothing stands around it."""
    text = words.strip().rstrip(".! ")
    if _GOES_ON.search(text):
        return words
    if (m := _COPIED.fullmatch(words)) is not None:
        return f"mail {m['who'].strip()}, cc {m['cc'].strip()}: {m['text'].strip(' ,;')}"
    if (m := _IN_REPLY.fullmatch(text)) is not None:
        return f"reply to {_whose(m['who'])} {m['mail'].strip()}: {m['text'].strip(' ,')}"
    if (m := _SAID_TO.fullmatch(text)) is not None:
        return f"reply to {m['mail'].strip()}: {m['text'].strip()}"
    if (m := _ANSWERED.fullmatch(words)) is not None and (
        m["comma"] or not re.search(r"\bmail\b", m["wish"])
    ):
        return f"{m['wish'].strip()}: {m['text'].strip()}"
    if (m := _WISHES.fullmatch(words)) is not None:
        return f"mail {m['who']}: {m['text'].strip().capitalize()}!"
    return words


def _whose(who: str) -> str:
    return f"{who.title() if who.islower() else who}'s"
