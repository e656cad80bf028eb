"""A wish with what the person said to its question put in place: "make it 45 minutes", "not Friday".

Both are the person's own words, and what comes out is a wish like any other: it is read, and asked about,
anew. What fits nowhere is left to the person; it is never hung onto the wish, where it might be taken for a
title or for the text of a mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskhand.agent.planners.words.request import Request
from deskhand.agent.profile import Known
from deskhand.agent.times import Reading

_OPENS = re.compile(
    r"^(?:(?:no|nope|but|please|rather|better|actually|sorry|well|maybe|perhaps|too (?:early|late|long|short)"
    r")\b[\s,;:.–—-]*)*"
    r"(?:(?:(?:can|could) you\s+|let['’]?s\s+|i(?:['’]d| would) (?:rather|prefer)\s+)?"
    r"(?:make|say|do|have|take|change|move|put|keep|set|send|use)\s+(?:it|that|this)\b\s*(?:to\b)?|"
    r"(?:make|say|take|use|ask|invite)\b|(?:it )?should be\b)?[\s,:]*",
    re.I,
)
_ENDS = re.compile(r"[\s,]*(?:\b(?:instead|please|rather|better|then|only)\b[\s,]*)*[.!]*\s*$", re.I)
_NOT = re.compile(r"^(?:but\s+)?(?:not|never|except|without)\b", re.I)
_TOO = re.compile(r"[\s,]*\b(?:too|also|as well)\b[\s,.!]*$|^(?:also|and)\s+", re.I)
_GLUE = re.compile(r"\b(?:with|to|for|on|at|in|from|and|by|of|the|an?|long)\b|[\s,.;!–—-]+", re.I)
_DAY = re.compile(
    r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|\b(?:today|tomorrow|tonight|days?|weeks?|weekend|months?|year)\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\d{4}-\d\d|\d{1,2}[./]\d{1,2}\b",
    re.I,
)
_LEAD = re.compile(r"(?:\b(?:on|at|in|from|for)\s+)$", re.I)
_SIGN = "\x00"


def amended(wish: str, said: str, known: Known) -> str | None:
    """The wish as it is meant by now; None where what was said fits nowhere in it. Deterministic."""
    of = Request.of(wish, known)
    head, tail = of.head.rstrip(" .!?"), of.tail
    words = said.strip()
    if _NOT.match(words):
        made = None if tail else _ruled_out(head, words, known)
    else:
        too = _TOO.search(words) is not None
        words = _ENDS.sub("", _OPENS.sub("", _TOO.sub("", words))).strip()
        made = _put(of, head, words, known, too=too) if words else None
    return None if made is None else f"{made}{tail}"


def _ruled_out(head: str, words: str, known: Known) -> str | None:
    """With a time that is ruled out."""
    words = words.rstrip(" .!")
    heard = Request.of(words, known)
    times = [t for t in heard.readings if t.kind != "duration"]
    return f"{head}, {words}" if times and not _rest(heard, words=_NOT.sub("", heard.head)) else None


def _put(of: Request, head: str, words: str, known: Known, *, too: bool) -> str | None:
    heard = Request.of(words, known)
    if _rest(heard, words=heard.head):
        return None
    if heard.named and not heard.readings:
        return _person(of, head, heard, too=too)
    if heard.named or len(heard.readings) != 1 or too or of.tail:
        return None  # when a mail goes out is no part of what it says
    (time,) = heard.readings
    before = [t for t in of.readings if (t.kind == "duration") == (time.kind == "duration")]
    before = [t for t in before if not t.negated and t.span[1] <= len(head)]
    if len(before) > 1 or time.negated or time.anchor or time.kind == "recurrence":
        return None
    if time.kind == "duration":
        if not before:
            return f"{head} for {time.text}"
        return _instead(head, before[0].span, time.text)
    return _when(head, before, time, heard.head.strip())


def _when(head: str, before: Sequence[Reading], time: Reading, words: str) -> str:
    """With another day, or another time of the day; what was not said anew stays."""
    if not before:
        return f"{head} {_with_preposition(words, time)}"
    (old,) = before
    start, end = old.span
    lead = _LEAD.search(head[:start])
    start = lead.start() if lead else start
    new = _with_preposition(words, time)
    timed = old.grain in ("hour", "minute", "second")
    if not _DAY.search(time.text):
        if not _DAY.search(old.text):
            return f"{head[:start]}{new}{head[end:]}"
        if not timed and old.grain != "part":
            return f"{head[:end]} {new}{head[end:]}"
        if old.start is None:
            return f"{head[:start]}{new}{head[end:]}"
        return f"{head[:start]}on {old.start:%Y-%m-%d} {new}{head[end:]}"
    if timed and time.grain in ("day", "week") and old.start is not None and _DAY.search(old.text):
        new = f"{new} at {old.start:%H:%M}"
    return f"{head[:start]}{new}{head[end:]}"


def _with_preposition(words: str, time: Reading) -> str:
    if re.match(r"(?:on|at|in|from|after|before|next|this|tomorrow|today|tonight)\b", words, re.I):
        return words
    return f"{'on' if _DAY.search(time.text) else 'at'} {words}"


def _person(of: Request, head: str, heard: Request, *, too: bool) -> str | None:
    """With somebody else, or with one more."""
    there = [n for n in of.named if n.span[1] <= len(head) and not n.possessive]
    new = " and ".join(n.words for n in heard.named)
    if not there or any(n.possessive for n in heard.named):
        return None
    if too:
        at = there[-1].span[1]
        return f"{head[:at]} and {new}{head[at:]}"
    return _instead(head, there[0].span, new) if len(there) == 1 else None


def _instead(head: str, span: tuple[int, int], words: str) -> str:
    return f"{head[: span[0]]}{words}{head[span[1] :]}"


def _rest(heard: Request, *, words: str) -> str:
    """What of these words is neither a time nor a person, nor what joins them."""
    offset = len(heard.head) - len(words)
    text = list(heard.head)
    for start, end in (*(t.span for t in heard.readings), *(n.span for n in heard.named)):
        text[start:end] = _SIGN * (end - start)
    return _GLUE.sub("", "".join(text)[max(offset, 0) :].replace(_SIGN, ""))
