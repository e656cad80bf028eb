"""All events of a stretch of time, parted into the owner's own and those others called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import plain_title, there, when
from deskhand.agent.actions._shapes import AnEvent, Given, Handle, NotedEvent
from deskhand.agent.actions.events import named_so
from deskhand.agent.availability.agenda import answer, find_event
from deskhand.agent.endorsers import selected
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.plans.language import AT_MOST
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import quoted
from deskhand.connectors.model import Item, Label
from deskhand.connectors.occurrences import Occurrence

_SHOWN = 12


class Whose(Given):
    """Events, parted by who called them."""

    own: list[NotedEvent]
    invited: list[NotedEvent]


class Parted(Whose):
    """All events of a stretch of time."""

    left: list[Handle]
    """Those that are left alone."""


@action("event.list", gives=Parted)
def listed(
    context: Context,
    *,
    start: datetime,
    end: datetime,
    what: Literal["cancel", "decline", "move"],
    about: str = "",
    person: str = "",
    stays: Sequence[Mapping[Literal["about", "person"], str]] = (),
    called: bool = False,
    overlapping: Mapping[str, Any] | None = None,
) -> Output:
    """What lies in [start, end) and is to be cancelled, declined or moved: {own, invited, left}.

    Each element is {ref, version, source, title, occurrence, start, end, all_day, zone, notes}. `own` are
    events the owner made or called, `invited` those somebody else called. Left alone are notes to a day,
    unless they are named, what is over or has begun, and what was declined already; where something is to
    be moved, also what others called. `stays`: what was left out by name or by somebody in it; all that fits
    stays as it is. `called`: only what is called just as `about` says. `overlapping`: the event
    that [start, end) is the time of; it stays out, and own ones that overlap it are told where what others
    called is declined.

    :raises CannotDo: nothing is there to be changed, too much is, or nothing fits what shall stay.
    """
    found = [o for o in there(context, start, end) if answer(o, context.owner.addresses) != "declined"]
    if overlapping is not None:
        found = [o for o in found if (str(o.ref), _one(o)) != (overlapping["ref"], overlapping["occurrence"])]
    if person:
        found = [o for o in found if any(p.address == person or p.name == person for p in o.people)]
    if called:
        found = [o for o in found if plain_title(o.title).casefold() == plain_title(about).casefold()]
    elif about:
        found = [o for o in found if find_event([o], about)]
    kept = [o for one in stays for o in _kept(context, found, one, start, end)]
    every, found = found, [o for o in found if o not in kept]
    begun = [o for o in found if o.start <= context.now and not o.all_day]
    notes = [o for o in found if o.all_day and not about]
    meant = [o for o in found if o not in begun and o not in notes]
    theirs = [o for o in meant if not called_by_owner(context, o)]
    own = [o for o in meant if o not in theirs and what != "decline"]
    if not own and (what == "move" or not theirs):
        raise CannotDo(_nothing(context, start, end, what, every, theirs, about or person))
    if len(meant) > AT_MOST:
        raise CannotDo(
            f"That would be {len(meant)} events at once, and at most {AT_MOST} are changed together. Say a "
            "shorter time, or whose."
        )
    together = {"move": own, "decline": theirs}.get(what, [*own, *theirs])
    all_of_them = "; ".join(
        visible(f"{quoted(o.title)}, {when(context, o.start, o.end)}", lines=False) for o in together[:_SHOWN]
    )
    more = f"; and {len(together) - _SHOWN} more" if len(together) > _SHOWN else ""
    value: dict[str, Any] = {
        "own": [_element(context, o, together, f"{all_of_them}{more}") for o in own],
        "invited": [_element(context, o, together, f"{all_of_them}{more}") for o in theirs if o in together],
        "left": [str(o.ref) for o in (*begun, *notes, *kept)],
    }
    refs = tuple(dict.fromkeys(str(o.ref) for o in meant))
    label = selected(refs)
    titles = {
        f"{name}[{n}].title": Label("untrusted", (one["ref"],), ())
        for name in ("own", "invited") for n, one in enumerate(value[name])
    }  # fmt: skip
    # The list on a card is for the person alone and goes nowhere.
    yours = [o for o in meant if o not in theirs] if overlapping is not None and what == "decline" else []
    left = [*begun, *(theirs if what == "move" else []), *yours, *notes, *dict.fromkeys(kept)]
    own_refs = {
        f"{name}[{n}]": selected((one["ref"],))
        for name in ("own", "invited") for n, one in enumerate(value[name])
    }  # fmt: skip
    return Output(
        value, {"": label, **own_refs, **titles}, _left(context, left, theirs, kept, what) if left else None
    )


@action("event.whose", gives=Whose)
def whose(context: Context, *, event: AnEvent) -> Output:
    """One event as `event.list` has it: in {own} where it is the owner's, else in {invited}."""
    occurrence = datetime.fromisoformat(event["occurrence"]) if event.get("occurrence") else None
    start, end = (datetime.fromisoformat(event[n]) for n in ("start", "end"))
    found = [o for o in there(context, start, end) if str(o.ref) == event["ref"]]
    one = next((o for o in found if o.recurrence_id == occurrence), None)
    if one is None:
        raise CannotDo(f"“{event['title']}” is not in the archive any more; sync and ask again.")
    if answer(one, context.owner.addresses) == "declined":
        raise CannotDo(f"You declined “{one.title}”, {when(context, one.start, one.end)}, already.")
    made, ref = _element(context, one, [one], ""), str(one.ref)
    name, other = ("own", "invited") if called_by_owner(context, one) else ("invited", "own")
    label = selected((ref,))
    labels = {"": label, f"{name}[0].title": Label("untrusted", (ref,), ())}
    return Output({name: [made], other: []}, labels)


