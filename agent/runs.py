"""Everything about runs in a home: asking, deciding, undoing, scheduling; wired from its parts.

Nothing here is imported or opened before somebody asks for something: `deskhand search` needs neither
langgraph nor dbos.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from deskhand.agent.actions import Context, Finder
from deskhand.agent.approvals import Refused, decide
from deskhand.agent.connections import Connections
from deskhand.agent.ledger import Ledger
from deskhand.agent.model import FINISHED, Approval, Decision, Effect, Plan, Run, Step
from deskhand.agent.planners import Planner
from deskhand.agent.policy import Facts
from deskhand.agent.profile import Known, Owner
from deskhand.agent.state import Records
from deskhand.agent.work import Tools, Work
from deskhand.connectors.archive import Archive
from deskhand.connectors.operations import operation

if TYPE_CHECKING:
    from deskhand.agent.engine import Engine
    from deskhand.config.paths import Home


class Runs:
    """The runs of a home. `engine` is "dbos", or "memory" for the twin in this process."""

    def __init__(
        self,
        home: Home,
        archive: Archive,
        connections: Connections,
        *,
        owner: Owner,
        search: Finder,
        now: Callable[[], datetime],
        noticed: Callable[[], None],
        engine: str = "dbos",
        engine_url: str = "",
        expire_after: timedelta = timedelta(days=7),
        send_alone: bool = False,
        planner: Planner | None = None,
    ) -> None:
        """:param noticed: called after a write reached the archive, so that the index can take it up."""
        self._home, self._archive, self._connections = home, archive, connections
        self._owner, self._search, self._now, self._noticed = owner, search, now, noticed
        self._engine_kind, self._engine_url = engine, engine_url
        self._expire_after, self._send_alone, self._planner = expire_after, send_alone, planner
        self.records = Records(home.root / "runs.db")
        self.ledger = Ledger(self.records, connector=connections.connector, seen=self._seen)
        self._engine: Engine | None = None
        self._graph: Any = None
        self._lock = threading.RLock()

    # Asking

    def ask(
        self, request: str, *, approve_all: bool = False, plan: Plan | None = None, schedule: str = ""
    ) -> str:
        """Begin a run for a request (or for a plan that was made already); returns its id."""
        now = self._now()
        run, _ = self.records.new_run(request, now=now, approve_all=approve_all, schedule=schedule)
        self.records.note(run, "asked for", now=now, request=request)
        if plan is not None:
            self.records.set_run(run, now=now, plan=plan)
        self.engine.submit(run)
        return run

    def submit(self, run: str) -> None:
        """Have a run advanced."""
        self.engine.submit(run)

    def wait(self, run: str, timeout: float | None = None) -> Run:
        """Wait until a run is finished or waits for a decision. :raises LookupError: there is none."""
        self.engine.wait(run, timeout)
        return self.get(run)

    def get(self, run: str) -> Run:
        """A run. :raises LookupError: there is none."""
        found = self.records.run(run)
        if found is None:
            raise LookupError(f"There is no run {run}.")
        return found

    def resume(self) -> list[str]:
        """Go on with what was under way when a process ended; the ids of those runs."""
        left = self.records.unfinished()
        decided = [
            r.id
            for r in self.records.runs(statuses=("waiting",), limit=1000)
            if r.approvals and not any(a.state == "pending" for a in r.approvals)
        ]
        for run in (*left, *decided):
            self.engine.submit(run)
        return [*left, *decided]

    def cancel(self, run: str) -> Run:
        """Stop a run: nothing more of it is begun; what was done stays done."""
        found = self.get(run)
        if found.status not in FINISHED:
            self.records.set_run(run, now=self._now(), cancelled=True)
            for approval in self.records.approvals(run=run, state="pending"):
                self.records.turn_approval(approval.model_copy(update={"state": "withdrawn"}), was="pending")
            self.engine.submit(run)
        return self.wait(run)

    # Deciding

    def decide(self, approval: str, decision: Decision) -> Run:
        """Take a decision and let the run go on; returns the run as it then is.

        :raises LookupError: no such approval. :raises Refused: it cannot be decided so; says why.
        """
        found = self.records.approval(approval)
        if found is None:
            raise LookupError(f"There is no approval {approval}.")
        now = self._now()
        if found.state == "pending" and now >= found.expires:
            again = self._ask_again(found, now)
            raise Refused(f"{approval} expired on {found.expires:%d %b %Y}; it is asked again as {again.id}.")
        facts = self._facts()
        decided = decide(found, decision, facts=facts, zone=self._owner.zone, now=now)
        if not self.records.turn_approval(decided, was="pending"):
            raise Refused(f"{approval} was decided a moment ago by somebody else; nothing was done.")
        self.records.note(
            found.run, "decided", now=now, approval=approval, verdict=decision.verdict, by=decision.by,
            reason=decision.reason,
        )  # fmt: skip
        self.engine.submit(found.run)
        return self.wait(found.run)

    def undo(self, what: str, *, approve_all: bool = False) -> str:
        """Begin a run that takes back a run's effects, or one effect; returns its id.

        :raises LookupError: there is no such run or effect. :raises Refused: nothing of it can be undone.
        """
        effects = self._effects(what)
        done = [e for e in reversed(effects) if e.state == "done"]
        able = [e for e in done if e.inverse]
        if not able:
            if not effects:
                raise Refused(f"{what} changed nothing, so there is nothing to undo.")
            if not done:
                raise Refused(f"What {what} did was undone already, or never happened.")
            raise Refused(f"{', '.join(e.operation for e in done)} cannot be undone: it has left the house.")
        steps = []
        for n, effect in enumerate(able, 1):
            assert effect.inverse is not None  # noqa: S101 - for the type checker
            inverse = operation(effect.inverse["operation"], effect.inverse["arguments"])
            needs = (f"noted{n - 1}",) if n > 1 else ()
            arguments = {k: v for k, v in inverse.arguments().items() if v is not None}
            steps.append(
                Step(id=f"undo{n}", op=inverse.name, args=arguments, needs=needs, purpose="take it back")
            )
            steps.append(
                Step(
                    id=f"noted{n}",
                    op="effect.undone",
                    args={"effect": effect.key},
                    needs=(f"undo{n}",),
                    purpose="note it",
                )
            )
        plan = Plan(request=f"undo {what}", objective=f"Take back what {what} did.", steps=tuple(steps))
        return self.ask(plan.request, approve_all=approve_all, plan=plan)

    # Scheduling

    def settle(self, only: str | None = None) -> list[str]:
        """Fire the schedules that are due now; the runs made."""
        from deskhand.agent.schedule import settle

        return settle(self.records, now=self._now(), submit=self.engine.submit, only=only)

    def close(self) -> None:
        """Finish the advances under way and let go of everything."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
                self._engine = None
            if self._graph is not None:
                self._graph.close()
                self._graph = None
            self.records.close()

    # Wiring

    @property
    def engine(self) -> Engine:
        """The engine, started when it is first needed."""
        with self._lock:
            if self._engine is None:
                self._engine = self._start()
            return self._engine

    def context(self) -> Context:
        """What actions may look at."""
        return Context(
            archive=self._archive, search=self._search, records=self.records, owner=self._owner,
            places=self._connections.places(), unreadable=self._connections.unreadable(), now=self._now(),
        )  # fmt: skip

    def known(self) -> Known:
        """What planners may know."""
        return Known(
            owner=self._owner, now=self._now(), people=self._archive.directory(self._owner.addresses),
            places=self._connections.places(), schedules=[s.name for s in self.records.schedules()],
        )  # fmt: skip

    def advance(self, run: str) -> None:
        """Drive a run as far as it goes. What goes wrong is written into the run, never raised."""
        try:
            self.graph.advance(run)
        except Exception as error:
            # A defect of ours, or a disk that is full: the run must not stay "running" for ever, and
            # a person must be told. The trace keeps what a developer needs.
            import traceback

            now = self._now()
            self.records.note(run, "broke", now=now, trace=traceback.format_exc(limit=-8))
            self.records.set_run(
                run, now=now, status="failed",
                answer=f"Something in Deskhand itself went wrong ({type(error).__name__}: {error}). "
                f"What was done is in the ledger: deskhand show {run}",
            )  # fmt: skip

    @property
    def graph(self) -> Any:
        """The graph, compiled when it is first needed."""
        with self._lock:
            if self._graph is None:
                from deskhand.agent.graph import Graph

                self._graph = Graph(self._home.checkpoints, work=self._work)
            return self._graph

    def _work(self, run: str) -> Work:
        from deskhand.agent.planners.rules import plan as rules

        return Work(
            run,
            Tools(
                records=self.records, ledger=self.ledger, context=self.context(), known=self.known,
                planner=self._planner or rules, facts=self._facts(), expire_after=self._expire_after,
                now=self._now,
            ),
        )  # fmt: skip

    def _start(self) -> Engine:
        if self._engine_kind == "dbos":
            from deskhand.agent import engine_dbos

            if not engine_dbos.running():
                url = self._engine_url or f"sqlite:///{self._home.engine}"
                return engine_dbos.Durable(self.advance, url=url)
        from deskhand.agent.engine import InProcess

        return InProcess(self.advance)

    def _facts(self) -> Facts:
        return Facts(
            mine=self._owner.addresses,
            contacts=frozenset(
                a for p in self._archive.directory(self._owner.addresses) if p.written for a in p.addresses
            ),
            send_alone=self._send_alone,
            look_up=lambda op: self._archive.item(op.ref) if getattr(op, "ref", None) else None,  # type: ignore[attr-defined]
        )

    def _seen(self, item: Any, receipt: Any) -> None:
        self._connections.seen(item, receipt, now=self._now())
        self._noticed()

    def _ask_again(self, approval: Approval, now: datetime) -> Approval:
        from deskhand.agent.approvals import sign

        expired = approval.model_copy(update={"state": "expired"})
        self.records.turn_approval(expired, was="pending")
        fresh = approval.model_copy(
            update={
                "id": self.records.next_approval()[0],
                "created": now,
                "expires": now + self._expire_after,
            }
        )
        fresh = fresh.model_copy(update={"hash": sign(fresh)})
        self.records.put_approval(fresh)
        self.records.note(approval.run, "asked again", now=now, approval=fresh.id, expired=approval.id)
        return fresh

    def _effects(self, what: str) -> Sequence[Effect]:
        if self.records.run(what) is not None:
            return self.records.effects(run=what)
        found = [
            e for e in self.records.effects() if e.key == what or (len(what) >= 6 and e.key.startswith(what))
        ]
        if len(found) != 1:
            raise LookupError(f"There is no run or effect {what}.")
        return found
