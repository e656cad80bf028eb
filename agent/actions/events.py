"""Which event is meant, when it shall be, and what those invited are told about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.actions._anew import Anew, Another, Own, Side, found_anew, in_the_way, window_of
from deskhand.agent.actions._calendars import meant, on_the_clock, plain_title, there, when
from deskhand.agent.actions._limits import Kept
from deskhand.agent.actions._told import changed, from_then_on, invited, put_back, shifted
from deskhand.agent.agenda import find_event
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.slots import Interval, Slot
from deskhand.connectors.itip import invitation
from deskhand.connectors.model import Item, ItemRef, Label, Participant
from deskhand.connectors.occurrences import Occurrence

AHEAD = timedelta(days=90)
"""How far an event that is only named is looked for."""

_ONE_TO_ONE = re.compile(r"\b(?:1[:-]1|1 on 1|one[ -](?:on|to)[ -]one)s?\b", re.I)
_COMMON = frozenset(
    [
        "the",
        "a",
        "an",
        "my",
        "our",
        "meeting",
        "meetings",
        "event",
        "appointment",
        "call",
        "session",
        "with",
        "of",
        "on",
        "and",
    ]
)


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
    following: bool = False,
    ask: bool = False,
    template: str = "{}",
    every: str = "",
) -> Output:
    """The one event that is meant: {ref, version, occurrence, start, end, title, source, zone, all_day}.

    `at`: it begins at `start`. Of a series it is the next occurrence, the whole with `series`, or the first
    one there and all that follow with `following`; the value says it again, with `series_start` and
    `series_end` of the whole. With `ask` a series is a question: this one, those from then on, or all.
    Several that fit are one question; `template` makes the requests that would answer it, and `every` the one
    for all of them, where they are of one series.
    """
    low = start or context.now
    high = (start + timedelta(minutes=1) if start and at else end) or low + AHEAD
    stretch = Interval(low, high) if start or end else None
    found = there(context, low, high)
    words = f"{about} {person}".strip()
    fits = find_event(found, words, when=stretch) if words or stretch else []
    fits = met(context, found if stretch is None else fits, fits, about, person)
    fits = [o for o in fits if (low <= o.start < high if at else o.end > context.now)]
    if stretch is None or series or following:  # of a series the next one, or the whole
        first: dict[ItemRef, Occurrence] = {}
        for o in fits:
            first.setdefault(o.ref, o)
        fits = list(first.values())
    if not fits:
        if at and start is not None:
            raise CannotDo(_nothing_then(context, start, about, person))
        raise CannotDo(_nothing(context, about or person, found, stretch))
    if len(fits) > 1:
        shown = "; ".join(f"“{o.title}”, {when(context, o.start, o.end)}" for o in fits[:5])
        choices = [_choice(context, template, o) for o in fits[:5]]
        if every and len({o.ref for o in fits}) == 1:
            choices.insert(0, every.format(f"“{plain_title(fits[0].title)}”"))
        raise NeedsAnswer(f"Which event do you mean: {shown}?", choices)
    (occurrence,) = fits
    item = context.archive.item(occurrence.ref)
    if item is None:
        raise CannotDo(f"“{occurrence.title}” is not in the archive any more; sync and ask again.")
    if ask and occurrence.recurrence_id is not None:
        raise _how_much(context, template, occurrence)
    one = occurrence.recurrence_id if not series else None
    value: dict[str, Any] = {
        "ref": str(occurrence.ref), "version": item.version, "source": occurrence.ref.source,
        "title": occurrence.title, "occurrence": one.isoformat() if one else None,
        "start": occurrence.start.isoformat(), "end": occurrence.end.isoformat(),
        "all_day": occurrence.all_day, "zone": occurrence.zone,
        "following": following and one is not None,
    }  # fmt: skip
    if series and occurrence.recurrence_id is not None and item.start and item.end:
        value |= {"series_start": item.start.isoformat(), "series_end": item.end.isoformat()}
    label = Label("metadata", (str(occurrence.ref),), ())
    return Output(value, {"": label, "title": Label("untrusted", (str(occurrence.ref),), ())})


@action("event.shift")
def shift(
    context: Context,
    *,
    event: dict[str, Any],
    start: datetime | None = None,
    day: date | None = None,
    clock: time | None = None,
    days: int | None = None,
    seconds: int | None = None,
    window: list[datetime] | None = None,
    weekday: int | None = None,
    minutes: int | None = None,
    longer: int | None = None,
    kept: Kept | None = None,
    of_its_week: bool = False,
    another: Another | None = None,
    own: Own | None = None,
    side: Side | None = None,
) -> Output:
    """The new {start, end, notes, offers} of an event; its length stays unless another is said.

    `of_its_week`: the day, instant or window was said as a weekday alone; it is that of the week (Monday to
    Sunday) in which the event is, and of the week after where that is over, or where the event is then.

    At an instant, on another `day` or at another `clock` time of the owner's zone (the other stays), on
    another `weekday` of its week (Monday is 0), later by `days` (at the same time of day) or `seconds`, or
    the best time in a window that is `kept` to and suits all those invited, as far as is known; so also with
    `another`, `own` and `side`, which say where it is looked for (see `Anew`), and on a day at whose hour
    something is in the way. `offers` are the next best then. Or it stays, and lasts `minutes`, or `longer` by
    so many. Of a whole series the times are those of its first occurrence, moved as far. `notes` are facts
    about a time that was looked for.
    """
    old, over = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    notes: list[str] = []
    others: list[Slot] = []
    where = Anew(another, own, side)
    tz = ZoneInfo(context.owner.zone)
    local = old.astimezone(tz)
    if event.get("all_day") and (clock or seconds or start):
        raise CannotDo(f"“{event['title']}” lasts all day; say the day it shall be on.")
    if minutes is not None or longer is not None:
        return _lasting(event, old, over, minutes=minutes, longer=longer or 0)
    if of_its_week and (start or day or window):
        exact = start or datetime.combine(day or local.date(), clock or local.time(), tz)
        said = window[0] if window else exact
        by = _to_its_week(context, said, window[1] if window else None, old)
        start = start and _later(tz, start, by)
        day = day and day + by
        window = window and [_later(tz, w, by) for w in window]
    if start is not None:
        new = start
    elif weekday is not None:
        moved = local if clock is None else datetime.combine(local.date(), clock)
        new = on_the_clock(tz, local.date() + timedelta(days=weekday - local.weekday()), moved)
    elif day is not None or clock is not None:
        moved = local if clock is None else datetime.combine(local.date(), clock)
        new = on_the_clock(tz, day or local.date(), moved)
        if clock is None and not event.get("all_day") and not event.get("series_start"):
            new, others, notes = _that_day(context, event, new)
    elif days is not None:
        new = on_the_clock(tz, local.date() + timedelta(days=days), local)
    elif seconds is not None:
        new = old + timedelta(seconds=seconds)
    elif window or where != Anew():
        if event.get("all_day"):
            raise CannotDo(f"“{event['title']}” lasts all day; say the day it shall be on.")
        low, high = window_of(context, event, where, window)
        best, others, notes = found_anew(context, event, low, high, kept=kept or Kept(), where=where)
        new = best.start
    else:
        raise CannotDo("It was not said when the event shall be.")
    if new < context.now:
        there_ = new.astimezone(tz)
        raise CannotDo(f"{there_:%a} {there_.day} {there_:%b}, {there_:%H:%M} is in the past.")
    length = over - old
    if event.get("series_start"):
        first, last = (datetime.fromisoformat(event[n]) for n in ("series_start", "series_end"))
        by = new.astimezone(tz).replace(tzinfo=None) - local.replace(tzinfo=None)
        moved = first.astimezone(tz).replace(tzinfo=None) + by
        new, length = on_the_clock(tz, moved.date(), moved), last - first
        others = []
    value = {
        "start": new.isoformat(), "end": (new + length).isoformat(), "notes": notes,
        "offers": [{"start": s.start.isoformat(), "end": s.end.isoformat(), "why": s.why} for s in others],
    }  # fmt: skip
    return Output(value, {"": Label("user", (), None), "notes": Label("assistant", (), None)})


def _that_day(
    context: Context, event: dict[str, Any], new: datetime
) -> tuple[datetime, list[Slot], list[str]]:
    """An event that moves to a day keeps its hour where that is free; else the best time of the day."""
    midnight = new.replace(hour=0, minute=0, second=0, microsecond=0)
    lies = in_the_way(context, event, new) if new >= context.now else []
    if not lies:
        return new, [], []
    over = midnight + timedelta(days=1)
    try:
        best, more, notes = found_anew(
            context, event, max(midnight, context.now), over, kept=Kept(), where=Anew()
        )
    except (CannotDo, NeedsAnswer):
        return new, [], []  # then what lies there is said on the card
    told = f"At its own hour, {new:%H:%M}, there is {'; '.join(lies[:3])}."
    return best.start, more, [told, *notes]


def _to_its_week(context: Context, said: datetime, until: datetime | None, old: datetime) -> timedelta:
    """By how many whole weeks a weekday that was said alone is off that of an event's own week."""
    tz = context.owner.tz
    then, own = said.astimezone(tz), old.astimezone(tz).date()
    monday = own - timedelta(days=own.weekday())
    by = monday + timedelta(days=then.weekday()) - then.date()
    while _later(tz, until or said, by) <= context.now or (until is None and _later(tz, said, by) == old):
        by += timedelta(days=7)
    return by


