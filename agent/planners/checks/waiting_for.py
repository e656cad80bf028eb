"""Who waits for whom: what a plan looks for, answers that are owed by or to the owner, against the wish."""

from __future__ import annotations

import re

from deskhand.agent.planners.checks.asking import left_out
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

_I = r"(?:i|we)(?:['’]ve| have| had)?(?: still| yet)?"
_ANSWERED = r"(?:answer|repl|respond|got(?:ten)? back|written back)\w*"
_MINE = re.compile(
    rf"\b{_I} (?:still )?owe\b|\b(?:have|has|had)n['’]?t i\b|\bdo i (?:still )?owe\b|\bwhom do i\b|"
    rf"\b{_I}(?: not|n['’]t)(?: yet)? {_ANSWERED}|"
    r"\b(?:wait\w*|hang\w*) (?:for|on) (?:me|us|my|our|an? (?:answer|reply|word) from me)\b|"
    r"\b(?:answer|reply|replies|word) (?:from|of) (?:me|us|mine)\b|\bmy (?:answer|reply|response)\b",
    re.I,
)
_THEIRS = re.compile(
    r"\bowe[sd]? (?:me|us)\b|\b(?:left|leav\w+|kept?|keep\w*) (?:me|us) (?:hanging|waiting)\b|"
    r"\b(?:am i|are we|i['’]?m|i am|we['’]?re) (?:still )?waiting\b|\b(?:ghost|ignor)\w+ (?:me|us)\b|"
    rf"\b(?:has|have|had|did)(?:n['’]?t| not)? (?:yet |still )?{_ANSWERED}(?: to)? (?:me|us|my|our)\b|"
    rf"\b(?:not|never|n['’]t) (?:yet )?{_ANSWERED} (?:to )?(?:me|us|my|our)\b",
    re.I,
)


def other_way_round(request: Request, made: Plan) -> Unclear | None:
    """The question about a plan that looks for others' answers where the wish is about own ones, or half."""
    looks = {bool(s.args.get("theirs")) for s in made.steps if s.op == "threads.waiting"}
    for theirs, said in ((False, _MINE), (True, _THEIRS)) if looks else ():
        if theirs not in looks and (m := said.search(request.original)) is not None:
            return left_out(
                m.group(), "“what is waiting for my answer?” or “who has not answered me yet?”, one at a time"
            )
    return None
