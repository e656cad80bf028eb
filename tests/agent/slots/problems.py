"""Scheduling problems out of a number: the same number gives the same problem on every machine.

Small enough to try every start of them, and as varied as what people ask for: crowds, long windows, many
zones, nights in which a clock changes, full calendars, unreadable ones, and requests that cannot be met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from deskhand.agent.slots.model import (
    NINE_TO_FIVE,
    PARTS,
    Availability,
    Interval,
    Preferences,
    SlotRequest,
    Week,
)

PEOPLE = (
    "Ana", "Bo", "Cy", "Dov", "Eli", "Fay", "Gus", "Hal", "Ida", "Jo",
    "Kai", "Lou", "Mia", "Nia", "Oto", "Pia", "Quin", "Rea", "Sol", "Tam",
)  # fmt: skip
ROOMS = ("Attic", "Bay", "Cellar", "Den")

ZONES = {
    "northern": ("Europe/Lisbon", "Europe/Paris", "Europe/Athens", "America/New_York", "America/Los_Angeles"),
    "southern": ("Australia/Sydney", "Pacific/Auckland", "America/Santiago"),
    "still": ("UTC", "Asia/Tokyo", "America/Phoenix"),
    "half": ("Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"),
    "quarter": ("Asia/Kathmandu", "Pacific/Chatham"),
}
"""Lord Howe puts its clock forward by half an hour; Kathmandu and Chatham lie 45 minutes off the hour."""
ALL_ZONES = tuple(zone for group in ZONES.values() for zone in group)

CHANGES = {
    date(2026, 10, 4): ("Australia/Lord_Howe", "Australia/Sydney"),
    date(2026, 10, 25): ("Europe/Paris", "Europe/Lisbon"),
    date(2026, 11, 1): ("America/New_York", "America/St_Johns"),
    date(2027, 3, 14): ("America/Los_Angeles", "America/New_York"),
    date(2027, 3, 28): ("Europe/Paris", "Europe/Athens"),
    date(2027, 4, 4): ("Australia/Lord_Howe", "Pacific/Chatham", "America/Santiago"),
}
"""Sundays on which clocks change, and whose."""
ORDINARY = (date(2026, 11, 23), date(2027, 1, 4))

WEEKS: tuple[Week, ...] = (
    NINE_TO_FIVE,
    NINE_TO_FIVE,
    (((8 * 60, 16 * 60),),) * 5 + ((), ()),
    (((9 * 60, 12 * 60 + 30), (13 * 60 + 15, 18 * 60)),) * 4 + (((9 * 60, 13 * 60),), (), ()),
    (((7 * 60, 22 * 60),),) * 7,
    (((0, 1440),),) * 7,
    (((0, 6 * 60), (20 * 60, 1440)),) * 7,
    ((), ((10 * 60, 15 * 60),), ((10 * 60, 15 * 60),), (), ((540, 1020),), ((540, 720),), ()),
)
LUNCHES = ((12 * 60, 13 * 60), (11 * 60 + 30, 12 * 60 + 15), (13 * 60, 14 * 60 + 30))


@dataclass(frozen=True, slots=True)
class Problem:
    """Arguments of `find_slots`, and the kind of trouble they were made for."""

    number: int
    kind: str
    people: tuple[Availability, ...]
    request: SlotRequest
    now: datetime
    notice: timedelta


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a kind of problem looks like: ranges to draw from, both ends included."""

    people: tuple[int, int]
    hours: tuple[int, int]
    """Length of the window."""
    zones: tuple[int, int]
    grids: tuple[int, ...]
    weeks: tuple[Week | None, ...]
    density: tuple[float, float]
    """How much of the time is taken."""
    rules: float
    """How likely each kind of rule is."""
    unknown: float = 0.1
    night: bool = False
    """The window lies around a change of the clock."""


SHAPES = {
    "everyday": _Shape((2, 5), (24, 72), (1, 3), (15, 30), WEEKS[:5], (0.0, 0.25), 0.08),
    "crowd": _Shape((8, 20), (9, 30), (1, 4), (15, 30), (*WEEKS[4:6], None), (0.0, 0.04), 0.015, 0.03),
    "long": _Shape((2, 3), (24, 480), (1, 2), (30, 60), (*WEEKS[:4], WEEKS[7]), (0.2, 0.6), 0.06),
    "world": _Shape((3, 7), (24, 72), (3, 6), (15, 30), (*WEEKS[4:7], None), (0.0, 0.1), 0.03, 0.06),
    "night": _Shape((2, 4), (5, 14), (1, 3), (5, 15, 30), (*WEEKS[5:7], None), (0.0, 0.3), 0.05, 0.1, True),
    "tight": _Shape((2, 6), (4, 10), (1, 2), (5, 10, 15), (*WEEKS[4:6], None), (0.0, 0.3), 0.04),
    "tiny": _Shape((2, 3), (1, 3), (1, 2), (15, 60), (WEEKS[5], None), (0.0, 0.1), 0.04),
    "clash": _Shape((3, 12), (8, 48), (2, 6), (15, 30), (*WEEKS[:4], WEEKS[6]), (0.1, 0.4), 0.12, 0.15),
}
KINDS = tuple(SHAPES)


