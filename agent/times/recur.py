"""When a recurrence runs next: RFC 5545 rules over wall-clock time, exact across clock changes.

Daily and longer rules keep the time of day: a slot in an hour that is skipped in spring runs once,
at the first instant after the gap; a slot in an hour that is repeated in autumn runs once, at the
first of the two. Hourly and minutely rules count elapsed time, so "every 15 minutes" stays every
15 minutes in those nights.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Container, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from deskhand.agent.times.clocks import instant, wall
from deskhand.agent.times.exdates import LeftOut
from deskhand.agent.times.reading import Reading
from deskhand.agent.times.rules import Rule, parse

_HORIZON = timedelta(days=36_525)
_EARLIEST, _LATEST = datetime(1, 1, 1), datetime(9999, 12, 31)  # noqa: DTZ001 - wall-clock times
# The longest jump a zone ever made is a day (Apia, Kwajalein, Manila); two are safe.
_MARGIN = timedelta(days=2)


def next_after(
    rrule: str,
    first: datetime,
    *,
    after: datetime,
    zone: str,
    excludes: Sequence[Reading] = (),
    holidays: Container[date] = (),
    patience: int = 20_000,
) -> datetime | None:
    """The first slot strictly after `after`, aware in `zone`; None when the rule has ended.

    `first` (aware) is the first slot: its wall-clock time in `zone` is the time of every slot of a
    daily or longer rule. Slots are whole seconds. A rule that has no slot for a hundred years has
    none. Slots that `excludes` cover (see `exdates`) and those on `holidays`, days in `zone`, are left
    out; pass the holidays where a reading says `not_holidays`. After so many that are left out in
    succession as `patience` says, there is none.

    :raises ValueError: not a rule of RFC 5545 3.3.10 (SECONDLY and RSCALE are not supported), a
        naive datetime, or an unknown zone.
    """
    place, low = _zone(zone), _aware(after).astimezone(UTC)
    left_out = LeftOut(excludes, holidays, since=after, zone=place, slots=_slots)
    for slot in _slots(rrule, first, since=after, zone=zone):
        if slot <= low:
            continue
        if not left_out.has(slot):
            return slot.astimezone(place)
        patience -= 1
        if not patience:
            return None
    return None


def slots_between(
    rrule: str,
    first: datetime,
    *,
    after: datetime,
    until: datetime,
    zone: str,
    excludes: Sequence[Reading] = (),
    holidays: Container[date] = (),
) -> list[datetime]:
    """The slots with `after < slot <= until`, in order, aware in `zone`. Rules as in `next_after`."""
    left_out = LeftOut(excludes, holidays, since=after, zone=_zone(zone), slots=_slots)
    return [
        slot.astimezone(_zone(zone))
        for slot in _between(rrule, first, after=after, until=until, zone=zone)
        if not left_out.has(slot)
    ]


def with_exdates(
    rrule: str,
    first: datetime,
    *,
    after: datetime,
    until: datetime,
    zone: str,
    excludes: Sequence[Reading] = (),
    holidays: Container[date] = (),
) -> tuple[str, list[datetime]]:
    """A recurrence with exceptions as RFC 5545 3.8.5.1 has it: the rule, and the EXDATEs of a window.

    The EXDATEs are the slots of the rule that are left out, with `after < slot <= until`, aware in
    `zone`. Calendars have no way to say an exception that comes back, so the window must be renewed.
    """
    left_out = LeftOut(excludes, holidays, since=after, zone=_zone(zone), slots=_slots)
    exdates = [
        slot.astimezone(_zone(zone))
        for slot in _between(rrule, first, after=after, until=until, zone=zone)
        if left_out.has(slot)
    ]
    return rrule, exdates


def _between(
    rrule: str, first: datetime, *, after: datetime, until: datetime, zone: str
) -> Iterator[datetime]:
    low, high = (_aware(moment).astimezone(UTC) for moment in (after, until))
    for slot in _slots(rrule, first, since=after, zone=zone):
        if slot > high:
            return
        if slot > low:
            yield slot


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment


def _zone(key: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (KeyError, OSError) as error:
        raise ValueError(f"unknown time zone {key!r}") from error


def _slots(rrule: str, first: datetime, *, since: datetime, zone: str) -> Iterator[datetime]:
    """Slots as increasing UTC instants, from a little before `since` on, never before `first`."""
    rule, place = parse(rrule), _zone(zone)
    first = _aware(first).astimezone(UTC).replace(microsecond=0)
    since = _aware(since).astimezone(UTC)
    stop = _end(rule, place)
    last = None
    source = _elapsed if rule.freq in ("HOURLY", "MINUTELY") else _daily
    for slot in islice(source(rule, first, since, place), rule.count):
        if stop is not None and slot > stop:
            return
        # Two wall times in one gap (BYHOUR=2,3) are one instant, and one run.
        if last is None or slot > last:
            last = slot
            yield slot


def _end(rule: Rule, zone: ZoneInfo) -> datetime | None:
    """The last instant that UNTIL allows: inclusive, a date means all of that day (RFC 5545 3.3.10)."""
    if rule.until is None:
        return None
    if not isinstance(rule.until, datetime):
        return instant(datetime.combine(rule.until, time.max.replace(microsecond=0)), zone).astimezone(UTC)
    return rule.until if rule.until.tzinfo else instant(rule.until, zone).astimezone(UTC)


def _daily(rule: Rule, first: datetime, since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    from dateutil import rrule as dateutil  # type: ignore[import-untyped] # slow to import

    start = wall(first, zone)
    near = max(start, wall(since, zone) - _MARGIN) if since > first else start
    anchor, numbers, days = _anchor(rule, start, near if rule.count is None else start)
    far = near + min(_HORIZON, _LATEST - near)
    walls = (
        _days(rule, anchor, far)
        if rule.freq == "DAILY"
        else dateutil.rrule(
            ("YEARLY", "MONTHLY", "WEEKLY").index(rule.freq),
            dtstart=anchor,
            interval=rule.interval,
            wkst=rule.week_start,
            until=far,
            bysetpos=numbers.get("BYSETPOS"),
            bymonth=numbers.get("BYMONTH"),
            bymonthday=numbers.get("BYMONTHDAY"),
            byyearday=numbers.get("BYYEARDAY"),
            byweekno=numbers.get("BYWEEKNO"),
            byweekday=[dateutil.weekday(day, nth or None) for day, nth in days] or None,
            byhour=numbers.get("BYHOUR"),
            byminute=numbers.get("BYMINUTE"),
            bysecond=start.second,
        )
    )
    for naive in walls:
        if naive >= start:
            # `first` may be the second of two equal wall times: it is what it is, all others are the first.
            yield first if naive == start else instant(naive, zone).astimezone(UTC)


def _days(rule: Rule, anchor: datetime, far: datetime) -> Iterator[datetime]:
    """The wall times of a daily rule: dateutil looks at a day in the time that this takes for fifty."""
    hours = set(rule.numbers.get("BYHOUR", (anchor.hour,)))
    minutes = set(rule.numbers.get("BYMINUTE", (anchor.minute,)))
    times = sorted((hour, minute) for hour in hours for minute in minutes)
    if positions := rule.numbers.get("BYSETPOS"):
        places = {position - 1 if position > 0 else len(times) + position for position in positions}
        times = [clock for place, clock in enumerate(times) if place in places]
    day, step = anchor, timedelta(days=rule.interval)
    while times and day <= far:
        if _date_on(rule, day):
            yield from (day.replace(hour=hour, minute=minute) for hour, minute in times)
        day += step


def _anchor(
    rule: Rule, start: datetime, near: datetime
) -> tuple[datetime, dict[str, tuple[int, ...]], tuple[tuple[int, int], ...]]:
    """A start in step with the rule and close to `near`, so that years gone by are not walked through.

    What RFC 5545 takes from DTSTART (day of week, of month, month) is written out first.
    """
    numbers, days = dict(rule.numbers), rule.days
    if not days and not numbers.keys() & {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}:
        if rule.freq == "WEEKLY":
            days = ((start.weekday(), 0),)
        elif rule.freq in ("MONTHLY", "YEARLY"):
            numbers["BYMONTHDAY"] = (start.day,)
            if rule.freq == "YEARLY":
                numbers.setdefault("BYMONTH", (start.month,))
    elif rule.freq == "YEARLY" and "BYWEEKNO" in numbers and not days:
        days = ((start.weekday(), 0),)
    if rule.freq in ("DAILY", "WEEKLY"):
        step = timedelta(days=rule.interval * (7 if rule.freq == "WEEKLY" else 1))
        if rule.freq == "WEEKLY":  # whole weeks, so that a set position counts the whole week
            start = max(start - timedelta(days=(start.weekday() - rule.week_start) % 7), _EARLIEST)
        return start + max(0, (near - start) // step - 1) * step, numbers, days
    if rule.freq == "MONTHLY":
        gone = (near.year - start.year) * 12 + near.month - start.month
        month = start.month - 1 + max(0, gone // rule.interval - 1) * rule.interval
        return start.replace(year=start.year + month // 12, month=month % 12 + 1, day=1), numbers, days
    gone = near.year - start.year
    year = start.year + max(0, gone // rule.interval - 1) * rule.interval
    return start.replace(year=year, month=1, day=1), numbers, days


def _elapsed(rule: Rule, first: datetime, since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    step = timedelta(hours=rule.interval) if rule.freq == "HOURLY" else timedelta(minutes=rule.interval)
    slot = first
    if rule.count is None and since > first:
        slot += (since - first) // step * step
    seen = slot
    while slot - seen < _HORIZON:
        local = wall(slot, zone)
        if _on(rule, local):
            yield slot
            seen = slot
            slot += step
        else:
            target = max(instant(_ahead(rule, local), zone).astimezone(UTC), slot + step)
            slot = first + -(-(target - first) // step) * step


def _date_on(rule: Rule, local: datetime) -> bool:
    month_days = rule.numbers.get("BYMONTHDAY")
    return (
        local.month in rule.numbers.get("BYMONTH", (local.month,))
        and (
            month_days is None
            or local.day in month_days
            or local.day - monthrange(local.year, local.month)[1] - 1 in month_days
        )
        and (not rule.days or any(day == local.weekday() for day, _ in rule.days))
    )


def _on(rule: Rule, local: datetime) -> bool:
    return _date_on(rule, local) and local.hour in rule.numbers.get("BYHOUR", (local.hour,))


def _ahead(rule: Rule, local: datetime) -> datetime:
    """The next wall time worth looking at, when this one is at a wrong date or hour."""
    if _date_on(rule, local):
        later = [hour for hour in rule.numbers["BYHOUR"] if hour > local.hour]
        if later:
            return local.replace(hour=min(later), minute=0, second=0)
    if local.month not in rule.numbers.get("BYMONTH", (local.month,)):
        length = monthrange(local.year, local.month)[1]
        return datetime.combine(local.date() + timedelta(days=length - local.day + 1), time())
    return datetime.combine(local.date() + timedelta(days=1), time())
