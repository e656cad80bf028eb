"""Gmail by its own API: read with labels and threads, flagged, moved, drafted, and sent.

A message is known by Gmail's id. `place` is the account's address; `deskhand add gmail` signs in to it in a
browser, and what that leaves is the secret `token`. It is only read until `write` is switched on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path

from deskhand.connectors._compose import mailbox as mailbox_of
from deskhand.connectors._compose import message_id, slug
from deskhand.connectors._egress import Limits as Amounts
from deskhand.connectors._gmail_mailbox import Letter, Mailbox
from deskhand.connectors._gmail_posting import Posting
from deskhand.connectors._gmail_read import Limits, Reading
from deskhand.connectors._gmail_writes import Writes, receipt
from deskhand.connectors._google_account import Account, opened
from deskhand.connectors._imap_survey import limits_of
from deskhand.connectors._mailread import address
from deskhand.connectors._message import Attachment, content_of
from deskhand.connectors._message import message_id as id_of
from deskhand.connectors._sending import Notes
from deskhand.connectors._text import Reader
from deskhand.connectors._tries import Lost
from deskhand.connectors._written import not_attached, part, writer
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Missing, SourceError, Transient, Unauthorized, Unknown, Unsupported
from deskhand.connectors.health import Quota
from deskhand.connectors.model import (
    Change,
    Content,
    Contents,
    Cursor,
    FreeBusy,
    Item,
    ItemRef,
    Kind,
    Receipt,
)
from deskhand.connectors.operations import (
    Mailbox as Person,
)
from deskhand.connectors.operations import (
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
    Operation,
)

HOLDS: frozenset[Kind] = frozenset({"message", "attachment"})
"""Kinds of items that live here."""
SIGN_IN = ("google", "gmail")
"""Whom one signs in to, and to what there."""
MAX_SIZE = 50_000_000
"""Bytes of a message that are read, where nothing else is said."""
_AMOUNTS = Amounts(body=160_000_000)
"""A message of 100 MB in base64, and what stands around it."""


class Gmail:
    """See the module; made by `connect`."""

    def __init__(self, source: str, account: Account, limits: Limits, state: Path, *, sender: Person) -> None:
        self.source = source
        able = (MailFlag, MailMove, MailTrash, MailDraft, MailSend)
        self.operations: Sequence[type[Operation]] = able if account.writes else ()
        self._account, self._limits, self._sender = account, limits, sender
        self._mailbox = Mailbox(account.api)
        self._reader = Reader()
        self._reading = Reading(
            source, self._mailbox, owner=account.address, limits=limits, reader=self._reader
        )
        notes = Notes(state / "effects")
        self._writes = Writes(source, self._mailbox, notes)
        self._posting = Posting(self._mailbox, self._reader, notes)

    def check(self) -> None:
        """See `base.Checked`: asks whose mailbox it is."""
        self._account.check()
        whose, _ = self._mailbox.profile()
        if whose and whose != self._account.address:
            raise Unauthorized(f"The sign-in is that of {whose}, not of {self._account.address}.")

    def quota(self) -> Sequence[Quota]:
        """See `base.Quoted`."""
        units = self._account.api.quota
        return (Quota(units.used(), units.limit, "units in the last minute"),)

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        return self._reading.changes(since)

    def read(self, ref: ItemRef) -> Item | None:
        return self._reading.read(ref)

    def content(self, ref: ItemRef, version: str) -> Content:
        id_, number = address(ref)
        if (letter := self._mailbox.get(id_)) is None:
            raise Missing(f"{ref} is not there any more.")
        if len(letter.data) > self._limits.size:
            raise Unsupported(f"{ref} is too large to be taken along (option max_size).")
        return content_of(letter.data, ref, version, number=number)

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        if not isinstance(operation, tuple(self.operations)):
            raise Unsupported(f"{self.source} cannot do {operation.name}{self._why_not(operation)}.")
        if (receipt := self.find(operation, key=key)) is not None:
            return receipt
        try:
            self._do(operation, key, now, contents)
        except Lost as lost:
            # The answer is lost, and perhaps no more than that: what counts is what is there.
            if (receipt := self._looked(operation, key, lost)) is not None:
                return receipt
            raise Transient(f"{lost} The message is as it was; nothing was changed.") from None
        except OSError as error:
            why = error.strerror or error
            raise Transient(f"{self.source} could not be noted down on the disk: {why}.") from error
        if (receipt := self.find(operation, key=key)) is None:
            # No refusal: who tries again what was sent sends it twice.
            raise Unknown(f"{operation.name} was done, but what it left is not there (any more).")
        return receipt

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        name = slug(key)
        match operation:
            case MailDraft():
                return self._posted(self._posting.drafted(name), "Drafts")
            case MailSend():
                return self._posted(self._posting.sent(name, message_id(key, self._sender)), "Sent")
            case MailFlag():
                return self._writes.flagged(operation.ref, name, add=operation.add, remove=operation.remove)
            case MailMove():
                try:
                    target = self._writes.target(operation.folder)
                except Missing:
                    return None
                return self._writes.moved(operation.ref, name, target)
            case MailTrash():
                return self._writes.moved(operation.ref, name, self._writes.target("Trash"))
        return None

    def where(self, operation: Operation, *, key: str) -> str:
        match operation:
            case MailSend():
                own_id = message_id(key, self._sender)
                return f"in Sent of {self._account.address}, Message-ID {own_id}, or ask whom it is to"
            case MailDraft():
                return f"in Drafts of {self._account.address}"
            case MailMove():
                return f"in {operation.folder}, the message {operation.ref.native}"
            case MailTrash():
                return f"in Trash, the message {operation.ref.native}"
            case MailFlag():
                return f"the labels of the message {operation.ref.native}"
        return ""

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        match operation:
            case MailDraft():
                return MailTrash(source=self.source, ref=receipt.ref)
            case MailFlag():
                added, removed = receipt.detail["added"], receipt.detail["removed"]
                if added or removed:
                    return MailFlag(source=self.source, ref=receipt.ref, add=removed, remove=added)
            case MailMove() | MailTrash() if receipt.detail["was"] != receipt.detail["folder"]:
                return MailMove(source=self.source, ref=receipt.ref, folder=receipt.detail["was"])
        return None

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return {}  # nobody's time is kept here

    def close(self) -> None:
        self._account.api.close()
        self._reader.close()

    # ------------------------------------------------------------------ writing

    def _do(self, operation: Operation, key: str, now: datetime, contents: Contents) -> None:
        name = slug(key)
        match operation:
            case MailDraft() | MailSend():
                own_id = message_id(key, self._sender)
                write = partial(
                    writer(
                        operation, key=key, now=now, sender=self._sender, contents=contents,
                        read=self.read, attached=self._attached,
                    ),
                    show_bcc=True,  # Gmail reads from it whom a message goes to, and shows it to nobody
                )  # fmt: skip
                thread = self._thread(operation.answers)
                if isinstance(operation, MailDraft):
                    self._posting.draft(name, write(), own_id, thread=thread)
                else:
                    self._posting.send(name, write, own_id, thread=thread)
            case MailFlag():
                self._writes.flag(operation.ref, name, add=operation.add, remove=operation.remove)
            case MailMove():
                self._writes.move(operation.ref, name, self._writes.target(operation.folder))
            case MailTrash():
                self._writes.move(operation.ref, name, self._writes.target("Trash"))

    def _looked(self, operation: Operation, key: str, lost: Lost) -> Receipt | None:
        try:
            return self.find(operation, key=key)
        except SourceError as error:
            raise Unknown(f"{lost} Whether it was done is not known: {error}") from error

    def _attached(self, ref: ItemRef) -> Attachment:
        id_, number = address(ref)
        letter = self._mailbox.get(id_) if ref.source == self.source else None
        if letter is None:
            raise not_attached(ref)
        return part(letter.data, ref, number)

    def _thread(self, answered: ItemRef | None) -> str:
        """The thread that an answer belongs to; Gmail takes it only with the subject it has."""
        there = self._mailbox.there(answered.native) if answered is not None else None
        return there[0] if there is not None else ""

    def _posted(self, letter: Letter | None, folder: str) -> Receipt | None:
        if letter is None:
            return None
        own_id = id_of(letter.data, "0" * 40)
        return receipt(self.source, letter, folder=folder, message_id=own_id, refused={}, outbox=False)

    def _why_not(self, operation: Operation) -> str:
        able = isinstance(operation, MailFlag | MailMove | MailTrash | MailDraft | MailSend)
        if not able:
            return ""
        return f" because it is only read; to change that: {self._account.sign_in} --write"


def connect(
    *,
    source: str,
    state: Path,
    place: str,
    token: str = "",
    write: bool | str = False,
    labels: str | Sequence[str] = "",
    exclude: str | Sequence[str] = "",
    since: str | date = "",
    max_size: int | str = MAX_SIZE,
    sender: str = "",
    root: str = "",
) -> Gmail:
    """A Gmail mailbox; it is asked when something is asked of it.

    :raises Misconfigured: an option that cannot work.
    """
    account = opened(
        "gmail", source=source, place=place, token=token, write=write, root=root, limits=_AMOUNTS
    )
    return opened_with(
        account, source=source, state=state, labels=labels, exclude=exclude, since=since, max_size=max_size,
        sender=sender,
    )  # fmt: skip


def opened_with(
    account: Account, *, source: str, state: Path, labels: str | Sequence[str] = "",
    exclude: str | Sequence[str] = "", since: str | date = "", max_size: int | str = MAX_SIZE,
    sender: str = "",
) -> Gmail:  # fmt: skip
    """The same, of an account that is set up already. It is closed with the source."""
    read = limits_of(folders=labels, exclude=exclude, since=since, max_size=max_size)
    limits = Limits(read.choice.only, read.choice.without, read.since, read.size)
    return Gmail(source, account, limits, state, sender=mailbox_of(sender or account.address))
