"""How far a run has come: the states of its steps, in memory while it is advanced, on the disk at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import cached_property
from typing import Any

from deskhand.agent.model import Amends, Approval, Run
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.purpose import purpose_of
from deskhand.agent.plans.references import needs
from deskhand.agent.records.state import Note, Records, StepState
from deskhand.agent.runs.failing import Failure, decisive
from deskhand.agent.runs.references import wanted
from deskhand.agent.runs.spread import named, spread, too_many
from deskhand.connectors.operations import OPERATIONS

LOW = 5
"""Steps of a priority below this are not begun near the end of a budget."""

UNDONE = "effect.undone"
"""The action that notes that an effect was taken back; only plans of ours have it."""


class Progress:
    """One run while one thread advances it. What is changed here is on the disk when the call returns."""

    def __init__(self, run: Run, records: Records, *, now: Callable[[], datetime]) -> None:
        self.run, self.records, self._now = run, records, now
        self.halt: Future[None] = Future()
        """Done as soon as the run is to be stopped; the run itself says so too (`stopped`)."""
        self._notes: list[Note] = []

    @cached_property
    def states(self) -> dict[str, StepState]:
        """What the steps have left so far, by id."""
        return self.records.steps(self.run.id)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the plan, in its order, one for each element where a list is known."""
        amends = self.run.amends
        return (*self.planned, *amends.steps) if amends else self.planned

    @property
    def planned(self) -> tuple[Step, ...]:
        """The steps of the plan alone: not those that take back what they did."""
        planned = self.run.plan.steps if self.run.plan else ()
        if not any(s.for_each for s in planned):
            return planned
        return spread(planned, self.states)

    def _needs(self, steps: Sequence[Step]) -> dict[str, frozenset[str]]:
        """What each step waits for; whoever waits for a step over a list waits for all its elements."""
        return self._each(steps, {s.id: needs(s) for s in steps})

    def _follows(self, steps: Sequence[Step]) -> dict[str, frozenset[str]]:
        """What has to be over before each step, whatever became of it."""
        return self._each(steps, {s.id: frozenset({*s.after, s.otherwise} - {""}) for s in steps})

    def _each(self, steps: Sequence[Step], waits: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
        ids = {s.id for s in steps}
        lists = [
            s.id for s in (self.run.plan.steps if self.run.plan else ()) if s.for_each and s.id not in ids
        ]
        each = {i: {named(i, n) for n in range(len(steps)) if named(i, n) in ids} for i in lists}
        return {
            i: frozenset(n for one in others for n in each.get(one, {one})) for i, others in waits.items()
        }

    def ready(self) -> list[Step]:
        """Steps with nothing left to wait for, those of higher priority first, else in the plan's order.

        Those that can never become ready are left at once.
        """
        while True:
            found: list[Step] = []
            lost: list[StepState] = []
            steps = self.steps
            waits, over = self._needs(steps), self._follows(steps)
            held, stop, free = self._halted(steps)
            for step in (s for s in steps if s.id not in self.states):
                before = {self.states[n].state for n in waits[step.id] if n in self.states}
                if held and step.id not in free:
                    continue
                if stop and step.id not in free:
                    lost.append(StepState(step.id, "skipped", error=stop))
                elif before & {"failed", "skipped"}:
                    lost.append(StepState(step.id, "skipped", error="An earlier step did not work out."))
                elif "unneeded" in before:
                    lost.append(StepState(step.id, "unneeded"))
                elif waits[step.id] | over[step.id] <= self.states.keys():
                    if (left := self._left_out(step)) is not None:
                        lost.append(left)
                    else:
                        found.append(step)
            if not lost:
                return sorted(found, key=lambda s: -s.priority)
            for state in lost:
                self.leave(state)

    def _halted(self, steps: Sequence[Step]) -> tuple[bool, str, Collection[str]]:
        """(whether nothing more is begun until the person has said what follows from a failure, why nothing
        more is begun at all or "", the steps that go on all the same)."""
        amends, failure = self.run.amends, self.failure
        if failure is None:
            return False, "", ()
        free = {s.id for s in amends.steps} if amends else set[str]()
        # Cut off in the middle of a write: what became of it is found out, whatever else has failed.
        free |= self.begun
        if failure.then == "ask":
            return True, "", free
        return False, f"The plan stops where it could not {purpose_of(failure.step)}.", free

    def amending(self, step: str) -> bool:
        """Whether a step takes back what the run did, and is none of its plan."""
        return self.run.amends is not None and any(s.id == step for s in self.run.amends.steps)

    def takes_back(self, step: Step) -> bool:
        """Whether a step takes back what this run did, or is the write of an undo that is noted as such."""
        noted = (s for s in self.steps if s.op == UNDONE)
        return self.amending(step.id) or any(step.id in s.needs for s in noted)

    def follows_a_write(self, step: Step) -> bool:
        """Whether a step needs a write of this run that was carried out, be it by way of others."""
        steps = self.steps
        waits, writes = self._needs(steps), {s.id for s in steps if s.op in OPERATIONS}
        wanted, seen = [step.id], {step.id}
        while wanted:
            before = waits[wanted.pop()] - seen
            if any(b in writes and b in self.states and self.states[b].state == "done" for b in before):
                return True
            seen |= before
            wanted += before & waits.keys()
        return False

    @property
    def failure(self) -> Failure | None:
        """The failure that decides how the run goes on; None where there is none."""
        planned = self.planned
        if (amends := self.run.amends) is not None:  # then it is decided
            step = next((s for s in planned if s.id == amends.because), None)
            return Failure(step, self.states[step.id], "take back") if step is not None else None
        return decisive(planned, self.states)

    @property
    def begun(self) -> set[str]:
        """Steps whose write was begun, and of which nobody knows yet what became of it."""
        rows = self.records.effects(run=self.run.id)
        return {e.step for e in rows if e.state == "claimed" and e.step not in self.states}

    def _left_out(self, step: Step) -> StepState | None:
        """What a step that waits for nothing more has left, where it is not to be done; else None."""
        if step.for_each is not None:
            return StepState(step.id, "failed", error=too_many(step, self.states))
        if step.otherwise and not self._has_turn(step):
            return StepState(step.id, "unneeded")
        decided = wanted(step, self.states)
        if decided is None:
            return StepState(step.id, "failed", error=f"It cannot be told whether to {purpose_of(step)}.")
        if not decided:
            return StepState(step.id, "unneeded")
        if step.deadline is not None and self._now() > step.deadline:
            return StepState(step.id, "failed", error=f"It is too late to {purpose_of(step)}.")
        return None

    def _has_turn(self, step: Step) -> bool:
        """Whether the steps that a step is the "else" of were all left out by their own `when`."""
        planned = {s.id: s for s in self.steps}
        seen = {step.id}
        while step.otherwise:
            step = planned[step.otherwise]
            if step.id in seen or self.states[step.id].state != "unneeded":
                return False
            left = self.states[step.id].value
            unanswered = isinstance(left, dict) and left.get("unanswered") == "leave out"
            if not unanswered and wanted(step, self.states) is not False:
                return False
            seen.add(step.id)
        return True

    def matters(self, step: Step) -> bool:
        """Whether a step is begun even near the end of a budget: it, or one that waits for it, has no low
        priority."""
        steps = self.steps
        waits = self._needs(steps)
        wanted, seen = [step.id], {step.id}
        priority = {s.id: s.priority for s in steps}
        while wanted:
            if priority[one := wanted.pop()] >= LOW:
                return True
            more = [s.id for s in steps if one in waits[s.id] and s.id not in seen | self.states.keys()]
            wanted += more
            seen.update(more)
        return False

    def ahead(self) -> list[Step]:
        """Bookings that only wait for other writes, none of which has failed: they can be asked about now."""
        steps = self.steps
        waits = self._needs(steps)
        ops = {s.id: s.op for s in steps}
        found = []
        for step in (s for s in steps if s.op == "event.create" and s.id not in self.states):
            left = waits[step.id] - self.states.keys()
            fine = all(self.states[n].state == "done" for n in waits[step.id] & self.states.keys())
            if left and fine and all(ops.get(n) == "event.update" for n in left):
                found.append(step)
        return found

    def at_once(self, step: Step) -> int:
        """How many elements the list has that a step is one of; 0 where it goes over none."""
        planned = self.run.plan.steps if self.run.plan else ()
        base = next((s for s in planned if s.for_each and step.id.rpartition("_")[0] == s.id), None)
        return sum(s.id.rpartition("_")[0] == base.id for s in self.steps) if base else 0

    def leave(self, state: StepState) -> None:
        """Keep what a step left behind."""
        told = {"step": state.step} | ({"error": state.error} if state.error else {})
        self.note(f"step {state.state}", **told)
        self.records.leave(self.run.id, state, now=self._now(), notes=self._unwritten())
        self.states[state.step] = state

    def fail(self, step: str, error: str) -> None:
        """Note that a step did not work out, and why."""
        self.leave(StepState(step, "failed", error=error))

    @property
    def lists(self) -> set[str]:
        """Steps whose outputs hold the lists that other steps go over."""
        return {s.for_each.ref for s in (self.run.plan.steps if self.run.plan else ()) if s.for_each}

    def reopen(self, approval: Approval | None, *, drop: Collection[str], keep: Sequence[StepState]) -> None:
        """Withdraw a question and forget what some steps left, so that they are done anew; all or nothing.

        `keep` is what others have left, as it is now.
        """
        now = self._now()
        self.records.reopen(self.run.id, approval, drop=drop, keep=keep, now=now, notes=self._unwritten())
        for step in drop:
            self.states.pop(step, None)
        self.states.update({s.step: s for s in keep})

    def amend(self, amends: Amends) -> None:
        """Lay down what is done about the run's own writes, now that a step has failed."""
        self.records.amend(self.run.id, amends, now=self._now(), notes=self._unwritten())
        self.run = self.run.model_copy(update={"amends": amends})

    def stop(self) -> None:
        """Have whoever waits for something of the run hear at once that it is stopped. Twice is once."""
        if not self.halt.done():
            self.halt.set_result(None)

    def note(self, type_: str, **data: Any) -> None:
        """Note an event, in the past tense. It is written with the change that follows it, or by `flush`."""
        self._notes.append(Note(type_, self._now(), data))

    def save(self, **columns: Any) -> None:
        """Change the run."""
        self.records.set_run(self.run.id, now=self._now(), notes=self._unwritten(), **columns)
        self.run = self.run.model_copy(update={k: v for k, v in columns.items() if k in Run.model_fields})

    def flush(self, *, lasting: bool = True) -> None:
        """Write the events that nothing has been written with yet; not `lasting`: for who watches, now."""
        if self._notes:
            self.records.note(self.run.id, *self._unwritten(), lasting=lasting)

    def _unwritten(self) -> list[Note]:
        notes, self._notes = self._notes, []
        return notes

    @property
    def stopped(self) -> bool:
        """Whether the person cancelled the run; asked anew each time."""
        return self.records.flags(self.run.id)[1]

    @property
    def stopped_by(self) -> str:
        """What stopped it, as a sentence; "" where the person did."""
        said = [e.data.get("why", "") for e in self.records.events(self.run.id) if e.type == "cancelled"]
        return str(said[-1]) if said else ""
