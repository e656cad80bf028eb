"""How long something is to last: what a wish says in so many hours or minutes, its plan has to keep."""

from __future__ import annotations

import re

from deskhand.agent.planners.checks.asking import amiss, left_out
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10,
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60,
    "ninety": 90,
}  # fmt: skip
_LENGTH = re.compile(
    rf"(?<![\w.:-])(?P<many>\d{{1,3}}|{'|'.join(_NUMBERS)}) "
    r"(?:(?:quiet|free|undisturbed|uninterrupted|clear|solid|full|whole|good|straight|extra|spare|long) "
    r"){1,2}(?P<of>hours?|minutes?|mins?)\b",
    re.I,
)
"""A length with a word between its number and its unit, which is no reading of time by itself."""


_AN_HOUR = re.compile(
    r"\ban? (?!(?:half|quarter|lunch|rush|happy|office|working|opening|early|late|certain|fixed|good)\b)"
    r"\w+ hour\b"
    r"(?! (?:before|after|earlier|later))",
    re.I,
)
"""An hour of something: it lasts one."""
_USUAL = 30


def length_lost(request: Request, made: Plan) -> Unclear | None:
    """The question about a length that a plan which looks for a time, or books one, does not keep."""
    kept = {s.args.get("minutes") for s in made.steps if "minutes" in s.args}
    booked = any(s.op == "event.create" for s in made.steps)
    if booked and kept == {_USUAL} and (m := _AN_HOUR.search(request.original)) is not None:
        return amiss(f"I would book half an hour, and you said “{m.group()}”", "“for an hour”")
    if not kept or (m := _LENGTH.search(request.original)) is None:
        return None
    many = int(m["many"]) if m["many"].isdigit() else _NUMBERS[m["many"].casefold()]
    if many * (60 if m["of"].casefold().startswith("h") else 1) in kept:
        return None
    return left_out(m.group(), f"the length as “{m['many']} {m['of']}”")
