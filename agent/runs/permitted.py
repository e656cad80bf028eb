"""The person's standing permissions, as they stand to one run: which one covers a write, and its use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deskhand.agent.model import Permission
from deskhand.agent.plans.language import Step
from deskhand.agent.runs.footing import Footing
from deskhand.agent.trust.ledger import effect_key
from deskhand.agent.trust.permissions import Asked, sentence, unfit
from deskhand.agent.trust.policy import Facts, Verdict
from deskhand.connectors.model import Label
from deskhand.connectors.operations import Operation

PERMITTED = "permitted"
"""The event of a run that says that a write was allowed by a permission: {step, permission, effect, said}."""


@dataclass(frozen=True, eq=False)
class Permitted:
    """The permissions, for one run."""

    on: Footing

    def fitting(
        self, step: Step, op: Operation, labels: Mapping[str, Label], verdict: Verdict, facts: Facts
    ) -> Permission | None:
        """The permission that covers what the policy asks about; None: it is asked.

        What was begun under one stays covered, whatever became of it since: it has to be found out whether it
        happened.
        """
        if verdict.outcome != "ask" or facts.changed or facts.taken:
            return None
        records, now = self.on.tools.records, self.on.tools.now()
        granted = records.permissions()
        if not granted:
            return None
        key = effect_key(self.on.progress.run, step.id, op)
        if begun := self._begun(key):
            return next((p for p in granted if p.id == begun), None)
        # What is held is counted already, and what was cut off before anything was begun may be.
        used, asked = records.used_on(self._day, but=key), self._asked(op, labels, verdict, facts)
        fit = next((p for p in granted if not unfit(p, asked, used_today=used.get(p.id, 0), now=now)), None)
        if fit is None and records.used_for(key):
            records.give_back(key)
        return fit

    def taken(
        self, permission: Permission, step: Step, op: Operation, labels: Mapping[str, Label],
        verdict: Verdict, facts: Facts,
    ) -> bool:  # fmt: skip
        """Whether a permission still covers a write that is about to happen, or be held; then it is counted,
        once."""
        records, now = self.on.tools.records, self.on.tools.now()
        key = effect_key(self.on.progress.run, step.id, op)
        if self._begun(key) == permission.id:
            return True
        asked = self._asked(op, labels, verdict, facts)
        before = records.used_for(key)
        held = records.use(
            key, id_=permission.id, run=self.on.progress.run.id, day=self._day, at=now,
            fits=lambda found, used: not unfit(found, asked, used_today=used, now=now),
        )  # fmt: skip
        if held and before != permission.id:  # else it was told when it was held
            self.on.progress.note(
                PERMITTED, step=step.id, permission=permission.id, effect=key, said=sentence(permission)
            )
        return held

    def _begun(self, key: str) -> str:
        """The permission under which an effect was begun; "" where it was not."""
        row = self.on.tools.records.effect(key)
        begun = row is not None and row.state not in ("intended", "held", "withdrawn", "failed")
        return self.on.tools.records.used_for(key) if begun else ""

    def _asked(self, op: Operation, labels: Mapping[str, Label], verdict: Verdict, facts: Facts) -> Asked:
        run = self.on.progress.run
        return Asked(
            op, labels, verdict.rule, verdict.policy, run.id, run.schedule, run.request,
            known=facts.contacts | facts.herself, mine=facts.herself, by_model=facts.by_model,
        )  # fmt: skip

    @property
    def _day(self) -> str:
        return self.on.tools.now().astimezone(self.on.context.owner.tz).date().isoformat()