def _later(tz: ZoneInfo, instant: datetime, by: timedelta) -> datetime:
    """The same clock time some days later, or earlier."""
    local = instant.astimezone(tz)
    return on_the_clock(tz, local.date() + by, local)


def _lasting(
    event: dict[str, Any], old: datetime, over: datetime, *, minutes: int | None, longer: int
) -> Output:
    if event.get("all_day"):
        raise CannotDo(f"“{event['title']}” lasts all day; its length cannot be changed in minutes.")
    if event.get("series_start"):
        old, over = (datetime.fromisoformat(event[n]) for n in ("series_start", "series_end"))
    length = timedelta(minutes=minutes) if minutes is not None else over - old + timedelta(minutes=longer)
    if length <= timedelta(0):
        had = (over - old) // timedelta(minutes=1)
        raise CannotDo(f"“{event['title']}” lasts {had} minutes; so much cannot be taken off.")
    if length == over - old:
        raise CannotDo(f"“{event['title']}” lasts {length // timedelta(minutes=1)} minutes already.")
    value = {"start": old.isoformat(), "end": (old + length).isoformat(), "notes": [], "offers": []}
    return Output(value, {"": Label("user", (), None)})


@action("event.invitation")
def invite(context: Context, *, event: dict[str, Any]) -> Output:
    """The mail that invites to an event that was booked: {subject, body, calendar} (RFC 6047)."""
    item = context.archive.item(ItemRef.parse(event["ref"]))
    if item is None or item.start is None or item.end is None:
        raise CannotDo("The event that was booked cannot be read back.")
    data = item.data
    subject, body = invited(
        context, item.title, item.start, item.end,
        rrule=str(data.get("rrule") or ""), place=str(data.get("location") or ""),
    )  # fmt: skip
    try:
        calendar = invitation(item, "REQUEST")
    except ValueError as error:
        raise CannotDo(f"The invitation cannot be written: {error}") from None
    value = {"subject": subject, "body": body, "calendar": calendar}
    return Output(value, {"": Label("assistant", (str(item.ref),), None)})


