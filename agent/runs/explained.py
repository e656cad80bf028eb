"""One write of a run, held against the policy row by row: what was judged, how, and how it would be now."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from deskhand.agent.labels import labels_from
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Step
from deskhand.agent.runs.footing import Footing
from deskhand.agent.runs.questions import Questions
from deskhand.agent.trust.approvals import Refused
from deskhand.agent.trust.policy import judge, looked_at
from deskhand.connectors.model import Label
from deskhand.connectors.operations import OPERATIONS, Operation, operation


def explained(on: Footing, name: str) -> dict[str, Any]:
    """How a write is judged now, by which rows, and how it was. Plain JSON.

    :raises Refused: the run has no such step, it writes nothing, or what it would write is not known.
    """
    step = _step(on, name)
    try:
        op, labels = _write(on, step)
    except (Unresolved, ValidationError) as error:
        why = str(error) if isinstance(error, Unresolved) else "what it rests on is kept no more"
        raise Refused(f"What {name} of {on.progress.run.id} would write is not known: {why}.") from None
    facts = Questions(on).facts(step, op)
    verdict = judge(op, labels, facts, on.policy)
    events = on.tools.records.events(on.progress.run.id)
    return {
        "run": on.progress.run.id,
        "step": name,
        "operation": op.name,
        "arguments": [_argument(n, v, labels.get(n, Label())) for n, v in op.arguments().items() if v],
        "rows": [
            {
                "row": looked.row.id, "then": looked.row.then, "fits": looked.fits,
                "conditions": [{"condition": phrase, "holds": holds} for phrase, holds in looked.held],
            }
            for looked in looked_at(op, labels, facts, on.policy)
        ],
        "now": {"outcome": verdict.outcome, "rule": verdict.rule, "why": verdict.why},
        "recorded": [
            {
                "at": e.at.isoformat(), "outcome": e.data["outcome"], "rule": e.data["rule"],
                "same_rules": e.data.get("policy", "") == verdict.policy,
            }
            for e in events
            if e.type == "weighed" and e.data.get("step") == name
        ],
    }  # fmt: skip


def _step(on: Footing, name: str) -> Step:
    run, steps = on.progress.run.id, on.progress.steps
    step = next((s for s in steps if s.id == name), None)
    writes = ", ".join(s.id for s in steps if s.op in OPERATIONS) or "none"
    if step is None:
        raise Refused(f"{run} has no step {name!r}. Its writes: {writes}.")
    if step.op not in OPERATIONS:
        raise Refused(f"{name} of {run} writes nothing, so it is not judged. Its writes: {writes}.")
    return step


def _write(on: Footing, step: Step) -> tuple[Operation, dict[str, Label]]:
    """The write as it was carried out, else as it was asked about, else as it would be."""
    asked = [a for a in on.tools.records.approvals(run=on.progress.run.id) if a.step == step.id]
    done = [e.arguments for e in on.effects if e.step == step.id]
    if asked:
        arguments = done[-1] if done else asked[-1].arguments
        return operation(step.op, arguments), labels_from(asked[-1].origins)
    op, labels = Questions(on).resolved(step)
    return (operation(step.op, done[-1]) if done else op), labels


def _argument(name: str, value: Any, label: Label) -> dict[str, Any]:
    readers = None if label.readers is None else list(label.readers)
    return {
        "name": name, "value": value, "trust": label.trust, "origins": list(label.origins), "readers": readers
    }  # fmt: skip
