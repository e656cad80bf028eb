"""What one run stands on while it is advanced: its progress, its tools, and what was found out for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from deskhand.agent.actions import Context, Write, extract_alone
from deskhand.agent.budget import Over
from deskhand.agent.model import FOLLOWING, Approval, Brief, Citation, Effect, Event, Run
from deskhand.agent.planners import UNCOVERED, Planner
from deskhand.agent.plans.language import Step
from deskhand.agent.profile import Known
from deskhand.agent.records.state import Note, Records, StepState
from deskhand.agent.runs.account import Account
from deskhand.agent.runs.origin import HANDED_BACK
from deskhand.agent.runs.progress import Progress
from deskhand.agent.runs.written import whose
from deskhand.agent.trust.card import Sight
from deskhand.agent.trust.ledger import Ledger
from deskhand.agent.trust.policy import Facts, Policy
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import Operation

if TYPE_CHECKING:
    from deskhand.agent.models.writing import Writer

TRIED = "model tried"
"""The event of a run that says how asking a model for its plan ended: see `models.trying.Tell`."""

WRITING_TRIED = "writing tried"
"""The event of a run that says how asking a model for prose ended; beside what `TRIED` says, the step."""

WRITTEN = "written"
"""The event of a run that says who wrote what a step found: {step, by, why}; by "" is the extract."""

REOPENED = "reopened"
"""The event of a run that says that a step is asked anew: {step, approval, version, said}."""

ANNULLED = "annulled"
"""The event of a run that says that a question did not stand as it was left: {step, approval, why}."""


def answered(records: Records, run: str) -> list[Mapping[str, Any]]:
    """What is told of each model that had a hand in the plan of a run, now or before it was handed in."""
    return [
        e.data
        for e in records.events(run)
        if e.type == HANDED_BACK or (e.type == TRIED and e.data["outcome"] == "answered")
    ]


def sight_of(facts: Facts, known: Callable[[], Known], run: Run | None) -> Sight:
    """What the cards of a run may look up, by the same facts as the policy goes by.

    The request is the person's own words; not that of a run which follows from a mail.
    """
    said = run.request if run is not None and not run.id.startswith(FOLLOWING) else ""
    return Sight(facts.look_up, facts.mine, facts.contacts, lambda: known().people, said, facts.tells)


@dataclass(frozen=True)
class Tools:
    """What every run is carried out with. What costs something to make is made when it is first needed."""

    records: Records
    ledger: Ledger
    context: Callable[[], Context]
    known: Callable[[], Known]
    planner: Planner
    facts: Callable[[], Facts]
    policy: Callable[[], Policy]
    account: Account
    """Of this very run."""
    expire_after: timedelta
    now: Callable[[], datetime]
    hold: timedelta = timedelta(0)
    """So long a mail to others is held; zero: not at all."""
    waited: Collection[str] = frozenset()
    """What is held (`Effect.held_as`) whose time was waited out in this process, whatever the clock says."""
    writer: Writer | None = None


@dataclass(eq=False)
class Footing:
    """One run and the tools to carry it out, for the length of one advance."""

    progress: Progress
    tools: Tools
    _told: set[str] = field(default_factory=set[str])

    @property
    def account(self) -> Account:
        """What the run may spend."""
        return self.tools.account

    @cached_property
    def context(self) -> Context:
        """What the actions of this run may look at."""
        run = self.progress.run
        # What is read again is read as of then: days may lie between.
        read = max([run.created, *(e.at for again in self.again.values() for e in again)])
        return replace(self.tools.context(), now=read, run=run.id, whose=partial(whose, self.tools.records))

    @cached_property
    def again(self) -> dict[str, list[Event]]:
        """How often each step was opened again, because what it writes to had changed since it was read."""
        made: dict[str, list[Event]] = {}
        for event in self.tools.records.events(self.progress.run.id):
            if event.type == REOPENED:
                made.setdefault(event.data["step"], []).append(event)
        return made

    @cached_property
    def facts(self) -> Facts:
        return replace(self.tools.facts(), by_model=self.by_model)

    @property
    def policy(self) -> Policy:
        """The rules in force, as the person set them by now."""
        return self.tools.policy()

    @cached_property
    def sight(self) -> Sight:
        """What the cards of this run may look up."""
        return sight_of(self.facts, self.tools.known, self.progress.run)

    @property
    def by_model(self) -> bool:
        """Whether a model made the plan of this run: mail may be in its words, to whom it chose."""
        return bool(self._answered)

    def covered(self, step: Step) -> bool:
        """Whether the person's own words ask for a write: all of them but what a model planned beyond."""
        base, _, n = step.id.rpartition("_")
        mine = {step.id, base} if n.isdigit() else {step.id}  # of one element of a list
        return not any(mine & {*one.get(UNCOVERED, ())} for one in self._answered)

    @cached_property
    def _answered(self) -> list[Mapping[str, Any]]:
        return answered(self.tools.records, self.progress.run.id)

    def tried(self, how: Mapping[str, Any]) -> None:
        """Keep what became of one try of a model; at once, for it was paid for whatever happens next."""
        # Past the progress: whoever plans may be waited for no longer.
        self.tools.records.note(self.progress.run.id, Note(TRIED, self.tools.now(), how))
        for name in ("_answered", "facts"):  # only now: looked up a moment before, it would be without this
            self.__dict__.pop(name, None)

    def begin(self, step: Step) -> Over | None:
        """Begin a step, as far as budgets go; or why not. What is owed is always begun."""
        return self.account.begin(matters=self.progress.matters(step), owed=self.owed(step))

    def owed(self, step: Step) -> bool:
        """Whether a step goes on whatever a budget has left; it counts all the same.

        So does what takes something back, and what follows from a write of this run that was carried out:
        its card promised that too, and the plan bounds how much it is.
        """
        return self.progress.takes_back(step) or self.progress.follows_a_write(step)

    def left_out(self, step: Step, over: Over) -> StepState:
        """What a step leaves that a budget has no room for; the run's events say once that it is so."""
        if (said := str(over)) not in self._told:
            self._told.add(said)
            self.progress.note(f"budget {over.how}", said=said, what=over.what, limit=over.limit)
        return StepState(step.id, "skipped", {"budget": over.remedy}, error=said, attempts=0)

    def writing(self, step: str) -> Write:
        """How an action of this step has prose written. Each try is kept at once; safe from any thread."""
        writer = self.tools.writer
        if writer is None:
            return extract_alone
        from deskhand.agent.models.checked import Source

        def note(type_: str, **data: Any) -> None:
            self.tools.records.note(
                self.progress.run.id, Note(type_, self.tools.now(), {"step": step} | data)
            )

        def write(
            task: str, sources: Sequence[tuple[Citation, str]], extract: Brief, *, beside: bool = False
        ) -> Brief:
            made = writer(
                task, [Source(cites, text) for cites, text in sources], extract, beside=beside,
                zone=self.context.owner.zone, tell=lambda how: note(WRITING_TRIED, **how),
                purse=self.account.tries,
            )  # fmt: skip
            note(WRITTEN, by=made.by, why=made.why)
            return made.brief

        return write

    @cached_property
    def effects(self) -> list[Effect]:
        """What this run has written so far."""
        return self.tools.records.effects(run=self.progress.run.id)

    def held(self) -> dict[str, Effect]:
        """What is held, or was taken back while it was, and is not told yet; by step."""
        rows = self.tools.records.effects(run=self.progress.run.id, states=("held", "withdrawn"))
        return {e.step: e for e in rows if e.step not in self.progress.states}

    def is_due(self, row: Effect) -> bool:
        """Whether what is held is to happen now."""
        return row.due is None or row.due <= self.tools.now() or row.held_as in self.tools.waited

    def approvals(self) -> dict[str, Approval]:
        """The newest approval of each step that still stands."""
        asked = self.tools.records.approvals(run=self.progress.run.id)
        return {a.step: a for a in asked if a.state not in ("expired", "withdrawn")}

    def changed_since(self, step: str) -> list[str]:
        """What changed each time before a step was asked anew, in words."""
        return list(dict.fromkeys(s for e in self.again.get(step, ()) for s in e.data["said"]))

    def item(self, op: Operation) -> Item | None:
        """What is written to, as it was when that was approved."""
        ref = getattr(op, "ref", None)
        if not isinstance(ref, ItemRef):
            return None
        archive = self.context.archive
        return archive.item(ref, getattr(op, "version", None) or None) or archive.item(ref)

    def look_anew(self) -> None:
        """Forget what was found out: a step was opened again, and reads as of now."""
        for name in ("again", "context", "facts"):
            self.__dict__.pop(name, None)
