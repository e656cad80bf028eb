"""One pass over one source into the archive. It knows no source: only the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from deskhand.connectors.archive import Archive, Forgotten, Tally
from deskhand.connectors.base import Connector, Quoted
from deskhand.connectors.database import StorageError
from deskhand.connectors.errors import SourceError
from deskhand.connectors.health import Quota
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
    left: float | None = None
    """Seconds that the rest will take, at the speed of this pass so far; None: that cannot be told yet."""
    waits: float = 0.0
    """Seconds for which the source has said nothing: an answer of it is waited for."""
    where: str = ""
    """Who is waited for, as a person would say it."""
    most: float = 0.0
    """Seconds after which it is waited for no longer; 0: that is not said."""


class _Pace:
    """How long the rest of a pass takes, by its own clock."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._first: tuple[float, int] | None = None
        """When the first cursor came, and how far it was. A pass that is taken up begins in the middle."""

    def left(self, done: int, expected: int | None) -> float | None:
        now = self._ticks()
        if self._first is None:
            self._first = now, done
            return None
        since, from_ = self._first
        if expected is None or done <= from_ or now <= since or done >= expected:
            return None
        return (expected - done) * (now - since) / (done - from_)


@dataclass(frozen=True, slots=True)
class Pass:
    """How a pass ended. `error` is a sentence for the person, "" when all was looked at."""

    source: str
    tally: Tally = field(default_factory=Tally)
    error: str = ""
    rests: bool = False
    """It was left alone: it failed before, and is asked again at `due`."""
    due: datetime | None = None
    """When it is asked again by itself, where that is not at any time."""


def ended(
    archive: Archive, source: str, tally: Tally, failure: SourceError | None, *, now: datetime, draw: float,
    local: bool, reached: Progress | None = None, quota: Sequence[Quota] = (),
) -> Pass:  # fmt: skip
    """Note in the archive how a pass ended, and when the next one may begin (`health`)."""
    error = str(failure) if failure is not None else ""
    done, expected = (reached.done, reached.expected) if reached else (0, None)
    health = archive.health(source).after(
        failure, now=now, draw=draw, local=local, done=done, expected=expected, quota=tuple(quota)
    )
    archive.passed(source, now=now, error=error, health=health)
    return Pass(source, tally, error, due=health.due)


def sync(
    connector: Connector,
    archive: Archive,
    *,
    now: Callable[[], datetime],
    progress: Callable[[Progress], None] = lambda _: None,
    stored: Callable[[], None] = lambda: None,
    draw: Callable[[], float] = lambda: 0.5,
    local: bool = False,
    ticks: Callable[[], float] = monotonic,
) -> Pass:
    """Bring the archive up to date with a source that is registered there, from where the last pass ended.

    :param stored: called after each page is safely in the archive.
    :param draw: numbers in [0, 1), for how long a source that fails again and again is left alone.
    :param local: the source is on this machine, and is never left alone.
    :param ticks: seconds that pass, for how long the rest will take.
    :raises StorageError: the archive cannot be written (a full disk); pages before it are kept.

    A failing source is not raised but told in the `Pass`, a defect in its connector too: the other
    sources go on.
    """
    source = connector.source
    tally, page, text = Tally(), list[Change](), 0
    # What an earlier pass, or a write of ours, stored beyond the cursor: this pass may not know it ever was.
    doubtful = archive.unsettled(source)
    loose: set[ItemRef] = set()
    failure: SourceError | None = None
    reached: Progress | None = None
    pace = _Pace(ticks)
    try:
        try:
            for change in _changes(connector, archive.cursor(source)):
                page.append(change)
                if isinstance(change, Item):
                    text += len(change.text)
                whole = isinstance(change, Cursor)
                if not whole and len(page) < PAGE_LIMIT and text < PAGE_TEXT:
                    continue
                loose |= _told(page)
                doubtful -= loose
                tally += archive.apply(source, page, now=now(), settles=loose if whole else ())
                page, text = [], 0
                if isinstance(change, Cursor):
                    loose.clear()
                    left = pace.left(change.done, change.expected)
                    reached = Progress(source, change.done, change.expected, left)
                    progress(reached)
                stored()
            page += [_read(connector, ref) for ref in sorted(doubtful)]
        except SourceError as raised:
            failure = raised
        # Of a pass that broke off, what was read before is good; it will be looked at again.
        if page:
            tally += archive.apply(source, page, now=now(), settles=() if failure else doubtful)
            stored()
    except Forgotten:
        return Pass(source, tally, f"{source} was removed while it was read.")
    quota = connector.quota() if isinstance(connector, Quoted) else ()
    return ended(
        archive, source, tally, failure, now=now(), draw=draw(), local=local, reached=reached, quota=quota
    )


class _Defect(SourceError):
    """A connector raised what it must not."""

    def __init__(self, source: str, error: Exception) -> None:
        what = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".removesuffix(": ")
        super().__init__(
            f"{source} could not be read because of a defect in Deskhand ({what}); "
            "what came before it is kept."
        )


def _changes(connector: Connector, since: Cursor | None) -> Iterator[Change]:
    try:
        yield from connector.changes(since)
    except (SourceError, StorageError):
        raise
    except Exception as error:  # whatever it is, the other sources go on
        raise _Defect(connector.source, error) from error


def _read(connector: Connector, ref: ItemRef) -> Change:
    try:
        return connector.read(ref) or Removed(ref)
    except (SourceError, StorageError):
        raise
    except Exception as error:  # as in `_changes`
        raise _Defect(connector.source, error) from error


def _told(page: Iterable[Change]) -> set[ItemRef]:
    """The addresses a page tells something of, where a thing was before included."""
    told = [c for c in page if not isinstance(c, Cursor)]
    return {c.ref for c in told} | {c.was for c in told if isinstance(c, Item) and c.was is not None}
