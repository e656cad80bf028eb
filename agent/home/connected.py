"""What an opened home does with its sources: connects them, reads them, takes them away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deskhand.agent.home.opened import Opened
from deskhand.agent.sources import catalogue
from deskhand.agent.sources.kept import Kept, kept, let_go
from deskhand.connectors.archive import SourceState, Tally
from deskhand.connectors.database import StorageError
from deskhand.connectors.errors import Misconfigured
from deskhand.connectors.model import Failed
from deskhand.connectors.sync import Pass, Progress
from deskhand.index.embed import NoEmbedder

if TYPE_CHECKING:
    from deskhand.agent.sources.removing import Belongings


@dataclass(frozen=True, slots=True)
class Synced:
    """How a sync ended."""

    passes: tuple[Pass, ...]
    embedded: int
    pending: int
    """Passages that still have no vector: they are found by words."""
    note: str = ""
    """Why there are no vectors, where no model is to be had."""
    followed: tuple[str, ...] = ()
    """Runs that began because of what came in: an answer to an invitation, a time kept that is over."""

    @property
    def tally(self) -> Tally:
        """All passes together."""
        return sum((p.tally for p in self.passes), Tally())


class Connected(Opened):
    """A home with its sources."""

    progress: Callable[[Progress], None] = staticmethod(lambda _: None)
    """Told of every pass that nobody else watches: those that other things wait for."""

    def _finish(self) -> None:
        from deskhand.agent.sources.removing import finish, is_unfinished

        if is_unfinished(self.home.sources):
            with suppress(StorageError):  # what stands in its way is told by what is asked for
                finish(self)

    def add(self, kind: str, place: str, *, alias: str = "", options: Mapping[str, Any] | None = None) -> str:
        """Connect a source; returns its alias. Nothing is added that cannot be opened.

        :raises Misconfigured: the kind, the place or an option cannot work. :raises ConfigError: the alias.
        """
        before = {a: self.was(a) for a in self.kept()}
        alias = catalogue.add(
            self.home, self.settings, self._secrets, kind=kind, place=place, alias=alias, options=options,
            kept=before, renew=self._renewing(options or {}),
            waits=lambda host, seconds: self.progress(
                Progress(place, 0, None, waits=seconds, where=host, most=catalogue.LONGEST)
            ),
        )  # fmt: skip
        self.reload()
        self.archive.register(alias, kind, place=self.settings.sources[alias].place)
        let_go(self.home.sources, alias)
        return alias

    def belongings(self, alias: str) -> Belongings:
        """What would go with a source, and what would end with it. :raises ConfigError: there is none."""
        from deskhand.agent.sources.removing import look

        return look(self, alias)

    def signed_in(self, aliases: Sequence[str]) -> None:
        """Somebody signed in again to the account of these sources: they are opened and asked anew."""
        self.reload()
        for alias in aliases:
            self.archive.rested(alias)

    def remove(self, alias: str, *, keep_data: bool = False) -> Belongings:
        """Disconnect a source; everything that was read from it goes for good. What there was of it.

        Nothing at the source is touched. Runs that need it are stopped, schedules that name it paused. Of a
        process that is killed in it the next one that opens the home finishes it.

        :param keep_data: only disconnect: what was read stays and is found, and is never read anew. Added
            again at the same place it goes on where it stopped.
        :raises ConfigError: there is none.
        """
        from deskhand.agent.sources.removing import remove

        return remove(self, alias, keep=keep_data)

    def kept(self) -> list[str]:
        """Sources that are not connected (any more) and whose data is here."""
        return [s.alias for s in self.archive.sources() if s.alias not in self.connections.aliases]

    def was(self, alias: str) -> Kept:
        """How a source was connected that is not any more, and whose data is here."""
        state = next(s for s in self.archive.sources() if s.alias == alias)
        return kept(self.home.sources, alias, kind=state.kind, place=state.place)

    def sources(self) -> list[SourceState]:
        """Every source and how it stands: first those that are connected, then those that were kept."""
        known = {s.alias: s for s in self.archive.sources()}
        there = self.connections.aliases
        found = (
            *(known.get(a) or SourceState(a, self.connections.kind(a), None, None, "", 0, 0) for a in there),
            *(state for alias, state in known.items() if alias not in there),
        )
        return [replace(s, error=self.connections.problem(s.alias) or s.error) for s in found]

    def failures(self, alias: str) -> list[Failed]:
        """What could not be read at a source, and why."""
        return self.archive.failures(alias)

    def sync(
        self,
        *sources: str,
        progress: Callable[[Progress], None] | None = None,
        embedding: Callable[[int, int], None] | None = None,
        embed: int | None = None,
        follow: bool = True,
        again: bool = False,
    ) -> Synced:
        """Bring the archive and the index up to date. A source that fails is told in its pass.

        :param sources: aliases; all of them by default.
        :param progress: told how far each is, and when it says nothing; else `self.progress` is.
        :param embedding: told (done, of) while vectors are made.
        :param embed: make at most so many vectors now.
        :param follow: begin what follows from what is new, and send what was held until now; else that is
            left to the next time.
        :param again: also sources that failed and are left alone for a while (`connectors.health`).
        """
        for alias in sources:
            if alias in self.kept():
                raise Misconfigured(catalogue.gone(alias, self.was(alias).again(alias)))
            if alias not in self.connections.aliases:
                raise Misconfigured(catalogue.no_such(alias, self.connections.aliases))
        passes = self.connections.sync(
            sources or self.connections.aliases,
            now=self._now, progress=progress or self.progress, stored=lambda: self._read(), again=again,
        )  # fmt: skip
        self._read()
        embedded, note = 0, ""
        try:
            embedded = self.index.embed(limit=embed, progress=embedding)
        except NoEmbedder as error:
            note = f"Found by words only: {error}"
        self.archive.trace(self.owner.addresses)
        if self._runs is not None:
            self._runs.describe(**self._rules())  # an account may say other hours, or another zone, by now
        followed = self._follow() if follow else ()
        return Synced(tuple(passes), embedded, self.index.pending(), note, followed)

    def _follow(self) -> tuple[str, ...]:
        # Who never asked for anything waits for no answer.
        return tuple(self.runs_room.follow()) if (self.home.root / "runs.db").exists() else ()
