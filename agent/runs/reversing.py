"""Taking back what runs did: what is held goes at once, the rest in a run of its own, begun once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from deskhand.agent.actions import Context
from deskhand.agent.model import FINISHED, Effect, Run
from deskhand.agent.plans.language import Plan
from deskhand.agent.records.state import Records
from deskhand.agent.runs.overtaken import overtaken
from deskhand.agent.runs.progress import UNDONE
from deskhand.agent.trust.approvals import Refused
from deskhand.agent.trust.ledger import Ledger
from deskhand.agent.trust.undo import taking_back
from deskhand.agent.wording.writes import withdrawn
from deskhand.connectors.operations import operation

WHICH = "Say which run, like r1; deskhand runs lists them."


@dataclass(frozen=True, slots=True)
class Reversed:
    """What came of an undo."""

    run: str
    """The run that takes it back; or the one itself, where nothing but what was held had to be."""
    begun: bool = False
    """Whether that run was begun for it just now."""
    already: bool = False
    """Whether it was begun before, and is not over."""
    kept: tuple[Effect, ...] = ()
    """What was held, and was taken back at once beside it."""
    stopped: bool = False
    """Whether the run that it takes back was not over, and was stopped for it."""


@dataclass(frozen=True)
class Reversing:
    """Takes effects back. `ask` begins a run, `stop` cancels one, `go_on` has one go on and waits for it,
    `look` looks at the sources, which may have what is due go out."""

    records: Records
    ledger: Ledger
    now: Callable[[], datetime]
    context: Callable[[], Context]
    ask: Callable[[Plan], str]
    stop: Callable[[str], object]
    go_on: Callable[[str], None]
    look: Callable[[], object]

    def undo(self, what: str) -> Reversed:
        """Take back what is still held of a run, or one such effect; begin a run that takes back the rest.

        A run that is not over is stopped by it; with one effect taken back it goes on. What another run is
        about to take back already is left to that. The sources are looked at only when what can still be
        kept from happening has been: a look lets go out what is due.

        :raises LookupError: there is no such run or effect. :raises Refused: nothing of it can be undone.
        """
        effects, whole = self._effects(what), self.records.run(what)
        over = whole is None or whole.status in FINISHED or bool(whole.problem)
        kept = self._held_back(what, effects, stops=not over)
        effects = self._effects(what)
        stopped = not over and self.records.status(what) == "cancelled"  # or it came to its end first
        # Of a run that was stopped before it did anything, that is the whole answer.
        nothing = not any(e.state == "done" and e.inverse for e in effects if whole is not None)
        if nothing and (kept or (stopped and all(e.state == "withdrawn" for e in effects))):
            return Reversed(kept[0].run if kept else what, stopped=stopped)
        self.look()
        try:
            if (other := self._under_way(what, effects)) is not None:
                return Reversed(other.id, already=True, kept=tuple(kept), stopped=stopped)
            beside = [e for run in {e.run: None for e in effects} for e in self.records.effects(run=run)]
            left = [e for e in effects if e.key not in {k.key for k in kept}]
            plan = taking_back(what, left, beside=beside, overtaken=overtaken(self.context(), left))
        except Refused as error:
            # What was held is taken back all the same, and is told with what cannot be.
            before = said_kept(kept) or (said_stopped(what) if stopped else "")
            raise Refused(f"{before} {error}".lstrip()) from None
        return Reversed(self.ask(plan), begun=True, kept=tuple(kept), stopped=stopped)

    def _held_back(self, what: str, effects: Sequence[Effect], *, stops: bool) -> list[Effect]:
        """What was held, and is taken back now. :param stops: with the run that it is of."""
        if stops:
            # Stopped first: cut off in between, nothing more of it is begun beside what was taken back.
            self.stop(what)
            found = (self.records.effect(e.key) for e in effects if e.state == "held")
            return [row for row in found if row is not None and row.state == "withdrawn"]
        rows = (self.ledger.withdraw(e.key, now=self.now()) for e in effects)
        kept = [row for row in rows if row is not None]
        if kept:
            self.go_on(kept[0].run)
        return kept

    def _under_way(self, what: str, effects: Sequence[Effect]) -> Run | None:
        """The run that takes all of it back already, and is not over. :raises Refused: a part of it."""
        able = {e.key for e in effects if e.state == "done" and e.inverse}
        for run in self.records.going():
            steps = run.plan.steps if run.plan is not None and not run.problem else ()
            theirs = able & {str(s.args.get("effect", "")) for s in steps if s.op == UNDONE}
            if theirs and theirs == able:
                return run
            if theirs:
                raise Refused(
                    f"A part of what {what} did is being taken back already, by {run.id}. Decide that first: "
                    f"deskhand show {run.id}"
                )
        return None

    def _effects(self, what: str) -> Sequence[Effect]:
        """The effects of a run, or one of them, by name. :raises LookupError: there is none."""
        if (run := self.records.run(what)) is not None:
            if run.problem and not run.effects:
                raise LookupError(run.problem)  # not "there is nothing": nobody can tell
            # What it took back itself after a failure is no more to be undone than it is there.
            back = run.amends.backs if run.amends else frozenset[str]()
            return [e for e in run.effects if e.step not in back]
        found = self.records.effects(key=what) if len(what) >= 6 else []
        if len(found) != 1:
            raise LookupError(f"There is no run or effect {what}." if what.strip() else WHICH)
        return found


def said_kept(effects: Sequence[Effect]) -> str:
    """What was held, and does not go out any more, for the person."""
    return " ".join(withdrawn(operation(e.operation, e.arguments)) for e in effects)


def said_stopped(what: str) -> str:
    """That nothing more of a run is begun, for the person."""
    return f"{what} was not over: it is stopped."


def said_already(what: str, run: Run) -> str:
    """That a run takes it back already, for the person."""
    asked = [a.id for a in run.approvals if a.state == "pending"]
    waits = f"; it waits for your answer to {', '.join(asked)}" if asked else ""
    return f"{what} is being taken back already, by {run.id}{waits}."
