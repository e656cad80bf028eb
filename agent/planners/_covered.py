"""Which writes of a model's plan the person's own words cover, by two witnesses that no model can bend.

The rules read the same words: a write that they do not plan at all was not asked for in so many words. What
chooses it (what is looked for, who, which title, which place) must stand in the words, or in the rules' plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deskhand.agent.planners._drafted import Words
from deskhand.agent.plans.language import (
    Contains,
    Equals,
    Every,
    Not,
    Plan,
    Predicate,
    Ref,
    Some,
    Step,
    Unclear,
)
from deskhand.agent.plans.references import as_ref, needs, references
from deskhand.connectors.operations import OPERATIONS

_CHOOSE = frozenset({
    "about", "person", "people", "question", "title", "path", "folder", "called", "location", "description",
    "text", "item", "ref", "request", "name",
})  # fmt: skip
"""Arguments that choose what is written or what it is written to; times and switches say when and how."""


def uncovered(plan: Plan, source: Words, by_rules: Plan | Unclear) -> list[str]:
    """Ids of the writes in a model's plan that the person's words do not cover, in the order of the plan."""
    rules = by_rules.steps if isinstance(by_rules, Plan) else ()
    theirs = {s.id: s for s in rules}
    known = {leaf.casefold() for s in rules for leaf in _chosen(s.args)}
    choosing = {s.op for s in rules if _chooses(s, theirs)}
    # What always chooses where the rules read the words: without words of its own it takes all there is.
    looks = (
        {s.op for s in rules if any(_of(s))} - {s.op for s in rules if not any(_of(s))} - OPERATIONS.keys()
    )
    asked = {s.op for s in rules}
    mine = {s.id: s for s in plan.steps}
    found = []
    for step in plan.steps:
        if step.op not in OPERATIONS:
            continue
        said = all(leaf.casefold() in known or source.names(leaf) for leaf in _chooses(step, mine))
        # Where the rules name what is meant, a plan that takes everything there is is not what was said; nor
        # is one that names it in a step which it only waits for.
        made_of = [mine[id_] for id_ in _resting(step, mine, _data)]
        all_there_is = not any(any(_of(s)) for s in made_of) or any(
            s.op in looks and not any(_of(s)) for s in made_of
        )
        if step.op not in asked or not said or (all_there_is and step.op in choosing):
            found.append(step.id)
    return found


def _chooses(step: Step, steps: Mapping[str, Step]) -> set[str]:
    """What chooses this step's writes: its own words, those of all steps that it rests on or waits for."""
    resting = _resting(step, steps, lambda one: {*needs(one), *_data(one)})
    return {leaf for id_ in resting for leaf in _of(steps[id_])}


def _resting(step: Step, steps: Mapping[str, Step], on: Callable[[Step], set[str]]) -> set[str]:
    """Ids of a step and of all that it rests on."""
    found: set[str] = set()
    left = [step.id]
    while left:
        if (id_ := left.pop()) in steps and id_ not in found:
            found.add(id_)
            left += on(steps[id_])
    return found


def _data(step: Step) -> set[str]:
    """Ids of the steps out of which its arguments are made, or those of what may be done in its place."""
    beside = step.fallback.args if step.fallback is not None else {}
    return {r.ref for given in (step.args, step.for_each, beside) for r in references(given)}


def _of(step: Step) -> Iterator[str]:
    """What chooses in one step: its arguments, those of what may be done in its place, its list."""
    yield from _chosen(step.args)
    if step.fallback is not None:
        yield from _chosen(step.fallback.args)
    yield from _picked(step.for_each)


def _picked(ref: Ref | None) -> Iterator[str]:
    """The words by which a reference picks some of a list."""
    left: list[Predicate] = [ref.where] if ref is not None and ref.where is not None else []
    while left:
        match left.pop():
            case Every(of=of) | Some(of=of):
                left += of
            case Not(of=one):
                left.append(one)
            case Equals(value=str() as said) | Contains(value=str() as said) if said.strip():
                yield said.strip()
            case _:
                pass


def _chosen(value: Any, name: str = "") -> Iterator[str]:
    """Texts in arguments that choose, addresses wherever they stand."""
    if (ref := as_ref(value)) is not None:
        yield from _picked(ref)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _chosen(inner, "people" if key == "address" else key)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _chosen(inner, name)
    elif isinstance(value, str) and value.strip() and name in _CHOOSE:
        yield value.strip()
