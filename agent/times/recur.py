"""When a recurrence runs next: RFC 5545 rules over wall-clock time, exact across clock changes.

Daily and longer rules keep the time of day: a slot in an hour that is skipped in spring runs once,
at the first instant after the gap; a slot in an hour that is repeated in autumn runs once, at the
first of the two. Hourly and minutely rules count elapsed time, so "every 15 minutes" stays every
15 minutes in those nights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from deskhand.agent.times.clocks import instant, wall

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY")
_LISTS = {  # RFC 5545 3.3.10: the least and the greatest value, negatives allowed where counted from the end
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSETPOS": (1, 366, True),
}
_LIMITS = frozenset({"BYMONTH", "BYMONTHDAY", "BYHOUR"})
_HORIZON = timedelta(days=36_525)
_EARLIEST, _LATEST = datetime(1, 1, 1), datetime(9999, 12, 31)  # noqa: DTZ001 - wall-clock times
_MISSES = 100_000
# The longest jump a zone ever made is a day (Apia, Kwajalein, Manila); two are safe.
_MARGIN = timedelta(days=2)


def next_after(rrule: str, first: datetime, *, after: datetime, zone: str) -> datetime | None:
    """The first slot strictly after `after`, aware in `zone`; None when the rule has ended.

    `first` (aware) is the first slot: its wall-clock time in `zone` is the time of every slot of a
    daily or longer rule. Slots are whole seconds. A rule that has no slot for a hundred years has
    none.

    :raises ValueError: not a rule of RFC 5545 3.3.10 (SECONDLY and RSCALE are not supported), a
        naive datetime, or an unknown zone.
    """
    for slot in _slots(rrule, first, since=after, zone=zone):
        if slot > after.astimezone(UTC):
            return slot.astimezone(_zone(zone))
    return None


def slots_between(
    rrule: str, first: datetime, *, after: datetime, until: datetime, zone: str
) -> list[datetime]:
    """The slots with `after < slot <= until`, in order, aware in `zone`. Rules as in `next_after`."""
    low, high = (_aware(moment).astimezone(UTC) for moment in (after, until))
    place = _zone(zone)
    found = []
    for slot in _slots(rrule, first, since=after, zone=zone):
        if slot > high:
            break
        if slot > low:
            found.append(slot.astimezone(place))
    return found


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed RECUR value: numbers by part name, `days` as (weekday, ordinal or 0)."""

    freq: str
    interval: int
    count: int | None
    until: datetime | date | None
    numbers: Mapping[str, tuple[int, ...]]
    days: tuple[tuple[int, int], ...]
    week_start: int


@lru_cache(maxsize=256)
def parse(rrule: str) -> Rule:
    """Read a RECUR value, with or without the "RRULE:" before it. ValueError says what is wrong."""
    parts: dict[str, str] = {}
    for piece in rrule.strip().removeprefix("RRULE:").upper().split(";"):
        name, _, value = piece.partition("=")
        if not value or name in parts:
            raise ValueError(f"cannot read {piece!r} in the recurrence rule {rrule!r}")
        parts[name] = value
    freq = parts.pop("FREQ", "")
    if freq not in _FREQUENCIES:
        raise ValueError(f"the recurrence rule {rrule!r} needs FREQ, one of {', '.join(_FREQUENCIES)}")
    interval = _whole(parts.pop("INTERVAL", "1"), 1, 1_000_000)
    count = _whole(parts.pop("COUNT"), 1, 1_000_000) if "COUNT" in parts else None
    until = _until(parts.pop("UNTIL")) if "UNTIL" in parts else None
    if count is not None and until is not None:
        raise ValueError(f"{rrule!r} has both COUNT and UNTIL")
    days = tuple(_day(value) for value in parts.pop("BYDAY").split(",")) if "BYDAY" in parts else ()
    week_start = DAYS.index(parts.pop("WKST")) if parts.get("WKST") in DAYS else 0
    numbers: dict[str, tuple[int, ...]] = {}
    for name, value in parts.items():
        if name not in _LISTS:
            raise ValueError(f"{name} in the recurrence rule {rrule!r} is not supported")
        low, high, signed = _LISTS[name]
        numbers[name] = tuple(_whole(number, low, high, signed=signed) for number in value.split(","))
    rule = Rule(freq, interval, count, until, numbers, days, week_start)
    if freq in ("HOURLY", "MINUTELY"):
        limits = _LIMITS | ({"BYMINUTE"} if freq == "MINUTELY" else set())
        if not numbers.keys() <= limits or any(nth for _, nth in days):
            raise ValueError(f"{rrule!r}: {freq} takes only the limits BYDAY, {', '.join(sorted(limits))}")
    elif any(nth for _, nth in days) and (freq in ("WEEKLY", "DAILY") or "BYWEEKNO" in numbers):
        raise ValueError(f"{rrule!r}: a numbered weekday needs MONTHLY or YEARLY")
    return rule


