"""One .ics file: opened as bytes, changed by splicing, replaced only whole and only if still the same."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from deskhand.connectors._ical_edit import Edited
from deskhand.connectors._ical_text import Calendar, Group, content, group, scan
from deskhand.connectors._keep import sync_folder, write_new
from deskhand.connectors.errors import SourceError, Transient, Unsupported

LARGEST_FILE = 500_000_000
"""Bytes; a file is read whole."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells that a file was changed, without opening it."""

    mtime: int
    size: int
    inode: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Mark:
        return cls(stat.st_mtime_ns, stat.st_size, stat.st_ino)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file's bytes and what lies in them."""

    mark: Mark
    data: bytes
    digest: str
    calendars: list[Calendar]
    groups: dict[str, Group]
    tag: str = ""
    """What a server calls this state of it (ETag); empty on a disk."""

    @property
    def whole(self) -> bool:
        """It is a calendar, with the end it should have."""
        return bool(self.calendars) and all(c.end >= 0 for c in self.calendars)


def open_file(path: Path) -> Opened:
    """Read and split a file. :raises OSError: it cannot be read."""
    with path.open("rb") as file:
        mark = Mark.of(os.fstat(file.fileno()))
        if mark.size > LARGEST_FILE:
            raise OSError(errno.EFBIG, "larger than 500 MB")
        return opened(mark, file.read(LARGEST_FILE))


def opened(mark: Mark, data: bytes, tag: str = "") -> Opened:
    """The bytes of a file, split."""
    calendars = scan(data)
    return Opened(mark, data, sha256(data).hexdigest()[:16], calendars, group(data, calendars), tag)


def new_file(edited: Edited) -> bytes:
    """A calendar that holds one event."""
    head = [content("BEGIN", "VCALENDAR"), content("VERSION", "2.0"), content("PRODID", "-//Deskhand//EN")]
    text = "".join([*head, *edited.zones.values(), *edited.components, content("END", "VCALENDAR")])
    return _bytes(text, b"\r\n")


def splice(file: Opened, uid: str, edited: Edited) -> bytes:
    """The file with one UID's components replaced, added or taken away; nothing else in it moves.

    :raises Unsupported: the file is damaged; writing into it could lose what is there.
    """
    if not file.whole:
        raise Unsupported(
            "The calendar file is cut short or damaged; it must be mended before it is changed."
        )
    data, old = file.data, file.groups.get(uid)
    calendar = old.calendar if old else file.calendars[0]
    newline = b"\r\n" if b"\r\n" in data[:1000] else b"\n" if b"\n" in data[:1000] else b"\r"
    missing = "".join(text for tzid, text in edited.zones.items() if tzid not in calendar.zones)
    pieces: dict[int, bytes] = {}
    """What goes in at an offset; what lies there in `gone` goes out."""
    gone = {p.start: p.end for p in old.parts} if old else {}
    body = [_bytes(c, newline) for c in edited.components]
    if old:
        for part, new in zip(old.parts, body, strict=False):
            pieces[part.start] = new
        last = old.parts[-1].start
        pieces[last] = pieces.get(last, b"") + b"".join(body[len(old.parts) :])
    else:
        pieces[calendar.end] = b"".join(body)
    if missing:
        at = calendar.parts[0].start if calendar.parts else calendar.end
        pieces[at] = _bytes(missing, newline) + pieces.get(at, b"")
    out, at = [], 0
    for offset in sorted(pieces.keys() | gone.keys()):
        out += [data[at:offset], pieces.get(offset, b"")]
        at = gone.get(offset, offset)
    return b"".join([*out, data[at:]])


def alone(file: Opened, uid: str) -> bool:
    """The file holds nothing but this UID and time zones."""
    held = [p for c in file.calendars for p in c.parts if p.name != "VTIMEZONE"]
    return uid in file.groups and len(held) == len(file.groups[uid].parts)


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the source's lock: writers of the same person wait for one another.

    :raises Transient: it cannot be had, because the disk is full or fails; nothing was begun.
    """
    import fcntl

    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (state / "ics.lock").open("a+b")
    except OSError as e:
        raise Transient(f"{state} cannot be written ({e.strerror}); nothing was changed.") from e
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def replace(path: Path, old: Opened | None, new: bytes | None) -> bool:
    """Put new bytes in the place of the old, whole or not at all; None takes the file away.

    False, and nothing done, where the file is not what it was: look again. A link stays a link, and the
    file keeps its permissions.

    :raises SourceError: it may not be written, or there is no room.
    """
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name[:100]}.{os.getpid()}.tmp")
    try:
        if old is not None and not writable(target):
            raise Unsupported(f"{path.name} is read-only.")
        mode = target.stat().st_mode & 0o777 if old is not None else 0o600
        if new is not None:
            write_new(beside, new)
            beside.chmod(mode)
        if not _unchanged(target, old):
            return False
        if new is None:
            target.unlink()
        elif old is None:
            os.link(beside, target)  # unlike a rename this never writes over a file that has come in between
        else:
            os.replace(beside, target)
        sync_folder(target.parent)
        return True
    except FileExistsError:
        return False
    except OSError as e:
        if e.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise Transient(f"There is no room to write {path.name}; nothing was changed.") from e
        raise SourceError(f"{path.name} cannot be written ({e.strerror}); nothing was changed.") from e
    finally:
        with suppress(OSError):
            beside.unlink()


def writable(path: Path) -> bool:
    """Its permissions let the owner write, and us too: a file marked read-only is left alone even by root."""
    try:
        return bool(path.stat().st_mode & 0o222) and os.access(path, os.W_OK)
    except OSError:
        return False


def _unchanged(path: Path, old: Opened | None) -> bool:
    try:
        if old is None:
            return not path.exists()
        return path.read_bytes() == old.data
    except FileNotFoundError:
        return False


def _bytes(text: str, newline: bytes) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return data if newline == b"\r\n" else re.sub(rb"\r\n", newline, data)
