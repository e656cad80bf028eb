"""The work of one run, node by node. Knows nothing of the graph that calls it or the engine under that.

Every method can be called again after a crash: a step whose output is stored is not done twice, an
approval that was asked is not asked twice, and writes go through the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from deskhand.agent.model import Effect, Run, RunStatus
from deskhand.agent.people import learning
from deskhand.agent.people.namesakes import marked
from deskhand.agent.planners import Read, reading, telling
from deskhand.agent.planners.goals.mailboxes import by_account
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.plans.validate import faults
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.asides import awaited
from deskhand.agent.runs.deeds import Deeds
from deskhand.agent.runs.failures import Failures
from deskhand.agent.runs.footing import Footing, Tools
from deskhand.agent.runs.heard import PLANNED, Heard
from deskhand.agent.runs.progress import Progress
from deskhand.agent.runs.questions import MOVES, Questions
from deskhand.agent.runs.remarks import remarks
from deskhand.agent.runs.report import compose, so_far
from deskhand.agent.runs.trials import Trials
from deskhand.agent.runs.unheard import invitation_kept, told_of_no
from deskhand.agent.wording.writes import shortened, still_held
from deskhand.connectors.operations import OPERATIONS, operation

__all__ = ["Tools", "Work"]

_REASON = 200
"""So much of what was said with a no is repeated; all of it is kept with the decision."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What became of the writes that were ready: ids."""

    cleared: list[str]
    """Steps that may go ahead."""
    asked: list[str]
    """Approvals that wait for a decision."""
    held: list[str]
    """Steps that are held until their time."""
    left: list[str] = field(default_factory=list[str])
    """Steps that nobody decided about in time: others may be ready by that."""


