"""What can be done at a source: every write Deskhand knows, as a value that a person can approve.

An operation holds its final arguments and nothing else. It names the version it was approved for
where it changes something (stale is `Conflict`, never a silent overwrite), what kind of effect it
has, and how far it can be undone (docs/threat-model.md).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    field_validator,
    model_validator,
)

from deskhand.connectors._clean import clean
from deskhand.connectors.model import ItemRef

Effect = Literal["read", "draft", "write", "notify", "send", "delete"]
Undo = Literal["R0", "R1", "R2", "R3"]
"""R0 nothing to take back, R1 clean, R2 others saw it, R3 cannot be taken back once it has gone out."""


def _ref(value: object) -> ItemRef:
    return value if isinstance(value, ItemRef) else ItemRef.parse(str(value))


RefField = Annotated[
    ItemRef,
    PlainValidator(_ref, json_schema_input_type=str),
    PlainSerializer(str, return_type=str),
]


class Enclosure(BaseModel):
    """Another item at one version, of any connected source, whose bytes go along as they are.

    The version is a part of what is approved: where the item has changed by then, nothing happens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    ref: RefField
    version: Annotated[str, Field(min_length=1)]
    name: str = ""
    """What the copy is called; empty: as it is called where it is."""


def _attached(value: object) -> ItemRef | Enclosure:
    if isinstance(value, ItemRef | Enclosure):
        return value
    return Enclosure.model_validate(value) if isinstance(value, dict) else _ref(value)


def _plain(value: ItemRef | Enclosure) -> str | dict[str, str]:
    return value.model_dump(mode="json") if isinstance(value, Enclosure) else str(value)


AttachedField = Annotated[
    ItemRef | Enclosure,
    PlainValidator(_attached, json_schema_input_type=str | Enclosure),
    PlainSerializer(_plain, return_type=str | dict[str, str]),
]


