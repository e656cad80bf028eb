"""Whose time is known how far: connected calendars and settings become `Availability` values.

**Unknown is never free.** What a calendar does not tell, because it cannot be read, was not read to its
end, or ends before the window does, is unknown for just that stretch; what is known to be taken stays taken.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from deskhand.agent.actions import Context
from deskhand.agent.availability.agenda import busy, takes_time, told_between
from deskhand.agent.availability.copies import AROUND
from deskhand.agent.availability.daysoff import days_off
from deskhand.agent.availability.experience import hours_by_experience
from deskhand.agent.availability.journeys import journeys, kept
from deskhand.agent.profile import Room, Someone, gathered
from deskhand.agent.slots.model import Availability, Interval, Week
from deskhand.agent.slots.phrases import listed
from deskhand.agent.wording.writes import span
from deskhand.connectors.archive import Person
from deskhand.connectors.model import FreeBusy
from deskhand.connectors.occurrences import Occurrence

BEYOND = timedelta(days=29)
"""How far behind a window calendars are read: so far the nearest time is looked for when nothing fits."""

_DAY = timedelta(days=1)

HoursFrom = Literal["", "settings", "calendar", "experience"]


@dataclass(frozen=True, slots=True)
class Diary:
    """One person's time, or one room's, and how it is known."""

    who: Availability
    zone: str
    """IANA name; empty: the zone is not known, and `who.zone` only stands in for it."""
    hours_from: HoursFrom = ""
    """Who told the working hours; empty: they are not known."""
    untold: bool = False
    """No source told anything of this calendar; only meetings with the owner are known."""
    notes: tuple[str, ...] = ()
    """What else is not known, or is a guess; a sentence each."""


def there(context: Context, start: datetime, end: datetime) -> list[Occurrence]:
    """What happens in the owner's own calendars in [start, end), without what was cancelled.

    What lies in a calendar that is somebody else's is that person's time, and not in here.
    """
    return _told(context, start, end)[0]


def _told(context: Context, start: datetime, end: datetime) -> tuple[list[Occurrence], datetime]:
    """The same, and up to when it is all of it: what repeats without end is followed only so far."""
    me = context.owner.addresses
    others = {p.alias for p in context.places if p.owner and p.owner not in me}
    around = AROUND if len(calendars(context)) > 1 else timedelta(0)  # a copy may lie where it was before
    mine = [
        e
        for e in context.archive.events(start - around, end + around)
        if e.ref.source not in others and str(e.data.get("owner") or "") in {"", *me}
    ]
    found, until = told_between(
        mine, start=start, end=end, zone=context.owner.zone, me=me, places=context.places
    )
    return [o for o in found if o.status != "cancelled"], until


def taken(context: Context, start: datetime, end: datetime) -> list[Occurrence]:
    """What takes the owner's time in [start, end)."""
    return [o for o in there(context, start, end) if takes_time(o, me=context.owner.addresses)]


def blind(context: Context) -> list[str]:
    """Own calendars that could not be read: they may hold anything."""
    me = context.owner.addresses
    return [
        p.alias
        for p in context.places
        if p.alias in context.unreadable and "event" in p.holds and (not p.owner or p.owner in me)
    ]


def calendars(context: Context) -> list[str]:
    """The owner's own calendars. Where there is none, nothing tells when she is free."""
    me = context.owner.addresses
    return [
        p.alias
        for p in context.places
        if (not p.owner or p.owner in me)
        and ("event" in p.holds or any(o.startswith("event.") for o in p.operations))
    ]


def diaries(
    context: Context,
    addresses: Sequence[str],
    start: datetime,
    end: datetime,
    *,
    optional: Collection[str] = (),
    any_hour: bool = False,
    exact: bool = False,
    but: tuple[str, Interval] | None = None,
) -> list[Diary]:
    """What is known of the owner's time, then of each of these people's, around [start, end).

    :param optional: of `addresses`, those without whom it is possible.
    :param any_hour: clock times were said: the owner's working hours and lunch rule nothing out, and no hour
        is early or late for her. That of the others is still held against a time.
    :param exact: one time was said: nothing but what lies there stands against it.
    :param but: the address and the time of an event that is to move, and so is in nobody's way.
    """
    until = end + BEYOND
    mine = _own(context, start, end, any_hour=any_hour, exact=exact, but=but)
    everybody = context.archive.directory(context.owner.addresses) if addresses else []
    directory = gathered(everybody, context.owner)
    known = {a: person for person in reversed(directory) for a in person.addresses}
    asked = {a: known.get(a) or Person("", (a,), 0) for a in dict.fromkeys(a.lower() for a in addresses)}
    every = sorted({a for person in asked.values() for a in person.addresses})
    told = context.free_busy(every, start=start - _DAY, end=until) if every else {}
    found = _others(there(context, start - _DAY, until), but) if every else []
    low = {a.lower() for a in optional}
    made = [
        _theirs(context, a, who, told, found, start, end, required=a not in low, exact=exact, but=but)
        for a, who in asked.items()
    ]
    return [mine, *made]


