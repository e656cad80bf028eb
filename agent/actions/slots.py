"""When there is time for a meeting."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from deskhand.agent.actions import ONE_BY_ONE, CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.actions import room as room_
from deskhand.agent.actions._calendars import blind, taken, when
from deskhand.agent.actions._limits import Kept, asking, limited, no_time
from deskhand.agent.actions._limits import beside as far_from
from deskhand.agent.actions._rules import LOOKED
from deskhand.agent.actions._series import series_anywhere, series_then
from deskhand.agent.actions._shapes import FreeTime, Given, Instant, NotedEvent
from deskhand.agent.actions._standing import standing
from deskhand.agent.availability.agenda import named
from deskhand.agent.availability.diaries import Diary, diaries, remarks, rooms_for, rooms_named
from deskhand.agent.availability.distances import Distance
from deskhand.agent.availability.omitted import Omitted
from deskhand.agent.availability.rooms import not_asked, place
from deskhand.agent.endorsers import worked_out
from deskhand.agent.model import Brief, Passage, Section
from deskhand.agent.profile import Room
from deskhand.agent.slots import (
    NOTICE,
    Conflict,
    Moving,
    Slot,
    SlotRequest,
    find_slots,
)
from deskhand.connectors.occurrences import Occurrence

PROPOSED = 3
_COUNTED = 10
"""So many times are proposed at most, where their number is said."""
_MANY = 200
"""Times that are looked at where each shall be on a day of its own."""


class MovedEvent(NotedEvent):
    """An own event that makes room, and when it is to be instead."""

    new_start: Instant
    new_end: Instant


class Slots(Given):
    """Times for a meeting."""

    slots: list[FreeTime]
    """The best first."""
    offers: list[FreeTime]
    """All but the best."""
    notes: list[str]
    moved: list[MovedEvent]


@action("slots.find", gives=Slots)
def slots(
    context: Context,
    *,
    people: list[str],
    minutes: int,
    optional: Sequence[str] = (),
    longest: int = 0,
    start: datetime | None = None,
    end: datetime | None = None,
    at: datetime | None = None,
    offset: int = 0,
    beside: Sequence[Distance] = (),
    events: Sequence[tuple[datetime, datetime]] = (),
    kept: Annotated[Kept, ONE_BY_ONE],
    room: str = "",
    rrule: str = "",
    omits: Sequence[dict[str, Any]] = (),
    template: str = "",
    tell: bool = False,
    by_moving: bool = False,
    makes_room: str = "",
    apart: bool = False,
    count: Annotated[int, Field(ge=1, le=_COUNTED)] = PROPOSED,
) -> Output:
    """Times for a meeting, best first: {slots: [{start, end, why}], offers: the others, notes, moved}.

    `at` asks for one exact time (`offset` minutes later), within the window if one is said; where something
    is in the way, that is one question, and `template` (a request with a gap for a time) makes its choices.
    With `rrule` every occurrence of the next 90 days is looked at but those it `omits` (`Omitted.rules`), and
    each of `slots` has the `rrule` to book, and the `exdates` on which it is not held: those that clash too;
    where they are more than a third, that is one question.
    `beside` are distances from events; from when to when each is, `events` says in the same place. What it is
    `kept` to are arguments of their own: the fields of `Kept`.
    A calendar that cannot be read is never taken for free: such times are "not confirmed". What the
    own calendars tell of the others (a meeting they are in) keeps its time free of them all the same.
    `notes` are facts about the first time; each of the offers has its `why`.
    `apart`: no two of the times on one day. `count`: at most so many times.
    `by_moving`: where nothing is free, own meetings may make room; they are `moved`: as in `event.list`, with
    `new_start` and `new_end`. `makes_room` is the request that would let them, named where nothing is free.
    """
    at = at + timedelta(minutes=offset) if at else None
    length = timedelta(minutes=minutes)
    edges = far_from(context, beside, events, minutes=minutes)
    low = max(m for m in (start or context.now, edges.start, context.now if edges.end else None) if m)
    high = min((m for m in (end, edges.end) if m), default=low + timedelta(days=14))
    outside = at is not None and (start or end) and not low <= at <= high - length
    if outside or (events and high - low < length):
        raise CannotDo(no_time(context, low, high, at))
    low, high = (at, at + length) if at else (low, high)
    kept = replace(kept, avoid=[*kept.avoid, *((i.start, i.end) for i in edges.avoid)])
    until = high + LOOKED if rrule else high  # of a series all occurrences count
    habits = context.owner.habits
    known = diaries(
        context, people, low, until, optional=optional, any_hour=at is not None or kept.between is not None,
        exact=at is not None,
    )  # fmt: skip
    said = [d.who for d in known]
    said[0] = asking(said[0], kept)
    try:
        rooms = rooms_named(room, context.owner.rooms, seats=len(said))
    except LookupError as error:
        raise CannotDo(str(error.args[0])) from None
    wanted = limited(
        context, low, high, minutes=minutes, grid=_grid(at) if at else habits.grid, kept=kept,
        longest=longest, rooms=[r.who for r in rooms_for(context, rooms, low, until)],
    )  # fmt: skip
    left_out = Omitted.of(omits)
    if rrule and at is None:
        return series_anywhere(context, said, wanted, rrule, left_out, limit=count, tell=tell)
    if rrule:
        return series_then(context, said, wanted, rrule, left_out, known, limit=count, tell=tell)
    notice = NOTICE if at else habits.notice
    proposal = find_slots(said, wanted, now=context.now, notice=notice, limit=_MANY if apart else count)
    if apart and proposal.slots:
        proposal = replace(proposal, slots=_on_days(context, proposal.slots)[:count])
    if not proposal.slots:
        way = None
        if by_moving or makes_room:
            way = room_.best_way(context, said, wanted, notice=notice)
        if by_moving and way is not None:
            return _by_moving(context, way, known, tell=tell)
        question = _in_the_way(context, proposal.conflict, low if at else None, high, template)
        if by_moving:
            raise NeedsAnswer(f"{question} No meeting of yours that may move makes room.", question.choices)
        if way is not None:
            slot, moves = way[0].slot, " ".join(room_.told(context, way[0]))
            out = (
                f" It is possible {when(context, slot.start, slot.end)}, if other meetings make room: {moves}"
            )
            raise NeedsAnswer(f"{question}{out}", [*question.choices, makes_room])
        raise question
    found: list[dict[str, Any]] = [
        {"start": s.start.isoformat(), "end": s.end.isoformat(), "why": s.why} | place(context.owner, s.room)
        for s in proposal.slots
    ]
    notes = [s.why[:1].upper() + s.why[1:] for s in proposal.slots[:1] if s.why]
    notes += not_asked(context.owner, str(found[0].get("location", "")))
    value = {"slots": found, "offers": found[1:], "notes": [*notes, *remarks(known)], "moved": []}
    brief = _proposed(context, proposal.slots, known, tell=tell)
    return Output(value, {"": worked_out()}, brief)


def _by_moving(
    context: Context, way: tuple[Moving, list[Occurrence]], known: Sequence[Diary], *, tell: bool
) -> Output:
    """A time that is there once own meetings have made room for it."""
    slot, moved = way[0].slot, room_.moved(context, *way)
    found = {"start": slot.start.isoformat(), "end": slot.end.isoformat(), "why": slot.why}
    found |= place(context.owner, slot.room)
    moves = room_.told(context, way[0])
    notes = [*moves, *([slot.why[:1].upper() + slot.why[1:]] if slot.why else []), *remarks(known)]
    notes += not_asked(context.owner, slot.room)
    value = {"slots": [found], "offers": [], "notes": notes, "moved": moved}
    text = f"{when(context, slot.start, slot.end)}. {' '.join(moves)}"
    section = Section(heading="", passages=(Passage(text=text),))
    brief = Brief(title="Possible, if other meetings make room", sections=(section,)) if tell else None
    return Output(value, {"": worked_out(), **room_.labels(moved)}, brief)


def _on_days(context: Context, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The best time of each day, best first."""
    days = {s.start.astimezone(context.owner.tz).date(): s for s in reversed(slots)}
    return tuple(s for s in slots if days[s.start.astimezone(context.owner.tz).date()] is s)