class Operation(BaseModel):
    """Something a person may approve."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    name: ClassVar[str]
    plain: ClassVar[str]
    """What it does, for the person where a plan does not say what it is for: "send a mail"."""
    effect: ClassVar[Effect]
    undo: ClassVar[Undo]

    later: ClassVar[frozenset[str]] = frozenset()
    """Fields that there were not from the beginning. Empty, they are not among `arguments`: what was asked
    before there were any keeps its key and its signature."""

    source: str
    """Alias of the source that carries it out."""

    @field_validator(
        "subject", "body", "title", "location", "description", "comment", "text", check_fields=False
    )
    @classmethod
    def _sendable(cls, text: str | None) -> str | None:
        """As it is written in the end: what is shown and signed is what is sent."""
        return text if text is None else clean(text)

    @property
    def enclosed(self) -> tuple[Enclosure, ...]:
        """What it takes along; its bytes are read when it is carried out."""
        return ()

    def arguments(self) -> dict[str, Any]:
        """The final arguments as plain JSON, defaults included (but see `later`): what an approval signs."""
        said = self.model_dump(mode="json")
        return {name: value for name, value in said.items() if value or name not in self.later}


class Mailbox(BaseModel):
    """A mail address with the name shown beside it (RFC 5322 3.4)."""

    model_config = ConfigDict(frozen=True, defer_build=True)
    address: Annotated[str, Field(pattern=r"^[^@\s<>,;\r\n]+@[^@\s<>,;\r\n]+$")]
    name: str = ""

    @field_validator("name")
    @classmethod
    def _sendable(cls, name: str) -> str:
        return clean(name)

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


class _Mail(Operation):
    later = frozenset({"forwards"})

    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    subject: str = ""
    body: str = ""
    """Plain text."""
    answers: RefField | None = None
    """The message this replies to: sets In-Reply-To and References (RFC 5322 3.6.4)."""
    forwards: RefField | None = None
    """The message this passes on, a message of this same source: it is marked as forwarded where the mailbox
    has such a mark. Nothing of it goes along by this; where it is gone, this goes out all the same."""
    attachments: tuple[AttachedField, ...] = ()
    """What travels along as it is: items of this same source, or any at a version."""
    calendar: str = ""
    """An iCalendar object with a METHOD, sent as text/calendar (RFC 6047)."""

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.answers is not None and self.forwards is not None:
            raise ValueError("a message answers one or passes one on, not both")
        return self

    @property
    def recipients(self) -> tuple[Mailbox, ...]:
        return self.to + self.cc + self.bcc

    @property
    def enclosed(self) -> tuple[Enclosure, ...]:
        return tuple(a for a in self.attachments if isinstance(a, Enclosure))


class MailDraft(_Mail):
    """Put a message into Drafts."""

    name = "mail.draft"
    plain = "write a draft"
    effect = "draft"
    undo = "R1"


class MailSend(_Mail):
    """Send a message, with a copy in Sent."""

    name = "mail.send"
    plain = "send a mail"
    effect = "send"
    undo = "R3"

    @model_validator(mode="after")
    def _somebody(self) -> MailSend:
        if not self.recipients:
            raise ValueError("a message needs at least one recipient")
        return self


class MailFlag(Operation):
    """Set or clear flags of a message: seen, answered, flagged."""

    name = "mail.flag"
    plain = "mark a mail"
    effect = "write"
    undo = "R1"

    ref: RefField
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class MailMove(Operation):
    """Move a message to another folder."""

    name = "mail.move"
    plain = "file a mail"
    effect = "write"
    undo = "R1"

    ref: RefField
    folder: str


class MailTrash(Operation):
    """Move a message to the trash."""

    name = "mail.trash"
    plain = "throw a mail away"
    effect = "delete"
    undo = "R1"

    ref: RefField


class EventCreate(Operation):
    """Put an event into a calendar. Its UID comes from the effect's key, so it exists at most once."""

    name = "event.create"
    plain = "put an event into the calendar"
    effect = "notify"
    undo = "R1"

    title: str
    start: AwareDatetime
    end: AwareDatetime
    zone: str
    """IANA name; the local time in this zone is what repeats (RFC 5545 3.8.5.3)."""
    all_day: bool = False
    attendees: tuple[Mailbox, ...] = ()
    rooms: tuple[Mailbox, ...] = ()
    """Rooms that are asked for the time (CUTYPE=ROOM, RFC 5545 3.2.3). They answer, and are no guests."""
    location: str = ""
    description: str = ""
    rrule: str = ""
    exdates: tuple[AwareDatetime, ...] = ()
    """Starts of occurrences of the rule that are not held (RFC 5545 3.8.5.1), on the wall clock of `zone`."""
    calendar: str = ""
    """Which calendar (file) of the source; empty: its default."""
    status: Literal["confirmed", "tentative"] = "confirmed"
    hold_until: AwareDatetime | None = None
    """Of a tentative event: it only keeps the time free till then (`Item.data["hold_until"]`). Nothing
    here takes it away at that time; whoever made it does."""

    @model_validator(mode="after")
    def _makes_sense(self) -> EventCreate:
        if self.end - self.start <= timedelta(0):
            raise ValueError("an event must end after it starts")
        if self.hold_until is not None and self.status != "tentative":
            raise ValueError("only a tentative event is held until a time")
        if self.exdates and not self.rrule.strip():
            raise ValueError("only of an event that repeats something can be left out")
        return self


