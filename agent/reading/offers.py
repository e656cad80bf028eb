"""What somebody answered to times that were offered: which of them, none, another, or not to be told.

The words are a stranger's. All they can do is choose among what was offered; whatever else they say is
reported, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from deskhand.agent.times import Reading, read

AnswerKind = Literal["chosen", "none", "other", "unclear"]

_LONGEST = 4_000
"""An answer to an offer is short; what stands further down is something else."""

_NUMBERS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}
_WORD_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_OPTION = re.compile(
    r"(?:\b(?:option|slot|number|choice|no\.?|nr\.?)\s*|#)(?P<named>\d|one|two|three|four|five)\b"
    r"|(?:\bthe\s+|^\W*)(?P<ordinal>first|second|third|fourth|fifth|1st|2nd|3rd|4th)"
    r"(?=\s+(?:one|option|slot|time|choice|suggestion|proposal|works|is|would|suits|please)|\s*(?:[.,!;]|$))"
    r"|\b(?P<nth>first|second|third|fourth|fifth|1st|2nd|3rd|4th)"
    r"(?=\s+(?:one|option|slot|time|choice|suggestion|proposal|works|would|suits|please))"
    r"|\b(?:the\s+)?(?P<last>last)(?=\s+(?:one|option|slot|time|choice|of))"
    r"|^\W{0,3}(?P<bare>\d)(?=\s*(?:[.,!)]|$)|\s+(?:works|is|would|suits|please|and|or)\b)",
    re.I,
)
_ALL = re.compile(
    r"\b(?:any(?:\s+of)?(?:\s+(?:them|these|those))?|all(?:\s+(?:of\s+(?:them|these)|three|four|of\s+your\s+"
    r"(?:times|slots)))?|either(?:\s+(?:one|of\s+them))?|both|whichever|whatever|every\s+one)"
    r"\s+(?:would\s+|will\s+|is\s+|are\s+|of\s+them\s+|times?\s+|slots?\s+)*"
    r"(?:works?|fine|good|ok|okay|suits?|possible|you\s+(?:like|prefer)|is\s+best)\b"
    r"|\byour\s+(?:choice|call)\b|\byou\s+choose\b|\bpick\s+(?:one|any)\b",
    re.I,
)
_NONE = re.compile(
    r"\b(?:none|neither)\b|\bno(?:t)?\s+any\s+of\s+(?:them|these|those)\b"
    r"|\b(?:not\s+(?:possible|available|free)|unavailable|away|on\s+(?:leave|holiday|vacation)|out\s+of\s+office)\b"
    r"|\b(?:can\s?not|can['’]?t|won['’]?t|unable|not\s+able)\b.{0,30}\b(?:make|do|attend|manage|join|any|these|those)\b"
    r"|\bno(?:ne)?\s+(?:time|slot)s?\s+(?:suits?|works?)\b",
    re.I,
)
_NO = re.compile(
    r"\b(?:not|n['’]t|cannot|can['’]?t|won['’]?t|doesn['’]?t|don['’]?t|isn['’]?t|no|never|busy|booked|taken|blocked|away|"
    r"unavailable|clash(?:es)?|conflicts?|difficult|tricky|bad|impossible|except|avoid|full|worst)\b",
    re.I,
)
_YES = re.compile(
    r"\b(?:yes|yep|yeah|sure|works?|fine|good|great|perfect|ok|okay|suits?|deal|agreed|confirmed?|happy|see\s+you|"
    r"sounds\s+good|lovely|excellent|prefer(?:red|ably)?|best|free|available|can\s+(?:do|make)|could\s+(?:do|make)|let['’]?s)\b",
    re.I,
)
_PAIR = re.compile(r"\b(?:either\s+)?(\d)\s*(?:or|and|&|/|,)\s*(\d)\b(?!\s*(?:am|pm|:|h\b))", re.I)
_HOUR = re.compile(r"^\W*(\d{1,2})(?=\s+(?:works|is|would|suits|please)\b)", re.I)
_BOUNDS = (
    (re.compile(r"\b(?:not|no)\s+(?:before|earlier\s+than)\b", re.I), "after"),
    (re.compile(r"\b(?:not|no)\s+(?:after|later\s+than)\b", re.I), "before"),
)
"""A "not" that rules nothing out but sets a bound."""
_DOUBT = re.compile(
    r"\b(?:would\s+have|could\s+have|last\s+week|out\s+of|check|see\s+if|ask|depends?|perhaps|maybe|might|not\s+sure|unsure|"
    r"tentative(?:ly)?|let\s+you\s+know|get\s+back|confirm\s+later|still|hardly|rather\s+not|least)\b",
    re.I,
)
"""Words that make a clause neither a yes nor a no."""
_WISH = re.compile(
    r"\W*(?:and\s+)?(?:can|could|shall|should|may|how\s+about|what\s+about|would|let['’]?s)\b", re.I
)
"""A question that begins so asks for the time it names; any other asks about it."""
_MARKS = re.compile(
    r"\bno\s+(?:problem|worries|issue|objection)s?\b|\bwhy\s+not\b|\bnot\s+(?:bad|a\s+problem)\b|\bcan['’]?t\s+wait\b",
    re.I,
)
"""Words with a "no" in them that say yes."""
_LIMIT = re.compile(r"\b(?:but|only|if|as long as|provided|though|preferably|ideally|however)\b", re.I)
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|thanks|thank you|best|regards|cheers|good (?:morning|day))\b[^.!?\n]{0,40}$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Offered:
    """One time on offer."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered. `choices` are places in what was offered, in its order; with `chosen` there is at
    least one. `words`: the sentence that says so, a stranger's text. `times`: what was named besides."""

    kind: AnswerKind
    choices: tuple[int, ...] = ()
    words: str = ""
    times: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    no: bool
    yes: bool
    limits: bool
    open: bool
    """It asks, or doubts: it neither takes nor refuses what it names."""
    named: frozenset[int] | None
    """Offers it names by number or time; None where it names none."""
    other: tuple[Reading, ...]
    """Times it names that were not offered."""


