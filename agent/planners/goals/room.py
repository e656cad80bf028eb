"""Making room, and rooms: own meetings move for one that is booked; a free room is put into an event."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from deskhand.agent.planners.steps import no_calendar, ref, telling
from deskhand.agent.planners.words.request import Request
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
    from deskhand.agent.planners.goals import booking  # it books, and books with what moves

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


_A_ROOM = re.compile(
    r"(?:book|reserve|find|get|arrange|add)\s+(?:me\s+|us\s+)?(?:an?|the|another|some)\s+"
    r"(?:(?:meeting|conference)\s+)?room\s+(?:for|to)\s+",
    re.I,
)


def for_event(request: Request) -> Plan | Unclear | None:
    """ "book a room for the board meeting": a free one becomes its place."""
    from deskhand.agent.planners.goals import changing

    if (m := _A_ROOM.match(request.head)) is None:
        return None
    place = request.known.place("event.update")
    if place is None:
        return no_calendar(request.known)
    if not request.known.owner.rooms:
        return Unclear(
            message="No room is set, so none can be booked. Add [rooms.NAME] with its address or source to "
            "config.toml; then ask again."
        )
    asked = replace(request, head=f"change {request.head[m.end() :]}")
    find = changing.event_meant(asked, len(asked.head))
    if isinstance(find, Unclear):
        return find
    find["template"] = changing.template("book a room for", find, "")
    change: dict[str, Any] = {n: ref("event", n) for n in ("source", "ref", "version", "occurrence")}
    return Plan(
        request=request.original,
        objective=f"Put a free room into the event {changing.described(find)}.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            Step(id="room", op="room.find", args={"event": ref("event")}, purpose="find a free room"),
            Step(
                id="change", op="event.update",
                args=change | {n: ref("room", n) for n in ("location", "rooms")},
                notes=Ref(ref="room", path="notes"), purpose="put it in",
            ),
            *changing.notice(request, "moved"),
        ),
    )  # fmt: skip


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
