"""The files of a calendar: which there are, which events lie in which, and what a cursor knows of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG

from deskhand.connectors._ical_text import properties
from deskhand.connectors._ics_file import Mark, Opened, open_file, replace
from deskhand.connectors.errors import Exists, Missing, Transient
from deskhand.connectors.model import Cursor

BROKEN = ""
"""In place of a UID: the file itself could not be read."""
UNSEEN = Mark(0, 0, 0)
"""Never a file's mark: it is looked at again in the next pass."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a cursor knows of one file."""

    mark: Mark
    versions: Mapping[str, str]
    """By UID."""


class DiskShelf:
    """The one calendar file, or those in a folder and in the folders right under it: a `Shelf`.

    It remembers the file opened last, and of each file which events it holds as long as it stays the same.
    """

    keeps_cancelled = True

    def __init__(self, place: Path) -> None:
        self.place = place
        self.single = not place.is_dir()
        self._entries: dict[str, Entry] = {}
        self._last: tuple[str, Opened] | None = None

    def forget(self) -> None:
        """Let go of what is remembered."""
        self._entries = {}
        self._last = None

    def find(self, native: str) -> tuple[Opened, str, str] | None:
        """The opened file, its name and the UID of an event; None where no file has it."""
        entries: dict[str, Entry] = {}
        owned: dict[str, tuple[str, str]] = {}
        place: tuple[str, str] | None = None
        for name, mark in self.files().items():
            entry = entries[name] = self.look(name, mark, self._entries.get(name))[0]
            for uid, version in entry.versions.items():
                own = native_of(uid, name, owned)
                owned[own] = (uid, version)
                if own == native and uid != BROKEN:
                    place = name, uid
        self._entries = entries
        if place is None:
            return None
        name, uid = place
        try:
            opened = self.open(name)
        except OSError as e:
            raise Transient(f"{name} cannot be read ({e.strerror or e}).") from e
        return (opened, name, uid) if uid in opened.groups else None

    def look(self, name: str, mark: Mark, known: Entry | None) -> tuple[Entry, Opened | None, str]:
        """A file's entry; a file with the mark known is not opened. The last is why it could not be read."""
        if known is not None and known.mark == mark:
            return known, None, ""
        kept = {u: v for u, v in known.versions.items() if u != BROKEN} if known else {}
        try:
            opened = self.open(name)
        except OSError as e:
            failure = f"{shown(name)} cannot be read ({e.strerror or e})."
            return Entry(UNSEEN, {**kept, BROKEN: digest(failure)}), None, failure
        versions = {uid: g.version for uid, g in opened.groups.items()}
        if opened.whole:
            return Entry(opened.mark, versions), opened, ""
        # Perhaps another program is writing it just now: what was in it is not taken for removed.
        what = "is cut short" if opened.calendars else "is not a calendar"
        failure = f"{shown(name)} {what}; what was read from it before is kept."
        broken = digest(failure + opened.digest)
        return Entry(opened.mark, {**kept, **versions, BROKEN: broken}), opened, failure

    def open(self, name: str) -> Opened:
        """Read a file, or take it from memory if it was the last one and is the same. :raises OSError:"""
        path = self.path(name)
        if self._last is not None and self._last[0] == name and Mark.of(path.stat()) == self._last[1].mark:
            return self._last[1]
        opened = open_file(path)
        self._last = name, opened
        return opened

    def files(self, *, free_busy: bool = False) -> dict[str, Mark]:
        """Calendar files by name, sorted: the one, or those in the folder and in folders right under it.

        :param free_busy: files of published free-busy times (.ifb) too.
        """
        try:
            if self.single:
                return {self.place.name: Mark.of(self.place.stat())}
            return dict(sorted(_walk(self.place, "", (".ics", ".ifb") if free_busy else (".ics",))))
        except OSError as e:
            raise Transient(f"{self.place} cannot be read ({e.strerror or e}).") from e

    def path(self, name: str) -> Path:
        return self.place if self.single else self.place / name

    def folder(self, opened: Opened, name: str) -> str:
        """The calendar's name: X-WR-CALNAME, or that of its file or folder."""
        for calendar in opened.calendars:
            if said := _calendar_name(calendar.head):
                return said
        return self.place.stem if self.single else shown(self.path(name).parent.name)

    def home(self, calendar: str, uid: str) -> tuple[str, Opened | None]:
        """The file a new event goes into, and what is in it if it is there."""
        try:
            if self.single:
                opened = self.open(self.place.name)
                names = {self.folder(opened, ""), self.place.name, self.place.stem}
                if calendar and calendar not in names:
                    raise Missing(f"There is no calendar called {calendar!r} here.")
                return self.place.name, opened
            files = self.files()
            folders = {n.rpartition("/")[0] for n in files}
            folder = folders.copy().pop() if len(folders) == 1 else ""
            if calendar and calendar != self.place.name:
                folder = next((f for f in folders if f == calendar), "")
                if not folder:
                    for name in files:
                        stem = Path(name).stem
                        if calendar in {name, stem} or calendar == self.folder(self.open(name), name):
                            return name, self.open(name)
                    raise Missing(f"There is no calendar called {calendar!r} here.")
        except OSError as e:
            raise Transient(f"The calendar cannot be read ({e.strerror or e}).") from e
        return self.fresh(folder, uid), None

    def fresh(self, folder: str, uid: str) -> str:
        """The name of a new file in a folder of this calendar."""
        stem = re.sub(r"[^A-Za-z0-9@_.-]", "_", uid).strip(".")[:100] or "event"
        names_tried = (f"{folder}/{stem}{n}.ics".lstrip("/") for n in ("", *(f"-{k}" for k in range(2, 100))))
        for name in names_tried:
            if not (self.place / name).exists():
                return name
        raise Exists(f"There are too many files called {stem}.ics.")

    def check(self, name: str, file: Opened, uid: str) -> None:
        """See `Shelf.check`: `replace` tells of a file that may not be written."""

    def replace(self, name: str, old: Opened | None, new: bytes | None) -> bool:
        """See `Shelf.replace`, and `_ics_file.replace`."""
        return replace(self.path(name), old, new)