def read_answer(
    text: str, offered: Sequence[Offered], *, now: datetime, zone: str, locale: str = "en_GB"
) -> Answer:
    """What an answer says of the times offered.

    :param text: only what is new in the mail: no quoted text, no signature.
    :param now: when it was written: "tomorrow" is seen from there.
    :param zone: the zone in which the times were written in the offer.
    """
    everything = frozenset(range(len(offered)))
    clauses: list[_Clause] = []
    for part, goes_on in _parts(text[:_LONGEST]):
        clause = _clause(part, offered, now=now, zone=zone, locale=locale)
        if goes_on and clauses and clauses[-1].no and not clause.yes:
            clause = replace(clause, no=True)  # "I cannot do Tuesday, Wednesday or Thursday"
        clauses.append(clause)
    if any(c.open and c.named for c in clauses):
        asked = next(c.text for c in clauses if c.open and c.named)
        return Answer("unclear", (), asked)
    chosen: set[int] = set()
    refused: set[int] = set()
    other: list[Reading] = []
    said = ""
    for n, clause in enumerate(clauses):
        if _ALL.search(clause.text) and not clause.no:
            chosen |= everything
            said = said or clause.text
        if clause.named is None and not clause.other:
            continue
        if clause.no:
            refused |= clause.named or set()
        elif clause.limits and n and chosen:
            # "Tuesday works, but after 3": the second half narrows the first.
            kept = chosen & (clause.named or set())
            if not kept:
                other += clause.other
            chosen = kept
            said = f"{said}, {clause.text}" if said else clause.text
        else:
            chosen |= clause.named or set()
            other += clause.other if not clause.named else ()
            said = said or clause.text
    words = said or next((c.text for c in clauses if c.no or c.yes), "")
    left = tuple(sorted(chosen - refused))
    if left:
        return Answer("chosen", left, words)
    if other:
        return Answer("other", (), words, tuple(other))
    if chosen or (refused and refused == everything) or any(_none(c) for c in clauses):
        return Answer("none", (), words)
    if refused:  # "Tuesday is bad": the others may be as bad
        rest = tuple(sorted(everything - refused))
        return Answer("unclear", rest, words)
    if len(offered) == 1 and any(c.yes and not c.no for c in clauses) and not any(c.open for c in clauses):
        return Answer("chosen", (0,), words)
    return Answer("unclear", (), words)


