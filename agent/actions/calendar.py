"""Looks into the calendars: what is on, which event is meant, when there is time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.agenda import busy, find_event, occurrences_between, takes_time
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.slots import Availability, Interval, Slot, SlotRequest, find_slots
from deskhand.agent.wording import span
from deskhand.connectors.model import Item, ItemRef, Label
from deskhand.connectors.occurrences import Occurrence, invitation

AHEAD = timedelta(days=90)
"""How far an event that is only named is looked for."""

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
    found = _there(context, start, end)
    if first:
        found = [o for o in found if o.start >= context.now and not o.all_day]
    if about or person:
        found = find_event(found, f"{about} {person}".strip())
    if first:
        found = found[:1]
    lead = [_whether_free(context, found, start, end)] if free and not (about or person) else []
    passages = [_passage(context, o) for o in found]
    when = span(start, end, zone=context.owner.zone, now=context.now)
    what = f"“{about or person}”" if about or person else "Your calendar"
    nothing = Passage(text=f"Nothing {'that fits ' if about or person else ''}is in your calendar, {when}.")
    brief = Brief(
        title=f"{what}, {when}",
        sections=(Section(heading="", passages=tuple(lead + passages) or (nothing,)),),
    )
    events = [_value(context, o, series=False) for o in found]
    return Output({"events": events}, {"": Label("untrusted", (), ())}, brief)


@action("event.find")
def find(
    context: Context,
    *,
    about: str = "",
    person: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
    at: bool = False,
    series: bool = False,
    template: str = "{}",
) -> Output:
    """The one event that is meant: {ref, version, occurrence, start, end, title, source, zone, all_day}.

    `at`: it begins at `start`. Of a series it is the next occurrence, or the whole with `series`.
    Several that fit are one question; `template` makes the requests that would answer it.
    """
    low = start or context.now
    high = (start + timedelta(minutes=1) if start and at else end) or low + AHEAD
    when = Interval(low, high) if start or end else None
    found = _there(context, low, high)
    fits = find_event(found, f"{about} {person}".strip(), when=when) if about or person or when else []
    fits = [o for o in fits if at or o.start >= context.now or o.end > context.now]
    by_ref: dict[ItemRef, Occurrence] = {}
    for occurrence in fits:
        by_ref.setdefault(occurrence.ref, occurrence)
    if not by_ref:
        named = f"“{about or person}”" if about or person else "that"
        where = f", {span(low, high, zone=context.owner.zone, now=context.now)}" if when and not at else ""
        near = ", ".join(f"“{o.title}” ({_when(context, o)})" for o in found[:3])
        raise CannotDo(f"I found no event {named}{where}." + (f" There is: {near}." if near else ""))
    if len(by_ref) > 1:
        choices = [
            template.format(f"“{o.title}” on {o.start:%Y-%m-%d} at {o.start:%H:%M}") for o in by_ref.values()
        ]
        lines = "; ".join(f"“{o.title}”, {_when(context, o)}" for o in list(by_ref.values())[:5])
        raise NeedsAnswer(f"Which event do you mean: {lines}?", choices[:3])
    (occurrence,) = by_ref.values()
    value = _value(context, occurrence, series=series)
    label = Label("metadata", (str(occurrence.ref),), ())
    return Output(value, {"": label, "title": Label("untrusted", (str(occurrence.ref),), ())})


@action("event.shift")
def shift(
    context: Context,
    *,
    event: dict[str, Any],
    start: datetime | None = None,
    day: date | None = None,
    seconds: int | None = None,
    window: list[datetime] | None = None,
    time_only: bool = False,
) -> Output:
    """The new {start, end} of an event: at a time, on another day at the same time, by a length, or the
    first free time in a window. Its length stays."""
    old, over = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    tz = ZoneInfo(context.owner.zone)
    local = old.astimezone(tz)
    if seconds is not None:
        new = old + timedelta(seconds=seconds)
    elif day is not None:
        new = _at(tz, day, local)
    elif start is not None:
        new = _at(tz, local.date(), start.astimezone(tz)) if time_only else start
    elif window:
        length = round((over - old).total_seconds() / 60)
        proposal = find_slots(
            [_me(context, window[0], window[1])],
            SlotRequest(minutes=length, start=window[0], end=window[1], zone=context.owner.zone),
            now=context.now, limit=1,
        )  # fmt: skip
        if not proposal.slots:
            raise CannotDo(proposal.conflict.message if proposal.conflict else "There is no free time then.")
        new = proposal.slots[0].start
    else:
        raise CannotDo("It was not said when the event shall be.")
    if new < context.now:
        raise CannotDo(f"{new.astimezone(tz):%a %d %b, %H:%M} is in the past.")
    value = {"start": new.isoformat(), "end": (new + (over - old)).isoformat()}
    return Output(value, {"": Label("user", (), None)})


@action("slots.find")
def slots(
    context: Context,
    *,
    people: list[str],
    minutes: int,
    start: datetime | None = None,
    end: datetime | None = None,
    at: datetime | None = None,
    said: str = "",
    tell: bool = False,
) -> Output:
    """Times for a meeting, best first: {slots: [{start, end, why}], offers: the others, as changes}.

    `at` asks for one exact time; where something is in the way, that is one question. A calendar that
    cannot be read is never taken for free: such times are "not confirmed with" that person.
    """
    length = timedelta(minutes=minutes)
    low, high = (at, at + length) if at else (start or context.now, end or context.now + timedelta(days=14))
    others = [Availability(name=_name(context, p), address=p, busy=None, hours=None) for p in people]
    me = _me(context, low, high, any_hour=at is not None)
    wanted = SlotRequest(minutes=minutes, start=low, end=high, zone=context.owner.zone, grid=5 if at else 15)
    proposal = find_slots([me, *others], wanted, now=context.now, limit=PROPOSED)
    if not proposal.slots:
        conflict = proposal.conflict
        near = conflict.nearest if conflict else ()
        message = (
            _in_the_way(context, low, high) if at else (conflict.message if conflict else "No time fits.")
        )
        request = run.request if (run := context.records.run(context.run)) else ""
        choices = (
            [request.replace(said, f"on {s.start:%Y-%m-%d} at {s.start:%H:%M}") for s in near] if said else []
        )
        free = "; ".join(_slot(context, s) for s in near)
        raise NeedsAnswer(message + (f" Near it there is: {free}." if free else ""), choices)
    found = [{"start": s.start.isoformat(), "end": s.end.isoformat(), "why": s.why} for s in proposal.slots]
    value = {"slots": found, "offers": [{"start": s["start"], "end": s["end"]} for s in found[1:]]}
    brief = _proposed(context, proposal.slots) if tell else None
    return Output(value, {"": Label("assistant", (), None)}, brief)


@action("event.invitation")
def invite(context: Context, *, event: dict[str, Any]) -> Output:
    """The mail that invites to an event that was booked: {subject, body, calendar} (RFC 6047)."""
    item = context.archive.item(ItemRef.parse(event["ref"]))
    if item is None or item.start is None or item.end is None:
        raise CannotDo("The event that was booked cannot be read back.")
    when = span(item.start, item.end, zone=context.owner.zone, now=context.now)
    lines = [
        f"{context.owner.name} invites you to “{item.title}”.",
        "",
        f"When: {when} ({context.owner.zone})",
    ]
    if item.data.get("location"):
        lines.append(f"Where: {item.data['location']}")
    value = {
        "subject": f"Invitation: {item.title}, {when}",
        "body": "\n".join([*lines, ""]),
        "calendar": invitation(item, "REQUEST"),
    }
    return Output(value, {"": Label("assistant", (str(item.ref),), None)})


def _there(context: Context, start: datetime, end: datetime) -> list[Occurrence]:
    found = occurrences_between(
        context.archive.events(start, end),
        start=start,
        end=end,
        zone=context.owner.zone,
        me=context.owner.addresses,
    )
    return [o for o in found if o.status != "cancelled"]


def _me(context: Context, start: datetime, end: datetime, *, any_hour: bool = False) -> Availability:
    # Four weeks beyond, because that far the nearest time is looked for when nothing fits.
    until = end + timedelta(days=29)
    taken = busy(_there(context, start - timedelta(days=1), until), me=context.owner.addresses)
    hours = None if any_hour else context.owner.hours
    # A calendar of mine that cannot be read may hold anything: then I am not known to be free either.
    blind = [p.alias for p in context.places if p.alias in context.unreadable and "event" in p.holds]
    known = None if blind else tuple(taken)
    return Availability("you", context.owner.email, known, until, context.owner.zone, hours)


def _in_the_way(context: Context, start: datetime, end: datetime) -> str:
    mine = [o for o in _there(context, start, end) if takes_time(o, me=context.owner.addresses)]
    if not mine:
        return f"{_local(context, start):%a %d %b, %H:%M} is too soon or past."
    named = ", ".join(f"“{o.title}” ({_when(context, o)})" for o in mine[:3])
    return f"You are not free then: {named}."


def _at(tz: ZoneInfo, on: date, clock: datetime) -> datetime:
    """A wall-clock time on another day. :raises CannotDo: the clocks skip it that day."""
    new = datetime.combine(on, clock.time(), tz)
    if new.astimezone(ZoneInfo("UTC")).astimezone(tz).time() != new.time():
        raise CannotDo(
            f"{new:%H:%M} does not exist in {tz.key} on {new:%a %d %b}: the clocks go forward then."
        )
    return new


def _value(context: Context, o: Occurrence, *, series: bool) -> dict[str, Any]:
    item = context.archive.item(o.ref)
    if item is None:
        raise CannotDo(f"“{o.title}” is not in the archive any more; sync and ask again.")
    return {
        "ref": str(o.ref), "version": item.version, "source": o.ref.source, "title": o.title,
        "occurrence": o.recurrence_id.isoformat() if o.recurrence_id and not series else None,
        "start": o.start.isoformat(), "end": o.end.isoformat(), "all_day": o.all_day, "zone": o.zone,
        "people": [p.address for p in o.people],
    }  # fmt: skip


def _passage(context: Context, o: Occurrence) -> Passage:
    item: Item | None = context.archive.item(o.ref)
    me = context.owner.addresses
    people = [p.name or p.address for p in o.people if p.role == "attendee" and p.address not in me]
    parts = [f"{_when(context, o)}: {o.title or '(no title)'}"]
    if o.location:
        parts.append(o.location)
    if people:
        parts.append(
            "with " + ", ".join(people[:6]) + (f" and {len(people) - 6} more" if len(people) > 6 else "")
        )
    if o.status == "tentative":
        parts.append("tentative")
    return Passage(text="; ".join(parts), cites=(Citation.of(item),) if item else ())


def _whether_free(context: Context, found: list[Occurrence], start: datetime, end: datetime) -> Passage:
    taken = [o for o in found if takes_time(o, me=context.owner.addresses)]
    when = span(start, end, zone=context.owner.zone, now=context.now)
    if not taken:
        return Passage(text=f"You are free, {when}.")
    return Passage(text=f"You have {len(taken)} thing{'s' if len(taken) > 1 else ''} on, {when}:")


def _proposed(context: Context, found: tuple[Slot, ...]) -> Brief:
    passages = tuple(Passage(text=_slot(context, s) + (f" ({s.why})" if s.why else "")) for s in found)
    return Brief(title="Times that fit", sections=(Section(heading="", passages=passages),))


def _slot(context: Context, slot: Slot) -> str:
    return span(slot.start, slot.end, zone=context.owner.zone, now=context.now)


def _when(context: Context, o: Occurrence) -> str:
    return span(o.start, o.end, zone=context.owner.zone, now=context.now)


def _local(context: Context, moment: datetime) -> datetime:
    return moment.astimezone(context.owner.tz)


def _name(context: Context, address: str) -> str:
    return next(
        (p.name for p in context.archive.directory(context.owner.addresses) if address in p.addresses),
        address,
    )