def called_by_owner(context: Context, occurrence: Occurrence) -> bool:
    """Whether it is the owner's: she called it, or nobody is named who did."""
    organizers = [p.address for p in occurrence.people if p.role == "organizer" and p.address]
    return not organizers or any(a in context.owner.addresses for a in organizers)


def element(context: Context, o: Occurrence, item: Item) -> dict[str, Any]:
    """One occurrence as plain JSON for later steps."""
    return {
        "ref": str(o.ref), "version": item.version, "source": o.ref.source, "title": o.title,
        "occurrence": _one(o),
        "start": o.start.isoformat(), "end": o.end.isoformat(), "all_day": o.all_day, "zone": o.zone,
    }  # fmt: skip


def _one(o: Occurrence) -> str | None:
    """Which occurrence of a series it is; None: the event is no series."""
    return o.recurrence_id.isoformat() if o.recurrence_id else None


def _element(context: Context, o: Occurrence, together: list[Occurrence], text: str) -> dict[str, Any]:
    item = context.archive.item(o.ref)
    if item is None:
        raise CannotDo(f"“{o.title}” is not in the archive any more; sync and ask again.")
    n = together.index(o) + 1
    notes = [f"This is {n} of {len(together)}: {text}."] if len(together) > 1 else []
    return element(context, o, item) | {"notes": notes}


def _kept(
    context: Context, found: list[Occurrence], said: Mapping[Literal["about", "person"], str],
    start: datetime, end: datetime,
) -> list[Occurrence]:  # fmt: skip
    """What was left out, all that fits equally well. :raises CannotDo: nothing does."""
    about, person = said.get("about", ""), said.get("person", "")
    fits = [o for o in found if not person or any(person in (p.address, p.name) for p in o.people)]
    if about:
        fits = named_so(context, fits, find_event(fits, about), about, person)
    if not fits:
        named = f"“{about}”" if about else person
        raise CannotDo(
            f"Nothing that fits {named} is in your calendar, {when(context, start, end)}, so it cannot be "
            "left out, and nothing was changed. Say what shall stay as it is called there."
        )
    return fits


def _nothing(
    context: Context, start: datetime, end: datetime, what: str, found: list[Occurrence],
    theirs: list[Occurrence], words: str,
) -> str:  # fmt: skip
    stretch = when(context, start, end)
    if theirs and what == "move":
        names = ", ".join(f"“{o.title}”" for o in theirs[:5])
        return f"Nothing was moved: {names} was called by somebody else, who alone can move it ({stretch})."
    if found:
        names = ", ".join(f"“{o.title}”" for o in found[:5])
        return f"There is nothing to {what}, {stretch}; only {names}, which stays as it is."
    fits = f" that fits “{words}”" if words else ""
    return f"There is nothing to {what} in your calendar{fits}, {stretch}."


def _left(
    context: Context, left: list[Occurrence], theirs: list[Occurrence], kept: list[Occurrence], what: str
) -> Brief:
    passages = []
    for o in left:
        if o in kept:
            why = "you said it stays"
        elif o in theirs:
            why = "somebody else called it, and alone can move it"
        elif what == "decline" and called_by_owner(context, o) and not o.all_day and o.start > context.now:
            why = "you called it yourself; move or cancel it"
        else:
            why = "it lasts all day and takes no time" if o.all_day else "it has begun already"
        item = context.archive.item(o.ref)
        text = f"“{o.title}”, {when(context, o.start, o.end)}: {why}."
        passages.append(Passage(text=text, cites=(Citation.of(item),) if item else ()))
    past = {"move": "moved", "cancel": "cancelled"}.get(what, "declined")
    return Brief(title=f"Not {past}", sections=(Section(heading=f"Not {past}", passages=tuple(passages)),))