def remarks(found: Sequence[Diary]) -> list[str]:
    """What is not known of all these people, in sentences."""
    made = [n for d in found for n in d.notes]
    if untold := [d.who.name for d in found if d.untold]:
        made.append(f"No connected calendar tells when {listed(untold)} {_are(untold)} free.")
    if zoneless := [d for d in found if not d.zone]:
        names = listed([d.who.name for d in zoneless])
        made.append(
            f"Their zone is not known, so their hours are not looked at: {names}. "
            f'Say it under [people."{zoneless[0].who.address}"] in config.toml.'
        )
    return list(dict.fromkeys(made))


def _are(names: Sequence[str]) -> str:
    return "are" if len(names) > 1 else "is"


def rooms_named(said: str, rooms: Sequence[Room], *, seats: int) -> list[Room]:
    """The rooms that would do, the smallest first: "any", or one by its name; none for "".

    :raises LookupError: there is none; says what there is.
    """
    if not said:
        return []
    if not rooms:
        raise LookupError("No room is set. Add [rooms.NAME] with its address or source to config.toml.")
    if said.casefold() != "any":
        found = [r for r in rooms if r.name.casefold() == said.casefold()]
        if not found:
            raise LookupError(f"There is no room {said!r}. There are: {', '.join(r.name for r in rooms)}.")
        return found
    large = [r for r in rooms if not r.seats or r.seats >= seats]
    if not large:
        best = max(rooms, key=lambda r: r.seats)
        raise LookupError(f"No room has {seats} seats; the largest is {best.name} with {best.seats}.")
    return sorted(large, key=lambda r: (not r.seats, r.seats))


def rooms_for(
    context: Context,
    rooms: Sequence[Room],
    start: datetime,
    end: datetime,
    *,
    but: tuple[str, Interval] | None = None,
) -> list[Diary]:
    """What is known of rooms around [start, end), `but` as in `diaries`. One whose calendar cannot be read is
    unknown altogether."""
    low, until = start - _DAY, end + BEYOND
    told = context.free_busy([r.address for r in rooms], start=low, end=until) if rooms else {}
    found = _others(there(context, low, until), but) if rooms else []
    made = []
    for room in rooms:
        answer = told.get(room.address)
        booked = [Interval(o.start, o.end) for o in found if o.start < o.end and _is_in(o, room)]
        if answer is None or answer.error:
            why = f": {answer.error}" if answer else "."
            note = f"The calendar of the room {room.name} is not known, so it is not taken{why}"
            made.append(Diary(_room(room, context, None, None), "", notes=(note,)))
            continue
        lies = [i for i in _intervals(answer) if but is None or not _same_time(i, but[1])]
        who = _room(room, context, (*lies, *booked), answer.until or until)
        made.append(Diary(who, answer.zone))
    return made


def _room(
    room: Room, context: Context, taken_: tuple[Interval, ...] | None, known: datetime | None
) -> Availability:
    return Availability(room.name, room.address, taken_, known, context.owner.zone, hours=None)


def _others(found: Sequence[Occurrence], but: tuple[str, Interval] | None) -> list[Occurrence]:
    """All but the one that is to move. Another occurrence of the same series stays."""
    return [o for o in found if but is None or str(o.ref) != but[0] or not _same_time(o, but[1])]


def _same_time(one: Occurrence | Interval, other: Interval) -> bool:
    return one.start.astimezone(UTC) == other.start.astimezone(UTC) and one.end.astimezone(
        UTC
    ) == other.end.astimezone(UTC)


