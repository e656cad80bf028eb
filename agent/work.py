"""The work of one run, node by node. Knows nothing of the graph that calls it or the engine under that.

Every method can be called again after a crash: a step whose output is stored is not done twice, an
approval that was asked is not asked twice, and writes go through the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, actions
from deskhand.agent.actions._calendars import blind
from deskhand.agent.actions._standing import standing
from deskhand.agent.actions.calendar import still_free
from deskhand.agent.agenda import guests
from deskhand.agent.approvals import Refused, card, payload, title
from deskhand.agent.foretold import mails, move, was
from deskhand.agent.ledger import Ledger, effect_key
from deskhand.agent.model import Approval, Decision, Effect, Plan, Run, Step, Unclear
from deskhand.agent.policy import Facts, Verdict, judge
from deskhand.agent.profile import Known
from deskhand.agent.progress import Progress
from deskhand.agent.references import Unresolved, carried, labels_from, look_up, plain, resolve
from deskhand.agent.report import compose, so_far
from deskhand.agent.state import Records, StepState
from deskhand.agent.validate import faults
from deskhand.agent.wording import done as told
from deskhand.connectors.database import StorageError
from deskhand.connectors.model import Item, ItemRef, Label
from deskhand.connectors.operations import OPERATIONS, EventCreate, EventUpdate, Operation, operation

SIDE_BY_SIDE = 4
"""Read steps run at once. They wait for the disk and for SQLite, both of which gain little from more."""

_MOVES = frozenset({"mail.flag", "mail.move", "mail.trash", "file.trash"})


@dataclass(frozen=True)
class Tools:
    """What every run is carried out with. What costs something to make is made when it is first needed."""

    records: Records
    ledger: Ledger
    context: Callable[[], Context]
    known: Callable[[], Known]
    planner: Callable[[str, Known], Plan | Unclear]
    facts: Callable[[], Facts]
    expire_after: timedelta
    now: Callable[[], datetime]


@dataclass(eq=False)
class Work:
    """One run and the tools to carry it out, for the length of one advance."""

    progress: Progress
    tools: Tools

    @classmethod
    def of(cls, run: Run, tools: Tools) -> Work:
        """The work of a run as it stands."""
        return cls(Progress(run, tools.records, now=tools.now), tools)

    # The nodes

    def plan(self) -> Plan | None:
        """Make the plan, once; None when the request was not understood or the plan cannot be carried out."""
        run = self.progress.run
        made = run.plan or self.tools.planner(run.request, self.tools.known())
        if isinstance(made, Unclear):
            self.progress.note("not understood", message=made.message)
            self.progress.save(status="unclear", answer=made.message, choices=made.choices)
            return None
        if wrong := faults(made):
            said = f"The plan for this cannot be carried out, so nothing was done: {' '.join(wrong[:3])}"
            self.progress.note("not sound", faults=wrong)
            self.progress.save(status="failed", answer=said, plan=made)
            return None
        if run.status == "ready":
            ids = [s.id for s in made.steps]
            self.progress.note("planned", objective=made.objective, plan=made.hash, steps=ids)
            self.progress.save(status="running", plan=made)
        return made

    def perform(self) -> None:
        """Run the steps that read, those that are ready side by side, until none is ready."""
        while ready := [s for s in self.progress.ready() if s.op not in OPERATIONS]:
            if self.progress.stopped:
                return
            if len(ready) == 1:
                self.progress.leave(self._try(ready[0]))
                continue
            _ = self.context  # made once, before the threads ask for it
            with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
                for state in pool.map(self._try, ready):
                    self.progress.leave(state)

    def weigh(self) -> tuple[list[str], list[str]]:
        """Weigh the writes that are ready. Returns the steps that may go ahead and the approvals that wait.

        What may go ahead does not wait for a decision about something else.
        """
        cleared: list[str] = []
        asked: list[str] = []
        writes = [s for s in self.progress.ready() if s.op in OPERATIONS]
        if not writes or self.progress.stopped:
            return cleared, asked
        approvals = self._approvals()
        moving = 0
        for step in writes:
            approval = approvals.get(step.id) or self._asked(step, moving)
            if approval is not None and approval.state == "pending":
                asked.append(approval.id)
            elif approval is not None and approval.state == "rejected":
                reason = approval.decision.reason if approval.decision else ""
                self.progress.fail(
                    step.id, f"You said no: {approval.summary}" + (f" ({reason})" if reason else "")
                )
            elif step.id not in self.progress.states:
                cleared.append(step.id)
                moving += step.op in _MOVES
        for step in self.progress.ahead():
            # What has to be moved for it and the booking itself are one question.
            approval = approvals.get(step.id) or self._asked(step, moving)
            if approval is not None and approval.state == "pending":
                asked.append(approval.id)
        status = "waiting" if asked and not cleared else "running"
        if status != self.progress.run.status:
            found = so_far(self.progress.run, self.progress.states, zone=self.context.owner.zone)
            self.progress.save(status=status, **({"answer": found} if status == "waiting" else {}))
        return cleared, asked

    def waits(self, asked: Sequence[str]) -> bool:
        """Whether none of these approvals has been decided yet."""
        if self.progress.stopped:
            return False
        states = {a.id: a.state for a in self.tools.records.approvals(run=self.progress.run.id)}
        return all(states.get(a) == "pending" for a in asked)

    def effect(self, cleared: Sequence[str]) -> None:
        """Carry out the writes that may go ahead, in the order of the plan."""
        approvals = self._approvals()
        for step in self.progress.steps:
            if step.id not in cleared or step.id in self.progress.states:
                continue
            if self.progress.stopped:
                return
            approval = approvals.get(step.id)
            op = self._approved(step, approval) if approval else self._allowed(step)
            op = self._caught_up(step, op) if op is not None else None
            if op is not None and self._has_room(step, op, approval):
                self._carry_out(step, op, approval)

    def report(self) -> None:
        """Say what was done, what was not, and why."""
        run = self.progress.run
        told_ = compose(
            run, self.progress.states, zone=self.context.owner.zone, cancelled=self.progress.stopped
        )
        self.progress.note("finished", status=told_.status)
        self.progress.save(status=told_.status, answer=told_.answer, brief=told_.brief, choices=told_.choices)

    # Reading

    @cached_property
    def context(self) -> Context:
        """What the actions of this run may look at."""
        run = self.progress.run
        return replace(self.tools.context(), now=run.created, run=run.id)

    def _try(self, step: Step) -> StepState:
        try:
            values, labels = resolve(step, self.progress.states)
            output: Output = actions()[step.op](self.context, values)
        except NeedsAnswer as question:
            return StepState(step.id, "failed", {"choices": list(question.choices)}, error=str(question))
        except (CannotDo, Unresolved) as error:
            return StepState(step.id, "failed", error=str(error))
        except ValidationError as error:
            return StepState(step.id, "failed", error=_invalid(step, error))
        except StorageError:
            raise  # the disk, not the step: the run goes on when there is room again
        except Exception as error:
            # A defect in one action: this step failed, and the steps that do not need it go on.
            self.progress.note("broke", step=step.id, trace=_trace())
            return StepState(step.id, "failed", error=f"{step.op} broke ({type(error).__name__}: {error})")
        taint = carried(values, labels)
        named = {name: label.join(taint) for name, label in output.labels.items()}
        return StepState(step.id, "done", dict(output.value), plain(named), output.brief)

    # Writing

    def _approvals(self) -> dict[str, Approval]:
        """The newest approval of each step that still stands."""
        asked = self.tools.records.approvals(run=self.progress.run.id)
        return {a.step: a for a in asked if a.state not in ("expired", "withdrawn")}

    def _asked(self, step: Step, moving: int) -> Approval | None:
        """The question about a write; None when there is none to ask: it is allowed, or it failed."""
        if (prepared := self._prepared(step)) is None:
            return None
        op, labels = prepared
        verdict = self._judge(step, op, labels, moving)
        series = isinstance(op, EventCreate) and bool(op.rrule)
        stands = self._standing(op) if series or verdict.outcome == "ask" else {}
        if verdict.outcome == "allow" and series and stands:  # what clashes was found, not said
            why = "something is there already at one of its times"
            verdict = Verdict("ask", "event.create clash", why)
        if verdict.outcome != "ask":
            return None
        now = self.tools.now()
        approval = card(
            op, labels, verdict, id_=self.tools.records.next_approval(), run=self.progress.run.id,
            step=step.id, zone=self.context.owner.zone, now=now, expires=now + self.tools.expire_after,
            offers=self._offers(step), notes=self._along(step, op, stands), about=title(op, self._facts),
            at=was(self.context, self._item(op), op),
        )  # fmt: skip
        if self.tools.records.flags(self.progress.run.id)[0]:
            said = Decision(verdict="approve", by="--yes")
            approval = approval.model_copy(update={"state": "approved", "decision": said})
        # First what stood there, then the question: cut off in between it is asked again, under another id.
        there = {"taken": lies} if (lies := self._lies_there(stands)) else {}
        self.progress.note("asked", step=step.id, approval=approval.id, summary=approval.summary, **there)
        self.progress.flush()
        self.tools.records.put_approval(approval)
        return approval

    def _allowed(self, step: Step) -> Operation | None:
        """The write, if the policy allows it without asking, now that it is about to happen."""
        if (prepared := self._prepared(step)) is None:
            return None
        return prepared[0] if self._judge(step, *prepared).outcome == "allow" else None

    def _approved(self, step: Step, approval: Approval) -> Operation | None:
        """The approved bytes. None: they may not be done, or no longer without asking again."""
        if approval.state == "approved" and self.tools.now() >= approval.expires:
            expired = approval.model_copy(update={"state": "expired"})
            self.tools.records.turn_approval(expired, was="approved")
            self.progress.note("expired", step=step.id, approval=approval.id)
            return None
        try:
            op = payload(approval)
        except Refused as error:
            self.progress.fail(step.id, str(error))
            return None
        verdict = self._judge(step, op, labels_from(approval.origins))
        return None if verdict.outcome == "deny" else op

    def _judge(self, step: Step, op: Operation, labels: dict[str, Label], moving: int = 0) -> Verdict:
        """What the policy says; a step that it denies has failed."""
        moved = moving + sum(e.operation in _MOVES and e.step != step.id for e in self._effects)
        at_once = self.progress.at_once(step)
        if step.op == "event.update":  # it makes room for what is booked with it
            at_once += sum(s.op == "event.create" for s in self.progress.steps)
        facts = replace(self._facts, invited=self._invited(), moved=moved, at_once=at_once)
        verdict = judge(op, labels, facts)
        self.progress.note("weighed", step=step.id, outcome=verdict.outcome, rule=verdict.rule)
        if verdict.outcome == "deny":
            self.progress.fail(step.id, f"The policy refuses it ({verdict.rule}): {verdict.why}.")
        return verdict

    @cached_property
    def _effects(self) -> list[Effect]:
        """What this run has written so far."""
        return self.tools.records.effects(run=self.progress.run.id)

    def _invited(self) -> frozenset[str]:
        """Whom the person agreed to tell in this run: those in the events it booked, moved or cancelled."""
        invited: set[str] = set()
        for effect in self._effects:
            if effect.state == "done" and effect.operation.startswith("event."):
                op = operation(effect.operation, effect.arguments)
                invited |= {m.address.lower() for m in getattr(op, "attendees", None) or ()}
                item = self._item(op)
                invited |= {p.address.lower() for p in item.people if p.role == "attendee"} if item else set()
        return frozenset(invited)

    def _has_room(self, step: Step, op: Operation, approval: Approval | None) -> bool:
        """Whether the time of a booking is as free as when it was asked for; else the step has failed.

        Days may lie between the question and the answer. What this very run booked is not in the way.
        """
        run, time = self.progress.run, self._time(op)
        if time is None or (approval is None and isinstance(op, EventUpdate)):
            return True  # an own event, moved to a time that the person named just now
        if self.tools.records.effect(effect_key(run, step.id, op)) is not None:
            return True  # begun before a crash: what lies there may be the booking itself
        context = replace(self.context, now=self.tools.now(), unreadable=self.tools.context().unreadable)
        if approval is not None:
            asked = (e for e in self.tools.records.events(run.id) if e.type == "asked")
            mine = (e for e in asked if e.data.get("approval") == approval.id)
            known = {mark for e in mine for mark in e.data.get("taken", ())}
        else:  # nothing was asked, so nothing is newly unknown: it was told when it was planned
            known = {f"unread {alias}" for alias in blind(context)}
        template = next((str(s.args["template"]) for s in self.progress.steps if s.args.get("template")), "")
        own = {e.receipt["ref"] for e in self._effects if e.receipt and e.state == "done"}
        time["but"] = {*time["but"], *own}
        try:
            still_free(context, **time, known=known, template=template)
        except NeedsAnswer as question:
            choices = {"choices": list(question.choices)}
            self.progress.leave(StepState(step.id, "failed", choices, error=str(question)))
            return False
        return True

    def _standing(self, op: Operation) -> dict[str, str]:
        """What takes the time of a booking or a move already: in words, by mark."""
        time = self._time(op)
        return standing(self.context, **time) if time is not None else {}

    def _lies_there(self, stands: Mapping[str, str]) -> list[str]:
        """Marks of what takes the time already; whoever says yes to it says so knowing that."""
        # What this run moves out of the way first must be gone by then, whatever was said to it.
        goes = {str(one["ref"]) for state in self.progress.states.values() for one in _moved(state)}
        return [name for name in stands if name.rpartition(" ")[0] not in goes]

    def _time(self, op: Operation) -> dict[str, Any] | None:
        """The time that an event is to take, as `standing` wants it; None where none is taken."""
        mine = self.context.owner.addresses
        if isinstance(op, EventCreate):
            people = [m.address for m in op.attendees if m.address.lower() not in mine]
            return {"start": op.start, "end": op.end, "rrule": op.rrule, "people": people, "but": ()}
        if isinstance(op, EventUpdate) and op.start is not None and op.end is not None:
            people = guests(self._item(op), me=mine)
            return {"start": op.start, "end": op.end, "people": people, "but": (str(op.ref),)}
        return None

    def _caught_up(self, step: Step, op: Operation) -> Operation:
        """The write at the version that this run itself left behind, where it changed the same event before.

        Two occurrences of a series are one item. Nobody but this run stands between what was approved and
        what there is: each version follows from the last by an effect that was approved too.
        """
        ref, version = getattr(op, "ref", None), getattr(op, "version", "")
        turned = {
            e.arguments["version"]: e.receipt["version"]
            for e in self._effects
            if e.step != step.id and e.state == "done" and e.receipt is not None
            and e.arguments.get("ref") == str(ref) == e.receipt["ref"] and e.arguments.get("version")
        }  # fmt: skip
        newest = version
        for _ in range(len(turned)):
            newest = turned.get(newest, newest)
        return op if newest == version else op.model_copy(update={"version": newest})

    def _carry_out(self, step: Step, op: Operation, approval: Approval | None) -> None:
        if approval is not None and approval.state == "approved":
            # Used before the call: after a crash it still covers this very effect, and no other.
            self.tools.records.turn_approval(approval.model_copy(update={"state": "used"}), was="approved")
        run = self.progress.run
        item = self._item(op)
        effect = self.tools.ledger.carry_out(op, run=run, step=step.id, now=self.tools.now())
        self._effects.append(effect)
        self.progress.note(
            "carried out", step=step.id, effect=effect.key, state=effect.state, error=effect.error
        )
        if effect.receipt is None or effect.state not in ("done", "undone"):
            look = "It may have happened; please look. " if effect.state == "unknown" else ""
            self.progress.fail(step.id, look + effect.error)
            return
        value = {
            "ref": effect.receipt["ref"], "version": effect.receipt["version"], "source": op.source,
            "effect": effect.key, "detail": dict(effect.receipt["detail"]),
            "said": told(
                op, zone=self.context.owner.zone, now=run.created, about=item.title if item else "",
                detail=effect.receipt["detail"],
            ),
        }  # fmt: skip
        mine = {"": Label("metadata", (op.source,), ())}
        self.progress.leave(StepState(step.id, "done", value, plain(mine)))

    def _prepared(self, step: Step) -> tuple[Operation, dict[str, Label]] | None:
        try:
            values, labels = resolve(step, self.progress.states)
            op = operation(step.op, {k: v for k, v in values.items() if v is not None})
            # What nobody said is the operation's own default, and nobody's text.
            return op, dict.fromkeys(type(op).model_fields, Label("assistant", (), None)) | labels
        except Unresolved as error:
            self.progress.fail(step.id, str(error))
        except ValidationError as error:
            self.progress.fail(step.id, _invalid(step, error))
        return None

    def _offers(self, step: Step) -> list[dict[str, Any]]:
        if step.offers is None:
            return []
        try:
            return [dict(o) for o in look_up(step.offers, self.progress.states)[0]]
        except (Unresolved, TypeError, ValueError):
            return []

    def _notes(self, step: Step) -> list[str]:
        if step.notes is None:
            return []
        try:
            return [str(n) for n in look_up(step.notes, self.progress.states)[0]]
        except (Unresolved, TypeError):
            return []

    def _along(self, step: Step, op: Operation, stands: Mapping[str, str]) -> list[str]:
        """What is worth knowing before a yes: what the plan notes, what stands there, which mail follows."""
        notes = [*move(self.context, self._item(op), op), *self._notes(step)]
        if isinstance(op, EventUpdate):
            notes += [f"At that time there is: {words}." for words in stands.values()]
        notes += mails(self.context, self.progress.steps, self.progress.states, step, op)
        return list(dict.fromkeys(notes))

    @cached_property
    def _facts(self) -> Facts:
        return self.tools.facts()

    def _item(self, op: Operation) -> Item | None:
        """What is written to, as it was when that was approved."""
        ref = getattr(op, "ref", None)
        if not isinstance(ref, ItemRef):
            return None
        archive = self.context.archive
        return archive.item(ref, getattr(op, "version", None) or None) or archive.item(ref)


def _invalid(step: Step, error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(p) for p in first["loc"])
    return f"Step {step.id} ({step.op}) cannot use {where or 'its arguments'}: {first['msg']}."


def _moved(state: StepState) -> list[dict[str, Any]]:
    """What makes room for a booking, where its times were found so."""
    found = state.value.get("moved") if isinstance(state.value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _trace() -> str:
    import traceback

    return traceback.format_exc(limit=-8)
