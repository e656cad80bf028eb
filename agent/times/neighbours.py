"""What times that stand beside each other share: "Tuesday or Wednesday at 3", "July 17th, 18th or 19th"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from deskhand.agent.times.guards import allowed, moved
from deskhand.agent.times.lex import Token
from deskhand.agent.times.lexicon import named
from deskhand.agent.times.match import Matching
from deskhand.agent.times.terms import (
    At,
    Clock,
    Date,
    Either,
    Hours,
    Nth,
    Part,
    Shift,
    Term,
    Unit,
    Weekday,
    Year,
)

Found = tuple[int, int, Term]
"""The places of the first token and the one after the last, and what they mean."""

_JOINTS = frozenset({"or", "and", ",", "/", "&"})
# "Tuesday works, but after 3": what may stand between a day and what is added about it.
_ADDED = named(
    "works work is are suits fits would will good fine great ok okay best better better for me us , ; - "
    "but only and though if it's so not though sounds looks perfect possible i can do"
)


def other(matching: Matching, words: Sequence[Token], match: Found) -> list[Found]:
    """A time, and what follows it that is a time in this company only; none without one.

    "Monday at 9 or 11", "at 3 or 4 on Friday", "the 22nd, 23rd or 30th", "in 2027 and 2028",
    "this week or next".
    """
    start, end, term = match
    at = isinstance(term, At) and (
        isinstance(term.time, Clock) or (term.time is None and isinstance(term.day, Date))
    )
    after = end
    while after - end < 2 and after < len(words) and words[after].word in _JOINTS:
        after += 1
    if moved(words, start) and after < len(words) and words[after].word == "to":
        after += 1
    if not (at or isinstance(term, Year | Unit)) or after == end or after >= len(words):
        return []
    joint = words[after - 1].word
    for finish, value in sorted(matching.ends("other", after).items(), reverse=True):
        pair = _pair(term, value, joint)
        place = after if at else start  # alone it is a number, or a word like any other
        if pair is not None and allowed(words, place, finish, pair[1]):
            return [(start, end, pair[0]), (after, finish, pair[1])]
    return []


def _pair(one: Term, two: object, joint: str) -> tuple[Term, Term] | None:
    """Both times, with what each has of the other."""
    if isinstance(one, Year) and isinstance(two, Year):
        return one, two
    if isinstance(one, Unit) and isinstance(two, int) and joint in ("or", "and"):
        return one, Unit(one.unit, two)
    if not isinstance(one, At) or not isinstance(two, At):
        return None
    if isinstance(one.time, Clock) and two.time is not None and joint == "to":
        return one, two
    if isinstance(one.time, Clock) and two.time is not None and joint == "or":
        first, second = replace(one, day=one.day or two.day), replace(two, day=two.day or one.day)
        return _same_clocks(first, two), _same_clocks(second, one)
    day, date = two.day, one.day
    if one.time is None and two.time is None and isinstance(day, Date) and isinstance(date, Date):
        return one, At(replace(day, month=date.month, year=date.year) if day.month is None else day)
    return None


def shared(words: Sequence[Token], found: list[Found]) -> list[Found]:
    """What neighbours share: "Tuesday or Wednesday at 3", "Monday at 9 or 11", "Mon or Tue next week"."""
    made = list(found)
    for index in range(len(made) - 1):
        _, end, one = made[index]
        later, finish, two = made[index + 1]
        if isinstance(one, At) and isinstance(two, At):
            if _joined(words, end, later):
                made[index + 1] = (later, finish, _same_clocks(_forward(one, two), one))
            elif _added(words, end, later) and one.time is None and two.day is None:
                made[index + 1] = (later, finish, replace(two, day=one.day))
    for index in range(len(made) - 1):
        _, end, one = made[index]
        later, finish, two = made[index + 1]
        if end != later or not isinstance(one, Unit) or not isinstance(two, At) or two.day is not None:
            continue
        if one.unit in ("month", "year") and one.shift > 0:
            # "Next month at 6pm": on any of its days, or a task for its first.
            made[index + 1] = (later, finish, Either((two, replace(two, day=Nth(1, None, one)))))
    for index in range(len(made) - 2, -1, -1):
        start, end, one = made[index]
        later, _, two = made[index + 1]
        if isinstance(one, At) and isinstance(two, At) and _joined(words, end, later):
            back = _backward(one, two, either=words[later - 1].word == "or")
            made[index] = (start, end, _same_clocks(back, two))
    return made


def _joined(words: Sequence[Token], end: int, later: int) -> bool:
    between = [word.word for word in words[end:later]]
    return 0 < len(between) < 3 and _JOINTS.issuperset(between)


def _added(words: Sequence[Token], end: int, later: int) -> bool:
    between = [word.word for word in words[end:later]]
    return len(between) < 9 and _ADDED.issuperset(between) and bool({"but", "only", "if"} & set(between))


def _forward(one: At, two: At) -> At:
    """What the first says and the second leaves open."""
    if two.day is None and one.day is not None and one.time is not None:
        return replace(two, day=one.day)
    if _in_week(one.day) and isinstance(two.day, Weekday) and not two.day.which:
        week = two.day.week or cast(Weekday, one.day).week
        return replace(two, day=replace(two.day, week=week))
    return two


def _backward(one: At, two: At, *, either: bool) -> At:
    """What the second says and the first leaves open."""
    day, time = one.day, one.time
    if day is None and isinstance(time, Clock) and isinstance(two.time, Clock) and either:
        return replace(one, day=two.day)  # "3pm or 4pm tomorrow"
    if not isinstance(day, Weekday | Shift | Date):
        return one
    if _in_week(two.day) and isinstance(day, Weekday) and not day.which and day.week is None:
        day = replace(day, week=cast(Weekday, two.day).week)
    if isinstance(day, Date) and isinstance(two.day, Date) and day.month is None:
        day = replace(day, month=two.day.month, year=two.day.year)
    if time is None and two.day is not None and isinstance(two.time, Clock | Part | Hours):
        time = two.time
    return At(day, time)


def _same_clocks(one: At, other: At) -> At:
    """A time where the clocks are that were named for its neighbour: "3pm or 4pm Tokyo time"."""
    here, there = one.time, other.time
    if (
        isinstance(here, Clock)
        and isinstance(there, Clock)
        and there.zone
        and not here.zone
        and not here.named
    ):
        return replace(one, time=replace(here, zone=there.zone))
    return one


def _in_week(day: object) -> bool:
    return isinstance(day, Weekday) and day.week is not None
