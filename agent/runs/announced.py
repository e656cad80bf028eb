"""Whether a mail is the one that the card of an event has shown: only that one goes out on the event's yes.

Three things have to be so: an announcing action of the plan made all of its words and its calendar; what it
is about is an event that this run wrote; and the card of that event showed this very mail, to these people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deskhand.agent.model import Approval, Effect
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Step
from deskhand.agent.runs.footing import Footing
from deskhand.agent.runs.foretold import ANNOUNCING, foretold, words
from deskhand.agent.runs.references import resolve
from deskhand.connectors.operations import MailSend, Operation, operation

_PARTS = ("subject", "body", "calendar")


def announced(on: Footing, op: Operation) -> bool:
    """Whether a write is a mail about an event of this run that is just as the card of that event said."""
    if not isinstance(op, MailSend):
        return False
    about = _about(on, op)
    to, said = {m.address.lower() for m in op.recipients}, words(op.subject, op.body)
    return any(
        to <= {*mail["to"]} and mail["words"] == said
        for effect in on.effects
        if effect.state == "done" and effect.operation.startswith("event.") and _written(effect) & about
        for mail in _shown(on, effect)
    )


def _about(on: Footing, op: MailSend) -> set[str]:
    """The events that the mail is about, by what announcing actions made of them."""
    return {
        ref
        for step in on.progress.steps
        if step.op in ANNOUNCING and all(_left(on, step).get(n) == getattr(op, n) for n in _PARTS)
        for ref in _event_of(on, step)
    }


def _left(on: Footing, step: Step) -> Mapping[str, Any]:
    state = on.progress.states.get(step.id)
    if state is None or state.state != "done" or not isinstance(state.value, dict):
        return {}
    return state.value


def _event_of(on: Footing, step: Step) -> Iterator[str]:
    try:
        event = resolve(step, on.progress.states)[0].get("event")
    except Unresolved:
        return
    if isinstance(event, dict):
        yield str(event.get("ref") or "")


def _written(effect: Effect) -> set[str]:
    """The events that a write made or changed."""
    return {*effect.left, str(effect.arguments.get("ref") or "")} - {""}


def _shown(on: Footing, effect: Effect) -> list[Mapping[str, Any]]:
    """The mails that the card of a write showed. Where none was shown for these very bytes (it was edited,
    or allowed for always), those that it would show."""
    approval = on.approvals().get(effect.step)
    edited = approval is not None and approval.decision is not None and approval.decision.verdict == "edit"
    if approval is not None and not edited and (kept := _kept(on, approval)) is not None:
        return kept
    step = next((s for s in on.progress.steps if s.id == effect.step), None)
    if step is None:
        return []
    op = operation(effect.operation, effect.arguments)
    made = foretold(on.context, on.progress.steps, on.progress.states, step, op)
    return [mail.kept() for mail in made if mail is not None]


def _kept(on: Footing, approval: Approval) -> list[Mapping[str, Any]] | None:
    """None: a version that kept none asked this."""
    for event in on.tools.records.events(on.progress.run.id):
        if event.type == "asked" and event.data.get("approval") == approval.id:
            return event.data.get("mails")
    return None
