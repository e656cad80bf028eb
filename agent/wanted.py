"""The words for a meeting's window ("next week, not Friday, mornings"), as what a `SlotRequest` keeps to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from deskhand.agent.folding import AHEAD, Event, NotUnderstood, Wanted, fold
from deskhand.agent.times import Reading, read

__all__ = ["AHEAD", "NotUnderstood", "Wanted", "wanted"]

_FILLERS = frozenset(
    """
    a an and any anytime at avoid between but by during either except excluding for from I if in is it
    it's lets me meet meeting meetings never no nor not of ok on only or other please possible possibly
    some sometime than that the then there time times to us we week weeks when with within
    without works
    """.lower().split()
)  # fmt: skip


def wanted(
    text: str,
    *,
    now: datetime,
    zone: str,
    locale: str,
    start: datetime | None = None,
    end: datetime | None = None,
    minutes: int = 30,
    event: Event | None = None,
) -> Wanted:
    """Read the words for a window. `start` and `end` bound it; without an end it is two weeks.

    :param minutes: how long the meeting is, where the words do not say.
    :param event: tells when the event is that words name ("before the board meeting").
    :raises NotUnderstood: some of the words are no time, or nobody knows the event they hang on.
    """
    readings = read(text, now=now, zone=zone, locale=locale)
    _all_read(text, readings)
    length = next((r.seconds for r in readings if r.kind == "duration" and r.seconds), None)
    long = max(1, round(length / 60)) if length else None
    minutes = long or minutes
    found = fold(text, readings, now=now, zone=zone, start=start, end=end, minutes=minutes, event=event)
    return replace(found, minutes=long)


def _all_read(text: str, readings: Sequence[Reading]) -> None:
    for r in readings:
        if r.problem:
            raise NotUnderstood(r.problem)
        if r.not_holidays:
            raise NotUnderstood(
                f"“{r.text}”: public holidays are days off where a country is set; say it without them."
            )
    left = text
    for r in readings:
        left = left[: r.span[0]] + " " * (r.span[1] - r.span[0]) + left[r.span[1] :]
    for words in re.findall(r"[^\s,;.][^,;]*", left):
        strange = [w for w in re.findall(r"[\w'’@.-]+", words) if w.lower().strip(".'’") not in _FILLERS]
        if strange:
            raise NotUnderstood(
                f"“{' '.join(strange)}” is no time that can be read; say it like “next week, mornings”."
            )
