"""What is on the calendar, and when there is time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.actions import room as room_
from deskhand.agent.actions._calendars import blind, taken, there, when
from deskhand.agent.actions._limits import Kept, asking, limited
from deskhand.agent.actions._repeats import LOOKED, freer, series_at, series_within
from deskhand.agent.actions._standing import standing
from deskhand.agent.actions.events import met, named_so
from deskhand.agent.agenda import find_event, named, takes_time
from deskhand.agent.diaries import Diary, diaries, remarks, rooms_for, rooms_named
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.slots import (
    NOTICE,
    Availability,
    Conflict,
    Moving,
    Part,
    Slot,
    SlotRequest,
    find_slots,
)
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
    name = next((p.name for o in found for p in o.people if p.address == person and p.name), person)
    lead = [_whether_free(context, found, start, end)] if free and not (about or person) else []
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
    by_moving: bool = False,
    makes_room: str = "",
) -> Output:
    """Times for a meeting, best first: {slots: [{start, end, why}], offers: the others, notes, moved}.

    `at` asks for one exact time (`offset` minutes later); where something is in the way, that is one
    question, and `template` (a request with a gap for a time) makes its choices. With `rrule` every
    occurrence of the next 90 days is looked at, and each of `slots` has the `rrule` to book. `between`: clock
    times it must lie between; the other limits and likes are those of `slots.SlotRequest`, weekdays counted
    from Monday, 0.
    A calendar that cannot be read is never taken for free: such times are "not confirmed". What the
    own calendars tell of the others (a meeting they are in) keeps its time free of them all the same.
    `notes` are facts about the first time; each of the offers has its `why`.
    `by_moving`: where nothing is free, own meetings may make room; they are `moved`: as in `event.list`, with
    `new_start` and `new_end`. `makes_room` is the request that would let them, named where nothing is free.
    """
    at = at + timedelta(minutes=offset) if at else None
    length = timedelta(minutes=minutes)
    low = at or start or context.now
    high = at + length if at else (end or low + timedelta(days=14))
    until = high + LOOKED if rrule else high  # of a series all occurrences count
    kept = Kept(
        between=between, not_before=not_before, not_after=not_after, not_between=not_between, not_on=not_on,
        not_dates=not_dates, parts=parts, not_parts=not_parts, not_when=not_when, within=within, avoid=avoid,
        likes_parts=likes_parts, soon=soon, spaced=spaced, keep_lunch=keep_lunch, likes_days=likes_days,
    )  # fmt: skip
    habits = context.owner.habits
    known = diaries(
        context, people, low, until, optional=optional, any_hour=at is not None or between is not None,
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
    if rrule and at is None:
        return _series(context, said, wanted, rrule, tell=tell)
    if rrule:
        return _series_at(context, said, wanted, rrule, known, tell=tell)
    notice = NOTICE if at else habits.notice
    proposal = find_slots(said, wanted, now=context.now, notice=notice, limit=PROPOSED)
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
    found = [
        {"start": s.start.isoformat(), "end": s.end.isoformat(), "why": s.why}
        | ({"location": s.room} if s.room else {})
        for s in proposal.slots
    ]
    notes = [s.why[:1].upper() + s.why[1:] for s in proposal.slots[:1] if s.why]
    value = {"slots": found, "offers": found[1:], "notes": [*notes, *remarks(known)], "moved": []}
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
    if found[0]["notes"]:  # which say when; so many fit is enough
        best = best.partition(";")[0]
    notes = [best[:1].upper() + best[1:], *found[0]["notes"]] if best else found[0]["notes"]
    told = [
        f"{when(context, datetime.fromisoformat(o['start']), datetime.fromisoformat(o['end']))} and so on"
        f" ({'; '.join([o['why'], *o['notes']])})"
        for o in found
    ]
    section = Section(heading="", passages=tuple(Passage(text=t) for t in told))
    brief = Brief(title="Times that fit every time", sections=(section,)) if tell else None
    value = {"slots": slots, "offers": slots[1:], "notes": notes, "moved": []}
    return Output(value, {"": Label("assistant", (), None)}, brief)


def _series_at(
    context: Context,
    people: Sequence[Availability],
    wanted: SlotRequest,
    rrule: str,
    known: Sequence[Diary],
    *,
    tell: bool,
) -> Output:
    """A series at the time that was said, with what clashes; beside it hours near that are freer."""
    asked, notes, clashes = series_at(context, people, wanted, rrule)
    one = {"start": wanted.start.isoformat(), "end": wanted.end.isoformat(), "why": "", "rrule": asked}
    near = freer(context, people, wanted, rrule, clashes=clashes, limit=PROPOSED - 1) if clashes else []
    found = [one, *({n: o[n] for n in ("start", "end", "rrule", "why")} for o in near)]
    for other in near:
        first = when(context, *(datetime.fromisoformat(other[n]) for n in ("start", "end")))
        clear = "free every time" if not other["notes"] else " ".join(other["notes"]).rstrip(".").lower()
        notes.append(f"Near it there is {first} and so on: {clear}.")
    told = [f"{when(context, wanted.start, wanted.end)} and so on. {' '.join(notes)}"]
    section = Section(heading="", passages=tuple(Passage(text=t) for t in told))
    brief = Brief(title="The series at that time", sections=(section,)) if tell else None
    value = {"slots": found, "offers": found[1:], "notes": [*notes, *remarks(known)], "moved": []}
    return Output(value, {"": Label("assistant", (), None)}, brief)


def _by_moving(
    context: Context, way: tuple[Moving, list[Occurrence]], known: Sequence[Diary], *, tell: bool
) -> Output:
    """A time that is there once own meetings have made room for it."""
    slot, moved = way[0].slot, room_.moved(context, *way)
    found = {"start": slot.start.isoformat(), "end": slot.end.isoformat(), "why": slot.why}
    found |= {"location": slot.room} if slot.room else {}
    moves = room_.told(context, way[0])
    notes = [*moves, *([slot.why[:1].upper() + slot.why[1:]] if slot.why else []), *remarks(known)]
    value = {"slots": [found], "offers": [], "notes": notes, "moved": moved}
    text = f"{when(context, slot.start, slot.end)}. {' '.join(moves)}"
    section = Section(heading="", passages=(Passage(text=text),))
    brief = Brief(title="Possible, if other meetings make room", sections=(section,)) if tell else None
    return Output(value, {"": Label("assistant", (), None), **room_.labels(moved)}, brief)


def _grid(at: datetime) -> int:
    """The coarsest grid that an exact time lies on."""
    return next(g for g in (15, 5, 1) if at.minute % g == 0)


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