@dataclass(eq=False)
class Work:
    """One run, for the length of one advance."""

    on: Footing

    @classmethod
    def of(cls, run: Run, tools: Tools) -> Work:
        """The work of a run as it stands."""
        return cls(Footing(Progress(run, tools.records, now=tools.now), tools))

    @property
    def progress(self) -> Progress:
        """How far the run has come."""
        return self.on.progress

    @property
    def tools(self) -> Tools:
        """What it is carried out with."""
        return self.on.tools

    @cached_property
    def _questions(self) -> Questions:
        return Questions(self.on)

    @cached_property
    def _failures(self) -> Failures:
        return Failures(self.on, self._questions)

    @cached_property
    def _deeds(self) -> Deeds:
        return Deeds(self.on, self._questions)

    # The nodes

    def plan(self) -> Plan | None:
        """Make the plan, once; None when the request was not understood or the plan cannot be carried out."""
        run = self.progress.run
        read = Read(run.plan) if run.plan else self._read()
        if read is None or self.progress.stopped:
            self.report()
            return None
        made = read.plan
        if isinstance(made, Unclear):
            self.progress.note(learning.ASKED, message=made.message, **learning.asked_about(made))
            self.progress.save(status="unclear", answer=made.message, choices=made.choices)
            return None
        if wrong := [str(f) for f in faults(made)]:
            said = f"The plan for this cannot be carried out, so nothing was done: {' '.join(wrong[:3])}"
            self.progress.note("not sound", faults=wrong)
            self.progress.save(status="failed", answer=said, plan=made)
            return None
        if run.status == "ready":
            ids = [s.id for s in made.steps]
            how = {} if read.sure is None else {"sure": read.sure, "unread": list(read.unread)}
            words = run.plan is None or bool(run.reasons)
            self.progress.note(
                PLANNED, objective=made.objective, plan=made.hash, steps=ids, words=words, **how
            )
            self.progress.save(status="running", plan=made)
        return made

    def _read(self) -> Read | None:
        """What the planner makes of the request; None where the run was stopped meanwhile."""
        learning.learn(self.tools.records, self.progress.run)
        planner = telling(self.tools.planner, self.on.tried, purse=self.on.account.tries)
        known = self.tools.known()
        request, halt = self.progress.run.request, self.progress.halt

        def read() -> Read:
            found = reading(planner, request, known)
            told = learning.tell(found.plan, request, known)
            told = by_account(told, known.places)
            return replace(found, plan=marked(told, known=known, archive=self.on.context.archive))

        return awaited(read, halt=halt)

    def perform(self) -> None:
        """Run the steps that read, those that are ready side by side, until none is ready."""
        Trials(self.on).run()

    def follow_up(self) -> bool:
        """What follows from a step that has failed: an answer that came in, or what was done is taken back.

        True where steps have become ready by it.
        """
        return not self.progress.stopped and self._failures.follow_up()

    def weigh(self) -> Weighed:
        """Weigh the writes that are ready.

        What may go ahead does not wait for a decision about something else, nor for what is held.
        """
        cleared: list[str] = []
        asked: list[str] = []
        held: list[str] = []
        weighed = Weighed(cleared, asked, held)
        if self.progress.stopped:
            return weighed
        for known in self.on.approvals().values():
            if known.state != "used":  # that is looked at where it is carried out
                self._questions.founded(known.step, known)
        writes = [s for s in self.progress.ready() if s.op in OPERATIONS]
        question = self._failures.question()
        if question is not None:
            asked += [question.id, *(a.id for a in self.on.approvals().values() if a.state == "pending")]
        if not writes and not asked:
            return weighed
        approvals = self.on.approvals()
        kept = self.on.held()
        moving = 0
        for step in writes:
            approval = approvals.get(step.id)
            row = kept.get(step.id)
            if row is not None and row.state == "held" and approval and approval.state == "rejected":
                row = self.tools.ledger.withdraw(row.key, now=self.tools.now()) or row  # cut off in between
            if row is not None and (row.state == "withdrawn" or self.on.is_due(row)):
                cleared.append(step.id)  # what that means is found out where it is carried out
                continue
            if row is not None:
                held.append(step.id)
                continue
            if approval is None:
                if (left := self._questions.unanswered(step)) is not None:
                    self.progress.leave(left)
                    weighed.left.append(step.id)
                    continue
                over = self.on.begin(step)
                if over is not None:  # what was asked stays asked, and what was agreed to is done
                    self.progress.leave(self.on.left_out(step, over))
                    continue
                approval = self._questions.about(step, moving)
            if approval is not None and approval.state == "pending":
                asked.append(approval.id)
            elif approval is not None and approval.state == "rejected":
                reason = approval.decision.reason if approval.decision else ""
                why = shortened(reason, most=_REASON)
                error = f"You said no: {approval.summary}" + (f" ({why})" if why else "")
                if (mail := invitation_kept(step, self.progress, self.on.tools.records)) is not None:
                    error += f". {told_of_no(mail)}"
                self.progress.leave(StepState(step.id, "failed", {"declined": True}, error=error))
            elif step.id not in self.progress.states:
                cleared.append(step.id)
                moving += step.op in MOVES
        for step in self.progress.ahead() if question is None else ():
            # What has to be moved for it and the booking itself are one question.
            approval = approvals.get(step.id) or self._questions.about(step, moving)
            if approval is not None and approval.state == "pending":
                asked.append(approval.id)
        status: RunStatus = "running"
        if not cleared and (asked or held):
            status = "waiting" if asked else "held"
        if status != self.progress.run.status or held:
            pending = dict.fromkeys(a.step for a in self.on.approvals().values() if a.state == "pending")
            anew = [s for step in pending for s in self.on.changed_since(step)]
            zone = self.on.context.owner.zone
            found = so_far(
                self.progress.run, self.progress.states, zone=zone, anew=anew,
                effects=self.tools.records.effects(run=self.progress.run.id),
            )  # fmt: skip
            found = "\n\n".join(filter(None, [found, *self._held(kept[s] for s in held)]))
            self.progress.save(status=status, **({"answer": found} if status != "running" else {}))
        return weighed

    def _held(self, rows: Iterable[Effect]) -> Iterator[str]:
        """What is held and until when, a sentence each."""
        zone = self.on.context.owner.zone
        for row in rows:
            if row.due is not None:
                yield still_held(operation(row.operation, row.arguments), due=row.due, zone=zone)

    def waits(self, asked: Sequence[str]) -> bool:
        """Whether none of these approvals has been decided yet, and nothing that is held is due or was taken
        back."""
        if self.progress.stopped:
            return False
        kept = self.on.held().values()
        if not (asked or kept) or any(row.state == "withdrawn" or self.on.is_due(row) for row in kept):
            return False
        records = self.tools.records
        states = {a.id: a.state for a in records.approvals(run=self.progress.run.id)}
        return all(states.get(a) == "pending" and not records.unfounded(a) for a in asked)

    def effect(self, cleared: Sequence[str]) -> None:
        """Carry out the writes that may go ahead, those of higher priority first."""
        self._deeds.carry_out(cleared)

    def report(self) -> None:
        """Say what was done, what was not, and why."""
        heard = Heard(self.on).taken_up()
        run, stopped = self.progress.run, self.progress.stopped  # it may be stopped while that is planned
        begun = self.progress.begun if stopped else set[str]()
        self._close_rows(begun)
        told_ = compose(
            run, self.progress.states, zone=self.on.context.owner.zone, cancelled=stopped,
            why=self.progress.stopped_by if stopped else "",
            unsure=begun, remarks=remarks(self.on),
            effects=self.tools.records.effects(run=run.id), heard=heard,
        )  # fmt: skip
        self.progress.note("finished", status=told_.status)
        self.progress.save(status=told_.status, answer=told_.answer, brief=told_.brief, choices=told_.choices)

    def _close_rows(self, begun: Collection[str]) -> None:
        """Leave nothing of a run that ends open in the ledger: what is held is not sent any more, and what
        was cut off is put to the person."""
        ledger, now = self.tools.ledger, self.tools.now()
        for row in self.tools.records.effects(run=self.progress.run.id, states=("held", "claimed")):
            if row.state == "held":
                by = "you" if self.progress.stopped else self.progress.run.id
                ledger.withdraw(row.key, now=now, by=by)
            elif row.step in begun:
                ledger.give_up(row, now=now)
