"""A mailbox behind its provider's API: what a connector of one does, whoever the provider is.

What is written is looked for, done once, and looked for again; what reading, flags, places and the way out
are at a provider, its own parts say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from deskhand.connectors._mail import Mail, Reading
from deskhand.connectors._mail_compose import message_id, slug
from deskhand.connectors._mail_written import not_attached, part
from deskhand.connectors._message import address
from deskhand.connectors._message_head import message_id as id_of
from deskhand.connectors._message_parts import Attachment, content_of
from deskhand.connectors._text import Reader
from deskhand.connectors.errors import Missing, SourceError, Transient, Unsupported
from deskhand.connectors.model import (
    Content,
    Contents,
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

WRITES: Sequence[type[Operation]] = (MailFlag, MailMove, MailTrash, MailDraft, MailSend)
"""What is offered where writing was switched on."""


Place = TypeVar("Place")
"""Where a message can lie, as its provider has it."""


class Letter(Protocol):
    """A message as it is now."""

    @property
    def id(self) -> str: ...
    @property
    def data(self) -> bytes: ...


class _Account(Protocol):
    @property
    def address(self) -> str: ...
    @property
    def writes(self) -> bool: ...
    @property
    def sign_in(self) -> str: ...
    def close(self) -> None: ...


class _Box(Protocol):
    def get(self, id_: str) -> Letter | None: ...


class _Writes(Protocol[Place]):
    """Flags, and places as the provider has them."""

    def flag(self, ref: ItemRef, name: str, *, add: Sequence[str], remove: Sequence[str]) -> None: ...
    def flagged(
        self, ref: ItemRef, name: str, *, add: Sequence[str], remove: Sequence[str]
    ) -> Receipt | None: ...
    def target(self, name: str) -> Place: ...
    def move(self, ref: ItemRef, name: str, target: Place) -> None: ...
    def moved(self, ref: ItemRef, name: str, target: Place) -> Receipt | None: ...


class _Posting(Protocol):
    """Drafts and the way out. `draft` and `send` also take what `MailApi.tie` gives."""

    @property
    def draft(self) -> Callable[..., None]: ...
    def drafted(self, name: str) -> Letter | None: ...
    @property
    def send(self) -> Callable[..., None]: ...
    def sent(self, name: str, own_id: str) -> Letter | None: ...


@dataclass(frozen=True, slots=True)
class Parts(Generic[Place]):
    """What a provider's mailbox is made of; see those of Gmail for what each is asked."""

    box: _Box
    reading: Reading
    writes: _Writes[Place]
    posting: _Posting
    reader: Reader
    size: int
    """Bytes of a message that are taken along."""


class MailApi(Mail):
    """A connector of such a mailbox, but for `check`, and how an answer is tied to what it answers."""

    marks: ClassVar[str] = "flags"
    """What flags are called there."""

    def __init__(self, source: str, account: _Account, parts: Parts[Any], *, sender: Mailbox) -> None:
        super().__init__(source, WRITES if account.writes else (), parts.reading, sender)
        self._whose, self._parts = account, parts

    def tie(self, operation: MailDraft | MailSend) -> dict[str, Any]:
        """What drafting and sending are told of the message that is answered, or passed on."""
        raise NotImplementedError

    def content(self, ref: ItemRef, version: str) -> Content:
        id_, number = address(ref)
        if (letter := self._parts.box.get(id_)) is None:
            raise Missing(f"{ref} is not there any more.")
        if len(letter.data) > self._parts.size:
            raise Unsupported(f"{ref} is too large to be taken along (option max_size).")
        return content_of(letter.data, ref, version, number=number)

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        name, own_id = slug(key), message_id(key, self._from)
        writes, posting = self._parts.writes, self._parts.posting
        match operation:
            case MailDraft():
                return self._posted(posting.drafted(name), "Drafts", own_id)
            case MailSend():
                return self._posted(posting.sent(name, own_id), "Sent", own_id)
            case MailFlag():
                return writes.flagged(operation.ref, name, add=operation.add, remove=operation.remove)
            case MailMove() | MailTrash():
                try:
                    target = writes.target(_place(operation))
                except Missing:
                    return None
                return writes.moved(operation.ref, name, target)
        return None

    def where(self, operation: Operation, *, key: str) -> str:
        match operation:
            case MailSend():
                own_id = message_id(key, self._from)
                return f"in Sent of {self._whose.address}, Message-ID {own_id}, or ask whom it is to"
            case MailDraft():
                return f"in Drafts of {self._whose.address}"
            case MailMove() | MailTrash():
                return f"in {_place(operation)}, the message {operation.ref.native}"
            case MailFlag():
                return f"the {self.marks} of the message {operation.ref.native}"
        return ""

    def close(self) -> None:
        self._whose.close()
        self._parts.reader.close()

    # ------------------------------------------------------------------ writing

    def _do(self, operation: Operation, key: str, now: datetime, contents: Contents) -> None:
        name = slug(key)
        writes, posting = self._parts.writes, self._parts.posting
        match operation:
            case MailDraft() | MailSend():
                own_id = message_id(key, self._from)
                write = partial(
                    self._writer(operation, key, now, contents),
                    show_bcc=True,  # the provider reads from it whom a message goes to, and tells nobody
                )
                tie = self.tie(operation)
                if isinstance(operation, MailDraft):
                    posting.draft(name, write(), own_id, **tie)
                else:
                    posting.send(name, write, own_id, **tie)
            case MailFlag():
                writes.flag(operation.ref, name, add=operation.add, remove=operation.remove)
            case MailMove() | MailTrash():
                writes.move(operation.ref, name, writes.target(_place(operation)))

    def _attached(self, ref: ItemRef) -> Attachment:
        id_, number = address(ref)
        letter = self._parts.box.get(id_) if ref.source == self.source else None
        if letter is None:
            raise not_attached(ref)
        return part(letter.data, ref, number)

    def _posted(self, letter: Letter | None, folder: str, own_id: str) -> Receipt | None:
        if letter is None:
            return None
        has = id_of(letter.data, "0" * 40) if letter.data else own_id
        return receipt(self.source, letter, folder=folder, message_id=has, refused={}, outbox=False)

    def _undone(self, lost: SourceError) -> SourceError:
        return Transient(f"{lost} The message is as it was; nothing was changed.")

    def _why_not(self, operation: Operation) -> str:
        if not isinstance(operation, tuple(WRITES)):
            return ""
        return f" because it is only read; to change that: {self._whose.sign_in} --write"


def receipt(source: str, letter: Letter, **detail: object) -> Receipt:
    """The proof that a message is there; without its bytes it was there and is no more."""
    version = f"m-{sha256(letter.data).hexdigest()[:12]}" if letter.data else ""
    return Receipt(ItemRef(source, "message", letter.id), version, detail)


def _place(operation: MailMove | MailTrash) -> str:
    return "Trash" if isinstance(operation, MailTrash) else operation.folder
