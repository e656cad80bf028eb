"""Which message a wish means: the arguments of `item.find` for replies and forwards."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.planners.words.people import listed, nobody, which
from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import tidy, without_ends
from deskhand.agent.planners.words.topics import ended
from deskhand.agent.plans.language import Unclear

_FROM = re.compile(r"\b(?:from|by|with|to)\s+(?=[^\W\d_a-z])")
_RELATED = re.compile(r"\b(?:from|by|of|to|with)\s+$", re.I)
_ENDS = words(
    """
    reply respond answer write back get draft send prepare compose forward fwd pass me us to all
    everyone everybody a an the that this it him her them my his their our short quick brief polite nice
    friendly response one on of about from in along over last latest newest recent most previous thread
    threads conversation conversations discussion mail mails email emails e-mail e-mails message
    messages note letter question questions request regarding concerning re sent wrote i got received
    and please for with subject whole entire full
    """
)


def message(request: Request, *, end: int, begin: int = 0, quoted: bool) -> dict[str, Any] | Unclear:
    """What to look for in `head[begin:end]`: by whom, about what, since when.

    :param quoted: a quotation names the message (the text to be written is somewhere else).
    """
    find: dict[str, Any] = {"kinds": ["message"], "received": True}
    who = next((n for n in request.named if begin <= n.span[0] < end), None)
    spans = []
    if who is not None:
        if not who.clear:
            return which(request, who)
        find["person"] = who.key
        before = _RELATED.search(request.head, begin, who.span[0])
        spans.append((before.start() if before else who.span[0], who.span[1]))
    else:
        for m in _FROM.finditer(request.head, begin, end):
            if (unknown := listed(request, m.end()).unknown) is not None:
                return nobody(request, unknown)
    spans += [m.span() for m in re.finditer(r"“[^”]*”|\"[^\"]*\"|«[^»]*»", request.head[:end])]
    about = without_ends(ended(tidy(request.cut(begin, end, without=spans))), _ENDS)
    find["about"] = request.quotes[0] if request.quotes and quoted and not about else about
    time = request.time("interval")
    if time and time.start and time.span[0] < end and time.start < request.known.now:
        find["since"] = time.start.isoformat()
        if time.end and time.end < request.known.now and "since" not in time.text.lower():
            find["until"] = time.end.isoformat()
    if not find["about"] and "person" not in find:
        return Unclear(
            lacking=True,
            message="Which message? Say whose, or what it is about.",
            choices=("reply to the last mail from Bo: thanks", "reply to the mail about the budget: thanks"),
        )
    return find
