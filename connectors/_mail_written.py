"""What a mail source needs of its mailbox to write a message: what is answered, and what travels along.

And what reads back and takes back what was written, which is the same in all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from deskhand.connectors._mail_compose import Answered, compose
from deskhand.connectors._message_parts import Attachment, attachment
from deskhand.connectors.errors import Missing, SourceError, Unknown
from deskhand.connectors.model import Contents, Item, ItemRef, Receipt
from deskhand.connectors.operations import (
    Enclosure,
    Mailbox,
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
    Operation,
)


def writer(
    operation: MailDraft | MailSend, *, key: str, now: datetime, sender: Mailbox, contents: Contents,
    read: Callable[[ItemRef], Item | None], attached: Callable[[ItemRef], Attachment],
) -> Callable[..., bytes]:  # fmt: skip
    """What writes the message (`compose`, that takes `show_bcc`), with all it needs in hand.

    :param read: reads a message of the mailbox. :param attached: fetches one of its items to go along.
    :raises Missing: what is answered or attached is not there any more.
    """
    answered = None
    if operation.answers is not None:
        message = read(operation.answers)
        if message is None or message.ref.kind != "message":
            raise Missing(f"The message that is answered, {operation.answers}, is not there any more.")
        answered = Answered(message.data["message_id"], message.data["references"])
    along = [
        _enclosed(a, contents) if isinstance(a, Enclosure) else attached(a) for a in operation.attachments
    ]
    return partial(
        compose, operation, key=key, now=now, sender=sender, answered=answered, attachments=along
    )  # fmt: skip


def read_back(operation: Operation, find: Callable[[], Receipt | None]) -> Receipt:
    """What an operation that was done has left. :raises Unknown: that cannot be said.

    Never a refusal: who tries again what was sent sends it twice.
    """
    try:
        receipt = find()
    except Unknown:
        raise
    except SourceError as error:
        raise Unknown(f"{operation.name} was done, but cannot be looked at: {error}") from error
    if receipt is None:
        raise Unknown(f"{operation.name} was done, but what it left is not there (any more).")
    return receipt


def taken_back(operation: Operation, receipt: Receipt) -> Operation | None:
    """What takes an operation back (`Connector.inverse`); None where nothing does, or nothing was changed."""
    ref, detail = receipt.ref, receipt.detail
    match operation:
        case MailDraft():
            return MailTrash(source=ref.source, ref=ref)
        case MailFlag():
            added, removed = detail["added"], detail["removed"]
            if added or removed:
                return MailFlag(source=ref.source, ref=ref, add=removed, remove=added)
        case MailMove() | MailTrash() if detail["was"] != detail["folder"]:
            return MailMove(source=ref.source, ref=ref, folder=detail["was"])
    return None


def part(data: bytes, ref: ItemRef, number: int) -> Attachment:
    """A message (number 0) or one of its attachments, to go along. :raises Missing: there is none such."""
    found = attachment(data, number) if number else Attachment("message.eml", "message/rfc822", data)
    if found is None:
        raise not_attached(ref)
    return found


def not_attached(ref: ItemRef, why: str = "is not there any more.") -> Missing:
    return Missing(f"What should be attached, {ref}, {why}")


def _enclosed(one: Enclosure, contents: Contents) -> Attachment:
    found = contents[one.ref]
    return Attachment(one.name or found.name, found.mime, found.data)
