"""The clock everything goes by: the system's, a function, or one that stands still (`--now`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from deskhand.config.errors import ConfigError

Clock = Callable[[], datetime]
_LIKE = "write it like 2026-11-22T08:00:00+00:00"


def clock(now: Clock | datetime | str | None) -> Clock:
    """A clock out of what was given; text is ISO 8601 with an offset, nothing is the system's clock.

    :raises ConfigError: not a time, or one without a zone.
    """
    if now is None or now == "":
        return lambda: datetime.now(UTC)
    if isinstance(now, str):
        try:
            moment = datetime.fromisoformat(now)
        except ValueError:
            raise ConfigError(f"{now[:80]!r} is no time; {_LIKE}.") from None
    elif isinstance(now, datetime):
        moment = now
    else:
        return now
    if moment.tzinfo is None:
        raise ConfigError(f"{moment.isoformat()} has no zone; {_LIKE}.")
    return lambda: moment
