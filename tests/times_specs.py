"""Microsoft's Recognizers-Text specifications, and the rules by which a reading of ours equals theirs.

The specifications (MIT) are one library's own tests and lie outside the repository, in
`../shared/data/times/recognizers-text`. A value counts as read when a reading that overlaps its
words, or one of that reading's alternatives, is of its type and equal to it; `strict` takes the
default reading only. Equal is meant up to conventions, and these are all of them:

1. A past and a future value ("Friday" is last and next Friday to them): one of the two is enough.
2. The end of a range: theirs is exclusive where it was counted and else names the last day, month or
   year ("3-5 May" ends on 5 May, "until Friday" on Friday); ours is always the instant after it. The
   last second of a day is its end. "After 5 May" starts on 5 May to them, and on the 6th to us.
3. Parts of the day: their afternoon is 12-16, evening 16-20; ours follow the working day. The same
   part of the same day is equal (`PARTS`).
4. Values in a zone that was named are its wall time, ours the person's: the person lives there.
5. What they read in pieces and we as one ("Christmas at 8", "Monday or Tuesday after 1pm"): a day
   is read where we read a time on it, a length where we read a range or a distance of that length, a
   time where our range begins or ends with it.
6. A text without a time to one file and with one to another is no negative ("sales for this quarter").
7. "not resolved": they recognise words without a value. Such a case has no value to miss: it is read
   where nothing is claimed for these words either, or we say what is wrong ("there is no 30 February").
   Repeats are compared by their TimeX.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.times import Reading, read
from deskhand.agent.times.lexicon import places, words

SPECS = Path(__file__).parents[2] / "shared" / "data" / "times" / "recognizers-text"
# Their names of the parts of the day: the hours from and to, by their tables and by ours.
PARTS = {
    "MO": ((8, 12), (8, 12)),
    "AF": ((12, 16), (12, 17)),
    "EV": ((16, 20), (17, 21)),
    "NI": ((20, 24), (20, 24)),
    "NT": ((0, 8), (20, 24)),
    "DT": ((8, 18), (8, 17)),
    "MEB": ((8, 12), (7, 9)),
    "MEL": ((11, 13), (12, 14)),
    "MED": ((16, 20), (18, 21)),
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One result that is expected of a text: its type, where its words stand, and its values."""

    text: str
    now: datetime
    kind: str
    span: tuple[int, int]
    values: tuple[dict[str, str], ...]

    @property
    def words(self) -> str:
        return self.text[slice(*self.span)].lower()


@dataclass(slots=True)
class Score:
    total: Counter[str] = field(default_factory=Counter)
    good: Counter[str] = field(default_factory=Counter)
    strict: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[Case, list[Reading]]] = field(default_factory=list)
    claimed: list[tuple[str, list[Reading]]] = field(default_factory=list)
    """Texts without any time to them, in which we read one."""


def cases(name: str) -> Iterator[tuple[str, datetime, list[Case]]]:
    """Each text of a file with its moment (naive, as it is written) and what is expected."""
    for row in json.loads((SPECS / name).read_text("utf-8-sig")):
        written = (row.get("Context") or {}).get("ReferenceDateTime")
        if not row.get("Input") or not written:
            continue
        now = datetime.fromisoformat(written[:19])
        found = []
        for result in row["Results"]:
            values = tuple((result.get("Resolution") or {}).get("values") or _parsed(result))
            kind = values[0].get("type", "") if values else ""
            start = result.get("Start", 0)
            end = result.get("End", start - 1 + result.get("Length", len(result["Text"]))) + 1
            if values and kind != "timezone":
                found.append(Case(row["Input"], now, kind, (start, end), values))
        yield row["Input"], now, found


