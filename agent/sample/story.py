"""The nouns of the sample: people, and what they wrote, planned and filed, each with its moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the story, or something that sends mail by itself."""

    key: str
    """What the script calls them."""
    name: str
    email: str
    zone: ZoneInfo
    role: str = ""
    signature: str = ""
    program: str = ""
    """Their mail program: how they quote ("outlook" or not), and the User-Agent header."""


@dataclass(frozen=True, slots=True)
class Request:
    """Something worth asking: `use` names which of Deskhand's uses it shows, `why` says it in a line."""

    use: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A document as somebody left it: `text` in the script's markup, None when it was deleted."""

    path: str
    when: datetime
    author: Person
    text: str | None
    was: str = ""
    """The path it had before, if this is a renaming."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the handbook; `files` is the whole tree after it."""

    when: datetime
    author: Person
    message: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one occurrence of a series: moved `to` a time, or called off (None)."""

    of: datetime
    to: datetime | None
    when: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something in a calendar. All-day events start on a date and last whole days."""

    key: str
    calendar: str
    title: str
    start: datetime | date
    length: timedelta
    """On the clock of `start`'s zone."""
    organizer: Person
    attendees: tuple[tuple[Person, str], ...]
    """Who is invited, with their answer (RFC 5545 PARTSTAT); the organizer is among them."""
    created: datetime
    place: str = ""
    notes: str = ""
    rule: str = ""
    tentative: bool = False
    free: bool = False
    """It does not take up time (TRANSP:TRANSPARENT)."""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A mail. Its text is what the sender wrote; quote and signature are added when it is posted."""

    id: str
    """Message-ID, in angle brackets."""
    sender: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    when: datetime
    subject: str
    text: str
    folder: str = ""
    """Where it lies in the user's mailbox: "" is the inbox, else Sent, Archive or Drafts."""
    quote: str = "top"
    """How it quotes what it answers: top, outlook, inline (the text holds the quoted lines) or none."""
    html: str = ""
    """"also" beside the plain text, or "only"."""
    answers: Message | None = None
    references: tuple[str, ...] = ()
    attachments: tuple[Revision, ...] = ()
    invite: Event | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    unread: bool = False
    flagged: bool = False
    broken: str = ""
    """"charset": it declares another than it has; "headers": most are missing."""
