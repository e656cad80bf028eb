"""A condition as a statement in full words: "has Bo answered", "Sam's free at 3", "Ann can't make Monday".

However it is said, the same thing is looked at: contractions are written out, a question is turned round,
and whether somebody can make it is whether she is free.
"""

from __future__ import annotations

import re

_QUESTION = re.compile(
    r"(?P<verb>(?i:is|are|am|has|have|did|does|do|was|were))\s+(?P<who>(?i:i|we|he|she|they|it|there|anything|anyone|"
    r"anybody|somebody|someone|nobody)|(?i:the|my|our|any)\s+[\w-]+(?:\s+(?!(?:not|since|on|in|by|changed?|edited|updated|"
    r"revised|free|busy|come|came|arrived?|answer\w*|repl\w+|respon\w+|mailed|written|sent)\b)[\w-]+)?|[A-Z][\w’'-]*(?:\s+[A-Z][\w’'-]*)*"
    r"(?:\s+and\s+(?:i|[A-Z][\w’'-]*))*)\s+(?P<rest>.+)$"
)
_BARE = re.compile(r"\b(is|are|was|were|has|have|did|does|do|ca|could|wo)nt\b", re.I)
""" "Isnt": the apostrophe is left out."""
_STATE = r"(?:free|available|around|busy|booked|taken)\b(?!\s+(?:time|slots?|hours?)\b)"
_HOW = r"(?:(?:not|still|both|all|already|completely)\s+)*"
_DONE = (
    r"(?:answered|replied|responded|written|mailed|emailed|sent|changed|been|got|had|gotten|come|arrived|"
    r"edited|updated|revised|moved)\b"
)
_WRITTEN_OUT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(?:can['’]?t|cannot|could\s?n['’]?t|could\s+not)\b", re.I), "can not"),
    (re.compile(rf"(\w)['’]s\s+(?={_HOW}{_DONE})", re.I), r"\1 has "),
    (re.compile(rf"(\w)['’]s\s+(?={_HOW}{_STATE})", re.I), r"\1 is "),
    (
        re.compile(r"\b(he|she|it|there|that|nothing|anything|nobody|everyone|everybody)['’]s\b", re.I),
        r"\1 is",
    ),
    (re.compile(r"\b(we|they|you)['’]re\b", re.I), r"\1 are"),
    (re.compile(r"\b(i|we|they|you)['’]ve\b", re.I), r"\1 have"),
    (re.compile(r"\bi['’]?m\b", re.I), "I am"),
    (re.compile(r"\b(has|have|is|are|did|does|do|was|were)n['’]t\b", re.I), r"\1 not"),
)
_GOT_FREE = re.compile(
    r"(?P<who>i|we)\s+(?P<no>do\s+not\s+)?have\s+(?:got\s+)?(?P<when>(?!time\b|a\b|an\b|no\b|any\b|some\b)\S.*?)\s+"
    r"(?P<state>free|open|clear)\W*$",
    re.I,
)
_MAKES = re.compile(
    r"(?P<who>.+?)\s+(?:can(?P<not>\s+not)?|(?:is|are|am)(?P<un>\s+not)?\s+able\s+to)\s+(?:both\s+|all\s+|also\s+)*"
    r"(?:make|do|manage)(?:\s+(?:it|that|this))?\s+(?P<when>(?:on|at|in|from|between|next|this|tomorrow|today|tonight|"
    r"\w{3,6}day|\d[\w:.]*)\b.*)$",
    re.I,
)
_TAKEN = re.compile(
    r"(?P<who>.+?)\s*(?:\s(?:has|have)|['’](?:s|ve))\s+(?:already\s+)?(?:got\s+)?(?:something|anything|"
    r"plans|a\s+clash|an\s+appointment)"
    r"(?:\s+(?:else|on|planned|booked|in|there|already|scheduled|then))*(?P<when>\s+.+)?$",
    re.I,
)
_TAKEN_HERE = re.compile(
    r"there\s*(?:['’]s|\s+is)\s+(?:already\s+)?(?:something|anything)(?:\s+(?:else|on|planned|booked|in|"
    r"there|already|scheduled|then))*$",
    re.I,
)
"""Somebody, or the speaker, is busy at the time of the wish."""
_THINGS = re.compile(
    r"\b(?:things|items|entries|bookings|events)\b(?=\s+(?:(?:in|on)\s+(?:my|the)\s+(?:calendar|diary|"
    r"agenda)|on\b|planned|booked))",
    re.I,
)
_PAST = {
    "change": "changed", "answer": "answered", "reply": "replied", "respond": "responded", "write": "wrote",
    "arrive": "arrived", "come": "came", "send": "sent", "mail": "mailed", "get": "got",
}  # fmt: skip
"""What "did" asks about, as a statement says it."""
_DID = re.compile(rf"\b(?:{'|'.join(_PAST)})\b", re.I)
NEWS = (
    r"(?:nothing|(?:no|any|some)\s+(?:new\s+)?(?:word|news|answer|reply|response|mails?|e-?mails?|messages?))"
)
"""What may have come or not, said without a verb."""
_NO_VERB = re.compile(rf"(?={NEWS}\s+(?:new\s+)?(?:from|by|about|since)\b)", re.I)


def stated(said: str) -> str:
    """A condition as a statement, also where it was asked: "has Bo answered" is "Bo has answered"."""
    said = _THINGS.sub("meetings", _BARE.sub(r"\1n't", said))
    if _TAKEN_HERE.match(said):
        return "I am busy"
    if (m := _TAKEN.match(said)) and (m["who"].lower() not in ("i", "we", "there") or not m["when"]):
        return f"{m['who']} {be(m['who'])} busy {_on(m['when'] or '')}".rstrip()
    for pattern, full in _WRITTEN_OUT:
        said = pattern.sub(full, said)
    said = re.sub(
        r"^(\S+(?:\s+(?!not\b)\S+){0,3}?)\s+(not\s+)?be\s+", lambda m: f"{m[1]} {be(m[1])} {m[2] or ''}", said
    )
    if m := _QUESTION.match(said):
        said = _turned(m)
    if _NO_VERB.match(said):
        return f"there is {said}"
    if m := _GOT_FREE.match(said):
        return f"{m['who']} {be(m['who'])} {'not ' if m['no'] else ''}free {_on(m['when'])}"
    if m := _MAKES.match(said):
        no = "not " if m["not"] or m["un"] else ""
        return f"{m['who']} {be(m['who'])} {no}free {_on(m['when'])}"
    return said


def be(who: str) -> str:
    """The form of "to be" behind a subject."""
    low = who.strip().lower()
    return "am" if low == "i" else "are" if low in ("we", "they") or " and " in low or "," in low else "is"


def _turned(m: re.Match[str]) -> str:
    """A question as a statement."""
    verb, rest = m["verb"].lower(), m["rest"]
    if verb == "did" and not re.match(r"not\b", rest, re.I):
        rest = _DID.sub(lambda d: _PAST[d.group().lower()], rest, count=1)
    return f"{m['who']} {rest}" if verb in ("do", "does", "did") else f"{m['who']} {m['verb']} {rest}"


def _on(when: str) -> str:
    """A day with the word in front that a statement says it with."""
    day = re.sub(r"^(?=(?:mon|tues|wednes|thurs|fri|satur|sun)day\b)", "on ", when.strip(), flags=re.I)
    return re.sub(r"^(?=\d{1,2}(?:[:.]\d\d)?(?: ?[ap]m\b| (?:on|this|next|to)\b|$))", "at ", day, flags=re.I)
