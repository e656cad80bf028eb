"""Every rule that a meeting must keep to: those of the request, of each required person, and a free room."""

from __future__ import annotations

from collections.abc import Sequence

from deskhand.agent.slots.constraints.of_person import rules_of_person, unknown_time
from deskhand.agent.slots.constraints.of_request import rules_of_the_request
from deskhand.agent.slots.constraints.rule import Cut, Rule, leave, nothing
from deskhand.agent.slots.intervals.spans import Spans, outside, united
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import Availability, SlotRequest


def rules_of(people: Sequence[Availability], request: SlotRequest, window: Window) -> list[Rule]:
    """Every rule of a request over a window that is not empty, in the order that `Conflict` states. Optional
    people make none."""
    made = list(rules_of_the_request(request, window))
    for person in people:
        if person.required:
            made += rules_of_person(person, request, window)
            if person.must_confirm:
                made += unknown_time(person, window)
    if request.rooms:
        made.append(_room(request, window))
    return made


def free_room(room: Availability, request: SlotRequest, window: Window, minutes: int) -> Spans:
    """The starts at which a room is free for so many minutes, and known to be."""
    rules = [*rules_of_person(room, request, window), *unknown_time(room, window)]
    return leave(rules, window.within, minutes)


def _room(request: SlotRequest, window: Window) -> Rule:
    def bars(minutes: int) -> Cut:
        free = united(s for room in request.rooms for s in free_room(room, request, window, minutes))
        return Cut(outside(free, within=window.within))

    return Rule("a free room", bars, (("if it needs no room", nothing),))
