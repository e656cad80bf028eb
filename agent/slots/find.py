"""Find a time for a meeting: pure functions over plain values, which read nothing by themselves.

Everything is whole minutes in UTC. Each rule (somebody's hours, somebody's calendar, "not before ten") bars
some starts; what they leave together, on the grid, is every time that fits, and none is missed. Rules
about wall clocks are cut where a zone's offset changes, so that a week with a DST change is no special case.

**Unknown is never free.** Where somebody's calendar is not known, a time is offered as "not confirmed
with" that person and ranks below, or is refused where the person must be confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.slots.constraints.of_meeting import rules_of
from deskhand.agent.slots.constraints.rule import leave
from deskhand.agent.slots.explanation.conflict import conflict_of, too_short
from deskhand.agent.slots.explanation.facts import Wording
from deskhand.agent.slots.intervals.clocks import grid_starts
from deskhand.agent.slots.intervals.minutes import moment
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import Availability, Proposal, SlotRequest, each_once
from deskhand.agent.slots.objective.ranking import Ranking, Scored

__all__ = ["NOTICE", "Scored", "best", "find_slots", "free_starts", "scored_starts"]

NOTICE = timedelta(minutes=30)
"""Nobody is called to a meeting sooner than this."""


def find_slots(
    people: Sequence[Availability],
    request: SlotRequest,
    *,
    now: datetime,
    notice: timedelta = NOTICE,
    limit: int = 5,
) -> Proposal:
    """The best times for a meeting, or what stands against it and the nearest ways out.

    `people` begins with the asker; there may be none, and who is named twice counts once. Required people
    with known hours are met within them; required people with known calendars are free. Nothing begins before
    `now + notice`. The best time comes first; each further one is the best that overlaps none before it, so
    that they are real choices. Deterministic: the same arguments give the same answer.

    :raises ValueError: a time without zone, a window over two years, a grid that divides no hour.
    :raises zoneinfo.ZoneInfoNotFoundError: somebody's zone is not an IANA name.
    """
    people, window = each_once(people), Window.of(request, now=now, notice=notice)
    if not window.holds(request.minutes):
        return Proposal(conflict=too_short(request, window))
    rules = rules_of(people, request, window)
    ranking = Ranking(people, request, window)
    scored = ranking.scored(rules)
    if not scored:
        return Proposal(conflict=conflict_of(people, request, rules, window))
    wording = Wording(people, request, window)
    slots = tuple(
        wording.slot(s, ranking, first=s is scored[0], best=number == 0)
        for number, s in enumerate(best(scored, limit=limit))
    )
    return Proposal(slots, None, len(scored))


def free_starts(
    people: Sequence[Availability], request: SlotRequest, *, now: datetime, notice: timedelta = NOTICE
) -> list[datetime]:
    """Every start on the grid at which the meeting fits, in its shortest length, in order, in UTC."""
    window = Window.of(request, now=now, notice=notice)
    if not window.holds(request.minutes):
        return []
    free = leave(rules_of(each_once(people), request, window), window.within, request.minutes)
    utc = ZoneInfo("UTC")
    return [moment(s, utc) for s in grid_starts(free, window.segments(request.zone), grid=request.grid)]


def scored_starts(
    people: Sequence[Availability], request: SlotRequest, *, now: datetime, notice: timedelta = NOTICE
) -> list[Scored]:
    """Every start on the grid that fits, in order of time, with its best length, its points and its room.

    Starts are minutes since 1970 in UTC (see `spans.moment`). Empty where nothing fits. For those who look
    for several meetings at once; raises as `find_slots` does.
    """
    window = Window.of(request, now=now, notice=notice)
    if not window.holds(request.minutes):
        return []
    people = each_once(people)
    return Ranking(people, request, window).scored(rules_of(people, request, window))


def best(scored: Sequence[Scored], *, limit: int) -> list[Scored]:
    """The best of these, none overlapping a better one: the fewest points, then the earliest."""
    chosen: list[Scored] = []
    for one in sorted(scored, key=lambda s: (s.points, s.start)):
        if len(chosen) >= limit:
            break
        if all(
            one.start >= other.start + other.minutes or other.start >= one.start + one.minutes
            for other in chosen
        ):
            chosen.append(one)
    return chosen
