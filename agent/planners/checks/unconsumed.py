"""Words that change what a wish means, and that its plan took for a name or a text: a write with them asks.

"Each", "too", "otherwise", "instead": a builder that understood such a word leaves it nowhere in the plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.connectors.operations import OPERATIONS

_TELLING = re.compile(
    r"\b(?:each|undo|except|otherwise|too|instead|if|unless|else|whoever|everybody|everyone|but\s+not?)\b",
    re.I,
)
_TITLED = re.compile(
    r"^(?:each|undo|otherwise|everybody|everyone|whoever|minus|sans|except|excluding|save\s+for|"
    r"other\s+than)\b|\b(?:otherwise|instead|else|too|unless)\W*$",
    re.I,
)
"""A title may be any words ("what if we fail"), but hardly begins or ends so."""
_NTH = re.compile(r"^(?:second|third|fourth|other|alternate|2nd|3rd|4th)\b", re.I)
"""Behind "every" it says which of them, and is no part of their name."""
_ALSO_THE = re.compile(r"\band\s+(?:the|my|our)\b", re.I)
_POINTING = re.compile(
    r"(?:the\s+|this\s+|that\s+)?(?:one|ones|that|those|these|it|them|same|rest|others|remainder|"
    r"(?:other|remaining)\s+ones?|everything\s+else|all\s+(?:the\s+)?others)(?:\s+of\s+(?:them|those|it))?",
    re.I,
)
_SAME = re.compile(
    r"(?:(?:and\s+)?(?:too|as\s+well|also|likewise|the\s+same(?:\s+thing)?|same|so|that|it|this)"
    r"(?:\s+(?:too|as\s+well|also))?)",
    re.I,
)
_EACH = re.compile(
    r"\b(?:each|every\s+one|all|both|everybody|everyone)\s+(?:of|in|on|from)\s+"
    r"(?P<whose>(?:my|our|the)\s+)?(?:(?:\d+|two|three|four|five|six|seven|eight|nine|ten)\s+)?"
    r"(?P<who>[a-z][\w-]*(?:\s+[a-z][\w-]*)?)",
    re.I,
)
_WITH = re.compile(r"\b(?:with|invite|mail|tell|ask)\s+$", re.I)
_ALSO = re.compile(r"\band\s+(?P<who>\S+(?:\s+\S+)?)\s+(?:too|as\s+well)\W*$", re.I)
_GROUP = re.compile(r"\b(?P<who>[\w-]*\s*(?:team|department|group|office|company|staff|crew))s?$", re.I)
_AFTER = re.compile(
    r"\s+(?:on|at|in|next|this|tomorrow|today|for|about|by|that|to|from|before|after|between)$", re.I
)


def unconsumed(request: Request, made: Plan) -> Unclear | None:
    """The question about a plan that writes, and holds a telling word as part of a name or a text."""
    if not any(s.op in OPERATIONS for s in made.steps) or any(s.op == "schedule.add" for s in made.steps):
        return None
    quoted = [q.casefold() for q in request.quotes]
    for step in made.steps:
        for name, text in _names(step):
            if any(text.casefold() in q for q in quoted) or text.casefold() in request.body.casefold():
                continue
            m = (_TITLED if name == "title" else _TELLING).search(text)
            if m is not None and m.group().lower() in request.head.lower():
                return _each(request) or _asked(text, m.group())
            if name == "about" and (question := _run_together(request, step, text)) is not None:
                return question
            if name == "about" and (p := _POINTING.fullmatch(text)):
                return _asked(text, p.group())
    if (question := _no_event(request, made)) is not None:
        return question
    if not request.quotes:
        for step in made.steps:
            body = step.args.get("body")
            if step.op.startswith("mail.") and isinstance(body, str) and _SAME.fullmatch(body.strip(" .\n")):
                return Unclear(
                    message=f"The text would be “{body.strip()}”, so nothing was done. What shall it "
                    "say? Put the "
                    "words behind a colon, or name everybody at once: “mail Ann and Bo that ...”."
                )
            m = _ALSO.search(body.strip()) if step.op.startswith("mail.") and isinstance(body, str) else None
            if m is not None and request.directory.named(m["who"]):
                return Unclear(
                    message=f"Shall {m['who']} be told as well, or is “{m.group()}” part of the text? "
                    "Nothing was done. Name everybody first (“mail Ann and Bo that ...”), or put the text "
                    "in quotation marks."
                )
    return None


def _run_together(request: Request, step: Step, about: str) -> Unclear | None:
    """The question about the name of an event that is none: a count of its times, or two events' names."""
    if step.op != "event.find":
        return None
    if (n := _NTH.match(about)) and re.search(rf"\bevery\s+{n.group()}\b", request.head, re.I):
        return Unclear(
            message=f"“every {n.group()}”: I change the next of a series, all of it, or the one of a day, "
            "and never some of them by turns; nothing was done. Name them one by one, by their days."
        )
    # A time was cut out between them: "the Monday review and the Friday demo".
    if _ALSO_THE.search(about) and about.casefold() not in request.head.casefold():
        return Unclear(
            lacking=True,
            message=f"I would take “{about}” for one event, so nothing was done. Say it as two wishes, one "
            "for each event.",
        )
    return None


def _no_event(request: Request, made: Plan) -> Unclear | None:
    """The question about a group nobody has set, where its people would be those of an event."""
    asked = {
        str(r.get("ref"))
        for s in made.steps
        if s.op == "event.people" and isinstance(r := s.args.get("event"), dict)
    }
    for step in made.steps:
        about = step.args.get("about")
        named = step.id in asked and isinstance(about, str) and about not in request.quotes
        if named and (m := _GROUP.search(str(about))) is not None:
            return _no_group(m["who"].strip())
    return None


def _names(step: Step) -> Iterator[tuple[str, str]]:
    for name in ("about", "title"):
        value = step.args.get(name)
        if isinstance(value, str):
            yield name, value


def _each(request: Request) -> Unclear | None:
    """The question who the people are that a wish calls by a group nobody has set."""
    m = next((m for m in _EACH.finditer(request.head) if _WITH.search(request.head, 0, m.start())), None)
    if m is None:
        return None
    who = _AFTER.sub("", m["who"])
    return _no_group(who)


def _no_group(who: str) -> Unclear:
    return Unclear(
        message=f"I know no group “{who}”, so nothing was done. Say who they are, once: deskhand state set "
        f'"{who}" with their addresses, with commas between them; or name the people in the wish.'
    )


def _asked(text: str, word: str) -> Unclear:
    return Unclear(
        message=f"I made nothing of “{word}” and would take “{text}” for a name, so nothing was done. "
        "Say it as two "
        "wishes, or put the name in quotation marks."
    )