@action("event.notice")
def notice(
    context: Context,
    *,
    event: dict[str, Any],
    change: dict[str, Any],
    what: Literal["moved", "cancelled", "restored"],
    by_mail: bool,
    before: bool = False,
) -> Output:
    """The mail that tells those invited that an event was moved, cancelled or put back as it was.

    {source, to, subject, body, calendar}; `source` is the mailbox that can send it. Of a series that was
    changed from one occurrence on it is about the new series; `before` makes the mail about the one that
    ends now, and nothing where no series was cut.
    `event` is as `event.find` has it; what is not in it (title, start, end) is as in the calendar then.
    A calendar file tells nobody by itself. `to` is empty where nobody else is invited, where the
    meeting is somebody else's, or where no mail can be sent; who was not told is said then.
    """
    ref = ItemRef.parse(event["ref"])
    after = context.archive.item(ref)
    item = context.archive.item(ref, event["version"]) or after
    mailbox = context.place("mail.send") if by_mail else None
    nobody = {"source": "", "to": [], "subject": "", "body": "", "calendar": ""}
    own = Label("metadata", (str(ref),), ())
    mine = {"": Label("assistant", (str(ref),), None), "to": own, "source": Label("assistant", (), None)}
    people = _invited(context, item) if item else []
    cut = _rest_of(context, event, change)
    if item is None or not people or (before and cut is None):
        return Output(nobody, mine)
    after = cut if cut is not None and not before else after
    organizer = item.person("organizer")
    names = ", ".join(p.name or p.address for p in people)
    if organizer is not None and organizer.address not in context.owner.addresses:
        who = organizer.name or organizer.address
        return Output(
            nobody,
            mine,
            _told(item, f"Only your own copy was {what}: {who} called this meeting and was not told."),
        )
    if mailbox is None:
        said = f"Not told: {names}. No connected mailbox can send; please tell them yourself."
        return Output(nobody, mine, _told(item, said))
    one = datetime.fromisoformat(event["occurrence"]) if event.get("occurrence") and not cut else None
    first, last = item.start or context.now, item.end or context.now
    event = {"title": item.title, "start": first.isoformat(), "end": last.isoformat(), **event}
    old = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    if what == "restored":
        subject, body = put_back(context, event["title"], _new_time(context, after, one) or old)
    elif cut is not None:
        now = (cut.start, cut.end) if cut.start and cut.end and not before else None
        subject, body = from_then_on(context, event["title"], old, now)
    else:
        now = shifted(context, event, _new_time(context, after, one) if what == "moved" else None)
        subject, body = changed(context, what, event["title"], old, now)
    value = {
        "source": mailbox.alias,
        "to": [{"address": p.address, "name": p.name} for p in people],
        "subject": subject,
        "body": body,
        "calendar": _itip(after or item, what, one if what != "restored" else None),
    }
    return Output(value, mine)


