"""Another time for what is declined: to each organizer the next gap, and to no two the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from deskhand.agent.actions import ONE_BY_ONE, Context, Output, action
from deskhand.agent.actions._calendars import blind, when
from deskhand.agent.actions._limits import Kept, asking, limited
from deskhand.agent.actions._shapes import Given, Instant, NotedEvent
from deskhand.agent.availability.diaries import diaries
from deskhand.agent.endorsers import selected, worked_out
from deskhand.agent.model import Brief, Passage, Section
from deskhand.agent.slots import Interval, free_starts
from deskhand.connectors.model import ItemRef, Label

AHEAD = timedelta(days=28)
"""How far a gap is looked for where no end was said."""


class Gap(Given):
    """A free stretch of time."""

    start: Instant
    end: Instant


class Instead(NotedEvent):
    """An event, and the gap that is offered instead of its time; null where there is none."""

    instead: Gap | None


class Offered(Given):
    """The events, each with its gap."""

    offers: list[Instead]


@action("slots.instead", gives=Offered)
def instead(
    context: Context,
    *,
    events: Sequence[dict[str, Any]],
    start: datetime,
    end: datetime | None = None,
    minutes: int = 0,
    kept: Annotated[Kept, ONE_BY_ONE],
) -> Output:
    """The owner's next gap in [start, end) for each of some events (as in `event.list`): {offers}.

    `offers` are the events, each with `instead`: {start, end} of the same length (or of `minutes`), null
    where there is none. In the order of the events each has the first gap that no event before it has; the
    owner's hours and habits count, and what is known of the organizer's time. Where a calendar of the owner's
    cannot be read, no gap is certain.
    """
    low = max(start, context.now)
    high = end or low + AHEAD
    found: list[dict[str, Any]] = []
    given: list[Interval] = []
    without: list[str] = []
    labels: dict[str, Label] = {}
    for n, event in enumerate(events):
        first, last = (datetime.fromisoformat(event[edge]) for edge in ("start", "end"))
        length = minutes or max(1, round((last - first).total_seconds() / 60))
        gap = _next(context, event, low, high, length, kept=kept, given=given)
        notes = [*event.get("notes", ())]
        if gap is None:
            notes.append(f"There is no certain gap for it, {when(context, low, high)}, so none is offered.")
            without.append(f"“{event['title']}”: declined without another time.")
        else:
            given.append(gap)
            notes.append(f"Offered instead: {when(context, gap.start, gap.end)}.")
        times = None if gap is None else {"start": gap.start.isoformat(), "end": gap.end.isoformat()}
        found.append(event | {"notes": notes, "instead": times})
        labels |= {
            f"offers[{n}]": selected((event["ref"],)),
            f"offers[{n}].title": Label("untrusted", (event["ref"],), ()),
            f"offers[{n}].instead": worked_out(),
        }
    return Output({"offers": found}, {"": worked_out(), **labels}, _told(context, without))


def _next(
    context: Context, event: dict[str, Any], low: datetime, high: datetime, minutes: int, *,
    kept: Kept, given: Sequence[Interval],
) -> Interval | None:  # fmt: skip
    """The first gap of so many minutes that was not given to somebody else."""
    item = context.archive.item(ItemRef.parse(event["ref"]))
    organizer = item.person("organizer") if item else None
    people = [organizer.address] if organizer and organizer.address else []
    me, *others = diaries(context, people, low, high, any_hour=kept.between is not None)
    surely = replace(asking(me.who, kept), must_confirm=True)
    apart = replace(kept, avoid=[*kept.avoid, *((g.start, g.end) for g in given)])
    habits = context.owner.habits
    wanted = limited(context, low, high, minutes=minutes, grid=habits.grid, kept=apart)
    who = [surely, *(o.who for o in others)]
    starts = free_starts(who, wanted, now=context.now, notice=habits.notice)
    return Interval(starts[0], starts[0] + timedelta(minutes=minutes)) if starts else None


def _told(context: Context, without: Sequence[str]) -> Brief | None:
    if not without:
        return None
    unread = ", ".join(blind(context))
    section = Section(heading="", passages=tuple(Passage(text=t) for t in without))
    return Brief(
        title="Without another time", sections=(section,),
        note=f"Not all of your time is known: {unread} could not be read." if unread else "",
    )  # fmt: skip
