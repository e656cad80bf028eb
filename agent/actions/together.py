"""Several meetings at once: a time for each, so that they fit beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import blind, me, theirs, when
from deskhand.agent.model import Brief
from deskhand.agent.slots import Part, SlotRequest
from deskhand.connectors.model import Label
from deskhand.connectors.operations import Mailbox


@action("slots.together")
def together(
    context: Context,
    *,
    people: list[Mailbox],
    minutes: int,
    start: datetime,
    end: datetime,
    title: str,
    apart: bool = False,
    not_before: time | None = None,
    not_after: time | None = None,
    not_on: Sequence[int] = (),
    parts: Sequence[Part] = (),
    not_parts: Sequence[Part] = (),
) -> Output:
    """A meeting with each of some people: {meetings: [{start, end, title, attendees, notes}]}.

    All lie in [start, end).
    `apart`: no two on one day. `title` names each, with {} for the person. In the order of `people`.
    :raises CannotDo: they cannot all be had; the sentence says what stands in the way.
    """
    from deskhand.agent.slots.joint import find_together
    from deskhand.agent.slots.together import DifferentDays, Wanted

    wanted = SlotRequest(
        minutes=minutes, start=start, end=end, zone=context.owner.zone, not_before=not_before,
        not_after=not_after, not_on=frozenset(not_on), parts=frozenset(parts), not_parts=frozenset(not_parts),
    )  # fmt: skip
    asker = me(context, start, end)
    named = {p.address: p for p in people}
    each = [
        Wanted(a, (asker, *theirs(context, p.name or a, a, start, end)), wanted) for a, p in named.items()
    ]
    found = find_together(each, [DifferentDays()] if apart else [], now=context.now)
    if found.schedule is None:
        raise CannotDo(found.conflict.message if found.conflict else "They do not all fit there.")
    meetings: list[dict[str, Any]] = []
    times = dict(found.schedule.slots)
    shown = "; ".join(f"{named[a].name or a}: {when(context, s.start, s.end)}" for a, s in times.items())
    for n, (address, person) in enumerate(named.items(), 1):
        slot = times[address]
        first = (person.name or address).split(" ")[0]
        notes = [f"This is {n} of {len(named)}: {shown}."]
        notes += [slot.why[:1].upper() + slot.why[1:]] if slot.why else []
        meetings.append(
            {
                "start": slot.start.isoformat(), "end": slot.end.isoformat(), "notes": notes,
                "title": title.replace("{}", first), "attendees": [person.model_dump()],
            }
        )  # fmt: skip
    unread = ", ".join(blind(context))
    note = f"It is not certain that you are free: {unread} could not be read." if unread else ""
    brief = Brief(title="Not certain", note=note) if note else None
    return Output({"meetings": meetings}, {"": Label("assistant", (), None)}, brief)
