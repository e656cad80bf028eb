"""How a source has been doing: what failed in a row, when it is asked again, how far behind it is.

The one noun is `Health`. It is kept in the archive beside the cursor, so it outlives the process; a pass
makes the next one of it (`after`). Connectors know nothing of it: they raise (`errors`), and may say what
they used of a quota (`base.Quoted`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from deskhand.connectors.errors import SourceError, Transient, Unauthorized

OPENS_AT = 3
"""Passes that broke off in a row after which a source is left alone for a while: its circuit is open."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""How long it is then left alone: doubled for each failure more."""

SIGN_IN_PAUSE, LONGEST_SIGN_IN = timedelta(minutes=5), timedelta(hours=6)
"""The same after a refused password or token, from the first on: who tries too often is locked out."""

LONGEST_AFTER = timedelta(days=1)
"""More is never waited for, whatever a server says (Retry-After); nor a clock, that was ahead for a while."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What was used of what a provider allows."""

    used: int
    limit: int | None
    """None: it is not known."""
    of: str
    """What is counted, and in what time: "units in the last minute"."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a source stands after its last pass."""

    failed: int = 0
    """Passes in a row that broke off."""
    due: datetime | None = None
    """Not before then it is asked again by itself; None: at any time. A person may ask at any time."""
    done: int = 0
    expected: int | None = None
    """How far the pass came that broke off, in things looked at; `expected` None: that is not known."""
    quota: tuple[Quota, ...] = ()
    refused: bool = False
    """It lets nobody in: the password or token was not taken any more, and no pass was let in since."""

    def rests(self, now: datetime) -> bool:
        """Whether it is left alone at this moment."""
        return self.due is not None and now < self.due <= now + LONGEST_AFTER

    def after(
        self, failure: SourceError | None, *, now: datetime, draw: float, local: bool = False,
        done: int = 0, expected: int | None = None, quota: tuple[Quota, ...] = (),
    ) -> Health:  # fmt: skip
        """How it stands after one pass more.

        :param failure: what broke it off; None: it reached the end.
        :param draw: a number in [0, 1): spreads those who wait for the same server.
        :param local: it is on this machine: to ask it again costs nobody anything.
        """
        if failure is None:
            return Health(quota=quota)
        made = replace(
            self, failed=self.failed + 1, due=None, done=done, expected=expected, quota=quota or self.quota,
            # Out of reach it says nothing of that, and nothing of it has changed.
            refused=isinstance(failure, Unauthorized) or (self.refused and isinstance(failure, Transient)),
        )  # fmt: skip
        pause = None if local else made._pause(failure, draw)
        return made if pause is None else replace(made, due=now + min(pause, LONGEST_AFTER))

    def _pause(self, failure: SourceError, draw: float) -> timedelta | None:
        if isinstance(failure, Transient) and failure.after is not None:
            return timedelta(seconds=min(max(failure.after, 0.0), LONGEST_AFTER.total_seconds()))
        if isinstance(failure, Unauthorized):
            first, longest, times = SIGN_IN_PAUSE, LONGEST_SIGN_IN, self.failed - 1
        elif self.failed >= OPENS_AT:
            first, longest, times = FIRST_PAUSE, LONGEST_PAUSE, self.failed - OPENS_AT
        else:
            return None
        pause: timedelta = min(first * 2.0 ** min(times, 16), longest)
        return pause * (0.5 + draw / 2)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "failed": self.failed, "due": self.due.isoformat() if self.due else None, "done": self.done,
            "expected": self.expected,
            "quota": [{"used": q.used, "limit": q.limit, "of": q.of} for q in self.quota],
            "refused": self.refused,
        }  # fmt: skip

    @classmethod
    def of(cls, said: Any) -> Health:
        """What `as_dict` wrote; of anything else, that nothing is known."""
        try:
            due = datetime.fromisoformat(said["due"]) if said["due"] else None
            quota = tuple(_quota(q) for q in said["quota"])
            expected = None if said["expected"] is None else int(said["expected"])
            refused = said.get("refused") is True  # earlier versions did not say it
            made = cls(int(said["failed"]), due, int(said["done"]), expected, quota, refused)
        except (TypeError, ValueError, KeyError, AttributeError):
            return cls()
        return made if due is None or due.tzinfo is not None else replace(made, due=None)


def _quota(said: Mapping[str, Any]) -> Quota:
    limit = said["limit"]
    return Quota(int(said["used"]), None if limit is None else int(limit), str(said["of"]))
