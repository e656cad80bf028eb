"""What clients of servers share: when a read is tried again, and what a write is whose answer was lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from deskhand.connectors.errors import SourceError

Pause = Callable[[float], None]
"""Waits for so many seconds."""

PASSING = frozenset({408, 421, 425, 429, 500, 502, 503, 504})
"""Answers that may be others in a moment (RFC 9110 15)."""


class Lost(SourceError):
    """The answer to a write did not come; nobody knows what became of it."""


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
    """What an error says, in a line."""
    text = " ".join(str(error).split())[:200]
    return text or type(error).__name__


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
