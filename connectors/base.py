"""The one contract every source implements. `tests/contracts.py` is its executable form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Event
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from deskhand.connectors.health import Quota
from deskhand.connectors.model import Change, Content, Contents, Cursor, FreeBusy, Item, ItemRef, Receipt
from deskhand.connectors.operations import Operation

NOTHING: Contents = MappingProxyType({})
"""An operation that takes nothing along."""


@runtime_checkable
class Connector(Protocol):
    """A place where things live: a mailbox, a calendar, a folder.

    Made by the `connect(*, source, state, **options)` of its module. `source` is the alias the
    person gave it, `state` a private folder the connector may keep files in (kept bytes, effect
    notes). No method reads a clock.
    """

    @property
    def source(self) -> str:
        """The alias that every `ItemRef` of this connector carries."""
        ...

    @property
    def operations(self) -> Sequence[type[Operation]]:
        """Operations this source can perform *as it is set up now*; empty when it is read-only."""
        ...

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        """Yield what changed since a cursor, page by page; each page, the last too, ends with a Cursor.

        From None it is everything. From the newest cursor of an unchanged source it is one cursor
        alone, equal in value, and no unchanged thing was opened to find that out.

        :raises SourceError: the pass as a whole cannot go on; pages before it stay good.
        """
        ...

    def read(self, ref: ItemRef) -> Item | None:
        """The thing as it is at its source this moment, or None where it is not there."""
        ...

    def content(self, ref: ItemRef, version: str) -> Content:
        """The bytes of a document, message or attachment at a version, for what takes them along.

        :raises Conflict: it is not there, or no longer at that version.
        :raises Unsupported: it has no bytes of its own, or more than are read.
        """
        ...

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        """Carry out an approved operation and read the outcome back.

        `key` identifies the effect: ids that the source lets us choose are made from it, and a
        second call with the same key has no second effect but the same receipt. `contents` holds the
        bytes of all that it encloses (`Operation.enclosed`).

        :raises Unsupported: not in `operations`.
        :raises Conflict: the thing is no longer at the version that was approved.
        """
        ...

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        """Look at the source whether the effect of this key is there already.

        Asked after a crash, before anything is done again. Does nothing again; what only goes along with an
        effect that is there (a copy in Sent) it may still put in its place.
        """
        ...

    def where(self, operation: Operation, *, key: str) -> str:
        """Where a person can look whether the effect of this key is there: "in the folder Sent, ...".

        Words and names of our own, with the handle the effect has at its source. Asks nobody.
        """
        ...

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        """The operation that takes this one back, complete with the version it expects.

        None where there is none. Called right after `perform` and stored beside its receipt.
        """
        ...

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        """What this source knows of these people's time in [start, end), by address in lower case.

        Who is not in the answer, or has an `error` there, is unknown, and unknown is never free. Empty
        `busy` is a statement: nothing is planned. Reads only, and asks the source this moment. The
        owner's own meetings are items and not told here.

        :raises SourceError: the source cannot be asked at all; everybody it may know is unknown.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


@runtime_checkable
class Checked(Protocol):
    """A source that can be tried out: it is, once, before it is added."""

    def check(self) -> None:
        """Sign in and look around. :raises SourceError: it does not work; one line says why."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A source that says by itself when something changed, so that nobody need ask for it so often."""

    def watch(self, changed: Callable[[], None], stop: Event) -> None:
        """Call `changed` whenever something may have changed, until `stop` is set or it can say no more.

        Blocks, in a thread of its own, on a connection of its own; other methods may be called meanwhile.
        Raises nothing: what is wrong with a source, a pass tells. It looks at `stop` once a minute at least.
        """
        ...


@runtime_checkable
class Quoted(Protocol):
    """A source whose provider allows only so much, and that counts what it uses of it."""

    def quota(self) -> Sequence[Quota]:
        """What was used by now; asks nobody and takes no time. Looked at when a pass ends."""
        ...
