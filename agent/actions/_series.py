"""A meeting that repeats as `slots.find` proposes it: where it fits, or at the time that was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output
from deskhand.agent.actions._calendars import when
from deskhand.agent.actions._repeats import freer, series_at, series_within
from deskhand.agent.availability.diaries import Diary, remarks
from deskhand.agent.availability.omitted import Omitted
from deskhand.agent.availability.rooms import not_asked
from deskhand.agent.endorsers import worked_out
from deskhand.agent.model import Brief, Passage, Section
from deskhand.agent.slots import Availability, SlotRequest

_TOLD = frozenset({"notes", "missed"})
"""What is told of a series, and is not booked."""
_SAY = "Say another time, or another day."


def series_anywhere(
    context: Context,
    people: Sequence[Availability],
    wanted: SlotRequest,
    rrule: str,
    left_out: Omitted,
    *,
    limit: int,
    tell: bool,
) -> Output:
    """Where a meeting that repeats fits; without its exceptions. :raises CannotDo: nowhere."""
    found, why_not = series_within(context, people, wanted, rrule, left_out, limit=limit)
    if not found:
        raise CannotDo(why_not)
    slots = [_booked(one) for one in found]
    best = found[0]["why"]
    if found[0]["missed"]:  # whose notes say when; so many fit is enough
        best = best.partition(";")[0]
    notes = [best[:1].upper() + best[1:], *found[0]["notes"]] if best else found[0]["notes"]
    notes = [*notes, *not_asked(context.owner, slots[0].get("location", ""))]
    told = [
        f"{_when(context, o)} and so on ({'; '.join(said for said in [o['why'], *o['notes']] if said)})"
        for o in found
    ]
    return _output(
        context, slots, notes, found[0]["notes"], told, title="Times that fit every time", tell=tell
    )


def series_then(
    context: Context,
    people: Sequence[Availability],
    wanted: SlotRequest,
    rrule: str,
    left_out: Omitted,
    known: Sequence[Diary],
    *,
    limit: int,
    tell: bool,
) -> Output:
    """A series at the time that was said, without what clashes; beside it hours near that are freer.

    :raises NeedsAnswer: too much clashes to be left out.
    """
    at = series_at(context, people, wanted, rrule, left_out)
    near: list[dict[str, Any]] = []
    if at.clashes:
        near = freer(context, people, wanted, rrule, left_out, clashes=at.clashes, limit=limit - 1)
    beside = [f"Near it there is {_when(context, o)} and so on: {_how_free(o)}." for o in near]
    if not at.element:
        raise NeedsAnswer(
            " ".join([*at.notes, "That is too much to leave out, so nothing was booked.", *beside, _SAY])
        )
    slots = [at.element, *(_booked(o) for o in near)]
    notes = [*at.notes, *beside, *not_asked(context.owner, str(at.element.get("location", "")))]
    notes += remarks(known)
    told = [f"{_when(context, at.element)} and so on. {' '.join([*at.notes, *beside])}"]
    unheld = [*known[0].notes, *at.unheld]
    return _output(context, slots, notes, unheld, told, title="The series at that time", tell=tell)


def _output(
    context: Context,
    slots: list[dict[str, Any]],
    notes: Sequence[str],
    unheld: Sequence[str],
    told: Sequence[str],
    *,
    title: str,
    tell: bool,
) -> Output:
    brief = None
    if tell:
        section = Section(heading="", passages=tuple(Passage(text=t) for t in told))
        brief = Brief(title=title, sections=(section,))
    elif unheld:  # the card has the times; what is left out is said where nothing is asked, too
        brief = Brief(title="Not every time", note=" ".join(unheld))
    value = {"slots": slots, "offers": slots[1:], "notes": list(notes), "moved": []}
    return Output(value, {"": worked_out()}, brief)


def _booked(one: dict[str, Any]) -> dict[str, Any]:
    return {n: v for n, v in one.items() if n not in _TOLD}


def _when(context: Context, one: dict[str, Any]) -> str:
    return when(context, datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"]))


def _how_free(one: dict[str, Any]) -> str:
    if not one["missed"]:
        return "free every time"
    said = " ".join(one["notes"]).rstrip(".")
    return said[:1].lower() + said[1:]
