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
from typing import Any, Literal

from deskhand.connectors._freebusy import within
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
    FileTrash,
    Mailbox,
    MailDraft,
    MailSend,
    MailTrash,
    Operation,
)


@dataclass
class Memory:
    """A dictionary that remembers what happened to it."""

    source: str = "memory"
    operations: Sequence[type[Operation]] = (
        MailDraft, MailSend, MailTrash,
        EventCreate, EventUpdate, EventAnswered, EventRespond, EventReceive, EventCancel,
        EventRestore, FileCreate, FileCopy, FileReplace, FileTrash,
    )  # fmt: skip
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
            case FileCreate() | FileCopy():
                return FileTrash(source=self.source, ref=receipt.ref, version=receipt.version)
            case MailDraft():
                return MailTrash(source=self.source, ref=receipt.ref)
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

    def _perform(self, operation: Operation, key: str, now: datetime, contents: Contents) -> Receipt:
        match operation:
            case MailDraft() | MailSend():
                folder = "Drafts" if isinstance(operation, MailDraft) else "Sent"
                people = tuple(Participant("to", m.address, m.name) for m in operation.to)
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
            case EventCreate():
                item = self.add(
                    "event", key, title=operation.title, text=operation.description, at=now,
                    start=operation.start, end=operation.end, until=operation.end,
                    people=(*_parts("attendee", operation.attendees), *_parts("resource", operation.rooms)),
                    data=_status({}, operation),
                )  # fmt: skip
            case EventUpdate(following=True):
                return self._split(operation, key)
            case EventUpdate():
                item = self.put(_updated(self._at(operation.ref, operation.version), operation))
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
            case EventCancel() | FileTrash():
                self._at(operation.ref, operation.version)
                self.remove(operation.ref)
                return Receipt(operation.ref, "")
            case MailTrash():
                if operation.ref not in self.items:
                    raise Missing(f"{operation.ref} is not there any more.")
                item = self.put(replace(self.items[operation.ref], folder="Trash"))
            case _:
                raise Unsupported(f"{self.source} cannot do {operation.name}.")
        return Receipt(item.ref, item.version)

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
        right = self.put(_updated(replace(old, ref=ref, start=start), operation))
        left = self.put(replace(old, until=start))
        return Receipt(left.ref, left.version, {"also": {str(right.ref): right.version}})

    def _now(self, ref: ItemRef) -> str:
        return item.version if (item := self.items.get(ref)) else ""

    def _at(self, ref: ItemRef, version: str) -> Item:
        if (item := self.items.get(ref)) is None:
            raise Missing(f"{ref} is not there any more.")
        if item.version != version:
            raise Changed(f"{ref} changed since it was read.")
        return item


def _updated(old: Item, operation: EventUpdate) -> Item:
    people: dict[str, list[Participant]] = {n: [] for n in ("organizer", "attendee", "resource")}
    for p in old.people:
        people.setdefault(p.role, []).append(p)
    there = {(p.role, p.address): p for p in old.people}
    if operation.attendees is not None:
        people["attendee"] = _parts("attendee", operation.attendees)
    if operation.rooms is not None:
        people["resource"] = _parts("resource", operation.rooms)
    return replace(
        old,
        title=operation.title or old.title,
        start=operation.start or old.start,
        end=operation.end or old.end,
        until=operation.until or operation.end or old.until,
        people=tuple(there.get((p.role, p.address), p) for parts in people.values() for p in parts),
        data=_status(old.data, operation),
    )


def _parts(role: Literal["attendee", "resource"], given: Sequence[Mailbox]) -> list[Participant]:
    return [Participant(role, m.address, m.name) for m in given]


def _status(data: Mapping[str, Any], operation: EventCreate | EventUpdate) -> dict[str, Any]:
    made = {**data}
    if operation.location:
        made["location"] = operation.location
    if operation.status is not None:
        made["status"] = operation.status
    if operation.hold_until is not None:
        made["hold_until"] = operation.hold_until.isoformat()
    if operation.status == "confirmed":
        made.pop("hold_until", None)
    return made


def connect(*, source: str, state: Path) -> Memory:
    """An empty memory source; `state` is not used."""
    return Memory(source)
