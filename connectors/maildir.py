"""Mail in Maildir folders: read, flagged, moved, drafted, and sent through an outbox or a mail server.

A message is known by its file name, whose unique part never changes; a pass compares names and opens
only what is new. `place` is a Maildir or a folder of them; `outbox` a folder for another program to send
from, or `smtp` a server; `sender` the From of what is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

from deskhand.connectors._compose import envelope, mailbox, message_id, slug
from deskhand.connectors._mailfolders import FLAGS, Entry, Folders
from deskhand.connectors._mailread import Reading, Unopened, address, bytes_of
from deskhand.connectors._message import Attachment, content_of
from deskhand.connectors._sending import Copies, Letter, Notes, Outbox, Relay, Route
from deskhand.connectors._smtp import Server
from deskhand.connectors._text import Reader
from deskhand.connectors._written import not_attached, part, taken_back, writer
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Misconfigured, Missing, Transient, Unknown, Unsupported
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


class Maildir:
    """See the module; made by `connect`."""

    def __init__(
        self,
        source: str,
        folders: Folders,
        notes: Notes,
        sender: Mailbox | None,
        route: Route | None,
        copies: Copies,
    ):
        self.source = source
        self.operations: Sequence[type[Operation]] = (
            MailFlag, MailMove, MailTrash, *[MailDraft] * bool(sender), *[MailSend] * bool(sender and route),
        )  # fmt: skip
        self._folders = folders
        self._notes = notes
        self._sender = sender
        self._route = route
        self._copies = copies
        self._reader = Reader()
        owner = sender.address.lower() if sender else ""
        self._reading = Reading(source, folders, owner, self._reader)

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        return self._reading.changes(since)

    def read(self, ref: ItemRef) -> Item | None:
        return self._reading.read(ref)

    def content(self, ref: ItemRef, version: str) -> Content:
        native, number = address(ref)
        if (entry := self._folders.locate(native)) is None:
            raise Missing(f"{ref} is not there any more.")
        try:
            data, _ = bytes_of(entry)
        except Unopened as error:
            raise Missing(f"{ref} cannot be read: {error}") from None
        return content_of(data, ref, version, number=number)

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        if not isinstance(operation, tuple(self.operations)):
            raise Unsupported(f"{self.source} cannot do {operation.name}{self._why_not(operation)}.")
        if (receipt := self.find(operation, key=key)) is not None:
            return receipt
        try:
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
                    self._move(operation.ref, self._folders.special("Trash"))
        except OSError as error:
            raise Transient(f"{self.source} could not be written: {error.strerror or error}.") from error
        if (receipt := self.find(operation, key=key)) is None:
            # No refusal: who tries again what was sent sends it twice.
            raise Unknown(f"{operation.name} was done, and then somebody else changed the mailbox.")
        return receipt

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        name = slug(key)
        match operation:
            case MailDraft():
                return self._written(self._folders.written(_mark(name), self._folders.special("Drafts")), key)
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
                return self._moved(operation.ref, self._folders.special("Trash"))
        return None

    def where(self, operation: Operation, *, key: str) -> str:
        match operation:
            case MailSend() | MailDraft() if self._sender is not None:
                folder = self._folders.special("Sent" if isinstance(operation, MailSend) else "Drafts")
                asked = ", or ask whom it is to" if isinstance(operation, MailSend) else ""
                return f"in the folder {folder}, Message-ID {message_id(key, self._sender)}{asked}"
            case MailMove():
                return f"in the folder {operation.folder}, the message {operation.ref.native}"
            case MailTrash():
                return f"in the folder {self._folders.special('Trash')}, the message {operation.ref.native}"
            case MailFlag():
                return f"the flags of the message {operation.ref.native}"
        return ""

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        return taken_back(operation, receipt)

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return {}  # nobody's time is kept here

    def close(self) -> None:
        self._reader.close()

    # ------------------------------------------------------------------ writing

    def _draft(self, operation: MailDraft, key: str, now: datetime, contents: Contents) -> None:
        write = self._written_by(operation, key, now, contents)
        drafts = self._folders.special("Drafts")
        self._folders.deliver(drafts, _unique(key, now), write(show_bcc=True), info="DS")

    def _send(self, operation: MailSend, key: str, now: datetime, contents: Contents) -> None:
        if self._sender is None or self._route is None:
            raise Unsupported
        write = self._written_by(operation, key, now, contents)
        mark = _mark(slug(key))

        def stage() -> None:
            self._copies.drop(mark)
            self._copies.put(_unique(key, now), write(show_bcc=True))
            self._folders.prepare(self._folders.special("Sent"))

        recipients = list(dict.fromkeys(envelope(m) for m in operation.recipients))
        self._route.send(
            Letter(
                slug(key), write(show_bcc=False), envelope(self._sender), recipients, stage,
                partial(self._copies.drop, mark), partial(self._kept, mark),
            )
        )  # fmt: skip

    def _kept(self, mark: str) -> Entry | None:
        """The copy in Sent of what is out; put there now, where it waits for that still."""
        sent = self._folders.special("Sent")
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
        return self._folders.written(mark, self._folders.special("Sent"))

    def _written_by(
        self, operation: MailDraft | MailSend, key: str, now: datetime, contents: Contents
    ) -> Callable[..., bytes]:
        """What writes the message, with all it needs from the mailbox in hand."""
        if self._sender is None:
            raise Unsupported
        return writer(
            operation, key=key, now=now, sender=self._sender, contents=contents,
            read=self.read, attached=self._attached,
        )  # fmt: skip

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
        for special in (self._folders.special(kind) for kind in ("Drafts", "Sent", "Trash")):
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
            outbox=isinstance(self._route, Outbox) and entry.folder == self._folders.special("Sent"),
        )  # fmt: skip

    def _receipt(self, entry: Entry, **detail: object) -> Receipt:
        try:
            version = f"m-{sha256(bytes_of(entry)[0]).hexdigest()[:12]}"
        except Unopened:
            version = ""
        return Receipt(ItemRef(self.source, "message", entry.native), version, detail)

    def _why_not(self, operation: Operation) -> str:
        if isinstance(operation, MailDraft | MailSend) and self._sender is None:
            return " because it does not know who writes (option sender)"
        return " because it has no way out (option outbox or smtp)" if isinstance(operation, MailSend) else ""


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
