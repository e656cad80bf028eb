"""Every executed write of a run as data: what was done where, whose words it is made of, what allowed it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import AwareDatetime, ValidationError

from deskhand.agent.endorsers import worked_out
from deskhand.agent.labels import labels_from, plain
from deskhand.agent.model import Approval, Effect, EffectState, Run
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Step
from deskhand.agent.records.state import Records
from deskhand.agent.runs.references import resolve
from deskhand.agent.runs.spread import spread
from deskhand.agent.values import Value
from deskhand.connectors.model import Label
from deskhand.connectors.operations import operation

HAPPENED: frozenset[EffectState] = frozenset({"done", "undone", "unknown"})
"""States of an effect that changed something at a source, or may have."""


class Written(Value):
    """One write that a source carried out."""

    run: str
    step: str
    operation: str
    source: str
    arguments: dict[str, Any]
    """The final ones, as they went to the source."""
    origins: dict[str, dict[str, Any]]
    """The label of each argument that the plan gives, as JSON: {"trust", "origins", "readers"}. One that can
    no longer be told is missing, which means untrusted."""
    state: EffectState
    """done; undone: it was, and was taken back; unknown: whether it happened nobody can say."""
    receipt: dict[str, Any] | None
    """Read back from the source: ref, version, detail."""
    rule: str
    """The rule of the policy that let it through, or had it asked."""
    approval: str = ""
    """The question that was answered with yes; "": nobody was asked."""
    by: str = ""
    """Who said yes."""
    at: AwareDatetime


def written(records: Records, run: Run) -> list[Written]:
    """What a run did at its sources, in the order it was done."""
    weighed: dict[str, str] = {}
    for event in records.events(run.id):
        # What was asked stays so: after the yes it is weighed once more, by the same rules.
        if event.type == "weighed" and event.data["outcome"] != "deny":
            weighed.setdefault(event.data["step"], event.data["rule"])
    agreed = {a.step: a for a in run.approvals if a.kind == "write" and a.state == "used"}
    steps = _steps(records, run)
    made = [e for e in run.effects if e.state in HAPPENED]
    return [
        _written(effect, weighed, agreed.get(effect.step), _labels(records, run, effect, steps))
        for effect in sorted(made, key=lambda e: e.at)
    ]


def _written(
    effect: Effect, weighed: Mapping[str, str], approval: Approval | None, labels: dict[str, dict[str, Any]]
) -> Written:
    return Written(
        run=effect.run, step=effect.step, operation=effect.operation, source=effect.source,
        arguments=effect.arguments, origins=approval.origins if approval is not None else labels,
        state=effect.state, receipt=effect.receipt, rule=weighed.get(effect.step, ""), at=effect.at,
        approval=approval.id if approval is not None else "",
        by=approval.decision.by if approval is not None and approval.decision is not None else "",
    )  # fmt: skip


def _steps(records: Records, run: Run) -> dict[str, Step]:
    """The steps that were carried out, by their ids, those over a list once for each element."""
    if run.plan is None:
        return {}
    planned = (*run.plan.steps, *(run.amends.steps if run.amends is not None else ()))
    return {s.id: s for s in spread(planned, records.steps(run.id))}


def whose(records: Records, effect: Effect) -> dict[str, Label]:
    """The labels of the arguments of a write, done or not: as it was asked about, else worked out anew.

    That of an argument which is not what they were made for is missing: nobody knows it. So is that of a text
    that was told otherwise for others (`for_others`): a missing label counts as a stranger's, never as the
    person's.
    """
    run = records.run(effect.run)
    if run is None:
        return {}
    given = effect.arguments
    for asked in reversed(run.approvals):
        if (asked.step, asked.operation) == (effect.step, effect.operation):
            return _same(given, asked.arguments, labels_from(asked.origins))
    with suppress(KeyError, Unresolved, ValidationError):
        values, labels = resolve(_steps(records, run)[effect.step], records.steps(run.id))
        op = operation(effect.operation, {n: v for n, v in values.items() if v is not None})
        # What nobody said is the operation's own default, and nobody's text.
        return _same(given, op.arguments(), dict.fromkeys(op.arguments(), worked_out()) | labels)
    return {}


def agreed(records: Records, effect: Effect) -> bool:
    """Whether a person said yes to this very write: on its card, or beforehand (--yes)."""
    run = records.run(effect.run)
    return run is not None and any(
        (a.kind, a.state, a.step, a.operation) == ("write", "used", effect.step, effect.operation)
        and _same(effect.arguments, a.arguments, dict.fromkeys(effect.arguments, Label())).keys()
        == effect.arguments.keys()
        for a in run.approvals
    )


def _same(
    given: Mapping[str, Any], known: Mapping[str, Any], labels: Mapping[str, Label]
) -> dict[str, Label]:
    return {n: labels[n] for n, v in given.items() if n in labels and known.get(n) == v}


def _labels(
    records: Records, run: Run, effect: Effect, steps: Mapping[str, Step]
) -> dict[str, dict[str, Any]]:
    """Worked out anew from what the steps left, as it was before the write."""
    with suppress(KeyError, Unresolved):
        return plain(resolve(steps[effect.step], records.steps(run.id))[1])
    return {}
