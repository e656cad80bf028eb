"""What a mailbox at Outlook says of its person (GET /me/mailboxSettings), as a `Profile`.

https://learn.microsoft.com/en-us/graph/api/user-get-mailboxsettings
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_zones import iana
from deskhand.connectors._profile import Profile
from deskhand.connectors.model import Week

Json = Any
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SETTINGS = "/me/mailboxSettings?$select=timeZone,workingHours,automaticRepliesSetting,language"
"""What is asked for."""


def profile_of(said: Mapping[str, Json]) -> Profile:
    """Read the answer; what it leaves out, or what nobody can read, is not known."""
    hours, replies = _object(said.get("workingHours")), _object(said.get("automaticRepliesSetting"))
    status = str(replies.get("status") or "").lower()
    planned = status == "scheduled"
    zone = _zone(said.get("timeZone")) or _zone(_object(hours.get("timeZone")).get("name"))
    return Profile(
        zone=zone.key if zone else "", hours=_week(hours), locale=_locale(_object(said.get("language"))),
        away=status in ("alwaysenabled", "scheduled"),
        away_from=_moment(replies.get("scheduledStartDateTime")) if planned else None,
        away_until=_moment(replies.get("scheduledEndDateTime")) if planned else None,
    )  # fmt: skip


def _object(said: Json) -> Mapping[str, Json]:
    """What should be an object; where it is none, it says nothing."""
    return said if isinstance(said, dict) else {}


def _zone(said: Json) -> ZoneInfo | None:
    """The zone of a name of Windows' or of IANA's."""
    return iana(str(said)) if said else None


def _week(said: Mapping[str, Json]) -> Week | None:
    """The days it names, each from and to the same time; over midnight is no stretch of one day."""
    start, end = (_minute(said.get(n)) for n in ("startTime", "endTime"))
    named = said.get("daysOfWeek")
    days = {str(d).lower() for d in named} if isinstance(named, list) else set()
    if start is None or end is None or not days & {*_DAYS} or end <= start:
        return None
    return tuple(((start, end),) if day in days else () for day in _DAYS)


def _minute(said: Json) -> int | None:
    found = re.match(r"(\d\d):(\d\d)", str(said or ""))
    return int(found[1]) * 60 + int(found[2]) if found else None


def _locale(said: Mapping[str, Json]) -> str:
    found = re.fullmatch(r"([a-z]{2,3})-(?:[A-Za-z]{4}-)?([A-Z]{2})", str(said.get("locale") or ""))
    return f"{found[1]}_{found[2]}" if found else ""


def _moment(said: Json) -> datetime | None:
    """A dateTimeTimeZone."""
    told = _object(said)
    try:
        made = datetime.fromisoformat(str(told.get("dateTime")))
    except ValueError:
        return None
    return made if made.tzinfo else made.replace(tzinfo=_zone(told.get("timeZone")) or UTC)
