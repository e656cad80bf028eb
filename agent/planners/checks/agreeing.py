"""Whether a plan does what the wish's own verb says, and has room for what it books.

The second reader weighs all words of a wish; its verb alone says what is to be done. "Invite them all to the
thing on Friday" is much like "decline everything on Friday", and no goal that declines is said with "invite".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache

from deskhand.agent.planners.goals.table import GOALS
from deskhand.agent.planners.likeness.forms import GOALS_OF, SEVERAL
from deskhand.agent.planners.words.phrases import LEXICON, normal
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.verbs import FIRST, WRITES
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.connectors.operations import OPERATIONS

_LIGHT = 6
"""A verb that more goals than these are said with says little: "get", "give", "put"."""
_DRAFTS = re.compile(
    r"(?:draft|prepare|compose|type\s+up|put\s+together)\s+(?:me\s+)?(?:an?\s+|the\s+)?(?:[\w-]+\s+)?"
    r"(?:e-?mail|mail|message|note|letter|reply|answer|response)\b",
    re.I,
)
"""Who wants a mail prepared does not want it sent."""
_THANKS = re.compile(
    r"\b(?:thank\w*|thx|tks|tnx|ta|cheers|grateful|gratitude|appreciat\w*|merci|kudos|props|credit|obliged|"
    r"much love|good on|nice one|well done|"
    r"congrat\w*|praise)\b",
    re.I,
)
_AGAIN = re.compile(
    r"\b(?:again|anew|remind\w*|chas(?:e|ing)|nudg\w*|follow\w*|ping|prod|poke|still|wait\w*|ow(?:e|es|ed|"
    r"ing)|has ?n['’]?t|have ?n['’]?t|"
    r"did ?n['’]?t|not|never|no|yet|push|bump|check\w*|back|hurry|press\w*|jog|due|overdue|late|silen\w*|"
    r"quiet|hear\w*|"
    r"where|what happened|what became|news|word|status|update|repl\w*|answer\w*|respon\w*|promis\w*|once "
    r"more|kick|ghost\w*|outstanding|"
    r"radio|memory|forgot\w*|already|twice|second)\b",
    re.I,
)
_GUESSED = 30
_LONG = 300
"""Minutes past which an event does not end at midnight unless that was said."""
_ALL_DAY = re.compile(
    r"\b(?:midnight|all day|whole day|entire day|rest of the day|24:00|00:00|12 ?am)\b", re.I
)
_DAYS_IN_A_ROW = re.compile(
    r"\b(?:from|between)\s+(?:the\s+)?(?:\d{1,2}(?:st|nd|rd|th)?|\w+day|\w+\s+\d{1,2})(?:\s+\w+)?\s*(?:to|"
    r"until|till|through|and|-|–)\s*(?:the\s+)?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?(?:\s+(?:of\s+)?[a-z]{3,})?|\w+day|\w+\s+\d{1,2})\b(?!\s*(?::|am\b|pm\b|"
    r"o['’]clock))",
    re.I,
)
_SAID = re.compile(r"\b(?:minutes?|mins?|hours?|half|quarter|meet\w*|call|with)\b", re.I)
_MAIL = re.compile(rf"(?:{WRITES}|share|pass|hand)\b", re.I)


def contrary(request: Request, made: Plan, goal: str) -> bool:
    """Whether the verb of a wish says another thing than a plan does that was made of it.

    :param goal: what the second reader took the wish for.
    """
    acts = {s.op for s in made.steps if s.op in OPERATIONS or s.op.startswith("schedule.")}
    if goal == "thank" and not _THANKS.search(request.original):
        return True  # "say sorry to Ann for missing the call"
    if goal == "nudge" and not _AGAIN.search(request.original):
        return True  # "ask Yuki about the keys" may be the first time
    if _DRAFTS.match(request.head) and "mail.send" in acts:
        return True
    m = FIRST.match(request.head)
    if m is None or goal in SEVERAL or goal not in GOALS_OF:
        return False
    verb = normal(m.group()).strip()
    if _MAIL.fullmatch(m.group()):
        return not acts and _told(request, m.end())
    said = _goals_of().get(verb, frozenset())
    return bool(acts) and 0 < len(said) <= _LIGHT and said.isdisjoint(GOALS_OF[goal])


def _told(request: Request, at: int) -> bool:
    """Whether somebody stands behind a verb, to whom something is to go: "send Marta a summary"."""
    return any(
        not n.possessive and n.span[0] >= at and not request.head[at : n.span[0]].strip()
        for n in request.named
    )


@cache
def _goals_of() -> Mapping[str, frozenset[str]]:
    """The goals that each word is said with, in their templates."""
    found: dict[str, set[str]] = {}
    for goal in GOALS:
        for word in (*goal.reads.split(), *_words(goal.said)):
            found.setdefault(word, set()).add(goal.name)
    return {word: frozenset(goals) for word, goals in found.items()}


def _words(said: str) -> Iterable[str]:
    for name in re.findall(r"\{(\w+)\}", said):
        yield from LEXICON[name].split("|")
    yield from (w.strip() for w in re.findall(r"[a-z][a-z' :-]*", re.sub(r"\{\w+\}|<\w+>|\.\.+", "|", said)))


def _whole_days(made: Plan, step: Step) -> Unclear | None:
    """The question about days in a row that are to be kept, and of which half an hour would be booked."""
    booked = any(s.op == "event.create" for s in made.steps)
    m = _DAYS_IN_A_ROW.search(made.request)
    if m is None or not booked or step.args.get("people") or step.args.get("minutes") != _GUESSED:
        return None
    if _SAID.search(made.request):
        return None
    return Unclear(
        message=f"“{m.group().strip()}”: I block a stretch of one day at a time, so nothing was done. Say "
        f"from when to when, "
        "each day by itself, or how long it takes if it is one meeting on any of these days."
    )


def _till_midnight(made: Plan, step: Step) -> Unclear | None:
    """The question about an event that would last till midnight because only its beginning was said."""
    at, minutes = step.args.get("at"), step.args.get("minutes")
    if not isinstance(at, str) or not isinstance(minutes, int) or minutes < _LONG:
        return None
    end = datetime.fromisoformat(at) + timedelta(minutes=minutes)
    if (end.hour, end.minute) != (0, 0) or _ALL_DAY.search(made.request):
        return None
    return Unclear(
        lacking=True,
        message=f"That would last {minutes // 60} hours, till midnight, so nothing was done. Say how long it "
        "is, or from when to when.",
    )


def too_short(made: Plan) -> Unclear | None:
    """The question about a stretch of time that is shorter than what is to be booked in it."""
    for step in made.steps:
        start, end, minutes = (step.args.get(n) for n in ("start", "end", "minutes"))
        if step.op == "slots.find" and (long := _till_midnight(made, step)) is not None:
            return long
        if step.op != "slots.find" or not (isinstance(start, str) and isinstance(end, str)):
            continue
        room = datetime.fromisoformat(end) - datetime.fromisoformat(start)
        if room > timedelta(days=1) and (days := _whole_days(made, step)) is not None:
            return days
        if isinstance(minutes, int) and room < timedelta(minutes=minutes):
            has = int(room.total_seconds() // 60)
            return Unclear(
                message=f"{minutes} minutes do not fit into the {has} minutes that you name, so nothing was "
                "done. Say the time it begins and how long it is, or from when to when."
            )
    return None
