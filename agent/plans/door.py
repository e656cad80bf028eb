"""Plans at the doors: shown without being run, and run as somebody handed them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from deskhand.agent import shapes
from deskhand.agent.owner import Refusal
from deskhand.agent.runs.door import Tell, telling

if TYPE_CHECKING:
    from deskhand.agent.app import App

SHOWN = 5
"""Faults told at once."""


def planned(app: App, *, text: str) -> dict[str, Any]:
    """The plan for a wish, as data and as a tree, and how well the wish was read. Nothing is done, and no
    run begins."""
    from deskhand.agent.plans.language import Unclear
    from deskhand.agent.plans.tree import to_tree
    from deskhand.connectors.operations import OPERATIONS

    read = app.read(text)
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
        "plan": made.model_dump(mode="json") | {"hash": made.hash},
        "tree": to_tree(made, writes=frozenset(OPERATIONS)),
    }  # fmt: skip


def run_plan(
    app: App, *, plan: Mapping[str, Any], yes: bool = False, approve: Any = None, wait: float | None = None,
    watch: Tell | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Carry out a plan as it stands; its writes are weighed and asked about like any other.

    :raises Refusal: it is no plan, or cannot be carried out; the sentence says which step, which field and
        what to write instead.
    """
    from deskhand.agent.plans.form import misfits
    from deskhand.agent.plans.language import Plan
    from deskhand.agent.plans.validate import faults

    try:
        made = Plan.model_validate(dict(plan))
    except ValidationError as error:
        raise Refusal(_told([str(f) for f in misfits(plan, error)])) from None
    if found := faults(made):
        raise Refusal(_told([str(f) for f in found]))
    return shapes.run(app.ask(made, approve=True if yes else approve, wait=wait, watch=telling(watch)))


def _told(wrong: list[str]) -> str:
    more = f"\n(and {len(wrong) - SHOWN} more)" if len(wrong) > SHOWN else ""
    return "This plan cannot be carried out, so nothing was done:\n" + "\n".join(wrong[:SHOWN]) + more
