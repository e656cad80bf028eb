"""Writes events as `_calendar_writes` does, with what is Google's own: ids, meetings it keeps itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from deskhand.connectors._calendar_changes import BEGUN
from deskhand.connectors._calendar_shelf import Fetched
from deskhand.connectors._calendar_steps import Changing, Step
from deskhand.connectors._calendar_writes import Writes
from deskhand.connectors._gcal_event import uid_of_effect
from deskhand.connectors._gcal_shelf import GoogleShelf
from deskhand.connectors._ical_edit import Edited
from deskhand.connectors._ical_lines import Lines
from deskhand.connectors.errors import Changed, Unknown
from deskhand.connectors.operations import EventReceive, EventRespond


class GoogleWrites(Writes):
    """The writing half of a Google calendar."""

    def __init__(self, source: str, state: Path, shelf: GoogleShelf, me: str, *, account: str) -> None:
        """:param account: the address that Google knows the person by, lower case."""
        super().__init__(source, state, shelf, me, uid=uid_of_effect)
        self._account = account

    def steps(self, operation: Changing, key: str, now: datetime) -> Sequence[Step]:
        """See `Writes.steps`. Of a meeting that lies in the calendar, a mail brings nothing but a question.

        Google takes over by itself what its organizer changes; what is left to say is the own answer.
        """
        if isinstance(operation, EventRespond):
            return super().steps(self._as_me(operation), key, now)
        try:
            made = super().steps(
                operation, key, now
            )  # which makes sure that the message is what it should be
        except Changed:
            if self._done(operation.ref.native, f"{key}{BEGUN}"):
                raise Unknown(
                    "The series was moved before this was cut off; whether single occurrences that were "
                    "changed are as they were, you can see in Google Calendar."
                ) from None
            raise
        if not isinstance(operation, EventReceive) or not operation.version:
            return made
        found = self._shelf.find(operation.ref.native)
        if (
            found is None
            or not isinstance(found[0], Fetched)
            or found[0].mine
            or not made[-1].edited.components
        ):
            return made
        if operation.status is None:
            return [Step(made[-1].native, made[-1].version, _as_it_is(found[0], found[2], key))]
        answer = EventRespond(
            source=operation.source, ref=operation.ref, version=operation.version, status=operation.status,
            address=operation.address,
        )  # fmt: skip
        return super().steps(self._as_me(answer), key, now)

    def _as_me(self, answer: EventRespond) -> EventRespond:
        """In events of one's own calendars one has the address that one uses, however one was invited."""
        if answer.address.lower() != self._account:
            return answer
        return answer.model_copy(update={"address": self._me})


def _as_it_is(file: Fetched, uid: str, key: str) -> Edited:
    components = [Lines.of(file.data[p.start : p.end]) for p in file.groups[uid].parts]
    components[0].sign(key)
    return Edited([str(lines) for lines in components])
