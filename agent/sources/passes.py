"""Passes over the sources: one at a time over each, in a thread of its own; none is waited for for ever."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from deskhand.agent.sources.metered import Metered
from deskhand.agent.sources.turns import Ended, Turns, Within
from deskhand.connectors.archive import Archive, Tally
from deskhand.connectors.errors import SourceError, Transient
from deskhand.connectors.sync import Pass, Progress, ended, sync


class Passes:
    """Reads sources into the archive. Safe for several threads."""

    def __init__(
        self,
        archive: Archive,
        *,
        begin: Callable[[str], Metered | None],
        where: Callable[[str], str],
        local: Callable[[str], bool],
        turns: Callable[[], Turns],
        draw: Callable[[], float],
    ) -> None:
        """:param begin: a source that is about to be read, by alias; None where it was removed meanwhile.
            Raises SourceError where it cannot be opened.
        :param where: who answers for a source.
        :param local: whether a source is on this machine.
        :param turns: made for a source: who may pass over it.
        :param draw: numbers in [0, 1): how long a source that fails again and again is left alone.
        """
        self._archive, self._begin, self._where, self._local = archive, begin, where, local
        self._draw, self._lock = draw, threading.Lock()
        self._turns: defaultdict[str, Turns] = defaultdict(turns)

    def over(
        self,
        alias: str,
        *,
        now: Callable[[], datetime],
        progress: Callable[[Progress], None],
        stored: Callable[[], None],
        again: bool,
    ) -> Pass:
        """One pass over a source, as `Connections.sync` says; what fails is told in it."""
        rests = None if again else self._resting(alias, now())
        return rests or self._pass(alias, now=now, progress=progress, stored=stored)

    @contextmanager
    def none_over(self, alias: str) -> Iterator[None]:
        """While no pass is over a source but one that hangs."""
        turns = self._turns_of(alias)
        turn = turns.take()
        try:
            yield
        finally:
            if turn is not None:
                turn.finish()
                turns.give_back(turn)

    def _turns_of(self, alias: str) -> Turns:
        with self._lock:
            return self._turns[alias]

    def _resting(self, alias: str, now: datetime) -> Pass | None:
        """How a source is told of that is left alone at the moment."""
        if not (health := self._archive.health(alias)).rests(now):
            return None
        error = next((s.error for s in self._archive.sources() if s.alias == alias), "")
        return Pass(alias, error=error, rests=True, due=health.due)

    def _pass(
        self,
        alias: str,
        *,
        now: Callable[[], datetime],
        progress: Callable[[Progress], None],
        stored: Callable[[], None],
    ) -> Pass:
        turns = self._turns_of(alias)
        if (turn := turns.take()) is None:
            return Pass(alias, error=_stuck(alias, "it will be asked again in a while"))
        done = Future[Pass]()
        reader: threading.Thread | None = None
        try:
            try:
                if (metered := self._begin(alias)) is None:
                    return Pass(alias, error=f"{alias} was removed before it was read.")
            except SourceError as error:
                return self._failed(alias, error, now())
            connector = replace(metered, gate=Within(metered.gate, turn))

            last = Progress(alias, 0, None)

            def progressed(now_at: Progress) -> None:
                nonlocal last
                last = now_at
                progress(now_at)

            def silent(seconds: float) -> None:
                progress(replace(last, left=None, waits=seconds, where=self._where(alias)))

            def read() -> None:
                try:
                    done.set_result(
                        sync(
                            connector, self._archive, now=now, progress=progressed, stored=stored,
                            draw=self._draw, local=self._local(alias),
                        )
                    )  # fmt: skip
                except Ended:
                    pass  # nobody waits
                except BaseException as error:
                    done.set_exception(error)  # of the disk, or of a callback: for whoever waits
                finally:
                    turn.finish()

            progress(last)  # whoever is interrupted before it says anything was at this one
            reader = threading.Thread(target=read, name=f"deskhand-sync-{alias}", daemon=True)
            reader.start()
            turn.wait(silent)
            if done.done():
                return done.result()
            said = _stuck(alias, "what came before it is kept, and it will be asked again")
            return self._failed(alias, Transient(said), now())
        finally:
            if reader is None or reader.ident is None:  # it never ran, whatever the reason, and will not
                turn.finish()
            turn.leave()
            turns.give_back(turn)

    def _failed(self, alias: str, error: SourceError, now: datetime) -> Pass:
        """Note a pass that came to nothing."""
        return ended(
            self._archive, alias, Tally(), error, now=now, draw=self._draw(), local=self._local(alias)
        )


def _stuck(alias: str, then: str) -> str:
    return f"{alias} is stuck: a call to it does not come back. It was left to itself; {then}."