def named_so(
    context: Context, found: Sequence[Occurrence], fits: list[Occurrence], about: str, person: str
) -> list[Occurrence]:
    """Of those that fit the words, the ones that are called just so, where there are any.

    "The board meeting" is the event "Board meeting" before "Board pack review"; "my 1:1 with Sam" is the one
    with nobody but Sam in it, whatever its title.
    """
    if person and _ONE_TO_ONE.fullmatch(about) and (alone := _alone(context, found, person)):
        titled = [o for o in alone if _ONE_TO_ONE.search(o.title)]
        return titled or alone
    wanted = _telling(about)
    return [o for o in fits if wanted and _telling(o.title) == wanted] or fits


def met(
    context: Context, found: Sequence[Occurrence], fits: list[Occurrence], about: str, person: str
) -> list[Occurrence]:
    """As `named_so`, where one meeting is meant.

    "My meeting with Marta" is the one with her alone; else one that has her name in its title; else any.
    """
    if not person or _telling(about):
        return named_so(context, found, fits, about, person)
    with_her = [o for o in found if any(p.address == person for p in o.people)]
    names = {w for o in with_her for p in o.people if p.address == person for w in _telling(p.name)}
    titled = [o for o in with_her if names & _telling(o.title)]
    return _alone(context, found, person) or titled or with_her or fits


def _alone(context: Context, found: Sequence[Occurrence], person: str) -> list[Occurrence]:
    """The meetings in which the owner is with this person, and nobody else."""
    mine = context.owner.addresses
    return [o for o in found if {p.address for p in o.people if p.address} - mine == {person}]


