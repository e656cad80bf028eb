"""What an effect makes of events: which of them, from which version, what each becomes; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn
from uuid import NAMESPACE_URL, uuid5

from deskhand.connectors import _ical_edit as edit
from deskhand.connectors._ical_answer import answered, respond
from deskhand.connectors._ical_edit import Edited
from deskhand.connectors._ical_event import read_series
from deskhand.connectors._ical_lines import Lines, value_of
from deskhand.connectors._ical_receive import received
from deskhand.connectors._ical_split import shortened, split
from deskhand.connectors._ical_text import wrapped
from deskhand.connectors._ical_times import Zones
from deskhand.connectors._shelf import Shelf
from deskhand.connectors.errors import (
    Changed,
    Missing,
    Unsupported,
)
from deskhand.connectors.operations import (
    EventAnswered,
    EventCancel,
    EventCreate,
    EventReceive,
    EventRespond,
    EventRestore,
    EventState,
    EventUpdate,
    Operation,
)

OPERATIONS: tuple[type[Operation], ...] = (
    EventCreate, EventUpdate, EventAnswered, EventRespond, EventReceive, EventCancel,
    EventRestore,
)  # fmt: skip
Changing = EventUpdate | EventAnswered | EventRespond | EventReceive | EventCancel | EventRestore


@dataclass(frozen=True, slots=True)
class Step:
    """One event of an effect: the version it must be at before, and what it becomes."""

    native: str
    version: str
    edited: Edited


class Steps:
    """Decides what is to be written; see `Writes`."""

    def __init__(self, shelf: Shelf, me: str, *, uid: Callable[[str], str] | None = None) -> None:
        """:param uid: the UID of an event that an effect makes, by its key."""
        self._shelf, self._me, self._uid = shelf, me, uid or _uid

    def steps(self, operation: Changing, key: str, now: datetime) -> Sequence[Step]:
        """What an effect changes; the event it names comes last."""
        native = operation.ref.native
        if isinstance(operation, EventRestore):
            states = [*operation.also, EventState.model_construct(
                ref=operation.ref, version=operation.version, ics=operation.ics,
            )]  # fmt: skip
            return [
                Step(s.ref.native, s.version, self._restored(s.ref.native, s.ics, key, operation, now))
                for s in states
            ]
        found = self._shelf.find(native)
        if found is None:
            if isinstance(operation, EventReceive) and not operation.version:
                new = received(operation, None, uid=native, key=key, me=self._me, now=now)
                return [Step(native, "", new)]
            raise Missing("The event is not there any more.")
        file, name, uid = found
        group = file.groups[uid]
        if group.version != operation.version:
            self._refuse(key)
        self._shelf.check(name, file, uid)
        zones = Zones(file.data, group.calendar)
        try:
            series = read_series(file.data, group, zones)
        except (ValueError, OverflowError) as e:
            raise Unsupported(f"The event cannot be changed: {e}") from e
        it = edit.Found(file.data, group, series, zones)
        me = self._me
        match operation:
            case EventUpdate(following=True):
                if (halves := split(operation, it, uid=self._uid(key), key=key, me=me, now=now)) is not None:
                    return [
                        Step(self._uid(key), "", halves.right),
                        Step(native, operation.version, halves.left),
                    ]
                whole = operation.model_copy(update={"occurrence": None, "following": False})
                edited = edit.update(whole, it, key=key, me=me, now=now)
            case EventUpdate():
                edited = edit.update(operation, it, key=key, me=me, now=now)
            case EventAnswered():
                edited = answered(operation, it, key=key, me=me, now=now)
            case EventRespond():
                edited = respond(operation, it, key=key, me=me, now=now)
            case EventReceive():
                edited = received(operation, it, uid=uid, key=key, me=me, now=now)
            case EventCancel(following=True):
                shorter = shortened(operation, it, key=key, me=me, now=now)
                whole_ = operation.model_copy(update={"occurrence": None, "following": False})
                edited = shorter or edit.cancel(whole_, it, key=key, me=me, now=now)
            case EventCancel():
                edited = edit.cancel(operation, it, key=key, me=me, now=now)
        if not self._shelf.keeps_cancelled and edited.components and all(map(_called_off, edited.components)):
            edited = Edited([])
        return [Step(native, operation.version, edited)]

    def _refuse(self, key: str) -> NoReturn:
        """Say that the event changed."""
        raise Changed("The event changed since it was read.")

    def _restored(self, native: str, ics: str, key: str, operation: EventRestore, now: datetime) -> Edited:
        found = self._shelf.find(native)
        if found:
            self._shelf.check(found[1], found[0], found[2])
        if not ics:
            return Edited([])
        uid = found[2] if found else native
        seen = wrapped(found[0].data, found[0].groups[uid]) if found else ""
        if operation.revised:
            return edit.restore(ics, uid=uid, key=key, revised=edit.Revision(seen, self._me, now))
        return edit.restore(ics, uid=uid, key=key)


def _called_off(component: str) -> bool:
    return value_of(Lines(component), "STATUS").strip().upper() == "CANCELLED"


def _uid(key: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"deskhand:{key}"))
