"""Several meetings at once: a time for each, so that they fit beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any

from deskhand.agent.actions import ONE_BY_ONE, CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import when
from deskhand.agent.actions._limits import Kept, asking, limited, no_time
from deskhand.agent.actions._limits import beside as far_from
from deskhand.agent.actions._shapes import Given, Person, Time
from deskhand.agent.availability.diaries import diaries, remarks, rooms_for, rooms_named
from deskhand.agent.availability.distances import Distance
from deskhand.agent.availability.rooms import not_asked, place
from deskhand.agent.endorsers import worked_out
from deskhand.agent.model import Brief, Passage, Section
from deskhand.agent.slots import Between, DifferentDays, InOrder, Wanted, find_together
from deskhand.connectors.operations import Mailbox


class Meeting(Time):
    """A meeting with one of them."""

    title: str
    attendees: list[Person]
    notes: list[str]


class Meetings(Given):
    """A meeting with each."""

    meetings: list[Meeting]


@action("slots.together", gives=Meetings)
def together(
    context: Context,
    *,
    people: list[Mailbox],
    minutes: int,
    start: datetime,
    end: datetime,
    title: str,
    apart: bool = False,
    in_order: bool = False,
    longest: int = 0,
    kept: Annotated[Kept, ONE_BY_ONE],
    room: str = "",
    beside: Sequence[Distance] = (),
    events: Sequence[tuple[datetime, datetime]] = (),
    tell: bool = False,
) -> Output:
    """A meeting with each of some people: {meetings: [{start, end, title, attendees, notes}]}.

    All lie in [start, end), each by the same limits as in `slots.find` and by the owner's habits.
    `apart`: no two on one day; `in_order`: one after the other, as they are named. `title` names each,
    with {} for the person. In the order of `people`; with a room, each has its `location`. `tell`: the times
    are what was asked for, and told.
    :raises CannotDo: they cannot all be had; the sentence says what stands in the way.
    """
    edges = far_from(context, beside, events, minutes=minutes)
    start = max(m for m in (start, edges.start) if m)
    end = min(m for m in (end, edges.end) if m)
    if end - start < timedelta(minutes=minutes):
        raise CannotDo(no_time(context, start, end))
    kept = replace(kept, avoid=[*kept.avoid, *((i.start, i.end) for i in edges.avoid)])
    habits = context.owner.habits
    named = {p.address.lower(): p for p in people}
    known = diaries(context, list(named), start, end, any_hour=kept.between is not None)
    asker = asking(known[0].who, kept)
    try:
        rooms = rooms_for(context, rooms_named(room, context.owner.rooms, seats=2), start, end)
    except LookupError as error:
        raise CannotDo(str(error.args[0])) from None
    wanted = limited(
        context, start, end, minutes=minutes, grid=habits.grid, kept=kept, longest=longest,
        rooms=[r.who for r in rooms],
    )  # fmt: skip
    who = {a: p.name or a for a, p in named.items()}
    names = {a: name if list(who.values()).count(name) == 1 else a for a, name in who.items()}
    called = {a: f"the meeting with {name}" for a, name in names.items()}
    each = [Wanted(called[a], (asker, d.who), wanted) for a, d in zip(named, known[1:], strict=True)]
    rules: list[Between] = [DifferentDays()] if apart else []
    if in_order:
        rules += [InOrder(called[a], called[b]) for a, b in pairwise(named)]
    found = find_together(each, rules, now=context.now, notice=habits.notice)
    if found.schedule is None:
        why = found.conflict.message if found.conflict else "They do not all fit there."
        raise CannotDo(f"{why[:1].upper()}{why[1:]}")
    meetings: list[dict[str, Any]] = []
    times = dict(found.schedule.slots)
    lie = [(names[a], times[called[a]]) for a in named]
    shown = "; ".join(f"{name}: {when(context, s.start, s.end)}" for name, s in lie)
    unknown = remarks(known[1:])
    for n, (address, person) in enumerate(named.items(), 1):
        slot = times[called[address]]
        first = (person.name or address).split(" ")[0]
        notes = [f"This is {n} of {len(named)}: {shown}."]
        notes += [slot.why[:1].upper() + slot.why[1:]] if slot.why else []
        notes += not_asked(context.owner, slot.room)
        meetings.append(
            {
                "start": slot.start.isoformat(), "end": slot.end.isoformat(), "notes": [*notes, *unknown],
                "title": title.replace("{}", first), "attendees": [person.model_dump()],
                **place(context.owner, slot.room),
            }
        )  # fmt: skip
    note = " ".join([*known[0].notes, *(unknown if tell else ())])
    if tell:
        told = Section(heading="", passages=tuple(Passage(text=t) for t in shown.split("; ")))
        brief: Brief | None = Brief(title="Times that fit beside one another", sections=(told,), note=note)
    else:
        brief = Brief(title="Not certain", note=note) if note else None
    return Output({"meetings": meetings}, {"": worked_out()}, brief)
