"""The goal of looking into the calendar: what is on, when something is, whether there is time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from deskhand.agent.planners.when.windows import window
from deskhand.agent.planners.words.phrases import LEXICON, words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import without_ends
from deskhand.agent.plans.language import Plan, Step, Unclear

AHEAD = timedelta(days=90)
"""How far something is looked for whose day was not said."""

BACK = timedelta(days=365)
"""How far back something is looked for that is over."""

_SORTS = ("meeting", "meetings", "appointment", "appointments", "event", "events", "call", "calls")
_ENDS = words(
    """
    what what's whats when when's where which who who's how is are was were do does did has have having i we
    me my our the a an any anything something there on in at for with to of next upcoming scheduled
    planned booked going happening calendar diary agenda planner schedule day week month morning
    afternoon evening show list give tell read check see look up get going got today's busy free
    available full many much time times am be and up it like set meet meeting meetings appointment
    appointments event events me, coming entry titled called if whether please all everything things
    thing put date due plans plan rundown run down overview also yet already will would can could should
    happens takes place start starts begin begins out your you know know? scheduled? exactly again whole
    rest remaining invited invite attending joining left first one ones commitments engagements i've else
    """
) | frozenset(_SORTS)
_NEXT = re.compile(rf"\bnext (?:[\w'-]+ ){{0,2}}?(?:{LEXICON['meeting']}) ")
"""The one that comes next: "my next call", "the next board meeting"."""
_COMES = re.compile(r"\bwhat (?:is|comes) (?:up )?next\b(?! (?:week|month|year|quarter|<))")
_LAST = re.compile(r"\bwhen (?:did|have|had|was|were) (?:i|we|my|the|our)\b(?! <when>).*\blast\b(?! <)")
"""What is over: "when did I last meet Bo"."""
_LAST_WORD = re.compile(r"^(?:last|the last time)\b|\blast(?: time)?$", re.I)
_HAD = re.compile(
    r"^(?:(?:have|had|get|got|do|go\s+to|attend|hold|talk|talked|speak|spoke|see|saw|meet|met|catch\s+up|chat)\b\s*)+"
    r"(?:(?:an?|the|my|to|with)\b\s*)*",
    re.I,
)
_IN_ALL = re.compile(r"\bhow (?:much time|many hours|much of my time)\b", re.I)
_FIRST = re.compile(rf"\bfirst (?:thing|one|{LEXICON['meeting']}) ")
_NOT_ON = re.compile(
    r"what (?:did|have|had|has) (?:i|we) (?!do |have |on |got |planned |scheduled |booked |attend|meet )"
)
_OPEN = ("free", "busy", "available", "have time", "any time", "openings", "gaps")


def agenda(request: Request) -> Plan | Unclear | None:
    """ "what is on my calendar tomorrow", "when is the board meeting", "am I free on Tuesday at 3"."""
    if _NOT_ON.match(request.said) and not request.has(*_SORTS, *LEXICON["calendar"].split("|")):
        return None  # "what did we pay for the lanterns last year"
    start, end = window(request, otherwise=timedelta(days=1))
    args: dict[str, Any] = {}
    people = [n for n in request.named]
    if people:
        args["person"] = people[0].key
    about = named(request)
    if about:
        args["about"] = about
    if request.has(*_OPEN) and not about:
        args["free"] = True
    if not request.times and args.keys() & {"about", "person"}:
        start, end = request.known.now, request.known.now + AHEAD
    comes = _COMES.search(request.said) and not request.times
    if _NEXT.search(request.said) or comes:
        start, end = request.known.now, request.known.now + AHEAD
        args["first"] = True
    elif _LAST.search(request.said):
        start, end = request.known.now - BACK, request.known.now
        args |= {"about": _last_named(about), "last": True}
    elif _FIRST.search(request.said):
        args["first"] = True
    elif request.has("left", "remaining", "rest of"):
        start = max(start, request.known.now)
    if end <= start:
        end = start + timedelta(days=1)
    if _IN_ALL.search(request.original):
        args["total"] = True
    args = {n: v for n, v in args.items() if v != ""}
    args |= {"start": start.isoformat(), "end": end.isoformat()}
    return Plan(
        request=request.original,
        objective="Look into your calendar.",
        steps=(Step(id="agenda", op="calendar.agenda", args=args, purpose="what is on"),),
    )


def _last_named(about: str) -> str:
    """What was called so the last time, without the words for to have it ("have lunch", "talk to")."""
    return _HAD.sub("", _LAST_WORD.sub(" ", about).strip())


def named(request: Request) -> str:
    """What event a question about the calendar names; "" where it names none."""
    return request.quotes[0] if request.quotes else _about(request)


def _about(request: Request) -> str:
    """What is left of the wish when times, people and the words of asking are taken off."""
    text = request.cut(0, len(request.head), without=[n.span for n in request.named])
    said = text.replace("’", "'")
    text = without_ends(said, _ENDS)
    if text and (night := re.search(rf"\b{re.escape(text)} (?:evening|night|morning)\b", said, re.I)):
        text = night.group()  # "the parents evening": no time was read in it
    return "" if text.lower() in _SORTS else text
