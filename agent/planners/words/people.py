"""Whom a wish is meant for: the people listed behind "with", "to", a verb. Never a guess.

A name nobody has, or that two people share, becomes one question; a name is never left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from deskhand.agent.planners.words.directory import Named, Span
from deskhand.agent.planners.words.phrases import LEXICON, words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear
from deskhand.agent.wording.writes import called
from deskhand.connectors.archive import Person
from deskhand.connectors.model import Trust

_JOINT = re.compile(r"(?:\s|,|;|&|\+|\b(?:and|both|also|plus|as well as|or|even|maybe)\b)*", re.I)
_JOINED = re.compile(r"\s*(?:,|;|&|\+|\b(?:and|plus|as well as|or)\b)", re.I)
_OR = re.compile(r"[\s,]*\bor\b\s*(?:with\s+|maybe\s+)*", re.I)
_NAME = re.compile(r"[^\W\d_a-z][\w’'-]*\.?(?: [^\W\d_a-z][\w’'-]*\.?){0,3}")
"""What stands in front of an address in a wish, and is a name alone."""
_WORD = re.compile(r"[^\s,;:&+“”\"]+")
_ENDS = words(
    """
    about on at for that next this to in from regarding re concerning by after before during until till
    when where if whether saying with know into of over via as so because and or is are it the a an my
    our his her their be called titled named who which any some every each i we sometime anytime
    what how tomorrow today please subject cc bcc copying around between not no only then up again online
    one another yes maybe thanks thx ta sorry cheers
    remotely virtually briefly quickly off out join too also
    asap soon tentatively
    otherwise why unless depending provided whenever except excluding within even ideally
    monday tuesday wednesday thursday friday saturday sunday
    """
) | frozenset(w for w in LEXICON["meeting"].split("|") if w not in {"doctor", "dentist", "party", "class"})
_ARTICLES = frozenset({"the", "a", "an", "my", "our", "his", "her", "their", "all", "every"})
_THINGS = frozenset(
    " ".join(LEXICON[n].replace("|", " ") for n in ("mail", "paper", "reply", "meeting")).split()
)
_CC = re.compile(
    r"[\s,]*(?:\(?\b(?:cc|cc'?ing|copying(?: in)?|copy(?: in)?|with a copy to|and copy)\b:?)\s+", re.I
)
_NOBODY = frozenset({"me", "myself", "us", "ourselves", "you", "yourself", "him", "it", "them", "her"})


@dataclass(frozen=True, slots=True)
class Listed:
    """People named one after the other, and where the list ends."""

    people: tuple[Named, ...]
    span: Span
    unknown: Span | None = None
    """A name that nobody in the directory has."""


def listed(request: Request, start: int) -> Listed:
    """The people listed from a place in the wish on. Whose name is in the possessive is not meant himself."""
    head = request.head
    by_start = {n.span[0]: n for n in request.named}
    times = {t.span[0] for t in request.times}
    found: list[Named] = []
    at = end = start
    while True:
        joint = _JOINT.match(head, at)
        at = joint.end() if joint else at
        named = by_start.get(at)
        if named is not None:
            if named.possessive:
                break
            at = end = named.span[1]
            word = None if _JOINED.match(head, at) else _WORD.match(head, _skipped(head, at))
            if word and not _ends(word, times):  # "Bo Smith", where only another Bo is known
                return Listed((*found,), (start, end), (named.span[0], word.end()))
            found.append(named)
        elif (word := _WORD.match(head, at)) and word.group().lower().strip(".'’!?") in _NOBODY:
            at = end = word.end()
        else:
            unknown = None if at in times else _unknown(head, at, times)
            return Listed((*found,), (start, end), unknown)
        if not _JOINED.match(head, at):
            break
    return Listed((*found,), (start, end))


def copies(request: Request) -> list[Listed]:
    """Those who get a copy: "cc Marta", "with a copy to Bo"."""
    found = [listed(request, m.end()) for m in _CC.finditer(request.head)]
    return [one for one in found if one.people or one.unknown]


def whole(request: Request, one: Listed) -> Span:
    """Where those who get a copy stand, with the words that say so."""
    m = next((m for m in _CC.finditer(request.head) if m.end() == one.span[0]), None)
    return (m.start() if m else one.span[0], one.span[1])


def mailboxes(
    request: Request, lists: Sequence[Listed], *, either: bool = False
) -> list[dict[str, Any]] | Unclear:
    """Everybody in the lists once, as plain JSON, without the owner; or the question to ask first.

    "Ann or Bo" is one of them, and a question, unless it is all the same (`either`: "is Ann or Bo free").
    """
    made: dict[str, dict[str, Any]] = {}
    for one in lists:
        if not either and (question := _one_of(request, one)) is not None:
            return question
        for named in one.people:
            if not named.clear:
                return which(request, named)
            if named.mailbox.address not in request.known.owner.addresses:
                made.setdefault(named.mailbox.address, named.mailbox.model_dump())
        if one.unknown is not None:
            return nobody(request, one.unknown)
    return list(made.values())


def _one_of(request: Request, said: Listed) -> Unclear | None:
    """The question whom of those who are joined by "or"."""
    for left, right in pairwise(said.people):
        if _OR.fullmatch(request.head, left.span[1], right.span[0]):
            both = (left.span[0], right.span[1])
            return Unclear(
                message=f"{left.words} or {right.words}: whom do you mean? Nothing was done.",
                choices=tuple(request.put(both, request.head[slice(*n.span)]) for n in (left, right)),
            )
    return None


def which(request: Request, named: Named) -> Unclear:
    """Which of two namesakes?"""
    ending = "'s" if named.possessive else ""
    choices = tuple(request.put(named.span, f"{_written(p)}{ending}") for p in named.people[:3])
    people = ", ".join(f"{called(p.name, '')} ({p.addresses[0]})" for p in named.people[:5])
    return Unclear(
        message=f"Which {named.words} do you mean: {people}?", choices=choices, name=named.words,
        among=tuple((p.addresses[0], p.name) for p in named.people),
    )  # fmt: skip


def _written(person: Person) -> str:
    """Somebody as a wish names them for certain. A name is the bearer's own words: where it says more than a
    name does, the address stands alone, for whoever takes up a choice makes it her own words."""
    return f"{person.name} <{person.addresses[0]}>" if _NAME.fullmatch(person.name) else person.addresses[0]


def nobody(request: Request, span: Span) -> Unclear:
    """A name nobody has. No address is offered for it: an invented one might be somebody's."""
    name = request.head[span[0] : span[1]]
    return Unclear(
        message=f"I know nobody called {name}. Write the address in place of the name, the first time.",
        lacking=not name.istitle(),  # "the crowd in the review", "Marta anywhere": hardly a name
    )


