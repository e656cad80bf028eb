"""Which event is meant by the words of a request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.actions._calendars import meant, plain_title, there, when
from deskhand.agent.actions._shapes import MAYBE, Event, Instant
from deskhand.agent.availability.agenda import answer, find_event, others
from deskhand.agent.endorsers import selected
from deskhand.agent.slots import Interval
from deskhand.connectors.model import ItemRef, Label
from deskhand.connectors.occurrences import Occurrence

AHEAD = timedelta(days=90)
"""How far an event that is only named is looked for."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ONE_TO_ONE = re.compile(r"\b(?:1[:-]1|1 on 1|one[ -](?:on|to)[ -]one)s?\b", re.I)
_COMMON = frozenset(
    {"a", "an", "and", "appointment", "call", "event", "meeting", "meetings", "my", "of", "on", "our"}
    | {"session", "the", "with"}
)


class OneEvent(Event):
    """The event that was meant."""

    following: bool
    """It and all that follow of its series."""
    series_start: Instant = MAYBE
    series_end: Instant = MAYBE


@action("event.find", gives=OneEvent)
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
    ends: bool = False,
    ask: bool = False,
    template: str = "{}",
    every: str = "",
    soonest: bool = False,
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None,
) -> Output:
    """The one event that is meant: {ref, version, occurrence, start, end, title, source, zone, all_day}.

    `at`: it begins at `start`. Of a series it is the next occurrence, the whole with `series`, or the first
    one there and all that follow with `following`; the value says it again, with `series_start` and
    `series_end` of the whole. With `ends` it is a series that shall end before the one that is found; the
    whole, where that is its first. With `ask` a series is a question: this one, those from then on, or all.
    Several that fit are one question; `template` makes the requests that would answer it, and `every` the one
    for all of them, where they are of one series. `soonest`: the one that begins next; where nothing more is
    said, the next meeting with somebody else in it. `weekday` (Monday is 0): it is called by that day, or
    held on it by the owner's clock.
    """
    low = start or context.now
    high = (start + timedelta(minutes=1) if start and at else end) or low + AHEAD
    stretch = Interval(low, high) if start or end else None
    found = there(context, low, high)
    if weekday is not None:
        found = [o for o in found if _on_weekday(context, o, weekday)]
    words = f"{about} {person}".strip()
    fits = find_event(found, words, when=stretch) if words or stretch else []
    fits = met(context, found if stretch is None else fits, fits, about, person)
    if ends:
        fits = [o for o in fits if o.recurrence_id is not None] or fits
    fits = [o for o in fits if (low <= o.start < high if at else o.end > context.now)]
    if stretch is None or series or following:  # of a series the next one, or the whole
        first: dict[ItemRef, Occurrence] = {}
        for o in fits:
            first.setdefault(o.ref, o)
        fits = list(first.values())
    if soonest:
        fits = _soonest(context, fits if words or stretch else found)
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
    if ends and occurrence.recurrence_id is None:
        raise CannotDo(_no_series(context, template, occurrence))
    one = occurrence.recurrence_id if not series else None
    if ends and item.start is not None and one == item.start:
        one = None
    value: dict[str, Any] = {
        "ref": str(occurrence.ref), "version": item.version, "source": occurrence.ref.source,
        "title": occurrence.title, "occurrence": one.isoformat() if one else None,
        "start": occurrence.start.isoformat(), "end": occurrence.end.isoformat(),
        "all_day": occurrence.all_day, "zone": occurrence.zone,
        "following": following and one is not None,
    }  # fmt: skip
    if series and occurrence.recurrence_id is not None and item.start and item.end:
        value |= {"series_start": item.start.isoformat(), "series_end": item.end.isoformat()}
    label = selected((str(occurrence.ref),))
    return Output(value, {"": label, "title": Label("untrusted", (str(occurrence.ref),), ())})


def _on_weekday(context: Context, one: Occurrence, weekday: int) -> bool:
    called = re.search(rf"\b{_WEEKDAYS[weekday]}\w*day", one.title, re.I) is not None
    return called or one.start.astimezone(context.owner.tz).weekday() == weekday


def _soonest(context: Context, found: Sequence[Occurrence]) -> list[Occurrence]:
    """The meeting that begins next, where there is one."""
    me = context.owner.addresses
    ahead = [
        o for o in found
        if o.start >= context.now and not o.all_day and o.status != "cancelled" and others(o, me=me)
        and answer(o, me) != "declined"
    ]  # fmt: skip
    return sorted(ahead, key=lambda o: (o.start, o.end, str(o.ref)))[:1]


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
    return [o for o in found if others(o, me=context.owner.addresses).keys() == {person}]


def _telling(words: str) -> set[str]:
    return {w for w in re.findall(r"\w+", words.casefold()) if w not in _COMMON}


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


def _no_series(context: Context, template: str, o: Occurrence) -> str:
    one = f"cancel {meant(context, o.title, o.start)}"
    return f"“{o.title}”, {when(context, o.start, o.end)}, does not repeat, so it has no end. Say: {one}."


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
