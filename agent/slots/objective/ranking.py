"""The order of the times that fit: points along the time line, and the best length and room of each start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from deskhand.agent.slots.constraints.rule import Rule, leave
from deskhand.agent.slots.intervals.clocks import grid_starts, offset_at
from deskhand.agent.slots.intervals.spans import runs
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import Availability, SlotRequest
from deskhand.agent.slots.objective.penalties import Penalties, Penalty


class Scored(NamedTuple):
    """A start that fits, in minutes since 1970 UTC, with the length and room that are best there."""

    start: int
    minutes: int
    points: int
    room: str


class Ranking:
    """Scores the starts of one request that rules leave."""

    def __init__(self, people: Sequence[Availability], request: SlotRequest, window: Window) -> None:
        self._people = people
        self._request = request
        self._window = window
        self._penalties: dict[int, list[Penalty]] = {}
        """By length."""

    def scored(self, rules: Sequence[Rule]) -> list[Scored]:
        """Every start on the grid that the rules leave, in order of time."""
        request, window = self._request, self._window
        best: dict[int, Scored] = {}
        # The longest first: of equal points the longer stands.
        for minutes in reversed(lengths(request)):
            left = leave(rules, window.within, minutes)
            starts = list(grid_starts(left, window.segments(request.zone), grid=request.grid))
            if not starts:
                continue
            penalties = Penalties(self._people, request, window, minutes=minutes, left=left)
            self._penalties[minutes] = list(penalties.all())
            for start, points in zip(starts, self._points(starts, minutes), strict=True):
                if start not in best or points < best[start].points:
                    best[start] = Scored(start, minutes, points, "")
        scored = [one for _, one in sorted(best.items())]
        return [s._replace(room=self._room(s)) for s in scored] if request.rooms else scored

    def held(self, scored: Scored) -> list[Penalty]:
        """What is held against one of `scored`, but for what the length and the asker's clock alone say."""
        return [penalty for penalty in self._penalties[scored.minutes] if penalty.holds(scored.start)]

    def _room(self, scored: Scored) -> str:
        """The first named of the rooms that are free then."""
        rooms = (c for c in self._penalties[scored.minutes] if c.kind == "room" and c.holds(scored.start))
        return next((c.who[0] for c in rooms), "")

    def _points(self, starts: Sequence[int], minutes: int) -> Iterator[int]:
        request, prefer, low = self._request, self._request.prefer, self._window.within[0]
        steps = [0] * (len(starts) + 1)
        for penalty in self._penalties[minutes]:
            if penalty.points:
                for first, end in runs(starts, penalty.starts):
                    steps[first] += penalty.points
                    steps[end] -= penalty.points
        shorter = prefer.shorter * (request.longest - minutes) if request.longest else 0
        segments = self._window.segments(request.zone)
        for start, held in zip(starts, accumulate(steps[:-1]), strict=True):
            odd = prefer.odd if (start + offset_at(segments, start)) % 30 else 0
            yield held + shorter + odd + prefer.later * ((start - low) // 60)


def lengths(request: SlotRequest) -> range:
    """The lengths a meeting may have, the shortest first."""
    return range(request.minutes, max(request.longest, request.minutes) + 1, request.grid)
