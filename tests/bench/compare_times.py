"""Compare our reading of times with the libraries there are: accuracy, wrong readings, speed, size.

Run by hand; the libraries are no dependencies of the project:

    python -m venv /tmp/compare
    /tmp/compare/bin/pip install python-dateutil tzdata recognizers-text-suite "emoji<2" \
        dateparser parsedatetime ctparse timefhuman
    PYTHONPATH=.links:tests /tmp/compare/bin/python tests/bench/compare_times.py [NAME ...]

(recognizers-text-suite does not import with a newer emoji, and does not say so.) Each library gets an
adapter to our `Reading`, and the same benefit of the doubt:

* All values it offers count, not the first alone. Values besides those that were asked for do not matter.
* Whoever knows only points is right about a range whose start he finds, and about a day with any time on it.
* A part of the day is any part of it; the last day of a range may be named or followed.
* A time of day without a day is its next one. No zone of its own: wall times are compared.

Specifications are compared by the rules of `times_specs`.
"""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from importlib.metadata import distribution, requires, version
from pathlib import Path
from typing import Any

from times_phrases import NEGATIVES, phrases
from times_specs import SPECS, _rule, cases, is_read

from deskhand.agent.times import Reading, read

Reader = Callable[[str, datetime, str, str], list[Reading]]
"""The text, the naive moment, the zone and the locale, to readings with naive times."""

_DAY = timedelta(days=1)
_PARTS = {(8, 12), (12, 14), (12, 17), (17, 21), (20, 24), (18, 24), (8, 10), (14.5, 17)}


def ours(text: str, now: datetime, zone: str, locale: str) -> list[Reading]:
    from zoneinfo import ZoneInfo

    return read(text, now=now.replace(tzinfo=ZoneInfo(zone)), zone=zone, locale=locale)


def recognizers(text: str, now: datetime, zone: str, locale: str) -> list[Reading]:
    from recognizers_date_time import recognize_datetime
    from recognizers_text import Culture

    found = []
    for result in recognize_datetime(text, Culture.English, reference=now):
        span = (result.start, result.end + 1)
        for value in (result.resolution or {}).get("values", ()):
            with contextlib.suppress(ValueError, KeyError):
                found.append(_recognized(value, span, now))
    return found


def _recognized(value: dict[str, str], span: tuple[int, int], now: datetime) -> Reading:
    kind, timex = value["type"], value.get("timex", "")
    if kind == "duration":
        return Reading(span, "", "duration", seconds=round(float(value["value"])))
    if kind == "set":
        rule, _, clock = timex.partition("T")
        start = _moment(f"{clock[:2]}:{clock[3:5] or '00'}:00", now) if clock[:1].isdigit() else now
        return Reading(span, "", "recurrence", start, rrule=_rule(rule or "P1D"))
    if "start" in value or "end" in value:
        start, end = (_moment(value[side], now) if side in value else None for side in ("start", "end"))
        part = "part" if re.search(r"T(MO|AF|EV|NI|DT|ME.)$", timex) else ""
        return Reading(span, "", "interval", start, end, part)
    start = _moment(value["value"], now)
    whole = kind == "date"
    return Reading(
        span, "", "interval" if whole else "instant", start, start + _DAY if whole else None, "day" * whole
    )


def _moment(text: str, now: datetime) -> datetime:
    if re.fullmatch(r"\d\d:\d\d:\d\d", text):
        return _next(clock_time.fromisoformat(text), now)
    return datetime.fromisoformat(text)


def _next(clock: clock_time, now: datetime) -> datetime:
    at = datetime.combine(now.date(), clock)
    return at if at > now else at + _DAY


def with_dateparser(text: str, now: datetime, zone: str, locale: str) -> list[Reading]:
    import dateparser
    from dateparser.search import search_dates

    order = "MDY" if locale == "en_US" else "DMY"
    settings: Any = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": "future", "DATE_ORDER": order}
    whole = dateparser.parse(text, languages=["en"], settings=settings)
    found = (
        [whole] if whole else [at for _, at in search_dates(text, languages=["en"], settings=settings) or ()]
    )
    return [Reading((0, len(text)), text, "instant", at.replace(tzinfo=None)) for at in found]