def _walk(folder: Path, under: str, endings: tuple[str, ...]) -> Iterator[tuple[str, Mark]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if not under:
                    yield from _walk(Path(entry.path), f"{entry.name}/", endings)
            elif entry.name.lower().endswith(endings):
                with suppress(FileNotFoundError):  # taken away since, or a link to nothing
                    stat = entry.stat()
                    if S_ISREG(stat.st_mode):
                        yield under + entry.name, Mark.of(stat)


def _calendar_name(head: bytes) -> str:
    return next((p.text.strip() for p in properties(head) if p.name == "X-WR-CALNAME"), "")


def native_of(uid: str, name: str, owned: Mapping[str, object]) -> str:
    if uid == BROKEN:
        return shown(name)
    return f"{uid}@{shown(name)}" if uid in owned else uid


def natives(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Versions by native id."""
    owned: dict[str, str] = {}
    for name in sorted(entries):
        for uid, version in entries[name].versions.items():
            owned[native_of(uid, name, owned)] = version
    return owned


def shown(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def entries_of(cursor: Cursor | None) -> dict[str, Entry]:
    """Read a cursor; one that is not ours is none."""
    if cursor is None:
        return {}
    try:
        return {
            name: Entry(Mark(mtime, size, inode), versions)
            for name, (mtime, size, inode, versions) in json.loads(cursor.value).items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def value_of(new: Mapping[str, Entry], old: Mapping[str, Entry]) -> str:
    entries = {**old, **new}
    return json.dumps(
        {n: [e.mark.mtime, e.mark.size, e.mark.inode, e.versions] for n, e in sorted(entries.items())},
        separators=(",", ":"),
    )
