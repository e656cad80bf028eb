"""What a write leaves behind for later steps, by the operation: where it is now, and what the source says."""

from __future__ import annotations

from collections.abc import Mapping

from deskhand.agent.actions._shapes import MAYBE, Given, Handle


class Said(Given):
    """What the source says of a write (`Receipt.detail`). Sources tell more or less of it."""


class Written(Given):
    """A write that was done and read back."""

    ref: Handle
    version: str
    """Which it has now; empty where it is gone."""
    source: str
    effect: str
    """Its key in the ledger."""
    detail: Said
    said: str
    """That it was done, as a sentence."""
    anew: list[str]
    """What changed each time before it was asked anew, in words."""


class Posted(Said):
    """A mail that was put into a folder, or sent."""

    folder: str = MAYBE
    message_id: str = MAYBE
    refused: dict[str, str] = MAYBE
    """Recipients that the server did not take, with its reason."""
    outbox: bool = MAYBE
    """It lies in a folder from which another program sends it."""


class Flagged(Said):
    """Which flags of a mail changed."""

    added: list[str] = MAYBE
    removed: list[str] = MAYBE


class Filed(Said):
    """From where to where a mail went."""

    folder: str = MAYBE
    was: str = MAYBE


class Changed(Said):
    """What was changed together with an event: the other half of a series that was split."""

    also: dict[str, str] = MAYBE
    """The versions they have now, by handle."""


class KeptBytes(Said):
    """The bytes of a file, by their SHA-256: those from before are kept."""

    before: str = MAYBE
    hash: str = MAYBE


class MailWritten(Written):
    """A mail that was drafted or sent."""

    detail: Posted


class MailFlagged(Written):
    """A mail with other flags."""

    detail: Flagged


class MailFiled(Written):
    """A mail in another folder."""

    detail: Filed


class EventWritten(Written):
    """An event that was made or changed."""

    detail: Changed


class FileWritten(Written):
    """A file that was written, or taken away."""

    detail: KeptBytes


WRITTEN: Mapping[str, type[Written]] = {
    "mail.draft": MailWritten, "mail.send": MailWritten, "mail.flag": MailFlagged, "mail.move": MailFiled,
    "mail.trash": MailFiled, "event.create": EventWritten, "event.update": EventWritten,
    "event.answered": EventWritten, "event.respond": EventWritten, "event.receive": EventWritten,
    "event.cancel": EventWritten, "event.restore": EventWritten, "file.copy": FileWritten,
    "file.create": FileWritten,
    "file.replace": FileWritten, "file.restore": FileWritten, "file.trash": FileWritten,
}  # fmt: skip
"""By the name of the operation; each has its own (a test sees to it)."""
