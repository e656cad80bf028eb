"""What is on the calendar, and when there is time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.actions._calendars import blind, taken, there, when
from deskhand.agent.actions._repeats import LOOKED, series_at, series_within
from deskhand.agent.actions._standing import standing
from deskhand.agent.actions.events import named_so
from deskhand.agent.agenda import find_event, named, takes_time
from deskhand.agent.diaries import Diary, diaries, remarks, rooms_for, rooms_named
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.slots import (
    NOTICE,
    PARTS,
    Availability,
    Conflict,
    Interval,
    Part,
    Slot,
    SlotRequest,
    find_slots,
)
from deskhand.connectors.model import Label
from deskhand.connectors.occurrences import Occurrence

PROPOSED = 3
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

SOON = 20
"""Points for each hour of waiting, where it shall be as early as possible: more than a back-to-back after
two hours, never so much as somebody who is missing within a day."""


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
        found = named_so(context, found, find_event(found, f"{about} {person}".strip()), about, person)
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
    optional: Sequence[str] = (),
    longest: int = 0,
    start: datetime | None = None,
    end: datetime | None = None,
    at: datetime | None = None,
    offset: int = 0,
    between: tuple[time, time] | None = None,
    not_before: time | None = None,
    not_after: time | None = None,
    not_between: tuple[time, time] | None = None,
    not_on: Sequence[int] = (),
    not_dates: Sequence[date] = (),
    parts: Sequence[Part] = (),
    not_parts: Sequence[Part] = (),
    not_when: Sequence[tuple[int, Part]] = (),
    within: Sequence[tuple[datetime, datetime]] = (),
    avoid: Sequence[tuple[datetime, datetime]] = (),
    keep_lunch: bool = False,
    spaced: int = 0,
    likes_days: Sequence[int] = (),
    likes_parts: Sequence[Part] = (),
    soon: bool = False,
    room: str = "",
    rrule: str = "",
    template: str = "",
    tell: bool = False,
) -> Output:
    """Times for a meeting, best first: {slots: [{start, end, why}], offers: the others, notes}.

    `at` asks for one exact time (`offset` minutes later); where something is in the way, that is one
    question, and `template` (a request with a gap for a time) makes its choices. With `rrule` every
    occurrence of the next 90 days is looked at, and each of `slots` has the `rrule` to book. `between`: clock
    times it must lie between; the other limits and likes are those of `slots.SlotRequest`, weekdays counted
    from Monday, 0.
    A calendar that cannot be read is never taken for free: such times are "not confirmed". What the
    own calendars tell of the others (a meeting they are in) keeps its time free of them all the same.
    `notes` are facts about the first time; each of the offers has its `why`.
    """
    at = at + timedelta(minutes=offset) if at else None
    length = timedelta(minutes=minutes)
    low = at or start or context.now
    high = at + length if at else (end or low + timedelta(days=14))
    until = high + LOOKED if rrule else high  # of a series all occurrences count
    habits = context.owner.habits
    known = diaries(
        context, people, low, until, optional=optional, any_hour=at is not None or between is not None,
        exact=at is not None,
    )  # fmt: skip
    said = [d.who for d in known]
    said[0] = replace(
        said[0], buffer=max(said[0].buffer, spaced), keep_lunch=said[0].keep_lunch or keep_lunch,
        likes_days=frozenset(likes_days) or said[0].likes_days,
    )  # fmt: skip
    try:
        rooms = rooms_named(room, context.owner.rooms, seats=len(said))
    except LookupError as error:
        raise CannotDo(str(error.args[0])) from None
    wish = replace(habits.prefer, parts=frozenset(likes_parts) or habits.prefer.parts)
    wish = replace(wish, later=SOON) if soon else wish
    wanted = SlotRequest(
        minutes=minutes, longest=longest, start=low, end=high, zone=context.owner.zone,
        grid=_grid(at) if at else habits.grid, not_before=between[0] if between else not_before,
        not_after=between[1] if between else not_after, not_on=frozenset(not_on),
        not_dates=frozenset(not_dates), parts=frozenset(parts), not_parts=frozenset(not_parts),
        within=tuple(Interval(a, b) for a, b in within),
        avoid=(
            *(Interval(a, b) for a, b in avoid),
            *(_each_day(context, low, high, not_between) if not_between else ()),
            *(i for day, part in not_when for i in _on_days(context, low, high, day, part)),
        ),
        rooms=tuple(r.who for r in rooms_for(context, rooms, low, until)),
        prefer=wish,
    )  # fmt: skip
    if rrule and at is None:
        return _series(context, said, wanted, rrule, tell=tell)
    notice = NOTICE if at else habits.notice
    proposal = find_slots(said, wanted, now=context.now, notice=notice, limit=PROPOSED)
    if not proposal.slots:
        raise _in_the_way(context, proposal.conflict, low if at else None, high, template)
    found = [
        {"start": s.start.isoformat(), "end": s.end.isoformat(), "why": s.why}
        | ({"location": s.room} if s.room else {})
        for s in proposal.slots
    ]
    notes = [s.why[:1].upper() + s.why[1:] for s in proposal.slots[:1] if s.why]
    if rrule and at is not None:
        found[0]["rrule"], more = series_at(context, said, wanted, rrule)
        notes += more
    value = {"slots": found, "offers": found[1:], "notes": [*notes, *remarks(known)]}
    brief = _proposed(context, proposal.slots, known, tell=tell)
    return Output(value, {"": Label("assistant", (), None)}, brief)


def _series(
    context: Context, people: Sequence[Availability], wanted: SlotRequest, rrule: str, *, tell: bool
) -> Output:
    """Where a meeting that repeats fits, with its exceptions."""
    found, why_not = series_within(context, people, wanted, rrule, limit=PROPOSED)
    if not found:
        raise CannotDo(why_not)
    slots = [{n: one[n] for n in ("start", "end", "rrule", "why")} for one in found]
    best = found[0]["why"]
    notes = [best[:1].upper() + best[1:], *found[0]["notes"]] if best else found[0]["notes"]
    told = [
        f"{when(context, datetime.fromisoformat(o['start']), datetime.fromisoformat(o['end']))} and so on"
        f" ({'; '.join([o['why'], *o['notes']])})"
        for o in found
    ]
    section = Section(heading="", passages=tuple(Passage(text=t) for t in told))
    brief = Brief(title="Times that fit every time", sections=(section,)) if tell else None
    value = {"slots": slots, "offers": slots[1:], "notes": notes}
    return Output(value, {"": Label("assistant", (), None)}, brief)


def _grid(at: datetime) -> int:
    """The coarsest grid that an exact time lies on."""
    return next(g for g in (15, 5, 1) if at.minute % g == 0)


def _each_day(
    context: Context, low: datetime, high: datetime, hours: tuple[time, time]
) -> tuple[Interval, ...]:
    """The same stretch of every day of a window, on the owner's clock."""
    tz, made = context.owner.tz, []
    day, last = low.astimezone(tz).date(), high.astimezone(tz).date()
    while day <= last:
        start, end = (datetime.combine(day, clock, tz) for clock in hours)
        if start < end:
            made.append(Interval(start, end, name=f"{hours[0]:%H:%M} to {hours[1]:%H:%M}"))
        day += timedelta(days=1)
    return tuple(made)


