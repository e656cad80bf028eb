"""The names in a plan against the second reader's marks: a name that holds words of no name took too much.

Both readers mark a name for themselves. What the grammar takes for a part of one ("waste collection,
contractor on strike") and the second reader for none is a reason, a verb, or what else was said beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deskhand.agent.planners.checks.plan_names import names_in
from deskhand.agent.planners.likeness.forms import PEOPLE
from deskhand.agent.planners.likeness.reader import Likely
from deskhand.agent.planners.likeness.weights import learnt
from deskhand.agent.planners.second import UNSURE, sure
from deskhand.agent.planners.words.phrases import LEXICON, words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step

_KEPT_AS_SAID = frozenset({"question.answer", "schedule.add"})
_OF_TIME = frozenset(
    {"when", "to", "by", "length", "often", "only", "ideally", "not", "before", "after", "count"}
)
_JOINING = words(
    "a an the of in on at to for from by with and or my our your his her their its this that re about s"
)
_KEEPS = words("keep kept free clear block hold")
"""What time that is only to be kept is called by, where nothing else was said."""
_WORD = re.compile(r"[^\W_]\w*")
_KEPT = re.compile(r"^Kept:\s+")
_MEETING = re.compile(rf"(?:{LEXICON['meeting']})s?", re.I)
_LED = r"\b(?:about|regarding|concerning|re|on|of)\s+(?:the\s+|my\s+|our\s+|a\s+|an\s+)?"


def reaching(request: Request, made: Plan, one: Likely) -> str | None:
    """The name in a plan that holds words which the second reader takes for no part of one.

    Where it is not unsure and sees no name there at all, the words have to be such as are said around names:
    "anywhere".

    :param one: its reading of the same wish, of the goal that the plan is of.
    """
    if any(step.op in _KEPT_AS_SAID for step in made.steps):
        return None
    named, people = _marked(request, one)
    said, frame = set(_words(request.original)), learnt().frame
    quoted = " ".join(request.quotes).casefold()
    clear = one.plain is not None and sure(one) >= UNSURE
    for step in made.steps:
        for name in _named(step):
            if name.casefold() in quoted or (_MEETING.fullmatch(name) and not _has_name(one)):
                continue
            held = {w for w in _words(name) if w in said and w not in _JOINING}
            over = held - named - people
            if name.casefold() in request.original.casefold():  # "remind Marta of the meeting on Thursday"
                over -= {w for time in request.readings for w in _words(time.text)}
            over -= _KEEPS
            unseen = named.isdisjoint(held) and not (clear and over <= frame)
            if over and not unseen and not _said_as_topic(request, name):
                return name
    return None


def _marked(request: Request, one: Likely) -> tuple[set[str], set[str]]:
    """The words in slots that hold names or texts, and in those that hold people.

    Of a time those that no reading of a time has: "after the launch".
    """
    named, people = set[str](), set[str]()
    for slot, text in one.slots:
        if slot in _OF_TIME:
            for time in (t for t in request.readings if t.anchor is None):
                text = text.replace(time.text, " ")
        (people if slot in PEOPLE else named).update(_words(text))
    return named, people


def _has_name(one: Likely) -> bool:
    return any(slot in ("what", "topic") for slot, _ in one.slots)


def _said_as_topic(request: Request, name: str) -> bool:
    """Whether a name stands behind "about", and is nothing but words."""
    plain = re.fullmatch(r"[\w’' -]+", name) is not None
    return plain and re.search(rf"{_LED}{re.escape(name)}(?=\W|$)", request.original, re.I) is not None


def _named(step: Step) -> Iterator[str]:
    for key, name in names_in(step):
        body = step.args.get("body")
        if key == "location" or (
            key == "subject" and isinstance(body, str) and name.rstrip("….").casefold() in body.casefold()
        ):
            continue
        yield _KEPT.sub("", name) if key == "title" else name


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("’", "'"))
