"""The work of one run, node by node. Knows nothing of the graph that calls it or the engine under that.

Every method can be called again after a crash: a step whose output is stored is not done twice, an
approval that was asked is not asked twice, and writes go through the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from deskhand.agent import learning
from deskhand.agent.model import Run
from deskhand.agent.planners import Read, reading, telling
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.plans.validate import faults
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.deeds import Deeds
from deskhand.agent.runs.failures import Failures
from deskhand.agent.runs.footing import Footing, Tools
from deskhand.agent.runs.progress import Progress
from deskhand.agent.runs.questions import MOVES, Questions
from deskhand.agent.runs.remarks import remarks
from deskhand.agent.runs.report import compose, so_far
from deskhand.agent.runs.trials import Trials, aside
from deskhand.connectors.operations import OPERATIONS

__all__ = ["Tools", "Work"]


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
            self.progress.note("planned", objective=made.objective, plan=made.hash, steps=ids, **how)
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
            return replace(found, plan=learning.tell(found.plan, request, known))

        making = aside(read)
        heard: list[Future[Any]] = [making, halt]
        wait(heard, return_when=FIRST_COMPLETED)
        return None if halt.done() else making.result()

    def perform(self) -> None:
        """Run the steps that read, those that are ready side by side, until none is ready."""
        Trials(self.on).run()

    def follow_up(self) -> bool:
        """What follows from a step that has failed: an answer that came in, or what was done is taken back.

        True where steps have become ready by it.
        """
        return not self.progress.stopped and self._failures.follow_up()

    def weigh(self) -> tuple[list[str], list[str]]:
        """Weigh the writes that are ready. Returns the steps that may go ahead and the approvals that wait.

        What may go ahead does not wait for a decision about something else.
        """
        cleared: list[str] = []
        asked: list[str] = []
        if self.progress.stopped:
            return cleared, asked
        writes = [s for s in self.progress.ready() if s.op in OPERATIONS]
        question = self._failures.question()
        if question is not None:
            asked = [question.id, *(a.id for a in self.on.approvals().values() if a.state == "pending")]
        if not writes and not asked:
            return cleared, asked
        approvals = self.on.approvals()
        moving = 0
        for step in writes:
            approval = approvals.get(step.id)
            if approval is None:
                over = self.on.begin(step)
                if over is not None:  # what was asked stays asked, and what was agreed to is done
                    self.progress.leave(self.on.left_out(step, over))
                    continue
                approval = self._questions.about(step, moving)
            if approval is not None and approval.state == "pending":
                asked.append(approval.id)
            elif approval is not None and approval.state == "rejected":
                reason = approval.decision.reason if approval.decision else ""
                error = f"You said no: {approval.summary}" + (f" ({reason})" if reason else "")
                self.progress.leave(StepState(step.id, "failed", {"declined": True}, error=error))
            elif step.id not in self.progress.states:
                cleared.append(step.id)
                moving += step.op in MOVES
        for step in self.progress.ahead() if question is None else ():
            # What has to be moved for it and the booking itself are one question.
            approval = approvals.get(step.id) or self._questions.about(step, moving)
            if approval is not None and approval.state == "pending":
                asked.append(approval.id)
        status = "waiting" if asked and not cleared else "running"
        if status != self.progress.run.status:
            pending = dict.fromkeys(a.step for a in self.on.approvals().values() if a.state == "pending")
            anew = [s for step in pending for s in self.on.changed_since(step)]
            zone = self.on.context.owner.zone
            found = so_far(self.progress.run, self.progress.states, zone=zone, anew=anew)
            self.progress.save(status=status, **({"answer": found} if status == "waiting" else {}))
        return cleared, asked

    def waits(self, asked: Sequence[str]) -> bool:
        """Whether none of these approvals has been decided yet."""
        if self.progress.stopped:
            return False
        states = {a.id: a.state for a in self.tools.records.approvals(run=self.progress.run.id)}
        return all(states.get(a) == "pending" for a in asked)

    def effect(self, cleared: Sequence[str]) -> None:
        """Carry out the writes that may go ahead, in the order of the plan."""
        self._deeds.carry_out(cleared)

    def report(self) -> None:
        """Say what was done, what was not, and why."""
        run, stopped = self.progress.run, self.progress.stopped
        told_ = compose(
            run, self.progress.states, zone=self.on.context.owner.zone, cancelled=stopped,
            unsure=self.progress.begun if stopped else (), remarks=remarks(self.on),
        )  # fmt: skip
        self.progress.note("finished", status=told_.status)
        self.progress.save(status=told_.status, answer=told_.answer, brief=told_.brief, choices=told_.choices)
