"""What a cursor knows of drives: the link to what changes in each, their folders, and each file's version.

It is whole after every page: a pass that was cut off goes on at the page after the last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deskhand.connectors.model import Cursor

_FORM = 1


@dataclass(slots=True)
class Entry:
    """One file."""

    seen: str
    """Of its last change, of whatever kind."""
    version: str
    """The version that was told; "": none was, it is not wanted or could not be read."""
    at: str
    """When that version came to be, as it is said there."""
    parent: str
    last: str = ""
    """What the service calls that version: "3.0"."""


@dataclass(slots=True)
class Known:
    """All of it. Items are known by their keys; `folders` holds name, parent and mark, roots included."""

    chosen: str = ""
    """Of which choice of folders, drives and days this is."""
    links: dict[str, str] = field(default_factory=dict[str, str])
    """By drive; "" where it is to be listed from its beginning."""
    paging: list[str] = field(default_factory=list[str])
    """Drives whose link is to the next page, and not to what will have changed."""
    folders: dict[str, tuple[str, str, str]] = field(default_factory=dict[str, tuple[str, str, str]])
    files: dict[str, Entry] = field(default_factory=dict[str, Entry])
    unseen: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Of drives that are being listed anew: what was known before and has not come yet."""
    lost: list[str] = field(default_factory=list[str])
    """Folders that are gone; what is said to be in them at the end of the changes is gone, too."""
    again: list[str] = field(default_factory=list[str])
    """Files that were not to be had the last time, though others were."""

    @classmethod
    def load(cls, cursor: Cursor | None) -> Known:
        """Read a cursor; one that cannot be read means starting over."""
        try:
            said: Mapping[str, Any] = json.loads(cursor.value) if cursor else {}
            if said.get("form") != _FORM:
                return cls()
            return cls(
                str(said["chosen"]),
                {str(k): str(v) for k, v in said["links"].items()},
                [str(d) for d in said["paging"]],
                {str(k): (str(n), str(p), str(m)) for k, (n, p, m) in said["folders"].items()},
                {str(k): Entry(*map(str, v)) for k, v in said["files"].items()},
                {str(k): [str(i) for i in v] for k, v in said["unseen"].items()},
                [str(i) for i in said["lost"]],
                [str(i) for i in said["again"]],
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def dump(self) -> str:
        files = {k: (e.seen, e.version, e.at, e.parent, e.last) for k, e in sorted(self.files.items())}
        return json.dumps(
            {
                "form": _FORM, "chosen": self.chosen, "links": self.links, "paging": sorted(self.paging),
                "folders": dict(sorted(self.folders.items())), "files": files, "unseen": self.unseen,
                "lost": self.lost, "again": self.again,
            },
            separators=(",", ":"),
        )  # fmt: skip

    def anew(self, drive: str) -> None:
        """Have a drive listed from its beginning; what does not come then is gone."""
        self.links[drive] = ""
        self.unseen[drive] = self.inside(drive)
        self.paging = [d for d in self.paging if d != drive]

    def inside(self, drive: str) -> list[str]:
        """All that is known in a drive, the roots left out."""
        held = [*self.files, *(k for k, (_, parent, _) in self.folders.items() if parent)]
        return sorted(k for k in held if k.rpartition("/")[0] == drive)

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