def problem(number: int) -> Problem:
    """The problem of that number; its kind is the number's remainder."""
    rng, kind = Random(number), KINDS[number % len(KINDS)]
    shape = SHAPES[kind]
    change = rng.choice(list(CHANGES)) if shape.night or rng.random() < 0.5 else None
    zones = _zones(rng, shape, change)
    asker = ZoneInfo(zones[0])
    if shape.night and change:
        opens = datetime.combine(change - timedelta(days=1), time(rng.choice((18, 21, 23))), asker)
    else:
        # A day or two before the change, so that a window of some days has it inside.
        monday = change - timedelta(days=rng.randint(0, 3)) if change else rng.choice(ORDINARY)
        opens = datetime.combine(monday, time(rng.choice((0, 6, 8, 9)), rng.choice((0, 0, 30, 7))), asker)
    opens = opens.astimezone(UTC) + timedelta(seconds=rng.choice((0, 0, 0, 20)))
    closes = opens + timedelta(hours=rng.randint(*shape.hours), minutes=rng.choice((0, 0, 30, 10)))
    people = tuple(
        _person(rng, shape, name, zones[n] if n < len(zones) else rng.choice(zones), opens, closes)
        for n, name in enumerate(PEOPLE[: rng.randint(max(shape.people[0], len(zones)), max(*shape.people))])
    )
    # The one who asks comes.
    people = (replace(people[0], required=True), *people[1:])
    if rng.random() < 0.3:
        # Calendars that reach further than what is asked about: there, too, a time may be offered.
        reach = closes + timedelta(hours=rng.choice((5, 30)), minutes=rng.choice((0, 7)))
        people = tuple(
            replace(p, known_until=p.known_until or (reach if p.busy is not None else None)) for p in people
        )
    # Notice that ends inside the window, where the window is long enough to leave some of it.
    late = closes - opens > timedelta(hours=8)
    now = opens - timedelta(hours=rng.choice((-3, 0, 1, 20) if late else (1, 20)), seconds=rng.choice((0, 1)))
    notice = timedelta(minutes=rng.choice((0, 30, 30, 240 if late else 75)))
    request = _request(rng, shape, zones, opens, closes, now)
    return Problem(number, kind, people, request, now, notice)


def _zones(rng: Random, shape: _Shape, change: date | None) -> tuple[str, ...]:
    count = rng.randint(*shape.zones)
    first = rng.choice(CHANGES[change]) if change else rng.choice(ALL_ZONES)
    others = [zone for zone in ALL_ZONES if zone != first]
    if shape.zones[1] <= 4:
        # Neighbours more often than not: people at opposite ends of the world seldom find a time.
        near = [zone for zone in others if abs(_offset(zone) - _offset(first)) <= timedelta(hours=4)]
        others = near if len(near) >= count - 1 and rng.random() < 0.8 else others
    return (first, *rng.sample(others, count - 1))


