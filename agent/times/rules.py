"""Recurrence rules: the RECUR values of RFC 5545 3.3.10, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

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
    _check(rule, rrule)
    return rule


def _check(rule: Rule, rrule: str) -> None:
    """What a frequency does not go with, by the table of RFC 5545 3.3.10."""
    freq, parts = rule.freq, rule.numbers.keys()
    if freq in ("HOURLY", "MINUTELY") and not parts <= _LIMITS:
        raise ValueError(f"{rrule!r}: {freq} takes only the limits BYDAY, {', '.join(sorted(_LIMITS))}")
    forbidden = {"BYWEEKNO", "BYYEARDAY"} if freq != "YEARLY" else set()
    forbidden |= {"BYMONTHDAY"} if freq == "WEEKLY" else set()
    if parts & forbidden:
        raise ValueError(f"{rrule!r}: {freq} does not go with {', '.join(sorted(parts & forbidden))}")
    if any(nth for _, nth in rule.days) and (freq not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in parts):
        raise ValueError(f"{rrule!r}: a numbered weekday needs MONTHLY or YEARLY")


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
