"""The nouns of the index: what is looked for, what is found, and what it is made from. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from deskhand.connectors.model import Item, Kind

FoundBy = Literal["words", "meaning"]
MOST_HITS = 1000
PAGE = 100
"""Items read from the archive at once, and between two commits."""


class Archived(Protocol):
    """An item as the archive keeps it (`deskhand.connectors.archive.Archived` is one)."""

    @property
    def id(self) -> int:
        """Stable number of the item in its archive."""
        ...

    @property
    def seq(self) -> int:
        """Grows with every change to anything."""
        ...

    @property
    def item(self) -> Item:
        """The current version."""
        ...

    @property
    def thread(self) -> str:
        """Thread id, "" where there is none."""
        ...

    @property
    def removed(self) -> bool:
        """It is no longer at its source."""
        ...

    @property
    def older(self) -> tuple[Item, ...]:
        """Earlier versions, oldest first."""
        ...


class Archive(Protocol):
    """All the index wants from an archive."""

    def changed_since(self, seq: int, *, limit: int = 500) -> Sequence[Archived]:
        """What changed after `seq`, in the order of seq, each item once at its latest."""
        ...

    def last_seq(self) -> int:
        """The `seq` of the newest change, also where what changed is no more."""
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: what is embedded and searched as one piece.

    Within an item a passage is known by its text alone, so that versions share the passages they
    have in common, and a new title or folder changes only the header.
    """

    header: str
    """One line: date, author, title, folder."""
    text: str

    @property
    def whole(self) -> str:
        """What is embedded."""
        return f"{self.header}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. Every filter that is set must hold; empty ones hold always.

    :raises ValueError: a naive datetime, or a limit outside 1 to 1000.
    """

    text: str = ""
    """Words, or nothing: then the newest come first. "Quoted words" must stand together in what is found."""
    sources: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    person: str = ""
    """A whole address, or part of the name of anybody who takes part."""
    since: datetime | None = None
    """Only what came to be at or after it; of events, what has not ended before it."""
    until: datetime | None = None
    """Only what came to be before it; of events, what starts before it."""
    thread: str = ""
    folder: str = ""
    """This folder and those in it."""
    version: str = ""
    """Exactly this version, current or not."""
    history: bool = False
    """Search older versions too."""
    limit: int = 10

    def __post_init__(self) -> None:
        for moment in (self.since, self.until):
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{moment.isoformat()} has no time zone")
        if not 1 <= self.limit <= MOST_HITS:
            raise ValueError(f"a search gives between 1 and {MOST_HITS} hits, not {self.limit}")

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, every key always there."""
        return {
            "text": self.text,
            "sources": list(self.sources),
            "kinds": list(self.kinds),
            "person": self.person,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "thread": self.thread,
            "folder": self.folder,
            "version": self.version,
            "history": self.history,
            "limit": self.limit,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """One item that was found, at one version, with the passage that fits best."""

    ref: str
    kind: str
    source: str
    title: str
    at: datetime
    """UTC. When this version came to be; of an event, when it (first) starts."""
    people: tuple[str, ...]
    """Everybody who takes part, `Name <address>`, the author first."""
    version: str
    current: bool
    thread: str
    folder: str
    text: str
    """The passage, without its header."""
    score: float
    """Only good for comparing hits of one search; 0 where nothing but filters was asked for."""
    found_by: tuple[FoundBy, ...]
    similarity: float | None = None
    """Cosine of the passage to the question, None where meaning was not searched."""
    copies: tuple[str, ...] = ()
    """Refs of the same mail in other folders and mailboxes, which were found with it."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, every key always there."""
        return {
            "ref": self.ref,
            "kind": self.kind,
            "source": self.source,
            "title": self.title,
            "at": self.at.isoformat(),
            "people": list(self.people),
            "version": self.version,
            "current": self.current,
            "thread": self.thread,
            "folder": self.folder,
            "text": self.text,
            "score": self.score,
            "found_by": list(self.found_by),
            "similarity": self.similarity,
            "copies": list(self.copies),
        }


@dataclass(frozen=True, slots=True)
class Results:
    """What a search gave, best first, and what the person should know about how it was done."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, every key always there."""
        return {"hits": [hit.as_dict() for hit in self.hits], "notes": list(self.notes)}


class Damaged(Exception):
    """A file of the index cannot be read. Nothing is lost: all of it can be made again."""
