"""The goal that changes where an event is held: "change the room of the review to the blue room".

The place is kept in the person's own words. A room that has a calendar of its own is booked with the event,
and not swapped here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from deskhand.agent.planners.goals.changing import described, notice
from deskhand.agent.planners.goals.guest_list import event_named
from deskhand.agent.planners.goals.several import TELL
from deskhand.agent.planners.steps import no_calendar, ref
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear

LONGEST = 400
"""Characters of a wish that is looked at."""

_PLACE = r"(?:location|place|room|venue|meeting\s+room|conference\s+room)"
_ROOM = (
    r"(?:room|office|hall|lounge|kitchen|studio|auditorium|lobby|boardroom|canteen|cafeteria|library|foyer|"
    r"basement|terrace|annex|annexe|caf[eé]|restaurant|pub)"
)
_CHANGE = re.compile(
    rf"(?:change|set|update|edit|switch)\s+(?:the\s+)?{_PLACE}\s+(?:of|for)\s+(?P<event>.+?)\s+"
    r"(?:from\s+.+?\s+)?(?:to|into|as)\s+(?:be\s+)?(?P<place>\S.*)$|"
    rf"(?:change|set|update|edit|switch)\s+(?P<whose>.+?)(?:['’]s)?\s+{_PLACE}\s+to\s+(?P<to>\S.*)$",
    re.I,
)
_MOVE = re.compile(
    r"(?:move|relocate|shift|switch|bring)\s+(?P<event>.+?)\s+(?:to|into|over\s+to)\s+"
    rf"(?P<place>(?:(?:the|my|our|an?)\s+)?(?:[^\W\d][\w'’-]*\s+){{0,2}}{_ROOM}(?:\s+[\w-]+)?|zoom|teams|google\s+meet|skype)$",
    re.I,
)
"""Only a word that is a place says that this is no time, and no folder."""
_MAIL = re.compile(r"\b(?:(?:e-?)?mails?|messages?|threads?|folders?|files?|documents?|attachments?)\b", re.I)
_LONGEST_PLACE = 120


def relocate(request: Request) -> Plan | Unclear | None:
    """ "change the room of the review on Thursday to the blue room", "move the review to room 4"."""
    if len(request.original) > LONGEST:
        return None
    said = f"{request.head}{request.tail}".strip()
    asked = replace(request, head=TELL.sub("", said).rstrip(" ,;.!?") or said, tail="", body="")
    m = _CHANGE.match(asked.head) or _MOVE.match(asked.head)
    if m is None or _MAIL.search(asked.head):
        return None
    called = "event" if m["event"] else "whose"
    named = "place" if m["place"] else "to"
    if asked.times_in(m.start(named), m.end(named)) and not request.quotes:
        return None  # "move it to the review room at 3": where and when at once
    where = " ".join(m[named].split()).strip(" .!?,;“”\"'")
    if not where or len(where) > _LONGEST_PLACE:
        return Unclear(message=f"A place has one to {_LONGEST_PLACE} characters; nothing was changed.")
    place = request.known.place("event.update")
    if place is None:
        return no_calendar(request.known)
    if any(room.name.casefold() in where.casefold() for room in request.known.owner.rooms):
        return Unclear(
            message=f"“{where}” is a room that has to be free, and I do not swap the rooms of an event; "
            "nothing was changed. Cancel the event and book it anew with that room, or move it to a time."
        )
    cut = replace(asked, head=asked.head[: m.end(called)])
    find = event_named(cut, m.start(called), "change the location of", behind=f"to “{where}”")
    if isinstance(find, Unclear):
        return find
    whose = ("source", "ref", "version", "occurrence", "following")
    change: dict[str, Any] = {n: ref("event", n) for n in whose} | {"location": where}
    return Plan(
        request=request.original,
        objective=f"Change where the event {described(find)} is held to “{where}”, and tell those invited.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            Step(id="change", op="event.update", args=change, purpose=f"change its place in {place.alias}"),
            *notice(request, "moved"),
        ),
    )
