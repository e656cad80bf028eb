"""Times that hang on an event: "an hour before my flight", "between lunch with Bo and the review".

Prose has "after the fact" and "during my career" too, so the last word before the break must be one
that people put into calendars; where a distance is said ("two days before the gala") any noun will do
that has an article. What the event is called ends with its noun, and with "with", "about", "of".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from deskhand.agent.times.events import BARE, EVENTS, MEALS, NO_EVENTS, STOPS, TRAVEL
from deskhand.agent.times.grammar import grammar
from deskhand.agent.times.guards import event_before
from deskhand.agent.times.hours import seconds, smallest
from deskhand.agent.times.lex import Token
from deskhand.agent.times.lexicon import named
from deskhand.agent.times.match import Matching
from deskhand.agent.times.reading import Anchor, Reading
from deskhand.agent.times.resolve import extents
from deskhand.agent.times.scope import Scope
from deskhand.agent.times.terms import At, AtEvent, Clock, Length, Term, whole_days

_RELATIONS = {"before": "before", "after": "after", "during": "during", "following": "after"}
_RELATIONS |= {"until": "before", "till": "before", "between": "between"}
_PAIRS = {("prior", "to"): "before", ("ahead", "of"): "before"}
_DETERMINERS = named("the my our your his her their this that")
_OWNERS = named("my our your his her their")
_RIGHT = named("right just immediately straight directly shortly soon")
# "Find an hour before the demo" asks for an hour; it does not say when.
_ASKED = named("for find book block need get want have schedule take give grab reserve spend add plan hold")
_BREAKS = frozenset('.,;:!?)(]}[{"”“»«¶…|/&+=<>*#')
_NEXT_DAY = (["the", "next", "day"], ["the", "very", "day"])
_LONGEST = 5
_MONTHS = {"month": 1, "quarter": 3, "year": 12}

_Found = tuple[int, int, Term]
_Times = dict[int, tuple[int, Term]]


@dataclass(frozen=True, slots=True)
class _Event:
    """Tokens from `first` to `end`; `at` where a time is all the name there is."""

    first: int
    end: int
    at: At | None = None


def hung(text: str, words: Sequence[Token], found: list[_Found]) -> list[_Found]:
    """The times that were found, and those that hang on events, in order.

    What an event's name or its distance covers ("lunch" in "after lunch with Bo") is no longer a time
    of its own.
    """
    made = list(_hung(text, words, found))
    if not made:
        return found
    covered = {place for start, end, _ in made for place in range(start, end)}
    free = [one for one in found if covered.isdisjoint(range(one[0], one[1]))]
    return sorted([*free, *made], key=lambda one: one[0])


def _hung(text: str, words: Sequence[Token], found: list[_Found]) -> Iterator[_Found]:
    passed = 0
    times = {start: (end, term) for start, end, term in found}
    for place, token in enumerate(words):
        if place < passed:
            continue
        relation, after = _RELATIONS.get(token.word), place + 1
        if relation is None and place + 1 < len(words):
            relation, after = _PAIRS.get((token.word, words[after].word)), place + 2
        day_of = [word.word for word in words[place : place + 3]][:2] == ["day", "of"] and place > 0
        if day_of and words[place - 1].word == "the":
            relation, after = "during", place + 2
        if relation is None or _its_night(words, place):
            continue
        opening, length, right, unit = (place, None, False, "") if day_of else _distance(text, words, place)
        if day_of:
            opening, unit = place - 1, "day"
        counted = length is not None and not day_of
        event = _event(words, after, times, any_noun=counted, pair=relation == "between")
        if event is None and unit and counted and (behind := _behind(words, opening)):
            # "The board meeting, and the day after": the event stands in front.
            name = (words[behind.first].start, words[behind.end - 1].end)
            said = _text(text, words, behind)
            yield opening, place + 1, AtEvent(relation, said, name, length=length, unit=unit)  # type: ignore[arg-type] # of _RELATIONS
            continue
        if event is None:
            continue
        said = _text(text, words, event)
        name = (words[event.first].start, words[event.end - 1].end)
        term = AtEvent(relation, said, name, length=length, right=right, unit=unit, at=event.at)  # type: ignore[arg-type] # of _RELATIONS
        passed = event.end
        if relation == "between":
            if event.end >= len(words) or words[event.end].word != "and":
                continue
            second = _event(words, event.end + 1, times, any_noun=False, pair=True)
            if second is None:
                continue
            term, passed = replace(term, other=_text(text, words, second)), second.end
        yield opening, passed, term


def _its_night(words: Sequence[Token], place: int) -> bool:
    """ "The night before the launch" is more than any time before it, and not understood."""
    before = [word.word for word in words[max(0, place - 2) : place]]
    return before[:1] == ["the"] and before[-1] in ("night", "morning", "evening", "afternoon", "eve")


def _distance(text: str, words: Sequence[Token], place: int) -> tuple[int, Length | None, bool, str]:
    """What stands before "before": where it begins, how far, whether right there, and of which unit."""
    if not place or words[place - 1].sentence != words[place].sentence:
        return place, None, False, ""
    last = words[place - 1]
    if place > 2 and [word.word for word in words[place - 3 : place]] in _NEXT_DAY:
        return place - 3, Length(((1, "day"),)), False, "day"
    if last.word in _RIGHT:
        return place - 1, None, True, ""
    if last.word in ("day", "week", "month") and place > 1 and words[place - 2].word == "the":
        return place - 2, Length(((1, last.word),)), False, last.word
    matching = Matching(grammar(), text, words)
    for start in range(max(0, place - 6), place):
        length = matching.ends("length", start).get(place)
        if isinstance(length, Length):
            asked = start > 0 and words[start - 1].word in _ASKED
            return (place, None, False, "") if asked else (start, length, False, "")
    return place, None, False, ""


def _event(
    words: Sequence[Token], position: int, times: _Times, *, any_noun: bool, pair: bool = False
) -> _Event | None:
    """The name of an event from here on."""
    if position >= len(words):
        return None
    first = position
    owner = words[first].word.endswith("'s") and not words[first].tags
    article = words[first].word in _DETERMINERS
    if article:
        first += 1
    if article and words[position].word in _OWNERS and first in times:
        end, term = times[first]
        if isinstance(term, At) and isinstance(term.time, Clock):
            return _Event(first, _further(words, end, times), at=term)
    run = first
    while run < len(words) and run - first < 2 * _LONGEST and _in_name(words, run, first):
        run += 1
    for end in range(run, first, -1):
        closes = end >= len(words) or not _in_name(words, end, first) or end in times
        head = _compound(words, end, first)
        meal = head in MEALS and not article and not owner and not any_noun
        if closes and head in EVENTS and (article or owner or (head in BARE and end - first == 1)):
            further = _further(words, end, times)
            # "Before lunch" alone is a time of day; before lunch with somebody is not.
            if not meal or further > end or pair:
                return _Event(first, further)
            return None
        if closes and end == run and any_noun and (article or owner) and head not in NO_EVENTS:
            return None if words[end - 1].tags else _Event(first, _further(words, end, times))
    return None


def _behind(words: Sequence[Token], opening: int) -> _Event | None:
    """The event that stands right in front of a place: "the board meeting, and" ."""
    end = opening
    while end and words[end - 1].word in (",", "-", "and", "or", "on", "but"):
        end -= 1
    if not event_before(words, opening):
        return None
    first = end - 1
    while first and end - first < _LONGEST and words[first - 1].word not in _DETERMINERS:
        if not _in_name(words, first - 1, first - 1) or words[first - 1].sentence != words[opening].sentence:
            return None
        first -= 1
    return _Event(first, end) if first and words[first - 1].word in _DETERMINERS else None


def _in_name(words: Sequence[Token], place: int, first: int) -> bool:
    token = words[place]
    if token.word == "-":
        return not token.apart and place > first
    joined = place > first + 1 and words[place - 1].word == "-" and not token.apart
    return token.sentence == words[first].sentence and (
        joined or (token.word not in STOPS and token.word[0] not in _BREAKS and token.word != "'")
    )


def _compound(words: Sequence[Token], end: int, first: int) -> str:
    """The last word of a name, with what hyphens join to it."""
    place = end - 1
    while place - 2 >= first and words[place - 1].word == "-" and not words[place].apart:
        place -= 2
    return "".join(word.word for word in words[place:end])


def _further(words: Sequence[Token], end: int, times: _Times) -> int:
    """The end of the name with what belongs to its noun: "with Bo and Ana", "about pricing", "to Porto"."""
    if end >= len(words):
        return end
    joint = words[end].word
    travels = joint in ("to", "from") and words[end - 1].word in TRAVEL
    if end in times or not (joint in ("with", "about", "of") or travels):
        return end
    place = end + 1
    while True:
        place += place < len(words) and words[place].word in (*_DETERMINERS, "a", "an")
        begin = place
        while (
            place < len(words) and place - begin < 3 and place not in times and _in_name(words, place, begin)
        ):
            if travels and not words[place].capital:
                break
            place += 1
        if place == begin:
            return end
        end = place
        listed = place + 1 < len(words) and words[place].word == "and" and words[place + 1].capital
        if joint != "with" or not listed or place + 1 in times:
            return end
        place += 1


def _text(text: str, words: Sequence[Token], event: _Event) -> str:
    return " ".join(text[words[event.first].start : words[event.end - 1].end].split())


def beside(term: AtEvent, scope: Scope, *, span: tuple[int, int], text: str) -> Reading:
    """The reading of a time that hangs on an event."""
    at = extents(term.at, scope)[0].start if term.at is not None else None
    anchor = Anchor(term.words, term.span, term.relation, other=term.other, at=at)
    length, start, end = term.length, None, at if term.relation == "before" else None
    if term.unit or (length is not None and whole_days(length)):
        parts = length.parts if length is not None else ()
        days = sum(
            amount * {"week": 7, "fortnight": 14}.get(unit, 1)
            for amount, unit in parts
            if unit not in _MONTHS
        )
        months = sum(amount * _MONTHS.get(unit, 0) for amount, unit in parts)
        working = any(unit == "business" for _, unit in parts)
        anchor = replace(anchor, days=int(days), months=int(months), working=working)
        return Reading(span, text, "interval", grain=term.unit or "day", anchor=anchor)
    if length is not None:
        anchor = replace(anchor, seconds=seconds(length))
        start = _away(at, anchor) if term.relation == "before" else None
        grain = "second" if smallest(length) == "second" else "minute"
        return Reading(span, text, "instant", start, grain=grain, anchor=anchor)
    if term.right:
        return Reading(span, text, "instant", end, grain="minute", anchor=anchor)
    return Reading(span, text, "interval", start, end, "minute", anchor=anchor)


def _away(at: datetime | None, anchor: Anchor) -> datetime | None:
    return (at.astimezone(UTC) - timedelta(seconds=anchor.seconds)).astimezone(at.tzinfo) if at else None
