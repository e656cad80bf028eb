"""The nouns every layer shares: what a source holds, and what a pass over it yields.

Pure values: nothing here reads a clock, a disk or a network. Every `datetime` is aware.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, get_args

Kind = Literal["document", "message", "event", "attachment"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Role = Literal["author", "from", "to", "cc", "bcc", "reply-to", "organizer", "attendee", "resource"]
"""A resource is a room or a device that an event asks for (ATTENDEE with CUTYPE, RFC 5545 3.2.3): it answers
as an attendee does, and is no guest."""

Trust = Literal["user", "assistant", "metadata", "contact", "untrusted"]
"""How far a value is trusted, best first (docs/threat-model.md)."""

_TRUST: tuple[Trust, ...] = get_args(Trust)


@dataclass(frozen=True, slots=True, order=True)
class ItemRef:
    """The address of one thing: the source's alias, its kind, and the id its source knows it by.

    Written `source:kind:native`; aliases and kinds hold no colon, so the text form reads back.
    """

    source: str
    kind: Kind
    native: str

    def __str__(self) -> str:
        return f"{self.source}:{self.kind}:{self.native}"

    @classmethod
    def parse(cls, text: str) -> ItemRef:
        """Read the text form. :raises ValueError: it is not `source:kind:native`."""
        source, _, rest = text.partition(":")
        kind, _, native = rest.partition(":")
        if not source or kind not in KINDS or not native:
            raise ValueError(f"{text!r} is not an item's address (source:kind:id)")
        return cls(source, kind, native)


@dataclass(frozen=True, slots=True)
class Label:
    """Where a value came from and how far it is trusted.

    The default is the careful one: whoever forgets a label gets untrusted and private.
    `readers` are the addresses of those who could read the value at its source; `None` means
    everybody ("public"), an empty tuple only the owner of the account.
    """

    trust: Trust = "untrusted"
    origins: tuple[str, ...] = ()
    readers: tuple[str, ...] | None = ()
    via: tuple[str, ...] = ()
    """Steps of a run that it went through, sorted. A connector's own label has none."""

    def join(self, other: Label) -> Label:
        """The label of a value made of both: the worse trust, all origins, only common readers, all steps."""
        trust = max(self.trust, other.trust, key=_TRUST.index)
        origins = tuple(sorted({*self.origins, *other.origins}))
        if self.readers is None or other.readers is None:
            readers = other.readers if self.readers is None else self.readers
        else:
            readers = tuple(sorted({*self.readers} & {*other.readers}))
        return Label(trust, origins, readers, tuple(sorted({*self.via, *other.via})))

    def through(self, step: str) -> Label:
        """The same, of what a step left."""
        return replace(self, via=tuple(sorted({*self.via, step})))


