"""What is asked before a write, and what the answer covers: weighed by the policy, then put on a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from deskhand.agent.actions._calendars import moved_times
from deskhand.agent.actions._standing import standing
from deskhand.agent.availability.agenda import guests, to_answer
from deskhand.agent.availability.rooms import rooms_named_in, rooms_of
from deskhand.agent.endorsers import with_edits, worked_out
from deskhand.agent.labels import labels_from
from deskhand.agent.model import AGAIN, Approval, Decision
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Step
from deskhand.agent.records.state import Note, StepState
from deskhand.agent.runs.announced import announced
from deskhand.agent.runs.footing import ANNULLED, Footing
from deskhand.agent.runs.foretold import Foretold, elsewhere, foretold, mails, move, was
from deskhand.agent.runs.permitted import Permitted
from deskhand.agent.runs.references import for_others, invalid, look_up, resolve
from deskhand.agent.runs.restored import as_stored
from deskhand.agent.runs.unheard import invitation_kept, told_on_card
from deskhand.agent.trust.approvals import Refused, card, outdated, payload, title
from deskhand.agent.trust.batches import batch_of
from deskhand.agent.trust.gate import Permit, let_through
from deskhand.agent.trust.ledger import effect_key
from deskhand.agent.trust.policy import Facts, Verdict, judge
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import question
from deskhand.connectors.model import Label
from deskhand.connectors.operations import OPERATIONS, EventCreate, EventUpdate, Operation, operation

_THEN = {
    "ask again": "you are asked again", "leave out": "it is left out, as the plan says",
    "stop": "nothing more of the plan is begun, as it says",
}  # fmt: skip
"""What happens when nobody has answered in time."""

MOVES = frozenset({"mail.flag", "mail.move", "mail.trash", "file.trash", "file.copy"})
"""Writes of which not too many are done in one go."""


BEYOND = "a model planned it, and your words do not say it"
"""Why a write is asked about, or what stands on its card beside another reason; as the policy says it."""


@dataclass(frozen=True, eq=False)
class Questions:
    """The questions of one run."""

    on: Footing

    def about(self, step: Step, moving: int) -> Approval | None:
        """The question about a write; None where none is asked: it is allowed, left out, or it failed."""
        if (prepared := self._prepared(step)) is None:
            return None
        op, labels = prepared
        if (cannot := self._cannot(op)) is not None:
            self.on.progress.fail(step.id, cannot)
            return None
        # What is used up today may be there again when the answer comes; what is 0 is not meant to be done.
        forbidden = None if self.on.owed(step) else self.on.account.forbidden(op.source)
        if forbidden is not None:
            self.on.progress.leave(self.on.left_out(step, forbidden))
            return None
        facts = self.facts(step, op, moving=moving)
        verdict = self._weighed(step, judge(op, labels, facts, self.on.policy))
        before = self._before(step) if verdict.outcome != "deny" else ""
        if verdict.outcome == "allow" and before:
            verdict = replace(verdict, outcome="ask", rule=f"{op.name} before", why=before)
        if verdict.outcome != "ask":
            return None
        again = self.on.again.get(step.id, ())
        now = self.on.tools.now()
        stands = self._standing(op)
        if self._is_past(step, op, now):
            return None
        if not (again or before or self._lies_there(stands)) and self._permitted.fitting(
            step, op, labels, verdict, facts
        ):
            return None
        told = foretold(self.on.context, self.on.progress.steps, self.on.progress.states, step, op)
        approval = card(
            op, labels, verdict, id_=self.on.tools.records.next_approval(), run=self.on.progress.run.id,
            step=step.id, zone=self.on.context.owner.zone, now=now, expires=now + self.on.tools.expire_after,
            offers=self._offers(step), notes=self._along(step, op, stands, told, verdict.why),
            about=title(op, self.on.facts),
            at=was(self.on.context, self.on.item(op), op), sight=self.on.sight, then=_THEN[step.unanswered],
        )  # fmt: skip
        if invitation_kept(step, self.on.progress, self.on.tools.records) is not None:
            approval = told_on_card(approval)
        approval = approval.model_copy(update={"batch": self.batch(), "unanswered": step.unanswered})
        records, run = self.on.tools.records, self.on.progress.run.id
        agreed = records.flags(run)[0] and records.as_told("run", run)
        if agreed and not again:  # a yes beforehand is one to what was there then
            said = Decision(verdict="approve", by="--yes")
            approval = approval.model_copy(update={"state": "approved", "decision": said})
        # First what stood there, then the question: cut off in between it is asked again, under another id.
        there: dict[str, Any] = {"taken": lies} if (lies := self._lies_there(stands)) else {}
        there |= {"mails": [mail.kept() for mail in told if mail is not None]}
        self.on.progress.note("asked", step=step.id, approval=approval.id, summary=approval.summary, **there)
        self.on.progress.flush()
        self.on.tools.records.put_approval(approval)
        return approval

    def _cannot(self, op: Operation) -> str | None:
        """Why its source does not do this, where that is known beforehand: nobody is asked for nothing."""
        place = next((p for p in self.on.context.places if p.alias == op.source), None)
        if place is None or op.name in place.operations or op.source in self.on.context.unreadable:
            return None  # one that cannot be reached just now says so when it is asked
        what = "is only read" if not place.operations else f"has no way to do that ({op.name})"
        return f"{op.source} {what}, so nothing was changed there"

    def _before(self, step: Step) -> str:
        """Why a write is asked about whatever the policy allows: it was begun before; else nothing."""
        if self.on.progress.run.id.startswith(AGAIN):
            return "it was begun once already"
        rows = self.on.tools.records.effects(run=self.on.progress.run.id, states=("intended",))
        late = any(r.step == step.id and any(t.state == "held" for t in r.history) for r in rows)
        return "it did not go out when it was to" if late else ""

    def _is_past(self, step: Step, op: Operation, now: datetime) -> bool:
        """Whether the time of a booking went by while nobody decided; then it has failed, and is not asked
        again."""
        if not isinstance(op, EventCreate) or op.rrule or op.end > now:
            return False
        asked = self.on.tools.records.approvals(run=self.on.progress.run.id, state="expired")
        if all(a.step != step.id for a in asked):
            return False
        zone = self.on.context.owner.zone
        what = question(op, zone=zone, now=self.on.progress.run.created)
        self.on.progress.fail(step.id, f"Nobody decided this in time, and its time is over: {what}")
        return True

    def unanswered(self, step: Step) -> StepState | None:
        """What a step has left whose question nobody answered in time; None: it is to be asked about."""
        if step.unanswered == "ask again":
            return None
        asked = self.on.tools.records.approvals(run=self.on.progress.run.id)
        last = next((a for a in reversed(asked) if a.step == step.id), None)
        if last is None or last.state != "expired" or last.decision is not None:
            return None
        if outdated(last, self.on.policy) and self.on.tools.now() < last.expires:
            return None  # the rules changed, its time was not over
        said = f"Nobody decided this in time: {last.summary}"
        value = {"unanswered": step.unanswered}
        if step.unanswered == "stop":
            return StepState(step.id, "failed", value, error=said)
        return StepState(step.id, "unneeded", value, error=f"{said}. It was left out, as the plan says")

    def batch(self) -> str:
        """The batch that the next question belongs to."""
        run = self.on.progress.run.id
        return batch_of(self.on.tools.records.approvals(run=run), run)

    def once_more(self, step: Step) -> Approval | None:
        """The card of a write that failed, as it would be done once more; None where there is none to show.

        It is the one that was agreed to, where it was asked for; it is not put to anybody.
        """
        if step.op not in OPERATIONS:
            return None
        if (before := self.on.approvals().get(step.id)) is not None:
            return before
        try:
            op, labels = self.resolved(step)
        except (Unresolved, ValidationError):
            return None  # it failed before anybody knew what it would be
        now, verdict = self.on.tools.now(), Verdict("allow", "", "")
        return card(
            op, labels, verdict, id_="", run=self.on.progress.run.id, step=step.id, now=now, expires=now,
            zone=self.on.context.owner.zone, about=title(op, self.on.facts),
            at=was(self.on.context, self.on.item(op), op), sight=self.on.sight,
        )  # fmt: skip

    def allowed(self, step: Step) -> Operation | None:
        """The write that nobody had to be asked about; None: it cannot be made any more."""
        prepared = self._prepared(step)
        return prepared[0] if prepared is not None else None

    def approved(self, step: Step, approval: Approval) -> Operation | None:
        """The approved bytes. None: they may not be done, or no longer without asking again.

        A used approval covers its effect to the end, however late a crash is found out about; to begin it
        once more, after it failed, it must not have expired.
        """
        if not self.founded(step.id, approval):
            return None
        over, other = self.on.tools.now() >= approval.expires, outdated(approval, self.on.policy)
        if (over or other) and not self._under_way(step.id, approval):
            expired = approval.model_copy(update={"state": "expired"})
            self.on.tools.records.turn_approval(expired, was=approval.state)
            self.on.progress.note("expired", step=step.id, approval=approval.id)
            return None
        try:
            return payload(approval, run=self.on.progress.run.id, step=step.id)
        except Refused as error:
            self.on.progress.fail(step.id, str(error))
            return None

    def founded(self, step: str, approval: Approval) -> bool:
        """Whether a question, and what was said to it, stands as Deskhand left it; else it is asked anew.

        What was begun by it is not: then the step has failed, and what became of it is put to the person.
        """
        why = self.on.tools.records.unfounded(approval.id)
        if not why:
            return True
        if self._under_way(step, approval):
            self.on.progress.fail(step, f"{approval.id} {why}, so it does not cover this write.")
        else:
            said = {"step": step, "approval": approval.id, "why": why}
            self.on.tools.records.annul(approval, Note(ANNULLED, self.on.tools.now(), said))
        return False

    def permit(self, step: Step, op: Operation, approval: Approval | None) -> Permit | None:
        """What the ledger asks for before it carries out a write, as the policy judges it now.

        None: a write that it denies has failed; one that nobody agreed to, and that it asks about by now, is
        asked about when the run is weighed next.
        """
        if approval is not None and not self.founded(step.id, approval):
            return None
        labels = labels_from(approval.origins) if approval is not None else self.resolved(step)[1]
        key = effect_key(self.on.progress.run, step.id, op)
        facts = self.facts(step, op)
        verdict, permit = let_through(op, labels, facts, self.on.policy, key=key, agreed=approval is not None)
        self._weighed(step, verdict)
        if verdict.outcome == "ask" and approval is None:
            permission = self._permitted.fitting(step, op, labels, verdict, facts)
            # Taken in the last moment: by now it may be over, revoked or used up.
            if permission and self._permitted.taken(permission, step, op, labels, verdict, facts):
                return let_through(op, labels, facts, self.on.policy, key=key, agreed=True)[1]
        return permit

    @property
    def _permitted(self) -> Permitted:
        return Permitted(self.on)

    def _under_way(self, step: str, approval: Approval) -> bool:
        """Whether a write was begun by this approval, and is not known not to have happened."""
        rows = self.on.tools.records.effects(run=self.on.progress.run.id)
        mine = any(r.step == step and r.state not in ("intended", "held", "failed") for r in rows)
        return mine and approval.state == "used"

    def facts(self, step: Step, op: Operation, *, moving: int = 0) -> Facts:
        """What the gate may know of a write of this run, as it is now.

        :param moving: writes that go ahead together with it, and move something too.
        """
        moved = moving + sum(e.operation in MOVES and e.step != step.id for e in self.on.effects)
        at_once = self.on.progress.at_once(step)
        if step.op == "event.update":  # it makes room for what is booked with it
            at_once += sum(s.op == "event.create" for s in self.on.progress.steps)
        return replace(
            self.on.facts, invited=self._invited(), announced=announced(self.on, op), moved=moved,
            at_once=at_once,
            changed=step.id in self.on.again, taken=self._lessened(op), uncovered=not self.on.covered(step),
        )  # fmt: skip

    def _weighed(self, step: Step, verdict: Verdict) -> Verdict:
        """A verdict, noted; a step that the policy denies has failed."""
        said = {"outcome": verdict.outcome, "rule": verdict.rule, "policy": verdict.policy}
        self.on.progress.note("weighed", step=step.id, **said)
        if verdict.outcome == "deny":
            self.on.progress.fail(step.id, f"The policy refuses it ({verdict.rule}): {verdict.why}.")
        return verdict

    def _prepared(self, step: Step) -> tuple[Operation, dict[str, Label]] | None:
        try:
            return self.resolved(step)
        except Unresolved as error:
            self.on.progress.fail(step.id, str(error))
        except ValidationError as error:
            self.on.progress.fail(step.id, invalid(step, error))
        return None

    def resolved(self, step: Step) -> tuple[Operation, dict[str, Label]]:
        """A write as it would be now, with its labels.

        :raises Unresolved: a step it rests on has left nothing. :raises ValidationError: it cannot be made.
        """
        op, labels = self._made(step, self.on.progress.states)
        if _people(op) <= self.on.context.owner.addresses:
            return op, labels
        return self._made(step, for_others(self.on.progress.states))

    def _made(self, step: Step, states: Mapping[str, StepState]) -> tuple[Operation, dict[str, Label]]:
        values, labels = resolve(step, states)
        if again := self.on.again.get(step.id):
            values["version"] = again[-1].data["version"]
            mine = self._edits(step.id)
            values, labels = values | mine, with_edits(labels, mine)
        op = operation(step.op, {k: v for k, v in values.items() if v is not None})
        # What nobody said is the operation's own default, and nobody's text.
        labels = dict.fromkeys(op.arguments(), worked_out()) | labels
        return op, as_stored(self.on, step, op, labels)

    def _lessened(self, op: Operation) -> bool:
        """Whether something lies at a time of a series, be it one that is left out for it."""
        if not (isinstance(op, EventCreate) and op.rrule):
            return False
        return bool(self._standing(op.model_copy(update={"exdates": ()})))

    def _standing(self, op: Operation) -> dict[str, str]:
        """What takes the time of a booking or a move already: in words, by mark."""
        time = self.time(op)
        return standing(self.on.context, **time) if time is not None else {}

    def time(self, op: Operation) -> dict[str, Any] | None:
        """The time that an event is to take, as `standing` wants it; None where none is taken."""
        mine = self.on.context.owner.addresses
        if isinstance(op, EventCreate):
            people = [m.address for m in op.attendees if m.address.lower() not in mine]
            rooms = rooms_named_in(self.on.context.owner, op.rooms, op.location)
            often = {"rrule": op.rrule, "exdates": op.exdates}
            return {"start": op.start, "end": op.end, "people": people, "rooms": rooms, "but": (), **often}
        if isinstance(op, EventUpdate) and op.start is not None and op.end is not None:
            item, owner = self.on.item(op), self.on.context.owner
            rooms = rooms_of(owner, item)
            if op.rooms is not None or op.location is not None:
                rooms = rooms_named_in(owner, op.rooms or (), op.location or "")
            time = {"start": op.start, "end": op.end, "people": guests(item, me=mine), "rooms": rooms}
            if item is not None and item.data.get("recurring") and (op.occurrence is None or op.following):
                # A whole series is held against its coming times; its first one may be long past.
                times = moved_times(self.on.context, item, op.start, op.end, since=op.occurrence)
                if times:
                    time |= {"start": times[0][0], "end": times[0][1], "also": times[1:]}
            return time | {"but": (str(op.ref),)}
        return None

    def _invited(self) -> frozenset[str]:
        """Whom the person agreed to tell in this run: those in the events it booked, moved or cancelled."""
        invited: set[str] = set()
        for effect in self.on.effects:
            if effect.state == "done" and effect.operation.startswith("event."):
                op = operation(effect.operation, effect.arguments)
                for name in ("attendees", "rooms"):
                    invited |= {m.address.lower() for m in getattr(op, name, None) or ()}
                invited |= {a.lower() for a in to_answer(self.on.item(op), me=frozenset())}
        return frozenset(invited)

    def _lies_there(self, stands: Mapping[str, str]) -> list[str]:
        """Marks of what takes the time already; whoever says yes to it says so knowing that."""
        # What this run moves out of the way first must be gone by then, whatever was said to it.
        goes = {str(one["ref"]) for state in self.on.progress.states.values() for one in _moved(state)}
        return [name for name in stands if name.rpartition(" ")[0] not in goes]

    def _along(
        self, step: Step, op: Operation, stands: Mapping[str, str], told: Sequence[Foretold | None], why: str
    ) -> list[str]:
        """What is worth knowing before a yes: what the plan notes, what stands there, which mail follows."""
        again = self.on.again.get(step.id, ())
        notes = list(again[-1].data["said"]) if again else []
        before = [
            a for a in self.on.tools.records.approvals(run=self.on.progress.run.id) if a.step == step.id
        ]
        if before and before[-1].state == "expired" and outdated(before[-1], self.on.policy):
            notes.append("You were asked this before; the rules changed since (deskhand policy).")
        notes += self._annulled(step, before)
        item = self.on.item(op)
        around = [*move(self.on.context, item, op), *elsewhere(self.on.context, item, op), *self._notes(step)]
        if isinstance(op, EventUpdate):
            around += [f"At that time there is: {words}." for words in stands.values()]
        notes += [visible(said) for said in around]  # titles and names are other people's words
        notes += mails(told)
        if not self.on.covered(step) and why != BEYOND:
            notes.append(f"{BEYOND[:1].upper()}{BEYOND[1:]}.")
        return list(dict.fromkeys(notes))

    def _annulled(self, step: Step, before: Sequence[Approval]) -> list[str]:
        """That the question before this one did not count, where that is why it is asked anew."""
        if not before or before[-1].state != "withdrawn":
            return []
        told = (e for e in self.on.tools.records.events(self.on.progress.run.id) if e.type == ANNULLED)
        why = next((e.data["why"] for e in told if e.data["approval"] == before[-1].id), "")
        said = f"You were asked this before, as {before[-1].id}, which {why}; nothing was done by it"
        return [f"{said} (deskhand audit verify)."] if why else []

    def _offers(self, step: Step) -> list[dict[str, Any]]:
        if step.offers is None:
            return []
        try:
            offers = [dict(o) for o in look_up(step.offers, self.on.progress.states)[0]]
            return [o | {"why": visible(str(o["why"]), lines=False)} if "why" in o else o for o in offers]
        except (Unresolved, TypeError, ValueError):
            return []

    def _notes(self, step: Step) -> list[str]:
        if step.notes is None:
            return []
        try:
            return [str(n) for n in look_up(step.notes, self.on.progress.states)[0]]
        except (Unresolved, TypeError):
            return []

    def _edits(self, step: str) -> dict[str, Any]:
        """What the person set on the card of a step before it was asked anew: it stays as it was said."""
        cards = {a.id: a for a in self.on.tools.records.approvals(run=self.on.progress.run.id)}
        made: dict[str, Any] = {}
        for event in self.on.again.get(step, ()):
            card_ = cards.get(event.data["approval"])
            if card_ is not None and card_.decision is not None:
                made |= {n: card_.arguments[n] for n in card_.decision.changes if n in card_.arguments}
        return made


def _people(op: Operation) -> set[str]:
    """Addresses of those a write goes to, in lower case."""
    named = (getattr(op, name, None) or () for name in ("to", "cc", "bcc", "attendees"))
    return {m.address.lower() for boxes in named for m in boxes}


def _moved(state: StepState) -> list[dict[str, Any]]:
    """What makes room for a booking, where its times were found so."""
    found = state.value.get("moved") if isinstance(state.value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
