"""The door: every time in a text, in order, with what it means for one person at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from deskhand.agent.times.exceptions import excepted, ruled_out
from deskhand.agent.times.grammar import grammar
from deskhand.agent.times.guards import allowed
from deskhand.agent.times.hours import seconds, smallest
from deskhand.agent.times.lex import Token, tokens
from deskhand.agent.times.lexicon import FUTURE, PAST, STRONG, WEAK
from deskhand.agent.times.match import Grammar, Matching
from deskhand.agent.times.reading import Reading
from deskhand.agent.times.relative import beside, hung
from deskhand.agent.times.repeats import slots
from deskhand.agent.times.resolve import distinct, extents
from deskhand.agent.times.scope import Extent, Scope
from deskhand.agent.times.terms import (
    At,
    Beside,
    Clock,
    Date,
    Hours,
    Length,
    Not,
    Part,
    Repeat,
    Shift,
    Term,
    Weekday,
    Without,
)

# What is longer than this is no request, and hardly a mail.
TEXT_LIMIT = 100_000
# Symbols looked for in one text: a few seconds of one that is nothing but half-made times. The longest
# mail with a time in every sentence takes three quarters of it.
WORK_LIMIT = 400_000
_LONGEST = 64
_NEAR = 7
_ALTERNATIVES = 4
# Where the month comes first in 3/4/27.
_MONTH_FIRST = frozenset(
    {"en_us", "en_ph", "en_fm", "en_pw", "en_mh", "en_as", "en_gu", "en_pr", "en_vi", "en"}
)
_PREFIXES = frozenset({"for", "in", "on", "at", "from", "over", "during"})
_JOINTS = frozenset({"or", "and", ",", "/", "&"})

_Found = tuple[int, int, Term]


def read(
    text: str,
    *,
    now: datetime,
    zone: str,
    locale: str = "en_US",
    hours: tuple[int, int] = (9 * 60, 17 * 60),
) -> list[Reading]:
    """The times in a text, in order of appearance; never overlapping.

    `now` is aware; `zone` is the person's IANA zone, in which words are read and values returned.
    `locale` decides whether 3/4/27 is in March (en_US) or April (all others but a few). `hours` are
    the person's working hours in minutes of the day: they decide which five o'clock "at 5" is.
    The defaults are listed in `resolve`. No text raises an error or takes long: reading ends after
    TEXT_LIMIT characters, or WORK_LIMIT steps (of a text that is nothing but times).

    :raises ValueError: a naive `now`, or an unknown zone.
    """
    if now.tzinfo is None:
        raise ValueError("now must have a time zone")
    try:
        place = ZoneInfo(zone)
    except (KeyError, OSError) as error:
        raise ValueError(f"unknown time zone {zone!r}") from error
    text = text[:TEXT_LIMIT]
    scope = Scope(
        now=now.astimezone(place),
        zone=place,
        month_first=locale.lower().replace("-", "_") in _MONTH_FIRST,
        hours=hours,
    )
    words = tokens(text)
    past = _told(words)
    readings = []
    for start, end, term in excepted(words, hung(text, words, _shared(words, _find(text, words)))):
        span = (words[start].start, words[end - 1].end)
        view = replace(scope, past=past[words[start].sentence])
        try:
            reading = _value(term, view, span=span, text=text)
        except (ValueError, OverflowError):
            continue  # words for a day that no calendar has: the 31st of February, in 99999 years
        if reading is not None:
            readings.append(reading)
    return readings


def _find(text: str, words: Sequence[Token]) -> list[_Found]:
    """From left to right the longest phrase that its company allows."""
    table = grammar()
    matching = Matching(table, text, words)
    found: list[_Found] = []
    position = 0
    promising = _promising(words)
    while position < len(words) and matching.work < WORK_LIMIT:
        match = _longest(matching, table, words, position) if promising[position] else None
        if match is not None and words[position].word in _PREFIXES:
            # "For October, 1st": the preposition alone must not cut a longer phrase short.
            further = _longest(matching, table, words, position + 1)
            match = match if further is None or further[1] <= match[1] else None
        passed = position
        if match is None:
            position += 1
        else:
            found.append(match)
            position = match[1]
            other = _other_hour(matching, words, match)
            if other is not None:
                found[-1:] = other
                position = other[1][1]
        for place in range(passed, position):
            matching.forget(place)
    return found


def _promising(words: Sequence[Token]) -> list[bool]:
    """For each place whether a time may start there: what makes one is near, within the sentence.

    Most words of a mail are out at once, at a hundredth of the price of the grammar.
    """
    found = [False] * len(words)
    strong = number = len(words) + _NEAR
    for place in range(len(words) - 1, -1, -1):
        word = words[place]
        weak = word.tags.keys() & WEAK
        if word.word in STRONG or len(word.tags) > len(weak):
            strong = place
        # "At 5" is a time, and 5 alone is none.
        found[place] = strong - place <= _NEAR or (not weak and number - place <= _NEAR)
        if weak:
            number = place
            found[place] = found[place] or "ORD" in weak
    return found


def _longest(matching: Matching, table: Grammar, words: Sequence[Token], position: int) -> _Found | None:
    """The longest phrase from here on that its company allows."""
    if position >= len(words) or not table.starts("phrase", words[position]):
        return None
    ends = matching.ends("phrase", position)
    for end in sorted(ends, reverse=True):
        term = cast(Term, ends[end])  # the phrase symbol makes terms only
        if end - position <= _LONGEST and allowed(words, position, end, term):
            return position, end, term
    return None


def _other_hour(matching: Matching, words: Sequence[Token], match: _Found) -> tuple[_Found, _Found] | None:
    """A time with the bare hour that may follow it: "Monday at 9 or 11", "at 3 or 4 on Friday"."""
    start, end, term = match
    if not (isinstance(term, At) and isinstance(term.time, Clock) and end + 1 < len(words)):
        return None
    if words[end].word != "or":
        return None
    for finish, value in sorted(matching.ends("other", end + 1).items(), reverse=True):
        other = cast(At, value)
        if allowed(words, end + 1, finish, other):
            first = replace(term, day=term.day or other.day)
            return (start, end, first), (end + 1, finish, replace(other, day=other.day or term.day))
    return None


def _shared(words: Sequence[Token], found: list[_Found]) -> list[_Found]:
    """What neighbours share: "Tuesday or Wednesday at 3", "Monday at 9 or 11", "Mon or Tue next week"."""
    shared = list(found)
    for index in range(len(shared) - 1):
        start, end, one = shared[index]
        later, finish, other = shared[index + 1]
        between = [word.word for word in words[end:later]]
        if not between or len(between) > 2 or not _JOINTS.issuperset(between):
            continue
        if isinstance(one, At) and isinstance(other, At):
            if other.day is None and one.day is not None and one.time is not None:
                shared[index + 1] = (later, finish, replace(other, day=one.day))
            elif _in_week(one.day) and isinstance(other.day, Weekday) and not other.day.which:
                week = other.day.week or one.day.week  # type: ignore[union-attr] # _in_week says so
                shared[index + 1] = (later, finish, replace(other, day=replace(other.day, week=week)))
    for index in range(len(shared) - 2, -1, -1):
        start, end, one = shared[index]
        later, _, other = shared[index + 1]
        between = [word.word for word in words[end:later]]
        if not between or len(between) > 2 or not _JOINTS.issuperset(between):
            continue
        if isinstance(one, At) and isinstance(other, At) and isinstance(one.day, Weekday | Shift | Date):
            day = one.day
            if _in_week(other.day) and isinstance(day, Weekday) and not day.which and day.week is None:
                day = replace(day, week=other.day.week)  # type: ignore[union-attr] # _in_week says so
            time = one.time
            if time is None and other.day is not None and isinstance(other.time, Clock | Part | Hours):
                time = other.time
            shared[index] = (start, end, At(day, time))
    return shared


def _in_week(day: object) -> bool:
    return isinstance(day, Weekday) and day.week is not None


def _told(words: Sequence[Token]) -> dict[int, bool]:
    """For each sentence, whether it tells of the past."""
    seen: dict[int, list[bool]] = {}
    for word in words:
        marks = seen.setdefault(word.sentence, [False, False])
        marks[0] = marks[0] or word.word in PAST
        marks[1] = marks[1] or word.word in FUTURE
    return {sentence: told and not asked for sentence, (told, asked) in seen.items()}


def _value(term: Term, scope: Scope, *, span: tuple[int, int], text: str) -> Reading | None:
    """A reading with what hangs on it: the event beside it, and what it rules or leaves out."""
    if isinstance(term, Beside):
        return beside(term, scope, span=span, text=text[slice(*span)])
    if isinstance(term, Not | Without):
        return ruled_out(
            term,
            lambda one, other: _value(one, scope, span=other or span, text=text),
            scope.zone.key,
        )
    return _reading(term, scope, span=span, text=text[slice(*span)])


def _reading(term: Term, scope: Scope, *, span: tuple[int, int], text: str) -> Reading | None:
    if isinstance(term, Length):
        return Reading(span, text, "duration", grain=smallest(term), seconds=seconds(term))
    if isinstance(term, Repeat):
        made = [
            Reading(span, text, "recurrence", slot.start, slot.end, slot.grain, slot.rrule)
            for slot in slots(term, scope)
        ]
        return replace(made[0], alternatives=tuple(made[1 : 1 + _ALTERNATIVES])) if made else None
    found = distinct(extents(term, scope))
    if not found:
        return None

    def plain(extent: Extent) -> Reading:
        return Reading(
            span, text, extent.kind, extent.start, extent.end, extent.grain, problem=extent.problem
        )

    first = found[0]
    others = first.choices or (found if first.problem else found[1:])
    alternatives = tuple(replace(plain(other), problem="") for other in others[:_ALTERNATIVES])
    return replace(plain(first), alternatives=alternatives)
