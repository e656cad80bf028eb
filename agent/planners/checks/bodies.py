"""What a mail would say, as its reader sees it: half a sentence and a word to somebody else are no text."""

from __future__ import annotations

import re

from deskhand.agent.planners.checks.asking import amiss
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

_HALF = re.compile(
    r"(?:when(?:ever)?|once|as soon as|the moment|until|till|unless|because|while|in case|which|what|how|"
    r"where|who|"
    r"whether|if)\b[^,;:.!?]*$",
    re.I,
)
"""Only when, why or what: of "tell Ann which times I have free" she would be told nothing."""
_TAKES_MORE = re.compile(
    r"^in (?:one|two|three|a few|\d+) (?:sentences?|words|lines|bullets?)\b|^not to\b|"
    r"\band (?:attach|cc|copy|forward|book|add|put|file|flag|archive) (?:it|them|that|him|her)\b",
    re.I,
)
"""How it is to be said, what is to be left alone, what else is to be done: no part of the text."""
_SHORT = r"(?:yes|no|maybe|ok|okay|the same|too|as well|not|thanks|hello|hi)"
_TEXT = re.compile(r":(?=\s)|[“\"«]")
_SUBJECT = re.compile(r"\bsubject\b\W*(?P<what>[\w’'-]+)", re.I)


def half_a_text(request: Request, made: Plan) -> Unclear | None:
    """The question about a mail whose text is half a sentence, for somebody else, or its subject."""
    text = request.original
    for step in made.steps:
        body = step.args.get("body")
        if not step.op.startswith("mail.") or not isinstance(body, str) or not body.strip():
            continue
        said = body.strip(" .\n")
        at = text.casefold().rfind(said.casefold())
        written = at > 0 and _TEXT.search(text[:at]) is not None  # behind a colon it is as it was meant
        others = (
            n.words
            for n in request.directory.named(said, ())
            if re.search(rf",\s*{re.escape(n.words)} {_SHORT}$", said, re.I)
        )
        half = _HALF.match(said) or _TAKES_MORE.search(said)
        lost = said if not written and half else next(others, None)
        m = _SUBJECT.search(text)
        if lost is None and m is not None and said.casefold().startswith(f"{m['what'].casefold()};"):
            lost = said
        if lost is not None:
            return amiss(
                f"I would write “{said}” as it stands",
                "the text word for word behind a colon, and what others are to be told as a wish of its own",
            )
    return None
