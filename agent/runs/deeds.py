"""The writes of a run, once they may go ahead: looked at once more, carried out, or opened again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from deskhand.agent.actions import NeedsAnswer
from deskhand.agent.actions._calendars import blind
from deskhand.agent.actions._shapes import misfits
from deskhand.agent.actions._written import WRITTEN
from deskhand.agent.actions.slots import still_free
from deskhand.agent.endorsers import selected
from deskhand.agent.labels import plain
from deskhand.agent.model import Approval, Effect
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.references import as_ref
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.attempts import Attempts
from deskhand.agent.runs.footing import REOPENED, Footing
from deskhand.agent.runs.questions import Questions
from deskhand.agent.runs.renewal import MOST, Moot, changes, moot, newer, refreshed, to_read, unsure
from deskhand.agent.trust.gate import Permit
from deskhand.agent.trust.ledger import effect_key
from deskhand.agent.trust.proven import PROVEN, Proven, by_your_word
from deskhand.agent.trust.proven import done as told
from deskhand.agent.wording.writes import named, withdrawn
from deskhand.connectors.errors import SourceError
from deskhand.connectors.model import ItemRef, Label
from deskhand.connectors.operations import OPERATIONS, EventUpdate, MailSend, Operation, operation

_TOO_OFTEN = (
    "It changed again and again before it could be done, so nothing was changed; ask once more when it is "
    "settled"
)
LATE = timedelta(days=1)
"""What was held without a question and could not go out in this time is asked about."""

_NOT_ALL = ". Not all of {} can be read by now, so it is not certain whether it was done; ask again later."


@dataclass(frozen=True, eq=False)
class Deeds:
    """The writes of one run."""

    on: Footing
    questions: Questions

    def carry_out(self, cleared: Sequence[str]) -> None:
        """Carry out the writes that may go ahead, higher priorities first, else in the plan's order."""
        approvals = self.on.approvals()
        for step in sorted(self.on.progress.steps, key=lambda s: -s.priority):
            if step.id not in cleared or step.id in self.on.progress.states:
                continue
            if self.on.progress.stopped:
                return
            if step.id not in {s.id for s in self.on.progress.ready()}:
                continue  # cut off after it was opened again: what it rests on is read anew first
            approval = approvals.get(step.id)
            row = self.on.held().get(step.id)
            if row is not None and row.state == "withdrawn":
                self._taken_back(step, row)
                continue
            op = None
            if row is None or approval is not None or not self._too_late(row):
                op = self.questions.approved(step, approval) if approval else self.questions.allowed(step)
                op = self._caught_up(step, op) if op is not None else None
            if row is not None and (op is None or effect_key(self.on.progress.run, step.id, op) != row.key):
                self._held_no_more(step, row)
            if op is None or self._opened_again(step, op, approval):
                continue
            if self._keeps_back(step, op, approval):
                continue
            begun = self.on.tools.records.effect(effect_key(self.on.progress.run, step.id, op)) is not None
            agreed = approval is not None or begun or self.on.owed(step)
            with self.on.account.write(op.source, agreed=agreed) as over:
                if over is not None:
                    self.on.progress.leave(self.on.left_out(step, over))
                elif self._has_room(step, op, approval):
                    # The last look: nothing stands between it and the ledger, which asks for the permit.
                    permit = self.questions.permit(step, op, approval)
                    if permit is not None:
                        self._carry_out(step, op, approval, permit)
                    elif row is not None:  # refused by now, or nothing covers it any more: it is asked
                        self._held_no_more(step, row)

    def _keeps_back(self, step: Step, op: Operation, approval: Approval | None) -> bool:
        """Whether a mail to others does not go out now: it is held first, so that it can still be taken back.

        Its row is written before anything else; the run goes on with it when its time has come.
        """
        hold, mine = self.on.tools.hold, self.on.context.owner.addresses
        if not hold or not isinstance(op, MailSend) or {m.address.lower() for m in op.recipients} <= mine:
            return False
        run, now = self.on.progress.run, self.on.tools.now()
        before = self.on.tools.records.effect(effect_key(run, step.id, op))
        if before is not None and before.state not in ("intended", "failed"):
            return False
        # A permission counts what is held under it, or two at once would pass a limit of one.
        if approval is None and self.questions.permit(step, op, None) is None:
            return True  # it is weighed anew, and asked about
        row = self.on.tools.ledger.hold(op, run=run, step=step.id, now=now, due=now + hold)
        due = row.due.isoformat() if row.due else ""
        self.on.progress.note(
            "held", step=step.id, effect=row.key, due=due, seconds=hold.total_seconds(), said=named(op)
        )
        self.on.progress.flush()
        return True

    def _taken_back(self, step: Step, row: Effect) -> None:
        """The person took it back while it was held: it is a no, said a moment later."""
        said = withdrawn(operation(row.operation, row.arguments))
        self.on.progress.note("withdrawn", step=step.id, effect=row.key)
        value = {"declined": True, "withdrawn": True}
        self.on.progress.leave(StepState(step.id, "failed", value, error=said))

    def _too_late(self, row: Effect) -> bool:
        """Whether what nobody was asked about was due so long ago that it is asked about now."""
        return row.due is not None and self.on.tools.now() > row.due + LATE

    def _held_no_more(self, step: Step, row: Effect) -> None:
        """What was held is not done as it was: it has failed, or it is weighed and asked anew."""
        left = self.on.progress.states.get(step.id)
        said = (
            left.error if left is not None else "It was not sent when it was due, so it is asked about anew."
        )
        self.on.tools.ledger.release(row, now=self.on.tools.now(), said=said, refused=left is not None)

    def _has_room(self, step: Step, op: Operation, approval: Approval | None) -> bool:
        """Whether the time of a booking is as free as when it was asked for; else the step has failed.

        Days may lie between the question and the answer. What this very run booked is not in the way.
        """
        run, time = self.on.progress.run, self.questions.time(op)
        if time is None or (approval is None and isinstance(op, EventUpdate)):
            return True  # an own event, moved to a time that the person named just now
        if self.on.tools.records.effect(effect_key(run, step.id, op)) is not None:
            return True  # begun before a crash: what lies there may be the booking itself
        tools, steps = self.on.tools, self.on.progress.steps
        context = replace(self.on.context, now=tools.now(), unreadable=tools.context().unreadable)
        if approval is not None:
            asked = (e for e in self.on.tools.records.events(run.id) if e.type == "asked")
            mine = (e for e in asked if e.data.get("approval") == approval.id)
            known = {mark for e in mine for mark in e.data.get("taken", ())}
        else:  # nothing was asked, so nothing is newly unknown: it was told when it was planned
            known = {f"unread {alias}" for alias in blind(context)}
        template = next((str(s.args["template"]) for s in steps if s.args.get("template")), "")
        own = {e.receipt["ref"] for e in self.on.effects if e.receipt and e.state == "done"}
        time["but"] = {*time["but"], *own}
        try:
            what: Literal["booked", "moved"] = "moved" if isinstance(op, EventUpdate) else "booked"
            still_free(context, **time, known=known, template=template, what=what)
        except NeedsAnswer as question:
            choices = {"choices": list(question.choices)}
            self.on.progress.leave(StepState(step.id, "failed", choices, error=str(question)))
            return False
        return True

    def _caught_up(self, step: Step, op: Operation) -> Operation:
        """The write at the version that this run itself left behind, where it changed the same event before.

        Two occurrences of a series are one item. Nobody but this run stands between what was approved and
        what there is: each version follows from the last by an effect that was approved too.
        """
        ref, version = getattr(op, "ref", None), getattr(op, "version", "")
        turned = [
            (e.arguments["version"], e.receipt["version"])
            for e in self.on.effects
            if e.step != step.id and e.state in ("done", "undone") and e.receipt is not None
            and e.arguments.get("ref") == str(ref) == e.receipt["ref"] and e.arguments.get("version")
        ]  # fmt: skip
        newest = version
        # Each change counts once: what was taken back has the version again that it had before.
        while (next_ := next((t for t in turned if t[0] == newest), None)) is not None:
            turned.remove(next_)
            newest = next_[1]
        return op if newest == version else op.model_copy(update={"version": newest})

    def _carry_out(self, step: Step, op: Operation, approval: Approval | None, permit: Permit) -> None:
        if approval is not None and approval.state == "approved":
            # Used before the call: after a crash it still covers this very effect, and no other.
            used, records = approval.model_copy(update={"state": "used"}), self.on.tools.records
            if not records.turn_approval(used, was="approved"):
                now_ = records.approval(approval.id)
                if now_ is not None and now_.state == "rejected":
                    return  # a no came a moment ago; it is told when the run is weighed next
        run = self.on.progress.run
        item = self.on.item(op)

        def judged() -> Permit | None:
            if approval is not None and approval.expires <= self.on.tools.now():
                return None  # the yes is over: whoever wants it after all is asked anew
            return self.questions.permit(step, op, approval)

        attempts = Attempts(
            self.on, step, op.source, judged,
            agreed=approval is not None or self.on.owed(step),
        )  # fmt: skip
        attempts.begin()
        effect = self.on.tools.ledger.carry_out(
            op, permit=permit, run=run, step=step.id, now=self.on.tools.now(),
            within=attempts.within, again=attempts.again,
        )  # fmt: skip
        if step.id in self.on.progress.states:
            return  # refused by now, before it was tried once more
        if effect.state == "withdrawn":
            self._taken_back(step, effect)
            return
        self.on.effects.append(effect)
        self.on.progress.note(
            "carried out", step=step.id, effect=effect.key, state=effect.state, error=effect.error
        )
        if effect.state == "failed" and self._looked_again(step, op, approval):
            return
        if effect.state == "vouched":
            self.on.progress.fail(step.id, by_your_word(effect))
            return
        if effect.receipt is None or effect.state not in PROVEN:
            look = "It may have happened; please look. " if effect.state == "unknown" else ""
            if effect.state == "failed" and isinstance(op, MailSend):
                look = f"Not sent: {named(op)}. "
            blind_to = op.source in self.on.tools.context().unreadable
            error = effect.error.rstrip(".") + _NOT_ALL.format(op.source) if blind_to else effect.error
            self.on.progress.fail(step.id, look + error)
            return
        by = self.on.tools.records.used_for(effect.key) if approval is None else ""
        value = {
            "ref": effect.receipt["ref"], "version": effect.receipt["version"], "source": op.source,
            "effect": effect.key, "detail": dict(effect.receipt["detail"]),
            "said": told(
                Proven(effect), zone=self.on.context.owner.zone, now=run.created,
                about=item.title if item else "",
            ) + (f" (allowed by your permission {by})" if by else ""),
            "anew": self.on.changed_since(step.id),
        }  # fmt: skip
        gives = WRITTEN.get(op.name)
        if gives is not None and (wrong := misfits(gives, value)):  # it is done all the same
            self.on.progress.note("misfit", step=step.id, op=op.name, wrong=wrong[:10])
        # Which thing it is, the source says by itself; what is told of it quotes titles.
        told_of = Label("untrusted", (effect.receipt["ref"],), ())
        mine = {"": selected((op.source,)), "said": told_of, "anew": told_of, "detail": told_of}
        mine = {name: label.through(step.id) for name, label in mine.items()}
        self.on.progress.leave(StepState(step.id, "done", value, plain(mine), attempts=attempts.made))

    def _looked_again(self, step: Step, op: Operation, approval: Approval | None) -> bool:
        """`_opened_again`, after the source refused a write: what it has by now is read first."""
        ref = getattr(op, "ref", None)
        if not isinstance(ref, ItemRef):
            return False
        with suppress(SourceError):  # then the refusal is all that is known
            self.on.tools.ledger.look(ref)
        return self._opened_again(step, op, approval)

    def _opened_again(self, step: Step, op: Operation, approval: Approval | None) -> bool:
        """Whether a write was left, or opened again, because what it is about is not as it was read.

        Where the wish makes no sense any more that is said. Else its question is withdrawn, what it rests on
        is forgotten, and the next look at this run reads it and asks anew.
        """
        run = self.on.progress.run
        row = self.on.tools.records.effect(effect_key(run, step.id, op))
        if row is not None and row.state != "failed":
            return False  # begun before a crash: the newer version may be its own
        # A plan that says the version itself means that one and no other: so does what takes something back.
        found = newer(self.on.context.archive, op) if as_ref(step.args.get("version")) else None
        if found is None:
            return False
        since = "since you were asked" if approval is not None else "since it was read"
        context = replace(self.on.context, now=self.on.tools.now())
        old, again = self.on.item(op), self.on.again.get(step.id, ())
        if found.removed and op.source in self.on.tools.context().unreadable:
            why: Moot | None = unsure(op, found)
        else:
            why = moot(context, op, found, since=since, now=self.on.tools.now())
        if why is None and len(again) >= MOST:
            why = Moot(_TOO_OFTEN)
        if why is not None:
            state = StepState(step.id, "unneeded" if why.as_wished else "failed", error=why.said)
            self.on.progress.note("moot", step=step.id, said=why.said)
            self.on.progress.reopen(approval, drop=(), keep=[state])
            return True
        steps, states = self.on.progress.steps, self.on.progress.states
        drop = to_read(steps, states, step, found.item.ref, lists=self.on.progress.lists)
        reads = (states[s.id] for s in steps if s.id in states.keys() - drop and s.op not in OPERATIONS)
        keep = [new for state in reads if (new := refreshed(context, state, old, found.item)) is not None]
        self.on.progress.note(
            REOPENED, step=step.id, approval=approval.id if approval else "", version=found.item.version,
            said=changes(context, old, found.item, op, since=since),
        )  # fmt: skip
        self.on.progress.reopen(approval, drop=drop, keep=keep)
        self.on.look_anew()
        return True
