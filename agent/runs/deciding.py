"""Decisions about what runs ask: checked, taken once, told to the run, which goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from deskhand.agent.labels import labels_from
from deskhand.agent.model import PER_DAY, Approval, Decision, Permission, Run
from deskhand.agent.records.state import Note, Records
from deskhand.agent.runs.footing import ANNULLED, answered
from deskhand.agent.runs.late import late_no
from deskhand.agent.runs.watching import Watching
from deskhand.agent.trust.approvals import Refused, Stale, Unfounded, decide
from deskhand.agent.trust.card import Sight
from deskhand.agent.trust.ledger import Ledger
from deskhand.agent.trust.permissions import Asked, derived, sentence
from deskhand.agent.trust.policy import Facts, Policy, judge
from deskhand.agent.wording.writes import shortened
from deskhand.connectors.operations import operation

Wait = Callable[[str, Watching | None, bool], Run]


@dataclass(frozen=True, slots=True)
class Always:
    """How a permission is granted with a yes: until when, how often a day, and for which group."""

    until: datetime | None = None
    """None: for as long as one holds where nothing is said."""
    per_day: int = PER_DAY
    group: str = ""
    members: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Deciding:
    """Takes decisions. `go_on` has a run advanced, `wait` waits for it, `at_work` tells whether somebody
    advances it now."""

    records: Records
    ledger: Ledger
    facts: Callable[[], Facts]
    policy: Callable[[], Policy]
    zone: str
    now: Callable[[], datetime]
    go_on: Callable[[str], None]
    at_work: Callable[[str], bool]
    wait: Wait
    sight: Callable[[Facts, Run | None], Sight]
    """Whom the person knows, so that a card warns of who looks like them."""

    def decide_all(
        self,
        said: Sequence[tuple[str, Decision]],
        *,
        always: Always | None = None,
        watching: Watching | None = None,
        held: bool = True,
    ) -> list[Run]:
        """Take decisions in one go, each signed on its own; the runs they belong to, as they then are.

        All are looked at before the first is taken: where one cannot be taken, none is. What expired is asked
        again. A no may come after the yes, as long as nothing was done by it (`late.late_no`).

        :param always: what is said yes to is allowed from now on, so narrowly; only of one approval.
        :param held: wait also until what is held has gone out.

        :raises LookupError: no such approval. :raises Refused: one cannot be decided so; says why.
        """
        now, facts = self.now(), self.facts()
        beside = "" if len(said) < 2 else " None of the others was decided."
        checked: list[Approval] = []
        was = dict[str, str]()
        for id_, decision in dict(said).items():
            found = self._asked(id_)
            was[id_] = found.state
            try:
                checked.append(self._decided(found, decision, facts, now))
            except Unfounded as error:
                told = {"step": found.step, "approval": id_, "why": error.why}
                self.records.annul(found, Note(ANNULLED, now, told))
                raise Refused(f"{error}; {self._asked_anew(found, watching)}{beside}") from None
            except Stale as error:
                raise Refused(f"{error}; {self._ask_again(found, now, watching)}{beside}") from None
            except Refused as error:
                raise Refused(f"{error}{beside}") from None
        grant = self._permission(checked[0], always) if always is not None else None
        runs = list(dict.fromkeys(a.run for a in checked))
        if watching is not None:
            for run in runs:
                watching.from_now(self.records, run)
        late = self.records.take(
            [(a, _told_of(a, now)) for a in checked],
            grant=(grant, _told_of_grant(grant, now)) if grant is not None else None,
            was=was,
        )
        taken_back = {(a.run, a.step) for a in checked if was[a.id] != "pending" and a.id not in late}
        for row in (r for run in runs for r in self.records.held(run) if (run, r.step) in taken_back):
            self.ledger.withdraw(row.key, now=now)
        for run in runs:
            self.go_on(run)
        ended = [self.wait(run, watching, held) for run in runs]
        if late:
            verb = "were" if len(late) > 1 else "was"
            raise Refused(
                f"{', '.join(late)} {verb} decided a moment ago by somebody else; nothing was done"
                + (" by this. The others were decided." if len(late) < len(checked) else ".")
            )
        return ended

    def _decided(self, found: Approval, decision: Decision, facts: Facts, now: datetime) -> Approval:
        # A no can always be said: but not to what somebody else said yes to in the person's place.
        if (decision.verdict, found.state) != ("reject", "pending") and (
            why := self.records.unfounded(found.id)
        ):
            raise Unfounded(found.id, why)  # nor is it what its card shows
        run = self.records.run(found.run)
        late = found.kind == "write" and found.state in ("approved", "used")
        if late and decision.verdict == "reject" and run is not None:
            at_work = self.at_work(found.run)
            return late_no(found, decision, run, records=self.records, at_work=at_work)
        return decide(
            found, decision, facts=facts, policy=self.policy(), zone=self.zone, now=now,
            sight=self.sight(facts, run),
        )  # fmt: skip

    def proposed(self, id_: str, always: Always) -> Permission:
        """What a yes with `always` to a question would grant; nothing is granted. Raises as `decide_all`."""
        now, yes = self.now(), Decision(verdict="approve")
        try:
            found = self._decided(self._asked(id_), yes, self.facts(), now)
        except Stale as error:
            raise Refused(f"{error}; deskhand approve {id_} asks it again.") from None
        return self._permission(found, always)

    def _permission(self, approval: Approval, always: Always) -> Permission:
        """The narrowest permission that covers what was asked. :raises Refused: it may not be granted."""
        if approval.kind != "write":
            raise Refused(f"{approval.id} asks what follows from a failure; that is asked each time.")
        if not approval.rule:
            raise Refused(
                f"{approval.id} was asked by an earlier Deskhand, which did not keep by which rule of the "
                "policy, so it cannot be allowed for always. Say yes to this one with deskhand approve "
                f"{approval.id}, and add --always to the next one like it."
            )
        run, facts, policy = self.records.run(approval.run), self.facts(), self.policy()
        op, labels = operation(approval.operation, approval.arguments), labels_from(approval.origins)
        verdict = judge(op, labels, facts, policy)
        # What was asked for a reason that only its run knew (a clash, another's change) is not for always.
        rule = verdict.rule if approval.rule == verdict.rule else ""
        asked = Asked(
            op, labels, rule, verdict.policy, approval.run, run.schedule if run else "",
            run.request if run else "", known=facts.contacts | facts.herself, mine=facts.herself,
            by_model=bool(answered(self.records, approval.run)),
        )  # fmt: skip
        try:
            return derived(
                asked, id_="p0", approval=approval.id, now=self.now(), until=always.until,
                per_day=always.per_day, group=always.group, members=always.members,
            )  # fmt: skip
        except ValueError as error:
            raise Refused(str(error)) from None

    def _asked(self, id_: str) -> Approval:
        """The question of this name, if it can be decided at all."""
        if not id_.strip():
            raise LookupError("Say which question, like a1. What waits: deskhand approvals")
        run = self.records.run(self.records.asked_in(id_))
        if run is not None and run.problem:
            raise Refused(run.problem)
        found = self.records.approval(id_)
        if found is None:
            raise LookupError(
                f"There is no approval {shortened(id_, most=80)}. What waits: deskhand approvals"
            )
        if run is None:
            raise Refused(f"{id_} was asked by a run that is no more ({found.run}); nothing was done.")
        again = self._pending(found)
        if again is not None and found.state == "withdrawn":
            raise Refused(
                f"{id_} is not asked any more: what it is about changed since, or its record did. It is "
                f"asked again as {again.id}; nothing was done."
            )
        if again is not None and found.state == "expired":
            raise Refused(
                f"{id_} expired on {found.expires:%d %b %Y}; it is asked again as {again.id}; "
                "nothing was done."
            )
        return found

    def _ask_again(self, approval: Approval, now: datetime, watching: Watching | None) -> str:
        """Let the run ask anew, weighed anew; says under which name."""
        expired = approval.model_copy(update={"state": "expired"})
        told = Note("expired", now, {"step": approval.step, "approval": approval.id})
        self.records.take([(expired, told)])
        return self._asked_anew(approval, watching)

    def _asked_anew(self, approval: Approval, watching: Watching | None) -> str:
        """Let the run go on, which asks anew what is not asked any more; says under which name."""
        self.go_on(approval.run)
        run = self.wait(approval.run, watching, False)
        if (again := self._pending(approval)) is not None:
            return f"it is asked again as {again.id}."
        return f"nothing is asked any more; {run.id} is {run.status}."

    def _pending(self, approval: Approval) -> Approval | None:
        """The question that took the place of another one."""
        asked = self.records.approvals(run=approval.run, state="pending")
        return next((a for a in asked if a.step == approval.step and a.id != approval.id), None)


def _told_of(decided: Approval, now: datetime) -> Note:
    """The event that tells of a decision."""
    decision = decided.decision
    assert decision is not None  # noqa: S101 - `decide` put it there
    said = {
        "approval": decided.id, "verdict": decision.verdict, "by": decision.by, "reason": decision.reason,
    }  # fmt: skip
    return Note("decided", now, said)


def _told_of_grant(grant: Permission, now: datetime) -> Note:
    """The event that tells what is allowed from now on; the id of the permission is not known yet."""
    return Note("granted", now, {"approval": grant.approval, "said": sentence(grant)})
