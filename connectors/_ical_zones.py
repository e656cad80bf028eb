"""Time zones of calendars: what a TZID means, and VTIMEZONEs to write.

A name is looked up in the IANA database, among Windows names and in the names other programs wrap
around those; only then the file's own VTIMEZONE is taken at its word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from deskhand.connectors._ical_rules import Rule
from deskhand.connectors._ical_text import Property, content
from deskhand.connectors.errors import Misconfigured

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)(?::?(\d\d))?\Z")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - onsets are wall-clock times
_YEARS_REGULAR = 12
_YEARS_LISTED = 40
YEARS_ALIKE = 3
"""For so many years two clocks have to do the same to be taken for one."""
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Clock = tuple[timedelta, tuple[tuple[datetime, timedelta], ...]]
"""What a zone's clocks do for `YEARS_ALIKE` years: the offset on the first day; the local times (by the
offset before) at which another one begins, and which."""
Observance = tuple[datetime, timedelta, timedelta]
"""Local time (by the offset before it) from which an offset holds; the offset before; the offset."""


class UnknownZone(ValueError):
    """A TZID that nothing defines."""


class Defined(tzinfo):
    """A zone known only by the VTIMEZONE of its file."""

    def __init__(self, name: str, observances: Sequence[Observance]) -> None:
        self.name = name
        ordered = sorted(observances)
        self._local = [local for local, _, _ in ordered]
        self._utc = [local - before for local, before, _ in ordered]
        self._offsets = [ordered[0][1], *(after for _, _, after in ordered)]

    def utcoffset(self, dt: datetime | None) -> timedelta:
        if dt is None:
            return self._offsets[-1]
        wall = dt.replace(tzinfo=None, fold=0)
        at = bisect_right(self._local, wall)
        if dt.fold and at < len(self._local) and self._local[at] - wall <= timedelta(hours=2):
            later = self._offsets[at + 1]
            if later < self._offsets[at] and wall - later >= self._utc[at]:
                return later
        return self._offsets[at]

    def dst(self, dt: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, dt: datetime | None) -> str:
        return self.name

    def fromutc(self, dt: datetime) -> datetime:
        utc = dt.replace(tzinfo=None)
        at = bisect_right(self._utc, utc)
        wall = utc + self._offsets[at]
        folded = at > 0 and wall < self._local[at - 1] and self._offsets[at] < self._offsets[at - 1]
        return wall.replace(tzinfo=self, fold=int(folded))


def iana(tzid: str) -> ZoneInfo | None:
    """The IANA zone meant by a TZID: itself, a Windows name, or either behind another program's prefix."""
    name = tzid.strip().strip('"').strip("/")
    if name.lower() in {"utc", "z", "gmt", "tzone://microsoft/utc"}:
        return ZoneInfo("UTC")
    if found := _zone(name):
        return found
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    if windows := WINDOWS_TO_OLSON.get(name):
        return _zone(windows)
    # "/freeassociation.sourceforge.net/Europe/Paris", "/mozilla.org/20050126_1/America/Port-au-Prince"
    parts = name.split("/")
    for k in range(1, min(len(parts) - 1, 6)):
        if found := _zone("/".join(parts[k:])):
            return found
    return None


@cache
def check_zone(zone: str) -> None:
    """Look at the option zone. :raises Misconfigured: there is none of that name."""
    if zone and iana(zone) is None:
        raise Misconfigured(f"There is no time zone {zone[:80]!r}; write it like Europe/Lisbon.")


def windows(key: str, year: int) -> str:
    """The Windows name of an IANA zone; "" where Windows has none whose clocks do the same from that year on.

    Of a zone that has no name of its own it is that of another with the same clock: Madrid's is Budapest's.
    """
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    if key == "UTC":
        return "UTC"
    for name, olson in sorted(WINDOWS_TO_OLSON.items()):
        if olson == key:
            return name
    wanted = _clock(key, year)
    return next((n for n, olson in sorted(WINDOWS_TO_OLSON.items()) if _clock(olson, year) == wanted), "")


def same_clock(one: str, other: str, year: int) -> bool:
    """Whether the clocks of two zones do the same from that year on."""
    return one == other or ((clock := _clock(one, year)) is not None and clock == _clock(other, year))


@cache
def alike(clock: Clock, year: int) -> ZoneInfo | None:
    """A zone whose clocks do this from that year on, of those that Windows has a name for; None: there is
    none."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    names = (olson for _, olson in sorted(WINDOWS_TO_OLSON.items()) if _clock(olson, year) == clock)
    return next((zone for olson in names if (zone := _zone(olson)) is not None), None)


@cache
def _clock(key: str, year: int) -> Clock | None:
    """What a zone's clocks do; None: there is no such zone."""
    zone = _zone(key)
    if zone is None:
        return None
    first = datetime(year, 1, 1, tzinfo=zone).utcoffset() or timedelta(0)
    changes = _changes(zone, year, year + YEARS_ALIKE)
    return first, tuple((at, after) for at, _, after, _, _ in changes)


def defined(tzid: str, location: str, observances: Sequence[Sequence[Property]]) -> tzinfo:
    """The zone a VTIMEZONE defines; `location` is its X-LIC-LOCATION, which names the IANA zone.

    :raises UnknownZone: it defines nothing usable.
    """
    if location and (zone := _zone(location.strip())):
        return zone
    found = [onset for properties in observances for onset in _observances(properties)]
    if not found:
        raise UnknownZone(f"The time zone {tzid!r} is defined without any offset.")
    return Defined(tzid, found)


