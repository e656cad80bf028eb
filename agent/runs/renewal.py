"""A write to something that changed since it was read: what changed, whether the wish still makes sense, and
what has to be read again before it is asked anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from deskhand.agent.actions import Context
from deskhand.agent.actions._calendars import lies, when
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.references import behind, needs
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.references import resolve
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import ANSWERED, path_of, quoted
from deskhand.connectors.archive import Archive, Archived
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import (
    OPERATIONS,
    EventAnswered,
    EventCancel,
    EventReceive,
    EventRespond,
    EventRestore,
    EventUpdate,
    FileReplace,
    FileRestore,
    FileTrash,
    Operation,
)

MOST = 3
"""So often one step is asked anew; what changes again after that is left alone, and that is told."""

_WHOLE = (EventRestore, FileReplace, FileRestore)
"""They put down the whole of something, and would wipe out what somebody wrote meanwhile."""
_GONE = (EventCancel, FileTrash)
_BESIDE = (EventAnswered, EventRespond)
"""They note an answer beside everything else, and override nothing that may have changed."""
_WHICH = frozenset({"source", "ref", "version", "occurrence", "following"})
_COMPARED = frozenset({"start", "end", "title", "location", "attendees", "rooms", "status"})
"""What an update asks for that can be seen to be so already; anything else is still to be done."""


@dataclass(frozen=True, slots=True)
class Moot:
    """A wish that makes no sense any more. `as_wished`: because it is so already."""

    said: str
    as_wished: bool = False


def newer(archive: Archive, op: Operation) -> Archived | None:
    """What a write is about, where it is known to be no longer at the version that the write names.

    None also for what puts down the whole of something: that is never taken to another version.
    """
    ref, version = getattr(op, "ref", None), getattr(op, "version", "")
    if not version or not isinstance(ref, ItemRef) or isinstance(op, _WHOLE):
        return None
    found = archive.archived(ref)
    return found if found is not None and (found.removed or found.item.version != version) else None


def moot(context: Context, op: Operation, found: Archived, *, since: str, now: datetime) -> Moot | None:
    """Why a write makes no sense any more; None where it still does. `since`: "since you were asked"."""
    item, one = found.item, getattr(op, "occurrence", None)
    called, times = _called(item), lies(context, item, one)
    off = item.data.get("status") == "cancelled" and not isinstance(op, EventReceive)
    gone = found.removed or off or (one is not None and times is None)
    if gone and isinstance(op, EventCancel) and op.following and not found.removed and not off:
        # The rest of the series may go on without the one at which it was to end.
        return Moot(
            f"{called} is not held any more on the day from which on it was to end, so nothing was changed"
        )
    if gone:
        verb = "cancelled or taken away" if item.ref.kind == "event" else "taken away"
        what = f"{called} was {verb} {since}"
        if isinstance(op, _GONE):
            return Moot(f"{what}, so nothing is left to be done", as_wished=True)
        return Moot(f"{what}, so nothing was changed")
    if isinstance(op, (EventUpdate, EventCancel)) and times is not None and times[1] <= now:
        return Moot(f"{called} is over by now ({when(context, *times)}), so nothing was changed")
    if isinstance(op, EventUpdate) and _so_already(op, item, times):
        then = (
            f"takes place then already ({when(context, *times)})" if times and op.start else "is so already"
        )
        return Moot(f"{called} {then}, as it was changed {since}", as_wished=True)
    return None


def unsure(op: Operation, found: Archived) -> Moot:
    """Of what is missing in a source of which not everything can be read."""
    return Moot(
        f"{op.source} cannot be read by now, so whether {_called(found.item)} is still there is not certain; "
        "nothing was changed. Ask again when it can be read"
    )


def changes(context: Context, old: Item | None, new: Item, op: Operation, *, since: str) -> list[str]:
    """What changed of an item between two versions, a sentence each; never none."""
    if new.ref.kind != "event" or old is None:
        return [f"{_called(new)} was changed {since}."]
    one = getattr(op, "occurrence", None)
    made: list[str] = []
    before, after = (
        lies(context, i, one) or ((i.start, i.end) if i.start and i.end else None) for i in (old, new)
    )
    if after and before != after:
        stretch = when(context, *after)
        moved = before is None or before[0] != after[0]
        made.append(f"It was moved to {stretch} {since}." if moved else f"It takes {stretch} now.")
    if old.title != new.title:
        made.append(f"It was renamed to {_called(new)} {since}.")
    if (place := str(new.data.get("location") or "")) != str(old.data.get("location") or ""):
        made.append(f"Its place is {quoted(place)} {since}." if place else f"It has no place {since}.")
    if old.data.get("hold_until") and not new.data.get("hold_until"):
        made.append(f"It was only a time kept, and became a meeting {since}.")
    elif (status := str(new.data.get("status") or "confirmed")) != str(old.data.get("status") or "confirmed"):
        made.append(f"It became {status} {since}.")
    if any((old.data.get(n) or None) != (new.data.get(n) or None) for n in ("rrule", "exdates")):
        made.append(f"Its repetition was changed {since}.")
    had, has = ({p.address: p.status for p in i.people if p.role != "organizer"} for i in (old, new))
    made += [f"{a} {ANSWERED[s]} it {since}." for a, s in has.items() if s in ANSWERED and had.get(a) != s]
    made += [f"{a} is invited {since}." for a in has.keys() - had.keys()]
    made += [f"{a} is not invited any more {since}." for a in had.keys() - has.keys()]
    made = [visible(said, lines=False) for said in made]
    return made or [f"{_called(new)} was changed {since}, though not its time, title, place or people."]


def to_read(
    steps: Sequence[Step],
    states: Mapping[str, StepState],
    step: Step,
    ref: ItemRef,
    *,
    lists: Collection[str] = (),
) -> set[str]:
    """The steps that have to read again before a write can be asked anew.

    Those that the write rests on and that were given the item, with what they led to. Not what found the
    item: it was meant, also where the words that found it would not fit any more.

    :param lists: steps of which a list is gone through: read again, its elements might be others.
    """
    by_id = {s.id: s for s in steps}
    rests = behind(step, by_id)
    reads = [s for s in steps if s.id in rests and s.id in states and s.op not in OPERATIONS]
    reads = [s for s in reads if s.id not in lists]
    made = {s.id for s in reads if _given(s, states, ref)}
    while more := {s.id for s in reads if s.id not in made and needs(s) & made}:
        made |= more
    return made


def refreshed(context: Context, state: StepState, old: Item | None, new: Item) -> StepState | None:
    """What a step left, with the item in it as it is now; None where the item is not in it."""
    value = _fresh(context, state.value, old, new)
    return None if value == state.value else replace(state, value=value)


def _called(item: Item) -> str:
    if item.ref.kind == "event":
        return visible(quoted(item.title), lines=False)
    path = path_of(item.ref, item.title)
    return path if path == item.ref.native else visible(quoted(path), lines=False)


def _so_already(op: EventUpdate, item: Item, times: tuple[datetime, datetime] | None) -> bool:
    asked = {name for name, value in op if value is not None} - _WHICH
    if op.following or not asked <= _COMPARED:
        return False
    if op.start is not None and (times is None or times != (op.start, op.end or times[1])):
        return False
    if op.title not in (None, item.title) or op.location not in (None, str(item.data.get("location") or "")):
        return False
    if op.attendees is not None:
        there = {p.address for p in item.people if p.role == "attendee"}
        if {m.address.lower() for m in op.attendees} != there:
            return False
    if op.rooms is not None:
        rooms = {p.address for p in item.people if p.role == "resource" and p.status != "declined"}
        if {m.address.lower() for m in op.rooms} != rooms:
            return False
    held = bool(item.data.get("hold_until"))
    return op.status is None or (op.status == str(item.data.get("status") or "confirmed") and not held)


def _given(step: Step, states: Mapping[str, StepState], ref: ItemRef) -> bool:
    try:
        values = resolve(step, states)[0].values()
    except Unresolved:
        return False
    return any(v == str(ref) or (isinstance(v, dict) and v.get("ref") == str(ref)) for v in values)


def _fresh(context: Context, value: Any, old: Item | None, new: Item) -> Any:
    if isinstance(value, list):
        return [_fresh(context, v, old, new) for v in value]
    if not isinstance(value, dict):
        return value
    made = {name: _fresh(context, v, old, new) for name, v in value.items()}
    return (
        made | _element(context, made, old, new)
        if made.get("ref") == str(new.ref) and "version" in made
        else made
    )


def _element(context: Context, had: Mapping[str, Any], old: Item | None, new: Item) -> dict[str, Any]:
    """What an event (an occurrence, a series) is now, by the names it has in outputs (`event.find`)."""
    made: dict[str, Any] = {"version": new.version}
    if "title" in had:
        made["title"] = new.title
    if not {"start", "end"} <= had.keys() or new.start is None or new.end is None:
        return made
    one = datetime.fromisoformat(had["occurrence"]) if had.get("occurrence") else None
    times = lies(context, new, one)
    if had.get("series_start") and old is not None and old.start is not None:
        made |= {"series_start": new.start.isoformat(), "series_end": new.end.isoformat()}
        tz = context.owner.tz
        by = new.start.astimezone(tz).replace(tzinfo=None) - old.start.astimezone(tz).replace(tzinfo=None)
        start = datetime.fromisoformat(had["start"]).astimezone(tz) + by
        times = start, start + (new.end - new.start)
    if times is not None:
        made |= {"start": times[0].isoformat(), "end": times[1].isoformat()}
    return made
