"""Writes events as `_ics_writes` does, with what is Outlook's own: UIDs it gives, answers it does not take
back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from deskhand.connectors._ical_event import series_of
from deskhand.connectors._ics_writes import Changing, Step, Writes
from deskhand.connectors._msgcal_event import alias_of
from deskhand.connectors._msgcal_shelf import GraphShelf
from deskhand.connectors.errors import SourceError, Unknown
from deskhand.connectors.model import ItemRef, Receipt
from deskhand.connectors.operations import (
    EventCancel,
    EventCreate,
    EventRespond,
    EventRestore,
    EventUpdate,
    Operation,
)

OPERATIONS: tuple[type[Operation], ...] = (
    EventCreate, EventUpdate, EventRespond, EventCancel, EventRestore,
)  # fmt: skip
"""What others answer Exchange notes by itself, and what they send it takes over."""


class GraphWrites(Writes):
    """The writing half of a Microsoft account's calendars."""

    def __init__(self, source: str, state: Path, shelf: GraphShelf, me: str) -> None:
        super().__init__(source, state, shelf, me, uid=alias_of)
        self._outlook = shelf

    def perform(self, operation: Operation, *, key: str, now: datetime) -> Receipt:
        """See `Writes.perform`. Of an answer that was certainly not given no note stays."""
        try:
            with self._outlook.saying(operation.comment if isinstance(operation, EventCancel) else ""):
                return super().perform(operation, key=key, now=now)
        except Unknown:
            raise
        except SourceError:
            if isinstance(operation, EventRespond):
                self._kept.forget(operation.ref.native, key)
            raise

    def steps(self, operation: Changing, key: str, now: datetime) -> Sequence[Step]:
        """See `Writes.steps`."""
        if not isinstance(operation, EventRespond):
            return super().steps(operation, key, now)
        if operation.address.lower() in self._outlook.mine():
            # In events of one's own calendars one has the address that one uses, however one was invited.
            operation = operation.model_copy(update={"address": self._me})
        made = super().steps(operation, key, now)
        if operation.status == "declined" and operation.occurrence is None:
            self._kept.note(operation.ref.native, key)  # Outlook takes it out of the calendar
        return made

    def where(self, operation: Operation, *, key: str) -> str:
        """See `Connector.where`."""
        if isinstance(operation, EventCreate):
            return f"in the calendar {self._source}, the event “{operation.title}”"
        return super().where(operation, key=key)

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        """See `Connector.inverse`; nothing of what Outlook cannot take back."""
        made = super().inverse(operation, receipt)
        if not isinstance(made, EventRestore) or not isinstance(operation, EventRespond | EventCancel):
            return made
        try:
            _, series = series_of(made.ics)
        except ValueError:
            return None
        theirs = any(
            p.role == "organizer" and p.address not in self._outlook.mine() for p in series.face.people
        )
        if not theirs:
            return made
        # Somebody else's meeting that is gone does not come back, nor does an invitation without an answer.
        said = [p.status for p in series.face.people if p.role == "attendee" and p.address == self._me]
        open_ = isinstance(operation, EventCancel) or said in (["needs-action"], [])
        single = getattr(operation, "occurrence", None) is not None
        return None if open_ or single or not receipt.version else made

    def _ref(self, native: str) -> ItemRef:
        return super()._ref(self._outlook.native(native))
