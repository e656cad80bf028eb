"""Every way in which one meeting could be held: start, length, room and points. What the search for
several meetings at once, for a series and for what has to move chooses from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deskhand.agent.slots.constraints.of_meeting import free_room, rules_of
from deskhand.agent.slots.constraints.rule import Rule, thinned
from deskhand.agent.slots.explanation.facts import Wording
from deskhand.agent.slots.intervals.spans import runs
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import Availability, Slot, SlotRequest, each_once
from deskhand.agent.slots.objective.ranking import Ranking, Scored, lengths


@dataclass(frozen=True, slots=True, order=True)
class Option:
    """A meeting at `[start, end)`, in minutes since 1970 in UTC."""

    start: int
    end: int
    points: int = 0
    room: int = 0
    """Which of the request's rooms, from 0 on; 0 also where none is needed."""


class Times:
    """The times of a request of one length, by their starts, each with the first named free room."""

    def __init__(
        self,
        people: Sequence[Availability],
        request: SlotRequest,
        window: Window,
        *,
        longest: int = 0,
    ) -> None:
        self._minutes = request.minutes
        self._ranking = Ranking(people, request, window)
        self._wording = Wording(people, replace(request, longest=longest), window)
        self._rules: list[Rule] = rules_of(people, request, window) if window.holds(request.minutes) else []
        scored = self._ranking.scored(self._rules) if window.holds(request.minutes) else []
        self.scored = {one.start: one for one in scored}

    def slot(self, start: int) -> Slot:
        """One of the times, with its facts."""
        return self.told(self.scored[start])

    def told(self, scored: Scored) -> Slot:
        """A time with its facts, as it is scored."""
        return self._wording.slot(scored, self._ranking, first=False)

    def broken(self, start: int) -> tuple[str, ...]:
        """The names of the rules which the meeting would break at a start in the window."""
        return tuple(r.name for r in self._rules if not thinned([(start, start + 1)], [r], self._minutes))


class Options:
    """All options of a request, each length and each room by itself, so that none is missed."""

    def __init__(
        self, people: Sequence[Availability], request: SlotRequest, *, now: datetime, notice: timedelta
    ) -> None:
        people = each_once(people)
        self._request = request
        self._window = Window.of(request, now=now, notice=notice)
        self._times = {
            minutes: Times(
                people,
                replace(request, minutes=minutes, longest=0, rooms=()),
                self._window,
                longest=request.longest,
            )
            for minutes in lengths(request)
        }

    def __iter__(self) -> Iterator[Option]:
        request, prefer = self._request, self._request.prefer
        for minutes, times in self._times.items():
            starts = list(times.scored)
            extra = prefer.shorter * (request.longest - minutes) if request.longest else 0
            for number in range(len(request.rooms) or 1):
                for start in self._free(starts, minutes, number):
                    points = times.scored[start].points + extra + prefer.room * number
                    yield Option(start, start + minutes, points, number)

    def slot(self, option: Option) -> Slot:
        """An option in words, with the facts that say why."""
        minutes, rooms = option.end - option.start, self._request.rooms
        room = rooms[option.room].name if rooms else ""
        return self._times[minutes].told(Scored(option.start, minutes, option.points, room))

    def _free(self, starts: Sequence[int], minutes: int, number: int) -> Iterator[int]:
        """Those of the starts at which a room is free."""
        if not self._request.rooms:
            yield from starts
            return
        free = free_room(self._request.rooms[number], self._request, self._window, minutes)
        for first, end in runs(starts, free):
            yield from starts[first:end]
