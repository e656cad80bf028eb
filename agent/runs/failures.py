"""The failed steps of a run: what the person is asked about them, and what is done by the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deskhand.agent.model import Approval, Effect
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.purpose import plain_name, purpose_of
from deskhand.agent.plans.references import needs
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.amends import lay_down
from deskhand.agent.runs.failing import Failure, asked_as
from deskhand.agent.runs.footing import Footing
from deskhand.agent.runs.questions import Questions
from deskhand.agent.trust.approvals import sign
from deskhand.agent.trust.card import otherwise
from deskhand.agent.trust.failures import AGAIN, about_failure, chosen


@dataclass(frozen=True, eq=False)
class Failures:
    """The failures of one run."""

    on: Footing
    questions: Questions

    def follow_up(self) -> bool:
        """Do what follows from the failure that decides; whether steps have become ready by it.

        An answer is kept together with what it does: a step that is tried again is open, or it is not.
        """
        progress, failure = self.on.progress, self.on.progress.failure
        if failure is None or progress.begun:
            return False  # first it is found out what became of a write that was cut off
        if failure.then == "ask":
            return self._answered(failure)
        if failure.then == "take back" and progress.run.amends is None:
            done = [i for i, state in progress.states.items() if state.state == "done"]
            amends = lay_down(failure.step.id, progress.planned, self._effects(), done=done)
            progress.note("taking back", step=failure.step.id, steps=[a.step for a in amends.of])
            progress.amend(amends)
            return True
        return False

    def question(self) -> Approval | None:
        """The question to the person that is open, asked now where it was not yet; None: there is none."""
        failure = self.on.progress.failure
        if failure is None or failure.then != "ask" or self.on.progress.begun:
            return None
        name = asked_as(failure.step.id, self.on.progress.states)
        asked = self.on.approvals().get(name)
        if asked is not None:
            return asked if asked.state == "pending" else None
        approval = self._asked(failure, name)
        # First what happened, then the question: cut off in between it is asked, under another id.
        self.on.progress.note("asked", step=failure.step.id, approval=approval.id, summary=approval.summary)
        self.on.progress.flush()
        self.on.tools.records.put_approval(approval)
        return approval

    def _answered(self, failure: Failure) -> bool:
        progress, step = self.on.progress, failure.step
        name = asked_as(step.id, progress.states)
        approval = self.on.approvals().get(name)
        if approval is None or approval.decision is None or approval.state not in ("approved", "rejected"):
            return False
        if not self.questions.founded(name, approval):
            return False
        then = chosen(approval, approval.decision)
        progress.note("answered", step=step.id, approval=approval.id, then=then)
        progress.reopen(
            None, drop=[step.id] if then == AGAIN else [], keep=[StepState(name, "done", {"then": then})]
        )
        return True

    def _asked(self, failure: Failure, name: str) -> Approval:
        on, step = self.on, failure.step
        now = on.tools.now()
        mine = [e for e in on.tools.records.effects(run=on.progress.run.id) if e.step == step.id]
        approval = about_failure(
            id_=on.tools.records.next_approval(), run=on.progress.run.id, step=step.id, name=name,
            purpose=self._purpose(step), error=failure.state.error,
            unknown=any(e.state == "unknown" for e in mine), done=self._done(), waits=self._waiting(step),
            now=now, expires=now + on.tools.expire_after, write=self.questions.once_more(step),
        )  # fmt: skip
        waits = otherwise(approval.expires, zone=on.context.owner.zone, now=now)
        return approval.model_copy(
            update={"hash": sign(approval), "otherwise": waits, "batch": self.questions.batch()}
        )

    def _done(self) -> list[str]:
        """What this run has written, a sentence each."""
        states = self.on.progress.states
        values = (states[e.step].value for e in self._effects() if e.step in states)
        return [f"{v['said']}." for v in values if isinstance(v, dict) and "said" in v]

    def _waiting(self, failed: Step) -> Sequence[str]:
        planned, base = self.on.progress.planned, failed.id.rpartition("_")[0]
        rest = (s for s in planned if s.id not in self.on.progress.states and needs(s) & {failed.id, base})
        return [self._purpose(s) for s in rest]

    def _purpose(self, step: Step) -> str:
        """What a step is for; of a model's plan what its operation does, for no model writes on a card."""
        return plain_name(step.op) if self.on.by_model else purpose_of(step)

    def _effects(self) -> list[Effect]:
        """The writes of this run that stand, in the order they were carried out."""
        on = self.on
        events = on.tools.records.events(on.progress.run.id)
        order = {e.data["effect"]: e.seq for e in events if e.type == "carried out"}
        rows = on.tools.records.effects(run=on.progress.run.id)
        return sorted(rows, key=lambda e: order.get(e.key, 0))
