"""Times for a meeting over the connected calendars, as plain JSON: `deskhand slots` and the loopback door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, events
from deskhand.agent.actions._limits import Kept, asking, limited
from deskhand.agent.availability.daysoff import works
from deskhand.agent.availability.diaries import Diary, diaries, remarks, rooms_for, rooms_named
from deskhand.agent.availability.wanted import NotUnderstood, Wanted, wanted
from deskhand.agent.errors import Refusal
from deskhand.agent.planners.words.directory import Directory, addressed
from deskhand.agent.profile import Known
from deskhand.agent.slots import Interval, Proposal, Slot, SlotRequest, find_slots
from deskhand.agent.slots.model import LONGEST_WINDOW
from deskhand.agent.wording.writes import called

_KEPT: TypeAdapter[Kept] = TypeAdapter(Kept)
LONGEST = 24 * 60
"""Minutes that a meeting may take."""
MOST = 50
"""Proposals that are told at most."""


def openings(
    context: Context,
    known: Known,
    *,
    people: Sequence[str] = (),
    optional: Sequence[str] = (),
    minutes: int = 0,
    longest: int = 0,
    start: datetime | None = None,
    end: datetime | None = None,
    words: str = "",
    room: str = "",
    limit: int = 5,
    grid: bool = False,
    svg: bool = False,
) -> dict[str, Any]:
    """Ranked times, or why there is none, in the shape of docs/json.md.

    :param people: names or addresses; `optional` are those without whom it is possible.
    :param minutes: 0: as the words say, else 30.
    :param grid: with a picture of who is free when, as lines of text; `svg`: as a drawing.
    :param room: "any", the name of one, or "" for none.
    :raises Refusal: somebody is not known, or what was asked cannot be read.
    """
    named = {_person(p, known): True for p in people}
    named |= {a: False for p in optional if (a := _person(p, known)) not in named}
    others = [a for a in named if a not in context.owner.addresses]
    when = _window(words, context, known, start=start, end=end, minutes=minutes)
    minutes = minutes or when.minutes or 30
    also = dict(when.also)
    longest = longest or also.pop("longest", 0)
    if not 1 <= minutes <= LONGEST or (longest and not minutes <= longest <= LONGEST):
        raise Refusal(
            f"A meeting takes 1 to {LONGEST} minutes, and the longest is not shorter than the shortest."
        )
    if not 1 <= limit <= MOST:
        raise Refusal(f"Between 1 and {MOST} proposals can be shown.")
    who = diaries(
        context, others, when.start, when.end, any_hour=when.any_hour,
        optional=[a for a, required in named.items() if not required],
    )  # fmt: skip
    try:
        named_rooms = rooms_named(room, context.owner.rooms, seats=len(who))
    except LookupError as error:
        raise Refusal(str(error.args[0])) from None
    rooms = rooms_for(context, named_rooms, when.start, when.end)
    habits = context.owner.habits
    kept = replace(
        _KEPT.validate_python(also), not_before=when.not_before, not_after=when.not_after,
        not_on=tuple(when.not_on), parts=tuple(when.parts), not_parts=tuple(when.not_parts),
        within=tuple((i.start, i.end) for i in when.within),
        avoid=tuple((i.start, i.end) for i in when.avoid),
    )  # fmt: skip
    request = limited(
        context, when.start, when.end, minutes=minutes, longest=longest if longest > minutes else 0,
        grid=habits.grid, kept=kept, rooms=[r.who for r in rooms],
    )  # fmt: skip
    everybody = [asking(who[0].who, kept), *(d.who for d in who[1:])]
    proposal = find_slots(everybody, request, now=context.now, notice=habits.notice, limit=limit)
    pictures = _pictures(who, request, proposal, grid=grid, svg=svg)
    return _answer(context, who, rooms, request, proposal) | pictures


def _answer(
    context: Context, who: Sequence[Diary], rooms: Sequence[Diary], request: SlotRequest, found: Proposal
) -> dict[str, Any]:
    conflict = found.conflict
    return {
        "status": "done" if found.slots else "unclear",
        "minutes": request.minutes,
        "longest": request.longest or request.minutes,
        "zone": request.zone,
        "start": _iso(request.start, request.zone),
        "end": _iso(request.end, request.zone),
        "people": [_told(d, request) for d in who],
        "rooms": [_told(d, request) for d in rooms],
        "slots": [_slot(s, who) for s in found.slots],
        "possible": found.possible,
        "conflict": None
        if conflict is None
        else {
            "message": conflict.message,
            "blockers": list(conflict.blockers),
            "least": conflict.least,
            "nearest": [_slot(s, who) for s in conflict.nearest],
        },
        "notes": [*remarks(who), *(n for d in rooms for n in d.notes)],
    }


def _pictures(
    who: Sequence[Diary], request: SlotRequest, found: Proposal, *, grid: bool, svg: bool
) -> dict[str, Any]:
    """Who is free when, where that was asked for. On a clock nobody knows stands that it is not known."""
    if not grid and not svg:
        return {"grid": None, "svg": None}
    from deskhand.agent.slots.picture.grid import to_lines
    from deskhand.agent.slots.picture.svg import to_svg

    people = [d.who if d.zone else replace(d.who, name=f"{d.who.name} (zone?)") for d in who]
    nearest = found.slots or (found.conflict.nearest if found.conflict else ())
    return {
        "grid": to_lines(people, request, nearest).splitlines() if grid else None,
        "svg": to_svg(people, request, nearest) if svg else None,
    }


def _told(diary: Diary, request: SlotRequest) -> dict[str, Any]:
    a = diary.who
    if a.busy is not None and (a.known_until is None or a.known_until >= request.end):
        known = "all"
    else:
        known = "partly" if a.busy or (a.known_until or request.start) > request.start else "nothing"
    return {
        "name": a.name,
        "address": a.address,
        "required": a.required,
        "must_confirm": a.must_confirm,
        "zone": diary.zone or None,
        "hours_from": diary.hours_from or None,
        "known": known,
        "known_until": _iso(a.known_until, request.zone) if known != "nothing" and a.known_until else None,
        "days_off": [
            {"date": day.isoformat(), "name": name}
            for day, name in a.days_off
            if request.start.date() <= day <= request.end.date()
        ],
    }


def _slot(slot: Slot, who: Sequence[Diary]) -> dict[str, Any]:
    return {
        "start": slot.start.isoformat(),
        "end": slot.end.isoformat(),
        "why": slot.why,
        "unconfirmed": list(slot.unconfirmed),
        "absent": list(slot.absent),
        "room": slot.room,
        "points": slot.points,
        "local": [
            {"name": d.who.name, "start": _iso(slot.start, d.zone), "end": _iso(slot.end, d.zone)}
            for d in who
            if d.zone
        ],
    }


def _window(
    words: str, context: Context, known: Known, *, start: datetime | None, end: datetime | None, minutes: int
) -> Wanted:
    owner = context.owner
    try:
        when = wanted(
            words, now=context.now, zone=owner.zone, locale=owner.locale, start=start, end=end,
            minutes=minutes or 30, event=lambda named, **narrows: _event(named, context, **narrows),
            known=known, works=works(owner),
        )  # fmt: skip
    except NotUnderstood as error:
        raise Refusal(str(error)) from None
    if when.end <= when.start:
        raise Refusal("That window has no time in it: it is past, or ends before it begins.")
    if when.end - when.start > LONGEST_WINDOW:
        raise Refusal("A time is looked for in at most two years; say until when.")
    return replace(when, start=when.start.astimezone(owner.tz), end=when.end.astimezone(owner.tz))


def _event(words: str, context: Context, **narrows: Any) -> Interval:
    """The event that these words name, as `event.find` has it."""
    try:
        found = events.find(context, about=words, **narrows).value
    except CannotDo as error:
        if narrows.keys() & {"start", "end"}:
            raise NotUnderstood(str(error)) from None
        raise NotUnderstood(f"Nothing called “{words}” is in your calendar in the next 90 days.") from None
    except NeedsAnswer as error:
        raise NotUnderstood(str(error)) from None
    return Interval(datetime.fromisoformat(found["start"]), datetime.fromisoformat(found["end"]))


def _person(said: str, known: Known) -> str:
    """The address of somebody who was named. :raises Refusal: nobody is, or several are."""
    words = " ".join(said.split())
    if "@" in words:
        found = addressed(words, known)
        if len(found) != 1:
            raise Refusal(f"{words!r} is no mail address.")
        return found[0].mailbox.address.lower()
    mine = [s.address for s in known.owner.people if s.name and _same(words, s.name)]
    if len(mine) == 1:
        return mine[0]
    people = [n for n in Directory.of(known).named(words) if n.span == (0, len(words))]
    if not people:
        raise Refusal(f"I know nobody called {words!r}. Write the address: --with somebody@example.org")
    if not people[0].clear:
        which = ", ".join(f"{called(p.name, '')} ({p.addresses[0]})" for p in people[0].people[:5])
        raise Refusal(f"Which {words} do you mean: {which}? Write the address.")
    return people[0].mailbox.address.lower()


def _same(said: str, name: str) -> bool:
    return said.casefold() in {name.casefold(), *name.casefold().split()}


def _iso(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat()
