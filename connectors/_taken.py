"""What takes somebody's time: how the events of a calendar are meant, also where they say it badly."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deskhand.connectors.occurrences import Occurrence

_AWAY = re.compile(
    r"\b(out of (the )?office|ooo|oof|pto|vacation|holidays?|(annual|on|parental|sick) leave|sick"
    r"|(day|days|time) off|off work|away|absent|absence|sabbatical|travell?ing|offsite)\b",
    re.IGNORECASE,
)
"""In the title of an all-day event, this says that the person is not there."""

_ELSEWHERE = re.compile(
    r"\W*(wfh|home ?office|remote( work| day)?|work(ing)?( day)? (from home|elsewhere|remotely)"
    r"|work(ing)? from [\w ]{1,40})\W*",
    re.IGNORECASE,
)
"""As the whole title, this says where the person works, not that the time is taken."""

ANSWERS = ("", "needs-action", "delegated", "declined", "tentative", "accepted")
"""PARTSTAT, from the one that says least of what the person does to the one that says most."""

_TITLE = 300
"""How much of a title is looked at; it may be written by strangers."""


def answer(occurrence: Occurrence, me: frozenset[str]) -> str:
    """What I answered: a PARTSTAT in lower case ("accepted"), "organizer" for my own, else empty.

    Where several of my addresses are invited, the firmest answer counts.
    """
    mine = [p for p in occurrence.people if p.address in me]
    given = [p.status for p in mine if p.role == "attendee" and p.status in ANSWERS]
    best = max(given, key=ANSWERS.index, default="")
    if best not in {"", "needs-action"}:
        return best
    return "organizer" if any(p.role == "organizer" for p in mine) else best


def takes_time(occurrence: Occurrence, *, me: frozenset[str], sole: bool = False) -> bool:
    """Whether I am not free because of this. In doubt I am not.

    * Cancelled, declined by me, or without length: free.
    * Between others alone (people are invited, and I neither am nor invite): free. A team's calendar.
      Not so with `sole`: the calendar is known to be mine alone, and I may be invited as one of a list.
    * Shown as "out of office": busy, whatever else is said. Transparent (RFC 5545 3.8.2.7), shown as
      free or as "working elsewhere", or called so and with nobody else: free.
    * With a time of day: busy, also tentative, unanswered or private.
    * All day: most are notes to a day (a birthday, a deadline), and OPAQUE, being the default, says
      nothing. Busy only if it is shown as busy or tentative (X-MICROSOFT-CDO-BUSYSTATUS), if the title says
      that somebody is away ("vacation"), or if I accepted it or invited others to it.
    """
    said = answer(occurrence, me)
    if occurrence.status == "cancelled" or said == "declined":
        return False
    if _utc(occurrence.start) >= _utc(occurrence.end):
        return False
    named = {p.address for p in occurrence.people if p.address}
    if not sole and any(p.role == "attendee" for p in occurrence.people) and not named & me:
        return False
    if occurrence.shown_as == "oof":
        return True
    if occurrence.transparent or occurrence.shown_as == "workingelsewhere":
        return False
    others = any(p.role == "attendee" and p.address not in me for p in occurrence.people)
    if not others and _ELSEWHERE.fullmatch(occurrence.title[:_TITLE]):
        return False
    if not occurrence.all_day or occurrence.shown_as in {"busy", "tentative"} or _says_away(occurrence):
        return True
    return said in {"accepted", "tentative"} or (said == "organizer" and others)


def unsure(occurrence: Occurrence, *, me: frozenset[str]) -> bool:
    """Whether it is not certain that this takes place, or that I am in it."""
    doubtful = "tentative" in {occurrence.status, occurrence.shown_as}
    return doubtful or answer(occurrence, me) in {"tentative", "needs-action", "delegated"}


def away(occurrence: Occurrence) -> bool:
    """Whether this says that somebody is not at work, rather than in a meeting."""
    return occurrence.shown_as == "oof" or (occurrence.all_day and _says_away(occurrence))


def _says_away(occurrence: Occurrence) -> bool:
    return bool(_AWAY.search(occurrence.title[:_TITLE]))


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
