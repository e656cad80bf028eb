"""What is on the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from deskhand.agent.actions import Context, Output, action
from deskhand.agent.actions._calendars import blind, replying, there, when
from deskhand.agent.actions._shapes import CountedTold
from deskhand.agent.actions._texts import cited, texts
from deskhand.agent.actions.events import met, named_so
from deskhand.agent.availability.agenda import find_event, takes_time
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.slots.phrases import listed
from deskhand.agent.wording.writes import LONGEST, shortened
from deskhand.connectors.model import Label
from deskhand.connectors.occurrences import Occurrence

_TOLD = 160
"""So much of a title or place is told."""


@action("calendar.agenda", gives=CountedTold)
def agenda(
    context: Context,
    *,
    start: datetime,
    end: datetime,
    about: str = "",
    person: str = "",
    first: bool = False,
    last: bool = False,
    free: bool = False,
    total: bool = False,
) -> Output:
    """What is on in [start, end): all of it, or what fits the words; `first` gives only the next.

    `last` gives only the newest of what is over; `total` says too how long all of it lasts.

    {count, title, text}: how many there are, and what is told.
    """
    found = there(context, start, end)
    if first:
        found = [o for o in found if o.start >= context.now and not o.all_day]
    sooner: list[Occurrence] = []
    if about or person:
        fits = find_event(found, f"{about} {person}".strip())
        if first:
            found, every = met(context, found, fits, about, person)[:1], fits
            sooner = [o for o in every[:1] if found and o.start < found[0].start]
        else:
            found = named_so(context, found, fits, about, person)
    if first:
        found = found[:1]
    elif last:
        over = [o for o in found if o.end <= context.now and not o.all_day]
        found = sorted(over, key=lambda o: o.start)[-1:]
    name = next((p.name for o in found for p in o.people if p.address == person and p.name), person)
    lead = [_whether_free(context, found, start, end)] if free and not (about or person) else []
    if total:
        lead.append(_in_all([o for o in found if not o.all_day], start, end))
    passages = [_passage(context, o) for o in found]
    if sooner:  # with others in it too
        passages += [
            Passage(text=f"Sooner, among others: {p.text}", cites=p.cites)
            for p in (_passage(context, o) for o in sooner)
        ]
    stretch = when(context, start, end)
    what = (f"“{about}”" if about else name) if about or person else "Your calendar"
    if first and name:
        what = f"Your next meeting with {name}"
    elif last and name:
        what = f"Your last meeting with {name}"
    nothing = Passage(
        text=f"Nothing {'that fits ' if about or person else ''}is in your calendar, {stretch}."
    )
    unread = ", ".join(blind(context))
    brief = Brief(
        title=f"{what}, {stretch}",
        sections=(Section(heading="", passages=tuple(lead + passages) or (nothing,)),),
        note=f"Not all is here: {unread} could not be read." if unread else "",
    )
    value = {"count": len(found), **texts(context, brief)}
    if said := replying(context, start, end):  # told to the owner, and to nobody else whom it may go to
        brief = brief.model_copy(update={"note": f"{brief.note} {said}".strip()})
    return Output(value, {"": Label("untrusted", cited(brief), ())}, brief)


def _passage(context: Context, o: Occurrence) -> Passage:
    item = context.archive.item(o.ref)
    people = [
        shortened(p.name or p.address, most=LONGEST)
        for p in o.people
        if p.role == "attendee" and p.address not in context.owner.addresses
    ]
    parts = [f"{when(context, o.start, o.end)}: {shortened(o.title, most=_TOLD) or '(no title)'}"]
    if o.location:
        parts.append(shortened(o.location, most=_TOLD))
    if people:
        more = f" and {len(people) - 6} more" if len(people) > 6 else ""
        parts.append(f"with {', '.join(people[:6])}{more}")
    if o.status == "tentative":
        parts.append("tentative")
    there = {ref.source for ref in o.copies}
    sources = [p.alias for p in context.places if p.alias in there]
    if len(sources) > 1:
        parts.append(f"in {listed(sources)}")
    return Passage(text="; ".join(parts), cites=(Citation.of(item),) if item else ())


def _in_all(found: Sequence[Occurrence], start: datetime, end: datetime) -> Passage:
    """How long events last in [start, end); what overlaps counts once, whole days do not count."""
    lasts, until = timedelta(0), start
    for one in sorted(found, key=lambda o: o.start):
        first, last = max(one.start, until), min(one.end, end)
        if last > first:
            lasts, until = lasts + (last - first), last
    hours, minutes = divmod(int(lasts.total_seconds()) // 60, 60)
    said = listed(
        [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((hours, "hour"), (minutes, "minute")) if n]
    )
    return Passage(text=f"In all {said or 'no time'}; whole days are not counted.")


def _whether_free(context: Context, found: list[Occurrence], start: datetime, end: datetime) -> Passage:
    taken = [o for o in found if takes_time(o, me=context.owner.addresses)]
    stretch = when(context, start, end)
    if taken:
        return Passage(text=f"You have {len(taken)} thing{'s' if len(taken) > 1 else ''} on, {stretch}:")
    if blind(context):
        return Passage(text=f"As far as is known you are free, {stretch}.")
    return Passage(text=f"You are free, {stretch}.")
