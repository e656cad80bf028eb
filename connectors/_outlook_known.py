"""What the cursor of an Outlook source knows: a link for each folder, and a mark for each message."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from deskhand.connectors._outlook_mailbox import Told
from deskhand.connectors.model import Cursor

_PLAIN = 10_000
"""A cursor of fewer characters stays as it is."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a cursor knows of a message."""

    attached: int
    """How many attachments."""
    change: str
    rest: str
    """What is told of it but its flags; "": it was not read."""
    flags: str
    folder: str
    """Its number in the cursor."""

    @classmethod
    def of(cls, text: str) -> Mark:
        attached, change, rest, flags, folder = text.split("~")
        return cls(int(attached), change, rest, flags, folder)

    def text(self) -> str:
        return f"{self.attached}~{self.change}~{self.rest}~{self.flags}~{self.folder}"


@dataclass(slots=True)
class Known:
    """What a cursor says."""

    folders: list[str] = field(default_factory=list[str])
    """Ids; their place here is their number."""
    links: dict[str, str] = field(default_factory=dict[str, str])
    """By a folder's number."""
    marks: dict[str, str] = field(default_factory=dict[str, str])
    """By a message's id (`Mark`)."""
    unseen: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Of folders that are being listed anew: messages that have not come yet."""
    gone: dict[str, str] = field(default_factory=dict[str, str])
    """Messages that left a folder, and its number: gone, unless they turn up in another."""

    again: list[str] = field(default_factory=list[str])
    """Messages that did not come the last time, though others did."""
    shut: list[str] = field(default_factory=list[str])
    """Folders that were not told the last time, though others were."""
    since: str = ""
    """From which day on was read."""

    @classmethod
    def of(cls, since: Cursor | None) -> Known:
        if since is None or not since.value:
            return cls()
        said = since.value
        if not said.startswith("{"):  # packed; one of before that was is read too
            said = zlib.decompress(b64decode(said)).decode()
        return cls(**json.loads(said))

    def text(self) -> str:
        said = {"folders": self.folders, "links": self.links, "marks": self.marks, "unseen": self.unseen,
                "gone": self.gone, "again": self.again, "shut": self.shut,
                "since": self.since}  # fmt: skip
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        if len(text) < _PLAIN:
            return text
        # Ids of a mailbox differ in their ends alone: of 50,000 messages a sixth is left.
        return b64encode(zlib.compress(text.encode(), 3)).decode()

    def anew(self, since: str) -> None:
        """Have all folders listed anew, where another day was chosen from which on is read."""
        if since != self.since:
            self.unseen |= {number: self.inside(number) for number in self.links}
            self.links.clear()
            self.since = since

    def number(self, folder: str) -> str:
        if folder not in self.folders:
            self.folders.append(folder)
        return str(self.folders.index(folder))

    def mark(self, id_: str) -> Mark | None:
        return Mark.of(self.marks[id_]) if id_ in self.marks else None

    def inside(self, number: str) -> list[str]:
        """The messages that were in a folder."""
        return [id_ for id_, text in self.marks.items() if text.rpartition("~")[2] == number]


def mark_of(attached: int, told: Told, number: str) -> str:
    """The mark of a message that was read, as text."""
    flags = "s" * told.read + "f" * told.flagged
    return Mark(attached, short(told.change), _rest(told), flags, number).text()


def _rest(told: Told) -> str:
    return short("\0".join([told.thread, str(told.draft), str(told.attached), told.link, *told.categories]))


def flagged_alone(mark: Mark, told: Told, number: str) -> bool:
    """Whether nothing is told of a message but other flags. Of one that changed and has the flags it had, its
    words may be others: Outlook lets one write into what was received."""
    flags = "s" * told.read + "f" * told.flagged
    return not told.draft and (mark.rest, mark.folder) == (_rest(told), number) and mark.flags != flags


def short(change: str) -> str:
    """Something long in a few characters."""
    return sha256(change.encode()).hexdigest()[:8]
