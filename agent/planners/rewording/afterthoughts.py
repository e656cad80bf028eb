"""Wishes that end by taking themselves back: "cancel the dentist, no wait, leave it" wishes for nothing.

What stands behind such words is read as no name, and as no wish of its own: the person says it anew.
"""

from __future__ import annotations

import re

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear

_OPENS = (
    r"(?:(?:oh|ah|no|nope|actually|sorry|wait|hmm+|hold\s+on|hang\s+on|but|and|or|then|please|ok|okay|just|"
    r"well)[\s,.;!–—-]++){0,8}"
)
"""So many and no more: each could be read in several ways, and the time would grow with its cube."""
_SURE = (
    r"(?:no[\s,]+wait|never\s*mind(?:\s+(?:that|it|this))?|on\s+second\s+thoughts?|scratch\s+that|strike\s+that|"
    r"ignore\s+that|disregard\s+that|belay\s+that)"
)
"""Said of what was just said, and of nothing else."""
_LEFT = (
    r"(?:forget\s+(?:about\s+)?(?:it|that)|leave\s+(?:it|that|them)(?:\s+(?:be|alone|in|there|(?:as|where)\s+"
    r"(?:it\s+is|they\s+are)))?|(?:actually|no|wait)[\s,]+(?:do\s*n['’]?o?t|do\s+not)(?:\s+do\s+(?:it|that))?)"
)
"""Said of what was just said where a comma stands before it, and no condition."""
_ENDS = re.compile(
    rf"(?:(?<![,;.!?–—-])[,;.!?–—-]++\s*+{_OPENS}(?P<left>{_LEFT})|"
    rf"(?<![\s,;.!?–—-])[\s,;.!?–—-]++{_OPENS}{_SURE}(?:[\s,;.!?–—-]++{_OPENS}{_LEFT})?)"
    r"[\s,;.!?–—-]*$",
    re.I,
)
_GOES_ON = re.compile(rf"(?<![,;.!?–—-])[,;.!?–—-]++\s*+{_OPENS}{_SURE}[\s,;.!?–—-]+\S", re.I)
_DEPENDS = re.compile(r"\b(?:if|unless|when|whether|otherwise|else|in\s+case)\b", re.I)


def afterthought(request: Request) -> Unclear | None:
    """What is said of a wish that is taken back in the same breath; None for any other.

    Not in quotation marks, nor in a text behind a colon; "if it is on Friday, leave it" is a wish.
    """
    head = request.head
    if (m := _ENDS.search(head)) is not None and head[: m.start()].strip() and not request.closed(*m.span()):
        if m["left"] and _DEPENDS.search(head, 0, m.start()):
            return None
        return Unclear(
            message=f"You took that back (“{m.group().strip(' ,;.!?–—-')}”), so nothing was done. Say it "
            "again if it is meant after all, or put the words in quotation marks if they are part of a name."
        )
    if (
        (m := _GOES_ON.search(head)) is not None
        and head[: m.start()].strip()
        and not request.closed(*m.span())
    ):
        return Unclear(
            message=f"You took back “{head[: m.start()].strip()}”, so nothing was done. Say the wish anew, "
            "as it is meant now."
        )
    return None
