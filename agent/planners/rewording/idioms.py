"""Idioms: what people say for a wish that a goal has other words for, written out as those words.

"Leave me out of the weekly sync" is "skip the weekly sync": a line of `idioms.txt` says so, and whatever
reads a wish (goals, limits, schedules, wishes of several parts) sees the plain words.

A line is `said => meant`. `(a|b)` is one of them, `[a]` may be missing, `{meeting}` is a word of LEXICON
or of a list in the file (`{drops} := axe|ditch`), `...` is any words. `<event>`, `<item>`, `<topic>`,
`<who>`, `<when>`, `<length>`, `<words>` and `<rest>` (may be empty) hold what stands there over to the
other side; a digit makes another one (`<who2>`), and `<turn:later|earlier>` holds one of these words. A line
holds only where it fits the whole wish, and where each slot holds what its name says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.writing import split

if TYPE_CHECKING:
    from deskhand.agent.planners.words.request import Request

LONGEST = 300
"""Characters of a wish that is looked at: an idiom is a short thing."""
_TIMES = 5
"""So many idioms may be in each other."""
_BEGINNING = 4
"""So many letters of a word say where it may begin."""

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
_TELLS = re.compile(
    r"(?:[,;]|\b(?:and|so)\b)\s+(?:then\s+|please\s+|also\s+|so\s+)*(?:let|tell|inform|notify|warn)\b"
)
"""Another wish, which is no part of what an event is called."""
_NO_EVENT = re.compile(
    r"\binvit|\bif\b|\b(?:has|have|is|was|be|been)$|[;,]\s*\w* ?(?:cancel|move|scrap|drop|book) (?:it|"
    r"that)\b|^(?:please\s+)?(?:starting|from|as of|as from|with effect|beginning|schedule|book|arrange|"
    r"set up|find|"
    r"move|cancel|tell|ask|send|mail|"
    r"remind|add|put|"
    r"make|when|what|who|which|how|is|are|am|do|does|can|could|should|would|i|we|you)\b(?!-)"
)
"""What no event is called: another wish begins so."""
_PERSON = "\ue000"
"""Stands for each letter of a list of people."""
_AND = re.compile(r"(?:\s|[,;&]|\b(?:and|plus)\b)+", re.I)
_TIME = (
    r"(?:(?:on|at|in|to|from|by|for|the|next|this|last|past|coming|sometime|around|about|between|before|"
    r"after|until|"
    r"till|since|early|late|of|end|beginning|day|a|an|some|any|every|each|following|mid|as|only)\s+)*"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tue|wed|thu|fri|sat|sun|today|tonight|tomorrow|"
    r"yesterday|"
    r"now|noon|midday|midnight|jan|january|feb|february|mar|march|apr|april|may|june?|july?|aug|august|"
    r"sept?|"
    r"september|oct|october|nov|november|dec|december|week|weekend|month|year|quarter|day|morning|mornings|"
    r"afternoon|afternoons|evening|evenings|night|lunch|lunchtime|half|\d\S*|q[1-4]|christmas|easter|one|"
    r"two|three|"
    r"four|five|six|seven|eight|nine|ten|eleven|twelve|first|second|third|last|spring|summer|autumn|"
    r"winter|next|"
    r"(?:to|yester)?day['’]s|tomorrow['’]s)\b.*?"
)
"""How a time begins; whether it is one, those who read times say."""
_NO_TOPIC = re.compile(
    r"\b(?:my|the|today['’]s|tomorrow['’]s) (?:day|week|month|morning|afternoon|evening|calendar|agenda|"
    r"schedule)\b|"
    r"\b(?:appointments|meetings|digest|everything)\b",
    re.I,
)
_GOES_ON = re.compile(r"\?\s+(?:(?:and\s+|but\s+)?(?:then|if)\b|.*\bif\s+(?:so|not|yes|no)\b)", re.I)
"""A question that something depends on is no wish by itself."""
_HELD = {"when": _TIME, "length": _LENGTH, "rest": r".*?", "who": rf"(?:{_PERSON}+|him|her|them)"}
_Needed = tuple[frozenset[str], ...]
_MARKS = " ,;"
_ARTICLE = 4
"""Characters that may stand beside a length: "for an hour", "a full hour" is no other wish."""
_BEHIND = r"(?:[\s,;:]+|(?=$|[.?!]))"
"""What ends a word: commas between words say nothing."""


def plain(request: Request) -> Request:
    """The request with the idioms of its wish written out; itself where there are none."""
    for _ in range(_TIMES):
        if len(request.head) > LONGEST or _GOES_ON.search(request.head):
            return request
        if (meant := _meant(request)) is None:
            return request
        if request.tail:
            request = replace(request, head=meant, idiomatic=True)
        else:  # "... saying the keys are here"
            head, tail, body = split(meant)
            request = replace(request, head=head, tail=tail, body=body, idiomatic=True)
    return request


def _meant(request: Request) -> str | None:
    text = _with_people(request)
    low = text.lower()
    table, by_word, always = _table(), *_by_word()
    said = _words_in(low)
    near = sorted({n for word in said for n in by_word.get(word, ())} | always)
    for needed, pattern, right in (table[n] for n in near):
        if any(map(said.isdisjoint, needed)):
            continue
        if (m := _line(pattern).fullmatch(text)) is not None:
            at = {n: m.span(n) for n, held in m.groupdict().items() if held is not None}
            if all(_fits(request, n, *span) for n, span in at.items()):
                held = {n: request.head[a:b].strip(_MARKS) for n, (a, b) in at.items()}
                made = _filled(right, held)
                if made.casefold() != request.head.casefold():
                    return made
    return None


def _with_people(request: Request) -> str:
    """The wish with each list of people as one word of the same length."""
    text, at = list(request.head.replace("’", "'")), -1
    for named in request.named:
        if named.possessive:
            continue
        first, last = named.span
        if at >= 0 and _AND.fullmatch(request.head, at, first):
            first = at
        text[first:last] = _PERSON * (last - first)
        at = last
    return "".join(text)


def _filled(right: str, held: dict[str, str]) -> str:
    made = re.sub(r"<(\w+)>", lambda m: held.get(m[1], ""), right)
    return re.sub(r"\s+(?=[,;.?!])", "", " ".join(made.split()))


@cache
def _line(pattern: str) -> re.Pattern[str]:
    """Made when a wish first has the words of it: all of them at once take a command's first second."""
    return re.compile(pattern, re.I)


