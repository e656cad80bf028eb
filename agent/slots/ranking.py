"""Which of the times that fit is the best, and the facts that say why.

Every preference is a set of starts and the points it holds against each of them, so that ranking all
starts is one sum along the time line, whatever the number of people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import PARTS, Availability, Slot, SlotRequest
from deskhand.agent.slots.rules import Ground, series
from deskhand.agent.slots.spans import Spans, moment, outside, united


@dataclass(frozen=True, slots=True)
class Charge:
    """Points against every start that lies in `starts`, for one kind of reason and one person."""

    kind: str
    starts: Spans
    points: int
    who: str = ""


class Ranking:
    """The order of one request's times."""

    def __init__(self, people: Sequence[Availability], request: SlotRequest, ground: Ground) -> None:
        self._people = people
        self._request = request
        self._ground = ground
        self._zone = ZoneInfo(request.zone)
        self._charges = list(self._charged())

    def best(self, starts: Sequence[int], *, limit: int) -> tuple[Slot, ...]:
        """The best of these starts, none overlapping a better one; `starts` is sorted."""
        minutes = self._request.minutes
        ranked = sorted(zip(self._points(starts), starts, strict=True))
        chosen: list[tuple[int, int]] = []
        for points, start in ranked:
            if len(chosen) >= limit:
                break
            if all(abs(start - other) >= minutes for _, other in chosen):
                chosen.append((points, start))
        return tuple(self._slot(start, points, first=start == starts[0]) for points, start in chosen)

    def _charged(self) -> Iterator[Charge]:
        request, prefer, ground = self._request, self._request.prefer, self._ground
        minutes, (low, high) = request.minutes, self._ground.within
        for person in self._people:
            known = ground.known_until(person)
            if known < high:
                points = prefer.unconfirmed if person.required else prefer.doubtful
                yield Charge(
                    "unconfirmed", united([(max(low, known - minutes + 1), high)]), points, person.called
                )
            if not person.required:
                yield Charge(
                    "absent", self._not_within(ground.possible(person)), prefer.absent, person.called
                )
                continue
            if person.hours is not None and prefer.lunch:
                lunches = ground.clock(person.zone, lambda _: [prefer.lunch_span])
                touching = united((a - minutes + 1, b) for a, b in lunches)
                yield Charge("lunch", touching, prefer.lunch, person.called)
            if prefer.adjacent:
                taken = ground.taken(person)
                after = united((b, b + prefer.gap) for _, b in taken)
                before = united((a - minutes - prefer.gap + 1, a - minutes + 1) for a, _ in taken)
                yield Charge("adjacent", after, prefer.adjacent, person.called)
                yield Charge("adjacent", before, prefer.adjacent, person.called)
        if prefer.parts:
            liked = ground.clock(request.zone, lambda _: [PARTS[p] for p in prefer.parts])
            yield Charge("part", self._not_within(liked), prefer.part)

    def _not_within(self, spans: Spans) -> Spans:
        """Starts at which the meeting is not wholly within one of these spans."""
        minutes = self._request.minutes
        return outside(united((a, b - minutes + 1) for a, b in spans), within=self._ground.within)

    def _points(self, starts: Sequence[int]) -> list[int]:
        prefer, low = self._request.prefer, self._ground.within[0]
        steps = sorted(
            step
            for charge in self._charges
            for a, b in charge.starts
            for step in ((a, charge.points), (b, -charge.points))
        )
        offsets = iter(self._ground.segments(self._request.zone))
        _, end, offset = next(offsets)
        points: list[int] = []
        total = at = 0
        for start in starts:
            while at < len(steps) and steps[at][0] <= start:
                total += steps[at][1]
                at += 1
            while start >= end:
                _, end, offset = next(offsets)
            odd = prefer.odd if (start + offset) % 30 else 0
            points.append(total + odd + prefer.later * ((start - low) // 60))
        return points

    def _slot(self, start: int, points: int, *, first: bool) -> Slot:
        held = [c for c in self._charges if any(a <= start < b for a, b in c.starts)]

        def who(kind: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(c.who for c in held if c.kind == kind))

        begins = moment(start, self._zone)
        ends = moment(start + self._request.minutes, self._zone)
        facts = ["the earliest time that fits"] if first else []
        unsure, absent = who("unconfirmed"), who("absent")
        sure = [p.called for p in self._people if p.called not in {*unsure, *absent}]
        if sure:
            facts.append(f"free for {series(sure)}")
        if unsure:
            facts.append(f"not confirmed with {series(unsure)}")
        if absent:
            facts.append(f"without {series(absent)}")
        facts += self._clocks(begins)
        lunch, adjacent = who("lunch"), who("adjacent")
        if lunch:
            facts.append(f"touches the lunch of {series(lunch)}")
        elif self._request.prefer.lunch and any(p.required and p.hours for p in self._people):
            facts.append("lunch stays free")
        if adjacent:
            facts.append(f"right next to another meeting of {series(adjacent)}")
        if who("part"):
            facts.append(f"not in the {series(sorted(self._request.prefer.parts), 'or')}")
        return Slot(begins, ends, "; ".join(facts), unsure, absent, points)

    def _clocks(self, begins: datetime) -> list[str]:
        """Local times of those whose clock shows another one than the asker's."""
        there: dict[str, list[str]] = {}
        for person in self._people:
            local = begins.astimezone(ZoneInfo(person.zone))
            if local.utcoffset() != begins.utcoffset() and person.hours is not None:
                day = "" if local.date() == begins.date() else f"{local:%a} "
                there.setdefault(f"{day}{local:%H:%M}", []).append(person.called)
        return [f"{clock} for {series(names)}" for clock, names in there.items()]
