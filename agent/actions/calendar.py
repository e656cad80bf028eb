"""What is on the calendar, and when there is time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta

from deskhand.agent.actions import Context, NeedsAnswer, Output, action
from deskhand.agent.actions._calendars import blind, mark, me, taken, there, when
from deskhand.agent.agenda import find_event, named, takes_time
from deskhand.agent.diaries import people_for
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.slots import NOTICE, Slot, SlotRequest, find_slots
from deskhand.agent.slots.model import Conflict
from deskhand.connectors.model import Label
from deskhand.connectors.occurrences import Occurrence

PROPOSED = 3


@action("calendar.agenda")
def agenda(
    context: Context,
    *,
    start: datetime,
    end: datetime,
    about: str = "",
    person: str = "",
    first: bool = False,
    free: bool = False,
) -> Output:
    """What is on in [start, end): all of it, or what fits the words; `first` gives only the next."""
    found = there(context, start, end)
    if first:
        found = [o for o in found if o.start >= context.now and not o.all_day]
    if about or person:
        found = find_event(found, f"{about} {person}".strip())
    if first:
        found = found[:1]
    lead = [_whether_free(context, found, start, end)] if free and not (about or person) else []
    passages = [_passage(context, o) for o in found]
    stretch = when(context, start, end)
    what = f"“{about or person}”" if about or person else "Your calendar"
    nothing = Passage(
        text=f"Nothing {'that fits ' if about or person else ''}is in your calendar, {stretch}."
    )
    unread = ", ".join(blind(context))
    brief = Brief(
        title=f"{what}, {stretch}",
        sections=(Section(heading="", passages=tuple(lead + passages) or (nothing,)),),
        note=f"Not all is here: {unread} could not be read." if unread else "",
    )
    return Output({"count": len(found)}, {"": Label("untrusted", (), ())}, brief)


@action("slots.find")
def slots(
    context: Context,
    *,
    people: list[str],
    minutes: int,
    start: datetime | None = None,
    end: datetime | None = None,
    at: datetime | None = None,
    between: tuple[time, time] | None = None,
    template: str = "",
    tell: bool = False,
) -> Output:
    """Times for a meeting, best first: {slots: [{start, end, why}], offers: the others, as changes}.

    `at` asks for one exact time; where something is in the way, that is one question, and `template`
    (a request with a gap for a time) makes its choices. `between`: clock times it must lie between.
    A calendar that cannot be read is never taken for free: such times are "not confirmed". What the
    own calendars tell of the others (a meeting they are in) keeps its time free of them all the same.
    """
    length = timedelta(minutes=minutes)
    low, high = (at, at + length) if at else (start or context.now, end or context.now + timedelta(days=14))
    habits = context.owner.habits
    said = people_for(
        context, people, low, high, any_hour=at is not None or between is not None, exact=at is not None
    )
    wanted = SlotRequest(
        minutes=minutes, start=low, end=high, zone=context.owner.zone, grid=5 if at else habits.grid,
        prefer=habits.prefer,
        not_before=between[0] if between else None, not_after=between[1] if between else None,
    )  # fmt: skip
    notice = NOTICE if at else habits.notice
    proposal = find_slots(said, wanted, now=context.now, notice=notice, limit=PROPOSED)
    if not proposal.slots:
        raise _in_the_way(context, proposal.conflict, low if at else None, high, template)
    found = [{"start": s.start.isoformat(), "end": s.end.isoformat(), "why": s.why} for s in proposal.slots]
    value = {"slots": found, "offers": [{"start": s["start"], "end": s["end"]} for s in found[1:]]}
    return Output(value, {"": Label("assistant", (), None)}, _proposed(context, proposal.slots, tell=tell))


def still_free(
    context: Context, start: datetime, end: datetime, *, known: Collection[str] = (), template: str = ""
) -> None:
    """Look once more, right before an event is booked. `known`: marks of what lay there when it was asked.

    :raises NeedsAnswer: something else is in the way by now; `template` as in `slots.find`.
    """
    new = [o for o in taken(context, start, end) if mark(o) not in known]
    if not new:
        return
    minutes = max(1, round((end - start).total_seconds() / 60))
    wanted = SlotRequest(minutes=minutes, start=start, end=end, zone=context.owner.zone, grid=5)
    mine = me(context, start, end, exact=True)
    proposal = find_slots([mine], wanted, now=context.now, limit=1)
    question = _in_the_way(context, proposal.conflict, start, end, template)
    raise NeedsAnswer(f"Nothing was booked, the time was taken meanwhile. {question}", question.choices)


def _in_the_way(
    context: Context, conflict: Conflict | None, at: datetime | None, end: datetime, template: str
) -> NeedsAnswer:
    near = conflict.nearest if conflict else ()
    message = conflict.message if conflict else "No time fits."
    if at is not None:
        mine = taken(context, at, end)
        lies = ", ".join(f"{named(o)} ({when(context, o.start, o.end)})" for o in mine[:3])
        message = f"You are not free then: {lies}." if mine else message
    if unread := ", ".join(blind(context)):
        message += f" It is not certain that you are free at other times: {unread} could not be read."
    free = "; ".join(when(context, s.start, s.end) for s in near)
    choices = [template.format(f"on {s.start:%Y-%m-%d} at {s.start:%H:%M}") for s in near] if template else []
    return NeedsAnswer(message + (f" Near it there is: {free}." if free else ""), choices)


def _passage(context: Context, o: Occurrence) -> Passage:
    item = context.archive.item(o.ref)
    people = [
        p.name or p.address
        for p in o.people
        if p.role == "attendee" and p.address not in context.owner.addresses
    ]
    parts = [f"{when(context, o.start, o.end)}: {o.title or '(no title)'}"]
    if o.location:
        parts.append(o.location)
    if people:
        more = f" and {len(people) - 6} more" if len(people) > 6 else ""
        parts.append(f"with {', '.join(people[:6])}{more}")
    if o.status == "tentative":
        parts.append("tentative")
    return Passage(text="; ".join(parts), cites=(Citation.of(item),) if item else ())


def _whether_free(context: Context, found: list[Occurrence], start: datetime, end: datetime) -> Passage:
    taken = [o for o in found if takes_time(o, me=context.owner.addresses)]
    stretch = when(context, start, end)
    if taken:
        return Passage(text=f"You have {len(taken)} thing{'s' if len(taken) > 1 else ''} on, {stretch}:")
    if blind(context):
        return Passage(text=f"As far as is known you are free, {stretch}.")
    return Passage(text=f"You are free, {stretch}.")


def _proposed(context: Context, found: tuple[Slot, ...], *, tell: bool) -> Brief | None:
    unread = ", ".join(blind(context))
    note = f"It is not certain that you are free: {unread} could not be read." if unread else ""
    if not tell:
        return Brief(title="Not certain", note=note) if note else None
    texts = (when(context, s.start, s.end) + (f" ({s.why})" if s.why else "") for s in found)
    section = Section(heading="", passages=tuple(Passage(text=t) for t in texts))
    return Brief(title="Times that fit", sections=(section,), note=note)
