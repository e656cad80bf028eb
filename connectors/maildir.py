"""Mail in Maildir folders: read, flagged, moved, drafted, and sent through an outbox or a mail server.

A message is known by its file name, whose unique part never changes; a pass compares names and opens
only what is new. `place` is a Maildir or a folder of them; `outbox` a folder for another program to send
from, or `smtp` a server; `sender` the From of what is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

from deskhand.connectors._mail import FolderMail
from deskhand.connectors._mail_compose import envelope, mailbox, message_id, slug
from deskhand.connectors._mail_scope import Special
from deskhand.connectors._mail_sending import Copies, Letter, Notes, Outbox, Relay, Route
from deskhand.connectors._mail_written import not_attached, part
from deskhand.connectors._maildir_folders import FLAGS, Entry, Folders
from deskhand.connectors._maildir_read import Reading, Unopened, bytes_of
from deskhand.connectors._message import address
from deskhand.connectors._message_parts import Attachment, content_of
from deskhand.connectors._smtp import Server
from deskhand.connectors._text import Reader
from deskhand.connectors.errors import Misconfigured, Missing, Unknown, Unsupported
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

_LETTERS = {name: letter for letter, name in FLAGS.items()}


LOCAL = True
HOLDS: frozenset[Kind] = frozenset({"message", "attachment"})
"""Kinds of items that live here."""
PLACE = ("folder",)
"""What sort of place it is at (`_fitting`)."""


class Maildir(FolderMail):
    """See the module; made by `connect`."""

    disk = "written"
    ways = "option outbox or smtp"

    def __init__(
        self,
        source: str,
        folders: Folders,
        notes: Notes,
        sender: Mailbox | None,
        route: Route | None,
        copies: Copies,
    ):
        self._folders, self._notes = folders, notes
        self._route, self._copies = route, copies
        self._reader = Reader()
        owner = sender.address.lower() if sender else ""
        reading = Reading(source, folders, owner, self._reader)
        super().__init__(source, reading, sender=sender, sends=route is not None)

    def content(self, ref: ItemRef, version: str) -> Content:
        native, number = address(ref)
        if (entry := self._folders.locate(native)) is None:
            raise Missing(f"{ref} is not there any more.")
        try:
            data, _ = bytes_of(entry)
        except Unopened as error:
            raise Missing(f"{ref} cannot be read: {error}") from None
        return content_of(data, ref, version, number=number)

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        name = slug(key)
        match operation:
            case MailDraft():
                return self._written(self._folders.written(_mark(name), self._called("Drafts")), key)
            case MailSend():
                if self._route is None or self._route.pending(name):
                    return None
                return self._written(self._sent(name), key)
            case MailFlag():
                entry = self._folders.locate(operation.ref.native)
                add, remove = _letters(operation.add), _letters(operation.remove)
                if entry is None or add - set(entry.info) or remove & set(entry.info):
                    return None
                note = self._notes.get(name)
                changed = {"added": note.get("added", []), "removed": note.get("removed", [])}
                return self._receipt(entry, **changed)
            case MailMove():
                target = self._folders.named(operation.folder)
                return self._moved(operation.ref, target) if target is not None else None
            case MailTrash():
                return self._moved(operation.ref, self._called("Trash"))
        return None

    def close(self) -> None:
        self._reader.close()

    # ------------------------------------------------------------------ writing

    def _do(self, operation: Operation, key: str, now: datetime, contents: Contents) -> None:
        match operation:
            case MailDraft():
                self._draft(operation, key, now, contents)
            case MailSend():
                self._send(operation, key, now, contents)
            case MailFlag():
                self._flag(operation, key)
            case MailMove():
                self._move(operation.ref, self._target(operation.folder))
            case MailTrash():
                self._move(operation.ref, self._called("Trash"))

    def _draft(self, operation: MailDraft, key: str, now: datetime, contents: Contents) -> None:
        write = self._writer(operation, key, now, contents)
        drafts = self._called("Drafts")
        self._folders.deliver(drafts, _unique(key, now), write(show_bcc=True), info="DS")

    def _send(self, operation: MailSend, key: str, now: datetime, contents: Contents) -> None:
        if self._route is None:
            raise Unsupported
        write = self._writer(operation, key, now, contents)
        mark = _mark(slug(key))

        def stage() -> None:
            self._copies.drop(mark)
            self._copies.put(_unique(key, now), write(show_bcc=True))
            self._folders.prepare(self._called("Sent"))

        recipients = list(dict.fromkeys(envelope(m) for m in operation.recipients))
        self._route.send(
            Letter(
                slug(key), write(show_bcc=False), envelope(self._from), recipients, stage,
                partial(self._copies.drop, mark), partial(self._kept, mark),
            )
        )  # fmt: skip

    def _kept(self, mark: str) -> Entry | None:
        """The copy in Sent of what is out; put there now, where it waits for that still."""
        sent = self._called("Sent")
        entry, waits = self._folders.written(mark, sent), self._copies.get(mark)
        if waits is not None:
            unique, data = waits
            entry = entry or self._folders.deliver(sent, unique, data, info="S")
            with suppress(OSError):  # the next look drops it
                self._copies.drop(mark)
        return entry

    def _sent(self, name: str) -> Entry | None:
        """The copy of a message that is out. :raises Unknown: it is out, and its copy cannot be put there."""
        mark = _mark(name)
        if self._route is not None and self._route.out(name):
            try:
                return self._kept(mark)
            except OSError as error:
                why = error.strerror or error
                raise Unknown(f"It was sent, but its copy could not be put into Sent ({why}).") from None
        return self._folders.written(mark, self._called("Sent"))

    def _attached(self, ref: ItemRef) -> Attachment:
        native, number = address(ref)
        entry = self._folders.locate(native) if ref.source == self.source else None
        if entry is None:
            raise not_attached(ref)
        try:
            data, _ = bytes_of(entry)
        except Unopened as error:
            raise not_attached(ref, f"cannot be read: {error}") from None
        return part(data, ref, number)

    def _flag(self, operation: MailFlag, key: str) -> None:
        entry = self._folders.locate(operation.ref.native)
        if entry is None:
            raise Missing(f"{operation.ref} is not there any more.")
        add, remove, now = _letters(operation.add), _letters(operation.remove), set(entry.info)
        changed = {
            "added": sorted(FLAGS[f] for f in add - now),
            "removed": sorted(FLAGS[f] for f in remove & now),
        }
        self._notes.put(slug(key), changed)  # first: after a crash nobody could tell what was set before
        self._folders.rename(entry, folder=entry.folder, info="".join(sorted((now | add) - remove)))

    def _move(self, ref: ItemRef, folder: str) -> None:
        entry = self._folders.locate(ref.native) if ref.kind == "message" else None
        if entry is None:
            raise Missing(f"{ref} is not there any more.")
        self._folders.rename(entry, folder=folder, info=entry.info)

    def _target(self, name: str) -> str:
        if (folder := self._folders.named(name)) is not None:
            return folder
        for special in (self._called(kind) for kind in ("Drafts", "Sent", "Trash")):
            if special.casefold() == name.casefold():
                return special
        raise Missing(f"There is no folder {name!r}; there are {', '.join(sorted(self._folders.all()))}.")

    def _moved(self, ref: ItemRef, folder: str) -> Receipt | None:
        """Whether a message that was asked to move lies there, and no longer where it was."""
        was, _, unique = ref.native.rpartition("/")
        if ref.kind != "message" or (was != folder and self._folders.locate(ref.native) is not None):
            return None
        entry = self._folders.locate(f"{folder}/{unique}")
        return None if entry is None else self._receipt(entry, folder=folder, was=was)

    def _written(self, entry: Entry | None, key: str) -> Receipt | None:
        if entry is None or self._sender is None:
            return None
        refused = self._notes.get(slug(key)).get("refused", {})
        own_id = message_id(key, self._sender)
        return self._receipt(
            entry, folder=entry.folder, message_id=own_id, refused=refused,
            outbox=isinstance(self._route, Outbox) and entry.folder == self._called("Sent"),
        )  # fmt: skip

    def _receipt(self, entry: Entry, **detail: object) -> Receipt:
        try:
            version = f"m-{sha256(bytes_of(entry)[0]).hexdigest()[:12]}"
        except Unopened:
            version = ""
        return Receipt(ItemRef(self.source, "message", entry.native), version, detail)

    def _called(self, kind: Special) -> str:
        return self._folders.special(kind)


def _letters(names: Sequence[str]) -> set[str]:
    if unknown := [n for n in names if n not in _LETTERS]:
        raise Unsupported(f"There is no flag {unknown[0]!r}; there are {', '.join(sorted(_LETTERS))}.")
    return {_LETTERS[n] for n in names}


def _mark(name: str) -> str:
    return f".deskhand-{name}"


def _unique(key: str, now: datetime) -> str:
    return f"{int(now.timestamp())}{_mark(slug(key))}"


def connect(
    *,
    source: str,
    state: Path,
    place: str,
    outbox: str = "",
    smtp: str = "",
    sender: str = "",
    password: str = "",
) -> Maildir:
    """Open a Maildir, or a folder of Maildirs.

    :raises Misconfigured: no Maildir at `place`, or an option that cannot work.
    """
    if outbox and smtp:
        raise Misconfigured("Give either an outbox folder or an smtp server, not both.")
    folders = Folders(Path(place).expanduser())
    notes = Notes(state / "effects")
    route: Route | None = None
    if smtp:
        route = Relay(Server.of(smtp, password), notes)
    elif outbox:
        folder = Path(outbox).expanduser()
        if folder.exists() and not folder.is_dir():
            raise Misconfigured(f"The outbox {folder} is a file; it must be a folder.")
        route = Outbox(folder)
    return Maildir(source, folders, notes, mailbox(sender) if sender else None, route, Copies(state / "sent"))
