"""Two readers, one plan: what becomes of a wish that the grammar and the second reader see differently.

The grammar knows what words mean and guesses nothing; `likeness` has seen thousands of wordings and knows
none for certain. A plan is made where both make the same of a wish, or where the second is sure and the
grammar makes a sound plan of its plain words. Else it is asked, with the plain words to choose from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deskhand.agent.planners.likeness.reader import Likely
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.connectors.operations import OPERATIONS

READS, WRITES = 0.6, 0.8
"""So sure the second reader has to be of a plan that only looks, of one that changes something. Measured, see
docs/plans.md."""
PARTS, PARTS_UNSURE = 0.9, 0.4
"""So sure it has to be of a part of a wish that the grammar reads otherwise; less sure it does not even doubt
the grammar's."""
STRANGE = 0.8
"""What each word that no wording holds outside its slots takes off."""
NOT_UNDERSTOOD = "I did not understand"
"""How the answer to a wish begins of which nothing was made."""
_OFFERED = 0.1
"""A reading that is less likely is not offered."""
_HARDLY = 0.3
"""So likely a reading is that the grammar's, which read every word, is taken for it."""
_MOST = 3
_TOLD = frozenset({"purpose", "template", "makes_room", "every", "question"})
"""Arguments that repeat the words of a wish."""

Planned = Callable[[Likely], Plan | Unclear | None]


@dataclass(frozen=True, slots=True)
class Settled:
    """What was made of a wish in the end."""

    plan: Plan | Unclear
    second: Likely | None = None
    """The reading it was taken from, where that is the second reader's."""


def sure(one: Likely) -> float:
    """How sure the second reader is of a reading, 0 to 1."""
    return one.share * one.held * STRANGE ** len(one.strange)


def settled(
    words: str,
    made: Plan | Unclear,
    heard: Sequence[Likely],
    planned: Planned,
    *,
    part: bool = False,
    exact: Collection[str] = (),
) -> Settled:
    """What becomes of a wish.

    :param made: what the grammar makes of it.
    :param heard: what the second reader takes it for, the likeliest first.
    :param planned: the plan of a reading's plain words; None where it has none.
    :param exact: goals of the second reader that the grammar read the wish as, with no word left unread: of
        two plans that come to the same its own is the more exact.
    :param part: it is part of a wish, and was said in fewer words than a whole one: the grammar's plan
        stands where the second reader is not quite sure of another.
    """
    if not heard or (isinstance(made, Unclear) and not made.lacking):
        return Settled(made)
    readings = [_Reading(one, sure(one), planned(one)) for one in heard]
    likely = [r for r in readings if isinstance(r.plan, Plan) or r.goal == "none"]
    best = max(likely, key=lambda r: r.sure, default=None)
    if isinstance(made, Plan):
        if best is not None and best.told and tidier(best.told, made):
            return Settled(best.told.model_copy(update={"request": words}), best.likely)
        if _agreed(made, [readings[0], *([best] if best else [])], exact):
            return Settled(made)
        if exact and _hardly_doubted(made, readings, exact):
            return Settled(made)
    against = (
        isinstance(made, Plan) and best is not None and (best.likely.turned or (part and best.sure < PARTS))
    )
    if best is not None and best.told and not against:
        return Settled(best.told.model_copy(update={"request": words}), best.likely)
    if isinstance(made, Plan):
        one = heard[0].goal not in ("several", "conditional")
        if best is None and ((exact and one) or readings[0].sure < WRITES):
            return Settled(made)  # the second reader has a name for it at most, and no plan
        unsure = best is None or best.sure < PARTS_UNSURE
        if part and (exact or unsure or not _writes(made)):
            return Settled(made)
    elif NOT_UNDERSTOOD not in made.message:
        return Settled(made)
    return Settled(_question(made, readings))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the second reader takes a wish for, and what the grammar makes of that."""

    likely: Likely
    sure: float
    plan: Plan | Unclear | None

    @property
    def goal(self) -> str:
        return self.likely.goal

    @property
    def told(self) -> Plan | None:
        """The plan, where it is sure enough to be carried out without a question."""
        if not isinstance(self.plan, Plan):
            return None
        if _writes(self.plan):
            return self.plan if self.sure >= WRITES and not self.likely.turned else None
        return self.plan if self.sure >= READS else None


def _agreed(made: Plan, readings: Sequence[_Reading], exact: Collection[str]) -> bool:
    """Whether a reading comes to what the grammar made, or the grammar's plan is the more exact of two."""
    return any(
        isinstance(r.plan, Plan) and (says_all(made, r.plan) or (r.goal in exact and _does(made, r.plan)))
        for r in readings
    )


