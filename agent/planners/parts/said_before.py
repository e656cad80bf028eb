"""What earlier parts of a request say, in their own words: what they are about, and when.

These words take a pronoun's place where no step has found the thing, or where finding it is not what is
wished: the mails that a condition asks about, the event of the other branch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskhand.agent.planners.parts.elliptic import DAY
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.verbs import STRONG

_STATED = re.compile(
    r"(?:i|we)\s+(?:already\s+)?have\s+(?:got\s+)?(?:an?|any|the|my)\s+(?P<what>.+?)\W*$|"
    r"there\s+is\s+(?:an?|any|the)\s+(?P<there>.+?)\W*$|"
    r"the\s+(?P<on>[^,;.]+?)\s+is\s+(?:still\s+)?(?:on|at|tomorrow|today|next|this)\b.*$",
    re.I,
)
_OWN = r"(?:the|my|our|(?:[\w-]+\s+){0,2}[\w-]+['’]s)\s+"
_NP = re.compile(
    r"(?:find|take|look\s+at|use|see|show(?:\s+me)?|open|read|get(?:\s+me)?|look\s+(?:up|for)|when\s+is|"
    r"when['’]s|where\s+is|what\s+is\s+in|list|who\s+is\s+in|accept|decline|confirm|reject|turn\s+down|cancel|skip)\s+"
    rf"(?P<what>{_OWN}.+?)\W*$",
    re.I,
)
_CHANGED = re.compile(
    rf"(?:{STRONG}|bring|make|change|set|shorten|lengthen|extend|rename)\s+(?P<what>{_OWN}.+?)(?:\s+(?:to|by|until|till|"
    r"for|into|forward|earlier|later|back|an?\s+(?:hour|quarter)|half|\d+\s*(?:min|hour|h\b))\b.*|\s+[“\"].*|\W*)$",
    re.I,
)
_MAIL = rf"(?:(?:new|unread|unanswered|other)\s+)?(?:{LEXICON['mail']}|e-?mail)s?\b"
_MAILS = re.compile(
    rf"(?:there\s+(?:is|are|was|were)|(?:i|we)\s+(?:still\s+)?have(?:\s+got)?)\s+(?:still\s+)?(?:any|some|an?|new)\s+"
    rf"(?P<there>{_MAIL}.*?)\W*$|(?:any|some|an?|more\s+than\s+\w+)\s+(?P<any>{_MAIL})\s+(?:(?:is|are)\s+)?(?:still\s+)?"
    r"(?P<that>waiting|wait|waits)\b(?P<rest>.*?)\W*$",
    re.I,
)


def object_said(earlier: Sequence[Request]) -> str:
    """What the nearest part is about: "find the last mail from Bo". "" where none says it."""
    for one in reversed(earlier):
        if m := _NP.match(one.head):
            return m["what"]
        if m := _STATED.match(one.head):
            return f"the {m['what'] or m['there'] or m['on']}"
    return ""


def changed_said(earlier: Sequence[Request]) -> str:
    """The event that the nearest part changes: "move my 3pm to 4". "" where none does."""
    return next((m["what"] for one in reversed(earlier) if (m := _CHANGED.match(one.head))), "")


def mails_said(earlier: Sequence[Request]) -> str:
    """The mails that the nearest part asks for: "if there are any mails from Bo". "" where none does."""
    m = _MAILS.match(earlier[-1].head) if earlier else None
    if m is None:
        return ""
    if m["there"]:
        return f"the {m['there']}"
    return f"the {m['any']} that are waiting{m['rest']}"


def last_day(earlier: Sequence[Request]) -> str:
    """The day that was said last; the whole time where that says no day by its name."""
    said = (t.text for one in reversed(earlier) for t in reversed(one.times))
    day = next((d.group() for text in said if (d := DAY.search(text))), None)
    if day is None:
        return last_time(earlier)
    return f"on {day}" if day[0].isupper() else day


def last_time(earlier: Sequence[Request]) -> str:
    """The time that was said last, in its words."""
    return next((t.text for one in reversed(earlier) for t in reversed(one.times)), "")


def last_week(earlier: Sequence[Request]) -> str:
    """The week of the day that was said last, by its date; "" where none was said."""
    for one in reversed(earlier):
        for time in reversed(one.times):
            if time.start is not None and time.kind in ("instant", "interval"):
                local = time.start.astimezone(one.known.owner.tz)
                return f"in the week of {local.day} {local:%B %Y}"
    return ""
