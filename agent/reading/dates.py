"""Dates that stand in a sentence, resolved from the moment it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deskhand.agent.reading.phrasing import day

_MAY = re.compile(
    r"""(?ix)\d{1,2}[:.]\d{2}\b | \d\s?(am|pm|uhr|h)\b | \b\d{4}-\d{2}-\d{2} | \b\d{1,2}[./]\d{1,2}([./]|\b)
    | \b\d{1,2}(st|nd|rd|th)\b | \b(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?s?\b
    | \b(today|tonight|tomorrow|yesterday|noon|midnight|eod|eow|weekend)\b
    | \b(next|this|last|in\ (a|an|one|two|three|four|\d+)|end\ of(\ the)?|early|mid|late|by|until|
    coming)\ ?(-\ ?)?
      (week|month|quarter|year|day|hour)s?\b
    | \bin\ (a|one|two|three|four|five|six|\d+)\ (day|week|month|hour)s?\b
    | \b(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may\ \d|\d\ may|june?|july?|aug(ust)?|sept?(ember)?|
    oct(ober)?|nov(ember)?|dec(ember)?)\b
    | \b(montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|morgen|heute|januar|februar|märz|mai|
    juni|juli|oktober|dezember)\b
    | \b(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|demain|aujourd|janvier|février|mars|avril|
    juin|juillet|août|septembre|octobre|novembre|décembre)\b
    | \b(lunes|martes|miércoles|jueves|viernes|sábado|domingo|mañana|hoy|enero|febrero|marzo|abril|mayo|
    junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b
    """
)
_PAST = re.compile(
    r"(?i)\b(was|were|met|sent|arrived|came|got|had|did|went|spoke|told|wrote|called|paid|took|saw)\b"
)
_BARE_DAY = re.compile(r"(?i)(on )?(mon|tues|wednes|thurs|fri|satur|sun)day")
_MONTH = re.compile(r"(?i)\b\d{1,2}\.?\s+[^\W\d_]{3,}|[^\W\d_]{3,}\s+\d{1,2}\b|\d{4}|\d[./]\d{1,2}[./]")
_CLOCK_ONLY = re.compile(
    r"(?i)(\d+|[:.\s–-]|\b(at|between|and|from|to|by|before|after|until|till|am|pm|a\.m|p\.m|noon|midnight|"
    r"o['’]clock|h|uhr)\b)+"
)
_VAGUE = frozenset({"year"})
_TIMES = frozenset({"hour", "minute", "second"})
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Dated:
    """Some words of a sentence (`sentence[first:last]`) and the time they mean.

    `start` is None where the words only name an end ("by Friday"); `end` is the last instant that
    is meant, or None. Both are in the zone asked for.
    """

    first: int
    last: int
    start: datetime | None
    end: datetime | None
    timed: bool
    """Whether the words name a time of day."""

    @property
    def key(self) -> datetime:
        """What to order by."""
        return self.start or self.end or datetime.max.replace(tzinfo=UTC)

    def shown(self, *, year: bool = True) -> str:
        """The resolved value: "Fri 20 Nov 2026", "Tue 24 Nov 2026 15:30", "by Fri 20 Nov 2026"."""
        if self.start is None:
            return f"by {self._one(self.key, year)}"
        if self.end is None or self.end.date() == self.start.date():
            return self._one(self.start, year)
        return f"{self._one(self.start, False)} to {self._one(self.end, year)}"

    def _one(self, at: datetime, year: bool) -> str:
        return f"{day(at, year=year)} {at:%H:%M}" if self.timed else day(at, year=year)


def says_itself(words: str) -> bool:
    """Whether words name a day so that nothing needs to be worked out: "17 November", "2026-11-17"."""
    return bool(_MONTH.search(words))


def may_hold_date(sentence: str) -> bool:
    """Whether looking for a date is worth it."""
    return bool(_MAY.search(sentence[:_LONGEST]))


def dates_in(sentence: str, *, at: datetime, zone: str) -> list[Dated]:
    """The dates of a sentence in order, read as on the day it was written.

    Left out are lengths of time, recurrences, whole years, times that clocks skip or show twice,
    a time of day alone, and a bare weekday in a sentence about the past, which may be either of two.
    """
    if not may_hold_date(sentence):
        return []
    from deskhand.agent.times import read  # it is not needed where no date stands

    text = sentence[:_LONGEST]
    found = []
    for reading in read(text, now=at, zone=zone, locale="en"):
        if reading.kind not in {"instant", "interval"} or reading.grain in _VAGUE or reading.problem:
            continue
        if reading.start is None and reading.end is None:
            continue
        first, last = reading.span
        if reading.grain in _TIMES and _CLOCK_ONLY.fullmatch(text[first:last]):
            continue
        if _PAST.search(text) and _BARE_DAY.fullmatch(text[first:last].strip()):
            continue
        start, end = reading.start, reading.end
        if start is None and end is not None and end < at:
            continue  # a deadline that had passed when it was set was read wrongly
        timed = reading.grain in _TIMES
        if end is not None and (start is None or end > start) and not timed:
            end -= timedelta(microseconds=1)
        found.append(Dated(first, last, start, end, timed))
    return found
