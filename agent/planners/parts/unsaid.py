"""What a part of a request leaves unsaid because another part says it: "the one from Bo", "tell Yuki too".

Also "if Bo has answered and Ann is free", "otherwise on Monday". It is filled in where that is plain, else
asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from deskhand.agent.planners.parts.antecedents import Earlier
from deskhand.agent.planners.parts.clauses import Conditional
from deskhand.agent.planners.parts.conditions import recognised
from deskhand.agent.planners.parts.statements import stated
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.verbs import BOOKS
from deskhand.agent.plans.language import Unclear
from deskhand.agent.profile import Known
from deskhand.agent.times import Reading

_ONE = re.compile(
    r"\b(?:(?:the|this|that)\s+(?:other\s+)?(?P<one>one)|(?P<ones>(?:the|these|those)\s+(?:other\s+)?ones|those))"
    r"(?=\s+(?:from|by|with|of|about|on|at)\b)",
    re.I,
)
_BOOKS_ONE = re.compile(rf"(?P<verb>{BOOKS}|put in|add)\s+(?:me\s+)?(?:one|another(?:\s+one)?)\b", re.I)
_MEETING = re.compile(
    rf"\b(?:(?:an?|any|no)\s+(?P<noun>{LEXICON['meeting']})|(?P<length>half\s+an\s+hour|an\s+hour|\d+\s+(?:minutes|hours)))\b",
    re.I,
)
_WITH = re.compile(r"\s+with\s+", re.I)
_NOUN = re.compile(
    rf"\b(?P<noun>invitation|invite|e-?mail|attachment|digest|{LEXICON['mail']}|{LEXICON['thread']}|"
    rf"{LEXICON['meeting']}|{LEXICON['paper']})(?P<many>s)?\b",
    re.I,
)
_TOO = re.compile(
    r"(?:tell|mail|e-?mail|message|inform|notify|write(?:\s+to)?|let|send)\s+(?P<who>.+?)\s+"
    r"(?:(?:know\s+)?(?:too|as\s+well|also|likewise)|(?:know\s+|exactly\s+)?the\s+same(?:\s+(?:thing|mail|message))?)\W*",
    re.I,
)
_AND = re.compile(r"\s*,?\s+(?P<word>and|or)\s+(?:also\s+|if\s+|that\s+)*", re.I)
_VERB = re.compile(
    r"\b(?:is|are|am|['’]m|was|were|has|have|had|will|did|does|do|answered|replied|responded|wrote|mailed|changed|"
    r"owes?)\b",
    re.I,
)
_ELSE = re.compile(
    r"(?:[,;.]\s*|\s)(?:and\s+|but\s+|or\s+)?(?P<word>otherwise|or\s+else|(?<=,\s)else|if\s+not)\b[\s,:]*(?P<rest>.*)$",
    re.I,
)
_FRAGMENT = re.compile(
    r"(?:then\s+)?(?:on|at|in|with|to|for|from|after|before|by|next|this|the|any|some|an?|half|\d|tomorrow|today|try|maybe|perhaps|rather|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.I,
)
"""How the rest of a wish begins that is no wish by itself."""
_DAYS = frozenset({"day", "week", "month", "year"})


def with_noun(words: str, earlier: Sequence[Earlier]) -> str:
    """ "Decline the one from Bo" with the noun of a part before: "decline the invitation from Bo".

    "Book one at 4" is to book what the nearest part speaks of: "book a call with Yuki at 4".
    """
    one = _BOOKS_ONE.match(words)
    for said in (e.request for e in reversed(earlier)) if one is not None else ():
        if one is not None and (noun := _MEETING.search(said.head)):
            who = [n for n in said.named if _WITH.fullmatch(said.head, noun.end(), n.span[0])]
            with_whom = f" with {who[0].words}" if who and _WITH.search(words) is None else ""
            what = noun["length"] or f"a {noun['noun']}"
            return f"{one['verb']} {what}{with_whom}{words[one.end() :]}"
    m = _ONE.search(words)
    if m is None:
        return words
    for part in reversed(earlier):
        verb = re.match(r"\s*\S+\s+", part.request.head)
        if noun := _NOUN.search(part.request.head, verb.end() if verb else 0):
            return f"{words[: m.start()]}the {noun['noun']}{'s' if m['ones'] else ''}{words[m.end() :]}"
    return words


def same_said(words: str, earlier: Sequence[Earlier]) -> str:
    """ "Tell Yuki too" with the text that the part before it sends."""
    m = _TOO.fullmatch(words.strip())
    if m is None or not earlier:
        return words
    bodies = [s.args["body"] for s in earlier[-1].steps if s.op == "mail.send" and "body" in s.args]
    if len(bodies) != 1 or not isinstance(bodies[0], str):
        return words
    return f"mail {m['who']}: {bodies[0].strip()}"


def both_halves(part: Conditional, known: Known) -> Conditional | Unclear | None:
    """Of two conditions in one, the second inside the first; the question where that says something else.

    None where it is one condition ("Ann and Bo are free").
    """
    for m in _AND.finditer(part.condition):
        left, right = part.condition[: m.start()], part.condition[m.end() :]
        if not (_VERB.search(left) and _VERB.search(right)):
            continue
        sorts = [recognised(Request.of(stated(half), known)) for half in (left, right)]
        if m["word"].lower() == "or" or part.negated or part.otherwise or None in sorts:
            return Unclear(
                message=f"“{left}” {m['word'].lower()} “{right}” are two conditions, and I cannot keep to "
                "both here, so nothing was done. Say one of them; I take two as “if ... and ..., ...”, "
                "without an "
                "“otherwise”, where I can look at both.",
            )
        inner = replace(part, condition=right, follows=False, span=(0, 0))
        return replace(part, condition=left, then=(inner,))
    return None


def unfinished_else(words: str) -> Unclear | None:
    """The question about an "otherwise" that no wish stands behind ("otherwise on Monday at 10").

    :param words: a wish without the text that it brings along, or a condition.
    """
    m = _ELSE.search(_unquoted(words))
    if m is None or not _FRAGMENT.match(m["rest"]) or _VERB.search(m["rest"]):
        return None
    return Unclear(
        message=f"What shall be done “{m['word']} {m['rest'].strip()}”? Nothing was done yet. Say the "
        "whole wish "
        "again behind it: “book an hour with Ann on Friday at 15:00 if she is free, otherwise book an "
        "hour with Ann on "
        "Monday at 10”."
    )


def dated(wish: Request, asked: Sequence[Reading]) -> Reading | None:
    """The day a condition asks about, for a wish that says only which part of a day: "in the morning"."""
    said = [t for t in wish.times if t.kind != "duration"]
    days = [t for t in asked if t.grain in _DAYS]
    if len(days) != 1 or not said:
        return None
    vague = all(t.grain in ("part", "hour", "minute") and not _names_day(t.text) for t in said)
    return days[0] if vague else None


def _names_day(text: str) -> bool:
    return (
        re.search(
            r"\b(?:\w+day|today|tonight|tomorrow|week|month|\d{4}|\d+(?:st|nd|rd|th)|jan\w*|feb\w*|mar\w*|apr\w*|may|"
            r"june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*)\b",
            text,
            re.I,
        )
        is not None
    )


def _unquoted(words: str) -> str:
    return re.sub(r"“[^”]*”|\"[^\"]*\"", lambda m: "_" * len(m.group()), words)
