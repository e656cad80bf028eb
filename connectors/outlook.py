"""Outlook mail of Microsoft 365 by Graph: read with folders and conversations, flagged, moved, drafted, sent.

A message is known by its immutable id. `place` is the account's address; `deskhand add outlook` signs in to
it in a browser, and what that leaves is the secret `token`. It is only read until `write` is switched on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from deskhand.connectors._egress import Limits as Amounts
from deskhand.connectors._mail_api import MailApi, Parts
from deskhand.connectors._mail_compose import mailbox as mailbox_of
from deskhand.connectors._mail_scope import MAX_SIZE, Scope, scope_of
from deskhand.connectors._mail_sending import Notes
from deskhand.connectors._microsoft_account import Account, opened
from deskhand.connectors._outlook_large import Large
from deskhand.connectors._outlook_mailbox import Mailbox
from deskhand.connectors._outlook_posting import Posting, Tied
from deskhand.connectors._outlook_read import Reading
from deskhand.connectors._outlook_writes import Writes
from deskhand.connectors._profile import keep_profile
from deskhand.connectors._text import Reader
from deskhand.connectors.base import Renew
from deskhand.connectors.model import Change, Cursor, Kind
from deskhand.connectors.operations import Mailbox as Person
from deskhand.connectors.operations import MailDraft, MailSend

HOLDS: frozenset[Kind] = frozenset({"message", "attachment"})
"""Kinds of items that live here."""
PLACE = ("account",)
"""What sort of place it is at (`_fitting`)."""
SIGN_IN = ("microsoft", "mail")
"""Whom one signs in to, and to what there."""
_AMOUNTS = Amounts(seconds=180.0, body=160_000_000)
"""A batch of messages without attachments, or one message with many."""


class Outlook(MailApi):
    """See the module; made by `connect`."""

    def __init__(self, source: str, account: Account, scope: Scope, state: Path, *, sender: Person) -> None:
        graph, reader, notes = account.graph, Reader(), Notes(state / "effects")
        self._account, self._mailbox = account, Mailbox(graph, settings=account.beside)
        self._state = state
        reading = Reading(source, self._mailbox, owner=account.address, scope=scope, reader=reader)
        writes = Writes(source, self._mailbox, notes)
        large = Large(graph, sign_in=account.sign_in)
        posting = Posting(self._mailbox, notes, large, graph.pause, graph.jitter)
        parts = Parts(self._mailbox, reading, writes, posting, reader, scope.size)
        super().__init__(source, account, parts, sender=sender)

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        """See `Connector.changes`; beside that it is kept what the mailbox says of its person."""
        self._mailbox.profile = None
        yield from super().changes(since)
        if self._mailbox.profile is not None:
            with suppress(OSError):  # it is a suggestion
                keep_profile(self._state, self._mailbox.profile)

    def check(self) -> None:
        """See `base.Checked`: asks whose account it is, and whether there is a mailbox."""
        self._account.check()
        self._mailbox.folders(anew=True)

    def tie(self, operation: MailDraft | MailSend) -> dict[str, Any]:
        """The message that is answered, or passed on: Outlook makes the draft of it."""
        if operation.answers is not None:
            return {"to": Tied(operation.answers.native, "createReply")}
        passed = operation.forwards
        if passed is None or (passed.source, passed.kind) != (self.source, "message"):
            return {}
        return {"to": Tied(passed.native, "createForward")}


def connect(
    *,
    source: str,
    state: Path,
    place: str,
    token: str = "",
    write: bool | str = False,
    folders: str | Sequence[str] = "",
    exclude: str | Sequence[str] = "",
    since: str | date = "",
    max_size: int | str = MAX_SIZE,
    sender: str = "",
    renew: Renew | None = None,
) -> Outlook:
    """An Outlook mailbox; it is asked when something is asked of it.

    :raises Misconfigured: an option that cannot work.
    """
    account = opened(
        "mail", source=source, place=place, token=token, write=write, renew=renew, limits=_AMOUNTS
    )
    return opened_with(
        account, source=source, state=state, folders=folders, exclude=exclude, since=since, max_size=max_size,
        sender=sender,
    )  # fmt: skip


def opened_with(
    account: Account, *, source: str, state: Path, folders: str | Sequence[str] = "",
    exclude: str | Sequence[str] = "", since: str | date = "", max_size: int | str = MAX_SIZE,
    sender: str = "",
) -> Outlook:  # fmt: skip
    """The same, of an account that is set up already. It is closed with the source."""
    scope = scope_of(folders=folders, exclude=exclude, since=since, max_size=max_size)
    return Outlook(source, account, scope, state, sender=mailbox_of(sender or account.address))
