"""Mail on a server (IMAP): read, flagged, moved, drafted there, and sent by SMTP with a copy in Sent.

A message is known by its folder, the folder's UIDVALIDITY and its UID. `place` is the account's address,
`noor@example.org`; `host` and `smtp` are its servers; `password` or `token` what opens it; `sender` the From
of what is written here. Nothing is asked of a server before it is needed, and nothing is marked as seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from threading import Event

from deskhand.connectors._imap_account import account
from deskhand.connectors._imap_discovery import discover, hint
from deskhand.connectors._imap_errors import Dropped
from deskhand.connectors._imap_fetch import Fetching
from deskhand.connectors._imap_folders import Folder, Folders
from deskhand.connectors._imap_read import Reading
from deskhand.connectors._imap_sending import Sending
from deskhand.connectors._imap_session import Session
from deskhand.connectors._imap_uids import place_of
from deskhand.connectors._imap_watch import watch
from deskhand.connectors._imap_writes import Writes
from deskhand.connectors._mail import FolderMail
from deskhand.connectors._mail_compose import envelope, mailbox, message_id, slug
from deskhand.connectors._mail_scope import MAX_SIZE, Scope, Special, scope_of
from deskhand.connectors._mail_sending import Copies, Notes, Relay
from deskhand.connectors._mail_written import not_attached, part
from deskhand.connectors._message import address
from deskhand.connectors._message_parts import Attachment, content_of
from deskhand.connectors._smtp import Server
from deskhand.connectors._text import Reader
from deskhand.connectors.errors import (
    Misconfigured,
    Missing,
    SourceError,
    Unauthorized,
    Unsupported,
)
from deskhand.connectors.health import Quota
from deskhand.connectors.model import (
    Content,
    Contents,
    ItemRef,
    Kind,
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

HOLDS: frozenset[Kind] = frozenset({"message", "attachment"})
"""Kinds of items that live here."""
PLACE = ("account",)
"""What sort of place it is at (`_fitting`)."""

SECRET = ("password", "token")
"""What opens an account; one of them is asked for when it is added."""


class Imap(FolderMail):
    """See the module; made by `connect`."""

    lost = Dropped
    ways = "option smtp"
    moved = "that was "

    def __init__(
        self, source: str, session: Session, scope: Scope, state: Path, *,
        sender: Mailbox | None, relay: Server | None, keeps: bool,
    ) -> None:  # fmt: skip
        """:param keeps: the mail server puts a copy of what is sent into Sent by itself."""
        self._session, self._folders = session, Folders(session)
        self._fetching = Fetching(session, self._folders, size=scope.size)
        self._reader = Reader()
        owner = sender.address.lower() if sender else ""
        self._reading = Reading(
            source, session, self._folders, self._fetching, owner=owner, scope=scope, reader=self._reader,
            contents=state / "contents.db",
        )  # fmt: skip
        super().__init__(source, self._reading, sender=sender, sends=relay is not None)
        self._notes = Notes(state / "effects")
        self._writes = Writes(source, session, self._folders, self._fetching, self._notes)
        self._way = (
            Sending(self._writes, Relay(relay, self._notes), Copies(state / "sent"), keeps) if relay else None
        )

    def check(self) -> None:
        """See `base.Checked`: signs in, to the server that sends too, and looks what is to be read."""
        try:
            self._reading.chosen()
        except Unauthorized as error:
            raise Unauthorized(f"{error} {hint(self._session.account.host)}".strip()) from None
        try:
            if self._way is not None:
                self._way.relay.check()
        except SourceError as error:
            alone = "To add the mailbox for reading alone: --option smtp="
            raise type(error)(f"{str(error).rstrip('.')}. {alone}") from None

    def quota(self) -> Sequence[Quota]:
        """See `base.Quoted`: how full the mailbox is, where the server says it (QUOTA, RFC 9208)."""
        made = []
        for name, used, limit in self._reading.quota:
            if name == "STORAGE":
                made.append(Quota(used * 1024 // 1_000_000, limit * 1024 // 1_000_000, "MB of the mailbox"))
            elif name == "MESSAGE":
                made.append(Quota(used, limit, "messages of the mailbox"))
        return made

    def watch(self, changed: Callable[[], None], stop: Event) -> None:
        """See `base.Watched`: by IDLE on the INBOX, where the server offers it."""
        watch(self._session.account, changed, stop)

    def content(self, ref: ItemRef, version: str) -> Content:
        native, number = address(ref)
        if (found := self._fetching.one(native)) is None:
            raise Missing(f"{ref} is not there any more.")
        if found[2].data is None:
            raise Unsupported(f"{ref} is too large to be taken along (option max_size).")
        return content_of(found[2].data, ref, version, number=number)

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        name = slug(key)
        match operation:
            case MailDraft() if self._sender is not None:
                own_id = message_id(key, self._sender)
                return self._posted(self._writes.written(name, "Drafts", own_id), name, own_id)
            case MailSend() if self._sender is not None:
                own_id = message_id(key, self._sender)
                return self._posted(self._way.sent(name, own_id), name, own_id) if self._way else None
            case MailFlag():
                return self._writes.flagged(operation.ref, name, add=operation.add, remove=operation.remove)
            case MailMove():
                target = self._folders.named(operation.folder) or self._by_purpose(operation.folder)
                return self._writes.moved(operation.ref, name, target) if target else None
            case MailTrash():
                trash = self._folders.special("Trash")
                return self._writes.moved(operation.ref, name, trash) if trash else None
        return None

    def close(self) -> None:
        self._session.close()
        self._reader.close()

    # ------------------------------------------------------------------ writing

    def _do(self, operation: Operation, key: str, now: datetime, contents: Contents) -> None:
        name = slug(key)
        match operation:
            case MailDraft():
                data = self._writer(operation, key, now, contents)(show_bcc=True)
                self._writes.put(name, "Drafts", data, message_id(key, self._from), now=now)
            case MailSend():
                self._send(operation, key, now, contents)
            case MailFlag():
                self._writes.flag(operation.ref, name, add=operation.add, remove=operation.remove)
            case MailMove():
                self._writes.move(operation.ref, name, self._target(operation.folder))
            case MailTrash():
                if self._fetching.one(operation.ref.native) is None:
                    raise Missing(f"{operation.ref} is not there any more.")
                self._writes.move(operation.ref, name, self._folders.made("Trash"))

    def _attached(self, ref: ItemRef) -> Attachment:
        native, number = address(ref)
        found = self._fetching.one(native) if ref.source == self.source else None
        if found is None:
            raise not_attached(ref)
        if found[2].data is None:
            raise not_attached(ref, "is too large to be read (option max_size).")
        return part(found[2].data, ref, number)

    def _send(self, operation: MailSend, key: str, now: datetime, contents: Contents) -> None:
        if self._way is None:
            raise Unsupported
        write = self._writer(operation, key, now, contents)
        recipients = list(dict.fromkeys(envelope(m) for m in operation.recipients))
        own_id = message_id(key, self._from)
        self._way.send(slug(key), own_id, write, sender=envelope(self._from), to=recipients, now=now)
        if (passed := operation.forwards) is not None and passed.source == self.source:
            self._writes.passed(passed)

    def _posted(self, receipt: Receipt | None, name: str, own_id: str) -> Receipt | None:
        if receipt is None:
            return None
        place = place_of(receipt.ref.native)
        folder = place[0] if place else ""
        refused = self._notes.get(name).get("refused", {})
        detail = {"folder": folder, "message_id": own_id, "refused": refused, "outbox": False}
        return replace(receipt, detail=detail)

    def _target(self, name: str) -> Folder:
        found = self._folders.named(name) or self._by_purpose(name)
        if found is None:
            there = ", ".join(sorted(f.name for f in self._folders.all()))
            raise Missing(f"There is no folder {name!r}; there are {there}.")
        return found

    def _by_purpose(self, name: str) -> Folder | None:
        """The folder a person means by Drafts, Sent or Trash, whatever it is called there."""
        for kind in ("Drafts", "Sent", "Trash"):
            if kind.casefold() == name.casefold():
                return self._folders.special(kind)
        return None

    def _called(self, kind: Special) -> str:
        return self._folders.name_of(kind)


def settle(place: str, given: Mapping[str, object]) -> dict[str, str]:
    """The servers of an address, where none is given. :raises Misconfigured: they are not found."""
    return {} if given.get("host") else discover(place).options(place)


def connect(
    *,
    source: str,
    state: Path,
    place: str,
    host: str = "",
    port: int | str = 0,
    security: str = "",
    user: str = "",
    password: str = "",
    token: str = "",
    ca: str = "",
    smtp: str = "",
    sent: str = "append",
    sender: str = "",
    folders: str | Sequence[str] = "",
    exclude: str | Sequence[str] = "",
    since: str | date = "",
    max_size: int | str = MAX_SIZE,
) -> Imap:
    """A mailbox on a server; it is connected to when something is asked of it.

    :raises Misconfigured: an option that cannot work.
    """
    if "@" not in place and not user:
        raise Misconfigured(f"imap needs an address like noor@example.org, not {place!r}.")
    whose_mail = account(
        host=host, port=port, security=security, user=user or place, password=password, token=token,
        authorities=ca,
    )  # fmt: skip
    if sent not in ("append", "server"):
        raise Misconfigured(
            "The option sent must be append (Deskhand puts a copy into Sent) or server (the server does)."
        )
    scope = scope_of(folders=folders, exclude=exclude, since=since, max_size=max_size)
    relay = Server.of(smtp, password, token=token, authorities=whose_mail.authorities) if smtp else None
    whose = sender or (place if "@" in place else "")
    return Imap(
        source, Session(whose_mail), scope, state,
        sender=mailbox(whose) if whose else None, relay=relay, keeps=sent == "server",
    )  # fmt: skip
