"""Things kept in memory: the reference connector, and the one tests use.

It holds items of every kind and keeps a log of every write it accepted, so that a test can count
effects where they happen instead of believing the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from deskhand.connectors._freebusy import within
from deskhand.connectors._memory_items import document, event, message, parts, status, updated
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Changed, Exists, Missing, Unsupported
from deskhand.connectors.itip import read_itip
from deskhand.connectors.model import (
    Change,
    Content,
    Contents,
    Cursor,
    FreeBusy,
    Item,
    ItemRef,
    Kind,
    Label,
    Participant,
    Receipt,
    Removed,
)
from deskhand.connectors.operations import (
    EventAnswered,
    EventCancel,
    EventCreate,
    EventReceive,
    EventRespond,
    EventRestore,
    EventState,
    EventUpdate,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
    Operation,
)

LOCAL = True


@dataclass
class Memory:
    """A dictionary that remembers what happened to it."""

    source: str = "memory"
    operations: Sequence[type[Operation]] = (
        MailDraft, MailSend, MailFlag, MailMove, MailTrash,
        EventCreate, EventUpdate, EventAnswered, EventRespond, EventReceive, EventCancel,
        EventRestore, FileCreate, FileCopy, FileReplace, FileRestore, FileTrash,
    )  # fmt: skip
    me: str = ""
    """Whose it is: the owner's address."""
    items: dict[ItemRef, Item] = field(default_factory=dict[ItemRef, Item])
    log: list[ItemRef] = field(default_factory=list[ItemRef])
    performed: list[Operation] = field(default_factory=list[Operation])
    """Every operation that had an effect, in order: the provider's own account."""
    receipts: dict[str, Receipt] = field(default_factory=dict[str, Receipt])
    diaries: dict[str, FreeBusy] = field(default_factory=dict[str, FreeBusy])
    """What it knows of other people's time, by address in lower case."""
    kept: dict[tuple[ItemRef, str], Item] = field(default_factory=dict[tuple[ItemRef, str], Item])
    """Every version there was. What `EventRestore.ics` holds here is the version meant."""

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        start = int(since.value) if since else 0
        refs = list(dict.fromkeys(self.log[start:]))
        for ref in refs:
            yield self.items.get(ref) or Removed(ref)
        yield Cursor(str(len(self.log)), len(refs), len(refs))

    def read(self, ref: ItemRef) -> Item | None:
        return self.items.get(ref)

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        return self.receipts.get(key)

    def where(self, operation: Operation, *, key: str) -> str:
        return f"in {self.source}, under the key {key}"

    def content(self, ref: ItemRef, version: str) -> Content:
        item = self._at(ref, version)
        return Content(item.title, str(item.data.get("mime", "text/plain")), item.text.encode())

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        if not isinstance(operation, tuple(self.operations)):
            raise Unsupported(f"{self.source} cannot do {operation.name}.")
        if key in self.receipts:
            return self.receipts[key]
        receipt = self._perform(operation, key, now, contents)
        self.performed.append(operation)
        self.receipts[key] = receipt
        return receipt

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        match operation:
            case EventCreate():
                return EventCancel(source=self.source, ref=receipt.ref, version=receipt.version)
            case (
                EventUpdate()
                | EventAnswered()
                | EventRespond()
                | EventReceive()
                | EventCancel()
                | EventRestore()
            ):
                before = {str(s.ref): s.version for s in getattr(operation, "also", ())}
                also = tuple(
                    EventState(ref=ItemRef.parse(ref), version=version, ics=before.get(ref, ""))
                    for ref, version in receipt.detail.get("also", {}).items()
                )
                if not operation.version:
                    return EventCancel(source=self.source, ref=receipt.ref, version=receipt.version)
                return EventRestore(
                    source=self.source, ref=receipt.ref, version=receipt.version, ics=operation.version,
                    also=also,
                )  # fmt: skip
            case FileReplace() | FileRestore() | FileTrash() if before := receipt.detail.get("before", ""):
                return FileRestore(source=self.source, ref=receipt.ref, version=receipt.version, hash=before)
            case FileCreate() | FileCopy() | FileRestore():
                return FileTrash(source=self.source, ref=receipt.ref, version=receipt.version)
            case MailDraft():
                return MailTrash(source=self.source, ref=receipt.ref)
            case MailFlag() if any(receipt.detail.values()):
                added, removed = receipt.detail["added"], receipt.detail["removed"]
                return MailFlag(source=self.source, ref=receipt.ref, add=removed, remove=added)
            case MailMove() | MailTrash() if receipt.detail["was"] != receipt.detail["folder"]:
                return MailMove(source=self.source, ref=receipt.ref, folder=receipt.detail["was"])
            case _:
                return None

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        asked = {a.lower() for a in addresses} & self.diaries.keys()
        known = (self.diaries[a] for a in sorted(asked))
        return {k.address: replace(k, busy=within(k.busy, start=start, end=end)) for k in known}

    def close(self) -> None:
        pass

    def put(self, item: Item) -> Item:
        """Add or replace an item as if its owner had done so."""
        self.log.append(item.ref)
        self.items[item.ref] = item = replace(item, version=str(len(self.log)))
        self.kept[item.ref, item.version] = item
        return item

    def remove(self, ref: ItemRef) -> None:
        """Take an item away as if its owner had done so."""
        self.log.append(ref)
        del self.items[ref]

    def add(self, kind: Kind, native: str, *, title: str, text: str, at: datetime, **rest: Any) -> Item:
        """Put a new item made of its parts: the short way for tests."""
        ref = ItemRef(self.source, kind, native)
        digest = sha256(f"{title}\0{text}".encode()).hexdigest()
        return self.put(Item(ref, "", title, text, at, digest, **rest))

    def mail(self, native: str, **parts: Any) -> Item:
        """Put in a mail, labelled as a mailbox labels it: see `_memory_items.message`."""
        return self.put(message(ItemRef(self.source, "message", native), me=self.me, **parts))

    def event(self, native: str, **parts: Any) -> Item:
        """Put in an event, labelled as a calendar labels it: see `_memory_items.event`."""
        return self.put(event(ItemRef(self.source, "event", native), me=self.me, **parts))

    def document(self, native: str, **parts: Any) -> Item:
        """Put in a file, labelled as a folder labels it: see `_memory_items.document`."""
        return self.put(document(ItemRef(self.source, "document", native), **parts))

    def _perform(self, operation: Operation, key: str, now: datetime, contents: Contents) -> Receipt:
        match operation:
            case MailDraft() | MailSend():
                folder = "Drafts" if isinstance(operation, MailDraft) else "Sent"
                boxes = {"to": operation.to, "cc": operation.cc, "bcc": operation.bcc}
                people = tuple(
                    Participant(role, m.address, m.name)  # type: ignore[arg-type]  # the three roles above
                    for role, named in boxes.items()
                    for m in named
                )
                item = self.add(
                    "message", key, title=operation.subject, text=operation.body, at=now, people=people,
                    folder=folder, label=Label("user"),
                    data={"message_id": f"<{key}@memory>", "sent": folder == "Sent"},
                )  # fmt: skip
            case FileCopy():
                if ItemRef(self.source, "document", operation.path) in self.items:
                    raise Exists(f"{operation.path} exists already.")
                text = contents[operation.content.ref].data.decode(errors="replace")
                item = self.add("document", operation.path, title=operation.called, text=text, at=now)
            case FileCreate():
                if ItemRef(self.source, "document", operation.path) in self.items:
                    raise Changed(f"{operation.path} exists already.")
                item = self.add("document", operation.path, title=operation.path, text=operation.text, at=now)
            case FileReplace():
                old = self._at(operation.ref, operation.version)
                item = self.add(old.ref.kind, old.ref.native, title=old.title, text=operation.text, at=now)
                return Receipt(item.ref, item.version, {"before": old.hash, "hash": item.hash})
            case FileRestore():
                return self._put_back(operation, now)
            case EventCreate():
                item = self.add(
                    "event", key, title=operation.title, text=operation.description, at=now,
                    start=operation.start, end=operation.end, until=operation.end,
                    people=(*parts("attendee", operation.attendees), *parts("resource", operation.rooms)),
                    data=status({}, operation),
                )  # fmt: skip
            case EventUpdate(following=True):
                return self._split(operation, key)
            case EventUpdate():
                item = self.put(updated(self._at(operation.ref, operation.version), operation))
            case EventAnswered() | EventRespond():
                old = self._at(operation.ref, operation.version)
                if operation.address not in {p.address for p in old.people if p.role != "organizer"}:
                    raise Missing(f"{operation.address} is not invited to this event.")
                item = self.put(
                    replace(
                        old,
                        people=tuple(
                            replace(p, status=operation.status) if p.address == operation.address else p
                            for p in old.people
                        ),
                    )
                )
            case EventReceive():
                item = self._received(operation, now)
            case EventRestore():
                states = [*operation.also, EventState.model_construct(
                    ref=operation.ref, version=operation.version, ics=operation.ics,
                )]  # fmt: skip
                for state in states:
                    if self._now(state.ref) != state.version:
                        raise Changed(f"{state.ref} changed since it was read.")
                for state in states:
                    if state.ics:
                        kept, seen = self.kept[state.ref, state.ics], self.items.get(state.ref)
                        if operation.revised:
                            counts = [int(i.data.get("sequence", 0)) for i in (kept, seen) if i]
                            self.put(replace(kept, data={**kept.data, "sequence": max(counts) + 1}))
                            continue
                        self.log.append(state.ref)
                        self.items[state.ref] = kept
                    elif state.version:
                        self.remove(state.ref)
                also = {str(s.ref): self._now(s.ref) for s in operation.also}
                return Receipt(operation.ref, self._now(operation.ref), {"also": also} if also else {})
            case EventCancel(following=True):  # items have no occurrences here
                old = self._at(operation.ref, operation.version)
                if old.start is not None and operation.occurrence == old.start:
                    self.remove(operation.ref)
                    return Receipt(operation.ref, "")
                item = self.put(replace(old, until=operation.occurrence))
            case EventCancel():
                self._at(operation.ref, operation.version)
                self.remove(operation.ref)
                return Receipt(operation.ref, "")
            case FileTrash():
                old = self._at(operation.ref, operation.version)
                self.remove(operation.ref)
                return Receipt(operation.ref, "", {"before": old.hash, "hash": ""})
            case MailTrash() | MailMove():
                old = self._there(operation.ref)
                folder = operation.folder if isinstance(operation, MailMove) else "Trash"
                item = self.put(replace(old, folder=folder))
                return Receipt(item.ref, item.version, {"folder": folder, "was": old.folder})
            case MailFlag():
                old = self._there(operation.ref)
                flags, add, remove = {*old.flags}, {*operation.add}, {*operation.remove}
                item = self.put(replace(old, flags=tuple(sorted((flags | add) - remove))))
                changed = {"added": sorted(add - flags), "removed": sorted(remove & flags)}
                return Receipt(item.ref, item.version, changed)
            case _:
                raise Unsupported(f"{self.source} cannot do {operation.name}.")
        return Receipt(item.ref, item.version)

    def _put_back(self, operation: FileRestore, now: datetime) -> Receipt:
        if self._now(operation.ref) != operation.version:
            raise Changed(f"{operation.ref} changed since it was read.")
        there = self.items.get(operation.ref)
        states = (item for (ref, _), item in self.kept.items() if ref == operation.ref)
        if (old := next((s for s in states if s.hash == operation.hash), None)) is None:
            raise Missing(f"{operation.ref} had no such version.")
        item = self.put(replace(old, at=now))
        return Receipt(item.ref, item.version, {"before": there.hash if there else "", "hash": item.hash})

    def _received(self, operation: EventReceive, now: datetime) -> Item:
        if self._now(operation.ref) != operation.version:
            raise Changed(f"{operation.ref} changed since it was read.")
        said = read_itip(operation.ics)
        old = self.items.get(operation.ref)
        if said.sequence < (int(old.data.get("sequence", 0)) if old else 0):
            raise Changed("The calendar has a newer state of the event than this message.")
        people = (*((said.organizer,) if said.organizer else ()), *said.attendees)
        mine = operation.address.lower()
        people = tuple(
            replace(p, status=operation.status) if operation.status and p.address == mine else p
            for p in people
        )
        data = {"uid": said.uid, "sequence": said.sequence, "status": said.status}
        return self.add(
            "event", operation.ref.native, title=said.summary, text=said.description, at=now,
            start=said.start, end=said.end, until=said.end, people=people, data=data,
        )  # fmt: skip

    def _split(self, operation: EventUpdate, key: str) -> Receipt:
        """Items have no occurrences here, so the old one ends where the new one begins."""
        old = self._at(operation.ref, operation.version)
        ref = ItemRef(self.source, "event", key)
        start = operation.occurrence or old.start
        right = self.put(updated(replace(old, ref=ref, start=start), operation))
        left = self.put(replace(old, until=start))
        return Receipt(left.ref, left.version, {"also": {str(right.ref): right.version}})

    def _there(self, ref: ItemRef) -> Item:
        if (item := self.items.get(ref)) is None:
            raise Missing(f"{ref} is not there any more.")
        return item

    def _now(self, ref: ItemRef) -> str:
        return item.version if (item := self.items.get(ref)) else ""

    def _at(self, ref: ItemRef, version: str) -> Item:
        item = self._there(ref)
        if item.version != version:
            raise Changed(f"{ref} changed since it was read.")
        return item


def connect(*, source: str, state: Path) -> Memory:
    """An empty memory source; `state` is not used."""
    return Memory(source)
