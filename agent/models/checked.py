"""Whether what a model wrote stands in the sources it cites: every sentence cites, and its dates, numbers,
names, addresses and links occur there. What it cannot find is a fault, never a guess.

It cannot tell "agreed" from "refused": what it lets through is labelled as the assistant's all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.model import Citation, Passage
from deskhand.agent.reading.dates import Dated, dates_in, says_itself
from deskhand.agent.reading.sentences import split
from deskhand.agent.reading.words import content, stem, words

LONGEST = 4_000
"""Characters of a text that a model writes; more is no summary."""

_CITES = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_CITED_AFTER = re.compile(r"([.!?…]+)((?:\s*\[\d[\d\s,]*\])+)")
_LITERAL = re.compile(r"https?://\S+|www\.\S+|[^\s<>(),;]+@[^\s<>(),;]+")
_BULLET = re.compile(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_NAME = re.compile(r"[^\W\d_][\w’'-]*")
_COUNTED = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d")
_FIGURE = re.compile(
    rf"(?i)(?P<before>[€$£¥₹])?\s?(?<![\w.])(?P<n>\d[\d.,:]*\d|\d|\b(?:{'|'.join(_COUNTED)})\b)"
    r"(?:\s?(?P<after>[€$£¥₹%]|(?:percent|eur|usd|gbp|k|m|bn|thousand|million|billion)\b))?"
)
_UNITS = {
    "percent": "%",
    "eur": "€",
    "usd": "$",
    "gbp": "£",
    "thousand": "k",
    "million": "m",
    "billion": "bn",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Something that may be cited: an exact version of an item, and its words."""

    cites: Citation
    text: str

    @property
    def whole(self) -> str:
        """All that may be said of it: what stands in it, its title, who wrote it."""
        return f"{self.text}\n{self.cites.title}\n{self.cites.who}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A text, taken apart; to be used only where nothing is wrong with it."""

    passages: tuple[Passage, ...]
    faults: tuple[str, ...]


def checked(text: str, sources: Sequence[Source], *, zone: str) -> Checked:
    """Hold a text to the sources it cites as [1], [2]: their numbers count from 1.

    :param zone: the person's, in which dates are read.
    """
    if len(text) > LONGEST:
        return Checked((), (f"It has {len(text):,} characters; write at most {LONGEST:,}.",))
    passages: list[Passage] = []
    faults: list[str] = []
    for said in _sentences(text):
        numbers = [int(n) for group in _CITES.findall(said) for n in group.split(",")]
        plain = " ".join(_CITES.sub("", said).split())
        cited = [sources[n - 1] for n in dict.fromkeys(numbers) if 0 < n <= len(sources)]
        shown = f"“{plain if len(plain) <= 60 else f'{plain[:59]}…'}”"
        if not cited or len(cited) < len({*numbers}):
            there = f"There are [1] to [{len(sources)}]." if sources else "There is none."
            faults.append(
                f"{shown} cites no source that is there. {there}" if numbers else f"{shown} cites nothing."
            )
            continue
        found = dict.fromkeys(_unfounded(plain, cited, zone))
        faults += [f"{shown}: {what} is not in what it cites." for what in found]
        passages.append(Passage(text=plain, cites=tuple(s.cites for s in cited)))
    if not passages and not faults:
        faults.append("It says nothing.")
    return Checked((*passages,), (*faults,))


def _sentences(text: str) -> list[str]:
    text = _CITED_AFTER.sub(r"\2\1", _BULLET.sub("", text))
    return [s.text for s in split(text) if any(c.isalnum() for c in _CITES.sub("", s.text))]


def _unfounded(sentence: str, cited: Sequence[Source], zone: str) -> Iterable[str]:
    """What in a sentence stands in none of the sources it cites."""
    whole = "\n".join(s.whole for s in cited)
    rest = sentence
    for found in _LITERAL.findall(sentence):
        if (literal := found.rstrip(".,;:!?)")).casefold() not in whole.casefold():
            yield literal
        rest = rest.replace(found, " ")
    read = [_dated(s, zone) for s in cited]
    dates, rest = _dates(rest, read, zone)
    yield from dates
    known = {(number, unit) for r in read for number, unit, _ in _figures(r.rest)}
    known |= {(_plain(clock), "") for clock in _CLOCK.findall(whole)}
    for number, unit, shown in _figures(rest):
        if (number, unit) not in known and (unit or number not in {n for n, _ in known}):
            yield shown
    yield from _names(rest, whole)


