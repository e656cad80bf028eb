"""Recurrence rules (RFC 5545 3.3.10) walked on wall-clock time, within bounds that no rule can break.

dateutil does the walking. It stops by itself only at a match or in the year 9999, and it starts at the
first day of the rule; both are taken care of here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Literal, cast

STEPS = 100_000
"""Starts looked at in one walk; a rule with more between two dates is cut off there (some 0.3 s)."""

Frequency = Literal["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]

_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - rules are walked on the wall clock

_UNITS: Mapping[str, timedelta] = {
    "WEEKLY": timedelta(weeks=1),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
    "SECONDLY": timedelta(seconds=1),
}
FINE = frozenset({"HOURLY", "MINUTELY", "SECONDLY"})
"""Frequencies finer than a day."""
_PLAIN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
_KNOWN = _PLAIN | {
    "BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS",
}  # fmt: skip
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?\Z")


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE that can be walked."""

    text: str
    """As it was written, upper case."""
    freq: Frequency
    interval: int
    count: int | None
    until: str
    parts: Mapping[str, str] = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read a rule. :raises ValueError: a sentence that says why it cannot be walked."""
        text = text.strip().upper().removeprefix("RRULE:").strip().rstrip(";")
        if len(text) > 2_000:
            raise ValueError("Its recurrence rule is longer than any real one.")
        parts: dict[str, str] = {}
        for piece in text.split(";"):
            name, eq, value = (s.strip() for s in piece.partition("="))
            if name.startswith("X-") or (name == "COUNT" and value.startswith("-")):
                continue  # some programs write COUNT=-1 for "without end"
            if not eq or not value or name not in _KNOWN or name in parts:
                raise ValueError(f"Its recurrence rule {text[:120]!r} is broken at {piece[:40]!r}.")
            parts[name] = value
        freq = parts.get("FREQ", "")
        if freq not in {*_UNITS, "MONTHLY", "YEARLY"}:
            raise ValueError(f"Its recurrence rule {text[:120]!r} has no known frequency.")
        by = {name for name in parts if name not in _PLAIN}
        if (freq in FINE and "BYSETPOS" in by) or (freq == "SECONDLY" and by):
            raise ValueError(f"Its recurrence rule {text[:120]!r} repeats in a way no calendar shows.")
        interval = _number(parts.get("INTERVAL", "1"), text)
        count = _number(parts["COUNT"], text) if "COUNT" in parts else None
        until = parts.get("UNTIL", "")
        if until and not _UNTIL.match(until):
            raise ValueError(f"Its recurrence rule ends at {until[:40]!r}, which is no date.")
        rule = cls(text, cast(Frequency, freq), interval, count, until, parts)
        rule._walker(_ANY_DAY, None)  # dateutil knows the rest of what can be wrong
        return rule

    @property
    def endless(self) -> bool:
        return self.count is None and not self.until

    @property
    def plain(self) -> bool:
        """Nothing but a frequency and an interval."""
        return not self.parts.keys() - _PLAIN

    def until_wall(self, to_wall: Callable[[datetime], datetime]) -> datetime | None:
        """UNTIL as the wall-clock time of the last start allowed; `to_wall` is given UTC moments.

        A date alone is its midnight, as most programs read it.
        """
        if not (match := _UNTIL.match(self.until)):
            return None
        moment = datetime.strptime(match[1] + (match[2] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        return to_wall(moment.replace(tzinfo=UTC)) if match[3] else moment

    def walk(self, start: datetime, *, since: datetime) -> Iterator[datetime]:
        """Matching wall-clock times in order, without time zone: all from `since` on, perhaps some before.

        A start that does not match counts as the first of COUNT all the same (RFC 5545 3.3.10), and is
        not yielded. UNTIL is the caller's to observe. At most STEPS are yielded. Where nothing can match it
        ends after half a second at the worst: dateutil would look on until the year 9999, and the calendar
        repeats every 400 years to the day, so the walk is done in the last centuries before that.
        """
        count = self.count
        step = self._step()
        if step and since > start and (count is None or self.plain):
            skipped = max((since - start) // step - 1, 0)
            start += skipped * step
            if count is not None and (count := count - skipped) <= 0:
                return
        if count is not None and not self.matches(start) and (count := count - 1) <= 0:
            return
        shift = (9599 - max(start, since).year) // 400 * 400
        walker = self._walker(start.replace(year=start.year + shift), count)
        for found in islice(walker, STEPS):
            yield found.replace(year=found.year - shift)

    def matches(self, start: datetime) -> bool:
        """Whether a series that starts here starts at a time of its own rule."""
        return self.plain or next(self._walker(_late(start), 1), None) == _late(start)

    def shortened(self, **parts: str) -> str:
        """The rule's text with another end: COUNT or UNTIL, or none of them."""
        kept = {n: v for n, v in self.parts.items() if n not in {"COUNT", "UNTIL"}}
        return ";".join(f"{n}={v}" for n, v in {**kept, **parts}.items())

    def last(self, start: datetime, *, until: datetime | None) -> datetime | None:
        """The last start; `start` where nothing matches, None where there is no last one."""
        if self.endless:
            return None
        step = self._step()
        if self.count is not None and until is None and self.plain and step:
            try:
                return start + (self.count - 1) * step
            except OverflowError:
                return None
        if self.count is not None and self.count > STEPS:
            return None
        last = start
        # With no COUNT a rule may be entered anywhere: a year and a half before its end is mostly enough.
        for since in (until - timedelta(days=550), start) if until and self.count is None else (start,):
            for n, found in enumerate(self.walk(start, since=max(since, start))):
                if until and found > until:
                    break
                if n == STEPS - 1:
                    return None
                last = max(last, found)
            if last > start:
                break
        return last

    def _step(self) -> timedelta | None:
        try:
            return _UNITS[self.freq] * self.interval
        except (KeyError, OverflowError):
            return None

    def _walker(self, start: datetime, count: int | None) -> Iterator[datetime]:
        from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

        kept = [f"{n}={v}" for n, v in self.parts.items() if n not in {"COUNT", "UNTIL"}]
        if count is not None:
            kept.append(f"COUNT={count}")
        try:
            return iter(cast("Iterator[datetime]", rrulestr(";".join(kept), dtstart=start)))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as e:
            raise ValueError(f"Its recurrence rule {self.text[:120]!r} is broken.") from e


def _late(start: datetime) -> datetime:
    """The same day of the calendar in the last centuries that dateutil knows: there it soon gives up."""
    return start.replace(year=start.year + (9599 - start.year) // 400 * 400)


def _number(value: str, text: str) -> int:
    # INTERVAL=0 would never end; more digits than this do not fit any calendar.
    if not value.isascii() or not value.isdigit() or len(value) > 9 or int(value) < 1:
        raise ValueError(f"Its recurrence rule {text[:120]!r} is broken at {value[:40]!r}.")
    return int(value)
