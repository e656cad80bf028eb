"""Questions that a wish hangs on, said so that the parts are seen: "check if she's free, book it if yes".

"If yes" comes to the front of its wish, and a name in small letters behind the question's verb gets its
capital: "is yuki free at 10? if not, ask her".
"""

from __future__ import annotations

import re

from deskhand.agent.planners.words.request import Request

_IF_YES = re.compile(
    r"(?P<ask>(?:(?:please |can you |could you )?(?:check|see|look|find out) )?(?:(?P<whether>if|whether) |"
    r"(?=(?:is|are|am|has|have|did|does|do)\b))[^?;]*?)(?P<joint>\s*[,;?]\s*(?:and )?|\.\s+|\s[-–—]\s|"
    r"\s+and )"
    r"(?P<wish>[^,;.?]+?),? if (?:so|yes|yeah|(?:he|she|it) (?:is|has|does|did)|they (?:are|have|do))"
    r"(?P<rest>\s*(?:[,;]|\.(?=\s))?\s*(?:and |but )?(?:otherwise|if not|else|or else)\b.*)?[.!]*$",
    re.I,
)
_BEGINS = re.compile(r"(?:if|unless|whether|when|then)\b", re.I)
_VERB = re.compile(r"(?:^|[;.?!]\s+|\b(?:if|whether|unless)\s+)(?:is|are|has|have|did|does|do)\s+$", re.I)


def if_yes(request: Request) -> str | None:
    """ "Check if Ann is free at 3, book a call if yes": "..., if so book a call"."""
    m = _IF_YES.match(request.head)
    if m is None or _BEGINS.match(m["wish"]) or request.closed(*m.span("wish")):
        return None
    rest = f", {m['rest'].strip(' ,;.')}" if m["rest"] else ""
    if m["whether"]:
        return f"if {m['ask'][m.end('whether') - m.start('ask') :].strip()}, {m['wish']}{rest}{request.tail}"
    return f"{m['ask']}? if so {m['wish']}{rest}{request.tail}"


def named_behind(request: Request) -> str | None:
    """ "Is yuki free" as "is Yuki free": a name has its capital where a question becomes a statement."""
    text = request.head
    for n in request.named:
        if n.words.islower() and not n.possessive and "@" not in n.words and _VERB.search(text[: n.span[0]]):
            text = f"{text[: n.span[0]]}{n.words.title()}{text[n.span[1] :]}"
    return f"{text}{request.tail}" if text != request.head else None
