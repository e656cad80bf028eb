"""The words for a meeting's window ("next week, not Friday, mornings"), as what a `SlotRequest` keeps to.

They are read by the readers of a request ("find a time next week, not Friday"), so that the same words mean
the same in both; only an event is looked up at once here, and by a step of the plan there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.availability.distances import Works, together, weekdays
from deskhand.agent.availability.folding import AHEAD, NotUnderstood, Wanted, fold
from deskhand.agent.planners.when import anchors
from deskhand.agent.planners.when.limits import Limits, ruled
from deskhand.agent.planners.words.request import Request
from deskhand.agent.profile import Known, Owner
from deskhand.agent.slots.model import Interval
from deskhand.agent.times import Reading, read

__all__ = ["AHEAD", "Event", "NotUnderstood", "Wanted", "wanted"]

Event = Callable[..., Interval]
"""When the event is that these words name; `start`, `end`, `at` and `person` narrow it, as in `event.find`.
:raises NotUnderstood: there is none, or there are several."""

_FILLERS = frozenset(
    """
    a an and any anytime at between but by during either for from I if in is it it's lets me meet meeting
    meetings of ok on only or other please possible possibly some sometime than that the then there time times
    to us we week weeks when with within works
    """.lower().split()
)  # fmt: skip
_NEGATION = re.compile(
    r"\b(?:not|no|never|nor|except(?:\s+for)?|excluding|avoid(?:ing)?|without)(?:\s+(?:on|in|at|the|any|for))*\W*$",
    re.I,
)
_IN_PLANS = ("by_moving", "room")
"""What only a request keeps to: `deskhand slots` looks, and has an option for the room."""


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
    known: Known | None = None,
    works: Works = weekdays,
) -> Wanted:
    """Read the words for a window. `start` and `end` bound it; without an end it is two weeks.

    :param minutes: how long the meeting is, where the words do not say.
    :param event: tells when the event is that words name ("before the board meeting").
    :param known: whose names may stand in the words ("after lunch with Bo").
    :param works: which days are working days ("two business days before").
    :raises NotUnderstood: some of the words are no time, or nobody knows the event they hang on.
    """
    known = known or Known(Owner("", "", frozenset(), zone, locale), now)
    request, hung = anchors.taken(Request(text, text, "", "", known))
    request, limits = ruled(request)
    rest = request.head
    readings = read(rest, now=now, zone=zone, locale=locale)
    _all_read(rest, readings)
    _kept_here(limits)
    length = next((r.seconds for r in readings if r.kind == "duration" and r.seconds), None)
    long = limits.minutes or hung.minutes or (max(1, round(length / 60)) if length else None)
    minutes = long or minutes
    exact, edges = _beside(hung, event, zone=zone, works=works, minutes=minutes)
    found = fold(
        rest, readings, now=now, zone=zone, minutes=minutes, event=event, at=exact,
        start=max((m for m in (start, edges.start) if m), default=None),
        end=min((m for m in (end, edges.end) if m), default=None),
    )  # fmt: skip
    return _with(replace(found, minutes=long, avoid=(*found.avoid, *edges.avoid)), limits.args, zone)


def _beside(
    hung: anchors.Anchors, event: Event | None, *, zone: str, works: Works, minutes: int
) -> tuple[list[Interval], Any]:
    """The exact times that hang on events, and what the others leave of time."""
    exact: list[Interval] = []
    distances, events = [], []
    for one in hung.all:
        if event is None:
            raise NotUnderstood(f"“{one.words}” is an event; say the time itself.")
        narrows = {n: v for n, v in one.find.items() if n in ("start", "end", "at", "person")}
        for name in ("start", "end"):
            if name in narrows:
                narrows[name] = datetime.fromisoformat(narrows[name])
        when = event(one.words, **narrows)
        if (by := one.exactly(minutes=minutes)) is not None:
            edge = when.start if one.distance.side == "before" else when.end
            first = edge + timedelta(minutes=by)
            exact.append(Interval(first, first + timedelta(minutes=minutes), name=one.said))
        else:
            distances.append(one.distance)
            events.append((when.start, when.end))
    return exact, together(distances, events, zone=zone, works=works, minutes=minutes)


def _kept_here(limits: Limits) -> None:
    if limits.optional or (limits.args.keys() & set(_IN_PLANS)):
        said = "; ".join([*(n.words for n in limits.optional), *limits.said])
        raise NotUnderstood(
            f"“{said}” is no time; people and rooms are named by options (--optional, --room), and what may "
            "move for a meeting is asked for where it is booked."
        )


def _with(found: Wanted, args: dict[str, Any], zone: str) -> Wanted:
    """What was folded, and the limits that are no reader's of times."""
    clocks = {n: time.fromisoformat(args[n]) for n in ("not_before", "not_after") if n in args}
    first = max(filter(None, (found.not_before, clocks.get("not_before"))), default=None)
    last = min(filter(None, (found.not_after, clocks.get("not_after"))), default=None)
    if first and last and first >= last:
        raise NotUnderstood(
            f"No time is both after {first:%H:%M} and before {last:%H:%M}; say which is meant."
        )
    tz, days = ZoneInfo(zone), [date.fromisoformat(d) for d in args.get("not_dates", ())]
    off = [
        Interval(datetime.combine(d, time(0), tz), datetime.combine(d + timedelta(days=1), time(0), tz))
        for d in days
    ]
    own = ("not_before", "not_after", "not_dates", "not_on", "parts", "not_parts")
    return replace(
        found, not_before=first, not_after=last, avoid=(*found.avoid, *off),
        not_on=found.not_on | set(args.get("not_on", ())), parts=found.parts | set(args.get("parts", ())),
        not_parts=found.not_parts | set(args.get("not_parts", ())),
        also={n: v for n, v in args.items() if n not in own},
    )  # fmt: skip


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
        start = r.span[0]
        if r.negated and (no := _NEGATION.search(left, 0, start)):
            start = no.start()
        left = left[:start] + " " * (r.span[1] - start) + left[r.span[1] :]
    for words in re.findall(r"[^\s,;.][^,;]*", left):
        strange = [w for w in re.findall(r"[\w'’@.-]+", words) if w.lower().strip(".'’") not in _FILLERS]
        if strange:
            raise NotUnderstood(
                f"“{' '.join(strange)}” is no time that can be read; say it like “next week, mornings”."
            )
