"""The window in which a calendar is watched: Graph tells what changed of one stretch of time only.

It begins a year back, or where the person says, and ends two years ahead. Each quarter it is laid anew, and
all in it is listed and compared once: so nothing is lost at its edge, and nothing told twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

BACK, AHEAD = timedelta(days=365), timedelta(days=730)
_ROLLED = timedelta(days=90)
_LONGEST = timedelta(days=1825)
"""The most that a view of a calendar may hold, says Graph."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, and the link to what changes in it."""

    low: datetime
    high: datetime
    link: str = ""

    @classmethod
    def around(cls, today: datetime, since: date | None) -> Window:
        """:param today: any time of today. :param since: how far back it goes, if that is said."""
        day = datetime.combine(today.astimezone(UTC).date(), time(), UTC)
        high = day + AHEAD
        low = datetime.combine(since, time(), UTC) if since is not None else day - BACK
        return cls(max(min(low, day), high - _LONGEST), high)

    @classmethod
    def of(cls, token: str) -> Window | None:
        """What a cursor knows; None where it is not ours."""
        try:
            low, high, link = json.loads(token)
            return cls(datetime.fromisoformat(low), datetime.fromisoformat(high), str(link))
        except (ValueError, TypeError):
            return None

    def token(self) -> str:
        """For a cursor."""
        return json.dumps([self.low.isoformat(), self.high.isoformat(), self.link], separators=(",", ":"))

    def does(self, today: datetime, since: date | None) -> bool:
        """Whether it is still good today."""
        wanted = Window.around(today, since)
        begins = self.low == wanted.low if since is not None else self.low <= wanted.low
        return (
            bool(self.link)
            and (begins or wanted.high - wanted.low == _LONGEST)
            and (wanted.high - self.high < _ROLLED)
        )
