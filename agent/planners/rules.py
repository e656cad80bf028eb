"""The rules planner: no model, deterministic. The same words at the same time give the same plan, byte for byte.

`GOALS` is one table: how a goal is said, and what plan it becomes. What fits none is not guessed: the
answer is that it was not understood, with the three nearest things that can be done.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

from deskhand.agent.model import Plan, Unclear
from deskhand.agent.planners import calendar_goals, mail_goals, reading_goals, schedule_goals
from deskhand.agent.planners.request import LONGEST, Request
from deskhand.agent.profile import Known

Build = Callable[[Request], Plan | Unclear | None]


@dataclass(frozen=True, slots=True)
class Goal:
    """Something a person may want: how it is said, what becomes of it, and an example to offer."""

    name: str
    said: re.Pattern[str]
    build: Build
    example: str


def _goal(name: str, said: str, build: Build, example: str) -> Goal:
    return Goal(name, re.compile(said, re.I), build, example)


_MEETING = r"(?:meeting|call|appointment|1:1|one[- ]to[- ]one|one[- ]on[- ]one|event|lunch|coffee|session|review|sync|stand-?up|workshop|interview|slot|time|hour|minutes|catch[- ]?up|chat)"
_THREAD = r"(?:thread|conversation|discussion|e-?mails?|mails?|messages?|exchange|correspondence)"
_SUMMARISE = r"(?:summari[sz]e|sum up|recap|tl;?dr|condense|digest of|(?:give me )?(?:a |the )?(?:short |quick |brief )?(?:summary|gist|recap|overview)|what(?:'s| is| was) (?:the state of|in|said in|being said)|catch me up on|bring me up to (?:speed|date) on|boil down|where do we stand (?:on|with))"

GOALS: tuple[Goal, ...] = (
    _goal("schedule.manage", r"^(?:list|show|pause|resume|stop|remove|delete|cancel|unpause|drop|what (?:are|is)) (?:me )?(?:all )?(?:my |the )?(?:\S+ )*?(?:schedules?|scheduled (?:\w+ ?)+|digest schedule|recurring (?:digests?|requests?))\b|^(?:pause|resume|unpause) (?:my |the )?\S", schedule_goals.manage, "list my schedules"),
    _goal("schedule.add", r"\b(?:every|each|daily|weekly|monthly|weekdays|workdays|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays)\b", schedule_goals.add, "every weekday at 8:00 send me a digest"),
    _goal("changes", r"^(?:what(?:'s|’s| is| has| have| did)? (?:all )?(?:chang|new in|new with|different in|been changed|edited)|what (?:are the )?(?:changes|differences|edits)|(?:show|list|give|tell)(?: me)? (?:the |all |what )?(?:changed|changes|differences|edits)|compare|diff\b|how (?:has|did) .+ chang|who changed|changes (?:in|to|of)|which (?:documents?|files?) changed)", reading_goals.changes, "what changed in the proposal since last Monday"),
    _goal("reply", r"^(?:reply|respond|answer|write back|get back)\b(?! the question)|\b(?:draft|write|send|prepare|compose) (?:me )?(?:a |an )?(?:short |quick |brief |polite )?(?:reply|response|answer)\b", mail_goals.reply, "reply to the last mail from Bo: thanks, that works"),
    _goal("forward", r"^forward\b|^(?:pass|send) .+ (?:on|along) to\b", mail_goals.forward, "forward the last mail from Bo to Ann"),
    _goal("digest", r"^(?:(?:send|give|show|make|mail|e-?mail|compose|write|prepare|get|run|deliver)(?: me)? )?(?:a |the |my |today(?:'s|’s) |morning |daily |weekly )*(?:digest|briefing|daily brief|morning brief)\b|^brief me(?: now| today)?$|^catch me up$|^what (?:needs|requires) my attention|^what did i miss|^what(?:'s|’s| is) new\??$", mail_goals.digest, "send me a digest now"),
    _goal("mail", r"^(?:draft|write|compose|send|e-?mail|mail|message|drop|tell|let|ask|remind|inform|notify|thank)\b", mail_goals.write, "draft a mail to Ann about the offer: could you send it by Friday?"),
    _goal("move", r"^(?:move|reschedule|postpone|push|shift|delay|bring forward|put (?:off|back)|change)\b", calendar_goals.move, "move my 3pm on Tuesday to Wednesday at 10:00"),
    _goal("cancel", r"^(?:cancel|call off|scrap|delete|drop|remove|decline)\b", calendar_goals.cancel, "cancel the budget review on Thursday"),
    _goal("free", rf"^(?:find|look for|suggest|propose|get|show)(?: me| us)? .*\b(?:slot|time|gap|hour|minutes)\b|^when (?:can|could|are|is|do|will) .*\b(?:meet|free|available|talk)\b", calendar_goals.find, "find a time for 30 minutes with Ann this week"),
    _goal("agenda", r"^(?:what(?:'s|’s| is| are| do| have|’ve)?|show|list|give|tell|am i|are there|do i|when(?:'s|’s| is| are| do)?|how (?:busy|full)|which|any)\b.*\b(?:calendar|agenda|diary|appointments?|meetings?|events?|i have|have i got|i got|my (?:day|week|morning|afternoon|schedule)|free|busy|booked|on (?:today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|do (?:today|tomorrow))\b|^(?:my )?(?:agenda|calendar|day|schedule)\b", calendar_goals.agenda, "what is on my calendar tomorrow"),
    _goal("book", rf"^(?:schedule|book|set ?up|arrange|organi[sz]e|plan|fix|put|add|create|make|block|reserve|invite|have|meet)\b.*\b{_MEETING}\b|^(?:schedule|book|arrange|block|reserve|invite|meet)\b|^(?:set ?up|plan|put|add|create|make) .*\b(?:with|calendar)\b", calendar_goals.book, "schedule 45 minutes with Ann next week"),
    _goal("summarise", rf"^{_SUMMARISE}\b", reading_goals.summarise, "summarize the thread about the budget"),
    _goal("question", r"^(?:who|what|when|where|why|how|which|whose|did|does|do|is|are|was|were|has|have|had|can|should|will|find|search|look (?:up|for)|show|tell me|list|any(?:thing|body|one)?|remind me what|give me)\b|\?$", reading_goals.question, "when does the contract end?"),
)  # fmt: skip
"""In this order: the first whose words fit and whose plan can be made is taken."""


def plan(request: str, known: Known) -> Plan | Unclear:
    """The plan for a request, or what is unclear about it."""
    if len(request) > LONGEST:
        return Unclear(
            message=f"That is {len(request):,} characters; a request has at most {LONGEST:,}. "
            "Say the wish in a sentence or two, and add long texts as a source (deskhand add files FOLDER)."
        )
    taken = Request.of(request, known)
    if not any(c.isalnum() for c in taken.text):
        return Unclear(message="There is nothing to do: the request is empty.", choices=examples())
    for time in taken.times:
        if time.problem:
            return Unclear(message=time.problem, choices=_instead(taken, time.span, time.alternatives))
    for goal in GOALS:
        if goal.said.search(taken.text) and (made := goal.build(taken)) is not None:
            return made
    return Unclear(
        message=f"I did not understand “{_short(taken.original)}”, so nothing was done. "
        "These are near it, and I can do them:",
        choices=nearest(taken.text),
    )


def nearest(text: str, count: int = 3) -> tuple[str, ...]:
    """The examples nearest to a text."""
    words = set(re.findall(r"\w+", text.lower()))

    def score(goal: Goal) -> tuple[float, float]:
        example = set(re.findall(r"\w+", goal.example.lower()))
        return (len(words & example), SequenceMatcher(None, text.lower(), goal.example).ratio())

    return tuple(g.example for g in sorted(GOALS, key=score, reverse=True)[:count])


def examples() -> tuple[str, ...]:
    """Three things to say, for somebody who does not know where to begin."""
    by_name = {g.name: g.example for g in GOALS}
    return tuple(by_name[n] for n in ("summarise", "book", "agenda"))


def _instead(taken: Request, span: tuple[int, int], alternatives: tuple[object, ...]) -> tuple[str, ...]:
    from deskhand.agent.times import Reading

    made = []
    for other in alternatives:
        if isinstance(other, Reading) and other.start is not None:
            words = other.start.isoformat(timespec="minutes")
            made.append(taken.text[: span[0]] + words + taken.text[span[1] :])
    return tuple(made)


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