class EventUpdate(Operation):
    """Change an event, one occurrence of it, or one and all that follow. None means: leave as it is.

    Where the owner is the organizer, another time or rule counts the SEQUENCE up and asks everybody
    anew (RFC 5546 2.1.4, 3.2.2.1); other changes do neither.
    """

    name = "event.update"
    plain = "change an event"
    effect = "notify"
    undo = "R1"

    ref: RefField
    version: str
    occurrence: AwareDatetime | None = None
    """Start of the one occurrence meant (RECURRENCE-ID); None: the event or the whole series."""
    following: bool = False
    """`occurrence` and all after it: they become a series of their own, whose ref is the key of the one
    entry in the receipt's `detail["also"]`. `start` and `end` are those of its first occurrence."""
    title: str | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    location: str | None = None
    description: str | None = None
    attendees: tuple[Mailbox, ...] | None = None
    rooms: tuple[Mailbox, ...] | None = None
    """The rooms asked for instead of those before."""
    status: Literal["confirmed", "tentative"] | None = None
    """`confirmed` makes a meeting of a hold, under the same UID."""
    hold_until: AwareDatetime | None = None
    """Another time until which a tentative event is held."""
    until: AwareDatetime | None = None
    """A later end of a series that has one: nothing begins after it (RFC 5545 3.3.10, UNTIL)."""

    @model_validator(mode="after")
    def _names_the_first(self) -> EventUpdate:
        if self.following and self.occurrence is None:
            raise ValueError("the first occurrence that changes must be named")
        if self.hold_until is not None and self.status == "confirmed":
            raise ValueError("only a tentative event is held until a time")
        if self.until is not None and self.occurrence is not None:
            raise ValueError("only a whole series has another end")
        return self


class EventAnswered(Operation):
    """Note in an event of one's own what somebody invited to it has answered.

    Refused (`Changed`) where the answer is to an older SEQUENCE, or older than the one noted already
    (RFC 5546 2.1.5), and (`Missing`) where that address was not invited.
    """

    name = "event.answered"
    plain = "note an answer in the calendar"
    effect = "write"
    undo = "R1"

    ref: RefField
    version: str
    address: Annotated[str, Field(pattern=r"^[^@\s<>,;\r\n]+@[^@\s<>,;\r\n]+$")]
    """Who answers, as invited."""
    status: Literal["accepted", "declined", "tentative"]
    sequence: int = Field(ge=0)
    """The SEQUENCE that the answer carries."""
    at: AwareDatetime | None = None
    """When the answer was made (its DTSTAMP)."""
    comment: Annotated[str, Field(max_length=4_000)] = ""
    occurrence: AwareDatetime | None = None
    """The one occurrence answered for (RECURRENCE-ID); None: the event or the whole series."""


class EventRespond(Operation):
    """Set one's own answer in somebody else's event that lies in one's calendar. Nobody is told by it,
    but by a server that does so itself (`TELLS`)."""

    name = "event.respond"
    plain = "answer an invitation in the calendar"
    effect = "write"
    undo = "R1"

    ref: RefField
    version: str
    status: Literal["accepted", "declined", "tentative"]
    address: str = ""
    """Which of the owner's addresses is invited; empty: the calendar's."""
    comment: Annotated[str, Field(max_length=4_000)] = ""
    occurrence: AwareDatetime | None = None
    """The one occurrence answered for (RECURRENCE-ID); None: the event or the whole series."""


class EventReceive(Operation):
    """Put a meeting into one's own calendar as its organizer's message has it, under the organizer's UID.

    A REQUEST is put in, or takes the place of the copy there is; a CANCEL makes the copy STATUS:CANCELLED.
    Refused (`Changed`) where the copy is newer (RFC 5546 2.1.5). Nobody is told by it.
    """

    name = "event.receive"
    plain = "take over a meeting into the calendar"
    effect = "write"
    undo = "R1"

    ref: RefField
    """The event: the message's UID, in the source that it is put into."""
    version: str
    """What the copy must be at now; empty: there must be none."""
    message: RefField
    """The mail that brought it."""
    ics: Annotated[str, Field(max_length=200_000)]
    """The organizer's message, a whole VCALENDAR with its METHOD."""
    address: str = ""
    """Under which of the owner's addresses the owner is invited; empty: the calendar's."""
    status: Literal["accepted", "tentative"] | None = None
    """The owner's own answer; None: as the message has it."""


