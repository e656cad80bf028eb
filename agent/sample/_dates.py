"""The words the script uses for time, and what they come to for a given now.

    -3b 09:12              three working days (Monday to Friday) before today, local time; +3b is after
    -3d 09:12              three days before today
    week 1 Tue 10:00       Tuesday of next week; week 0 is the one that holds now, and starts on Monday
    ... @America/New_York  the same, read in another zone

In a text, `{date:week 1 Tue}` becomes "Tuesday 1 December"; see `FORMS` for the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_WORD = re.compile(
    r"(?:week (?P<week>[+-]?\d+) (?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun)|(?P<count>[+-]\d+)(?P<unit>[bd]))"
    r"(?: (?P<hour>\d\d):(?P<minute>\d\d))?(?: @(?P<zone>\S+))?"
)
_TEMPLATE = re.compile(r"\{(\w+):([^{}]+)\}")

# Spelled out here, since strftime would follow the machine's locale.
FORMS: dict[str, Callable[[datetime], str]] = {
    "date": lambda d: f"{_WEEKDAYS[d.weekday()]} {d.day} {_MONTHS[d.month - 1]}",
    "day": lambda d: _WEEKDAYS[d.weekday()],
    "short": lambda d: f"{d.day} {_MONTHS[d.month - 1]}",
    "full": lambda d: f"{d.day} {_MONTHS[d.month - 1]} {d.year}",
    "month": lambda d: _MONTHS[d.month - 1],
    "year": lambda d: str(d.year),
    "iso": lambda d: d.strftime("%Y-%m-%d"),
    "time": lambda d: d.strftime("%H:%M"),
}
"""How a text may name a moment. `time` is local time, whatever zone the moment was written in."""


class Dates:
    """One now in one zone, and every word read against it."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self.zone = zone
        self.today = now.astimezone(zone).date()

    def day(self, word: str) -> date:
        """The local day a word means. :raises ValueError: it is none of the words above."""
        return self._day(_read(word))

    def moment(self, word: str, zone: ZoneInfo | None = None) -> datetime:
        """The aware moment a word with a time means; without one, the start of that day.

        It is read in the zone it names, else in `zone`, else in the person's.
        :raises ValueError: it is none of the words above.
        """
        found = _read(word)
        at = time(int(found["hour"] or 0), int(found["minute"] or 0))
        place = ZoneInfo(found["zone"]) if found["zone"] else zone or self.zone
        return datetime.combine(self._day(found), at, place)

    def render(self, text: str) -> str:
        """Put dates in the place of templates. :raises ValueError: one that cannot be resolved."""

        def put(found: re.Match[str]) -> str:
            if (form := FORMS.get(found[1])) is None:
                raise ValueError(f"{found[0]}: no such form; known: {', '.join(FORMS)}")
            return form(self.moment(found[2]).astimezone(self.zone))

        rendered = _TEMPLATE.sub(put, text)
        if "{" in rendered or "}" in rendered:
            raise ValueError(f"an unresolved template in {rendered!r}")
        return rendered

    def _day(self, found: re.Match[str]) -> date:
        if found["week"]:
            monday = self.today - timedelta(days=self.today.weekday())
            weekday = next(i for i, name in enumerate(_WEEKDAYS) if name.startswith(found["weekday"]))
            return monday + timedelta(weeks=int(found["week"]), days=weekday)
        count = int(found["count"])
        if found["unit"] == "d":
            return self.today + timedelta(days=count)
        step = timedelta(days=1 if count > 0 else -1)
        day = self.today
        for _ in range(abs(count)):
            day += step
            while day.weekday() >= 5:
                day += step
        return day


def _read(word: str) -> re.Match[str]:
    if (found := _WORD.fullmatch(word)) is None:
        raise ValueError(f"{word!r} is not a time the script knows (like '-3b 09:12' or 'week 1 Tue 10:00')")
    return found
