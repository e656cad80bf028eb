"""The account of plans that are not about times: nobody whom a wish names is left out of its plan in silence.

Plans about times have an account of their own (`accounting`), which knows what their arguments keep to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from deskhand.agent.planners.checks.accounting import timed
from deskhand.agent.planners.checks.plan_shown import strings
from deskhand.agent.planners.likeness.cues import HELD_BACK
from deskhand.agent.planners.likeness.reader import Likely
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

_BY_WHOM = frozenset({"document.changes", "document.changed"})
"""Whose answer says who did it: "what did Marta change in the proposal"."""
_OF_ITSELF = frozenset({"question.answer", "digest.compose", "schedule.add"})
"""What keeps a wish word for word, or is made of the time it is made at."""
_TELLING = frozenset({"tell", "ask"})
_SENTENCE = re.compile(r"\b(?:when|where|how|why|which|what|because)\b", re.I)
"""What stands between somebody and what he is told is no sentence of its own."""
_COPIES = re.compile(r"\bb?cc\b|\bcopying\b|\bwith a copy to\b", re.I)
_MARKS = " .!?,;:\n“”\"'"
_SOME_EVENT = re.compile(
    rf"\b(?:{LEXICON['meeting']}|{LEXICON['calendar']}|hold|thing|one|next|first|last|everything|all|invitation|invite|ones|things)s?\b",
    re.I,
)
"""A word for an event that is no name of it."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_AMONG = re.compile(
    r"[^,;.:]*?\band\s+(?:some|a\s+few|several|many|the|two|three)\s+(?:others?|more|other\s+people|people|"
    r"folks)\s+"
    r"(?=(?:have\s+|had\s+)?(?:asked|wanted|requested))",
    re.I,
)
"""Some of those who asked for something, by name."""


def somebody_dropped(request: Request, made: Plan) -> Unclear | None:
    """The question about people who are named and nowhere in the plan; None where all are in it."""
    if any(step.op in _BY_WHOM for step in made.steps):
        return None
    names = {n.words.casefold() for n in request.named}
    held = " ".join(text for step in made.steps for text in _held(step.args, names))
    askers = any(step.op == "document.askers" for step in made.steps)
    asked = m.end() if askers and (m := _AMONG.match(request.head)) else 0  # they are found among those
    lost = [
        n
        for n in request.named
        if n.key.casefold() not in held and n.words.casefold() not in held and n.span[0] >= asked
    ]
    if not lost:
        return None
    named = " and ".join(dict.fromkeys(f"“{n.words}”" for n in lost))
    return Unclear(
        message=f"I cannot keep to {named} here, so nothing was done. Say it with one person at a time, or "
        "put what it is about in quotation marks.",
    )


_TOLD = re.compile(
    r"(?:\s*[,;]|\s+and|\s+then)+\s+(?:please\s+|also\s+|just\s+)*(?P<wish>(?:tell|mail|e-?mail|message|"
    r"notify|inform|ask|remind|"
    r"text|ping|forward|send|let|write\s+to|thank|invite)\s+(?:it\s+to\s+|them\s+to\s+|this\s+to\s+|"
    r"that\s+to\s+)?)",
    re.I,
)


def telling_dropped(request: Request, made: Plan) -> Unclear | None:
    """The question about somebody who is to be told, where the wish is only looked up as a question."""
    if [step.op for step in made.steps] != ["question.answer"]:
        return None
    for m in _TOLD.finditer(request.head):
        who = next((n for n in request.named if n.span[0] == m.end()), None)
        if who is not None and not request.closed(*m.span()):
            rest = request.head[m.start("wish") :].strip()
            return Unclear(
                lacking=True,
                message=f"I would look that up, and do nothing of “{rest}”, so nothing was done. Ask it by "
                "itself, and then say what to write.",
            )
    return None


def sent_though_held(words: str, made: Plan) -> Unclear | None:
    """The question about a mail that would be sent, where words in front of its text hold it back."""
    said = re.split(r":(?=\s)|[“\"«]", words, maxsplit=1)[0]
    if (m := HELD_BACK.search(said)) is None or any(s.op == "mail.draft" for s in made.steps):
        return None
    if not any(s.op == "mail.send" and "calendar" not in s.args for s in made.steps):
        return None
    return Unclear(
        lacking=True,
        message=f"Shall it be sent, or only drafted? You said “{m.group()}”, so nothing was done. Say “draft "
        "a mail to ...” or “draft a reply to ...”.",
    )


def copy_dropped(request: Request, made: Plan) -> bool:
    """Whether somebody is to get a copy, and a mail takes him for one of those whom it is for."""
    mails = [s for s in made.steps if s.op in ("mail.send", "mail.draft")]
    return _COPIES.search(request.head) is not None and bool(mails) and not any("cc" in s.args for s in mails)


def text_cut(one: Likely, words: str) -> bool:
    """Whether words of what somebody is to be told stand in no slot of a reading.

    "Ask Marta when she can come by to fix the sink" asks for no repair.
    """
    if one.goal not in _TELLING or not any(name == "text" for name, _ in one.slots):
        return False
    at, words = 0, words.casefold()
    for name, text in one.slots:
        start = words.find(text.casefold(), at)
        if start < 0:
            return False
        if name == "text" and at and _SENTENCE.search(words[at:start]):
            return True
        at = start + len(text)
    return False


def time_dropped(request: Request, made: Plan) -> bool:
    """Whether a day or a longer time that a wish names is nowhere in a plan that is not about times."""
    if timed(made) or any(step.op in _OF_ITSELF for step in made.steps):
        return False
    texts = [text for step in made.steps for text in _held(step.args, set())]
    texts += [step.when.model_dump_json() for step in made.steps if step.when is not None]
    held, zone = " ".join(texts), request.known.owner.tz
    dates = set(_DATE.findall(held))
    for time in request.times:
        if time.kind not in ("interval", "instant") or time.start is None or time.text.casefold() in held:
            continue
        day = time.start.astimezone(zone).date()
        if not {str(day), str(day + timedelta(days=1)), str(day - timedelta(days=1))} & dates:
            return True
    return False


def unnamed(words: str, known: Known, made: Plan) -> Unclear | None:
    """The question about a change of an event that is found by its day alone, where more is said of it."""
    if not any(step.op == "event.cancel" for step in made.steps):
        return None
    for step in made.steps:
        if (
            step.op != "event.find"
            or step.args.keys() & {"person", "at"}
            or step.args.get("about", "?") != ""
        ):
            continue
        if not _SOME_EVENT.search(Request.of(words, known).original):
            return Unclear(message="Which event? Name it, its hour or somebody in it; nothing was done.")
    return None


def unquoted(words: str, known: Known, made: Plan) -> bool:
    """Whether something that a wish has in quotation marks is no name or text of its plan by itself."""
    if any(step.op in _OF_ITSELF for step in made.steps):
        return False
    held = {text.strip(_MARKS).casefold() for step in made.steps for text in strings(step.args)}
    return any(quote.strip(_MARKS).casefold() not in held for quote in Request.of(words, known).quotes)


def _held(args: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    """All texts of a step; a second person is no topic: "the mails from Ann and Bo"."""
    for name, value in args.items():
        for text in strings(value):
            if not (name == "about" and "person" in args and text.casefold() in names):
                yield text.casefold()