def _none(clause: _Clause) -> bool:
    if clause.yes and not _NONE.search(clause.text):
        return False
    return bool(_NONE.search(clause.text)) or (
        clause.no and bool(re.match(r"\W*(?:no|sorry)\b", clause.text, re.I))
    )


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The clauses, and whether each only goes on with the one before it."""
    for sentence in _sentences(text):
        at, goes_on = 0, False
        # A comma parts what is refused from what is taken: "Tuesday is bad, Thursday works".
        commas = bool(_NO.search(sentence)) and bool(_YES.search(sentence))
        joints = r",?\s*\b(?:but|however|although|though)\b" + (r"|," if commas else "")
        joints = r",?\s+so\b|" + joints if _NO.search(sentence) else joints
        for joint in re.finditer(joints, sentence, re.I):
            if part := sentence[at : joint.start()].strip(" ,;"):
                yield part, goes_on
            at, goes_on = joint.start(), joint[0] == ","
        if part := sentence[at:].strip(" ,;"):
            yield part, goes_on


def _sentences(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for sentence in re.split(r"(?<=[.!?;])\s+(?=\S)|\s[–—]\s", line):
            if sentence.strip() and not _GREETING.match(sentence):
                yield " ".join(sentence.split())


def _clause(text: str, offered: Sequence[Offered], *, now: datetime, zone: str, locale: str) -> _Clause:
    plain = _plain(text, len(offered))
    readings = [
        r for r in read(plain, now=now, zone=zone, locale=locale) if r.kind in ("instant", "interval")
    ]
    named: set[int] | None = None
    other: list[Reading] = []
    refused = False
    spent: list[tuple[int, int]] = []
    for pair in _PAIR.finditer(plain):
        both = {int(pair[1]) - 1, int(pair[2]) - 1}
        if both <= set(range(len(offered))):
            named = (named or set()) | both
            spent.append(pair.span())
    for option in _OPTION.finditer(plain):
        place = _place(option, len(offered))
        if place is not None and not any(
            a <= option.start() < b for a, b in (r.span for r in readings if len(r.text) > 3)
        ):
            named = (named or set()) | {place}
            spent.append(option.span())
    for reading in readings:
        if any(a < reading.span[1] and reading.span[0] < b for a, b in spent):
            continue
        fits = _fits(reading, offered, zone)
        refused = refused or reading.negated
        if fits:
            named = (named or set()) | fits
        else:
            other.append(reading)
    # "Tuesday after 3", read as two times, is one wish.
    if named and len(readings) > 1 and not re.search(r"\b(?:or|and)\b|[,/]", plain):
        both = set.intersection(*(f for r in readings if (f := _fits(r, offered, zone)))) if named else set()
        named = both or named
    return _Clause(
        text, refused or bool(_NO.search(plain)), bool(_YES.search(plain)), bool(_LIMIT.search(plain)),
        bool(_DOUBT.search(plain)) or ("?" in text and not _WISH.match(text)),
        None if named is None else frozenset(named), tuple(other),
    )  # fmt: skip


def _plain(text: str, count: int) -> str:
    """The words without a "no" that is none, and "10 works" as the time of day it is."""
    for bound, word in _BOUNDS:
        text = bound.sub(word, text)
    hour = _HOUR.match(text)
    if hour and int(hour[1]) > count:
        text = f"at {text.lstrip()}"
    return _MARKS.sub(" ok ", text)


def _place(option: re.Match[str], count: int) -> int | None:
    if option["last"]:
        return count - 1
    word = (option["named"] or option["ordinal"] or option["nth"] or option["bare"] or "").lower()
    number = _NUMBERS.get(word) or _WORD_NUMBERS.get(word) or (int(word) if word.isdigit() else 0)
    return number - 1 if 1 <= number <= count else None


def _fits(reading: Reading, offered: Sequence[Offered], zone: str) -> set[int]:
    """Places of the offers that a time means. A time of day alone means every offer at that time."""
    part = reading.kind == "interval" and _bare(reading.text)  # "in the afternoon" names no day
    for meant in (reading, *(() if part else reading.alternatives)):
        found = {n for n, offer in enumerate(offered) if _means(meant, offer)}
        if found:
            return found
    if not _bare(reading.text):
        return set()
    if reading.kind == "interval":
        return {n for n, o in enumerate(offered) if _same_hours(reading, o, zone)}
    meanings = (m.start for m in (reading, *reading.alternatives) if m.start is not None)
    clocks = {start.astimezone(ZoneInfo(zone)).time() for start in meanings}
    return {n for n, o in enumerate(offered) if o.start.astimezone(ZoneInfo(zone)).time() in clocks}


def _means(reading: Reading, offer: Offered) -> bool:
    start, end = offer.start.astimezone(UTC), offer.end.astimezone(UTC)
    if reading.kind == "instant":
        return reading.start is not None and reading.start.astimezone(UTC) == start
    after = reading.start is None or reading.start.astimezone(UTC) <= start
    before = reading.end is None or end <= reading.end.astimezone(UTC)
    return (
        (reading.start is not None or reading.end is not None)
        and after
        and before
        and not _bare(reading.text)
    )


def _same_hours(reading: Reading, offer: Offered, zone: str) -> bool:
    """Whether an offer lies in hours that were said of no day: "after 3", "in the morning"."""
    tz = ZoneInfo(zone)
    start, end = offer.start.astimezone(tz), offer.end.astimezone(tz)
    low = reading.start.astimezone(tz).time() if reading.start else None
    high = reading.end.astimezone(tz).time() if reading.end else None
    if low is not None and start.time() < low:
        return False
    return high is None or not high or (end.date() == start.date() and end.time() <= high)


_BARE = re.compile(
    r"(?:(?:at|from|after|before|by|until|in the|any ?time|not|around|past)\s+)*"
    r"(?:\d{1,2}(?:[:.h]\d\d)?\s*(?:am|pm|a\.m\.|p\.m\.|o'?clock|h)?(?:\s*(?:-|to|and|–)\s*\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm)?)?"
    r"|noon|midday|lunch(?:time)?|mornings?|afternoons?|evenings?|(?:half|quarter) (?:past|to) \w+)",
    re.I,
)


def _bare(text: str) -> bool:
    return _BARE.fullmatch(text.strip()) is not None
