"""Wishes to take something back ("undo the cancellation", "take that back"): says how, and changes nothing.

What a run did is taken back by `deskhand undo`, which knows what was there before; no plan does.
"""

from __future__ import annotations

import re

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear

_START = (
    r"(?:^|[,;.!?–—-]\s*|\b(?:and|then|but|now|please|wait|no|oops|sorry|to|you|can|could|just|let['’]s)\s+)"
)
_BACK = re.compile(
    rf"{_START}(?:undo|un-?do|revert(?!\s+to\b)|uncancel|un-cancel|undelete|unsend|un-send|unbook|reinstate|"
    r"roll\s+(?:that|it|this|everything|(?:the|my)\s+[\w ]+?)\s+back|roll\s+back|"
    r"take\s+(?:(?:it|that|this|them|those|everything|all)(?:\s+\w+){0,2}\s+back|"
    r"back\s+(?:what|the\s+last|my\s+last|that|it|this|the\s+cancel\w*|the\s+mov\w+|the\s+booking))|"
    r"restore\s+(?!(?:contact|order|access)\b)|bring\s+back\s+the\s+cancel\w*)\b|"
    r"\bi\s+(?:did\s*n[o'’]?t|did\s+not|never)\s+(?:mean|want|intend)(?:ed)?\s+(?:you\s+)?to\s+(?:\w+)|"
    r"\b(?:that|it|this)\s+was\s+(?:a\s+mistake|wrong|not\s+what\s+i)",
    re.I,
)
_TOLD = re.compile(
    r"^(?:tell|ask|mail|write|message|inform|notify|let|remind|warn|reply|answer|draft|send|forward|add|book|"
    r"schedule|put|find|summari[sz]e|what|when|where|which|who|how|why|rename)\b",
    re.I,
)


def taken_back(request: Request) -> Unclear | None:
    """The way to take something back, where that is wished; None for any other wish.

    Not where it is what somebody is told ("ask Ann to undo the change"), or a name in quotation marks.
    """
    m = _BACK.search(request.head)
    if m is None or request.closed(*m.span()):
        return None
    if m.start() > 0 and _TOLD.match(request.head) and not re.match(r"[,;.!?–—-]", m.group()):
        return None
    return Unclear(
        message="I change nothing for a wish to take something back: what was there before is known to "
        "the run "
        "that changed it. “deskhand runs” lists the runs, “deskhand undo RUN” (as in “deskhand undo "
        "r12”) shows "
        "what it would take back and asks. Nothing was done."
    )
