"""Of a wish that was hardly read: the plan of it said in full, or without what led to it.

Another wording is read by both readers as any wish is. It is taken only where it becomes a plan that loses
nobody and no time; nothing is left out of a wish that depends on something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set

from deskhand.agent.planners.checks.lost_parts import part_lost
from deskhand.agent.planners.likeness.forms import SEVERAL
from deskhand.agent.planners.likeness.reader import Likely, likely
from deskhand.agent.planners.parts.prefaced import plan_of, prefaced
from deskhand.agent.planners.rewording.telegrams import in_full
from deskhand.agent.planners.words.request import LONGEST, Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

DOUBTS = ("I am not sure", "I would take", "I know nobody", "I cannot keep to", "I do not understand")
"""How a question begins that may only be due to words which are no part of the wish."""
_DEPENDS = re.compile(r"\b(?:if|unless|whether|otherwise|provided|in case|or else|else)\b", re.I)
_LOOKS_WHETHER = re.compile(
    r"\b(?:see|check|look|know|say|tell me|find out|wonder\w*|ask\w*)\s+(?:if|whether)\b", re.I
)
"""Nothing depends on what is looked up."""
_CANDIDATES = 3
_TRIED = 2
"""So many ways to say a wish otherwise are tried."""

Again = Callable[[str], Plan | Unclear]


def hardly_read(made: Plan | Unclear) -> bool:
    """Whether nothing was made of a wish, or no more than a question to look up."""
    if isinstance(made, Plan):
        return only_asks(made)
    return made.lacking or made.message.startswith(DOUBTS)


def only_asks(made: Plan) -> bool:
    """Whether a wish is only looked up as a question, the last resort."""
    return [s.op for s in made.steps] == ["question.answer"]


def reworded(words: str, known: Known, again: Again) -> Plan | None:
    """The plan of a wish that was hardly read; None where no other wording of it becomes one."""
    if len(words) > LONGEST:
        return None
    request = Request.of(words, known)
    heard = likely(words, known, most=_CANDIDATES)
    if _DEPENDS.search(_LOOKS_WHETHER.sub("", request.original)) or (
        heard and heard[0].goal == "conditional"
    ):
        return None  # what something depends on is no reason for it
    return _in_full(request, heard, again) or _without_preface(request, {h.goal for h in heard}, again)


def _in_full(request: Request, heard: Sequence[Likely], again: Again) -> Plan | None:
    for said in in_full(request)[:_TRIED]:
        made = again(said)
        if not isinstance(made, Plan) or only_asks(made) or not _keeps(request, said):
            continue
        if part_lost(made, heard, lambda part: next(iter(likely(part, request.known)), None)) is None:
            return made.model_copy(update={"request": request.original})
    return None


def _keeps(request: Request, said: str) -> bool:
    """Whether nobody and no time of a wish is lost in another wording."""
    low = said.casefold()
    other = {n.key for n in Request.of(said, request.known).named}
    return {n.key for n in request.named} <= other and all(
        word in low for t in request.times for word in t.text.casefold().split() if word[:1].isdigit()
    )


def _without_preface(request: Request, heard: Set[str], again: Again) -> Plan | None:
    """The plan of a wish behind what led to it, where the second reader sees that wish in the whole."""
    found = prefaced(request)
    if not found:
        return None
    for one in found[:_TRIED]:
        near = likely(one.wish, request.known, most=1)
        if not near or (near[0].goal not in heard and not heard & SEVERAL):
            continue
        made = plan_of(one, request, again)
        if made is not None:
            return made
    return None
