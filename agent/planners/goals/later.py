"""Mails that are to be written once, at a later time: "on Thursday at 9 mail Ann: hello" is not sent now.

Deskhand writes at once, and on a schedule what repeats. Which of the two is meant is asked.
"""

from __future__ import annotations

import re

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear
from deskhand.agent.times import Reading

LONGEST = 600
"""Characters of a wish that is looked at."""

_VERB = (
    r"(?:tell|mail|e-?mail|send|write|text|message|ask|remind|let|inform|notify|warn|ping|reply|answer|respond|"
    r"forward|drop|shoot|thank)\b"
)
_LEADS = re.compile(rf"(?:[\s,;:–—-]|\b(?:please|then|kindly)\b)*{_VERB}(?!\s+(?:me|us)\b)", re.I)
_LEAD = re.compile(r"\W*(?:(?:please|then|and|on|at|in|by|the|this)\W+)*", re.I)
_MIDST = re.compile(
    r"(?:tell|mail|send|write|text|message|ask|remind|let|inform|notify|warn|ping|drop|shoot) "
    r"(?:(?:<who>|and|both|to|an?|the|quick|short|brief|mail|message|note|line|reminder|text) )*<who> "
    r"(?:(?:an?|the|quick|short|brief|mail|message|note|line|reminder|text|know) )*(?:on |at |in )?<when> "
    r"(?P<then>that |to |saying |whether |if |know |$)"
)
_DIGEST = re.compile(
    r"(?:send|mail|give|get) (?:me|us) (?:an?|the|my) (?:\w+ )?(?:digest|briefing) (?:(?:on|at) )?<when> $"
)
"""Where the time stands right behind who is written to, in front of what is written."""


def later(request: Request) -> Unclear | None:
    """The question about a mail for which a time to come is said; None for any other wish."""
    if len(request.head) > LONGEST or any(t.kind == "recurrence" for t in request.times):
        return None
    time = _leading(request) or _in_the_midst(request)
    if time is None:
        return None
    head = f"{request.head[: time.span[0]]} {request.head[time.span[1] :]}"
    rest = re.sub(r"\s+(?:on|at|in)(?=\s*$|\s+(?:that|to|saying|whether|if)\b)", "", head).strip(" ,;:–—-")
    rest = re.sub(r"^(?:on|at|in)\s+", "", " ".join(rest.split()))
    return Unclear(
        message=f"Shall it be written now, or {time.text}? I write at once, and what repeats on a schedule, "
        "but nothing once at a later time; nothing was sent.",
        choices=(f"{rest}{request.tail}",),
    )


def _leading(request: Request) -> Reading | None:
    """The time that a wish begins with, in front of its verb."""
    end, first = 0, None
    for time in request.times:
        lead = _LEAD.match(request.head, end)
        if lead is None or time.span[0] > lead.end():
            break
        first, end = first or _coming(request, time), time.span[1]
    if first is None or not _LEADS.match(request.head, end):
        return None
    return first if first.span[1] == end else _whole(request, end)


def _whole(request: Request, end: int) -> Reading | None:
    """The last of several times that a wish begins with: "on Thursday at 9" may be two."""
    return next((t for t in request.times if t.span[1] == end), None)


def _in_the_midst(request: Request) -> Reading | None:
    if _DIGEST.match(request.said):
        return next((t for t in request.times if t.kind == "instant" and _coming(request, t)), None)
    m = _MIDST.match(request.said)
    if m is None or (not m["then"] and not request.body):
        return None
    time = next(iter(request.times), None)
    return _coming(request, time) if time is not None else None


def _coming(request: Request, time: Reading) -> Reading | None:
    """A time, where it is one to come."""
    if time.kind not in ("instant", "interval") or time.start is None:
        return None
    return time if time.start > request.known.now else None
