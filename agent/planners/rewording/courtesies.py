"""Courtesy at the end of a wish that says something of it: "asap" of a meeting, "Thursday if possible".

It is taken off every wish, as it is of most of them no part. Of a time that is looked for it is a limit.
"""

from __future__ import annotations

import re

from deskhand.agent.planners.words.phrases import LEXICON

LONGEST = 600
"""Characters of a wish that is looked at."""

_LOOKS = re.compile(
    rf"(?:(?:{LEXICON['arrange']}|{LEXICON['seek']}|meet|grab|block|get)\b|(?:an?|half)\s)(?!.*\b(?:e-?mail|mail|message|draft)\b)",
    re.I,
)
"""A time is looked for."""
_SOON = re.compile(
    r"\b(?:asap|a\.s\.a\.p|as\s+soon\s+as\s+(?:possible|you\s+can))\W*(?:please|pls|thanks)?\W*$", re.I
)
_POSSIBLE = re.compile(r"\bif\s+(?:at\s+all\s+)?possible\W*(?:please|pls|thanks)?\W*$", re.I)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_LAST_DAY = re.compile(
    rf"[\s,;–-]+(?:(?:on|preferably)\s+)?(?P<day>(?:a\s+)?{_DAY}s?|mornings?|afternoons?)$", re.I
)
_NARROWS = re.compile(
    r"\b(?:not|never|no|except(?:\s+for)?|but|excluding|before|after|until|till|by|and|or)$", re.I
)
"""Behind one of these a day is no day that would be liked."""
_STRETCH = re.compile(
    r"\b(?:this|next|coming|following)\s+(?:week|month)\b|\b(?:in|within)\s+the\s+next\b", re.I
)


def kept(head: str, original: str) -> str:
    """The wish, with the courtesy that was taken off it where it is a limit of a time that is looked for."""
    if len(original) > LONGEST or not _LOOKS.match(head):
        return head
    if _SOON.search(original) and not _SOON.search(head):
        return f"{head} as soon as possible"
    if _POSSIBLE.search(original) and not _POSSIBLE.search(head):
        m = _LAST_DAY.search(head)
        if m is None or _NARROWS.search(head, 0, m.start()):
            return head
        if _STRETCH.search(head, 0, m.start()):
            return f"{head[: m.start()]}, ideally {m['day']}"
    return head
