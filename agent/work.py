"""The work of one run, node by node. Knows nothing of the graph that calls it or the engine under that.

Every method can be called again after a crash: a step whose output is stored is not done twice, an
approval that was asked is not asked twice, and writes go through the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, actions
from deskhand.agent.approvals import Refused, card, payload
from deskhand.agent.ledger import Ledger
from deskhand.agent.model import Approval, Decision, Plan, Ref, Run, Step, Unclear
from deskhand.agent.policy import Facts, judge
from deskhand.agent.profile import Known
from deskhand.agent.references import Unresolved, labels_from, look_up, needs, plain, resolve
from deskhand.agent.report import compose
from deskhand.agent.state import Records, StepState
from deskhand.agent.wording import done as told
from deskhand.connectors.model import Item, ItemRef, Label
from deskhand.connectors.operations import OPERATIONS, EventCreate, Operation, operation

SIDE_BY_SIDE = 4
"""Read steps run at once. They wait for the disk and for SQLite, both of which gain little from more."""


@dataclass(frozen=True)
class Tools:
    """What every run is carried out with."""

    records: Records
    ledger: Ledger
    context: Context
    known: Callable[[], Known]
    planner: Callable[[str, Known], Plan | Unclear]
    facts: Facts
    expire_after: timedelta
    now: Callable[[], datetime]


class Work:
    """One run and the tools to carry it out."""

    def __init__(self, run: str, tools: Tools) -> None:
        self.id, self.tools = run, tools
        found = tools.records.run(run)
        if found is None:
            raise LookupError(f"There is no run {run}.")
        self.run: Run = found
        self.context = replace(tools.context, now=found.created, run=run)

    # The nodes

    def plan(self) -> Plan | None:
        """Make the plan, once; None when the request was not understood."""
        if self.run.plan is not None:
            return self.run.plan
        made = self.tools.planner(self.run.request, self.tools.known())
        if isinstance(made, Unclear):
            self._unclear(made.message, made.choices)
            return None
        self._save(status="running", plan=made)
        self._note("planned", objective=made.objective, plan=made.hash, steps=[s.id for s in made.steps])
        return made

    def perform(self) -> None:
        """Run the steps that read, those that are ready side by side, until none is ready."""
        while ready := [s for s in self._ready() if s.op not in OPERATIONS]:
            if self._stopped():
                return
            with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
                for state in pool.map(self._try, ready):
                    self._leave(state)

    def weigh(self) -> tuple[list[str], list[str]]:
        """Weigh the writes that are ready. Returns the steps that may go ahead and the approvals asked for."""
        cleared: list[str] = []
        asked: list[str] = []
        if self._stopped():
            return cleared, asked
        approve_all, _ = self.tools.records.flags(self.id)
        for step in (s for s in self._ready() if s.op in OPERATIONS):
            prepared = self._prepare(step)
            if prepared is None:
                continue
            op, labels = prepared
            verdict = judge(op, labels, self._facts())
            self._note("weighed", step=step.id, outcome=verdict.outcome, rule=verdict.rule)
            if verdict.outcome == "allow":
                cleared.append(step.id)
            elif verdict.outcome == "deny":
                self._fail(step.id, f"The policy refuses it ({verdict.rule}): {verdict.why}.")
            else:
                approval = next(
                    (
                        a
                        for a in self.run_approvals()
                        if a.step == step.id and a.state in ("pending", "approved")
                    ),
                    None,
                )
                if approval is None:
                    now = self.tools.now()
                    approval = card(
                        op, labels, verdict, id_=self.tools.records.next_approval()[0], run=self.id,
                        step=step.id, zone=self.context.owner.zone, now=now,
                        expires=now + self.tools.expire_after, alternatives=self._offers(step),
                        about=self._about(op),
                    )  # fmt: skip
                    if approve_all:
                        said = Decision(verdict="approve", by="--yes")
                        approval = approval.model_copy(update={"state": "approved", "decision": said})
                    self.tools.records.put_approval(approval)
                    self._note("asked", step=step.id, approval=approval.id, summary=approval.summary)
                if approval.state == "approved":
                    cleared.append(step.id)
                else:
                    asked.append(approval.id)
        if asked:
            self._save(status="waiting")
        return cleared, asked

    def undecided(self, waiting: Sequence[str]) -> bool:
        """Whether some approval still waits for a decision."""
        if self.tools.records.flags(self.id)[1]:
            return False
        return any(a.state == "pending" for a in self.run_approvals() if a.id in waiting)

    def judge(self, waiting: Sequence[str]) -> tuple[list[str], list[str]]:
        """Take the decisions in. Returns the steps that may go ahead and what has to be asked again."""
        cleared: list[str] = []
        if not self._stopped():
            self._save(status="running")
        for approval in self.run_approvals():
            if approval.id not in waiting:
                continue
            if approval.state == "approved":
                cleared.append(approval.step)
            elif approval.state == "rejected":
                reason = approval.decision.reason if approval.decision else ""
                self._fail(approval.step, "You said no" + (f": {reason}" if reason else "") + ".")
        return cleared, []

    def effect(self, cleared: Sequence[str]) -> None:
        """Carry out the writes that may go ahead, in the order of the plan."""
        done = self.tools.records.steps(self.id)
        for step in self._steps():
            if step.id not in cleared or step.id in done or self._stopped():
                continue
            op = self._final(step)
            if op is None:
                continue
            effect = self.tools.ledger.carry_out(op, run=self.id, step=step.id, now=self.tools.now())
            self._note("carried out", step=step.id, effect=effect.key, state=effect.state, error=effect.error)
            if effect.state != "done" or effect.receipt is None:
                told_ = "It may have happened; please look. " if effect.state == "unknown" else ""
                self._fail(step.id, told_ + effect.error)
                continue
            receipt = effect.receipt
            value = {
                "ref": receipt["ref"], "version": receipt["version"], "source": op.source,
                "effect": effect.key, "detail": dict(receipt["detail"]),
                "said": told(op, zone=self.context.owner.zone, now=self.run.created, about=self._about(op)),
            }  # fmt: skip
            mine = {"": Label("metadata", (op.source,), ())}
            self._leave(StepState(step.id, "done", value, plain(mine)))
            for approval in self.run_approvals():
                if approval.step == step.id and approval.state == "approved":
                    self.tools.records.turn_approval(
                        approval.model_copy(update={"state": "used"}), was="approved"
                    )

    def report(self) -> None:
        """Say what was done, what was not, and why."""
        if self.run.status == "unclear":
            return
        status, answer, brief = compose(
            self.run,
            self.tools.records.steps(self.id),
            zone=self.context.owner.zone,
            cancelled=self.tools.records.flags(self.id)[1],
        )
        choices = [
            c
            for state in self._done().values()
            if state.state == "failed" and isinstance(state.value, dict)
            for c in state.value.get("choices", ())
        ]
        self._note("finished", status=status)
        self._save(status=status, answer=answer, brief=brief, choices=choices)

    # Parts

    def run_approvals(self) -> list[Approval]:
        """The approvals of this run, as they stand now."""
        return self.tools.records.approvals(run=self.id)

    def _ready(self) -> list[Step]:
        done = self.tools.records.steps(self.id)
        ready = []
        for step in self._steps():
            if step.id in done:
                continue
            states = {n: done[n].state for n in needs(step) if n in done}
            if any(s != "done" for s in states.values()):
                self._leave(StepState(step.id, "skipped", error="An earlier step did not work out."))
                done = self.tools.records.steps(self.id)
            elif len(states) == len(needs(step)):
                ready.append(step)
        return ready

    def _try(self, step: Step) -> StepState:
        try:
            values, _ = resolve(step, self.tools.records.steps(self.id))
            output: Output = actions()[step.op](self.context, values)
        except NeedsAnswer as question:
            return StepState(step.id, "failed", {"choices": list(question.choices)}, error=str(question))
        except (CannotDo, Unresolved) as error:
            return StepState(step.id, "failed", error=str(error))
        except ValidationError as error:
            return StepState(step.id, "failed", error=_invalid(step, error))
        return StepState(step.id, "done", dict(output.value), plain(output.labels), output.brief)

    def _leave(self, state: StepState) -> None:
        self.tools.records.put_step(self.id, state, now=self.tools.now())
        self._note(f"step {state.state}", step=state.step, **({"error": state.error} if state.error else {}))

    def _fail(self, step: str, error: str) -> None:
        self._leave(StepState(step, "failed", error=error))

    def _prepare(self, step: Step) -> tuple[Operation, dict[str, Label]] | None:
        try:
            values, labels = resolve(step, self.tools.records.steps(self.id))
            return operation(step.op, {k: v for k, v in values.items() if v is not None}), labels
        except Unresolved as error:
            self._fail(step.id, str(error))
        except ValidationError as error:
            self._fail(step.id, _invalid(step, error))
        return None

    def _final(self, step: Step) -> Operation | None:
        """What will really be done: the approved bytes, or what the policy allowed without asking."""
        for approval in self.run_approvals():
            if approval.step == step.id and approval.state == "approved":
                try:
                    op = payload(approval)
                except Refused as error:
                    self._fail(step.id, str(error))
                    return None
                verdict = judge(op, labels_from(approval.origins), self._facts())
                if verdict.outcome == "deny":
                    self._fail(step.id, f"The policy refuses it ({verdict.rule}): {verdict.why}.")
                    return None
                return op
        prepared = self._prepare(step)
        return prepared[0] if prepared else None

    def _offers(self, step: Step) -> list[dict[str, Any]]:
        if step.offers is None:
            return []
        try:
            return [dict(o) for o in look_up(Ref.model_validate(step.offers), self._done())[0]]
        except Unresolved:
            return []

    def _facts(self) -> Facts:
        """The policy's facts, with those whom the person agreed to invite in this run."""
        invited: set[str] = set()
        for effect in self.tools.records.effects(run=self.id):
            if effect.state == "done" and effect.operation == "event.create":
                created = operation("event.create", effect.arguments)
                assert isinstance(created, EventCreate)  # noqa: S101 - for the type checker
                invited |= {m.address.lower() for m in created.attendees}
        return replace(self.tools.facts, invited=frozenset(invited), look_up=self._look_up)

    def _look_up(self, op: Operation) -> Item | None:
        ref = getattr(op, "ref", None)
        return self.context.archive.item(ref) if isinstance(ref, ItemRef) else None

    def _about(self, op: Operation) -> str:
        item = self._look_up(op)
        return item.title if item else ""

    def _steps(self) -> Sequence[Step]:
        run = self.tools.records.run(self.id)
        return run.plan.steps if run and run.plan else ()

    def _done(self) -> dict[str, StepState]:
        return self.tools.records.steps(self.id)

    def _stopped(self) -> bool:
        return self.tools.records.flags(self.id)[1]

    def _unclear(self, message: str, choices: Sequence[str]) -> None:
        self._save(status="unclear", answer=message, choices=list(choices))
        self._note("not understood", message=message)
        self.run = self.run.model_copy(update={"status": "unclear"})

    def _save(self, **values: Any) -> None:
        self.tools.records.set_run(self.id, now=self.tools.now(), **values)
        if found := self.tools.records.run(self.id):
            self.run = found

    def _note(self, type_: str, **data: Any) -> None:
        self.tools.records.note(self.id, type_, now=self.tools.now(), **data)


def _invalid(step: Step, error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(p) for p in first["loc"])
    return f"Step {step.id} ({step.op}) cannot use {where or 'its arguments'}: {first['msg']}."
