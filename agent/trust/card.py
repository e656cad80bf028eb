"""The card of a question as data: each argument as it is shown, its origin, what is odd about it.

One renderer for the terminal, pages and JSON, which only lay it out. It is made of the exact arguments and
their labels alone; what a stranger or a model wrote explains nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.model import Argument
from deskhand.agent.trust.foreign import spans
from deskhand.agent.trust.origins import PLAIN, origin
from deskhand.agent.trust.suspicion import about_people, about_text
from deskhand.agent.wording.writes import called, day, put_back, quoted, said_in
from deskhand.connectors.archive import Person
from deskhand.connectors.model import Item, ItemRef, Label
from deskhand.connectors.operations import (
    Enclosure,
    EventCreate,
    EventRestore,
    Mailbox,
    Operation,
    Undo,
)


def _nobody() -> Sequence[Person]:
    return ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What a card may look up besides the write itself. Where nothing is known, nothing is said of it."""

    look_up: Callable[[ItemRef], Item | None] = lambda _: None
    """The item at an address, as it is now."""
    mine: frozenset[str] = frozenset()
    """The owner's addresses, lower case."""
    contacts: frozenset[str] | None = None
    """Addresses the owner has written to or invited, lower case; None: not known, so nobody is new."""
    people: Callable[[], Sequence[Person]] = _nobody
    """The directory; asked only where an address is new."""
    said: str = ""
    """The request in the person's own words; of a run that follows from a mail, nothing."""
    tells: frozenset[str] = frozenset()
    """Calendars whose server tells others by itself of what is written there."""


BLIND = Sight()
"""Nothing is known besides the write."""


def shown(
    op: Operation, labels: Mapping[str, Label], sight: Sight, *, zone: str, now: datetime
) -> tuple[Argument, ...]:
    """The arguments that say something: not those that are empty, or as they always are."""
    look_up = partial(_once, sight.look_up, {})
    rows = []
    for name in op.model_dump(exclude_defaults=True):
        value = getattr(op, name)
        if value in (None, "", (), False):
            continue
        label = labels.get(name, Label())
        told = origin(label, look_up=look_up, zone=zone, now=now)
        if label.trust == "metadata" and label.origins == (str(value),):
            told = PLAIN["metadata"]  # it is the item itself, and tells its title
        if label.trust == "contact" and name in ("subject", "body"):
            told = "worked out by Deskhand, with names from your contacts"  # the words are ours
        back = isinstance(op, EventRestore) and name in ("ics", "also")
        if back and label.trust != "untrusted":
            told = PLAIN["metadata"]  # the bytes come from the calendar itself, as it was
        people = [m for m in value if isinstance(m, Mailbox)] if isinstance(value, tuple) else []
        if label.trust == "contact" and people:
            told = _whose(people, sight)
        raw = _text(op, name, value, look_up, zone, now)
        if isinstance(op, EventRestore) and back:  # with --json they are all there
            raw = _from_the_calendar(op, name, zone, now, whole=label.trust == "untrusted")
        text, marked = spans(raw, sight.said, foreign=label.trust == "untrusted", lines=name not in _ONE_LINE)
        warnings = [
            *(about_people(people, sight, answered=getattr(op, "answers", None)) if people else ()),
            *about_text(raw, sight),
        ]
        if marked and told != PLAIN["untrusted"] and any(s.kind == "foreign" for s in marked):
            told = _in_part(told, text, [s.end - s.start for s in marked if s.kind == "foreign"])
        rows.append(
            Argument(
                name=name, value=text, origin=told, trust=label.trust, origins=label.origins, spans=marked,
                warnings=tuple(dict.fromkeys(warnings)),
            )
        )  # fmt: skip
    return tuple(rows)


_ONE_LINE = ("subject", "title", "location", "path", "folder", "called")


def afterwards(undo: Undo, run: str) -> str:
    """Whether a write of this class can be taken back, in words."""
    match undo:
        case "R0":
            return "There is nothing to take back."
        case "R1":
            return f"It can be taken back, with: deskhand undo {run}"
        case "R2":
            return f"It can be taken back (deskhand undo {run}), but others will have seen it."
        case _:
            return "Once it has gone out it cannot be taken back."


def otherwise(expires: datetime, *, zone: str, now: datetime, then: str = "you are asked again") -> str:
    """What happens if nothing is decided, in words. `then`: what does when it has waited until it expires."""
    local = expires.astimezone(ZoneInfo(zone))
    return f"Nothing happens. It waits until {day(local, now=now)}, {local:%H:%M}; after that {then}."


def _whose(people: Sequence[Mailbox], sight: Sight) -> str:
    """Where addresses came from that are trusted as contacts': some of them may be in the request alone."""
    known = sight.mine | sight.contacts if sight.contacts is not None else None
    new = [m.address for m in people if known is not None and m.address.lower() not in known]
    if not new:
        return PLAIN["contact"]
    if not all(a.lower() in sight.said.lower() for a in new):
        return PLAIN["assistant"]
    return PLAIN["user"] if len(new) == len(people) else f"{PLAIN['user']}, or {PLAIN['contact']}"


def _in_part(told: str, text: str, foreign: Sequence[int]) -> str:
    """The origin of a value of which a part is the person's own."""
    own = len(text.strip()) - sum(foreign)
    return f"in part your own words; the rest {told}" if own > 1 else told


def _once(
    look_up: Callable[[ItemRef], Item | None], known: dict[ItemRef, Item | None], ref: ItemRef
) -> Item | None:
    if ref not in known:
        known[ref] = look_up(ref)
    return known[ref]


def _from_the_calendar(op: EventRestore, name: str, zone: str, now: datetime, *, whole: bool) -> str:
    if name == "ics":
        return put_back(op.ics, zone=zone, now=now, whole=whole)
    told = partial(put_back, zone=zone, now=now, whole=whole)
    return "; ".join(f"its other part, {e.ref}: {told(e.ics)}" for e in op.also)


def _day_alone(op: Operation, name: str, local: datetime) -> bool:
    """Whether no hour need stand beside a day: it is a whole one, or left out of a series at its own hour."""
    if name == "exdates" and isinstance(op, EventCreate):
        return local.time() == op.start.astimezone(local.tzinfo).time()
    whole = name == "occurrence" or bool(getattr(op, "all_day", False))
    return whole and not local.time()


def _text(
    op: Operation, name: str, value: Any, look_up: Callable[[ItemRef], Item | None], zone: str, now: datetime
) -> str:  # fmt: skip
    """An argument as text, whatever hides in it still hidden."""
    if name in ("ics", "calendar") and str(value).startswith("BEGIN:VCALENDAR"):
        return said_in(value, zone=zone, now=now)
    if isinstance(value, tuple):
        apart = "\n" if any(isinstance(v, (Mailbox, ItemRef, Enclosure)) for v in value) else ", "
        return apart.join(_text(op, name, v, look_up, zone, now) for v in value)
    match value:
        case Mailbox():
            return called(value.name, value.address)
        case Enclosure():
            title = value.name or value.ref.native.rpartition("/")[2]
            return f"{title} ({value.ref}, version {value.version})"
        case ItemRef():
            item = look_up(value)
            return f"{quoted(item.title, most=80)} ({value})" if item and item.title else str(value)
        case datetime():
            local = value.astimezone(ZoneInfo(zone))
            return day(local, now=now) + ("" if _day_alone(op, name, local) else f", {local:%H:%M}")
        case bool():
            return "yes"
        case _:
            return str(value)
