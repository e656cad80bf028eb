"""Writes events into the files of a `Shelf`: once or not at all, found again after a crash, and taken back.

A component that was written carries the key of its effect. Where one effect changes two events (a series
that is split), the one it names is written last: its key says that all is done, and a second call goes
on where the first was cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from deskhand.connectors._calendar_kept import Kept
from deskhand.connectors._calendar_steps import Changing, Step, Steps
from deskhand.connectors._ical_create import create
from deskhand.connectors._ical_edit import Edited
from deskhand.connectors._ical_lines import Lines
from deskhand.connectors._ical_text import wrapped
from deskhand.connectors._ics_file import Mark, Opened, alone, locked, new_file, opened, splice
from deskhand.connectors._shelf import Shelf
from deskhand.connectors.errors import (
    Changed,
    Conflict,
    Exists,
    Missing,
    SourceError,
    Transient,
    Unknown,
)
from deskhand.connectors.model import ItemRef, Receipt
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

_ATTEMPTS = 5


class Writes(Steps):
    """The writing half of a calendar source."""

    def __init__(
        self, source: str, state: Path, shelf: Shelf, me: str, *, uid: Callable[[str], str] | None = None
    ) -> None:
        """:param uid: the UID of an event that an effect makes, by its key."""
        super().__init__(shelf, me, uid=uid)
        self._source, self._state = source, state
        self._kept = Kept(state)
        self._wrote = False
        """In the call that is under way: from then on a failure no longer says that nothing was changed."""

    def perform(self, operation: Operation, *, key: str, now: datetime) -> Receipt:
        """See `Connector.perform`."""
        with locked(self._state):
            self._wrote = False
            try:
                for _ in range(_ATTEMPTS):
                    if (done := self.find(operation, key=key)) is not None:
                        return done
                    if (receipt := self._try(operation, key, now)) is not None:
                        return receipt
            except Unknown:
                raise
            except Conflict as e:
                if self._wrote:
                    self._leave_no_half(operation, key, e)
                raise
            except SourceError as e:
                if not self._wrote:
                    raise
                raise Unknown(f"The event was written, but cannot be read back: {e}") from e
        raise Transient("Another program keeps writing to the calendar; nothing was changed.")

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        """See `Connector.find`."""
        if isinstance(operation, EventCreate):
            native = self._uid(key)
            version = self._version(native)
            return Receipt(self._ref(native), version) if version else None
        if not isinstance(operation, Changing) or not self._done(operation.ref.native, key):
            return None
        also = self._also(operation, key)
        return Receipt(operation.ref, self._version(operation.ref.native), {"also": also} if also else {})

    def where(self, operation: Operation, *, key: str) -> str:
        """See `Connector.where`."""
        uid = self._uid(key) if isinstance(operation, EventCreate) else ""
        if isinstance(operation, Changing):
            uid = operation.ref.native
        return f"in the calendar {self._source}, the event with the UID {uid}" if uid else ""

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        """See `Connector.inverse`."""
        match operation:
            case EventCreate():
                return EventCancel(source=self._source, ref=receipt.ref, version=receipt.version)
            case EventReceive(version=""):  # it was not there, whoever is invited
                return EventRestore(source=self._source, ref=operation.ref, version=receipt.version, ics="")
            case EventRestore(version=""):
                return EventCancel(source=self._source, ref=receipt.ref, version=receipt.version)
            case (
                EventUpdate()
                | EventAnswered()
                | EventRespond()
                | EventReceive()
                | EventCancel()
                | EventRestore()
            ):
                before = {str(s.ref): s.version for s in getattr(operation, "also", ())}
                now = receipt.detail.get("also", {})
                try:
                    return EventRestore(
                        source=self._source, ref=operation.ref, version=receipt.version,
                        ics=self._kept.before(operation.ref, operation.version),
                        also=tuple(
                            EventState(
                                ref=ItemRef.parse(ref), version=version,
                                ics=self._kept.before(ItemRef.parse(ref), before.get(ref, "")),
                            )
                            for ref, version in now.items()
                        ),
                    )  # fmt: skip
                except OSError:
                    return None
            case _:
                return None

    def _try(self, operation: Operation, key: str, now: datetime) -> Receipt | None:
        """One attempt; None where a file changed meanwhile."""
        if isinstance(operation, EventCreate):
            uid = self._uid(key)
            edited = create(operation, uid=uid, key=key, me=self._me, now=now)
            name, there = self._shelf.home(operation.calendar, uid)
            if not self._put(name, there, [(uid, edited)]):
                return None
            return Receipt(self._ref(uid), self._written(uid))
        assert isinstance(operation, Changing)  # noqa: S101 - `operations`
        steps = self.steps(operation, key, now)
        todo = steps
        if len(steps) > 1 or isinstance(operation, EventRestore):  # of one alone `steps` has made sure
            todo = [s for s in steps if not self._done(s.native, key)]
            for step in todo:
                self._expect(step, operation)
        if not self._write(todo, key):
            return None
        also = {str(self._ref(s.native)): self._version(s.native) for s in steps[:-1]}
        return Receipt(operation.ref, self._version(operation.ref.native), {"also": also} if also else {})

    def _expect(self, step: Step, operation: Changing) -> None:
        version = self._version(step.native)
        if version == step.version:
            return
        if not version:
            raise Missing("The event is not there any more.")
        if not step.version and not isinstance(operation, EventRestore):
            raise Exists("The new series is there already, and was changed since.")
        raise Changed("The event changed since it was read.")

    def _refuse(self, key: str) -> NoReturn:
        """Say that the event changed; what an attempt that was cut off left beside it goes."""
        self._take_back(key)
        super()._refuse(key)

    def _take_back(self, key: str) -> None:
        """Take away the second half of a series whose first was not written. :raises Unknown: it stays."""
        native = self._uid(key)
        for _ in range(_ATTEMPTS):
            found = self._shelf.find(native)
            if found is None or not self._done(native, key):
                return
            file, name, uid = found
            if self._put(name, file, [(uid, Edited([]))]):
                return
        raise Unknown(
            "The series changed while it was divided. Its second half is in the calendar as a series of its "
            "own, and the first goes on as it was: one of them has to be taken away."
        )

    def _leave_no_half(self, operation: Operation, key: str, conflict: Conflict) -> None:
        """After a conflict when something was written already. :raises Unknown: a part of it stays."""
        try:
            if isinstance(operation, EventUpdate):
                return self._take_back(key)
            states = [s.ref for s in operation.also] if isinstance(operation, EventRestore) else []
            left = any(self._done(ref.native, key) for ref in states)
        except Unknown:
            raise
        except SourceError as error:
            raise Unknown(f"A part of the change was written: {conflict} {error}") from error
        if left:
            raise Unknown(f"A part of the change was written, and the rest was not: {conflict}") from conflict

    def _write(self, steps: Sequence[Step], key: str) -> bool:
        """Write them in order, what lies in one file at once. False where a file changed meanwhile."""
        last = self._shelf.find(steps[-1].native) if len(steps) > 1 else None
        waiting: list[tuple[str, Edited]] = []
        for step in steps:
            found = self._shelf.find(step.native)
            if found is not None:
                file, name, uid = found
                self._kept.keep(
                    self._ref(step.native), file.groups[uid].version, wrapped(file.data, file.groups[uid])
                )
                if not step.edited.components:
                    self._kept.note(step.native, key)
            else:
                uid = step.native
                if step.version or not step.edited.components:
                    return False
                if last is not None and step is not steps[-1]:
                    file, name, _ = last
                    if self._shelf.single or not alone(file, last[2]):
                        waiting.append((uid, step.edited))  # goes into the same file, in the same write
                        continue
                    name, there = self._shelf.fresh(name.rpartition("/")[0], uid), None
                else:
                    name, there = self._shelf.home("", uid)
                if not self._put(name, there, [(uid, step.edited)]):
                    return False
                continue
            together = [*waiting, (uid, step.edited)] if step is steps[-1] else [(uid, step.edited)]
            if not self._put(name, file, together):
                return False
        return True

    def _put(self, name: str, file: Opened | None, events: Sequence[tuple[str, Edited]]) -> bool:
        """Put events into one file. False where it changed meanwhile. :raises SourceError: see `replace`."""
        data: bytes | None
        if file is None:
            ((_, edited),) = events
            data = new_file(edited)
        else:
            data, now = file.data, file
            for uid, edited in events:
                data = splice(now, uid, edited)
                now = opened(Mark(0, 0, 0), data)
            uid, edited = events[-1]
            if not edited.components and not self._shelf.single and alone(file, uid):
                data = None
        if not self._shelf.replace(name, file, data):
            return False
        self._wrote = True
        for uid, edited in events:
            if edited.components and file is None:
                self._written(uid)
        return True

    def _written(self, native: str) -> str:
        """The version of what was just written. :raises Unknown: it cannot be read back."""
        version = self._version(native)
        if not version:
            raise Unknown("The event was written, and is not there when it is read back.")
        return version

    def _done(self, native: str, key: str) -> bool:
        """Whether this effect is the last thing that happened to an event."""
        found = self._shelf.find(native)
        if found is None:  # nothing is left to carry the key, so a note does
            return self._kept.noted(native, key)
        file, _, uid = found
        return any(Lines.of(file.data[p.start : p.end]).signed(key) for p in file.groups[uid].parts)

    def _also(self, operation: Changing, key: str) -> dict[str, str]:
        """What else an effect that is done has changed, with the versions that has now."""
        if isinstance(operation, EventRestore):
            return {str(s.ref): self._version(s.ref.native) for s in operation.also}
        if isinstance(operation, EventUpdate) and operation.following and self._version(self._uid(key)):
            return {str(self._ref(self._uid(key))): self._version(self._uid(key))}
        return {}

    def _version(self, native: str) -> str:
        """What an event is at now; empty where it is not there."""
        found = self._shelf.find(native)
        return found[0].groups[found[2]].version if found else ""

    def _ref(self, native: str) -> ItemRef:
        return ItemRef(self._source, "event", native)
