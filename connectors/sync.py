"""One pass over one source into the archive. It knows no source: only the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from deskhand.connectors.archive import Archive, Forgotten, Tally
from deskhand.connectors.base import Connector
from deskhand.connectors.errors import SourceError
from deskhand.connectors.model import Change, Cursor, Item, ItemRef, Removed

PAGE_LIMIT = 2000
PAGE_TEXT = 32_000_000
"""A connector that yields more changes, or characters, than this without a cursor is stored in between:
memory stays bounded. Storing is idempotent, so what comes again after a crash does no harm."""


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
    """Bring the archive up to date with a source that is registered there, from where the last pass ended.

    :param stored: called after each page is safely in the archive.
    :raises StorageError: the archive cannot be written (a full disk); pages before it are kept.

    A failing source is not raised but told in the `Pass`: the other sources go on.
    """
    source = connector.source
    tally, page, text = Tally(), list[Change](), 0
    # What an earlier pass, or a write of ours, stored beyond the cursor: this pass may not know it ever was.
    doubtful = archive.unsettled(source)
    loose: set[ItemRef] = set()
    error = ""
    try:
        try:
            for change in connector.changes(archive.cursor(source)):
                page.append(change)
                if isinstance(change, Item):
                    text += len(change.text)
                if isinstance(change, Cursor):
                    tally += archive.apply(source, page, now=now(), settles=loose)
                    loose.clear()
                    progress(Progress(source, change.done, change.expected))
                elif len(page) >= PAGE_LIMIT or text >= PAGE_TEXT:
                    tally += archive.apply(source, page, now=now())
                    loose |= _told(page)
                else:
                    continue
                doubtful -= _told(page)
                page, text = [], 0
                stored()
            page += [connector.read(ref) or Removed(ref) for ref in sorted(doubtful)]
        except SourceError as failure:
            error = str(failure)
        # Of a pass that broke off, what was read before is good; it will be looked at again.
        if page:
            tally += archive.apply(source, page, now=now(), settles=() if error else doubtful)
            stored()
    except Forgotten:
        return Pass(source, tally, f"{source} was removed while it was read.")
    archive.passed(source, now=now(), error=error)
    return Pass(source, tally, error)


def _told(page: Iterable[Change]) -> set[ItemRef]:
    """The addresses a page tells something of, where a thing was before included."""
    told = [c for c in page if not isinstance(c, Cursor)]
    return {c.ref for c in told} | {c.was for c in told if isinstance(c, Item) and c.was is not None}