@cache
def _table() -> tuple[tuple[_Needed, str, str], ...]:
    text = files(__package__).joinpath("idioms.txt").read_text("utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    sorts = dict(LEXICON)
    for line in lines:
        if " := " in line:
            name, words = line.split(" := ")
            sorts[name.strip("{}")] = words
    pairs = (line.split(" => ") for line in lines if " := " not in line)
    return tuple((_needed(said, sorts), _pattern(said, sorts), meant) for said, meant in pairs)


def _words_in(low: str) -> set[str]:
    """The words of the lines that stand in a wish, wherever; each is looked for only where it could begin."""
    begin = _by_beginning()
    near = begin.keys() & {low[n : n + size] for size in range(1, _BEGINNING + 1) for n in range(len(low))}
    return {word for start in near for word in begin[start] if word in low}


@cache
def _by_beginning() -> Mapping[str, frozenset[str]]:
    """All words that lines need, by their first letters."""
    found: dict[str, set[str]] = {}
    for needed, _, _ in _table():
        for word in (w for words in needed for w in words):
            found.setdefault(word[:_BEGINNING], set()).add(word)
    return {start: frozenset(words) for start, words in found.items()}


@cache
def _by_word() -> tuple[Mapping[str, Sequence[int]], frozenset[int]]:
    """Which lines a word may belong to, of the fewest that a line needs one of; and those that need none."""
    by_word: dict[str, list[int]] = {}
    for n, (needed, _, _) in enumerate(_table()):
        for word in needed[0] if needed else ():
            by_word.setdefault(word, []).append(n)
    return by_word, frozenset(n for n, (needed, _, _) in enumerate(_table()) if not needed)


def _needed(said: str, sorts: Mapping[str, str]) -> _Needed:
    """Of each of these one must stand in a wish that a line fits: most lines are done with by that."""
    found: list[tuple[str, ...]] = []
    depth, optional, ways = 0, False, [""]
    for m in _TOKEN.finditer(said):
        sign = m[0]
        if sign in "([":
            depth += 1
            ways = [""] if sign == "(" and depth == 1 else [*ways, ""]
            optional = sign == "[" if depth == 1 else optional
        elif sign in ")]":
            depth -= 1
            if depth == 0 and not optional and all(ways):
                found.append(tuple(w.lower() for w in ways))
        elif sign == "|":
            ways.append("")
        elif depth == 0 and m[1]:
            found.append(tuple(w.lower() for w in sorts[m[1]].split("|")))
        elif depth == 0 and m[2] and re.fullmatch(r"[a-z|]+", m[3] or ""):
            found.append(tuple(m[3].split("|")))
        elif depth == 0 and not m[2] and sign[0].isalnum():
            found.append((sign.lower(),))
        elif depth and not m[1] and not m[2] and sign[0].isalnum():
            ways[-1] = ways[-1] or sign
    return tuple(frozenset(words) for words in sorted(found, key=len))


def _pattern(said: str, sorts: Mapping[str, str]) -> str:
    return rf"[^\w{_PERSON}]*{''.join(_part(m, sorts) for m in _TOKEN.finditer(said))}[\s.?!,;]*"


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
    if _NO_EVENT.search(words) or _TELLS.search(words):
        return False
    if re.search(rf"\b(?:{LEXICON['meeting']})s?\b", words):
        return True
    return bool(_DETERMINED.match(words) or request.readings_in(start, end)) and not _document(words)


def _topic(request: Request, start: int, end: int) -> bool:
    """What a mail or a document may be about: no day of the calendar."""
    return _NO_TOPIC.search(request.head, start, end) is None


def _item(request: Request, start: int, end: int) -> bool:
    words = request.head[start:end].lower()
    return _document(words) or any(q in request.head[start:end] for q in request.quotes)


def _document(words: str) -> bool:
    return re.search(rf"\b(?:{LEXICON['thread']}|{LEXICON['paper']}|e-?mail)s?\b", words) is not None


_FITS: dict[str, Callable[[Request, int, int], bool]] = {
    "topic": _topic, "when": _when, "length": _length, "event": _event, "item": _item,
}  # fmt: skip
