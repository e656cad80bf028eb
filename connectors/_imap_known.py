"""What a cursor knows of a mailbox on an IMAP server.

Of each folder its UIDVALIDITY, UIDNEXT and HIGHESTMODSEQ, and of each message a mark; and what is gone and
was not told yet. A folder that was not looked through to its end says so, and is listed again. It is written
with every page, so it has to be small: some bytes for each run of messages of which the same is known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deskhand.connectors._imap_marks import Marks, old_marks
from deskhand.connectors._imap_uids import Uids


@dataclass(slots=True)
class Folder:
    """What is known of a folder."""

    validity: int
    next: int = 0
    modseq: int = 0
    count: int = 0
    whole: bool = False
    """It was looked through to its end once."""
    marks: Marks = field(default_factory=Marks)

    def is_at(self, status: Mapping[str, int]) -> bool:
        """Whether nothing can have changed since, as the server tells its state."""
        told = (status.get("UIDVALIDITY"), status.get("UIDNEXT"), status.get("MESSAGES"))
        return (
            self.whole and self.modseq > 0 and status.get("HIGHESTMODSEQ") == self.modseq
            and told == (self.validity, self.next, self.count)
        )  # fmt: skip

    def lists(self, status: Mapping[str, int]) -> bool:
        """Whether the same messages are there, whatever became of their flags."""
        told = (status.get("UIDVALIDITY"), status.get("UIDNEXT"), status.get("MESSAGES"))
        return self.whole and told == (self.validity, self.next, self.count)


@dataclass(slots=True)
class Known:
    """What a cursor knows of a mailbox."""

    folders: dict[str, Folder] = field(default_factory=dict[str, Folder])
    """By name."""
    gone: dict[str, Marks] = field(default_factory=dict[str, Marks])
    """Of what is no longer there and was not told yet: by `folder/UIDVALIDITY`."""
    shut: set[str] = field(default_factory=set[str])
    """Folders that are listed and could not be opened, by name."""
    quota: tuple[tuple[str, int, int], ...] = ()
    """What it may hold, as it was told when something had changed last."""

    @classmethod
    def of(cls, text: str, had: Callable[[str, int, str], None] = lambda *_: None) -> Known:
        """Read a cursor's value; of an empty one nothing is known.

        :param had: told by `folder/UIDVALIDITY` and UID which content each message had, where an old cursor
            says it.
        """
        if not text:
            return cls()
        plain = json.loads(text)

        def marks(place: str, one: Mapping[str, Any]) -> Marks:
            if "k" not in one:
                return Marks.of(one)
            made = Marks()
            for uid, digest, mark in old_marks(one):
                made.put(uid, mark)
                if digest:
                    had(place, uid, digest)
            return made

        folders = {
            name: Folder(f["v"], f["n"], f["m"], f["c"], f["w"], marks(f"{name}/{f['v']}", f))
            for name, f in plain["f"].items()
        }
        gone = {place: marks(place, g) for place, g in plain["g"].items()}
        quota = tuple((str(name), int(used), int(limit)) for name, used, limit in plain.get("q", ()))
        return cls(folders, gone, set(plain.get("x", ())), quota)

    def text(self) -> str:
        """Write it; equal knowledge gives equal text."""
        folders = {
            name: {"v": f.validity, "n": f.next, "m": f.modseq, "c": f.count, "w": f.whole, **f.marks.plain()}
            for name, f in self.folders.items()
        }
        gone = {place: marks.plain() for place, marks in self.gone.items() if marks}
        shut = {"x": sorted(self.shut)} if self.shut else {}
        quota = {"q": self.quota} if self.quota else {}
        said = {"f": folders, "g": gone, **shut, **quota}
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def lose(self, name: str) -> None:
        """A folder is no longer there, or numbered anew."""
        self.lose_some(name, self.folders[name].marks.uids())
        del self.folders[name]

    def lose_some(self, name: str, uids: Uids) -> None:
        """Messages of a folder are no longer there."""
        if not uids:
            return
        folder = self.folders[name]
        left = self.gone.setdefault(f"{name}/{folder.validity}", Marks())
        for first, last, mark in folder.marks.take(uids):
            left.put_run(first, last, mark)

    def places(self) -> set[str]:
        """Each `folder/UIDVALIDITY` of which something is known."""
        return {f"{name}/{f.validity}" for name, f in self.folders.items()} | self.gone.keys()
