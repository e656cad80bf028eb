"""What every calendar does that is written to, wherever it lies: at an API, on a server, in files here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from deskhand.connectors._calendar_steps import OPERATIONS
from deskhand.connectors._calendar_writes import Writes
from deskhand.connectors._ics_file import Opened
from deskhand.connectors._shelf import Shelf
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Unsupported
from deskhand.connectors.model import Change, Content, Contents, Item, ItemRef, Receipt
from deskhand.connectors.operations import Operation


class Events:
    """A connector of calendars, but for what a pass finds, `operations`, `free_busy` and `close`."""

    def __init__(self, source: str, me: str, events: Shelf, writes: Writes) -> None:
        """:param me: the person's address in events, lower case. :param events: where they lie."""
        self._source, self._me, self._events, self._writes = source, me, events, writes

    @property
    def source(self) -> str:
        return self._source

    @property
    def operations(self) -> Sequence[type[Operation]]:
        """See `Connector.operations`."""
        raise NotImplementedError

    def _change(self, file: Opened | None, name: str, uid: str, native: str) -> Change:
        """The item of an event, or why there is none. :param file: None: it is opened by its name."""
        raise NotImplementedError

    def read(self, ref: ItemRef) -> Item | None:
        """See `Connector.read`."""
        if (found := self._events.find(ref.native)) is None:
            return None
        change = self._change(*found, ref.native)
        return change if isinstance(change, Item) else None

    def content(self, ref: ItemRef, version: str) -> Content:
        """See `Connector.content`."""
        raise Unsupported("An event has no bytes of its own that could be taken along.")

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        """See `Connector.perform`."""
        if not isinstance(operation, tuple(self.operations)):
            read = isinstance(operation, OPERATIONS) and not self.operations
            why = "it is only read" if read else "a calendar cannot do that"
            raise Unsupported(f"{self._source} cannot do {operation.name}: {why}.")
        return self._writes.perform(operation, key=key, now=now)

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        """See `Connector.find`."""
        return self._writes.find(operation, key=key)

    def where(self, operation: Operation, *, key: str) -> str:
        """See `Connector.where`."""
        return self._writes.where(operation, key=key)

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        """See `Connector.inverse`."""
        return self._writes.inverse(operation, receipt)

    def _ref(self, native: str) -> ItemRef:
        return ItemRef(self._source, "event", native)
