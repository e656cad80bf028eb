"""The door: every time in a text, in order, with what it means for one person at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from deskhand.agent.times.exceptions import excepted, ruled_out
from deskhand.agent.times.grammar import grammar
from deskhand.agent.times.guards import allowed
from deskhand.agent.times.hours import seconds, smallest
from deskhand.agent.times.lex import Token, tokens
from deskhand.agent.times.lexicon import FUTURE, MEALS, PAST, STRONG, WEAK, named
from deskhand.agent.times.match import Grammar, Matching
from deskhand.agent.times.neighbours import Found, other, shared
from deskhand.agent.times.owners import known, on_own_clock
from deskhand.agent.times.reading import Reading
from deskhand.agent.times.relative import beside, hung
from deskhand.agent.times.repeats import slots
from deskhand.agent.times.resolve import distinct, extents
from deskhand.agent.times.scope import Extent, Scope
from deskhand.agent.times.terms import (
    At,
    AtEvent,
    Clock,
    Either,
    Hours,
    Length,
    Not,
    Part,
    Repeat,
    Term,
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
# Where the week starts on a Sunday (6) or a Saturday (5), by territory; elsewhere on Monday.
_SUNDAY = named("us ca mx br co pe ve il in jp kr tw hk ph th za ke zw pk sg sa pr gu")
_SATURDAY = named("ae af bh dj dz eg iq ir jo kw ly om qa sd sy")


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
    `locale` decides whether 3/4/27 is in March (en_US) or April (all others but a few), and on which day
    of a week "this week" has a second reading. `hours` are
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
        week_start=_week_start(locale),
    )
    words = tokens(text)
    past = _told(words)
    readings = []
    for start, end, term in excepted(words, hung(text, words, shared(words, _find(text, words)))):
        span = (words[start].start, words[end - 1].end)
        view = replace(scope, past=past[words[start].sentence])
        try:
            reading = _value(term, view, span=span, text=text)
        except (ValueError, OverflowError):
            continue  # words for a day that no calendar has: the 31st of February, in 99999 years
        if reading is not None:
            readings.append(reading)
    return readings


def _week_start(locale: str) -> int:
    territory = locale.lower().replace("-", "_").rpartition("_")[2]
    return 6 if territory in _SUNDAY else 5 if territory in _SATURDAY else 0


def _find(text: str, words: Sequence[Token]) -> list[Found]:
    """From left to right the longest phrase that its company allows."""
    table = grammar()
    matching = Matching(table, text, words)
    found: list[Found] = []
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
            found.append(_without_meal(words, match))
            position = match[1]
            while others := other(matching, words, found[-1]):
                found[-1:] = others
                position = others[1][1]
        for place in range(passed, position):
            matching.forget(place)
    return found


def _without_meal(words: Sequence[Token], match: Found) -> Found:
    """ "Dinner tomorrow at 7": the meal says which 7, and is what is planned, not a part of when."""
    start, end, term = match
    clocked = isinstance(term, At) and isinstance(term.time, Clock | Hours)
    return (start + 1, end, term) if clocked and words[start].word in MEALS else match


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
            hyphen = place + 1 < len(words) and words[place + 1].word == "-"  # "ten-thirty"
            found[place] = found[place] or "ORD" in weak or ("SMALL" in weak and hyphen)
    return found


def _longest(matching: Matching, table: Grammar, words: Sequence[Token], position: int) -> Found | None:
    """The longest phrase from here on that its company allows."""
    if position >= len(words) or not table.starts("phrase", words[position]):
        return None
    ends = matching.ends("phrase", position)
    for end in sorted(ends, reverse=True):
        term = cast(Term, ends[end])  # the phrase symbol makes terms only
        if end - position <= _LONGEST and allowed(words, position, end, term):
            return position, end, term
    return None


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
    term, whose = known(term)
    if whose:
        reading = _value(term, scope, span=span, text=text)
        return reading and replace(reading, problem=whose)
    if isinstance(term, AtEvent):
        return beside(term, scope, span=span, text=text[slice(*span)])
    if isinstance(term, Not | Without):
        return ruled_out(
            term,
            lambda one, other: _value(one, scope, span=other or span, text=text),
            scope.zone.key,
        )
    if isinstance(term, Either):
        return _either([_value(one, scope, span=span, text=text) for one in term.terms])
    return _reading(term, scope, span=span, text=text[slice(*span)])


def _either(made: Sequence[Reading | None]) -> Reading | None:
    """The first reading, with the others as its alternatives."""
    found = [one for one in made if one is not None]
    if not found:
        return None
    others = (*(replace(one, alternatives=()) for one in found[1:]), *found[0].alternatives)
    return replace(found[0], alternatives=others[:_ALTERNATIVES])


def _reading(term: Term, scope: Scope, *, span: tuple[int, int], text: str) -> Reading | None:
    if isinstance(term, Length):
        whole = Reading(span, text, "duration", grain=smallest(term), seconds=seconds(term))
        shorter = term.least and replace(whole, seconds=seconds(term.least))
        return replace(whole, alternatives=(shorter,)) if shorter else whole
    if isinstance(term, Repeat):
        made = [
            Reading(span, text, "recurrence", slot.start, slot.end, slot.grain, slot.rrule)
            for slot in slots(term, scope)
        ]
        if isinstance(term.time, Part) and made and made[0].end:  # "in the mornings" may be the next one
            made.append(replace(made[0], kind="interval", grain="part", rrule=""))
        return replace(made[0], alternatives=tuple(made[1 : 1 + _ALTERNATIVES])) if made else None
    found = extents(term, scope)
    if scope.past and found and not found[0].problem:
        # A sentence about the past may still speak of what comes: that is the last thing it may mean.
        with suppress(ValueError, OverflowError):
            found += extents(term, replace(scope, past=False))
    if found and (own := on_own_clock(term)) is not None:
        found += extents(own, scope)[:1]  # "at 3 in Paris" may only say where
    found = distinct(found)
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
