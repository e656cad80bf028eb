"""Whose time it is: the instant, zone, order of numbers and working day that words are read against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.times.clocks import exists, gap, instant, repeats, wall

Day = date


@dataclass(frozen=True, slots=True)
class Extent:
    """One value of a term: an instant (end None) or an interval, aware in the person's zone."""

    kind: str
    start: datetime | None
    end: datetime | None
    grain: str
    problem: str = ""
    choices: tuple[Extent, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """`now` is aware in the zone. With `past`, what was left open is the latest before now, not the next."""

    now: datetime
    zone: ZoneInfo
    month_first: bool
    hours: tuple[int, int]
    past: bool = False
    week_start: int = 0
    """The day that starts a week where the person lives, Monday 0."""

    @property
    def today(self) -> Day:
        return self.now.date()

    def at(self, moment: datetime, *, past: bool = False) -> Scope:
        """The same scope, seen from another moment."""
        return replace(self, now=moment.astimezone(self.zone), past=past)

    def midnight(self, day: Day) -> datetime:
        """The first instant of a day."""
        return instant(datetime.combine(day, time()), self.zone)

    def wall(self, day: Day, minutes: int, *, zone: ZoneInfo | None = None) -> datetime:
        """The instant, aware in the person's zone, at which clocks show so many minutes of a day."""
        place = zone or self.zone
        return instant(naive(day, minutes), place).astimezone(self.zone)

    def days(self, start: Day, end: Day, grain: str = "day") -> Extent:
        """From the first instant of one day to the first of another."""
        return Extent("interval", self.midnight(start), self.midnight(end), grain)

    def day(self, day: Day) -> Extent:
        return self.days(day, day + timedelta(days=1))


def naive(day: Day, minutes: int, seconds: int = 0) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minutes, seconds=seconds)


def before(one: datetime, other: datetime) -> bool:
    """Whether one instant is before another: datetimes of one zone would compare their clock faces."""
    return one.astimezone(UTC) < other.astimezone(UTC)


def face(moment: datetime) -> str:
    """A moment as a clock shows it: 15:00, or 15:00:30."""
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")


def said_at(said: datetime, place: ZoneInfo, scope: Scope, grain: str) -> Extent:
    """The instant of a wall time that was said, with the problem where there is none, or are two."""
    if exists(said, place) and not repeats(said, place):
        return Extent("instant", said.replace(tzinfo=place).astimezone(scope.zone), None, grain)
    day = f"{said:%A} {said.day} {said:%B} {said.year}"
    if repeats(said, place):
        both = [said.replace(tzinfo=place, fold=fold) for fold in (0, 1)]
        names = " and again at ".join(f"{face(one)} {one.tzname()} (UTC{_offset(one)})" for one in both)
        problem = f"{face(said)} happens twice in {place.key} on {day}: at {names}."
    else:
        jump, landing = gap(said, place)
        # As long after the jump as was said: what a clock that nobody set would have meant.
        offset = said.replace(tzinfo=place, fold=0).astimezone(UTC)
        both = [landing, offset.astimezone(place)]
        problem = (
            f"{face(said)} does not exist in {place.key} on {day}: "
            f"clocks go from {face(jump)} to {_landed(jump, landing)}."
        )
    choices = tuple(Extent("instant", one.astimezone(scope.zone), None, grain) for one in both)
    return Extent("instant", choices[0].start, None, grain, problem, choices)


def _landed(jump: datetime, landing: datetime) -> str:
    same = jump.date() == landing.date()
    return face(landing) if same else f"{face(landing)} on {landing:%A} {landing.day} {landing:%B}"


def _offset(moment: datetime) -> str:
    text = moment.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def local(moment: datetime, scope: Scope) -> datetime:
    """What the person's clock shows at a moment."""
    return wall(moment, scope.zone)
