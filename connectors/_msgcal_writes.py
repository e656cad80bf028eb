"""Writes events as `_calendar_writes` does, with what is Outlook's own: UIDs it gives, answers it does
not take back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from deskhand.connectors._calendar_steps import Changing, Step
from deskhand.connectors._calendar_writes import Writes
from deskhand.connectors._ical_event import series_of
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
                for note in (key, _begun(key)):
                    self._kept.forget(operation.ref.native, note)
            raise

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        """See `Writes.find`. That an event is gone says no more than that: its organizer may have called it
        off before a no was given.

        :raises Unknown: a no was about to be given when Deskhand was cut off, and what it was about is gone.
        """
        receipt = super().find(operation, key=key)
        if receipt is None or not isinstance(operation, EventRespond) or operation.status != "declined":
            return receipt
        native = operation.ref.native
        gone = operation.occurrence is not None or not receipt.version
        if gone and self._kept.noted(native, _begun(key)) and not self._kept.noted(native, _given(key)):
            raise Unknown(
                "Deskhand was cut off when it was about to say no, and what that was about is in the "
                "calendar no more: whether the organizer was told, or called it off before, is not known."
            )
        return receipt

    def steps(self, operation: Changing, key: str, now: datetime) -> Sequence[Step]:
        """See `Writes.steps`."""
        if not isinstance(operation, EventRespond):
            return super().steps(operation, key, now)
        if operation.address.lower() in self._outlook.mine():
            # In events of one's own calendars one has the address that one uses, however one was invited.
            operation = operation.model_copy(update={"address": self._me})
        made = super().steps(operation, key, now)
        if operation.status == "declined":
            self._kept.note(operation.ref.native, _begun(key))
            if operation.occurrence is None:
                self._kept.note(operation.ref.native, key)  # Outlook takes it out of the calendar
        return made

    def _write(self, steps: Sequence[Step], key: str) -> bool:
        done = super()._write(steps, key)
        native = steps[-1].native if steps else ""
        if done and self._kept.noted(native, _begun(key)):
            self._kept.note(native, _given(key))
        return done

    def where(self, operation: Operation, *, key: str) -> str:
        """See `Connector.where`."""
        if isinstance(operation, EventCreate):
            return f"in the calendar {self._source}, the event “{operation.title}”"
        if isinstance(operation, EventRespond) and operation.status == "declined":
            return self._where_no(operation)
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

    def _where_no(self, operation: EventRespond) -> str:
        """Where a no would lie, as what it answers is gone."""
        try:
            _, series = series_of(self._kept.before(operation.ref, operation.version))
        except (OSError, ValueError):
            return f"in Sent of {self._me}, an answer to the invitation"
        ask = [p.address for p in series.face.people if p.role == "organizer" and p.address]
        return f"in Sent of {self._me}, an answer to “{series.face.title}”" + "".join(
            f", or ask {who}" for who in ask[:1]
        )

    def _ref(self, native: str) -> ItemRef:
        return super()._ref(self._outlook.native(native))


def _begun(key: str) -> str:
    """What is noted before a no is given."""
    return f"{key} begun"


def _given(key: str) -> str:
    """And once it was."""
    return f"{key} given"
