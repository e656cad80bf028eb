"""Whether a wish is to do something or to look something up, by the words it begins with, against its plan.

"Chase everyone who owes me an answer" is no list of them, and "have you any slot on Friday" books none.
"""

from __future__ import annotations

import re

from deskhand.agent.planners.checks.asking import amiss
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.connectors.operations import OPERATIONS

_POLITE = (
    r"(?:(?:hi|hey|hello|ok|okay|so|and|now|then|please|pls|plz|can you|could you|would you|will you|"
    r"i need you to|i want you to|i['’]d like you to|"
    r"i need to|i want to|i['’]d like to|kindly|just)[\s,!]*)*"
)
_DOES = re.compile(
    rf"{_POLITE}(?P<verb>cancel|call off|delete|scrap|bin|move|reschedule|postpone|shift|push|book|rebook|"
    rf"schedule (?!for\b)|arrange|"
    r"set up|organi[sz]e|block|reserve|shorten|lengthen|extend|rename|remove|clear|add|reply|respond|"
    r"answer (?!me\b)|"
    r"forward|chase|nudge|poke|prod|accept|decline|reject|invite|uninvite|share|thank|apologi[sz]e|star|flag|"
    r"archive|file|notify|mail (?!me\b)|e-?mail (?!me\b)|message (?!me\b)|"
    r"text (?!me\b)|swap|meet|let['’]?s (?:do|meet|have|say|make it|get together|catch up|go (?:for|"
    r"with)))\b",
    re.I,
)
_LOOKS = re.compile(
    rf"{_POLITE}(?P<verb>(?:find|look for)(?! (?:an? |some )?(?:other|another|new|different|better|later|"
    rf"earlier)\b)|search|show|list|ha(?:ve|v) (?:you|u|we|i)|any|is|are|am|do|does|did|when|where|what|"
    rf"which|"
    r"who|whose|how)\b",
    re.I,
)
_LEAVES = re.compile(
    r"\b(?:(?:take|get|count|leave|keep) me (?:off|out)|remove me|i(?:['’]m| am) out of|i (?:won['’]?t|"
    r"will not|can['’]?t|cannot) "
    r"(?:be (?:at|in)|attend|join|go to|come to|make)|i(?:['’]m| am) not (?:coming|going) to|"
    r"my (?:attendance|participation))\b",
    re.I,
)
"""Somebody who stays away: the meeting takes place."""
_SAYS_IT = re.compile(
    r"(?:tell|write|mail|message|text) \S+(?: \S+)? (?:yes|no|sure|ok(?:ay)?),? (?:but |"
    r"that )?(?P<what>i['’ ].*)$",
    re.I,
)
"""A word to somebody, that an answer to an invitation would not bring along."""
_WRITES = re.compile(
    r"\b(?:book|schedule|arrange|set (?:it|this|that|one|us|me|them)? ?up|set|put|add|reserve|block|hold|"
    r"invite|send|mail|email|e-mail|tell|ask|let|forward|"
    r"reply|write|draft|move|push|shift|cancel|decline|accept|fix|plan|make|save|file|mark|flag|delete|pop|"
    r"pencil|stick|drop|"
    r"notify|inform|message|text|remind|say|offer|propose|suggest|thank|share|pass|give|confirm|grab|"
    r"cc|copy|respond|answer|invitation|rename|change|remove|do|get|slot|lock|sort|chase|nudge|reschedule|"
    r"skip|clear|note)\b",
    re.I,
)


def looks_or_does(request: Request, made: Plan) -> Unclear | None:
    """The question about a plan that only looks where something is to be done, or the other way round."""
    acts = [
        s
        for s in made.steps
        if s.op in OPERATIONS or (s.op.startswith("schedule.") and s.op != "schedule.list")
    ]
    m = _DOES.match(request.original) if not acts else None
    if m is not None and any(s.op != "question.answer" for s in made.steps):
        return amiss(
            f"I would only look something up, and do nothing of “{m['verb'].strip()}”", "it in other words"
        )
    if (
        any(s.op == "event.cancel" for s in made.steps)
        and not any(s.op in ("event.whose", "event.list", "event.create") for s in made.steps)
        and (m := _LEAVES.search(request.original))
    ):
        return amiss(
            f"“{m.group()}”: I would cancel it for everybody",
            "“skip ...” if only you stay away, or “cancel ...”",
        )
    if (
        any(s.op == "invitation.find" and not s.args.get("about") for s in made.steps)
        and not any(s.op == "mail.send" and "body" in s.args and "calendar" not in s.args for s in made.steps)
        and (m := _SAYS_IT.match(request.original))
    ):
        return amiss(
            f"I would answer an invitation, and write nothing of “{m['what']}”",
            "“accept ...”, or the text behind a colon: “tell ...: ...”",
        )
    acts = [s for s in acts if s.op != "schedule.add"]
    m = _LOOKS.match(request.original) if acts else None
    if m is not None and not _WRITES.search(request.original, m.end()):
        return amiss(
            f"You begin with “{m['verb']}”, and I would change or send something",
            "what is to be done: “book ...”, “find a time ...”",
        )
    return None
