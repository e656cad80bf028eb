"""What clients of servers share: when a read is tried again, a write whose answer was lost, a no."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from deskhand.connectors.errors import Missing, SourceError, Transient, Unknown, Unsupported

Got = TypeVar("Got")

Pause = Callable[[float], None]
"""Waits for so many seconds."""

PASSING = frozenset({408, 421, 425, 429, 500, 502, 503, 504})
"""Answers that may be others in a moment (RFC 9110 15)."""


class Lost(SourceError):
    """The answer to a write did not come; nobody knows what became of it."""


class Refused(Unsupported):
    """A server understood and said no. `status` and `reason` are its words."""

    def __init__(self, message: str, *, status: int, reason: str = "") -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


class Gone(Missing):
    """What was asked about is no longer known (410): an old sync token, an event that was deleted."""

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class Again(Exception):
    """An attempt failed in passing; `why` is a sentence without its end."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        """:param wait: seconds that the server wants to be left alone."""
        super().__init__(why)
        self.why, self.wait = why, wait


def tried(
    ask: Callable[[], Got], *, pause: Pause, jitter: Callable[[], float], attempts: int = 5,
    longest: float = 64.0,
) -> Got:  # fmt: skip
    """What is asked for, asked again after a while as long as it raises `Again`.

    :param longest: seconds that are waited for. :raises Transient: it did not get better.
    """
    for attempt in range(1, attempts + 1):
        try:
            return ask()
        except Again as failed:
            wait = backoff(attempt, jitter()) if failed.wait is None else failed.wait
            if attempt == attempts or wait > longest:
                later = f"; it wants to be left alone for {wait:.0f} seconds" if wait > longest else ""
                raise Transient(f"{failed.why}{later}.", after=failed.wait) from None
            pause(wait)
    raise AssertionError("unreachable")


def looked(lost: SourceError, what: str, look: Callable[[], Got]) -> Got:
    """What is there, after the answer to a write was lost. :raises Unknown: that cannot be looked at."""
    try:
        return look()
    except Unknown:
        raise
    except SourceError as error:
        raise Unknown(f"{lost} Whether {what} is not known: {error}") from error


def backoff(attempt: int, jitter: float) -> float:
    """Seconds before the next attempt: twice as many each time, and never the same for two.

    :param attempt: that failed, from 1. :param jitter: in [0, 1).
    """
    return 0.5 * 2.0**attempt * (0.5 + jitter)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, as the server says (RFC 9110 10.2.3): a number, or a date beside its own clock."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        here = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, (_aware(until) - _aware(here)).total_seconds())


def words(error: BaseException) -> str:
    """What an error says, in a line, without its number."""
    text = re.sub(r"\[Errno -?\d+\] ", "", " ".join(str(error).split())[:200])
    return text or type(error).__name__


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
