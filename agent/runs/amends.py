"""How a run takes back its own writes after a step has failed: what is laid down, and what is told of it.

Laid down once, before the first of it runs, out of what the ledger has; then its steps are steps of the run
like any other: weighed, asked about, carried out through the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from deskhand.agent.model import Amend, Amends, Effect
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.purpose import purpose_of
from deskhand.agent.records.state import StepState
from deskhand.agent.trust.undo import back_id, staying, steps_back


def lay_down(
    because: str, steps: Sequence[Step], effects: Sequence[Effect], *, done: Collection[str] = ()
) -> Amends:
    """What takes back what a run has done, the last first. Each write is tried, whatever becomes of another.

    :param steps: those of the run, one for each element of a list. :param done: the ids of those that are.
    :param effects: its ledger rows, in the order they were carried out.
    """
    by_id = {s.id: s for s in steps}
    prefix = "back_"
    while any(i.startswith(prefix) for i in by_id):
        prefix = f"go_{prefix}"
    made: list[Step] = []
    of: list[Amend] = []
    before: tuple[str, ...] = ()
    for n, effect in enumerate((e for e in reversed(effects) if e.state == "done"), 1):
        step = by_id.get(effect.step)
        amend = Amend(step=effect.step, effect=effect.key)
        if step is not None and (call := step.compensation) is not None:
            by = f"{prefix}instead{n}"
            purpose = f"make up for: {purpose_of(step)}"
            made.append(
                Step(id=by, op=call.op, args=call.args, origins=call.origins, after=before, purpose=purpose)
            )
            of.append(amend.model_copy(update={"by": by, "own": True}))
        elif effect.inverse is not None:
            by = back_id(f"{n}", prefix)
            made += steps_back(
                effect, f"{n}", beside=effects, prefix=prefix, after=before, origin="metadata", unheard=False
            )
            of.append(amend.model_copy(update={"by": by}))
        else:
            of.append(amend.model_copy(update={"why": staying([effect])}))
            continue
        before = (by,)
    of += [  # what this house keeps itself is in no ledger
        Amend(step=s.id, effect="", why="What was changed of schedules stays; see: deskhand schedule list")
        for s in steps
        if s.id in done and s.op.startswith("schedule.") and s.op != "schedule.list"
    ]
    return Amends(because=because, of=tuple(of), steps=tuple(made))


def taken_back(amends: Amends | None, states: Mapping[str, StepState]) -> set[str]:
    """The steps whose writes do not stand any more."""
    return {
        a.step for a in (amends.of if amends else ()) if a.by and not a.own and _state(states, a.by) == "done"
    }


def told(amends: Amends, states: Mapping[str, StepState]) -> list[str]:
    """What was taken back, what could not be and why, a sentence each."""
    if not amends.of:
        return ["Nothing had been done before that, so there was nothing to take back."]
    back = [_said(states, a.by) for a in amends.of if not a.own and _state(states, a.by) == "done"]
    own = [_said(states, a.by) for a in amends.of if a.own and _state(states, a.by) == "done"]
    made: list[str] = []
    if back:
        made.append(f"What had been done before that was taken back: {' '.join(back)}")
    if own:
        made.append(f"What could not be taken back was made up for: {' '.join(own)}")
    mentioned = {a.by for a in amends.of}
    for step in amends.steps:  # who was told, or could not be
        if step.id not in mentioned and step.op == "mail.send":
            state = states.get(step.id)
            if state is not None and state.state == "done":
                made.append(_said(states, step.id))
            elif state is not None and state.state == "failed":
                made.append(f"They could not be told: {state.error}")
    for a in amends.of:
        state = states.get(a.by)
        if a.why:
            made.append(a.why)
        elif state is None or state.state != "done":
            why = state.error if state is not None and state.error else "the run ended before that."
            what = "made up for" if a.own else "taken back"
            made.append(f"This could not be {what}: {_said(states, a.step)} {why}".rstrip())
    return made


def _state(states: Mapping[str, StepState], step: str) -> str:
    return states[step].state if step in states else ""


def _said(states: Mapping[str, StepState], step: str) -> str:
    value: Any = states[step].value if step in states else None
    return f"{value['said']}." if isinstance(value, dict) and "said" in value else ""
