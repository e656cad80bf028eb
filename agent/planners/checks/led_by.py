"""Each verb that leads a wish or a part of it against the plan: some step has to do what it says.

Seen from outside, whoever read the wish: "file the attachments and thank him" without a mail is half of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from deskhand.agent.planners.checks.asking import left_out
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

_TELLS = (
    r"thank|tell|inform|notify|let|ping|nudge|remind|ask|(?:e-?)?mail|write(?: to)?|reply|answer|respond|"
    r"apologi[sz]e"
)
_FAMILIES = {
    _TELLS: ("mail.", "invitation.reply", "event.respond", "event.notice", "event.create", "offer."),
    r"cancel|call off|scrap|axe": ("event.cancel", "event.update", "schedule.", "effect."),
    r"decline|turn down|accept": ("event.respond", "event.cancel", "invitation.reply"),
    r"book|schedule|block|reserve|arrange|set up": ("event.", "schedule.add", "slots."),
    r"forward|fwd": ("mail.", "document."),
    r"summari[sz]e|sum up|recap": ("item.summarise", "digest.", "document."),
    r"move|reschedule|postpone|shift": ("event.", "mail.move", "mail.trash"),
    r"shorten|extend|lengthen|prolong|rename": ("event.update", "event.extend"),
    r"invite": ("event.", "mail."),
    r"delete|trash|bin|throw": (
        "mail.trash", "mail.move", "event.cancel", "event.respond", "schedule.", "effect.",
    ),
    r"file|store": ("file.", "attachments.", "mail.move"),
    r"flag|star": ("mail.flag",),
    r"draft": ("mail.",),
    r"pay|buy|order|print|phone|dial|translate|transfer|post|tweet": ("not in our hands",),
    r"(?:(?:short|brief|quick) )?summar(?:y|ies) of": ("item.summarise", "digest.", "document.", "mail."),
    r"(?:look up|find|list|show(?: me)?|get(?: me)?) "
    r"(?=(?:\S+ ){0,3}(?:e-?mails?|mails?|messages|letters|correspondence)\b)": (
        "message.", "item.", "threads.", "mail.", "digest.", "attachments.", "document.",
    ),
}  # fmt: skip
"""What is done where a part begins with one of these verbs: operations, or their kinds."""
_KINDS = tuple((re.compile(verbs, re.I), kinds) for verbs, kinds in _FAMILIES.items())
_SOFTLY = (
    r"(?:(?:please|pls|kindly|then|also|and|or|but|so|just|else|otherwise|if (?:not|so|yes|no)|afterwards|"
    r"after that|next|finally|now|(?:can|could|would|will) you|you (?:can|could|should)|"
    r"(?:i|we)(?:['’]d| would) like (?:you )?to|(?:i|we) (?:want|need) (?:you )?to|let['’]s|go ahead and|"
    r"make sure (?:to|you))[\s,]+)*"
)
_LED = re.compile(
    rf"(?:^|[.;!?:,–—]\s+|\s(?=(?:and|then|but|or|so)\s)){_SOFTLY}"
    rf"(?P<verb>{'|'.join(_FAMILIES)})(?:\s+|(?<=\s))"
    r"(?:(?:the|my|our|all|every\w*|each|any|an?|it|them|him|her|those|these|this|that|both|half)\b|"
    r"(?P<who>[^\W\d_][\w.’'-]*))",
    re.I,
)
_TEXT = re.compile(r":(?=\s)|[“\"«]|\b(?:say|saying|says)\b")
"""Where a text may begin that is written word for word."""
_SAID = frozenset({"tell", "note", "comment", "reason", "text", "body", "saying", "message"})
"""Arguments by which somebody is told something."""
_WRITTEN = _SAID | {"subject", "title", "words", "request"}


def verb_lost(request: Request, made: Plan) -> Unclear | None:
    """The question about a part of a wish that no step of the plan does."""
    ops = [s.op for s in made.steps]
    if "schedule.add" in ops or "question.answer" in ops:
        return None  # they keep the words of the wish
    text, written = request.original, " ".join(_texts([s.args for s in made.steps])).casefold()
    ends = (m for m in _TEXT.finditer(text) if m.group() != ":" or _begins(text[m.end() :], written))
    names = {w for n in request.named for w in n.words.casefold().split()}
    for m in _LED.finditer(text, 0, min((m.start() for m in ends), default=len(text))):
        if m["who"] is not None and m["who"].casefold().removesuffix("'s") not in names:
            continue
        verbs, kinds = next((v, k) for v, k in _KINDS if v.match(text, m.start("verb")))
        told = verbs.pattern == _TELLS and any(s.args.get(n) for s in made.steps for n in _SAID)
        done = any(op.startswith(kinds) for op in ops) and not _answered_otherwise(m["verb"], made)
        if told or done or m["verb"].casefold() in written:
            continue
        part = re.split(r"[.;!?,](?:\s|$)", text[m.start("verb") :], maxsplit=1)[0].strip()
        return left_out(part, "it as a wish of its own")
    return None


def _answered_otherwise(verb: str, made: Plan) -> bool:
    """Whether invitations are answered, and none as the verb says."""
    given = {s.args.get("status") or s.args.get("answer") for s in made.steps} - {None}
    meant = {"accept": {"accepted", "tentative"}, "decline": {"declined"}, "turn down": {"declined"}}
    answers = given & {"accepted", "declined", "tentative"}
    return bool(answers) and verb.casefold() in meant and not answers & meant[verb.casefold()]


def _begins(text: str, written: str) -> bool:
    return text.strip()[:12].casefold() in written


def _texts(value: Any) -> Iterator[str]:
    """What a plan writes word for word: its bodies and titles."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and name in _WRITTEN:
                yield inner
            else:
                yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
