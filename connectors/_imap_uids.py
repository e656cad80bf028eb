"""Sets of UIDs as IMAP writes them, `1:5,7`, and what is known of the messages of a folder.

The cursor of a pass: of each folder its UIDVALIDITY, UIDNEXT and HIGHESTMODSEQ, and of each message a mark
(its content, its flags, how many attachments it had); and what is gone and was not told yet. A folder that
was not looked through to its end says so, and is listed again.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

_LONGEST = 8000
"""Bytes of a set in one command: servers read no endless lines (RFC 7162 4)."""


class Uids:
    """A set of UIDs, kept as ranges: a server may name four thousand million in a few bytes."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._ranges = sorted(ranges)

    def __contains__(self, uid: int) -> bool:
        at = bisect_right(self._ranges, (uid, 1 << 40))
        return at > 0 and self._ranges[at - 1][1] >= uid

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self._ranges)

    def __iter__(self) -> Iterator[int]:
        for first, last in self._ranges:
            yield from range(first, last + 1)


def of_text(text: str) -> Uids:
    """Read `1:5,7`. :raises ValueError: it is none."""
    found = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition(":")
        low, high = int(first), int(last or first)
        found.append((min(low, high), max(low, high)))
    return Uids(found)


def text_of(uids: Iterable[int]) -> str:
    """Write them, in order, as `1:5,7`."""
    return ",".join(_ranges(uids))


def chunks(uids: Iterable[int]) -> Iterator[str]:
    """The same in parts that are not too long for one command."""
    parts: list[str] = []
    length = 0
    for part in _ranges(uids):
        if length + len(part) > _LONGEST:
            yield ",".join(parts)
            parts, length = [], 0
        parts.append(part)
        length += len(part) + 1
    if parts:
        yield ",".join(parts)


def _ranges(uids: Iterable[int]) -> Iterator[str]:
    first = last = 0
    for uid in sorted(uids):
        if first and uid == last + 1:
            last = uid
            continue
        if first:
            yield f"{first}:{last}" if last > first else str(first)
        first = last = uid
    if first:
        yield f"{first}:{last}" if last > first else str(first)


class Mark(NamedTuple):
    """What is known of a message that was read."""

    digest: str
    """The first twelve digits of its SHA-256; empty where it could not be read."""
    state: str
    """Its flags (and labels), in a form to be compared."""
    attached: int
    """How many attachments came with it."""

    def packed(self) -> str:
        return f"{self.digest}.{self.state}.{self.attached or ''}"

    @classmethod
    def of(cls, packed: str) -> Mark:
        digest, state, attached = packed.split(".")
        return cls(digest, state, int(attached or 0))


@dataclass(slots=True)
class Folder:
    """What is known of a folder."""

    validity: int
    next: int = 0
    modseq: int = 0
    count: int = 0
    whole: bool = False
    """It was looked through to its end once."""
    marks: dict[int, str] = field(default_factory=dict[int, str])
    """By UID, packed."""

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
    gone: dict[str, dict[int, str]] = field(default_factory=dict[str, "dict[int, str]"])
    """Marks of what is no longer there and was not told yet: by `folder/UIDVALIDITY`, by UID."""
    shut: set[str] = field(default_factory=set[str])
    """Folders that are listed and could not be opened, by name."""

    @classmethod
    def of(cls, text: str) -> Known:
        """Read a cursor's value; of an empty one nothing is known."""
        if not text:
            return cls()
        plain = json.loads(text)
        folders = {
            name: Folder(f["v"], f["n"], f["m"], f["c"], f["w"], _marks(f)) for name, f in plain["f"].items()
        }
        gone = {place: _marks(g) for place, g in plain["g"].items()}
        return cls(folders, gone, set(plain.get("x", ())))

    def text(self) -> str:
        """Write it; equal knowledge gives equal text."""
        folders = {
            name: {
                "v": f.validity,
                "n": f.next,
                "m": f.modseq,
                "c": f.count,
                "w": f.whole,
                **_packed(f.marks),
            }
            for name, f in self.folders.items()
        }
        gone = {place: _packed(marks) for place, marks in self.gone.items() if marks}
        shut = {"x": sorted(self.shut)} if self.shut else {}
        return json.dumps(
            {"f": folders, "g": gone, **shut}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    def lose(self, name: str) -> None:
        """A folder is no longer there, or numbered anew."""
        self.lose_some(name, list(self.folders[name].marks))
        del self.folders[name]

    def lose_some(self, name: str, uids: Iterable[int]) -> None:
        """Messages of a folder are no longer there."""
        folder = self.folders[name]
        left = self.gone.setdefault(f"{name}/{folder.validity}", {})
        for uid in uids:
            left[uid] = folder.marks.pop(uid)


def _packed(marks: Mapping[int, str]) -> dict[str, str]:
    return {"u": text_of(marks), "k": ",".join(marks[uid] for uid in sorted(marks))}


def _marks(plain: Mapping[str, str]) -> dict[int, str]:
    return dict(zip(of_text(plain["u"]), plain["k"].split(","), strict=False)) if plain["u"] else {}


_NATIVE = re.compile(r"(?s)(.+)/(\d{1,10})\.(\d{1,10})")


def native(folder: str, validity: int, uid: int) -> str:
    """The id of a message: its folder, UIDVALIDITY and UID."""
    return f"{folder}/{validity}.{uid}"


def place_of(text: str) -> tuple[str, int, int] | None:
    """Folder, UIDVALIDITY and UID of a message's id, or None."""
    found = _NATIVE.fullmatch(text)
    return (found[1], int(found[2]), int(found[3])) if found else None