def _grid(at: datetime) -> int:
    """The coarsest grid that an exact time lies on."""
    return next(g for g in (15, 5, 1) if at.minute % g == 0)


def still_free(
    context: Context,
    start: datetime,
    end: datetime,
    *,
    rrule: str = "",
    exdates: Sequence[datetime] = (),
    people: Sequence[str] = (),
    rooms: Sequence[Room] = (),
    also: Sequence[tuple[datetime, datetime]] = (),
    but: Collection[str] = (),
    known: Collection[str] = (),
    template: str = "",
    what: Literal["booked", "moved"] = "booked",
) -> None:
    """Look once more, right before an event is booked or moved. Arguments as those of `standing`.

    :param known: marks of what stood there when it was asked; whoever said yes to it said so knowing that.
    :raises NeedsAnswer: something else is in the way by now; `template` as in `slots.find`.
    """
    found = standing(
        context, start, end, rrule=rrule, exdates=exdates, people=people, rooms=rooms, also=also, but=but
    )
    new = [words for name, words in found.items() if name not in known]
    if not new:
        return
    minutes = max(1, round((end - start).total_seconds() / 60))
    wanted = SlotRequest(
        minutes=minutes, start=start, end=end, zone=context.owner.zone, grid=_grid(start),
        rooms=tuple(d.who for d in rooms_for(context, rooms, start, end)),
    )  # fmt: skip
    everybody = [d.who for d in diaries(context, people, start, end, exact=True)]
    proposal = find_slots(everybody, wanted, now=context.now, limit=1)
    shown = "; ".join(new[:3]) + (f"; and {len(new) - 3} more" if len(new) > 3 else "")
    series = bool(rrule or also)
    near, choices = _near(context, proposal.conflict, template) if not series else ("", [])
    raise NeedsAnswer(
        f"Nothing was {what}: {'one of its times' if series else 'the time'} was taken meanwhile, by {shown}."
        f"{near} Ask again to see what there is, and say yes if it shall be all the same.",
        choices,
    )