def _whole(text: str, low: int, high: int, *, signed: bool = False) -> int:
    digits = text.lstrip("+-") if signed else text
    if not digits.isascii() or not digits.isdigit() or not low <= int(digits) <= high:
        raise ValueError(f"{text!r} in a recurrence rule is not a number from {low} to {high}")
    return -int(digits) if text.startswith("-") else int(digits)


def _day(text: str) -> tuple[int, int]:
    name, nth = text[-2:], text[:-2]
    if name not in DAYS:
        raise ValueError(f"{text!r} in a recurrence rule is not a weekday")
    return DAYS.index(name), _whole(nth, 1, 53, signed=True) if nth else 0


def _until(text: str) -> datetime | date:
    try:
        if len(text) == 8:
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
        parsed = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local by RFC
    except ValueError:
        raise ValueError(f"UNTIL={text} in a recurrence rule is not a date") from None
    return parsed.replace(tzinfo=UTC) if text.endswith("Z") else parsed


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
    from dateutil import rrule as dateutil  # type: ignore[import-untyped]

    start = wall(first, zone)
    near = max(start, wall(since, zone) - _MARGIN) if since > first else start
    anchor, numbers, days = _anchor(rule, start, near if rule.count is None else start)
    far = near + min(_HORIZON, _LATEST - near)
    walls = dateutil.rrule(
        ("YEARLY", "MONTHLY", "WEEKLY", "DAILY").index(rule.freq),
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
    for naive in walls:
        if naive >= start:
            # `first` may be the second of two equal wall times: it is what it is, all others are the first.
            yield first if naive == start else instant(naive, zone).astimezone(UTC)


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
    misses = 0
    while misses < _MISSES:
        local = wall(slot, zone)
        if _on(rule, local):
            yield slot
            slot, misses = slot + step, 0
        else:
            target = max(instant(_ahead(rule, local), zone).astimezone(UTC), slot + step)
            slot, misses = first + -(-(target - first) // step) * step, misses + 1


def _date_on(rule: Rule, local: datetime) -> bool:
    month_days, length = rule.numbers.get("BYMONTHDAY"), _month_length(local)
    return (
        local.month in rule.numbers.get("BYMONTH", (local.month,))
        and (month_days is None or local.day in month_days or local.day - length - 1 in month_days)
        and (not rule.days or any(day == local.weekday() for day, _ in rule.days))
    )


def _on(rule: Rule, local: datetime) -> bool:
    return (
        _date_on(rule, local)
        and local.hour in rule.numbers.get("BYHOUR", (local.hour,))
        and local.minute in rule.numbers.get("BYMINUTE", (local.minute,))
    )


def _ahead(rule: Rule, local: datetime) -> datetime:
    """The next wall time worth looking at, when this one is at a wrong date, hour or minute."""
    if _date_on(rule, local):
        if local.hour in rule.numbers.get("BYHOUR", (local.hour,)):
            return local + timedelta(minutes=1)
        later = [hour for hour in rule.numbers["BYHOUR"] if hour > local.hour]
        if later:
            return local.replace(hour=min(later), minute=0, second=0)
    return datetime.combine(local.date() + timedelta(days=1), time())


def _month_length(day: datetime) -> int:
    after = day.replace(day=28) + timedelta(days=4)
    return (after - timedelta(days=after.day)).day
