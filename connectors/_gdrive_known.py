"""What a cursor knows of a Drive: where its logs of changes stand, its folders, and each file's version.

It is whole after every page: a pass that was cut off goes on at the page after the last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from deskhand.connectors.model import Cursor

_FORM = 1


@dataclass(slots=True)
class Entry:
    """One file."""

    seen: str
    """Google's number of its last change, of whatever kind."""
    version: str
    """The version that was told; "": none was, it is not wanted or could not be read."""
    at: str
    """When that version came to be, as Google says it."""
    parent: str
    comments: str = ""
    """The version of its comments; "": there are none."""


@dataclass(slots=True)
class Listing:
    """How far the first listing is, or a later one of everything."""

    left: list[str]
    """Drives still to be listed, the present one first; "" is the person's own."""
    token: str = ""
    """Of the present drive's next page."""
    done: int = 0
    expected: int = 0
    stale: list[str] = field(default_factory=list[str])
    """Files that were known before and have not been seen in it."""


@dataclass(slots=True)
class Known:
    """All of it. `logs` holds a token for each drive, `folders` name and parent by id, roots included."""

    chosen: str = ""
    """Of which choice of folders, drives and days this is."""
    logs: dict[str, str] = field(default_factory=dict[str, str])
    folders: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    files: dict[str, Entry] = field(default_factory=dict[str, Entry])
    listing: Listing | None = None
    again: list[str] = field(default_factory=list[str])
    """Files that Google would not give the last time, though it gave others."""

    @classmethod
    def load(cls, cursor: Cursor | None) -> Known:
        """Read a cursor; one that cannot be read means starting over."""
        try:
            said: Mapping[str, Any] = json.loads(cursor.value) if cursor else {}
            if said.get("form") != _FORM:
                return cls()
            listing = Listing(**said["listing"]) if said["listing"] else None
            return cls(
                str(said["chosen"]),
                {str(k): str(v) for k, v in said["logs"].items()},
                {str(k): (str(n), str(p)) for k, (n, p) in said["folders"].items()},
                {str(k): Entry(*map(str, v)) for k, v in said["files"].items()},
                listing,
                [str(id) for id in said.get("again", ())],
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def dump(self) -> str:
        files = {k: (e.seen, e.version, e.at, e.parent, e.comments) for k, e in sorted(self.files.items())}
        listing = asdict(self.listing) if self.listing else None
        return json.dumps(
            {
                "form": _FORM, "chosen": self.chosen, "logs": self.logs, "listing": listing,
                "folders": dict(sorted(self.folders.items())), "files": files, "again": self.again,
            },
            separators=(",", ":"),
        )  # fmt: skip

    def above(self, parent: str) -> Iterator[str]:
        """A folder and all it lies in, as far as they are known, from the inside out."""
        seen = set[str]()
        while parent in self.folders and parent not in seen:
            seen.add(parent)
            yield parent
            parent = self.folders[parent][1]

    def below(self, folder: str) -> tuple[list[str], list[str]]:
        """Folders and files in a folder, at whatever depth."""
        folders = [f for f in self.folders if f != folder and folder in self.above(self.folders[f][1])]
        inside = {folder, *folders}
        return folders, [f for f, e in self.files.items() if e.parent in inside]
