"""Gmail by its own API: read with labels and threads, flagged, moved, drafted, and sent.

A message is known by Gmail's id. `place` is the account's address; `deskhand add gmail` signs in to it in a
browser, and what that leaves is the secret `token`. It is only read until `write` is switched on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from deskhand.connectors._egress import Limits as Amounts
from deskhand.connectors._gmail_mailbox import Mailbox
from deskhand.connectors._gmail_posting import Posting
from deskhand.connectors._gmail_read import Reading
from deskhand.connectors._gmail_writes import Writes
from deskhand.connectors._google_account import Account, opened
from deskhand.connectors._mail_api import MailApi, Parts
from deskhand.connectors._mail_compose import mailbox as mailbox_of
from deskhand.connectors._mail_scope import MAX_SIZE, Scope, scope_of
from deskhand.connectors._mail_sending import Notes
from deskhand.connectors._text import Reader
from deskhand.connectors.errors import Unauthorized
from deskhand.connectors.health import Quota
from deskhand.connectors.model import Kind
from deskhand.connectors.operations import Mailbox as Person
from deskhand.connectors.operations import MailDraft, MailSend

HOLDS: frozenset[Kind] = frozenset({"message", "attachment"})
"""Kinds of items that live here."""
PLACE = ("account",)
"""What sort of place it is at (`_fitting`)."""
SIGN_IN = ("google", "gmail")
"""Whom one signs in to, and to what there."""
_AMOUNTS = Amounts(body=160_000_000)
"""A message of 100 MB in base64, and what stands around it."""


class Gmail(MailApi):
    """See the module; made by `connect`."""

    marks = "labels"

    def __init__(self, source: str, account: Account, scope: Scope, state: Path, *, sender: Person) -> None:
        self._account, self._mailbox, reader = account, Mailbox(account.api), Reader()
        reading = Reading(source, self._mailbox, owner=account.address, scope=scope, reader=reader)
        notes = Notes(state / "effects")
        writes, posting = Writes(source, self._mailbox, notes), Posting(self._mailbox, reader, notes)
        parts = Parts(self._mailbox, reading, writes, posting, reader, scope.size)
        super().__init__(source, account, parts, sender=sender)

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

    def tie(self, operation: MailDraft | MailSend) -> dict[str, Any]:
        """The thread that an answer belongs to; Gmail takes it only with the subject it has. It has no mark
        for what is passed on."""
        answered = operation.answers
        there = self._mailbox.there(answered.native) if answered is not None else None
        return {"thread": there[0] if there is not None else ""}


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
    root: str = "",
) -> Gmail:
    """A Gmail mailbox; it is asked when something is asked of it.

    :raises Misconfigured: an option that cannot work.
    """
    account = opened(
        "gmail", source=source, place=place, token=token, write=write, root=root, limits=_AMOUNTS
    )
    return opened_with(
        account, source=source, state=state, folders=folders, exclude=exclude, since=since, max_size=max_size,
        sender=sender,
    )  # fmt: skip


def opened_with(
    account: Account, *, source: str, state: Path, folders: str | Sequence[str] = "",
    exclude: str | Sequence[str] = "", since: str | date = "", max_size: int | str = MAX_SIZE,
    sender: str = "",
) -> Gmail:  # fmt: skip
    """The same, of an account that is set up already. It is closed with the source."""
    scope = scope_of(folders=folders, exclude=exclude, since=since, max_size=max_size)
    return Gmail(source, account, scope, state, sender=mailbox_of(sender or account.address))
