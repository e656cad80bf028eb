"""An event that nobody heard of, since its invitation was taken back while it was held: what that means for
the question whether to take the event away too.
"""

from __future__ import annotations

from deskhand.agent.model import Approval, Effect
from deskhand.agent.plans.language import Step
from deskhand.agent.records.state import Records
from deskhand.agent.runs.progress import UNDONE, Progress
from deskhand.agent.trust.card import afterwards
from deskhand.agent.trust.undo import kept_from_them


def invitation_kept(step: Step, progress: Progress, records: Records) -> Effect | None:
    """The mail that was to tell others of what a step takes back, and never went out; None: they heard of it,
    or were not to."""
    noted = (s for s in progress.steps if s.op == UNDONE and step.id in s.needs)
    rows = (records.effect(str(s.args.get("effect", ""))) for s in noted)
    kept = (kept_from_them(row, records.effects(run=row.run)) for row in rows if row is not None)
    return next((mail for mail in kept if mail is not None), None)


_UNHEARD = (
    "Nobody else has heard of it: its invitation was taken back before it was sent. With a no it stays in "
    "your calendar, and nobody is told of it."
)


def told_on_card(approval: Approval) -> Approval:
    """The question as it is true by the ledger: nobody else has seen anything of the event."""
    said = {"undo": "R1", "afterwards": afterwards("R1", approval.run)}
    return approval.model_copy(update=said | {"notes": (*approval.notes, _UNHEARD)})


def told_of_no(mail: Effect) -> str:
    """What follows from a no, for the answer."""
    return (
        "So it stays, and its invitation was never sent: nobody else knows of it. Send that after all: "
        f"deskhand effects again {mail.key[:8]}"
    )
