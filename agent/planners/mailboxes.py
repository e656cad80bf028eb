"""From which of several mailboxes a mail about a meeting goes: the one of the account that the meeting is in.

The organizer's program takes an answer only from the address that was invited (RFC 5546 3.2.3), and that of
a guest takes a change only from the organizer. Which meeting it is, is known when the plan is carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from deskhand.agent.planners.steps import ref
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.plans.references import as_ref
from deskhand.agent.profile import Place

COMPOSE = frozenset({"event.invitation", "event.notice", "invitation.reply"})
"""Actions that write such a mail, and say in `source` which mailbox it goes from."""


_Made = TypeVar("_Made", bound=Plan | Unclear)


def by_account(made: _Made, places: Sequence[Place]) -> _Made:
    """The plan, with the mailbox left to the step that writes the mail where there are several accounts."""
    senders = {p.account for p in places if "mail.send" in p.operations}
    if isinstance(made, Unclear) or len(senders) < 2:
        return made
    composed = {s.id for s in made.steps if s.op in COMPOSE}
    return made.model_copy(update={"steps": tuple(_from(s, composed) for s in made.steps)})


def _from(step: Step, composed: set[str]) -> Step:
    written = as_ref(step.args.get("calendar"))
    if step.op != "mail.send" or written is None or written.ref not in composed:
        return step
    origins = {n: whose for n, whose in step.origins.items() if n != "source"}
    args = {**step.args, "source": ref(written.ref, "source")}
    return step.model_copy(update={"args": args, "origins": origins})