def with_parsedatetime(text: str, now: datetime, zone: str, locale: str) -> list[Reading]:
    import parsedatetime

    constants = parsedatetime.Constants("en_US" if locale == "en_US" else "en_AU", usePyICU=False)
    calendar = parsedatetime.Calendar(constants)
    found = []
    start, end, how = calendar.evalRanges(text, now.timetuple())
    if how:
        low, high = (datetime(*edge[:6]) for edge in (start, end))  # noqa: DTZ001 - wall times
        found.append(Reading((0, len(text)), text, "interval", low, high))
    for at, _, begin, finish, _ in calendar.nlp(text, now) or ():
        found.append(Reading((begin, finish), text, "instant", at))
    return found


def with_ctparse(text: str, now: datetime, zone: str, locale: str) -> list[Reading]:
    from ctparse import ctparse
    from ctparse.types import Duration, Interval, Time

    made = ctparse(text, ts=now, timeout=1.0)
    value = made.resolution if made else None
    span = (0, len(text))
    if isinstance(value, Duration):
        size = {"minutes": 60, "hours": 3600, "days": 86_400, "nights": 86_400, "weeks": 604_800}
        unit = size.get(value.unit.value, 2_592_000)
        return [Reading(span, text, "duration", seconds=value.value * unit)]
    if isinstance(value, Interval):
        start, end = (
            getattr(side, "dt", None) if side and _dated(side) else None
            for side in (value.t_from, value.t_to)
        )
        return [Reading(span, text, "interval", start, end)] if start or end else []
    if isinstance(value, Time) and _dated(value):
        if value.POD:
            return [Reading(span, text, "interval", value.start.dt, value.end.dt, "part")]
        if value.hour is None:
            return [Reading(span, text, "interval", value.dt, value.dt + _DAY, "day")]
        return [Reading(span, text, "instant", value.dt)]
    return []


def _dated(value: Any) -> bool:
    return None not in (value.year, value.month, value.day)


def with_timefhuman(text: str, now: datetime, zone: str, locale: str) -> list[Reading]:
    from timefhuman import tfhConfig, timefhuman

    found: list[Reading] = []

    def add(value: Any) -> None:
        span = (0, len(text))
        if isinstance(value, list):
            for one in value:
                add(one)
        elif isinstance(value, tuple):
            ends = [_point(one, now) for one in value]
            if len(ends) == 2 and all(ends):
                found.append(Reading(span, text, "interval", *ends))
        elif isinstance(value, timedelta):
            found.append(Reading(span, text, "duration", seconds=round(value.total_seconds())))
        elif (at := _point(value, now)) is not None:
            day = not isinstance(value, datetime) and isinstance(value, date)
            found.append(
                Reading(
                    span, text, "interval" if day else "instant", at, at + _DAY if day else None, "day" * day
                )
            )

    add(timefhuman(text, config=tfhConfig(now=now, infer_datetimes=True)))
    return found


def _point(value: Any, now: datetime) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime.combine(value, clock_time())
    return _next(value.replace(tzinfo=None), now) if isinstance(value, clock_time) else None


LIBRARIES: dict[str, tuple[Reader, str, str]] = {
    "deskhand": (ours, "", "deskhand.agent.times"),
    "recognizers": (recognizers, "recognizers-text-date-time", "recognizers_date_time"),
    "dateparser": (with_dateparser, "dateparser", "dateparser.search"),
    "parsedatetime": (with_parsedatetime, "parsedatetime", "parsedatetime"),
    "ctparse": (with_ctparse, "ctparse", "ctparse"),
    "timefhuman": (with_timefhuman, "timefhuman", "timefhuman"),
}


def fits(want: str, one: Reading) -> bool:
    """Whether a reading is the value that is written in `phrases.txt`, by the rules above."""
    start, end = (_naive(edge) for edge in (one.start, one.end))
    if want.endswith(" s"):
        return one.kind == "duration" and one.seconds == int(want[:-2])
    if want.startswith("FREQ="):
        rule, _, first = want.partition(" @ ")
        slot = _written(first.partition(" / ")[0])
        clock = (
            slot is not None
            and start is not None
            and (slot.time() == clock_time() or slot.time() == start.time())
        )
        return one.kind == "recurrence" and one.rrule == rule and clock
    if " / " not in want:
        return one.kind == "instant" and start == _written(want)
    low, high = (_written(edge) for edge in want.split(" / "))
    if low is not None and high is not None:
        if high - low == _DAY and low.time() == clock_time():
            return start is not None and start.date() == low.date() and (end is None or end - start <= _DAY)
        if (_hour(low), _hour(high) or 24) in _PARTS and high - low < _DAY:
            inside = start is not None and low <= start < high
            return inside or (one.grain == "part" and start is not None and start.date() == low.date())
    if one.kind == "instant":
        return start is not None and start == low
    last = high - _DAY if high is not None else None
    return (
        one.kind == "interval" and start == low and end in (high, last, high and high - timedelta(seconds=1))
    )


