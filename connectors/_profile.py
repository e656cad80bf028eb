"""What a source says of the person whose account it is: zone, working hours, language, whether she is away.

It is a suggestion, kept in the source's state folder; what the person set herself goes before it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deskhand.connectors._keep import write_beside
from deskhand.connectors.model import Week

_FILE = "profile.json"


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account says of its person; empty where it says nothing."""

    zone: str = ""
    """IANA name."""
    hours: Week | None = None
    """Working hours, of the clock in `zone`, or in `hours_zone`."""
    hours_zone: str = ""
    """IANA name, where they go by another clock than that in `zone`."""
    locale: str = ""
    """Language and country: "fr_FR"."""
    away: bool = False
    """Automatic replies are switched on; between `away_from` and `away_until`, where these are said."""
    away_from: datetime | None = None
    away_until: datetime | None = None
    unread: str = ""
    """What it calls its zone, where nobody can say which one that is."""

    def is_away(self, now: datetime) -> bool:
        """Whether the account answers by itself at an instant."""
        begun = self.away_from is None or self.away_from <= now
        return self.away and begun and (self.away_until is None or now < self.away_until)


def keep_profile(state: Path, told: Profile) -> None:
    """Keep what a source says. :raises OSError: it cannot be written; what was there stays."""
    text = json.dumps({
        "zone": told.zone, "hours": told.hours, "locale": told.locale, "away": told.away,
        "away_from": told.away_from.isoformat() if told.away_from else None,
        "away_until": told.away_until.isoformat() if told.away_until else None,
        "hours_zone": told.hours_zone, "unread": told.unread,
    })  # fmt: skip
    if _read(state) != text:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_beside(state / _FILE, text.encode(), beside=state / f".{_FILE}", durable=False)


def kept_profile(state: Path) -> Profile | None:
    """What a source said last; None where it said nothing, or it cannot be read."""
    try:
        said: Mapping[str, Any] = json.loads(_read(state))
        hours = said["hours"]
        moments = {
            n: datetime.fromisoformat(said[n]) if said[n] else None for n in ("away_from", "away_until")
        }
        week = tuple(tuple((int(a), int(b)) for a, b in day) for day in hours) if hours else None
        return Profile(
            str(said["zone"]), week, str(said.get("hours_zone") or ""), str(said["locale"]),
            bool(said["away"]), **moments, unread=str(said.get("unread") or ""),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None


def _read(state: Path) -> str:
    try:
        return (state / _FILE).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
