"""Times of day: what a clock, a part of the day and a stretch of clock are on one day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from deskhand.agent.times.places import zone_of
from deskhand.agent.times.scope import Extent, Scope, before, naive, said_at
from deskhand.agent.times.terms import Clock, Hours, Length, Part

_ONE = timedelta(days=1)
_SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "business": 86_400,
    "week": 604_800,
    "fortnight": 1_209_600,
    "month": 2_592_000,
    "quarter": 7_776_000,
    "year": 31_536_000,
    "decade": 315_360_000,
}


def seconds(length: Length) -> int:
    """How long a length is, a month as 30 days and a year as 365."""
    return round(sum(amount * _SECONDS[unit] for amount, unit in length.parts))


def smallest(length: Length) -> str:
    unit = length.parts[-1][1]
    return {"business": "day", "fortnight": "week", "quarter": "month", "decade": "year"}.get(unit, unit)


def options(clock: Clock, scope: Scope) -> list[Clock]:
    """The clock, or where its half of the day is open both, the likelier first; all settled."""
    if clock.named == "now":
        return [replace(clock, minutes=scope.now.hour * 60 + scope.now.minute, named="")]
    if clock.named:
        # "End of day" is that of the working day, and at times midnight.
        ends = (scope.hours[1], 1440) if clock.named == "day" else scope.hours[1:]
        return [replace(clock, minutes=minutes, named="") for minutes in ends]
    if clock.sure:
        return [clock]
    low, high = scope.hours

    def far(minutes: int) -> int:
        return max(low - minutes, minutes - high, 0)

    both = sorted((clock.minutes, clock.minutes + 720), key=lambda minutes: (far(minutes), minutes))
    return [replace(clock, minutes=minutes, sure=True) for minutes in both]


def part_hours(part: Part, scope: Scope) -> tuple[int, int]:
    """From and to, in minutes of the day."""
    low, high = scope.hours
    start, end = {
        "morning": (min(480, low), 720),
        "breakfast": (420, 540),
        "daytime": (min(480, low), max(1020, high)),
        "lunch": (720, 840),
        "dinner": (1080, 1260),
        "afternoon": (720, min(max(1020, high), 1260)),
        "evening": (1020, 1260),
        "night": (1200, 1440),
        "tonight": (1080, 1440),
    }[part.name]
    middle = (start + end) // 2
    if part.edge == "start":
        return start, middle
    if part.edge in ("end", "later"):
        return middle, end
    return (start + 60, end - 60) if part.edge == "middle" else (start, end)


def pairs(hours: Hours, scope: Scope) -> list[tuple[Clock, Clock]]:
    """From and to, both settled, the likelier first; a `to` past 1440 minutes is on the next day.

    What is open is chosen so that it is the shortest stretch: "3-5pm" is from 15:00, "11-1pm" from
    11:00, "10:00-11:00 pm" from 22:00.
    """
    start, end = hours.start, hours.end
    if start is None:
        raise ValueError("open at its start")
    if end is not None and end.half and start.soft:
        start = replace(start, minutes=start.minutes % 720, sure=False)
    if end is not None and start.half and end.soft:
        end = replace(end, minutes=end.minutes % 720, sure=False)
    starts = options(start, scope)
    if end is None:
        length = timedelta(seconds=seconds(hours.length)) if hours.length else timedelta()
        minutes = length // timedelta(minutes=1)
        return [(face, replace(face, minutes=face.minutes + minutes)) for face in starts]
    ends = options(end, scope)
    if len(ends) == 1 and len(starts) == 2:
        inside = [face for face in starts if face.minutes < ends[0].minutes] or starts
        opening = max(inside, key=lambda face: face.minutes)
        over = 0 if opening.minutes < ends[0].minutes else 1440
        return [(opening, replace(ends[0], minutes=ends[0].minutes + over))]
    found = []
    for face in starts:
        later = [other for other in ends if (other.minutes, other.seconds) > (face.minutes, face.seconds)]
        last = min(later, key=lambda other: other.minutes) if later else None
        if last is None:
            first = min(ends, key=lambda other: other.minutes)
            last = replace(first, minutes=first.minutes + 1440)
        found.append((face, last))
    return sorted(found, key=lambda pair: pair[1].minutes > 1440)


def instant_on(day: date, clock: Clock, scope: Scope) -> Extent:
    said = naive(day, clock.minutes, clock.seconds)
    place = zone_of(clock.zone) if clock.zone else scope.zone
    if isinstance(place, timezone):
        return Extent("instant", said.replace(tzinfo=place).astimezone(scope.zone), None, clock.grain)
    return said_at(said, place if isinstance(place, ZoneInfo) else scope.zone, scope, clock.grain)


def on_day(day: date, time: Clock | Part | Hours, scope: Scope) -> list[Extent]:
    """What a time of day is on one day."""
    if isinstance(time, Clock):
        return [instant_on(day, clock, scope) for clock in options(time, scope)]
    if isinstance(time, Part):
        low, high = part_hours(time, scope)
        begin, close = (
            instant_on(day, Clock(m, sure=True, zone=time.zone), scope).start for m in (low, high)
        )
        return [Extent("interval", begin, close, "part")]
    if time.start is not None and (time.end is not None or time.length is not None):
        found = []
        for opening, closing in pairs(time, scope):
            start, end = instant_on(day, opening, scope), instant_on(day, closing, scope)
            grain = max(opening.grain, closing.grain, key=("hour", "minute", "second").index)
            problem = start.problem or end.problem or _turned(time, opening, closing)
            whole = Extent("interval", start.start, end.start, grain, problem)
            found.append(replace(whole, choices=_stretched(whole, start, end)))
        return found
    one = time.start or time.end
    if one is None:
        raise ValueError("open at both ends")
    marks = [instant_on(day, clock, scope) for clock in options(one, scope)]
    if time.start is not None:
        return [_until(mark, _midnight(day + _ONE, one.zone, scope)) for mark in marks]
    floor = None if time.bound else _midnight(day, one.zone, scope)
    return [Extent("interval", floor, mark.start, mark.grain, mark.problem) for mark in marks]


def _turned(hours: Hours, opening: Clock, closing: Clock) -> str:
    """A sentence about "from 3 to 2", half a day and more of hours that were said without their half."""
    if hours.end is None or hours.start is None or hours.start.sure or hours.end.sure:
        return ""
    width = closing.minutes - opening.minutes
    if width < 660:
        return ""
    first, last = (f"{face.minutes % 1440 // 60:02}:{face.minutes % 60:02}" for face in (opening, closing))
    return f"From {first} to {last} would be {width / 60:g} hours; say which half of the day is meant."


def _midnight(day: date, zone: str, scope: Scope) -> datetime | None:
    """The start of a day where the clock is that was named."""
    return instant_on(day, Clock(0, sure=True, zone=zone), scope).start if zone else scope.midnight(day)


def _stretched(whole: Extent, start: Extent, end: Extent) -> tuple[Extent, ...]:
    """The intervals to choose from where one of the ends is a problem."""
    if not start.problem and not end.problem:
        return ()
    starts, ends = start.choices or (start,), end.choices or (end,)
    return tuple(
        Extent("interval", one.start, other.start, whole.grain)
        for one in starts
        for other in ends
        if one.start and other.start and before(one.start, other.start)
    )


def _until(mark: Extent, end: datetime | None) -> Extent:
    gone = mark.start is not None and end is not None and not before(mark.start, end)
    return Extent("interval", mark.start, None if gone else end, mark.grain, mark.problem)