def named_after(request: Request, *words: str) -> list[Listed]:
    """The lists behind each of these words."""
    found = []
    closed = [t.span for t in request.times]
    for m in re.finditer(rf"\b(?:{'|'.join(words)})\s+", request.head, re.I):
        if not any(a < m.start() < b for a, b in closed):
            found.append(listed(request, m.end()))
    return [one for one in found if one.people or one.unknown]


def origin(request: Request, people: Sequence[dict[str, Any]]) -> Trust:
    """How far the addresses are trusted: written by the person, a contact's, or only seen in mail.

    A name proves nothing: a stranger may have written under it.
    """
    said = request.original.lower()
    literal = {n.address for n in request.named if n.address and n.address in said}
    addresses = {str(p["address"]) for p in people}
    if addresses <= literal:
        return "user"
    return "contact" if addresses <= literal | request.known.contacts else "untrusted"


def names(people: Sequence[dict[str, Any]]) -> str:
    """ "Ann Ruiz, bo@example.org"."""
    return ", ".join(str(p["name"] or p["address"]) for p in people)


def _skipped(head: str, at: int) -> int:
    space = re.compile(r"\s*").match(head, at)
    return space.end() if space else at


def _ends(word: re.Match[str], times: set[int]) -> bool:
    said = word.group().lower().strip(".'’!?()")
    return (
        not said
        or said in _ENDS
        or re.split("['’]", said)[0] in _ENDS
        or word.start() in times
        or not any(c.isalpha() for c in said)
    )


def _unknown(head: str, start: int, times: set[int]) -> Span | None:
    """A name that stands where somebody must be named: "john smith", "the board"."""
    at, end, first = start, start, True
    while word := _WORD.match(head, _skipped(head, at)):
        low = word.group().lower().strip(".'’!?()")
        article = first and low in _ARTICLES
        if not article and (_ends(word, times) or low in _THINGS):
            break
        first = False
        at = word.end()
        end = end if article else at
        if end > start and _JOINED.match(head, at):
            break
    return (start, end) if end > start else None