def _parsed(result: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The values of the parsers' files, in the words of the model's."""
    value = result.get("Value") or {}
    for side in ("FutureResolution", "PastResolution"):
        for kind, text in (value.get(side) or {}).items():
            yield {"type": kind, "timex": value.get("Timex", ""), "value": text}


@cache
def _timely() -> frozenset[str]:
    """The texts in which some file expects a time: modes leave out on purpose what the plain model reads."""
    names = (path.name for path in SPECS.glob("*.json"))
    return frozenset(text for name in names for text, _, expected in cases(name) if expected)


def score(name: str) -> Score:
    """A whole file."""
    made = Score()
    for text, now, expected in cases(name):
        readings = _read(text, now)
        if not expected and text not in _timely():
            made.total["negative"] += 1
            made.good["negative"] += not readings
            made.strict["negative"] += not readings
            if readings:
                made.claimed.append((text, readings))
        for case in expected:
            made.total[case.kind] += 1
            made.strict[case.kind] += is_read(case, readings, strict=True)
            if is_read(case, readings):
                made.good[case.kind] += 1
            else:
                made.missed.append((case, readings))
    return made


def _read(text: str, now: datetime) -> list[Reading]:
    zone = _zone_in(text)
    return read(text, now=now.replace(tzinfo=ZoneInfo(zone)), zone=zone)


def _zone_in(text: str) -> str:
    """The one zone that a text names, else UTC (rule 4)."""
    named = set()
    for match in re.finditer(r"\b(?:([A-Z]{2,4}|(?<=[0-9] )[a-z]{3})|(\w+) (?:time|timezone))\b", text):
        zone = words().get((match[1] or "").lower(), {}).get("ZONE") or places().get((match[2] or "").lower())
        if isinstance(zone, str):
            named.add(zone)
    return named.pop() if len(named) == 1 else "UTC"


def is_read(case: Case, readings: list[Reading], *, strict: bool = False) -> bool:
    """Whether one of the readings of the case's words has one of its values."""
    near = [one for one in readings if one.span[0] < case.span[1] and case.span[0] < one.span[1]]
    if season := re.fullmatch(r"([0-9]{4})-(SP|SU|FA|WI)", case.values[0].get("timex", "")):
        month = f"{season[1]}-{3 * ('SP', 'SU', 'FA', 'WI').index(season[2]) + 3:02}-01"
        return any(_text(one.start, 10) == month for one in near)
    if case.kind != "set" and all(_valueless(value) for value in case.values):
        return all(one.problem for one in near)
    options = near if strict else [option for one in near for option in (one, *one.alternatives)]
    return any(_same(case, value, one) for value in case.values for one in options)


def _valueless(value: dict[str, str]) -> bool:
    return value.get("value") in ("not resolved", "") and "start" not in value and "end" not in value


def _same(case: Case, value: dict[str, str], reading: Reading) -> bool:
    kind, timex, written = value.get("type"), value.get("timex", ""), value.get("value", "")
    if kind == "duration":
        return written.replace(".", "").isdigit() and _lasts(reading, float(written), case.now)
    if kind == "set":
        return reading.kind == "recurrence" and _repeats(timex, reading)
    if reading.kind == "recurrence" and ("start" in value) != ("end" in value):
        # "Every week starting next week" is one reading to us.
        ends = f"UNTIL={value.get('end', '-').replace('-', '')}" in reading.rrule
        return ends or ("start" in value and _edge(value["start"], reading.start))
    if "start" in value or "end" in value:
        return reading.kind == "interval" and (_part(timex, value, reading) or _range(case, value, reading))
    if kind in ("timerange", "datetimerange", "daterange"):  # "around 3pm" has one value only
        kind = kind.removesuffix("range")
    if kind == "date":
        ends = [
            reading.start,
            reading.end and reading.end - (_SECOND if reading.grain == "day" else 0 * _SECOND),
        ]
        return written in [_text(end, 10) for end in ends] and reading.grain not in ("month", "year", "week")
    if kind == "time":
        clocks = [_text(end, 19)[11:] for end in (reading.start, reading.end)]
        return written[-8:] in clocks and reading.kind != "recurrence"
    if kind == "datetime":
        last = reading.end or (reading.start if reading.kind == "instant" else None)
        end = last and _text(last - _SECOND, 19)
        return written in (_text(reading.start, 19), end)
    return False


def _lasts(reading: Reading, seconds: float, now: datetime) -> bool:
    if reading.kind == "duration":
        return reading.seconds == round(seconds)
    if reading.kind == "instant" and reading.start:
        return abs((reading.start.replace(tzinfo=None) - now).total_seconds()) == seconds
    width = reading.end - reading.start if reading.start and reading.end else None
    return width is not None and width.total_seconds() == seconds


def _repeats(timex: str, reading: Reading) -> bool:
    if match := re.fullmatch(r"(.+?)P1([DWM])", timex):  # what repeats, and how often
        timex = match[1] if match[1].startswith("XXXX") else f"P1{match[2]}{match[1]}"
    rule, _, clock = timex.partition("T") if not timex.startswith("PT") else (timex, "", "")
    ours = {part for part in reading.rrule.split(";") if not part.startswith("UNTIL=")}
    wanted = _rule(rule or "P1D")
    if not wanted or set(wanted.split(";")) != ours:
        return False
    if not clock:
        return True
    if clock in PARTS:
        return bool(reading.start) and f"{reading.start:%H}" == f"{PARTS[clock][1][0]:02}"
    return f"{reading.start:%H:%M:%S}".startswith(clock) if reading.start else False


def _rule(timex: str) -> str:
    """The RECUR value of a TimeX set."""
    if match := re.fullmatch(r"P([0-9.]+)(D|W|M|Y|WD|WE|BD|Q)", timex):
        count, unit = float(match[1]), match[2]
        if unit == "Y" and count < 1:
            count, unit = count * 12, "M"
        every = f";INTERVAL={count:.0f}" if count > 1 else ""
        if unit in ("WD", "BD", "WE"):
            return f"FREQ=WEEKLY{every};BYDAY=" + ("SA,SU" if unit == "WE" else "MO,TU,WE,TH,FR")
        if unit == "Q":
            return f"FREQ=MONTHLY;INTERVAL={3 * count:.0f}"
        return {"D": "FREQ=DAILY", "W": "FREQ=WEEKLY", "M": "FREQ=MONTHLY", "Y": "FREQ=YEARLY"}[unit] + every
    if match := re.fullmatch(r"PT([0-9]+)([HM])", timex):
        every = f";INTERVAL={match[1]}" if match[1] != "1" else ""
        return ("FREQ=HOURLY" if match[2] == "H" else "FREQ=MINUTELY") + every
    if timex == "XXXX-WXX-WE":
        return "FREQ=WEEKLY;BYDAY=SA,SU"
    if match := re.fullmatch(r"XXXX-WXX-([1-7])", timex):
        return f"FREQ=WEEKLY;BYDAY={_DAYS[int(match[1]) - 1]}"
    if match := re.fullmatch(r"XXXX-XX-([0-9]{2})", timex):
        return f"FREQ=MONTHLY;BYMONTHDAY={int(match[1])}"
    if match := re.fullmatch(r"XXXX-([0-9]{2})-([0-9]{2})", timex):
        return f"FREQ=YEARLY;BYMONTH={int(match[1])};BYMONTHDAY={int(match[2])}"
    return ""


def _part(timex: str, value: dict[str, str], reading: Reading) -> bool:
    """The same part of the same day, whatever its hours are called (rule 3)."""
    name = next((name for name in PARTS if timex.endswith("T" + name)), "")
    if not name or not (reading.grain == "part" or value.get("Mod")):
        return False
    (_, _), (low, high) = PARTS[name]
    edge = {"start": (low, (low + high) / 2), "end": ((low + high) / 2, high)}.get(value.get("Mod", ""))
    wanted = edge or (low, high)
    if value.get("Mod") == "before":
        return bool(reading.end) and _hours(reading.end) == low
    if value.get("Mod") == "after":
        return bool(reading.start) and _hours(reading.start) == high
    if (
        reading.start is None
        or reading.end is None
        or (_hours(reading.start), _hours(reading.end) or 24) != wanted
    ):
        tonight = name == "NI" and _hours(reading.start) == 18 and _hours(reading.end) == 0
        if not tonight:
            return False
    day = value.get("start", "")[:10]
    return len(value.get("start", "")) < 19 or _text(reading.start, 10) == day


def _hours(moment: datetime | None) -> float | None:
    return moment.hour + moment.minute / 60 if moment else None


def _range(case: Case, value: dict[str, str], reading: Reading) -> bool:
    start, end, mod = value.get("start"), value.get("end"), value.get("Mod", "")
    if start is not None and not _edge(start, reading.start):
        named = mod == "after" and len(start) == 10 and reading.start is not None
        if not named or not _edge(start, reading.start - timedelta(days=1)):  # type: ignore[operator] # named
            return False
    if end is None or _edge(end, reading.end):
        return True
    if reading.end is None:
        return False
    if len(end) > 10:
        return _edge(end, reading.end - _SECOND)
    last = reading.end - timedelta(days=1)
    if start is None:
        including = re.search(r"until|till|\bby\b|through|later than|as late as|up to", case.words)
        return bool(including) and _edge(end, last)
    # The last day, and the month, quarter and year it is in.
    starts = {last, last.replace(day=1), last.replace(month=(last.month - 1) // 3 * 3 + 1, day=1)}
    named_by = starts | {last.replace(month=1, day=1)} if reading.grain in ("month", "year") else {last}
    return end > start and any(_edge(end, one) for one in named_by)


def _edge(value: str, edge: datetime | None) -> bool:
    if edge is None:
        return False
    return (f"{edge:%H:%M:%S}" if len(value) == 8 else _text(edge, len(value))) == value


def _text(moment: datetime | None, size: int) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"[:size] if moment else ""
