"""A time that fits as a `Slot`: the facts that speak for and against it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from deskhand.agent.slots.ground import Ground
from deskhand.agent.slots.model import Availability, Slot, SlotRequest
from deskhand.agent.slots.ranking import Ranking, Scored
from deskhand.agent.slots.rules import series
from deskhand.agent.slots.spans import moment


class Wording:
    """Tells the times of one request."""

    def __init__(self, people: Sequence[Availability], request: SlotRequest, ground: Ground) -> None:
        self._people = people
        self._request = request
        self._ground = ground
        self._zone = ZoneInfo(request.zone)

    def slot(self, scored: Scored, ranking: Ranking, *, first: bool) -> Slot:
        """The slot with its facts; `first`: no start that fits is earlier."""
        held = ranking.held(scored)

        def who(*kinds: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(name for c in held if c.kind in kinds for name in c.who))

        begins = moment(scored.start, self._zone)
        ends = moment(scored.start + scored.minutes, self._zone)
        facts = ["the earliest time that fits"] if first else []
        unsure, absent = who("unconfirmed", "doubtful"), who("absent")
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
        return Slot(begins, ends, "; ".join(facts), unsure, absent, scored.points, scored.room)

    def _clocks(self, begins: datetime) -> list[str]:
        """Local times of those whose clock shows another one than the asker's."""
        there: dict[str, list[str]] = {}
        for person in self._people:
            local = begins.astimezone(ZoneInfo(person.zone))
            if local.utcoffset() != begins.utcoffset() and person.hours is not None:
                day = "" if local.date() == begins.date() else f"{local:%a} "
                there.setdefault(f"{day}{local:%H:%M}", []).append(person.called)
        return [f"{clock} for {series(names)}" for clock, names in there.items()]
