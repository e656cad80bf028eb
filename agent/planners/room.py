"""Making room: a meeting is booked although nothing is free, and own meetings move for it."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.planners.request import Request
from deskhand.agent.planners.steps import ref, telling
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear

EVEN_IF = "even if something must move"
"""What a request to book adds to have room made."""

_MAKE = re.compile(
    r"(?:(?:move|shift|push|reschedule|cancel)\s+(?:something|anything|things|stuff|whatever \w+)"
    r"(?:\s+(?:else|around|out of the way))?\s+(?:to|and|so as to)\s+)?(?:make|free up|find|clear)\s+"
    r"(?:some\s+)?(?:room|space)\b\s*(?P<what>for\s+)?",
    re.I,
)


def make(request: Request) -> Plan | Unclear | None:
    """ "make room for an hour with Ann on Tuesday"."""
    from deskhand.agent.planners import booking  # it books, and books with what moves

    m = _MAKE.match(request.head)
    if m is None:
        return None
    if not m["what"]:
        return Unclear(
            message="Make room for what? Say how long, with whom and when.",
            choices=("make room for an hour with Ann on Tuesday",),
        )
    rest = request.head[m.end() :].strip(" ,;.")
    made = booking.book(Request.of(f"book {rest}{request.courtesy}{request.tail}, {EVEN_IF}", request.known))
    return made.model_copy(update={"request": request.original}) if isinstance(made, Plan) else made


def moves(request: Request) -> tuple[Step, ...]:
    """The steps that move what makes room, and tell those in it."""
    if request.known.place("event.update") is None:
        return ()
    mail = request.known.place("mail.send")
    over = Ref(ref="slots", path="moved")
    change: dict[str, Any] = {n: ref("each", n) for n in ("source", "ref", "version", "occurrence")}
    change |= {"start": ref("each", "new_start"), "end": ref("each", "new_end")}
    update = Step(
        id="change", op="event.update", args=change, for_each=over, notes=Ref(ref="each", path="notes"),
        purpose="make room",
    )  # fmt: skip
    sender = mail.alias if mail else None
    return (update, *telling(sender, event=ref("each"), what="moved", for_each=over))