def still_free(
    context: Context,
    start: datetime,
    end: datetime,
    *,
    rrule: str = "",
    people: Sequence[str] = (),
    but: Collection[str] = (),
    known: Collection[str] = (),
    template: str = "",
) -> None:
    """Look once more, right before an event is booked or moved. Arguments as those of `standing`.

    :param known: marks of what stood there when it was asked; whoever said yes to it said so knowing that.
    :raises NeedsAnswer: something else is in the way by now; `template` as in `slots.find`.
    """
    found = standing(context, start, end, rrule=rrule, people=people, but=but)
    new = [words for name, words in found.items() if name not in known]
    if not new:
        return
    minutes = max(1, round((end - start).total_seconds() / 60))
    wanted = SlotRequest(minutes=minutes, start=start, end=end, zone=context.owner.zone, grid=_grid(start))
    everybody = [d.who for d in diaries(context, people, start, end, exact=True)]
    proposal = find_slots(everybody, wanted, now=context.now, limit=1)
    shown = "; ".join(new[:3]) + (f"; and {len(new) - 3} more" if len(new) > 3 else "")
    near, choices = _near(context, proposal.conflict, template) if not rrule else ("", [])
    raise NeedsAnswer(
        f"Nothing was booked: {'one of its times' if rrule else 'the time'} was taken meanwhile, by {shown}."
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


def _on_days(context: Context, low: datetime, high: datetime, weekday: int, part: Part) -> list[Interval]:
    first, last = (time(m // 60, m % 60) if m < 24 * 60 else time(23, 59) for m in PARTS[part])
    tz, name = context.owner.tz, f"the {part} of {_DAYS[weekday]}"
    each = _each_day(context, low, high, (first, last))
    return [replace(i, name=name) for i in each if i.start.astimezone(tz).weekday() == weekday]


def _proposed(
    context: Context, found: tuple[Slot, ...], known: Sequence[Diary], *, tell: bool
) -> Brief | None:
    if not tell:
        # The card has the times; what the owner herself may have on then is said before.
        mine = " ".join(known[0].notes)
        return Brief(title="Not certain", note=mine) if mine else None
    texts = (when(context, s.start, s.end) + (f" ({s.why})" if s.why else "") for s in found)
    section = Section(heading="", passages=tuple(Passage(text=t) for t in texts))
    return Brief(title="Times that fit", sections=(section,), note=" ".join(remarks(known)))
