"""What a mailbox is to a person: what of it is read, as was chosen, and which folders are for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal

from deskhand.connectors._message import LARGEST
from deskhand.connectors.errors import Misconfigured

Special = Literal["Drafts", "Sent", "Trash"]
"""What a folder is for, by the name a person gives it."""
USUAL: dict[Special, frozenset[str]] = {
    "Drafts": frozenset({"drafts", "draft"}),
    "Sent": frozenset({"sent", "sent items", "sent mail", "sent messages", "sent-mail", "sent_mail"}),
    "Trash": frozenset({"trash", "deleted items", "deleted messages", "deleted", "bin"}),
}
"""What such folders are called, lower case."""
MAX_SIZE = 50_000_000
"""Bytes of a message that are read, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The choice. Patterns (`Work/*`) are compared without regard to case."""

    only: tuple[str, ...] = ()
    """Folders or labels; none: the usual ones."""
    without: tuple[str, ...] = ()
    since: date | None = None
    """Only what arrived then or later (UTC)."""
    size: int = MAX_SIZE
    """Bytes of a message; of a larger one it is told that it was not read."""

    def wants(self, *names: str, usual: bool) -> bool:
        """Whether what has these names is read. :param usual: it is, where nothing was chosen."""
        if fits(names, self.without):
            return False
        return fits(names, self.only) if self.only else usual


def scope_of(
    *, folders: str | Sequence[str], exclude: str | Sequence[str], since: str | date, max_size: int | str
) -> Scope:
    """Read the options. :raises Misconfigured: one cannot work."""
    return Scope(_patterns(folders), _patterns(exclude), _day(since), _size(max_size))


def fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Whether one of these names fits one of these patterns."""
    return any(fnmatchcase(n.casefold(), p.casefold()) for n in names for p in patterns)


def _patterns(given: str | Sequence[str]) -> tuple[str, ...]:
    parts = given.split(",") if isinstance(given, str) else given
    return tuple(p.strip() for p in parts if p.strip())


def _day(given: str | date) -> date | None:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise Misconfigured(f"The option since must be a day like 2024-01-31, not {given!r}.") from None


def _size(given: int | str) -> int:
    try:
        size = int(given)
    except ValueError:
        size = 0
    if not 0 < size <= LARGEST:
        raise Misconfigured(f"The option max_size must be a number of bytes up to {LARGEST}, not {given!r}.")
    return size
