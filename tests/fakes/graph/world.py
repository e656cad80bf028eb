"""The state of the fake Graph: people with their mailboxes, what happened there, the links it gave out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from threading import Lock
from typing import Any

from fakes.graph import letters
from fakes.graph.drives import Drives
from fakes.graph.events import Calendar, Diary
from fakes.graph.letters import Letter

Json = Any
WELL_KNOWN = {
    "inbox": "Posteingang", "drafts": "Entwürfe", "sentitems": "Gesendete Elemente",
    "deleteditems": "Gelöschte Elemente", "junkemail": "Junk-E-Mail", "archive": "Archiv",
    "outbox": "Postausgang",
}  # fmt: skip
"""Folders that everybody has, and what they are called in this mailbox's language."""


class Refused(Exception):
    """What Graph answers instead."""

    def __init__(self, status: int, code: str, message: str = "", **headers: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.message = status, code, message or f"It says {code}."
        self.headers = {n.replace("_", "-"): v for n, v in headers.items()}

    @property
    def body(self) -> Json:
        return {"error": {"code": self.code, "message": self.message, "innerError": {
            "date": "2026-11-22T08:00:00", "request-id": "0", "client-request-id": "0"}}}  # fmt: skip


@dataclass
class Folder:
    """A folder of mail."""

    id: str
    name: str
    parent: str = ""
    hidden: bool = False


@dataclass
class Person:
    """Somebody, and all that is theirs."""

    name: str
    number: int
    folders: dict[str, Folder] = field(default_factory=dict[str, Folder])
    mail: dict[int, Letter] = field(default_factory=dict[int, Letter])
    log: list[tuple[int, str, int]] = field(default_factory=list[tuple[int, str, int]])
    """What happened: its number, in which folder, to which message."""
    settings: Json = field(default_factory=lambda: {
        "timeZone": "Romance Standard Time",
        "automaticRepliesSetting": {"status": "disabled", "externalAudience": "none",
                                    "internalReplyMessage": "", "externalReplyMessage": ""},
        "workingHours": {"daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                         "startTime": "08:30:00.0000000", "endTime": "17:00:00.0000000",
                         "timeZone": {"name": "Romance Standard Time"}},
        "language": {"locale": "fr-FR", "displayName": "French (France)"},
        "dateFormat": "dd/MM/yyyy", "timeFormat": "HH:mm",
    })  # fmt: skip
    diary: Diary = field(default_factory=Diary)
    under_way: int = 0
    most: int = 0
    """Requests at once, as many as there ever were."""

    @property
    def address(self) -> str:
        return f"{self.name}@example.org"

    @property
    def shown(self) -> str:
        return f"{self.name.capitalize()} Test"


@dataclass
class World:
    """Everything, for one test."""

    now: datetime = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    people: dict[str, Person] = field(default_factory=dict[str, Person])
    tokens: dict[str, tuple[str, frozenset[str]]] = field(
        default_factory=dict[str, tuple[str, frozenset[str]]]
    )
    """Access tokens: whose, and what they allow."""
    refresh_tokens: dict[str, tuple[str, tuple[str, ...]]] = field(
        default_factory=dict[str, tuple[str, tuple[str, ...]]]
    )
    """What access tokens are fetched with, each of them once."""
    asked_tokens: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    """With what access tokens were asked for."""
    codes: dict[str, Json] = field(default_factory=dict[str, Json])
    """What somebody allowed in a browser, by the codes that a program fetches tokens with."""
    at_browser: str = "ana"
    """Who types in a code that a program shows."""
    withheld: frozenset[str] = frozenset()
    """Scopes that nobody is given."""
    uploads: dict[str, Json] = field(default_factory=dict[str, Json])
    """Files of messages that are being brought, by what their addresses end with."""
    no_token: Json = None
    """What is answered to who wants an access token, instead."""
    claims: str = ""
    """What every request must prove, for which a token of now is not enough (claims challenge)."""
    wrong: list[str] = field(default_factory=list[str])
    """What was asked or answered against Microsoft's own contract. A test fails by it."""
    posted: list[tuple[str, list[str], bytes]] = field(default_factory=list[tuple[str, list[str], bytes]])
    """What went out: from whom, to whom, and the bytes."""
    calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Every request that was judged, those in a batch too: method and path with its query."""
    takes_along: bool = False
    """A draft that passes a message on has its files, whatever it was given; Microsoft does not say."""
    page: int = 10
    """Entries of a page where nobody says how many."""
    largest: int = 1_000
    """Entries of a page at the most, whatever is asked for."""
    empty_pages: bool = False
    """Every page of changes has an empty one before it."""
    duplicates: bool = False
    """Every page of changes is given twice."""
    restless: bool = False
    """A link to changes is a new one each time, though nothing changed."""
    lost_as: int = 410
    """What an old link is answered with: 410, or 400."""
    refusing: Callable[[str, str], Refused | None] = lambda method, path: None
    """Says no to single requests, those in a batch too."""
    links: dict[str, Json] = field(default_factory=dict[str, Json])
    lock: Lock = field(default_factory=Lock)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.drives = Drives(self)

    def number(self) -> int:
        """Another one each time, in order."""
        return next(self._numbers)

    def tick(self) -> datetime:
        """A second later."""
        self.now += timedelta(seconds=1)
        return self.now

    def person(self, name: str) -> Person:
        """Somebody new, with the folders everybody has."""
        made = self.people[name] = Person(name, len(self.people) + 1)
        root = Folder(f"ROOT{made.number}", "Oberste Ebene des Informationsspeichers")
        made.folders["root"] = root
        for known, shown in WELL_KNOWN.items():
            made.folders[known] = Folder(f"FLD{made.number}-{known}", shown, root.id)
        own = Calendar(f"CAL{made.number}-default", "Calendar", made.address, default=True)
        made.diary.calendars[own.id] = own
        return made

    def token(self, name: str, *scopes: str) -> str:
        """An access token that somebody's program has."""
        made = f"at-{name}-{self.number()}"
        self.tokens[made] = (name, frozenset(scopes))
        return made

    # ------------------------------------------------------------------ mail

    def arrives(self, who: str, data: bytes, *, folder: str = "inbox", read: bool = False) -> Letter:
        """A message comes into somebody's mailbox."""
        person = self.people[who]
        return self.keep(person, data, person.folders[folder].id, read=read)

    def keep(
        self, person: Person, data: bytes, folder: str, *, read: bool = False, draft: bool = False
    ) -> Letter:
        """Put a message into a folder, given by its id."""
        now = self.tick()
        made = Letter(
            self.number(), folder, data, now, now, letters.conversation(data), read=read, draft=draft
        )
        person.mail[made.key] = made
        self.touched(person, made)
        return made

    def touched(self, person: Person, letter: Letter) -> None:
        """Something happened to a message."""
        letter.changed = self.number()
        person.log.append((letter.changed, letter.folder, letter.key))

    def moved(self, person: Person, letter: Letter, folder: str) -> None:
        """It lies elsewhere from now on."""
        person.log.append((self.number(), letter.folder, letter.key))
        letter.folder = folder
        self.touched(person, letter)

    def removed(self, person: Person, letter: Letter) -> None:
        """It is gone for good."""
        person.log.append((self.number(), letter.folder, letter.key))
        del person.mail[letter.key]

    def sent(self, person: Person, letter: Letter) -> None:
        """A draft goes out: into the mailboxes of those who have one here, and into Sent."""
        to = letters.recipients(letter.data)
        if not to:
            raise Refused(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
        self.posted.append((person.name, to, letter.data))
        for other in self.people.values():
            if other.address in to:
                self.keep(other, letters.for_others(letter.data), other.folders["inbox"].id)
        letter.draft, letter.read = False, True
        for key, shown in ((letter.answers, "answered"), (letter.forwards, "forwarded")):
            if key in person.mail:
                person.mail[key].shown = shown
        self.moved(person, letter, person.folders["sentitems"].id)

    def folder(self, who: str, name: str, *, inside: str = "root") -> Folder:
        """A new folder of somebody's."""
        person = self.people[who]
        made = Folder(f"FLD{person.number}-{self.number()}", name, person.folders[inside].id)
        person.folders[made.id] = made
        return made

    def calendar(self, who: str, name: str, *, owner: str = "", editable: bool = True) -> Calendar:
        """A further calendar of somebody's, or one that somebody else shares."""
        person = self.people[who]
        made = Calendar(
            f"CAL{person.number}-{self.number()}", name, owner or person.address, editable=editable
        )
        person.diary.calendars[made.id] = made
        return made

    # ------------------------------------------------------------------ links

    def link(self, state: Json) -> str:
        """A token for what is to be gone on with; opaque, as Microsoft's are."""
        given = {**state, "n": self.number()} if self.restless else state
        made = sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:40]
        self.links[made] = state
        return made

    def linked(self, token: str) -> Json:
        """What a token stood for."""
        if (state := self.links.get(token)) is None:
            raise Refused(self.lost_as, "syncStateNotFound", "The sync state generation is not found.")
        return state

    def forget(self) -> None:
        """No link given out so far is known any more."""
        self.links.clear()

    def folder_of(self, person: Person, said: str) -> Folder:
        """A folder by its id or well-known name."""
        found = person.folders.get(said) or next((f for f in person.folders.values() if f.id == said), None)
        if found is None:
            raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return found

    def inside(self, person: Person, folder: str) -> Sequence[Letter]:
        """The messages of a folder, the newest first."""
        found = [m for m in person.mail.values() if m.folder == folder]
        return sorted(found, key=lambda m: (m.received, m.key), reverse=True)
