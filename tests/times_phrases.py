"""The phrases of `agent/times/phrases.txt`, `negatives.txt` beside it, and how readings are written there.

"@ instant zone locale" begins a section. A line is "phrase | value ; value", one value a reading, in the
order of the text:

    2026-11-24 15:00                       an instant
    2026-11-24 / 2026-11-25 12:00          an interval; midnight is not written, ".." is an open end
    5400 s                                 a duration
    FREQ=DAILY @ 2026-11-24 09:00 / ...    a recurrence, its first slot and the end of it
    not V                                  ruled out
    V except V except holidays             what a recurrence leaves out
    V before [flight]                      hangs on an event; "3600 s before", "1 d", "2 working d", "1 mo",
                                           "right after", "between [a] and [b]"; " week" for whole weeks

Values were worked out from the calendar and `docs/times.md`, not by running the code. A line that
begins with "?" is read wrong today. Run as a script it prints what is wrong; with --mark it sets the marks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from deskhand.agent.times import Reading, read

PHRASES = Path(__file__).with_name("agent") / "times" / "phrases.txt"
UNSEEN = PHRASES.with_name("phrases_unseen.txt")
NEGATIVES = PHRASES.with_name("negatives.txt")


@dataclass(frozen=True, slots=True)
class Phrase:
    """`wrong`: marked as not yet read; `line` counts from 1."""

    text: str
    value: str
    now: datetime
    zone: str
    locale: str
    wrong: bool
    line: int

    def readings(self) -> list[Reading]:
        return read(self.text, now=self.now, zone=self.zone, locale=self.locale)

    @property
    def right(self) -> bool:
        return shown(self.readings()) == self.value


def phrases(path: Path = PHRASES) -> Iterator[Phrase]:
    """The phrases of a file; a line without "|" has no value (of the negatives, none has)."""
    now, zone, locale = datetime.now().astimezone(), "", ""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("@ "):
            moment, zone, locale = line[2:].split()
            now = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
        elif line and not line.startswith("#"):
            text, _, value = line.removeprefix("? ").rpartition(" |") if " |" in line else (line, "", "")
            yield Phrase(text, value.strip(), now, zone, locale, line.startswith("? "), number)


def shown(readings: list[Reading]) -> str:
    """Readings as the files write them."""
    return " ; ".join(map(_one, readings))


def _one(reading: Reading) -> str:
    words = ["not"] if reading.negated else []
    if reading.kind == "instant" and reading.start:
        words.append(_edge(reading.start))
    elif reading.kind == "interval" and (reading.start or reading.end):
        words.append(f"{_edge(reading.start)} / {_edge(reading.end)}")
    elif reading.kind == "duration":
        words.append(f"{reading.seconds} s")
    elif reading.kind == "recurrence":
        words.append(f"{reading.rrule} @ {_edge(reading.start)}")
        words += [f"/ {_edge(reading.end)}"] if reading.end else []
    words += _anchor(reading)
    words += [f"except {_one(one)}" for one in reading.excludes]
    words += ["except holidays"] if reading.not_holidays else []
    return " ".join(words)


def _anchor(reading: Reading) -> list[str]:
    anchor = reading.anchor
    if anchor is None:
        return []
    words = []
    if anchor.seconds:
        words.append(f"{anchor.seconds} s")
    elif anchor.months:
        words.append(f"{anchor.months} mo")
    elif anchor.days or reading.grain == "day":
        words.append(f"{anchor.days} {'working ' if anchor.working else ''}d")
    elif reading.kind == "instant" and reading.start is None:
        words.append("right")
    words.append(f"{anchor.relation} [{anchor.words}]")
    words += [f"and [{anchor.other}]"] if anchor.other else []
    return [*words, "week"] if reading.grain == "week" else words


def _edge(moment: datetime | None) -> str:
    if moment is None:
        return ".."
    clock = f"{moment:%H:%M:%S}".removesuffix(":00")
    return f"{moment:%Y-%m-%d}" if clock == "00:00" else f"{moment:%Y-%m-%d} {clock}"


def mark(path: Path = PHRASES) -> None:
    """Set the mark of every line by what is read today."""
    lines = path.read_text("utf-8").splitlines()
    for phrase in phrases(path):
        bare = lines[phrase.line - 1].removeprefix("? ")
        lines[phrase.line - 1] = bare if phrase.right else f"? {bare}"
    path.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    for path in (PHRASES, UNSEEN):
        if "--mark" in sys.argv:
            mark(path)
        known = list(phrases(path))
        missed = [phrase for phrase in known if not phrase.right]
        for phrase in missed:
            print(f"{phrase.line}: {phrase.text!r}\n     wanted {phrase.value}")
            print(f"     read   {shown(phrase.readings())}")
        print(f"{len(known) - len(missed)} of {len(known)} phrases are right in {path.name}")
    taken = [phrase for phrase in phrases(NEGATIVES) if phrase.readings()]
    for phrase in taken:
        print(f"{phrase.text!r} was read as {shown(phrase.readings())}")
    print(f"{len(taken)} wrong readings in {len(list(phrases(NEGATIVES)))} negatives")
