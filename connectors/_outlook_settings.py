"""What a mailbox at Outlook says of its person (GET /me/mailboxSettings), as a `Profile`.

https://learn.microsoft.com/en-us/graph/api/user-get-mailboxsettings
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deskhand.connectors._graph_zones import zone_of
from deskhand.connectors._ical_zones import same_clock
from deskhand.connectors._profile import Profile
from deskhand.connectors.model import Week

Json = Any
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SETTINGS = "/me/mailboxSettings?$select=timeZone,workingHours,automaticRepliesSetting,language"
"""What is asked for."""


def profile_of(said: Mapping[str, Json], year: int) -> Profile:
    """Read the answer; what it leaves out, or what nobody can read, is not known.

    :param year: it is now, by which a zone without a name is known.
    """
    hours, replies = _object(said.get("workingHours")), _object(said.get("automaticRepliesSetting"))
    status = str(replies.get("status") or "").lower()
    planned = status == "scheduled"
    named, clock = said.get("timeZone"), hours.get("timeZone")
    own = zone_of(clock, year)
    zone = zone_of(named, year) or own
    begins, ends = (_moment(replies.get(f"scheduled{n}DateTime"), year) for n in ("Start", "End"))
    other = own is not None and zone is not None and not same_clock(own.key, zone.key, year)
    return Profile(
        zone=zone.key if zone else "",
        hours=_week(hours) if own or (zone and not clock) else None,  # of a clock that nobody knows: none
        hours_zone=own.key if own and other else "",
        locale=_locale(_object(said.get("language"))),
        away=status == "alwaysenabled" or (planned and begins is not None and ends is not None),
        away_from=begins if planned else None, away_until=ends if planned else None,
        unread="" if zone or not named else str(named)[:80],
    )  # fmt: skip


def _object(said: Json) -> Mapping[str, Json]:
    """What should be an object; where it is none, it says nothing."""
    return said if isinstance(said, dict) else {}


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


def _moment(said: Json, year: int) -> datetime | None:
    """A dateTimeTimeZone; None where its clock is not known."""
    told = _object(said)
    try:
        made = datetime.fromisoformat(str(told.get("dateTime")))
    except ValueError:
        return None
    zone = zone_of(told.get("timeZone") or "UTC", year)
    return made if made.tzinfo else made.replace(tzinfo=zone) if zone else None
