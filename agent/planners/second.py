"""Two readers, one plan: what becomes of a wish that the grammar and the second reader see differently.

The grammar knows what words mean and guesses nothing; `likeness` has seen thousands of wordings and knows
none for certain. A plan is made where both make the same of a wish, or where the second is sure and the
grammar makes a sound plan of its plain words. Else it is asked, with the plain words to choose from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deskhand.agent.planners.likeness.reader import Likely
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.connectors.operations import OPERATIONS

READS, WRITES = 0.5, 0.7
"""So sure the second reader has to be of a plan that only looks, of one that changes something. Measured, see
docs/plans.md."""
STRANGE = 0.8
"""What each word that no wording holds outside its slots takes off."""
NOT_UNDERSTOOD = "I did not understand"
"""How the answer to a wish begins of which nothing was made."""
_OFFERED = 0.1
"""A reading that is less likely is not offered."""
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
    words: str, made: Plan | Unclear, heard: Sequence[Likely], planned: Planned, *, stands: bool = False
) -> Settled:
    """What becomes of a wish.

    :param made: what the grammar makes of it.
    :param heard: what the second reader takes it for, the likeliest first.
    :param planned: the plan of a reading's plain words; None where it has none.
    :param stands: the grammar's plan stands where the second reader is not sure of another: both have agreed
        on each of its parts.
    """
    if not heard or (isinstance(made, Unclear) and not made.lacking):
        return Settled(made)
    plans = [(sure(one), one, planned(one)) for one in heard]
    best = max(
        (p for p in plans if isinstance(p[2], Plan) or p[1].goal == "none"), key=lambda p: p[0], default=None
    )
    first = plans[0][2]
    if isinstance(made, Plan) and isinstance(first, Plan) and alike(made, first):
        return Settled(made)
    if best is not None and isinstance(best[2], Plan) and best[0] >= (WRITES if _writes(best[2]) else READS):
        return Settled(best[2].model_copy(update={"request": words}), best[1])
    if stands and isinstance(made, Plan):
        return Settled(made)
    if isinstance(made, Unclear) and NOT_UNDERSTOOD not in made.message:
        return Settled(made)
    choices = tuple(dict.fromkeys(_offers(plans)))
    if isinstance(made, Unclear):
        return Settled(made.model_copy(update={"choices": choices[:_MOST]}) if choices else made)
    return Settled(
        Unclear(
            message="I am not sure what you want, so nothing was done. "
            + ("Is it one of these?" if choices else "Say it in other words, please."),
            choices=choices[:_MOST],
        )
    )


def alike(one: Plan, other: Plan) -> bool:
    """Whether two plans do the same."""
    return [(s.op, _told(s)) for s in one.steps] == [(s.op, _told(s)) for s in other.steps]


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


def _offers(plans: Sequence[tuple[float, Likely, Plan | Unclear | None]]) -> Iterator[str]:
    for how_sure, one, made in plans:
        if one.plain and isinstance(made, Plan) and how_sure >= _OFFERED:
            yield one.plain


def _writes(made: Plan) -> bool:
    return any(s.op in OPERATIONS or s.op.startswith("schedule.") for s in made.steps)
