"""One pass over a source: whose turn it is to store what the source says, and when it is taken to be stuck.

A call to a source may never come back, and no thread can be ended from outside. So a pass runs in a thread
of its own; when a call of it hangs, its turn is over: whatever the call still says is heard by nobody, and
the next pass goes on from what was stored.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")

STUCK = 300.0
"""Seconds after which one call of a pass is taken to hang. Longer than for others (`gates.HUNG`), so that the
next pass has a gate, and a connection, of its own; and since a large folder that is looked through for the
first time says nothing for a while."""

PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds after which a source that is stuck is asked again, while the call still hangs: doubled for each."""

SILENT = 5.0
"""Seconds after which it is told that a source says nothing."""

OFTEN = 0.2
"""Seconds between two looks at a pass that is waited for."""


class Ended(BaseException):
    """The turn of this pass is over: it stores nothing more. No `Exception`, so that nobody takes it for an
    answer of the source."""


class Turn:
    """One pass: its thread enters it for the length of each call, others wait for it.

    Safe for several threads.
    """

    def __init__(self, *, stuck: float = STUCK, ticks: Callable[[], float] = monotonic) -> None:
        self._stuck, self._ticks = stuck, ticks
        self._changed = threading.Condition()
        self._since: float | None = None
        """When the call under way began; None while the pass stores what it has."""
        self._over = self._ended = False
        self.ended_at = 0.0
        """When it was ended from outside."""

    @property
    def over(self) -> bool:
        """Whether its thread has come to its end."""
        return self._over

    def __enter__(self) -> Turn:
        """:raises Ended: nobody waits for the pass any more."""
        with self._changed:
            if self._ended:
                raise Ended
            self._since = self._ticks()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        """:raises Ended: the call came back too late, whatever it says."""
        with self._changed:
            self._since = None
            if self._ended:
                self._changed.notify_all()
                raise Ended

    def finish(self) -> None:
        """Its thread has come to its end."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def wait(self, silent: Callable[[float], None] = lambda _: None) -> bool:
        """Wait until it is over; False where it hangs, and its turn is ended. Never while it is storing.

        :param silent: told, each whole second from `SILENT` on, for how long a call has not come back.
        """
        told = 0
        while True:
            with self._changed:
                if self._over or self._ended:
                    return not self._ended
                lasts = 0.0 if self._since is None else self._ticks() - self._since
                if lasts >= self._stuck:
                    self._end()
                    return False
                self._changed.wait(OFTEN)
                if self._over or self._since is None:
                    continue
                lasts = self._ticks() - self._since
            if int(lasts) != told and lasts >= SILENT:
                told = int(lasts)
                silent(lasts)

    def leave(self) -> None:
        """End it because nobody waits any more; returns when it stores nothing more."""
        with self._changed:
            if not self._over:
                self._end()
                self._changed.wait_for(lambda: self._over or self._since is not None)

    def _end(self) -> None:
        if not self._ended:
            self._ended, self.ended_at = True, self._ticks()
            self._changed.notify_all()


def patiently(action: Callable[[], T], *, most: float, silent: Callable[[float], None]) -> T:
    """What an action gives that asks a server, done in a thread of its own.

    :param most: seconds that are waited for it. :param silent: told each whole second from `SILENT` on, for
        how long it has not come back.
    :raises TimeoutError: it did not; whatever it still gives, nobody hears.
    """
    turn, done = Turn(stuck=most), Future[T]()
    context = copy_context()  # what hides secrets is in it

    def act() -> None:
        try:
            with turn:
                try:
                    done.set_result(context.run(action))
                except BaseException as error:
                    done.set_exception(error)
        except Ended:
            pass
        finally:
            turn.finish()

    threading.Thread(target=act, name="deskhand-asks", daemon=True).start()
    try:
        turn.wait(silent)
    finally:
        turn.leave()
    if not done.done():
        raise TimeoutError
    return done.result()


@dataclass(frozen=True)
class Within:
    """The gate of a source, entered for each call of a pass: what waits in front of it does not hang."""

    gate: AbstractContextManager[object]
    turn: Turn

    def __enter__(self) -> Within:
        self.gate.__enter__()
        try:
            self.turn.__enter__()
        except BaseException:
            self.gate.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gate.__exit__(kind, error, trace)
        self.turn.__exit__(kind, error, trace)


class Turns:
    """The passes over one source: one at a time, and none waits for one that hangs.

    Safe for several threads.
    """

    def __init__(self, *, stuck: float = STUCK, ticks: Callable[[], float] = monotonic) -> None:
        self._stuck, self._ticks = stuck, ticks
        self._changed = threading.Condition()
        self._now: Turn | None = None
        self._hanging: list[Turn] = []

    def take(self) -> Turn | None:
        """The next turn, as soon as the one before is given back; None while it is too soon after one that
        hangs still."""
        while True:
            with self._changed:
                if (before := self._now) is None:
                    self._hanging = [t for t in self._hanging if not t.over]
                    if self._too_soon():
                        return None
                    self._now = turn = Turn(stuck=self._stuck, ticks=self._ticks)
                    return turn
            before.wait()
            with self._changed:
                self._changed.wait_for(lambda: self._now is not before)

    def give_back(self, turn: Turn) -> None:
        """Let the next one have its turn: this one is over, or was ended and stores nothing more."""
        with self._changed:
            self._now = None
            if not turn.over:
                self._hanging.append(turn)
            self._changed.notify_all()

    def _too_soon(self) -> bool:
        if not self._hanging:
            return False
        pause = min(PAUSE * 2.0 ** (len(self._hanging) - 1), LONGEST_PAUSE)
        return self._ticks() < self._hanging[-1].ended_at + pause
