"""Deskhand from Python: `App.open(home)` wires settings to objects, and every door uses what it gives.

with App.open("~/desk") as app:
    app.sync()
    app.search("harbour budget", kinds=["document"])
    run = app.ask("schedule 45 minutes with Ann next week", approve=lambda approval: {"verdict": "approve"})
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deskhand.agent.desk.permits import always_of
from deskhand.agent.errors import Refusal
from deskhand.agent.home.tended import Tended
from deskhand.agent.sources.connections import OUTPUTS
from deskhand.connectors.errors import Missing
from deskhand.connectors.model import ItemRef
from deskhand.index.model import Query, Results

if TYPE_CHECKING:
    from deskhand.agent.model import Approval, Decision, Event, Permission, Run
    from deskhand.agent.people.dealings import Dealings
    from deskhand.agent.planners import Read
    from deskhand.agent.plans.language import Plan, Unclear
    from deskhand.agent.runs.escalating import Notice
    from deskhand.agent.runs.origin import MadeBy
    from deskhand.agent.runs.watching import Watching
    from deskhand.agent.runs.written import Written

Approve = Callable[[dict[str, Any]], "Mapping[str, Any] | Decision"]
"""Handed each approval as data; returns `{"verdict": "approve" | "edit" | "reject", "changes", "reason"}`."""

Watch = Callable[["Event"], None]
"""Told each event of the runs that a call waits for, soon after it is written, in the thread that called; of
a run that began before, what happens from then on. What it raises ends the call; the run goes on."""

EMBED_AT_ONCE = 128
"""Passages that get their vectors before a question is answered; the rest is found by its words meanwhile."""


class App(Tended):
    """A home, opened. There is one at a time per home: whoever holds it owns archive, index and clock."""

    # Looking

    def search(self, query: str = "", **filters: Any) -> Results:
        """Search by words and meaning. Filters are the fields of `index.Query`: sources, kinds, person,
        since, until, thread, folder, version, history, limit."""
        given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in filters.items()}
        self._read()
        found = self._once(Query(text=query, **given))
        among = given.get("sources") or None
        return replace(found, notes=(*found.notes, *self.missing(among)))

    def missing(self, sources: Collection[str] | None = None) -> list[str]:
        """What may be missing in an answer out of these sources (all of them): a sentence for each that is
        behind."""
        from deskhand.agent.sources.standing import behind

        late = self.connections.behind().items()
        zone, now = self.owner.zone, self._now()
        return [behind(a, s, zone=zone, now=now) for a, s in late if sources is None or a in sources]

    def item(self, ref: str, version: str | None = None) -> Any:
        """An item of the archive. :raises Missing: there is none."""
        try:
            found = self.archive.item(ItemRef.parse(ref), version)
        except ValueError as error:
            raise Missing(f"{error}.") from None
        if found is None:
            raise Missing(f"There is no {ref}{f' at version {version}' if version else ''} in the archive.")
        return found

    def people(self, name: str = "", *, limit: int = 20) -> list[Dealings]:
        """Whom the person deals with, most first: those whose name or address holds `name`, or all.

        :raises Missing: nobody is called so.
        """
        from deskhand.agent.people.dealings import by_habit, dealings
        from deskhand.agent.profile import gathered

        owner, now, low = self.owner, self._now(), " ".join(name.casefold().split())
        self.archive.trace(owner.addresses)
        everybody = gathered(self.archive.directory(owner.addresses), owner)
        others = [p for p in everybody if not owner.addresses & {*p.addresses}]
        named = [p for p in others if low in p.name.casefold() or any(low in a for a in p.addresses)]
        if low and not named:
            raise Missing(f"I know nobody called {name}.")
        first = by_habit(self.archive, named, now=now)[: max(limit, 1)]
        return dealings(self.archive, first, owner=owner, now=now)

    # Asking

    def ask(
        self,
        wish: str | Plan,
        *,
        approve: Approve | bool | None = None,
        wait: float | None = None,
        held: bool = True,
        fresh: bool = True,
        watch: Watch | None = None,
        made_by: MadeBy | None = None,
    ) -> Run:
        """Ask for something; returns the run when it is finished or waits for a decision.

        :param wish: words, or a plan that is carried out as it stands.
        :param approve: True approves what the policy would ask, never what it denies; a callable is handed
            each approval as data and returns a decision.
        :param wait: seconds to wait for it at the most.
        :param held: wait also until mail that is held has gone out (`[sending] hold`), or was taken
            back; otherwise it goes out while this App is open, or with the next command that does something.
        :param fresh: look at the sources first, so that nothing is decided on stale data.
        :param watch: told each event of the run (`Watch`).
        :param made_by: of a plan: the model that made it, as it was printed. What of it is as it was
            then counts as that model's, and not as the person's own word.
        """
        given, text = (None, wish) if isinstance(wish, str) else (wish, wish.request)
        if not text.strip():
            raise Refusal("There is nothing to do: the request is empty. Say what you want, in words.")
        if fresh:
            self.sync(embed=EMBED_AT_ONCE)
        watching = _watching(watch)
        begun = self.runs_room.ask(text, approve_all=approve is True, plan=given, made_by=made_by)
        run = self.runs_room.wait(begun, wait, watching=watching, held=held)
        return self._approved(run, approve, watching, held=held)

    def plan(self, text: str) -> Plan | Unclear:
        """The plan a request would be carried out by, or what is unclear about it; nothing is done."""
        return self.read(text).plan

    def read(self, text: str, *, told: Callable[[Mapping[str, Any]], None] | None = None) -> Read:
        """The same, with how sure it is and which words it left unread, where the planner can tell.

        :param told: told of every model that is tried (`models.trying.Tell`).
        """
        from deskhand.agent.people.learning import tell
        from deskhand.agent.people.namesakes import marked
        from deskhand.agent.planners import reading, telling
        from deskhand.agent.planners.rules import plan

        known, planner = self.runs_room.known(), self._planner or plan
        read = reading(planner if told is None else telling(planner, told), text, known)
        return replace(read, plan=marked(tell(read.plan, text, known), known=known, archive=self.archive))

    def approvals(self, *, state: str = "pending") -> list[Approval]:
        """What waits for a decision, in the order it was asked."""
        return self.runs_room.records.approvals(state=state)

    def decide(
        self,
        approval: str,
        verdict: str = "approve",
        *,
        changes: Mapping[str, Any] | None = None,
        seen: bool = False,
        reason: str = "",
        by: str = "person",
        held: bool = True,
        always: Mapping[str, Any] | bool | None = None,
        watch: Watch | None = None,
    ) -> Run:
        """Decide an approval: approve, edit (with changes) or reject (with a reason); the run goes on.

        After a yes the calendars are read again first: what came in since the question may be in the way.
        :param seen: of an edit: what there is to warn of the new values was seen; else that is told first.
        :param always: True, or `{"until", "per_day", "to"}`: the like of it is allowed from now on.
        :param held: as for `ask`.
        :param watch: told each event of the run from the decision on (`Watch`).
        """
        said = {
            "verdict": verdict, "changes": dict(changes or {}), "seen": seen, "reason": reason, "by": by,
        }  # fmt: skip
        return self._decided({approval: said}, _watching(watch), always, held=held)[0]

    def decide_all(
        self, decisions: Mapping[str, Mapping[str, Any] | Decision | str], *, held: bool = True,
        watch: Watch | None = None,
    ) -> list[Run]:  # fmt: skip
        """Decide several approvals in one go, each as it is said: `{"a1": "approve", "a2": {"verdict":
        "reject", "reason": "not now"}}`; the name of a run stands for all that it asks. Returns the runs.

        Where one of them cannot be decided so, none is. :raises Refusal: it says why.
        """
        said: dict[str, Mapping[str, Any] | Decision | str] = {}
        for name, decision in decisions.items():
            said |= dict.fromkeys(self._asked_by(name), decision)
        return self._decided(said, _watching(watch), held=held)

    def permissions(self) -> list[Permission]:
        """What the person always allows, also what holds no more; in the order it was granted."""
        return self.runs_room.records.permissions()

    def revoke(self, permission: str) -> None:
        """Take a permission back. :raises Refusal: there is none, or it is revoked already."""
        if not self.runs_room.records.revoke(permission, now=self._now()):
            known = {p.id: p for p in self.permissions()}
            already = "is revoked already" if permission in known else "is none of your permissions"
            raise Refusal(f"{permission} {already}; deskhand permissions lists them.")

    def _asked_by(self, name: str) -> list[str]:
        """The questions that a name stands for: itself, or all that wait of a run."""
        if self.runs_room.records.run(name) is None:
            return [name]
        asked = self.runs_room.records.approvals(run=name, state="pending")
        if not asked:
            raise Refusal(f"{name} asks nothing just now. What waits: deskhand approvals")
        return [a.id for a in asked]

    def _decided(
        self, said: Mapping[str, Mapping[str, Any] | Decision | str], watching: Watching | None,
        always: Mapping[str, Any] | bool | None = None, *, held: bool,
    ) -> list[Run]:  # fmt: skip
        from deskhand.agent.model import Decision
        from deskhand.agent.trust.approvals import Refused

        decisions = [
            (name, one if isinstance(one, Decision) else Decision.model_validate(
                {"verdict": one} if isinstance(one, str) else dict(one)
            ))
            for name, one in said.items()
        ]  # fmt: skip
        if any(d.verdict != "reject" for _, d in decisions):
            calendars = [p.alias for p in self.connections.places() if "event" in p.holds]
            self.sync(*calendars, embed=0)
        try:
            if always is None or always is False:
                return self.runs_room.decide_all(decisions, watching=watching, held=held)
            ((id_, decision),) = decisions
            if decision.verdict == "reject":
                raise Refusal("What is always allowed is granted with a yes, not with a no.")
            how = always_of(self, always)
            return [self.runs_room.decide(id_, decision, always=how, watching=watching, held=held)]
        except (LookupError, Refused) as error:
            raise Refusal(_words(error)) from None

    def runs(self, *, limit: int = 20) -> list[Run]:
        """The newest runs, newest first."""
        return self.runs_room.records.runs(limit=limit)

    def run(self, id_: str) -> Run:
        """A run. :raises Refusal: there is none."""
        try:
            return self.runs_room.get(id_)
        except LookupError as error:
            raise Refusal(_words(error)) from None

    def writes(self, run: str = "") -> list[Written]:
        """Every write that was carried out at a source, as data: what, where, whose words, what allowed it.

        :param run: of one run; else of all there are, the oldest first. :raises Refusal: there is none.
        """
        from deskhand.agent.runs.written import written

        records = self.runs_room.records
        runs = [self.run(run)] if run else [*reversed(records.runs(limit=None))]
        return [one for each in runs for one in written(records, each)]

    def wait(
        self, id_: str, timeout: float | None = None, *, held: bool = True, watch: Watch | None = None
    ) -> Run:
        """Wait until a run is finished or waits for a decision, `timeout` seconds at the most.

        :param held: as for `ask`.
        :param watch: told each event of the run, those from before as well. :raises Refusal: there is none.
        """
        self.run(id_)
        return self.runs_room.wait(id_, timeout, watching=_watching(watch), held=held)

    def wait_held(self, id_: str, *, watch: Watch | None = None) -> Run:
        """Wait until what a run holds has gone out or was taken back, whatever else it waits for.

        :param watch: told each event of it from now on. :raises Refusal: there is none.
        """
        self.run(id_)
        watching = _watching(watch)
        if watching is not None:
            watching.from_now(self.runs_room.records, id_)
        return self.runs_room.wait_held(id_, watching=watching)

    def cancel(self, id_: str, *, watch: Watch | None = None) -> Run:
        """Stop a run; what was done stays done. :raises Refusal: there is none, or it is over already."""
        from deskhand.agent.model import FINISHED, FORMAT

        run = self.run(id_)
        if run.format > FORMAT:
            raise Refusal(run.problem)
        if run.status in FINISHED:
            done = any(e.state == "done" for e in run.effects)
            back = f" Take back what it did with: deskhand undo {id_}" if done else ""
            raise Refusal(f"{id_} is over already ({run.status}), so there is nothing to stop.{back}")
        return self.runs_room.cancel(id_, watching=_watching(watch))

    def undo(
        self, what: str, *, approve: Approve | bool | None = None, held: bool = True,
        watch: Watch | None = None, tell: Callable[[str], None] = lambda _: None,
    ) -> Run:  # fmt: skip
        """Take back what a run, or one effect, did, and what of it is held still; returns the run that
        does so, or that run itself where nothing of it had happened yet. A run that is not over is stopped
        by it. Twice is once: `tell` is told where it was begun before, and is not over, that what it takes
        back was stopped, and what was held and goes out no more.

        :param held: as for `ask`. :raises Refusal: it cannot be undone; says why.
        """
        from deskhand.agent.runs.reversing import said_already, said_kept, said_stopped
        from deskhand.agent.trust.approvals import Refused

        try:
            made = self.runs_room.undo(what, approve_all=approve is True, look=lambda: self.sync(embed=0))
        except (LookupError, Refused) as error:
            raise Refusal(_words(error)) from None
        watching = _watching(watch)
        waited = self.runs_room.wait(made.run, watching=watching, held=held and made.begun)
        if made.stopped and made.run != what and not made.kept:
            tell(said_stopped(what))
        if made.kept:
            tell(said_kept(made.kept))
        if made.already:
            tell(said_already(what, waited))
            # A yes that came with the first one was said to it alone.
            approve = (lambda _: {"verdict": "approve"}) if approve is True else approve
        return self._approved(waited, approve, watching, held=held) if made.begun or made.already else waited

    # Digests and schedules

    def digest(
        self, *, to: str = "terminal", form: str = "text", series: str = "digest", everything: bool = False,
        watch: Watch | None = None,
    ) -> Run:  # fmt: skip
        """Compose the digest now, and deliver it: `terminal` (in the answer), `mail` (to yourself), `file`
        (in the home's digests folder)."""
        from deskhand.agent.planners.goals.mail import digest_plan

        self.sync(embed=EMBED_AT_ONCE)
        person, source, path = self.settings.person, "", ""
        if to == "mail":
            place = self.runs_room.known().place("mail.send")
            if place is None or not person.email:
                raise Refusal(
                    "No connected mailbox can send, or your address is not known. Say deskhand init --email, "
                    "and add a mailbox with --option outbox=FOLDER (or smtp=...)."
                )
            source = place.alias
        elif to == "file":
            local = self._now().astimezone(self.owner.tz)
            suffix = {"text": "txt", "markdown": "md", "html": "html"}[form]
            path = f"{series}-{local:%Y-%m-%dT%H%M%S}.{suffix}"
        elif to != "terminal":
            raise Refusal(f"A digest goes to terminal, mail or file, not to {to!r}.")
        plan = digest_plan(
            f"digest to {to}", source, address=person.email, name=person.name,
            file_source=OUTPUTS if path else "", path=path, form=form, series=series, everything=everything,
        )  # fmt: skip
        begun = self.runs_room.ask(plan.request, plan=plan)
        return self.runs_room.wait(begun, watching=_watching(watch))

    def schedules(self) -> list[Any]:
        """Every schedule."""
        return self.runs_room.records.schedules()

    def schedule_run(self, name: str, *, watch: Watch | None = None) -> Run:
        """Run a schedule's request now, besides its times."""
        found = next((s for s in self.schedules() if s.name == name), None)
        if found is None:
            raise Refusal(f"There is no schedule called {name}.")
        if altered := self.runs_room.altered(name):
            raise Refusal(altered)
        self.sync(embed=EMBED_AT_ONCE)
        begun = self.runs_room.ask(found.request, schedule=name)
        return self.runs_room.wait(begun, watching=_watching(watch))

    def settle(self) -> list[str]:
        """Fire the schedules that are due; the runs made."""
        return self.runs_room.settle()

    def waiting(self) -> list[str]:
        """Schedules that wait for a sign-in and that were not told of: a sentence each, once."""
        if not (self.home.root / "runs.db").exists():
            return []
        return self.runs_room.awaiting.told()

    def reminders(self) -> list[Notice]:
        """Questions that wait long, of which nobody was reminded yet; nothing is written."""
        return self.runs_room.escalating.reminders() if (self.home.root / "runs.db").exists() else []

    def escalate(self) -> list[Notice]:
        """Remind of questions that wait long, and do what the plan says where nobody answered in time.

        Each once: what there is to tell. `serve` and the commands that go on with work do so; from Python it
        is called.
        """
        if not (self.home.root / "runs.db").exists():
            return []
        return self.runs_room.escalating.escalate()

    def resume(self, *, watch: Watch | None = None) -> list[str]:
        """Go on with runs whose process ended under them; their ids.

        :param watch: told each event of them from now on (`Watch`); they are waited for then.
        """
        if not (self.home.root / "runs.db").exists():
            return []
        watching = _watching(watch)
        runs = self.runs_room.resume(watching=watching)
        for run in runs if watching is not None else ():
            self.runs_room.wait(run, watching=watching, held=False)
        return runs

    def _approved(
        self, run: Run, approve: Approve | bool | None, watching: Watching | None, *, held: bool
    ) -> Run:
        while run.status == "waiting" and callable(approve):
            pending = [a for a in run.approvals if a.state == "pending"]
            if not pending:
                break
            from deskhand.agent.desk.shapes import approval as shape

            for approval in pending:
                if run.status != "waiting":
                    break  # a no to one can end what the others were asked for
                run = self._decided({approval.id: approve(shape(approval))}, watching, held=held)[0]
            if run.anew and run.status != "waiting":
                run = self.runs_room.wait(run.anew, watching=watching, held=held)
        return run


def _watching(watch: Watch | None) -> Watching | None:
    if watch is None:
        return None
    from deskhand.agent.runs.watching import Watching

    return Watching(watch)


def _words(error: BaseException) -> str:
    return str(error.args[0]) if error.args else str(error)
