"""Plans at the doors: shown without being run, and run as somebody handed them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from deskhand.agent.desk import shapes
from deskhand.agent.desk.runs import Tell, telling
from deskhand.agent.errors import Refusal

if TYPE_CHECKING:
    from deskhand.agent.app import App
    from deskhand.agent.plans.language import Plan

SHOWN = 5
"""Faults told at once."""


def planned(app: App, *, text: str) -> dict[str, Any]:
    """The plan for a wish, as data and as a tree, and how well the wish was read. Nothing is done, and no
    run begins."""
    from deskhand.agent.plans.language import Unclear
    from deskhand.agent.plans.tree import to_tree
    from deskhand.connectors.operations import OPERATIONS

    tries: list[Mapping[str, Any]] = []
    read = app.read(text, told=tries.append)
    made = read.plan
    if isinstance(made, Unclear):
        said = {
            "status": "unclear",
            "answer": made.message,
            "choices": list(made.choices),
            "sure": None,
            "unread": [],
        }
        return {**said, "objective": "", "plan": None, "tree": []}
    return {
        "status": "done", "answer": "", "choices": [], "objective": made.objective,
        "sure": read.sure, "unread": list(read.unread),
        "plan": printed(made, [t for t in tries if t["outcome"] == "answered"]),
        "tree": to_tree(made, writes=frozenset(OPERATIONS)),
    }  # fmt: skip


def printed(plan: Plan, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A plan as JSON with its hash and, where a model or a planner of somebody else answered, `made_by`."""
    from deskhand.agent.runs.origin import MadeBy

    by = MadeBy.of(plan, answers)
    theirs = {"made_by": by.model_dump(mode="json")} if by is not None else {}
    return plan.model_dump(mode="json") | {"hash": plan.hash} | theirs


def run_plan(
    app: App, *, plan: Mapping[str, Any], yes: bool = False, approve: Any = None, wait: float | None = None,
    held: bool = True, watch: Tell | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Carry out a plan as it stands; its writes are weighed and asked about like any other.

    It counts as the person's own word, but for the steps that a model made and that are as it was printed.

    :raises Refusal: it is no plan, or cannot be carried out; the sentence says which step, which field and
        what to write instead.
    """
    from deskhand.agent.plans.form import DEEPEST, misfits, too_deep
    from deskhand.agent.plans.language import Plan
    from deskhand.agent.plans.validate import faults
    from deskhand.agent.runs.origin import MadeBy

    given = {n: v for n, v in plan.items() if n not in ("hash", "made_by")}
    if too_deep(given):
        raise Refusal(
            _told([f"It is nested too deep. Put at most {DEEPEST} tables and lists in one another."])
        )
    try:
        made = Plan.model_validate(given)
    except ValidationError as error:
        raise Refusal(_told([str(f) for f in misfits(given, error)])) from None
    try:
        by = MadeBy.model_validate(plan["made_by"]) if plan.get("made_by") is not None else None
    except ValidationError:
        raise Refusal(_told(["“made_by” is not as it was printed. Print the plan anew."])) from None
    if found := faults(made):
        raise Refusal(_told([str(f) for f in found]))
    run = app.ask(
        made, approve=True if yes else approve, wait=wait, held=held, watch=telling(watch), made_by=by
    )
    return shapes.run(run)


def _told(wrong: list[str]) -> str:
    more = f"\n(and {len(wrong) - SHOWN} more)" if len(wrong) > SHOWN else ""
    return "This plan cannot be carried out, so nothing was done:\n" + "\n".join(wrong[:SHOWN]) + more
