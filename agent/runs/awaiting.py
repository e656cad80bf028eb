"""Schedules that wait for a sign-in: what they do can only be done with a source that lets nobody in now.

That is worked out from how the sources stand, and kept nowhere: it survives a restart, ends with the first
pass that is let in again, and touches nothing that the person paused. The times that came meanwhile are not
looked at; so the newest of them is caught up once, as after any other pause of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.profile import Known, Place
from deskhand.agent.records.state import Records
from deskhand.agent.records.timetable import Schedule
from deskhand.agent.runs.remarks import LOOKS_AT
from deskhand.agent.sources.connections import Connections
from deskhand.connectors.archive import Archive, SourceState
from deskhand.connectors.operations import OPERATIONS

_TOLD = "schedules that wait"
"""The series under which it is kept which of them were told of."""


@dataclass(frozen=True)
class Awaiting:
    """Which schedules of a home wait."""

    records: Records
    archive: Archive
    connections: Connections
    now: Callable[[], datetime]
    known: Callable[[], Known]

    def reason(self, schedule: Schedule) -> str:
        """Why a schedule waits, as the end of a sentence; "" where it does not."""
        return self._reason(schedule, self._signed_out())

    def _reason(self, schedule: Schedule, out: Mapping[str, SourceState]) -> str:
        plan = self._plan(schedule) if out else None
        lacks = waits_for(plan, self.connections.places(), out) if plan is not None else ()
        return " ".join(_sentence(out[alias]) for alias in lacks)

    def told(self) -> list[str]:
        """A sentence for each schedule that waits, once for each time that a sign-in ended: it is noted."""
        out = self._signed_out()
        if not out:
            return []
        ended = ",".join(f"{s.alias} {s.synced}" for s in out.values())
        before = self.records.told(_TOLD)
        going = (s for s in self.records.schedules() if not s.paused and (s.name, ended) not in before)
        said = {s.name: f"{s.name} {why}" for s in going if (why := self._reason(s, out))}
        self.records.tell(_TOLD, [(name, ended) for name in said], now=self.now())
        return [*said.values()]

    def _signed_out(self) -> dict[str, SourceState]:
        """The sources whose sign-in has ended: a password or token that is taken no more."""
        here = self.connections.aliases
        return {s.alias: s for s in self.archive.sources() if s.health.refused and s.alias in here}

    def _plan(self, schedule: Schedule) -> Plan | None:
        """The plan that a schedule was carried out by last, else what the rules make of its wish."""
        from deskhand.agent.planners.rules import plan

        for slot in self.records.slots(schedule.name, limit=5):
            run = self.records.run(slot.run) if slot.run else None
            if run is not None and run.plan is not None:
                return run.plan
        made = plan(schedule.request, self.known())
        return made if isinstance(made, Plan) else None


def waits_for(plan: Plan, places: Sequence[Place], out: Collection[str]) -> tuple[str, ...]:
    """Those of the sources that are signed out without which the plan cannot be carried out; () if it can.

    A write needs one source that does it; what is read, any that holds the like of it.
    """
    lacks, read = set[str](), set[str]()
    for step in plan.steps:
        if step.op in OPERATIONS:
            able = _named(step, places) or {p.alias for p in places if step.op in p.operations}
            lacks |= able if able <= set(out) else set()
        else:
            kinds = LOOKS_AT.get(step.op.partition(".")[0], frozenset())
            read |= _named(step, places) or {p.alias for p in places if p.holds & kinds and not p.owner}
    return tuple(sorted(lacks | (read if read <= set(out) else set())))


def _sentence(state: SourceState) -> str:
    why = state.error.rstrip(".")
    return f"waits for {state.alias}, which lets nobody in: {why}. Then it goes on by itself."


def _named(step: Step, places: Sequence[Place]) -> set[str]:
    """The source that a step names itself."""
    named = step.args.get("source")
    return {p.alias for p in places if p.alias == named}
