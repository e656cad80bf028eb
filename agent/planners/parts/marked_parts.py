"""The parts of a wish as the second reader marks them: clauses and conditions, no word of them read anew.

What stands between two slots says only how they hang together ("and then"); what a part leaves out because
the one before it says it is written out, as `elliptic` does for the grammar's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from deskhand.agent.planners.likeness.reader import Likely
from deskhand.agent.planners.parts.clauses import Clause, Conditional, Part, unfolded
from deskhand.agent.planners.parts.conjunctions import FRONT, THEN
from deskhand.agent.planners.parts.elliptic import with_verb

_IFS = {"if": False, "unless": True}
"""Slots that hold a condition, and whether it must not hold."""
_DENIES = re.compile(r"\b(?:not|no|otherwise|else|unless)\b|n['’]t\b", re.I)
_TRIMMED = " ,;.!?"

Nested = Callable[[str], Sequence[Part]]
"""What the grammar takes a part for that has a condition of its own."""


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str
    words: str
    joint: str = ""
    """What stands between it and the slot before it."""

    @property
    def follows(self) -> bool:
        """Whether it was said "then"."""
        return THEN.search(self.joint) is not None


def marked_parts(one: Likely, words: str, nested: Nested) -> tuple[Part, ...]:
    """The parts of a reading of several, or of a conditional one; none where they do not make a whole.

    :param words: the wish that was read.
    """
    slots = list(_slots(one, words))
    if one.goal == "several":
        return tuple(p for p in _parts(slots, nested, place=0)) if len(slots) > 1 else ()
    asked = [s for s in slots if s.name in _IFS]
    then = [s for s in slots if s.name == "then"]
    other = [s for s in slots if s.name == "else"]
    if len(asked) != 1 or not (then or other) or len(asked) + len(then) + len(other) < len(slots):
        return ()
    condition = asked[0]
    # Where a wish begins with its condition, whom it is about is looked for there first.
    place = 0 if then and slots.index(then[0]) < slots.index(condition) else 1
    negated = _IFS[condition.name]
    of_then, of_else = _parts(then, nested, place=place), _parts(other, nested, place=1)
    if not of_then:  # only what is to be done if not; "no word from him? then ..." is no "otherwise"
        denied = _DENIES.search(other[0].joint) is not None if other else False
        negated, of_then, of_else = negated is not denied, of_else, ()
    return (Conditional(condition.words, negated, of_then, of_else, (0, 0)),) if of_then else ()


def _slots(one: Likely, words: str) -> Iterator[_Slot]:
    """The slots in order."""
    at = 0
    for name, text in one.slots:
        start = words.find(text, at)
        yield _Slot(name, text.strip(_TRIMMED), words[at : max(start, at)] if at else "")
        at = start + len(text) if start >= 0 else at


def _parts(slots: Sequence[_Slot], nested: Nested, *, place: int) -> tuple[Part, ...]:
    made: list[Part] = []
    before = ""
    for slot in slots:
        said = with_verb(slot.words, before)
        if FRONT.match(said):
            made += nested(said)
            continue
        made += unfolded(Clause(said, (place, place), slot.follows))
        before = said
    return tuple(made)