def _offset(zone: str) -> timedelta:
    return datetime(2026, 11, 23, 12, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()


def _person(
    rng: Random, shape: _Shape, name: str, zone: str, opens: datetime, closes: datetime
) -> Availability:
    busy: tuple[Interval, ...] | None = _busy(rng, rng.uniform(*shape.density), opens, closes)
    known_until, must_confirm = None, False
    if rng.random() < shape.unknown:
        busy = None if rng.random() < 0.5 else busy
        known_until = opens + rng.random() * (closes - opens) if rng.random() < 0.7 else None
        must_confirm = rng.random() < 0.3

    def likely(value: Callable[[], object]) -> dict[str, object]:
        made = value()
        return made if rng.random() < shape.rules else {}  # type: ignore[return-value]

    days = [(opens + timedelta(days=n)).astimezone(ZoneInfo(zone)).date() for n in range(-1, 4)]
    given: dict[str, object] = {
        **likely(lambda: {"days_off": ((rng.choice(days), "a holiday"), (rng.choice(days), "leave"))}),
        **likely(lambda: {"notice": timedelta(minutes=rng.choice((10, 60, 300, 1500)))}),
        **likely(lambda: {"buffer": rng.choice((5, 15, 30))}),
        **likely(lambda: {"most_a_day": rng.choice((0, 1, 2, 3, 4))}),
        **likely(lambda: {"lunch": rng.choice(LUNCHES)}),
        **likely(lambda: {"keep_lunch": True}),
        **likely(lambda: {"focus": _busy(rng, 0.3, opens, closes)}),
        **likely(lambda: {"likes": tuple(rng.sample([(540, 720), (780, 960), (1000, 1380)], 2))}),
        **likely(lambda: {"likes_days": frozenset(rng.sample(range(7), 3))}),
        **likely(lambda: {"clock_counts": False}),
    }
    return Availability(
        name, f"{name.lower()}@example.org", busy=busy, known_until=known_until, zone=zone,
        hours=rng.choice(shape.weeks), required=rng.random() < 0.75, must_confirm=must_confirm, **given,  # type: ignore[arg-type]
    )  # fmt: skip


def _busy(rng: Random, density: float, opens: datetime, closes: datetime) -> tuple[Interval, ...]:
    """Stretches in any order, which may overlap, touch, reach out of the window, or be nothing at all."""
    before, after = opens - timedelta(hours=20), closes + timedelta(hours=20)
    hours = (after - before) / timedelta(hours=1)
    made = []
    for _ in range(int(density * hours * rng.uniform(0.8, 1.2))):
        start = before + timedelta(minutes=5 * rng.randrange(int(hours * 12)))
        minutes = rng.choice((15, 30, 45, 60, 60, 90, 120)) if rng.random() < 0.97 else 24 * 60
        odd = rng.choice((0, 0, 0, 0, 29)) if rng.random() < 0.2 else 0
        end = start + timedelta(minutes=minutes if rng.random() < 0.98 else -30, seconds=odd)
        tentative, meeting = rng.random() < 0.1, rng.random() < 0.85
        made.append(Interval(start, end, tentative=tentative, name="taken", meeting=meeting))
    return tuple(made)


def _request(
    rng: Random, shape: _Shape, zones: tuple[str, ...], opens: datetime, closes: datetime, now: datetime
) -> SlotRequest:
    grid = rng.choice(shape.grids)
    minutes = rng.choice((15, 30, 30, 45, 60, 60, 90)) if rng.random() < 0.95 else rng.choice((1, 50, 240))
    days = [(opens + timedelta(days=n)).astimezone(ZoneInfo(zones[0])).date() for n in range(4)]
    whole = closes - opens

    def some(share: float) -> tuple[Interval, ...]:
        made = []
        for n in range(rng.randint(1, 3)):
            start = opens + rng.random() * whole
            seconds = timedelta(seconds=rng.choice((0, 0, 25)))
            start = start.replace(minute=rng.choice((0, 15, 30)), second=0, microsecond=0) - seconds
            end = start + share * whole
            made.append(Interval(start, end, name=f"the event {n}"))
            if rng.random() < 0.2:
                made.append(Interval(end, end + share * whole, name="what comes after it"))
        return tuple(made)

    parts = sorted(PARTS)
    given: dict[str, object] = {}
    options: dict[str, Callable[[], object]] = {
        "not_before": lambda: time(rng.randint(6, 12), rng.choice((0, 30))),
        "not_after": lambda: time(rng.choice((0, 13, 16, 18, 22)), 0),
        "not_on": lambda: frozenset(rng.sample(range(7), rng.randint(1, 2))),
        "not_dates": lambda: frozenset(rng.sample(days, rng.randint(1, 2))),
        "parts": lambda: frozenset(rng.sample(parts, rng.randint(1, 2))),
        "not_parts": lambda: frozenset(rng.sample(parts, 1)),
        "within": lambda: some(0.4),
        "avoid": lambda: some(0.1),
        "longest": lambda: minutes + grid * rng.randint(1, 4) + rng.choice((0, 0, 3)),
        "rooms": lambda: _rooms(rng, shape, zones, opens, closes),
        "prefer": lambda: _preferences(rng),
    }
    for field, draw in options.items():
        often = {"rooms": 2.0, "longest": 1.5, "prefer": 0.5 / shape.rules}.get(field, 1.0)
        if rng.random() < shape.rules * often:
            given[field] = draw()
    return SlotRequest(minutes, opens, closes, zone=zones[0], grid=grid, **given)  # type: ignore[arg-type]


def _rooms(
    rng: Random, shape: _Shape, zones: tuple[str, ...], opens: datetime, closes: datetime
) -> tuple[Availability, ...]:
    return tuple(
        replace(_person(rng, shape, name, zones[0], opens, closes), required=True, must_confirm=False)
        for name in ROOMS[: rng.randint(1, len(ROOMS))]
    )


def _preferences(rng: Random) -> Preferences:
    """Other weights than the defaults, small ones too, so that many times come out equal."""
    scale: list[tuple[int, ...]] = [(0, 1), (0, 1, 2, 3), (0, 10, 70, 400)]
    weights = rng.choice(scale)
    names = (
        "unconfirmed", "absent", "doubtful", "part", "dislike", "focus", "lunch", "adjacent",
        "run", "whole", "near", "pain", "later", "odd", "shorter", "room",
    )  # fmt: skip
    given: dict[str, object] = {name: rng.choice(weights) for name in names if rng.random() < 0.6}
    more: dict[str, Callable[[], object]] = {
        "parts": lambda: frozenset(rng.sample(sorted(PARTS), rng.randint(1, 2))),
        "lunch_span": lambda: rng.choice(LUNCHES),
        "gap": lambda: rng.choice((0, 1, 5, 30)),
        "run_minutes": lambda: rng.choice((45, 90, 120, 240)),
        "near_minutes": lambda: rng.choice((0, 30, 120)),
        "core": lambda: rng.choice(((10 * 60, 16 * 60), (8 * 60, 18 * 60 + 30), (0, 1440))),
    }
    given |= {name: draw() for name, draw in more.items() if rng.random() < 0.4}
    return Preferences(**given)  # type: ignore[arg-type]