def _own(
    context: Context,
    start: datetime,
    end: datetime,
    *,
    any_hour: bool,
    exact: bool,
    but: tuple[str, Interval] | None = None,
) -> Diary:
    owner, habits = context.owner, context.owner.habits
    low, until = start - _DAY, end + BEYOND
    found, known = _told(context, low, until)
    found = _others(found, but)
    lies = busy(found, me=owner.addresses)
    notes: list[str] = []
    if unread := blind(context):
        known = low
        notes.append(f"It is not certain that you are free: {', '.join(unread)} could not be read.")
    elif not calendars(context):
        known = low
        notes.append("It is not certain that you are free: no calendar of yours is connected.")
    elif known < end:
        notes.append("Something in your calendar repeats too often to be followed to the end.")
    if exact:
        who = Availability("you", owner.email, tuple(lies), known, owner.zone, None, clock_counts=False)
        return Diary(who, owner.zone, notes=tuple(notes))
    mine = [o for o in found if takes_time(o, me=owner.addresses)]
    ways = journeys(mine, minutes=habits.travel, here=_here(context), zone=owner.zone)
    who = Availability(
        "you", owner.email, (*lies, *ways), known, owner.zone,
        clock_counts=not any_hour, hours=None if any_hour else owner.hours,
        days_off=days_off(owner.off, start=low, end=until, zone=owner.zone),
        notice=habits.notice, buffer=habits.buffer, most_a_day=habits.most_a_day, lunch=habits.lunch,
        keep_lunch=habits.keep_lunch and not any_hour,
        focus=tuple(kept(habits.focus, start=low, end=until, zone=owner.zone)),
        likes=habits.likes, likes_days=habits.likes_days,
    )  # fmt: skip
    return Diary(who, owner.zone, "settings", notes=tuple(notes))


def _theirs(
    context: Context,
    address: str,
    person: Person,
    told: dict[str, FreeBusy],
    found: Sequence[Occurrence],
    start: datetime,
    end: datetime,
    *,
    required: bool,
    exact: bool,
    but: tuple[str, Interval] | None = None,
) -> Diary:
    """What is known of somebody else: what calendars tell, and the meetings with the owner.

    Those meetings tell nothing of the rest of the person's time.
    """
    owner, low, until = context.owner, start - _DAY, end + BEYOND
    same = frozenset(person.addresses)
    set_ = next((s for s in owner.people if s.address in same), Someone(address))
    name = set_.name or person.name or address
    answers = [told[a] for a in sorted(same) if a in told]
    meetings = busy((o for o in found if _invited(o, same)), me=same)
    lies = [i for a in answers for i in _intervals(a) if but is None or not _same_time(i, but[1])]
    lies += [Interval(i.start, i.end, i.tentative, meeting=i.meeting) for i in meetings]
    errors = list(dict.fromkeys(a.error for a in answers if a.error))
    complete = bool(answers) and not errors
    known = min((a.until or until for a in answers), default=low) if complete else low
    notes: list[str] = []
    if errors:
        notes.append(f"It is not known when {name} is free: {' '.join(errors)}")
    elif answers and known < end:
        stretch = span(known, known, zone=owner.zone, now=context.now).partition("–")[0]
        notes.append(f"The calendar of {name} is known only until {stretch}.")
    zone = set_.zone or next((a.zone for a in answers if a.zone), "")
    hours, hours_from = _hours(context, set_, answers, same, zone)
    if hours_from == "experience":
        notes.append(f"The working hours of {name} are by experience, not by what they said.")
    who = Availability(
        name, address, tuple(lies) if complete or lies else None, known, zone or owner.zone,
        None if exact else hours, required, set_.must_confirm and required, clock_counts=bool(zone),
        days_off=() if exact else days_off(set_.off, start=low, end=until, zone=zone or owner.zone),
        likes=set_.likes if zone else (), likes_days=set_.likes_days,
    )  # fmt: skip
    return Diary(who, zone, hours_from, untold=not answers, notes=tuple(notes))


def _hours(
    context: Context, set_: Someone, answers: Sequence[FreeBusy], same: frozenset[str], zone: str
) -> tuple[Week | None, HoursFrom]:
    if not zone:
        return None, ""  # hours of a clock that nobody knows
    if set_.hours is not None:
        return set_.hours, "settings"
    if (told := next((a.hours for a in answers if a.hours is not None), None)) is not None:
        return told, "calendar"
    if context.owner.habits.learn_hours:
        learned = hours_by_experience(context.archive, same, zone=zone, now=context.now)
        if learned is not None:
            return learned, "experience"
    return None, ""


def _intervals(answer: FreeBusy) -> list[Interval]:
    return [Interval(b.start, b.end, b.tentative, meeting=b.kind == "busy") for b in answer.busy]


def _is_in(o: Occurrence, room: Room) -> bool:
    """Whether a meeting is in a room, by its place or as it was asked for; not where the room declined."""
    said = next((p.status for p in o.people if p.address == room.address and p.role != "organizer"), None)
    return said != "declined" and (said is not None or o.location.strip().lower() == room.name.lower())


def _invited(o: Occurrence, addresses: Collection[str]) -> bool:
    return any(p.address in addresses for p in o.people)


def _here(context: Context) -> tuple[str, ...]:
    rooms = (r.name.lower() for r in context.owner.rooms)
    return (*context.owner.habits.here, *rooms)