def join(labels: Iterable[Label]) -> Label:
    """Join many labels; of none at all it is the user's own word, known to everybody."""
    joined = Label("user", (), None)
    for label in labels:
        joined = joined.join(label)
    return joined


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody's part in an item. `status` is an attendee's PARTSTAT (RFC 5545 3.2.12), lower case."""

    role: Role
    address: str
    """Lower case, without `mailto:`; may be empty where a source knows only a name."""
    name: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """A tie to something else, named by native id or, for mail, by Message-ID in angle brackets."""

    type: Literal["thread", "reply-to", "attachment-of", "mentions"]
    target: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing at one version.

    Several versions of a thing may come in one pass, oldest first: the last one is current.
    """

    ref: ItemRef
    version: str
    """Names this state of the content at its source (ETag, commit, content hash). Opaque."""
    title: str
    text: str
    """What is searched. In a message: only what is new in it, without quotes and signature."""
    at: datetime
    """When this version came to be: a message's Date, a commit's time, a file's mtime."""
    hash: str
    """SHA-256 of the content as the source holds it; equal hashes are never stored twice."""
    start: datetime | None = None
    """Events: start of the first occurrence."""
    end: datetime | None = None
    """Events: end of the first occurrence."""
    until: datetime | None = None
    """Events: end of the last occurrence; None with a `start` means it goes on for ever."""
    people: tuple[Participant, ...] = ()
    relations: tuple[Relation, ...] = ()
    folder: str = ""
    """Where it lies in its source: a folder path, a mailbox, a calendar."""
    author: str = ""
    """Who made this version, as a person would write it."""
    note: str = ""
    """What the author said of this version (a commit message)."""
    flags: tuple[str, ...] = ()
    """State that is no new version: seen, answered, flagged, draft, trashed. Sorted."""
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Plain JSON that only this kind has. message: message_id, references, quoted, signature, and
    sent (the account's owner sent it, as its place shows), itip (what a meeting's message in it says,
    see `itip.from_json`; unverified), calendar (the text of that message where it asks or withdraws),
    thread (the provider's id of its conversation), labels (where it has several at once);
    event: ics (the whole VCALENDAR of this UID), uid, status, transparent, all_day, rrule, location, zone,
    class, shown_as, owner (whose calendar it lies in, where that is somebody else's),
    exdates (of a series) and hold_until (of a hold), ISO 8601 in UTC, comments (of attendees, by address);
    document, attachment: mime, size; document: shared (others can read it, by a link too)."""
    label: Label = field(default_factory=Label)
    link: str = ""
    """What opens the thing in its own program: a path or URL."""
    was: ItemRef | None = None
    """The address it had before, if it moved since. Nothing is there any more; its history goes with it."""

    def person(self, *roles: Role) -> Participant | None:
        """The first who has one of these roles, or None."""
        return next((p for p in self.people if p.role in roles), None)


@dataclass(frozen=True, slots=True)
class Removed:
    """A thing that is no longer at its source. Its versions stay in the archive."""

    ref: ItemRef


@dataclass(frozen=True, slots=True)
class Flagged:
    """Other flags of a thing; all else of it is as it was told last. Of one that is not there, nothing.

    For sources that tell of flags without the thing: marking a mailbox as read fetches no message.
    """

    ref: ItemRef
    flags: tuple[str, ...]
    """As `Item.flags`."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A thing that could not be read. The pass goes on; the thing is tried again when it changes."""

    ref: ItemRef
    reason: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a pass has come; opaque to everyone but its connector.

    Everything yielded before it is complete, so it may be stored together with that page and the
    pass taken up again from it. `done` of `expected` things have been looked at in this pass.
    """

    value: str
    done: int = 0
    expected: int | None = None


Told = Item | Removed | Flagged | Failed
"""What a pass says of one thing."""

Change = Told | Cursor


Week = tuple[tuple[tuple[int, int], ...], ...]
"""Working hours: for each day from Monday to Sunday, spans of minutes of the local day (0 to 1440)."""


@dataclass(frozen=True, slots=True, order=True)
class Busy:
    """A stretch in which somebody is taken, `[start, end)`, both aware. What it is, is not told."""

    start: datetime
    end: datetime
    tentative: bool = False
    kind: Literal["busy", "out-of-office"] = "busy"


@dataclass(frozen=True, slots=True)
class FreeBusy:
    """What a source knows of one person's time. No `busy` and no `error` says: nothing is planned."""

    address: str
    """Lower case; or the name of a room that has no address."""
    busy: tuple[Busy, ...] = ()
    """In order, within the window asked about. Known to be taken also where `error` is set."""
    until: datetime | None = None
    """Up to when `busy` is complete; None: to the end of the window. The window's start: it is nowhere."""
    zone: str = ""
    """IANA name, where the source tells it."""
    hours: Week | None = None
    """Working hours, where the source tells them."""
    error: str = ""
    """Why it is not known when the person is free; a sentence."""


def merged(answers: Sequence[FreeBusy], *, end: datetime) -> FreeBusy:
    """One answer of several about the same person, of which each knows a part of her time.

    Taken is what any of them says; it is known only as far as each of them knows it.
    """
    busy = sorted({b for a in answers for b in a.busy})
    until = min((a.until or end for a in answers), default=end)
    return FreeBusy(
        answers[0].address,
        tuple(busy),
        None if until >= end else until,
        next((a.zone for a in answers if a.zone), ""),
        next((a.hours for a in answers if a.hours is not None), None),
        " ".join(dict.fromkeys(a.error for a in answers if a.error)),
    )


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of an item as its source holds them, and what a copy of them is called."""

    name: str
    mime: str
    data: bytes


Contents = Mapping[ItemRef, Content]
"""What an operation takes along from other items (`Operation.enclosed`), by their address."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an operation happened, read back from the source after it."""

    ref: ItemRef
    version: str
    """The version the thing has now; empty when the thing is gone."""
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the source says of it, plain JSON: a Message-ID, a folder, refused recipients."""