@dataclass(frozen=True, slots=True)
class _Read:
    """A source, its dates read as on the day it was written."""

    at: datetime
    days: frozenset[tuple[date, date]]
    """First and last day of each; the one on which it was written is among them."""
    instants: frozenset[datetime]
    rest: str
    """Its words without its dates: the 17 of "17 November" counts no lamps."""


def _dated(source: Source, zone: str) -> _Read:
    at, rest = source.cites.at, list[str]()
    found: list[Dated] = []
    for sentence in split(source.whole):
        here = dates_in(sentence.text, at=at, zone=zone)
        rest.append(_without(sentence.text, here))
        found += here
    wrote = at.astimezone(ZoneInfo(zone)).date()
    days = frozenset({_day(d) for d in found} | {(wrote, wrote)})
    return _Read(at, days, frozenset(d.key for d in found if d.timed), "\n".join(rest))


def _dates(text: str, cited: Sequence[_Read], zone: str) -> tuple[list[str], str]:
    """The dates in a text that no source names, and the text without its dates.

    A sentence is read as on the day its source was written ("next Tuesday" there may be "17 November" here)
    or, where it names the day itself, as on the day after: "on 12 November Ann said" looks back.
    """
    missing: dict[str, bool] = {}
    spans: list[Dated] = []
    for source in cited:
        here = dates_in(text, at=source.at, zone=zone)
        after = dates_in(text, at=source.at + timedelta(days=1), zone=zone)
        spans += here
        for d in here:
            words_ = text[d.first : d.last].strip()
            also = [a for a in after if a.first == d.first and says_itself(words_)]
            stands = any(_stands(one, words_, source) for one in (d, *also))
            missing[words_] = missing.get(words_, True) and not stands
    return [words_ for words_, gone in missing.items() if gone], _without(text, spans)


def _stands(said: Dated, words_: str, source: _Read) -> bool:
    if _day(said) not in source.days:
        return False
    if not said.timed or said.key in source.instants:
        return True
    clocks = _CLOCK.findall(words_)  # the day and the time may stand apart there
    return bool(clocks) and all(c in source.rest for c in clocks)


def _without(text: str, dates: Iterable[Dated]) -> str:
    for d in dates:
        text = text[: d.first] + " " * (d.last - d.first) + text[d.last :]
    return text


def _day(found: Dated) -> tuple[date, date]:
    first, last = found.start or found.end, found.end or found.start
    return ((first or found.key).date(), (last or found.key).date())


def _figures(text: str) -> Iterable[tuple[str, str, str]]:
    """Numbers with their unit, in one spelling, and as they stand."""
    for match in _FIGURE.finditer(text):
        low = match["n"].casefold()
        number = str(_COUNTED.index(low)) if low in _COUNTED else _plain(low)
        unit = (match["before"] or match["after"] or "").casefold()
        yield number, _UNITS.get(unit, unit), match[0].strip()


def _plain(number: str) -> str:
    """ "1,200.50" and "1.200,50" as "1200.5"; a clock time as it is."""
    if ":" in number:
        return number.lstrip("0")
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number):
        return re.sub(r"[.,]", "", number)
    last = max(number.rfind("."), number.rfind(","))
    if last < 0:
        return number.lstrip("0") or "0"
    head = re.sub(r"[.,]", "", number[:last])
    return f"{head.lstrip('0') or '0'}.{number[last + 1 :]}".rstrip("0").rstrip(".")


def _names(text: str, whole: str) -> Iterable[str]:
    """Words written like names that stand nowhere; the first of a sentence counts unless it says little."""
    there = {w.removesuffix("'s") for w in words(whole)}
    stems = {stem(w) for w in there}
    first = True
    for match in _NAME.finditer(text):
        word = match[0].replace("’", "'").removesuffix("'s")
        opens, first = first, False
        if not word[0].isupper() or word == "I":
            continue
        parts = words(word)
        if all(p in there for p in parts):
            continue
        if opens and (not content(word) or all(stem(p) in stems for p in parts)):
            continue
        yield word
