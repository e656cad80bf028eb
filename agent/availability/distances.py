"""How far from an event a meeting may be: one value, how it is said, and the stretch of time it leaves.

Whoever reads "at least two business days before the board meeting" reads it here, and whoever knows when
the event is finds the edges here: a request in words, `deskhand slots` and `slots.find` alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import Interval
from deskhand.agent.times import Anchor, read

Side = Literal["before", "after", "around"]
Unit = Literal["minute", "day", "business", "month", "calendar week", "calendar month"]
Works = Callable[[date], bool]
"""Whether a day is a working day of the person."""

_ONE = timedelta(days=1)
_FARTHEST = 4000
"""Days that are looked through for a working day; nobody works on none of so many."""
_SIDES = r"before|after|following|ahead\s+of|prior\s+to|of"
_UNITS = r"min(?:ute)?s?|h|hrs?|hours?|days?|weeks?|fortnights?|months?|quarters?|half"
_LENGTH = re.compile(rf"\b(?:\d+\s*)?(?:{_UNITS})(?P<or>\s+or\s+\w+)?\s+(?P<side>{_SIDES})\s*$", re.I)
_LOOKED = 90
"""Characters in front of an event in which its distance is said."""
_LEADS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?:^|(?<=[\s,;(]))(?:{words})\s*$", re.I))
    for kind, words in (
        ("least", r"at\s+(?:the\s+)?(?:very\s+)?least|(?:no|not)\s+(?:less|fewer)\s+than|"
                  r"(?:with\s+)?(?:a\s+)?minimum(?:\s+of)?|(?<!no\s)(?<!not\s)more\s+than"),
        ("late", r"(?:no|not|never)\s+later\s+than|at\s+the\s+(?:very\s+)?latest,?|by|"
                 r"(?:not|never)\s+after"),
        ("early", r"(?:no|not|never)\s+(?:earlier|sooner)\s+than|"
                  r"at\s+the\s+(?:very\s+)?(?:earliest|soonest),?|(?:not|never)\s+(?:before|until|till)|starting|from"),
        ("most", r"at\s+(?:the\s+)?(?:very\s+)?most|within|(?:no|not)\s+(?:more|farther|further)\s+than|"
                 r"up\s+to|less\s+than|under|(?:a\s+)?maximum(?:\s+of)?|(?:in|during|over)\s+the(?:\s+(?:last|first|next))?"),
    )
)  # fmt: skip
_NOT = re.compile(
    r"(?:not|never|no|except(?:\s+for)?|excluding|avoid(?:ing)?|outside(?:\s+of)?|nothing)"
    r"(?:\s+(?:on|in|at|any\s?time|ever))*\s*$",
    re.I,
)
_JOINT = re.compile(r"(?:[\s,;(]|\b(?:and|but)\b)*$", re.I)
_AFTERWARDS = re.compile(r"[\s,]*\bat\s+the\s+(?:very\s+)?(?P<edge>latest|earliest|soonest)\b", re.I)


@dataclass(frozen=True, slots=True)
class Distance:
    """How far from an event: no nearer than `least`, no farther than `most`, in `unit`.

    Minutes are counted from the start of the event, or from its end; days, working days and months from the
    day it is on, whole days. `least` None: also on the other side of the event; `most` None: at any distance.
    The same number in both is that very day (or week). `excluded`: not there; nothing else is limited.
    """

    side: Side
    least: int | None = 0
    most: int | None = None
    unit: Unit = "minute"
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """A distance as it stands in a text, from `start` to the word for its side. `exact`: so many minutes."""

    distance: Distance
    start: int
    exact: int | None = None


@dataclass(frozen=True, slots=True)
class Edges:
    """What is left of time: not before `start`, over by `end`, and nothing in `avoid`."""

    start: datetime | None = None
    end: datetime | None = None
    avoid: tuple[Interval, ...] = ()


def spoken(text: str, *, now: datetime, zone: str, locale: str, behind: str = "") -> Spoken | None:
    """The distance that a text ends with: "at least two days before". None: it says none.

    :param text: up to the event, with the word for the side at its end.
    :param behind: what follows the event ("at the latest").
    """
    if (m := _LENGTH.search(text)) is None:
        return None
    about = m["side"].lower() == "of"
    begin = max(0, len(text) - _LOOKED)
    cut = text[begin : m.start("or") if m["or"] else m.start("side")].rstrip()
    side = "before" if about else m["side"]
    found = [r for r in read(f"{cut} {side} the meeting", now=now, zone=zone, locale=locale) if r.anchor]
    if not found or found[-1].anchor is None or found[-1].anchor.words.lower() != "meeting":
        return None
    on, grain = found[-1].anchor, found[-1].grain
    start = begin + found[-1].span[0]
    amount, unit = _amount(on, whole=grain if re.match(r"the\s", found[-1].text, re.I) else "")
    if not amount:
        return None
    kind, start = _kind(text, start)
    if m["or"]:
        kind = {"more": "least", "longer": "least", "less": "most", "fewer": "most"}.get(
            m["or"].split()[1].lower(), "late" if m["or"].split()[1].lower() == "earlier" else "early"
        )
    if not kind and (edge := _AFTERWARDS.match(behind)):
        kind = "late" if edge["edge"].lower() == "latest" else "early"
    if about and kind != "most":
        return None  # "an hour of the review" is no distance
    where: Side = "around" if about else "after" if on.relation == "after" else "before"
    excluded = False
    if kind in ("", "most") and (no := _NOT.search(text[:start])):
        excluded, start = True, no.start()
    exact = amount if unit == "minute" and not kind and not excluded else None
    return Spoken(_distance(where, amount, unit, kind, excluded=excluded), _joint(text, start), exact)


def behind_event(text: str, at: int) -> int:
    """Where the words end that belong to a distance and stand behind its event."""
    m = _AFTERWARDS.match(text, at)
    return m.end() if m else at


def _kind(text: str, start: int) -> tuple[str, int]:
    for kind, lead in _LEADS:
        if m := lead.search(text[:start]):
            return kind, m.start()
    return "", start


def _joint(text: str, start: int) -> int:
    m = _JOINT.search(text[:start])
    return m.start() if m else start


def _amount(on: Anchor, *, whole: str) -> tuple[int, Unit]:
    if on.seconds:
        return round(on.seconds / 60), "minute"
    if whole == "week" and on.days == 7:
        return 1, "calendar week"
    if whole == "month" and on.months == 1:
        return 1, "calendar month"
    if on.months:
        return on.months, "month"
    return on.days, "business" if on.working else "day"


def _distance(side: Side, amount: int, unit: Unit, kind: str, *, excluded: bool) -> Distance:
    at_least = kind == "least" or kind == ("late" if side == "before" else "early")
    if at_least:
        return Distance(side, amount, None, unit)
    if kind in ("late", "early"):
        return Distance(side, None, amount, unit)
    if kind == "most" or (excluded and not unit.startswith("calendar")):
        return Distance(side, 0, amount, unit, excluded)
    return Distance(side, amount, amount, unit, excluded)


def edges(
    distance: Distance, event: tuple[datetime, datetime], *, zone: str, works: Works, minutes: int
) -> Edges:
    """What a distance leaves of time, for a meeting of so many minutes, once it is known when the event is.

    A meeting "at least an hour before" is over by then; one "at most an hour after" begins by then.
    """
    length = timedelta(0) if distance.excluded else timedelta(minutes=minutes)
    sides: tuple[Side, ...] = ("before", "after") if distance.side == "around" else (distance.side,)
    found = [_edges(s, distance, event, zone=zone, works=works, length=length) for s in sides]
    low, high = found[0][0], found[-1][1]
    if not distance.excluded:
        return Edges(low, high)
    if low is None or high is None:
        return Edges()
    return Edges(avoid=(Interval(low, high, name=""),) if low < high else ())


def _edges(
    side: Side, distance: Distance, event: tuple[datetime, datetime], *, zone: str, works: Works,
    length: timedelta,
) -> tuple[datetime | None, datetime | None]:  # fmt: skip
    tz = ZoneInfo(zone)
    least, most, unit = distance.least, distance.most, distance.unit
    sign = -1 if side == "before" else 1
    edge = event[0] if side == "before" else event[1]
    if unit == "minute":
        near = None if least is None else _later(edge, sign * least, tz)
        far = None if most is None else _later(edge, sign * most, tz)
        if near is not None and near == far and most:
            return near, near + length
        return (far, near) if sign < 0 else (near, far + length if far is not None else None)
    inside = edge if sign < 0 else max(event[0], edge - timedelta(microseconds=1))
    day = inside.astimezone(tz).date()
    spans = partial(_days, day, unit, sign, works=works)
    near_day = None if not least else spans(least)
    far_day = None if most is None else spans(most)
    at = partial(_midnight, tz=tz)
    if sign < 0:
        high = at(near_day[1]) if near_day else None if least is None else edge
        return (at(far_day[0]) if far_day else None), high
    low = at(near_day[0]) if near_day else None if least is None else edge
    return low, (at(far_day[1]) if far_day else None)


def _days(day: date, unit: Unit, sign: int, count: int, *, works: Works) -> tuple[date, date]:
    """The first day of what lies so far away, and the day after its last."""
    if unit == "calendar week":
        monday = day - timedelta(days=day.weekday()) + sign * timedelta(days=7 * count)
        return monday, monday + timedelta(days=7)
    if unit == "calendar month":
        first = _months_on(day.replace(day=1), sign * count)
        return first, _months_on(first, 1)
    if unit == "month":
        day = _months_on(day, sign * count)
    elif unit == "day":
        day += sign * count * _ONE
    else:
        for _ in range(_FARTHEST):
            if not count:
                break
            day += sign * _ONE
            count -= works(day)
    return day, day + _ONE


def _months_on(day: date, months: int) -> date:
    from deskhand.agent.times.dates import months_on

    return months_on(day, months)


def _midnight(day: date, *, tz: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), tz)


def _later(moment: datetime, minutes: int, tz: ZoneInfo) -> datetime:
    return (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(tz)


def together(
    distances: Sequence[Distance],
    events: Sequence[tuple[datetime, datetime]],
    *,
    zone: str,
    works: Works,
    minutes: int,
) -> Edges:
    """What several distances leave together, each from the event in its place."""
    found = [
        edges(d, e, zone=zone, works=works, minutes=minutes) for d, e in zip(distances, events, strict=True)
    ]
    return Edges(
        _last(e.start for e in found), _first(e.end for e in found), tuple(i for e in found for i in e.avoid)
    )


def weekdays(day: date) -> bool:
    """Monday to Friday, where nothing is known of somebody's working days."""
    return day.weekday() < 5


def _last(moments: Iterable[datetime | None]) -> datetime | None:
    return max((m for m in moments if m is not None), default=None)


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((m for m in moments if m is not None), default=None)
