"""Every way in which one meeting could be held: start, length, room and points. What the search for
several meetings at once, for a series and for what has to move chooses from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deskhand.agent.slots.model import Availability, Slot, SlotRequest
from deskhand.agent.slots.ranking import Ranking
from deskhand.agent.slots.rules import Ground, Rule, leave, rules_of
from deskhand.agent.slots.spans import common, grid_starts


@dataclass(frozen=True, slots=True, order=True)
class Option:
    """A meeting at `[start, end)`, in minutes since 1970 in UTC."""

    start: int
    end: int
    points: int = 0
    room: int = 0
    """Which of the request's rooms, from 0 on; 0 also where none is needed."""


def lengths(request: SlotRequest) -> range:
    """The lengths that a request allows, in minutes, the shortest first."""
    return range(request.minutes, max(request.longest, request.minutes) + 1, request.grid)


class Times:
    """The times of a request of one length and at most one room, with their points."""

    def __init__(
        self, people: Sequence[Availability], request: SlotRequest, *, now: datetime, notice: timedelta
    ) -> None:
        self.people, self.request = people, request
        self.ground = Ground.of(request, now=now, notice=notice)
        low, high = self.ground.within
        self.rules: list[Rule] = []
        self.points: dict[int, int] = {}
        if high - low < request.minutes:
            return
        self.rules = rules_of(people, request, self.ground)
        free = leave(self.rules, self.ground.within)
        segments = self.ground.segments(request.zone)
        starts = list(grid_starts(free, segments, minutes=request.minutes, grid=request.grid))
        self._ranking = Ranking(people, request, self.ground)
        self.points = dict(zip(starts, self._ranking._points(starts), strict=True))

    def slot(self, start: int) -> Slot:
        """One of the times, with its facts."""
        return self._ranking._slot(start, self.points[start], first=False)

    def broken(self, start: int) -> tuple[str, ...]:
        """The names of the rules which the meeting would break at a start in the window."""
        meeting = [(start, start + self.request.minutes)]
        return tuple(rule.name for rule in self.rules if common(rule.leaves, meeting) != meeting)


class Options:
    """All options of a request, each length and each room by itself, so that none is missed."""

    def __init__(
        self, people: Sequence[Availability], request: SlotRequest, *, now: datetime, notice: timedelta
    ) -> None:
        self._times: dict[tuple[int, int], Times] = {}
        self._extra: dict[tuple[int, int], int] = {}
        self.request = request
        for minutes in lengths(request):
            for number in range(len(request.rooms) or 1):
                one = replace(request, minutes=minutes, longest=0, rooms=request.rooms[number : number + 1])
                self._times[minutes, number] = Times(people, one, now=now, notice=notice)
                less = request.longest - minutes if request.longest else 0
                self._extra[minutes, number] = request.prefer.shorter * less + request.prefer.room * number

    def __iter__(self) -> Iterator[Option]:
        for (minutes, room), times in self._times.items():
            extra = self._extra[minutes, room]
            for start, points in times.points.items():
                yield Option(start, start + minutes, points + extra, room)

    def slot(self, option: Option) -> Slot:
        """An option in words, with the facts that say why."""
        slot = self._times[option.end - option.start, option.room].slot(option.start)
        return replace(slot, points=option.points)