class EventCancel(Operation):
    """Cancel an event, one occurrence of it, or one and all that follow: the series ends before it then."""

    name = "event.cancel"
    plain = "take an event out of the calendar"
    effect = "notify"
    undo = "R1"
    later = frozenset({"comment"})

    ref: RefField
    version: str
    occurrence: AwareDatetime | None = None
    following: bool = False
    """`occurrence` and all after it. Where nothing is left before it, the whole is cancelled."""
    comment: Annotated[str, Field(max_length=4_000)] = ""
    """Words for all those invited: a calendar whose server tells them (`TELLS`) has it say that too, and one
    that keeps what was called off notes it there (COMMENT, RFC 5545 3.8.1.4). They reach nobody where a
    series ends, or where somebody else called the meeting."""

    @model_validator(mode="after")
    def _names_the_first(self) -> EventCancel:
        if self.following and self.occurrence is None:
            raise ValueError("the first occurrence that is cancelled must be named")
        return self


class EventState(BaseModel):
    """An event as it shall be, and the version it must be at before."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    ref: RefField
    version: str
    """What it must be at now; empty: it must be absent."""
    ics: str
    """A whole VCALENDAR; empty: it shall be absent."""


class EventRestore(Operation):
    """Put an event back as it was, byte for byte: the inverse of all that changes events."""

    name = "event.restore"
    plain = "put an event back as it was"
    effect = "notify"
    undo = "R1"

    ref: RefField
    version: str
    """What it must be at now; empty: it must be absent."""
    ics: str
    """The event as it was, a whole VCALENDAR; empty: it was not there."""
    also: tuple[EventState, ...] = ()
    """What else was changed together with it: the other half of a series that was split."""
    revised: bool = False
    """Others were told of what is taken back: the SEQUENCE goes on from the one they saw (RFC 5546 2.1.4), or
    they would take what comes for old. An event that somebody else called comes back as it was."""


class FileCreate(Operation):
    """Write a new file; never over an existing one."""

    name = "file.create"
    plain = "write a file"
    effect = "write"
    undo = "R1"

    path: str
    """Relative to the source's folder."""
    text: str


class FileCopy(Operation):
    """Write a copy of something else, byte for byte, as a new file; never over an existing one."""

    name = "file.copy"
    plain = "file an attachment"
    effect = "write"
    undo = "R1"

    folder: str = ""
    """Relative to the source's folder; empty: right in it."""
    called: Annotated[str, Field(pattern=r"^[^/\x00-\x1f\x7f]{1,200}$")]
    """The new file's name."""
    content: Enclosure

    @property
    def path(self) -> str:
        """Relative to the source's folder."""
        return f"{self.folder}/{self.called}" if self.folder else self.called

    @property
    def enclosed(self) -> tuple[Enclosure, ...]:
        return (self.content,)


class FileReplace(Operation):
    """Write a new version of a file; the old one is kept."""

    name = "file.replace"
    plain = "change a file"
    effect = "write"
    undo = "R1"

    ref: RefField
    version: str
    text: str


class FileRestore(Operation):
    """Put back the kept bytes of an earlier version."""

    name = "file.restore"
    plain = "put a file back"
    effect = "write"
    undo = "R1"

    ref: RefField
    version: str
    """What it must be at now; empty: it must be absent."""
    hash: str
    """SHA-256 of the kept bytes."""


class FileTrash(Operation):
    """Take a file away; its bytes are kept."""

    name = "file.trash"
    plain = "throw a file away"
    effect = "delete"
    undo = "R1"

    ref: RefField
    version: str


OPERATIONS: dict[str, type[Operation]] = {
    op.name: op
    for op in (
        MailDraft, MailSend, MailFlag, MailMove, MailTrash,
        EventCreate, EventUpdate, EventAnswered, EventRespond, EventReceive, EventCancel,
        EventRestore, FileCreate, FileCopy, FileReplace, FileRestore, FileTrash,
    )
}  # fmt: skip
"""By the name plans, policies and people use."""


def operation(name: str, arguments: dict[str, Any]) -> Operation:
    """Make an operation from its name and plain arguments. :raises KeyError: no such operation."""
    return OPERATIONS[name].model_validate(arguments)


def utc_stamp(moment: datetime) -> str:
    """`20261122T080000Z`, the form ids and file names use."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
