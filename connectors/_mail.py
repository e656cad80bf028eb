"""What every mailbox does that is written to, wherever it lies: at an API, on a mail server, in folders here.

What is to be written is looked for, done once, and looked for again: the answer to that is the receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Protocol

from deskhand.connectors._mail_compose import message_id
from deskhand.connectors._mail_scope import Special
from deskhand.connectors._mail_written import read_back, taken_back, writer
from deskhand.connectors._message_parts import Attachment
from deskhand.connectors._tries import Lost, looked
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import SourceError, Transient, Unsupported
from deskhand.connectors.model import (
    Change,
    Contents,
    Cursor,
    FreeBusy,
    Item,
    ItemRef,
    Receipt,
)
from deskhand.connectors.operations import (
    Mailbox,
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
    Operation,
)


class Reading(Protocol):
    """The reading half of a mailbox."""

    def changes(self, since: Cursor | None) -> Iterator[Change]: ...
    def read(self, ref: ItemRef) -> Item | None: ...


class Mail:
    """A connector of a mailbox, but for what is asked of it where it lies: `find`, `_do` and `_attached`."""

    lost: ClassVar[type[SourceError]] = Lost
    """What is raised where the answer to a write did not come."""
    disk: ClassVar[str] = "noted down on the disk"
    """What cannot be done where this machine has no room."""

    def __init__(
        self, source: str, operations: Sequence[type[Operation]], reading: Reading, sender: Mailbox | None
    ) -> None:
        """:param sender: who writes; None: nothing is written."""
        self.source, self.operations = source, operations
        self._reads, self._sender = reading, sender

    # ------------------------------------------------------------------ its own

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        """See `Connector.find`."""
        raise NotImplementedError

    def _do(self, operation: Operation, key: str, now: datetime, contents: Contents) -> None:
        """Do it, once."""
        raise NotImplementedError

    def _attached(self, ref: ItemRef) -> Attachment:
        """A message or an attachment, to go along with another. :raises Missing: it is not there."""
        raise NotImplementedError

    def _undone(self, lost: SourceError) -> SourceError:
        """What to raise where the answer was lost, and nothing was done."""
        return lost

    def _why_not(self, operation: Operation) -> str:
        """Why it is not offered, where a person could change that."""
        return ""

    # ------------------------------------------------------------------ what all share

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        """See `Connector.changes`."""
        return self._reads.changes(since)

    def read(self, ref: ItemRef) -> Item | None:
        """See `Connector.read`."""
        return self._reads.read(ref)

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        """See `Connector.perform`."""
        if not isinstance(operation, tuple(self.operations)):
            raise Unsupported(f"{self.source} cannot do {operation.name}{self._why_not(operation)}.")
        if (receipt := self.find(operation, key=key)) is not None:
            return receipt
        try:
            self._do(operation, key, now, contents)
        except self.lost as lost:
            # The answer is lost, and perhaps no more than that: what counts is what is there.
            receipt = looked(lost, "it was done", lambda: self.find(operation, key=key))
            if receipt is not None:
                return receipt
            raise self._undone(lost) from None
        except OSError as error:
            why = error.strerror or error
            raise Transient(f"{self.source} could not be {self.disk}: {why}.") from error
        return read_back(operation, lambda: self.find(operation, key=key))

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        """See `Connector.inverse`."""
        return taken_back(operation, receipt)

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        """See `Connector.free_busy`: nobody's time is kept here."""
        return {}

    @property
    def _from(self) -> Mailbox:
        if self._sender is None:
            raise Unsupported
        return self._sender

    def _writer(
        self, operation: MailDraft | MailSend, key: str, now: datetime, contents: Contents
    ) -> Callable[..., bytes]:
        """What writes the message (`_mail_written.writer`), with all it needs from the mailbox in hand."""
        return writer(
            operation, key=key, now=now, sender=self._from, contents=contents, read=self.read,
            attached=self._attached,
        )  # fmt: skip


class FolderMail(Mail):
    """A mailbox that is folders, on a server or on this machine, and has its way out beside: it writes where
    it knows who does, and sends where there is a way."""

    ways: ClassVar[str]
    """The options that give it a way out."""
    moved: ClassVar[str] = ""
    """Said of a message before its name, where it has another one once it was moved."""

    def __init__(self, source: str, reading: Reading, *, sender: Mailbox | None, sends: bool) -> None:
        """:param sends: there is a way out."""
        offered: Sequence[type[Operation]] = (
            MailFlag, MailMove, MailTrash, *[MailDraft] * bool(sender), *[MailSend] * bool(sender and sends),
        )  # fmt: skip
        super().__init__(source, offered, reading, sender)

    def _called(self, kind: Special) -> str:
        """What the folder for something is called, as far as is known without asking."""
        raise NotImplementedError

    def where(self, operation: Operation, *, key: str) -> str:
        """See `Connector.where`."""
        match operation:
            case MailSend() | MailDraft() if self._sender is not None:
                folder = self._called("Sent" if isinstance(operation, MailSend) else "Drafts")
                asked = ", or ask whom it is to" if isinstance(operation, MailSend) else ""
                return f"in the folder {folder}, Message-ID {message_id(key, self._sender)}{asked}"
            case MailMove() | MailTrash():
                folder = operation.folder if isinstance(operation, MailMove) else self._called("Trash")
                return f"in the folder {folder}, the message {self.moved}{operation.ref.native}"
            case MailFlag():
                return f"the flags of the message {operation.ref.native}"
        return ""

    def _why_not(self, operation: Operation) -> str:
        if isinstance(operation, MailDraft | MailSend) and self._sender is None:
            return " because it does not know who writes (option sender)"
        return f" because it has no way out ({self.ways})" if isinstance(operation, MailSend) else ""