def _telling(words: str) -> set[str]:
    return {w for w in re.findall(r"\w+", words.casefold()) if w not in _COMMON}


def _rest_of(context: Context, event: dict[str, Any], change: dict[str, Any]) -> Item | None:
    """The series that an event became from one occurrence on, if it was cut."""
    also = (change.get("detail") or {}).get("also") or {}
    if not event.get("following") or len(also) != 1:
        return None
    return context.archive.item(ItemRef.parse(next(iter(also))))


def _how_much(context: Context, template: str, o: Occurrence) -> NeedsAnswer:
    """The question how much of a series is meant; its choices are whole requests."""
    this = meant(context, o.title, o.start)
    plain = this.partition(" on ")[0]
    day = o.start.astimezone(context.owner.tz)
    question = (
        f"“{o.title}” repeats. Change only the one of {when(context, o.start, o.end)}, all from then on, or "
        "the whole series?"
    )
    choices = [template.format(this), template.format(f"{plain} from {day:%Y-%m-%d} on")]
    choices.append(template.format(f"the whole series of {plain}"))
    return NeedsAnswer(question, choices)


def _choice(context: Context, template: str, o: Occurrence) -> str:
    return template.format(meant(context, o.title, o.start))


def _nothing(context: Context, words: str, found: list[Occurrence], stretch: Interval | None) -> str:
    named = f"I found no event “{words}”" if words else "I found no such event"
    where = f", {when(context, stretch.start, stretch.end)}" if stretch else ""
    near = ", ".join(f"“{o.title}” ({when(context, o.start, o.end)})" for o in found[:3])
    return f"{named}{where}." + (f" There is: {near}." if near else "")


def _nothing_then(context: Context, at: datetime, about: str, person: str) -> str:
    """Nothing begins just then: what there is by the same words or with the same person, soon."""
    day = at.astimezone(context.owner.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    ahead = there(context, day, day + AHEAD)
    words = f"{about} {person}".strip()
    near = find_event(ahead, words) if words else [o for o in ahead if o.start < day + timedelta(days=1)]
    shown = ", ".join(f"“{o.title}” ({when(context, o.start, o.end)})" for o in near[:3])
    name = next(
        (p.name for o in ahead for p in o.people if person and p.address == person and p.name), person
    )
    named = (f" “{about}”" if about else "") + (f" with {name}" if name else "")
    local = at.astimezone(context.owner.tz)
    then = f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
    return f"There is no event{named} that begins {then}." + (f" There is: {shown}." if shown else "")


def _invited(context: Context, item: Item) -> list[Participant]:
    people = {p.address: p for p in item.people if p.role == "attendee" and "@" in p.address}
    return [p for a, p in people.items() if a not in context.owner.addresses and p.status != "declined"]


def to_be_told(context: Context, item: Item) -> list[Participant]:
    """Those whom a change of this event is told; nobody where somebody else called it."""
    organizer = item.person("organizer")
    if organizer is not None and organizer.address not in context.owner.addresses:
        return []
    return _invited(context, item)


def _new_time(context: Context, item: Item | None, one: datetime | None) -> tuple[datetime, datetime] | None:
    if item is None or item.start is None or item.end is None:
        return None
    if one is None:
        return item.start, item.end
    moved = [o for o in there(context, context.now, context.now + AHEAD * 4) if o.ref == item.ref]
    found = next((o for o in moved if o.recurrence_id == one), None)
    return (found.start, found.end) if found else None


def _itip(item: Item, what: str, one: datetime | None) -> str:
    try:
        return invitation(item, "CANCEL" if what == "cancelled" else "REQUEST", occurrence=one)
    except ValueError:
        return ""  # the words of the mail say it too


def _told(item: Item, text: str) -> Brief:
    passage = Passage(text=text, cites=(Citation.of(item),))
    return Brief(title=item.title, sections=(Section(heading="", passages=(passage,)),))
