"""The order of the times that fit: points along the time line, and the best length and room of each start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from deskhand.agent.slots.charges import Charge, Charges
from deskhand.agent.slots.ground import Ground
from deskhand.agent.slots.model import Availability, SlotRequest
from deskhand.agent.slots.rules import Rule, leave
from deskhand.agent.slots.spans import grid_starts, offset_at, runs


class Scored(NamedTuple):
    """A start that fits, in minutes since 1970 UTC, with the length and room that are best there."""

    start: int
    minutes: int
    points: int
    room: str


class Ranking:
    """Scores the starts of one request that rules leave."""

    def __init__(self, people: Sequence[Availability], request: SlotRequest, ground: Ground) -> None:
        self._people = people
        self._request = request
        self._ground = ground
        self._charges: dict[int, list[Charge]] = {}
        """By length."""

    def scored(self, rules: Sequence[Rule]) -> list[Scored]:
        """Every start on the grid that the rules leave, in order of time."""
        request, ground = self._request, self._ground
        best: dict[int, Scored] = {}
        # The longest first: of equal points the longer stands.
        for minutes in reversed(lengths(request)):
            left = leave(rules, ground.within, minutes)
            starts = list(grid_starts(left, ground.segments(request.zone), grid=request.grid))
            if not starts:
                continue
            charges = Charges(self._people, request, ground, minutes=minutes, left=left)
            self._charges[minutes] = list(charges.all())
            for start, points in zip(starts, self._points(starts, minutes), strict=True):
                if start not in best or points < best[start].points:
                    best[start] = Scored(start, minutes, points, "")
        scored = [one for _, one in sorted(best.items())]
        return [s._replace(room=self._room(s)) for s in scored] if request.rooms else scored

    def held(self, scored: Scored) -> list[Charge]:
        """What is held against one of `scored`, but for what the length and the asker's clock alone say."""
        return [charge for charge in self._charges[scored.minutes] if charge.holds(scored.start)]

    def _room(self, scored: Scored) -> str:
        """The first named of the rooms that are free then."""
        rooms = (c for c in self._charges[scored.minutes] if c.kind == "room" and c.holds(scored.start))
        return next((c.who[0] for c in rooms), "")

    def _points(self, starts: Sequence[int], minutes: int) -> Iterator[int]:
        request, prefer, low = self._request, self._request.prefer, self._ground.within[0]
        steps = [0] * (len(starts) + 1)
        for charge in self._charges[minutes]:
            if charge.points:
                for first, end in runs(starts, charge.starts):
                    steps[first] += charge.points
                    steps[end] -= charge.points
        shorter = prefer.shorter * (request.longest - minutes) if request.longest else 0
        segments = self._ground.segments(request.zone)
        for start, held in zip(starts, accumulate(steps[:-1]), strict=True):
            odd = prefer.odd if (start + offset_at(segments, start)) % 30 else 0
            yield held + shorter + odd + prefer.later * ((start - low) // 60)


def lengths(request: SlotRequest) -> range:
    """The lengths a meeting may have, the shortest first."""
    return range(request.minutes, max(request.longest, request.minutes) + 1, request.grid)
