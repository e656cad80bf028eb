"""Wishes that put themselves right in the middle: "lunch with Ann, no, dinner", "send Bo, sorry, Will that".

Which of the two is meant the person knows, and nobody else: it is asked. Where a person or a time stands on
both sides, the wish as it reads then is there to choose.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

LONGEST = 600
"""Characters of a wish that is looked at."""

_SURELY = (
    r"no(?=\s*[,;–—])|no[\s,]+(?:i\s+mean|make\s+(?:that|it)|rather)|i\s+mean(?:t)?|or\s+rather|or\s+actually|"
    r"make\s+that|correction|scratch\s+that|strike\s+that"
)
"""Said of what was just said, and of nothing else."""
_PERHAPS = r"(?:oops|sorry|actually|wait|hang\s+on|hold\s+on|er+m?|u[hm]+|rather|make\s+it)"
"""Said so only where something of the same kind comes behind it."""
_MARK = re.compile(
    rf"\s*[,;–—(-]+\s*(?:(?:oh|oops|er+m?|u[hm]+|wait|sorry|no)[\s,]+)*(?:(?P<surely>{_SURELY})|{_PERHAPS})\b"
    r"(?!\s+(?:need|one|it|that)\b)[\s,;:–—-]*(?=\S)",
    re.I,
)
_TELLS = re.compile(
    r"(?:tell|ask|mail|e-?mail|write|message|inform|notify|let|remind|warn|reply|answer|draft|text|ping|say|thank)\b",
    re.I,
)
"""What stands behind these is what somebody is told, in words of its own."""
_LEAD = re.compile(r"[\s,]*(?:(?:on|at|in|to|for|with|from|the|a|an|my|our)\s+)*", re.I)
_ON = re.compile(r"(?:on|at|in)\s+", re.I)
_CLOCK = re.compile(r"[\s,]*\b(?:at\s+)?\d{1,2}(?:[:.]\d\d)?(?:\s?[ap]m)?$", re.I)
"""The hour at the end of a time."""
_THING = re.compile(r"\b(?:the|my|our|an?)\s+(?:[\w'’-]+\s+){0,2}[\w'’-]+$", re.I)
_ARTICLE = re.compile(r"(?:the|my|our|an?)\s", re.I)


def corrected(request: Request, again: Callable[[str], Plan | Unclear]) -> Unclear | None:
    """The question about a wish that is put right in the middle; None for any other.

    Not in quotation marks, nor in what somebody is told ("tell Bo I can't, sorry, Friday is full").
    """
    if len(request.head) > LONGEST:
        return None
    for m in _MARK.finditer(request.head):
        if request.closed(*m.span()) or not request.head[: m.start()].strip():
            continue
        meant, alike = _meant(request, m)
        person = alike and any(n.span[1] == m.start() for n in request.named)
        if (not m["surely"] and not alike) or (_TELLS.match(request.head) and not person):
            continue
        choices = (meant,) if meant and isinstance(again(meant), Plan) else ()
        return Unclear(
            message=f"You corrected yourself (“{m.group().strip(' ,;–—(-')}”), so nothing was done. "
            + ("Is it meant so?" if choices else "Say the wish anew, as it is meant now."),
            choices=choices,
        )
    return None


def _meant(request: Request, m: re.Match[str]) -> tuple[str, bool]:
    """The wish with what is right in place of what was wrong, and whether both are things of one kind."""
    head, lead = request.head, _LEAD.match(request.head, m.end())
    begins = lead.end() if lead else m.end()
    for found in ([n.span for n in request.named], [t.span for t in request.times]):
        wrong = next((s for s in found if s[1] == m.start()), None)
        right = next((s for s in found if m.end() <= s[0] <= begins), None)
        if wrong is not None and right is not None:
            before, behind = head[slice(*wrong)], head[slice(*right)]
            on, day = _ON.match(before), _CLOCK.sub("", before).strip()
            said = behind if on is None or _ON.match(behind) else f"{on.group()}{behind}"
            if day and day != before and not _CLOCK.sub("", behind).strip():  # another hour of that day
                said = f"{day} at {re.sub(r'^at ', '', behind, flags=re.I)}"
            return f"{head[: wrong[0]]}{said}{head[right[1] :]}{request.tail}", True
    both = _THING.search(head, 0, m.start()) and _ARTICLE.match(head, m.end())
    return "", bool(both)
