"""Which of the owner's own meetings could move to make room for another one, and where to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.actions import Context
from deskhand.agent.actions._calendars import me, theirs, there, when
from deskhand.agent.actions.several import called_by_owner, element
from deskhand.agent.availability.agenda import others, takes_time
from deskhand.agent.endorsers import selected
from deskhand.agent.slots import Availability, Interval, Movable, Moving, SlotRequest, find_by_moving
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import quoted
from deskhand.connectors.model import Label
from deskhand.connectors.occurrences import Occurrence

FURTHER = timedelta(days=7)
"""So far behind the window of the new meeting one that makes room may go."""
MOST = 40
"""So many meetings are thought of at most, the least important first."""


def importance(o: Occurrence, mine: frozenset[str]) -> int:
    """What moving it costs. Alone counts less than a tentative meeting with others, that less than a firm
    one, one of a series more than a single one of its kind, and more people more than few."""
    there = others(o, me=mine)
    kind = 0 if not there else 1 if o.status == "tentative" or o.shown_as == "tentative" else 2
    return kind * 100 + 50 * (o.recurrence_id is not None) + min(len(there), 40)


def may_move(context: Context, start: datetime, end: datetime) -> list[Occurrence]:
    """The owner's own meetings that touch [start, end) and may be moved, the least important first.

    Never what others called, what lasts all day, what begins within the owner's notice, and what lies in a
    calendar that cannot be written.
    """
    mine = context.owner.addresses
    writable = {p.alias for p in context.places if "event.update" in p.operations}
    earliest = context.now + context.owner.habits.notice
    found = [
        o for o in there(context, start, end)
        if takes_time(o, me=mine) and not o.all_day and o.start >= earliest and o.start < o.end
        and o.ref.source in writable and _own(context, o)
    ]  # fmt: skip
    return sorted(found, key=lambda o: (importance(o, mine), o.start))[:MOST]


def best_way(
    context: Context, people: Sequence[Availability], wanted: SlotRequest, *, notice: timedelta
) -> tuple[Moving, list[Occurrence]] | None:
    """The best time for a meeting if own meetings make room, and these, in the order of `Moving.moved`."""
    movable = may_move(context, wanted.start, wanted.end)
    if not movable:
        return None
    mine, prefer = context.owner.addresses, context.owner.habits.prefer
    until = wanted.end + FURTHER
    asker = me(context, wanted.start, until)
    made: dict[int, Occurrence] = {}
    options: list[Movable] = []
    for o in movable:
        everybody = [
            a
            for n, name in others(o, me=mine).items()
            for a in theirs(context, name or n, n, wanted.start, until)
        ]
        minutes = max(1, round((o.end - o.start).total_seconds() / 60))
        # An occurrence stays in its week: it is that week's.
        last = min(until, o.start + timedelta(days=5)) if o.recurrence_id else until
        goes = SlotRequest(
            minutes, max(context.now, wanted.start), last, zone=wanted.zone, grid=context.owner.habits.grid,
            prefer=prefer,
        )  # fmt: skip
        name = "something private" if o.private else visible(quoted(o.title or "(no title)"), lines=False)
        interval = Interval(o.start, o.end, name=name, importance=importance(o, mine))
        options.append(Movable(interval, (asker, *everybody), goes))
        made[id(options[-1])] = o
    ways = find_by_moving(people, wanted, options, now=context.now, notice=notice, limit=1).ways
    return (ways[0], [made[id(m.movable)] for m in ways[0].moved]) if ways else None


def moved(context: Context, way: Moving, found: Sequence[Occurrence]) -> list[dict[str, Any]]:
    """What moves, for later steps: as in `event.list`, with `new_start` and `new_end`."""
    made = []
    for m, o in zip(way.moved, found, strict=True):
        if (item := context.archive.item(o.ref)) is not None:
            new = {"new_start": m.slot.start.isoformat(), "new_end": m.slot.end.isoformat()}
            made.append(element(context, o, item) | new | {"notes": [_why(context, o)]})
    return made


def labels(elements: Sequence[dict[str, Any]]) -> dict[str, Label]:
    """Where what moves comes from: the calendar; its title may be a stranger's."""
    made = {}
    for n, one in enumerate(elements):
        made[f"moved[{n}]"] = selected((one["ref"],))
        made[f"moved[{n}].title"] = Label("untrusted", (one["ref"],), ())
    return made


def told(context: Context, way: Moving) -> list[str]:
    """What would move where, a sentence each."""
    made = []
    for m in way.moved:
        was, new = m.movable.interval, m.slot
        unsure = f"; not confirmed with {', '.join(new.unconfirmed)}" if new.unconfirmed else ""
        made.append(
            f"{m.movable.called} would move from {when(context, was.start, was.end)} to "
            f"{when(context, new.start, new.end)}{unsure}."
        )
    return [f"{s[:1].upper()}{s[1:]}" for s in made]


def _why(context: Context, o: Occurrence) -> str:
    """Why this one is chosen to move."""
    there = others(o, me=context.owner.addresses)
    who = "nobody else is in it" if not there else "you called it, and those in it are told"
    kind = "one of a series" if o.recurrence_id is not None else "a single event"
    return f"It makes room, as the least important that can: {who}; it is {kind}."


def _own(context: Context, o: Occurrence) -> bool:
    return called_by_owner(context, o) or not others(o, me=context.owner.addresses)
