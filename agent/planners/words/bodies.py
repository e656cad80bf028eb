"""The text that a wish reports in its own words ("tell Bo that I am late"), and where another wish goes on.

Text that stands behind a colon or in quotation marks is taken off a wish before (`writing`).
"""

from __future__ import annotations

import re

from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.verbs import BOOKS, CHANGES, STRONG, VERBS, WRITES

_OPENS = re.compile(rf"(?P<verb>{WRITES})\b\s*", re.I)
_SAYS = re.compile(
    r"\s*(?:(?:an?|the)\s+(?:\w+\s+)?(?:e-?mail|mail|message|note|line|word)\s+)?"
    r"(?:know\s+that|know|that|saying(?:\s+that)?|to\s+say(?:\s+that)?|of\s+the\s+fact\s+that)\s+(?=\S)",
    re.I,
)
_TOLD = re.compile(
    r"\s+(?!(?:about|regarding|of|on|how|when|where|why|who|what|which|if|unless|whether|to|and|or|then|that|for|"
    r"by|at|in|the|a|an|my|this|another)\b)(?=\w)",
    re.I,
)
_ASKED = re.compile(
    r"\s*\bto\s+(?!(?:him|her|them|me|us|the|my|our|a|an|everyone|everybody|all)\b)(?=[a-z])", re.I
)
_TO = re.compile(
    r"\s*(?:,|&|\band\b|\bboth\b|\bhim\b|\bher\b|\bthem\b|\beverybody\b|\beveryone\b|\bto\b)\s*", re.I
)
_IN_IT = re.compile(
    r"\s*\b(?:in|on|at)\s+(?:the|my|our|[\w-]+['’]s)\s+(?:(?!(?:that|to|know)\b)[\w'’-]+\s+){1,4}?"
    r"(?=(?:that|to|know)\b)",
    re.I,
)
"""Everybody in an event: whom a text goes to."""
_MODAL = re.compile(
    r"\b(?:will|would|can|could|should|must|may|might|shall|let['’]?s|let us|please|to|going|want|have to|"
    r"need)\b|"
    r"['’](?:ll|d)\b",
    re.I,
)
_VERB = rf"(?:{VERBS})\b"
_NEW_WISH = re.compile(rf"(?P<joint>\s*;\s*(?:and|then|also)\s+(?:then\s+|also\s+)?)(?={_VERB})", re.I)
_QUOTED_TEXT = re.compile(
    rf"\s*:\s*(?:\"[^\"]*\"|“[^”]*”)(?P<joint>\s*[,;.]?\s*(?:and|then|also)\s+(?:then\s+|also\s+)?)(?={_VERB})",
    re.I,
)
_OPEN_TEXT = re.compile(
    rf"(?P<joint>(?:,?\s+and\s+(?:then\s+|also\s+)?|\s*;\s*|,\s+then\s+))(?={_VERB}\s+(?:it|him|her|them|that|the|my|this)\b)",
    re.I,
)
_SAYS_THAT = re.compile(r"[\s,]*(?:and\s+)?say\b", re.I)
_APART = re.compile(r"[.;,]|\bthen\b|\bafter", re.I)
_THIRD = re.compile(r"\b(?:him|her|them)\b", re.I)


def text_of_mail(request: Request, start: int, end: int) -> int | None:
    """Where the text of a mail begins that a wish reports; None where it reports none."""
    head = request.head
    m = _OPENS.match(head, start, end)
    if m is None:
        return None
    verb, at = m["verb"].lower(), m.end()
    by_start = {n.span[0]: n for n in request.named}
    found = False
    while at < min(end, len(head)):
        named = by_start.get(at)
        if named is not None and not named.possessive:
            at, found = named.span[1], True
        elif (to := _TO.match(head, at, end)) and not (found and _ASKED.match(head, at, end)):
            found = found or to.group().strip().lower() in ("him", "her", "them", "everybody", "everyone")
            at = to.end()
        elif found and (inside := _IN_IT.match(head, at, end)):
            at = inside.end()
        else:
            break
    at = len(head[:at].rstrip())
    for pattern in (_SAYS, *([_ASKED] if verb in ("ask", "tell", "remind") else [])):
        if said := pattern.match(head, at, end):
            return said.end()
    told = verb in ("tell", "inform", "notify", "warn", "text", "ping", "message")
    if found and told and (said := _TOLD.match(head, at, end)):
        return said.end()
    return None


def joins_clauses(request: Request, m: re.Match[str], body: int) -> bool:
    """Whether a joint behind the beginning of a reported text ends that text.

    A sentence of its own does, and a verb that what was reported cannot go on with: "that I am late and
    cancel the dentist". In "to review the offer and cancel the lunch" it does go on.
    """
    said, rest = request.head[body : m.start()], request.head[m.start("verb") :]
    if re.search(r"[.;]", m["joint"]):
        return True
    asked = re.search(r"\bto\s+$", request.head[:body], re.I) is not None
    if asked or _MODAL.search(said):
        return _APART.search(m["joint"]) is not None and _THIRD.search(rest) is not None
    return re.match(rf"(?:{STRONG}|{BOOKS}|{CHANGES}|{WRITES})\b", rest, re.I) is not None


def behind_text(request: Request) -> tuple[int, int] | None:
    """Where the text that a wish brings along is over and another wish begins: "..: fine; and forward it"."""
    tail, at = request.tail, len(request.head)
    if not tail:
        return None
    colon = tail.lstrip().startswith(":")
    m = (
        (_QUOTED_TEXT.match(tail) or _NEW_WISH.search(tail))
        if colon
        else _OPEN_TEXT.search(tail, 1 if _SAYS_THAT.match(tail) else 0)
    )
    if m is None or (not colon and _MODAL.search(tail[: m.start("joint")])):
        return None
    return at + m.start("joint"), at + m.end("joint")
