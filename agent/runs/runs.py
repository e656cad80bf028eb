"""Everything about runs in a home: asking, deciding, undoing, scheduling; wired from its parts.

Nothing here is imported or opened before somebody asks for something: `deskhand search` needs neither
langgraph nor dbos.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from deskhand.agent.actions import Context, Finder
from deskhand.agent.budget import STOPS, UNITS, Allowance
from deskhand.agent.model import FINISHED, FOLLOWING, FORMAT, Decision, Effect, Run
from deskhand.agent.planners import Planner
from deskhand.agent.planners.goals.mailboxes import by_account
from deskhand.agent.plans.language import Plan
from deskhand.agent.profile import Known, Owner
from deskhand.agent.records.keeping import BUDGET_DAYS, Keep
from deskhand.agent.records.spending import Place
from deskhand.agent.records.state import Note, Records
from deskhand.agent.runs.account import Account
from deskhand.agent.runs.advancing import Advancing
from deskhand.agent.runs.alarm import Alarm
from deskhand.agent.runs.awaiting import Awaiting
from deskhand.agent.runs.deciding import Always, Deciding
from deskhand.agent.runs.escalating import Escalating
from deskhand.agent.runs.footing import Tools, sight_of
from deskhand.agent.runs.known import known
from deskhand.agent.runs.origin import HANDED_BACK, MadeBy
from deskhand.agent.runs.reversing import WHICH, Reversed, Reversing
from deskhand.agent.runs.watching import OFTEN, Watching
from deskhand.agent.runs.work import Work
from deskhand.agent.sources.connections import Connections
from deskhand.agent.trust.ledger import Ledger
from deskhand.agent.trust.policy import Facts, Policy
from deskhand.connectors import tells
from deskhand.connectors.archive import Archive
from deskhand.connectors.database import StorageError

if TYPE_CHECKING:
    from deskhand.agent.models.writing import Writer
    from deskhand.agent.runs.engine import Engine
    from deskhand.agent.runs.graph import Graph
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
        remind_after: timedelta = timedelta(days=1),
        policy: Callable[[], Policy],
        planner: Planner | None = None,
        allowance: Allowance | None = None,
        ticks: Callable[[], float] = monotonic,
        writer: Writer | None = None,
        keep: Keep | None = None,
        hold: timedelta = timedelta(0),
        hide: Callable[[str], str] = str,
    ) -> None:
        """:param policy: the rules in force; asked each time something is judged.
        :param noticed: called after a write reached the archive, so that the index can take it up.
        :param ticks: seconds that pass, for how long a run works.
        :param hold: so long a mail to others is held after the yes.
        :param hide: takes secrets out of what is told of runs.
        """
        self._archive, self._connections = archive, connections
        self._owner, self._search, self._now, self._noticed = owner, search, now, noticed
        self._expire_after, self._policy, self._planner = expire_after, policy, planner
        self._remind_after = remind_after
        self._writer = writer
        self._keep, self._hold = keep or Keep(), hold
        self._alarm = Alarm()
        self.records = Records(home.root / "runs.db", now=now, hide=hide)
        self.allowance, self._ticks = allowance or Allowance(), ticks
        self.ledger = Ledger(self.records, connector=connections.metered, seen=self._seen)
        self._advancing = Advancing(
            self.records, checkpoints=home.checkpoints, kind=engine,
            url=engine_url or f"sqlite:///{home.engine}", now=now, get=self.get, work=self._work,
            held=lambda run: self._watch_time(self.records.held(run)),
            keep=lambda: self._keep.checkpoints,
        )  # fmt: skip
        self._taking_back = threading.Lock()

    def describe(
        self, *, owner: Owner, expire_after: timedelta, remind_after: timedelta, allowance: Allowance,
        keep: Keep, hold: timedelta,
    ) -> None:  # fmt: skip
        """Go by other settings from now on; what was planned stays planned, what was asked is asked as long
        as it was said."""
        self._owner, self._expire_after = owner, expire_after
        self._remind_after = remind_after
        self.allowance, self._keep, self._hold = allowance, keep, hold

    # Asking

    def ask(
        self, request: str, *, approve_all: bool = False, plan: Plan | None = None,
        made_by: MadeBy | None = None, schedule: str = "",
    ) -> str:  # fmt: skip
        """Begin a run for a request (or for a plan that was made already); returns its id.

        :param made_by: who made the plan, where that is not the person: what is theirs still stays theirs.
        """
        now = self._now()
        theirs = made_by.left_in(plan) if made_by is not None and plan is not None else None
        run, _ = self.records.new_run(
            request, now=now, approve_all=approve_all, schedule=schedule, plan=plan,
            notes=[Note(HANDED_BACK, now, theirs)] if theirs is not None else (),
        )  # fmt: skip
        self.engine.submit(run)
        return run

    def submit(self, run: str) -> None:
        """Have a run advanced."""
        self.engine.submit(run)

    def wait(
        self, run: str, timeout: float | None = None, *, watching: Watching | None = None, held: bool = True
    ) -> Run:
        """Wait until a run is finished or waits for a decision, for `timeout` seconds at the most.

        :param held: wait also until what is held has gone out or was taken back.
        :raises LookupError: there is none. :raises StorageError: the disk stood in its way; it goes on
            with the next command that does something.
        """
        found = self._waited(run, timeout, watching, held=held)
        if found.anew and (again := self.records.run(found.anew)) is not None and again.status == "ready":
            # Begun here, and not by whoever carried out the other one: so each has a thread of its own.
            self.engine.submit(again.id)
            self.engine.wait(again.id, timeout)
        return found

    def _waited(self, run: str, timeout: float | None, watching: Watching | None, *, held: bool) -> Run:
        until = None if timeout is None else monotonic() + timeout
        found: Run | None = None
        while True:
            left = None if until is None else max(0.0, until - monotonic())
            if watching is None:
                self.engine.wait(run, left)
            else:
                watching.wait(self.engine, self.records, run, left)
            if stuck := self._advancing.stuck(run):
                raise StorageError(stuck)
            still = found is not None and found.status == self.records.status(run) == "held"
            if found is None or left == 0.0 or not still:  # while mail is held it is looked at many times
                found = self.get(run)
            if not held or found.status not in ("held", "running", "ready") or left == 0.0:
                return found
            if found.status != "held" and run not in self.engine.list():
                # It may have ended between the two looks: what became of it is read after that.
                found = self.get(run)
                if found.status != "held" and run not in self.engine.list():
                    return found
            # The alarm rings in this very process; whoever takes it back meanwhile does so in it too.
            time.sleep(OFTEN if left is None else min(OFTEN, left))

    def wait_held(self, run: str, *, watching: Watching | None = None) -> Run:
        """Wait until a run holds nothing back any more, whatever else it waits for."""
        self._watch_time(self.records.held(run))
        found = self.wait(run, watching=watching)
        while self.records.held(run) and found.status not in FINISHED:
            time.sleep(OFTEN)
            found = self.wait(run, watching=watching)
        return found

    def get(self, run: str) -> Run:
        """A run. :raises LookupError: there is none."""
        found = self.records.run(run)
        if found is None:
            raise LookupError(f"There is no run {run}." if run.strip() else WHICH)
        return found

    def resume(self, *, watching: Watching | None = None) -> list[str]:
        """Go on with what was under way when a process ended; the ids of those runs.

        Who watches is told what happens in them from now on, as soon as they are waited for.
        """
        left = self.left()
        self._watch_time(self.records.held())
        for run in left:
            if watching is not None:
                watching.from_now(self.records, run)
            self.engine.submit(run)
        return left

    def left(self) -> list[str]:
        """What `resume` would go on with; nothing is begun by it, nor is the engine."""
        under_way = self._advancing.under_way()
        found = dict.fromkeys([*self.records.unfinished(), *self._due()])
        return [run for run in found if run not in under_way]

    def cancel(self, run: str, *, why: str = "", watching: Watching | None = None) -> Run:
        """Stop a run: nothing more of it is begun, what reads is waited for no longer; what was done stays.

        A write under way is waited for, since it is known only then what became of it. A finished run stays
        as it is. :param why: what stopped it, as a sentence, where the person did not.
        :raises LookupError: there is none.
        """
        found = self.get(run)
        if watching is not None:
            watching.from_now(self.records, run)
        if found.status not in FINISHED and not found.problem:
            note = Note("cancelled", self._now(), {"why": why} if why else {})
            self.records.set_run(run, now=self._now(), notes=[note], cancelled=True)
            for row in self.records.held(run):
                self.ledger.withdraw(row.key, now=self._now())
            self._advancing.stop(run)
            self.engine.submit(run)
        elif found.status not in FINISHED and found.format <= FORMAT:
            self.engine.submit(run)  # it cannot be gone on with, so it ends, and says why
        return self.wait(run, watching=watching)

    # Deciding

    def decide(
        self, approval: str, decision: Decision, *, always: Always | None = None,
        watching: Watching | None = None, held: bool = True,
    ) -> Run:  # fmt: skip
        """Take a decision and let the run go on; returns the run as it then is.

        :param held: as for `wait`.
        Who watches is told what happens in the run from the decision on.

        :param always: what is said yes to is allowed from now on (`trust.permissions`).

        :raises LookupError: no such approval. :raises Refused: it cannot be decided so; says why.
        """
        said = [(approval, decision)]
        return self.deciding.decide_all(said, always=always, watching=watching, held=held)[0]

    def decide_all(
        self, said: Sequence[tuple[str, Decision]], *, watching: Watching | None = None, held: bool = True
    ) -> list[Run]:
        """Take several decisions in one go (`Deciding.decide_all`); the runs they belong to."""
        return self.deciding.decide_all(said, watching=watching, held=held)

    @property
    def escalating(self) -> Escalating:
        """Reminds of what waits long, and does what follows where nobody answered."""
        return Escalating(
            self.records,
            self._owner.zone,
            self._now,
            self._remind_after,
            go_on=self.submit,
            wait=lambda run: self.wait(run, held=False),
        )

    def explained(self, run: str, step: str) -> dict[str, Any]:
        """How a write of a run was judged, and would be now. :raises LookupError: there is no such run.
        :raises Refused: it has no such write, or what that would be is not known any more."""
        from deskhand.agent.runs.explained import explained

        return explained(Work.of(self.get(run), self._tools()).on, step)

    def undo(
        self, what: str, *, look: Callable[[], object] = lambda: None, approve_all: bool = False
    ) -> Reversed:
        """Take back what a run, or one effect, did (`Reversing.undo`); one at a time, for it looks first
        whether another is about to. Raises as that."""
        reversing = Reversing(
            self.records, self.ledger, self._now, self.context, stop=self.cancel,
            ask=lambda plan: self.ask(plan.request, approve_all=approve_all, plan=plan), go_on=self._go_on,
            look=look,
        )  # fmt: skip
        with self._taking_back:
            return reversing.undo(what)

    def _go_on(self, run: str) -> None:
        self.engine.submit(run)
        self.wait(run, held=False)

    # Scheduling

    def settle(self, only: str | None = None) -> list[str]:
        """Fire the schedules that are due now; the runs made."""
        from deskhand.agent.schedule import settle

        submit = self.engine.submit
        return settle(
            self.records, now=self._now(), submit=submit, only=only, refuses=self.refuses,
            waits=self.awaiting.reason,
        )  # fmt: skip

    @property
    def awaiting(self) -> Awaiting:
        """Which schedules wait for a sign-in."""
        return Awaiting(self.records, self._archive, self._connections, self._now, self.known)

    def altered(self, schedule: str) -> str:
        """What to do about a schedule that is not what its last line says; "" where it is."""
        return "" if self.records.as_told("schedule", schedule) else self._altered(schedule)

    def _altered(self, schedule: str) -> str:
        return (
            "It is not as you left it: it was changed or put there past Deskhand. Look at it with "
            f"deskhand schedule list; if it is to run so, say deskhand schedule resume {schedule}, else "
            f"deskhand schedule remove {schedule}."
        )

    def refuses(self, schedule: str, as_told: bool) -> str:
        """Why a schedule is not run now: what would help stands beside it; "" where it is.

        :param as_told: whether it is what its last line says.
        """
        if not as_told:
            return self._altered(schedule)
        budgets = self.account(schedule=schedule).budgets()
        over = next((o for b in budgets if (o := b.used_up(STOPS if b.scope == "day" else UNITS))), None)
        return f"{over}. {over.remedy}" if over else ""

    def follow(self) -> list[str]:
        """Begin what follows from new mail and from times that were kept; the runs made.

        Only as many as the day has room for; the others are called for again, and begun when it has. One that
        was begun is not stopped by the day any more: nobody would answer a second time.
        """
        from deskhand.agent.runs.following import REMEMBERED, what_follows

        self._watch_time(self.records.held())
        for run in self._due():
            self.engine.submit(run)  # it was to go out when nobody was there
        now, day = self._now(), self.account()
        if day.stopped():
            return []
        short = self.records.cut_short(*FOLLOWING, since=now - REMEMBERED)
        again = [r for r in map(self.get, short) if not self.account(r).stopped()]
        places = self._connections.places()
        sender = next((p.alias for p in places if "mail.send" in p.operations), None)
        called_for, seen = what_follows(
            self.records, self._archive, owner=self._owner, sender=sender, now=now,
            calendars=[p.alias for p in places if "event.receive" in p.operations],
            served=[p.alias for p in places if "event.update" in p.operations and tells(p.kind)],
            unreadable=self._connections.unreadable(), again=again,
        )  # fmt: skip
        made = list[str]()
        room, taken = day.steps_left(), 0
        for following in called_for:
            takes = len(following.plan.steps)
            if made and room is not None and taken + takes > room:
                return made  # not yet followed up to here
            run, new = self.records.new_run(
                following.plan.request, now=now, id_=following.id, plan=by_account(following.plan, places)
            )
            if new:
                taken += takes
                made.append(run)
                self.engine.submit(run)
        if seen != self.records.followed():
            self.records.set_followed(seen)
        return made

    # Keeping

    def tidy(self) -> None:
        """Let go of what is kept long enough of finished runs. Once a day, and where runs are at work anyway:
        what costs nothing then would cost a start otherwise."""
        now = self._now()
        if (begun := self._advancing.begun) is None or not self.records.due(now=now):
            return
        engine, graph = begun
        for run in self.records.over(graph.runs(), before=now - self._keep.checkpoints):
            graph.forget(run)
        self.records.shrink(before=now - self._keep.outputs, now=now)
        spent = now - max(self._keep.outputs, BUDGET_DAYS)
        self.records.forget_spent(before=spent, day=spent.astimezone(self._owner.tz).date().isoformat())
        engine.tidy()

    def close(self) -> None:
        """Finish the advances under way and let go of everything."""
        self._alarm.close()
        with suppress(StorageError, sqlite3.Error):  # it is tried again tomorrow; what was asked is done
            self.tidy()
        self._advancing.close()
        self.records.close()

    # Wiring

    @property
    def engine(self) -> Engine:
        """What has runs driven, started when it is first needed."""
        return self._advancing.engine

    @property
    def graph(self) -> Graph:
        """What a run goes through, compiled when it is first needed."""
        return self._advancing.graph

    def context(self, account: Account | None = None) -> Context:
        """What actions may look at; what they ask of sources counts for this account."""
        free_busy = self._connections.free_busy
        return Context(
            archive=self._archive, search=self._search, records=self.records, owner=self._owner,
            places=self._connections.places(), unreadable=self._connections.unreadable(), now=self._now(),
            free_busy=partial(free_busy, meter=account.call) if account else free_busy,
            waits=self.awaiting.reason,
        )  # fmt: skip

    def known(self) -> Known:
        """What planners may know."""
        return known(self._archive, self._connections, self.records, owner=self._owner, now=self._now())

    def account(self, run: Run | None = None, *, schedule: str = "") -> Account:
        """What a run may spend, and has; without one, what is spent outside of any (of a schedule: by all
        its runs of today)."""

        def place() -> Place:
            day = self._now().astimezone(self._owner.tz).date().isoformat()
            if run is None:
                return Place("", schedule, day)
            return Place(run.id, run.schedule, day, follows=run.id.startswith(FOLLOWING))

        return Account(self.records, self.allowance, place, self._ticks)

    def _work(self, run: Run) -> Work:
        return Work.of(run, self._tools(self.account(run)))

    def _tools(self, account: Account | None = None) -> Tools:
        account = account or self.account()
        if self._planner is None:
            from deskhand.agent.planners.rules import plan

            self._planner = plan
        metered = self._connections.metered
        return Tools(
            records=self.records, ledger=self.ledger.metered(lambda alias: metered(alias, account.called)),
            context=partial(self.context, account), known=self.known, planner=self._planner,
            facts=self._facts, policy=self._policy, account=account, expire_after=self._expire_after,
            now=self._now, writer=self._writer, hold=self._hold, waited=self._alarm.rung,
        )  # fmt: skip

    def _due(self) -> list[str]:
        """Runs that hold something whose time has come."""
        now, rows = self._now(), self.records.held()
        return list(dict.fromkeys(r.run for r in rows if r.due is None or r.due <= now))

    def _watch_time(self, rows: Sequence[Effect]) -> None:
        """Have runs go on when the time of what they hold has come."""
        now = self._now()
        for row in rows:
            seconds = (row.due - now).total_seconds() if row.due is not None else 0.0
            self._alarm.set(row.held_as, seconds, partial(self.engine.submit, row.run))

    def _facts(self) -> Facts:
        known = self.known()
        return Facts(
            mine=self._owner.addresses,
            contacts=known.contacts,
            look_up=self._archive.item,
            tells=frozenset(p.alias for p in known.places if tells(p.kind)),
            shared=self._owner.shared,
        )

    def _seen(self, item: Any, receipt: Any) -> None:
        self._connections.seen(item, receipt, now=self._now())
        self._noticed()

    @property
    def deciding(self) -> Deciding:
        """How decisions are taken in this home."""
        return Deciding(
            self.records, self.ledger, self._facts, self._policy, self._owner.zone, self._now,
            go_on=self.submit, at_work=lambda run: run in self._advancing.under_way(),
            sight=lambda facts, run: sight_of(facts, self.known, run),
            wait=lambda run, watching, held: self.wait(run, watching=watching, held=held),
        )  # fmt: skip