def vtimezone(zone: ZoneInfo, moment: datetime) -> str:
    """A VTIMEZONE for an IANA zone, good from the year before `moment` on.

    Written here because icalendar 7's generator puts the spring onset an hour late: RFC 5545 3.6.5 wants
    it in the local time before the change.
    """
    year = moment.year - 1
    changes = _changes(zone, year, year + _YEARS_LISTED)
    kinds: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    for local, before, after, name, daylight in changes:
        kinds.setdefault((before, after, name, daylight), []).append(local)
    lines = [content("BEGIN", "VTIMEZONE"), content("TZID", zone.key)]
    first = datetime(year, 1, 1, tzinfo=zone)
    offset = first.utcoffset() or timedelta(0)
    if not changes or changes[0][0].year > year:
        lines += _observance(_EPOCH, offset, offset, first.tzname() or "", False, [])
    regular = all(_yearly(onsets) for onsets in kinds.values()) and len(kinds) == 2
    for (before, after, name, daylight), onsets in kinds.items():
        rule = _yearly(onsets) if regular else ""
        dates = [] if rule else onsets[1:]
        lines += _observance(onsets[0], before, after, name, daylight, dates, rule)
    return "".join([*lines, content("END", "VTIMEZONE")])


def _zone(name: str) -> ZoneInfo | None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*", name) or len(name) > 60:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, a folder of the database
        return None


def _observances(properties: Sequence[Property]) -> list[Observance]:
    by_name = {p.name: p for p in properties}
    try:
        before, after = (_offset(by_name[n].value) for n in ("TZOFFSETFROM", "TZOFFSETTO"))
        onset = _local(by_name["DTSTART"].value)
        onsets = [onset]
        if rule := by_name.get("RRULE"):
            parsed = Rule.parse(rule.value)
            if parsed.freq != "YEARLY":  # clocks are not changed more often than that by a rule
                return [(onset, before, after)]
            last = parsed.until_wall(lambda moment: moment.replace(tzinfo=None) + before)
            since = max(onset, _EPOCH)
            for start in parsed.walk(onset, since=since):
                if start.year > 2100 or (last and start > last):
                    break
                onsets.append(start)
        for dates in properties:
            if dates.name == "RDATE":
                onsets += [_local(v.partition("/")[0]) for v in dates.value.split(",")]
    except (KeyError, ValueError, OverflowError):
        return []
    return [(o, before, after) for o in dict.fromkeys(onsets)]


def _local(value: str) -> datetime:
    return datetime.strptime(value.strip().rstrip("Z")[:15], "%Y%m%dT%H%M%S" if "T" in value else "%Y%m%d")  # noqa: DTZ007


def _offset(value: str) -> timedelta:
    if not (match := _OFFSET.match(value.strip())):
        raise ValueError(f"{value!r} is no offset")
    size = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    if size >= timedelta(hours=24):
        raise ValueError(f"{value!r} is no offset")
    return -size if match[1] == "-" else size


@lru_cache(64)
def _changes(
    zone: ZoneInfo, first: int, last: int
) -> Sequence[tuple[datetime, timedelta, timedelta, str, bool]]:
    """Every change of offset from one year to another, found by halving the days in which one lies."""
    step = timedelta(days=7)
    found: list[tuple[datetime, timedelta, timedelta, str, bool]] = []
    begin = datetime(first, 1, 1, tzinfo=UTC)
    count = (datetime(last, 1, 1, tzinfo=UTC) - begin) // step

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(zone).utcoffset() or timedelta(0)

    for a, b in pairwise(begin + step * k for k in range(count + 1)):
        before, after = offset(a), offset(b)
        if before == after:
            continue
        while b - a > timedelta(seconds=1):
            middle = a + (b - a) // 2
            a, b = (middle, b) if offset(middle) == before else (a, middle)
        change = b.replace(microsecond=0)
        there = change.astimezone(zone)
        local = change.replace(tzinfo=None) + before
        found.append((local, before, offset(change), there.tzname() or "", bool(there.dst())))
    return tuple(found)


def _yearly(onsets: Sequence[datetime]) -> str:
    """The yearly rule that gives these onsets, or "" where none does."""
    years = onsets[:_YEARS_REGULAR]
    first = years[0]
    same: Callable[[datetime], bool] = lambda o: (o.month, o.weekday(), o.time()) == (  # noqa: E731
        first.month, first.weekday(), first.time(),
    )  # fmt: skip
    if len(years) < _YEARS_REGULAR or not all(map(same, onsets)):
        return ""
    if any(b.year - a.year != 1 for a, b in pairwise(onsets)):
        return ""
    nth = {(o.day - 1) // 7 + 1 for o in onsets}
    last = all((o + timedelta(days=7)).month != o.month for o in onsets)
    if not last and len(nth) > 1:
        return ""
    return f"FREQ=YEARLY;BYMONTH={first.month};BYDAY={-1 if last else nth.pop()}{_WEEKDAYS[first.weekday()]}"


def _observance(
    onset: datetime, before: timedelta, after: timedelta, name: str, daylight: bool,
    dates: Sequence[datetime], rule: str = "",
) -> list[str]:  # fmt: skip
    kind = "DAYLIGHT" if daylight else "STANDARD"
    lines = [content("BEGIN", kind), content("DTSTART", f"{onset:%Y%m%dT%H%M%S}")]
    if rule:
        lines.append(content("RRULE", rule))
    if dates:
        lines.append(content("RDATE", ",".join(f"{d:%Y%m%dT%H%M%S}" for d in dates)))
    for key, offset in (("TZOFFSETFROM", before), ("TZOFFSETTO", after)):
        sign, seconds = ("-", -offset) if offset < timedelta(0) else ("+", offset)
        minutes, rest = divmod(seconds.seconds, 60)
        value = f"{sign}{minutes // 60:02d}{minutes % 60:02d}" + (f"{rest:02d}" if rest else "")
        lines.append(content(key, value))
    return [*lines, content("TZNAME", name), content("END", kind)]
