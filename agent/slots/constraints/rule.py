"""A rule: what it is called, the starts it bars, and the ways in which it could give way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from deskhand.agent.slots.intervals.spans import Span, Spans, holding, touching, without
from deskhand.agent.slots.model import Availability

_GIVE = (60, 120, 180)
"""Minutes by which a clock rule gives way, tried in turn: the nearest time is the kindest."""


class Cut(NamedTuple):
    """Starts that are barred: those in `spans`, and up to `lead` minutes before each of them."""

    spans: Spans
    lead: int = 0


Bars = Callable[[int], Cut]
"""The starts that are barred to a meeting of so many minutes."""
Ways = tuple[tuple[str, Bars], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by what the person would call it, and the starts at which a meeting breaks it.

    A longer meeting breaks at least what a shorter one breaks at the same start.
    """

    name: str
    bars: Bars
    ways: Ways = ()
    """How it could give way: "if ..." and what it would bar then, from the smallest step on."""
    person: Availability | None = None

    def barred(self, minutes: int) -> Spans:
        """The starts at which a meeting of so many minutes breaks it."""
        spans, lead = self.bars(minutes)
        return touching(spans, lead + 1)


def leave(rules: Iterable[Rule], within: Span, minutes: int) -> Spans:
    """The starts that all rules leave to a meeting of so many minutes within the window."""
    return thinned(holding([within], minutes), rules, minutes)


def thinned(starts: Spans, rules: Iterable[Rule], minutes: int) -> Spans:
    """Those of `starts` at which a meeting of so many minutes breaks none of the rules."""
    applied: dict[tuple[int, int], Spans] = {}
    for rule in rules:
        if not starts:
            break
        spans, lead = rule.bars(minutes)
        # People who share their hours share one cut. What was applied is kept, so that its id stays its own.
        if (id(spans), lead) not in applied:
            applied[id(spans), lead] = spans
            starts = without(starts, spans, lead=lead)
    return starts


def nothing(_minutes: int) -> Cut:
    return Cut([])


def closed(spans: Spans) -> Bars:
    """No minute of the meeting may lie in these."""
    return lambda minutes: Cut(spans, minutes - 1)


def starting(spans: Spans) -> Bars:
    """The meeting may not begin in these."""
    cut = Cut(spans)
    return lambda _minutes: cut


def giving(words: str, closed: Callable[[int], Spans]) -> Ways:
    return tuple((words, lambda minutes, g=give: Cut(closed(g), minutes - 1)) for give in _GIVE)
