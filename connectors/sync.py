"""One pass over one source into the archive. It knows no source: only the protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from deskhand.connectors.archive import Archive, Tally
from deskhand.connectors.base import Connector
from deskhand.connectors.errors import SourceError
from deskhand.connectors.model import Change, Cursor

PAGE_LIMIT = 2000
"""A connector that yields more than this without a cursor is stored in between: memory stays bounded.
Storing is idempotent, so what comes again after a crash does no harm."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass has come: `done` of `expected` things looked at (None: not known)."""

    source: str
    done: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class Pass:
    """How a pass ended. `error` is a sentence for the person, "" when all was looked at."""

    source: str
    tally: Tally = field(default_factory=Tally)
    error: str = ""


def sync(
    connector: Connector,
    archive: Archive,
    *,
    now: Callable[[], datetime],
    progress: Callable[[Progress], None] = lambda _: None,
    stored: Callable[[], None] = lambda: None,
) -> Pass:
    """Bring the archive up to date with a source, from where the last pass ended.

    :param stored: called after each page is safely in the archive.
    :raises StorageError: the archive cannot be written (a full disk); pages before it are kept.

    A failing source is not raised but told in the `Pass`: the other sources go on.
    """
    source = connector.source
    tally, page = Tally(), list[Change]()
    try:
        for change in connector.changes(archive.cursor(source)):
            page.append(change)
            if isinstance(change, Cursor) or len(page) >= PAGE_LIMIT:
                tally += archive.apply(source, page, now=now())
                page.clear()
                if isinstance(change, Cursor):
                    progress(Progress(source, change.done, change.expected))
                stored()
    except SourceError as error:
        # What was read before it broke off is good; without a cursor it will be looked at again.
        tally += archive.apply(source, page, now=now())
        archive.passed(source, now=now(), error=str(error))
        return Pass(source, tally, str(error))
    archive.passed(source, now=now())
    return Pass(source, tally)
