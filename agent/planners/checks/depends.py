"""What a wish depends on against what its plan waits to know.

No condition is left out in silence, nor a day to come on which a mail is to be written.
"""

from __future__ import annotations

import re

from deskhand.agent.planners.checks.asking import amiss
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

_IF = re.compile(
    r"(?:(?<=[,;.!?] )|^|\b(?:and|but|only) )(?P<said>(?:if(?! (?:some|any)thing)|unless|in case|should|"
    r"otherwise|or else|failing that|provided)\b"
    r"(?! (?:so|not|possible|needed|necessary|need be|at all|you(?:['’]d| (?:can|could|would|like|don['’]?t|"
    r"do not|have|want|wish|please|please))|"
    r"that['’]?s|that is|it['’]?s (?:ok|okay|fine|not too|no|possible|all right)|it is|i may|i might|"
    r"i remember|i recall|i['’]m not|i am not|any|we|i be|"
    r"it (?:works|suits|fits)|the time|there['’]?s (?:time|a way))\b)[^,;:.!?]*)",
    re.I,
)
_TEXT = re.compile(
    r":(?=\s)|[“\"«]|\b(?:that|saying|say|ask|asking|tell|write|know|wonder|check|see|find out|look up|"
    r"reply|mail|message|"
    r"email|answer|let)\b",
    re.I,
)


_TO_COME = re.compile(
    r"\b(?:tomorrow(?: (?:morning|afternoon|evening|at \d+\w*))?|tonight|next (?:week|month|\w+day)|"
    r"(?:later|this) (?:today|afternoon|evening))\b",
    re.I,
)
_WRITTEN = re.compile(r":(?=\s)|[“\"«]|\b(?:that|saying)\b", re.I)
_AT_ONCE = frozenset({
    "item.find", "item.summarise", "mail.compose_forward", "mail.compose_reply", "mail.send", "mail.draft",
    "mail.flag", "mail.move", "mail.trash", "mail.nudge", "message.list",
})  # fmt: skip
_TEXTS = frozenset({"about", "title", "subject", "body", "location"})


def time_left_out(request: Request, made: Plan) -> Unclear | None:
    """The question about a day to come, where a plan is about mail or documents, and does it at once."""
    if not {s.op for s in made.steps} <= _AT_ONCE:
        return None
    text = request.original
    front = text[: m.start()] if (m := _WRITTEN.search(text)) else text
    m = _TO_COME.search(front)
    if m is None or m.group().casefold() in _called(made):
        return None
    return Unclear(
        lacking=True,
        message=f"I would do it at once, and nothing of “{m.group()}”, so nothing was done. Leave it out, or "
        "put what it is part of in quotation marks.",
    )


def condition_lost(request: Request, made: Plan) -> Unclear | None:
    """The question about a condition that a plan which changes or sends something does nothing of."""
    if any(
        s.when is not None or s.otherwise or s.op in ("schedule.add", "question.answer") for s in made.steps
    ):
        return None
    if not any(s.op in ("event.create", "event.cancel", "event.update", "event.respond") for s in made.steps):
        return None
    text = request.original
    called = _called(made)
    for m in _IF.finditer(text):
        said = m["said"].strip()
        if _TEXT.search(text, 0, m.start("said")):
            return None
        if said.casefold() not in called and not any(
            "optional" in s.args or "likes_days" in s.args for s in made.steps
        ):
            return amiss(
                f"I would do it whether or not “{said}”",
                "it as “if ..., ..., otherwise ...”, with a whole wish on each side",
            )
    return None


def _called(made: Plan) -> str:
    """What things are called in a plan, and what it writes, in lower case."""
    return " ".join(str(v) for s in made.steps for n, v in s.args.items() if n in _TEXTS).casefold()
