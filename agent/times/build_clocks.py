"""Makes lengths and times of day out of matched words. None refuses the match, as in `build`."""

from __future__ import annotations

from dataclasses import replace

from deskhand.agent.times.lexicon import MEALS
from deskhand.agent.times.places import STANDING
from deskhand.agent.times.terms import At, Clock, Hours, Length, Part, Term

Time = Clock | Part | Hours
EOD = Clock(0, sure=True, named="day")
CLOSE = Clock(0, sure=True, named="business")
FORTNIGHT = Length(((2, "week"),))
NOW = Clock(0, sure=True, named="now")
WEEK = Length(((1, "week"),))


def length(piece: tuple[tuple[float, str], ...], rest: Length | None = None) -> Length | None:
    """Amounts from the longest unit to the shortest."""
    order = (
        "second",
        "minute",
        "hour",
        "day",
        "business",
        "week",
        "fortnight",
        "month",
        "quarter",
        "year",
        "decade",
    )
    if rest is not None and order.index(rest.parts[0][1]) >= order.index(piece[-1][1]):
        return None
    return Length((*piece, *(rest.parts if rest else ())))


def between(least: float, span: Length) -> Length | None:
    """ "30 to 45 minutes"."""
    most, unit = span.parts[0]
    return (
        replace(span, least=Length(((least, unit),)))
        if len(span.parts) == 1 and 0 < least < most < 1000
        else None
    )


def or_two(unit: str) -> Length:
    """ "An hour or two"."""
    return Length(((2, unit),), Length(((1, unit),)))


def clock(
    hour: int, minute: int, *, half: str = "", second: int | None = None, zero: bool = False
) -> Clock | None:
    """A clock face; open (`sure` False) where it was said without its half of the day."""
    if hour > 24 or minute > 59 or (hour == 24 and minute) or (half == "am" and hour > 12):
        return None
    grain = "hour" if not minute else "minute"
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if hour <= 12 else hour
        sure = True
    else:
        sure = zero or not 1 <= hour <= 12
        hour = 0 if hour == 12 and not sure else hour
    grain = "second" if second is not None else grain
    soft = not half and zero and 1 <= hour <= 12
    return Clock(hour * 60 + minute, second or 0, sure, grain=grain, half=half, soft=soft)


def timed(face: tuple[int, int, int | None, bool], half: str | None) -> Clock | None:
    made = clock(face[0], face[1], half=half or "", second=face[2], zero=face[3])
    return replace(made, grain="minute") if made is not None and made.grain == "hour" else made


def noon(minutes: int) -> Clock:
    return Clock(minutes, sure=True)


def bare(hour: int) -> Clock | None:
    return clock(hour, 0) if 1 <= hour <= 24 else None


def spoken(hour: int, minute: int, half: str) -> Clock | None:
    """ "three thirty", "seven twenty-seven"."""
    return clock(hour, minute, half=half) if 1 <= hour <= 12 and 10 <= minute <= 59 else None


def spaced(hour: int, minute: int) -> Clock | None:
    """ "8 30": minutes that no clock is read to are something else."""
    return clock(hour, minute, zero=hour > 12) if minute >= 10 and minute % 5 == 0 else None


def quarter(way: str, hour: int, half: str | None) -> Clock | None:
    return minutes_from(15, way, hour, half)


def minutes_from(minutes: int, way: str, hour: int, half: str | None) -> Clock | None:
    """ "quarter to four", "10 past 9"."""
    if not 1 <= minutes <= (59 if way in ("past", "after") else 30):
        return None
    made = clock(hour, 0, half=half or "")
    shift = minutes if way in ("past", "after") else -minutes
    return (
        replace(made, minutes=(made.minutes + shift) % (1440 if made.sure else 720), grain="minute")
        if made
        else None
    )


def beside_noon(minutes: int, way: str, noon_or_midnight: int) -> Clock | None:
    """ "Ten to midnight", "quarter past noon"."""
    if not 1 <= minutes <= 30:
        return None
    shift = minutes if way in ("past", "after") else -minutes
    return Clock((noon_or_midnight + shift) % 1440 or 1440, sure=True, grain="minute")


def narrow(face: Clock, part: str) -> Clock:
    """Choose the half of the day by the part of the day."""
    if part in ("tonight", "night") and face.minutes < (300 if face.half == "am" else 60 if face.sure else 0):
        return replace(face, minutes=face.minutes + 1440)  # the small hours that the night ends with
    if face.sure and not face.soft:
        return face
    minutes = face.minutes % 720
    hour = minutes // 60
    if (part == "tonight" and 1 <= hour < 5) or (part in ("evening", "tonight", "night") and hour == 0):
        minutes += 1440
    elif part == "night":
        minutes += 720 if hour >= 6 else 0
    elif part in ("morning", "breakfast"):
        minutes += 720 if hour == 0 else 0
    elif part == "lunch":
        minutes += 0 if hour == 11 else 720
    else:
        minutes += 720
    return replace(face, minutes=minutes, sure=True, soft=False)


def placed(face: Clock | None, part: str | None, zone: str | None) -> Clock | None:
    if face is None:
        return None
    made = narrow(face, part) if part else face
    return replace(made, zone=zone) if zone else made


def stood(place: tuple[str, bool], point: Term | None) -> At | None:
    """A time by the clocks of a place named before it. Of a mere name the time must be sure."""
    zone, sure = place
    if not isinstance(point, At) or not isinstance(time := point.time, Clock | Hours):
        return None
    faces = [time] if isinstance(time, Clock) else [one for one in (time.start, time.end) if one]
    if any(face.zone or face.named or (sure and not face.sure) for face in faces):
        return None
    if isinstance(time, Clock):
        return replace(point, time=replace(time, zone=zone))
    start, end = (face and replace(face, zone=zone) for face in (time.start, time.end))
    return replace(point, time=replace(time, start=start, end=end))


def hours(start: Clock, end: Clock) -> Hours | None:
    if start.zone != end.zone:
        if start.zone and end.zone:
            return None
        start, end = replace(start, zone=start.zone or end.zone), replace(end, zone=start.zone or end.zone)
    return Hours(start, end)


def hours_for(start: Clock, span: Length) -> Hours | None:
    return (
        Hours(start, None, length=span) if all(unit in ("hour", "minute") for _, unit in span.parts) else None
    )


def edge_hours(how: str, face: Clock) -> Hours:
    if how in ("after", "from", "since", "later"):
        return Hours(face, None)
    return Hours(None, face, bound=how not in ("before", "earlier"))


def edge_hours_not(how: str, face: Clock) -> Hours:
    return edge_hours("after" if how in ("earlier", "before") else "by", face)


def part_in(name: str, zone: str, edge: str = "") -> Part | None:
    """A part of the day by the clocks of a place. "Lunch in Paris" only says where it is."""
    return None if name in MEALS and zone.startswith(STANDING) else Part(name, edge, zone)


def narrowed(part: Part, time: Time) -> Time | None:
    """A clock inside a part of the day: "in the morning at 7"."""
    if isinstance(time, Clock):
        return narrow(time, part.name)
    if isinstance(time, Hours):
        start, end = (face and narrow(face, part.name) for face in (time.start, time.end))
        return replace(time, start=start, end=end)
    return None