def _naive(edge: datetime | None) -> datetime | None:
    return edge.replace(tzinfo=None) if edge else None


def _hour(moment: datetime) -> float:
    return moment.hour + moment.minute / 60


def _written(text: str) -> datetime | None:
    return None if text == ".." else datetime.fromisoformat(text)


def compare(name: str) -> None:
    """Print one row: what is read of the specifications and the phrases, what in the negatives, and speed."""
    reader, package, module = LIBRARIES[name]
    took: list[float] = []

    def ask(text: str, now: datetime, zone: str = "UTC", locale: str = "en_US") -> list[Reading]:
        begin = time.perf_counter()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found = reader(text, now, zone, locale)
        except Exception as error:  # whatever a library raises is no answer
            print(f"  {name}: {text[:60]!r}: {type(error).__name__}", file=sys.stderr)
            found = []
        took.append(time.perf_counter() - begin)
        return [option for one in found for option in (one, *one.alternatives)]

    ask("tomorrow at 3", datetime(2026, 11, 19, 10, 30))  # noqa: DTZ001 - wall time; the first call loads
    took.clear()
    hit = total = 0
    for text, now, expected in cases("DateTimeModel.json") if SPECS.is_dir() else ():
        found = ask(text, now)
        stamped = [_stamped(one) for one in found]
        for case in expected:
            total, hit = total + 1, hit + is_read(case, stamped)
    plain = plain_hit = hung = hung_hit = 0
    for phrase in phrases():
        if not phrase.value:
            continue
        found = ask(phrase.text, phrase.now.replace(tzinfo=None), phrase.zone, phrase.locale)
        if re.search(r"\bnot |except|\[", phrase.value):
            right = name == "deskhand" and phrase.right  # nobody else has a word for these
            hung, hung_hit = hung + 1, hung_hit + right
        else:
            wanted = phrase.value.split(" ; ")
            plain += 1
            plain_hit += all(any(fits(want, one) for one in found) for want in wanted)
    wrong = sum(
        bool(ask(phrase.text, phrase.now.replace(tzinfo=None), phrase.zone, phrase.locale))
        for phrase in phrases(NEGATIVES)
    )
    median, mean = sorted(took)[len(took) // 2] * 1000, sum(took) / len(took) * 1000
    print(
        f"| {name} {version(package) if package else ''} | {hit} of {total} ({hit / (total or 1):.0%}) "
        f"| {plain_hit} of {plain} ({plain_hit / plain:.0%}) | {hung_hit} of {hung} "
        f"| {wrong} of {len(list(phrases(NEGATIVES)))} | {median:.1f} / {mean:.1f} "
        f"| {_import(module):.0f} | {_size(package):.1f} |",
        flush=True,
    )


def _stamped(one: Reading) -> Reading:
    from dataclasses import replace

    start, end = (edge.replace(tzinfo=UTC) if edge else None for edge in (one.start, one.end))
    return replace(one, start=start, end=end)


def _import(module: str) -> float:
    """Milliseconds to import, without those of Python; the best of three."""

    def run(code: str) -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
        return time.perf_counter() - begin

    return 1000 * (min(run(f"import {module}") for _ in range(3)) - min(run("pass") for _ in range(3)))


def _size(package: str) -> float:
    """Megabytes installed, with all that it needs."""
    if not package:
        here = Path(__file__).parents[2] / "agent" / "times"
        return sum(file.stat().st_size for file in here.glob("*.py")) / 1e6
    seen: set[str] = set()
    waiting = [package]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        with contextlib.suppress(Exception):
            for need in requires(name) or ():
                if "extra ==" not in need:
                    waiting.append(re.split(r"[ <>=!~;\[(]", need)[0].lower())
    bytes_ = 0
    for name in seen:
        with contextlib.suppress(Exception):
            files = distribution(name).files or []
            bytes_ += sum(Path(str(file.locate())).stat().st_size for file in files if file.suffix != ".pyc")
    return bytes_ / 1e6


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    names = sys.argv[1:] or list(LIBRARIES)
    print("| library | specifications | phrases | beyond | wrong readings | ms | import ms | MB |")
    print("|---|---|---|---|---|---|---|---|")
    for each in names:
        compare(each)