def _hardly_doubted(made: Plan, readings: Sequence[_Reading], exact: Collection[str]) -> bool:
    """Whether a plan of the grammar that has a place for every word stands: the second reader thinks of it
    too, or is lost in those words, or sees no wish in them and is not sure, or would book what is looked for.
    """
    first = readings[0]
    return (
        any(r.goal in exact and r.sure >= _HARDLY for r in readings)
        or (bool(first.likely.strange) and first.sure < READS)
        or (first.goal == "none" and first.sure < WRITES)
        or any(_only_looks(made, r.plan) for r in readings)
    )


def _question(made: Plan | Unclear, readings: Sequence[_Reading]) -> Unclear:
    """The question whether it is one of the readings."""
    offers = (r.likely.plain for r in readings if isinstance(r.plan, Plan) and r.sure >= _OFFERED)
    choices = tuple(dict.fromkeys(o for o in offers if o))[:_MOST]
    if isinstance(made, Unclear) and readings[0].likely.turned and choices:
        return Unclear(
            message="I am not sure that this is to be done, so nothing was done. If it is, say it so:",
            choices=choices,
        )
    if isinstance(made, Unclear):
        return made.model_copy(update={"choices": choices}) if choices else made
    how = "Is it one of these?" if choices else "Say it in other words, please."
    return Unclear(message=f"I am not sure what you want, so nothing was done. {how}", choices=choices)


def says_all(one: Plan, other: Plan) -> bool:
    """Whether a plan does the same as another, and perhaps keeps to more of what was said."""
    return _ops(one) == _ops(other) and all(
        all(_told(a).get(n) == v for n, v in _told(b).items())
        for a, b in zip(one.steps, other.steps, strict=True)
    )


def tidier(one: Plan, other: Plan) -> bool:
    """Whether a plan says what another says, and only takes less of the words for a name or a text."""
    if _ops(one) != _ops(other):
        return False
    told = [(_told(a), _told(b)) for a, b in zip(one.steps, other.steps, strict=True)]
    differ = [(n, a.get(n), v) for a, b in told for n, v in b.items() if a.get(n) != v]
    return any(n != "title" for n, _, _ in differ) and all(_within(part, text) for _, part, text in differ)


def _within(part: Any, text: Any) -> bool:
    return isinstance(part, str) and isinstance(text, str) and bool(part) and f" {part} " in f" {text} "


def _ops(made: Plan) -> list[str]:
    """What its steps do; when somebody is free is found by two, and is one question."""
    ops = [s.op for s in made.steps]
    return [*ops[:-1], "free"] if ops[-1] in ("slots.find", "calendar.free") else ops


def _does(one: Plan, other: Plan) -> bool:
    """Whether a plan changes what another changes, or tells what it tells."""
    acts, others = ({s.op for s in p.steps if _acting(s)} for p in (one, other))
    return acts >= others if acts else not others and _ops(one)[-1:] == _ops(other)[-1:]


def _only_looks(one: Plan, other: Plan | Unclear | None) -> bool:
    """Whether a plan shows the times at which another would book."""
    times = [
        {s.op for s in p.steps if s.op.startswith("slots.")} for p in (one, other) if isinstance(p, Plan)
    ]
    return len(times) > 1 and bool(times[0] & times[1]) and not _writes(one)


def _told(step: Step) -> Mapping[str, Any]:
    when = step.when.model_dump() if step.when is not None else None
    return {"when": when, **{n: _plain(v) for n, v in step.args.items() if n not in _TOLD}}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split()).casefold().rstrip(".!?")
    if isinstance(value, Mapping):
        return {n: _plain(v) for n, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def _writes(made: Plan) -> bool:
    return any(map(_acting, made.steps))


def _acting(step: Step) -> bool:
    return step.op in OPERATIONS or step.op.startswith("schedule.")
