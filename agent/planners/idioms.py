"""Idioms: what people say for a wish that a goal has other words for, written out as those words.

"Leave me out of the weekly sync" is "skip the weekly sync": a line of `idioms.txt` says so, and whatever
reads a wish (goals, limits, schedules, wishes of several parts) sees the plain words.

A line is `said => meant`. `(a|b)` is one of them, `[a]` may be missing, `{meeting}` is a word of `LEXICON`
or of a list in the file (`{drops} := axe|ditch`), `...` is any words. `<event>`, `<item>`, `<who>`, `<when>`,
`<length>`, `<words>` and `<rest>` (which may be empty) hold what stands there over to the other side; a digit
makes another one (`<who2>`), and `<turn:later|earlier>` holds one of these words. A line holds only where it
fits the whole wish, and where each slot holds what its name says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from deskhand.agent.planners.phrases import LEXICON

if TYPE_CHECKING:
    from deskhand.agent.planners.request import Request

LONGEST = 300
"""Characters of a wish that is looked at: an idiom is a short thing."""
_TIMES = 3
"""So many idioms may be in each other."""

_LENGTH = (
    r"(?:(?:for\s+)?(?:an?|full|whole|good|half|one|two|three|four|five|six|eight|ten|twelve|fifteen|"
    r"twenty|thirty|"
    r"forty|fifty|sixty|ninety|quarters?|of|couple|few|and|solid|extra|another|\d+(?:[.,:]\d+)?)[\s-]*)*"
    r"(?:hours?|hrs?|h|minutes?|mins?|m|days?|weeks?)(?:\s+and\s+an?\s+(?:half|quarter)|"
    r"(?:\s+and)?\s+\d+\s*(?:minutes?|mins?))?"
)
"""How a length looks; whether it is one, those who read times say."""
_TOKEN = re.compile(r"\.\.\.|\{(\w+)\}|<(\w+)(?::([^<>]*))?>|[()\[\]|]|[^\s()\[\]|{}<>]+")
_SIGNS = {"(": "(?:", "[": "(?:", "]": ")?", ")": ")", "|": "|", "...": r"(?:\S+[\s,]+){0,8}?",
    ":": r"(?:(?<=:)|(?<=:\s))",
}  # fmt: skip
_DETERMINED = re.compile(
    r"(?:the|my|our|this|that|today['’]?s|tonight['’]?s|tomorrow['’]?s|next|both|all|every|an?)\b|[“\"«]|"
    r"\S+['’]s\b",
    re.I,
)
_LEAD = re.compile(
    r"(?:(?:on|at|in|for|from|by|to|until|till|since|before|after|between|around|about|sometime|any\s*time|"
    r"some time|the|next|this|of|some|one|any|as of|starting)\s+)*",
    re.I,
)
_NO_EVENT = re.compile(
    r"\binvit|\bif\b|^(?:please\s+)?(?:schedule|book|arrange|set up|find|move|cancel|tell|ask|send|mail|"
    r"remind|add|put|"
    r"make|when|what|who|which|how|is|are|am|do|does|i|we|you)\b(?!-)"
)
"""What no event is called: another wish begins so."""
_HELD = {"length": _LENGTH, "rest": r".*?"}
_MARKS = " ,;"
_ARTICLE = 4
"""Characters that may stand beside a length: "for an hour", "a full hour" is no other wish."""
_BEHIND = r"(?:[\s,;:]+|(?=$|[.?!]))"
"""What ends a word: commas between words say nothing."""


def plain(request: Request) -> Request:
    """The request with the idioms of its wish written out; itself where there are none."""
    for _ in range(_TIMES):
        if len(request.head) > LONGEST:
            return request
        if (meant := _meant(request)) is None:
            return request
        request = replace(request, head=meant)
    return request


def _meant(request: Request) -> str | None:
    text = request.head.replace("’", "'")
    for pattern, right in _table():
        if (m := pattern.fullmatch(text)) is not None:
            at = {n: m.span(n) for n, held in m.groupdict().items() if held is not None}
            if all(_fits(request, n, *span) for n, span in at.items()):
                held = {n: request.head[a:b].strip(_MARKS) for n, (a, b) in at.items()}
                made = _filled(right, held)
                if made.casefold() != request.head.casefold():
                    return made
    return None


def _filled(right: str, held: dict[str, str]) -> str:
    made = re.sub(r"<(\w+)>", lambda m: held.get(m[1], ""), right)
    return re.sub(r"\s+(?=[,;.?!])", "", " ".join(made.split()))


@cache
def _table() -> tuple[tuple[re.Pattern[str], str], ...]:
    text = files(__package__).joinpath("idioms.txt").read_text("utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    sorts = dict(LEXICON)
    for line in lines:
        if " := " in line:
            name, words = line.split(" := ")
            sorts[name.strip("{}")] = words
    pairs = (line.split(" => ") for line in lines if " := " not in line)
    return tuple((re.compile(_compiled(said, sorts), re.I), meant) for said, meant in pairs)


def _compiled(said: str, sorts: Mapping[str, str]) -> str:
    return rf"\W*{''.join(_part(m, sorts) for m in _TOKEN.finditer(said))}[\s.?!,;]*"


def _part(m: re.Match[str], sorts: Mapping[str, str]) -> str:
    """A word of a line, or a slot, as a pattern."""
    if m[1]:
        words = "|".join(re.escape(w) for w in sorts[m[1]].split("|"))
        return rf"(?:{words})(?:e?s)?{_BEHIND}"
    if m[2]:
        kind = m[2].rstrip("0123456789")
        held = f"(?:{m[3]})" if m[3] else _HELD.get(kind, r"\S.*?")
        return rf"(?P<{m[2]}>{held}){_BEHIND}"
    return _SIGNS.get(m[0]) or re.escape(m[0]) + _BEHIND


def _fits(request: Request, slot: str, start: int, end: int) -> bool:
    test = _FITS.get(slot.rstrip("0123456789"))
    return test is None or test(request, start, end)


def _who(request: Request, start: int, end: int) -> bool:
    """Somebody of the directory, or a pronoun of a person, and as good as nothing else."""
    inside = [n for n in request.named if start <= n.span[0] < end]
    if not inside:
        return request.head[start:end].strip(_MARKS).lower() in ("me", "him", "her", "them", "us")
    left = request.head[start:end]
    for n in reversed(inside):
        left = left[: n.span[0] - start] + left[n.span[1] - start :]
    return (
        re.fullmatch(r"(?:[\s,;&]|\b(?:and|or|i|me|us|both|also|plus|together with)\b)*", left, re.I)
        is not None
    )


def _when(request: Request, start: int, end: int) -> bool:
    found = request.readings_in(start, end)
    lead = _LEAD.match(request.head, start)
    return bool(found) and found[0].span[0] <= max(start, lead.end() if lead else start)


def _length(request: Request, start: int, end: int) -> bool:
    """A length, and nothing else."""
    for time in request.readings_in(start, end):
        if time.kind == "duration":
            return len(request.head[start:end].strip(_MARKS)) - (time.span[1] - time.span[0]) <= _ARTICLE
    return False


def _event(request: Request, start: int, end: int) -> bool:
    words = request.head[start:end].lower()
    if _NO_EVENT.search(words):
        return False
    if re.search(rf"\b(?:{LEXICON['meeting']})s?\b", words):
        return True
    return bool(_DETERMINED.match(words) or request.readings_in(start, end)) and not _document(words)


def _item(request: Request, start: int, end: int) -> bool:
    words = request.head[start:end].lower()
    return _document(words) or any(q in request.head[start:end] for q in request.quotes)


def _document(words: str) -> bool:
    return re.search(rf"\b(?:{LEXICON['thread']}|{LEXICON['paper']}|e-?mail)s?\b", words) is not None


_FITS: dict[str, Callable[[Request, int, int], bool]] = {
    "who": _who, "when": _when, "length": _length, "event": _event, "item": _item,
}  # fmt: skip