def _in_the_way(
    context: Context, conflict: Conflict | None, at: datetime | None, end: datetime, template: str
) -> NeedsAnswer:
    message = conflict.message if conflict else "No time fits."
    if at is not None:
        mine = taken(context, at, end)
        lies = ", ".join(f"{named(o)} ({when(context, o.start, o.end)})" for o in mine[:3])
        message = f"You are not free then: {lies}." if mine else message
    if unread := ", ".join(blind(context)):
        message += f" It is not certain that you are free at other times: {unread} could not be read."
    free, choices = _near(context, conflict, template)
    return NeedsAnswer(message + free, choices)


def _near(context: Context, conflict: Conflict | None, template: str) -> tuple[str, list[str]]:
    """The nearest times in a sentence, and the requests that would take them."""
    near = conflict.nearest if conflict else ()
    free = "; ".join(f"{when(context, s.start, s.end)}{_if(s)}" for s in near)
    times = [f"on {s.start:%Y-%m-%d} at {s.start:%H:%M}" for s in near if "enough" not in _if(s)]
    choices = list(dict.fromkeys(template.format(t) for t in times)) if template else []
    return f" Near it there is: {free}." if free else "", choices


def _if(slot: Slot) -> str:
    """What has to give way for a time, as the solver says it: " (if it may be later)"."""
    first = slot.why.partition(";")[0]
    return f" ({first})" if first.startswith("if ") else ""


def _proposed(
    context: Context, found: tuple[Slot, ...], known: Sequence[Diary], *, tell: bool
) -> Brief | None:
    if not tell:
        # The card has the times; what the owner herself may have on then is said before.
        notes = known[0].notes
        return Brief(title="Not certain", note=" ".join(notes)) if notes else None
    texts = (when(context, s.start, s.end) + (f" ({s.why})" if s.why else "") for s in found)
    section = Section(heading="", passages=tuple(Passage(text=t) for t in texts))
    return Brief(title="Times that fit", sections=(section,), note=" ".join(remarks(known)))
