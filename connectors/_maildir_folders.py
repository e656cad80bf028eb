"""Maildir on disk: its folders, its file names, and how files are added and renamed without losing any.

https://cr.yp.to/proto/maildir.html; sub-folders as Maildir++ (`.Sent`) or as plain nested Maildirs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deskhand.connectors._keep import write_beside
from deskhand.connectors._mail_scope import USUAL, Special
from deskhand.connectors.errors import Exists, Misconfigured, Transient

TOP = "INBOX"
FLAGS = {"D": "draft", "F": "flagged", "P": "passed", "R": "answered", "S": "seen", "T": "trashed"}
"""The letters of the info part that mean something to everybody."""

_DEEPEST = 8
_INNER = frozenset({"cur", "new", "tmp"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A message's file, known by name alone."""

    folder: str
    unique: str
    path: str
    new: bool
    info: str
    """What follows `:2,` in its name."""

    @property
    def native(self) -> str:
        return f"{self.folder}/{self.unique}"

    @property
    def flags(self) -> tuple[str, ...]:
        return flags_of(self.info)


def flags_of(info: str) -> tuple[str, ...]:
    return tuple(sorted(FLAGS[letter] for letter in set(info) if letter in FLAGS))


class Folders:
    """The Maildirs at a place: the place itself, or what lies below it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        if not place.is_dir():
            raise Misconfigured(f"There is no folder {place}; a Maildir is a folder with cur, new and tmp.")
        if not self.all():
            raise Misconfigured(
                f"{place} is no Maildir and holds none: looked for folders with cur and new in them,"
                f" {_DEEPEST} levels deep."
            )

    def all(self) -> dict[str, Path]:
        """Every Maildir by the name a person would use. :raises Transient: a folder cannot be listed."""
        found: dict[str, Path] = {}
        plain_first = sorted(_maildirs(self.place), key=lambda m: ("/." in f"/{m[0]}", m[0]))
        for path, below in plain_first:
            name = "/".join(below) or TOP
            while name in found:  # `Sent` and `.Sent` side by side, or an INBOX below the top
                name += "~"
            found[_readable(name)] = path
        return found

    def messages(self, only: str | None = None) -> dict[str, Entry]:
        """Every message by native id, no file opened; or those of one folder."""
        entries: dict[str, Entry] = {}
        for name, path in self.all().items():
            if only in {None, name}:
                for entry in _entries(name, path):
                    entries.setdefault(entry.native, entry)
        return entries

    def locate(self, native: str) -> Entry | None:
        """The file of a message as it is named now."""
        folder = native.rpartition("/")[0]
        return self.messages(folder).get(native) if folder else None

    def written(self, mark: str, first: str) -> Entry | None:
        """The message whose unique name ends with a mark of ours, wherever it has been moved since."""
        for only in (first, None):
            for entry in self.messages(only).values():
                if entry.unique.endswith(mark):
                    return entry
        return None

    def named(self, name: str) -> str | None:
        """A folder's name as it is really written, for one a person wrote."""
        names = self.all()
        alike = [n for n in names if n.casefold() == name.casefold()]
        return name if name in names else (alike[0] if alike else None)

    def special(self, kind: Special) -> str:
        """The folder of that purpose; where there is none, the name it would get."""
        named = [n for n in self.all() if n.rpartition("/")[2].casefold() in USUAL[kind]]
        return min(named, key=lambda n: (n.count("/"), n), default=str(kind))

    def deliver(self, folder: str, unique: str, data: bytes, *, info: str) -> Entry:
        """Write a new message: complete under tmp, then renamed, so that nobody sees half of it."""
        path = self._made(folder)
        waiting = path / "tmp" / unique
        target = path / "cur" / f"{unique}:2,{info}"
        write_beside(target, data, beside=waiting)
        return Entry(folder, unique, str(target), False, info)

    def prepare(self, folder: str) -> None:
        """Have a folder there. :raises OSError: it cannot be made."""
        self._made(folder)

    def rename(self, entry: Entry, *, folder: str, info: str) -> Entry:
        """Move a message to a folder or give it other flags. :raises Exists: the name is taken there."""
        path = self._made(folder)
        target = path / "cur" / f"{os.path.basename(entry.path).partition(':2,')[0]}:2,{info}"
        taken = self.locate(f"{folder}/{entry.unique}") if folder != entry.folder else None
        if taken is not None:
            raise Exists(f"{folder} holds a message of that name already.")
        os.rename(entry.path, target)
        return Entry(folder, entry.unique, str(target), False, info)

    def _made(self, folder: str) -> Path:
        path = self.all().get(folder)
        if path is None:
            path = self.place / (f".{folder}" if self._plus_plus() else folder)
        for inner in _INNER:
            (path / inner).mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def _plus_plus(self) -> bool:
        """Whether sub-folders are written with a dot here."""
        below = [p for p in self.all().values() if p != self.place]
        dotted = any(p.name.startswith(".") for p in below)
        return dotted or (not below and (self.place / "cur").is_dir())


def write(path: Path, data: bytes) -> None:
    """Put bytes on the disk, and see them there before going on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _maildirs(place: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Each Maildir with its name in parts; symbolic links are not followed."""
    waiting: list[tuple[Path, tuple[str, ...]]] = [(place, ())]
    while waiting:
        path, name = waiting.pop()
        try:
            with os.scandir(path) as inside:
                folders = sorted(e.name for e in inside if e.is_dir(follow_symlinks=False))
        except FileNotFoundError:
            if path == place:
                raise Transient(f"{place} is not there at the moment.") from None
            continue
        except OSError as error:
            raise Transient(f"{path} cannot be listed: {error.strerror}.") from None
        if "cur" in folders and ("new" in folders or "tmp" in folders):
            yield path, name
        if len(name) < _DEEPEST:
            for folder in reversed([f for f in folders if f not in _INNER]):
                parts = [p for p in folder[1:].split(".") if p] if folder[0] == "." else [folder]
                waiting.append((path / folder, (*name, *(parts or [folder]))))


def _entries(folder: str, path: Path) -> Iterator[Entry]:
    for inner in ("cur", "new"):
        try:
            with os.scandir(path / inner) as inside:
                files = [
                    (e.name, e.path)
                    for e in inside
                    if not e.name.startswith(".") and e.is_file(follow_symlinks=False)
                ]
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Transient(f"{path / inner} cannot be listed: {error.strerror}.") from None
        for name, whole in sorted(files):
            unique, _, info = name.partition(":2,")
            yield Entry(folder, _readable(unique), whole, inner == "new", _readable(info))


def _readable(name: str) -> str:
    """A file name that is no UTF-8, in a form that is."""
    with suppress(UnicodeEncodeError):
        name.encode()
        return name
    return re.sub(r"[\ud800-\udfff]", lambda m: f"%{ord(m[0]) & 0xFF:02X}", name)
