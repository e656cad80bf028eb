"""Which files of a drive in a cloud are read: by folder, pattern, day and drive, as the person chose."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

from deskhand.connectors._egress import Limits
from deskhand.connectors.errors import Misconfigured

Words = str | Sequence[str]
"""Patterns, divided by commas or in a list."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The choice. Patterns are compared without regard to case; `*` stands for anything, slashes too."""

    folders: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    drives: tuple[str, ...] = ()
    since: str = ""
    """RFC 3339, or ""."""

    @property
    def key(self) -> str:
        """The same for the same choice."""
        return json.dumps([self.folders, self.exclude, self.drives, self.since])

    def wants(self, folder: str, name: str, at: str = "") -> bool:
        """Whether a file that lies in a folder (a path) is read.

        :param at: when it was changed (RFC 3339); "": just now.
        """
        if self.since and at and moment(at) < moment(self.since):
            return False
        path = f"{folder}/{name}" if folder else name
        if _any(self.exclude, path) or _above(self.exclude, folder):
            return False
        return not self.folders or _above(self.folders, folder)

    def wants_drive(self, name: str) -> bool:
        """Whether a shared drive is read."""
        return _any(self.drives, name)


def scope_of(folders: Words, exclude: Words, drives: Words, since: str | date) -> Scope:
    """Read the options. :raises Misconfigured: `since` is no day."""
    day = ""
    if since:
        try:
            day = f"{date.fromisoformat(str(since)).isoformat()}T00:00:00.000Z"
        except ValueError:
            raise Misconfigured(f"The option since is a day like 2024-01-31, not {since!r}.") from None
    return Scope(_parts(folders), _parts(exclude), _parts(drives), day)


def whole(given: int | str) -> int:
    """Read max_size or history. :raises Misconfigured: it is no whole number above zero."""
    try:
        number = int(given)  # a command line gives words
    except (TypeError, ValueError):
        number = 0
    if number < 1:
        raise Misconfigured("max_size and history must be whole numbers above zero.")
    return number


def limits(max_size: int | str) -> Limits:
    """What one answer may hold: a file of this size too."""
    return replace(Limits(), body=max(Limits().body, whole(max_size) + 1_000_000))


def moment(text: str) -> datetime:
    """A time as providers write it (RFC 3339), in UTC; what cannot be read is the beginning of all time."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def _parts(words: Words) -> tuple[str, ...]:
    given = words.split(",") if isinstance(words, str) else words
    return tuple(p.strip().strip("/").casefold() for p in given if p.strip().strip("/"))


def _any(patterns: Iterable[str], path: str) -> bool:
    return any(fnmatchcase(path.casefold(), pattern) for pattern in patterns)


def _above(patterns: Iterable[str], folder: str) -> bool:
    """Whether a folder, or one that it lies in, fits."""
    parts = folder.split("/")
    return bool(folder) and any(_any(patterns, "/".join(parts[: n + 1])) for n in range(len(parts)))
