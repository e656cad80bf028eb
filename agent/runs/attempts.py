"""How long a write is waited for and how often it is tried, as its step says.

What reads is given up after its time (`trials`). A write that may have happened is not: it is `unknown`, and
nobody tries it again. Only what surely did not happen, for a reason that passes, is tried once more.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from deskhand.agent.plans.language import Step
from deskhand.agent.plans.purpose import purpose_of
from deskhand.agent.runs.asides import awaited
from deskhand.agent.runs.footing import Footing
from deskhand.agent.trust.gate import Permit
from deskhand.connectors.errors import Unknown

T = TypeVar("T")

LONGEST = 60.0
"""Seconds between two attempts of a write at the most: later than that it would have to be looked at anew."""


def pause(run: str, step: Step, attempt: int) -> float:
    """Seconds before the next attempt: doubled each time, with a jitter that is the same in a replay."""
    jitter = int.from_bytes(sha256(f"{run}/{step.id}/{attempt}".encode()).digest()[:4]) / 2**32
    return round(float(step.retry.backoff * 2 ** (attempt - 1) * (0.5 + jitter)), 3)


@dataclass(eq=False)
class Attempts:
    """The attempts of one write."""

    on: Footing
    step: Step
    source: str
    permit: Callable[[], Permit | None]
    """The write as the policy judges it by now."""
    agreed: bool
    """It is done whatever a budget has left."""
    made: int = 0

    def begin(self) -> None:
        """Tell that an attempt begins."""
        self.made += 1
        purpose = purpose_of(self.step)
        self.on.progress.note("begun", step=self.step.id, op=self.step.op, attempt=self.made, purpose=purpose)
        self.on.progress.flush(lasting=False)

    def within(self, work: Callable[[], T]) -> T:
        """Wait for a call as long as the step says, though its run be stopped meanwhile; else as long as its
        source does. :raises Unknown: it took longer, and may still happen."""
        if self.step.timeout is None:
            return work()
        try:
            done = awaited(work, halt=Future(), seconds=self.step.timeout)
        except TimeoutError:
            raise Unknown(f"It took longer than {self.step.timeout:g} seconds") from None
        assert done is not None  # noqa: S101 - nobody halts it
        return done

    def again(self, error: str) -> Permit | None:
        """Wait until it is time for one more attempt, and have it judged anew; None: there is none."""
        progress = self.on.progress
        if self.made >= self.step.retry.attempts or progress.stopped:
            return None
        if not self.agreed and self.on.account.converging(self.source) is not None:
            return None
        rest = min(pause(progress.run.id, self.step, self.made), LONGEST)
        progress.note("tried", step=self.step.id, attempt=self.made, error=error, again_in=rest)
        progress.flush(lasting=False)
        wait([progress.halt], timeout=rest)
        permit = None if progress.stopped else self.permit()
        if permit is not None:
            self.begin()
        return permit
