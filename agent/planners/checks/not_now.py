"""What would have to be waited for or watched: a wish is carried out once, at the time it is said.

"Let me know when Ann replies" is no list of the mails that wait.
"""

from __future__ import annotations

import re

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

_WATCH = re.compile(
    r"^(?:(?:please|can you|could you|would you|kindly|just)\s+)*(?:watch|monitor|keep (?:an eye|watch|tabs|"
    r"track)|look out|wait|"
    r"keep me (?:posted|informed|updated|in the loop)|stay on top)\b",
    re.I,
)
_TOLD = re.compile(
    r"\b(?:let|tell|ping|notify|alert|warn|inform|text|remind|shout|wake|give)\b[^:“\"]*?\b"
    r"(?P<when>(?:when(?:ever)?|once|as soon as|the (?:moment|minute|second)(?: that)?|if(?: and when|"
    r" ever)?|should)\s+"
    r"(?:(?:[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?|he|she|they|it|some(?:one|body|thing)|any(?:one|body|thing)|"
    r"there|new mail|"
    r"(?:the|my|our|his|her|an?) [\w’' -]{2,40}?)\s+)"
    r"(?:ever |finally |has |have |is |are |gets? |does |do )*"
    r"(?:repl(?:y|ies|ied)|answers?|answered|writes?|written|writ|comes?|arrives?|arrived|responds?|"
    r"responded|lands?|changes?|changed|"
    r"moves?|moved|cancels?|cancelled|accepts?|accepted|declines?|declined|confirms?|confirmed|gets?|signs?|"
    r"signed|sends?|sent|"
    r"edits?|edited|updates?|updated|done|ready|in)\b)"
)
"""Somebody to be told, as soon as something happens."""
_LOOKS = frozenset({
    "threads.waiting", "document.changes", "document.changed", "message.list", "item.find", "item.summarise",
    "calendar.agenda",
})  # fmt: skip


def waits(request: Request, made: Plan) -> Unclear | None:
    """The question about what is to be done as soon as something happens, and would be done at once."""
    text = request.original
    if any(s.op == "schedule.add" or s.when is not None for s in made.steps):
        return None
    looks = all(s.op in _LOOKS for s in made.steps)
    lost = m.group() if looks and (m := _WATCH.match(text)) else None
    if lost is None and looks and (m := _TOLD.search(text)):
        lost = m["when"]
    if lost is None:
        return None
    return Unclear(
        lacking=True,
        message=f"“{lost.strip()}”: I wait for nothing and watch nothing, I do what is said at once, so "
        "nothing was done. Ask me again then, or put it on a schedule: “every weekday at 8 ...”.",
    )
