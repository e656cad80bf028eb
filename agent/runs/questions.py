"""What is asked before a write, and what the answer covers: weighed by the policy, then put on a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from deskhand.agent.actions._calendars import moved_times
from deskhand.agent.actions._standing import standing
from deskhand.agent.availability.agenda import guests, to_answer
from deskhand.agent.availability.rooms import rooms_named_in, rooms_of
from deskhand.agent.labels import labels_from
from deskhand.agent.model import Approval, Decision
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Step
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.footing import Footing
from deskhand.agent.runs.foretold import elsewhere, mails, move, was
from deskhand.agent.runs.references import for_others, invalid, look_up, resolve
from deskhand.agent.runs.renewal import overrides
from deskhand.agent.trust.approvals import Refused, card, payload, title
from deskhand.agent.trust.policy import Verdict, judge
from deskhand.connectors.model import Label
from deskhand.connectors.operations import OPERATIONS, EventCreate, EventUpdate, Operation, operation

MOVES = frozenset({"mail.flag", "mail.move", "mail.trash", "file.trash", "file.copy"})
"""Writes of which not too many are done in one go."""


@dataclass(frozen=True, eq=False)
class Questions:
    """The questions of one run."""

    on: Footing

    def about(self, step: Step, moving: int) -> Approval | None:
        """The question about a write; None where none is asked: it is allowed, left out, or it failed."""
        if (prepared := self._prepared(step)) is None:
            return None
        op, labels = prepared
        # What is used up today may be there again when the answer comes; what is 0 is not meant to be done.
        forbidden = None if self.on.owed(step) else self.on.account.forbidden(op.source)
        if forbidden is not None:
            self.on.progress.leave(self.on.left_out(step, forbidden))
            return None
        verdict = self._judge(step, op, labels, moving)
        if verdict.outcome == "allow" and self._lessened(op):
            why = "at one of its times something is there already, which was found and not said"
            verdict = Verdict("ask", "event.create clash", why)
        if verdict.outcome != "ask":
            return None
        again = self.on.again.get(step.id, ())
        now = self.on.tools.now()
        stands = self._standing(op)
        approval = card(
            op, labels, verdict, id_=self.on.tools.records.next_approval(), run=self.on.progress.run.id,
            step=step.id, zone=self.on.context.owner.zone, now=now, expires=now + self.on.tools.expire_after,
            offers=self._offers(step), notes=self._along(step, op, stands), about=title(op, self.on.facts),
            at=was(self.on.context, self.on.item(op), op),
        )  # fmt: skip
        agreed, _ = self.on.tools.records.flags(self.on.progress.run.id)
        if agreed and not again:  # a yes beforehand is one to what was there then
            said = Decision(verdict="approve", by="--yes")
            approval = approval.model_copy(update={"state": "approved", "decision": said})
        # First what stood there, then the question: cut off in between it is asked again, under another id.
        there = {"taken": lies} if (lies := self._lies_there(stands)) else {}
        self.on.progress.note("asked", step=step.id, approval=approval.id, summary=approval.summary, **there)
        self.on.progress.flush()
        self.on.tools.records.put_approval(approval)
        return approval

    def once_more(self, step: Step) -> Approval | None:
        """The card of a write that failed, as it would be done once more; None where there is none to show.

        It is the one that was agreed to, where it was asked for; it is not put to anybody.
        """
        if step.op not in OPERATIONS:
            return None
        if (before := self.on.approvals().get(step.id)) is not None:
            return before
        try:
            op, labels = self._resolved(step)
        except (Unresolved, ValidationError):
            return None  # it failed before anybody knew what it would be
        now, verdict = self.on.tools.now(), Verdict("allow", "", "")
        return card(
            op, labels, verdict, id_="", run=self.on.progress.run.id, step=step.id, now=now, expires=now,
            zone=self.on.context.owner.zone, about=title(op, self.on.facts),
            at=was(self.on.context, self.on.item(op), op),
        )  # fmt: skip

    def allowed(self, step: Step) -> Operation | None:
        """The write, if the policy allows it without asking, now that it is about to happen."""
        if (prepared := self._prepared(step)) is None:
            return None
        return prepared[0] if self._judge(step, *prepared).outcome == "allow" else None

    def approved(self, step: Step, approval: Approval) -> Operation | None:
        """The approved bytes. None: they may not be done, or no longer without asking again.

        A used approval covers its effect to the end, however late a crash is found out about; to begin it
        once more, after it failed, it must not have expired.
        """
        if self.on.tools.now() >= approval.expires and not self._under_way(step, approval):
            expired = approval.model_copy(update={"state": "expired"})
            self.on.tools.records.turn_approval(expired, was=approval.state)
            self.on.progress.note("expired", step=step.id, approval=approval.id)
            return None
        try:
            op = payload(approval)
        except Refused as error:
            self.on.progress.fail(step.id, str(error))
            return None
        verdict = self._judge(step, op, labels_from(approval.origins))
        return None if verdict.outcome == "deny" else op

    def _under_way(self, step: Step, approval: Approval) -> bool:
        """Whether a write was begun by this approval, and is not known not to have happened."""
        rows = self.on.tools.records.effects(run=self.on.progress.run.id)
        mine = any(r.step == step.id and r.state not in ("intended", "failed") for r in rows)
        return mine and approval.state == "used"

    def _judge(self, step: Step, op: Operation, labels: dict[str, Label], moving: int = 0) -> Verdict:
        """What the policy says; a step that it denies has failed."""
        moved = moving + sum(e.operation in MOVES and e.step != step.id for e in self.on.effects)
        at_once = self.on.progress.at_once(step)
        if step.op == "event.update":  # it makes room for what is booked with it
            at_once += sum(s.op == "event.create" for s in self.on.progress.steps)
        facts = replace(self.on.facts, invited=self._invited(), moved=moved, at_once=at_once)
        verdict = judge(op, labels, facts)
        if verdict.outcome == "allow" and step.id in self.on.again and overrides(op):
            verdict = Verdict("ask", f"{op.name} changed", "it changed since you asked for this")
        self.on.progress.note("weighed", step=step.id, outcome=verdict.outcome, rule=verdict.rule)
        if verdict.outcome == "deny":
            self.on.progress.fail(step.id, f"The policy refuses it ({verdict.rule}): {verdict.why}.")
        return verdict

    def _prepared(self, step: Step) -> tuple[Operation, dict[str, Label]] | None:
        try:
            return self._resolved(step)
        except Unresolved as error:
            self.on.progress.fail(step.id, str(error))
        except ValidationError as error:
            self.on.progress.fail(step.id, invalid(step, error))
        return None

    def _resolved(self, step: Step) -> tuple[Operation, dict[str, Label]]:
        op, labels = self._made(step, self.on.progress.states)
        if _people(op) <= self.on.context.owner.addresses:
            return op, labels
        return self._made(step, for_others(self.on.progress.states))

    def _made(self, step: Step, states: Mapping[str, StepState]) -> tuple[Operation, dict[str, Label]]:
        values, labels = resolve(step, states)
        if again := self.on.again.get(step.id):
            values["version"] = again[-1].data["version"]
            mine = self._edits(step.id)
            values, labels = values | mine, labels | dict.fromkeys(mine, Label("user", (), None))
        op = operation(step.op, {k: v for k, v in values.items() if v is not None})
        # What nobody said is the operation's own default, and nobody's text.
        return op, dict.fromkeys(type(op).model_fields, Label("assistant", (), None)) | labels

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

    def _along(self, step: Step, op: Operation, stands: Mapping[str, str]) -> list[str]:
        """What is worth knowing before a yes: what the plan notes, what stands there, which mail follows."""
        again = self.on.again.get(step.id, ())
        notes = list(again[-1].data["said"]) if again else []
        item = self.on.item(op)
        notes += [*move(self.on.context, item, op), *elsewhere(self.on.context, item, op), *self._notes(step)]
        if isinstance(op, EventUpdate):
            notes += [f"At that time there is: {words}." for words in stands.values()]
        notes += mails(self.on.context, self.on.progress.steps, self.on.progress.states, step, op)
        return list(dict.fromkeys(notes))

    def _offers(self, step: Step) -> list[dict[str, Any]]:
        if step.offers is None:
            return []
        try:
            return [dict(o) for o in look_up(step.offers, self.on.progress.states)[0]]
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
